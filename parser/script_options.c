/*
 * Options of the script's own: getopt("name", default, "what it is for"). Reads
 * them from the words that follow `--` on the command line, puts their values
 * in the place of the calls, and leaves the other words as positional
 * parameters. A call that is not as it should be is left to the checker.
 * Called before anything else looks at the program.
 */
#include <inttypes.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/check.h"
#include "parser/tables.h"

struct script_option {
	struct script_option *next;
	const char *name;
	const char *help; /* "" if nothing is said */
	/* The default, then what was given: INTEGER, STRING or BOOL. */
	struct expr value;
	struct expr fallback;
};

struct collecting {
	struct arena *arena;
	struct diags *diags;
	struct program *program;
	struct script_option **last;
};

/* ---- what the script has ---- */

static struct script_option *find(const struct program *program,
				  const char *name, size_t length)
{
	struct script_option *option = program->options;

	while (option && (strlen(option->name) != length ||
			  memcmp(option->name, name, length) != 0))
		option = option->next;
	return option;
}

/* A default as written; false if it is no literal. */
static bool read_default(const struct expr *expr, struct expr *value)
{
	bool is_negative =
		expr->kind == EXPR_UNARY && expr->unary.op == UNARY_MINUS;

	if (is_negative)
		expr = expr->unary.operand;
	if (expr->kind != EXPR_INTEGER && expr->kind != EXPR_STRING &&
	    expr->kind != EXPR_BOOL)
		return false;
	if (is_negative && expr->kind != EXPR_INTEGER)
		return false;
	*value = *expr;
	if (is_negative)
		value->integer.value = -value->integer.value;
	return true;
}

/* getopt("name"), ("name", default), ("name", default, "help") */
static bool read_call(const struct expr *expr, struct script_option *option)
{
	const struct expr_list *args = &expr->call.args;

	if (expr->kind != EXPR_CALL || strcmp(expr->call.name, "getopt") != 0 ||
	    args->count < 1 || args->count > 3 ||
	    args->items[0]->kind != EXPR_STRING)
		return false;
	*option = (struct script_option){
		.name = args->items[0]->string.text,
		.help = "",
		.fallback = { .kind = EXPR_BOOL },
	};
	if (args->count > 1 && !read_default(args->items[1], &option->fallback))
		return false;
	if (args->count > 2) {
		if (args->items[2]->kind != EXPR_STRING)
			return false;
		option->help = args->items[2]->string.text;
	}
	option->value = option->fallback;
	return true;
}

static void collect(struct expr *expr, void *data)
{
	struct collecting *collecting = data;
	struct script_option read, *known;
	struct diag *diag;

	if (!read_call(expr, &read))
		return;
	known = find(collecting->program, read.name, strlen(read.name));
	if (!known) {
		known = ARENA_NEW(collecting->arena, struct script_option);
		*known = read;
		*collecting->last = known;
		collecting->last = &known->next;
	} else if (known->value.kind != read.value.kind) {
		diag = diag_error(collecting->diags, E_REDECLARED, expr->at,
				  "the option '%s' has a default of another "
				  "type elsewhere",
				  read.name);
		diag_hint(collecting->diags, diag,
			  "its type is that of its default");
	}
	if (read.help[0] && !known->help[0])
		known->help = read.help;
}

static void visit_all(struct program *program, expr_visit_fn *visit, void *data)
{
	for (struct clause *clause = program->clauses; clause;
	     clause = clause->next) {
		if (clause->predicate)
			expr_expressions(clause->predicate, visit, data);
		block_expressions(clause->body, visit, data);
	}
}

/* ---- what was given ---- */

/* The words of the command line, one after another. */
struct words {
	struct arena *arena;
	struct diags *diags;
	struct program *program;
	const char *const *next;
	size_t left;
};

static const struct span nowhere;

static struct diag *wrong(struct words *words, const char *format,
			  const char *name, const char *value)
{
	return diag_error(words->diags, E_SCRIPT_OPTION, nowhere, format, name,
			  value);
}

static bool is_named(const char *word)
{
	return word[0] == '-' && word[1] == '-' && word[2];
}

static bool set_bool(struct expr *value, const char *text)
{
	static const char *const spelt[] = { "false", "true", "0", "1" };

	if (!text) {
		value->boolean = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(spelt); i++) {
		if (strcmp(spelt[i], text) == 0) {
			value->boolean = i & 1;
			return true;
		}
	}
	return false;
}

static bool set_integer(struct expr *value, const char *text)
{
	bool is_negative = text[0] == '-';
	struct integer integer = { 0 };

	text += is_negative;
	if (!text_integer(text, strlen(text), &integer))
		return false;
	value->integer.value = is_negative ? -integer.value : integer.value;
	value->integer.is_unsigned = integer.is_unsigned;
	value->integer.is_duration = integer.is_duration;
	return true;
}

static void set_value(struct words *words, struct script_option *option,
		      const char *text)
{
	const char *name = option->name;

	if (!text && option->value.kind != EXPR_BOOL) {
		diag_hint(words->diags,
			  wrong(words, "the script's option --%s needs a value",
				name, ""),
			  "--%s=...", name);
	} else if (option->value.kind == EXPR_STRING) {
		option->value.string.text = text;
		option->value.string.length = strlen(text);
	} else if (option->value.kind == EXPR_INTEGER) {
		if (!set_integer(&option->value, text))
			wrong(words,
			      "the script's option --%s is a number, not '%s'",
			      name, text);
	} else if (!set_bool(&option->value, text)) {
		wrong(words,
		      "the script's option --%s is true or false, not "
		      "'%s'",
		      name, text);
	}
}

static void unknown_option(struct words *words, const char *name)
{
	struct diag *diag =
		wrong(words, "the script has no option --%s%s", name, "");
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (const struct script_option *option = words->program->options;
	     option; option = option->next)
		nearest_consider(&nearest, option->name);
	if (nearest_result(&nearest))
		diag_hint(words->diags, diag, "did you mean --%s?",
			  nearest_result(&nearest));
	else
		diag_hint(words->diags, diag, "-- --help lists those it has");
}

/* --name, --name=value, --name value */
static void take_named(struct words *words, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	struct script_option *option = find(words->program, word + 2, length);
	const char *value = NULL;

	if (!option && strcmp(word, "--help") == 0) {
		words->program->asks_help = true;
		return;
	}
	if (!option) {
		unknown_option(words,
			       arena_strndup(words->arena, word + 2, length));
		return;
	}
	if (word[2 + length]) {
		value = word + 2 + length + 1;
	} else if (option->value.kind != EXPR_BOOL && words->left) {
		value = *words->next++;
		words->left--;
	}
	set_value(words, option, value);
}

static void take_words(struct arena *arena, struct words *words,
		       struct settings *settings)
{
	const char **rest =
		ARENA_ARRAY(arena, settings->parameter_count, const char *);
	uint32_t count = 0;

	words->next = settings->parameters;
	words->left = settings->parameter_count;
	while (words->left) {
		const char *word = *words->next++;

		words->left--;
		if (is_named(word))
			take_named(words, word);
		else
			rest[count++] = word;
	}
	settings->parameters = rest;
	settings->parameter_count = count;
}

/* ---- in the program ---- */

static void replace(struct expr *expr, void *data)
{
	const struct program *program = data;
	const struct script_option *option;
	struct script_option read;

	if (!read_call(expr, &read))
		return;
	option = find(program, read.name, strlen(read.name));
	switch ((int)option->value.kind) {
	case EXPR_INTEGER:
		expr->integer = option->value.integer;
		break;
	case EXPR_STRING:
		expr->string = option->value.string;
		break;
	default:
		expr->boolean = option->value.boolean;
		break;
	}
	expr->kind = option->value.kind;
}

bool script_options(struct arena *arena, struct program *program,
		    struct settings *settings, struct diags *diags)
{
	struct collecting collecting = { arena, diags, program,
					 &program->options };
	struct words words = {
		.arena = arena,
		.diags = diags,
		.program = program,
	};

	visit_all(program, collect, &collecting);
	if (!program->options)
		return true;
	take_words(arena, &words, settings);
	visit_all(program, replace, program);
	return !diags->errors;
}

/* ---- help ---- */

static const char *value_word(const struct script_option *option)
{
	switch ((int)option->value.kind) {
	case EXPR_INTEGER:
		return "=NUMBER";
	case EXPR_STRING:
		return "=TEXT";
	default:
		return "";
	}
}

/* " (7)"; nothing for what is off or empty. */
static const char *fallback_text(struct arena *arena,
				 const struct expr *fallback)
{
	if (fallback->kind == EXPR_INTEGER)
		return arena_printf(arena, " (%" PRId64 ")",
				    (int64_t)fallback->integer.value);
	if (fallback->kind == EXPR_STRING && fallback->string.length)
		return arena_printf(arena, " (\"%s\")", fallback->string.text);
	return fallback->kind == EXPR_BOOL && fallback->boolean ? " (true)"
								: "";
}

void script_options_help(FILE *out, struct arena *arena,
			 const struct program *program)
{
	fputs("options of the script, behind --:\n", out);
	for (const struct script_option *option = program->options; option;
	     option = option->next) {
		const char *name = arena_printf(arena, "--%s%s", option->name,
						value_word(option));
		const char *text =
			arena_printf(arena, "%s%s", option->help,
				     fallback_text(arena, &option->fallback));

		if (*text)
			fprintf(out, "  %-22s %s\n", name,
				*text == ' ' ? text + 1 : text);
		else
			fprintf(out, "  %s\n", name);
	}
}
