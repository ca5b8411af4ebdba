/*
 * The arena: a list of zeroed chunks, each used from front to back. Knows
 * nothing of what is stored in it. Called by everything that compiles.
 */
#include "lexer/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT      16
#define CHUNK_SIZE     ((size_t)64 << 10)
#define CHUNK_SIZE_MAX ((size_t)4 << 20)

/* The address sanitizer sees an access past a piece only if the piece is an
 * allocation of its own. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct chunk *chunks; /* the first one has the room */
	size_t next_size;
};

static _Noreturn void out_of_memory(void)
{
	fputs("etrace: out of memory\n", stderr);
	exit(3);
}

/* calloc, not malloc: fresh pages from the kernel are zero already. */
static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		out_of_memory();
	return memory;
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk = allocate(sizeof(*chunk) + size);

	chunk->size = size;
	return chunk;
}

struct arena *arena_new(void)
{
	struct arena *arena = allocate(sizeof(*arena));

	arena->next_size = CHUNK_SIZE;
	return arena;
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk;

	if (!arena)
		return;
	while ((chunk = arena->chunks)) {
		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
}

/* A chunk for one piece, behind the one with the room. */
static void *alloc_alone(struct arena *arena, size_t size)
{
	struct chunk *chunk = chunk_new(size);

	chunk->used = size;
	if (arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		arena->chunks = chunk;
	}
	return chunk->bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;
	void *memory;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	if (is_sanitized)
		return alloc_alone(arena, size);
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!size)
		size = ALIGNMENT;
	if (!chunk || chunk->size - chunk->used < size) {
		if (size > CHUNK_SIZE / 4)
			return alloc_alone(arena, size);
		chunk = chunk_new(arena->next_size);
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		if (arena->next_size < CHUNK_SIZE_MAX)
			arena->next_size *= 2;
	}
	memory = chunk->bytes + chunk->used;
	chunk->used += size;
	return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		out_of_memory();
	copy = arena_alloc(arena, length + 1);
	if (length)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	assert(format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

void *arena_grow(struct arena *arena, const void *items, size_t count,
		 size_t *room, size_t size)
{
	size_t larger = *room ? *room : 4;
	void *moved;

	if (__builtin_mul_overflow(larger, 2, &larger))
		out_of_memory();
	moved = arena_array(arena, larger, size);
	if (count)
		memcpy(moved, items, count * size);
	*room = larger;
	return moved;
}
