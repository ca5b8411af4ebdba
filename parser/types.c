/*
 * The types values have: their sizes and layouts, and which of them are the
 * same. Knows nothing of LLVM, the kernel or programs. Called by the checker,
 * the code generator and the printer; type_join.c joins them, type_text.c
 * spells them.
 */
#include "parser/types.h"

#include <string.h>

/* Types from the kernel's own descriptions may be malformed: pointers to
 * pointers, or records in records, are followed no deeper than this. */
#define DEPTH_MAX 32

#define SIMPLE(name, kind_, size_, signed_) \
	const struct type name = { .kind = kind_, \
				   .size = size_, \
				   .is_signed = signed_ }

SIMPLE(type_unknown, TYPE_UNKNOWN, 8, false);
SIMPLE(type_none, TYPE_NONE, 0, false);
SIMPLE(type_bool, TYPE_BOOL, 1, false);
SIMPLE(type_int8, TYPE_INT, 1, true);
SIMPLE(type_int16, TYPE_INT, 2, true);
SIMPLE(type_int32, TYPE_INT, 4, true);
SIMPLE(type_int64, TYPE_INT, 8, true);
SIMPLE(type_uint8, TYPE_INT, 1, false);
SIMPLE(type_uint16, TYPE_INT, 2, false);
SIMPLE(type_uint32, TYPE_INT, 4, false);
SIMPLE(type_uint64, TYPE_INT, 8, false);
SIMPLE(type_username, TYPE_USERNAME, 8, false);
SIMPLE(type_probe, TYPE_PROBE, 8, false);
SIMPLE(type_cgroup, TYPE_CGROUP, 8, false);
SIMPLE(type_mac, TYPE_MAC, 6, false);
SIMPLE(type_inet, TYPE_INET, 20, false);
SIMPLE(type_count, TYPE_COUNT, 8, false);
const struct type type_ksym = { .kind = TYPE_SYMBOL,
				.size = 16,
				.space = SPACE_KERNEL };
const struct type type_usym = { .kind = TYPE_SYMBOL,
				.size = 16,
				.space = SPACE_USER };

/* ---- making them ---- */

const struct type *type_int(uint32_t size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? &type_int8 : &type_uint8;
	case 2:
		return is_signed ? &type_int16 : &type_uint16;
	case 4:
		return is_signed ? &type_int32 : &type_uint32;
	default:
		return is_signed ? &type_int64 : &type_uint64;
	}
}

static struct type *type_new(struct arena *arena, enum type_kind kind,
			     uint64_t size)
{
	struct type *type = ARENA_NEW(arena, struct type);

	type->kind = kind;
	type->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	return type;
}

const struct type *type_string(struct arena *arena, uint32_t size)
{
	return type_new(arena, TYPE_STRING, size);
}

const struct type *type_buffer(struct arena *arena, uint32_t bytes)
{
	return type_new(arena, TYPE_BUFFER, 4 + (uint64_t)bytes);
}

const struct type *type_pointer(struct arena *arena, const struct type *to,
				enum address_space space)
{
	struct type *type = type_new(arena, TYPE_POINTER, 8);

	type->to = to;
	type->space = space;
	return type;
}

uint32_t type_element_size(const struct type *pointer)
{
	const struct type *to = pointer->to;

	if (!to)
		return 1;
	/* It may have been known by its name alone when `to` was made. */
	return to->kind == TYPE_STRUCT ? to->record->size : to->size;
}

const struct type *type_array(struct arena *arena, const struct type *to,
			      uint32_t count)
{
	struct type *type =
		type_new(arena, TYPE_ARRAY, (uint64_t)to->size * count);

	type->to = to;
	type->count = count;
	return type;
}

const struct type *type_struct(struct arena *arena, const struct record *record)
{
	struct type *type = type_new(arena, TYPE_STRUCT, record->size);

	type->record = record;
	return type;
}

static uint64_t align_up(uint64_t offset, uint32_t align)
{
	if (align < 2)
		return offset;
	return (offset + align - 1) / align * align;
}

const struct type *type_tuple(struct arena *arena, const struct type **items,
			      uint32_t count)
{
	struct type *type = type_new(arena, TYPE_TUPLE, 0);
	uint64_t size = 0;

	type->items = items;
	type->count = count;
	for (uint32_t i = 0; i < count; i++)
		size = align_up(size, type_align(items[i])) + items[i]->size;
	size = align_up(size, type_align(type));
	type->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	return type;
}

const struct type *type_record(struct arena *arena, struct field *fields,
			       uint32_t count)
{
	struct record *record = ARENA_NEW(arena, struct record);
	uint64_t size = 0;

	for (uint32_t i = 0; i < count; i++) {
		size = align_up(size, type_align(fields[i].type));
		fields[i].offset =
			size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
		size += fields[i].type->size;
	}
	size = align_up(size, 8);
	record->is_literal = true;
	record->fields = fields;
	record->count = count;
	record->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	return type_struct(arena, record);
}

const struct type *type_stack(struct arena *arena, enum address_space space,
			      uint32_t frames)
{
	struct type *type =
		type_new(arena, TYPE_STACK, 8 + 8 * (uint64_t)frames);

	type->space = space;
	type->count = frames;
	return type;
}

const struct type *type_timestamp(struct arena *arena, const char *format)
{
	struct type *type = type_new(arena, TYPE_TIMESTAMP, 16);

	type->name = format;
	return type;
}

const struct type *type_aggregate(struct arena *arena, enum type_kind kind,
				  bool is_signed)
{
	struct type *type = type_new(arena, kind, kind == TYPE_SUM ? 8 : 16);

	type->is_signed = is_signed;
	return type;
}

/* One bucket for negative values, one for each value below 2^bits, then
 * 2^bits for each power of two up to 2^63. */
const struct type *type_hist(struct arena *arena, uint32_t bits)
{
	uint32_t count = 1 + ((65 - bits) << bits);
	struct type *type = type_new(arena, TYPE_HIST, 8 * (uint64_t)count);

	type->bits = bits;
	type->count = count;
	return type;
}

/* The buckets between, the last perhaps shorter than `step`; one below and one
 * above. */
const struct type *type_lhist(struct arena *arena, int64_t minimum,
			      int64_t maximum, int64_t step)
{
	uint64_t range = (uint64_t)maximum - (uint64_t)minimum;
	uint64_t count = range / (uint64_t)step + 2;
	struct type *type;

	if (range % (uint64_t)step)
		count++;
	type = type_new(arena, TYPE_LHIST, 8 * count);
	type->count = (uint32_t)count;
	type->minimum = minimum;
	type->maximum = maximum;
	type->step = step;
	return type;
}

/* ---- what kind of thing they are ---- */

bool type_is_aggregate(const struct type *type)
{
	return type->kind >= TYPE_COUNT;
}

bool type_is_integer(const struct type *type)
{
	return type->kind == TYPE_INT || type->kind == TYPE_BOOL ||
	       type->kind == TYPE_ENUM;
}

bool type_is_record(const struct type *type)
{
	return type->kind == TYPE_STRUCT && type->record->is_literal;
}

bool type_is_scalar(const struct type *type)
{
	return type_is_integer(type) || type->kind == TYPE_POINTER ||
	       type->kind == TYPE_USERNAME || type->kind == TYPE_PROBE ||
	       type->kind == TYPE_CGROUP;
}

/* ---- equality ---- */

static bool equal(const struct type *a, const struct type *b, unsigned depth);

static bool name_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool fields_equal(const struct record *a, const struct record *b,
			 unsigned depth)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!name_equal(a->fields[i].name, b->fields[i].name) ||
		    !equal(a->fields[i].type, b->fields[i].type, depth + 1))
			return false;
	}
	return true;
}

static bool record_equal(const struct record *a, const struct record *b,
			 unsigned depth)
{
	if (a == b)
		return true;
	if (a->is_literal && b->is_literal)
		return fields_equal(a, b, depth);
	/* The same record may have been built twice, by name. */
	return a->name && b->name && a->name[0] &&
	       strcmp(a->name, b->name) == 0 && a->is_union == b->is_union &&
	       a->btf_id == b->btf_id && a->btf_id != 0;
}

static bool items_equal(const struct type *a, const struct type *b,
			unsigned depth)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		if (!equal(a->items[i], b->items[i], depth + 1))
			return false;
	}
	return true;
}

static bool pointee_equal(const struct type *a, const struct type *b,
			  unsigned depth)
{
	if (!a->to || !b->to)
		return a->to == b->to;
	return equal(a->to, b->to, depth + 1);
}

/* Both are of one kind. */
static bool details_equal(const struct type *a, const struct type *b,
			  unsigned depth)
{
	switch (a->kind) {
	case TYPE_UNKNOWN:
	case TYPE_NONE:
	case TYPE_BOOL:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_USERNAME:
	case TYPE_PROBE:
	case TYPE_CGROUP:
	case TYPE_COUNT:
		return true;
	case TYPE_INT:
		return a->size == b->size && a->is_signed == b->is_signed;
	case TYPE_ENUM:
		return a->size == b->size && a->is_signed == b->is_signed &&
		       a->is_argument == b->is_argument &&
		       name_equal(a->name, b->name);
	case TYPE_STRING:
	case TYPE_BUFFER:
		return a->size == b->size;
	case TYPE_POINTER:
		return a->space == b->space && pointee_equal(a, b, depth);
	case TYPE_ARRAY:
		return a->count == b->count && pointee_equal(a, b, depth);
	case TYPE_STRUCT:
		return record_equal(a->record, b->record, depth);
	case TYPE_TUPLE:
		return items_equal(a, b, depth);
	case TYPE_STACK:
		return a->space == b->space && a->count == b->count &&
		       a->bits == b->bits;
	case TYPE_SYMBOL:
		return a->space == b->space;
	case TYPE_TIMESTAMP:
		return name_equal(a->name, b->name);
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS:
		return a->is_signed == b->is_signed;
	case TYPE_HIST:
		return a->bits == b->bits;
	case TYPE_LHIST:
		return a->minimum == b->minimum && a->maximum == b->maximum &&
		       a->step == b->step;
	}
	unreachable();
}

static bool equal(const struct type *a, const struct type *b, unsigned depth)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || depth > DEPTH_MAX)
		return false;
	return details_equal(a, b, depth);
}

bool type_equal(const struct type *a, const struct type *b)
{
	return equal(a, b, 0);
}

/* ---- layout ---- */

/*
 * Integers as in C; everything else begins at a multiple of 8, so that it can
 * be copied by words ("misaligned stack access" is refused by the verifier).
 */
uint32_t type_align(const struct type *type)
{
	return type_is_integer(type) ? type->size : 8;
}

uint32_t type_item_offset(const struct type *tuple, uint32_t index)
{
	uint64_t offset = 0;

	for (uint32_t i = 0; i <= index; i++) {
		offset = align_up(offset, type_align(tuple->items[i]));
		if (i < index)
			offset += tuple->items[i]->size;
	}
	return offset > UINT32_MAX ? UINT32_MAX : (uint32_t)offset;
}

/* ---- fields ---- */

static const struct field *find_field(const struct record *record,
				      const char *name, uint32_t base,
				      uint32_t *offset, unsigned depth)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		const struct field *inner;

		if (field->name && field->name[0]) {
			if (strcmp(field->name, name) != 0)
				continue;
			*offset = base + field->offset;
			return field;
		}
		if (field->type->kind != TYPE_STRUCT || depth > DEPTH_MAX)
			continue;
		inner = find_field(field->type->record, name,
				   base + field->offset, offset, depth + 1);
		if (inner)
			return inner;
	}
	return NULL;
}

const struct field *record_field(const struct record *record, const char *name,
				 uint32_t *offset)
{
	return find_field(record, name, 0, offset, 0);
}
