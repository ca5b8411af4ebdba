/*
 * Walking and copying trees: every node is visited, in the order of the
 * source, and copies forget what the checker found.
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

/* Something of every kind. */
static const char every_kind[] =
	"kprobe:f /pid == 1/ {\n"
	"	$a = 1; $b = \"x\"; $c = true; $d = $1; @m[1, tid] = nsecs;\n"
	"	$e = $a.b.0[2]; $f = -$a; $f++; $g = $a ? $b : $c;\n"
	"	$h = (int8)$a; $i = (typeof($a))2; $j = sizeof($a);\n"
	"	$k = offsetof(struct x, y.z); let $l: typeof($a) = 3; _ = "
	"f();\n"
	"	if 1 { a } else if 2 { b } else { c } while 3 { break; }\n"
	"	for $i : 4..5 { continue; } for $kv : @m { print($kv); }\n"
	"	unroll 6 { { arg7; } } return 8;\n"
	"}";

static struct program *parse(struct arena *arena, const char *text)
{
	struct source *source =
		source_from_text(arena, "-e", text, strlen(text));
	struct diags *diags = diags_new(arena, source);
	struct program *program = parse_program(arena, source, diags);

	assert_int_equal(diags->errors, 0);
	return program;
}

/* To be freed. */
static char *dump(struct arena *arena, const struct program *program)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	dump_program(out, arena, program);
	fclose(out);
	return text;
}

static void copies_are_equal(void **state)
{
	struct arena *arena = arena_new();
	struct program *program = parse(arena, every_kind);
	struct clause *clause = program->clauses;
	struct block *body = clause->body;
	struct expr *predicate = clause->predicate;
	char *before = dump(arena, program);
	char *after;

	(void)state;
	clause->body = block_clone(arena, body);
	clause->predicate = expr_clone(arena, predicate);
	after = dump(arena, program);
	assert_string_equal(before, after);
	assert_ptr_not_equal(clause->body->first, body->first);
	assert_ptr_not_equal(clause->predicate->binary.left,
			     predicate->binary.left);
	assert_int_equal(clause->body->depth, body->depth);
	free(before);
	free(after);
	arena_free(arena);
}

static void mark(struct expr *expr, void *data)
{
	unsigned *count = data;

	expr->type = &type_int64;
	expr->site = ++*count;
	if (expr->kind == EXPR_VARIABLE)
		expr->variable.variable = (struct variable *)expr;
}

static void expect_unmarked(struct expr *expr, void *data)
{
	unsigned *count = data;

	assert_null(expr->type);
	assert_int_equal(expr->site, 0);
	if (expr->kind == EXPR_VARIABLE)
		assert_null(expr->variable.variable);
	--*count;
}

static void copies_are_unchecked(void **state)
{
	struct arena *arena = arena_new();
	struct block *body = parse(arena, every_kind)->clauses->body;
	unsigned count = 0;

	(void)state;
	block_expressions(body, mark, &count);
	assert_true(count > 60);
	block_expressions(block_clone(arena, body), expect_unmarked, &count);
	assert_int_equal(count, 0);
	arena_free(arena);
}

struct visits {
	struct arena *arena;
	const char *names;
};

static void note_name(struct expr *expr, void *data)
{
	struct visits *visits = data;

	if (expr->kind == EXPR_NAME)
		visits->names = arena_printf(visits->arena, "%s%s",
					     visits->names, expr->name.text);
	else if (expr->kind == EXPR_CALL)
		visits->names = arena_printf(visits->arena, "%s%s",
					     visits->names, expr->call.name);
	else
		visits->names =
			arena_printf(visits->arena, "%s.", visits->names);
}

static const struct {
	const char *text;
	const char *names;
} orders[] = {
	{ "BEGIN { a + b * c; }", ".a.bc" },
	{ "BEGIN { f(a, g(b), c); }", "fagbc" },
	{ "BEGIN { @x[a, b] = c ? d : e; }", "..ab.cde" },
	{ "BEGIN { if a { b } else if c { d } else { e } f }", "abcdef" },
	{ "BEGIN { for $i : a..b { c } while d { e } }", ".abcde" },
	{ "BEGIN { unroll 1 { a } { b } return c; }", ".abc" },
	{ "BEGIN { (typeof(a))b; offsetof(c, d); sizeof(e); }", ".ab.c.e" },
};

static void nodes_are_visited_in_order(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		struct arena *arena = arena_new();
		struct visits visits = { arena, "" };

		block_expressions(parse(arena, orders[i].text)->clauses->body,
				  note_name, &visits);
		assert_string_equal(visits.names, orders[i].names);
		arena_free(arena);
	}
}

static const struct {
	const char *text;
	const char *name;
	bool is_used;
} uses[] = {
	{ "BEGIN { pid; }", "pid", true },
	{ "BEGIN { pid(); }", "pid", true },
	{ "BEGIN { tid; }", "pid", false },
	{ "BEGIN { $pid = 1; @pid = 2; x.pid; }", "pid", false },
	{ "BEGIN /pid/ { }", "pid", true },
	{ "BEGIN { if 1 { for $i : 0..f(pid) { } } }", "pid", true },
	{ "BEGIN { arg0; }", "arg", true },
	{ "BEGIN { arg12; }", "arg", true },
	{ "BEGIN { args; argx; arg1x; }", "arg", false },
	{ "BEGIN { args.x; }", "args", true },
};

static void uses_of_names_are_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		struct arena *arena = arena_new();
		struct program *program = parse(arena, uses[i].text);

		assert_int_equal(
			clause_uses_name(program->clauses, uses[i].name),
			uses[i].is_used);
		arena_free(arena);
	}
}

static const struct {
	const char *program;
	const char *text;
} types[] = {
	{ "BEGIN { (int8)1; }", "int8" },
	{ "BEGIN { (struct x **)1; }", "struct x **" },
	{ "BEGIN { (uint8[4][])1; }", "uint8[4][]" },
	{ "BEGIN { (unsigned long int)1; }", "unsigned long int" },
	{ "BEGIN { (typeof($x) *)1; }", "typeof(...) *" },
	{ "BEGIN { (enum e)1; }", "enum e" },
};

static void types_are_spelled(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct arena *arena = arena_new();
		struct block *body =
			parse(arena, types[i].program)->clauses->body;

		assert_string_equal(
			type_name_text(arena, body->first->expr->cast.type),
			types[i].text);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_equal),
		cmocka_unit_test(copies_are_unchecked),
		cmocka_unit_test(nodes_are_visited_in_order),
		cmocka_unit_test(uses_of_names_are_found),
		cmocka_unit_test(types_are_spelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
