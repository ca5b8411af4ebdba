/*
 * Functions of the kernel: one link for all of a program's where the kernel
 * has kprobe_multi, else a perf event for each; and programs that the kernel
 * bound while loading. Knows what its refusals mean. Called by attach.c and
 * session.c.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "parser/trouble.h"
#include "runtime/perf_event.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/uapi.h"

/* The kernel's errno for what it does not support, in no header. */
#define ENOTSUPP 524

static bool is_return(enum attach_kind kind)
{
	return kind == ATTACH_KRETPROBE;
}

/* ---- what the kernel has ---- */

/* Who knows this kind of link looks at the address it is to read first. */
static bool kprobe_multi_probe(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type =
			    (enum bpf_attach_type)UAPI_TRACE_KPROBE_MULTI);
	struct uapi_kprobe_multi link = {
		.attach_type = UAPI_TRACE_KPROBE_MULTI,
		.count = 1,
		.addresses = 1,
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", nothing,
				    ARRAY_SIZE(nothing), &options);
	int fd, error;

	if (program < 0)
		return false;
	link.program_fd = (uint32_t)program;
	fd = uapi_bpf(BPF_LINK_CREATE, &link, sizeof(link));
	error = errno;
	if (fd >= 0)
		close(fd);
	close(program);
	return fd < 0 && error == EFAULT;
}

/* Functions only, and more than one: a perf event says more precisely what is
 * wrong with a single one, and is told of the registers as a whole. */
static bool wants_multi(const struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *points =
		&session->image->attaches[row->first_attach];

	if (row->kind != ATTACH_KPROBE && row->kind != ATTACH_KRETPROBE)
		return false;
	for (uint32_t i = 0; i < row->attach_count; i++)
		if (points[i].number || !points[i].symbol)
			return false;
	return row->attach_count > 1;
}

void kprobe_choose(struct session *session)
{
	for (uint32_t i = 0; i < session->image->program_count; i++)
		if (wants_multi(session, i)) {
			session->has_kprobe_multi = kprobe_multi_probe();
			return;
		}
}

bool kprobe_uses_multi(const struct session *session, uint32_t program)
{
	return session->has_kprobe_multi && wants_multi(session, program);
}

/* ---- refusals ---- */

static enum provider provider_of(enum attach_kind kind)
{
	switch ((int)kind) {
	case ATTACH_KRETPROBE:
		return PROVIDER_kretprobe;
	case ATTACH_FENTRY:
		return PROVIDER_fentry;
	case ATTACH_FEXIT:
		return PROVIDER_fexit;
	case ATTACH_LSM:
		return PROVIDER_lsm;
	default:
		return PROVIDER_kprobe;
	}
}

static bool report(struct session *session, const struct attach *point,
		   const struct trouble *trouble)
{
	struct diag *diag = diag_error(session->diags, trouble->tag, point->at,
				       "cannot attach to %s: %s", point->probe,
				       trouble->text);

	if (trouble->hint)
		diag_hint(session->diags, diag, "%s", trouble->hint);
	return false;
}

static const struct {
	int error;
	const char *text;
	const char *hint;
} causes[] = {
	{ EILSEQ, "no instruction of the function begins there", NULL },
	{ ENOTSUPP, "the function has more arguments than the kernel shows",
	  "kprobe: sees the same calls; its arguments are arg0, arg1, ..." },
	{ E2BIG, "as many programs as the kernel takes are attached to it",
	  "kprobe: sees the same calls; its arguments are arg0, arg1, ..." },
	{ EBUSY, "something else has changed the function's first instruction",
	  "kprobe: sees the same calls; its arguments are arg0, arg1, ..." },
};

/* Errors that are not about the function. */
static bool is_general(int error)
{
	return error == EPERM || error == EACCES || error == EMFILE ||
	       error == ENFILE || error == ENOMEM;
}

/* Was the function not named, but matched by a pattern? */
static bool is_matched(const struct session *session,
		       const struct attach *point)
{
	const struct span *at = &point->at;

	return session->source && at->end <= session->source->size &&
	       memchr(session->source->text + at->begin, '*',
		      at->end - at->begin);
}

void report_left_out(struct session *session)
{
	const struct attach *first = session->left_first;
	uint32_t others = session->left_out - 1;
	struct diag *diag;

	if (!session->left_out)
		return;
	if (others)
		diag = diag_warning(session->diags, E_ATTACH, first->at,
				    "left out: %s and %u more, which the "
				    "kernel refuses",
				    first->probe, others);
	else
		diag = diag_warning(session->diags, E_ATTACH, first->at,
				    "left out: %s, which the kernel refuses",
				    first->probe);
	diag_hint(session->diags, diag,
		  "named alone, etrace says what is wrong with it");
}

/* What the lists say, then what the error says. True if it is no reason to
 * stop. */
static bool explain(struct session *session, const struct attach *point,
		    int error)
{
	struct trouble trouble;

	if (!is_general(error) && is_matched(session, point)) {
		if (!session->left_out++)
			session->left_first = point;
		return true;
	}
	if (!is_general(error) && point->symbol && point->kind != ATTACH_LSM &&
	    function_trouble(session->arena, session->host,
			     provider_of(point->kind), point->module,
			     point->symbol, &trouble))
		return report(session, point, &trouble);
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].error != error)
			continue;
		trouble = (struct trouble){ E_ATTACH, causes[i].text,
					    causes[i].hint };
		return report(session, point, &trouble);
	}
	return attach_failed(session, point, error);
}

/* ---- functions of one name ---- */

/*
 * Asked for a place far outside of the function, the kernel says first whether
 * it knows which function is meant (Linux 6.7, and later 6.1 and 6.6).
 */
static bool is_ambiguous(const char *symbol)
{
	struct perf_kprobe probe = { .symbol = symbol, .place = INT32_MAX };
	uint64_t return_bit;
	int event, error;

	if (!perf_pmu("kprobe", &probe.type, &return_bit))
		return false;
	event = perf_event_kprobe(&probe);
	error = errno;
	if (event >= 0)
		close(event);
	return event < 0 && error == EADDRNOTAVAIL;
}

struct copies {
	struct session *session;
	const char *symbol;
	uint64_t *addresses;
	size_t count, room;
};

static void see_copy(const struct kernel_symbol *symbol, void *data)
{
	struct copies *copies = data;

	if (symbol->is_traceable && symbol->address &&
	    !strcmp(symbol->name, copies->symbol))
		ARENA_PUSH(copies->session->arena, copies->addresses,
			   copies->count, copies->room, symbol->address);
}

/* Where the functions of that name are. */
static struct copies find_copies(struct session *session, const char *symbol)
{
	struct copies copies = { .session = session, .symbol = symbol };

	host_kernel_symbols(session->host, symbol, see_copy, &copies);
	return copies;
}

/* ---- one perf event each ---- */

/*
 * The kernel remembers a few returns to come for each function, and skips the
 * calls beyond. Before Linux 6.7 it told nobody how many those were.
 */
static void note_uncounted(struct session *session, const struct attach *point)
{
	struct diag *diag;

	if (session->noted_uncounted ||
	    host_kernel_version(session->host) >= 6007)
		return;
	session->noted_uncounted = true;
	diag = diag_note(session->diags, E_ATTACH, point->at,
			 "this kernel does not say how many returns it misses "
			 "when many threads are in a function at once");
	diag_hint(session->diags, diag, "fexit misses none");
}

/* Errors are left in errno. */
static bool open_event(struct session *session, uint32_t program,
		       uint32_t attach, struct perf_kprobe *probe)
{
	const struct attach *point = &session->image->attaches[attach];
	uint64_t cookie = attach, return_bit;
	int event, link;

	if (!perf_pmu("kprobe", &probe->type, &return_bit)) {
		errno = EOPNOTSUPP;
		return false;
	}
	if (is_return(point->kind)) {
		probe->return_bit = return_bit;
		note_uncounted(session, point);
	}
	event = perf_event_kprobe(probe);
	if (event < 0)
		return false;
	session_hold(session, event, true);
	session->closes_slowly = true;
	link = perf_event_set_program(event, session->program_fds[program],
				      &cookie);
	if (link < 0)
		return false;
	session_hold_link(session, link, program);
	return true;
}

static bool attach_copies(struct session *session, uint32_t program,
			  uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	struct copies copies = find_copies(session, point->symbol);
	int error = EADDRNOTAVAIL;
	size_t attached = 0;

	/* Some of them may be notrace. */
	for (size_t i = 0; i < copies.count; i++) {
		struct perf_kprobe probe = { .place = copies.addresses[i] };

		if (open_event(session, program, attach, &probe))
			attached++;
		else
			error = errno;
	}
	return attached || explain(session, point, error);
}

bool attach_kprobe(struct session *session, uint32_t program, uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	struct perf_kprobe probe = { .place = point->number };

	if (point->address)
		probe.place += point->address;
	else
		probe.symbol = point->symbol;
	if (open_event(session, program, attach, &probe))
		return true;
	if (errno == EADDRNOTAVAIL)
		return attach_copies(session, program, attach);
	return explain(session, point, errno);
}

/* ---- one link for all ---- */

/* Functions of a link, by name or by address, and the attach of each. */
struct group {
	uint64_t *places;
	size_t count, room;
	uint64_t *cookies;
	size_t cookie_count, cookie_room;
	bool is_symbols;
};

static void group_add(struct session *session, struct group *group,
		      uint64_t place, uint32_t attach)
{
	ARENA_PUSH(session->arena, group->places, group->count, group->room,
		   place);
	ARENA_PUSH(session->arena, group->cookies, group->cookie_count,
		   group->cookie_room, attach);
}

/* A descriptor, or -1 with errno set. */
static int link_group(const struct session *session, uint32_t program,
		      const struct group *group)
{
	enum attach_kind kind = session->image->programs[program].kind;
	uint64_t places = uapi_pointer(group->places);
	struct uapi_kprobe_multi link = {
		.program_fd = (uint32_t)session->program_fds[program],
		.attach_type = UAPI_TRACE_KPROBE_MULTI,
		.flags = is_return(kind) ? UAPI_KPROBE_MULTI_RETURN : 0,
		.count = (uint32_t)group->count,
		.symbols = group->is_symbols ? places : 0,
		.addresses = group->is_symbols ? 0 : places,
		.cookies = uapi_pointer(group->cookies),
	};

	return uapi_bpf(BPF_LINK_CREATE, &link, sizeof(link));
}

/* Part of a group: half of it after half, until the one that failed is found.
 */
static bool attach_group(struct session *session, uint32_t program,
			 const struct group *group)
{
	struct group half = *group;
	int fd;

	if (!group->count)
		return true;
	fd = link_group(session, program, group);
	if (fd >= 0) {
		session_hold_link(session, fd, program);
		return true;
	}
	if (group->count == 1)
		return explain(session,
			       &session->image->attaches[group->cookies[0]],
			       errno);
	half.count = group->count / 2;
	if (!attach_group(session, program, &half))
		return false;
	half.places += half.count;
	half.cookies += half.count;
	half.count = group->count - half.count;
	return attach_group(session, program, &half);
}

bool attach_kprobes(struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	struct group named = { .is_symbols = true }, placed = { 0 };

	for (uint32_t i = 0; i < row->attach_count; i++) {
		uint32_t attach = row->first_attach + i;
		const struct attach *point = &session->image->attaches[attach];
		struct copies copies = { .count = 0 };

		if (signals_stop_wanted())
			return false;
		if (point->address)
			group_add(session, &placed, point->address, attach);
		else if (is_ambiguous(point->symbol))
			copies = find_copies(session, point->symbol);
		else
			group_add(session, &named, uapi_pointer(point->symbol),
				  attach);
		for (size_t k = 0; k < copies.count; k++)
			group_add(session, &placed, copies.addresses[k],
				  attach);
	}
	session->closes_slowly = true;
	return attach_group(session, program, &named) &&
	       attach_group(session, program, &placed);
}

/* ---- bound while loading ---- */

bool attach_bound(struct session *session, uint32_t program, uint32_t attach)
{
	const struct attach *point = &session->image->attaches[attach];
	struct uapi_raw_tracepoint open = {
		.program_fd = (uint32_t)session->program_fds[program],
	};
	struct trouble trouble;
	int link;

	/* The kernel took the first function of that name. */
	if (point->kind != ATTACH_LSM && !point->module &&
	    is_ambiguous(point->symbol) &&
	    function_trouble(session->arena, session->host,
			     provider_of(point->kind), "vmlinux", point->symbol,
			     &trouble))
		return report(session, point, &trouble);
	link = uapi_bpf(BPF_RAW_TRACEPOINT_OPEN, &open, sizeof(open));
	if (link < 0)
		return explain(session, point, errno);
	session_hold(session, link, false);
	session->closes_slowly = true;
	return true;
}

/* ---- missed ---- */

uint64_t link_missed(int fd)
{
	struct uapi_link_info info;
	uint32_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return 0;
	if (info.type == UAPI_LINK_KPROBE_MULTI)
		return info.kprobe_multi.missed;
	if (info.type == UAPI_LINK_PERF_EVENT &&
	    (info.perf_event.type == UAPI_PERF_EVENT_KPROBE ||
	     info.perf_event.type == UAPI_PERF_EVENT_KRETPROBE))
		return info.perf_event.missed;
	return 0;
}
