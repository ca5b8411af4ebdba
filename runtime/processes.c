/*
 * One layout per process. Where notices are followed, what was learned of a
 * process from its birth, or from /proc since, is all there is to know; else,
 * and after a loss, /proc is asked again and again. Called by usyms.c and
 * process_events.c.
 */
#include "runtime/processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/file_text.h"

#define MAPS_MAX ((size_t)64 << 20)
#define CHAINS   4096
/* Of those that have ended, so many whose addresses may be asked for, and so
 * many others: notices come before it is known whether they will be. */
#define KEPT_MAX    16384
#define PASSING_MAX 4096
/* A map that is not followed is read again after so long; sooner when an
 * address is not in it. */
#define FRESH_MS         1000
#define FRESH_UNKNOWN_MS 100

struct queue {
	struct process *first, *last;
	size_t count;
};

struct process {
	struct process *next; /* of its chain */
	uint32_t pid;
	struct layout *layout; /* owned; NULL: nothing known */
	int64_t read_ms;       /* from /proc; 0: never */
	unsigned complete;     /* known wholly in this epoch; 0: never */
	bool is_seen;
	bool has_ended;
	struct queue *queue; /* of those that may go; NULL: stays */
	struct process *before, *behind;
};

struct processes {
	char *root;
	struct modules *modules;
	struct process *chains[CHAINS];
	struct queue kept, passing;
	bool is_following;
	unsigned epoch; /* grows with every loss */
};

/* ---- which are kept ---- */

static void queue_remove(struct process *process)
{
	struct queue *queue = process->queue;

	if (!queue)
		return;
	*(process->before ? &process->before->behind : &queue->first) =
		process->behind;
	*(process->behind ? &process->behind->before : &queue->last) =
		process->before;
	process->before = NULL;
	process->behind = NULL;
	process->queue = NULL;
	queue->count--;
}

static void queue_append(struct queue *queue, struct process *process)
{
	queue_remove(process);
	process->queue = queue;
	process->before = queue->last;
	*(queue->last ? &queue->last->behind : &queue->first) = process;
	queue->last = process;
	queue->count++;
}

static struct process **place_of(struct processes *processes, uint32_t pid)
{
	struct process **at = &processes->chains[pid % CHAINS];

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	return at;
}

static void process_forget(struct processes *processes, struct process *process)
{
	struct process **at = place_of(processes, process->pid);

	*at = process->next;
	queue_remove(process);
	layout_drop(process->layout);
	free(process);
}

/* Puts the process where it belongs and lets the oldest of its kind go. */
static void process_settle(struct processes *processes, struct process *process)
{
	/* without notices nobody tells when a process has ended */
	bool may_go = process->has_ended || !processes->is_following;
	bool is_kept = process->is_seen || !processes->is_following;
	struct queue *queue = is_kept ? &processes->kept : &processes->passing;

	if (!may_go) {
		queue_remove(process);
		return;
	}
	queue_append(queue, process);
	if (queue->count > (is_kept ? KEPT_MAX : PASSING_MAX))
		process_forget(processes, queue->first);
}

static struct process *process_get(struct processes *processes, uint32_t pid)
{
	struct process **at = place_of(processes, pid);

	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->pid = pid;
	process_settle(processes, *at);
	return *place_of(processes, pid);
}

struct processes *processes_new(const char *root, struct modules *modules)
{
	struct processes *processes = calloc(1, sizeof(*processes));

	if (!processes)
		return NULL;
	processes->modules = modules;
	processes->epoch = 1;
	processes->root = strdup(root);
	if (processes->root)
		return processes;
	free(processes);
	return NULL;
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	for (size_t i = 0; i < CHAINS; i++)
		while (processes->chains[i])
			process_forget(processes, processes->chains[i]);
	free(processes->root);
	free(processes);
}

/* ---- /proc ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "55731275e000-557312763000 r-xp 00002000 fe:00 247134   /usr/bin/cat"; false
 * if it is malformed or not executable. */
static bool parse_mapping(const char *line, struct mapping *mapping)
{
	const char *at = line;
	const char *permissions;
	char *after;

	mapping->start = parse_hex(&at);
	if (*at++ != '-')
		return false;
	mapping->end = parse_hex(&at);
	permissions = at;
	if (strnlen(at, 6) < 6 || at[0] != ' ' || at[5] != ' ' ||
	    permissions[3] != 'x')
		return false;
	at += 6;
	mapping->offset = parse_hex(&at);
	if (*at++ != ' ')
		return false;
	mapping->device = parse_hex(&at) << 32;
	if (*at++ != ':')
		return false;
	mapping->device |= parse_hex(&at);
	mapping->inode = strtoull(at, &after, 10);
	mapping->path = after + strspn(after, " ");
	return mapping->start < mapping->end;
}

static void add_mapping(struct processes *processes, struct layout **layout,
			const struct mapping *mapping)
{
	struct region region = { mapping->start, mapping->end, mapping->offset,
				 NULL };

	if (*mapping->path)
		region.module = modules_get(processes->modules, mapping);
	layout_add(layout, region);
}

static void parse_maps(struct processes *processes, struct layout **layout,
		       char *text, size_t length)
{
	char *end = text + length;
	char *next;

	for (char *line = text; line < end; line = next) {
		struct mapping mapping;

		next = line_cut(line, end);
		if (parse_mapping(line, &mapping))
			add_mapping(processes, layout, &mapping);
	}
}

static void open_region(const struct region *region, void *data)
{
	const struct process *process = data;

	if (region->module)
		module_open(region->module, process->pid, region->start,
			    region->end);
}

/* Reads the map of a process, in front of what was known unless it says nothing
 * new; one that has ended keeps what was known. */
static void process_read(struct processes *processes, struct process *process)
{
	struct layout *front;
	size_t length;
	char *path, *text;

	process->read_ms = now_ms();
	if (asprintf(&path, "%s/proc/%u/maps", processes->root, process->pid) <
	    0)
		return;
	text = file_text_read(path, MAPS_MAX, &length);
	free(path);
	front = layout_push(layout_hold(process->layout));
	if (text)
		parse_maps(processes, &front, text, length);
	free(text);
	if (layout_is_empty(front)) {
		layout_drop(front);
		return;
	}
	if (layout_equal(front, process->layout)) {
		layout_drop(front);
	} else {
		layout_drop(process->layout);
		process->layout = front;
	}
	layout_regions(process->layout, open_region, process);
	if (processes->is_following)
		process->complete = processes->epoch;
}

static bool is_complete(const struct processes *processes,
			const struct process *process)
{
	return process->complete == processes->epoch;
}

/* ---- asking ---- */

void processes_seen(struct processes *processes, uint32_t pid)
{
	struct process *process = pid ? process_get(processes, pid) : NULL;

	if (!process)
		return;
	process->is_seen = true;
	process_settle(processes, process);
	if (is_complete(processes, process))
		layout_regions(process->layout, open_region, process);
	else
		process_read(processes, process);
}

const struct region *processes_find(struct processes *processes, uint32_t pid,
				    uint64_t address)
{
	struct process *process = process_get(processes, pid);
	const struct region *region;
	int64_t age;

	if (!process)
		return NULL;
	region = layout_find(process->layout, address);
	age = now_ms() - process->read_ms;
	if ((is_complete(processes, process) &&
	     (region || process->has_ended)) ||
	    (process->read_ms && age <= (region ? FRESH_MS : FRESH_UNKNOWN_MS)))
		return region;
	process_read(processes, process);
	return layout_find(process->layout, address);
}

/* ---- notices ---- */

void processes_follow(struct processes *processes)
{
	processes->is_following = true;
}

void processes_mapped(struct processes *processes, uint32_t pid,
		      const struct mapping *mapping)
{
	struct process *process = process_get(processes, pid);

	if (!process || mapping->start >= mapping->end)
		return;
	add_mapping(processes, &process->layout, mapping);
	if (process->is_seen)
		layout_regions(process->layout, open_region, process);
}

/* The child is what its parent was, wholly known if the parent was. */
void processes_forked(struct processes *processes, uint32_t pid,
		      uint32_t parent_pid)
{
	struct process *parent = process_get(processes, parent_pid);
	struct process *old = *place_of(processes, pid);
	struct process *child;

	/* the number is used again */
	if (old)
		process_forget(processes, old);
	if (parent && !is_complete(processes, parent) && !parent->has_ended)
		process_read(processes, parent);
	child = process_get(processes, pid);
	if (!child || !parent)
		return;
	child->layout = layout_hold(parent->layout);
	child->complete = parent->complete;
}

/* Its older layout stays behind the new one: addresses of before are still
 * asked for. */
void processes_executed(struct processes *processes, uint32_t pid)
{
	struct process *process = process_get(processes, pid);

	if (!process)
		return;
	process->layout = layout_push(process->layout);
	process->complete = processes->epoch;
}

void processes_exited(struct processes *processes, uint32_t pid)
{
	struct process *process = *place_of(processes, pid);

	if (!process)
		return;
	process->has_ended = true;
	process_settle(processes, process);
}

void processes_lost(struct processes *processes)
{
	processes->epoch++;
}
