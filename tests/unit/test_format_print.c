/*
 * printf of the language: integers against the C library's printf, everything
 * else against exact text.
 */
#include "tests/unit/printing.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/format_print.h"

static struct arena *arena;
static struct diags *diags;
static struct image image;
static struct names *names;
static struct output output;

static struct render render_as(enum foreign_text foreign)
{
	return (struct render){ .output = &output,
				.names = names,
				.foreign = foreign,
				.stack_indent = STACK_INDENT_VALUE };
}

static const struct format *parse(const char *text)
{
	const struct format *format = format_parse(
		arena, text, strlen(text), (struct span){ 0, 0 }, diags);

	assert_non_null(format);
	return format;
}

static const char *print_record(const char *text,
				const struct type *const *types, uint32_t count,
				const struct record_builder *record)
{
	struct format_plan *plan = format_plan_new(parse(text), types, count);
	struct render render = render_as(FOREIGN_ESCAPED);
	struct record_view view = record_view(record);

	assert_non_null(plan);
	format_print(&render, plan, &view);
	format_plan_free(plan);
	return taken(&output);
}

static const char *print_integer(const char *text, const struct type *type,
				 uint64_t value)
{
	struct record_builder record;

	record_begin(&record, 0, 1, false);
	record_scalar(&record, value);
	return print_record(text, &type, 1, &record);
}

/* ---- integers ---- */

static const int64_t grid_values[] = {
	0,         1,         -1, 7, 8, 42, -42, 255, 65535, 1234567890123,
	INT64_MAX, INT64_MIN,
};

/* One conversion with every value, as C prints a long long. */
static void compare_with_libc(const char *flags, const char *size,
			      char conversion)
{
	char ours[64], theirs[64], expected[256];

	for (size_t i = 0; i < ARRAY_SIZE(grid_values); i++) {
		snprintf(ours, sizeof(ours), "%%%s%s%c", flags, size,
			 conversion);
		snprintf(theirs, sizeof(theirs), "%%%s%sll%c", flags, size,
			 conversion);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(expected, sizeof(expected), theirs, grid_values[i]);
#pragma GCC diagnostic pop
		assert_string_equal(print_integer(ours, &type_int64,
						  (uint64_t)grid_values[i]),
				    expected);
	}
}

static void integers_as_libc(void **state)
{
	static const char *const sizes[] = {
		"",    "1",   "5",     "25",  ".0",   ".1",  ".5",
		".25", "5.3", "25.22", "3.5", "10.0", "10.",
	};
	static const char flags[] = "-+ #0";
	char chosen[8];

	(void)state;
	for (unsigned mask = 0; mask < 32; mask++) {
		size_t length = 0;

		for (size_t i = 0; i < 5; i++) {
			if (mask & 1u << i)
				chosen[length++] = flags[i];
		}
		chosen[length] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			for (const char *c = "dioxXu"; *c; c++)
				compare_with_libc(chosen, sizes[i], *c);
		}
	}
}

static const struct {
	const char *format;
	const struct type *type;
	uint64_t value;
	const char *text;
} integer_cases[] = {
	{ "%d", &type_int64, (uint64_t)-1234567890123, "-1234567890123" },
	{ "%u", &type_uint64, UINT64_MAX, "18446744073709551615" },
	{ "%ld %%", &type_int64, 5, "5 %" },
	{ "%lld", &type_int64, 1ull << 40, "1099511627776" },
	{ "%zu", &type_uint64, 1ull << 40, "1099511627776" },
	{ "%hhd", &type_int64, 0x1ff, "-1" },
	{ "%hhu", &type_int64, 0x1ff, "255" },
	{ "%hhx", &type_int64, (uint64_t)-2, "fe" },
	{ "%hd", &type_int64, 0x18000, "-32768" },
	{ "%hx", &type_int64, 0x12345, "2345" },
	/* an int printed unsigned has 32 bits, as in C */
	{ "%u", &type_int32, (uint64_t)-1, "4294967295" },
	{ "%x", &type_int32, (uint64_t)-1, "ffffffff" },
	{ "%x", &type_int8, (uint64_t)-1, "ffffffff" },
	{ "%x", &type_int64, (uint64_t)-1, "ffffffffffffffff" },
	{ "%d", &type_int32, (uint64_t)-1, "-1" },
	{ "%d", &type_uint32, 4294967295, "4294967295" },
	{ "%d", &type_bool, 1, "1" },
	{ "%s", &type_bool, 1, "true" },
	{ "%c%%", &type_int64, 'A', "A%" },
	{ "%3c|", &type_int64, 'A', "  A|" },
	{ "%-3c|", &type_int64, 'A', "A  |" },
	{ "%c", &type_int64, 0x100 + 'B', "B" },
	{ "%c", &type_int64, 27, "\\x1b" },
	{ "%c", &type_int64, 0, "\\x00" },
	{ "%-6c|", &type_int64, 0, "\\x00     |" },
	{ "%p", &type_uint64, 0xffff888000001000, "0xffff888000001000" },
	{ "%p", &type_uint64, 0, "0x0" },
	{ "%20p|", &type_uint64, 0xabc, "               0xabc|" },
	{ "%-8p|", &type_uint64, 0xabc, "0xabc   |" },
	{ "%s", &type_int64, (uint64_t)-5, "-5" },
	{ "%5s|", &type_int64, 42, "   42|" },
	{ "%s", &type_uint64, UINT64_MAX, "18446744073709551615" },
	{ "\xff\033%d", &type_int64, 1, "\xff\0331" }, /* the user's own text */
};

static void integers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(integer_cases); i++)
		assert_string_equal(print_integer(integer_cases[i].format,
						  integer_cases[i].type,
						  integer_cases[i].value),
				    integer_cases[i].text);
}

static const struct {
	const char *format;
	int64_t width, precision;
	const char *text;
} star_cases[] = {
	{ "%*d|", 5, 0, "   42|" },     { "%*d|", -5, 0, "42   |" },
	{ "%-*d|", 5, 0, "42   |" },    { "%0*d|", 5, 0, "00042|" },
	{ "%*.*d|", 6, 4, "  0042|" },  { "%*.*d|", 6, -1, "    42|" },
	{ "%*.*d|", -6, 4, "0042  |" }, { "%0*.*d|", 6, -1, "000042|" },
	{ "%0*.*d|", 6, 3, "   042|" },
};

static void widths_from_values(void **state)
{
	static const struct type *types[] = { &type_int64, &type_int64,
					      &type_int64 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(star_cases); i++) {
		bool has_both = strstr(star_cases[i].format, ".*") != NULL;
		struct record_builder record;

		record_begin(&record, 0, 3, false);
		record_scalar(&record, (uint64_t)star_cases[i].width);
		if (has_both)
			record_scalar(&record,
				      (uint64_t)star_cases[i].precision);
		record_scalar(&record, 42);
		assert_string_equal(
			print_record(star_cases[i].format, types, 3, &record),
			star_cases[i].text);
	}
}

/* A width a traced program chose must not fill the memory. */
static void widths_have_a_limit(void **state)
{
	static const int64_t widths[] = { INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	static const struct type *types[] = { &type_int64, &type_int64 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct record_builder record;

		record_begin(&record, 0, 2, false);
		record_scalar(&record, (uint64_t)widths[i]);
		record_scalar(&record, 1);
		assert_int_equal(strlen(print_record("%*d", types, 2, &record)),
				 65536);
		assert_int_equal(strlen(print_record("%*s", types, 2, &record)),
				 65536);
		assert_int_equal(strlen(print_record("%*c", types, 2, &record)),
				 65536);
	}
}

/* ---- strings and bytes ---- */

static const struct {
	const char *format;
	const char *bytes;
	size_t length;
	const char *text;
} string_cases[] = {
	{ "%s", "hello", 5, "hello" },
	{ "%s", "hello\0\0\0", 8, "hello" },
	{ "%s", "", 1, "" },
	{ "%s", "", 0, "<fault>" }, /* memory that could not be read */
	{ "%9s|", "", 0, "  <fault>|" },
	{ "<%s>\n", "x", 2, "<x>\n" },
	{ "%10s|", "right", 6, "     right|" },
	{ "%-10s|", "left", 5, "left      |" },
	{ "%.3s|", "cut off", 8, "cut|" },
	{ "%.0s|", "gone", 5, "|" },
	{ "%6.2s|", "cut", 4, "    cu|" },
	{ "%-6.2s|", "cut", 4, "cu    |" },
	{ "%.10s|", "short", 6, "short|" },
	{ "%2s|", "longer", 7, "longer|" },
	{ "%s", "a\033[31mb", 8, "a\\x1b[31mb" },
	{ "%8s|", "a\033", 3, "   a\\x1b|" },
	{ "%.1s|", "\033[", 3, "\\x1b|" },
	{ "%s", "new\nline", 9, "new\\x0aline" },
	{ "%s", "caf\xc3\xa9", 6, "caf\xc3\xa9" },
};

static void strings(void **state)
{
	const struct type *type = type_string(arena, 64);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(string_cases); i++) {
		struct record_builder record;

		record_begin(&record, 0, 1, false);
		record_bytes(&record, string_cases[i].bytes,
			     string_cases[i].length);
		assert_string_equal(
			print_record(string_cases[i].format, &type, 1, &record),
			string_cases[i].text);
	}
}

static const struct {
	const char *format, *text;
} buffer_cases[] = {
	{ "%r", "\\x00ab\\xff" },        { "%rx", "\\x00\\x61\\x62\\xff" },
	{ "%rh", "00 61 62 ff" },        { "%s", "\\x00ab\\xff" },
	{ "%14rh|", "   00 61 62 ff|" }, { "%-14rh|", "00 61 62 ff   |" },
};

static void buffers(void **state)
{
	const struct type *type = type_buffer(arena, 64);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(buffer_cases); i++) {
		struct record_builder record;

		record_begin(&record, 0, 1, false);
		record_bytes(&record, "\0ab\xff", 4);
		assert_string_equal(
			print_record(buffer_cases[i].format, &type, 1, &record),
			buffer_cases[i].text);
	}
}

static void several_values_in_order(void **state)
{
	const struct type *types[] = { &type_uint32, type_string(arena, 16),
				       &type_int64, type_string(arena, 64) };
	struct record_builder record;

	(void)state;
	record_begin(&record, 0, 4, true);
	record_scalar(&record, 123);
	record_bytes(&record, "bash\0\0\0\0\0\0\0\0\0\0\0", 16);
	record_scalar(&record, (uint64_t)-2);
	record_bytes(&record, "/etc/passwd", 12);
	assert_string_equal(
		print_record("%-7d %-16s %4d %s\n", types, 4, &record),
		"123     bash               -2 /etc/passwd\n");
	assert_string_equal(print_record("no values, %%d", NULL, 0, &record),
			    "no values, %d");
}

/* A probe that reads an aggregate sends the integer it stands for. */
static void aggregates_are_integers(void **state)
{
	const struct type *types[] = { &type_count,
				       type_aggregate(arena, TYPE_AVG, true) };
	struct record_builder record;

	(void)state;
	record_begin(&record, 0, 2, false);
	record_scalar(&record, 9);
	record_scalar(&record, (uint64_t)-3);
	assert_string_equal(print_record("%d %s", types, 2, &record), "9 -3");
}

static void plans_need_enough_values(void **state)
{
	static const struct type *types[] = { &type_int64, &type_int64 };

	(void)state;
	assert_null(format_plan_new(parse("%d %d %d"), types, 2));
	assert_null(format_plan_new(parse("%d %*d"), types, 2));
	assert_null(format_plan_new(parse("%d"), types, 0));
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	diags = diags_new(arena, NULL);
	image.settings.max_strlen = 1024;
	image.settings.str_trunc_trailer = "..";
	names = names_new(&image, "");
	output_memory(&output);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	output_close(&output);
	names_free(names);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_as_libc),
		cmocka_unit_test(integers),
		cmocka_unit_test(widths_from_values),
		cmocka_unit_test(widths_have_a_limit),
		cmocka_unit_test(strings),
		cmocka_unit_test(buffers),
		cmocka_unit_test(several_values_in_order),
		cmocka_unit_test(aggregates_are_integers),
		cmocka_unit_test(plans_need_enough_values),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
