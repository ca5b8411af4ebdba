/*
 * How messages and dumps spell a type. Knows nothing of programs; called by
 * everybody who has something to say about one.
 */
#include "parser/types.h"

/* Types of the kernel may be malformed: they are followed no deeper. */
#define DEPTH_MAX 32

/* A message is a line: of longer tuples only the first items are named. */
#define ITEMS_SHOWN 16

static const char *text(struct arena *arena, const struct type *type,
			unsigned depth);

static const char *integer_text(struct arena *arena, const struct type *type)
{
	return arena_printf(arena, "%sint%u", type->is_signed ? "" : "u",
			    8 * type->size);
}

static const char *tuple_text(struct arena *arena, const struct type *type,
			      unsigned depth)
{
	const char *line = "";
	uint32_t shown = type->count < ITEMS_SHOWN ? type->count : ITEMS_SHOWN;

	for (uint32_t i = 0; i < shown; i++)
		line = arena_printf(arena, "%s%s%s", line, i ? ", " : "",
				    text(arena, type->items[i], depth + 1));
	if (shown < type->count)
		return arena_printf(arena, "(%s, ...)", line);
	return arena_printf(arena, shown == 1 ? "(%s,)" : "(%s)", line);
}

static const char *fields_text(struct arena *arena, const struct record *record,
			       unsigned depth)
{
	const char *line = "";
	size_t shown =
		record->count < ITEMS_SHOWN ? record->count : ITEMS_SHOWN;

	for (size_t i = 0; i < shown; i++)
		line = arena_printf(
			arena, "%s%s%s = %s", line, i ? ", " : "",
			record->fields[i].name,
			text(arena, record->fields[i].type, depth + 1));
	return arena_printf(arena, "(%s%s)", line,
			    shown < record->count ? ", ..." : "");
}

static const char *record_text(struct arena *arena, const struct record *record)
{
	const char *keyword = record->is_union ? "union" : "struct";
	bool is_named = record->name && record->name[0];

	return arena_printf(arena, "%s %s", keyword,
			    is_named ? record->name : "{}");
}

static const char *array_text(struct arena *arena, const struct type *type,
			      unsigned depth)
{
	const char *dimensions = "";

	while (type->kind == TYPE_ARRAY && depth++ < DEPTH_MAX) {
		dimensions =
			arena_printf(arena, "%s[%u]", dimensions, type->count);
		type = type->to;
	}
	return arena_printf(arena, "%s%s", text(arena, type, depth),
			    dimensions);
}

static const char *pointer_text(struct arena *arena, const struct type *type,
				unsigned depth)
{
	const char *to = type->to ? text(arena, type->to, depth + 1) : "void";
	bool is_pointer = type->to && type->to->kind == TYPE_POINTER;

	return arena_printf(arena, "%s%s*", to, is_pointer ? "" : " ");
}

/* Kinds whose spelling is one word. */
static const char *const words[] = {
	[TYPE_UNKNOWN] = "unknown",   [TYPE_NONE] = "none",
	[TYPE_BOOL] = "bool",         [TYPE_INET] = "inet",
	[TYPE_MAC] = "mac",           [TYPE_TIMESTAMP] = "timestamp",
	[TYPE_USERNAME] = "username", [TYPE_PROBE] = "probe",
	[TYPE_CGROUP] = "cgroup",     [TYPE_COUNT] = "count()",
	[TYPE_SUM] = "sum()",         [TYPE_MIN] = "min()",
	[TYPE_MAX] = "max()",         [TYPE_AVG] = "avg()",
	[TYPE_STATS] = "stats()",     [TYPE_HIST] = "hist()",
	[TYPE_LHIST] = "lhist()",
};

static const char *text(struct arena *arena, const struct type *type,
			unsigned depth)
{
	if (depth > DEPTH_MAX)
		return "...";
	switch ((int)type->kind) {
	case TYPE_INT:
		return integer_text(arena, type);
	case TYPE_ENUM:
		if (type->is_argument)
			return integer_text(arena, type);
		if (type->is_word)
			return type->name;
		return arena_printf(arena, "enum %s",
				    type->name ? type->name : "{}");
	case TYPE_STRING:
		return arena_printf(arena, "string[%u]", type->size);
	case TYPE_BUFFER:
		return arena_printf(arena, "buffer[%u]", type->size - 4);
	case TYPE_POINTER:
		return pointer_text(arena, type, depth);
	case TYPE_ARRAY:
		return array_text(arena, type, depth);
	case TYPE_STRUCT:
		if (type->record->is_literal)
			return fields_text(arena, type->record, depth);
		return record_text(arena, type->record);
	case TYPE_TUPLE:
		return tuple_text(arena, type, depth);
	case TYPE_STACK:
		return type->space == SPACE_USER ? "ustack" : "kstack";
	case TYPE_SYMBOL:
		return type->space == SPACE_USER ? "usym" : "ksym";
	default:
		return words[type->kind];
	}
}

const char *type_text(struct arena *arena, const struct type *type)
{
	return text(arena, type, 0);
}
