/*
 * The kernel's iterators: for each kind of object that it lets a program walk
 * through there are a function bpf_iter_KIND, which names the program's place,
 * and a struct bpf_iter__KIND, which the program is given. Called by the
 * checker, through host.h.
 */
#include "parser/host_private.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT   "bpf_iter__"
#define FUNCTION  "bpf_iter_"
#define FUNCTIONS (1u << BTF_KIND_FUNC)
#define STRUCTS   (1u << BTF_KIND_STRUCT)

static uint32_t find_function(struct kernel_types *types, const char *kind)
{
	return btf_find(&types->file, FUNCTIONS,
			arena_printf(types->arena, FUNCTION "%s", kind), 0);
}

/* Each pointer is in a union of its own, to have 8 bytes everywhere. Who reads
 * the context need not know. */
static const struct record *without_unions(struct host *host,
					   const struct record *whole)
{
	struct record *record = ARENA_NEW(host->arena, struct record);
	size_t room = 0;

	*record = *whole;
	record->fields = NULL;
	record->count = 0;
	for (size_t i = 0; i < whole->count; i++) {
		struct field field = whole->fields[i];
		uint32_t offset = field.offset;

		if ((!field.name || !field.name[0]) &&
		    field.type->kind == TYPE_STRUCT &&
		    field.type->record->count) {
			field = field.type->record->fields[0];
			field.offset += offset;
		}
		ARENA_PUSH(host->arena, record->fields, record->count, room,
			   field);
	}
	return record;
}

enum host_status host_iterator(struct host *host, const char *kind,
			       struct kernel_iterator *found)
{
	struct kernel_types *types;
	const struct type *context;
	enum host_status status = kernel_types_get(host, &types);

	if (status != HOST_OK)
		return status;
	status = host_type(host, "struct",
			   arena_printf(host->arena, CONTEXT "%s", kind),
			   &context);
	if (status != HOST_OK)
		return status;
	found->btf_id = find_function(types, kind);
	if (!found->btf_id)
		return HOST_ABSENT;
	host_record_complete(host, context->record);
	found->context = without_unions(host, context->record);
	return HOST_OK;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

enum host_status host_iterators(struct host *host, name_visit_fn *visit,
				void *data)
{
	struct kernel_types *types;
	enum host_status status = kernel_types_get(host, &types);
	size_t length = strlen(CONTEXT), count = 0, room = 0;
	const char **kinds = NULL;
	const char *name;
	uint32_t id = 0;

	if (status != HOST_OK)
		return status;
	while ((id = btf_next(&types->file, STRUCTS, id))) {
		name = btf_name(&types->file,
				btf_type(&types->file, id)->name_off);
		if (strncmp(name, CONTEXT, length) != 0 || !name[length] ||
		    !find_function(types, name + length))
			continue;
		ARENA_PUSH(host->arena, kinds, count, room,
			   arena_strdup(host->arena, name + length));
	}
	if (count)
		qsort(kinds, count, sizeof(*kinds), compare_names);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(kinds[i - 1], kinds[i]) != 0)
			visit(kinds[i], data);
	return HOST_OK;
}
