/*
 * Memory for one compilation, freed in one call. Knows nothing of what is
 * stored in it. Everything from tokens to the image lives here.
 *
 * Out of memory ends the process with one message: no caller checks.
 */
#ifndef LEXER_ARENA_H
#define LEXER_ARENA_H

#include <stdarg.h>

#include "lexer/base.h"

struct arena;

struct arena *arena_new(void);

/* Accepts NULL. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned to 16; valid until arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed room for `count` elements; ends the process on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `length` bytes (which may contain NULs). */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_strdup(struct arena *arena, const char *text);

char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define ARENA_ARRAY(arena, count, type) \
	((type *)arena_array(arena, count, sizeof(type)))

/*
 * Append to a growing array in the arena: `items` (a T *), `count` and `room`
 * are lvalues. The old storage is abandoned, not freed.
 */
#define ARENA_PUSH(arena, items, count, room, value) \
	do { \
		if ((count) == (room)) \
			(items) = arena_grow(arena, items, count, &(room), \
					     sizeof(__typeof__(*(items)))); \
		(items)[(count)++] = (value); \
	} while (0)

/* For ARENA_PUSH: `items` moved to at least twice the room. */
void *arena_grow(struct arena *arena, const void *items, size_t count,
		 size_t *room, size_t size);

#endif
