/*
 * The loop. It sleeps in epoll until something is in a ring; then it naps a
 * millisecond at a time and takes what has come, because waking up for every
 * event costs ten times the event. Called by main.
 */
#include "runtime/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/iterate.h"
#include "runtime/loop_records.h"
#include "runtime/report.h"
#include "runtime/signals.h"
#include "runtime/status.h"
#include "runtime/symbols.h"
#include "runtime/timers.h"

/* Records handled before signals and timers are looked at. */
#define BATCH 4096

/* Intervals that came due late and run before anything else is looked at. */
#define LATE_RUNS 16

/* Naps without a record before the loop goes to sleep. */
#define IDLE_ROUNDS 20

static const struct span nowhere;

enum watched {
	WATCHED_RING,
	WATCHED_EVENTS,
	WATCHED_SIGNALS,
	WATCHED_TIMER,
	WATCHED_CHILD,
	WATCHED_TARGET,
	WATCHED_OUTPUT,
	WATCHED_PROCESSES,
};

struct loop {
	const struct loop_options *options;
	struct session *session;
	struct records records;
	int events; /* epoll: all but the data ring, waited on in naps */
	int all;    /* epoll: `events` and the data ring */
	struct timers timers;
	unsigned idle_rounds;
	bool is_behind; /* the last batch was not all */
	bool is_late;   /* nor were the last intervals */
	bool ending;
	bool failed; /* reported; the status follows from the diagnostics */
};

/* ---- setting up ---- */

static bool watch(struct loop *loop, int poller, int fd, enum watched what,
		  uint32_t index)
{
	struct epoll_event event = {
		.events = what == WATCHED_OUTPUT ? 0 : EPOLLIN,
		.data.u64 = (uint64_t)what << 32 | index,
	};

	if (fd < 0 || !epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
		return true;
	/* A file is always ready, and epoll does not take it. */
	if (what == WATCHED_OUTPUT)
		return true;
	diag_error(loop->session->diags, E_KERNEL, nowhere,
		   "cannot wait for events: %s", strerror(errno));
	return false;
}

static size_t count_attaches(const struct image *image, enum attach_kind kind)
{
	size_t count = 0;

	for (uint32_t i = 0; i < image->attach_count; i++)
		count += image->attaches[i].kind == kind;
	return count;
}

/* Signals that the attach points wait for. */
static void watch_signals(const struct image *image)
{
	for (uint32_t i = 0; i < image->attach_count; i++)
		if (image->attaches[i].kind == ATTACH_SIGNAL)
			signals_watch((int)image->attaches[i].number);
}

/* Will addresses of processes be printed? Then a place in the script announces
 * the processes, and what those map is followed: they may be gone by then. */
static void follow_processes(const struct loop *loop)
{
	const struct image *image = loop->session->image;
	struct usyms *usyms = actions_usyms(loop->options->actions);
	bool is_wanted = false;

	for (uint32_t i = 0; i < image->site_count; i++)
		is_wanted |= image->sites[i].action == ACTION_PROCESS_SEEN;
	if (!is_wanted)
		return;
	/* it may end with its first event */
	if (image->settings.pid)
		usyms_process_seen(usyms, image->settings.pid);
	if (!usyms_follow(usyms, image->settings.cpus) &&
	    image->settings.verbose)
		fprintf(stderr,
			"etrace: cannot follow what processes map (%s): short "
			"ones may have no names of functions\n",
			strerror(errno));
}

static bool loop_open(struct loop *loop)
{
	const struct loop_options *options = loop->options;
	int output = options->output->fd;

	loop->events = epoll_create1(EPOLL_CLOEXEC);
	loop->all = epoll_create1(EPOLL_CLOEXEC);
	if (!records_open(&loop->records, loop->session, options->actions))
		return false;
	watch_signals(loop->session->image);
	timers_open(&loop->timers, loop->session->arena, loop->session->image);
	follow_processes(loop);
	for (size_t i = 0; i < loop->timers.count; i++)
		if (!watch(loop, loop->events, loop->timers.items[i].fd,
			   WATCHED_TIMER, (uint32_t)i))
			return false;
	return watch(loop, loop->events, options->signals, WATCHED_SIGNALS,
		     0) &&
	       watch(loop, loop->events,
		     options->child ? options->child->pidfd : -1, WATCHED_CHILD,
		     0) &&
	       watch(loop, loop->events, options->target, WATCHED_TARGET, 0) &&
	       watch(loop, loop->events, output, WATCHED_OUTPUT, 0) &&
	       /* an order, a process seen: not after the nap but now */
	       watch(loop, loop->events, loop->session->control_fd,
		     WATCHED_RING, 0) &&
	       watch(loop, loop->events,
		     usyms_fd(actions_usyms(options->actions)),
		     WATCHED_PROCESSES, 0) &&
	       watch(loop, loop->all, loop->events, WATCHED_EVENTS, 0) &&
	       watch(loop, loop->all, loop->session->data_fd, WATCHED_RING, 0);
}

static void loop_close(struct loop *loop)
{
	timers_close(&loop->timers);
	close(loop->events);
	close(loop->all);
	records_close(&loop->records);
}

/* ---- programs that etrace runs itself ---- */

static void run(struct loop *loop, uint32_t program, uint32_t attach)
{
	if (!session_run(loop->session, program, attach)) {
		loop->failed = true;
		loop->ending = true;
	}
	while (records_handle(&loop->records, BATCH) == BATCH)
		;
}

/* All programs of a kind, in the order of the script. */
static void run_kind(struct loop *loop, enum attach_kind kind)
{
	const struct image *image = loop->session->image;

	for (uint32_t i = 0; i < image->program_count; i++) {
		const struct image_program *row = &image->programs[i];

		for (uint32_t k = 0; row->kind == kind && k < row->attach_count;
		     k++) {
			/* exit() in a begin program is the end of them. */
			if (kind == ATTACH_BEGIN &&
			    session_is_stopped(loop->session))
				return;
			run(loop, i, row->first_attach + k);
		}
	}
}

static void run_signals(struct loop *loop)
{
	const struct image *image = loop->session->image;

	for (uint32_t i = 0; i < image->program_count; i++) {
		const struct image_program *row = &image->programs[i];

		for (uint32_t k = 0;
		     row->kind == ATTACH_SIGNAL && k < row->attach_count; k++) {
			uint32_t attach = row->first_attach + k;
			unsigned times = signals_take(
				(int)image->attaches[attach].number);

			while (times-- && !session_is_stopped(loop->session))
				run(loop, i, attach);
		}
	}
}

/*
 * Those that are due, in the order of the clock; no more than some at a time,
 * for an interval may be shorter than what its program takes.
 */
static void run_timers(struct loop *loop)
{
	const struct timer *timer;

	loop->is_late = false;
	for (unsigned i = 0; i < LATE_RUNS; i++) {
		if (session_is_stopped(loop->session) || loop->ending)
			return;
		timer = timers_take(&loop->timers);
		if (!timer)
			return;
		run(loop, timer->program, timer->attach);
	}
	loop->is_late = true;
}

/* ---- iterators ---- */

/* To the end of the objects; the records of some before the next. */
static void run_iterator(struct loop *loop, uint32_t program)
{
	enum iterated iterated = ITERATED_SOME;

	while (iterated == ITERATED_SOME && !signals_stop_wanted() &&
	       !session_is_stopped(loop->session) &&
	       !loop->options->output->error) {
		iterated = iterate(loop->session, program);
		while (records_handle(&loop->records, BATCH) == BATCH)
			;
	}
	if (iterated == ITERATED_FAILED)
		loop->failed = true;
}

static void run_iterators(struct loop *loop)
{
	const struct image *image = loop->session->image;

	for (uint32_t i = 0; i < image->program_count && !loop->failed; i++)
		if (is_iterated(loop->session, i))
			run_iterator(loop, i);
}

static void announce_pins(const struct loop *loop)
{
	const struct image *image = loop->session->image;

	for (uint32_t i = 0; i < image->attach_count; i++) {
		const struct attach *point = &image->attaches[i];

		if (point->kind == ATTACH_ITER && point->path)
			fprintf(stderr,
				"Pinned %s: cat %s runs it, rm ends it\n",
				point->probe, point->path);
	}
}

/* ---- one round ---- */

static void handle_event(struct loop *loop, uint64_t data)
{
	uint64_t ignored;
	ssize_t got;

	switch ((enum watched)(data >> 32)) {
	case WATCHED_RING:
	case WATCHED_EVENTS:
		break;
	case WATCHED_SIGNALS:
		got = read(loop->options->signals, &ignored, sizeof(ignored));
		(void)got;
		run_signals(loop);
		break;
	case WATCHED_TIMER:
		run_timers(loop);
		break;
	case WATCHED_CHILD:
		child_reap(loop->options->child);
		loop->ending = true;
		break;
	case WATCHED_PROCESSES:
		usyms_update(actions_usyms(loop->options->actions));
		break;
	case WATCHED_TARGET:
	case WATCHED_OUTPUT:
		loop->ending = true;
		break;
	}
}

static void handle_events(struct loop *loop, int poller, int timeout)
{
	struct epoll_event events[16];
	int count = epoll_wait(poller, events, ARRAY_SIZE(events), timeout);

	for (int i = 0; i < count; i++)
		handle_event(loop, events[i].data.u64);
}

/*
 * Wait, then handle a batch. What wakes a sleeping loop besides the rings is
 * found by the nap of no time that follows.
 */
static void loop_round(struct loop *loop)
{
	struct output *output = loop->options->output;
	bool is_asleep = loop->idle_rounds > IDLE_ROUNDS && !loop->is_late;
	bool is_hurried;
	size_t handled;

	if (is_asleep)
		handle_events(loop, loop->all, -1);
	is_hurried = is_asleep || loop->is_behind || loop->is_late;
	handle_events(loop, loop->events, is_hurried ? 0 : 1);
	if (loop->is_late)
		run_timers(loop);
	handled = records_handle(&loop->records, BATCH);
	loop->is_behind = handled == BATCH;
	loop->idle_rounds = handled || is_asleep ? 0 : loop->idle_rounds + 1;
	if (!handled || (!loop->is_behind && loop->options->flush_rounds))
		output_flush(output);
	if (output->error || session_is_stopped(loop->session) ||
	    signals_stop_wanted())
		loop->ending = true;
}

/* ---- beginning and end ---- */

/* Does anything happen after the begin programs and the iterators? */
static bool has_future(const struct loop *loop)
{
	const struct image *image = loop->session->image;
	size_t momentary = count_attaches(image, ATTACH_BEGIN) +
			   count_attaches(image, ATTACH_END) +
			   count_attaches(image, ATTACH_ITER);

	return momentary < image->attach_count ||
	       (loop->options->child && loop->options->child->pid);
}

static void loop_begin(struct loop *loop)
{
	const struct loop_options *options = loop->options;

	actions_attached(options->actions,
			 loop->session->image->attach_count -
				 loop->session->left_out,
			 options->quiet);
	if (!options->quiet)
		announce_pins(loop);
	session_set_clock(loop->session);
	run_kind(loop, ATTACH_BEGIN);
	output_flush(options->output);
	if (!session_start(loop->session) || loop->failed) {
		loop->ending = true;
		return;
	}
	timers_start(&loop->timers);
	if (options->child && !child_go(options->child, loop->session->diags))
		loop->failed = true;
	if (!loop->failed)
		run_iterators(loop);
	if (loop->failed || !has_future(loop))
		loop->ending = true;
}

static void loop_end(struct loop *loop)
{
	const struct loop_options *options = loop->options;
	const struct image *image = loop->session->image;
	uint64_t malformed;

	session_stop(loop->session);
	records_drain(&loop->records);
	if (!loop->failed) {
		run_kind(loop, ATTACH_END);
		records_drain(&loop->records);
	}
	if (image->settings.print_maps_on_exit && !options->output->error &&
	    !loop->failed)
		actions_print_maps(options->actions);
	for (size_t i = 0; i < loop->timers.count; i++) {
		const struct timer *timer = &loop->timers.items[i];

		report_missed(loop->session, options->actions, timer->program,
			      image->attaches[timer->attach].probe,
			      timer->missed + timer->due);
	}
	report_faults(loop->session, options->actions);
	report_lost_notices(loop->session, options->actions);
	malformed = actions_malformed(options->actions);
	if (malformed)
		diag_warning(loop->session->diags, E_INTERNAL, nowhere,
			     "%" PRIu64 " records could not be read",
			     malformed);
	output_flush(options->output);
}

/* A reader that went away had what it wanted; a full disk is a failure. */
static bool output_is_broken(const struct loop *loop)
{
	int error = loop->options->output->error;
	struct diag *diag;

	if (!error || error == EPIPE)
		return false;
	diag = diag_error(loop->session->diags, E_FILE, nowhere,
			  "cannot write the output: %s", strerror(error));
	if (error == ENOSPC)
		diag_hint(
			loop->session->diags, diag,
			"tracing was stopped; what was written is incomplete");
	return true;
}

int loop_run(const struct loop_options *options)
{
	struct loop loop = {
		.options = options,
		.session = options->session,
		/* the first event is not to wait for the end of a nap */
		.idle_rounds = IDLE_ROUNDS + 1,
	};
	int status = STATUS_DONE;

	if (!loop_open(&loop)) {
		loop_close(&loop);
		return STATUS_REFUSED;
	}
	loop_begin(&loop);
	while (!loop.ending)
		loop_round(&loop);
	loop_end(&loop);
	actions_exit(options->actions, &status);
	if (output_is_broken(&loop))
		status = STATUS_REFUSED;
	else if (loop.failed)
		status = status_of(loop.session->diags);
	loop_close(&loop);
	return status;
}
