/*
 * The default text of every type of value, and how maps of them are laid out.
 */
#include "tests/unit/printing.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "runtime/printer.h"

static struct arena *arena;
static struct attach attaches[] = { { .probe = "tracepoint:a:b" } };
static struct image image = { .attaches = attaches, .attach_count = 1 };
static struct names *names;
static struct output output, errors;
static struct printer printer;

static const char *text_of(const struct type *type, const void *bytes)
{
	struct render render = { .output = &output,
				 .names = names,
				 .stack_indent = STACK_INDENT_VALUE };
	struct value value = value_in_map(type, bytes);

	value_print(&render, &value);
	return taken(&output);
}

static const struct {
	const struct type *type;
	uint64_t bytes;
	const char *text;
} scalar_cases[] = {
	{ &type_int8, 0xff, "-1" },
	{ &type_uint8, 0xff, "255" },
	{ &type_int16, 0x8000, "-32768" },
	{ &type_uint16, 0x8000, "32768" },
	{ &type_int32, 0xffffffff, "-1" },
	{ &type_uint32, 0xffffffff, "4294967295" },
	{ &type_int64, UINT64_MAX, "-1" },
	{ &type_uint64, UINT64_MAX, "18446744073709551615" },
	{ &type_bool, 0, "false" },
	{ &type_bool, 1, "true" },
	{ &type_username, 0, "root" },
	{ &type_username, 4000000000, "4000000000" },
	{ &type_username, UINT64_MAX, "18446744073709551615" },
	{ &type_probe, 0, "tracepoint:a:b" },
	{ &type_probe, 1, "1" },
	{ &type_cgroup, UINT64_MAX, "18446744073709551615" },
};

static void scalars(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scalar_cases); i++)
		assert_string_equal(
			text_of(scalar_cases[i].type, &scalar_cases[i].bytes),
			scalar_cases[i].text);
}

static void pointers_and_enums(void **state)
{
	static const struct enumerator names_of[] = { { "ZERO", 0, 0 },
						      { "MINUS", -1, 0 } };
	struct type colour = { .kind = TYPE_ENUM,
			       .size = 4,
			       .is_signed = true,
			       .enumerators = names_of,
			       .count = 2 };
	uint64_t address = 0x7ffd00001000;
	int32_t value = -1;

	(void)state;
	assert_string_equal(
		text_of(type_pointer(arena, NULL, SPACE_USER), &address),
		"0x7ffd00001000");
	assert_string_equal(text_of(&colour, &value), "MINUS");
	value = -2;
	assert_string_equal(text_of(&colour, &value), "-2");
	value = 0;
	assert_string_equal(text_of(&colour, &value), "ZERO");
}

static void strings_and_buffers(void **state)
{
	char longest[1024];
	static const unsigned char buffer[12] = { 3, 0, 0, 0, 'a', 0, 0xff };
	static const unsigned char liar[8] = { 255, 255, 255, 255, 'a', 'b' };

	(void)state;
	assert_string_equal(text_of(type_string(arena, 8), "abc\0xyz"), "abc");
	assert_string_equal(text_of(type_string(arena, 4), "abcd"), "abcd");
	assert_string_equal(text_of(type_string(arena, 8), "a\nb\033c\0"),
			    "a\\x0ab\\x1bc");
	memset(longest, 'x', sizeof(longest));
	longest[1023] = '\0';
	assert_string_equal(text_of(type_string(arena, 1024), longest) + 1020,
			    "xxx..");
	longest[1022] = '\0';
	assert_string_equal(text_of(type_string(arena, 1024), longest) + 1020,
			    "xx");
	assert_string_equal(text_of(type_buffer(arena, 8), buffer),
			    "a\\x00\\xff");
	assert_string_equal(text_of(type_buffer(arena, 4), liar),
			    "ab\\x00\\x00");
}

static void arrays_and_tuples(void **state)
{
	const struct type *inner[] = { &type_int32, type_string(arena, 4) };
	const struct type *items[] = { &type_int64, type_string(arena, 8),
				       type_tuple(arena, inner, 2) };
	const struct type *tuple = type_tuple(arena, items, 3);
	unsigned char bytes[64] = { 1 };
	unsigned char *third;
	int32_t numbers[] = { 1, -2, 3 };

	(void)state;
	memcpy(bytes + type_item_offset(tuple, 1), "two", 4);
	third = bytes + type_item_offset(tuple, 2);
	third[0] = 4;
	memcpy(third + type_item_offset(items[2], 1), "x", 2);
	assert_string_equal(text_of(tuple, bytes), "(1, two, (4, x))");
	assert_string_equal(text_of(type_array(arena, &type_int32, 3), numbers),
			    "[1,-2,3]");
	assert_string_equal(text_of(type_array(arena, &type_int32, 0), numbers),
			    "[]");
}

static void structs_and_bit_fields(void **state)
{
	struct field inner_fields[] = {
		{ .name = "c", .type = &type_uint8, .offset = 0 },
	};
	struct record inner = { .size = 1, .fields = inner_fields, .count = 1 };
	struct field fields[] = {
		{ .name = "a", .type = &type_int32, .offset = 0 },
		{ .name = "low",
		  .type = &type_uint32,
		  .bit_offset = 32,
		  .bit_size = 3 },
		{ .name = "",
		  .type = &type_uint32,
		  .bit_offset = 35,
		  .bit_size = 2 },
		{ .name = "sign",
		  .type = &type_int32,
		  .bit_offset = 37,
		  .bit_size = 3 },
		{ .name = "name", .type = type_string(arena, 4), .offset = 8 },
		{ .name = "",
		  .type = type_struct(arena, &inner),
		  .offset = 12 },
		{ .name = "wide",
		  .type = &type_uint64,
		  .bit_offset = 100,
		  .bit_size = 64 },
		{ .name = "outside", .type = &type_uint64, .offset = 20 },
	};
	struct record record = { .size = 24, .fields = fields, .count = 8 };
	struct record empty = { .size = 0 };
	unsigned char bytes[24] = {
		7, 0, 0, 0, 0xc5, 0, 0, 0, 'h', 'i', 0, 0, 9
	};

	(void)state;
	/* 64 bits that begin at bit 4 of byte 12 end in byte 20 */
	bytes[20] = 0x0f;
	bytes[13] = 0x10;
	assert_string_equal(text_of(type_struct(arena, &record), bytes),
			    "{ .a = 7, .low = 5, .sign = -2, .name = hi, { .c "
			    "= 9 }, .wide = 17293822569102704896 }");
	assert_string_equal(text_of(type_struct(arena, &empty), bytes), "{}");
}

static void addresses(void **state)
{
	struct inet_value inet = { .family = AF_INET,
				   .address = { 127, 0, 0, 1 } };
	static const unsigned char mac[] = { 2, 0x42, 0xac, 0x11, 0, 2 };

	(void)state;
	assert_string_equal(text_of(&type_inet, &inet), "127.0.0.1");
	inet = (struct inet_value){ .family = AF_INET6 };
	inet.address[15] = 1;
	assert_string_equal(text_of(&type_inet, &inet), "::1");
	inet.family = 77;
	assert_string_equal(text_of(&type_inet, &inet), "?");
	assert_string_equal(text_of(&type_mac, mac), "02:42:AC:11:00:02");
}

static void timestamps(void **state)
{
	struct timestamp_value stamp = { 0 };
	struct timespec boot;
	char expected[64];
	time_t now = time(NULL);
	struct tm local;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	stamp.ns = (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec;
	localtime_r(&now, &local);
	strftime(expected, sizeof(expected), "%Y-%m-%d %H:", &local);
	assert_string_equal(
		text_of(type_timestamp(arena, "%Y-%m-%d %H:"), &stamp),
		expected);
	assert_int_equal(strlen(text_of(type_timestamp(arena, "%f"), &stamp)),
			 6);
	assert_string_equal(text_of(type_timestamp(arena, "%%f"), &stamp),
			    "%f");
	assert_string_equal(text_of(type_timestamp(arena, ""), &stamp), "");
}

static void microseconds(void **state)
{
	struct timespec when = { .tv_sec = 0, .tv_nsec = 7008009 };

	(void)state;
	assert_string_equal(names_time(names, "%f|%%f|%s", when),
			    "007008|%f|0");
}

static void stacks_without_names(void **state)
{
	const struct type *type = type_stack(arena, SPACE_USER, 3);
	uint64_t bytes[4] = { 2ull << 32, 0x10, 0xabc, 0x99 };
	uint64_t liar[4] = { 200ull << 32, 1, 2, 3 };

	(void)state;
	assert_string_equal(text_of(type, bytes),
			    "\n        0x10\n        0xabc\n");
	assert_string_equal(text_of(type, liar),
			    "\n        0x1\n        0x2\n        0x3\n");
	image.settings.stack_mode = STACK_MODE_PERF;
	assert_string_equal(text_of(type, bytes),
			    "\n\t10 [unknown] ([unknown])\n"
			    "\tabc [unknown] ([unknown])\n");
	image.settings.stack_mode = STACK_MODE_RAW;
	assert_string_equal(text_of(type, bytes), "\n10\nabc\n");
	image.settings.stack_mode = STACK_MODE_BPFTRACE;
}

static void kernel_symbols(void **state)
{
	struct symbol_value symbol = { 0 };
	struct symbol found;
	unsigned long address;
	char name[256];
	FILE *file = fopen("/proc/kallsyms", "r");

	(void)state;
	if (!file)
		skip();
	while (fscanf(file, "%lx %*c %255s%*[^\n]", &address, name) == 2)
		if (!strcmp(name, "vfs_read"))
			break;
	fclose(file);
	if (strcmp(name, "vfs_read") != 0 || !address)
		skip();
	symbol.address = address;
	assert_string_equal(text_of(&type_ksym, &symbol), "vfs_read");
	assert_true(ksyms_find(names_ksyms(names), address + 5, &found));
	assert_string_equal(found.name, "vfs_read");
	assert_int_equal(found.offset, 5);
	assert_string_equal(found.module, "vmlinux");
	symbol.address = 0x1000;
	assert_string_equal(text_of(&type_ksym, &symbol), "0x1000");
}

static void aggregates(void **state)
{
	uint64_t bytes[] = { (uint64_t)-6, 3 };

	(void)state;
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_STATS, true), bytes),
		"{ .count = 3, .average = -2, .total = -6 }");
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_AVG, true), bytes), "-2");
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_SUM, true), bytes), "-6");
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_MIN, true), bytes), "-6");
	bytes[1] = 0;
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_MIN, true), bytes), "0");
	assert_string_equal(
		text_of(type_aggregate(arena, TYPE_AVG, true), bytes), "0");
	assert_string_equal(text_of(&type_count, bytes),
			    "18446744073709551610");
}

/* ---- maps ---- */

static const char *print_map(const struct snapshot *snapshot)
{
	printer.ops->map(&printer, snapshot);
	return taken(&output);
}

static void scalar_and_keyed_maps(void **state)
{
	const struct type *parts[] = { type_string(arena, 8), &type_int64 };
	struct image_map map = { .name = "@x", .value = &type_int64 };
	struct snapshot snapshot;
	uint32_t index = 0;
	int64_t value = 5;
	unsigned char key[16] = "bash";

	(void)state;
	snapshot_init(&snapshot, &map, 4);
	assert_string_equal(print_map(&snapshot), "");
	snapshot_add(&snapshot, &index, &value, 8, 1);
	assert_string_equal(print_map(&snapshot), "@x: 5\n");
	snapshot_free(&snapshot);

	map.key = type_string(arena, 8);
	snapshot_init(&snapshot, &map, 8);
	snapshot_add(&snapshot, "(sd-pam)", &value, 8, 1);
	assert_string_equal(print_map(&snapshot), "@x[(sd-pam)]: 5\n");
	snapshot_free(&snapshot);

	map.key = type_tuple(arena, parts, 2);
	key[8] = 42;
	snapshot_init(&snapshot, &map, 16);
	snapshot_add(&snapshot, key, &value, 8, 1);
	assert_string_equal(print_map(&snapshot), "@x[bash, 42]: 5\n");
	snapshot_free(&snapshot);
}

static void stacks_as_keys(void **state)
{
	struct image_map map = { .name = "@", .value = &type_count };
	uint64_t stack[] = { 2ull << 32, 0x10, 0xabc };
	uint64_t count = 12;
	struct snapshot snapshot;

	(void)state;
	map.key = type_stack(arena, SPACE_USER, 2);
	snapshot_init(&snapshot, &map, sizeof(stack));
	snapshot_add(&snapshot, stack, &count, 8, 1);
	assert_string_equal(print_map(&snapshot),
			    "@[\n    0x10\n    0xabc\n]: 12\n");
	snapshot_free(&snapshot);
}

static void histograms_have_a_blank_line(void **state)
{
	struct image_map map = { .name = "@", .value = type_hist(arena, 0) };
	uint64_t counts[512] = { [2] = 1 };
	struct snapshot snapshot;
	int32_t key = 7;

	(void)state;
	map.key = &type_int32;
	snapshot_init(&snapshot, &map, 4);
	snapshot_add(&snapshot, &key, counts, map.value->size, 1);
	assert_string_equal(
		print_map(&snapshot),
		"@[7]:\n"
		"[1]                    1 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"\n");
	snapshot_free(&snapshot);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	image.settings.max_strlen = 1024;
	image.settings.str_trunc_trailer = "..";
	names = names_new(&image, "");
	output_memory(&output);
	output_memory(&errors);
	printer_text(&printer, &output, &errors, names);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	printer_close(&printer);
	output_close(&output);
	output_close(&errors);
	names_free(names);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars),
		cmocka_unit_test(pointers_and_enums),
		cmocka_unit_test(strings_and_buffers),
		cmocka_unit_test(arrays_and_tuples),
		cmocka_unit_test(structs_and_bit_fields),
		cmocka_unit_test(addresses),
		cmocka_unit_test(timestamps),
		cmocka_unit_test(microseconds),
		cmocka_unit_test(stacks_without_names),
		cmocka_unit_test(kernel_symbols),
		cmocka_unit_test(aggregates),
		cmocka_unit_test(scalar_and_keyed_maps),
		cmocka_unit_test(stacks_as_keys),
		cmocka_unit_test(histograms_have_a_blank_line),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
