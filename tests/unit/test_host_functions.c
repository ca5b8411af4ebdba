/*
 * Kernel functions of the recorded machine: what BTF says of them, in the
 * kernel and in modules; which can be traced; and why others cannot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/host_private.h"
#include "parser/kernel_names.h"
#include "parser/trouble.h"

#define TINY SOURCE_DIR "/tests/hosts/tiny"

struct machine {
	struct arena *arena;
	struct host *host;
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

/* ---- what BTF says ---- */

/* "int32 dfd @0, struct filename * name @8 -> int32" */
static const char *spell(struct arena *arena,
			 const struct kernel_function *function)
{
	const char *text = "";

	for (size_t i = 0; i < function->args->count; i++) {
		const struct field *field = &function->args->fields[i];

		text = arena_printf(arena, "%s%s%s %s @%u", text, i ? ", " : "",
				    type_text(arena, field->type), field->name,
				    field->offset);
	}
	return arena_printf(arena, "%s | %u -> %s", text, function->args->size,
			    function->result
				    ? type_text(arena, function->result)
				    : "nothing");
}

static const struct {
	const char *module, *name;
	const char *found_in; /* NULL: the kernel itself */
	const char *text;     /* NULL: not found */
	const char *also_in;
} functions[] = {
	{ NULL, "do_unlinkat", NULL,
	  "int32 dfd @0, struct filename * name @8 | 16 -> int32", NULL },
	{ "vmlinux", "do_faccessat", NULL,
	  "int32 dfd @0, int8 * filename @8, int32 mode @16, int32 flags @24 "
	  "| 32 -> int64",
	  NULL },
	{ NULL, "from_kuid", NULL,
	  "struct kuid_t kuid @0, struct list_head list @8, bool strict @24 "
	  "| 32 -> uint32",
	  NULL },
	{ NULL, "find_file", NULL, "uint8 fd @0 | 8 -> struct file *", NULL },
	{ NULL, "kfree", NULL, "void * object @0 | 8 -> nothing", NULL },
	{ NULL, "demo_open", "demo",
	  "struct demo_thing * thing @0, struct file * file @8 | 16 -> int32",
	  NULL },
	{ NULL, "shared_read", "demo", "int32 count @0 | 8 -> int32", "other" },
	{ "other", "shared_read", "other", "int32 count @0 | 8 -> int32",
	  NULL },
	{ "other", "demo_open", NULL, NULL, NULL },
	{ "vmlinux", "demo_open", NULL, NULL, NULL },
	{ "none", "demo_open", NULL, NULL, NULL },
	{ "../btf/demo", "demo_open", NULL, NULL, NULL },
	{ NULL, "task_struct", NULL, NULL, NULL },
	{ NULL, "", NULL, NULL, NULL },
};

static void assert_text(const char *text, const char *expected)
{
	if (text && expected)
		assert_string_equal(text, expected);
	else
		assert_ptr_equal(text, expected);
}

static void test_functions(void **state)
{
	struct machine *machine = *state;
	struct kernel_function found;
	enum host_status status;

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		status = host_function(machine->host, functions[i].module,
				       functions[i].name, &found);
		if (!functions[i].text) {
			assert_int_equal(status, HOST_ABSENT);
			continue;
		}
		assert_int_equal(status, HOST_OK);
		assert_string_equal(spell(machine->arena, &found),
				    functions[i].text);
		assert_text(found.module, functions[i].found_in);
		assert_text(found.also_in, functions[i].also_in);
	}
}

/* A module's own structs have fields, and point to the kernel's very own. */
static void test_module_types(void **state)
{
	struct machine *machine = *state;
	struct kernel_function function;
	const struct type *file, *thing;
	const struct field *field;
	uint32_t offset;

	assert_int_equal(
		host_function(machine->host, "demo", "demo_open", &function),
		HOST_OK);
	assert_int_equal(host_type(machine->host, "struct", "file", &file),
			 HOST_OK);
	assert_ptr_equal(function.args->fields[1].type->to->record,
			 file->record);
	thing = function.args->fields[0].type->to;
	host_record_complete(machine->host, thing->record);
	field = record_field(thing->record, "value", &offset);
	assert_non_null(field);
	assert_int_equal(offset, 8);
	field = record_field(thing->record, "file", &offset);
	assert_ptr_equal(field->type->to->record, file->record);
	host_record_complete(machine->host, file->record);
	assert_non_null(record_field(file->record, "f_flags", &offset));
}

static void test_large(void **state)
{
	struct machine *machine = *state;
	struct kernel_function found;

	assert_int_equal(
		host_function(machine->host, NULL, "many_words", &found),
		HOST_OK);
	assert_true(found.has_large);
	assert_false(found.is_variadic);
}

/* ---- patterns ---- */

static const struct {
	enum provider provider;
	const char *module, *pattern;
	const char *names;
} patterns[] = {
	{ PROVIDER_kprobe, NULL, "do_*", " do_exit do_faccessat do_unlinkat" },
	{ PROVIDER_kprobe, NULL, "t*", " try_to_wake_up twice" },
	{ PROVIDER_kprobe, NULL, "*probed", "" },
	{ PROVIDER_kprobe, NULL, "rcu_*", "" },
	{ PROVIDER_kprobe, NULL, "sh*",
	  " demo:shared_read other:shared_read shrunk.constprop.0" },
	{ PROVIDER_kprobe, "demo", "*", " demo_open shared_read vfs_read" },
	{ PROVIDER_kprobe, "vmlinux", "vfs_read", " vfs_read" },
	{ PROVIDER_kprobe, NULL, "vfs_read", " vfs_read demo:vfs_read" },
	{ PROVIDER_fentry, NULL, "*",
	  " bpf_lsm_file_open demo:demo_open do_faccessat do_unlinkat "
	  "find_file from_kuid kfree other:other_open demo:shared_read "
	  "other:shared_read unprobed" },
	{ PROVIDER_fexit, "o*r", "*", " other_open shared_read" },
	{ PROVIDER_lsm, NULL, "*", " file_open inode_unlink task_free" },
	{ PROVIDER_lsm, NULL, "file*", " file_open" },
};

static void test_patterns(void **state)
{
	struct machine *machine = *state;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct kernel_names names = {
			.arena = machine->arena,
			.host = machine->host,
			.provider = patterns[i].provider,
			.module = patterns[i].module,
			.pattern = patterns[i].pattern,
		};
		const char *text = "";

		assert_int_equal(kernel_names_gather(&names), HOST_OK);
		for (size_t k = 0; k < names.count; k++)
			text = arena_printf(
				machine->arena, "%s %s%s%s", text,
				patterns[i].module || !names.items[k].module
					? ""
					: names.items[k].module,
				patterns[i].module || !names.items[k].module
					? ""
					: ":",
				names.items[k].name);
		assert_string_equal(text, patterns[i].names);
	}
}

/* Of those that share a name, or are a module's, the places are known. */
static void test_places(void **state)
{
	struct machine *machine = *state;
	struct kernel_names names = {
		.arena = machine->arena,
		.host = machine->host,
		.provider = PROVIDER_kprobe,
		.pattern = "tw*",
	};

	assert_int_equal(kernel_names_gather(&names), HOST_OK);
	assert_int_equal(names.count, 1);
	assert_int_equal(names.items[0].copies, 2);
	assert_int_equal(names.items[0].address_count, 2);
	assert_int_equal(names.items[0].addresses[0], 0xffffffff81300010);
	assert_int_equal(names.items[0].addresses[1], 0xffffffff81300110);
	assert_int_equal(
		host_kernel_function_size(machine->host, NULL, "do_unlinkat"),
		0x40);
	assert_int_equal(host_kernel_function_size(machine->host, NULL,
						   "no_such_function"),
			 0);
}

/* ---- troubles ---- */

static const struct {
	enum provider provider;
	const char *module, *name;
	const char *text; /* a part of it; NULL: no trouble */
	const char *hint; /* likewise; NULL: no hint */
} troubles[] = {
	{ PROVIDER_kprobe, NULL, "do_unlinkat", NULL, NULL },
	{ PROVIDER_kretprobe, "demo", "demo_open", NULL, NULL },
	{ PROVIDER_kprobe, NULL, "twice", NULL, NULL },
	{ PROVIDER_fentry, NULL, "do_unlinkat", NULL, NULL },
	{ PROVIDER_fentry, "other", "shared_read", NULL, NULL },
	{ PROVIDER_kprobe, NULL, "do_unlikat", "no function 'do_unlikat'",
	  "did you mean do_unlinkat?" },
	{ PROVIDER_kprobe, NULL, "zzzzzzzzzz", "no function",
	  "etrace -l 'kprobe:*zzzzzzzzzz*'" },
	{ PROVIDER_kprobe, NULL, "shrunk", "left of 'shrunk' only",
	  "kprobe:shrunk.constprop.0" },
	{ PROVIDER_fexit, NULL, "shrunk", "left of 'shrunk' only",
	  "kprobe:shrunk.constprop.0" },
	{ PROVIDER_kprobe, NULL, "init_task", "is a variable", NULL },
	{ PROVIDER_kprobe, NULL, "untraced", "marks it notrace",
	  "who calls it" },
	{ PROVIDER_kprobe, NULL, "handler", "forbids probes", "who calls it" },
	{ PROVIDER_kprobe, NULL, "unprobed", "forbids probes", "who calls it" },
	{ PROVIDER_fentry, NULL, "unprobed", NULL, NULL },
	{ PROVIDER_kprobe, "none", "f", "none is not loaded", "modprobe none" },
	{ PROVIDER_kprobe, "printk", "f", "built into this kernel",
	  "leave printk: out" },
	{ PROVIDER_kprobe, "other", "demo_open", "other has no function",
	  "kprobe:demo:demo_open" },
	{ PROVIDER_kprobe, "demo", "kfree", "demo has no function",
	  "kprobe:kfree" },
	{ PROVIDER_kprobe, NULL, "sys_openat", "no function",
	  "kprobe:__x64_sys_openat" },
	{ PROVIDER_fentry, NULL, "twice", "2 functions are called 'twice'",
	  "kprobe:twice" },
	{ PROVIDER_fentry, NULL, "shared_read", "demo and other both",
	  "fentry:demo:shared_read" },
	{ PROVIDER_fentry, NULL, "many_words", "a value larger than",
	  "kprobe:many_words" },
	{ PROVIDER_fexit, NULL, "vfs_write", "does not describe",
	  "kretprobe:vfs_write" },
};

static void assert_has(const char *text, const char *part)
{
	if (!part)
		assert_null(text);
	else if (!text || !strstr(text, part))
		fail_msg("'%s' lacks '%s'", text ? text : "(nothing)", part);
}

static void test_troubles(void **state)
{
	struct machine *machine = *state;
	struct trouble trouble;
	bool is_troubled;

	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		is_troubled = function_trouble(
			machine->arena, machine->host, troubles[i].provider,
			troubles[i].module, troubles[i].name, &trouble);
		if (is_troubled != (troubles[i].text != NULL))
			fail_msg("%s: %s", troubles[i].name,
				 is_troubled ? trouble.text : "no trouble");
		if (!is_troubled)
			continue;
		assert_has(trouble.text, troubles[i].text);
		assert_has(trouble.hint, troubles[i].hint);
	}
}

/* ---- another module's numbers in one's own file ---- */

static void test_split_bounds(void **state)
{
	struct machine *machine = *state;
	struct kernel_types *kernel, *demo;
	uint32_t limit;

	assert_int_equal(kernel_types_get(machine->host, &kernel), HOST_OK);
	assert_int_equal(module_types_get(machine->host, "demo", &demo),
			 HOST_OK);
	limit = btf_id_limit(&demo->file);
	assert_true(demo->file.first > 100);
	assert_ptr_equal(btf_type(&demo->file, 1), btf_type(&kernel->file, 1));
	assert_null(btf_type(&demo->file, limit));
	assert_null(btf_type(&demo->file, UINT32_MAX));
	assert_string_equal(btf_name(&demo->file, UINT32_MAX), "");
	assert_int_equal(btf_next(&demo->file, UINT32_MAX, 0),
			 demo->file.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_functions, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_module_types, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_large, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_patterns, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_places, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_troubles, machine_open,
						machine_close),
		cmocka_unit_test_setup_teardown(test_split_bounds, machine_open,
						machine_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
