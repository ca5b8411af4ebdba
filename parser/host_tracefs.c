/*
 * Tracefs: where it is, which tracepoints it has, and the file that describes
 * each. What such a file says is host_format.c's business. Called by the
 * checker, through host.h.
 */
#include "parser/host_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FORMAT_MAX     ((size_t)1 << 20)
#define EVENTS_MAX     ((size_t)16 << 20)
#define TRACEFS_FOLDER "/sys/kernel/tracing"

/* ---- the folder ---- */

/* Whether the folder is a tracefs that may be read. */
static enum host_status tracefs_try(struct host *host, const char *folder)
{
	const char *events = arena_printf(host->arena, "%s/events", folder);

	if (access(host_path(host, events), R_OK | X_OK))
		return status_of_errno(errno);
	host->tracefs = folder;
	return HOST_OK;
}

static enum host_status tracefs_find(struct host *host)
{
	static const char *const folders[] = { TRACEFS_FOLDER,
					       "/sys/kernel/debug/tracing" };
	enum host_status status = HOST_ABSENT;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders) && status == HOST_ABSENT; i++)
		status = tracefs_try(host, folders[i]);
	if (status != HOST_ABSENT)
		return status;
	/* The folder is there when the kernel has tracefs. */
	if (host_is_live(host) &&
	    !mount("tracefs", TRACEFS_FOLDER, "tracefs",
		   MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) &&
	    tracefs_try(host, TRACEFS_FOLDER) == HOST_OK)
		return HOST_OK;
	return HOST_NO_TRACEFS;
}

enum host_status host_tracefs(struct host *host, const char **path)
{
	if (!host->tracefs_looked) {
		host->tracefs_looked = true;
		host->tracefs_status = tracefs_find(host);
	}
	*path = host->tracefs;
	return host->tracefs_status;
}

/* ---- one tracepoint ---- */

struct cached_tracepoint {
	enum host_status status;
	struct tracepoint tracepoint;
};

/* One that cannot lead out of the folder of events. */
static bool is_plain_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

/*
 * The enums of tracepoints are known by name; their enumerators, and whether
 * they are signed, are in BTF. Only a tracepoint that has such a field pays
 * for looking there: what has names of etrace's own (flags) is no enum there.
 */
static void complete_enums(struct host *host, const struct record *args)
{
	const struct type *known;
	struct field *field;
	size_t i;

	for (i = 0; i < args->count; i++) {
		field = &args->fields[i];
		if (field->type->kind == TYPE_ENUM &&
		    !field->type->is_argument &&
		    host_type(host, "enum", field->type->name, &known) ==
			    HOST_OK &&
		    known->size == field->type->size)
			field->type = known;
	}
}

static enum host_status tracepoint_read(struct host *host, const char *category,
					const char *event,
					struct tracepoint *found)
{
	enum host_status status;
	const char *folder;

	status = host_tracefs(host, &folder);
	if (status != HOST_OK)
		return status;
	if (!is_plain_name(category) || !is_plain_name(event))
		return HOST_ABSENT;
	status = text_read(
		&host->scratch,
		host_path(host,
			  arena_printf(host->arena, "%s/events/%s/%s/format",
				       folder, category, event)),
		FORMAT_MAX);
	if (status != HOST_OK)
		return status;
	found->args = args_parse(host->arena, host, &host->scratch, &found->id);
	if (!found->args)
		return HOST_BAD;
	complete_enums(host, found->args);
	return HOST_OK;
}

enum host_status host_tracepoint(struct host *host, const char *category,
				 const char *event, struct tracepoint *found)
{
	const char *name = arena_printf(host->arena, "%s:%s", category, event);
	struct cached_tracepoint *cached = cache_find(&host->tracepoints, name);

	if (!cached) {
		cached = ARENA_NEW(host->arena, struct cached_tracepoint);
		cached->status = tracepoint_read(host, category, event,
						 &cached->tracepoint);
		cache_put(host->arena, &host->tracepoints, name, cached);
	}
	*found = cached->tracepoint;
	return cached->status;
}

/* ---- all of them ---- */

struct name_list {
	struct arena *arena;
	struct tracepoint_name *names;
	size_t count;
	size_t room;
};

static void name_add(struct name_list *list, const char *category,
		     const char *event)
{
	struct tracepoint_name name = { category, event };

	if (is_plain_name(category) && is_plain_name(event))
		ARENA_PUSH(list->arena, list->names, list->count, list->room,
			   name);
}

/* available_events: one "CATEGORY:EVENT" a line. */
static void names_from_text(struct name_list *list, const char *text,
			    size_t length)
{
	char *copy = arena_strndup(list->arena, text, length);
	char *line, *event;

	while ((line = strsep(&copy, "\n"))) {
		event = strchr(line, ':');
		if (!event)
			continue;
		*event++ = '\0';
		name_add(list, line, event);
	}
}

/* Calls for every folder in a folder. False if it cannot be read. */
typedef void folder_fn(struct name_list *list, const char *parent,
		       const char *path, const char *name);
static bool for_each_folder(struct name_list *list, const char *parent,
			    const char *path, folder_fn *call)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if ((entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
		    entry->d_name[0] != '.')
			call(list, parent, path,
			     arena_strdup(list->arena, entry->d_name));
	closedir(dir);
	return true;
}

static void event_folder(struct name_list *list, const char *category,
			 const char *path, const char *name)
{
	(void)path;
	name_add(list, category, name);
}

/* The "ftrace" category is the tracer's own records: nothing attaches there,
 * and available_events leaves it out too. */
static void category_folder(struct name_list *list, const char *parent,
			    const char *path, const char *name)
{
	(void)parent;
	if (strcmp(name, "ftrace") != 0)
		for_each_folder(list, name,
				arena_printf(list->arena, "%s/%s", path, name),
				event_folder);
}

static int compare_names(const void *left, const void *right)
{
	const struct tracepoint_name *a = left, *b = right;
	int order = strcmp(a->category, b->category);

	return order ? order : strcmp(a->event, b->event);
}

/* One file is read faster than a hundred folders; old kernels and recorded
 * machines may not have it. */
static enum host_status names_read(struct host *host, const char *folder)
{
	struct name_list list = { .arena = host->arena };
	const char *path;

	path = arena_printf(host->arena, "%s/available_events", folder);
	if (text_read(&host->scratch, host_path(host, path), EVENTS_MAX) ==
	    HOST_OK)
		names_from_text(&list, host->scratch.bytes,
				host->scratch.length);
	path = arena_printf(host->arena, "%s/events", folder);
	if (!list.count && !for_each_folder(&list, NULL, host_path(host, path),
					    category_folder))
		return status_of_errno(errno);
	if (list.count)
		qsort(list.names, list.count, sizeof(*list.names),
		      compare_names);
	host->tracepoint_names = list.names;
	host->tracepoint_count = list.count;
	host->tracepoints_listed = true;
	return HOST_OK;
}

enum host_status host_tracepoints(struct host *host, tracepoint_visit_fn *visit,
				  void *data)
{
	enum host_status status;
	const char *folder;
	size_t i;

	status = host_tracefs(host, &folder);
	if (status == HOST_OK && !host->tracepoints_listed)
		status = names_read(host, folder);
	if (status != HOST_OK)
		return status;
	for (i = 0; i < host->tracepoint_count; i++)
		visit(host->tracepoint_names[i].category,
		      host->tracepoint_names[i].event, data);
	return HOST_OK;
}
