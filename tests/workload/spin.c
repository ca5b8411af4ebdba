/*
 * Burns the given number of milliseconds of one CPU's time, without a system
 * call while it does: something for profile and interval probes to find.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Named for the stack traces it appears in. */
__attribute__((noinline)) static uint64_t burn(uint64_t seed)
{
	for (int i = 0; i < 100000; i++)
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed;
}

int main(int argc, char **argv)
{
	volatile uint64_t sink = 0;
	int64_t end;

	if (argc != 2) {
		fputs("usage: spin MILLISECONDS\n", stderr);
		return 2;
	}
	end = now_ns() + strtol(argv[1], NULL, 10) * 1000000LL;
	while (now_ns() < end)
		sink = burn(sink);
	return 0;
}
