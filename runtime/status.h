/*
 * What etrace says to the shell. Called by everything that ends etrace.
 */
#ifndef RUNTIME_STATUS_H
#define RUNTIME_STATUS_H

#include "lexer/diag.h"

/* --help explains them; exit(N) in a program gives N. */
enum status {
	STATUS_DONE,     /* also after Ctrl-C */
	STATUS_PROGRAM,  /* the program is wrong */
	STATUS_USAGE,    /* the command line is wrong */
	STATUS_REFUSED,  /* the machine refused: permissions, kernel, disk */
	STATUS_INTERNAL, /* an error of etrace's */
};

/* A second Ctrl-C, as shells have it for a process killed by SIGINT. */
#define STATUS_INTERRUPTED 130

/* The status that the first error calls for; STATUS_DONE without errors. */
enum status status_of(const struct diags *diags);

#endif
