/*
 * Tracepoints and raw tracepoints in attach points: do they exist, which match
 * a pattern, what are their arguments. Called for each such attach point;
 * reads the machine through host.h.
 */
#include <string.h>

#include "parser/checker.h"

/* Names gathered from the machine: of each tracepoint, or for hints. */
struct name_list {
	struct arena *arena;
	const struct target *target;
	const char **categories; /* NULL for raw tracepoints */
	const char **events;
	size_t count, category_room, event_room;
	size_t counted; /* for ARENA_PUSH of the second array */
	bool match;     /* only those the target's pattern matches */
};

/* ---- tracepoints ---- */

static void gather_tracepoint(const char *category, const char *event,
			      void *data)
{
	struct name_list *list = data;
	const struct part *parts = list->target->parts;

	if (list->match && (!glob_match(parts[1].text, category) ||
			    !glob_match(parts[2].text, event)))
		return;
	ARENA_PUSH(list->arena, list->categories, list->counted,
		   list->category_room, category);
	ARENA_PUSH(list->arena, list->events, list->count, list->event_room,
		   event);
}

/* Full names worth suggesting: the same event elsewhere, or a like one in the
 * same category. */
static size_t likely_names(const struct name_list *list, const char **names,
			   size_t limit)
{
	const char *category = list->target->parts[1].text;
	const char *event = list->target->parts[2].text;
	size_t count = 0;

	for (size_t i = 0; i < list->count && count < limit; i++) {
		if (strcmp(list->events[i], event) == 0)
			names[count++] =
				arena_printf(list->arena, "%s:%s",
					     list->categories[i], event);
	}
	if (count)
		return count;
	for (size_t i = 0; i < list->count && count < limit; i++) {
		if (strcmp(list->categories[i], category) == 0)
			names[count++] =
				arena_printf(list->arena, "%s:%s", category,
					     list->events[i]);
	}
	return count;
}

/* System calls that the kernel's functions, and so the tracepoints, call
 * otherwise than the manual does; or that newer machines do by another. */
static const struct {
	const char *called;
	const char *traced;
} other_names[] = {
	{ "_exit", "exit_group" },
	{ "accept", "accept4" },
	{ "creat", "openat" },
	{ "dup2", "dup3" },
	{ "exec", "execve" },
	{ "fadvise", "fadvise64" },
	{ "fadvise64_64", "fadvise64" },
	{ "fcntl64", "fcntl" },
	{ "fork", "clone" },
	{ "fstat", "newfstat" },
	{ "fstat64", "newfstat" },
	{ "fstatat", "newfstatat" },
	{ "fstatat64", "newfstatat" },
	{ "ftruncate64", "ftruncate" },
	{ "getdents", "getdents64" },
	{ "lstat", "newlstat" },
	{ "lstat", "newfstatat" },
	{ "lstat64", "newlstat" },
	{ "mkdir", "mkdirat" },
	{ "mmap2", "mmap" },
	{ "open", "openat" },
	{ "open64", "openat" },
	{ "pipe", "pipe2" },
	{ "poll", "ppoll" },
	{ "posix_fadvise", "fadvise64" },
	{ "pread", "pread64" },
	{ "preadv64", "preadv" },
	{ "prlimit", "prlimit64" },
	{ "pwrite", "pwrite64" },
	{ "pwritev64", "pwritev" },
	{ "readlink", "readlinkat" },
	{ "recv", "recvfrom" },
	{ "rename", "renameat2" },
	{ "rmdir", "unlinkat" },
	{ "select", "pselect6" },
	{ "send", "sendto" },
	{ "sendfile", "sendfile64" },
	{ "sigaction", "rt_sigaction" },
	{ "signal", "rt_sigaction" },
	{ "sigprocmask", "rt_sigprocmask" },
	{ "sigsuspend", "rt_sigsuspend" },
	{ "stat", "newstat" },
	{ "stat", "newfstatat" },
	{ "stat64", "newstat" },
	{ "truncate64", "truncate" },
	{ "umount2", "umount" },
	{ "uname", "newuname" },
	{ "unlink", "unlinkat" },
	{ "vfork", "clone" },
	{ "wait", "wait4" },
	{ "waitpid", "wait4" },
};

static bool is_listed(const struct name_list *list, const char *event)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->events[i], event) == 0)
			return true;
	return false;
}

/* The tracepoint of a system call that is called otherwise, or NULL. */
static const char *other_name(const struct name_list *list)
{
	const char *event = list->target->parts[2].text;
	const char *call = strchr(event, '_');
	const char *traced;

	if (strcmp(list->target->parts[1].text, "syscalls") != 0 || !call)
		return NULL;
	call = strchr(call + 1, '_');
	if (!call)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++) {
		if (strcmp(call + 1, other_names[i].called) != 0)
			continue;
		traced = arena_printf(list->arena, "%.*s%s",
				      (int)(call + 1 - event), event,
				      other_names[i].traced);
		if (is_listed(list, traced))
			return traced;
	}
	return NULL;
}

#define CANDIDATES_MAX 2048

static void hint_tracepoint(struct expansion *expansion,
			    const struct target *target, struct diag *diag)
{
	struct diags *diags = expansion->diags;
	struct name_list list = { .arena = expansion->arena, .target = target };
	const char *written;
	const char **names;
	size_t count;

	if (host_tracepoints(expansion->host, gather_tracepoint, &list) !=
	    HOST_OK)
		return;
	written = other_name(&list);
	if (written) {
		diag_hint(diags, diag, "the kernel calls it %s", written);
		return;
	}
	names = ARENA_ARRAY(expansion->arena, CANDIDATES_MAX, const char *);
	count = likely_names(&list, names, CANDIDATES_MAX);
	written = arena_printf(expansion->arena, "%s:%s", target->parts[1].text,
			       target->parts[2].text);
	if (count && strcmp(strchr(names[0], ':'), strchr(written, ':')) == 0) {
		diag_hint(diags, diag, "did you mean tracepoint:%s?", names[0]);
		return;
	}
	/* Event names alone: the category would hide how far they are. */
	for (size_t i = 0; i < count; i++)
		names[i] = strchr(names[i], ':') + 1;
	if (count)
		hint_names(diags, diag, target->parts[2].text, names, count);
	if (!count)
		hint_names(diags, diag, target->parts[1].text, list.categories,
			   list.count);
	if (!diag->hint)
		diag_hint(diags, diag, "etrace -l 'tracepoint:%s:*' lists %s",
			  count ? target->parts[1].text : "*",
			  count ? "those there are" : "all");
}

static void add_tracepoint(struct expansion *expansion,
			   const struct target *target, const char *category,
			   const char *event, const struct record *args)
{
	struct attach attach = {
		.kind = ATTACH_TRACEPOINT,
		.at = target->at,
		.category = category,
		.event = event,
		.probe = arena_printf(expansion->arena, "tracepoint:%s:%s",
				      category, event),
	};

	expansion_add(expansion, target, &attach, args, false);
}

static enum outcome one_tracepoint(struct expansion *expansion,
				   struct target *target)
{
	const char *category = target->parts[1].text;
	const char *event = target->parts[2].text;
	struct tracepoint found;
	enum host_status status =
		host_tracepoint(expansion->host, category, event, &found);
	struct diag *diag;

	if (status == HOST_OK) {
		add_tracepoint(expansion, target, category, event, found.args);
		return OUTCOME_FOUND;
	}
	if (status != HOST_ABSENT) {
		report_status(expansion->diags, status, target->at,
			      "tracepoints");
		return OUTCOME_WRONG;
	}
	diag = probe_missing(
		expansion, E_UNKNOWN_PROBE,
		span_join(target->parts[1].at, target->parts[2].at),
		"there is no tracepoint %s:%s", category, event);
	if (!expansion->silent)
		hint_tracepoint(expansion, target, diag);
	return OUTCOME_MISSING;
}

static enum outcome many_tracepoints(struct expansion *expansion,
				     struct target *target)
{
	struct name_list list = {
		.arena = expansion->arena,
		.target = target,
		.match = true,
	};
	enum host_status status =
		host_tracepoints(expansion->host, gather_tracepoint, &list);
	size_t added = 0;

	if (status != HOST_OK && status != HOST_ABSENT) {
		report_status(expansion->diags, status, target->at,
			      "tracepoints");
		return OUTCOME_WRONG;
	}
	for (size_t i = 0; i < list.count && !expansion->is_full; i++) {
		struct tracepoint found = { 0 };

		/* The layout is read only if the body wants it. */
		if (expansion->uses_args &&
		    host_tracepoint(expansion->host, list.categories[i],
				    list.events[i], &found) != HOST_OK)
			continue;
		add_tracepoint(expansion, target, list.categories[i],
			       list.events[i], found.args);
		added++;
	}
	if (added || expansion->is_full)
		return OUTCOME_FOUND;
	probe_missing(expansion, E_NO_MATCH, target->at,
		      "no tracepoint matches %s:%s", target->parts[1].text,
		      target->parts[2].text);
	return OUTCOME_MISSING;
}

enum outcome target_tracepoint(struct expansion *expansion,
			       struct target *target)
{
	/* tracepoint:*open*: any category */
	if (target->count == 2 && has_wildcard(target->parts[1].text)) {
		target->parts[2] = target->parts[1];
		target->parts[1].text = "*";
		target->count = 3;
	}
	if (target->count != 3 || !target->parts[1].text[0] ||
	    !target->parts[2].text[0])
		return probe_syntax(expansion, target, target->at,
				    "a tracepoint has a category and an event");
	if (has_wildcard(target->parts[1].text) ||
	    has_wildcard(target->parts[2].text))
		return many_tracepoints(expansion, target);
	return one_tracepoint(expansion, target);
}

/* ---- raw tracepoints ---- */

static void gather_raw(const char *name, void *data)
{
	struct name_list *list = data;
	const struct target *target = list->target;

	if (list->match &&
	    !glob_match(target->parts[target->count - 1].text, name))
		return;
	ARENA_PUSH(list->arena, list->events, list->count, list->event_room,
		   name);
}

static void add_raw(struct expansion *expansion, const struct target *target,
		    const char *event, const struct record *args)
{
	struct attach attach = {
		.kind = ATTACH_RAW_TRACEPOINT,
		.at = target->at,
		.event = event,
		.probe = arena_printf(expansion->arena, "rawtracepoint:%s",
				      event),
	};

	/* Raw tracepoints carry no cookie that would tell them apart. */
	expansion_add(expansion, target, &attach, args, true);
}

static enum outcome one_raw(struct expansion *expansion, struct target *target,
			    const struct part *part)
{
	struct name_list list = { .arena = expansion->arena, .target = target };
	const struct record *args = NULL;
	enum host_status status =
		host_raw_tracepoint(expansion->host, part->text, &args);
	struct diag *diag;

	if (status == HOST_OK) {
		add_raw(expansion, target, part->text, args);
		return OUTCOME_FOUND;
	}
	/* Without descriptions one can still attach, by name. */
	if (status == HOST_NO_BTF && !expansion->uses_args) {
		add_raw(expansion, target, part->text, NULL);
		return OUTCOME_FOUND;
	}
	if (status != HOST_ABSENT) {
		report_status(expansion->diags, status, target->at,
			      "raw tracepoints");
		return OUTCOME_WRONG;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "there is no raw tracepoint %s", part->text);
	if (expansion->silent ||
	    host_raw_tracepoints(expansion->host, gather_raw, &list) != HOST_OK)
		return OUTCOME_MISSING;
	diag_hint(expansion->diags, diag,
		  "etrace -l 'rawtracepoint:*' lists those there are");
	hint_names(expansion->diags, diag, part->text, list.events, list.count);
	return OUTCOME_MISSING;
}

static enum outcome many_raw(struct expansion *expansion, struct target *target,
			     const struct part *part)
{
	struct name_list list = {
		.arena = expansion->arena,
		.target = target,
		.match = true,
	};
	enum host_status status =
		host_raw_tracepoints(expansion->host, gather_raw, &list);

	if (status != HOST_OK && status != HOST_ABSENT) {
		report_status(expansion->diags, status, target->at,
			      "raw tracepoints");
		return OUTCOME_WRONG;
	}
	for (size_t i = 0; i < list.count && !expansion->is_full; i++) {
		const struct record *args = NULL;

		if (expansion->uses_args &&
		    host_raw_tracepoint(expansion->host, list.events[i],
					&args) != HOST_OK)
			continue;
		add_raw(expansion, target, list.events[i], args);
	}
	if (list.count)
		return OUTCOME_FOUND;
	probe_missing(expansion, E_NO_MATCH, target->at,
		      "no raw tracepoint matches %s", part->text);
	return OUTCOME_MISSING;
}

/* The module of rawtracepoint:MODULE:EVENT is not needed: names are unique. */
enum outcome target_raw_tracepoint(struct expansion *expansion,
				   struct target *target)
{
	const struct part *part = &target->parts[target->count - 1];

	if (target->count < 2 || target->count > 3 || !part->text[0])
		return probe_syntax(expansion, target, target->at,
				    "a raw tracepoint has an event");
	if (has_wildcard(part->text))
		return many_raw(expansion, target, part);
	return one_raw(expansion, target, part);
}
