/*
 * Types: which agree, how they are laid out, how they are spelt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parser/types.h"

static struct arena *arena;

static const struct type *tuple(const struct type *first,
				const struct type *second)
{
	const struct type **items = ARENA_ARRAY(arena, 2, const struct type *);

	items[0] = first;
	items[1] = second;
	return type_tuple(arena, items, 2);
}

/* ---- joining ---- */

static const struct {
	const struct type *left, *right;
	const char *joined;
} integer_joins[] = {
	{ &type_int64, &type_int64, "int64" },
	{ &type_int8, &type_int32, "int32" },
	{ &type_uint8, &type_uint32, "uint32" },
	{ &type_uint32, &type_int64, "int64" },
	{ &type_uint32, &type_int32, "int64" },
	{ &type_uint8, &type_int8, "int16" },
	{ &type_uint8, &type_int32, "int32" },
	{ &type_uint64, &type_int8, "int64" },
	{ &type_uint64, &type_uint8, "uint64" },
	{ &type_bool, &type_bool, "bool" },
	{ &type_bool, &type_int64, "int64" },
	{ &type_unknown, &type_uint32, "uint32" },
	{ &type_uint32, &type_unknown, "uint32" },
};

static void integers_widen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(integer_joins); i++) {
		const struct type *left = integer_joins[i].left;
		const struct type *right = integer_joins[i].right;
		const char *joined = integer_joins[i].joined;

		assert_string_equal(
			type_text(arena, type_join(arena, left, right)),
			joined);
		assert_string_equal(
			type_text(arena, type_join(arena, right, left)),
			joined);
	}
}

static void strings_and_tuples_grow(void **state)
{
	const struct type *narrow = type_string(arena, 4);
	const struct type *wide = type_string(arena, 16);
	const struct type *left = tuple(&type_uint32, wide);
	const struct type *right = tuple(&type_int64, narrow);

	(void)state;
	assert_ptr_equal(type_join(arena, narrow, wide), wide);
	assert_string_equal(type_text(arena, type_join(arena, left, right)),
			    "(int64, string[16])");
	assert_null(type_join(arena, left, tuple(wide, narrow)));
	assert_null(type_join(arena, left, narrow));
}

static void pointers_lose_what_they_point_to(void **state)
{
	const struct type *bytes =
		type_pointer(arena, &type_uint8, SPACE_KERNEL);
	const struct type *words =
		type_pointer(arena, &type_uint64, SPACE_KERNEL);
	const struct type *users = type_pointer(arena, &type_uint8, SPACE_USER);

	(void)state;
	assert_string_equal(type_text(arena, type_join(arena, bytes, words)),
			    "void *");
	assert_null(type_join(arena, bytes, users));
	assert_null(type_join(arena, bytes, &type_int64));
}

static void aggregates_join_only_their_like(void **state)
{
	const struct type *plain = type_aggregate(arena, TYPE_SUM, false);
	const struct type *with_sign = type_aggregate(arena, TYPE_SUM, true);

	(void)state;
	assert_ptr_equal(type_join(arena, plain, with_sign), with_sign);
	assert_null(type_join(arena, plain, &type_count));
	assert_null(type_join(arena, plain, &type_int64));
	assert_null(type_join(arena, type_hist(arena, 0), type_hist(arena, 1)));
	assert_non_null(type_join(arena, type_lhist(arena, 0, 10, 2),
				  type_lhist(arena, 0, 10, 2)));
}

/* ---- layout ---- */

/* Integers as C has them, everything else at multiples of 8. */
static void tuples_are_laid_out_for_copies(void **state)
{
	const struct type *inner = tuple(&type_uint8, &type_uint32);
	const struct type *outer = tuple(type_string(arena, 3), inner);

	(void)state;
	assert_int_equal(inner->size, 8);
	assert_int_equal(type_item_offset(inner, 1), 4);
	assert_int_equal(type_item_offset(outer, 1), 8);
	assert_int_equal(outer->size, 16);
	assert_int_equal(tuple(&type_uint64, &type_bool)->size, 16);
}

static void sizes_do_not_wrap(void **state)
{
	const struct type *huge = type_string(arena, UINT32_MAX);

	(void)state;
	assert_int_equal(tuple(huge, huge)->size, UINT32_MAX);
	assert_int_equal(type_array(arena, huge, 8)->size, UINT32_MAX);
}

static void histograms_have_their_buckets(void **state)
{
	(void)state;
	assert_int_equal(type_hist(arena, 0)->count, 66);
	assert_int_equal(type_hist(arena, 5)->count, 1 + 60 * 32);
	assert_int_equal(type_lhist(arena, 0, 10, 2)->count, 7);
	assert_int_equal(type_lhist(arena, 0, 10, 3)->count, 6);
	assert_int_equal(type_lhist(arena, -10, 10, 5)->count, 6);
	assert_int_equal(type_lhist(arena, 0, 10, 2)->size, 56);
}

/* ---- fields ---- */

static void unnamed_members_are_looked_through(void **state)
{
	struct field inner_fields[] = {
		{ .name = "hash", .type = &type_uint32, .offset = 0 },
		{ .name = "len", .type = &type_uint32, .offset = 4 },
	};
	struct record inner = {
		.name = "", .size = 8, .fields = inner_fields, .count = 2
	};
	struct field fields[] = {
		{ .name = "first", .type = &type_uint64, .offset = 0 },
		{ .name = "", .type = type_struct(arena, &inner), .offset = 8 },
	};
	struct record outer = {
		.name = "outer", .size = 16, .fields = fields, .count = 2
	};
	uint32_t offset = 99;

	(void)state;
	assert_null(record_field(&outer, "none", &offset));
	assert_int_equal(offset, 99);
	assert_ptr_equal(record_field(&outer, "len", &offset),
			 &inner_fields[1]);
	assert_int_equal(offset, 12);
}

/* A record that claims to be inside itself ends nothing. */
static void circles_end(void **state)
{
	struct record record = { .name = "", .count = 1 };
	struct type type = { .kind = TYPE_STRUCT, .record = &record };
	struct field field = { .name = "", .type = &type };
	struct type pointer = { .kind = TYPE_POINTER, .size = 8 };
	struct type other = { .kind = TYPE_POINTER, .size = 8 };
	uint32_t offset;

	(void)state;
	record.fields = &field;
	assert_null(record_field(&record, "x", &offset));
	pointer.to = &other;
	other.to = &pointer;
	assert_non_null(type_text(arena, &pointer));
	assert_false(type_equal(&pointer, &other));
}

/* ---- spelling ---- */

static void types_are_spelt(void **state)
{
	struct record record = { .name = "task_struct", .size = 8 };
	struct record choice = { .name = "bpf_attr", .is_union = true };
	const struct type *task = type_struct(arena, &record);
	const struct type *to_task = type_pointer(arena, task, SPACE_KERNEL);
	const struct {
		const struct type *type;
		const char *text;
	} cases[] = {
		{ &type_uint16, "uint16" },
		{ type_string(arena, 64), "string[64]" },
		{ type_buffer(arena, 12), "buffer[12]" },
		{ to_task, "struct task_struct *" },
		{ type_pointer(arena, to_task, SPACE_KERNEL),
		  "struct task_struct **" },
		{ type_pointer(arena, NULL, SPACE_USER), "void *" },
		{ type_struct(arena, &choice), "union bpf_attr" },
		{ type_array(arena, type_array(arena, &type_uint8, 6), 2),
		  "uint8[2][6]" },
		{ type_stack(arena, SPACE_USER, 3), "ustack" },
		{ &type_ksym, "ksym" },
		{ &type_count, "count()" },
		{ type_hist(arena, 0), "hist()" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(type_text(arena, cases[i].type),
				    cases[i].text);
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
		cmocka_unit_test(integers_widen),
		cmocka_unit_test(strings_and_tuples_grow),
		cmocka_unit_test(pointers_lose_what_they_point_to),
		cmocka_unit_test(aggregates_join_only_their_like),
		cmocka_unit_test(tuples_are_laid_out_for_copies),
		cmocka_unit_test(sizes_do_not_wrap),
		cmocka_unit_test(histograms_have_their_buckets),
		cmocka_unit_test(unnamed_members_are_looked_through),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(types_are_spelt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
