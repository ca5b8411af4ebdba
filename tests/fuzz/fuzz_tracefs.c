/*
 * Any bytes in place of a tracepoint's format file: refused, or a record
 * whose fields lie inside of it.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>

#include "parser/host.h"

static void check_field(const struct record *record, const struct field *field)
{
	uint32_t bytes =
		field->data_loc || field->rel_loc ? 4 : field->type->size;

	assert(bytes <= record->size && field->offset <= record->size - bytes);
	assert(field->name && field->name[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct record *record;
	uint32_t id;
	size_t i;

	record = tracepoint_format_parse(arena, (const char *)data, size, &id);
	for (i = 0; record && i < record->count; i++) {
		check_field(record, &record->fields[i]);
		type_text(arena, record->fields[i].type);
	}
	arena_free(arena);
	return 0;
}
