/*
 * Walks the command line along the table of options.def. Our own walk rather
 * than getopt_long(): unknown names get a suggestion, and everything after the
 * script is the script's. Called by main.
 */
#include "runtime/options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "parser/tables.h"

struct parsing {
	struct arena *arena;
	struct options *options;
	FILE *errors;
	const char *const *words; /* what is left of argv, NULL at its end */
	const char **parameters;  /* room for all of argv */
	const char *spelling;     /* the option at hand, as written */
};

typedef bool option_set_fn(struct parsing *parsing, const char *value);

/* clang-format off */
#define OPTION(name, letter, value, set, help) static option_set_fn set;
#include "runtime/options.def"
#undef OPTION

struct option_row {
	const char *name;
	char letter;
	const char *value;
	option_set_fn *set;
	const char *help;
};

static const struct option_row rows[] = {
#define OPTION(name, letter, value, set, help) { name, letter, value, set, help },
#include "runtime/options.def"
#undef OPTION
};

static const char *const stage_names[] = {
#define STAGE(name, run, show, meaning) #name,
#include "runtime/stages.def"
#undef STAGE
};
/* clang-format on */

int stage_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(stage_names); i++)
		if (!strcmp(stage_names[i], name))
			return (int)i;
	return -1;
}

const char *stage_name(enum stage stage)
{
	return stage_names[stage];
}

/* ---- messages ---- */

static bool complain(struct parsing *parsing, const char *format, ...)
	PRINTF(2, 3);

static bool complain(struct parsing *parsing, const char *format, ...)
{
	va_list args;

	fputs("etrace: ", parsing->errors);
	va_start(args, format);
	vfprintf(parsing->errors, format, args);
	va_end(args);
	fputc('\n', parsing->errors);
	return false;
}

static bool unknown_option(struct parsing *parsing, const char *name,
			   size_t length)
{
	const char *word = arena_strndup(parsing->arena, name, length);
	const char *best;
	struct nearest nearest;

	nearest_begin(&nearest, word);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		nearest_consider(&nearest, rows[i].name);
	best = nearest_result(&nearest);
	if (best)
		return complain(parsing,
				"unknown option '--%s'; did you mean '--%s'?",
				word, best);
	return complain(parsing, "unknown option '--%s'", word);
}

static bool wrong_word(struct parsing *parsing, const char *value,
		       const char *wanted)
{
	return complain(parsing, "%s takes %s, not '%s'", parsing->spelling,
			wanted, value);
}

/* ---- what each option does ---- */

/* Repeated, the pieces are one program, as sed and perl have it. */
static bool set_program(struct parsing *parsing, const char *value)
{
	struct options *options = parsing->options;

	if (options->program)
		value = arena_printf(parsing->arena, "%s\n%s", options->program,
				     value);
	options->program = value;
	return true;
}

static bool set_list(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->is_list = true;
	return true;
}

static bool set_command(struct parsing *parsing, const char *value)
{
	parsing->options->command = value;
	return true;
}

static bool set_pid(struct parsing *parsing, const char *value)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(value, &end, 10);
	if (errno || end == value || *end || pid <= 0 || pid > INT_MAX)
		return wrong_word(parsing, value, "the number of a process");
	parsing->options->pid = (uint32_t)pid;
	return true;
}

static bool set_output(struct parsing *parsing, const char *value)
{
	parsing->options->output = value;
	return true;
}

static bool set_format(struct parsing *parsing, const char *value)
{
	if (!strcmp(value, "text"))
		parsing->options->format = OUTPUT_TEXT;
	else if (!strcmp(value, "json"))
		parsing->options->format = OUTPUT_JSON;
	else
		return wrong_word(parsing, value, "text or json");
	return true;
}

static bool set_buffer(struct parsing *parsing, const char *value)
{
	static const char *const modes[] = {
		[BUFFER_LINE] = "line",
		[BUFFER_FULL] = "full",
		[BUFFER_NONE] = "none",
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i], value) != 0)
			continue;
		parsing->options->buffering = (enum buffering)i;
		parsing->options->is_buffering_given = true;
		return true;
	}
	return wrong_word(parsing, value, "line, full or none");
}

/* bool FUNCTION(…): an option that is a mark and nothing else. */
#define MARK(function, member) \
	static bool function(struct parsing *parsing, const char *value) \
	{ \
		(void)value; \
		parsing->options->member = true; \
		return true; \
	}

/* clang-format off */
MARK(set_quiet, quiet)
MARK(set_verbose, verbose)
MARK(set_unsafe, unsafe)
MARK(set_optimise, optimise)
MARK(set_dry_run, dry_run)
MARK(set_verifier_log, verifier_log)
MARK(set_verify_ir, verify_ir)
MARK(set_no_warnings, no_warnings)
MARK(set_version, version)
MARK(set_help, help)
MARK(set_info, info)
/* clang-format on */

static bool find_stage(struct parsing *parsing, const char *value, int *stage)
{
	*stage = stage_find(value);
	if (*stage < 0)
		return wrong_word(parsing, value,
				  "tokens, ast, types, ir or image");
	return true;
}

/* Several, with commas or repeated. */
static bool set_dump(struct parsing *parsing, const char *value)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		const char *name = arena_strndup(parsing->arena, value, length);
		int stage;

		if (!find_stage(parsing, name, &stage))
			return false;
		parsing->options->dumps |= 1u << stage;
		value += length + (value[length] == ',');
	}
	return true;
}

static bool set_stop_after(struct parsing *parsing, const char *value)
{
	return find_stage(parsing, value, &parsing->options->stop_after);
}

/* bpftrace's names for the stages. */
static bool set_debug(struct parsing *parsing, const char *value)
{
	static const struct {
		const char *name;
		unsigned dumps;
		bool verifier;
	} names[] = {
		{ "parse", 1u << STAGE_ast, false },
		{ "ast", 1u << STAGE_ast, false },
		{ "types", 1u << STAGE_types, false },
		{ "codegen", 1u << STAGE_ir, false },
		{ "codegen-opt", 1u << STAGE_ir, false },
		{ "dis", 1u << STAGE_image, false },
		{ "libbpf", 0, true },
		{ "verifier", 0, true },
		{ "all", (1u << STAGE_COUNT) - 1, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, value) != 0)
			continue;
		parsing->options->dumps |= names[i].dumps;
		parsing->options->verifier_log |= names[i].verifier;
		return true;
	}
	return wrong_word(parsing, value,
			  "ast, types, codegen, codegen-opt, verifier or all");
}

static bool set_emit_elf(struct parsing *parsing, const char *value)
{
	parsing->options->emit_elf = value;
	return true;
}

static bool set_host(struct parsing *parsing, const char *value)
{
	parsing->options->host = value;
	return true;
}

static bool set_nothing(struct parsing *parsing, const char *value)
{
	(void)parsing;
	(void)value;
	return true;
}

static bool set_btf(struct parsing *parsing, const char *value)
{
	parsing->options->btf = value;
	return true;
}

static bool set_include(struct parsing *parsing, const char *value)
{
	struct options *options = parsing->options;
	const char **folders = (const char **)options->include_folders;

	ARENA_PUSH(parsing->arena, folders, options->include_folder_count,
		   options->include_folder_room, value);
	options->include_folders = folders;
	return true;
}

static bool set_ignored(struct parsing *parsing, const char *value)
{
	return set_nothing(parsing, value);
}

/* ---- the walk ---- */

static bool apply(struct parsing *parsing, const struct option_row *row,
		  const char *value)
{
	if (!*row->value)
		return row->set(parsing, NULL);
	if (!value) {
		value = *parsing->words;
		if (!value)
			return complain(parsing, "%s needs a value: %s %s",
					parsing->spelling, parsing->spelling,
					row->value);
		parsing->words++;
	}
	return row->set(parsing, value);
}

/* --name, --name=value, --name value */
static bool parse_long(struct parsing *parsing, const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct option_row *row = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !row; i++)
		if (strlen(rows[i].name) == length &&
		    !strncmp(rows[i].name, name, length))
			row = &rows[i];
	if (!row)
		return unknown_option(parsing, name, length);
	parsing->spelling = arena_strndup(parsing->arena, word, length + 2);
	if (value && !*row->value)
		return complain(parsing, "%s takes no value",
				parsing->spelling);
	return apply(parsing, row, value);
}

static const struct option_row *find_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* -l, -lv, -pPID, -p PID */
static bool parse_letters(struct parsing *parsing, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct option_row *row = find_letter(*letter);

		if (!row && !isprint((unsigned char)*letter))
			return complain(parsing, "unknown option");
		if (!row)
			return complain(parsing, "unknown option '-%c'",
					*letter);
		parsing->spelling =
			arena_printf(parsing->arena, "-%c", *letter);
		if (*row->value)
			return apply(parsing, row,
				     letter[1] ? letter + 1 : NULL);
		if (!apply(parsing, row, NULL))
			return false;
	}
	return true;
}

/* "-5" after a program is its parameter. */
static bool is_option(const struct options *options, const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	return !((options->program || options->file) &&
		 isdigit((unsigned char)word[1]));
}

static bool is_regular_file(const char *path)
{
	struct stat facts;

	return !stat(path, &facts) && S_ISREG(facts.st_mode);
}

/* -l PATTERN, -l FILE: options may follow. */
static bool take_listed(struct parsing *parsing, const char *word)
{
	struct options *options = parsing->options;

	if (*options->pattern || options->file || options->program)
		return complain(parsing,
				"-l takes one pattern or one script, "
				"and '%s' is one more",
				word);
	if (!strcmp(word, "-") || is_regular_file(word))
		options->file = word;
	else
		options->pattern = word;
	return true;
}

/* The script, then its parameters. */
static void take_word(struct parsing *parsing, const char *word)
{
	struct options *options = parsing->options;

	if (!options->program && !options->file)
		options->file = word;
	else
		parsing->parameters[options->parameter_count++] = word;
}

/* A word that is no option. */
static bool take(struct parsing *parsing, const char *word)
{
	if (parsing->options->is_list)
		return take_listed(parsing, word);
	take_word(parsing, word);
	return true;
}

/* Options may also follow the script, as bpftrace has it; what follows -- is
 * the script's. */
static bool walk(struct parsing *parsing)
{
	bool fine = true, only_words = false;

	while (*parsing->words && fine) {
		const char *word = *parsing->words++;

		if (!only_words && !strcmp(word, "--"))
			only_words = true;
		else if (only_words || !is_option(parsing->options, word))
			fine = take(parsing, word);
		else if (word[1] == '-')
			fine = parse_long(parsing, word);
		else
			fine = parse_letters(parsing, word);
	}
	parsing->options->parameters = parsing->parameters;
	return fine;
}

static bool agree(struct parsing *parsing)
{
	const struct options *options = parsing->options;

	if (options->help || options->version || options->info ||
	    options->is_list)
		return true;
	if (!options->program && !options->file)
		return complain(parsing, "no program: give a FILE, "
					 "-e PROGRAM, or - for standard input");
	if (options->command && options->pid)
		return complain(parsing,
				"-c and -p exclude each other: -c traces "
				"the command it starts");
	return true;
}

bool options_parse(struct arena *arena, struct options *options, int argc,
		   const char *const *argv, FILE *errors)
{
	struct parsing parsing = {
		.arena = arena,
		.options = options,
		.errors = errors,
		.words = argv + (argc > 0),
		.parameters =
			ARENA_ARRAY(arena, (size_t)argc + 1, const char *),
	};

	*options = (struct options){
		.pattern = "",
		.buffering = BUFFER_FULL,
		.stop_after = -1,
		.host = "/",
	};
	if (walk(&parsing) && agree(&parsing))
		return true;
	fputs("usage: etrace [OPTIONS] FILE | -e PROGRAM | - [PARAMETERS...]   "
	      "(etrace --help says more)\n",
	      errors);
	return false;
}

void options_help(FILE *out)
{
	fputs("usage: etrace [OPTIONS] FILE | -e PROGRAM | - [PARAMETERS...]\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[64];

		if (!*rows[i].help)
			continue;
		if (rows[i].letter)
			snprintf(left, sizeof(left), "-%c, --%s %s",
				 rows[i].letter, rows[i].name, rows[i].value);
		else
			snprintf(left, sizeof(left), "    --%s %s",
				 rows[i].name, rows[i].value);
		fprintf(out, "  %-24s %s\n", left, rows[i].help);
	}
}
