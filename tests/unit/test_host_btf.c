/*
 * Kernel types: those of the recorded machine; what only other compilers or
 * enemies write, made by hand; and this machine's, if it has any.
 */
#include "parser/host_private.h"

#include <linux/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TINY SOURCE_DIR "/tests/hosts/tiny"

struct machine {
	struct arena *arena;
	struct host *host;
	const char *list; /* of what a test saw */
};

static int machine_open(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	machine->arena = arena_new();
	machine->host = host_open(machine->arena, TINY);
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

static const struct record *record_of(struct machine *machine, const char *name)
{
	const struct type *type;

	if (host_type(machine->host, "struct", name, &type) != HOST_OK)
		fail_msg("no struct %s", name);
	host_record_complete(machine->host, type->record);
	return type->record;
}

/* ---- fields ---- */

static const struct {
	const char *record, *field, *type;
	uint32_t offset; /* from the start of the record */
	uint32_t bit_offset, bit_size;
} fields[] = {
	{ "task_struct", "thread_info", "struct thread_info", 0, 0, 0 },
	{ "task_struct", "__state", "uint32", 16, 0, 0 },
	{ "task_struct", "stack", "void *", 24, 0, 0 },
	{ "task_struct", "sched_reset_on_fork", "uint32", 116, 928, 1 },
	{ "task_struct", "sched_migrated", "uint32", 116, 930, 3 },
	{ "task_struct", "sched_remote_wakeup", "uint32", 120, 960, 1 },
	{ "task_struct", "atomic_flags", "uint64", 120, 962, 40 },
	{ "task_struct", "pid", "int32", 128, 0, 0 },
	{ "task_struct", "real_parent", "struct task_struct *", 136, 0, 0 },
	{ "task_struct", "thread_pid", "struct pid *", 176, 0, 0 },
	{ "task_struct", "comm", "string[16]", 216, 0, 0 },
	{ "task_struct", "callback", "void *", 248, 0, 0 },
	{ "task_struct", "trc", "uint32[2][3]", 256, 0, 0 },
	{ "task_struct", "rcu_users", "int32", 280, 0, 0 },
	{ "task_struct", "color", "uint16", 288, 0, 0 },
	{ "task_struct", "type", "enum pid_type", 296, 0, 0 },
	{ "mm_struct", "arg_start", "uint64", 24, 0, 0 },
	{ "mm_struct", "cpu_bitmap", "uint64[0]", 40, 0, 0 },
	{ "sock_common", "skc_rcv_saddr", "uint32", 4, 0, 0 },
	{ "sock_common", "skc_num", "uint16", 10, 0, 0 },
	{ "sock_common", "skc_state", "uint8", 14, 0, 0 },
	{ "sock_common", "skc_reuseport", "uint8", 15, 124, 1 },
	{ "files_struct", "fd_array", "struct file *[64]", 8, 0, 0 },
	{ "dentry", "d_iname", "uint8[40]", 40, 0, 0 },
	{ "inode", "i_uid", "struct kuid_t", 4, 0, 0 },
	{ "cred", "usage", "struct atomic_t", 0, 0, 0 },
	{ "qstr", "len", "uint32", 4, 0, 0 },
	{ "qstr", "name", "uint8 *", 8, 0, 0 },
};

static void test_fields(void **state)
{
	struct machine *machine = *state;
	const struct field *field;
	uint32_t offset;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		field = record_field(record_of(machine, fields[i].record),
				     fields[i].field, &offset);
		if (!field) {
			fail_msg("%s has no %s", fields[i].record,
				 fields[i].field);
			return;
		}
		assert_string_equal(type_text(machine->arena, field->type),
				    fields[i].type);
		assert_int_equal(offset, fields[i].offset);
		assert_int_equal(field->bit_offset, fields[i].bit_offset);
		assert_int_equal(field->bit_size, fields[i].bit_size);
	}
}

static void test_spaces(void **state)
{
	struct machine *machine = *state;
	const struct record *task = record_of(machine, "task_struct");
	uint32_t offset;

	assert_int_equal(
		record_field(task, "set_child_tid", &offset)->type->space,
		SPACE_USER);
	assert_int_equal(
		record_field(task, "real_parent", &offset)->type->space,
		SPACE_KERNEL);
}

static void test_records_are_lazy(void **state)
{
	struct machine *machine = *state;
	const struct record *task = record_of(machine, "task_struct");
	const struct record *parent;
	const struct type *mm;
	uint32_t offset;

	parent = record_field(task, "parent", &offset)->type->to->record;
	assert_ptr_equal(parent, task);
	mm = record_field(task, "mm", &offset)->type->to;
	assert_int_equal(mm->record->count, 0);
	assert_int_equal(mm->size, 48 - 8);
	host_record_complete(machine->host, mm->record);
	assert_int_equal(mm->record->count, 2);
	/* The kernel told the name and nothing else. */
	mm = record_field(task, "thread_pid", &offset)->type->to;
	host_record_complete(machine->host, mm->record);
	assert_int_equal(mm->record->count, 0);
}

/* ---- names ---- */

static const struct {
	const char *keyword, *name, *text; /* NULL: not there */
} names[] = {
	{ "struct", "task_struct", "struct task_struct" },
	{ "union", "rcu_special", "union rcu_special" },
	{ "enum", "pid_type", "enum pid_type" },
	{ NULL, "pid_t", "int32" },
	{ NULL, "u64", "uint64" },
	{ NULL, "bool", "bool" },
	{ NULL, "char", "int8" },
	{ NULL, "atomic_t", "struct atomic_t" },
	{ NULL, "btf_trace_sys_enter", "void *" },
	{ "struct", "rcu_special", NULL },
	{ "struct", "pid", NULL },
	{ "union", "task_struct", NULL },
	{ "enum", "task_struct", NULL },
	{ NULL, "task_struct", NULL },
	{ "struct", "", NULL },
	{ "class", "task_struct", NULL },
};

static void test_names(void **state)
{
	struct machine *machine = *state;
	const struct type *type, *again;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!names[i].text) {
			assert_int_equal(host_type(machine->host,
						   names[i].keyword,
						   names[i].name, &type),
					 HOST_ABSENT);
			continue;
		}
		assert_int_equal(host_type(machine->host, names[i].keyword,
					   names[i].name, &type),
				 HOST_OK);
		assert_string_equal(type_text(machine->arena, type),
				    names[i].text);
		host_type(machine->host, names[i].keyword, names[i].name,
			  &again);
		assert_ptr_equal(type, again);
	}
}

static const struct {
	const char *name;
	enum host_status status;
	int64_t value;
} enumerators[] = {
	{ "TCP_ESTABLISHED", HOST_OK, 1 },
	{ "TCP_CLOSING", HOST_OK, 11 },
	{ "PIDTYPE_TGID", HOST_OK, 1 },
	{ "SKB_DROP_REASON_NOT_SPECIFIED", HOST_OK, 2 },
	{ "TCP_", HOST_ABSENT, 0 },
	{ "pid_type", HOST_ABSENT, 0 },
	{ "", HOST_ABSENT, 0 },
};

static void test_enumerators(void **state)
{
	struct machine *machine = *state;
	const struct type *type;
	int64_t value;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(enumerators); i++) {
		size_t row = i % ARRAY_SIZE(enumerators);

		assert_int_equal(host_enumerator(machine->host,
						 enumerators[row].name, &type,
						 &value),
				 enumerators[row].status);
		if (enumerators[row].status != HOST_OK)
			continue;
		assert_int_equal(value, enumerators[row].value);
		assert_int_equal(type->kind, TYPE_ENUM);
	}
}

/* ---- raw tracepoints ---- */

static const struct {
	const char *event;
	const char *args; /* NULL: there is none */
} raws[] = {
	{ "sched_switch", "bool preempt 0, struct task_struct * prev 8, "
			  "struct task_struct * next 16, "
			  "uint32 prev_state 24, " },
	{ "sys_enter", "void * regs 0, int64 id 8, " },
	{ "sched_wakeup", "struct task_struct * p 0, " },
	{ "kfree_skb", "struct sk_buff * arg0 0, void * arg1 8, "
		       "enum skb_drop_reason arg2 16, " },
	{ "nothing", NULL },
	{ "", NULL },
};

static void test_raw_tracepoints(void **state)
{
	struct machine *machine = *state;
	const struct record *args;
	const char *text;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(raws); i++) {
		if (!raws[i].args) {
			assert_int_equal(host_raw_tracepoint(machine->host,
							     raws[i].event,
							     &args),
					 HOST_ABSENT);
			continue;
		}
		assert_int_equal(host_raw_tracepoint(machine->host,
						     raws[i].event, &args),
				 HOST_OK);
		text = "";
		for (j = 0; j < args->count; j++)
			text = arena_printf(
				machine->arena, "%s%s %s %u, ", text,
				type_text(machine->arena, args->fields[j].type),
				args->fields[j].name, args->fields[j].offset);
		assert_string_equal(text, raws[i].args);
	}
}

static void append_name(const char *name, void *data)
{
	struct machine *machine = data;

	machine->list =
		arena_printf(machine->arena, "%s%s ", machine->list, name);
}

static void test_raw_list(void **state)
{
	struct machine *machine = *state;

	machine->list = "";
	assert_int_equal(
		host_raw_tracepoints(machine->host, append_name, machine),
		HOST_OK);
	assert_string_equal(machine->list,
			    "kfree_skb sched_switch sched_wakeup sys_enter ");
}

/* ---- made by hand ---- */

#define INFO(kind, count) ((uint32_t)(kind) << 24 | (count))
#define FLAG              0x80000000u

/* Type words between a header and the names. */
static bool make_types(struct machine *machine, const uint32_t *words,
		       size_t size, struct kernel_types *types)
{
	static const char strings[] = "\0a\0b\0c\0int\0char";
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = (uint32_t)size,
		.str_off = (uint32_t)size,
		.str_len = sizeof(strings),
	};
	uint8_t *bytes = arena_alloc(machine->arena,
				     sizeof(header) + size + sizeof(strings));

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), words, size);
	memcpy(bytes + sizeof(header) + size, strings, sizeof(strings));
	*types = (struct kernel_types){ .arena = machine->arena };
	if (!btf_file_parse(&types->file, bytes,
			    sizeof(header) + size + sizeof(strings)))
		return false;
	types->built =
		calloc(btf_id_limit(&types->file), sizeof(const struct type *));
	return true;
}

/* The bytes are the arena's. */
static void free_types(struct kernel_types *types)
{
	free(types->built);
	free(types->file.places);
}

/* `int a : 3, b : 5` as compilers said it before BTF had a flag for it. */
static void test_old_bit_fields(void **state)
{
	static const uint32_t words[] = {
		7,  INFO(BTF_KIND_INT, 0),
		4,  BTF_INT_SIGNED << 24 | 3,
		7,  INFO(BTF_KIND_INT, 0),
		4,  BTF_INT_SIGNED << 24 | 3 << 16 | 5,
		5,  INFO(BTF_KIND_STRUCT, 2),
		8,  1,
		1,  32,
		3,  2,
		32,
	};
	struct kernel_types types;
	const struct record *record;

	assert_true(make_types(*state, words, sizeof(words), &types));
	record = btf_build(&types, 3)->record;
	btf_fill(&types, record);
	assert_int_equal(record->count, 2);
	assert_int_equal(record->fields[0].offset, 4);
	assert_int_equal(record->fields[0].bit_offset, 32);
	assert_int_equal(record->fields[0].bit_size, 3);
	assert_int_equal(record->fields[1].bit_offset, 35);
	assert_int_equal(record->fields[1].bit_size, 5);
	free_types(&types);
}

static void test_enum_values(void **state)
{
	static const uint32_t words[] = {
		1,
		INFO(BTF_KIND_ENUM64, 2) | FLAG,
		8,
		3,
		0xfffffffe,
		0xffffffff,
		5,
		0,
		0x80,
		1,
		INFO(BTF_KIND_ENUM, 1) | FLAG,
		4,
		3,
		0xfffffffe,
		1,
		INFO(BTF_KIND_ENUM, 1),
		4,
		3,
		0xfffffffe,
	};
	struct kernel_types types;
	const struct type *type;

	assert_true(make_types(*state, words, sizeof(words), &types));
	type = btf_build(&types, 1);
	assert_int_equal(type->size, 8);
	assert_true(type->is_signed);
	assert_int_equal(type->enumerators[0].value, -2);
	assert_string_equal(type->enumerators[1].name, "c");
	assert_int_equal(type->enumerators[1].value, (int64_t)1 << 39);
	type = btf_build(&types, 2);
	assert_true(type->is_signed);
	assert_int_equal(type->enumerators[0].value, -2);
	type = btf_build(&types, 3);
	assert_false(type->is_signed);
	assert_int_equal(type->enumerators[0].value, 0xfffffffe);
	free_types(&types);
}

static void test_endless_types(void **state)
{
	static const uint32_t words[] = {
		1,
		INFO(BTF_KIND_TYPEDEF, 0),
		2,
		0,
		INFO(BTF_KIND_CONST, 0),
		1,
		0,
		INFO(BTF_KIND_PTR, 0),
		3,
		0,
		INFO(BTF_KIND_ARRAY, 0),
		0,
		4,
		4,
		2,
		/* A struct that has itself, under a name and without one. */
		1,
		INFO(BTF_KIND_STRUCT, 3),
		8,
		0,
		5,
		0,
		3,
		5,
		0,
		0,
		3,
		0,
		/* A pointer to nowhere. */
		0,
		INFO(BTF_KIND_PTR, 0),
		0xffffffff,
	};
	struct kernel_types types;
	const struct record *record;
	uint32_t offset;

	assert_true(make_types(*state, words, sizeof(words), &types));
	assert_null(btf_build(&types, 1));
	assert_null(btf_build(&types, 2));
	assert_int_equal(btf_build(&types, 3)->kind, TYPE_POINTER);
	assert_null(btf_build(&types, 4));
	record = btf_build(&types, 5)->record;
	btf_fill(&types, record);
	assert_int_equal(record->count, 1);
	assert_string_equal(record->fields[0].name, "b");
	assert_null(record_field(record, "c", &offset));
	assert_null(btf_build(&types, 6)->to);
	assert_null(btf_build(&types, 7));
	free_types(&types);
}

/* Members outside of their record are left out, the others stay. */
static void test_members_outside(void **state)
{
	static const uint32_t words[] = {
		7,
		INFO(BTF_KIND_INT, 0),
		4,
		BTF_INT_SIGNED << 24 | 32,
		1,
		INFO(BTF_KIND_STRUCT, 4),
		8,
		3,
		1,
		40,
		3,
		1,
		36,
		3,
		1,
		0xffffffff,
		5,
		1,
		32,
		/* Bit-fields: past the end, of too many bits, all right. */
		1,
		INFO(BTF_KIND_STRUCT, 3) | FLAG,
		4,
		1,
		1,
		30 | 3 << 24,
		3,
		1,
		0 | 33u << 24,
		5,
		1,
		29 | 3 << 24,
		/* An array larger than any memory. */
		0,
		INFO(BTF_KIND_ARRAY, 0),
		0,
		1,
		1,
		0x7fffffff,
	};
	struct kernel_types types;
	const struct record *record;

	assert_true(make_types(*state, words, sizeof(words), &types));
	record = btf_build(&types, 2)->record;
	btf_fill(&types, record);
	assert_int_equal(record->count, 1);
	assert_string_equal(record->fields[0].name, "c");
	record = btf_build(&types, 3)->record;
	btf_fill(&types, record);
	assert_int_equal(record->count, 1);
	assert_string_equal(record->fields[0].name, "c");
	assert_null(btf_build(&types, 4));
	free_types(&types);
}

/* The types before one that is cut off, or of a kind to come, are good. */
static void test_cut_off(void **state)
{
	static const uint32_t cut[] = {
		7, INFO(BTF_KIND_INT, 0),
		4, 32,
		1, INFO(BTF_KIND_STRUCT, 2),
		4, 3,
		1, 0,
	};
	static const uint32_t unknown[] = {
		7, INFO(BTF_KIND_INT, 0), 4, 32, 0, INFO(31, 0), 0,
		7, INFO(BTF_KIND_INT, 0), 4, 32,
	};
	struct kernel_types types;

	assert_true(make_types(*state, cut, sizeof(cut), &types));
	assert_int_equal(btf_build(&types, 1)->size, 4);
	assert_null(btf_build(&types, 2));
	free_types(&types);
	assert_true(make_types(*state, unknown, sizeof(unknown), &types));
	assert_null(btf_build(&types, 3));
	assert_int_equal(btf_build(&types, 1)->size, 4);
	free_types(&types);
}

static void test_headers(void **state)
{
	static const struct btf_header good = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(good),
		.str_len = 1,
	};
	struct {
		struct btf_header header;
		char strings[8];
	} file = { .header = good };
	struct btf_file parsed;
	const uint8_t *bytes = (const void *)&file;

	(void)state;
	assert_true(btf_file_parse(&parsed, bytes, sizeof(file)));
	free(parsed.places);
	assert_false(btf_file_parse(&parsed, bytes, sizeof(good) - 1));
	assert_false(btf_file_parse(&parsed, bytes, sizeof(good)));
	file.header.magic = 0x9feb;
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
	file.header = good;
	file.header.str_len = 0;
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
	file.header.str_len = UINT32_MAX;
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
	file.header = good;
	file.header.type_off = 0xfffffffc;
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
	file.header = good;
	file.header.type_off = 2;
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
	file.header = good;
	file.strings[0] = 'x';
	assert_false(btf_file_parse(&parsed, bytes, sizeof(file)));
}

/* ---- this machine ---- */

static void test_live(void **state)
{
	struct machine *machine = *state;
	struct host *host = host_open(machine->arena, "/");
	const struct field *field;
	const struct type *type;
	uint32_t offset;

	if (host_type(host, "struct", "task_struct", &type) != HOST_OK) {
		host_close(host);
		skip();
	}
	host_record_complete(host, type->record);
	field = record_field(type->record, "comm", &offset);
	assert_non_null(field);
	assert_string_equal(type_text(machine->arena, field->type),
			    "string[16]");
	host_close(host);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, machine_open, machine_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),           TEST(test_spaces),
		TEST(test_records_are_lazy), TEST(test_names),
		TEST(test_enumerators),      TEST(test_raw_tracepoints),
		TEST(test_raw_list),         TEST(test_old_bit_fields),
		TEST(test_enum_values),      TEST(test_endless_types),
		TEST(test_members_outside),  TEST(test_cut_off),
		TEST(test_headers),          TEST(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
