/*
 * The default text form of every value (%s, print(), maps and their keys).
 * Knows how values look; does not know maps, records or JSON. Called by
 * format_print.c and the printers.
 */
#ifndef RUNTIME_VALUE_PRINT_H
#define RUNTIME_VALUE_PRINT_H

#include "runtime/names.h"
#include "runtime/output.h"
#include "runtime/value.h"

/* What happens to bytes that come from outside. */
enum foreign_text {
	FOREIGN_ESCAPED, /* made safe for a terminal: \xNN */
	FOREIGN_RAW,     /* as they are: somebody else escapes them */
	FOREIGN_PART,    /* as they are, but commas and backslashes, which
			    separate the parts of a key, as \, and \\ */
};

/* How and where to print. */
struct render {
	struct output *output;
	struct names *names;
	enum foreign_text foreign;
	unsigned stack_indent; /* blanks before a frame */
	bool compact;          /* no blanks in tuples and structs */
};

#define STACK_INDENT_VALUE 8
#define STACK_INDENT_KEY   4

/* In place of a string whose memory could not be read. */
#define FAULT_MARK "<fault>"

void value_print(struct render *render, const struct value *value);

/* Bytes from outside, as render->foreign says. */
void foreign_print(struct render *render, const char *bytes, size_t length);

/* After a string of `length` bytes: "..", if the type shows that it was cut. */
void cut_mark_print(struct render *render, const struct type *type,
		    size_t length);

/* The frames of a TYPE_STACK, a newline before and after each (stack_print.c).
 */
void stack_print(struct render *render, const struct value *value);

/* The name of a TYPE_SYMBOL, or its address (stack_print.c). */
void symbol_print(struct render *render, const struct value *value);

/* Of a buffer: printable ASCII as it is, the others \xNN. */
void buffer_print(struct render *render, const unsigned char *bytes,
		  size_t length);

/* A field of a struct that lies at `bytes`, bit-fields cut out. */
struct value field_value(const struct field *field, const unsigned char *bytes);

/* Does it lie within a struct of `size` bytes? Descriptions may be wrong. */
bool field_fits(const struct field *field, size_t size);
bool field_is_unnamed(const struct field *field);

/* The name an enum has for a value, or NULL. */
const char *enum_name(const struct type *type, uint64_t value);

#endif
