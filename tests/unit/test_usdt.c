/*
 * Notes of static probes and the operands in them: every spelling of both
 * machines, and bytes that are no notes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "parser/usdt_args.h"
#include "parser/usdt_notes.h"

static struct arena *arena;

/* ---- operands ---- */

#define NONE NO_REGISTER

static const struct {
	enum machine machine;
	const char *text;
	struct operand operand; /* size 0: it must be refused */
} operands[] = {
	{ MACHINE_X86_64,
	  "-4@%edi",
	  { OPERAND_REGISTER, 4, true, 14, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "8@%r15",
	  { OPERAND_REGISTER, 8, false, 0, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "1@%ah",
	  { OPERAND_REGISTER, 1, false, 10, NONE, 8, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "-4@%al",
	  { OPERAND_REGISTER, 1, true, 10, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "2@%r8w",
	  { OPERAND_REGISTER, 2, false, 9, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "8@-16(%rbp)",
	  { OPERAND_MEMORY, 8, false, 4, NONE, 0, 1, 0, -16, NULL } },
	{ MACHINE_X86_64,
	  "8@(%rsp)",
	  { OPERAND_MEMORY, 8, false, 19, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "8@(%rax,%rbx,8)",
	  { OPERAND_MEMORY, 8, false, 10, 5, 0, 8, 0, 0, NULL } },
	{ MACHINE_X86_64,
	  "-2@0x10(%rax,%rbx)",
	  { OPERAND_MEMORY, 2, true, 10, 5, 0, 1, 0, 16, NULL } },
	{ MACHINE_X86_64,
	  "4@table(,%rcx,4)",
	  { OPERAND_MEMORY, 4, false, NONE, 11, 0, 4, 0, 0, "table" } },
	{ MACHINE_X86_64,
	  "8@sym(%rip)",
	  { OPERAND_MEMORY, 8, false, 16, NONE, 0, 1, 0, 0, "sym" } },
	{ MACHINE_X86_64,
	  "8@sym+8(%rip)",
	  { OPERAND_MEMORY, 8, false, 16, NONE, 0, 1, 0, 8, "sym" } },
	{ MACHINE_X86_64,
	  "8@-8+sym.12(%rip)",
	  { OPERAND_MEMORY, 8, false, 16, NONE, 0, 1, 0, -8, "sym.12" } },
	{ MACHINE_X86_64,
	  "4@global",
	  { OPERAND_MEMORY, 4, false, NONE, NONE, 0, 1, 0, 0, "global" } },
	{ MACHINE_X86_64,
	  "4@$5",
	  { OPERAND_CONSTANT, 4, false, NONE, NONE, 0, 1, 0, 5, NULL } },
	{ MACHINE_X86_64,
	  "-8@$-0x1f",
	  { OPERAND_CONSTANT, 8, true, NONE, NONE, 0, 1, 0, -31, NULL } },
	{ MACHINE_X86_64,
	  "8@$sym+4",
	  { OPERAND_CONSTANT, 8, false, NONE, NONE, 0, 1, 0, 4, "sym" } },
	{ MACHINE_AARCH64,
	  "-4@w1",
	  { OPERAND_REGISTER, 4, true, 1, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_AARCH64,
	  "8@x30",
	  { OPERAND_REGISTER, 8, false, 30, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_AARCH64,
	  "8@[sp]",
	  { OPERAND_MEMORY, 8, false, 31, NONE, 0, 1, 0, 0, NULL } },
	{ MACHINE_AARCH64,
	  "-4@[sp, 12]",
	  { OPERAND_MEMORY, 4, true, 31, NONE, 0, 1, 0, 12, NULL } },
	{ MACHINE_AARCH64,
	  "-4@[x29,#-12]",
	  { OPERAND_MEMORY, 4, true, 29, NONE, 0, 1, 0, -12, NULL } },
	{ MACHINE_AARCH64,
	  "8@[x0, x1]",
	  { OPERAND_MEMORY, 8, false, 0, 1, 0, 1, 0, 0, NULL } },
	{ MACHINE_AARCH64,
	  "8@[x0, x1, lsl 3]",
	  { OPERAND_MEMORY, 8, false, 0, 1, 0, 8, 0, 0, NULL } },
	{ MACHINE_AARCH64,
	  "8@[x0, w1, sxtw #2]",
	  { OPERAND_MEMORY, 8, false, 0, 1, 0, 4, EXTEND_SIGNED, 0, NULL } },
	{ MACHINE_AARCH64,
	  "8@[x0, w1, uxtw]",
	  { OPERAND_MEMORY, 8, false, 0, 1, 0, 1, EXTEND_UNSIGNED, 0, NULL } },
	{ MACHINE_AARCH64,
	  "-4@-7",
	  { OPERAND_CONSTANT, 4, true, NONE, NONE, 0, 1, 0, -7, NULL } },
	{ MACHINE_AARCH64,
	  "8@xzr",
	  { OPERAND_CONSTANT, 8, false, NONE, NONE, 0, 1, 0, 0, NULL } },
	/* what must be refused */
	{ MACHINE_X86_64, "8f@%xmm0", { .size = 0 } },
	{ MACHINE_X86_64, "-4f@%xmm0", { .size = 0 } },
	{ MACHINE_X86_64, "8@%xmm0", { .size = 0 } },
	{ MACHINE_X86_64, "3@%rax", { .size = 0 } },
	{ MACHINE_X86_64, "16@%rax", { .size = 0 } },
	{ MACHINE_X86_64, "%rax", { .size = 0 } },
	{ MACHINE_X86_64, "8@", { .size = 0 } },
	{ MACHINE_X86_64, "8@$", { .size = 0 } },
	{ MACHINE_X86_64, "8@%", { .size = 0 } },
	{ MACHINE_X86_64, "8@%fs:40", { .size = 0 } },
	{ MACHINE_X86_64, "8@(%rax", { .size = 0 } },
	{ MACHINE_X86_64, "8@(%rax,%rbx,3)", { .size = 0 } },
	{ MACHINE_X86_64, "8@(%ah)", { .size = 0 } },
	{ MACHINE_X86_64, "8@a+b(%rip)", { .size = 0 } },
	{ MACHINE_X86_64, "8@99999999999999999999(%rax)", { .size = 0 } },
	{ MACHINE_X86_64, "8@%raxraxraxrax", { .size = 0 } },
	{ MACHINE_AARCH64, "8@x31", { .size = 0 } },
	{ MACHINE_AARCH64, "8@d0", { .size = 0 } },
	{ MACHINE_AARCH64, "8@[x0", { .size = 0 } },
	{ MACHINE_AARCH64, "8@[x0, x1, lsl 9]", { .size = 0 } },
	{ MACHINE_AARCH64, "8@[x0, #:lo12:sym]", { .size = 0 } },
};

static void every_operand(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		const struct operand *wanted = &operands[i].operand;
		const struct arguments *arguments = usdt_args_parse(
			arena, operands[i].machine, operands[i].text);
		const struct operand *got = &arguments->items[0].pieces[0];

		print_message("%s\n", operands[i].text);
		assert_int_equal(arguments->count, 1);
		assert_int_equal(arguments->items[0].count, wanted->size > 0);
		if (!wanted->size) {
			assert_non_null(arguments->items[0].refusal);
			continue;
		}
		assert_int_equal(got->kind, wanted->kind);
		assert_int_equal(got->size, wanted->size);
		assert_int_equal(got->is_signed, wanted->is_signed);
		assert_int_equal(got->base, wanted->base);
		assert_int_equal(got->index, wanted->index);
		assert_int_equal(got->shift, wanted->shift);
		assert_int_equal(got->scale, wanted->scale);
		assert_int_equal(got->extension, wanted->extension);
		assert_int_equal(got->value, wanted->value);
		if (wanted->symbol)
			assert_string_equal(got->symbol, wanted->symbol);
		else
			assert_null(got->symbol);
	}
}

static void several_arguments(void **state)
{
	const struct arguments *arguments = usdt_args_parse(
		arena, MACHINE_AARCH64, " -4@[sp, 12] 8f@d0  2@w3 ");

	(void)state;
	assert_int_equal(arguments->count, 3);
	assert_int_equal(arguments->items[0].type->size, 4);
	assert_true(arguments->items[0].type->is_signed);
	assert_int_equal(arguments->items[1].count, 0);
	assert_non_null(strstr(arguments->items[1].refusal, "floating"));
	assert_string_equal(arguments->items[2].name, "arg2");
	assert_int_equal(usdt_args_parse(arena, MACHINE_X86_64, "")->count, 0);
}

static void more_than_any_probe_has(void **state)
{
	char text[8 * 1000 + 1] = "";

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		snprintf(text + 8 * i, 9, "8@%%rax  ");
	assert_int_equal(usdt_args_parse(arena, MACHINE_X86_64, text)->count,
			 USDT_ARGS_MAX);
}

static void equal_or_not(void **state)
{
	const struct arguments *a =
		usdt_args_parse(arena, MACHINE_X86_64, "8@%rax 4@$5");
	const struct arguments *b =
		usdt_args_parse(arena, MACHINE_X86_64, "8@%rax 4@$5");
	const struct arguments *c =
		usdt_args_parse(arena, MACHINE_X86_64, "8@%rax 4@$6");
	const struct arguments *d =
		usdt_args_parse(arena, MACHINE_X86_64, "8@%rax -4@$5");

	(void)state;
	assert_true(arguments_equal(a, b));
	assert_false(arguments_equal(a, c));
	assert_false(arguments_equal(a, d));
	assert_false(arguments_equal(a, NULL));
	assert_true(arguments_equal(NULL, NULL));
}

/* ---- notes ---- */

struct seen {
	unsigned count;
	struct usdt_note last;
};

static void keep(const struct usdt_note *note, void *data)
{
	struct seen *seen = data;

	seen->count++;
	seen->last = *note;
}

/* A note as the assembler lays it out; returns its size. */
static size_t make_note(uint8_t *to, const char *owner, uint32_t type,
			const char *strings, size_t length)
{
	const uint64_t words[] = { 0x1234, 0x2000, 0x3000 };
	uint32_t header[] = { (uint32_t)strlen(owner) + 1,
			      (uint32_t)(sizeof(words) + length), type };
	size_t size = sizeof(header);

	memcpy(to, header, sizeof(header));
	memcpy(to + size, owner, header[0]);
	size += (header[0] + 3) / 4 * 4;
	memcpy(to + size, words, sizeof(words));
	memcpy(to + size + sizeof(words), strings, length);
	return size + (header[1] + 3) / 4 * 4;
}

#define STRINGS "provider\0name\0-4@%edi"

static void whole_notes(void **state)
{
	uint8_t bytes[512] = { 0 };
	struct seen seen = { 0 };
	size_t size;

	(void)state;
	size = make_note(bytes, "stapsdt", 3, STRINGS, sizeof(STRINGS));
	/* others are passed over */
	size += make_note(bytes + size, "GNU", 3, STRINGS, sizeof(STRINGS));
	size += make_note(bytes + size, "stapsdt", 4, STRINGS, sizeof(STRINGS));
	size += make_note(bytes + size, "stapsdt", 3, STRINGS, sizeof(STRINGS));
	usdt_notes_parse(bytes, size, 8, keep, &seen);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.last.provider, "provider");
	assert_string_equal(seen.last.name, "name");
	assert_string_equal(seen.last.arguments, "-4@%edi");
	assert_int_equal(seen.last.address, 0x1234);
	assert_int_equal(seen.last.base, 0x2000);
	assert_int_equal(seen.last.semaphore, 0x3000);
}

static void notes_cut_short(void **state)
{
	uint8_t bytes[512] = { 0 };
	struct seen seen = { 0 };
	size_t size;

	(void)state;
	size = make_note(bytes, "stapsdt", 3, STRINGS, sizeof(STRINGS));
	for (size_t length = 0; length < size - 3; length++)
		usdt_notes_parse(bytes, length, 8, keep, &seen);
	assert_int_equal(seen.count, 0);
	/* strings that do not end */
	size = make_note(bytes, "stapsdt", 3, "a\0b\0c", 5);
	usdt_notes_parse(bytes, size - 3, 8, keep, &seen);
	size = make_note(bytes, "stapsdt", 3, "a\0b", 4);
	usdt_notes_parse(bytes, size, 8, keep, &seen);
	/* sizes beyond all reason */
	memset(bytes, 0xff, sizeof(bytes));
	usdt_notes_parse(bytes, sizeof(bytes), 8, keep, &seen);
	usdt_notes_parse(bytes, sizeof(bytes), 4, keep, &seen);
	assert_int_equal(seen.count, 0);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operand),
		cmocka_unit_test(several_arguments),
		cmocka_unit_test(more_than_any_probe_has),
		cmocka_unit_test(equal_or_not),
		cmocka_unit_test(whole_notes),
		cmocka_unit_test(notes_cut_short),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
