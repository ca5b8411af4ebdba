/*
 * Kernel modules and their types: which modules have BTF, and each one's,
 * which goes on from the kernel's own. Called by host_function.c and, through
 * host.h, by the checker.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "parser/host_private.h"

#define FOLDER "/sys/kernel/btf"

struct known_module {
	enum host_status status;
	struct kernel_types *types;
};

static bool is_module_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/') &&
	       strcmp(name, "vmlinux") != 0;
}

static struct kernel_types *types_open(struct host *host,
				       struct kernel_types *kernel,
				       const char *module,
				       enum host_status *status)
{
	const char *path = arena_printf(host->arena, FOLDER "/%s", module);
	struct kernel_types *types;
	struct btf_file file;

	*status = btf_file_open(&file, host_path(host, path));
	if (*status != HOST_OK)
		return NULL;
	btf_file_split(&file, &kernel->file);
	types = kernel_types_new(host->arena, &file);
	if (!types) {
		*status = HOST_BAD;
		return NULL;
	}
	types->base = kernel;
	ARENA_PUSH(host->arena, host->module_types, host->module_count,
		   host->module_room, types);
	types->number = (uint32_t)host->module_count;
	return types;
}

enum host_status module_types_get(struct host *host, const char *module,
				  struct kernel_types **types)
{
	struct kernel_types *kernel;
	struct known_module *known;
	enum host_status status = kernel_types_get(host, &kernel);

	if (status != HOST_OK)
		return status;
	if (!is_module_name(module))
		return HOST_ABSENT;
	known = cache_find(&host->modules, module);
	if (!known) {
		if (host->module_count >= MODULES_MAX)
			return HOST_BAD;
		known = ARENA_NEW(host->arena, struct known_module);
		known->types = types_open(host, kernel, module, &known->status);
		cache_put(host->arena, &host->modules,
			  arena_strdup(host->arena, module), known);
	}
	*types = known->types;
	return known->status;
}

void modules_close(struct host *host)
{
	for (size_t i = 0; i < host->module_count; i++)
		kernel_types_close(host->module_types[i]);
}

/* ---- all of them ---- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void list_modules(struct host *host)
{
	DIR *folder = opendir(host_path(host, FOLDER));
	size_t count = 0, room = 0;
	const char **names = NULL;
	struct dirent *entry;

	host->modules_listed = true;
	while (folder && (entry = readdir(folder)))
		if (is_module_name(entry->d_name))
			ARENA_PUSH(host->arena, names, count, room,
				   arena_strdup(host->arena, entry->d_name));
	if (folder)
		closedir(folder);
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	host->module_names = names;
	host->module_name_count = count;
}

const char *const *host_modules(struct host *host, size_t *count)
{
	if (!host->modules_listed)
		list_modules(host);
	*count = host->module_name_count;
	return host->module_names;
}

enum module_state host_module_state(struct host *host, const char *module)
{
	const char *text;
	size_t length;

	if (!is_module_name(module))
		return MODULE_ABSENT;
	/* Only what was loaded has a state; what is built in has a folder if
	 * it has parameters. */
	if (host_read_file(host,
			   arena_printf(host->arena, "/sys/module/%s/initstate",
					module),
			   64, &text, &length) == HOST_OK)
		return MODULE_LOADED;
	return host_has_file(host, arena_printf(host->arena, "/sys/module/%s",
						module))
		       ? MODULE_BUILT_IN
		       : MODULE_ABSENT;
}

/* ---- names in any of them ---- */

/* The types of module `index`; false past the last. NULL if they cannot be
 * read, or go on from another kernel's than those in use. */
static bool module_at(struct host *host, size_t index,
		      struct kernel_types **types)
{
	size_t count;
	const char *const *modules = host_modules(host, &count);

	*types = NULL;
	if (index >= count || host_types_are_given(host))
		return false;
	if (module_types_get(host, modules[index], types) != HOST_OK)
		*types = NULL;
	return true;
}

enum host_status host_module_type(struct host *host, const char *keyword,
				  const char *name, const struct type **type)
{
	const char *key;
	struct kernel_types *types;

	keyword = keyword ? keyword : "";
	key = arena_printf(host->arena, "%s %s", keyword, name);
	*type = cache_find(&host->module_named, key);
	if (*type)
		return (*type)->kind == TYPE_NONE ? HOST_ABSENT : HOST_OK;
	for (size_t i = 0; !*type && name[0] && module_at(host, i, &types); i++)
		if (types)
			*type = types_find(types, keyword, name);
	/* What is not there is remembered as no type. */
	cache_put(host->arena, &host->module_named, key,
		  (void *)(*type ? *type : &type_none));
	return *type ? HOST_OK : HOST_ABSENT;
}

enum host_status host_module_enumerator(struct host *host, const char *name,
					const struct type **type,
					int64_t *value)
{
	struct known_enumerator *known =
		cache_find(&host->module_enumerators, name);
	struct kernel_types *types;

	if (!known) {
		known = ARENA_NEW(host->arena, struct known_enumerator);
		for (size_t i = 0;
		     !known->type && name[0] && module_at(host, i, &types); i++)
			if (types)
				types_enumerator(types, name, known);
		cache_put(host->arena, &host->module_enumerators,
			  arena_strdup(host->arena, name), known);
	}
	*type = known->type;
	*value = known->value;
	return known->type ? HOST_OK : HOST_ABSENT;
}
