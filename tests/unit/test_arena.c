/*
 * The arena: zeroed, aligned, growing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lexer/arena.h"

static void pieces_are_zero_and_aligned(void **state)
{
	static const size_t sizes[] = { 0,  1,     15,    16,    17,
					99, 10000, 20000, 70000, 5000000 };
	struct arena *arena = arena_new();
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < 100 * ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i % ARRAY_SIZE(sizes)];
		unsigned char *piece = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)piece % 16, 0);
		for (k = 0; k < size; k += 61)
			assert_int_equal(piece[k], 0);
		memset(piece, 0xff, size);
		if (i > 30 && size > 100000)
			break;
	}
	arena_free(arena);
}

static void pieces_do_not_overlap(void **state)
{
	struct arena *arena = arena_new();
	uint32_t *pieces[1000];
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		pieces[i] = ARENA_ARRAY(arena, 1 + i % 50, uint32_t);
		pieces[i][0] = i;
		pieces[i][i % 50] = i;
	}
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		assert_int_equal(pieces[i][0], i);
		assert_int_equal(pieces[i][i % 50], i);
	}
	arena_free(arena);
}

static void copies_end_in_nul(void **state)
{
	struct arena *arena = arena_new();
	char *copy = arena_strndup(arena, "ab\0cd", 5);

	(void)state;
	assert_memory_equal(copy, "ab\0cd", 6);
	assert_string_equal(arena_strdup(arena, ""), "");
	assert_string_equal(arena_strndup(arena, "abc", 2), "ab");
	assert_string_equal(arena_strndup(arena, NULL, 0), "");
	arena_free(arena);
}

static void printf_takes_any_length(void **state)
{
	struct arena *arena = arena_new();
	char *text = arena_printf(arena, "%0100000d", 7);

	(void)state;
	assert_int_equal(strlen(text), 100000);
	assert_int_equal(text[99999], '7');
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 5), "a-5");
	arena_free(arena);
}

static void push_keeps_what_is_there(void **state)
{
	struct arena *arena = arena_new();
	uint32_t *items = NULL;
	size_t count = 0;
	size_t room = 0;
	uint32_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		ARENA_PUSH(arena, items, count, room, i);
	assert_int_equal(count, 10000);
	assert_true(room >= count && room < 4 * count);
	for (i = 0; i < 10000; i++)
		assert_int_equal(items[i], i);
	arena_free(arena);
}

static void free_accepts_null(void **state)
{
	(void)state;
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zero_and_aligned),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(copies_end_in_nul),
		cmocka_unit_test(printf_takes_any_length),
		cmocka_unit_test(push_keeps_what_is_there),
		cmocka_unit_test(free_accepts_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
