/*
 * What the parser says about programs it cannot understand, and how it goes
 * on. What it makes of the others is in cases/ast.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "parser/dump.h"
#include "parser/parser.h"

struct fixture {
	struct arena *arena;
	struct diags *diags;
	struct program *program;
};

static struct fixture parse(const char *text)
{
	struct fixture fixture = { .arena = arena_new() };
	struct source *source =
		source_from_text(fixture.arena, "-e", text, strlen(text));

	fixture.diags = diags_new(fixture.arena, source);
	fixture.program = parse_program(fixture.arena, source, fixture.diags);
	return fixture;
}

static size_t count_clauses(const struct program *program)
{
	const struct clause *clause;
	size_t count = 0;

	for (clause = program->clauses; clause; clause = clause->next)
		count++;
	return count;
}

/* Programs with one mistake: what is said about it, and the hint's words. */
static const struct {
	const char *text;
	enum diag_tag tag;
	uint32_t at;
	const char *message;
	const char *hint; /* part of it; NULL: there is none */
} mistakes[] = {
	/* words missing */
	{ "BEGIN { $x = 1 $y = 2; }", E_SYNTAX, 15,
	  "expected ';' or '}' before '$y'", NULL },
	{ "BEGIN < $x = 1 $y = 2; >", E_SYNTAX, 15,
	  "expected ';' or '>' before '$y'", NULL },
	{ "BEGIN { f(1 }", E_SYNTAX, 12, "expected ',' or ')' before '}'",
	  NULL },
	{ "BEGIN { @x[1 = 2; }", E_SYNTAX, 13, "expected ',' or ']' before '='",
	  "statement of its own" },
	{ "BEGIN { $x = ; }", E_SYNTAX, 13, "expected a value before ';'",
	  NULL },
	{ "BEGIN { let @x = 1; }", E_SYNTAX, 12,
	  "expected a variable before '@x'", NULL },
	{ "BEGIN { $x = (struct)1; }", E_SYNTAX, 20,
	  "expected a name before ')'", NULL },
	{ "BEGIN { let $x: 3; }", E_SYNTAX, 16, "expected a type before '3'",
	  NULL },
	{ "BEGIN { $x = 1 ? 2; }", E_SYNTAX, 18, "expected ':' before ';'",
	  NULL },
	{ "BEGIN { print @x; }", E_SYNTAX, 14,
	  "expected ';' or '}' before '@x'", "in parentheses" },
	/* statements of other languages */
	{ "BEGIN { if (pid = 1) { } }", E_SYNTAX, 11,
	  "this is a record, not a condition", "to compare, write '=='" },
	{ "kprobe:f /pid = 1/ { }", E_SYNTAX, 14, "expected '/' before '='",
	  "to compare, write '=='" },
	{ "BEGIN { if (pid) exit(); }", E_SYNTAX, 17,
	  "expected '{' before 'exit'", "between { and }" },
	{ "BEGIN { for (int i = 0; i < 3; i++) { } }", E_SYNTAX, 13,
	  "expected a variable before 'int'", "a range" },
	{ "BEGIN { for $i : 3 { } }", E_SYNTAX, 17, "'for' cannot go over this",
	  "a range" },
	{ "BEGIN { int $x = 3; }", E_SYNTAX, 8,
	  "expected a statement or '}' before 'int'", "let $x" },
	{ "BEGIN { else { } }", E_SYNTAX, 8,
	  "expected a statement or '}' before 'else'", "its 'if'" },
	/* probes */
	{ "", E_NO_PROBES, 0, "the program has no probe", "BEGIN" },
	{ "kprobe f { }", E_SYNTAX, 7,
	  "expected '{', ',', '?\077' or '/' before 'f'", "by commas" },
	{ "BEGIN", E_SYNTAX, 5,
	  "expected '{', ',', '?\077' or '/' before the end of the program",
	  NULL },
	{ "kprobe:f /pid == 1 { }", E_SYNTAX, 19, "expected '/' before '{'",
	  "second '/'" },
	{ "BEGIN { } }", E_SYNTAX, 10, "expected a probe before '}'",
	  "closes nothing" },
	{ "BEGIN { x", E_OPEN_BODY, 6,
	  "the '{' that opens this body is never closed", NULL },
	{ "BEGIN { if x { y; }", E_OPEN_BODY, 6,
	  "the '{' that opens this body is never closed", NULL },
	{ "BEGIN { if x { if y { }", E_OPEN_BODY, 6,
	  "the '{' that opens this body is never closed", "line 1, column 14" },
	/* a '>' that was meant to compare */
	{ "BEGIN < @x = a > b >", E_SYNTAX, 15,
	  "this '>' ends the body, before its statements are complete",
	  "(a > b)" },
	{ "BEGIN < if a > 3 { b } >", E_SYNTAX, 13,
	  "this '>' ends the body, before its statements are complete",
	  "(a > b)" },
	{ "BEGIN < $a > 3 ? b : c >", E_SYNTAX, 11,
	  "this '>' ends the body, before its statements are complete",
	  "(a > b)" },
	{ "BEGIN < @x = $a > $b && $c; >", E_SYNTAX, 16,
	  "this '>' ends the body, before its statements are complete",
	  "(a > b)" },
	/* values */
	{ "BEGIN { $x = 08; }", E_BAD_NUMBER, 13, "'08' is no number", "0x1f" },
	{ "BEGIN { $x = \"\\q\"; }", E_BAD_ESCAPE, 14,
	  "there is no escape '\\q'", "\\n" },
	{ "BEGIN { $x = $0; }", E_PARAMETER, 13, "there is no parameter '$0'",
	  "$1" },
	{ "BEGIN { $x = $9999999999; }", E_PARAMETER, 13,
	  "there is no parameter '$9999999999'", "$1" },
	{ "BEGIN { pid = 1; }", E_NOT_ASSIGNABLE, 8,
	  "nothing can be stored in this", "variables" },
	{ "BEGIN { _ += 1; }", E_NOT_ASSIGNABLE, 8,
	  "nothing can be stored in this", "variables" },
	{ "BEGIN { pid++; }", E_NOT_ASSIGNABLE, 8, "'++' cannot change this",
	  "variables" },
	{ "BEGIN { $x = $y[1, 2]; }", E_SYNTAX, 16,
	  "only a map's key has several parts", NULL },
	{ "BEGIN { $x = $y.99999999999; }", E_BAD_NUMBER, 16,
	  "no tuple has that many fields", NULL },
	{ "BEGIN { $x = (uint8[0])1; }", E_RANGE, 20,
	  "an array has at least 1 and at most 2147483647 elements", NULL },
	{ "let @m = hash(1, 2); BEGIN { }", E_ARGUMENT_COUNT, 9,
	  "this takes one number, how many keys the map holds", "hash(1000)" },
};

static void mistakes_are_explained(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct fixture fixture = parse(mistakes[i].text);
		const struct diag *diag = fixture.diags->first;

		if (fixture.diags->errors != 1)
			print_error("%s\n", mistakes[i].text);
		assert_int_equal(fixture.diags->errors, 1);
		assert_string_equal(diag->message, mistakes[i].message);
		assert_int_equal(diag->tag, mistakes[i].tag);
		assert_int_equal(diag->at.begin, mistakes[i].at);
		if (mistakes[i].hint) {
			assert_non_null(diag->hint);
			assert_non_null(strstr(diag->hint, mistakes[i].hint));
		} else {
			assert_null(diag->hint);
		}
		arena_free(fixture.arena);
	}
}

/* Programs with several mistakes: how many are found, how much is kept. */
static const struct {
	const char *text;
	unsigned errors;
	size_t clauses;
} recoveries[] = {
	{ "BEGIN { x y; z w; u v } END { x y; }", 4, 2 },
	{ "BEGIN { if (x { a; b; } c d; }", 2, 1 },
	{ "BEGIN { for (i = 0; i < 3; i++) { a; b; } c d; }", 2, 1 },
	{ "BEGIN { if 1 { x y } else { z w } u v }", 3, 1 },
	{ "BEGIN { f(1; g(2; h(3); } END { x y }", 3, 2 },
	{ "kprobe:f /x y/ { } kprobe:g /z w { u v }", 3, 2 },
	{ "config = { a b; c d } BEGIN { x y }", 3, 1 },
	{ "let @m = 3; let @n = 4; BEGIN { x y }", 3, 1 },
	{ "a b { c d } e f { g h } BEGIN { }", 4, 1 },
	{ "BEGIN { \"abc }\n} END { x y }", 2, 2 },
};

static void parsing_goes_on_after_mistakes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(recoveries); i++) {
		struct fixture fixture = parse(recoveries[i].text);

		if (fixture.diags->errors != recoveries[i].errors)
			print_error("%s\n", recoveries[i].text);
		assert_int_equal(fixture.diags->errors, recoveries[i].errors);
		assert_int_equal(count_clauses(fixture.program),
				 recoveries[i].clauses);
		arena_free(fixture.arena);
	}
}

static void endless_mistakes_are_cut_short(void **state)
{
	static const char mistake[] = "x y; ";
	char text[1000 * sizeof(mistake) + 20] = "BEGIN { ";
	struct fixture fixture;
	char *end = text + strlen(text);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		end = stpcpy(end, mistake);
	stpcpy(end, "}");
	fixture = parse(text);
	assert_int_equal(fixture.diags->errors, 50);
	arena_free(fixture.arena);
}

/* Programs that repeat something `times`, around or before a middle. */
static const struct {
	const char *begin, *repeated, *middle, *closing, *end;
	size_t times;
	bool is_good;
} deep[] = {
	{ "BEGIN { @x = ", "(", "1", ")", "; }", 512, true },
	{ "BEGIN { @x = ", "(", "1", ")", "; }", 10000, false },
	{ "BEGIN { @x = ", "1+", "1", "", "; }", 511, true },
	{ "BEGIN { @x = ", "1+", "1", "", "; }", 512, false },
	{ "BEGIN { @x = ", "1+", "1", "", "; }", 100000, false },
	{ "BEGIN { @x = ", "- ", "1", "", "; }", 511, true },
	{ "BEGIN { @x = ", "- ", "1", "", "; }", 100000, false },
	{ "BEGIN { @x = ", "1?2:", "3", "", "; }", 511, true },
	{ "BEGIN { @x = ", "1?2:", "3", "", "; }", 100000, false },
	{ "BEGIN { @x = ", "(int8)", "3", "", "; }", 100000, false },
	{ "BEGIN { @x = a", ".b", "", "", "; }", 511, true },
	{ "BEGIN { @x = a", ".b", "", "", "; }", 100000, false },
	{ "BEGIN { @x = ", "f(", "1", ")", "; }", 500, true },
	{ "BEGIN { @x = ", "f(", "1", ")", "; }", 100000, false },
	{ "BEGIN { @x = f(1", ",1", "", "", "); }", 100000, true },
	{ "BEGIN { ", "if 1 { ", "", "}", " }", 255, true },
	{ "BEGIN { ", "if 1 { ", "", "}", " }", 100000, false },
	{ "BEGIN { ", "if 1 { } else ", "{ }", "", " }", 255, true },
	{ "BEGIN { ", "if 1 { } else ", "{ }", "", " }", 100000, false },
	{ "BEGIN { $x = (int8 ", "*", "", "", ")1; }", 100000, false },
	{ "BEGIN { $x = (int8", "[1]", "", "", ")1; }", 100000, false },
	{ "BEGIN { $x = (int", " int", "", "", ")1; }", 100000, false },
	{ "BEGIN { $x = offsetof(int, a", ".b", "", "", "); }", 100000, false },
	{ "a", ", a", "{ }", "", "", 100000, true },
	{ "", "BEGIN { } ", "", "", "", 100000, true },
};

static char *repeat(char *end, const char *text, size_t times)
{
	while (times--)
		end = stpcpy(end, text);
	return end;
}

static void nesting_has_a_limit(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(deep); i++) {
		char *text =
			malloc(100 + deep[i].times * (strlen(deep[i].repeated) +
						      strlen(deep[i].closing)));
		struct fixture fixture;
		char *end;

		end = repeat(stpcpy(text, deep[i].begin), deep[i].repeated,
			     deep[i].times);
		end = repeat(stpcpy(end, deep[i].middle), deep[i].closing,
			     deep[i].times);
		stpcpy(end, deep[i].end);
		fixture = parse(text);
		if (fixture.diags->errors != !deep[i].is_good)
			print_error("%s x %zu\n", deep[i].repeated,
				    deep[i].times);
		assert_int_equal(fixture.diags->errors, !deep[i].is_good);
		if (!deep[i].is_good)
			assert_int_equal(fixture.diags->first->tag, E_TOO_DEEP);
		arena_free(fixture.arena);
		free(text);
	}
}

static void nodes_have_spans(void **state)
{
	static const char text[] = "a, b /c/ { $x = (1 + f(2)) * @y[3]; }";
	struct fixture fixture = parse(text);
	const struct clause *clause = fixture.program->clauses;
	const struct stmt *stmt = clause->body->first;
	const struct expr *value = stmt->assign.value;

	(void)state;
	assert_int_equal(clause->at.begin, 0);
	assert_int_equal(clause->at.end, 4);
	assert_int_equal(clause->points->next->at.begin, 3);
	assert_int_equal(clause->body->at.begin, 9);
	assert_int_equal(clause->body->at.end, strlen(text));
	assert_int_equal(stmt->at.begin, 11);
	assert_int_equal(stmt->at.end, 34);
	assert_int_equal(value->at.begin, 16);
	assert_int_equal(value->at.end, 34);
	assert_int_equal(value->binary.left->at.begin, 17);
	assert_int_equal(value->binary.left->at.end, 25);
	assert_int_equal(value->binary.right->at.begin, 29);
	assert_int_equal(value->binary.right->at.end, 34);
	arena_free(fixture.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(parsing_goes_on_after_mistakes),
		cmocka_unit_test(endless_mistakes_are_cut_short),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(nodes_have_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
