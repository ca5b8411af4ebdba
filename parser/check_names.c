/*
 * A table from names to things, for maps and variables. Knows neither. Called
 * by check_map.c and check_scope.c.
 */
#include <string.h>

#include "parser/checker.h"

#define ROOM_FIRST 32

static size_t hash(const char *name)
{
	size_t value = 5381;

	while (*name)
		value = value * 33 + (unsigned char)*name++;
	return value;
}

/* The slot of the name, or the free one where it belongs. */
static struct name_slot *probe(const struct names *names, const char *name)
{
	size_t at = hash(name) & (names->room - 1);

	while (names->slots[at].name &&
	       strcmp(names->slots[at].name, name) != 0)
		at = (at + 1) & (names->room - 1);
	return &names->slots[at];
}

static void grow(struct arena *arena, struct names *names)
{
	struct names larger = {
		.count = names->count,
		.room = names->room ? 2 * names->room : ROOM_FIRST,
	};

	larger.slots = ARENA_ARRAY(arena, larger.room, struct name_slot);
	for (size_t i = 0; i < names->room; i++) {
		if (names->slots[i].name)
			*probe(&larger, names->slots[i].name) = names->slots[i];
	}
	*names = larger;
}

struct name_slot *names_slot(struct arena *arena, struct names *names,
			     const char *name)
{
	struct name_slot *slot;

	if (2 * names->count >= names->room)
		grow(arena, names);
	slot = probe(names, name);
	if (!slot->name) {
		slot->name = name;
		names->count++;
	}
	return slot;
}
