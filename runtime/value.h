/*
 * A value as the printers see it: its type and its bytes, whether it came in a
 * slot of a record or from a map. Knows layouts, prints nothing. Trusts no
 * length that a record claims.
 */
#ifndef RUNTIME_VALUE_H
#define RUNTIME_VALUE_H

#include <string.h>

#include "codegen/record.h"
#include "parser/types.h"

struct value {
	const struct type *type;
	uint64_t scalar;            /* when type_is_scalar(), widened */
	const unsigned char *bytes; /* otherwise; of a buffer without its u32 */
	size_t length;              /* of `bytes` */
};

/* A record, its slots within its size. */
struct record_view {
	const unsigned char *bytes;
	const unsigned char *slots;
	size_t size;
};

/* A value in the layout of maps: type->size bytes at `bytes`. */
struct value value_in_map(const struct type *type, const unsigned char *bytes);

/*
 * The type a slot has: an aggregate read by a probe is sent as the integer it
 * stands for.
 */
const struct type *slot_type(const struct type *type);

/* The value of slot `index`, which record_slot_valid() found to be good;
 * `type` is its slot_type(). */
struct value value_in_slot(const struct type *type,
			   const struct record_view *record, uint32_t index);

/* How many bytes a slot may name: worked out once for each site. */
struct slot_limits {
	uint32_t index, least, most;
};

/* False for a scalar, which names none. `type` is its slot_type(). */
bool slot_limits(const struct type *type, uint32_t index,
		 struct slot_limits *limits);

/* Do the bytes that a slot names lie within the record? */
static inline bool record_slot_valid(const struct record_view *record,
				     const struct slot_limits *limits)
{
	struct record_slot slot;

	memcpy(&slot, record->slots + 8 * (size_t)limits->index, sizeof(slot));
	return slot.offset <= record->size &&
	       slot.length <= record->size - slot.offset &&
	       slot.length >= limits->least && slot.length <= limits->most;
}

/* `size` bytes (1, 2, 4, 8) widened to 64 bits. */
uint64_t integer_load(const unsigned char *bytes, uint32_t size,
		      bool is_signed);

/* Bytes of a string before its first NUL. */
size_t value_string_length(const struct value *value);

/* What is in an aggregate other than a histogram. */
struct aggregate {
	uint64_t count;   /* COUNT, AVG, STATS */
	uint64_t total;   /* SUM, AVG, STATS; of MIN and MAX the value */
	uint64_t average; /* AVG, STATS */
};
struct aggregate aggregate_load(const struct type *type,
				const unsigned char *bytes);

/* A / b as the type's sign has it; 0 when `b` is 0. */
uint64_t integer_divide(uint64_t a, uint64_t b, bool is_signed);

#endif
