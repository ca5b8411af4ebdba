/*
 * Reads a file into memory and takes its lines apart. Knows nothing of what
 * the lines mean. Called by ksyms.c and usyms.c.
 */
#include "runtime/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM_FIRST ((size_t)16 << 10)

static char *read_fd(int fd, size_t most, size_t *length)
{
	size_t room = ROOM_FIRST;
	char *text = malloc(room);

	while (text) {
		ssize_t got = read(fd, text + *length, room - *length - 1);
		char *grown;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		if (!got) {
			text[*length] = '\0';
			return text;
		}
		*length += (size_t)got;
		if (*length > most) {
			errno = EFBIG;
			break;
		}
		if (*length < room - 1)
			continue;
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			break;
		text = grown;
	}
	free(text);
	return NULL;
}

char *file_text_read(const char *path, size_t most, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	int error;

	*length = 0;
	if (fd < 0)
		return NULL;
	text = read_fd(fd, most, length);
	error = errno;
	close(fd);
	errno = error;
	return text;
}

uint64_t parse_hex(const char **at)
{
	uint64_t value = 0;

	for (;; (*at)++) {
		char digit = **at;

		if (digit >= '0' && digit <= '9')
			value = value << 4 | (uint64_t)(digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			value = value << 4 | (uint64_t)(digit - 'a' + 10);
		else
			return value;
	}
}

char *line_cut(char *line, char *end)
{
	char *newline = memchr(line, '\n', (size_t)(end - line));

	if (!newline)
		newline = end;
	*newline = '\0';
	return newline + 1;
}
