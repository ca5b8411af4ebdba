/*
 * Which BPF programs another process has loaded, and what they cost: run counts
 * and times as the kernel keeps them. Knows nothing about who loads them.
 * Called by the measurements of bench.c.
 */
#ifndef BENCH_PROGS_H
#define BENCH_PROGS_H

#include <stdint.h>

struct prog_stats {
	uint64_t runs;
	uint64_t time_ns;
};

/*
 * Switches the kernel's counting on until the returned descriptor is closed.
 * Negative if the kernel refuses.
 */
int progs_count(void);

/* The highest program id there is now, 0 if there is none. */
uint32_t progs_newest(void);

/*
 * Of the programs loaded after `id`, the figures of the one that ran most
 * often; zeroes if there is none.
 */
struct prog_stats progs_busiest_after(uint32_t id);

#endif
