/*
 * The arithmetic and the lines of histograms. Called by the printers; reads
 * no map and knows no keys.
 */
#include "runtime/hist.h"

#include <string.h>

#define LABEL_COLUMNS 16
#define COUNT_COLUMNS 8

/* ---- which bucket, which values ---- */

static uint32_t power_bucket(uint32_t bits, int64_t value)
{
	uint32_t power;

	if (value < 0)
		return 0;
	if (value < (int64_t)1 << bits)
		return 1 + (uint32_t)value;
	power = 63 - (uint32_t)__builtin_clzll((uint64_t)value);
	return 1 + ((power - bits + 1) << bits) +
	       (uint32_t)(((uint64_t)value >> (power - bits)) &
			  (((uint64_t)1 << bits) - 1));
}

static uint32_t linear_bucket(const struct type *type, int64_t value)
{
	if (value < type->minimum)
		return 0;
	if (value >= type->maximum)
		return type->count - 1;
	return 1 + (uint32_t)(((uint64_t)value - (uint64_t)type->minimum) /
			      (uint64_t)type->step);
}

uint32_t hist_bucket(const struct type *type, int64_t value)
{
	uint32_t bucket = type->kind == TYPE_LHIST
				  ? linear_bucket(type, value)
				  : power_bucket(type->bits, value);

	return bucket < type->count ? bucket : type->count - 1;
}

static struct bucket power_bounds(uint32_t bits, uint32_t index)
{
	struct bucket bucket = { 0 };
	uint64_t low;
	uint32_t power;

	if (!index) {
		bucket.no_first = true;
		bucket.last = -1;
		return bucket;
	}
	index--;
	if (index < (uint32_t)1 << bits) {
		bucket.first = index;
		bucket.last = index;
		return bucket;
	}
	/* How far above 2^bits the power is; beyond 62 no int64 is left. */
	power = (index >> bits) - 1;
	if (power + bits > 62) {
		bucket.first = INT64_MAX;
		bucket.no_last = true;
		return bucket;
	}
	low = ((uint64_t)1 << bits) | (index & (((uint32_t)1 << bits) - 1));
	bucket.first = (int64_t)(low << power);
	bucket.last = (int64_t)(((low + 1) << power) - 1);
	return bucket;
}

static struct bucket linear_bounds(const struct type *type, uint32_t index)
{
	struct bucket bucket = { 0 };
	uint64_t left;

	if (!index) {
		bucket.no_first = true;
		bucket.last = (int64_t)((uint64_t)type->minimum - 1);
		return bucket;
	}
	if (index + 1 >= type->count) {
		bucket.first = type->maximum;
		bucket.no_last = true;
		return bucket;
	}
	bucket.first = (int64_t)((uint64_t)type->minimum +
				 (uint64_t)(index - 1) * (uint64_t)type->step);
	left = (uint64_t)type->maximum - (uint64_t)bucket.first;
	if (left > (uint64_t)type->step)
		left = (uint64_t)type->step;
	bucket.last = (int64_t)((uint64_t)bucket.first + left - 1);
	return bucket;
}

struct bucket hist_bounds(const struct type *type, uint32_t index)
{
	return type->kind == TYPE_LHIST ? linear_bounds(type, index)
					: power_bounds(type->bits, index);
}

/* ---- labels ---- */

static char *append_text(char *to, const char *text)
{
	size_t length = strlen(text);

	memcpy(to, text, length + 1);
	return to + length;
}

/* The largest unit of 1024^n that divides it: 1024 is 1K, 1025 is 1025. */
static char *append_number(char *to, uint64_t value, bool is_negative,
			   bool with_units)
{
	static const char *const units[] = { "", "K", "M", "G", "T", "P", "E" };
	char digits[21];
	size_t at = sizeof(digits) - 1;
	size_t unit = 0;

	while (with_units && value && value % 1024 == 0) {
		value /= 1024;
		unit++;
	}
	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	if (is_negative)
		digits[--at] = '-';
	return append_text(append_text(to, digits + at), units[unit]);
}

static char *append_signed(char *to, int64_t value, bool with_units)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	return append_number(to, magnitude, value < 0, with_units);
}

/* One past `last`, which may be INT64_MAX. */
static char *append_end(char *to, int64_t last, bool with_units)
{
	if (last < INT64_MAX)
		return append_signed(to, last + 1, with_units);
	return append_number(to, (uint64_t)INT64_MAX + 1, false, with_units);
}

void hist_label(const struct type *type, uint32_t index, char *label)
{
	struct bucket bucket = hist_bounds(type, index);
	bool is_linear = type->kind == TYPE_LHIST;
	bool with_units = !is_linear || type->step % 1024 == 0;
	char *to = label;

	if (bucket.no_first) {
		to = append_text(to, "(..., ");
		to = append_end(to, bucket.last, with_units);
		append_text(to, ")");
		return;
	}
	to = append_text(to, "[");
	to = append_signed(to, bucket.first, with_units);
	if (bucket.no_last) {
		append_text(to, ", ...)");
	} else if (!is_linear && bucket.first == bucket.last) {
		append_text(to, "]");
	} else {
		to = append_text(to, ", ");
		to = append_end(to, bucket.last, with_units);
		append_text(to, ")");
	}
}

/* ---- lines ---- */

bool hist_range(const uint64_t *counts, uint32_t count, uint32_t *first,
		uint32_t *end)
{
	uint32_t from = 0;
	uint32_t to = count;

	while (from < count && !counts[from])
		from++;
	while (to > from && !counts[to - 1])
		to--;
	*first = from;
	*end = to;
	return from < to;
}

uint64_t hist_total(const uint64_t *counts, uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++)
		total += counts[i];
	return total;
}

/* In 128 bits: a count times 52 may not fit 64. */
static size_t bar_columns(uint64_t count, uint64_t largest)
{
	if (!largest)
		return 0;
	return (size_t)((unsigned __int128)count * HIST_BAR_COLUMNS / largest);
}

static void print_line(struct output *output, const char *label, uint64_t count,
		       uint64_t largest)
{
	size_t columns = bar_columns(count, largest);
	size_t length = strlen(label);
	size_t before;

	output_text(output, label);
	/* A blank between the two however long they are. */
	output_pad(output, ' ',
		   length < LABEL_COLUMNS ? LABEL_COLUMNS - length : 1);
	before = output->length;
	output_unsigned(output, count);
	length = output->length - before;
	if (length < COUNT_COLUMNS)
		output_insert(output, before, ' ', COUNT_COLUMNS - length);
	output_text(output, " |");
	output_pad(output, '@', columns);
	output_pad(output, ' ', HIST_BAR_COLUMNS - columns);
	output_text(output, "|\n");
}

void hist_print(struct output *output, const struct type *type,
		const uint64_t *counts)
{
	char label[HIST_LABEL_MAX];
	uint64_t largest = 0;
	uint32_t first, end;

	if (!hist_range(counts, type->count, &first, &end))
		return;
	for (uint32_t i = first; i < end; i++) {
		if (counts[i] > largest)
			largest = counts[i];
	}
	for (uint32_t i = first; i < end; i++) {
		hist_label(type, i, label);
		print_line(output, label, counts[i], largest);
	}
}
