/*
 * Words of -c's command line, as a shell would split them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/child.h"

static const struct {
	const char *text;
	const char *words[5];
} cases[] = {
	{ "true", { "true" } },
	{ "  ls\t-l \n /", { "ls", "-l", "/" } },
	{ "echo 'a b' c", { "echo", "a b", "c" } },
	{ "echo \"a b\"c", { "echo", "a bc" } },
	{ "echo a\\ b", { "echo", "a b" } },
	{ "echo ''", { "echo", "" } },
	{ "echo \"\" x", { "echo", "", "x" } },
	{ "sh -c 'echo \"$HOME\"'", { "sh", "-c", "echo \"$HOME\"" } },
	{ "echo \"a\\\"b\"", { "echo", "a\"b" } },
	{ "echo \"a\\nb\"", { "echo", "a\\nb" } },
	{ "echo 'a\\'", { "echo", "a\\" } },
	{ "echo \"it's\"", { "echo", "it's" } },
	{ "echo a\\", { "echo", "a\\" } },
	{ "echo $HOME *", { "echo", "$HOME", "*" } },
};

static const char *const wrong_ones[] = {
	"", "  ", "echo 'a", "echo \"a", "echo \"a\\\"", "'",
};

static void test_words(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *wrong;
		char **words = child_split(arena, cases[i].text, &wrong);

		assert_non_null(words);
		assert_null(wrong);
		for (size_t k = 0; cases[i].words[k]; k++) {
			assert_non_null(words[k]);
			assert_string_equal(words[k], cases[i].words[k]);
			assert_true(cases[i].words[k + 1] || !words[k + 1]);
		}
	}
	arena_free(arena);
}

static void test_wrong(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_ones); i++) {
		const char *wrong;

		assert_null(child_split(arena, wrong_ones[i], &wrong));
		assert_non_null(wrong);
	}
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
