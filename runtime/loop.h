/*
 * From the first begin program to the last record: waits for rings, timers,
 * signals and processes, and hands records to the actions in the order the
 * program made them. Called by main once everything is attached.
 */
#ifndef RUNTIME_LOOP_H
#define RUNTIME_LOOP_H

#include "runtime/actions.h"
#include "runtime/child.h"
#include "runtime/session.h"

struct loop_options {
	struct session *session;
	struct actions *actions;
	struct output *output;
	struct child *child; /* or NULL */
	int target;          /* descriptor of the process of -p, or -1 */
	int signals;         /* of signals_begin() */
	bool flush_rounds; /* write what a round printed, not only when idle */
	bool quiet;
};

/*
 * Runs the program until it ends, prints maps and losses, flushes. Returns
 * etrace's exit status; errors were reported to the session's diags.
 */
int loop_run(const struct loop_options *options);

#endif
