/*
 * The benchmark's third side: what a programmer would write with libbpf and
 * clang for the same jobs. Loads one of the hand-written BPF programs, prints
 * what it sends, ends on SIGINT.
 *
 *   hand first | printf | batched | count TRACEPOINT... | begin
 *
 * batched is printf where no event wakes the reader.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/hand.h"

#include "hand_begin.skel.h"
#include "hand_count.skel.h"
#include "hand_first.skel.h"
#include "hand_printf.skel.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int print_event(void *context, void *data, size_t size)
{
	const struct hand_event *event = data;

	(void)context;
	(void)size;
	printf("%d %s %s\n", event->pid, event->comm, event->path);
	return 0;
}

static int ask_to_end(void *context, void *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	interrupted = 1;
	return 0;
}

/* How long the reader sleeps where nobody wakes it. */
#define BATCH_US 1000

static int read_ring(struct bpf_map *map, ring_buffer_sample_fn on_sample,
		     bool is_woken)
{
	struct ring_buffer *ring;

	ring = ring_buffer__new(bpf_map__fd(map), on_sample, NULL, NULL);
	if (!ring)
		err(1, "ring buffer");
	while (!interrupted) {
		if (is_woken)
			ring_buffer__poll(ring, -1);
		else if (!ring_buffer__consume(ring))
			usleep(BATCH_US);
	}
	ring_buffer__free(ring);
	return 0;
}

static int run_first(void)
{
	struct hand_first_bpf *bpf = hand_first_bpf__open_and_load();

	if (!bpf || hand_first_bpf__attach(bpf))
		errx(1, "cannot load or attach");
	read_ring(bpf->maps.ring, print_event, true);
	hand_first_bpf__destroy(bpf);
	return 0;
}

static int run_printf(bool is_woken)
{
	struct hand_printf_bpf *bpf = hand_printf_bpf__open();

	if (!bpf)
		errx(1, "cannot open");
	bpf->rodata->submit_flags = is_woken ? 0 : BPF_RB_NO_WAKEUP;
	if (hand_printf_bpf__load(bpf) || hand_printf_bpf__attach(bpf))
		errx(1, "cannot load or attach");
	read_ring(bpf->maps.ring, print_event, is_woken);
	hand_printf_bpf__destroy(bpf);
	return 0;
}

static int run_begin(void)
{
	struct hand_begin_bpf *bpf = hand_begin_bpf__open_and_load();
	LIBBPF_OPTS(bpf_test_run_opts, options);

	if (!bpf || bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.on_begin),
					   &options))
		errx(1, "cannot load or run");
	read_ring(bpf->maps.ring, ask_to_end, true);
	hand_begin_bpf__destroy(bpf);
	return 0;
}

/* Each argument is the name of a system call. */
static int run_count(char **calls)
{
	struct hand_count_bpf *bpf = hand_count_bpf__open_and_load();
	sigset_t none;

	if (!bpf)
		errx(1, "cannot load");
	for (; *calls; calls++) {
		char event[128];

		snprintf(event, sizeof(event), "sys_enter_%s", *calls);
		if (!bpf_program__attach_tracepoint(bpf->progs.on_event,
						    "syscalls", event))
			errx(1, "cannot attach %s", event);
	}
	sigemptyset(&none);
	while (!interrupted)
		sigsuspend(&none);
	hand_count_bpf__destroy(bpf);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	const char *what = argc > 1 ? argv[1] : "";

	sigaction(SIGINT, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "first"))
		return run_first();
	if (!strcmp(what, "printf"))
		return run_printf(true);
	if (!strcmp(what, "batched"))
		return run_printf(false);
	if (!strcmp(what, "begin"))
		return run_begin();
	if (!strcmp(what, "count"))
		return run_count(argv + 2);
	errx(2,
	     "usage: hand first | printf | batched | begin | count SYSCALL...");
}
