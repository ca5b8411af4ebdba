/*
 * One measurement of one tool, printed as numbers on one line; tests/bench/run
 * repeats it for each tool and makes the table. "@PID@" in the tool's arguments
 * becomes the pid of the process that makes the events.
 *
 *   bench first TOOL...        ms to the first event line, peak KiB
 *   bench exit TOOL...         ms until it has ended by itself, peak KiB
 *   bench leave TOOL...        ms from SIGINT until it has ended
 *   bench cost KIND N TOOL...  ns per run of its busiest program, over N events
 *   bench rate HZ MS TOOL...   events fired, event lines written, seconds
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/events.h"
#include "tests/bench/progs.h"
#include "tests/bench/tracer.h"

/* A tool that has not attached after this long never will. */
#define ATTACH_LIMIT_NS (20 * 1000000000LL)

/* What a process needs to reach a steady state once it has attached. */
#define SETTLE_US 300000

static double milliseconds(int64_t ns)
{
	return (double)ns / 1e6;
}

/* The first argument list with a pid in place of each @PID@. */
static void name_pid(char **argv, pid_t pid)
{
	for (char **word = argv; *word; word++) {
		char *mark = strstr(*word, "@PID@");
		char *named;

		if (!mark)
			continue;
		if (asprintf(&named, "%.*s%d%s", (int)(mark - *word), *word,
			     (int)pid, mark + strlen("@PID@")) < 0)
			err(1, "memory");
		*word = named;
	}
}

/*
 * Waits until a program loaded after `newest` runs, making events of `kind` all
 * the while: only then is the tool attached. Needs the kernel's counting.
 */
static void wait_attached(const struct tracer *tracer, uint32_t newest,
			  enum event_kind kind)
{
	int64_t limit = now_ns() + ATTACH_LIMIT_NS;

	do {
		if (now_ns() > limit || tracer_has_ended(tracer))
			errx(1, "the tool has attached nothing");
		usleep(2000);
		event_fire(kind);
	} while (!progs_busiest_after(newest).runs);
	usleep(SETTLE_US);
}

/* Events often enough that none is waited for: one every 20 us or so. */
static pid_t fire_steadily(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_TIMERSLACK, 1000);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		event_fire(EVENT_OPENAT);
		usleep(10);
	}
}

static int measure_first(char **argv)
{
	struct tracer tracer;
	pid_t trigger = fire_steadily();
	int64_t first;
	bool seen;

	tracer_start(&tracer, argv, NULL);
	seen = tracer_wait_event(&tracer);
	first = now_ns() - tracer.start_ns;
	kill(trigger, SIGKILL);
	waitpid(trigger, NULL, 0);
	tracer_interrupt(&tracer);
	tracer_wait(&tracer);
	if (!seen)
		errx(1, "%s printed no event", argv[0]);
	printf("%.2f %ld\n", milliseconds(first), tracer.peak_kib);
	return 0;
}

static int measure_exit(char **argv)
{
	struct tracer tracer;

	tracer_start(&tracer, argv, NULL);
	tracer_wait(&tracer);
	if (tracer.status)
		errx(1, "%s failed", argv[0]);
	printf("%.2f %ld\n", milliseconds(now_ns() - tracer.start_ns),
	       tracer.peak_kib);
	return 0;
}

static int measure_leave(char **argv)
{
	int counting = progs_count();
	uint32_t newest = progs_newest();
	struct tracer tracer;
	int64_t start;

	tracer_start(&tracer, argv, "/dev/null");
	wait_attached(&tracer, newest, EVENT_GETPPID);
	start = now_ns();
	tracer_interrupt(&tracer);
	tracer_wait(&tracer);
	printf("%.2f\n", milliseconds(now_ns() - start));
	close(counting);
	return 0;
}

static int measure_cost(const char *kind, int64_t count, char **argv)
{
	struct event_order order = { .count = count };
	int counting = progs_count();
	uint32_t newest = progs_newest();
	struct prog_stats before, after;
	struct tracer tracer;
	struct events events;

	if (!strcmp(kind, "getppid"))
		order.kind = EVENT_GETPPID;
	events_start(&events);
	name_pid(argv, events.pid);
	tracer_start(&tracer, argv, "/dev/null");
	wait_attached(&tracer, newest, order.kind);
	before = progs_busiest_after(newest);
	events_fire(&events, &order);
	after = progs_busiest_after(newest);
	events_stop(&events);
	tracer_interrupt(&tracer);
	tracer_wait(&tracer);
	close(counting);
	if (after.runs <= before.runs)
		errx(1, "%s: its program did not run", argv[0]);
	printf("%.1f\n", (double)(after.time_ns - before.time_ns) /
				 (double)(after.runs - before.runs));
	return 0;
}

/* Lines that begin with a digit. */
static int64_t count_event_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	int64_t count = 0;

	if (!file)
		err(1, "%s", path);
	while (getline(&line, &room, file) > 0)
		count += line[0] >= '0' && line[0] <= '9';
	free(line);
	fclose(file);
	return count;
}

static int measure_rate(int64_t rate, int64_t ms, char **argv)
{
	struct event_order order = { .kind = EVENT_GETPPID, .rate = rate };
	char file[] = "/tmp/bench-rate-XXXXXX";
	int fd = mkstemp(file);
	int counting = progs_count();
	uint32_t newest = progs_newest();
	struct tracer tracer;
	struct events events;
	int64_t took;

	if (fd < 0)
		err(1, "%s", file);
	close(fd);
	order.count = rate * ms / 1000;
	events_start(&events);
	name_pid(argv, events.pid);
	tracer_start(&tracer, argv, file);
	wait_attached(&tracer, newest, EVENT_GETPPID);
	close(counting);
	took = events_fire(&events, &order);
	/* A tool that reads late has not lost anything yet. */
	usleep(SETTLE_US);
	tracer_interrupt(&tracer);
	tracer_wait(&tracer);
	events_stop(&events);
	printf("%lld %lld %.3f\n", (long long)order.count,
	       (long long)count_event_lines(file), (double)took / 1e9);
	unlink(file);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "first"))
		return measure_first(argv + 2);
	if (!strcmp(what, "exit"))
		return measure_exit(argv + 2);
	if (!strcmp(what, "leave"))
		return measure_leave(argv + 2);
	if (!strcmp(what, "cost") && argc > 4)
		return measure_cost(argv[2], strtoll(argv[3], NULL, 10),
				    argv + 4);
	if (!strcmp(what, "rate") && argc > 4)
		return measure_rate(strtoll(argv[2], NULL, 10),
				    strtoll(argv[3], NULL, 10), argv + 4);
	errx(2, "usage: bench first|exit|leave|cost|rate ... TOOL...");
}
