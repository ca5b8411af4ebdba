/*
 * The command of -c: started before anything is compiled, so that its process
 * id is known, but held back until its probes are attached. Knows processes,
 * nothing of tracing. Called by main and the loop.
 */
#ifndef RUNTIME_CHILD_H
#define RUNTIME_CHILD_H

#include <sys/types.h>

#include "lexer/diag.h"

struct child {
	pid_t pid;  /* 0: no child */
	int pidfd;  /* readable when it has ended */
	int go;     /* closing it ends a child that still waits */
	int failed; /* errno of its exec comes out here */
	const char *name;
};

/*
 * Words of a command line as a shell would split it: blanks between words,
 * '…', "…" and backslashes; nothing is expanded. NULL-terminated, in the
 * arena. NULL with `*wrong` set to why not.
 */
char **child_split(struct arena *arena, const char *text, const char **wrong);

/* False, reported as E_PROCESS, when it cannot be started. */
bool child_start(struct child *child, const char *command, struct diags *diags);

/* Let it run. False, reported, if the command cannot be executed. */
bool child_go(struct child *child, struct diags *diags);

/* Has it ended, so that tracing ends? Reaps it. */
void child_reap(struct child *child);

/* Tracing ended: SIGTERM if it still runs. Accepts a zeroed child. */
void child_close(struct child *child);

/* A descriptor that becomes readable when the process of -p ends. -1,
 * reported, if there is no such process. */
int process_watch(uint32_t pid, struct diags *diags);

#endif
