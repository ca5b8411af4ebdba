/*
 * The reader of ring buffers, on memory that looks like the kernel's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/ring.h"

/* A page of a consumer, a page of a producer, the data twice in a row. */
#define BYTES ((size_t)4096)

static uint64_t producer, consumer;
static uint8_t *memory;

static void fake_ring(struct ring *ring)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BYTES), 0);
	memory = mmap(NULL, 2 * BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	assert_true(memory != MAP_FAILED);
	for (size_t i = 0; i < 2; i++)
		assert_true(mmap(memory + i * BYTES, BYTES,
				 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
				 fd, 0) != MAP_FAILED);
	close(fd);
	producer = 0;
	consumer = 0;
	memset(ring, 0, sizeof(*ring));
	ring->producer = &producer;
	ring->consumer = &consumer;
	ring->data = memory;
	ring->mask = BYTES - 1;
}

static void end_ring(void)
{
	munmap(memory, 2 * BYTES);
}

/* What bpf_ringbuf_reserve() and _submit() do. Returns the header. */
static uint32_t *put(uint32_t length, uint8_t fill, uint32_t flags)
{
	uint8_t *start = memory + (producer & (BYTES - 1));

	memset(start + 8, fill, length);
	*(uint32_t *)(void *)start = length | flags;
	producer += (length + 8 + 7) & ~7ull;
	return (uint32_t *)(void *)start;
}

static void expect(struct ring *ring, uint32_t length, uint8_t fill)
{
	struct ring_record record;

	assert_true(ring_peek(ring, &record));
	assert_int_equal(record.size, length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(((const uint8_t *)record.data)[i], fill);
	ring_advance(ring, &record);
}

static void test_order(void **state)
{
	struct ring_record record;
	struct ring ring;

	(void)state;
	fake_ring(&ring);
	assert_true(ring_is_empty(&ring));
	assert_false(ring_peek(&ring, &record));
	put(16, 1, 0);
	put(3, 2, 0);
	assert_false(ring_is_empty(&ring));
	expect(&ring, 16, 1);
	assert_int_equal(ring.position, 24);
	expect(&ring, 3, 2);
	assert_int_equal(ring.position, 24 + 16);
	assert_false(ring_peek(&ring, &record));
	ring_publish(&ring);
	assert_int_equal(consumer, producer);
	end_ring();
}

static void test_busy_and_discarded(void **state)
{
	struct ring_record record;
	struct ring ring;
	uint32_t *busy;

	(void)state;
	fake_ring(&ring);
	put(8, 1, BPF_RINGBUF_DISCARD_BIT);
	busy = put(8, 2, BPF_RINGBUF_BUSY_BIT);
	put(8, 3, 0);
	assert_false(ring_peek(&ring, &record));
	assert_int_equal(ring.position, 16);
	assert_false(ring_is_empty(&ring));
	*busy &= ~BPF_RINGBUF_BUSY_BIT;
	expect(&ring, 8, 2);
	expect(&ring, 8, 3);
	put(8, 4, BPF_RINGBUF_DISCARD_BIT);
	assert_false(ring_peek(&ring, &record));
	assert_true(ring_is_empty(&ring));
	end_ring();
}

/* Records that lie across the end of the buffer are in one piece. */
static void test_wrap(void **state)
{
	struct ring ring;

	(void)state;
	fake_ring(&ring);
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t length = 1 + i * 7 % 600;

		put(length, (uint8_t)i, 0);
		expect(&ring, length, (uint8_t)i);
		assert_true(ring.position - consumer <= BYTES / 8 + 608);
	}
	ring_publish(&ring);
	assert_int_equal(consumer, producer);
	end_ring();
}

/* A length beyond the buffer is not believed. */
static void test_malformed(void **state)
{
	struct ring_record record;
	struct ring ring;

	(void)state;
	fake_ring(&ring);
	*put(8, 1, 0) = 0x3fffffff;
	assert_false(ring_peek(&ring, &record));
	end_ring();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_busy_and_discarded),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
