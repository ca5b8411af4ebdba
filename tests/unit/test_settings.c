/*
 * Settings: defaults, environment, config block, and who wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/parser.h"
#include "parser/settings.h"

static struct arena *arena;
static struct diags *diags;

static void read_config(struct settings *settings, const char *text)
{
	struct source *source =
		source_from_text(arena, "test", text, strlen(text));
	struct program *program;

	diags = diags_new(arena, source);
	program = parse_program(arena, source, diags);
	settings_config(settings, program, diags);
}

static void defaults_are_those_of_the_table(void **state)
{
	struct settings settings;

	(void)state;
	settings_defaults(&settings);
	assert_int_equal(settings.max_strlen, 1024);
	assert_int_equal(settings.print_maps_on_exit, 1);
	assert_int_equal(settings.missing_probes, MISSING_ERROR);
	assert_string_equal(settings.license, "GPL");
	assert_string_equal(settings.str_trunc_trailer, "..");
}

static void a_config_block_is_applied(void **state)
{
	struct settings settings;

	(void)state;
	settings_defaults(&settings);
	read_config(&settings,
		    "config = { max_strlen = 64; MAX_MAP_KEYS = 10;"
		    " BPFTRACE_missing_probes = \"warn\"; stack_mode = perf;"
		    " print_maps_on_exit = false; str_trunc_trailer = \"~\";"
		    " license = \"Dual BSD/GPL\"; lazy_symbolication = true }"
		    " begin { }");
	assert_int_equal(diags->errors, 0);
	assert_int_equal(settings.max_strlen, 64);
	assert_int_equal(settings.max_map_keys, 10);
	assert_int_equal(settings.missing_probes, MISSING_WARN);
	assert_int_equal(settings.stack_mode, STACK_MODE_PERF);
	assert_int_equal(settings.print_maps_on_exit, 0);
	assert_string_equal(settings.str_trunc_trailer, "~");
	assert_string_equal(settings.license, "Dual BSD/GPL");
}

static const struct {
	const char *entry;
	enum diag_tag tag;
} wrong_entries[] = {
	{ "max_strlen = 0", E_RANGE },
	{ "max_strlen = 65537", E_RANGE },
	{ "max_strlen = \"x\"", E_TYPE },
	{ "max_strlen = true", E_TYPE },
	{ "max_strln = 5", E_UNKNOWN_CONFIG },
	{ "strlen = 5", E_UNKNOWN_CONFIG },
	{ "missing_probes = maybe", E_TYPE },
	{ "missing_probes = 1", E_TYPE },
	{ "print_maps_on_exit = 2", E_TYPE },
	{ "license = \"MIT\"", E_TYPE },
	{ "str_trunc_trailer = 5", E_TYPE },
	{ "str_trunc_trailer = \"0123456789abcdef\"", E_RANGE },
	{ "max_strlen = 5; max_strlen = 6", E_REDECLARED },
};

static void wrong_entries_are_reported(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_entries); i++) {
		struct settings settings;

		settings_defaults(&settings);
		read_config(&settings,
			    arena_printf(arena, "config = { %s } begin { }",
					 wrong_entries[i].entry));
		assert_int_equal(diags->errors, 1);
		assert_int_equal(diags->first->tag, wrong_entries[i].tag);
	}
}

static void the_environment_wins(void **state)
{
	struct settings settings;

	(void)state;
	setenv("BPFTRACE_MAX_STRLEN", "128", 1);
	setenv("BPFTRACE_MAX_MAP_KEYS", "7", 1);
	setenv("ETRACE_MAX_MAP_KEYS", "9", 1);
	settings_defaults(&settings);
	diags = diags_new(arena, NULL);
	assert_true(settings_environment(&settings, diags));
	read_config(&settings, "config = { max_strlen = 64 } begin { }");
	assert_int_equal(settings.max_strlen, 128);
	assert_int_equal(settings.max_map_keys, 9);
	unsetenv("BPFTRACE_MAX_STRLEN");
	unsetenv("BPFTRACE_MAX_MAP_KEYS");
	unsetenv("ETRACE_MAX_MAP_KEYS");
}

static void a_wrong_environment_is_reported(void **state)
{
	static const char *const values[] = { "", "abc", "-5", "99999999" };
	struct settings settings;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		setenv("ETRACE_MAX_STRLEN", values[i], 1);
		settings_defaults(&settings);
		diags = diags_new(arena, NULL);
		assert_false(settings_environment(&settings, diags));
		assert_int_equal(diags->errors, 1);
		assert_non_null(
			strstr(diags->first->message, "ETRACE_MAX_STRLEN"));
	}
	unsetenv("ETRACE_MAX_STRLEN");
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
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(a_config_block_is_applied),
		cmocka_unit_test(wrong_entries_are_reported),
		cmocka_unit_test(the_environment_wins),
		cmocka_unit_test(a_wrong_environment_is_reported),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
