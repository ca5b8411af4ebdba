/*
 * C++ functions in attach points, by the names people write: all of a name, or
 * the one with those parameters. Called by probe_user.c.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/cpp_name.h"

struct cpp_search {
	struct expansion *expansion;
	struct target *target;
	const char *path;
	const char *wanted;
	struct demangler demangler;
	size_t added, functions;
};

static void visit_symbol(const struct program_symbol *symbol, void *data)
{
	struct cpp_search *search = data;
	struct arena *arena = search->expansion->arena;
	const char *name = demangle(&search->demangler, symbol->name);
	struct user_function function = {
		.path = search->path,
		.address = symbol->address,
		.offset = symbol->offset,
		.is_one_of_many = true,
	};

	search->functions += name != NULL;
	if (!name || search->expansion->is_full ||
	    !cpp_name_matches(search->wanted, name))
		return;
	function.symbol = arena_strdup(arena, name);
	function.text = arena_printf(arena, "cpp:\"%s\"", name);
	search->added +=
		user_function_add(search->expansion, search->target, &function);
}

static enum outcome report_missing(const struct cpp_search *search)
{
	struct expansion *expansion = search->expansion;
	struct span at = search->target->parts[3].at;
	struct diag *diag;

	if (has_wildcard(search->wanted)) {
		probe_missing(expansion, E_NO_MATCH, at,
			      "no C++ function of %s matches %s", search->path,
			      search->wanted);
		return OUTCOME_MISSING;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, at,
			     "%s has no C++ function '%s'", search->path,
			     search->wanted);
	diag_hint(expansion->diags, diag,
		  search->functions
			  ? "etrace -l '%s:%s:cpp:*' lists those it has"
			  : "%s:%s has no symbols of C++ at all",
		  search->target->provider->name, search->path);
	return OUTCOME_MISSING;
}

static enum outcome in_file(struct expansion *expansion, struct target *target,
			    const char *path, void *data)
{
	struct cpp_search search = {
		.expansion = expansion,
		.target = target,
		.path = path,
		.wanted = data,
	};
	enum host_status status =
		host_symbols(expansion->host, path, visit_symbol, &search);

	demangler_close(&search.demangler);
	if (status != HOST_OK && status != HOST_ABSENT)
		return binary_bad(expansion, target, status, path);
	user_functions_left_out(expansion, target);
	if (search.added || expansion->is_full)
		return OUTCOME_FOUND;
	return report_missing(&search);
}

/* The name may have been written without quotes: its colons took it apart. */
const char *target_cpp_name(struct arena *arena, const struct target *target)
{
	const char *name = arena_strdup(arena, target->parts[3].text);

	for (size_t i = 4; i < target->count; i++)
		name = arena_printf(arena, "%s:%s", name,
				    target->parts[i].text);
	return name;
}

enum outcome target_cpp(struct expansion *expansion, struct target *target)
{
	const char *name = target_cpp_name(expansion->arena, target);

	if (!name[0])
		return probe_syntax(expansion, target, target->parts[3].at,
				    "cpp is followed by the name of a "
				    "function");
	return binary_files(expansion, target, in_file, (void *)name);
}
