/*
 * Calls functions with known arguments and results, N times each: targets for
 * uprobes, uretprobes, stacks and debug information. Built with -O1 and without
 * inlining, so that each call really enters the function.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct point {
	int x;
	int y;
	char label[16];
};

/* Kept, named and entered like a function of another file would be. */
#ifdef __clang__
#define TARGET __attribute__((noinline, used))
#else
#define TARGET __attribute__((noinline, noipa, used))
#endif

int add(int a, int b);
const char *name(const char *what);
long long ret(void);
long sum6(long a, long b, long c, long d, long e, long f);
int area(const struct point *point);
int outer(int depth);
int fast_add(int a, int b);
int odd_plain(int a);
int rare_plain(int a);

static const char question[] = "question";
static const char answer[] = "answer";

/* add(3, 4) = 7 */
TARGET int add(int a, int b)
{
	return a + b;
}

/* name("question") = "answer" */
TARGET const char *name(const char *what)
{
	return what[0] == question[0] ? answer : "";
}

/* ret() = -1234567890123, which does not fit 32 bits */
TARGET long long ret(void)
{
	return -1234567890123LL;
}

/* sum6(1, 2, 3, 4, 5, 6) = 21: every argument that travels in a register */
TARGET long sum6(long a, long b, long c, long d, long e, long f)
{
	return a + b + c + d + e + f;
}

/* area({ 6, 7, "home" }) = 42 */
TARGET int area(const struct point *point)
{
	return point->x * point->y;
}

/* outer(2) calls itself twice: a stack of three */
TARGET int outer(int depth)
{
	return depth > 0 ? outer(depth - 1) + 1 : 0;
}

/*
 * fast_add(5, 6) = 11. Its first instruction is a 5-byte nop, which newer
 * kernels turn into a call instead of a trap when it is probed.
 */
#ifdef __x86_64__
__asm__(".text\n"
	".globl fast_add\n"
	".type fast_add, @function\n"
	"fast_add:\n"
	"	.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n"
	"	leal (%rdi,%rsi), %eax\n"
	"	ret\n"
	".size fast_add, . - fast_add\n");

/* Functions that nobody calls, and whose first instruction (vpor, lock) the
 * kernel mistakes for a jump, or refuses. */
__asm__(".text\n"
	".globl odd_vector\n"
	".type odd_vector, @function\n"
	"odd_vector:\n"
	"	.byte 0xc5, 0xf1, 0xeb, 0xd1\n"
	"	ret\n"
	".size odd_vector, . - odd_vector\n"
	".globl odd_lock\n"
	".type odd_lock, @function\n"
	"odd_lock:\n"
	"	lock decl (%rdi)\n"
	"	ret\n"
	".size odd_lock, . - odd_lock\n"
	/* a vector prefix before what is no instruction */
	".globl rare_nonsense\n"
	".type rare_nonsense, @function\n"
	"rare_nonsense:\n"
	"	.byte 0xc5, 0xf1, 0x00\n"
	"	ret\n"
	".size rare_nonsense, . - rare_nonsense\n");
#else
TARGET int fast_add(int a, int b)
{
	return a + b;
}
#endif

/* odd_plain(8) = 9, beside the odd ones */
TARGET int odd_plain(int a)
{
	return a + 1;
}

/* rare_plain(8) = 10, beside the rare one */
TARGET int rare_plain(int a)
{
	return a + 2;
}

int main(int argc, char **argv)
{
	const struct point point = { .x = 6, .y = 7, .label = "home" };
	volatile long long sum = 0;
	long count;

	if (argc < 2) {
		fputs("usage: functions N [MILLISECONDS]\n", stderr);
		return 2;
	}
	count = strtol(argv[1], NULL, 10);
	/* A probe reads only memory that is there: bring the strings in. */
	sum += *(const volatile char *)question +
	       *(const volatile char *)answer;
	for (long i = 0; i < count; i++) {
		sum += add(3, 4);
		sum += name(question)[0];
		sum += ret();
		sum += sum6(1, 2, 3, 4, 5, 6);
		sum += area(&point);
		sum += outer(2);
		sum += fast_add(5, 6);
		sum += odd_plain(8);
		sum += rare_plain(8);
	}
	/* Stays a while, if asked, for those who look up its symbols. */
	if (argc > 2)
		usleep((useconds_t)strtoul(argv[2], NULL, 10) * 1000);
	(void)sum;
	return 0;
}
