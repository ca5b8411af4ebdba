/*
 * Numbers that stand for words: errors, signals, system calls, and the flags
 * that calls take. Types only, from the tables beside this; nothing of the
 * machine but which one it is compiled for.
 */
#ifndef PARSER_WORD_TYPES_H
#define PARSER_WORD_TYPES_H

#include "parser/types.h"

/* strerror(), signal_name(), syscall_name(). */
extern const struct type type_error, type_signal, type_syscall;

/*
 * An integer field of an event that flag_fields.def names: the same integer
 * with names. Else `type` itself.
 */
const struct type *named_field(struct arena *arena, const char *event,
			       const char *field, const struct type *type);

/* The integer with the names of a set: "open_flags". NULL: no such set. */
const struct type *named_integer(struct arena *arena, const char *set,
				 const struct type *integer);

/* The names of flags that the kernel alone knows. */
#define GFP_SET "gfp_flags"

/* The value an enum has for a name; false if there is none. */
bool enumerator_find(const struct type *type, const char *name, int64_t *value);

/*
 * A constant by the name that headers of the kernel give it, where it is none
 * of an enum: AF_INET, O_CREAT, ENOENT, SIGKILL, TASK_RUNNING.
 */
bool header_value_find(const char *name, int64_t *value);

#endif
