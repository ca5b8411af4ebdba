/*
 * A table of names in the arena, for the facts a host has found so far. Knows
 * nothing of what the values are. Called by the other host*.c files.
 */
#include "parser/host_private.h"

#include <string.h>

#define ROOM_FIRST 32

uint32_t cache_hash(const char *text, size_t length)
{
	uint64_t hash = length;
	uint64_t word;

	/* Whole words: names of the kernel are long, and there are many. */
	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
		text += sizeof(word);
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 32);
}

/* The slot of a name, or the free one where it belongs. */
static struct cache_slot *slot_of(const struct cache *cache, const char *name)
{
	size_t mask = cache->room - 1;
	size_t index = cache_hash(name, strlen(name)) & mask;

	while (cache->slots[index].name &&
	       strcmp(cache->slots[index].name, name) != 0)
		index = (index + 1) & mask;
	return &cache->slots[index];
}

void *cache_find(const struct cache *cache, const char *name)
{
	return cache->room ? slot_of(cache, name)->value : NULL;
}

static void cache_grow(struct arena *arena, struct cache *cache)
{
	struct cache old = *cache;
	size_t i;

	cache->room = old.room ? old.room * 2 : ROOM_FIRST;
	cache->slots = ARENA_ARRAY(arena, cache->room, struct cache_slot);
	for (i = 0; i < old.room; i++)
		if (old.slots[i].name)
			*slot_of(cache, old.slots[i].name) = old.slots[i];
}

void cache_put(struct arena *arena, struct cache *cache, const char *name,
	       void *value)
{
	struct cache_slot *slot;

	/* At most two thirds full, so that a free slot always ends a search. */
	if (cache->count * 3 >= cache->room * 2)
		cache_grow(arena, cache);
	slot = slot_of(cache, name);
	slot->name = name;
	slot->value = value;
	cache->count++;
}
