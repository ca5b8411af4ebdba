/*
 * User probes: one link for all offsets of a file where the kernel has
 * uprobe_multi, else a perf event for each. Called by attach.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/perf_event.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/uapi.h"

/* Attach points `first` … of a program that are in the same file. */
struct group {
	uint32_t program;
	uint32_t first;
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
	const struct attach *points = &session->image->attaches[group->first];
	uint64_t *offsets = calloc(group->count, sizeof(*offsets));
	uint64_t *cookies = calloc(group->count, sizeof(*cookies));
	uint64_t *counters = calloc(group->count, sizeof(*counters));
	struct uapi_uprobe_multi link = {
		.program_fd = (uint32_t)session->program_fds[group->program],
		.attach_type = UAPI_TRACE_UPROBE_MULTI,
		.path = uapi_pointer(points[0].path),
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
			offsets[i] = points[i].number;
			cookies[i] = group->first + i;
			counters[i] = points[i].semaphore;
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

/* Was the function matched by a pattern, and not asked for by name? */
static bool is_matched(const struct session *session,
		       const struct attach *attach)
{
	const struct source *source = session->source;

	return source && attach->at.end <= source->size &&
	       memchr(source->text + attach->at.begin, '*',
		      attach->at.end - attach->at.begin);
}

/*
 * Attach all of the group that can be. The kernel refuses many for the sake of
 * one and does not say which: halves tell. `skipped` counts what a pattern
 * matched that cannot be traced. False, reported, for any other failure.
 */
static bool attach_group(struct session *session, const struct group *group,
			 uint32_t *skipped)
{
	const struct attach *point = &session->image->attaches[group->first];
	struct group half = *group;
	int fd = link_group(session, group);

	if (fd >= 0) {
		session_hold(session, fd, false);
		return true;
	}
	if (group->count == 1) {
		if (errno != ERROR_INSTRUCTION || !is_matched(session, point))
			return attach_failed(session, point, errno);
		++*skipped;
		return true;
	}
	half.count = group->count / 2;
	if (!attach_group(session, &half, skipped))
		return false;
	half.first += half.count;
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
			 uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	struct perf_uprobe probe = {
		.path = point->path,
		.offset = point->number,
		.pid = session->image->settings.pid,
		.semaphore = point->semaphore,
	};
	uint64_t cookie = attach;
	uint64_t return_bit;
	int event;
	int link;

	if (!perf_pmu("uprobe", &probe.type, &return_bit))
		return attach_failed(session, point, EOPNOTSUPP);
	if (is_return(session, group))
		probe.return_bit = return_bit;
	event = perf_event_uprobe(&probe);
	if (event < 0)
		return attach_failed(session, point, errno);
	session_hold(session, event, true);
	link = perf_event_set_program(
		event, session->program_fds[group->program], &cookie);
	if (link < 0)
		return attach_failed(session, point, errno);
	session_hold(session, link, false);
	return true;
}

bool attach_uprobes(struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *attaches = session->image->attaches;
	uint32_t end = row->first_attach + row->attach_count;
	struct group group = { program, row->first_attach, 0 };
	uint32_t skipped = 0;

	session->closes_slowly = true;
	for (; group.first < end; group.first += group.count) {
		if (signals_stop_wanted())
			return false;
		group.count = 1;
		if (!session->has_uprobe_multi) {
			if (!attach_single(session, &group, group.first))
				return false;
			continue;
		}
		while (group.first + group.count < end &&
		       !strcmp(attaches[group.first].path,
			       attaches[group.first + group.count].path))
			group.count++;
		if (!attach_group(session, &group, &skipped))
			return false;
	}
	report_skipped(session, row->first_attach, skipped, row->attach_count);
	return true;
}
