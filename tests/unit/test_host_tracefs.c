/*
 * Tracepoints and the small facts, as read from the recorded machine, from
 * texts that are odd, and from this machine if it lets us.
 */
#include "parser/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TINY SOURCE_DIR "/tests/hosts/tiny"

struct machine {
	struct arena *arena;
	struct host *host;
};

static int machine_open(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	machine->arena = arena_new();
	machine->host = host_open(machine->arena, TINY "/");
	*state = machine;
	return 0;
}

static int machine_close(void **state)
{
	struct machine *machine = *state;

	host_close(machine->host);
	arena_free(machine->arena);
	free(machine);
	return 0;
}

/* ---- fields of recorded tracepoints ---- */

static const struct {
	const char *category, *event, *field, *type;
	uint32_t offset;
	enum address_space space;
	bool data_loc;
} fields[] = {
	{ "syscalls", "sys_enter_openat", "__syscall_nr", "int32", 8, 0, 0 },
	{ "syscalls", "sys_enter_openat", "dfd", "int32", 16, 0, 0 },
	{ "syscalls", "sys_enter_openat", "filename", "int8 *", 24, SPACE_USER,
	  0 },
	{ "syscalls", "sys_enter_openat", "flags", "int32", 32, 0, 0 },
	{ "syscalls", "sys_enter_openat", "mode", "uint16", 40, 0, 0 },
	{ "syscalls", "sys_exit_openat", "ret", "int64", 16, 0, 0 },
	{ "syscalls", "sys_enter_read", "count", "uint64", 32, 0, 0 },
	{ "syscalls", "sys_enter_kill", "pid", "int32", 16, 0, 0 },
	{ "syscalls", "sys_enter_execve", "argv", "int8 **", 24, SPACE_USER,
	  0 },
	{ "syscalls", "sys_enter_nanosleep", "rqtp",
	  "struct __kernel_timespec *", 16, SPACE_USER, 0 },
	{ "sched", "sched_switch", "prev_comm", "string[16]", 8, 0, 0 },
	{ "sched", "sched_switch", "prev_state", "int64", 32, 0, 0 },
	{ "sched", "sched_switch", "next_pid", "int32", 56, 0, 0 },
	{ "sched", "sched_process_exec", "filename", "string[1024]", 8, 0, 1 },
	{ "sched", "sched_process_exit", "group_dead", "bool", 32, 0, 0 },
	{ "raw_syscalls", "sys_enter", "args", "uint64[6]", 16, SPACE_CONTEXT,
	  0 },
	{ "block", "block_rq_issue", "sector", "uint64", 16, 0, 0 },
	{ "block", "block_rq_issue", "dev", "uint32", 8, 0, 0 },
	{ "block", "block_rq_issue", "rwbs", "string[10]", 34, 0, 0 },
	{ "block", "block_rq_issue", "cmd", "string[1024]", 60, 0, 1 },
	{ "sock", "inet_sock_set_state", "saddr", "uint8[4]", 32, SPACE_CONTEXT,
	  0 },
	{ "skb", "kfree_skb", "skbaddr", "void *", 8, SPACE_KERNEL, 0 },
	{ "skb", "kfree_skb", "reason", "enum skb_drop_reason", 36, 0, 0 },
};

static void test_fields(void **state)
{
	struct machine *machine = *state;
	struct tracepoint tracepoint;
	const struct field *field;
	uint32_t offset;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		assert_int_equal(host_tracepoint(machine->host,
						 fields[i].category,
						 fields[i].event, &tracepoint),
				 HOST_OK);
		field = record_field(tracepoint.args, fields[i].field, &offset);
		if (!field) {
			fail_msg("%s has no %s", fields[i].event,
				 fields[i].field);
			return;
		}
		assert_string_equal(type_text(machine->arena, field->type),
				    fields[i].type);
		assert_int_equal(offset, fields[i].offset);
		assert_int_equal(field->type->space, fields[i].space);
		assert_int_equal(field->data_loc, fields[i].data_loc);
	}
}

static void test_common_fields_are_hidden(void **state)
{
	struct machine *machine = *state;
	struct tracepoint tracepoint;
	uint32_t offset = 77;

	assert_int_equal(host_tracepoint(machine->host, "sched", "sched_switch",
					 &tracepoint),
			 HOST_OK);
	assert_int_equal(tracepoint.id, 372);
	assert_int_equal(tracepoint.args->count, 7);
	assert_int_equal(tracepoint.args->size, 64);
	assert_null(record_field(tracepoint.args, "common_pid", &offset));
	assert_int_equal(offset, 77);
}

static void test_enum_has_names(void **state)
{
	struct machine *machine = *state;
	struct tracepoint tracepoint;
	const struct field *field;
	uint32_t offset;

	assert_int_equal(
		host_tracepoint(machine->host, "skb", "kfree_skb", &tracepoint),
		HOST_OK);
	field = record_field(tracepoint.args, "reason", &offset);
	assert_int_equal(field->type->count, 4);
	assert_string_equal(field->type->enumerators[2].name,
			    "SKB_DROP_REASON_NOT_SPECIFIED");
}

/* A struct that a tracepoint only names, and the one a cast names, are the
 * same type, whichever came first. */
static void test_pointed_to_record(void **state)
{
	struct machine *machine = *state;
	struct tracepoint tracepoint;
	const struct type *type, *pointer;
	uint32_t offset;

	assert_int_equal(host_tracepoint(machine->host, "syscalls",
					 "sys_enter_nanosleep", &tracepoint),
			 HOST_OK);
	pointer = record_field(tracepoint.args, "rqtp", &offset)->type;
	assert_int_equal(pointer->to->record->count, 0);
	host_record_complete(machine->host, pointer->to->record);
	assert_int_equal(pointer->to->record->count, 2);
	assert_int_equal(pointer->to->record->size, 16);
	assert_non_null(record_field(pointer->to->record, "tv_nsec", &offset));
	assert_int_equal(offset, 8);
	assert_int_equal(
		host_type(machine->host, "struct", "__kernel_timespec", &type),
		HOST_OK);
	assert_true(type_equal(type, pointer->to));
}

static const struct {
	const char *category, *event;
} absent[] = {
	{ "syscalls", "sys_enter_nothing" },
	{ "nothing", "sys_enter_openat" },
	{ "syscalls", "" },
	{ "", "" },
	{ "..", "events" },
	{ "sched/sched_switch", ".." },
	{ "sched", "../sched/sched_switch" },
};

static void test_absent(void **state)
{
	struct machine *machine = *state;
	struct tracepoint tracepoint;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(absent); i++)
		assert_int_equal(host_tracepoint(machine->host,
						 absent[i].category,
						 absent[i].event, &tracepoint),
				 HOST_ABSENT);
}

/* ---- the list ---- */

struct listed {
	size_t count;
	bool is_sorted;
	const char *category, *event;
};

static void see_tracepoint(const char *category, const char *event, void *data)
{
	struct listed *listed = data;
	int order = -1;

	if (listed->count++) {
		order = strcmp(listed->category, category);
		if (!order)
			order = strcmp(listed->event, event);
	}
	listed->is_sorted &= order < 0;
	listed->category = category;
	listed->event = event;
}

static void test_list(void **state)
{
	struct machine *machine = *state;
	struct listed first = { .is_sorted = true };
	struct listed again = { .is_sorted = true };

	assert_int_equal(
		host_tracepoints(machine->host, see_tracepoint, &first),
		HOST_OK);
	assert_true(first.is_sorted);
	assert_int_equal(first.count, 28);
	assert_string_equal(first.event, "sys_exit_write");
	assert_int_equal(
		host_tracepoints(machine->host, see_tracepoint, &again),
		HOST_OK);
	assert_int_equal(again.count, first.count);
}

/* ---- odd declarations ---- */

static const struct {
	const char *line; /* after "field:" */
	const char *name, *type;
	const char *text; /* of the declaration's other effects */
} declarations[] = {
	{ "u8 x;\toffset:8;\tsize:1;\tsigned:0;", "x", "uint8", "" },
	{ "long long x;\toffset:8;\tsize:8;\tsigned:1;", "x", "int64", "" },
	{ "unsigned long x[4];\toffset:8;\tsize:32;\tsigned:0;", "x",
	  "uint64[4]", "" },
	{ "char x[TASK_COMM_LEN];\toffset:8;\tsize:16;\tsigned:1;", "x",
	  "string[16]", "" },
	{ "u32 x[SOME_LIMIT + 1];\toffset:8;\tsize:20;\tsigned:0;", "x",
	  "uint32[5]", "" },
	{ "u32 x[2][3];\toffset:8;\tsize:24;\tsigned:0;", "x", "uint32[6]",
	  "" },
	{ "char x[];\toffset:8;\tsize:0;\tsigned:0;", "x", "int8[0]", "" },
	{ "__data_loc char[] x;\toffset:8;\tsize:4;\tsigned:1;", "x",
	  "string[1024]", "data" },
	{ "__rel_loc char[] x;\toffset:8;\tsize:4;\tsigned:1;", "x",
	  "string[1024]", "relative" },
	{ "__data_loc u32[] x;\toffset:8;\tsize:4;\tsigned:0;", "x",
	  "uint32[0]", "data" },
	{ "__data_loc cpumask_t x;\toffset:8;\tsize:4;\tsigned:0;", "x",
	  "uint64[0]", "data" },
	{ "const struct page *const x;\toffset:8;\tsize:8;\tsigned:0;", "x",
	  "struct page *", "" },
	{ "void* x;\toffset:8;\tsize:8;\tsigned:0;", "x", "void *", "" },
	{ "struct list_head * * x;\toffset:8;\tsize:8;\tsigned:0;", "x",
	  "struct list_head **", "" },
	{ "struct page *x[2];\toffset:8;\tsize:16;\tsigned:0;", "x",
	  "struct page *[2]", "" },
	{ "siginfo_t *x;\toffset:8;\tsize:8;\tsigned:0;", "x", "void *", "" },
	{ "int (*x)(struct foo *);\toffset:8;\tsize:8;\tsigned:0;", "x",
	  "void *", "" },
	{ "enum zone_type x;\toffset:8;\tsize:4;\tsigned:0;", "x",
	  "enum zone_type", "" },
	{ "struct in6_addr x;\toffset:8;\tsize:16;\tsigned:0;", "x",
	  "struct in6_addr", "" },
	{ "xfs_ino_t x;\toffset:8;\tsize:8;\tsigned:0;", "x", "uint64", "" },
	{ "odd_t x;\toffset:8;\tsize:12;\tsigned:0;", "x", "uint8[12]", "" },
	{ "void *x;\toffset:8;\tsize:4;\tsigned:0;", "x", "uint32", "" },
	{ "int x;\toffset:8;\tsize:4;", "x", "uint32", "" },
};

static const struct record *parse(struct arena *arena, const char *name,
				  const char *line)
{
	const char *text = arena_printf(
		arena,
		"name: %s\nID: 7\nformat:\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		"\tfield:%s\n\nprint fmt: \"\"\n",
		name, line);
	uint32_t id = 0;
	const struct record *record =
		tracepoint_format_parse(arena, text, strlen(text), &id);

	if (record)
		assert_int_equal(id, 7);
	return record;
}

static void test_declarations(void **state)
{
	struct machine *machine = *state;
	const struct record *record;
	const struct field *field;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(declarations); i++) {
		record = parse(machine->arena, "event", declarations[i].line);
		if (!record || record->count != 1)
			fail_msg("refused: %s", declarations[i].line);
		field = &record->fields[0];
		assert_string_equal(field->name, declarations[i].name);
		assert_string_equal(type_text(machine->arena, field->type),
				    declarations[i].type);
		assert_int_equal(field->data_loc,
				 !strcmp(declarations[i].text, "data"));
		assert_int_equal(field->rel_loc,
				 !strcmp(declarations[i].text, "relative"));
	}
}

static const char *const malformed[] = {
	"x;\toffset:8;\tsize:4;\tsigned:0;",
	"int ;\toffset:8;\tsize:4;\tsigned:0;",
	"int x;\tsize:4;\tsigned:0;",
	"int x;\toffset:8;\tsigned:0;",
	"int x;\toffset:;\tsize:4;\tsigned:0;",
	"int x;\toffset:-8;\tsize:4;\tsigned:0;",
	"int x;\toffset:8;\tsize:4;\tsigned:2;",
	"int x;\toffset:65536;\tsize:4;\tsigned:0;",
	"int x;\toffset:8;\tsize:99999999999999999999;\tsigned:0;",
	"int x;\toffset:18446744073709551615;\tsize:4;\tsigned:0;",
	"__data_loc char[] x;\toffset:8;\tsize:8;\tsigned:0;",
	"int *********x;\toffset:8;\tsize:8;\tsigned:0;",
	"int &x;\toffset:8;\tsize:8;\tsigned:0;",
	"int (x);\toffset:8;\tsize:8;\tsigned:0;",
	"struct x;\toffset:8;\tsize:8;\tsigned:0;",
	"int",
	"",
};

static void test_malformed(void **state)
{
	struct machine *machine = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		if (parse(machine->arena, "event", malformed[i]))
			fail_msg("accepted: %s", malformed[i]);
}

static const struct {
	const char *text;
	bool is_good;
} files[] = {
	{ "", false },
	{ "ID: 1\n", false },
	{ "format:\n", false },
	{ "ID: 1\nformat:\n", true },
	{ "ID: 4294967296\nformat:\n", false },
	{ "ID: x\nformat:\n", false },
	{ "ID: 1\nformat:\n\n\tfield:int x", false },
};

static void test_files(void **state)
{
	struct machine *machine = *state;
	uint32_t id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(
			!!tracepoint_format_parse(machine->arena, files[i].text,
						  strlen(files[i].text), &id),
			files[i].is_good);
}

/* The same field is the caller's memory in a system call. */
static void test_syscall_pointers(void **state)
{
	struct machine *machine = *state;
	const char *line = "char *x;\toffset:8;\tsize:8;\tsigned:0;";

	assert_int_equal(parse(machine->arena, "sys_enter_x", line)
				 ->fields[0]
				 .type->space,
			 SPACE_USER);
	assert_int_equal(
		parse(machine->arena, "event", line)->fields[0].type->space,
		SPACE_KERNEL);
}

/* ---- small facts ---- */

static void test_processors(void **state)
{
	struct machine *machine = *state;
	const uint32_t *online;
	size_t count;

	assert_int_equal(host_possible_cpus(machine->host), 4);
	online = host_online_cpus(machine->host, &count);
	assert_int_equal(count, 3);
	assert_int_equal(online[0], 0);
	assert_int_equal(online[2], 3);
}

static const struct {
	const char *name;
	enum host_status status;
	uint64_t address;
} symbols[] = {
	{ "vfs_read", HOST_OK, 0xffffffff812b6a10 },
	{ "ext4_file_open", HOST_OK, 0xffffffffc0201000 },
	{ "_text", HOST_OK, 0xffffffff81000000 },
	{ "vfs_rea", HOST_ABSENT, 0 },
	{ "fs_read", HOST_ABSENT, 0 },
	{ "T", HOST_ABSENT, 0 },
	{ "ffffffff81000000", HOST_ABSENT, 0 },
	{ "", HOST_ABSENT, 0 },
};

static void test_kernel_symbols(void **state)
{
	struct machine *machine = *state;
	uint64_t address;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++) {
		assert_int_equal(host_kernel_symbol(machine->host,
						    symbols[i].name, &address),
				 symbols[i].status);
		if (symbols[i].status == HOST_OK)
			assert_int_equal(address, symbols[i].address);
	}
}

static void test_read_file(void **state)
{
	struct machine *machine = *state;
	const char *path = "/sys/devices/system/cpu/possible";
	const char *text;
	size_t length;

	assert_int_equal(host_read_file(machine->host, path, 4, &text, &length),
			 HOST_OK);
	assert_string_equal(text, "0-3\n");
	assert_int_equal(length, 4);
	assert_int_equal(host_read_file(machine->host, path, 3, &text, &length),
			 HOST_BAD);
	assert_int_equal(
		host_read_file(machine->host, "/nothing", 3, &text, &length),
		HOST_ABSENT);
}

static void test_a_recorded_machine_is_not_live(void **state)
{
	struct machine *machine = *state;
	uint64_t device, inode;

	assert_false(host_is_live(machine->host));
	assert_false(host_pid_namespace(machine->host, &device, &inode));
	assert_null(host_lockdown(machine->host));
}

static void test_empty_machine(void **state)
{
	struct machine *machine = *state;
	struct host *host = host_open(machine->arena, "/nowhere");
	struct tracepoint tracepoint;
	const struct type *type;
	size_t count;

	assert_int_equal(
		host_tracepoint(host, "sched", "sched_switch", &tracepoint),
		HOST_NO_TRACEFS);
	assert_int_equal(host_type(host, "struct", "page", &type), HOST_NO_BTF);
	assert_int_equal(host_possible_cpus(host), 1);
	assert_int_equal(host_online_cpus(host, &count)[0], 0);
	assert_int_equal(count, 1);
	host_close(host);
}

/* ---- this machine ---- */

static void read_tracepoint(const char *category, const char *event, void *data)
{
	struct tracepoint tracepoint;

	if (host_tracepoint(data, category, event, &tracepoint) != HOST_OK)
		fail_msg("cannot read %s:%s", category, event);
}

static void test_live_tracepoints(void **state)
{
	struct machine *machine = *state;
	struct host *host = host_open(machine->arena, "/");
	const char *folder;

	if (host_tracefs(host, &folder) != HOST_OK) {
		host_close(host);
		skip();
	}
	assert_true(host_is_live(host));
	assert_int_equal(host_tracepoints(host, read_tracepoint, host),
			 HOST_OK);
	host_close(host);
}

static void test_live_cgroup(void **state)
{
	struct machine *machine = *state;
	struct host *host = host_open(machine->arena, "/");
	uint64_t id = 0;

	/* The root of the hierarchy has been number 1 for ever. */
	if (host_cgroup_id(host, "", &id) != HOST_OK) {
		host_close(host);
		skip();
	}
	assert_int_equal(id, 1);
	assert_int_equal(host_cgroup_id(host, "/", &id), HOST_OK);
	assert_int_equal(id, 1);
	assert_int_equal(host_cgroup_id(host, "/no/such/group", &id),
			 HOST_ABSENT);
	host_close(host);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, machine_open, machine_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_common_fields_are_hidden),
		TEST(test_enum_has_names),
		TEST(test_pointed_to_record),
		TEST(test_absent),
		TEST(test_list),
		TEST(test_declarations),
		TEST(test_malformed),
		TEST(test_files),
		TEST(test_syscall_pointers),
		TEST(test_processors),
		TEST(test_kernel_symbols),
		TEST(test_read_file),
		TEST(test_a_recorded_machine_is_not_live),
		TEST(test_empty_machine),
		TEST(test_live_tracepoints),
		TEST(test_live_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
