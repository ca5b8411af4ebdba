/*
 * The command line, understood. Knows spellings and limits; does nothing with
 * them. Called by main; everybody else is handed the result.
 */
#ifndef RUNTIME_OPTIONS_H
#define RUNTIME_OPTIONS_H

#include <stdio.h>

#include "lexer/arena.h"
#include "runtime/actions.h"
#include "runtime/output.h"

enum stage {
#define STAGE(name, run, show, meaning) STAGE_##name,
#include "runtime/stages.def"
#undef STAGE
	STAGE_COUNT
};

struct options {
	const char *program; /* -e, or NULL */
	const char *file;    /* or NULL; "-" is standard input */
	const char *const *parameters;
	uint32_t parameter_count;

	const char *command; /* -c, or NULL */
	uint32_t pid;        /* -p, or 0 */

	bool is_list;
	const char *pattern; /* of -l: "" for everything */

	const char *output; /* -o, or NULL */
	enum output_format format;
	enum buffering buffering;
	bool is_buffering_given; /* else: written once per round */
	bool quiet, verbose, no_warnings;

	bool unsafe, optimise, verify_ir, verifier_log, dry_run;
	unsigned dumps;                     /* 1 << enum stage */
	int stop_after;                     /* enum stage, or -1 */
	const char *emit_elf;               /* or NULL */
	const char *host;                   /* "/" */
	const char *btf;                    /* or NULL */
	const char *const *include_folders; /* -I */
	size_t include_folder_count, include_folder_room;

	bool help, version, info;
};

/*
 * Strings are borrowed from argv or live in the arena. False when the command
 * line is wrong; what is wrong was then written to `errors`.
 */
bool options_parse(struct arena *arena, struct options *options, int argc,
		   const char *const *argv, FILE *errors);

void options_help(FILE *out);

/* The stage of that name, or -1. */
int stage_find(const char *name);
const char *stage_name(enum stage stage);

#endif
