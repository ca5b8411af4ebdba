/*
 * The program text: bytes, a name for messages, and where its lines begin.
 * Knows nothing of tokens.
 */
#ifndef LEXER_SOURCE_H
#define LEXER_SOURCE_H

#include "lexer/arena.h"

/* Byte offsets into the source, end exclusive; {0, 0} = nowhere. */
struct span {
	uint32_t begin;
	uint32_t end;
};

struct source {
	const char *name; /* "-e", the file's name, or "stdin" */
	const char *text; /* NUL-terminated; may hold NULs before the end */
	uint32_t size;
	uint32_t *line_starts;
	uint32_t lines;
};

/* Line and column count from 1; columns are bytes. */
struct position {
	uint32_t line;
	uint32_t column;
};

/* The largest program accepted, in bytes. */
#define SOURCE_MAX (64u << 20)

/* `text` is copied. */
struct source *source_from_text(struct arena *arena, const char *name,
				const char *text, size_t size);

/* Reads a file, "-" = standard input. NULL with errno set on failure
 * (EFBIG above SOURCE_MAX, EISDIR for a directory). */
struct source *source_read(struct arena *arena, const char *path);

struct position source_position(const struct source *source, uint32_t offset);

/* Line `line` (from 1) without its newline; `*length` receives its bytes. */
const char *source_line(const struct source *source, uint32_t line,
			uint32_t *length);

/* The smallest span that covers both; a nowhere span is ignored. */
struct span span_join(struct span a, struct span b);

#endif
