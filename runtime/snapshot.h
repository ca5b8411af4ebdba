/*
 * The contents of a map at one time: the values of all CPUs merged, in the
 * order they are printed. Pure: map_read.c fills it from the kernel, the
 * printers read it.
 */
#ifndef RUNTIME_SNAPSHOT_H
#define RUNTIME_SNAPSHOT_H

#include "codegen/image.h"

struct snapshot {
	const struct image_map *map; /* borrowed */
	unsigned char *keys;         /* key_size bytes each; owned, as values */
	unsigned char *values;       /* value_size bytes each, aligned to 8 */
	size_t key_size, value_size;
	size_t count, room;
	uint32_t *order; /* after snapshot_sort(): which entry comes when */
	size_t first;    /* of `order`, that is shown: see snapshot_top() */
};

/* `key_size` is the kernel's, also for a map without a key. */
void snapshot_init(struct snapshot *snapshot, const struct image_map *map,
		   size_t key_size);
/* Accepts one that was only zeroed. */
void snapshot_free(struct snapshot *snapshot);

/*
 * One entry: `cpus` values, `stride` bytes apart, are merged into one. False
 * if out of memory.
 */
bool snapshot_add(struct snapshot *snapshot, const void *key,
		  const void *values, size_t stride, unsigned cpus);

/* By value or by key as the type of the value says; equal ones by key. False
 * if out of memory. */
bool snapshot_sort(struct snapshot *snapshot);

/* Of the sorted entries keep the last `top`; 0 keeps all. */
void snapshot_top(struct snapshot *snapshot, uint64_t top);

/* Of the sorted entries keep the one with that key, map->key->size bytes; false
 * if there is none. */
bool snapshot_keep(struct snapshot *snapshot, const unsigned char *key);

/* Divide all values: of averages and stats the total, of histograms the
 * counts. 0 and 1 do nothing. */
void snapshot_divide(struct snapshot *snapshot, int64_t divisor);

/* Entry `index` of those shown, in order. */
size_t snapshot_shown(const struct snapshot *snapshot);
const unsigned char *snapshot_key(const struct snapshot *snapshot,
				  size_t index);
const unsigned char *snapshot_value(const struct snapshot *snapshot,
				    size_t index);

/* Merge the value of another CPU into `into`. */
void value_merge(const struct type *type, unsigned char *into,
		 const unsigned char *from);

/* Like memcmp(), of two keys: numbers by value, strings by their bytes. */
int key_compare(const struct type *type, const unsigned char *a,
		const unsigned char *b);

#endif
