/*
 * iter:KIND[:PIN] in attach points: is there such an iterator, what is a
 * program given, where is it to be pinned. Called for each such attach point;
 * reads the machine through host.h.
 */
#include <limits.h>
#include <string.h>

#include "parser/checker.h"

#define PIN_FOLDER "/sys/fs/bpf"

/* Iterators that go through the elements of one map, which an attach point
 * cannot name. */
static const char *const of_a_map[] = {
	"bpf_map_elem",
	"bpf_sk_storage_map",
	"sockmap",
};

/* Those that can be told to show one process. */
static const char *const of_a_process[] = { "task", "task_file", "task_vma" };

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool iterator_needs_map(const char *kind)
{
	return is_among(kind, of_a_map, ARRAY_SIZE(of_a_map));
}

/* ---- where it is pinned ---- */

/* The absolute path of a pin; NULL, reported, if it cannot be one. */
static const char *pin_path(struct expansion *expansion,
			    const struct target *target)
{
	const struct part *part = &target->parts[2];
	const char *path = part->text;

	if (path[0] && path[0] != '/')
		path = arena_printf(expansion->arena, PIN_FOLDER "/%s", path);
	if (path[0] && path[strlen(path) - 1] != '/' &&
	    strlen(path) < PATH_MAX && !strstr(path, "/../"))
		return path;
	probe_syntax(expansion, target, part->at,
		     "'%s' is no file to pin the iterator at", part->text);
	return NULL;
}

/* ---- iterators that are not there ---- */

struct kinds {
	struct arena *arena;
	const char **names;
	size_t count, room;
};

static void gather_kind(const char *name, void *data)
{
	struct kinds *kinds = data;

	ARENA_PUSH(kinds->arena, kinds->names, kinds->count, kinds->room, name);
}

static enum outcome unknown_kind(struct expansion *expansion,
				 const struct target *target)
{
	const struct part *part = &target->parts[1];
	struct kinds kinds = { .arena = expansion->arena };
	struct diag *diag;

	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "the kernel has no iterator '%s'", part->text);
	if (expansion->silent ||
	    host_iterators(expansion->host, gather_kind, &kinds) != HOST_OK)
		return OUTCOME_MISSING;
	diag_hint(expansion->diags, diag,
		  "etrace -l 'iter:*' lists those there are");
	hint_names(expansion->diags, diag, part->text, kinds.names,
		   kinds.count);
	return OUTCOME_MISSING;
}

static enum outcome needs_map(struct expansion *expansion,
			      const struct target *target)
{
	const struct part *part = &target->parts[1];
	struct diag *diag;

	diag = diag_error(expansion->diags, E_UNSUPPORTED, part->at,
			  "iter:%s goes through one map, and there is no way "
			  "to say which",
			  part->text);
	diag_hint(expansion->diags, diag,
		  "for the program's own maps: for ($kv : @map) { ... }; "
		  "iter:bpf_map shows the maps there are");
	return OUTCOME_WRONG;
}

/* ---- attach points ---- */

static void warn_process(struct expansion *expansion,
			 const struct target *target)
{
	const char *kind = target->parts[1].text;
	struct diag *diag;

	if (!expansion->settings->pid ||
	    is_among(kind, of_a_process, ARRAY_SIZE(of_a_process)))
		return;
	diag = diag_warning(expansion->diags, E_NOT_AVAILABLE, target->at,
			    "iter:%s shows the objects of all processes, "
			    "also with -p",
			    kind);
	diag_hint(expansion->diags, diag,
		  "-p restricts iter:task, iter:task_file and iter:task_vma");
}

static enum outcome add_iterator(struct expansion *expansion,
				 const struct target *target,
				 const struct kernel_iterator *found)
{
	struct attach attach = {
		.kind = ATTACH_ITER,
		.at = target->at,
		.event = target->parts[1].text,
		.number = found->btf_id,
		.probe = arena_printf(expansion->arena, "iter:%s",
				      target->parts[1].text),
	};

	if (target->count == 3) {
		attach.path = pin_path(expansion, target);
		if (!attach.path)
			return OUTCOME_WRONG;
		attach.probe =
			arena_printf(expansion->arena, "%s:%s", attach.probe,
				     target->parts[2].text);
	}
	warn_process(expansion, target);
	/* One place in the kernel each: the BTF id is in the program. */
	expansion_add(expansion, target, &attach, found->context, true);
	return OUTCOME_FOUND;
}

enum outcome target_iterator(struct expansion *expansion, struct target *target)
{
	const struct part *part = &target->parts[1];
	struct kernel_iterator found;
	enum host_status status;

	if (target->count < 2 || target->count > 3 || !part->text[0])
		return probe_syntax(expansion, target, target->at,
				    "an iterator has a kind of object, and "
				    "perhaps a file to be pinned at");
	if (has_wildcard(part->text))
		return probe_syntax(expansion, target, part->at,
				    "iterators cannot be given by a pattern");
	if (iterator_needs_map(part->text))
		return needs_map(expansion, target);
	status = host_iterator(expansion->host, part->text, &found);
	if (status == HOST_OK)
		return add_iterator(expansion, target, &found);
	if (status == HOST_ABSENT)
		return unknown_kind(expansion, target);
	report_status(expansion->diags, status, target->at, "iterators");
	return OUTCOME_WRONG;
}
