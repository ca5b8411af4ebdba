/*
 * Programs that see packets: links to an interface, which end with etrace
 * whatever happens; before Linux 6.6, which has none for tc, a filter that
 * etrace takes away when it ends. Called by attach.c and detach.c.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

#include "runtime/netlink.h"
#include "runtime/session.h"
#include "runtime/uapi.h"

/* ---- refusals ---- */

/* What the kernel's answer means for an interface. */
static const struct {
	enum attach_kind kind;
	int error;
	const char *cause;
	const char *hint; /* or NULL */
} refusals[] = {
	{ ATTACH_XDP, EBUSY, "another xdp program is on the interface",
	  "it takes one only; tc:INTERFACE:ingress sees the packets behind "
	  "it" },
	{ ATTACH_XDP, EEXIST, "another xdp program is on the interface",
	  "it takes one only; tc:INTERFACE:ingress sees the packets behind "
	  "it" },
	{ ATTACH_XDP, EOPNOTSUPP, "its driver cannot run programs",
	  "without ':native' the kernel runs them for the driver" },
	{ ATTACH_XDP, EINVAL, "its driver cannot run programs as it is set up",
	  "without ':native' the kernel runs them for the driver" },
	{ ATTACH_TC, ENOENT, "the kernel has no clsact",
	  "it is in the module sch_ingress, filters in cls_bpf: modprobe" },
	{ ATTACH_TC, EBUSY, "another qdisc is where clsact would be", NULL },
};

static bool net_failed(struct session *session, const struct attach *point,
		       int error)
{
	struct diag *diag;

	if (error == ENODEV) {
		diag_error(session->diags, E_ATTACH, point->at,
			   "cannot attach to %s: the interface is gone",
			   point->probe);
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].kind != point->kind ||
		    refusals[i].error != error)
			continue;
		diag = diag_error(session->diags, E_ATTACH, point->at,
				  "cannot attach to %s: %s", point->probe,
				  refusals[i].cause);
		if (refusals[i].hint)
			diag_hint(session->diags, diag, "%s", refusals[i].hint);
		return false;
	}
	return attach_failed(session, point, error);
}

/* ---- tc ---- */

/* Before all others, which could end a packet's way. */
static int link_tc(const struct session *session, const struct attach *point,
		   uint32_t program, unsigned interface)
{
	struct uapi_tcx link = {
		.program_fd = (uint32_t)session->program_fds[program],
		.interface = interface,
		.attach_type = point->mode == TC_EGRESS ? UAPI_TCX_EGRESS
							: UAPI_TCX_INGRESS,
		.flags = UAPI_BEFORE,
	};

	return uapi_bpf(BPF_LINK_CREATE, &link, sizeof(link));
}

static bool attach_filter(struct session *session, const struct attach *point,
			  uint32_t program, unsigned interface)
{
	struct filter filter = {
		.interface = (int)interface,
		.is_egress = point->mode == TC_EGRESS,
	};
	int error = filter_open(&filter, session->program_fds[program]);

	if (error)
		return net_failed(session, point, error);
	ARENA_PUSH(session->arena, session->filters, session->filter_count,
		   session->filter_room, filter);
	return true;
}

bool attach_tc(struct session *session, uint32_t program, uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	unsigned interface = if_nametoindex(point->path);
	int link;

	if (!interface)
		return net_failed(session, point, ENODEV);
	link = link_tc(session, point, program, interface);
	if (link < 0 && errno == EINVAL)
		return attach_filter(session, point, program, interface);
	if (link < 0)
		return net_failed(session, point, errno);
	session_hold_packets(session, link);
	return true;
}

void detach_filters(const struct session *session)
{
	for (size_t i = 0; i < session->filter_count; i++)
		filter_close(&session->filters[i]);
}

/* ---- xdp ---- */

static int link_xdp(const struct session *session, uint32_t program,
		    unsigned interface, uint32_t flags)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.link_create.prog_fd =
		(uint32_t)session->program_fds[program];
	attributes.link_create.target_ifindex = interface;
	attributes.link_create.attach_type = BPF_XDP;
	attributes.link_create.flags = flags;
	return uapi_bpf(BPF_LINK_CREATE, &attributes, sizeof(attributes));
}

bool attach_xdp(struct session *session, uint32_t program, uint32_t attach)
{
	static const uint32_t flags[] = {
		[XDP_ANY] = 0,
		[XDP_NATIVE] = XDP_FLAGS_DRV_MODE,
		[XDP_GENERIC] = XDP_FLAGS_SKB_MODE,
	};
	const struct attach *point = &session->image->attaches[attach];
	unsigned interface = if_nametoindex(point->path);
	int link;

	if (!interface)
		return net_failed(session, point, ENODEV);
	link = link_xdp(session, program, interface, flags[point->mode]);
	/* A driver that has xdp, but not as the interface is set up now. */
	if (link < 0 && point->mode == XDP_ANY && errno != EBUSY &&
	    errno != EEXIST)
		link = link_xdp(session, program, interface,
				XDP_FLAGS_SKB_MODE);
	if (link < 0)
		return net_failed(session, point, errno);
	session_hold_packets(session, link);
	return true;
}
