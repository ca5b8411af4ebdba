/*
 * The buffer in front of a file descriptor: appends, numbers, escapes of
 * untrusted bytes, and when to write. Knows nothing of formats. Called by all
 * that prints, for every event.
 */
#include "runtime/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lexer/utf8.h"

#define FLUSH_BYTES ((size_t)64 << 10)
#define DIGITS_MAX  20 /* of UINT64_MAX */

/* ---- opening, growing, writing ---- */

bool output_open(struct output *output, const char *path,
		 enum buffering buffering)
{
	*output =
		(struct output){ .fd = STDOUT_FILENO, .buffering = buffering };
	if (path)
		output->fd = open(
			path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return output->fd >= 0;
}

void output_memory(struct output *output)
{
	*output = (struct output){ .fd = -1 };
}

void output_close(struct output *output)
{
	output_flush(output);
	if (output->fd > STDERR_FILENO && close(output->fd) && !output->error)
		output->error = errno;
	free(output->data);
	output->data = NULL;
	output->length = 0;
	output->room = 0;
	output->fd = -1;
}

static void output_fail(struct output *output, int error)
{
	output->error = error;
	output->length = 0;
}

bool output_grow(struct output *output, size_t more)
{
	size_t room = output->room ? output->room : 4096;
	char *data;

	if (output->error)
		return false;
	while (room - output->length < more) {
		if (room > SIZE_MAX / 4) {
			output_fail(output, ENOMEM);
			return false;
		}
		room *= 2;
	}
	data = realloc(output->data, room);
	if (!data) {
		output_fail(output, ENOMEM);
		return false;
	}
	output->data = data;
	output->room = room;
	return true;
}

/* A descriptor shared with a program that made it non-blocking. */
static bool wait_writable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	return poll(&poll_fd, 1, -1) >= 0 || errno == EINTR;
}

void output_flush(struct output *output)
{
	size_t done = 0;

	if (output->fd < 0 || output->error)
		return;
	while (done < output->length) {
		ssize_t written = write(output->fd, output->data + done,
					output->length - done);

		if (written >= 0) {
			done += (size_t)written;
			continue;
		}
		if (errno == EINTR ||
		    (errno == EAGAIN && wait_writable(output->fd)))
			continue;
		output->error = errno;
		break;
	}
	output->length = 0;
}

void output_limit(struct output *output)
{
	if (output->length >= FLUSH_BYTES)
		output_flush(output);
}

void output_record_end(struct output *output)
{
	bool flush = false;

	if (!output->length)
		return;
	switch (output->buffering) {
	case BUFFER_LINE:
		flush = output->data[output->length - 1] == '\n';
		break;
	case BUFFER_FULL:
		break;
	case BUFFER_NONE:
		flush = true;
		break;
	}
	if (flush || output->length >= FLUSH_BYTES)
		output_flush(output);
}

/* ---- bytes ---- */

void output_text(struct output *output, const char *text)
{
	output_bytes(output, text, strlen(text));
}

void output_pad(struct output *output, char byte, size_t count)
{
	if (!count || !output_reserve(output, count))
		return;
	memset(output->data + output->length, byte, count);
	output->length += count;
}

void output_insert(struct output *output, size_t at, char byte, size_t count)
{
	char *gap;

	if (at > output->length || !count || !output_reserve(output, count))
		return;
	gap = output->data + at;
	memmove(gap + count, gap, output->length - at);
	memset(gap, byte, count);
	output->length += count;
}

/* ---- numbers ---- */

void output_unsigned(struct output *output, uint64_t value)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char digits[DIGITS_MAX];
	size_t at = DIGITS_MAX;

	while (value >= 100) {
		at -= 2;
		memcpy(digits + at, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + 2 * value, 2);
	} else {
		digits[--at] = (char)('0' + value);
	}
	output_bytes(output, digits + at, DIGITS_MAX - at);
}

void output_signed(struct output *output, int64_t value)
{
	if (value < 0) {
		output_char(output, '-');
		output_unsigned(output, 0 - (uint64_t)value);
	} else {
		output_unsigned(output, (uint64_t)value);
	}
}

void output_hex(struct output *output, uint64_t value)
{
	char digits[16];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	output_bytes(output, digits + at, sizeof(digits) - at);
}

/* ---- what a traced program said ---- */

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

/* Not 0 if any of the eight bytes is not printable ASCII: a high bit remains
 * of a byte above 0x7e in the sum or the byte itself, of one below 0x20 in the
 * difference. */
static uint64_t not_plain(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101;

	return (word | (word + ones) | ((word - 0x20 * ones) & ~word)) &
	       (0x80 * ones);
}

/* Looks and copies at once, eight bytes at a time. */
size_t output_plain(struct output *output, const char *bytes, size_t length)
{
	size_t at = 0;
	char *to;

	/* Nothing may be there yet, and nothing is not to be added to. */
	if (!length || !output_reserve(output, length))
		return length;
	to = output->data + output->length;
	for (; length - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, bytes + at, 8);
		if (not_plain(word))
			break;
		memcpy(to + at, &word, 8);
	}
	for (; at < length && is_plain((unsigned char)bytes[at]); at++)
		to[at] = bytes[at];
	output->length += at;
	return at;
}

static void output_escape(struct output *output, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

	output_bytes(output, escape, sizeof(escape));
}

/* One character that is not printable ASCII; how many bytes it has. */
static size_t output_special(struct output *output, const char *bytes,
			     size_t length, bool keep_layout)
{
	uint32_t code = 0;
	size_t size = utf8_decode(bytes, length, &code);
	size_t i;

	if (size && (utf8_is_safe(code) ||
		     (keep_layout && (code == '\n' || code == '\t')))) {
		output_bytes(output, bytes, size);
		return size;
	}
	if (!size)
		size = 1;
	for (i = 0; i < size; i++)
		output_escape(output, (unsigned char)bytes[i]);
	return size;
}

void output_untrusted(struct output *output, const char *bytes, size_t length,
		      bool keep_layout)
{
	size_t at = 0;

	for (;;) {
		at += output_plain(output, bytes + at, length - at);
		if (at == length)
			return;
		at += output_special(output, bytes + at, length - at,
				     keep_layout);
	}
}
