/*
 * The reading side of a BPF ring buffer, by the memory the kernel shares.
 * Knows the layout of the buffer, nothing of what is in a record. Called by
 * the loop. Our own rather than libbpf's, because the loop needs to know where
 * in the buffer a record was.
 */
#ifndef RUNTIME_RING_H
#define RUNTIME_RING_H

#include "lexer/base.h"

struct ring {
	const uint64_t *producer; /* position after the last reservation */
	uint64_t *consumer;       /* position the kernel may overwrite up to */
	const uint8_t *data;      /* twice in a row, so that no record wraps */
	uint64_t mask;            /* bytes - 1 */
	uint64_t position;        /* of the next record to look at */
	uint64_t published;       /* what *consumer holds */
	int fd;
	void *consumer_page, *producer_pages; /* mappings */
	size_t producer_size;
};

struct ring_record {
	const void *data;
	uint32_t size;
	uint64_t position; /* of the record in the stream of all records */
};

/* Map the ring behind a map's descriptor, which is borrowed; `bytes` is its
 * max_entries. False with errno set. */
bool ring_open(struct ring *ring, int fd, size_t bytes);
/* Accepts a zeroed ring. */
void ring_close(struct ring *ring);

/*
 * The next complete record, which stays the next until ring_advance().
 * Discarded ones are stepped over. False when there is none yet: the ring is
 * empty, or its next record is still being written.
 */
bool ring_peek(struct ring *ring, struct ring_record *record);

/* Done with the record of the last successful peek. Its bytes remain valid
 * until ring_publish(), which happens by itself every eighth of the ring. */
void ring_advance(struct ring *ring, const struct ring_record *record);

/* Give the space back to the kernel. */
void ring_publish(struct ring *ring);

/* Nothing reserved and not yet handled? */
bool ring_is_empty(const struct ring *ring);

#endif
