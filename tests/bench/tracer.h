/*
 * The tool under measurement, as a process: started, watched through a pipe,
 * interrupted, waited for. Knows nothing about BPF. Called by bench.c.
 */
#ifndef BENCH_TRACER_H
#define BENCH_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tracer {
	pid_t pid;
	int out;          /* its standard output, or -1 if that is a file */
	int64_t start_ns; /* when it was started */
	long peak_kib;    /* after tracer_wait: its largest resident size */
	int status;       /* after tracer_wait: as from wait4 */
};

int64_t now_ns(void);

/*
 * Starts argv with standard output in `file`, or in tracer->out if `file` is
 * NULL; standard error goes to /dev/null. Ends the benchmark if it cannot.
 */
void tracer_start(struct tracer *tracer, char **argv, const char *file);

/*
 * Reads its output until a line begins with a digit, which is how an event
 * looks here. False if the output ends first.
 */
bool tracer_wait_event(struct tracer *tracer);

/* True if it ended by itself; tracer_wait still tells how. */
bool tracer_has_ended(const struct tracer *tracer);

void tracer_interrupt(const struct tracer *tracer);

/* Throws the rest of its output away and waits until it has ended. */
void tracer_wait(struct tracer *tracer);

#endif
