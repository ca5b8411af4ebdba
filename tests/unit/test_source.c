/*
 * Program text: reading it, and finding lines in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lexer/source.h"

static const struct {
	const char *text;
	uint32_t offset;
	uint32_t line, column;
	const char *content;
} positions[] = {
	{ "", 0, 1, 1, "" },          { "abc", 0, 1, 1, "abc" },
	{ "abc", 3, 1, 4, "abc" },    { "abc", 99, 1, 4, "abc" },
	{ "a\nbc\n", 1, 1, 2, "a" },  { "a\nbc\n", 2, 2, 1, "bc" },
	{ "a\nbc\n", 4, 2, 3, "bc" }, { "a\nbc\n", 5, 3, 1, "" },
	{ "\n\n\nx", 3, 4, 1, "x" },  { "a\r\nb", 0, 1, 1, "a" },
	{ "a\r\nb", 3, 2, 1, "b" },
};

static void offsets_become_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		struct arena *arena = arena_new();
		struct source *source =
			source_from_text(arena, "-e", positions[i].text,
					 strlen(positions[i].text));
		struct position at =
			source_position(source, positions[i].offset);
		uint32_t length;
		const char *line = source_line(source, at.line, &length);

		assert_int_equal(at.line, positions[i].line);
		assert_int_equal(at.column, positions[i].column);
		assert_int_equal(length, strlen(positions[i].content));
		assert_memory_equal(line, positions[i].content, length);
		arena_free(arena);
	}
}

static const struct {
	struct span a, b, joined;
} joins[] = {
	{ { 1, 3 }, { 5, 9 }, { 1, 9 } }, { { 5, 9 }, { 1, 3 }, { 1, 9 } },
	{ { 2, 8 }, { 3, 4 }, { 2, 8 } }, { { 0, 0 }, { 3, 4 }, { 3, 4 } },
	{ { 3, 4 }, { 0, 0 }, { 3, 4 } }, { { 0, 1 }, { 3, 4 }, { 0, 4 } },
	{ { 0, 0 }, { 0, 0 }, { 0, 0 } },
};

static void spans_join(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(joins); i++) {
		struct span joined = span_join(joins[i].a, joins[i].b);

		assert_int_equal(joined.begin, joins[i].joined.begin);
		assert_int_equal(joined.end, joins[i].joined.end);
	}
}

/* A file of `size` bytes that says which; unlinked by the caller. */
static void write_file(char *path, size_t size)
{
	FILE *file;
	size_t i;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	for (i = 0; i < size; i++)
		fputc((int)(i % 251), file);
	fclose(file);
}

static void files_are_read_whole(void **state)
{
	static const size_t sizes[] = { 0,     1,      65534,  65535,
					65536, 131071, 131072, 1000000 };
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct arena *arena = arena_new();
		char path[] = "/tmp/etrace-source-XXXXXX";
		struct source *source;

		write_file(path, sizes[i]);
		source = source_read(arena, path);
		unlink(path);
		assert_non_null(source);
		assert_string_equal(source->name, path);
		assert_int_equal(source->size, sizes[i]);
		for (k = 0; k < sizes[i]; k++)
			assert_int_equal((unsigned char)source->text[k],
					 k % 251);
		assert_int_equal(source->text[sizes[i]], 0);
		arena_free(arena);
	}
}

static void what_is_no_file_is_refused(void **state)
{
	struct arena *arena = arena_new();
	char path[] = "/tmp/etrace-source-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	errno = 0;
	assert_null(source_read(arena, "/nowhere/at/all"));
	assert_int_equal(errno, ENOENT);
	assert_null(source_read(arena, "/"));
	assert_int_equal(errno, EISDIR);
	assert_int_equal(ftruncate(fd, (off_t)SOURCE_MAX + 1), 0);
	assert_null(source_read(arena, path));
	assert_int_equal(errno, EFBIG);
	close(fd);
	unlink(path);
	arena_free(arena);
}

static void a_pipe_is_read_as_stdin(void **state)
{
	struct arena *arena = arena_new();
	struct source *source;
	int saved = dup(STDIN_FILENO);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "BEGIN { }", 9), 9);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	source = source_read(arena, "-");
	dup2(saved, STDIN_FILENO);
	close(ends[0]);
	close(saved);
	assert_non_null(source);
	assert_string_equal(source->name, "stdin");
	assert_string_equal(source->text, "BEGIN { }");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_become_lines),
		cmocka_unit_test(spans_join),
		cmocka_unit_test(files_are_read_whole),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_pipe_is_read_as_stdin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
