/*
 * Where data goes: a growing buffer in front of a file descriptor. Knows when
 * to flush and what happens when the reader is gone or the disk is full;
 * knows nothing of formats. printf-free: appending is the hot path.
 */
#ifndef RUNTIME_OUTPUT_H
#define RUNTIME_OUTPUT_H

#include <string.h>

#include "lexer/base.h"

enum buffering { BUFFER_LINE, BUFFER_FULL, BUFFER_NONE };

struct output {
	char *data;
	size_t length, room;
	int fd;
	enum buffering buffering;
	int error; /* errno of the first failed write, EPIPE included; later
		      output is dropped */
};

/* `path` NULL: standard output. False with errno set. */
bool output_open(struct output *output, const char *path,
		 enum buffering buffering);
/* Only memory, read through `data` and `length`; never written anywhere.
 * output_close() frees it. */
void output_memory(struct output *output);
/* Flushes. */
void output_close(struct output *output);

/* Room for `more` bytes; false if there is none, or an error. */
bool output_grow(struct output *output, size_t more);

static inline bool output_reserve(struct output *output, size_t more)
{
	if (output->room - output->length >= more && !output->error)
		return true;
	return output_grow(output, more);
}

static inline void output_bytes(struct output *output, const char *bytes,
				size_t length)
{
	if (!length || !output_reserve(output, length))
		return;
	memcpy(output->data + output->length, bytes, length);
	output->length += length;
}

static inline void output_char(struct output *output, char byte)
{
	if (output_reserve(output, 1))
		output->data[output->length++] = byte;
}

void output_text(struct output *output, const char *text);
void output_pad(struct output *output, char byte, size_t count);
void output_unsigned(struct output *output, uint64_t value);
void output_signed(struct output *output, int64_t value);
void output_hex(struct output *output, uint64_t value); /* no 0x */

/* Bytes of a traced program: control bytes and invalid UTF-8 as \xNN; newline
 * and tab are kept when `keep_layout`. */
void output_untrusted(struct output *output, const char *bytes, size_t length,
		      bool keep_layout);

/* Insert `count` bytes at `at`, an earlier output->length of this record. */
void output_insert(struct output *output, size_t at, char byte, size_t count);

/* In the middle of something long, where nothing points into `data`: write
 * out once 64 KiB are waiting. */
void output_limit(struct output *output);

/* The first of the bytes, as far as they are printable ASCII; how many that
 * were. */
size_t output_plain(struct output *output, const char *bytes, size_t length);

/* A record is complete: flush as the buffering says (LINE: when the record
 * ended in a newline; NONE: always; FULL: when 64 KiB are waiting). */
void output_record_end(struct output *output);
/* The consumer is idle or tracing ends: nothing waits longer. */
void output_flush(struct output *output);

#endif
