/*
 * Signal handlers, and the one piece of global state of etrace: a handler can
 * be given nothing. Everything in it is a lock-free atomic.
 */
#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/detach.h"
#include "runtime/status.h"

#define SIGNALS_MAX 65

static struct {
	unsigned counts[SIGNALS_MAX];
	unsigned stops;
	bool is_tracing;
	int event;
	const struct session *session;
} signals = { .event = -1 };

static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

static void wake(void)
{
	static const uint64_t one = 1;
	ssize_t ignored = write(signals.event, &one, sizeof(one));

	(void)ignored; /* a full counter is readable, too */
}

static void handle_stop(int number)
{
	int error = errno;
	unsigned before;

	(void)number;
	if (!signals.is_tracing)
		_exit(0);
	before = __atomic_fetch_add(&signals.stops, 1, __ATOMIC_SEQ_CST);
	if (before)
		detach_and_exit(signals.session, STATUS_INTERRUPTED);
	__atomic_store_n(&signals.session->control->state, CONTROL_STOPPED,
			 __ATOMIC_SEQ_CST);
	wake();
	errno = error;
}

static void handle_watched(int number)
{
	int error = errno;

	__atomic_fetch_add(&signals.counts[number], 1, __ATOMIC_SEQ_CST);
	wake();
	errno = error;
}

/* Unlike SIG_IGN, a handler is not inherited by what we start. */
static void handle_pipe(int number)
{
	(void)number;
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_flags = SA_RESTART };

	action.sa_handler = handler;
	sigaction(number, &action, NULL);
}

/* nohup(1) has etrace ignore SIGHUP, and that stays so. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) &&
	       action.sa_handler == SIG_IGN;
}

void signals_open(void)
{
	handle(SIGPIPE, handle_pipe);
	for (size_t i = 0; i < ARRAY_SIZE(stopping); i++)
		if (stopping[i] != SIGHUP || !is_ignored(SIGHUP))
			handle(stopping[i], handle_stop);
}

int signals_begin(const struct session *session)
{
	signals.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	signals.session = session;
	__atomic_store_n(&signals.is_tracing, true, __ATOMIC_SEQ_CST);
	return signals.event;
}

void signals_watch(int number)
{
	if (number <= 0 || number >= SIGNALS_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(stopping); i++)
		if (stopping[i] == number)
			return;
	handle(number, handle_watched);
}

unsigned signals_take(int number)
{
	if (number <= 0 || number >= SIGNALS_MAX)
		return 0;
	return __atomic_exchange_n(&signals.counts[number], 0,
				   __ATOMIC_SEQ_CST);
}

bool signals_stop_wanted(void)
{
	return __atomic_load_n(&signals.stops, __ATOMIC_SEQ_CST) > 0;
}

void signals_default(void)
{
	for (int number = 1; number < SIGNALS_MAX; number++) {
		struct sigaction action;

		if (!sigaction(number, NULL, &action) &&
		    action.sa_handler != SIG_IGN &&
		    action.sa_handler != SIG_DFL)
			handle(number, SIG_DFL);
	}
}
