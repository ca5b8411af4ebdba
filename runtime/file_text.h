/*
 * Files of /proc, whose size nobody knows before they were read. Called by the
 * readers of symbols.
 */
#ifndef RUNTIME_FILE_TEXT_H
#define RUNTIME_FILE_TEXT_H

#include "lexer/base.h"

/* All of a file, a NUL after it; to be freed. NULL with errno set on failure,
 * EFBIG above `most` bytes. */
char *file_text_read(const char *path, size_t most, size_t *length);

/* The hexadecimal number at `*at`, which moves behind it. */
uint64_t parse_hex(const char **at);

/* Cuts the line at `line` off with a NUL; where the next one begins. `end` is
 * where the text ends, and may be written to. */
char *line_cut(char *line, char *end);

#endif
