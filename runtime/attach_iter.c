/*
 * Iterators: a link, and a descriptor that runs the program for one object
 * after the other while it is read; or a file in bpffs that others read. Called
 * by attach.c and by the loop.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "runtime/iterate.h"
#include "runtime/session.h"
#include "runtime/uapi.h"

#define BPFFS "/sys/fs/bpf"

/* ---- the link ---- */

static bool is_of_tasks(const char *kind)
{
	return !strcmp(kind, "task") || !strcmp(kind, "task_file") ||
	       !strcmp(kind, "task_vma");
}

/* A descriptor, or -1 with errno set. */
static int link_create(const struct session *session,
		       const struct attach *point, uint32_t program)
{
	union bpf_iter_link_info info;
	union bpf_attr attributes;
	bool is_some = false;

	memset(&info, 0, sizeof(info));
	memset(&attributes, 0, sizeof(attributes));
	if (session->image->settings.pid && is_of_tasks(point->event)) {
		info.task.pid = session->image->settings.pid;
		is_some = true;
	}
	/* The kernel has no order of its own for these. */
	if (!strcmp(point->event, "cgroup")) {
		info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
		is_some = true;
	}
	attributes.link_create.prog_fd =
		(uint32_t)session->program_fds[program];
	attributes.link_create.attach_type = BPF_TRACE_ITER;
	if (is_some) {
		attributes.link_create.iter_info = uapi_pointer(&info);
		attributes.link_create.iter_info_len = sizeof(info);
	}
	return uapi_bpf(BPF_LINK_CREATE, &attributes, sizeof(attributes));
}

/* ---- pins ---- */

static bool is_bpffs(const char *folder)
{
	struct statfs status;

	return !statfs(folder, &status) && status.f_type == BPF_FS_MAGIC;
}

static bool pin_failed(struct session *session, const struct attach *point,
		       int error)
{
	struct diag *diag;
	const char *hint = NULL;

	diag = diag_error(session->diags, E_ATTACH, point->at,
			  "cannot pin %s at %s: %s", point->probe, point->path,
			  strerror(error));
	if (error == EEXIST)
		hint = arena_printf(session->arena,
				    "remove what is there: rm %s", point->path);
	else if (error == EPERM || error == ENOENT)
		hint = "a pin is a file in a mounted bpf file system, "
		       "usually " BPFFS;
	if (hint)
		diag_hint(session->diags, diag, "%s", hint);
	return false;
}

/* Distributions mount it; a rescue system or a container may not have. */
static bool pin(struct session *session, const struct attach *point, int link)
{
	union bpf_attr attributes;

	if (!strncmp(point->path, BPFFS "/", strlen(BPFFS) + 1) &&
	    host_is_live(session->host) && !is_bpffs(BPFFS))
		mount("bpf", BPFFS, "bpf", 0, NULL);
	memset(&attributes, 0, sizeof(attributes));
	attributes.pathname = uapi_pointer(point->path);
	attributes.bpf_fd = (uint32_t)link;
	if (!uapi_bpf(BPF_OBJ_PIN, &attributes, sizeof(attributes)))
		return true;
	return pin_failed(session, point, errno);
}

/* ---- attaching ---- */

bool attach_iterator(struct session *session, uint32_t program, uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	union bpf_attr attributes;
	int link = link_create(session, point, program), fd;

	if (link < 0)
		return attach_failed(session, point, errno);
	session_hold(session, link, false);
	if (point->path)
		return pin(session, point, link);
	memset(&attributes, 0, sizeof(attributes));
	attributes.iter_create.link_fd = (uint32_t)link;
	fd = uapi_bpf(BPF_ITER_CREATE, &attributes, sizeof(attributes));
	if (fd < 0)
		return attach_failed(session, point, errno);
	session_hold(session, fd, false);
	if (!session->iterators)
		session->iterators = ARENA_ARRAY(
			session->arena, session->image->program_count, int);
	session->iterators[program] = fd;
	return true;
}

/* ---- running ---- */

enum iterated iterate(struct session *session, uint32_t program)
{
	const struct image *image = session->image;
	const struct attach *point =
		&image->attaches[image->programs[program].first_attach];
	struct diag *diag;
	char ignored[64];
	ssize_t got;

	/* Programs write to the ring: the file itself stays empty. */
	got = read(session->iterators[program], ignored, sizeof(ignored));
	if (!got)
		return ITERATED_ALL;
	if (got > 0 || errno == EAGAIN || errno == EINTR)
		return ITERATED_SOME;
	diag = diag_error(session->diags, E_KERNEL, point->at,
			  "the kernel stopped %s: %s", point->probe,
			  strerror(errno));
	if (errno == ENOMEM)
		diag_hint(session->diags, diag, "the machine has no memory");
	return ITERATED_FAILED;
}

bool is_iterated(const struct session *session, uint32_t program)
{
	const struct image *image = session->image;
	const struct image_program *row = &image->programs[program];

	return row->kind == ATTACH_ITER &&
	       !image->attaches[row->first_attach].path;
}
