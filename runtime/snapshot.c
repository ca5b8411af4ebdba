/*
 * Merging, ordering and cutting the entries of a map. Arithmetic on bytes in
 * the layout of maps; reads no map itself.
 */
#include "runtime/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/hist.h"
#include "runtime/value.h"

/* ---- entries ---- */

void snapshot_init(struct snapshot *snapshot, const struct image_map *map,
		   size_t key_size)
{
	*snapshot = (struct snapshot){
		.map = map,
		.key_size = key_size,
		/* The printers read counters in place. */
		.value_size = ((size_t)map->value->size + 7) & ~(size_t)7,
	};
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->keys);
	free(snapshot->values);
	free(snapshot->order);
	snapshot->keys = NULL;
	snapshot->values = NULL;
	snapshot->order = NULL;
	snapshot->count = 0;
}

static bool reserve(struct snapshot *snapshot)
{
	size_t room = snapshot->room ? 2 * snapshot->room : 64;
	unsigned char *keys, *values;

	if (snapshot->count < snapshot->room)
		return true;
	if (room > UINT32_MAX)
		return false;
	keys = reallocarray(snapshot->keys, room, snapshot->key_size);
	if (!keys)
		return false;
	snapshot->keys = keys;
	values = reallocarray(snapshot->values, room, snapshot->value_size);
	if (!values)
		return false;
	snapshot->values = values;
	snapshot->room = room;
	return true;
}

bool snapshot_add(struct snapshot *snapshot, const void *key,
		  const void *values, size_t stride, unsigned cpus)
{
	const struct type *type = snapshot->map->value;
	const unsigned char *from = values;
	unsigned char *into;

	if (!reserve(snapshot))
		return false;
	memcpy(snapshot->keys + snapshot->count * snapshot->key_size, key,
	       snapshot->key_size);
	into = snapshot->values + snapshot->count * snapshot->value_size;
	memset(into, 0, snapshot->value_size);
	memcpy(into, from, type->size);
	for (unsigned cpu = 1; cpu < cpus; cpu++)
		value_merge(type, into, from + cpu * stride);
	snapshot->count++;
	return true;
}

size_t snapshot_shown(const struct snapshot *snapshot)
{
	return snapshot->count - snapshot->first;
}

static size_t entry_at(const struct snapshot *snapshot, size_t index)
{
	index += snapshot->first;
	return snapshot->order ? snapshot->order[index] : index;
}

const unsigned char *snapshot_key(const struct snapshot *snapshot, size_t index)
{
	return snapshot->keys + entry_at(snapshot, index) * snapshot->key_size;
}

const unsigned char *snapshot_value(const struct snapshot *snapshot,
				    size_t index)
{
	return snapshot->values +
	       entry_at(snapshot, index) * snapshot->value_size;
}

/* ---- merging ---- */

static uint64_t word_load(const unsigned char *bytes, size_t index)
{
	uint64_t word;

	memcpy(&word, bytes + 8 * index, 8);
	return word;
}

static void word_store(unsigned char *bytes, size_t index, uint64_t word)
{
	memcpy(bytes + 8 * index, &word, 8);
}

static void add_words(unsigned char *into, const unsigned char *from,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		word_store(into, i, word_load(into, i) + word_load(from, i));
}

static bool is_less(uint64_t a, uint64_t b, bool is_signed)
{
	return is_signed ? (int64_t)a < (int64_t)b : a < b;
}

/* A CPU that saw no value has its flag clear. */
static void merge_extreme(const struct type *type, unsigned char *into,
			  const unsigned char *from)
{
	uint64_t mine = word_load(into, 0);
	uint64_t other = word_load(from, 0);
	bool better = type->kind == TYPE_MIN
			      ? is_less(other, mine, type->is_signed)
			      : is_less(mine, other, type->is_signed);

	if (word_load(from, 1) && (!word_load(into, 1) || better))
		memcpy(into, from, 16);
}

static void merge_integer(const struct type *type, unsigned char *into,
			  const unsigned char *from)
{
	uint64_t sum = integer_load(into, type->size, type->is_signed) +
		       integer_load(from, type->size, type->is_signed);

	memcpy(into, &sum, type->size > 8 ? 8 : type->size);
}

/* Values that cannot be added: that of the first CPU that has one. */
static void merge_other(const struct type *type, unsigned char *into,
			const unsigned char *from)
{
	for (uint32_t i = 0; i < type->size; i++) {
		if (into[i])
			return;
	}
	memcpy(into, from, type->size);
}

void value_merge(const struct type *type, unsigned char *into,
		 const unsigned char *from)
{
	switch ((int)type->kind) {
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_AVG:
	case TYPE_STATS:
	case TYPE_HIST:
	case TYPE_LHIST:
		add_words(into, from, type->size / 8);
		return;
	case TYPE_MIN:
	case TYPE_MAX:
		merge_extreme(type, into, from);
		return;
	case TYPE_INT:
		merge_integer(type, into, from);
		return;
	default:
		merge_other(type, into, from);
	}
}

/* ---- ordering ---- */

static int compare_words(uint64_t a, uint64_t b, bool is_signed)
{
	if (a == b)
		return 0;
	return is_less(a, b, is_signed) ? -1 : 1;
}

static int compare_tuples(const struct type *type, const unsigned char *a,
			  const unsigned char *b)
{
	for (uint32_t i = 0; i < type->count; i++) {
		uint32_t offset = type_item_offset(type, i);
		int order = key_compare(type->items[i], a + offset, b + offset);

		if (order)
			return order;
	}
	return 0;
}

static int compare_arrays(const struct type *type, const unsigned char *a,
			  const unsigned char *b)
{
	for (uint32_t i = 0; i < type->count; i++) {
		size_t offset = (size_t)i * type->to->size;
		int order = key_compare(type->to, a + offset, b + offset);

		if (order)
			return order;
	}
	return 0;
}

static int compare_buffers(const struct type *type, const unsigned char *a,
			   const unsigned char *b)
{
	struct value left = value_in_map(type, a);
	struct value right = value_in_map(type, b);
	size_t common = left.length < right.length ? left.length : right.length;
	int order = memcmp(left.bytes, right.bytes, common);

	if (order || left.length == right.length)
		return order;
	return left.length < right.length ? -1 : 1;
}

int key_compare(const struct type *type, const unsigned char *a,
		const unsigned char *b)
{
	if (type_is_scalar(type))
		return compare_words(
			integer_load(a, type->size, type->is_signed),
			integer_load(b, type->size, type->is_signed),
			type->is_signed);
	if (type->kind == TYPE_TUPLE)
		return compare_tuples(type, a, b);
	if (type->kind == TYPE_ARRAY)
		return compare_arrays(type, a, b);
	if (type->kind == TYPE_STRING)
		return strncmp((const char *)a, (const char *)b, type->size);
	if (type->kind == TYPE_BUFFER)
		return compare_buffers(type, a, b);
	if (type->kind == TYPE_SYMBOL || type->kind == TYPE_TIMESTAMP) {
		int order =
			compare_words(word_load(a, 0), word_load(b, 0), false);

		if (order)
			return order;
	}
	return memcmp(a, b, type->size);
}

static int compare_values(const struct type *type, const unsigned char *a,
			  const unsigned char *b)
{
	struct aggregate left, right;

	if (type->kind == TYPE_HIST || type->kind == TYPE_LHIST)
		return compare_words(hist_total((const void *)a, type->count),
				     hist_total((const void *)b, type->count),
				     false);
	if (type_is_integer(type))
		return key_compare(type, a, b);
	if (!type_is_aggregate(type))
		return 0; /* by key alone */
	left = aggregate_load(type, a);
	right = aggregate_load(type, b);
	if (type->kind == TYPE_COUNT)
		return compare_words(left.count, right.count, false);
	if (type->kind == TYPE_AVG || type->kind == TYPE_STATS)
		return compare_words(left.average, right.average,
				     type->is_signed);
	return compare_words(left.total, right.total, type->is_signed);
}

static int compare_entries(const void *left, const void *right, void *data)
{
	const struct snapshot *snapshot = data;
	const struct image_map *map = snapshot->map;
	size_t a = *(const uint32_t *)left;
	size_t b = *(const uint32_t *)right;
	int order = compare_values(map->value,
				   snapshot->values + a * snapshot->value_size,
				   snapshot->values + b * snapshot->value_size);

	if (!order && map->key)
		order = key_compare(map->key,
				    snapshot->keys + a * snapshot->key_size,
				    snapshot->keys + b * snapshot->key_size);
	if (order)
		return order;
	return a < b ? -1 : a > b;
}

bool snapshot_sort(struct snapshot *snapshot)
{
	uint32_t *order;

	free(snapshot->order);
	snapshot->order = NULL;
	if (!snapshot->count)
		return true;
	order = malloc(snapshot->count * sizeof(*order));
	if (!order)
		return false;
	for (size_t i = 0; i < snapshot->count; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, snapshot->count, sizeof(*order), compare_entries,
		snapshot);
	snapshot->order = order;
	return true;
}

void snapshot_top(struct snapshot *snapshot, uint64_t top)
{
	snapshot->first = 0;
	if (top && top < snapshot->count)
		snapshot->first = snapshot->count - (size_t)top;
}

bool snapshot_keep(struct snapshot *snapshot, const unsigned char *key)
{
	size_t size = snapshot->map->key ? snapshot->map->key->size : 0;

	for (size_t i = 0; i < snapshot->count; i++) {
		const unsigned char *found =
			snapshot->keys + i * snapshot->key_size;

		if (memcmp(found, key, size) != 0)
			continue;
		snapshot->order[snapshot->count - 1] = (uint32_t)i;
		snapshot->first = snapshot->count - 1;
		return true;
	}
	return false;
}

/* ---- dividing ---- */

static void divide_words(unsigned char *value, size_t count, int64_t divisor,
			 bool is_signed)
{
	for (size_t i = 0; i < count; i++)
		word_store(value, i,
			   integer_divide(word_load(value, i),
					  (uint64_t)divisor, is_signed));
}

static void divide_value(const struct type *type, unsigned char *value,
			 int64_t divisor)
{
	uint64_t quotient;

	switch ((int)type->kind) {
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS:
		divide_words(value, 1, divisor, type->is_signed);
		return;
	case TYPE_HIST:
	case TYPE_LHIST:
		divide_words(value, type->count, divisor, false);
		return;
	case TYPE_INT:
		quotient = integer_divide(
			integer_load(value, type->size, type->is_signed),
			(uint64_t)divisor, type->is_signed);
		memcpy(value, &quotient, type->size > 8 ? 8 : type->size);
		return;
	default:
		return;
	}
}

void snapshot_divide(struct snapshot *snapshot, int64_t divisor)
{
	if (divisor == 0 || divisor == 1)
		return;
	for (size_t i = 0; i < snapshot->count; i++)
		divide_value(snapshot->map->value,
			     snapshot->values + i * snapshot->value_size,
			     divisor);
}
