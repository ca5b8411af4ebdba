/*
 * The kernel's functions that a kind of probe can be attached to: those that
 * match a pattern, sorted. For patterns in attach points, and for -l.
 */
#ifndef PARSER_KERNEL_NAMES_H
#define PARSER_KERNEL_NAMES_H

#include "parser/host.h"
#include "parser/tables.h"

struct kernel_name {
	const char *name;
	const char *module; /* NULL: the kernel's own */
	size_t copies;      /* how many functions there are of that name */
	struct kernel_function function; /* of fentry and fexit */
	/* of kprobe and kretprobe, where the name is not enough: all of them */
	uint64_t *addresses;
	size_t address_count, address_room;
};

struct kernel_names {
	/* set by the caller */
	struct arena *arena;
	struct host *host;
	enum provider provider; /* kprobe, kretprobe, fentry, fexit or lsm */
	const char *module;     /* a pattern; "vmlinux" is the kernel's own;
				   NULL: any */
	const char *pattern;    /* of names */
	/* the result */
	struct kernel_name *items;
	size_t count, room;
};

enum host_status kernel_names_gather(struct kernel_names *names);

#endif
