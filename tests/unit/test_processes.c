/*
 * What processes have mapped, as the kernel's notices tell it: made up here,
 * for processes that never were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/process_events.h"

#define PARENT  4000001 /* beyond any pid_max */
#define CHILD   4000002
#define NOWHERE "/nowhere"

static struct modules *modules;
static struct processes *processes;

static void map(uint32_t pid, uint64_t start, uint64_t end, const char *path)
{
	const struct mapping mapping = {
		.start = start,
		.end = end,
		.offset = start,
		.inode = *path ? strlen(path) : 0,
		.path = path,
	};

	processes_mapped(processes, pid, &mapping);
}

/* The file at an address; "" without a file, NULL if nothing is there. */
static const char *at(uint32_t pid, uint64_t address)
{
	const struct region *region = processes_find(processes, pid, address);

	if (!region)
		return NULL;
	return region->module ? module_path(region->module) : "";
}

static void mapped_and_found(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x3000, "/a");
	map(PARENT, 0x5000, 0x6000, "/bb");
	map(PARENT, 0x7000, 0x8000, "");
	assert_string_equal(at(PARENT, 0x1000), "/a");
	assert_string_equal(at(PARENT, 0x2fff), "/a");
	assert_null(at(PARENT, 0x3000));
	assert_string_equal(at(PARENT, 0x5800), "/bb");
	assert_string_equal(at(PARENT, 0x7000), "");
	assert_null(at(CHILD, 0x1000));
}

/* The newer mapping covers the older one, of which the ends stay. */
static void covered(void **state)
{
	const struct region *region;

	(void)state;
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x9000, "/a");
	map(PARENT, 0x3000, 0x4000, "/bb");
	map(PARENT, 0x6000, 0xa000, "/ccc");
	assert_string_equal(at(PARENT, 0x2fff), "/a");
	assert_string_equal(at(PARENT, 0x3000), "/bb");
	assert_string_equal(at(PARENT, 0x4000), "/a");
	region = processes_find(processes, PARENT, 0x5000);
	assert_int_equal(region->start, 0x4000);
	assert_int_equal(region->offset, 0x4000);
	assert_string_equal(at(PARENT, 0x8fff), "/ccc");
	/* nothing, and the wrong way round */
	map(PARENT, 0x20000, 0x20000, "/a");
	map(PARENT, 0x20000, 0x10000, "/a");
	assert_null(at(PARENT, 0x20000));
}

/* A child is what its parent was; what either maps later is its own. */
static void forked(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x2000, "/a");
	processes_forked(processes, CHILD, PARENT);
	map(PARENT, 0x3000, 0x4000, "/bb");
	map(CHILD, 0x5000, 0x6000, "/ccc");
	processes_exited(processes, PARENT);
	assert_string_equal(at(CHILD, 0x1000), "/a");
	assert_null(at(CHILD, 0x3000));
	assert_string_equal(at(CHILD, 0x5000), "/ccc");
	assert_string_equal(at(PARENT, 0x3000), "/bb");
	assert_null(at(PARENT, 0x5000));
}

/* Addresses of before an exec are still known, behind those of after it. */
static void executed(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x2000, "/a");
	map(PARENT, 0x3000, 0x4000, "/a");
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x2000, "/bb");
	assert_string_equal(at(PARENT, 0x1800), "/bb");
	assert_string_equal(at(PARENT, 0x3000), "/a");
}

static void ended_and_kept(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	map(PARENT, 0x1000, 0x2000, "/a");
	processes_exited(processes, PARENT);
	processes_seen(processes, PARENT);
	/* many others come and go */
	for (uint32_t i = 1; i <= 10000; i++) {
		processes_forked(processes, PARENT + i, PARENT);
		processes_exited(processes, PARENT + i);
	}
	assert_string_equal(at(PARENT, 0x1800), "/a");
	assert_string_equal(at(PARENT + 10000, 0x1800), "/a");
	assert_null(at(PARENT + 1, 0x1800));
	/* the number is used again */
	processes_forked(processes, PARENT, CHILD);
	assert_null(at(PARENT, 0x1800));
}

/* Chains of forks and execs do not grow without end. */
static void long_lives(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	for (uint64_t i = 0; i < 5000; i++) {
		map(PARENT, 0x1000 * i, 0x1000 * i + 0x800, "/a");
		processes_forked(processes, CHILD, PARENT);
		processes_executed(processes, CHILD);
		if (i % 100 == 0)
			processes_executed(processes, PARENT);
	}
	for (uint64_t i = 1; i < 5000; i += 77)
		assert_string_equal(at(PARENT, 0x1000 * i), "/a");
}

/* More regions than any real process has. */
static void too_many_regions(void **state)
{
	(void)state;
	processes_executed(processes, PARENT);
	for (uint64_t i = 0; i < 70000; i++)
		map(PARENT, 0x10000000 + 0x1000 * i,
		    0x10000000 + 0x1000 * i + 0x10, "/a");
	assert_string_equal(at(PARENT, 0x10000000), "/a");
}

/* ---- records ---- */

static void maps_from_records(void **state)
{
	struct {
		struct perf_event_header header;
		uint32_t pid, tid;
		uint64_t start, length, offset;
		uint32_t major, minor;
		uint64_t inode, generation;
		uint32_t protection, flags;
		char path[16];
	} record = {
		.header.type = PERF_RECORD_MMAP2,
		.pid = PARENT,
		.start = 0x1000,
		.length = 0x1000,
		.inode = 5,
		.path = NOWHERE,
	};

	(void)state;
	processes_executed(processes, PARENT);
	for (size_t size = sizeof(record.header); size < sizeof(record) - 8;
	     size += 8)
		process_event_apply(processes, &record, size - 8);
	assert_null(at(PARENT, 0x1800));
	assert_int_equal(
		process_event_apply(processes, &record, sizeof(record)), 0);
	assert_string_equal(at(PARENT, 0x1800), NOWHERE);
	memcpy(record.path, "//anon", 7);
	process_event_apply(processes, &record, sizeof(record));
	assert_string_equal(at(PARENT, 0x1800), "");
	/* a path that does not end, a length that goes round */
	memset(record.path, 'x', sizeof(record.path));
	record.start = 0x5000;
	process_event_apply(processes, &record, sizeof(record));
	memcpy(record.path, "x", 2);
	record.length = UINT64_MAX;
	process_event_apply(processes, &record, sizeof(record));
	assert_null(at(PARENT, 0x5000));
}

static void lives_from_records(void **state)
{
	struct {
		struct perf_event_header header;
		uint32_t pid, parent, tid, parent_tid;
	} task = { .header.type = PERF_RECORD_FORK,
		   .pid = CHILD,
		   .parent = PARENT };
	struct {
		struct perf_event_header header;
		uint32_t pid, tid;
		char name[16];
	} comm = { .header.type = PERF_RECORD_COMM, .pid = PARENT };
	struct {
		struct perf_event_header header;
		uint64_t id, lost;
	} lost = { .header.type = PERF_RECORD_LOST, .lost = 42 };

	(void)state;
	map(PARENT, 0x1000, 0x2000, "/a");
	/* a name alone is no exec */
	process_event_apply(processes, &comm, sizeof(comm));
	map(PARENT, 0x3000, 0x4000, "/a");
	process_event_apply(processes, &task, sizeof(task));
	assert_string_equal(at(CHILD, 0x3000), "/a");
	comm.header.misc = PERF_RECORD_MISC_COMM_EXEC;
	process_event_apply(processes, &comm, sizeof(comm));
	/* a thread is no process */
	task.pid = PARENT;
	process_event_apply(processes, &task, sizeof(task));
	assert_string_equal(at(PARENT, 0x3000), "/a");
	assert_int_equal(process_event_apply(processes, &lost, sizeof(lost)),
			 42);
	assert_string_equal(at(CHILD, 0x3000), "/a");
}

static int set_up(void **state)
{
	(void)state;
	modules = modules_new("/nonexistent");
	processes = processes_new("/nonexistent", modules);
	processes_follow(processes);
	return modules && processes ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	processes_free(processes);
	modules_free(modules);
	return 0;
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mapped_and_found),
		TEST(covered),
		TEST(forked),
		TEST(executed),
		TEST(ended_and_kept),
		TEST(long_lives),
		TEST(too_many_regions),
		TEST(maps_from_records),
		TEST(lives_from_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
