/*
 * Histograms: which values a bucket holds, what its label is, how long its
 * bar. Pure arithmetic on types HIST and LHIST: reads no map.
 *
 * Bucket of a value v in a HIST of `bits`:
 *   v < 0:        0
 *   v < 2^bits:   1 + v
 *   otherwise, with e = floor(log2 v):
 *                 1 + ((e - bits + 1) << bits)
 *                   + ((v >> (e - bits)) & (2^bits - 1))
 * Of a LHIST: 0 below the minimum, the last from the maximum on, between them
 * one for each step, the last of those perhaps shorter. The code generator
 * counts by the same rules.
 */
#ifndef RUNTIME_HIST_H
#define RUNTIME_HIST_H

#include "parser/types.h"
#include "runtime/output.h"

/* First and last value of a bucket, both inside; one may be missing. */
struct bucket {
	int64_t first, last;
	bool no_first, no_last;
};

#define HIST_LABEL_MAX   64
#define HIST_BAR_COLUMNS 52

/* Never above type->count - 1. */
uint32_t hist_bucket(const struct type *type, int64_t value);
struct bucket hist_bounds(const struct type *type, uint32_t index);

/* "[2, 4)", "[1K, 2K)", "(..., 0)"; `label` has HIST_LABEL_MAX bytes. */
void hist_label(const struct type *type, uint32_t index, char *label);

/* First and one past the last bucket that is not empty; false if all are. */
bool hist_range(const uint64_t *counts, uint32_t count, uint32_t *first,
		uint32_t *end);

uint64_t hist_total(const uint64_t *counts, uint32_t count);

/* One line per bucket of the range; `counts` has type->count. */
void hist_print(struct output *output, const struct type *type,
		const uint64_t *counts);

#endif
