/*
 * -l: the probes of this machine that match a pattern, or those a script
 * would attach to; with their arguments under -v. Called by main.
 */
#ifndef RUNTIME_LIST_H
#define RUNTIME_LIST_H

#include "runtime/pipeline.h"

/* Prints to standard output. False when errors were reported. */
bool list_run(struct job *job);

#endif
