/*
 * The program of the recorded machine: functions of every kind a symbol table
 * can have, and nothing to run. Kept as tiny/usr/bin/prog; README tells how.
 */
#include <stddef.h>

int add(int a, int b);
const char *name(int index);
int old_add(int a, int b);
int __add_alias(int a, int b);

int add(int a, int b)
{
	return a + b;
}

/* The same address as add(), which is the name to show. */
int __add_alias(int a, int b) __attribute__((alias("add")));

static const char *const names[] = { "zero", "one", "two" };

const char *name(int index)
{
	return index >= 0 && index < 3 ? names[index] : NULL;
}

__attribute__((noinline, used)) static int helper(int a)
{
	return a * 3;
}

/* Linked long ago: known as old_add, but no longer the one of that name. */
__attribute__((symver("old_add@VERSION_1"))) int old_add_1(int a, int b);
int old_add_1(int a, int b)
{
	return a - b;
}

__attribute__((symver("old_add@@VERSION_2"))) int old_add_2(int a, int b);
int old_add_2(int a, int b)
{
	return a + b + helper(b);
}

int main(int argc, char **argv)
{
	(void)argv;
	return add(argc, 1) + (name(argc) != NULL);
}
