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
	bool is_perf; /* a perf event, that can be disabled first */
};

struct session {
	struct arena *arena;
	const struct image *image;
	const struct source *source;
	struct host *host;
	struct diags *diags;
	bool verifier_log; /* print what the verifier says */
	bool progress;     /* stderr is a terminal: say how attaching goes */

	/* after session_load() */
	struct bpf_object *object;
	int *program_fds;        /* by index of image->programs */
	int *map_fds;            /* by index of image->maps */
	int data_fd, control_fd; /* the rings, or -1 */
	size_t control_bytes;    /* of the control ring */
	struct control *control;
	size_t control_size;
	bool has_uprobe_multi;
	uint64_t *misses; /* by program: missed before tracing began */

	/* after session_attach() */
	struct held *held; /* by descriptor */
	size_t held_count, held_room;
	bool closes_slowly; /* the kernel waits for grace periods */
};

/*
 * May this process load and attach programs? False, reported as E_PRIVILEGE
 * with the remedy. Asks the kernel nothing but the process's capabilities.
 */
bool privileges_check(struct diags *diags);

/* Does the kernel have uprobe_multi links (6.6)? */
bool uprobe_multi_probe(void);

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

/* attach_uprobe.c: all attach points of one program. */
bool attach_uprobes(struct session *session, uint32_t program);

/* attach.c: report that `attach` failed with `error`, an errno. */
bool attach_failed(struct session *session, const struct attach *attach,
		   int error);

/* verifier.c: what to make of a program that was not loaded. `log` is the
 * verifier's, "" if it said nothing. */
void verifier_report(struct session *session, struct span clause,
		     const char *log, int error);

#endif
