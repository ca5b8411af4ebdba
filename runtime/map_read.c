/*
 * Batches where the kernel has them for the kind of map, else key by key. The
 * programs go on changing the map meanwhile: what is read is each entry at
 * some time during the call. Called by actions.c.
 */
#include "runtime/map_read.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES       ((size_t)1 << 20)
#define BATCH_ENTRIES_MAX 8192
#define KERNEL_ENOTSUPP   524 /* what the kernel says beside ENOTSUP */

/* A map as the kernel has it. */
struct table {
	int fd;
	const struct image_map *map;
	size_t key_size;
	size_t stride;   /* from one CPU's value to the next */
	unsigned cpus;   /* values per entry */
	size_t all_size; /* of the values of one entry */
	uint32_t max_entries;
};

static bool is_percpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* What the kernel says the sizes are decides how much it writes. */
static bool table_open(struct table *table, int fd, const struct image_map *map)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int cpus;

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return false;
	if (info.value_size < map->value->size ||
	    info.key_size < (map->key ? map->key->size : sizeof(uint32_t))) {
		errno = EINVAL;
		return false;
	}
	*table = (struct table){ .fd = fd,
				 .map = map,
				 .key_size = info.key_size,
				 .stride = info.value_size,
				 .cpus = 1,
				 .max_entries = info.max_entries };
	if (is_percpu(info.type)) {
		cpus = libbpf_num_possible_cpus();
		if (cpus <= 0) {
			errno = cpus ? -cpus : EINVAL;
			return false;
		}
		table->cpus = (unsigned)cpus;
		table->stride = (table->stride + 7) & ~(size_t)7;
	}
	table->all_size = table->stride * table->cpus;
	return true;
}

/* ---- batches ---- */

struct batch {
	unsigned char *keys, *values;
	unsigned char *position, *next; /* opaque to us */
	uint32_t room;
};

static void batch_free(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
	free(batch->position);
	free(batch->next);
}

static bool batch_new(struct batch *batch, const struct table *table,
		      uint32_t room)
{
	/* A position is a number for hashes, a key for others. */
	size_t position = table->key_size + sizeof(uint64_t);

	*batch = (struct batch){
		.keys = calloc(room, table->key_size),
		.values = calloc(room, table->all_size),
		.position = calloc(1, position),
		.next = calloc(1, position),
		.room = room,
	};
	if (batch->keys && batch->values && batch->position && batch->next)
		return true;
	batch_free(batch);
	errno = ENOMEM;
	return false;
}

static uint32_t batch_room(const struct table *table)
{
	size_t entry = table->key_size + table->all_size;
	size_t room = BATCH_BYTES / entry;

	if (room > BATCH_ENTRIES_MAX)
		room = BATCH_ENTRIES_MAX;
	if (room > table->max_entries)
		room = table->max_entries;
	return room < 16 ? 16 : (uint32_t)room;
}

/* A batch must hold all entries of one hash bucket: make room for more. */
static bool batch_enlarge(struct batch *batch, const struct table *table)
{
	unsigned char *keys, *values;
	uint32_t room = batch->room * 2;

	if (batch->room > UINT32_MAX / 4) {
		errno = ENOSPC;
		return false;
	}
	keys = reallocarray(batch->keys, room, table->key_size);
	if (!keys)
		return false;
	batch->keys = keys;
	values = reallocarray(batch->values, room, table->all_size);
	if (!values)
		return false;
	batch->values = values;
	batch->room = room;
	return true;
}

typedef int batch_fn(int fd, void *in, void *out, void *keys, void *values,
		     uint32_t *count, const struct bpf_map_batch_opts *options);

/*
 * Everything the map holds, in batches; into the snapshot unless that is NULL.
 * Returns 0, or an errno; EINVAL before anything was read: the kernel has no
 * batches for this map.
 */
static int run_batches(const struct table *table, batch_fn *call,
		       struct snapshot *snapshot, struct batch *batch)
{
	unsigned char *position = NULL;

	for (;;) {
		uint32_t count = batch->room;
		int error = 0;

		if (call(table->fd, position, batch->next, batch->keys,
			 batch->values, &count, NULL))
			error = errno;
		if (error == ENOSPC) {
			if (!batch_enlarge(batch, table))
				return errno;
			continue;
		}
		if (error && error != ENOENT)
			return error;
		for (uint32_t i = 0; snapshot && i < count; i++) {
			if (!snapshot_add(snapshot,
					  batch->keys + i * table->key_size,
					  batch->values + i * table->all_size,
					  table->stride, table->cpus))
				return ENOMEM;
		}
		if (error == ENOENT)
			return 0;
		position = batch->position;
		batch->position = batch->next;
		batch->next = position;
		position = batch->position;
	}
}

static int batches(const struct table *table, batch_fn *call,
		   struct snapshot *snapshot)
{
	struct batch batch;
	int error;

	if (!batch_new(&batch, table, batch_room(table)))
		return ENOMEM;
	error = run_batches(table, call, snapshot, &batch);
	batch_free(&batch);
	return error;
}

static bool lacks_batches(int error)
{
	return error == EINVAL || error == EOPNOTSUPP ||
	       error == KERNEL_ENOTSUPP;
}

/* ---- key by key ---- */

typedef bool key_fn(const struct table *table, const unsigned char *key,
		    void *data);

/*
 * Calls for every key. The next key is asked for before the call, so that it
 * may delete the one it was given. Should a key vanish meanwhile the kernel
 * begins anew: the count of steps is limited, and sees to an end.
 */
static bool each_key(const struct table *table, key_fn *call, void *data)
{
	unsigned char *keys = calloc(2, table->key_size);
	unsigned char *key = keys, *next, *swap;
	uint64_t steps = 2 * (uint64_t)table->max_entries + 16;
	bool good = true;
	bool more;

	if (!keys)
		return false;
	next = keys + table->key_size;
	more = !bpf_map_get_next_key(table->fd, NULL, key);
	while (more && good && steps--) {
		more = !bpf_map_get_next_key(table->fd, key, next);
		good = call(table, key, data);
		swap = key;
		key = next;
		next = swap;
	}
	free(keys);
	return good;
}

struct reading {
	struct snapshot *snapshot;
	unsigned char *values;
};

static bool read_key(const struct table *table, const unsigned char *key,
		     void *data)
{
	struct reading *reading = data;

	if (bpf_map_lookup_elem(table->fd, key, reading->values))
		return errno == ENOENT;
	return snapshot_add(reading->snapshot, key, reading->values,
			    table->stride, table->cpus);
}

static bool read_keys(const struct table *table, struct snapshot *snapshot)
{
	struct reading reading = { snapshot, malloc(table->all_size) };
	bool good;

	if (!reading.values)
		return false;
	good = each_key(table, read_key, &reading);
	free(reading.values);
	return good;
}

static bool delete_key(const struct table *table, const unsigned char *key,
		       void *data)
{
	(void)data;
	return !bpf_map_delete_elem(table->fd, key) || errno == ENOENT;
}

/* BPF_EXIST: a key deleted meanwhile does not come back. */
static bool zero_key(const struct table *table, const unsigned char *key,
		     void *data)
{
	return !bpf_map_update_elem(table->fd, key, data, BPF_EXIST) ||
	       errno == ENOENT;
}

/* ---- what actions.c calls ---- */

static bool result(int error)
{
	errno = error;
	return !error;
}

bool map_read(int fd, const struct image_map *map, struct snapshot *snapshot)
{
	struct table table;
	int error;

	*snapshot = (struct snapshot){ .map = map };
	if (!table_open(&table, fd, map))
		return false;
	snapshot_init(snapshot, map, table.key_size);
	if (!map->key)
		return read_keys(&table, snapshot);
	error = batches(&table, bpf_map_lookup_batch, snapshot);
	if (!lacks_batches(error) || snapshot->count)
		return result(error);
	return read_keys(&table, snapshot);
}

bool map_clear(int fd, const struct image_map *map)
{
	struct table table;
	int error;

	if (!map->key)
		return map_zero(fd, map);
	if (!table_open(&table, fd, map))
		return false;
	error = batches(&table, bpf_map_lookup_and_delete_batch, NULL);
	if (!lacks_batches(error))
		return result(error);
	return each_key(&table, delete_key, NULL);
}

bool map_zero(int fd, const struct image_map *map)
{
	struct table table;
	unsigned char *zeros;
	bool good;

	if (!table_open(&table, fd, map))
		return false;
	zeros = calloc(1, table.all_size);
	if (!zeros)
		return false;
	good = each_key(&table, zero_key, zeros);
	free(zeros);
	return good;
}

bool map_add_keys(int fd, const struct image_map *map,
		  const struct snapshot *snapshot)
{
	struct table table;
	unsigned char *zeros;
	bool good = true;

	if (!map->key)
		return true;
	if (!table_open(&table, fd, map))
		return false;
	zeros = calloc(1, table.all_size);
	if (!zeros)
		return false;
	for (size_t i = 0; i < snapshot->count && good; i++)
		good = !bpf_map_update_elem(
			       fd, snapshot->keys + i * snapshot->key_size,
			       zeros, BPF_NOEXIST) ||
		       errno == EEXIST || errno == E2BIG;
	free(zeros);
	return good;
}
