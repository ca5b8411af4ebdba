/*
 * The process that makes events: takes orders from one pipe, answers each with
 * its duration on another. Pinned to the first CPU, so that the tool has the
 * others. Called by bench.c.
 */
#include "tests/bench/events.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/tracer.h"

/* Between two looks at the clock, when a rate is kept. */
#define BATCH 16

void event_fire(enum event_kind kind)
{
	long fd;

	if (kind == EVENT_GETPPID) {
		syscall(SYS_getppid);
		return;
	}
	fd = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	if (fd >= 0)
		syscall(SYS_close, fd);
}

static int64_t fire_order(const struct event_order *order)
{
	int64_t start = now_ns();

	for (int64_t done = 0; done < order->count; done++) {
		if (order->rate && done % BATCH == 0) {
			int64_t due = start + done * 1000000000 / order->rate;

			while (now_ns() < due)
				;
		}
		event_fire(order->kind);
	}
	return now_ns() - start;
}

static void serve(int command, int answer)
{
	struct event_order order;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	while (read(command, &order, sizeof(order)) == (ssize_t)sizeof(order)) {
		int64_t took = fire_order(&order);

		if (write(answer, &took, sizeof(took)) != (ssize_t)sizeof(took))
			return;
	}
}

void events_start(struct events *events)
{
	int command[2], answer[2];

	if (pipe2(command, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		err(1, "pipe");
	events->pid = fork();
	if (events->pid < 0)
		err(1, "fork");
	if (events->pid == 0) {
		close(command[1]);
		close(answer[0]);
		serve(command[0], answer[1]);
		_exit(0);
	}
	close(command[0]);
	close(answer[1]);
	events->command = command[1];
	events->answer = answer[0];
}

int64_t events_fire(struct events *events, const struct event_order *order)
{
	int64_t took;

	if (write(events->command, order, sizeof(*order)) !=
		    (ssize_t)sizeof(*order) ||
	    read(events->answer, &took, sizeof(took)) != (ssize_t)sizeof(took))
		errx(1, "the process that makes events has ended");
	return took;
}

void events_stop(struct events *events)
{
	close(events->command);
	close(events->answer);
	waitpid(events->pid, NULL, 0);
}
