/*
 * The tables of the language: rows are found, names are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parser/tables.h"

static void rows_know_their_place(void **state)
{
	(void)state;
	for (int i = 0; i < BUILTIN_COUNT; i++) {
		assert_int_equal(builtin_row(i)->id, i);
		assert_ptr_equal(builtin_find(builtin_row(i)->name),
				 builtin_row(i));
	}
	for (int i = 0; i < FUNCTION_COUNT; i++) {
		assert_int_equal(function_row(i)->id, i);
		assert_ptr_equal(function_find(function_row(i)->name),
				 function_row(i));
	}
	for (int i = 0; i < PROVIDER_COUNT; i++) {
		assert_int_equal(provider_row(i)->id, i);
		assert_ptr_equal(provider_find(provider_row(i)->name),
				 provider_row(i));
	}
}

static const struct {
	const char *name;
	enum provider id; /* PROVIDER_COUNT: none */
} provider_cases[] = {
	{ "tracepoint", PROVIDER_tracepoint },
	{ "TracePoint", PROVIDER_tracepoint },
	{ "t", PROVIDER_tracepoint },
	{ "rt", PROVIDER_rawtracepoint },
	{ "BEGIN", PROVIDER_begin },
	{ "begin", PROVIDER_begin },
	{ "kfunc", PROVIDER_fentry },
	{ "kretfunc", PROVIDER_fexit },
	{ "u", PROVIDER_uprobe },
	{ "U", PROVIDER_usdt },
	{ "ur", PROVIDER_uretprobe },
	{ "", PROVIDER_COUNT },
	{ "trace", PROVIDER_COUNT },
};

static void providers_have_several_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(provider_cases); i++) {
		const struct provider_row *row =
			provider_find(provider_cases[i].name);

		assert_int_equal(row ? row->id : PROVIDER_COUNT,
				 provider_cases[i].id);
	}
}

static const struct {
	const char *written;
	const char *candidates[4];
	const char *best;
} nearest_cases[] = {
	{ "nsec", { "nsecs", "rand" }, "nsecs" },
	{ "retval", { "revtal", "pid" }, "revtal" },
	{ "sys_enter_opan",
	  { "sys_enter_openat", "sys_enter_open" },
	  "sys_enter_open" },
	{ "cuont", { "count", "cat" }, "count" },
	{ "ab", { "cd", "xy" }, NULL },
	{ "x", { "y" }, NULL },
	{ "filename", { "flags", "mode" }, NULL },
	{ "", { "a" }, NULL },
};

static void the_nearest_name_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nearest_cases); i++) {
		struct nearest nearest;

		nearest_begin(&nearest, nearest_cases[i].written);
		for (size_t j = 0; nearest_cases[i].candidates[j]; j++)
			nearest_consider(&nearest,
					 nearest_cases[i].candidates[j]);
		if (nearest_cases[i].best)
			assert_string_equal(nearest_result(&nearest),
					    nearest_cases[i].best);
		else
			assert_null(nearest_result(&nearest));
	}
}

static const struct {
	const char *pattern;
	const char *text;
	bool matches;
} glob_cases[] = {
	{ "", "", true },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "sys_*", "sys_enter", true },
	{ "sys_*", "xsys_enter", false },
	{ "*open*", "sys_enter_openat", true },
	{ "*a*b*c", "xxaxxbxxc", true },
	{ "*a*b*c", "xxaxxbxxcd", false },
	{ "a*a", "a", false },
	{ "a?c", "abc", false },
	{ "a?c", "a?c", true },
	{ "**x**", "x", true },
	{ "abc", "abcd", false },
	{ "*aaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false },
};

static void stars_match_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(glob_cases); i++)
		assert_int_equal(
			glob_match(glob_cases[i].pattern, glob_cases[i].text),
			glob_cases[i].matches);
	assert_true(has_wildcard("a*"));
	assert_false(has_wildcard("a?[b]"));
}

static void signals_have_names(void **state)
{
	(void)state;
	assert_int_equal(signal_number("SIGKILL"), 9);
	assert_int_equal(signal_number("KILL"), 9);
	assert_int_equal(signal_number("IGKILL"), 0);
	assert_int_equal(signal_number(""), 0);
	assert_string_equal(signal_text(15), "SIGTERM");
	assert_null(signal_text(0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_know_their_place),
		cmocka_unit_test(providers_have_several_names),
		cmocka_unit_test(the_nearest_name_is_found),
		cmocka_unit_test(stars_match_runs),
		cmocka_unit_test(signals_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
