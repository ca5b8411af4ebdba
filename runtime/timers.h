/*
 * The interval probes: when each is due, and in which order those run that
 * came due while etrace was busy. Knows time; runs nothing. Called by the
 * loop.
 */
#ifndef RUNTIME_TIMERS_H
#define RUNTIME_TIMERS_H

#include "codegen/image.h"

struct timer {
	int fd;           /* readable when due */
	uint32_t program; /* index into image->programs */
	uint32_t attach;  /* index into image->attaches */
	uint64_t every_ns;
	uint64_t next_ns; /* CLOCK_MONOTONIC: when the next one is due */
	uint64_t due;     /* how many are, not taken yet */
	uint64_t missed;  /* more came due than etrace makes up for */
};

struct timers {
	struct timer *items;
	size_t count;
};

/* One timer for each interval attach of the image; they do not run yet. */
void timers_open(struct timers *timers, struct arena *arena,
		 const struct image *image);
void timers_close(struct timers *timers);

/* All begin at the same instant. */
void timers_start(struct timers *timers);

/*
 * The one that is due and was due first, of all timers; NULL if none is. Call
 * it again for the next: what came due late runs in the order of the clock.
 */
const struct timer *timers_take(struct timers *timers);

#endif
