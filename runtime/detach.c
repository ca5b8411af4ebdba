/*
 * Stops the events, leaves the slow part of closing to a child, exits. Called
 * by main and by a signal handler: only async-signal-safe calls.
 */
#include "runtime/detach.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/perf_event.h"

static void close_between(int from, int to)
{
	if (from <= to)
		close_range((unsigned)from, (unsigned)to, 0);
}

/*
 * In the child, once etrace is gone, for whoever lets go of a descriptor last
 * waits for the kernel: the pipe ends with etrace. First everything somebody
 * may be waiting for the end of, such as a pipe; then, by exiting, the
 * descriptors that take long.
 */
static _Noreturn void hold_and_exit(const struct session *session,
				    const int etrace[2])
{
	char nothing;
	int next = 0;

	setsid();
	prctl(PR_SET_NAME, "etrace-detach");
	close(etrace[1]);
	(void)!read(etrace[0], &nothing, sizeof(nothing));
	for (size_t i = 0; i < session->held_count; i++) {
		close_between(next, session->held[i].fd - 1);
		next = session->held[i].fd + 1;
	}
	close_between(next, INT_MAX);
	_exit(0);
}

_Noreturn void detach_and_exit(const struct session *session, int status)
{
	int etrace[2];

	for (size_t i = 0; i < session->held_count; i++) {
		if (session->held[i].is_perf)
			perf_event_disable(session->held[i].fd);
		if (session->held[i].is_packets)
			close(session->held[i].fd);
	}
	detach_filters(session);
	if (session->closes_slowly && session->held_count &&
	    !pipe2(etrace, O_CLOEXEC) && !_Fork())
		hold_and_exit(session, etrace);
	_exit(status);
}
