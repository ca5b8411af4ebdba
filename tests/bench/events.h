/*
 * A process that makes events when told: openat or getppid calls, as fast as it
 * can or at a rate. It is a process of its own so that a tool can be told its
 * pid before the first event. Knows nothing about tools. Called by bench.c.
 */
#ifndef BENCH_EVENTS_H
#define BENCH_EVENTS_H

#include <stdint.h>
#include <sys/types.h>

enum event_kind { EVENT_OPENAT, EVENT_GETPPID };

struct events {
	pid_t pid;
	int command; /* written to; the process ends when it is closed */
	int answer;  /* read from */
};

/* One order: `count` events, `rate` each second (0: as fast as possible). */
struct event_order {
	enum event_kind kind;
	int64_t count;
	int64_t rate;
};

void events_start(struct events *events);

/* Carries an order out; returns how long that took, in nanoseconds. */
int64_t events_fire(struct events *events, const struct event_order *order);

/* One event of the calling process. */
void event_fire(enum event_kind kind);

void events_stop(struct events *events);

#endif
