/*
 * Programs that the kernel binds to a function while it loads them: fentry,
 * fexit, lsm, iter. Knows how libbpf is told, and what the kernel means when it
 * refuses. Called by session.c.
 *
 * libbpf would look the function up by name, for which it reads all of the
 * kernel's BTF: 6 to 9 ms. The checker has the function's id already, so
 * libbpf sees a raw tracepoint until it asks, program by program, whether
 * something is to be changed before loading.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "parser/trouble.h"
#include "runtime/attach_kernel.h"
#include "runtime/session.h"
#include "runtime/uapi.h"

static const struct {
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	enum provider provider;
} bound[ATTACH_KINDS] = {
	[ATTACH_FENTRY] = { BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			    PROVIDER_fentry },
	[ATTACH_FEXIT] = { BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,
			   PROVIDER_fexit },
	[ATTACH_LSM] = { BPF_PROG_TYPE_LSM, BPF_LSM_MAC, PROVIDER_lsm },
	[ATTACH_ITER] = { BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
			  PROVIDER_iter },
};

bool load_is_bound(enum attach_kind kind)
{
	return bound[kind].type != BPF_PROG_TYPE_UNSPEC;
}

/* ---- the BTF of a module ---- */

static bool is_module(int fd, const char *module)
{
	char name[64] = "";
	struct bpf_btf_info info;
	uint32_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	info.name = uapi_pointer(name);
	info.name_len = sizeof(name);
	return !bpf_obj_get_info_by_fd(fd, &info, &length) && info.kernel_btf &&
	       !strcmp(name, module);
}

/* A descriptor of the kernel's own copy, or -errno. */
static int module_open(const char *module)
{
	uint32_t id = 0;
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd < 0)
			continue;
		if (is_module(fd, module))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

/* ---- telling libbpf ---- */

static uint32_t program_index(const struct session *session, const char *name)
{
	const struct image *image = session->image;
	uint32_t i = 0;

	while (i < image->program_count &&
	       strcmp(image->programs[i].function, name) != 0)
		i++;
	return i;
}

/* The descriptor must last until the program is loaded, when the next one, or
 * load_targets_end(), closes it. */
static void hold_target(struct session *session, int fd)
{
	if (session->target_fd > 0)
		close(session->target_fd);
	session->target_fd = fd;
}

static int prepare_load(struct bpf_program *program,
			struct bpf_prog_load_opts *options, long cookie)
{
	struct session *session = (struct session *)cookie;
	const struct image *image = session->image;
	uint32_t index = program_index(session, bpf_program__name(program));
	const struct attach *point;
	int fd = 0;

	if (index == image->program_count)
		return 0;
	session->loading = index;
	point = &image->attaches[image->programs[index].first_attach];
	if (!load_is_bound(point->kind))
		return 0;
	if (point->module)
		fd = module_open(point->module);
	else if (point->program)
		fd = bpf_prog_get_fd_by_id(point->program);
	if (fd < 0)
		return fd;
	hold_target(session, fd);
	options->attach_btf_id = (uint32_t)point->number;
	if (point->program)
		options->attach_prog_fd = (uint32_t)fd;
	else
		options->attach_btf_obj_fd = (uint32_t)fd;
	options->expected_attach_type = bound[point->kind].attach;
	return bpf_program__set_type(program, bound[point->kind].type);
}

/* libbpf 1.1 frees its table when the last handler goes, and uses it again for
 * the next: one that handles nothing stays. */
static void keep_table(void)
{
	static bool is_kept;

	if (!is_kept)
		is_kept = libbpf_register_prog_handler(
				  "nothing+", BPF_PROG_TYPE_UNSPEC,
				  (enum bpf_attach_type)0, NULL) >= 0;
}

bool load_targets_begin(struct session *session)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .cookie = (long)session,
		    .prog_prepare_load_fn = prepare_load);

	keep_table();
	session->loading = UINT32_MAX;
	session->handler =
		libbpf_register_prog_handler("etrace+", BPF_PROG_TYPE_UNSPEC,
					     (enum bpf_attach_type)0, &options);
	return session->handler >= 0;
}

void load_targets_end(struct session *session)
{
	hold_target(session, 0);
	libbpf_unregister_prog_handler(session->handler);
}

/* ---- when the kernel refuses ---- */

/* Is it the function that the verifier complains about, before it looks at
 * the program? */
static bool is_about_target(const char *log)
{
	static const char *const beginnings[] = {
		"The address of function",  "The function ",
		"attach_btf_id ",           "Attaching ",
		"FENTRY/FEXIT program",     "Subprog ",
		"Can attach to only JITed", "Cannot recursively attach",
	};

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (strstr(log, beginnings[i]))
			return true;
	return false;
}

static bool report_trouble(struct session *session, const struct attach *point,
			   const struct trouble *trouble)
{
	struct diag *diag = diag_error(session->diags, trouble->tag, point->at,
				       "cannot attach to %s: %s", point->probe,
				       trouble->text);

	if (trouble->hint)
		diag_hint(session->diags, diag, "%s", trouble->hint);
	return true;
}

/* EPERM without a word of the verifier's: of this kind, none. */
static bool report_kind(struct session *session, const struct attach *point)
{
	const char *lockdown = host_lockdown(session->host);
	struct trouble trouble = {
		lockdown ? E_LOCKDOWN : E_KERNEL,
		"the kernel refuses this kind of probe",
		"tracepoint: and rawtracepoint: see the kernel; etrace -l "
		"'tracepoint:*' lists them",
	};

	if (lockdown)
		trouble.text = arena_printf(session->arena,
					    "the kernel is locked down (%s)",
					    lockdown);
	if (is_kernel_function(point) && host_has_kprobes(session->host))
		trouble.hint = arena_printf(
			session->arena, "%s:%s sees the same calls",
			point->kind == ATTACH_FEXIT ? "kretprobe" : "kprobe",
			point->symbol);
	return report_trouble(session, point, &trouble);
}

bool load_target_report(struct session *session, const char *log, int error)
{
	const struct image *image = session->image;
	const struct attach *point;
	struct trouble trouble;

	if (session->loading >= image->program_count)
		return false;
	point = &image->attaches[image->programs[session->loading]
					 .first_attach];
	if (!load_is_bound(point->kind))
		return false;
	if (!*log && error == EPERM)
		return report_kind(session, point);
	if (*log && !is_about_target(log))
		return false;
	if (is_kernel_function(point) &&
	    function_trouble(session->arena, session->host,
			     bound[point->kind].provider, point->module,
			     point->symbol, &trouble))
		return report_trouble(session, point, &trouble);
	if (point->program && error == ENOENT)
		return report_trouble(
			session, point,
			&(struct trouble){ E_ATTACH,
					   "that program has gone meanwhile",
					   NULL });
	trouble = (struct trouble){ E_ATTACH,
				    arena_printf(session->arena,
						 "the kernel says: %.*s",
						 (int)strcspn(log, "\n"),
						 *log ? log : strerror(error)),
				    NULL };
	return report_trouble(session, point, &trouble);
}
