/*
 * Characters of UTF-8 text: how long, how wide, and whether a terminal may see
 * them. Knows nothing of programs. Called by the lexer, and by diag.c so that
 * carets stand under what they point at.
 */
#ifndef LEXER_UTF8_H
#define LEXER_UTF8_H

#include <stdio.h>

#include "lexer/base.h"

/*
 * Bytes of the first character of `length` > 0 bytes, its code in `*code`; 0
 * if they begin no valid UTF-8 (overlong, surrogate, above U+10FFFF, cut off).
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *code);

/* Columns a terminal gives a character: 0, 1 or 2. */
unsigned utf8_width(uint32_t code);

/* May a terminal see it? Not control characters and marks that reorder text. */
bool utf8_is_safe(uint32_t code);

/*
 * Text that is safe on a terminal: control characters, direction overrides and
 * invalid bytes are written as \xNN, tabs as one space. Stops before exceeding
 * `columns`. Returns the columns used; `*shown` (may be NULL) receives how many
 * of the bytes were written. `out` may be NULL: only measures.
 */
size_t utf8_print(FILE *out, const char *text, size_t length, size_t columns,
		  size_t *shown);

#endif
