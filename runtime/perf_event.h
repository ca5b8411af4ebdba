/*
 * Perf events, opened for BPF programs to run on. Knows perf_event_open(2) and
 * its ioctls; nothing of probes' names or of messages. Called by attach.c,
 * attach_uprobe.c and process_events.c.
 */
#ifndef RUNTIME_PERF_EVENT_H
#define RUNTIME_PERF_EVENT_H

#include <linux/perf_event.h>

#include "lexer/base.h"

/* All return a file descriptor, closed on exec; -1 with errno set. */

/* Tracepoint `id` of tracefs, on all CPUs whatever CPU it is opened on. */
int perf_event_tracepoint(uint32_t id);

/* One in `period` events of a CPU (ns for the CPU clock). */
int perf_event_counter(uint32_t type, uint64_t config, uint64_t period,
		       uint32_t cpu);

/* What all processes on a CPU map, fork, execute and leave, without any event:
 * records with the time of CLOCK_MONOTONIC behind them, for a buffer that wakes
 * up its reader at `watermark` bytes. */
int perf_event_processes(uint32_t cpu, uint32_t watermark);

/* A user probe of process `pid`, 0 for all. `type` and `return_bit` are the
 * kernel's numbers for its uprobe PMU. */
struct perf_uprobe {
	uint32_t type;
	uint64_t return_bit; /* in config, for a return probe; else 0 */
	const char *path;
	uint64_t offset;
	uint64_t semaphore; /* its place in the file: counted up meanwhile; 0:
			       none */
	uint32_t pid;
};
int perf_event_uprobe(const struct perf_uprobe *probe);

/* A kernel probe: `symbol` and an offset or, when that is NULL, an address.
 * `type` and `return_bit` as above, of the kprobe PMU. */
struct perf_kprobe {
	uint32_t type;
	uint64_t return_bit;
	const char *symbol;
	uint64_t place;
};
int perf_event_kprobe(const struct perf_kprobe *probe);

/* The kernel's numbers for a PMU, "kprobe" or "uprobe"; false if there is
 * none of that name. */
bool perf_pmu(const char *name, uint32_t *type, uint64_t *return_bit);

/* An access to memory: of a thread and those it starts when `cpu` is -1, else
 * of anybody on that CPU. `mode` is enum watch_mode. */
struct perf_watch {
	uint64_t address;
	uint32_t length;
	uint32_t mode;
	int thread;
	int cpu;
};
int perf_event_watch(const struct perf_watch *watch);

/*
 * Let a program run on the event, with a cookie when `cookie` is not NULL.
 * Returns 0; with a cookie, the descriptor of the link. -1 with errno set.
 */
int perf_event_set_program(int event, int program, const uint64_t *cookie);

/* No more events, without waiting for anything. */
void perf_event_disable(int event);

#endif
