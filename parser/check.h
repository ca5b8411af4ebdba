/*
 * Meaning: probes expanded to what this machine has, names bound to table
 * rows, every expression given its type, every mistake reported. After a
 * check without errors the code generator may assume a correct tree.
 */
#ifndef PARSER_CHECK_H
#define PARSER_CHECK_H

#include <stdio.h>

#include "lexer/diag.h"
#include "parser/ast.h"
#include "parser/host.h"
#include "parser/settings.h"

/*
 * Put what follows `--` in the place of getopt(...), and take it out of the
 * settings' parameters. False when errors were reported. Before all else.
 */
bool script_options(struct arena *arena, struct program *program,
		    struct settings *settings, struct diags *diags);
/* The list that `-- --help` asks for. */
void script_options_help(FILE *out, struct arena *arena,
			 const struct program *program);

/*
 * Resolve attach points: providers, targets, wildcards, missing probes; clone
 * each body once per kind of context and, where it uses args, per shape of
 * args, so that every clause of the result is one BPF program. Numbers the
 * attaches through the whole program. False when errors were reported.
 */
bool expand_probes(struct arena *arena, struct program *program,
		   struct host *host, const struct settings *settings,
		   struct diags *diags);

/* Types and names, to a fixed point over the whole program, then reports.
 * False when errors were reported. */
bool check_program(struct arena *arena, struct program *program,
		   struct host *host, const struct settings *settings,
		   struct diags *diags);

/*
 * For -l: `visit` is called for each probe of this machine that matches the
 * pattern (PROVIDER:rest, with '*'; "" for all), with its arguments (NULL if
 * none) when `with_args`. The name lives in the arena.
 */
typedef void probe_visit_fn(const char *probe, const struct record *args,
			    void *data);
struct probe_query {
	const char *pattern;
	bool with_args;
	probe_visit_fn *visit;
	void *data;
};

/* False, reported, on a bad pattern or what cannot be read. */
bool list_probes(struct arena *arena, struct host *host, struct diags *diags,
		 const struct probe_query *query);

#endif
