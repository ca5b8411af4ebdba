/*
 * What the tests of printing share: outputs in memory, an image without a
 * program, records made slot by slot.
 */
#ifndef UNIT_PRINTING_H
#define UNIT_PRINTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codegen/image.h"
#include "codegen/record.h"
#include "runtime/names.h"
#include "runtime/output.h"
#include "runtime/value_print.h"

/* What has been printed so far, which is then forgotten. */
static inline const char *taken(struct output *output)
{
	static char text[1 << 20];

	assert_true(output->length < sizeof(text));
	if (output->length)
		memcpy(text, output->data, output->length);
	text[output->length] = '\0';
	output->length = 0;
	return text;
}

struct record_builder {
	unsigned char bytes[4096];
	size_t slots, next_slot, size;
};

static inline void record_begin(struct record_builder *record, uint32_t site,
				uint32_t slots, bool is_control)
{
	memset(record, 0, sizeof(*record));
	memcpy(record->bytes, &site, sizeof(site));
	record->slots = is_control ? RECORD_CONTROL_SLOTS : RECORD_DATA_SLOTS;
	record->next_slot = record->slots;
	record->size = record->slots + 8 * (size_t)slots;
}

static inline void record_scalar(struct record_builder *record, uint64_t value)
{
	memcpy(record->bytes + record->next_slot, &value, 8);
	record->next_slot += 8;
}

static inline void record_bytes(struct record_builder *record,
				const void *bytes, size_t length)
{
	struct record_slot slot = { (uint32_t)record->size, (uint32_t)length };

	assert_true(record->size + length <= sizeof(record->bytes));
	memcpy(record->bytes + record->next_slot, &slot, 8);
	record->next_slot += 8;
	if (length)
		memcpy(record->bytes + record->size, bytes, length);
	record->size += length;
}

static inline struct record_view
record_view(const struct record_builder *record)
{
	return (struct record_view){ record->bytes,
				     record->bytes + record->slots,
				     record->size };
}

#endif
