/*
 * Any bytes in place of the kernel's BTF: every type is built, every record is
 * filled, and fields lie inside of their records.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>

#include "parser/host_private.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

static void check_record(struct arena *arena, const struct record *record)
{
	const struct field *field;
	uint32_t offset;
	size_t i;

	for (i = 0; i < record->count; i++) {
		field = &record->fields[i];
		assert(field->bit_size ||
		       (field->type->size <= record->size &&
			field->offset <= record->size - field->type->size));
		type_text(arena, field->type);
	}
	record_field(record, "no such field", &offset);
}

static void build_everything(struct kernel_types *types)
{
	const struct type *type;
	uint32_t id;

	for (id = 0; btf_next(&types->file, UINT32_MAX, id); id++) {
		type = btf_build(types, id + 1);
		if (!type || type->kind != TYPE_STRUCT)
			continue;
		btf_fill(types, type->record);
		check_record(types->arena, type->record);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct kernel_types types = { .arena = arena };
	uint8_t *bytes = arena_alloc(arena, size); /* aligned */

	if (size)
		memcpy(bytes, data, size);
	if (btf_file_parse(&types.file, bytes, size)) {
		types.built = calloc(btf_id_limit(&types.file),
				     sizeof(const struct type *));
		build_everything(&types);
		btf_find(&types.file, UINT32_MAX, "no such type", 0);
		free(types.built);
		free(types.file.places);
	}
	arena_free(arena);
	return 0;
}
