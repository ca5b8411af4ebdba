/*
 * Calls functions with parameters of every sort, N times each: targets for args
 * and for lines of source. The comments say what the debug information must
 * give. Some have names as a C++ compiler would give them.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Kept, named and entered like a function of another file would be. */
#if __has_attribute(noipa)
#define TARGET __attribute__((noinline, noipa, used))
#else
#define TARGET __attribute__((noinline, used))
#endif

enum colour { RED = 1, GREEN = 2, NO_COLOUR = -1 };

struct pair {
	int x, y;
	long z;
};

struct large {
	long numbers[4];
	char label[12];
	int tag;
};

struct bits {
	unsigned low : 3;
	signed middle : 5;
	unsigned high : 24;
};

struct list {
	struct list *next;
	union {
		int number;
		unsigned char bytes[4];
	};
	enum colour colour;
};

struct mixed {
	long whole;
	double part;
};

struct hidden;

int integers(signed char a, unsigned char b, short c, unsigned short d, int e,
	     unsigned long f, int g, long h, short i);
int by_value(struct pair pair, struct large large, int last);
int in_bits(struct bits bits, bool yes, enum colour colour);
int through(const struct list *list, const char *text, void *nothing,
	    struct hidden *hidden);
struct large result(int tag, const struct large *from);
double floats(double first, int second, struct mixed third, float fourth,
	      int fifth);
int shout(int value) __asm__("_ZN5space5shoutEi");
int shout_twice(int value, char more) __asm__("_ZN5space5shoutEic");
int whisper(int value) __asm__("_ZN5space7whisperEi");

/* -1, 255, -2, 65534, -3, 6, -7, 8, -9: the last three are on the stack
 * NOLINTNEXTLINE(readability-function-size) */
TARGET int integers(signed char a, unsigned char b, short c, unsigned short d,
		    int e, unsigned long f, int g, long h, short i)
{
	return a + b + c + d + e + (int)f + g + (int)h + i;
}

/* { 1, -2, 3 }, { { 1, 2, 3, 4 }, "label", 77 }, 9 */
TARGET int by_value(struct pair pair, struct large large, int last)
{
	return pair.x + pair.y + (int)large.numbers[3] + large.tag + last;
}

/* { 5, -6, 1000 }, true, GREEN */
TARGET int in_bits(struct bits bits, bool yes, enum colour colour)
{
	return (int)bits.low + bits.middle + (int)bits.high + yes + (int)colour;
}

/* a list of 10 and 20, "text", nothing */
TARGET int through(const struct list *list, const char *text, void *nothing,
		   struct hidden *hidden)
{
	return list->next->number + text[0] + (nothing == hidden);
}

/* 7, the large one: where the result goes is a parameter before them */
TARGET struct large result(int tag, const struct large *from)
{
	struct large large = *from;

	large.tag = tag;
	return large;
}

/* 11 and 12 can be read, the others not */
TARGET double floats(double first, int second, struct mixed third, float fourth,
		     int fifth)
{
	return first + second + (double)third.whole + third.part +
	       (double)fourth + fifth;
}

/* 30 */
TARGET int shout(int value)
{
	return value * 3;
}

/* 31, '!' */
TARGET int shout_twice(int value, char more)
{
	return value + more;
}

/* 32 */
TARGET int whisper(int value)
{
	int twice = value; /* line: once */

	if (value > 1000)
		twice *= 2; /* line: never */
	for (int i = 0; i < 4; i++)
		__asm__ volatile("" : "+r"(twice)); /* line: four times */
	return twice;
}

int main(int argc, char **argv)
{
	const struct pair pair = { 1, -2, 3 };
	const struct large large = { { 1, 2, 3, 4 }, "label", 77 };
	const struct bits bits = { 5, -6, 1000 };
	const struct list second = { NULL, { 20 }, RED };
	struct list first = { (struct list *)&second, { 10 }, NO_COLOUR };
	const struct mixed mixed = { 44, 5.5 };
	volatile double sum = 0;
	long count;

	if (argc != 2) {
		fputs("usage: parameters N\n", stderr);
		return 2;
	}
	count = strtol(argv[1], NULL, 10);
	for (long i = 0; i < count; i++) {
		sum += integers(-1, 255, -2, 65534, -3, 6, -7, 8, -9);
		sum += by_value(pair, large, 9);
		sum += in_bits(bits, true, GREEN);
		sum += through(&first, "text", NULL, NULL);
		sum += result(7, &large).tag;
		sum += floats(1.5, 11, mixed, 2.5f, 12);
		sum += shout(30);
		sum += shout_twice(31, '!');
		sum += whisper(32);
	}
	(void)sum;
	return 0;
}
