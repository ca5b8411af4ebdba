/*
 * Loading through libbpf, and what is done with loaded programs. libbpf's own
 * messages are kept and shown only with an error they explain. Called by main
 * and the loop.
 */
#include "runtime/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "runtime/link_kinds.h"
#include "runtime/premade.h"
#include "runtime/uapi.h"

static const struct span nowhere;

/* Program types by kind. Those without an event of their own are raw
 * tracepoints, which BPF_PROG_TEST_RUN can run. */
static const enum bpf_prog_type program_types[] = {
	[ATTACH_BEGIN] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_END] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_SIGNAL] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_INTERVAL] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_PROFILE] = BPF_PROG_TYPE_PERF_EVENT,
	[ATTACH_TRACEPOINT] = BPF_PROG_TYPE_TRACEPOINT,
	[ATTACH_RAW_TRACEPOINT] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_PERF] = BPF_PROG_TYPE_PERF_EVENT,
	[ATTACH_UPROBE] = BPF_PROG_TYPE_KPROBE,
	[ATTACH_URETPROBE] = BPF_PROG_TYPE_KPROBE,
	[ATTACH_USDT] = BPF_PROG_TYPE_KPROBE,
	[ATTACH_KPROBE] = BPF_PROG_TYPE_KPROBE,
	[ATTACH_KRETPROBE] = BPF_PROG_TYPE_KPROBE,
	/* until load_target.c says what they are */
	[ATTACH_FENTRY] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_FEXIT] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_LSM] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_ITER] = BPF_PROG_TYPE_RAW_TRACEPOINT,
	[ATTACH_WATCHPOINT] = BPF_PROG_TYPE_PERF_EVENT,
	[ATTACH_TC] = BPF_PROG_TYPE_SCHED_CLS,
	[ATTACH_XDP] = BPF_PROG_TYPE_XDP,
};

static bool is_uprobe(enum attach_kind kind)
{
	return kind == ATTACH_UPROBE || kind == ATTACH_URETPROBE ||
	       kind == ATTACH_USDT;
}

/* ---- libbpf's words ---- */

/* The first warning says what failed; the later ones that it failed. */
static char first_warning[256];

static int keep_warning(enum libbpf_print_level level, const char *format,
			va_list args)
{
	size_t length;

	if (level != LIBBPF_WARN || *first_warning)
		return 0;
	vsnprintf(first_warning, sizeof(first_warning), format, args);
	length = strcspn(first_warning, "\n");
	first_warning[length] = '\0';
	return 0;
}

/* ---- limits ---- */

/* Every attach point is a descriptor or two, and one for each CPU. */
static void raise_limits(const struct session *session)
{
	const struct image *image = session->image;
	rlim_t wanted = 256 + 2 * (rlim_t)image->attach_count *
				      (1 + image->settings.cpus);
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < wanted) {
		struct rlimit more = { wanted, wanted };

		if (more.rlim_max < limit.rlim_max)
			more.rlim_max = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &more)) {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(RLIMIT_NOFILE, &limit);
		}
	}
	limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	setrlimit(RLIMIT_MEMLOCK, &limit);
}

/* ---- loading ---- */

static bool refused(struct session *session, const char *what, int error)
{
	const char *lockdown = host_lockdown(session->host);
	struct diag *diag;

	if (error == EPERM && lockdown) {
		diag = diag_error(session->diags, E_LOCKDOWN, nowhere,
				  "%s: the kernel is locked down (%s)", what,
				  lockdown);
		diag_hint(session->diags, diag,
			  "boot without secure boot, or with lockdown=none");
		return false;
	}
	diag = diag_error(session->diags, E_KERNEL, nowhere, "%s: %s", what,
			  strerror(error));
	if (error == EPERM)
		diag_hint(session->diags, diag,
			  "run as root; in a container, CAP_BPF and "
			  "CAP_PERFMON must be granted to it");
	else if (*first_warning)
		diag_hint(session->diags, diag, "%s", first_warning);
	return false;
}

static bool open_object(struct session *session)
{
	const struct image *image = session->image;
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "etrace");

	*first_warning = '\0';
	libbpf_set_print(keep_warning);
	/* Limits are our business; asked, libbpf would load a test program. */
	libbpf_set_memlock_rlim(0);
	session->object =
		bpf_object__open_mem(image->elf, image->elf_size, &options);
	if (session->object)
		return true;
	diag_error(session->diags, E_INTERNAL, nowhere,
		   "the compiled object is malformed: %s (%s)", strerror(errno),
		   first_warning);
	return false;
}

static struct bpf_program *find_program(const struct session *session,
					uint32_t index)
{
	return bpf_object__find_program_by_name(
		session->object, session->image->programs[index].function);
}

/* Types, and a log buffer for each: untouched pages cost nothing. */
static bool prepare_programs(struct session *session, char *logs)
{
	size_t log_size = session->image->settings.log_size;

	for (uint32_t i = 0; i < session->image->program_count; i++) {
		const struct image_program *row = &session->image->programs[i];
		struct bpf_program *program = find_program(session, i);

		if (!program) {
			diag_error(session->diags, E_INTERNAL, row->at,
				   "the compiled object lacks the function %s",
				   row->function);
			return false;
		}
		bpf_program__set_type(program, program_types[row->kind]);
		if (is_uprobe(row->kind) && session->has_uprobe_multi)
			bpf_program__set_expected_attach_type(
				program,
				(enum bpf_attach_type)UAPI_TRACE_UPROBE_MULTI);
		if (kprobe_attach_type(session, i))
			bpf_program__set_expected_attach_type(
				program,
				(enum bpf_attach_type)kprobe_attach_type(
					session, i));
		/* packets in several pieces: large MTUs */
		if (row->kind == ATTACH_XDP)
			bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
		if (logs)
			bpf_program__set_log_buf(program, logs + i * log_size,
						 log_size);
		if (session->verifier_log)
			bpf_program__set_log_level(program, 1);
	}
	return true;
}

static void print_logs(const struct session *session, const char *logs)
{
	size_t log_size = session->image->settings.log_size;

	for (uint32_t i = 0; logs && i < session->image->program_count; i++)
		if (logs[i * log_size])
			fprintf(stderr, "verifier, %s:\n%s\n",
				session->image->programs[i].function,
				logs + i * log_size);
}

static void report_load(struct session *session, const char *logs, int error)
{
	const struct image *image = session->image;
	const char *log = "";

	/* libbpf stops at the first program that is refused. */
	if (logs && session->loading < image->program_count)
		log = logs + session->loading * image->settings.log_size;
	if (load_target_report(session, log, error))
		return;
	if (*log)
		verifier_report(session, image->programs[session->loading].at,
				log, error);
	else
		refused(session, "the kernel refused to load the program",
			error);
}

static bool load_object(struct session *session)
{
	size_t size = session->image->settings.log_size *
		      session->image->program_count;
	char *logs = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	bool loaded = false;
	int error;

	if (logs == MAP_FAILED)
		logs = NULL;
	if (prepare_programs(session, logs)) {
		error = -bpf_object__load(session->object);
		loaded = !error;
		if (session->verifier_log)
			print_logs(session, logs);
		if (error)
			report_load(session, logs, error);
	}
	if (logs)
		munmap(logs, size);
	return loaded;
}

/* ---- what was loaded ---- */

static int map_fd(const struct session *session, const char *name)
{
	const struct bpf_map *map =
		bpf_object__find_map_by_name(session->object, name);

	return map ? bpf_map__fd(map) : -1;
}

static bool map_control(struct session *session)
{
	const struct bpf_map *map =
		bpf_object__find_map_by_name(session->object, ".bss");
	size_t needed = sizeof(struct control) +
			session->image->fault_counters * sizeof(uint64_t);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	if (!map || bpf_map__value_size(map) < needed) {
		diag_error(session->diags, E_INTERNAL, nowhere,
			   "the compiled object lacks its control block");
		return false;
	}
	session->control_size =
		(bpf_map__value_size(map) + page - 1) / page * page;
	memory = mmap(NULL, session->control_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		return refused(session, "cannot map the control block", errno);
	session->control = memory;
	return true;
}

static bool collect(struct session *session)
{
	const struct image *image = session->image;
	const struct bpf_map *orders;

	for (uint32_t i = 0; i < image->program_count; i++)
		session->program_fds[i] =
			bpf_program__fd(find_program(session, i));
	for (uint32_t i = 0; i < image->map_count; i++) {
		const char *spare = image->maps[i].spare;

		session->spare_fds[i] = spare ? map_fd(session, spare) : -1;
		session->map_fds[i] = map_fd(session, image->maps[i].symbol);
		if (session->map_fds[i] >= 0 &&
		    (!spare || session->spare_fds[i] >= 0))
			continue;
		diag_error(session->diags, E_INTERNAL, image->maps[i].at,
			   "the compiled object lacks the map %s",
			   image->maps[i].symbol);
		return false;
	}
	session->data_fd = map_fd(session, RING_DATA_SYMBOL);
	session->control_fd = map_fd(session, RING_CONTROL_SYMBOL);
	orders = bpf_object__find_map_by_name(session->object,
					      RING_CONTROL_SYMBOL);
	session->control_bytes = orders ? bpf_map__max_entries(orders) : 0;
	if ((image->has_data_ring && session->data_fd < 0) ||
	    (image->has_control_ring && session->control_fd < 0)) {
		diag_error(session->diags, E_INTERNAL, nowhere,
			   "the compiled object lacks its ring buffer");
		return false;
	}
	return map_control(session);
}

bool session_load(struct session *session)
{
	const struct image *image = session->image;
	bool loaded;

	session->data_fd = -1;
	session->control_fd = -1;
	session->program_fds =
		ARENA_ARRAY(session->arena, image->program_count, int);
	session->map_fds = ARENA_ARRAY(session->arena, image->map_count, int);
	session->spare_fds = ARENA_ARRAY(session->arena, image->map_count, int);
	session->misses =
		ARENA_ARRAY(session->arena, image->program_count, uint64_t);
	raise_limits(session);
	for (uint32_t i = 0; i < image->program_count; i++)
		if (is_uprobe(image->programs[i].kind)) {
			session->has_uprobe_multi = link_has_uprobes();
			break;
		}
	kprobe_choose(session);
	if (!load_targets_begin(session))
		return refused(session, "libbpf takes no handler", EINVAL);
	loaded = open_object(session);
	if (loaded) {
		premade_use(session->premade, session->object);
		loaded = load_object(session);
	}
	premade_end(session->premade);
	load_targets_end(session);
	return loaded && collect(session);
}

/* ---- running ---- */

uint64_t session_cookie(const struct session *session, uint32_t program,
			uint32_t attach)
{
	return attach - session->image->programs[program].first_attach;
}

void session_set_clock(struct session *session)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	session->control->start_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t missed_by_links(const struct session *session, uint32_t program)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < session->held_count; i++)
		if (session->held[i].program == (int32_t)program)
			missed += link_missed(session->held[i].fd);
	return missed;
}

/* How often the kernel had no room for the program: another one was running. */
static uint64_t missed_by_program(int fd)
{
	struct bpf_prog_info info;
	uint32_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	return bpf_obj_get_info_by_fd(fd, &info, &length)
		       ? 0
		       : info.recursion_misses;
}

/* Where a call is missed, so is its return: both count what a pair's does. */
static uint64_t count_misses(const struct session *session, uint32_t program)
{
	uint64_t missed = missed_by_links(session, program) +
			  missed_by_program(session->program_fds[program]);

	if (session->dispatchers[program])
		missed += missed_by_program(session->dispatchers[program]);
	return missed;
}

bool session_start(struct session *session)
{
	uint64_t idle = CONTROL_IDLE;

	for (uint32_t i = 0; i < session->image->program_count; i++)
		session->misses[i] = count_misses(session, i);
	return __atomic_compare_exchange_n(&session->control->state, &idle,
					   CONTROL_RUNNING, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool session_is_stopped(const struct session *session)
{
	return __atomic_load_n(&session->control->state, __ATOMIC_ACQUIRE) ==
	       CONTROL_STOPPED;
}

uint64_t session_missed(const struct session *session, uint32_t program)
{
	uint64_t now = count_misses(session, program);

	return now > session->misses[program] ? now - session->misses[program]
					      : 0;
}

bool session_run(struct session *session, uint32_t program, uint32_t attach)
{
	/* The program may read its attach as the first word of its context,
	 * in the place of the cookie that a test run cannot have. */
	uint64_t context[1] = { attach };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context,
		    .ctx_size_in = sizeof(context));
	const struct attach *point = &session->image->attaches[attach];
	int error;

	do
		error = bpf_prog_test_run_opts(session->program_fds[program],
					       &options);
	while (error == -EINTR || error == -EAGAIN);
	if (!error)
		return true;
	diag_error(session->diags, E_KERNEL, point->at,
		   "the kernel would not run %s: %s", point->probe,
		   strerror(-error));
	return false;
}

void session_close(struct session *session)
{
	for (size_t i = 0; i < session->held_count; i++)
		close(session->held[i].fd);
	session->held_count = 0;
	detach_filters(session);
	session->filter_count = 0;
	if (session->control)
		munmap(session->control, session->control_size);
	session->control = NULL;
	bpf_object__close(session->object);
	session->object = NULL;
}
