/*
 * From a kind of attach point to the kernel: one row of `kinds` each. Knows
 * how each kind is attached and what the kernel's refusals mean. Called by
 * main through session_attach().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/perf_event.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/uapi.h"

/* Kept in order for detach.c; nearly always the new one is the largest. */
static void hold(struct session *session, struct held held)
{
	size_t i;

	ARENA_PUSH(session->arena, session->held, session->held_count,
		   session->held_room, held);
	for (i = session->held_count - 1;
	     i > 0 && session->held[i - 1].fd > held.fd; i--)
		session->held[i] = session->held[i - 1];
	session->held[i] = held;
}

void session_hold(struct session *session, int fd, bool is_perf)
{
	hold(session, (struct held){ fd, is_perf, -1, false });
}

void session_hold_packets(struct session *session, int fd)
{
	hold(session, (struct held){ fd, false, -1, true });
}

void session_hold_link(struct session *session, int fd, uint32_t program)
{
	hold(session, (struct held){ fd, false, (int32_t)program, false });
}

/* ---- refusals ---- */

static const char *cause_of(const struct attach *attach, int error)
{
	bool is_tracepoint = attach->kind == ATTACH_TRACEPOINT;

	switch (error) {
	case ENOENT:
	case EOPNOTSUPP:
	case ENODEV:
		if (attach->kind == ATTACH_PERF &&
		    attach->perf_type == PERF_TYPE_HARDWARE)
			return "no hardware counters (PMU) on this machine";
		return "the kernel has no such event";
	case EMFILE:
	case ENFILE:
		return "no more file descriptors";
	case EBUSY:
		return "all hardware counters are in use";
	case E2BIG:
		if (is_tracepoint)
			return "the kernel attaches 64 programs to an event "
			       "and not more";
		break;
	case EACCES:
		if (is_tracepoint)
			return "the program reads more than the event has";
		break;
	case ESRCH:
		return "the process has ended";
	case ENOEXEC:
	case 524: /* ENOTSUPP, which no header of user space names */
		return "the kernel does not know the function's first "
		       "instruction";
	default:
		break;
	}
	return strerror(error);
}

static const char *remedy_of(const struct attach *attach, int error)
{
	if (error == EMFILE || error == ENFILE)
		return "raise the limit: ulimit -n";
	if (attach->kind == ATTACH_PERF &&
	    attach->perf_type == PERF_TYPE_HARDWARE &&
	    (error == ENOENT || error == EOPNOTSUPP || error == ENODEV))
		return "virtual machines often have none; software:cpu-clock "
		       "and profile:hz:99 sample without";
	if (error == EPERM || error == EACCES)
		return "run as root; a container needs CAP_BPF and CAP_PERFMON";
	return NULL;
}

bool attach_failed(struct session *session, const struct attach *attach,
		   int error)
{
	const char *lockdown =
		error == EPERM ? host_lockdown(session->host) : NULL;
	const char *remedy = remedy_of(attach, error);
	struct diag *diag;

	if (lockdown) {
		diag = diag_error(session->diags, E_LOCKDOWN, attach->at,
				  "cannot attach to %s: the kernel is locked "
				  "down (%s)",
				  attach->probe, lockdown);
		remedy = "boot without secure boot, or with lockdown=none";
	} else {
		diag = diag_error(session->diags, E_ATTACH, attach->at,
				  "cannot attach to %s: %s", attach->probe,
				  cause_of(attach, error));
	}
	if (remedy)
		diag_hint(session->diags, diag, "%s", remedy);
	return false;
}

/* ---- perf events ---- */

/* The link must be held as well: closing it detaches. */
bool attach_event(struct session *session, uint32_t program, uint32_t attach,
		  int event)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *point = &session->image->attaches[attach];
	bool has_cookie = row->needs_cookie || row->attach_count > 1;
	uint64_t cookie = session_cookie(session, program, attach);
	int link;

	if (event < 0)
		return attach_failed(session, point, errno);
	session_hold(session, event, true);
	link = perf_event_set_program(event, session->program_fds[program],
				      has_cookie ? &cookie : NULL);
	if (link < 0)
		return attach_failed(session, point, errno);
	if (has_cookie)
		session_hold(session, link, false);
	return true;
}

/* The id of a tracepoint is all that is needed here; its format is not read. */
static bool read_id(const char *path, uint32_t *id)
{
	char text[24];
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0) {
		errno = length ? errno : ENOENT;
		return false;
	}
	text[length] = '\0';
	*id = (uint32_t)strtoul(text, NULL, 10);
	return true;
}

static bool attach_tracepoint(struct session *session, uint32_t program,
			      uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	const char *tracefs;
	char path[512];
	uint32_t id;

	if (host_tracefs(session->host, &tracefs) != HOST_OK) {
		struct diag *diag = diag_error(
			session->diags, E_NO_TRACEFS, point->at,
			"cannot attach to %s: tracefs is not mounted",
			point->probe);

		diag_hint(session->diags, diag,
			  "mount -t tracefs tracefs /sys/kernel/tracing");
		return false;
	}
	snprintf(path, sizeof(path), "%s/events/%s/%s/id", tracefs,
		 point->category, point->event);
	if (!read_id(path, &id))
		return attach_failed(session, point, errno);
	session->closes_slowly = true;
	return attach_event(session, program, attach,
			    perf_event_tracepoint(id));
}

static bool attach_counter(struct session *session, uint32_t program,
			   uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	uint32_t type = point->perf_type;
	uint64_t config = point->number;
	uint64_t period = point->period;
	const uint32_t *cpus;
	size_t count;

	if (point->kind == ATTACH_PROFILE) {
		type = PERF_TYPE_SOFTWARE;
		config = PERF_COUNT_SW_CPU_CLOCK;
		period = point->number;
	}
	cpus = host_online_cpus(session->host, &count);
	for (size_t i = 0; i < count; i++)
		if (!attach_event(
			    session, program, attach,
			    perf_event_counter(type, config, period, cpus[i])))
			return false;
	return true;
}

/* ---- the other kinds ---- */

static bool attach_raw_tracepoint(struct session *session, uint32_t program,
				  uint32_t attach)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *point = &session->image->attaches[attach];
	struct uapi_raw_tracepoint open = {
		.name = uapi_pointer(point->event),
		.program_fd = (uint32_t)session->program_fds[program],
		.cookie = row->needs_cookie
				  ? session_cookie(session, program, attach)
				  : 0,
	};
	int link = uapi_bpf(BPF_RAW_TRACEPOINT_OPEN, &open, sizeof(open));

	if (link < 0)
		return attach_failed(session, point, errno);
	session_hold(session, link, false);
	session->closes_slowly = true;
	return true;
}

/* Run by the loop, not by the kernel. */
static bool attach_nothing(struct session *session, uint32_t program,
			   uint32_t attach)
{
	(void)session;
	(void)program;
	(void)attach;
	return true;
}

typedef bool attach_fn(struct session *session, uint32_t program,
		       uint32_t attach);

/* User probes are attached many at a time: NULL here. */
static attach_fn *const kinds[] = {
	[ATTACH_BEGIN] = attach_nothing,
	[ATTACH_END] = attach_nothing,
	[ATTACH_SIGNAL] = attach_nothing,
	[ATTACH_INTERVAL] = attach_nothing,
	[ATTACH_PROFILE] = attach_counter,
	[ATTACH_TRACEPOINT] = attach_tracepoint,
	[ATTACH_RAW_TRACEPOINT] = attach_raw_tracepoint,
	[ATTACH_PERF] = attach_counter,
	[ATTACH_UPROBE] = NULL,
	[ATTACH_URETPROBE] = NULL,
	[ATTACH_USDT] = NULL,
	[ATTACH_KPROBE] = attach_kprobe,
	[ATTACH_KRETPROBE] = attach_kprobe,
	[ATTACH_FENTRY] = attach_bound,
	[ATTACH_FEXIT] = attach_bound,
	[ATTACH_LSM] = attach_bound,
	[ATTACH_ITER] = attach_iterator,
	[ATTACH_WATCHPOINT] = attach_watchpoint,
	[ATTACH_TC] = attach_tc,
	[ATTACH_XDP] = attach_xdp,
};

/* ---- the order of it all ---- */

struct progress {
	struct timespec begun;
	bool is_shown;
};

static bool takes_long(const struct progress *progress)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - progress->begun.tv_sec > 1 ||
	       (now.tv_sec - progress->begun.tv_sec == 1 &&
		now.tv_nsec >= progress->begun.tv_nsec);
}

static void show_progress(const struct session *session,
			  struct progress *progress, uint32_t done)
{
	if (!session->progress || done % 16 || !takes_long(progress))
		return;
	fprintf(stderr, "\rattaching: %u of %u probes ", done,
		session->image->attach_count);
	progress->is_shown = true;
}

static bool attach_program(struct session *session, uint32_t program,
			   struct progress *progress)
{
	const struct image_program *row = &session->image->programs[program];

	if (!kinds[row->kind])
		return attach_uprobes(session, program);
	if (kprobe_attach_type(session, program))
		return attach_kprobes(session, program);
	for (uint32_t i = 0; i < row->attach_count; i++) {
		uint32_t attach = row->first_attach + i;

		if (signals_stop_wanted() ||
		    !kinds[row->kind](session, program, attach))
			return false;
		show_progress(session, progress, attach + 1);
	}
	return true;
}

bool session_attach(struct session *session)
{
	struct progress progress = { .is_shown = false };
	bool attached = true;

	clock_gettime(CLOCK_MONOTONIC, &progress.begun);
	for (uint32_t i = 0; i < session->image->program_count && attached; i++)
		attached = !signals_stop_wanted() &&
			   attach_program(session, i, &progress);
	if (progress.is_shown)
		fprintf(stderr, "\r\033[K");
	if (attached)
		report_left_out(session);
	return attached;
}
