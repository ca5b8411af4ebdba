/*
 * Ctrl-C and its kin. Handlers rather than a signalfd: tracing stops at the
 * very instant, whatever etrace is doing, and a second Ctrl-C ends it even
 * when it is stuck writing to a reader that has stopped reading. Called by
 * main, attach.c and the loop.
 */
#ifndef RUNTIME_SIGNALS_H
#define RUNTIME_SIGNALS_H

#include "lexer/base.h"

struct session;

/* From here on SIGINT, SIGTERM and SIGHUP end etrace at once, with status 0:
 * nothing is in the kernel yet. SIGPIPE becomes an error of write(). */
void signals_open(void);

/*
 * From here on they are counted, and the first stops the session's probes.
 * The second leaves for good, see detach.h. Returns an event descriptor that
 * becomes readable with each signal; -1 with errno set.
 */
int signals_begin(const struct session *session);

/* Count this one, too. */
void signals_watch(int number);

/* How often a watched signal came since the last time this was asked. */
unsigned signals_take(int number);

/* Has any of the three come? */
bool signals_stop_wanted(void);

/* For a child, before exec: default handling of all the above. */
void signals_default(void);

#endif
