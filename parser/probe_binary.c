/*
 * The binary part of an attach point: which files it stands for, and what is
 * said when they cannot be read. Called by probe_user.c and probe_usdt.c.
 */
#include <glob.h>
#include <string.h>

#include "parser/checker.h"

enum outcome binary_bad(struct expansion *expansion,
			const struct target *target, enum host_status status,
			const char *path)
{
	struct span at = target->parts[1].at;
	struct diag *diag;

	if (status == HOST_FORBIDDEN) {
		diag = diag_error(expansion->diags, E_PRIVILEGE, at,
				  "you may not read %s", path);
		diag_hint(expansion->diags, diag,
			  "run etrace as root: sudo etrace ...");
		return OUTCOME_WRONG;
	}
	if (status == HOST_ABSENT) {
		diag = probe_missing(expansion, E_UNKNOWN_PROBE, at,
				     "there is no program or library '%s'",
				     path);
		if (!strchr(path, '/'))
			diag_hint(expansion->diags, diag,
				  "names are looked up in $PATH and among the "
				  "shared libraries; a path always works");
		return OUTCOME_MISSING;
	}
	probe_missing(expansion, E_UNKNOWN_PROBE, at,
		      "%s is not an ELF file etrace can read", path);
	return OUTCOME_MISSING;
}

/* ---- several files ---- */

struct path_list {
	struct arena *arena;
	const char **items;
	size_t count, room;
};

static void keep_path(const char *path, void *data)
{
	struct path_list *list = data;

	ARENA_PUSH(list->arena, list->items, list->count, list->room, path);
}

/* The files a pattern of paths matches; the running machine's only. */
static void match_paths(struct expansion *expansion, const char *pattern,
			struct path_list *list)
{
	glob_t found = { 0 };

	if (host_is_live(expansion->host) &&
	    glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			keep_path(arena_strdup(expansion->arena,
					       found.gl_pathv[i]),
				  list);
	globfree(&found);
}

static enum outcome visit_paths(struct expansion *expansion,
				struct target *target,
				const struct path_list *list,
				binary_visit_fn *visit, void *data)
{
	enum outcome outcome = OUTCOME_MISSING;
	bool was_silent = expansion->silent;

	/* Some of the files may lack the probe. */
	expansion->silent = true;
	for (size_t i = 0; i < list->count; i++) {
		enum outcome one =
			visit(expansion, target, list->items[i], data);

		if (one != OUTCOME_MISSING)
			outcome = one;
	}
	expansion->silent = was_silent;
	return outcome;
}

static enum outcome in_process(struct expansion *expansion,
			       struct target *target, binary_visit_fn *visit,
			       void *data)
{
	struct path_list list = { .arena = expansion->arena };
	uint32_t pid = expansion->settings->pid;
	enum outcome outcome;

	if (!pid)
		return probe_syntax(expansion, target, target->parts[1].at,
				    "which program? '%s' without one is for "
				    "the process of -p",
				    target->provider->name);
	host_process_files(expansion->host, keep_path, &list);
	outcome = visit_paths(expansion, target, &list, visit, data);
	if (outcome == OUTCOME_MISSING)
		probe_missing(expansion, E_NO_MATCH, target->at,
			      "nothing that process %u has mapped has this "
			      "probe",
			      pid);
	return outcome;
}

static enum outcome in_files(struct expansion *expansion, struct target *target,
			     binary_visit_fn *visit, void *data)
{
	struct path_list list = { .arena = expansion->arena };
	const char *pattern = target->parts[1].text;
	enum outcome outcome;

	match_paths(expansion, pattern, &list);
	if (!list.count) {
		probe_missing(expansion, E_NO_MATCH, target->parts[1].at,
			      "no file matches %s", pattern);
		return OUTCOME_MISSING;
	}
	outcome = visit_paths(expansion, target, &list, visit, data);
	if (outcome == OUTCOME_MISSING)
		probe_missing(expansion, E_NO_MATCH, target->at,
			      "no file that matches %s has this probe",
			      pattern);
	return outcome;
}

enum outcome binary_files(struct expansion *expansion, struct target *target,
			  binary_visit_fn *visit, void *data)
{
	const char *binary = target->parts[1].text;
	enum host_status status;
	const char *path;

	if (!binary[0] || strcmp(binary, "*") == 0)
		return in_process(expansion, target, visit, data);
	if (binary[0] == '/' && strpbrk(binary, "*?["))
		return in_files(expansion, target, visit, data);
	status = host_binary(expansion->host, binary, &path);
	if (status != HOST_OK)
		return binary_bad(expansion, target, status, binary);
	return visit(expansion, target, path, data);
}
