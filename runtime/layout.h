/*
 * What a process has mapped to run, by address, also what it had mapped
 * before: a program that was replaced by exec, a parent's. Knows nothing of
 * where the facts are from. Called by processes.c.
 */
#ifndef RUNTIME_LAYOUT_H
#define RUNTIME_LAYOUT_H

#include "runtime/modules.h"

struct region {
	uint64_t start, end, offset; /* offset: of `start`, in the file */
	struct module *module;       /* held; NULL: no file */
};

/* Regions that do not overlap, in front of an older layout. Several processes
 * may share one; what is added by one of them goes in front of it. */
struct layout;

/* An empty one in front of `older`, which may be NULL and is taken. NULL if
 * out of memory; `older` is dropped then. */
struct layout *layout_push(struct layout *older);
struct layout *layout_hold(struct layout *layout);
/* Accepts NULL. */
void layout_drop(struct layout *layout);

/*
 * Add a region; what it covers is there no more. `*layout` may be NULL, and
 * changes when it is shared. The module is taken, also on failure, which is
 * being out of memory or beyond all reason.
 */
bool layout_add(struct layout **layout, struct region region);

/* The newest region with that address, or NULL. */
const struct region *layout_find(const struct layout *layout, uint64_t address);

/* Every region of the newest part, in order of address. */
typedef void region_visit_fn(const struct region *region, void *data);
void layout_regions(const struct layout *layout, region_visit_fn *visit,
		    void *data);

/* Has the newest part no regions? NULL has none. */
bool layout_is_empty(const struct layout *layout);
/* Is the newest part of both the same? Both may be NULL. */
bool layout_equal(const struct layout *a, const struct layout *b);

#endif
