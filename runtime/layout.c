/*
 * Sorted regions, counted references, older parts behind newer ones. Pure: it
 * reads nothing. Called by processes.c.
 */
#include "runtime/layout.h"

#include <stdlib.h>
#include <string.h>

/* Longer chains, of a process that forks and maps in turn, are made one. */
#define DEPTH_MAX 16
/* No real process has more; a hostile one ends here. */
#define REGIONS_MAX ((size_t)1 << 16)

struct layout {
	struct layout *older; /* held */
	size_t references;
	unsigned depth;
	struct region *regions; /* owned, with their modules */
	size_t count, room;
};

void layout_drop(struct layout *layout)
{
	while (layout && !--layout->references) {
		struct layout *older = layout->older;

		for (size_t i = 0; i < layout->count; i++)
			module_drop(layout->regions[i].module);
		free(layout->regions);
		free(layout);
		layout = older;
	}
}

struct layout *layout_hold(struct layout *layout)
{
	if (layout)
		layout->references++;
	return layout;
}

/* ---- adding ---- */

static bool make_room(struct layout *layout, size_t needed)
{
	size_t room = layout->room ? layout->room : 16;
	struct region *grown;

	if (needed <= layout->room)
		return true;
	if (needed > REGIONS_MAX)
		return false;
	while (room < needed)
		room *= 2;
	grown = reallocarray(layout->regions, room, sizeof(*grown));
	if (!grown)
		return false;
	layout->regions = grown;
	layout->room = room;
	return true;
}

/* The first region that ends behind the address. */
static size_t first_behind(const struct layout *layout, uint64_t address)
{
	size_t low = 0;
	size_t high = layout->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (layout->regions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What is left of the regions `first` .. `last` once `region` covers them,
 * with the region itself: at most three. */
static size_t cut(const struct layout *layout, size_t first, size_t last,
		  const struct region *region, struct region pieces[3])
{
	size_t count = 0;

	if (first < last && layout->regions[first].start < region->start) {
		pieces[count] = layout->regions[first];
		pieces[count].end = region->start;
		module_hold(pieces[count++].module);
	}
	pieces[count++] = *region;
	if (first < last && layout->regions[last - 1].end > region->end) {
		pieces[count] = layout->regions[last - 1];
		pieces[count].offset += region->end - pieces[count].start;
		pieces[count].start = region->end;
		module_hold(pieces[count++].module);
	}
	return count;
}

/* Takes the region's module if it succeeds. */
static bool insert(struct layout *layout, const struct region *region)
{
	size_t first = first_behind(layout, region->start);
	size_t last = first;
	struct region pieces[3];
	size_t count;

	if (!make_room(layout, layout->count + 2))
		return false;
	while (last < layout->count &&
	       layout->regions[last].start < region->end)
		last++;
	count = cut(layout, first, last, region, pieces);
	for (size_t i = first; i < last; i++)
		module_drop(layout->regions[i].module);
	memmove(&layout->regions[first + count], &layout->regions[last],
		(layout->count - last) * sizeof(*layout->regions));
	memcpy(&layout->regions[first], pieces, count * sizeof(*pieces));
	layout->count += count;
	layout->count -= last - first;
	return true;
}

/* ---- chains ---- */

static struct layout *layout_new(struct layout *older)
{
	struct layout *layout = calloc(1, sizeof(*layout));

	if (!layout) {
		layout_drop(older);
		return NULL;
	}
	layout->references = 1;
	layout->older = older;
	layout->depth = older ? older->depth + 1 : 1;
	return layout;
}

static void add_all(struct layout *to, const struct layout *from)
{
	for (size_t i = 0; i < from->count; i++) {
		struct region region = from->regions[i];

		module_hold(region.module);
		if (!insert(to, &region))
			module_drop(region.module);
	}
}

/* A copy of the whole chain in one part, oldest first. */
static struct layout *flatten(const struct layout *layout)
{
	const struct layout *parts[DEPTH_MAX];
	struct layout *flat = layout_new(NULL);
	size_t count = 0;

	if (!flat)
		return NULL;
	for (; layout; layout = layout->older)
		parts[count++] = layout;
	while (count)
		add_all(flat, parts[--count]);
	return flat;
}

struct layout *layout_push(struct layout *older)
{
	struct layout *flat;

	if (older && older->depth == DEPTH_MAX) {
		flat = flatten(older);
		layout_drop(older);
		older = flat;
	}
	return layout_new(older);
}

bool layout_add(struct layout **layout, struct region region)
{
	if (!*layout || (*layout)->references > 1)
		*layout = layout_push(*layout);
	if (*layout && region.start < region.end && insert(*layout, &region))
		return true;
	module_drop(region.module);
	return false;
}

/* ---- finding ---- */

const struct region *layout_find(const struct layout *layout, uint64_t address)
{
	for (; layout; layout = layout->older) {
		size_t at = first_behind(layout, address);

		if (at < layout->count && layout->regions[at].start <= address)
			return &layout->regions[at];
	}
	return NULL;
}

void layout_regions(const struct layout *layout, region_visit_fn *visit,
		    void *data)
{
	for (size_t i = 0; layout && i < layout->count; i++)
		visit(&layout->regions[i], data);
}

bool layout_is_empty(const struct layout *layout)
{
	return !layout || !layout->count;
}

static bool region_equal(const struct region *a, const struct region *b)
{
	return a->start == b->start && a->end == b->end &&
	       a->offset == b->offset && a->module == b->module;
}

bool layout_equal(const struct layout *a, const struct layout *b)
{
	size_t count = a ? a->count : 0;

	if (count != (b ? b->count : 0))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!region_equal(&a->regions[i], &b->regions[i]))
			return false;
	return true;
}
