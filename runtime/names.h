/*
 * What numbers are called on this machine: users, cgroups, symbols, probes,
 * points in time. Looked up when printed, and kept where looking up is slow.
 * Called by value_print.c.
 */
#ifndef RUNTIME_NAMES_H
#define RUNTIME_NAMES_H

#include <time.h>

#include "codegen/image.h"
#include "runtime/symbols.h"

struct names;

/* Borrows both. NULL if out of memory. */
struct names *names_new(const struct image *image, const char *root);
void names_free(struct names *names);

struct ksyms *names_ksyms(const struct names *names);
struct usyms *names_usyms(const struct names *names);
const struct settings *names_settings(const struct names *names);

/* NULL if there is none. Valid until the next call. */
const char *names_user(struct names *names, uint64_t uid);
const char *names_cgroup(struct names *names, uint64_t id);
const char *names_probe(const struct names *names, uint64_t index);
/* What attach point `number` - 1 was attached to by name. */
const char *names_attach_symbol(const struct names *names, uint32_t number);

/*
 * Wall-clock time as strftime(3) formats it in local time, %f being the
 * microseconds. NULL if it cannot be shown. Valid until the next call.
 */
const char *names_time(struct names *names, const char *format,
		       struct timespec when);

/* The wall-clock time of a moment of CLOCK_BOOTTIME, by the clocks as they
 * stand now: a clock that was set meanwhile is followed. */
struct timespec boot_to_wall(uint64_t boot_ns);

#endif
