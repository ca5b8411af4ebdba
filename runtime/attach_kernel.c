/*
 * Functions of the kernel, one after another: a perf event for each, and
 * programs that the kernel bound while loading. Knows what its refusals mean.
 * Called by attach.c, and by attach_multi.c for those that share a link.
 */
#include "runtime/attach_kernel.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "parser/trouble.h"
#include "runtime/perf_event.h"
#include "runtime/uapi.h"

/* The kernel's errno for what it does not support, in no header. */
#define ENOTSUPP 524

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

bool is_kernel_function(const struct attach *point)
{
	return point->kind != ATTACH_LSM && point->symbol && !point->program;
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

bool explain_function(struct session *session, const struct attach *point,
		      int error)
{
	struct trouble trouble;

	if (!is_general(error) && is_matched(session, point)) {
		if (!session->left_out++)
			session->left_first = point;
		return true;
	}
	if (!is_general(error) && is_kernel_function(point) &&
	    function_trouble(session->arena, session->host,
			     provider_of(point->kind), point->module,
			     point->symbol, &trouble))
		return report(session, point, &trouble);
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].error != error)
			continue;
		trouble = (struct trouble){ E_ATTACH, causes[i].text,
					    point->program ? NULL
							   : causes[i].hint };
		return report(session, point, &trouble);
	}
	return attach_failed(session, point, error);
}

/* ---- functions of one name ---- */

/*
 * Asked for a place far outside of the function, the kernel says first whether
 * it knows which function is meant (Linux 6.7, and later 6.1 and 6.6).
 */
bool function_is_ambiguous(const char *symbol)
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

static void see_copy(const struct kernel_symbol *symbol, void *data)
{
	struct copies *copies = data;

	if (symbol->is_traceable && symbol->address &&
	    !strcmp(symbol->name, copies->symbol))
		ARENA_PUSH(copies->session->arena, copies->addresses,
			   copies->count, copies->room, symbol->address);
}

struct copies function_copies(struct session *session, const char *symbol)
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
	uint64_t cookie = session_cookie(session, program, attach);
	uint64_t return_bit;
	int event, link;

	if (!perf_pmu("kprobe", &probe->type, &return_bit)) {
		errno = EOPNOTSUPP;
		return false;
	}
	if (point->kind == ATTACH_KRETPROBE) {
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
	struct copies copies = function_copies(session, point->symbol);
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
	return attached || explain_function(session, point, error);
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
	return explain_function(session, point, errno);
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
	if (is_kernel_function(point) && !point->module &&
	    function_is_ambiguous(point->symbol) &&
	    function_trouble(session->arena, session->host,
			     provider_of(point->kind), "vmlinux", point->symbol,
			     &trouble))
		return report(session, point, &trouble);
	link = uapi_bpf(BPF_RAW_TRACEPOINT_OPEN, &open, sizeof(open));
	if (link < 0)
		return explain_function(session, point, errno);
	session_hold(session, link, false);
	session->closes_slowly = true;
	return true;
}
