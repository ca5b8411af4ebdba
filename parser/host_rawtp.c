/*
 * Raw tracepoints: which ones the kernel's BTF has, and their arguments. Knows
 * nothing of tracefs, whose tracepoints are records; these are function calls.
 * Called by the checker, through host.h.
 */
#include "parser/host_private.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

/* typedef void (*btf_trace_EVENT)(void *, …) is there for each of them. */
#define PREFIX    "btf_trace_"
#define TYPEDEFS  (1u << BTF_KIND_TYPEDEF)
#define FUNCTIONS (1u << BTF_KIND_FUNC)

struct known_raw {
	enum host_status status;
	const struct record *args;
};

static const struct btf_param *params_of(const struct btf_type *proto)
{
	return (const void *)(proto + 1);
}

static const struct btf_type *proto_or_null(const struct btf_type *type)
{
	return type && BTF_INFO_KIND(type->info) == BTF_KIND_FUNC_PROTO ? type
									: NULL;
}

/* The function type a raw tracepoint's typedef points to, or NULL. */
static const struct btf_type *raw_proto(struct kernel_types *types,
					const char *event)
{
	const char *name = arena_printf(types->arena, PREFIX "%s", event);
	uint32_t id = btf_find(&types->file, TYPEDEFS, name, 0);
	const struct btf_type *type;

	type = btf_type(&types->file, btf_resolve(types, id));
	if (!type || BTF_INFO_KIND(type->info) != BTF_KIND_PTR)
		return NULL;
	return proto_or_null(
		btf_type(&types->file, btf_resolve(types, type->type)));
}

static bool has_names(struct kernel_types *types, const struct btf_type *proto)
{
	uint32_t count = BTF_INFO_VLEN(proto->info);

	return *btf_name(&types->file, params_of(proto)[count - 1].name_off);
}

/*
 * Compilers keep no names of the parameters of a function type. The functions
 * that the kernel makes for each tracepoint have them: the first since Linux
 * 5.10; the last carries the name of the event's class.
 */
static const struct btf_type *named_proto(struct kernel_types *types,
					  const char *event,
					  const struct btf_type *proto)
{
	static const char *const prefixes[] = { "__traceiter_", "__probestub_",
						"__bpf_trace_" };
	const struct btf_type *function, *named;
	const char *name;
	size_t i;

	if (has_names(types, proto))
		return proto;
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		name = arena_printf(types->arena, "%s%s", prefixes[i], event);
		function = btf_type(&types->file,
				    btf_find(&types->file, FUNCTIONS, name, 0));
		if (!function)
			continue;
		named = proto_or_null(btf_type(&types->file, function->type));
		if (named &&
		    BTF_INFO_VLEN(named->info) == BTF_INFO_VLEN(proto->info) &&
		    has_names(types, named))
			return named;
	}
	return proto;
}

/* Each argument has 8 bytes, whatever its type. */
static struct field raw_field(struct kernel_types *types, uint32_t type,
			      uint32_t place, uint32_t index)
{
	const char *name = btf_name(&types->file, place);
	struct field field = { .offset = 8 * index };

	field.name = *name ? arena_strdup(types->arena, name)
			   : arena_printf(types->arena, "arg%u", index);
	field.type = btf_build(types, type);
	if (!field.type || !type_is_scalar(field.type))
		field.type = &type_uint64;
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		field.offset += 8 - field.type->size;
	return field;
}

static const struct record *raw_args(struct kernel_types *types,
				     const char *event)
{
	const struct btf_type *proto = raw_proto(types, event);
	const struct btf_param *params, *names;
	struct record *args;
	uint32_t count, i;

	/* The first parameter is the tracepoint's own. */
	count = proto ? BTF_INFO_VLEN(proto->info) : 0;
	if (!count)
		return NULL;
	params = params_of(proto) + 1;
	names = params_of(named_proto(types, event, proto)) + 1;
	args = ARENA_NEW(types->arena, struct record);
	args->name = "args";
	args->count = count - 1;
	args->size = 8 * (count - 1);
	args->fields = ARENA_ARRAY(types->arena, count, struct field);
	for (i = 0; i < count - 1; i++)
		args->fields[i] =
			raw_field(types, params[i].type, names[i].name_off, i);
	return args;
}

enum host_status host_raw_tracepoint(struct host *host, const char *event,
				     const struct record **args)
{
	struct kernel_types *types;
	struct known_raw *known;
	enum host_status status = kernel_types_get(host, &types);

	if (status != HOST_OK)
		return status;
	known = cache_find(&types->raw_tracepoints, event);
	if (!known) {
		known = ARENA_NEW(host->arena, struct known_raw);
		known->args = raw_args(types, event);
		known->status = known->args ? HOST_OK : HOST_ABSENT;
		cache_put(host->arena, &types->raw_tracepoints,
			  arena_strdup(host->arena, event), known);
	}
	*args = known->args;
	return known->status;
}

/* ---- all of them ---- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void raw_list(struct kernel_types *types)
{
	size_t length = strlen(PREFIX), room = 0, count = 0;
	const char **names = NULL;
	const char *name;
	uint32_t id = 0;

	while ((id = btf_next(&types->file, TYPEDEFS, id))) {
		name = btf_name(&types->file,
				btf_type(&types->file, id)->name_off);
		if (!strncmp(name, PREFIX, length) && name[length])
			ARENA_PUSH(types->arena, names, count, room,
				   arena_strdup(types->arena, name + length));
	}
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	types->raw_names = names;
	types->raw_count = count;
	types->raw_listed = true;
}

enum host_status host_raw_tracepoints(struct host *host, name_visit_fn *visit,
				      void *data)
{
	struct kernel_types *types;
	enum host_status status = kernel_types_get(host, &types);
	size_t i;

	if (status != HOST_OK)
		return status;
	if (!types->raw_listed)
		raw_list(types);
	for (i = 0; i < types->raw_count; i++)
		if (!i ||
		    strcmp(types->raw_names[i - 1], types->raw_names[i]) != 0)
			visit(types->raw_names[i], data);
	return HOST_OK;
}
