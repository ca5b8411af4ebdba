/*
 * Merging, ordering and cutting maps, on bytes; and, where the kernel lets us,
 * reading, clearing and zeroing real ones.
 */
#include "tests/unit/printing.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/map_read.h"
#include "runtime/snapshot.h"
#include "runtime/value.h"

static struct arena *arena;

/* ---- merging ---- */

static const struct {
	enum type_kind kind;
	bool is_signed;
	int64_t cpus[3][2];
	int64_t merged[2];
} merge_cases[] = {
	{ TYPE_SUM, true, { { -5 }, { 2 }, { 1 } }, { -2 } },
	{ TYPE_AVG, false, { { 6, 2 }, { 0, 0 }, { 4, 1 } }, { 10, 3 } },
	{ TYPE_STATS, true, { { -6, 2 }, { 0, 0 }, { 4, 1 } }, { -2, 3 } },
	{ TYPE_MIN, true, { { 0, 0 }, { 5, 1 }, { -7, 1 } }, { -7, 1 } },
	{ TYPE_MIN, false, { { 0, 0 }, { 5, 1 }, { -7, 1 } }, { 5, 1 } },
	{ TYPE_MIN, false, { { 0, 0 }, { 5, 1 }, { 0, 0 } }, { 5, 1 } },
	{ TYPE_MAX, true, { { 0, 0 }, { -5, 1 }, { -7, 1 } }, { -5, 1 } },
	{ TYPE_MAX, false, { { 9, 0 }, { 5, 1 }, { 3, 1 } }, { 5, 1 } },
	{ TYPE_MAX, true, { { 0, 0 }, { 0, 0 }, { 0, 0 } }, { 0, 0 } },
};

static void cpus_are_merged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(merge_cases); i++) {
		struct image_map map = { .name = "@" };
		struct snapshot snapshot;
		uint32_t key = 0;
		int64_t packed[3][2] = { 0 };
		size_t stride;

		map.value = type_aggregate(arena, merge_cases[i].kind,
					   merge_cases[i].is_signed);
		stride = map.value->size;
		for (size_t cpu = 0; cpu < 3; cpu++)
			memcpy((char *)packed + cpu * stride,
			       merge_cases[i].cpus[cpu], stride);
		snapshot_init(&snapshot, &map, 4);
		assert_true(snapshot_add(&snapshot, &key, packed, stride, 3));
		assert_memory_equal(snapshot_value(&snapshot, 0),
				    merge_cases[i].merged, stride);
		snapshot_free(&snapshot);
	}
}

static void histograms_and_integers_add_up(void **state)
{
	struct image_map map = { .name = "@",
				 .value = type_lhist(arena, 0, 2, 1) };
	uint64_t counts[2][4] = { { 1, 2, 0, 4 }, { 10, 0, 0, 1 } };
	uint64_t small[2] = { 0xfffe, 5 }; /* int16 -2, in strides of 8 */
	uint64_t sums[4] = { 11, 2, 0, 5 };
	struct snapshot snapshot;
	uint32_t key = 0;

	(void)state;
	snapshot_init(&snapshot, &map, 4);
	snapshot_add(&snapshot, &key, counts, 32, 2);
	assert_memory_equal(snapshot_value(&snapshot, 0), sums, 32);
	snapshot_free(&snapshot);

	map.value = &type_int16;
	snapshot_init(&snapshot, &map, 4);
	snapshot_add(&snapshot, &key, small, 8, 2);
	assert_true(integer_load(snapshot_value(&snapshot, 0), 2, true) == 3);
	snapshot_free(&snapshot);

	map.value = type_string(arena, 8);
	snapshot_init(&snapshot, &map, 4);
	snapshot_add(&snapshot, &key, "\0\0\0\0\0\0\0\0word\0\0\0\0", 8, 2);
	assert_string_equal((const char *)snapshot_value(&snapshot, 0), "word");
	snapshot_free(&snapshot);
}

/* ---- ordering ---- */

/* Keys 0, 1, 2, 3 with these values come in this order. */
static const struct {
	enum type_kind kind;
	bool is_signed;
	int64_t values[4][2];
	int order[4];
} order_cases[] = {
	{ TYPE_INT, true, { { 3 }, { -1 }, { 2 }, { 2 } }, { 1, 2, 3, 0 } },
	{ TYPE_INT, false, { { 3 }, { -1 }, { 2 }, { 2 } }, { 2, 3, 0, 1 } },
	{ TYPE_COUNT, false, { { 9 }, { 9 }, { 1 }, { 0 } }, { 3, 2, 0, 1 } },
	{ TYPE_SUM, true, { { 1 }, { -9 }, { 5 }, { 0 } }, { 1, 3, 0, 2 } },
	{ TYPE_MIN,
	  true,
	  { { 1, 1 }, { -9, 1 }, { 5, 1 }, { 0, 1 } },
	  { 1, 3, 0, 2 } },
	{ TYPE_MAX,
	  false,
	  { { 1, 1 }, { -9, 1 }, { 5, 1 }, { 0, 1 } },
	  { 3, 0, 2, 1 } },
	{ TYPE_AVG,
	  true,
	  { { 10, 1 }, { 99, 50 }, { -4, 2 }, { 20, 2 } },
	  { 2, 1, 0, 3 } },
	{ TYPE_STATS,
	  false,
	  { { 10, 1 }, { 99, 50 }, { 4, 2 }, { 20, 2 } },
	  { 1, 2, 0, 3 } },
};

static const struct type *case_type(enum type_kind kind, bool is_signed)
{
	if (kind == TYPE_INT)
		return type_int(8, is_signed);
	if (kind == TYPE_COUNT)
		return &type_count;
	return type_aggregate(arena, kind, is_signed);
}

static void values_are_ordered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order_cases); i++) {
		struct image_map map = { .name = "@", .key = &type_int32 };
		struct snapshot snapshot;

		map.value = case_type(order_cases[i].kind,
				      order_cases[i].is_signed);
		snapshot_init(&snapshot, &map, 4);
		for (int32_t key = 3; key >= 0; key--)
			snapshot_add(&snapshot, &key,
				     order_cases[i].values[key], 16, 1);
		assert_true(snapshot_sort(&snapshot));
		for (size_t at = 0; at < 4; at++) {
			int32_t key;

			memcpy(&key, snapshot_key(&snapshot, at), 4);
			assert_int_equal(key, order_cases[i].order[at]);
		}
		snapshot_free(&snapshot);
	}
}

static void histograms_by_total(void **state)
{
	struct image_map map = { .name = "@",
				 .key = &type_int32,
				 .value = type_lhist(arena, 0, 2, 1) };
	static const uint64_t counts[3][4] = { { 0, 9 },
					       { 1, 1, 1, 1 },
					       { 5 } };
	struct snapshot snapshot;

	(void)state;
	snapshot_init(&snapshot, &map, 4);
	for (int32_t key = 0; key < 3; key++)
		snapshot_add(&snapshot, &key, counts[key], 32, 1);
	assert_true(snapshot_sort(&snapshot));
	assert_int_equal(snapshot_key(&snapshot, 0)[0], 1);
	assert_int_equal(snapshot_key(&snapshot, 1)[0], 2);
	assert_int_equal(snapshot_key(&snapshot, 2)[0], 0);
	snapshot_free(&snapshot);
}

static void keys_are_ordered(void **state)
{
	const struct type *string = type_string(arena, 4);
	const struct type *buffer = type_buffer(arena, 4);
	const struct type *items[] = { string, &type_int32 };
	const struct type *tuple = type_tuple(arena, items, 2);
	int64_t minus = -1, one = 1;

	(void)state;
	assert_true(key_compare(&type_int64, (void *)&minus, (void *)&one) < 0);
	assert_true(key_compare(&type_uint64, (void *)&minus, (void *)&one) >
		    0);
	assert_true(key_compare(string, (void *)"ab\0x", (void *)"ab\0y") == 0);
	assert_true(key_compare(string, (void *)"a\0\0", (void *)"ab\0") < 0);
	assert_true(key_compare(string, (void *)"\xff\0\0", (void *)"a\0\0") >
		    0);
	assert_true(key_compare(tuple, (void *)"ab\0\0\2\0\0\0",
				(void *)"ab\0\0\1\0\0\0") > 0);
	assert_true(key_compare(tuple, (void *)"aa\0\0\2\0\0\0",
				(void *)"ab\0\0\1\0\0\0") < 0);
	assert_true(key_compare(buffer, (void *)"\1\0\0\0a\0\0\0",
				(void *)"\2\0\0\0a\0\0\0") < 0);
}

static void values_without_order_go_by_key(void **state)
{
	struct image_map map = { .name = "@",
				 .key = &type_int32,
				 .value = type_string(arena, 4) };
	struct snapshot snapshot;

	(void)state;
	snapshot_init(&snapshot, &map, 4);
	for (int32_t key = 4; key >= -4; key--)
		snapshot_add(&snapshot, &key, "abc", 4, 1);
	assert_true(snapshot_sort(&snapshot));
	for (size_t i = 0; i < 9; i++) {
		int32_t key;

		memcpy(&key, snapshot_key(&snapshot, i), 4);
		assert_int_equal(key, (int32_t)i - 4);
	}
	snapshot_free(&snapshot);
}

static void the_largest_and_divided(void **state)
{
	struct image_map map = { .name = "@",
				 .key = &type_int32,
				 .value = &type_int64 };
	struct snapshot snapshot;

	(void)state;
	snapshot_init(&snapshot, &map, 4);
	for (int32_t key = 0; key < 100; key++) {
		int64_t value = -1000 * (int64_t)key;

		snapshot_add(&snapshot, &key, &value, 8, 1);
	}
	assert_true(snapshot_sort(&snapshot));
	snapshot_top(&snapshot, 3);
	snapshot_divide(&snapshot, -1000);
	assert_int_equal(snapshot_shown(&snapshot), 3);
	assert_int_equal(snapshot_key(&snapshot, 0)[0], 2);
	assert_int_equal(snapshot_value(&snapshot, 0)[0], 2);
	assert_int_equal(snapshot_key(&snapshot, 2)[0], 0);
	snapshot_top(&snapshot, 1000);
	assert_int_equal(snapshot_shown(&snapshot), 100);
	snapshot_top(&snapshot, 0);
	assert_int_equal(snapshot_shown(&snapshot), 100);
	snapshot_free(&snapshot);
}

static void division_has_no_traps(void **state)
{
	(void)state;
	assert_true(integer_divide(10, 0, true) == 0);
	assert_true(integer_divide((uint64_t)INT64_MIN, (uint64_t)-1, true) ==
		    (uint64_t)INT64_MIN);
	assert_true(integer_divide((uint64_t)-7, 2, true) == (uint64_t)-3);
	assert_true(integer_divide((uint64_t)-7, 2, false) == INT64_MAX - 3);
}

/* ---- maps of the kernel ---- */

static const struct {
	enum bpf_map_type type;
	bool is_percpu;
} kernel_cases[] = {
	{ BPF_MAP_TYPE_HASH, false },
	{ BPF_MAP_TYPE_LRU_HASH, false },
	{ BPF_MAP_TYPE_PERCPU_HASH, true },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, true },
};

static void fill(int fd, uint32_t keys, unsigned cpus)
{
	uint64_t *values = calloc(cpus, sizeof(*values));

	for (uint32_t key = 0; key < keys; key++) {
		for (unsigned cpu = 0; cpu < cpus; cpu++)
			values[cpu] = key + cpu;
		assert_int_equal(bpf_map_update_elem(fd, &key, values, BPF_ANY),
				 0);
	}
	free(values);
}

static size_t count_entries(int fd, const struct image_map *map, uint64_t *sum)
{
	struct snapshot snapshot;
	size_t count;

	assert_true(map_read(fd, map, &snapshot));
	count = snapshot_shown(&snapshot);
	*sum = 0;
	for (size_t i = 0; i < count; i++)
		*sum += integer_load(snapshot_value(&snapshot, i), 8, false);
	snapshot_free(&snapshot);
	return count;
}

static void read_clear_and_zero(void **state)
{
	const uint32_t keys = 20000;
	unsigned cpus = (unsigned)libbpf_num_possible_cpus();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernel_cases); i++) {
		struct image_map map = { .name = "@",
					 .key = &type_uint32,
					 .value = &type_count };
		unsigned values = kernel_cases[i].is_percpu ? cpus : 1;
		uint64_t sum, expected;
		int fd = bpf_map_create(kernel_cases[i].type, "test", 4, 8,
					2 * keys, NULL);

		if (fd < 0)
			skip();
		fill(fd, keys, values);
		expected = (uint64_t)keys * (keys - 1) / 2 * values +
			   (uint64_t)keys * values * (values - 1) / 2;
		assert_int_equal(count_entries(fd, &map, &sum), keys);
		assert_true(sum == expected);
		assert_true(map_zero(fd, &map));
		assert_int_equal(count_entries(fd, &map, &sum), keys);
		assert_true(sum == 0);
		assert_true(map_clear(fd, &map));
		assert_int_equal(count_entries(fd, &map, &sum), 0);
		assert_true(map_clear(fd, &map));
		close(fd);
	}
}

static void maps_without_a_key(void **state)
{
	struct image_map map = { .name = "@", .value = &type_count };
	enum bpf_map_type types[] = { BPF_MAP_TYPE_ARRAY,
				      BPF_MAP_TYPE_PERCPU_ARRAY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		uint64_t values[1024] = { 41, 1 };
		uint64_t sum;
		uint32_t key = 0;
		int fd = bpf_map_create(types[i], "test", 4, 8, 1, NULL);

		if (fd < 0 || libbpf_num_possible_cpus() > 1024)
			skip();
		bpf_map_update_elem(fd, &key, values, BPF_ANY);
		assert_int_equal(count_entries(fd, &map, &sum), 1);
		assert_true(
			sum == 41 ||
			(types[i] == BPF_MAP_TYPE_PERCPU_ARRAY && sum == 42));
		assert_true(map_clear(fd, &map));
		assert_int_equal(count_entries(fd, &map, &sum), 1);
		assert_true(sum == 0);
		close(fd);
	}
}

/* An image that does not fit its map must not write past its buffers. */
static void wrong_sizes_are_refused(void **state)
{
	struct image_map map = { .name = "@",
				 .key = &type_uint64,
				 .value = &type_count };
	struct snapshot snapshot;
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, 8, 16, NULL);

	(void)state;
	if (fd < 0)
		skip();
	assert_false(map_read(fd, &map, &snapshot));
	assert_int_equal(errno, EINVAL);
	snapshot_free(&snapshot);
	assert_false(map_read(-1, &map, &snapshot));
	snapshot_free(&snapshot);
	close(fd);
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
		cmocka_unit_test(cpus_are_merged),
		cmocka_unit_test(histograms_and_integers_add_up),
		cmocka_unit_test(values_are_ordered),
		cmocka_unit_test(histograms_by_total),
		cmocka_unit_test(keys_are_ordered),
		cmocka_unit_test(values_without_order_go_by_key),
		cmocka_unit_test(the_largest_and_divided),
		cmocka_unit_test(division_has_no_traps),
		cmocka_unit_test(read_clear_and_zero),
		cmocka_unit_test(maps_without_a_key),
		cmocka_unit_test(wrong_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
