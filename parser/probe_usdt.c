/*
 * Static probes of programs and libraries in attach points: which places a
 * provider and a name stand for, patterns in both. Called for each usdt probe;
 * reads the machine through host.h.
 */
#include <string.h>

#include "parser/checker.h"

/* What is asked for, and what came of it in one file. */
struct usdt_search {
	struct expansion *expansion;
	struct target *target;
	const char *path;
	const char *provider; /* a pattern */
	const char *name;     /* a pattern */
	struct span at;       /* of the name */
	size_t added;
	bool is_shadowed;
	const char **names; /* of all probes, for a hint */
	size_t count, room;
};

static void add_probe(struct usdt_search *search,
		      const struct static_probe *probe)
{
	struct expansion *expansion = search->expansion;
	struct arena *arena = expansion->arena;
	struct attach attach = {
		.kind = ATTACH_USDT,
		.at = search->target->at,
		.path = search->path,
		.symbol = arena_printf(arena, "%s:%s", probe->provider,
				       probe->name),
		.number = probe->offset,
		.semaphore = probe->semaphore,
		.probe = arena_printf(arena, "usdt:%s:%s:%s", search->path,
				      probe->provider, probe->name),
	};

	/* places are one program unless their arguments are read, and differ */
	expansion->arguments = expansion->uses_argn ? probe->arguments : NULL;
	expansion_add(expansion, search->target, &attach, NULL, false);
	expansion->arguments = NULL;
	search->added++;
	search->is_shadowed |= probe->is_shadowed;
}

static void visit_probe(const struct static_probe *probe, void *data)
{
	struct usdt_search *search = data;

	ARENA_PUSH(search->expansion->arena, search->names, search->count,
		   search->room, probe->name);
	if (!search->expansion->is_full &&
	    glob_match(search->provider, probe->provider) &&
	    glob_match(search->name, probe->name))
		add_probe(search, probe);
}

static void warn_of_shadow(const struct usdt_search *search)
{
	struct expansion *expansion = search->expansion;
	struct diag *diag;

	if (!search->is_shadowed)
		return;
	diag = diag_warning(expansion->diags, E_KERNEL, search->at,
			    "the kernel cannot tell %s that somebody looks: "
			    "probes that ask first stay silent",
			    search->path);
	diag_hint(expansion->diags, diag,
		  "its linker put two segments into one page of the file; "
		  "linked with -z separate-loadable-segments, or by GNU ld, "
		  "it works");
}

static enum outcome report_missing(struct usdt_search *search)
{
	struct expansion *expansion = search->expansion;
	const char *name = search->target->parts[2].text;
	struct diag *diag;

	if (search->target->count == 4)
		name = arena_printf(expansion->arena, "%s:%s", search->provider,
				    search->name);
	if (has_wildcard(name)) {
		probe_missing(expansion, E_NO_MATCH, search->at,
			      "no static probe of %s matches %s", search->path,
			      name);
		return OUTCOME_MISSING;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, search->at,
			     "%s has no static probe '%s'", search->path, name);
	diag_hint(expansion->diags, diag,
		  search->count ? "etrace -l 'usdt:%s:*' lists those it has"
				: "%s has no static probes at all: it was "
				  "built without <sys/sdt.h>",
		  search->path);
	hint_names(expansion->diags, diag, search->name, search->names,
		   search->count);
	return OUTCOME_MISSING;
}

static enum outcome in_file(struct expansion *expansion, struct target *target,
			    const char *path, void *data)
{
	const struct part *last = &target->parts[target->count - 1];
	struct usdt_search search = {
		.expansion = expansion,
		.target = target,
		.path = path,
		.provider = target->count == 4 ? target->parts[2].text : "*",
		.name = last->text,
		.at = last->at,
	};
	enum host_status status =
		host_static_probes(expansion->host, path, visit_probe, &search);

	(void)data;
	if (status != HOST_OK)
		return binary_bad(expansion, target, status, path);
	warn_of_shadow(&search);
	if (search.added || expansion->is_full)
		return OUTCOME_FOUND;
	return report_missing(&search);
}

enum outcome target_usdt(struct expansion *expansion, struct target *target)
{
	if (target->count < 3 || target->count > 4 ||
	    !target->parts[2].text[0] ||
	    !target->parts[target->count - 1].text[0])
		return probe_syntax(expansion, target, target->at,
				    "usdt needs a program or library and the "
				    "name of a static probe");
	return binary_files(expansion, target, in_file, NULL);
}
