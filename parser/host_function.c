/*
 * What BTF says of kernel functions: their arguments and result, in the places
 * where fentry, fexit and LSM programs find them. Knows nothing of which of
 * them can be traced: that is host_traceable.c. Called by the checker, through
 * host.h.
 */
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "parser/host_private.h"

#define FUNCTIONS (1u << BTF_KIND_FUNC)

/* The largest value that is passed in registers. */
#define VALUE_MAX 16

/* ---- arguments ---- */

/* Arguments and values of structs; everything else is as large as it is
 * shown. Zero for what cannot be passed on. */
static uint32_t value_bytes(const struct type *type)
{
	if (!type || type->size > VALUE_MAX)
		return 0;
	if (type_is_scalar(type) || type->kind == TYPE_STRUCT)
		return type->size <= 8 ? 8 : 16;
	return 0;
}

static bool add_argument(struct kernel_types *types,
			 const struct btf_param *param, uint32_t index,
			 struct record *args, struct field *field)
{
	const char *name = btf_name(&types->file, param->name_off);

	field->name = *name ? arena_strdup(types->arena, name)
			    : arena_printf(types->arena, "arg%u", index);
	field->type = btf_build(types, param->type);
	field->offset = args->size;
	if (!value_bytes(field->type))
		return false;
	args->size += value_bytes(field->type);
	/* The value is in the low bytes of its register. */
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ &&
	    type_is_scalar(field->type))
		field->offset += 8 - field->type->size;
	args->count++;
	return true;
}

static void read_arguments(struct kernel_types *types,
			   const struct btf_type *proto,
			   struct kernel_function *found)
{
	const struct btf_param *params = (const void *)(proto + 1);
	struct record *args = ARENA_NEW(types->arena, struct record);
	uint32_t count = BTF_INFO_VLEN(proto->info);

	found->is_variadic = count && !params[count - 1].type;
	count -= found->is_variadic;
	args->name = "args";
	args->fields = ARENA_ARRAY(types->arena, count + 1, struct field);
	found->args = args;
	for (uint32_t i = 0; i < count && !found->has_large; i++)
		found->has_large = !add_argument(types, &params[i], i, args,
						 &args->fields[args->count]);
}

static bool read_function(struct kernel_types *types, uint32_t id,
			  struct kernel_function *found)
{
	const struct btf_type *function = btf_type(&types->file, id);
	const struct btf_type *proto;

	proto = function ? btf_type(&types->file, function->type) : NULL;
	if (!proto || BTF_INFO_KIND(proto->info) != BTF_KIND_FUNC_PROTO)
		return false;
	*found = (struct kernel_function){ .btf_id = id };
	read_arguments(types, proto, found);
	if (proto->type) {
		found->result = btf_build(types, proto->type);
		if (!found->result || !type_is_scalar(found->result))
			found->result = &type_uint64;
	}
	return true;
}

/* ---- by name ---- */

static enum host_status find_in(struct kernel_types *types, const char *name,
				struct kernel_function *found)
{
	uint32_t id = btf_find(&types->file, FUNCTIONS, name, 0);

	return id && read_function(types, id, found) ? HOST_OK : HOST_ABSENT;
}

static enum host_status find_in_module(struct host *host, const char *module,
				       const char *name,
				       struct kernel_function *found)
{
	struct kernel_types *types;
	enum host_status status = module_types_get(host, module, &types);

	if (status == HOST_OK)
		status = find_in(types, name, found);
	if (status == HOST_OK)
		found->module = arena_strdup(host->arena, module);
	return status;
}

/* In the first module that has it; the second one is remembered. */
static enum host_status find_in_modules(struct host *host, const char *name,
					struct kernel_function *found)
{
	enum host_status status = HOST_ABSENT;
	struct kernel_function other;
	const char *const *modules;
	size_t count;

	modules = host_modules(host, &count);
	for (size_t i = 0; i < count; i++) {
		if (status != HOST_OK) {
			status = find_in_module(host, modules[i], name, found);
		} else if (find_in_module(host, modules[i], name, &other) ==
			   HOST_OK) {
			found->also_in = modules[i];
			break;
		}
	}
	return status == HOST_OK ? HOST_OK : HOST_ABSENT;
}

enum host_status host_function(struct host *host, const char *module,
			       const char *name, struct kernel_function *found)
{
	struct kernel_types *types;
	enum host_status status = kernel_types_get(host, &types);

	if (status != HOST_OK)
		return status;
	if (!name[0])
		return HOST_ABSENT;
	if (module && strcmp(module, "vmlinux") != 0)
		return find_in_module(host, module, name, found);
	status = find_in(types, name, found);
	if (status == HOST_OK || module)
		return status;
	return find_in_modules(host, name, found);
}

static enum host_status types_get(struct host *host, const char *module,
				  struct kernel_types **types)
{
	return module ? module_types_get(host, module, types)
		      : kernel_types_get(host, types);
}

enum host_status host_function_at(struct host *host, const char *module,
				  uint32_t btf_id,
				  struct kernel_function *found)
{
	struct kernel_types *types;
	enum host_status status = types_get(host, module, &types);

	if (status != HOST_OK)
		return status;
	if (!read_function(types, btf_id, found))
		return HOST_ABSENT;
	if (module)
		found->module = arena_strdup(host->arena, module);
	return HOST_OK;
}

enum host_status host_functions(struct host *host, const char *module,
				described_visit_fn *visit, void *data)
{
	struct kernel_types *types;
	enum host_status status = types_get(host, module, &types);
	const char *name;
	uint32_t id = 0;

	if (status != HOST_OK)
		return status;
	while ((id = btf_next(&types->file, FUNCTIONS, id))) {
		name = btf_name(&types->file,
				btf_type(&types->file, id)->name_off);
		if (*name)
			visit(name, id, data);
	}
	return HOST_OK;
}

/* ---- limits ---- */

/* What registers hold; the kernel passes on those on the stack as well since
 * Linux 6.6, on x86. */
#if defined(__aarch64__)
#define IN_REGISTERS 8
#define ON_STACK     8
#else
#define IN_REGISTERS 6
#define ON_STACK     12 /* MAX_BPF_FUNC_ARGS */
#endif

uint32_t host_argument_limit(struct host *host)
{
	return host_kernel_version(host) >= 6006 ? ON_STACK : IN_REGISTERS;
}
