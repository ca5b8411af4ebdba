/*
 * Perf buffers read in the order of time. A notice on one CPU and a later one
 * on another are told in order because only what happened before the reading
 * began is told: what comes meanwhile waits for the next time. Called by
 * usyms.c.
 */
#include "runtime/process_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/perf_event.h"

/* Of each CPU: a power of two. A new process takes about 1.5 KiB. */
#define BUFFER_BYTES ((size_t)256 << 10)

struct buffer {
	int fd;
	struct perf_event_mmap_page *page;
	const uint8_t *bytes;
	uint64_t head, tail; /* head: as it was when the reading began */
	size_t size;         /* of the record at the tail; 0: not looked at */
	uint64_t time;       /* of that record */
};

struct process_events {
	struct processes *processes;
	struct buffer *buffers;
	size_t count;
	size_t mapped; /* bytes of each mapping */
	int poller;
	uint64_t lost;
	uint64_t record[(UINT16_MAX + 1) / 8]; /* the one being handled */
};

/* ---- what records say ---- */

struct task_record {
	struct perf_event_header header;
	uint32_t pid, parent_pid, tid, parent_tid;
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
};

struct map_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t start, length, offset;
	uint32_t major, minor;
	uint64_t inode, generation;
	uint32_t protection, flags;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
};

/* `path` ends with a NUL within the record. */
static void apply_map(struct processes *processes,
		      const struct map_record *record, const char *path)
{
	struct mapping mapping = {
		.start = record->start,
		.offset = record->offset,
		.device = (uint64_t)record->major << 32 | record->minor,
		.inode = record->inode,
		/* "//anon" is no file, and stands for no name */
		.path = strncmp(path, "//", 2) == 0 ? "" : path,
	};

	if (record->pid && !__builtin_add_overflow(
				   record->start, record->length, &mapping.end))
		processes_mapped(processes, record->pid, &mapping);
}

uint64_t process_event_apply(struct processes *processes, const void *record,
			     size_t size)
{
	const struct perf_event_header *header = record;
	const struct task_record *task = record;
	const struct comm_record *comm = record;
	const struct lost_record *lost = record;
	const char *path = (const char *)record + sizeof(struct map_record);

	switch (header->type) {
	case PERF_RECORD_MMAP2:
		if (size > sizeof(struct map_record) &&
		    memchr(path, 0, size - sizeof(struct map_record)))
			apply_map(processes, record, path);
		break;
	case PERF_RECORD_FORK:
		/* a thread has the pid of who made it */
		if (size >= sizeof(*task) && task->pid &&
		    task->pid != task->parent_pid)
			processes_forked(processes, task->pid,
					 task->parent_pid);
		break;
	case PERF_RECORD_EXIT:
		if (size >= sizeof(*task) && task->pid == task->tid)
			processes_exited(processes, task->pid);
		break;
	case PERF_RECORD_COMM:
		if (size >= sizeof(*comm) && comm->pid &&
		    header->misc & PERF_RECORD_MISC_COMM_EXEC)
			processes_executed(processes, comm->pid);
		break;
	case PERF_RECORD_LOST:
		processes_lost(processes);
		return size >= sizeof(*lost) ? lost->lost : 1;
	default:
		break;
	}
	return 0;
}

/* ---- buffers ---- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Bytes at a position; they may go on at the start of the buffer. */
static void copy_out(const struct buffer *buffer, uint64_t position, void *to,
		     size_t size)
{
	size_t at = position % BUFFER_BYTES;
	size_t first = BUFFER_BYTES - at < size ? BUFFER_BYTES - at : size;

	memcpy(to, buffer->bytes + at, first);
	memcpy((uint8_t *)to + first, buffer->bytes, size - first);
}

/* Looks at the record at the tail, whose last word is its time; false if there
 * is none. */
static bool peek(struct buffer *buffer)
{
	struct perf_event_header header;

	if (buffer->size)
		return true;
	if (buffer->head - buffer->tail < sizeof(header) + 8)
		return false;
	copy_out(buffer, buffer->tail, &header, sizeof(header));
	if (header.size < sizeof(header) + 8 ||
	    header.size > buffer->head - buffer->tail)
		return false;
	copy_out(buffer, buffer->tail + header.size - 8, &buffer->time, 8);
	buffer->size = header.size;
	return true;
}

/* The buffer with the oldest record, of those before `until`. */
static struct buffer *oldest(struct process_events *events, uint64_t until)
{
	struct buffer *best = NULL;

	for (size_t i = 0; i < events->count; i++) {
		struct buffer *buffer = &events->buffers[i];

		if (peek(buffer) && buffer->time <= until &&
		    (!best || buffer->time < best->time))
			best = buffer;
	}
	return best;
}

void process_events_handle(struct process_events *events)
{
	uint64_t until = now_ns();
	bool is_empty = true;
	struct buffer *buffer;

	for (size_t i = 0; i < events->count; i++) {
		buffer = &events->buffers[i];
		buffer->head = __atomic_load_n(&buffer->page->data_head,
					       __ATOMIC_ACQUIRE);
		is_empty &= buffer->head == buffer->tail;
	}
	if (is_empty)
		return;
	while ((buffer = oldest(events, until))) {
		copy_out(buffer, buffer->tail, events->record, buffer->size);
		events->lost += process_event_apply(
			events->processes, events->record, buffer->size);
		buffer->tail += buffer->size;
		buffer->size = 0;
	}
	for (size_t i = 0; i < events->count; i++)
		__atomic_store_n(&events->buffers[i].page->data_tail,
				 events->buffers[i].tail, __ATOMIC_RELEASE);
}

/* ---- opening ---- */

/* A CPU that is not there is none to follow. */
static bool open_buffer(struct process_events *events, uint32_t cpu)
{
	struct buffer *buffer = &events->buffers[events->count];
	struct epoll_event event = { .events = EPOLLIN };
	void *memory;

	buffer->fd = perf_event_processes(cpu, BUFFER_BYTES / 2);
	if (buffer->fd < 0)
		return errno == ENODEV;
	memory = mmap(NULL, events->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
		      buffer->fd, 0);
	if (memory == MAP_FAILED) {
		close(buffer->fd);
		return false;
	}
	buffer->page = memory;
	buffer->bytes = (const uint8_t *)memory + buffer->page->data_offset;
	events->count++;
	return !epoll_ctl(events->poller, EPOLL_CTL_ADD, buffer->fd, &event);
}

struct process_events *process_events_open(struct processes *processes,
					   uint32_t cpus)
{
	struct process_events *events = calloc(1, sizeof(*events));
	int error;

	if (!events)
		return NULL;
	events->processes = processes;
	events->mapped = BUFFER_BYTES + (size_t)sysconf(_SC_PAGESIZE);
	events->poller = epoll_create1(EPOLL_CLOEXEC);
	events->buffers = calloc(cpus, sizeof(*events->buffers));
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		if (events->poller >= 0 && events->buffers &&
		    open_buffer(events, cpu))
			continue;
		error = errno;
		process_events_close(events);
		errno = error;
		return NULL;
	}
	processes_follow(processes);
	return events;
}

void process_events_close(struct process_events *events)
{
	if (!events)
		return;
	for (size_t i = 0; i < events->count; i++) {
		munmap(events->buffers[i].page, events->mapped);
		close(events->buffers[i].fd);
	}
	if (events->poller >= 0)
		close(events->poller);
	free(events->buffers);
	free(events);
}

int process_events_fd(const struct process_events *events)
{
	return events->poller;
}

uint64_t process_events_lost(const struct process_events *events)
{
	return events->lost;
}
