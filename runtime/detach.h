/*
 * Leaving. The kernel takes 60 to 75 ms to close a tracepoint's perf event,
 * one after another, and a process is not gone before its descriptors are
 * closed: so a child is left behind that holds them until the kernel is done.
 * Called by main at the end, and by the handler of a second Ctrl-C.
 */
#ifndef RUNTIME_DETACH_H
#define RUNTIME_DETACH_H

#include "runtime/session.h"

/* Ends the process, at once, with `status`. Nothing is flushed. Accepts a
 * session in any state; safe in a signal handler. */
_Noreturn void detach_and_exit(const struct session *session, int status);

#endif
