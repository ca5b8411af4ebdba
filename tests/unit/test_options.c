/*
 * The command line: which words belong to whom, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/options.h"

/* Parses a command line without quoting; what is said goes to `said`. */
static bool parse(struct arena *arena, struct options *options,
		  const char *line, char **said)
{
	const char *words[16] = { "etrace" };
	char *copy = arena_strdup(arena, line);
	size_t size;
	FILE *errors = open_memstream(said, &size);
	int count = 1;
	bool parsed;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	parsed = options_parse(arena, options, count, words, errors);
	fclose(errors);
	return parsed;
}

static const struct {
	const char *line;
	const char *said; /* NULL: fine */
} cases[] = {
	{ "-e x", NULL },
	{ "-ex", NULL },
	{ "script.et", NULL },
	{ "-", NULL },
	{ "--help", NULL },
	{ "-V", NULL },
	{ "-l", NULL },
	{ "-c ls -e x", NULL },
	{ "--cmd=ls -e x", NULL },
	{ "--format json -B none -o f -q -v -O --unsafe x", NULL },
	{ "-d codegen -k -b -I /usr x", NULL },
	{ "", "no program" },
	{ "-q", "no program" },
	{ "--verbos x", "did you mean '--verbose'?" },
	{ "--nothing-like-it x", "unknown option '--nothing-like-it'" },
	{ "-x", "unknown option '-x'" },
	{ "-p", "-p needs a value" },
	{ "-e", "-e needs a value" },
	{ "-p 0 x", "takes the number of a process" },
	{ "-p 12x x", "takes the number of a process" },
	{ "--pid=99999999999 x", "takes the number of a process" },
	{ "-p 3 -c ls x", "exclude each other" },
	{ "-f yaml x", "takes text or json" },
	{ "-B big x", "takes line, full or none" },
	{ "--dump=tree x", "takes tokens, ast" },
	{ "--quiet=yes x", "takes no value" },
	{ "-l a b", "one pattern or one script" },
};

static void test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *arena = arena_new();
		struct options options;
		char *said;
		bool parsed = parse(arena, &options, cases[i].line, &said);

		if (parsed != !cases[i].said)
			fail_msg("%s: %s", cases[i].line, said);
		if (cases[i].said && !strstr(said, cases[i].said))
			fail_msg("%s: %s", cases[i].line, said);
		if (cases[i].said)
			assert_non_null(strstr(said, "usage: etrace"));
		free(said);
		arena_free(arena);
	}
}

static void test_parameters(void **state)
{
	struct arena *arena = arena_new();
	struct options options;
	char *said;

	(void)state;
	assert_true(parse(arena, &options, "-q a.et x --pid 3 y -- -v", &said));
	free(said);
	assert_string_equal(options.file, "a.et");
	assert_true(options.quiet && !options.verbose);
	assert_int_equal(options.pid, 3);
	assert_int_equal(options.parameter_count, 3);
	assert_string_equal(options.parameters[0], "x");
	assert_string_equal(options.parameters[1], "y");
	assert_string_equal(options.parameters[2], "-v");

	assert_true(parse(arena, &options, "-e p -v 1 -q", &said));
	free(said);
	assert_null(options.file);
	assert_true(options.verbose && options.quiet);
	assert_int_equal(options.parameter_count, 1);

	assert_true(parse(arena, &options, "-e p -- -q", &said));
	free(said);
	assert_int_equal(options.parameter_count, 1);
	assert_string_equal(options.parameters[0], "-q");

	assert_true(parse(arena, &options, "-e p -5", &said));
	free(said);
	assert_string_equal(options.parameters[0], "-5");
	arena_free(arena);
}

static void test_values(void **state)
{
	struct arena *arena = arena_new();
	struct options options;
	char *said;

	(void)state;
	assert_true(parse(arena, &options,
			  "--dump=ast,types --dump image --stop-after=image "
			  "-fjson -p 42 -Bline -e a -e b",
			  &said));
	free(said);
	assert_int_equal(options.dumps, 1u << STAGE_ast | 1u << STAGE_types |
						1u << STAGE_image);
	assert_int_equal(options.stop_after, STAGE_image);
	assert_int_equal(options.format, OUTPUT_JSON);
	assert_int_equal(options.pid, 42);
	assert_true(options.is_buffering_given);
	assert_int_equal(options.buffering, BUFFER_LINE);
	assert_string_equal(options.program, "a\nb");

	assert_true(parse(arena, &options, "-lv software:* -q", &said));
	free(said);
	assert_true(options.is_list && options.verbose && options.quiet);
	assert_string_equal(options.pattern, "software:*");
	arena_free(arena);
}

/* --help is read in a terminal of 80 by 24, prompt included. */
static void test_help(void **state)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);
	unsigned lines = 0;

	(void)state;
	options_help(out);
	fclose(out);
	for (const char *line = text; *line; lines++) {
		size_t length = strcspn(line, "\n");

		if (length >= 80)
			fail_msg("too long: %.*s", (int)length, line);
		line += length + 1;
	}
	assert_true(lines < 24);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
