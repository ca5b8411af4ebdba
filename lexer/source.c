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

	source->arena = arena;
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

/* The folder a file is in. */
static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_strndup(arena, path,
			     slash == path ? 1 : (size_t)(slash - path));
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
	if (source)
		source->folder = folder_of(arena, path);
	saved = errno;
	close(fd);
	errno = saved;
	return source;
}

/* The part of an offset, or NULL: it is in the program itself. */
static const struct source_part *find_part(const struct source *source,
					   uint32_t offset)
{
	size_t i = source->part_count;

	while (i > 0) {
		if (source->parts[--i].begin <= offset)
			return &source->parts[i];
	}
	return NULL;
}

struct position source_position(const struct source *source, uint32_t offset)
{
	uint32_t low = 0;
	uint32_t high = source->lines;
	const struct source_part *part;
	struct position position;
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
	part = find_part(source, offset);
	position.row = low + 1;
	position.line = part ? position.row - part->row + 1 : position.row;
	position.column = offset - source->line_starts[low] + 1;
	position.file = part ? part->name : source->name;
	return position;
}

const char *source_line(const struct source *source, uint32_t row,
			uint32_t *length)
{
	uint32_t begin;
	uint32_t end;

	assert(row >= 1 && row <= source->lines);
	begin = source->line_starts[row - 1];
	end = row < source->lines ? source->line_starts[row] - 1 : source->size;
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

/* ---- included files ---- */

static bool is_part(const struct source *source, const struct stat *info)
{
	for (size_t i = 0; i < source->part_count; i++) {
		if (source->parts[i].device == info->st_dev &&
		    source->parts[i].inode == info->st_ino)
			return true;
	}
	return false;
}

/* Anybody may write where there is no sticky bit to protect others' files, and
 * where there is one may put a file that was not there. */
static bool is_open_to_all(const char *folder)
{
	struct stat info;

	return !stat(folder, &info) && (info.st_mode & S_IWOTH);
}

/* The text so far, a newline, and the part's. */
static void append(struct source *source, struct source_part part,
		   const char *text, size_t size)
{
	struct arena *arena = source->arena;
	size_t total = (size_t)source->size + 1 + size;
	char *joined = arena_alloc(arena, total + 1);

	memcpy(joined, source->text, source->size);
	joined[source->size] = '\n';
	memcpy(joined + source->size + 1, text, size);
	part.begin = source->size + 1;
	part.end = part.begin + (uint32_t)size;
	part.row = source->lines + 1;
	source->text = joined;
	source->size = (uint32_t)total;
	find_lines(arena, source);
	ARENA_PUSH(arena, source->parts, source->part_count, source->part_room,
		   part);
}

static enum include_status include_fd(struct source *source, const char *path,
				      int fd)
{
	struct source_part part = {
		.name = path,
		.folder = folder_of(source->arena, path),
	};
	struct stat info;
	size_t size;
	char *text;

	if (fstat(fd, &info))
		return INCLUDE_FAILED;
	if (is_part(source, &info))
		return INCLUDE_AGAIN;
	if (is_open_to_all(part.folder))
		return INCLUDE_REFUSED;
	if (!S_ISREG(info.st_mode)) {
		errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
		return INCLUDE_FAILED;
	}
	text = read_all(source->arena, fd, &size);
	if (!text)
		return INCLUDE_FAILED;
	if (size >= SOURCE_MAX - source->size) {
		errno = EFBIG;
		return INCLUDE_FAILED;
	}
	part.device = info.st_dev;
	part.inode = info.st_ino;
	append(source, part, text, size);
	return INCLUDE_NEW;
}

static const char *path_in(struct source *source, const char *folder,
			   const char *path)
{
	if (*path == '/' || !strcmp(folder, "."))
		return arena_strdup(source->arena, path);
	return arena_printf(source->arena, "%s/%s", folder, path);
}

enum include_status source_include(struct source *source, const char *folder,
				   const char *path)
{
	enum include_status status;
	const char *found;
	int fd = -1;

	if (!source->folder)
		return INCLUDE_NOWHERE;
	found = path_in(source, folder ? folder : source->folder, path);
	fd = open(found, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	for (size_t i = 0;
	     fd < 0 && *path != '/' && i < source->include_folder_count; i++) {
		found = path_in(source, source->include_folders[i], path);
		fd = open(found, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (fd < 0)
		return INCLUDE_FAILED;
	status = include_fd(source, found, fd);
	close(fd);
	return status;
}
