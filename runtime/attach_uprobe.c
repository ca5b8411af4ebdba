/*
 * User probes: one link for all offsets of a file where the kernel has
 * uprobe_multi, else a perf event for each. Called by attach.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/perf_event.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/uapi.h"

/* Attach points of a program that are in the same file. */
struct group {
	uint32_t program;
	uint32_t *members; /* indexes into image->attaches */
	uint32_t count;
};

static bool is_return(const struct session *session, const struct group *group)
{
	return session->image->programs[group->program].kind ==
	       ATTACH_URETPROBE;
}

/* A descriptor, or -1 with errno set. */
static int link_group(const struct session *session, const struct group *group)
{
	const struct attach *points = session->image->attaches;
	uint64_t *offsets = calloc(group->count, sizeof(*offsets));
	uint64_t *cookies = calloc(group->count, sizeof(*cookies));
	uint64_t *counters = calloc(group->count, sizeof(*counters));
	struct uapi_uprobe_multi link = {
		.program_fd = (uint32_t)session->program_fds[group->program],
		.attach_type = UAPI_TRACE_UPROBE_MULTI,
		.path = uapi_pointer(points[group->members[0]].path),
		.offsets = uapi_pointer(offsets),
		.cookies = uapi_pointer(cookies),
		.reference_counters = uapi_pointer(counters),
		.count = group->count,
		.flags = is_return(session, group) ? UAPI_UPROBE_MULTI_RETURN
						   : 0,
		.pid = session->image->settings.pid,
	};
	int fd = -1;
	int error = ENOMEM;

	if (offsets && cookies && counters) {
		for (uint32_t i = 0; i < group->count; i++) {
			const struct attach *point = &points[group->members[i]];

			offsets[i] = point->number;
			cookies[i] = session_cookie(session, group->program,
						    group->members[i]);
			counters[i] = point->semaphore;
		}
		fd = uapi_bpf(BPF_LINK_CREATE, &link, sizeof(link));
		error = errno;
	}
	free(offsets);
	free(cookies);
	free(counters);
	errno = error;
	return fd;
}

/* ENOTSUPP, which no header of user space names: an instruction the kernel can
 * neither run out of line nor emulate. */
#define ERROR_INSTRUCTION 524

/* Does it mean the instruction at the place? */
static bool is_instruction(int error)
{
	return error == ERROR_INSTRUCTION || error == ENOEXEC;
}

/* Was the function matched by a pattern, and not asked for by name? */
static bool is_matched(const struct session *session,
		       const struct attach *attach)
{
	const struct source *source = session->source;

	return source && attach->at.end <= source->size &&
	       memchr(source->text + attach->at.begin, '*',
		      attach->at.end - attach->at.begin);
}

/* One was refused: it is counted where a pattern matched it and its instruction
 * is the reason; else reported, and false. */
static bool pass_over(struct session *session, const struct attach *point,
		      int error, uint32_t *skipped)
{
	if (!is_instruction(error) || !is_matched(session, point))
		return attach_failed(session, point, error);
	++*skipped;
	return true;
}

/*
 * Attach all of the group that can be. The kernel refuses many for the sake of
 * one and does not say which: halves tell. What it is known to refuse has been
 * left out before (parser/instruction.c). `skipped` counts what a pattern
 * matched that cannot be traced. False, reported, for any other failure.
 */
static bool attach_group(struct session *session, const struct group *group,
			 uint32_t *skipped)
{
	const struct attach *points = session->image->attaches;
	struct group half = *group;
	int fd;

	if (!group->count)
		return true;
	fd = link_group(session, group);
	if (fd >= 0) {
		session_hold(session, fd, false);
		return true;
	}
	if (group->count == 1)
		return pass_over(session, &points[group->members[0]], errno,
				 skipped);
	half.count = group->count / 2;
	if (!attach_group(session, &half, skipped))
		return false;
	half.members += half.count;
	half.count = group->count - half.count;
	return attach_group(session, &half, skipped);
}

static void report_skipped(const struct session *session, uint32_t attach,
			   uint32_t skipped, uint32_t count)
{
	const struct attach *point = &session->image->attaches[attach];

	if (skipped)
		diag_warning(session->diags, E_ATTACH, point->at,
			     "%u of these %u functions cannot be traced: the "
			     "kernel does not know their first instruction",
			     skipped, count);
}

/* ---- without uprobe_multi ---- */

static bool attach_single(struct session *session, const struct group *group,
			  uint32_t attach, uint32_t *skipped)
{
	const struct attach *point = &session->image->attaches[attach];
	struct perf_uprobe probe = {
		.path = point->path,
		.offset = point->number,
		.pid = session->image->settings.pid,
		.semaphore = point->semaphore,
	};
	uint64_t cookie = session_cookie(session, group->program, attach);
	uint64_t return_bit;
	int event;
	int link;

	if (!perf_pmu("uprobe", &probe.type, &return_bit))
		return attach_failed(session, point, EOPNOTSUPP);
	if (is_return(session, group))
		probe.return_bit = return_bit;
	event = perf_event_uprobe(&probe);
	if (event < 0)
		return pass_over(session, point, errno, skipped);
	session_hold(session, event, true);
	link = perf_event_set_program(
		event, session->program_fds[group->program], &cookie);
	if (link < 0)
		return pass_over(session, point, errno, skipped);
	session_hold(session, link, false);
	return true;
}

/* The attach points from `first` on that are in the same file, at most `most`.
 */
static uint32_t same_file(const struct attach *first, uint32_t most)
{
	uint32_t count = 1;

	while (count < most && !strcmp(first->path, first[count].path))
		count++;
	return count;
}

bool attach_uprobes(struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *attaches = session->image->attaches;
	uint32_t end = row->first_attach + row->attach_count;
	uint32_t *members =
		ARENA_ARRAY(session->arena, row->attach_count, uint32_t);
	uint32_t skipped = 0;

	session->closes_slowly = true;
	for (uint32_t i = 0; i < row->attach_count; i++)
		members[i] = row->first_attach + i;
	for (uint32_t next = row->first_attach; next < end;) {
		struct group group = { program,
				       members + (next - row->first_attach),
				       same_file(&attaches[next], end - next) };

		if (signals_stop_wanted())
			return false;
		if (!session->has_uprobe_multi)
			group.count = 1;
		if (session->has_uprobe_multi
			    ? !attach_group(session, &group, &skipped)
			    : !attach_single(session, &group, next, &skipped))
			return false;
		next += group.count;
	}
	report_skipped(session, row->first_attach, skipped, row->attach_count);
	return true;
}
