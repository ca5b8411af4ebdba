/*
 * Functions of the kernel, many at a time: one link for all of a program's
 * where the kernel has kprobe_multi, and one for two programs, where one sees
 * the calls and the other the returns of the same functions and the kernel has
 * kprobe_session. Called by attach.c and session.c.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/attach_kernel.h"
#include "runtime/link_kinds.h"
#include "runtime/signals.h"
#include "runtime/uapi.h"

/* ---- what the kernel has ---- */

/* The function of the kernel that tells a program of a session whether it is
 * at a return: its BTF id, or 0. */
static uint32_t session_function(const struct session *session)
{
	struct kernel_function found;

	if (host_function(session->host, "vmlinux", "bpf_session_is_return",
			  &found) != HOST_OK ||
	    !link_has_kprobes(UAPI_TRACE_KPROBE_SESSION))
		return 0;
	return found.btf_id;
}

/* ---- which programs ---- */

static bool has_functions_only(const struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	const struct attach *points =
		&session->image->attaches[row->first_attach];

	for (uint32_t i = 0; i < row->attach_count; i++)
		if (points[i].number || !points[i].symbol)
			return false;
	return true;
}

/* A perf event says more precisely what is wrong with a single function, and
 * is told of the registers as a whole. */
static bool wants_multi(const struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];

	if (row->kind != ATTACH_KPROBE && row->kind != ATTACH_KRETPROBE)
		return false;
	return row->attach_count > 1 && has_functions_only(session, program);
}

static bool has_same_functions(const struct session *session,
			       const struct image_program *a,
			       const struct image_program *b)
{
	const struct attach *one = &session->image->attaches[a->first_attach];
	const struct attach *other = &session->image->attaches[b->first_attach];

	if (a->attach_count != b->attach_count)
		return false;
	for (uint32_t i = 0; i < a->attach_count; i++)
		if (one[i].address != other[i].address ||
		    strcmp(one[i].symbol, other[i].symbol) != 0)
			return false;
	return true;
}

static bool can_pair(const struct session *session, uint32_t program,
		     enum attach_kind kind)
{
	const struct image_program *row = &session->image->programs[program];

	return row->kind == kind && session->partners[program] < 0 &&
	       !row->reads_registers && has_functions_only(session, program);
}

/* A return for the calls that the program sees; false if there is none. */
static bool find_partner(struct session *session, uint32_t program)
{
	const struct image *image = session->image;

	if (!can_pair(session, program, ATTACH_KPROBE))
		return false;
	for (uint32_t i = 0; i < image->program_count; i++) {
		if (!can_pair(session, i, ATTACH_KRETPROBE) ||
		    !has_same_functions(session, &image->programs[program],
					&image->programs[i]))
			continue;
		session->partners[program] = (int32_t)i;
		session->partners[i] = (int32_t)program;
		return true;
	}
	return false;
}

/* The pairs, if the kernel has a link for them. */
static void choose_pairs(struct session *session)
{
	uint32_t count = session->image->program_count, pairs = 0;

	session->partners = ARENA_ARRAY(session->arena, count, int32_t);
	session->dispatchers = ARENA_ARRAY(session->arena, count, int);
	for (uint32_t i = 0; i < count; i++)
		session->partners[i] = -1;
	for (uint32_t i = 0; i < count; i++)
		pairs += find_partner(session, i);
	if (pairs)
		session->session_function = session_function(session);
	for (uint32_t i = 0; i < count && !session->session_function; i++)
		session->partners[i] = -1;
}

void kprobe_choose(struct session *session)
{
	choose_pairs(session);
	for (uint32_t i = 0; i < session->image->program_count; i++)
		if (wants_multi(session, i)) {
			session->has_kprobe_multi =
				link_has_kprobes(UAPI_TRACE_KPROBE_MULTI);
			return;
		}
}

uint32_t kprobe_attach_type(const struct session *session, uint32_t program)
{
	if (session->partners[program] >= 0)
		return UAPI_TRACE_KPROBE_SESSION;
	return session->has_kprobe_multi && wants_multi(session, program)
		       ? UAPI_TRACE_KPROBE_MULTI
		       : 0;
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
		      uint64_t place, uint64_t cookie)
{
	ARENA_PUSH(session->arena, group->places, group->count, group->room,
		   place);
	ARENA_PUSH(session->arena, group->cookies, group->cookie_count,
		   group->cookie_room, cookie);
}

/* A descriptor, or -1 with errno set. */
static int link_group(const struct session *session, uint32_t program,
		      const struct group *group)
{
	bool is_pair = session->partners[program] >= 0;
	uint64_t places = uapi_pointer(group->places);
	struct uapi_kprobe_multi link = {
		.program_fd = (uint32_t)session->program_fds[program],
		.attach_type = UAPI_TRACE_KPROBE_MULTI,
		.count = (uint32_t)group->count,
		.symbols = group->is_symbols ? places : 0,
		.addresses = group->is_symbols ? 0 : places,
		.cookies = uapi_pointer(group->cookies),
	};

	if (is_pair) {
		link.program_fd = (uint32_t)session->dispatchers[program];
		link.attach_type = UAPI_TRACE_KPROBE_SESSION;
	} else if (session->image->programs[program].kind == ATTACH_KRETPROBE) {
		link.flags = UAPI_KPROBE_MULTI_RETURN;
	}
	return uapi_bpf(BPF_LINK_CREATE, &link, sizeof(link));
}

/* Of a pair, each misses what the link does. */
static void hold_link(struct session *session, uint32_t program, int fd)
{
	int32_t partner = session->partners[program];
	int copy;

	session_hold_link(session, fd, program);
	if (partner < 0)
		return;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy >= 0)
		session_hold_link(session, copy, (uint32_t)partner);
}

/* Part of a group: half of it after half, until the one that failed is found.
 */
static bool attach_group(struct session *session, uint32_t program,
			 const struct group *group)
{
	const struct image_program *row = &session->image->programs[program];
	struct group half = *group;
	int fd;

	if (!group->count)
		return true;
	fd = link_group(session, program, group);
	if (fd >= 0) {
		hold_link(session, program, fd);
		return true;
	}
	if (group->count == 1)
		return explain_function(
			session,
			&session->image->attaches[row->first_attach +
						  group->cookies[0]],
			errno);
	half.count = group->count / 2;
	if (!attach_group(session, program, &half))
		return false;
	half.places += half.count;
	half.cookies += half.count;
	half.count = group->count - half.count;
	return attach_group(session, program, &half);
}

static bool attach_all(struct session *session, uint32_t program)
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
			group_add(session, &placed, point->address, i);
		else if (function_is_ambiguous(point->symbol))
			copies = function_copies(session, point->symbol);
		else
			group_add(session, &named, uapi_pointer(point->symbol),
				  i);
		for (size_t k = 0; k < copies.count; k++)
			group_add(session, &placed, copies.addresses[k], i);
	}
	session->closes_slowly = true;
	return attach_group(session, program, &named) &&
	       attach_group(session, program, &placed);
}

/* ---- two programs, one link ---- */

/* tail_call(ctx, &table, bpf_session_is_return() & 1); return 0; */
static int load_dispatcher(const struct session *session, int table)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_6,
		  .src_reg = BPF_REG_1 },
		{ .code = BPF_JMP | BPF_CALL,
		  .src_reg = BPF_PSEUDO_KFUNC_CALL,
		  .imm = (int32_t)session->session_function },
		{ .code = BPF_ALU64 | BPF_AND | BPF_K,
		  .dst_reg = BPF_REG_0,
		  .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_3,
		  .src_reg = BPF_REG_0 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = table },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_6 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type =
			    (enum bpf_attach_type)UAPI_TRACE_KPROBE_SESSION);

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "etrace_pair", "GPL", code,
			     ARRAY_SIZE(code), &options);
}

/* The table must be held: without a descriptor the kernel empties it. */
static bool make_dispatcher(struct session *session, uint32_t program,
			    uint32_t partner)
{
	const uint32_t zero = 0, one = 1;
	int *fds = session->program_fds;
	int fd, table = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "etrace_pair",
				       4, 4, 2, NULL);

	if (table < 0)
		return false;
	session_hold(session, table, false);
	if (bpf_map_update_elem(table, &zero, &fds[program], BPF_ANY) ||
	    bpf_map_update_elem(table, &one, &fds[partner], BPF_ANY))
		return false;
	fd = load_dispatcher(session, table);
	if (fd < 0)
		return false;
	session_hold(session, fd, false);
	session->dispatchers[program] = fd;
	session->dispatchers[partner] = fd;
	return true;
}

bool attach_kprobes(struct session *session, uint32_t program)
{
	const struct image_program *row = &session->image->programs[program];
	int32_t partner = session->partners[program];

	/* whoever sees the calls brings along whoever sees the returns */
	if (partner >= 0 && row->kind == ATTACH_KRETPROBE)
		return true;
	if (partner >= 0 &&
	    !make_dispatcher(session, program, (uint32_t)partner))
		return attach_failed(
			session, &session->image->attaches[row->first_attach],
			errno);
	return attach_all(session, program);
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
