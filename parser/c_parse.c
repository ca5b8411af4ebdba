/*
 * Declarations of C, taken apart: structs, unions, enums and typedefs as
 * c_types.h has them. Knows their grammar; what their names mean, and where
 * fields lie, is c_layout.c's business. Called by the grammar for each.
 */
#include <string.h>

#include "parser/build.h"
#include "parser/c_types.h"
#include "parser/c_words.h"
#include "parser/parser.h"

/* Records inside records, and declarators inside parentheses. */
#define DEPTH_MAX 32

struct c_parse {
	struct parser *parser;
	struct c_words words;
	unsigned depth;
	bool failed;
};

/* Words that say nothing about the shape of a value. */
static const char *const noise[] = {
	"const",     "volatile",     "restrict",
	"__const",   "__volatile__", "__restrict",
	"static",    "extern",       "inline",
	"__inline",  "register",     "__extension__",
	"__kernel",  "__iomem",      "__percpu",
	"__rcu",     "__force",      "__bitwise",
	"__private", "__noderef",    "__randomize_layout",
	"_Atomic",
};

static const char *const integer_words[] = {
	"unsigned", "signed", "__signed__", "long", "short", "char", "int",
};

/* ---- words ---- */

static void fail(struct c_parse *parse, const char *expected)
{
	const struct c_words *words = &parse->words;
	struct diags *diags = parse->parser->diags;
	size_t length = words->length < 40 ? words->length : 40;

	if (!parse->failed && words->length)
		diag_error(diags, E_SYNTAX, words->at,
			   "expected %s before '%.*s' in a declaration",
			   expected, (int)length, words->text);
	else if (!parse->failed)
		diag_error(diags, E_SYNTAX, words->at,
			   "expected %s before the end of a declaration",
			   expected);
	parse->failed = true;
}

static bool accept(struct c_parse *parse, const char *word)
{
	if (!c_word_is(&parse->words, word))
		return false;
	c_next(&parse->words);
	return true;
}

static void expect(struct c_parse *parse, const char *word)
{
	char expected[8] = { '\'', word[0], '\'', '\0' };

	if (!accept(parse, word))
		fail(parse, expected);
}

static bool is_one_of(const struct c_words *words, const char *const *list,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c_word_is(words, list[i]))
			return true;
	return false;
}

static bool is_integer_word(const struct c_words *words)
{
	return is_one_of(words, integer_words, ARRAY_SIZE(integer_words));
}

static const char *take_name(struct c_parse *parse)
{
	const char *name = arena_strndup(
		parse->parser->arena, parse->words.text, parse->words.length);

	c_next(&parse->words);
	return name;
}

/* Behind the ')' of the '(' at hand. */
static void skip_parentheses(struct c_parse *parse)
{
	unsigned depth = 0;

	do {
		if (c_word_is(&parse->words, "("))
			depth++;
		else if (c_word_is(&parse->words, ")"))
			depth--;
		else if (!parse->words.length)
			fail(parse, "')'");
		c_next(&parse->words);
	} while (depth && !parse->failed);
}

/* What stands from behind the word at hand up to one of `ends`; NULL if that
 * is nothing. */
static struct expr *take_expression(struct c_parse *parse, const char *ends)
{
	struct parser *parser = parse->parser;
	struct span at = c_expression(&parse->words, ends);
	struct expr *expr;

	if (at.begin == at.end)
		return NULL;
	expr = parse_slice(parser->arena, parser->source, at);
	build_constant(parser, expr);
	if (expr)
		return expr;
	if (!parse->failed)
		diag_error(parser->diags, E_SYNTAX, at,
			   "this is no expression");
	parse->failed = true;
	return NULL;
}

/* ---- attributes ---- */

/* One of the names in __attribute__((…)). */
static void take_attribute(struct c_parse *parse,
			   struct c_attributes *attributes)
{
	bool is_align = c_word_is(&parse->words, "aligned") ||
			c_word_is(&parse->words, "__aligned__");

	if (c_word_is(&parse->words, "packed") ||
	    c_word_is(&parse->words, "__packed__"))
		attributes->is_packed = true;
	c_next(&parse->words);
	if (is_align && c_word_is(&parse->words, "(")) {
		attributes->align = take_expression(parse, ")");
		expect(parse, ")");
	} else if (is_align) {
		attributes->is_aligned = true;
	} else if (c_word_is(&parse->words, "(")) {
		skip_parentheses(parse);
	}
}

/* __attribute__((packed, aligned(8))), __packed, __aligned(8), and noise; false
 * if the word at hand is none of these. */
static bool take_attributes(struct c_parse *parse,
			    struct c_attributes *attributes)
{
	const struct c_words *words = &parse->words;

	if (is_one_of(words, noise, ARRAY_SIZE(noise))) {
		c_next(&parse->words);
	} else if (c_word_is(words, "__packed")) {
		attributes->is_packed = true;
		c_next(&parse->words);
	} else if (c_word_is(words, "__aligned") ||
		   c_word_is(words, "_Alignas")) {
		c_next(&parse->words);
		if (!c_word_is(words, "("))
			fail(parse, "'('");
		attributes->align = take_expression(parse, ")");
		expect(parse, ")");
	} else if (c_word_is(words, "__attribute__") ||
		   c_word_is(words, "__attribute")) {
		c_next(&parse->words);
		expect(parse, "(");
		expect(parse, "(");
		while (!parse->failed && !c_word_is(words, ")")) {
			if (!c_is_name(words) && !c_word_is(words, ","))
				fail(parse, "an attribute");
			if (!accept(parse, ","))
				take_attribute(parse, attributes);
		}
		expect(parse, ")");
		expect(parse, ")");
	} else {
		return false;
	}
	return !parse->failed;
}

/* ---- declarators ---- */

static struct c_declarator *take_declarator(struct c_parse *parse,
					    struct c_specifier *type);

/* *, and the words that may follow it. */
static void take_pointers(struct c_parse *parse, struct c_specifier *type,
			  struct c_declarator *declarator)
{
	for (;;) {
		if (accept(parse, "*"))
			declarator->pointers++;
		else if (accept(parse, "__user"))
			type->is_user = true;
		else if (!take_attributes(parse, &declarator->attributes))
			return;
	}
}

static void take_dimension(struct c_parse *parse,
			   struct c_declarator *declarator)
{
	struct expr *size = take_expression(parse, "]");

	expect(parse, "]");
	if (declarator->dimension_count == C_DIMENSIONS_MAX)
		fail(parse, "at most four dimensions");
	else
		declarator->dimensions[declarator->dimension_count++] = size;
}

/* (*name)(…), (*name)[N]: whatever it points to, it is a pointer. */
static struct c_declarator *take_indirect(struct c_parse *parse,
					  struct c_specifier *type)
{
	struct c_declarator *inner;

	c_next(&parse->words);
	inner = take_declarator(parse, type);
	expect(parse, ")");
	while (!parse->failed) {
		if (c_word_is(&parse->words, "(")) {
			inner->is_indirect |= inner->pointers > 0;
			inner->is_function |= !inner->pointers;
			skip_parentheses(parse);
		} else if (c_word_is(&parse->words, "[")) {
			if (inner->pointers) {
				inner->is_indirect = true;
				c_expression(&parse->words, "]");
				expect(parse, "]");
			} else {
				take_dimension(parse, inner);
			}
		} else {
			break;
		}
	}
	return inner;
}

static void take_suffixes(struct c_parse *parse,
			  struct c_declarator *declarator)
{
	const struct c_words *words = &parse->words;

	while (!parse->failed) {
		if (c_word_is(words, "[")) {
			take_dimension(parse, declarator);
		} else if (c_word_is(words, "(")) {
			declarator->is_function = true;
			skip_parentheses(parse);
		} else if (c_word_is(words, ":")) {
			declarator->bits = take_expression(parse, ",;");
			if (!declarator->bits)
				fail(parse, "a number of bits");
		} else if (!take_attributes(parse, &declarator->attributes)) {
			return;
		}
	}
}

static struct c_declarator *take_declarator(struct c_parse *parse,
					    struct c_specifier *type)
{
	struct c_declarator *declarator =
		ARENA_NEW(parse->parser->arena, struct c_declarator);
	struct c_declarator *inner;

	declarator->at = parse->words.at;
	if (++parse->depth > DEPTH_MAX) {
		fail(parse, "fewer parentheses");
		return declarator;
	}
	take_pointers(parse, type, declarator);
	if (c_word_is(&parse->words, "(")) {
		inner = take_indirect(parse, type);
		inner->pointers +=
			inner->is_indirect ? 0 : declarator->pointers;
		declarator = inner;
	} else if (c_is_name(&parse->words)) {
		declarator->at = parse->words.at;
		declarator->name = take_name(parse);
	}
	take_suffixes(parse, declarator);
	parse->depth--;
	return declarator;
}

/* Up to the ';', which is taken. */
static struct c_declarator *take_declarators(struct c_parse *parse,
					     struct c_specifier *type)
{
	struct c_declarator *first = NULL, **last = &first;

	while (!parse->failed && !c_word_is(&parse->words, ";")) {
		*last = take_declarator(parse, type);
		last = &(*last)->next;
		/* the value of a variable, which is nothing to us */
		if (c_word_is(&parse->words, "="))
			c_expression(&parse->words, ",;");
		if (!accept(parse, ",") && !c_word_is(&parse->words, ";"))
			fail(parse, "';'");
	}
	expect(parse, ";");
	return first;
}

/* ---- specifiers ---- */

static struct c_specifier *take_specifier(struct c_parse *parse);

static struct c_enumerator *take_enumerators(struct c_parse *parse)
{
	struct c_enumerator *first = NULL, **last = &first;
	struct c_attributes ignored = { 0 };

	while (!parse->failed && !accept(parse, "}")) {
		struct c_enumerator *enumerator =
			ARENA_NEW(parse->parser->arena, struct c_enumerator);

		if (!c_is_name(&parse->words)) {
			fail(parse, "a name");
			break;
		}
		enumerator->at = parse->words.at;
		enumerator->name = take_name(parse);
		while (take_attributes(parse, &ignored))
			;
		if (c_word_is(&parse->words, "=")) {
			enumerator->value = take_expression(parse, ",}");
			if (!enumerator->value)
				fail(parse, "a value");
		}
		*last = enumerator;
		last = &enumerator->next;
		if (!accept(parse, ",") && !c_word_is(&parse->words, "}"))
			fail(parse, "',' or '}'");
	}
	return first;
}

static struct c_field *take_fields(struct c_parse *parse)
{
	struct c_field *first = NULL, **last = &first;
	struct c_field *field;

	while (!parse->failed && !accept(parse, "}")) {
		if (accept(parse, ";"))
			continue;
		if (c_word_is(&parse->words, "_Static_assert") ||
		    c_word_is(&parse->words, "static_assert")) {
			c_next(&parse->words);
			skip_parentheses(parse);
			continue;
		}
		field = ARENA_NEW(parse->parser->arena, struct c_field);
		field->type = take_specifier(parse);
		if (!parse->failed)
			field->declarators =
				take_declarators(parse, field->type);
		*last = field;
		last = &field->next;
	}
	return first;
}

/* struct name { … }, the keyword taken. */
static void take_record(struct c_parse *parse, struct c_specifier *type)
{
	while (take_attributes(parse, &type->attributes))
		;
	type->at = parse->words.at;
	if (c_is_name(&parse->words))
		type->name = take_name(parse);
	if (!accept(parse, "{")) {
		if (!type->name)
			fail(parse, "a name or '{'");
		return;
	}
	type->has_body = true;
	if (++parse->depth > DEPTH_MAX)
		fail(parse, "fewer records inside records");
	else if (strcmp(type->keyword, "enum") == 0)
		type->enumerators = take_enumerators(parse);
	else
		type->fields = take_fields(parse);
	parse->depth--;
	while (take_attributes(parse, &type->attributes))
		;
}

/* unsigned long, pid_t */
static void take_plain(struct c_parse *parse, struct c_specifier *type)
{
	struct arena *arena = parse->parser->arena;
	bool is_integer = is_integer_word(&parse->words);

	type->at = parse->words.at;
	type->name = take_name(parse);
	while (is_integer) {
		type->at = span_join(type->at, parse->words.at);
		if (is_integer_word(&parse->words))
			type->name = arena_printf(arena, "%s %s", type->name,
						  take_name(parse));
		else if (!take_attributes(parse, &type->attributes))
			return;
	}
}

static struct c_specifier *take_specifier(struct c_parse *parse)
{
	static const char *const keywords[] = { "struct", "union", "enum" };
	struct c_specifier *type =
		ARENA_NEW(parse->parser->arena, struct c_specifier);

	while (take_attributes(parse, &type->attributes))
		;
	type->at = parse->words.at;
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (!accept(parse, keywords[i]))
			continue;
		type->keyword = keywords[i];
		take_record(parse, type);
		break;
	}
	if (!type->keyword && c_is_name(&parse->words))
		take_plain(parse, type);
	else if (!type->keyword)
		fail(parse, "a type");
	while (take_attributes(parse, &type->attributes))
		;
	return type;
}

/* ---- the declaration ---- */

static void declare_names(struct parser *parser,
			  const struct c_declaration *declaration)
{
	const struct c_declarator *name = declaration->declarators;

	for (; name; name = name->next)
		if (name->name)
			lexer_declare_type(parser->lexer, name->name);
}

void build_types(struct parser *parser, struct token token)
{
	struct c_parse parse = { .parser = parser };
	struct c_declaration *declaration =
		ARENA_NEW(parser->arena, struct c_declaration);

	parse.words.source = parser->source;
	parse.words.defines = lexer_defines(parser->lexer);
	parse.words.gaps = lexer_gaps(parser->lexer, &parse.words.gap_count);
	parse.words.texts[0] =
		(struct c_text){ token.at.begin, token.at.end, NULL };
	c_next(&parse.words);
	declaration->is_typedef = accept(&parse, "typedef");
	declaration->type = take_specifier(&parse);
	if (!parse.failed)
		declaration->declarators =
			take_declarators(&parse, declaration->type);
	if (!parse.failed && parse.words.length)
		fail(&parse, "';'");
	if (declaration->is_typedef)
		declare_names(parser, declaration);
	if (parse.failed)
		return;
	*parser->last_type = declaration;
	parser->last_type = &declaration->next;
}
