/*
 * Static probes with known arguments, N times each, described the way
 * <sys/sdt.h> does but written out, so that every form of operand is there
 * whatever the compiler would choose. Ends with a line that says how often the
 * counted probe found its semaphore set.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where programs that were moved later say what they were linked for. */
__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
	".weak _.stapsdt.base\n"
	".hidden _.stapsdt.base\n"
	"_.stapsdt.base: .space 1\n"
	".size _.stapsdt.base, 1\n"
	".popsection\n");

#define PROBE_AT(instruction, provider, name, semaphore, arguments, ...) \
	__asm__ volatile("990: " instruction "\n" \
			 ".pushsection .note.stapsdt,\"\",\"note\"\n" \
			 ".balign 4\n" \
			 ".4byte 992f - 991f, 994f - 993f, 3\n" \
			 "991: .asciz \"stapsdt\"\n" \
			 "992: .balign 4\n" \
			 "993: .8byte 990b\n" \
			 ".8byte _.stapsdt.base\n" \
			 ".8byte " semaphore "\n" \
			 ".asciz \"" provider "\"\n" \
			 ".asciz \"" name "\"\n" \
			 ".asciz \"" arguments "\"\n" \
			 "994: .balign 4\n" \
			 ".popsection\n" ::__VA_ARGS__)

#define PROBE(name, arguments, ...) \
	PROBE_AT("nop", "etrace_test", name, "0", arguments, __VA_ARGS__)

/* In a page of the file that no other segment is from, however it is linked. */
#ifndef SEMAPHORE_ALIGNMENT
#define SEMAPHORE_ALIGNMENT 4096
#endif

/* Counted up by the kernel while somebody looks. */
__attribute__((used, section(".probes"), visibility("hidden"),
	       aligned(SEMAPHORE_ALIGNMENT))) volatile unsigned short
	counted_semaphore;

static long table[] = { 10, 11, 12, 13 };
__attribute__((used)) static int pair[] = { -21, -22 };

static long counted;

/* -7, 0xdeadbeefcafe; -1, 255, -2, 65534 */
static void registers(void)
{
	int small = -7;
	unsigned long large = 0xdeadbeefcafe;

	PROBE("plain", "-4@%0 8@%1", "r"(small), "r"(large));
#ifdef __x86_64__
	PROBE("sizes", "-1@%%al 1@%%al -2@%%dx 2@%%dx 1@%%ah", "a"(0x12ff),
	      "d"(0xfffe));
#else
	PROBE("sizes", "-1@%w0 1@%w0 -2@%w1 2@%w1 1@18", "r"(0x12ff),
	      "r"(0xfffe));
#endif
}

/* 12, 12, 13, -22, 11 */
static void memory(long index)
{
	long here[2] = { 11, 12 };

#ifdef __x86_64__
	PROBE("memory",
	      "8@(%0,%1,8) 8@8(%2) 8@8(%0,%1,8) -4@pair+4(%%rip) 8@(%2)",
	      "r"(table), "r"(index), "r"(here));
#else
	PROBE("memory",
	      "8@[%0, %1, lsl 3] 8@[%2, 8] 8@[%3, #8] -4@[%4, 4] 8@[%2]",
	      "r"(table), "r"(index), "r"(here), "r"(&table[2]), "r"(pair));
#endif
	__asm__ volatile("" ::"m"(here), "m"(table), "r"(pair));
}

/* 5, -5, and a number that cannot be read */
static void constants(double number)
{
#ifdef __x86_64__
	PROBE("constants", "4@$5 -8@$-5 8f@%0", "x"(number));
#else
	PROBE("constants", "4@5 -8@-5 8f@%d0", "w"(number));
#endif
}

/* The same name in three places: twice alike, once with another argument. */
static void places(int argument)
{
#ifdef __x86_64__
	PROBE("places", "-4@%%eax", "a"(argument));
	PROBE("places", "-4@%%eax", "a"(argument + 1));
	PROBE("places", "8@%%rdx", "d"((long)argument + 2));
#else
	register long first __asm__("x0") = argument;

	PROBE("places", "-4@w0", "r"(first));
	first++;
	PROBE("places", "-4@w0", "r"(first));
	first++;
	PROBE("places", "8@x0", "r"(first));
#endif
}

/* A probe of another provider, one on a 5-byte nop, one without arguments. */
static void others(int argument)
{
	PROBE_AT("nop", "etrace_other", "plain", "0", "-4@%0", "r"(argument));
#ifdef __x86_64__
	PROBE_AT(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00", "etrace_test", "wide",
		 "0", "-4@%0", "r"(argument));
#else
	PROBE("wide", "-4@%0", "r"(argument));
#endif
	PROBE("nothing", "", "r"(argument));
}

static void count(int argument)
{
	if (!counted_semaphore)
		return;
	counted++;
	PROBE_AT("nop", "etrace_test", "counted", "counted_semaphore", "-4@%0",
		 "r"(argument));
}

int main(int argc, char **argv)
{
	long times;

	if (argc < 2) {
		fputs("usage: usdt N [MILLISECONDS]\n", stderr);
		return 2;
	}
	times = strtol(argv[1], NULL, 10);
	/* Time for somebody to find us, if asked. */
	if (argc > 2)
		usleep((useconds_t)strtoul(argv[2], NULL, 10) * 1000);
	for (long i = 0; i < times; i++) {
		registers();
		memory(2);
		constants(1.5);
		places(100);
		others(-3);
		count(42);
	}
	printf("counted %ld\n", counted);
	return 0;
}
