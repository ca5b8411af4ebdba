/*
 * Buckets, labels and bars: pure arithmetic, exact text.
 */
#include "tests/unit/printing.h"

#include <stdlib.h>

#include "runtime/hist.h"

static struct arena *arena;

static const struct {
	uint64_t bits;
	int64_t value;
	uint64_t bucket;
} bucket_cases[] = {
	{ 0, INT64_MIN, 0 },  { 0, -1, 0 },    { 0, 0, 1 },
	{ 0, 1, 2 },          { 0, 2, 3 },     { 0, 3, 3 },
	{ 0, 4, 4 },          { 0, 1023, 11 }, { 0, 1024, 12 },
	{ 0, INT64_MAX, 64 }, { 1, 0, 1 },     { 1, 1, 2 },
	{ 1, 2, 3 },          { 1, 3, 4 },     { 1, 4, 5 },
	{ 1, 5, 5 },          { 1, 6, 6 },     { 1, 8, 7 },
	{ 2, 3, 4 },          { 2, 4, 5 },     { 2, 7, 8 },
	{ 2, 8, 9 },          { 2, 9, 9 },     { 2, 10, 10 },
	{ 5, 31, 32 },        { 5, 32, 33 },   { 5, 63, 64 },
	{ 5, 64, 65 },        { 5, 65, 65 },   { 5, 66, 66 },
};

static void values_fall_into_buckets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bucket_cases); i++) {
		const struct type *type =
			type_hist(arena, (uint32_t)bucket_cases[i].bits);

		assert_int_equal(hist_bucket(type, bucket_cases[i].value),
				 bucket_cases[i].bucket);
	}
}

/* Both ends of every bucket are in it, and its neighbours begin beside it. */
static void bounds_agree_with_buckets(void **state)
{
	(void)state;
	for (uint32_t bits = 0; bits <= 5; bits++) {
		const struct type *type = type_hist(arena, bits);
		uint32_t last = hist_bucket(type, INT64_MAX);
		int64_t next = 0;

		assert_true(last < type->count);
		assert_true(hist_bounds(type, 0).no_first);
		assert_int_equal(hist_bounds(type, 0).last, -1);
		for (uint32_t i = 1; i <= last; i++) {
			struct bucket bucket = hist_bounds(type, i);

			assert_true(bucket.first == next);
			assert_int_equal(hist_bucket(type, bucket.first), i);
			assert_int_equal(hist_bucket(type, bucket.last), i);
			next = (int64_t)((uint64_t)bucket.last + 1);
		}
		assert_true(hist_bounds(type, last).last == INT64_MAX);
	}
}

static const struct {
	uint32_t bits, index;
	const char *label;
} label_cases[] = {
	{ 0, 0, "(..., 0)" },    { 0, 1, "[0]" },
	{ 0, 2, "[1]" },         { 0, 3, "[2, 4)" },
	{ 0, 4, "[4, 8)" },      { 0, 11, "[512, 1K)" },
	{ 0, 12, "[1K, 2K)" },   { 0, 22, "[1M, 2M)" },
	{ 0, 32, "[1G, 2G)" },   { 0, 42, "[1T, 2T)" },
	{ 0, 52, "[1P, 2P)" },   { 0, 62, "[1E, 2E)" },
	{ 0, 64, "[4E, 8E)" },   { 2, 5, "[4]" },
	{ 2, 9, "[8, 10)" },     { 1, 21, "[1K, 1536)" },
	{ 1, 22, "[1536, 2K)" }, { 1, 23, "[2K, 3K)" },
};

static void labels_have_units(void **state)
{
	char label[HIST_LABEL_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(label_cases); i++) {
		hist_label(type_hist(arena, label_cases[i].bits),
			   label_cases[i].index, label);
		assert_string_equal(label, label_cases[i].label);
	}
}

static const struct {
	int64_t minimum, maximum, step, value;
	const char *label;
} linear_cases[] = {
	{ 0, 10, 2, -1, "(..., 0)" },
	{ 0, 10, 2, 0, "[0, 2)" },
	{ 0, 10, 2, 9, "[8, 10)" },
	{ 0, 10, 2, 10, "[10, ...)" },
	{ 0, 10, 2, INT64_MAX, "[10, ...)" },
	{ 0, 10, 1, 3, "[3, 4)" },
	{ 0, 10, 3, 9, "[9, 10)" }, /* the last is shorter */
	{ 0, 10, 3, 10, "[10, ...)" },
	{ 5, 10, 5, INT64_MIN, "(..., 5)" },
	{ -10, 10, 5, -7, "[-10, -5)" },
	{ -10, 10, 5, -11, "(..., -10)" },
	{ 0, 10240, 1024, 1500, "[1K, 2K)" },
	{ 0, 10240, 1024, 20000, "[10K, ...)" },
	{ 0, 3000, 1000, 1500, "[1000, 2000)" },
	{ INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN,
	  "[-9223372036854775808, -1)" },
};

static void linear_labels(void **state)
{
	char label[HIST_LABEL_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(linear_cases); i++) {
		const struct type *type = type_lhist(
			arena, linear_cases[i].minimum, linear_cases[i].maximum,
			linear_cases[i].step);

		hist_label(type, hist_bucket(type, linear_cases[i].value),
			   label);
		assert_string_equal(label, linear_cases[i].label);
	}
}

static void lines_and_bars(void **state)
{
	uint64_t counts[512] = { [0] = 1, [3] = 2, [4] = 1 };
	struct output output;

	(void)state;
	output_memory(&output);
	hist_print(&output, type_hist(arena, 0), counts);
	assert_string_equal(
		taken(&output),
		"(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@          "
		"                |\n"
		"[0]                    0 |                                    "
		"                |\n"
		"[1]                    0 |                                    "
		"                |\n"
		"[2, 4)                 2 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[4, 8)                 1 |@@@@@@@@@@@@@@@@@@@@@@@@@@          "
		"                |\n");
	counts[0] = 0;
	counts[3] = UINT64_MAX;
	counts[4] = 0;
	hist_print(&output, type_hist(arena, 0), counts);
	assert_string_equal(
		taken(&output),
		"[2, 4)          18446744073709551615 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
	counts[3] = 0;
	hist_print(&output, type_hist(arena, 0), counts);
	assert_string_equal(taken(&output), "");
	output_close(&output);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_fall_into_buckets),
		cmocka_unit_test(bounds_agree_with_buckets),
		cmocka_unit_test(labels_have_units),
		cmocka_unit_test(linear_labels),
		cmocka_unit_test(lines_and_bars),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
