/*
 * The protocol: the kernel advances the producer position when it reserves a
 * record and clears the busy bit of its header when it is complete; the reader
 * advances the consumer position. Positions only grow. Called by the loop.
 */
#include "runtime/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH_MASK (~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT))

bool ring_open(struct ring *ring, int fd, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumer;
	void *producer;
	int error;

	memset(ring, 0, sizeof(*ring));
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return false;
	producer = mmap(NULL, page + 2 * bytes, PROT_READ, MAP_SHARED, fd,
			(off_t)page);
	if (producer == MAP_FAILED) {
		error = errno;
		munmap(consumer, page);
		errno = error;
		return false;
	}
	ring->consumer_page = consumer;
	ring->producer_pages = producer;
	ring->producer_size = page + 2 * bytes;
	ring->consumer = consumer;
	ring->producer = producer;
	ring->data = (const uint8_t *)producer + page;
	ring->mask = bytes - 1;
	ring->fd = fd;
	ring->position = *ring->consumer;
	ring->published = ring->position;
	return true;
}

void ring_close(struct ring *ring)
{
	if (ring->consumer_page)
		munmap(ring->consumer_page, (size_t)sysconf(_SC_PAGESIZE));
	if (ring->producer_pages)
		munmap(ring->producer_pages, ring->producer_size);
	memset(ring, 0, sizeof(*ring));
}

/* Header and data, rounded up to the next header. */
static uint64_t record_space(uint32_t length)
{
	return ((uint64_t)length + BPF_RINGBUF_HDR_SZ + 7) & ~(uint64_t)7;
}

bool ring_is_empty(const struct ring *ring)
{
	return !ring->producer ||
	       ring->position >=
		       __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

bool ring_peek(struct ring *ring, struct ring_record *record)
{
	while (!ring_is_empty(ring)) {
		const uint8_t *start =
			ring->data + (ring->position & ring->mask);
		uint32_t header = __atomic_load_n((const uint32_t *)start,
						  __ATOMIC_ACQUIRE);
		uint32_t length = header & LENGTH_MASK;

		if (header & BPF_RINGBUF_BUSY_BIT)
			return false;
		record->data = start + BPF_RINGBUF_HDR_SZ;
		record->size = length;
		record->position = ring->position;
		if (!(header & BPF_RINGBUF_DISCARD_BIT))
			return length <= ring->mask;
		ring_advance(ring, record);
	}
	return false;
}

void ring_advance(struct ring *ring, const struct ring_record *record)
{
	ring->position += record_space(record->size);
	if (ring->position - ring->published > ring->mask / 8)
		ring_publish(ring);
}

void ring_publish(struct ring *ring)
{
	if (!ring->consumer || ring->published == ring->position)
		return;
	__atomic_store_n(ring->consumer, ring->position, __ATOMIC_SEQ_CST);
	ring->published = ring->position;
}
