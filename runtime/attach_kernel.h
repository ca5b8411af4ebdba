/*
 * What attaching to functions of the kernel has in common, however it is done.
 * Called by attach_kernel.c, attach_multi.c and load_target.c.
 */
#ifndef RUNTIME_ATTACH_KERNEL_H
#define RUNTIME_ATTACH_KERNEL_H

#include "runtime/session.h"

/* Reports why a function was refused, by what the kernel's lists say, then by
 * what the error says. True if it is no reason to stop. */
bool explain_function(struct session *session, const struct attach *point,
		      int error);

/* Is it a function of the kernel itself, which other kinds of probes may see as
 * well? Not a security hook, an address, a function of a BPF program. */
bool is_kernel_function(const struct attach *point);

/* Have several functions that name? */
bool function_is_ambiguous(const char *symbol);

/* The functions of one name: where they are. */
struct copies {
	struct session *session;
	const char *symbol;
	uint64_t *addresses;
	size_t count, room;
};

struct copies function_copies(struct session *session, const char *symbol);

#endif
