/*
 * JSON strings, always valid whatever the bytes are.
 *
 * Valid UTF-8 passes as it is. Control characters, and those that could drive
 * or confuse a terminal, are \uXXXX. A byte that is no part of valid UTF-8
 * becomes the character of its number, \u0080 to \u00ff: a reader that knows
 * a string to be bytes gets every one of them back.
 */
#ifndef RUNTIME_JSON_H
#define RUNTIME_JSON_H

#include "runtime/output.h"

/* The string's inside, without the quotes. */
void json_escape(struct output *output, const char *bytes, size_t length);

/* With the quotes. */
void json_string(struct output *output, const char *bytes, size_t length);
void json_text(struct output *output, const char *text);

#endif
