/*
 * Finding a value's bytes: in a record's slot, in a map's value, in an
 * aggregate. Called by the printers and the snapshot; prints nothing.
 */
#include "runtime/value.h"

uint64_t integer_load(const unsigned char *bytes, uint32_t size, bool is_signed)
{
	uint64_t value = 0;
	unsigned spare;

	if (size > 8)
		size = 8;
	memcpy(&value, bytes, size);
	if (!is_signed || !size)
		return value;
	spare = 64 - 8 * size;
	return (uint64_t)((int64_t)(value << spare) >> spare);
}

struct value value_in_map(const struct type *type, const unsigned char *bytes)
{
	struct value value = { .type = type };
	uint32_t length;

	if (type_is_scalar(type)) {
		value.scalar = integer_load(bytes, type->size, type->is_signed);
		return value;
	}
	value.bytes = bytes;
	value.length = type->size;
	if (type->kind == TYPE_BUFFER && type->size >= 4) {
		memcpy(&length, bytes, sizeof(length));
		value.bytes += 4;
		value.length -= 4;
		if (length < value.length)
			value.length = length;
	}
	return value;
}

const struct type *slot_type(const struct type *type)
{
	if (!type_is_aggregate(type))
		return type;
	return type_int(8, type->is_signed);
}

struct value value_in_slot(const struct type *type,
			   const struct record_view *record, uint32_t index)
{
	const unsigned char *at = record->slots + 8 * (size_t)index;
	struct value value = { .type = type };
	struct record_slot slot;

	if (type_is_scalar(type)) {
		memcpy(&value.scalar, at, sizeof(value.scalar));
		return value;
	}
	memcpy(&slot, at, sizeof(slot));
	value.bytes = record->bytes + slot.offset;
	value.length = slot.length;
	return value;
}

bool slot_limits(const struct type *type, uint32_t index,
		 struct slot_limits *limits)
{
	if (type_is_scalar(type))
		return false;
	*limits = (struct slot_limits){ index, type->size, UINT32_MAX };
	if (type->kind == TYPE_STRING || type->kind == TYPE_BUFFER) {
		limits->least = 0;
		limits->most = type->size;
	} else if (type->kind == TYPE_STACK) {
		limits->least = sizeof(struct stack_value);
	}
	return true;
}

size_t value_string_length(const struct value *value)
{
	return value->length
		       ? strnlen((const char *)value->bytes, value->length)
		       : 0;
}

uint64_t integer_divide(uint64_t a, uint64_t b, bool is_signed)
{
	if (!b)
		return 0;
	if (!is_signed)
		return a / b;
	/* The one quotient that does not fit: INT64_MIN / -1. */
	if (b == UINT64_MAX)
		return 0 - a;
	return (uint64_t)((int64_t)a / (int64_t)b);
}

struct aggregate aggregate_load(const struct type *type,
				const unsigned char *bytes)
{
	struct aggregate aggregate = { 0 };
	uint64_t first = integer_load(bytes, 8, false);
	uint64_t second =
		type->size >= 16 ? integer_load(bytes + 8, 8, false) : 0;

	if (type->kind == TYPE_COUNT) {
		aggregate.count = first;
	} else if (type->kind == TYPE_MIN || type->kind == TYPE_MAX) {
		aggregate.total = second ? first : 0;
	} else if (type->kind == TYPE_SUM) {
		aggregate.total = first;
	} else {
		aggregate.total = first;
		aggregate.count = second;
		/* A count is no signed number, but never that large. */
		aggregate.average =
			integer_divide(first, second, type->is_signed);
	}
	return aggregate;
}
