/*
 * What was lost, said when tracing ends: nothing is lost in silence. Knows the
 * counters of the control block and of the kernel. Called by the loop.
 */
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include "runtime/actions.h"
#include "runtime/session.h"

/* Everything that is not zero goes to actions_fault(). */
void report_faults(const struct session *session, struct actions *actions);

/* `count` events of one attach point that nobody saw. */
void report_missed(const struct session *session, struct actions *actions,
		   uint32_t program, const char *probe, uint64_t count);

/* Under -v: notices of what processes map that the kernel had no room for. */
void report_lost_notices(const struct session *session,
			 const struct actions *actions);

#endif
