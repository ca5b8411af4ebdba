/*
 * The tables of words as types. Called by the checker and by the reader of
 * tracepoint formats.
 */
#include "parser/word_types.h"

#include <string.h>

#include "parser/tables.h"

#if defined(__aarch64__)
#define MACHINE(x86_64, aarch64) (aarch64)
#else
#define MACHINE(x86_64, aarch64) (x86_64)
#endif

/* clang-format off */
static const struct enumerator errors[] = {
#define ERROR(name, number, text) { text, number, 0 },
#include "parser/errors.def"
#undef ERROR
};

static const struct enumerator results[] = {
#define ERROR(name, number, text) { "-" #name, -number, 0 },
#include "parser/errors.def"
#undef ERROR
};

static const struct enumerator signals[] = {
#define SIGNAL(name, number) { "SIG" #name, number, 0 },
#include "parser/signals.def"
#undef SIGNAL
};

static const struct enumerator syscalls[] = {
#if defined(__aarch64__)
#define SYSCALL_x86_64(number, name)
#define SYSCALL_aarch64(number, name) { name, number, 0 },
#else
#define SYSCALL_x86_64(number, name) { name, number, 0 },
#define SYSCALL_aarch64(number, name)
#endif
#define SYSCALL(machine, number, name) SYSCALL_##machine(number, name)
#include "parser/syscalls.def"
#undef SYSCALL
};

static const struct enumerator numbers[] = {
#define ERROR(name, number, text) { #name, number, 0 },
#include "parser/errors.def"
#undef ERROR
};

static const struct enumerator values[] = {
#define HEADER_VALUE(name, value) { name, value, 0 },
#include "parser/header_values.def"
#undef HEADER_VALUE
};
/* clang-format on */

#define WORDS(what, table) \
	{ \
		.kind = TYPE_ENUM, .size = 8, .is_signed = true, .name = what, \
		.is_word = true, .enumerators = table, \
		.count = ARRAY_SIZE(table) \
	}

const struct type type_error = WORDS("error", errors);
const struct type type_signal = WORDS("signal", signals);
const struct type type_syscall = WORDS("system call", syscalls);

/* ---- flags ---- */

enum set {
#define NAME_SET(set, kind) SET_##set,
#define NAME(set, name, value, mask)
#include "parser/flag_sets.def"
#undef NAME
#undef NAME_SET
};

enum set_kind { KIND_FLAGS, KIND_OCTAL, KIND_WORDS };

static const struct {
	const char *name;
	enum set_kind kind;
} sets[] = {
#define NAME_SET(set, kind) { #set, KIND_##kind },
#define NAME(set, name, value, mask)
#include "parser/flag_sets.def"
#undef NAME
#undef NAME_SET
};

static const struct {
	enum set set;
	struct enumerator row;
} names[] = {
#define NAME_SET(set, kind)
#define NAME(set, name, value, mask) { SET_##set, { name, value, mask } },
#include "parser/flag_sets.def"
#undef NAME
#undef NAME_SET
};

static const struct {
	const char *event;
	const char *field;
	enum set set;
} fields[] = {
#define NAMED_FIELD(event, field, set) { event, field, SET_##set },
#include "parser/flag_fields.def"
#undef NAMED_FIELD
};

/* The rows of a set, copied out of the table. */
static void set_rows(struct arena *arena, enum set set, struct type *type)
{
	struct enumerator *rows;
	uint32_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		count += names[i].set == set;
	rows = ARENA_ARRAY(arena, count, struct enumerator);
	type->enumerators = rows;
	type->count = count;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].set == set)
			*rows++ = names[i].row;
	}
}

static const struct type *set_type(struct arena *arena, enum set set,
				   const struct type *integer)
{
	struct type *type = ARENA_NEW(arena, struct type);

	*type = (struct type){
		.kind = TYPE_ENUM,
		.size = integer->size,
		.is_signed = integer->is_signed,
		.name = sets[set].name,
		.is_set = sets[set].kind != KIND_WORDS,
		.is_argument = true,
		.bits = sets[set].kind == KIND_OCTAL ? 3 : 0,
	};
	if (set == SET_signal) {
		type->enumerators = signals;
		type->count = ARRAY_SIZE(signals);
	} else if (set == SET_result) {
		type->enumerators = results;
		type->count = ARRAY_SIZE(results);
	} else {
		set_rows(arena, set, type);
	}
	return type;
}

const struct type *named_integer(struct arena *arena, const char *set,
				 const struct type *integer)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		if (strcmp(sets[i].name, set) == 0)
			return set_type(arena, (enum set)i, integer);
	}
	return NULL;
}

const struct type *named_field(struct arena *arena, const char *event,
			       const char *field, const struct type *type)
{
	if (type->kind != TYPE_INT)
		return type;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strcmp(fields[i].field, field) == 0 &&
		    glob_match(fields[i].event, event))
			return set_type(arena, fields[i].set, type);
	}
	return type;
}

static bool row_find(const struct enumerator *rows, size_t count,
		     const char *name, int64_t *value)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*value = rows[i].value;
			return true;
		}
	}
	return false;
}

bool enumerator_find(const struct type *type, const char *name, int64_t *value)
{
	return row_find(type->enumerators, type->count, name, value);
}

bool header_value_find(const char *name, int64_t *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (row_find(&names[i].row, 1, name, value))
			return true;
	return row_find(values, ARRAY_SIZE(values), name, value) ||
	       row_find(numbers, ARRAY_SIZE(numbers), name, value) ||
	       row_find(signals, ARRAY_SIZE(signals), name, value);
}
