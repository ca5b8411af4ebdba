/*
 * Reads the fault counters and the kernel's own counts of what it skipped.
 * Called by the loop when tracing has ended.
 */
#include "runtime/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/symbols.h"

static void report_fault(const struct session *session, struct actions *actions,
			 const struct image_fault *fault)
{
	const struct image *image = session->image;
	const struct image_program *program = &image->programs[fault->program];
	const uint64_t *counters = session->control->faults + fault->counter;
	bool is_one = program->attach_count == 1;

	for (uint32_t i = 0; i < fault->counters; i++) {
		uint64_t count =
			__atomic_load_n(&counters[i], __ATOMIC_RELAXED);
		const char *probe = NULL;

		if (is_one || fault->counters > 1)
			probe = image->attaches[program->first_attach + i]
					.probe;
		if (count)
			actions_fault(actions, fault, probe, count);
	}
}

void report_missed(const struct session *session, struct actions *actions,
		   uint32_t program, const char *probe, uint64_t count)
{
	struct image_fault fault = {
		.reason = FAULT_MISSED,
		.at = session->image->programs[program].at,
		.program = program,
		.map = -1,
	};

	if (count)
		actions_fault(actions, &fault, probe, count);
}

void report_faults(const struct session *session, struct actions *actions)
{
	const struct image *image = session->image;

	for (uint32_t i = 0; i < image->fault_count; i++)
		report_fault(session, actions, &image->faults[i]);
	for (uint32_t i = 0; i < image->program_count; i++) {
		const struct image_program *program = &image->programs[i];
		const char *probe = NULL;

		if (program->attach_count == 1)
			probe = image->attaches[program->first_attach].probe;
		report_missed(session, actions, i, probe,
			      session_missed(session, i));
	}
}

void report_lost_notices(const struct session *session,
			 const struct actions *actions)
{
	uint64_t lost = usyms_lost(actions_usyms(actions));

	if (lost && session->image->settings.verbose)
		fprintf(stderr,
			"etrace: %" PRIu64 " notices of what processes map "
			"were lost: names of functions may be missing\n",
			lost);
}
