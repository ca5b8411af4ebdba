/*
 * Any bytes in place of the kernel's BTF, and once more as a module's that goes
 * on from it: every type is built, every record is filled, and fields lie
 * inside of their records.
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

static bool types_open(struct kernel_types *types, const uint8_t *bytes,
		       size_t size)
{
	if (!btf_file_parse(&types->file, bytes, size))
		return false;
	if (types->base)
		btf_file_split(&types->file, &types->base->file);
	types->built =
		calloc(btf_id_limit(&types->file), sizeof(const struct type *));
	return types->built;
}

static void types_close(struct kernel_types *types)
{
	free(types->built);
	free(types->file.places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct kernel_types types = { .arena = arena };
	struct kernel_types module = {
		.arena = arena,
		.base = &types,
		.number = 1,
	};
	uint8_t *bytes = arena_alloc(arena, size); /* aligned */

	if (size)
		memcpy(bytes, data, size);
	if (types_open(&types, bytes, size)) {
		build_everything(&types);
		btf_find(&types.file, UINT32_MAX, "no such type", 0);
		if (types_open(&module, bytes, size))
			build_everything(&module);
		types_close(&module);
	}
	types_close(&types);
	arena_free(arena);
	return 0;
}
