/*
 * One small parser for each machine's operands. The text is from a file that
 * may be hostile: numbers are checked, nothing recurses. Called by
 * host_usdt.c.
 */
#include "parser/usdt_args.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_MAX 256

/* An argument's text being read. */
struct cursor {
	struct arena *arena;
	const char *at;
	struct operand *operand;
	unsigned register_bytes; /* width of the register read last */
};

typedef bool operand_fn(struct cursor *cursor);

/* ---- words ---- */

static bool take(struct cursor *cursor, char wanted)
{
	if (*cursor->at != wanted)
		return false;
	cursor->at++;
	return true;
}

static void skip_blanks(struct cursor *cursor)
{
	while (*cursor->at == ' ' || *cursor->at == '\t')
		cursor->at++;
}

/* -16, 0x10; false if there is none, or it does not fit. */
static bool take_number(struct cursor *cursor, int64_t *value)
{
	const char *at = cursor->at;
	bool is_negative = *at == '-';
	unsigned long long magnitude;
	char *end;

	at += is_negative || *at == '+';
	if (!isdigit((unsigned char)*at))
		return false;
	errno = 0;
	magnitude = strtoull(at, &end, 0);
	if (errno || isalnum((unsigned char)*end))
		return false;
	cursor->at = end;
	*value = (int64_t)(is_negative ? -magnitude : magnitude);
	return true;
}

static bool is_symbol_letter(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_' ||
	       letter == '.' || letter == '$';
}

static bool take_symbol(struct cursor *cursor, const char **symbol)
{
	size_t length = 0;

	if (isdigit((unsigned char)*cursor->at) || *cursor->at == '$')
		return false;
	while (is_symbol_letter(cursor->at[length]))
		length++;
	if (!length || length > SYMBOL_MAX)
		return false;
	*symbol = arena_strndup(cursor->arena, cursor->at, length);
	cursor->at += length;
	return true;
}

/* -16, symbol, symbol+8, -8+symbol; nothing at all is 0. */
static bool take_sum(struct cursor *cursor)
{
	struct operand *operand = cursor->operand;
	const char *symbol;
	int64_t number;
	bool is_first = true;

	for (;; is_first = false) {
		if (take_number(cursor, &number)) {
			if (__builtin_add_overflow(operand->value, number,
						   &operand->value))
				return false;
			continue;
		}
		if (!is_first && !take(cursor, '+'))
			return true;
		if (!take_symbol(cursor, &symbol))
			return is_first;
		if (operand->symbol)
			return false;
		operand->symbol = symbol;
	}
}

/* ---- x86-64 ---- */

/* By the word of pt_regs: the names of 8, 4, 2 and 1 byte. */
static const struct {
	int8_t word;
	const char *names[4];
} x86_registers[] = {
	{ 10, { "rax", "eax", "ax", "al" } },
	{ 5, { "rbx", "ebx", "bx", "bl" } },
	{ 11, { "rcx", "ecx", "cx", "cl" } },
	{ 12, { "rdx", "edx", "dx", "dl" } },
	{ 13, { "rsi", "esi", "si", "sil" } },
	{ 14, { "rdi", "edi", "di", "dil" } },
	{ 4, { "rbp", "ebp", "bp", "bpl" } },
	{ 19, { "rsp", "esp", "sp", "spl" } },
	{ 9, { "r8", "r8d", "r8w", "r8b" } },
	{ 8, { "r9", "r9d", "r9w", "r9b" } },
	{ 7, { "r10", "r10d", "r10w", "r10b" } },
	{ 6, { "r11", "r11d", "r11w", "r11b" } },
	{ 3, { "r12", "r12d", "r12w", "r12b" } },
	{ 2, { "r13", "r13d", "r13w", "r13b" } },
	{ 1, { "r14", "r14d", "r14w", "r14b" } },
	{ 0, { "r15", "r15d", "r15w", "r15b" } },
	{ 16, { "rip", "eip", "ip", "" } },
};

static bool x86_find(const char *name, int8_t *word, unsigned *bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(x86_registers); i++) {
		for (unsigned k = 0; k < 4; k++) {
			if (strcmp(x86_registers[i].names[k], name) != 0)
				continue;
			*word = x86_registers[i].word;
			*bytes = 8u >> k;
			return true;
		}
	}
	return false;
}

/* %rax; `shift` NULL where %ah cannot be. */
static bool x86_register(struct cursor *cursor, int8_t *word, uint8_t *shift)
{
	static const char high[][3] = { "ah", "bh", "ch", "dh" };
	char name[8] = "";
	size_t length = 0;

	if (!take(cursor, '%'))
		return false;
	while (isalnum((unsigned char)*cursor->at)) {
		if (length == sizeof(name) - 1)
			return false;
		name[length++] = *cursor->at++;
	}
	for (size_t i = 0; shift && i < ARRAY_SIZE(high); i++) {
		if (strcmp(name, high[i]) == 0) {
			name[1] = 'l';
			*shift = 8;
		}
	}
	return length && x86_find(name, word, &cursor->register_bytes);
}

/* (%base,%index,scale), (,%index,8), (%base) */
static bool x86_address(struct cursor *cursor)
{
	struct operand *operand = cursor->operand;
	int64_t scale;

	if (*cursor->at == '%' && !x86_register(cursor, &operand->base, NULL))
		return false;
	if (take(cursor, ',')) {
		if (!x86_register(cursor, &operand->index, NULL))
			return false;
		if (take(cursor, ',')) {
			if (!take_number(cursor, &scale) ||
			    (scale != 1 && scale != 2 && scale != 4 &&
			     scale != 8))
				return false;
			operand->scale = (uint8_t)scale;
		}
	}
	return take(cursor, ')');
}

static bool x86_operand(struct cursor *cursor)
{
	struct operand *operand = cursor->operand;

	if (take(cursor, '$')) {
		operand->kind = OPERAND_CONSTANT;
		return *cursor->at && take_sum(cursor);
	}
	if (*cursor->at == '%') {
		operand->kind = OPERAND_REGISTER;
		return x86_register(cursor, &operand->base, &operand->shift);
	}
	operand->kind = OPERAND_MEMORY;
	if (!*cursor->at || !take_sum(cursor))
		return false;
	return !take(cursor, '(') || x86_address(cursor);
}

/* ---- arm64 ---- */

/* x0 … x30, w0 …, sp, fp, lr. xzr is a constant. */
static bool arm_register(struct cursor *cursor, int8_t *word)
{
	static const struct {
		const char *name;
		int8_t word;
	} named[] = { { "sp", 31 }, { "wsp", 31 }, { "fp", 29 }, { "lr", 30 } };
	char name[8] = "";
	size_t length = 0;
	long number;

	while (isalnum((unsigned char)cursor->at[length])) {
		if (length == sizeof(name) - 1)
			return false;
		name[length] = cursor->at[length];
		length++;
	}
	cursor->at += length;
	cursor->register_bytes = name[0] == 'w' ? 4 : 8;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		if (strcmp(named[i].name, name) == 0) {
			*word = named[i].word;
			return true;
		}
	}
	if ((name[0] != 'x' && name[0] != 'w') || length > 3 ||
	    strspn(name + 1, "0123456789") != length - 1 || length < 2)
		return false;
	number = strtol(name + 1, NULL, 10);
	*word = (int8_t)number;
	return number <= 30;
}

/* lsl 3, lsl #3, sxtw, uxtw #2 */
static bool arm_extension(struct cursor *cursor)
{
	static const struct {
		const char *name;
		enum extension extension;
	} extensions[] = { { "lsl", EXTEND_NOT },
			   { "sxtx", EXTEND_NOT },
			   { "sxtw", EXTEND_SIGNED },
			   { "uxtw", EXTEND_UNSIGNED } };
	int64_t shift = 0;

	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		size_t length = strlen(extensions[i].name);

		if (strncmp(cursor->at, extensions[i].name, length) != 0)
			continue;
		cursor->at += length;
		cursor->operand->extension = extensions[i].extension;
		skip_blanks(cursor);
		take(cursor, '#');
		if (*cursor->at != ']' &&
		    (!take_number(cursor, &shift) || shift < 0 || shift > 4))
			return false;
		cursor->operand->scale = (uint8_t)(1u << shift);
		return true;
	}
	return false;
}

/* [x0], [x0, 8], [x0, #8], [x0, x1, lsl 3] */
static bool arm_address(struct cursor *cursor)
{
	struct operand *operand = cursor->operand;

	skip_blanks(cursor);
	if (!arm_register(cursor, &operand->base))
		return false;
	skip_blanks(cursor);
	if (take(cursor, ',')) {
		skip_blanks(cursor);
		take(cursor, '#');
		if (!take_number(cursor, &operand->value) &&
		    !arm_register(cursor, &operand->index))
			return false;
		skip_blanks(cursor);
		if (operand->index != NO_REGISTER && take(cursor, ',')) {
			skip_blanks(cursor);
			if (!arm_extension(cursor))
				return false;
			skip_blanks(cursor);
		}
	}
	return take(cursor, ']');
}

static bool arm_operand(struct cursor *cursor)
{
	struct operand *operand = cursor->operand;

	if (take(cursor, '[')) {
		operand->kind = OPERAND_MEMORY;
		return arm_address(cursor);
	}
	operand->kind = OPERAND_CONSTANT;
	take(cursor, '#');
	if (take_number(cursor, &operand->value))
		return true;
	if (strncmp(cursor->at, "xzr", 3) == 0 ||
	    strncmp(cursor->at, "wzr", 3) == 0) {
		cursor->at += 3;
		return true;
	}
	operand->kind = OPERAND_REGISTER;
	return arm_register(cursor, &operand->base);
}

static operand_fn *const operand_parsers[] = {
	[MACHINE_X86_64] = x86_operand,
	[MACHINE_AARCH64] = arm_operand,
};

int8_t machine_ip(enum machine machine)
{
	return machine == MACHINE_X86_64 ? 16 : 32;
}

/* ---- arguments ---- */

#define REFUSAL_FLOAT \
	"it is a floating-point number, and those are out of a probe's reach"

/* "-4@": the size, its sign, and whether it is a floating-point number. */
static bool take_size(struct cursor *cursor, int64_t *size, bool *is_float)
{
	if (!take_number(cursor, size)) {
		/* 8f: a number that a letter follows */
		bool is_negative = take(cursor, '-');

		if (!isdigit((unsigned char)*cursor->at))
			return false;
		*size = *cursor->at++ - '0';
		*size = is_negative ? -*size : *size;
		*is_float = take(cursor, 'f');
		if (!*is_float)
			return false;
	}
	return take(cursor, '@');
}

static void parse_argument(struct arena *arena, enum machine machine,
			   const char *text, struct argument *argument)
{
	struct operand *operand = &argument->pieces[0];
	struct cursor cursor = { .arena = arena, .operand = operand };
	bool is_float = false;
	int64_t size;

	cursor.at = text;
	*operand = (struct operand){
		.base = NO_REGISTER,
		.index = NO_REGISTER,
		.scale = 1,
	};
	argument->type = &type_uint64;
	argument->refusal = arena_printf(
		arena, "its place is not one etrace knows: %s", text);
	if (!take_size(&cursor, &size, &is_float))
		return;
	if (is_float) {
		argument->refusal = REFUSAL_FLOAT;
		return;
	}
	if (size != 1 && size != 2 && size != 4 && size != 8 && size != -1 &&
	    size != -2 && size != -4 && size != -8)
		return;
	operand->size = (uint8_t)(size < 0 ? -size : size);
	operand->is_signed = size < 0;
	argument->type = type_int(operand->size, operand->is_signed);
	if (!operand_parsers[machine](&cursor) || *cursor.at)
		return;
	if (operand->kind == OPERAND_REGISTER &&
	    cursor.register_bytes < operand->size)
		operand->size = (uint8_t)cursor.register_bytes;
	argument->refusal = NULL;
	argument->count = 1;
}

/* To the blank that ends the argument, which is not one in brackets. */
static size_t argument_length(const char *text)
{
	size_t length = 0;
	bool is_inside = false;

	for (; text[length]; length++) {
		if (text[length] == '[')
			is_inside = true;
		else if (text[length] == ']')
			is_inside = false;
		else if (text[length] == ' ' && !is_inside)
			break;
	}
	return length;
}

const struct arguments *usdt_args_parse(struct arena *arena,
					enum machine machine, const char *text)
{
	struct arguments *arguments = ARENA_NEW(arena, struct arguments);
	size_t room = 0;

	while (arguments->count < USDT_ARGS_MAX) {
		struct argument argument = { 0 };
		size_t length;

		text += strspn(text, " ");
		length = argument_length(text);
		if (!length)
			break;
		argument.name = arena_printf(arena, "arg%zu", arguments->count);
		parse_argument(arena, machine,
			       arena_strndup(arena, text, length), &argument);
		ARENA_PUSH(arena, arguments->items, arguments->count, room,
			   argument);
		text += length;
	}
	return arguments;
}
