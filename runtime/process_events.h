/*
 * The kernel's notices of what processes map, become and leave: a perf event
 * without events on every CPU, whose buffer carries them. Knows the records of
 * perf_event_open(2); what they mean for a process is processes.c's business.
 * Called by usyms.c.
 */
#ifndef RUNTIME_PROCESS_EVENTS_H
#define RUNTIME_PROCESS_EVENTS_H

#include "runtime/processes.h"

struct process_events;

/* Tell `processes`, which is borrowed, of every change from now on. `cpus`: how
 * many the machine may have. NULL with errno set. */
struct process_events *process_events_open(struct processes *processes,
					   uint32_t cpus);
void process_events_close(struct process_events *events);

/* Ready to read when process_events_handle() should be called. */
int process_events_fd(const struct process_events *events);

/* Hand on everything that has happened until now. */
void process_events_handle(struct process_events *events);

/* How many notices found no room. */
uint64_t process_events_lost(const struct process_events *events);

/* One record as the kernel lays it out, at least a header long; for the above
 * and for fuzzing. Returns how many notices it says were lost. */
uint64_t process_event_apply(struct processes *processes, const void *record,
			     size_t size);

#endif
