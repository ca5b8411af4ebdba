/*
 * What the checker leaves in the tree for the code generator, beyond the types
 * that the golden cases show; and what it says when the machine has nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "parser/check.h"
#include "parser/parser.h"
#include "parser/tables.h"

#define MACHINE "tests/hosts/tiny"

static struct arena *arena;
static struct diags *diags;
static struct settings settings;

/* NULL if something was reported. */
static struct program *check_on(const char *machine, const char *text)
{
	struct source *source =
		source_from_text(arena, "test", text, strlen(text));
	struct host *host = host_open(arena, machine);
	struct program *program;
	bool good;

	diags = diags_new(arena, source);
	settings_defaults(&settings);
	program = parse_program(arena, source, diags);
	settings_config(&settings, program, diags);
	good = expand_probes(arena, program, host, &settings, diags) &&
	       check_program(arena, program, host, &settings, diags);
	host_close(host);
	return good ? program : NULL;
}

static struct program *check(const char *text)
{
	struct program *program = check_on(MACHINE, text);

	if (!program)
		diags_print(diags, stderr, false, false);
	assert_non_null(program);
	return program;
}

/* ---- attaches ---- */

static const struct {
	const char *point;
	struct attach attach; /* without its place */
} attach_cases[] = {
	{ "BEGIN", { .kind = ATTACH_BEGIN, .probe = "begin" } },
	{ "end", { .kind = ATTACH_END, .probe = "end" } },
	{ "self:signal:USR1",
	  { .kind = ATTACH_SIGNAL,
	    .probe = "self:signal:SIGUSR1",
	    .number = 10 } },
	{ "i:s:2",
	  { .kind = ATTACH_INTERVAL,
	    .probe = "interval:s:2",
	    .number = 2000000000 } },
	{ "interval:1ms",
	  { .kind = ATTACH_INTERVAL,
	    .probe = "interval:1ms",
	    .number = 1000000 } },
	{ "profile:hz:100",
	  { .kind = ATTACH_PROFILE,
	    .probe = "profile:hz:100",
	    .number = 10000000 } },
	{ "p:50",
	  { .kind = ATTACH_PROFILE,
	    .probe = "profile:hz:50",
	    .number = 20000000 } },
	{ "t:sched:sched_switch",
	  { .kind = ATTACH_TRACEPOINT,
	    .probe = "tracepoint:sched:sched_switch",
	    .category = "sched",
	    .event = "sched_switch" } },
	{ "rt:sched_switch",
	  { .kind = ATTACH_RAW_TRACEPOINT,
	    .probe = "rawtracepoint:sched_switch",
	    .event = "sched_switch" } },
	{ "rt:vmlinux:sched_switch",
	  { .kind = ATTACH_RAW_TRACEPOINT,
	    .probe = "rawtracepoint:sched_switch",
	    .event = "sched_switch" } },
	{ "s:cs",
	  { .kind = ATTACH_PERF,
	    .probe = "software:context-switches:1000",
	    .perf_type = 1,
	    .number = 3,
	    .period = 1000 } },
	{ "h:cache-misses:7",
	  { .kind = ATTACH_PERF,
	    .probe = "hardware:cache-misses:7",
	    .perf_type = 0,
	    .number = 3,
	    .period = 7 } },
};

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

static void attach_points_become_attaches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attach_cases); i++) {
		const struct attach *want = &attach_cases[i].attach;
		const struct program *program = check(arena_printf(
			arena, "%s { print(1); }", attach_cases[i].point));
		const struct attach *got = program->clauses->attaches;

		assert_int_equal(program->attach_count, 1);
		assert_int_equal(got->kind, want->kind);
		assert_string_equal(got->probe, want->probe);
		assert_string_equal(or_none(got->category),
				    or_none(want->category));
		assert_string_equal(or_none(got->event), or_none(want->event));
		assert_int_equal(got->perf_type, want->perf_type);
		assert_int_equal(got->number, want->number);
		assert_int_equal(got->period, want->period);
	}
}

static void functions_are_found_in_their_file(void **state)
{
	const struct program *program =
		check("uprobe:/usr/bin/prog:main, uprobe:/usr/bin/prog:main+4,"
		      " uretprobe:/usr/bin/prog:main { print(1); }");
	const struct clause *entry = program->clauses;
	const struct attach *attaches = entry->attaches;

	(void)state;
	assert_int_equal(entry->attach_count, 2);
	assert_string_equal(attaches[0].symbol, "main");
	assert_string_equal(attaches[0].path, "/usr/bin/prog");
	assert_int_equal(attaches[1].number, attaches[0].number + 4);
	assert_int_equal(entry->next->attaches[0].kind, ATTACH_URETPROBE);
	assert_int_equal(entry->next->first_attach, 2);
	assert_int_equal(program->attach_count, 3);
}

/* ---- variables and maps ---- */

static const struct variable *variable_of(const struct clause *clause,
					  const char *name)
{
	const struct variable *variable = clause->variables;

	while (variable && strcmp(variable->name, name) != 0)
		variable = variable->next;
	assert_non_null(variable);
	return variable;
}

static void loop_bodies_capture_what_is_outside(void **state)
{
	const struct program *program =
		check("begin { $free = 1; $used = 1; $condition = 1;"
		      " for $i : 0..3 { $inside = $i; $used += $inside;"
		      "  for $j : 0..$i { $k = $inside; } }"
		      " while ($condition > 5) { $condition--; }"
		      " unroll(2) { $free++; } }");
	const struct clause *clause = program->clauses;

	(void)state;
	assert_true(clause->has_loops);
	assert_false(variable_of(clause, "$free")->is_captured);
	assert_true(variable_of(clause, "$used")->is_captured);
	assert_true(variable_of(clause, "$condition")->is_captured);
	assert_true(variable_of(clause, "$inside")->is_captured);
	assert_false(variable_of(clause, "$i")->is_captured);
	assert_false(variable_of(clause, "$j")->is_captured);
	assert_false(variable_of(clause, "$k")->is_captured);
	assert_int_equal(clause->variable_count, 7);
}

static void blocks_have_variables_of_their_own(void **state)
{
	const struct program *program =
		check("begin { if (pid) { $x = 1; } else { $x = \"a\"; } }");
	const struct variable *first = program->clauses->variables;

	(void)state;
	assert_string_equal(type_text(arena, first->type), "int64");
	assert_string_equal(type_text(arena, first->next->type), "string[2]");
	assert_int_equal(first->index, 0);
	assert_int_equal(first->next->index, 1);
}

static const struct map *map_of(const struct program *program, const char *name)
{
	const struct map *map = program->maps;

	while (map && strcmp(map->name, name) != 0)
		map = map->next;
	assert_non_null(map);
	return map;
}

static void maps_have_their_sizes(void **state)
{
	const struct program *program =
		check("config = { max_map_keys = 77 }"
		      " let @lru = percpulruhash(5);"
		      " begin { @plain[1] = 1; @scalar = 1; @lru[2] = 1; }");

	(void)state;
	assert_int_equal(program->map_count, 3);
	assert_int_equal(map_of(program, "@plain")->max_entries, 77);
	assert_int_equal(map_of(program, "@scalar")->max_entries, 1);
	assert_null(map_of(program, "@scalar")->key);
	assert_int_equal(map_of(program, "@lru")->max_entries, 5);
	assert_true(map_of(program, "@lru")->is_lru);
	assert_true(map_of(program, "@lru")->is_percpu);
	assert_int_equal(map_of(program, "@lru")->index, 2);
}

static void some_probes_exclude_each_other(void **state)
{
	const struct program *program =
		check("tracepoint:sched:sched_switch { @safe = 1; @both = 1; }"
		      " profile:99 { @safe = 2; }"
		      " interval:s:1 { @both = 2; print(@safe); }"
		      " software:cs { @also = @safe; }");

	(void)state;
	assert_false(map_of(program, "@safe")->is_exclusive);
	assert_false(map_of(program, "@both")->is_exclusive);
	assert_true(map_of(program, "@also")->is_exclusive);
}

/* ---- pointers ---- */

static const struct {
	const char *probe;
	const char *value;
	enum address_space space;
} space_cases[] = {
	{ "tracepoint:syscalls:sys_enter_openat", "args.filename", SPACE_USER },
	{ "tracepoint:sched:sched_switch", "(char *)nsecs", SPACE_KERNEL },
	{ "uprobe:/usr/bin/prog:main", "(char *)arg0", SPACE_USER },
	{ "uprobe:/usr/bin/prog:main", "((struct task_struct *)arg0).parent",
	  SPACE_USER },
	{ "begin", "((struct task_struct *)nsecs).parent", SPACE_KERNEL },
	{ "tracepoint:syscalls:sys_enter_openat", "(uint64 *)args.filename",
	  SPACE_USER },
	{ "begin", "ctx", SPACE_CONTEXT },
};

static void pointers_know_their_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(space_cases); i++) {
		const struct program *program = check(arena_printf(
			arena, "%s { $p = %s; }", space_cases[i].probe,
			space_cases[i].value));
		const struct type *type = program->clauses->variables->type;

		assert_int_equal(type->kind, TYPE_POINTER);
		assert_int_equal(type->space, space_cases[i].space);
	}
}

/* ---- mistakes ---- */

/* One mistake is told once, however often the map or variable is used. */
static const struct {
	const char *text;
	unsigned errors;
} count_cases[] = {
	{ "begin { @x[1] = 1; @x[\"a\"] = 1; @x[\"b\"] = 1; print(@x[\"c\"]); "
	  "}",
	  1 },
	{ "begin { $x = 1; $x = \"a\"; $x = \"b\"; printf(\"%d\", $x); }", 1 },
	{ "begin { print($x); print($x + 1); printf(\"%s\", $x.y); }", 1 },
	{ "begin { @m[1] = @none; print(@m[1] + 5); printf(\"%d\", @m[1]); }",
	  1 },
	{ "tracepoint:sched:* { print(args.none); }", 1 },
	{ "begin { $t = (struct none *)1; print($t.x.y.z); }", 1 },
	{ "begin { for $kv : @none { print($kv.0.1); } }", 1 },
	{ "begin { @a = @b; @b = @a; print(@a + @b); }", 0 },
	{ "begin { @a = (@b, 1); @b = @a.0; }", 0 },
	{ "begin { @a = @b; @b = @c; @c = @d; @d = @e; @e = nsecs; }", 0 },
};

static void one_mistake_is_told_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(count_cases); i++) {
		check_on(MACHINE, count_cases[i].text);
		if (diags->errors != count_cases[i].errors)
			diags_print(diags, stderr, false, false);
		assert_int_equal(diags->errors, count_cases[i].errors);
	}
}

/* A machine with nothing on it. */
static const struct {
	const char *text;
	enum diag_tag tag;
} empty_cases[] = {
	{ "tracepoint:sched:sched_switch { print(1); }", E_NO_TRACEFS },
	{ "tracepoint:sched:* { print(1); }", E_NO_TRACEFS },
	{ "rawtracepoint:sched_switch { print(args.x); }", E_NO_BTF },
	{ "rawtracepoint:sched_* { print(1); }", E_NO_BTF },
	{ "begin { print(((struct task_struct *)nsecs).pid); }", E_NO_BTF },
};

static void an_empty_machine_says_what_is_missing(void **state)
{
	char folder[] = "/tmp/etrace-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < ARRAY_SIZE(empty_cases); i++) {
		assert_null(check_on(folder, empty_cases[i].text));
		assert_int_equal(diags->errors, 1);
		assert_int_equal(diags->first->tag, empty_cases[i].tag);
		assert_non_null(diags->first->hint);
	}
	assert_non_null(check_on(folder, "begin { print(pid); }"));
	assert_non_null(
		check_on(folder, "rawtracepoint:sched_switch { print(1); }"));
	rmdir(folder);
}

/* ---- lists ---- */

static unsigned listed;
static const char *last_listed;

static void count_probe(const char *probe, const struct record *args,
			void *data)
{
	(void)args;
	(void)data;
	listed++;
	last_listed = probe;
}

static const struct {
	const char *pattern;
	unsigned count;
	const char *last; /* NULL: nothing, and that is an error */
} list_cases[] = {
	{ "tracepoint:syscalls:sys_enter_openat", 1,
	  "tracepoint:syscalls:sys_enter_openat" },
	{ "t:syscalls:*openat", 2, "tracepoint:syscalls:sys_exit_openat" },
	{ "*:sched:sched_switch", 1, "tracepoint:sched:sched_switch" },
	{ "software", 12 - 1, "software:task-clock:" },
	{ "hardware:c*", 3, "hardware:cpu-cycles:" },
	{ "interval:hz:*", 1, "interval:hz:" },
	{ "begin", 1, "begin" },
	{ "kill", 2, "tracepoint:syscalls:sys_exit_kill" },
	{ "uprobe:/usr/bin/prog:mai*", 1, "uprobe:/usr/bin/prog:main" },
	{ "uprobe", 0, NULL },
	{ "none:*", 0, NULL },
	{ "uprobe:/none:*", 0, NULL },
};

static void probes_are_listed(void **state)
{
	struct host *host = host_open(arena, MACHINE);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list_cases); i++) {
		struct probe_query query = {
			.pattern = list_cases[i].pattern,
			.visit = count_probe,
		};
		bool good;

		diags = diags_new(arena, NULL);
		listed = 0;
		good = list_probes(arena, host, diags, &query);
		assert_int_equal(listed, list_cases[i].count);
		assert_int_equal(good, list_cases[i].last != NULL);
		if (list_cases[i].last)
			assert_string_equal(last_listed, list_cases[i].last);
		else
			assert_int_equal(diags->errors, 1);
	}
	host_close(host);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(attach_points_become_attaches),
		cmocka_unit_test(functions_are_found_in_their_file),
		cmocka_unit_test(loop_bodies_capture_what_is_outside),
		cmocka_unit_test(blocks_have_variables_of_their_own),
		cmocka_unit_test(maps_have_their_sizes),
		cmocka_unit_test(some_probes_exclude_each_other),
		cmocka_unit_test(pointers_know_their_memory),
		cmocka_unit_test(one_mistake_is_told_once),
		cmocka_unit_test(an_empty_machine_says_what_is_missing),
		cmocka_unit_test(probes_are_listed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
