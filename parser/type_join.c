/*
 * Which type holds the values of two others, and types with something taken
 * out. Knows nothing of programs; called by the checker where values meet.
 */
#include <string.h>

#include "parser/types.h"

/* Types of the kernel may be malformed: they are followed no deeper. */
#define DEPTH_MAX 32

/* ---- joining ---- */

static const struct type *join_integers(const struct type *a,
					const struct type *b)
{
	const struct type *with_sign = a->is_signed ? a : b;
	uint32_t size;

	if (a->is_signed == b->is_signed)
		return type_int(a->size > b->size ? a->size : b->size,
				a->is_signed);
	/* A signed type must have room for the unsigned one's highest bit. */
	size = 2 * (a->is_signed ? b : a)->size;
	if (size < with_sign->size)
		size = with_sign->size;
	return type_int(size > 8 ? 8 : size, true);
}

static const struct type *join(struct arena *arena, const struct type *a,
			       const struct type *b, unsigned depth);

static const struct type *join_tuples(struct arena *arena, const struct type *a,
				      const struct type *b, unsigned depth)
{
	const struct type **items;

	if (a->count != b->count)
		return NULL;
	items = ARENA_ARRAY(arena, a->count, const struct type *);
	for (uint32_t i = 0; i < a->count; i++) {
		items[i] = join(arena, a->items[i], b->items[i], depth + 1);
		if (!items[i])
			return NULL;
	}
	return type_tuple(arena, items, a->count);
}

static const struct type *join_records(struct arena *arena,
				       const struct record *a,
				       const struct record *b, unsigned depth)
{
	struct field *fields;

	if (!a->is_literal || !b->is_literal || a->count != b->count)
		return NULL;
	fields = ARENA_ARRAY(arena, a->count, struct field);
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->fields[i].name, b->fields[i].name) != 0)
			return NULL;
		fields[i].name = a->fields[i].name;
		fields[i].type = join(arena, a->fields[i].type,
				      b->fields[i].type, depth + 1);
		if (!fields[i].type)
			return NULL;
	}
	return type_record(arena, fields, (uint32_t)a->count);
}

/* Two of one kind that are not equal. */
static const struct type *join_kind(struct arena *arena, const struct type *a,
				    const struct type *b, unsigned depth)
{
	switch ((int)a->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
		return a->size > b->size ? a : b;
	case TYPE_POINTER:
		if (a->space != b->space)
			return NULL;
		return type_pointer(arena, NULL, a->space);
	case TYPE_TUPLE:
		return join_tuples(arena, a, b, depth);
	case TYPE_STRUCT:
		return join_records(arena, a->record, b->record, depth);
	case TYPE_STACK:
		if (a->space != b->space || a->bits != b->bits)
			return NULL;
		return a->count > b->count ? a : b;
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS: /* unequal: one of them is signed */
		return a->is_signed ? a : b;
	default:
		return NULL;
	}
}

static const struct type *join(struct arena *arena, const struct type *a,
			       const struct type *b, unsigned depth)
{
	if (a->kind == TYPE_UNKNOWN)
		return b;
	if (b->kind == TYPE_UNKNOWN || type_equal(a, b))
		return a;
	if (type_is_integer(a) && type_is_integer(b))
		return join_integers(a, b);
	if (a->kind != b->kind || depth > DEPTH_MAX)
		return NULL;
	return join_kind(arena, a, b, depth);
}

const struct type *type_join(struct arena *arena, const struct type *a,
			     const struct type *b)
{
	return join(arena, a, b, 0);
}

/* ---- without names ---- */

static const struct type *plain(struct arena *arena, const struct type *type,
				unsigned depth)
{
	const struct type **items;
	struct field *fields;

	if (type->kind == TYPE_ENUM && type->is_argument)
		return type_int(type->size, type->is_signed);
	if (depth > DEPTH_MAX)
		return type;
	if (type->kind == TYPE_TUPLE) {
		items = ARENA_ARRAY(arena, type->count, const struct type *);
		for (uint32_t i = 0; i < type->count; i++)
			items[i] = plain(arena, type->items[i], depth + 1);
		return type_tuple(arena, items, type->count);
	}
	if (!type_is_record(type))
		return type;
	fields = ARENA_ARRAY(arena, type->record->count, struct field);
	for (size_t i = 0; i < type->record->count; i++) {
		fields[i].name = type->record->fields[i].name;
		fields[i].type =
			plain(arena, type->record->fields[i].type, depth + 1);
	}
	return type_record(arena, fields, (uint32_t)type->record->count);
}

static bool has_names(const struct type *type, unsigned depth)
{
	bool found = type->kind == TYPE_ENUM && type->is_argument;

	if (depth > DEPTH_MAX)
		return false;
	if (type->kind == TYPE_TUPLE)
		for (uint32_t i = 0; i < type->count && !found; i++)
			found = has_names(type->items[i], depth + 1);
	else if (type_is_record(type))
		for (size_t i = 0; i < type->record->count && !found; i++)
			found = has_names(type->record->fields[i].type,
					  depth + 1);
	return found;
}

const struct type *type_without_names(struct arena *arena,
				      const struct type *type)
{
	return has_names(type, 0) ? plain(arena, type, 0) : type;
}
