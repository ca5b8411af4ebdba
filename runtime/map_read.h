/*
 * Reading and emptying the maps of the kernel. Knows the system calls and
 * which of them this kernel has; snapshot.c knows what the bytes mean.
 */
#ifndef RUNTIME_MAP_READ_H
#define RUNTIME_MAP_READ_H

#include "runtime/snapshot.h"

/*
 * Everything in the map, unsorted. False with errno set on failure; the
 * snapshot then holds what was read so far. snapshot_free() either way.
 */
bool map_read(int fd, const struct image_map *map, struct snapshot *snapshot);

/* Remove all keys; of a map without a key the value becomes zero. False with
 * errno set. */
bool map_clear(int fd, const struct image_map *map);

/* Every key of the snapshot that the map lacks, with a value of zero, as far as
 * there is room. False with errno set. */
bool map_add_keys(int fd, const struct image_map *map,
		  const struct snapshot *snapshot);

/* Set all values to zero, adding no key. False with errno set. */
bool map_zero(int fd, const struct image_map *map);

#endif
