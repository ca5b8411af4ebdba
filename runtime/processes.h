/*
 * Processes and what they have mapped to run: from /proc while they live, and
 * from the kernel's notices of forks, execs and mappings where those are
 * followed. What has ended is kept for a while. Called by usyms.c and
 * process_events.c.
 */
#ifndef RUNTIME_PROCESSES_H
#define RUNTIME_PROCESSES_H

#include "runtime/layout.h"

struct processes;

/* Borrows the modules. `root`: what stands before /proc. NULL if out of
 * memory. */
struct processes *processes_new(const char *root, struct modules *modules);
void processes_free(struct processes *processes);

/* The region of process `pid` that has the address, or had it last; NULL if
 * none is known. Valid until the next call. */
const struct region *processes_find(struct processes *processes, uint32_t pid,
				    uint64_t address);

/* Addresses of the process will be asked for: look while it lives. */
void processes_seen(struct processes *processes, uint32_t pid);

/* ---- notices, in the order things happened ---- */

/* From now on every change is told. */
void processes_follow(struct processes *processes);
void processes_mapped(struct processes *processes, uint32_t pid,
		      const struct mapping *mapping);
void processes_forked(struct processes *processes, uint32_t pid,
		      uint32_t parent);
void processes_executed(struct processes *processes, uint32_t pid);
void processes_exited(struct processes *processes, uint32_t pid);
/* Some were not told: what is known may be too little. */
void processes_lost(struct processes *processes);

#endif
