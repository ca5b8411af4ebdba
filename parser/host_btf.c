/*
 * The kernel's own types, by name. Knows which BTF file to ask and what was
 * asked before; what a type looks like is btf_build.c's business. Called by
 * the checker, through host.h.
 */
#include "parser/host_private.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#define VMLINUX "/sys/kernel/btf/vmlinux"
#define ENUMS   (1u << BTF_KIND_ENUM | 1u << BTF_KIND_ENUM64)

struct kernel_types *kernel_types_new(struct arena *arena,
				      const struct btf_file *file)
{
	struct kernel_types *types = ARENA_NEW(arena, struct kernel_types);

	types->arena = arena;
	types->file = *file;
	/* Fresh pages, of which few are ever touched. */
	types->built = calloc(btf_id_limit(file), sizeof(const struct type *));
	if (types->built)
		return types;
	btf_file_close(&types->file);
	return NULL;
}

static struct kernel_types *types_open(struct host *host)
{
	struct kernel_types *types;
	struct btf_file file;

	host->types_status = btf_file_open(
		&file, host->btf ? host->btf : host_path(host, VMLINUX));
	if (host->types_status == HOST_ABSENT)
		host->types_status = HOST_NO_BTF;
	if (host->types_status != HOST_OK)
		return NULL;
	types = kernel_types_new(host->arena, &file);
	if (!types)
		host->types_status = HOST_BAD;
	return types;
}

void host_set_types(struct host *host, const char *path)
{
	host->btf = path;
}

uint32_t host_record_id(const struct record *record)
{
	bool is_kernels = !record->is_own && !record->origin &&
			  record->btf_id >> BTF_ID_BITS == 0;

	return is_kernels ? record->btf_id : 0;
}

bool host_types_are_given(const struct host *host)
{
	return host->btf;
}

bool host_has_types(struct host *host)
{
	struct kernel_types *types;

	return kernel_types_get(host, &types) == HOST_OK;
}

enum host_status kernel_types_get(struct host *host,
				  struct kernel_types **types)
{
	if (!host->types_looked) {
		host->types_looked = true;
		host->types = types_open(host);
	}
	*types = host->types;
	return host->types_status;
}

void kernel_types_close(struct kernel_types *types)
{
	if (!types)
		return;
	free(types->built);
	btf_file_close(&types->file);
}

/* ---- by name ---- */

static const struct {
	const char *keyword;
	uint32_t kinds;
} keywords[] = {
	{ "struct", 1u << BTF_KIND_STRUCT },
	{ "union", 1u << BTF_KIND_UNION },
	{ "enum", ENUMS },
	{ "", 1u << BTF_KIND_TYPEDEF | 1u << BTF_KIND_INT },
};

const struct type *types_find(struct kernel_types *types, const char *keyword,
			      const char *name)
{
	uint32_t id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i].keyword, keyword) != 0)
			continue;
		id = btf_find(&types->file, keywords[i].kinds, name, 0);
		return id ? btf_build(types, id) : NULL;
	}
	return NULL;
}

/* A record known by name only has turned out to be this one. */
static void record_adopt(struct record *record, const struct record *known)
{
	record->btf_id = known->btf_id;
	record->size = known->size;
	record->fields = known->fields;
	record->count = known->count;
}

enum host_status host_type(struct host *host, const char *keyword,
			   const char *name, const struct type **type)
{
	struct kernel_types *types;
	struct record *record;
	enum host_status status;
	const char *key;

	if (!name[0])
		return HOST_ABSENT;
	keyword = keyword ? keyword : "";
	key = arena_printf(host->arena, "%s %s", keyword, name);
	*type = cache_find(&host->declared, key);
	if (*type)
		return HOST_OK;
	status = kernel_types_get(host, &types);
	if (status != HOST_OK)
		return status;
	*type = cache_find(&types->named, key);
	if (*type)
		return (*type)->kind == TYPE_NONE ? HOST_ABSENT : HOST_OK;
	*type = types_find(types, keyword, name);
	/* What is not there is remembered as no type. */
	cache_put(host->arena, &types->named, key,
		  (void *)(*type ? *type : &type_none));
	record = cache_find(&host->records, key);
	if (record && *type)
		record_adopt(record, (*type)->record);
	return *type ? HOST_OK : HOST_ABSENT;
}

/* The first declaration of a name stays: a later one was refused. */
void host_declare_type(struct host *host, const char *keyword, const char *name,
		       const struct type *type)
{
	const char *key = arena_printf(host->arena, "%s %s",
				       keyword ? keyword : "", name);

	if (!cache_find(&host->declared, key))
		cache_put(host->arena, &host->declared, key, (void *)type);
}

bool host_is_declared(struct host *host, const char *keyword, const char *name)
{
	return cache_find(&host->declared,
			  arena_printf(host->arena, "%s %s",
				       keyword ? keyword : "", name));
}

void host_declare_enumerator(struct host *host, const char *name,
			     const struct type *type, int64_t value)
{
	struct known_enumerator *known =
		ARENA_NEW(host->arena, struct known_enumerator);

	known->type = type;
	known->value = value;
	if (!cache_find(&host->declared_enumerators, name))
		cache_put(host->arena, &host->declared_enumerators, name,
			  known);
}

struct record *record_by_name(struct host *host, bool is_union,
			      const char *name)
{
	const char *key = arena_printf(host->arena, "%s %s",
				       is_union ? "union" : "struct", name);
	struct record *record = cache_find(&host->records, key);
	const struct type *type;

	if (record)
		return record;
	type = cache_find(&host->declared, key);
	if (type && type->kind == TYPE_STRUCT)
		return (struct record *)type->record;
	record = ARENA_NEW(host->arena, struct record);
	record->name = arena_strdup(host->arena, name);
	record->is_union = is_union;
	cache_put(host->arena, &host->records, key, record);
	type = host->types ? cache_find(&host->types->named, key) : NULL;
	if (type && type->kind == TYPE_STRUCT)
		record_adopt(record, type->record);
	return record;
}

struct kernel_types *kernel_types_of(struct host *host, uint32_t btf_id)
{
	uint32_t number = btf_id >> BTF_ID_BITS;

	if (!number)
		return host->types;
	return number <= host->module_count ? host->module_types[number - 1]
					    : NULL;
}

/* The record itself as BTF has it, or NULL. */
static const struct record *record_find(struct host *host,
					const struct record *record)
{
	const char *keyword = record->is_union ? "union" : "struct";
	const struct type *type;

	if (record->btf_id)
		type = btf_build(kernel_types_of(host, record->btf_id),
				 record->btf_id & BTF_ID_MASK);
	else if (!record->name ||
		 (host_type(host, keyword, record->name, &type) != HOST_OK &&
		  host_module_type(host, keyword, record->name, &type) !=
			  HOST_OK))
		return NULL;
	return type && type->kind == TYPE_STRUCT ? type->record : NULL;
}

/* The caller's record is const to the caller; it was made in the arena, by us
 * or from the user's "struct foo;". */
void host_record_complete(struct host *host, const struct record *record)
{
	const struct record *known;

	if (record->origin)
		dwarf_record_fill(record->origin);
	if (record->origin || record->count || record->is_own ||
	    record->is_literal)
		return;
	known = record_find(host, record);
	if (!known)
		return;
	if (!known->is_own)
		btf_fill(kernel_types_of(host, known->btf_id), known);
	if (known != record)
		record_adopt((struct record *)record, known);
}

/* ---- enumerators ---- */

/* The index of an enumerator of that name, or its count. */
static uint32_t enumerator_index(const struct btf_file *file,
				 const struct btf_type *type, const char *name)
{
	const struct btf_enum64 *wide = (const void *)(type + 1);
	const struct btf_enum *narrow = (const void *)(type + 1);
	bool is_wide = BTF_INFO_KIND(type->info) == BTF_KIND_ENUM64;
	uint32_t count = BTF_INFO_VLEN(type->info);
	uint32_t i, place;

	for (i = 0; i < count; i++) {
		place = is_wide ? wide[i].name_off : narrow[i].name_off;
		if (!strcmp(btf_name(file, place), name))
			break;
	}
	return i;
}

void types_enumerator(struct kernel_types *types, const char *name,
		      struct known_enumerator *found)
{
	const struct type *built;
	const struct btf_type *type;
	uint32_t id = 0, index;

	while ((id = btf_next(&types->file, ENUMS, id))) {
		type = btf_type(&types->file, id);
		index = enumerator_index(&types->file, type, name);
		if (index == BTF_INFO_VLEN(type->info))
			continue;
		built = btf_build(types, id);
		if (!built || built->kind != TYPE_ENUM)
			continue;
		found->type = built;
		found->value = built->enumerators[index].value;
		return;
	}
}

enum host_status host_enumerator(struct host *host, const char *name,
				 const struct type **type, int64_t *value)
{
	struct known_enumerator *known;
	struct kernel_types *types;
	enum host_status status;

	if (!name[0])
		return HOST_ABSENT;
	known = cache_find(&host->declared_enumerators, name);
	if (known) {
		*type = known->type;
		*value = known->value;
		return HOST_OK;
	}
	status = kernel_types_get(host, &types);
	if (status != HOST_OK)
		return status;
	known = cache_find(&types->enumerators, name);
	if (!known) {
		known = ARENA_NEW(host->arena, struct known_enumerator);
		types_enumerator(types, name, known);
		cache_put(host->arena, &types->enumerators,
			  arena_strdup(host->arena, name), known);
	}
	*type = known->type;
	*value = known->value;
	return known->type ? HOST_OK : HOST_ABSENT;
}
