/*
 * Names of kernel functions by pattern. Leaves out what cannot be traced, and
 * what a pattern should not hit by chance. Called by probe_kernel.c and
 * probe_list.c.
 */
#include "parser/kernel_names.h"

#include <stdlib.h>
#include <string.h>

#define LSM_PREFIX "bpf_lsm_"

/*
 * Attached by a pattern, these would bring the machine down or the tracing:
 * they run while the kernel cannot be interrupted, or within a probe.
 */
static const char *const dangerous[] = {
	"rcu_*",
	"__rcu_*",
	"arch_cpu_idle",
	"default_idle",
	"bpf_dispatcher_xdp_func",
	"preempt_count_*",
	"migrate_disable",
	"migrate_enable",
};

/* Halves of functions, which would be counted again. */
static const char *const halves[] = { "*.part.*", "*.cold", "*.cold.*" };

static bool is_any_of(const char *name, const char *const *patterns,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (glob_match(patterns[i], name))
			return true;
	return false;
}

static bool is_kprobe(const struct kernel_names *names)
{
	return names->provider == PROVIDER_kprobe ||
	       names->provider == PROVIDER_kretprobe;
}

static void keep(struct kernel_names *names, const char *name,
		 const char *module)
{
	struct kernel_name item = {
		.name = arena_strdup(names->arena, name),
		.module = module,
		.copies = 1,
	};

	ARENA_PUSH(names->arena, names->items, names->count, names->room, item);
}

static void consider(const char *name, const char *module, void *data)
{
	struct kernel_names *names = data;

	if (!glob_match(names->pattern, name) ||
	    (names->module &&
	     !glob_match(names->module, module ? module : "vmlinux")) ||
	    is_any_of(name, dangerous, ARRAY_SIZE(dangerous)) ||
	    is_any_of(name, halves, ARRAY_SIZE(halves)) ||
	    (is_kprobe(names) && host_is_unprobed(names->host, name)))
		return;
	keep(names, name, module);
}

/* ---- sorting ---- */

static int compare_modules(const char *left, const char *right)
{
	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcmp(left, right);
}

static int compare(const void *left, const void *right)
{
	const struct kernel_name *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : compare_modules(a->module, b->module);
}

static void sort(struct kernel_names *names)
{
	size_t kept = 0;

	if (!names->count)
		return;
	qsort(names->items, names->count, sizeof(*names->items), compare);
	for (size_t i = 1; i < names->count; i++) {
		if (compare(&names->items[kept], &names->items[i]) == 0)
			names->items[kept].copies++;
		else
			names->items[++kept] = names->items[i];
	}
	names->count = kept + 1;
}

static struct kernel_name *find(struct kernel_names *names, const char *name,
				const char *module)
{
	struct kernel_name key = { .name = name, .module = module };

	return names->count ? bsearch(&key, names->items, names->count,
				      sizeof(*names->items), compare)
			    : NULL;
}

/* ---- where they are ---- */

static void place(const struct kernel_symbol *symbol, void *data)
{
	struct kernel_names *names = data;
	struct kernel_name *item;

	if (!symbol->is_traceable || !symbol->address)
		return;
	item = find(names, symbol->name, symbol->module);
	if (item && (item->module || item->copies > 1))
		ARENA_PUSH(names->arena, item->addresses, item->address_count,
			   item->address_room, symbol->address);
}

/* The kernel finds functions of modules, and those that share a name, by
 * address alone. */
static void place_all(struct kernel_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].module || names->items[i].copies > 1) {
			host_kernel_symbols(names->host, "", place, names);
			return;
		}
}

/* ---- what BTF has to say ---- */

struct description {
	struct kernel_names *names;
	const char *module;
	uint32_t limit;
};

static void describe(const char *name, uint32_t btf_id, void *data)
{
	const struct description *description = data;
	struct kernel_name *item =
		find(description->names, name, description->module);

	if (!item)
		return;
	/* A second of the same name: the kernel could mean the other one. */
	if (item->function.args)
		item->copies++;
	host_function_at(description->names->host, item->module, btf_id,
			 &item->function);
}

static bool can_show(const struct kernel_name *item, uint32_t limit)
{
	const struct kernel_function *function = &item->function;

	return item->copies == 1 && function->args && !function->is_variadic &&
	       !function->has_large && function->args->size <= limit;
}

/* Keeps those whose arguments can be shown. */
static void describe_all(struct kernel_names *names)
{
	struct description description = { .names = names };
	uint32_t limit = 8 * host_argument_limit(names->host);
	const char *const *modules;
	size_t count, kept = 0;

	host_functions(names->host, NULL, describe, &description);
	modules = host_modules(names->host, &count);
	for (size_t i = 0; i < count; i++) {
		description.module = modules[i];
		if (!names->module || glob_match(names->module, modules[i]))
			host_functions(names->host, modules[i], describe,
				       &description);
	}
	for (size_t i = 0; i < names->count; i++)
		if (can_show(&names->items[i], limit))
			names->items[kept++] = names->items[i];
	names->count = kept;
}

/* ---- security hooks ---- */

static void consider_hook(const char *name, uint32_t btf_id, void *data)
{
	struct kernel_names *names = data;
	const size_t prefix = strlen(LSM_PREFIX);

	if (strncmp(name, LSM_PREFIX, prefix) != 0 ||
	    !glob_match(names->pattern, name + prefix))
		return;
	keep(names, name + prefix, NULL);
	host_function_at(names->host, NULL, btf_id,
			 &names->items[names->count - 1].function);
}

/* ---- all kinds ---- */

enum host_status kernel_names_gather(struct kernel_names *names)
{
	enum host_status status;

	if (names->provider == PROVIDER_lsm)
		status =
			host_functions(names->host, NULL, consider_hook, names);
	else
		status = host_traceable_functions(names->host, consider, names);
	sort(names);
	if (is_kprobe(names))
		place_all(names);
	else if (names->provider != PROVIDER_lsm)
		describe_all(names);
	return status;
}
