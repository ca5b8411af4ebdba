/*
 * Any text in place of a static probe's arguments, for both machines: each is
 * one that can be read, or says why it cannot.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "parser/usdt_args.h"

static void check_argument(const struct argument *argument)
{
	const struct operand *operand = &argument->pieces[0];

	if (!argument->count) {
		assert(argument->refusal[0]);
		return;
	}
	assert(argument->count == 1);
	assert(operand->size == 1 || operand->size == 2 || operand->size == 4 ||
	       operand->size == 8);
	assert(operand->base >= NO_REGISTER && operand->base <= 33);
	assert(operand->index >= NO_REGISTER && operand->index <= 33);
	assert(operand->scale >= 1 && operand->scale <= 16);
	assert(operand->kind != OPERAND_REGISTER ||
	       operand->base != NO_REGISTER);
	assert(argument->type->size <= 8);
}

static void parse(enum machine machine, const char *text)
{
	struct arena *arena = arena_new();
	const struct arguments *arguments =
		usdt_args_parse(arena, machine, text);

	assert(arguments->count <= USDT_ARGS_MAX);
	for (size_t i = 0; i < arguments->count; i++)
		check_argument(&arguments->items[i]);
	assert(arguments_equal(arguments, arguments));
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[1024];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	parse(MACHINE_X86_64, text);
	parse(MACHINE_AARCH64, text);
	return 0;
}
