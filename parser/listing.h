/*
 * What the files that list probes share: one listing, and a function for each
 * kind of probe. Included by probe_list*.c alone.
 */
#ifndef PARSER_LISTING_H
#define PARSER_LISTING_H

#include "parser/checker.h"
#include "parser/cpp_name.h"

struct listing {
	struct arena *arena;
	struct host *host;
	struct diags *diags;
	const char *pattern;                 /* of whole names; "*" for all */
	const struct provider_row *provider; /* NULL: the pattern names none */
	struct target target;                /* the pattern's parts */
	const struct probe_query *query;
	/* of the file whose functions are being listed */
	const char *prefix, *path, *last;
	const char *cpp_name;
	struct demangler demangler;
};

/* Shows a probe if its whole name matches. `args` may be NULL. */
void listing_show(struct listing *listing, const char *probe,
		  const struct record *args);

/* Shows those of a kind that match; false, reported, if that cannot be told. A
 * kind that this machine lacks is reported only when it was asked for. */
typedef bool list_fn(struct listing *listing, enum provider provider);

/* ---- probe_list_user.c ---- */

list_fn list_functions; /* of a program: uprobe, uretprobe */
list_fn list_static;    /* usdt */

/* ---- probe_list_kernel.c ---- */

list_fn list_kernel_functions; /* kprobe, fentry, lsm, … */

#endif
