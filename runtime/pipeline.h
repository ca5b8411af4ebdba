/*
 * One run of the compiler, from options to image. The only file of this room
 * that knows the parser and the code generator. Called by main and list.c.
 */
#ifndef RUNTIME_PIPELINE_H
#define RUNTIME_PIPELINE_H

#include <time.h>

#include "codegen/image.h"
#include "lexer/diag.h"
#include "parser/host.h"
#include "parser/settings.h"
#include "runtime/options.h"

struct ir;

/* Everything compile time knows. It lives as long as the process. */
struct job {
	struct arena *arena;
	const struct options *options;
	struct source *source;
	struct diags *diags;
	struct host *host;
	struct settings settings;
	struct program *program;
	struct ir *ir;
	struct image *image;
	struct premade *premade; /* maps made while LLVM compiles, or NULL */
	bool is_answered;        /* nothing is to be traced */
};

/*
 * Read the program, open the machine, collect the settings. `cpid` is the
 * waiting child's process, or 0. False, reported, if something cannot be had.
 * job->arena, ->options and ->diags are set by the caller, the rest is zero.
 */
bool job_open(struct job *job, uint32_t cpid);

/* Under -v, on stderr: what was done and how long it took. */
void print_time(const struct options *options, const char *what,
		const struct timespec *begin);

/* Does the job end before anything is given to the kernel? */
bool job_only_compiles(const struct options *options);

/* All stages, with their dumps, up to --stop-after. False if errors were
 * reported. */
bool pipeline_run(struct job *job);

#endif
