/*
 * The program text: bytes, a name for messages, and where its lines begin. The
 * files it includes stand behind it, each a part of its own. Knows nothing of
 * tokens.
 */
#ifndef LEXER_SOURCE_H
#define LEXER_SOURCE_H

#include "lexer/arena.h"

/* Byte offsets into the source, end exclusive; {0, 0} = nowhere. */
struct span {
	uint32_t begin;
	uint32_t end;
};

/* An included file. */
struct source_part {
	const char *name;
	const char *folder; /* that it is in */
	uint32_t begin;     /* of its text, in that of the source */
	uint32_t end;
	uint32_t row; /* its first */
	uint64_t device, inode;
};

struct source {
	struct arena *arena;
	const char *name; /* "-e", the file's name, or "stdin" */
	const char *text; /* NUL-terminated; may hold NULs before the end.
			     Moves when a file is included */
	uint32_t size;
	uint32_t *line_starts;
	uint32_t lines; /* rows */
	/* Included files are looked for here; NULL: none may be included. */
	const char *folder;
	const char *const *include_folders; /* then in these */
	size_t include_folder_count;
	struct source_part *parts;
	size_t part_count, part_room;
};

/* Line and column count from 1; columns are bytes. */
struct position {
	uint32_t line;
	uint32_t column;
	const char *file; /* that the line is counted in */
	uint32_t row;     /* the line counted over all files */
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

/* Row `row` (from 1) without its newline; `*length` receives its bytes. */
const char *source_line(const struct source *source, uint32_t row,
			uint32_t *length);

enum include_status {
	INCLUDE_NEW,     /* it is the last part now */
	INCLUDE_AGAIN,   /* a part already, or the program itself */
	INCLUDE_REFUSED, /* it lies in a folder where anybody may write */
	INCLUDE_FAILED,  /* errno says why */
	INCLUDE_NOWHERE, /* the source includes no files */
};

/*
 * Adds a file as a part, once. A relative path is looked for beside the file
 * that includes it: in `folder` (NULL: that of the program), then in the
 * folders for it.
 */
enum include_status source_include(struct source *source, const char *folder,
				   const char *path);

/* The smallest span that covers both; a nowhere span is ignored. */
struct span span_join(struct span a, struct span b);

#endif
