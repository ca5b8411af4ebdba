/*
 * Reading program text and finding lines in it. Knows bytes and newlines, no
 * tokens. Called by main for the program, and by diag.c for excerpts.
 */
#include "lexer/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)64 << 10)

static void find_lines(struct arena *arena, struct source *source)
{
	const char *text = source->text;
	const char *end = text + source->size;
	const char *at;
	uint32_t lines = 1;

	for (at = text; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		lines++;
	source->line_starts = ARENA_ARRAY(arena, lines, uint32_t);
	source->lines = 1;
	for (at = text; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		source->line_starts[source->lines++] =
			(uint32_t)(at + 1 - text);
}

/* `text` lives in the arena and is NUL-terminated. */
static struct source *source_new(struct arena *arena, const char *name,
				 const char *text, size_t size)
{
	struct source *source = ARENA_NEW(arena, struct source);

	assert(size <= SOURCE_MAX);
	source->name = arena_strdup(arena, name);
	source->text = text;
	source->size = (uint32_t)size;
	find_lines(arena, source);
	return source;
}

struct source *source_from_text(struct arena *arena, const char *name,
				const char *text, size_t size)
{
	return source_new(arena, name, arena_strndup(arena, text, size), size);
}

/* Everything up to the end of the file: pipes have no size to ask for. */
static char *read_all(struct arena *arena, int fd, size_t *size)
{
	size_t room = READ_STEP;
	char *text = arena_alloc(arena, room);
	ssize_t got;

	*size = 0;
	for (;;) {
		if (*size + 1 == room) /* the last byte stays NUL */
			text = arena_grow(arena, text, *size, &room, 1);
		got = read(fd, text + *size, room - *size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			return text;
		*size += (size_t)got;
		if (*size > SOURCE_MAX) {
			errno = EFBIG;
			return NULL;
		}
	}
}

static struct source *read_fd(struct arena *arena, const char *name, int fd)
{
	struct stat info;
	size_t size;
	char *text;

	if (fstat(fd, &info))
		return NULL;
	if (S_ISDIR(info.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	text = read_all(arena, fd, &size);
	return text ? source_new(arena, name, text, size) : NULL;
}

struct source *source_read(struct arena *arena, const char *path)
{
	struct source *source;
	int saved;
	int fd;

	if (!strcmp(path, "-"))
		return read_fd(arena, "stdin", STDIN_FILENO);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	source = read_fd(arena, path, fd);
	saved = errno;
	close(fd);
	errno = saved;
	return source;
}

struct position source_position(const struct source *source, uint32_t offset)
{
	uint32_t low = 0;
	uint32_t high = source->lines;
	uint32_t middle;

	if (offset > source->size)
		offset = source->size;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (source->line_starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct position){ low + 1,
				  offset - source->line_starts[low] + 1 };
}

const char *source_line(const struct source *source, uint32_t line,
			uint32_t *length)
{
	uint32_t begin;
	uint32_t end;

	assert(line >= 1 && line <= source->lines);
	begin = source->line_starts[line - 1];
	end = line < source->lines ? source->line_starts[line] - 1
				   : source->size;
	if (end > begin && source->text[end - 1] == '\r')
		end--;
	*length = end - begin;
	return source->text + begin;
}

static bool is_nowhere(struct span span)
{
	return span.begin == 0 && span.end == 0;
}

struct span span_join(struct span a, struct span b)
{
	if (is_nowhere(a))
		return b;
	if (is_nowhere(b))
		return a;
	return (struct span){ a.begin < b.begin ? a.begin : b.begin,
			      a.end > b.end ? a.end : b.end };
}
