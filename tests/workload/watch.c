/*
 * Known accesses to memory at known addresses: writes and reads of the 8 bytes
 * at 0x10000000, and calls of a function that is all of one instruction at
 * 0x20000000. THREADS at once each do the same; the first is a thread, too.
 *
 * usage: watch WRITES READS CALLS [THREADS [SECONDS]]
 *
 * With SECONDS it waits so long, after its threads exist, before they begin.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS_MAX 64

#define DATA ((volatile uint64_t *)0x10000000)
#define CODE ((void *)0x20000000)

#if defined(__aarch64__)
static const uint32_t instruction = 0xd65f03c0; /* ret */
#else
static const uint8_t instruction = 0xc3; /* ret */
#endif

static long writes, reads, calls, seconds;

static void *run(void *argument)
{
	void (*function)(void);
	uint64_t value = 0;

	(void)argument;
	if (seconds)
		sleep((unsigned)seconds);
	memcpy(&function, &(void *){ CODE }, sizeof(function));
	for (long i = 0; i < writes; i++)
		*DATA = (uint64_t)i;
	for (long i = 0; i < reads; i++)
		value += *DATA;
	for (long i = 0; i < calls; i++)
		function();
	return (void *)(uintptr_t)(value & 0);
}

static void *map_at(void *address, int protection)
{
	return mmap(address, 4096, protection | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	long count = 0;

	if (argc < 4 || map_at((void *)DATA, PROT_READ) == MAP_FAILED ||
	    map_at(CODE, PROT_EXEC | PROT_READ) == MAP_FAILED)
		return 2;
	memcpy(CODE, &instruction, sizeof(instruction));
	__builtin___clear_cache(CODE, (char *)CODE + sizeof(instruction));
	writes = atol(argv[1]);
	reads = atol(argv[2]);
	calls = atol(argv[3]);
	if (argc > 4)
		count = atol(argv[4]);
	if (argc > 5)
		seconds = atol(argv[5]);
	if (count < 1 || count > THREADS_MAX)
		count = 1;
	for (long i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, run, NULL))
			return 2;
	for (long i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
