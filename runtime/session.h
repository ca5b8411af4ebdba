/*
 * A program in the kernel: loaded, attached, run, detached. Knows libbpf and
 * the kernel's refusals; nothing of records or of output. Called by main and
 * the loop. Errors are reported to session->diags; above it only bool travels.
 */
#ifndef RUNTIME_SESSION_H
#define RUNTIME_SESSION_H

#include "codegen/image.h"
#include "codegen/record.h"
#include "lexer/diag.h"
#include "parser/host.h"

struct bpf_object;

/* Something to close when tracing ends. */
struct held {
	int fd;
	bool is_perf;    /* a perf event, that can be disabled first */
	int32_t program; /* of a link that counts its missed events; or -1 */
	bool is_packets; /* closed before etrace ends: nothing of it remains */
};

struct session {
	struct arena *arena;
	const struct image *image;
	const struct source *source;
	struct host *host;
	struct diags *diags;
	struct premade *premade; /* maps that are there already, or NULL */
	bool verifier_log;       /* print what the verifier says */
	bool progress; /* stderr is a terminal: say how attaching goes */

	/* after session_load() */
	struct bpf_object *object;
	int *program_fds;        /* by index of image->programs */
	int *map_fds;            /* by index of image->maps: those in use */
	int *spare_fds;          /* likewise: those that are not, or -1 */
	int data_fd, control_fd; /* the rings, or -1 */
	size_t control_bytes;    /* of the control ring */
	struct control *control;
	size_t control_size;
	bool has_uprobe_multi;
	bool has_kprobe_multi;
	uint32_t session_function; /* attach_multi.c: of the kernel; or 0 */
	int32_t *partners; /* by program: the other of its pair; or -1 */
	int *dispatchers;  /* by program: what calls those; or 0 */
	uint32_t loading;  /* the program libbpf is about to load */
	int handler;       /* libbpf's number for load_target.c */
	int target_fd;     /* the BTF of its module, its program, or 0 */
	uint64_t *misses;  /* by program: missed before tracing began */

	/* after session_attach() */
	int *iterators; /* by index of image->programs; NULL: there are none */
	struct filter *filters; /* attach_net.c, on kernels before 6.6 */
	size_t filter_count, filter_room;
	struct held *held; /* by descriptor */
	size_t held_count, held_room;
	bool closes_slowly;   /* the kernel waits for grace periods */
	bool noted_uncounted; /* see attach_kernel.c */
	uint32_t left_out;    /* attach points of a pattern that were refused */
	const struct attach *left_first; /* one of them */
};

/*
 * May this process load and attach programs? False, reported as E_PRIVILEGE
 * with the remedy. Asks the kernel nothing but the process's capabilities.
 */
bool privileges_check(struct diags *diags);

/*
 * Give the image to the kernel; the fields above "after" are set by the
 * caller, the rest is zero. False, reported, if the kernel refuses.
 */
bool session_load(struct session *session);

/* Attach every program to everything it is meant for. False, reported, if
 * something could not be attached; also (unreported) when a signal came. */
bool session_attach(struct session *session);

/* Probes start at once; false if exit() was called before. */
bool session_start(struct session *session);
/* CLOCK_BOOTTIME becomes the zero of `elapsed`. */
void session_set_clock(struct session *session);

/* Probes do nothing from now on, and none is still running when this returns.
 */
void session_stop(struct session *session);
bool session_is_stopped(const struct session *session);

/* stop.c: the map changes to its spare; see map_renew_fn. */
int session_renew(struct session *session, uint32_t map);

/* Run a begin, end, self or interval program once; `attach` is an index into
 * image->attaches. False, reported, if the kernel refuses. */
bool session_run(struct session *session, uint32_t program, uint32_t attach);

/* Events of the program that the kernel had to skip since tracing began. */
uint64_t session_missed(const struct session *session, uint32_t program);

/* Unmaps and closes; accepts a zeroed session. Closing perf events makes the
 * kernel wait, see detach.h. */
void session_close(struct session *session);

/* ---- for the files of the session alone ---- */

void session_hold(struct session *session, int fd, bool is_perf);

/* The same of a link to an interface. */
void session_hold_packets(struct session *session, int fd);
/* The same of a link whose missed events are the program's. */
void session_hold_link(struct session *session, int fd, uint32_t program);

/* What a program is told of the attach it runs for: its number among the
 * program's. */
uint64_t session_cookie(const struct session *session, uint32_t program,
			uint32_t attach);

/* attach_multi.c: before loading, asks the kernel what it has. */
void kprobe_choose(struct session *session);
/* What a program is loaded as that shares a link, UAPI_TRACE_KPROBE_…; else 0.
 */
uint32_t kprobe_attach_type(const struct session *session, uint32_t program);
/* All attach points of one such program. */
bool attach_kprobes(struct session *session, uint32_t program);
/* What the kernel counts as missed in the link; 0 if it does not count. */
uint64_t link_missed(int fd);

/* attach_kernel.c: one attach point: kprobe, kretprobe; fentry, fexit, lsm. */
bool attach_kprobe(struct session *session, uint32_t program, uint32_t attach);
bool attach_bound(struct session *session, uint32_t program, uint32_t attach);
/* Warns of what a pattern matched in vain. */
void report_left_out(struct session *session);

/* load_target.c: around the loading of programs that are bound to functions. */
bool load_targets_begin(struct session *session);
void load_targets_end(struct session *session);
/* Reports a refusal that is about the function; false if it is not. */
bool load_target_report(struct session *session, const char *log, int error);
/* Is the kind bound while loading? */
bool load_is_bound(enum attach_kind kind);

/* attach_uprobe.c: all attach points of one program. */
bool attach_uprobes(struct session *session, uint32_t program);

/* attach.c: let the program run on a perf event that was just opened; takes
 * the descriptor, and reports one that is -1, with errno. */
bool attach_event(struct session *session, uint32_t program, uint32_t attach,
		  int event);

/* One attach point each: attach_iter.c, attach_watchpoint.c, attach_net.c. */
bool attach_iterator(struct session *session, uint32_t program,
		     uint32_t attach);
bool attach_watchpoint(struct session *session, uint32_t program,
		       uint32_t attach);
bool attach_tc(struct session *session, uint32_t program, uint32_t attach);
bool attach_xdp(struct session *session, uint32_t program, uint32_t attach);
/* attach_net.c: ends what no descriptor does. Async-signal-safe. */
void detach_filters(const struct session *session);

/* attach.c: report that `attach` failed with `error`, an errno. */
bool attach_failed(struct session *session, const struct attach *attach,
		   int error);

/* verifier.c: what to make of a program that was not loaded. `log` is the
 * verifier's, "" if it said nothing. */
void verifier_report(struct session *session, struct span clause,
		     const char *log, int error);

#endif
