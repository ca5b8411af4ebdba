/*
 * Diagnostics: how they are counted, ordered and laid out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/diag.h"

struct fixture {
	struct arena *arena;
	struct diags *diags;
};

static struct fixture open_text(const char *text)
{
	struct fixture fixture = { .arena = arena_new() };
	struct source *source =
		source_from_text(fixture.arena, "-e", text, strlen(text));

	fixture.diags = diags_new(fixture.arena, source);
	return fixture;
}

/* What is printed, to be freed. */
static char *print(struct diags *diags, bool verbose)
{
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	diags_print(diags, out, false, verbose);
	fclose(out);
	return printed;
}

static void expect_printed(struct diags *diags, bool verbose,
			   const char *expected)
{
	char *printed = print(diags, verbose);

	assert_string_equal(printed, expected);
	free(printed);
}

static const struct {
	const char *text;
	struct span at;
	const char *printed;
} excerpts[] = {
	{ "if (pid == 3) { nsec + 1; }",
	  { 16, 20 },
	  "-e:1:17: error: wrong [E_TYPE]\n"
	  "    if (pid == 3) { nsec + 1; }\n"
	  "                    ^^^^\n" },
	{ "a\n\tbad\nc",
	  { 3, 6 },
	  "-e:2:2: error: wrong [E_TYPE]\n"
	  "     bad\n"
	  "     ^^^\n" },
	{ "to the end",
	  { 10, 10 },
	  "-e:1:11: error: wrong [E_TYPE]\n"
	  "    to the end\n"
	  "              ^\n" },
	{ "two\nlines",
	  { 1, 8 },
	  "-e:1:2: error: wrong [E_TYPE]\n"
	  "    two\n"
	  "     ^^\n" },
	{ "\xe4\xbd\xa0\xe5\xa5\xbd bad",
	  { 7, 10 },
	  "-e:1:8: error: wrong [E_TYPE]\n"
	  "    \xe4\xbd\xa0\xe5\xa5\xbd bad\n"
	  "         ^^^\n" },
	{ "\033[2J bad",
	  { 5, 8 },
	  "-e:1:6: error: wrong [E_TYPE]\n"
	  "    \\x1b[2J bad\n"
	  "            ^^^\n" },
	{ "nowhere", { 0, 0 }, "etrace: error: wrong [E_TYPE]\n" },
};

static void excerpts_point_at_the_span(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(excerpts); i++) {
		struct fixture fixture = open_text(excerpts[i].text);

		diag_error(fixture.diags, E_TYPE, excerpts[i].at, "wrong");
		expect_printed(fixture.diags, false, excerpts[i].printed);
		arena_free(fixture.arena);
	}
}

static void long_lines_are_cut(void **state)
{
	char text[5000];
	struct fixture fixture;
	char *printed;
	char *line;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + 2000, "bad", 3);
	fixture = open_text(text);
	diag_error(fixture.diags, E_TYPE, (struct span){ 2000, 4999 }, "wrong");
	printed = print(fixture.diags, false);
	strtok(printed, "\n");
	line = strtok(NULL, "\n");
	assert_true(strlen(line) <= 4 + 3 + 92 + 3);
	assert_memory_equal(line, "    ...xxx", 10);
	assert_string_equal(line + strlen(line) - 3, "...");
	assert_memory_equal(line + 47, "bad", 3);
	line = strtok(NULL, "\n");
	assert_int_equal(strspn(line, " "), 47);
	assert_true(strlen(line) <= 4 + 3 + 92);
	free(printed);
	arena_free(fixture.arena);
}

static void order_is_that_of_the_text(void **state)
{
	struct fixture fixture = open_text("abc");

	(void)state;
	diag_error(fixture.diags, E_TYPE, (struct span){ 2, 3 }, "third");
	diag_error(fixture.diags, E_TYPE, (struct span){ 1, 2 }, "second");
	diag_warning(fixture.diags, E_TYPE, (struct span){ 1, 2 }, "again");
	diag_error(fixture.diags, E_TYPE, (struct span){ 1, 2 }, "second");
	diag_error(fixture.diags, E_FILE, (struct span){ 0, 0 }, "first");
	assert_int_equal(fixture.diags->errors, 4);
	assert_int_equal(fixture.diags->warnings, 1);
	expect_printed(fixture.diags, false,
		       "etrace: error: first [E_FILE]\n"
		       "-e:1:2: error: second [E_TYPE]\n"
		       "    abc\n"
		       "     ^\n"
		       "-e:1:2: warning: again [E_TYPE]\n"
		       "    abc\n"
		       "     ^\n"
		       "-e:1:3: error: third [E_TYPE]\n"
		       "    abc\n"
		       "      ^\n");
	expect_printed(fixture.diags, false, "");
	arena_free(fixture.arena);
}

static void hints_may_have_lines(void **state)
{
	struct fixture fixture = open_text("abc");
	struct diag *diag;

	(void)state;
	diag = diag_error(fixture.diags, E_TYPE, (struct span){ 0, 1 }, "%s",
			  "a\033b");
	diag_hint(fixture.diags, diag, "one\n%d", 2);
	expect_printed(fixture.diags, false,
		       "-e:1:1: error: a\\x1bb [E_TYPE]\n"
		       "    abc\n"
		       "    ^\n"
		       "    hint: one\n"
		       "          2\n");
	arena_free(fixture.arena);
}

static void notes_are_for_the_verbose(void **state)
{
	struct fixture fixture = open_text("abc");

	(void)state;
	diag_note(fixture.diags, E_TYPE, (struct span){ 0, 0 }, "by the way");
	assert_int_equal(fixture.diags->errors, 0);
	expect_printed(fixture.diags, false, "");
	diag_note(fixture.diags, E_TYPE, (struct span){ 0, 0 }, "by the way");
	expect_printed(fixture.diags, true, "etrace: note: by the way\n");
	arena_free(fixture.arena);
}

static void quiet_drops_everything(void **state)
{
	struct fixture fixture = open_text("abc");
	struct diag *diag;

	(void)state;
	fixture.diags->quiet = true;
	diag = diag_error(fixture.diags, E_TYPE, (struct span){ 0, 1 }, "no");
	assert_non_null(diag);
	diag_hint(fixture.diags, diag, "neither");
	assert_int_equal(fixture.diags->errors, 0);
	expect_printed(fixture.diags, true, "");
	arena_free(fixture.arena);
}

static void many_errors_are_counted(void **state)
{
	struct fixture fixture = open_text("abc");
	char *printed;
	int i;

	(void)state;
	for (i = 0; i < 25; i++)
		diag_error(fixture.diags, E_TYPE, (struct span){ 0, 0 }, "%d",
			   i);
	printed = print(fixture.diags, false);
	assert_non_null(strstr(printed, "error: 19 [E_TYPE]\n"));
	assert_null(strstr(printed, "error: 20 [E_TYPE]\n"));
	assert_non_null(strstr(printed, "etrace: errors not shown: 5\n"));
	free(printed);
	for (i = 0; i < 100000; i++)
		diag_error(fixture.diags, E_TYPE, (struct span){ 0, 0 }, "%d",
			   i);
	assert_int_equal(fixture.diags->errors, 100025);
	arena_free(fixture.arena);
}

static void tags_have_names(void **state)
{
	int tag;

	(void)state;
	assert_string_equal(diag_tag_name(E_SYNTAX), "E_SYNTAX");
	for (tag = 0; tag < DIAG_TAGS; tag++) {
		assert_memory_equal(diag_tag_name((enum diag_tag)tag), "E_", 2);
		assert_true(strlen(diag_tag_meaning((enum diag_tag)tag)) > 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(excerpts_point_at_the_span),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(order_is_that_of_the_text),
		cmocka_unit_test(hints_may_have_lines),
		cmocka_unit_test(notes_are_for_the_verbose),
		cmocka_unit_test(quiet_drops_everything),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(tags_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
