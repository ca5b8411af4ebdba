/*
 * Comparing names: which candidate is nearest to a misspelt one, and which
 * match a pattern. Pure; called by whoever looks a name up.
 */
#include <string.h>

#include "parser/tables.h"

/* Longer names get no suggestion. */
#define NAME_MAX_LENGTH 64

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * Edits that turn `a` into `b`: insert, delete, replace, swap neighbours. Row
 * by row; a swap needs the row before the last.
 */
static unsigned distance(const char *a, size_t a_length, const char *b,
			 size_t b_length)
{
	unsigned rows[3][NAME_MAX_LENGTH + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			unsigned differs = a[i - 1] != b[j - 1];

			row[j] = smallest(last[j] + 1, row[j - 1] + 1,
					  last[j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && row[j] > before[j - 2] + 1)
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

/* How far a candidate may be to be worth naming. */
static unsigned limit(size_t length)
{
	size_t third = length / 3;

	return third < 1 ? 1 : third > 3 ? 3 : (unsigned)third;
}

void nearest_begin(struct nearest *nearest, const char *name)
{
	nearest->name = name;
	nearest->best = NULL;
	nearest->distance = limit(strlen(name)) + 1;
}

void nearest_consider(struct nearest *nearest, const char *candidate)
{
	size_t length = strlen(nearest->name);
	size_t other = strlen(candidate);
	size_t apart = length > other ? length - other : other - length;
	unsigned edits;

	if (length > NAME_MAX_LENGTH || other > NAME_MAX_LENGTH ||
	    apart >= nearest->distance)
		return;
	edits = distance(nearest->name, length, candidate, other);
	/* A name of which every letter must change is no suggestion. */
	if (edits >= nearest->distance || edits >= length)
		return;
	nearest->best = candidate;
	nearest->distance = edits;
}

const char *nearest_result(const struct nearest *nearest)
{
	return nearest->best;
}

/* On a mismatch the last '*' takes one character more: linear in practice,
 * and never worse than pattern times text. */
bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool has_wildcard(const char *text)
{
	return strchr(text, '*') != NULL;
}
