/*
 * What the kernel makes of the instruction a uprobe replaces, on x86-64 and up
 * to Linux 6.18 at least. It runs a copy elsewhere, or does itself what the
 * instruction would do; which of them it looks up by the opcode, and for vector
 * instructions by that alone: as if the byte stood there without its prefix.
 *
 * So vpbroadcastb (opcode 7a), vpxor (ef) and vcmpps (c2) are taken for jp, out
 * and ret. What is taken for a jump or a nop is carried out as one: nothing
 * happens, and the program goes on with wrong registers; the vector forms of
 * strchr() and memset() begin so. After what is taken for a return, the program
 * goes on behind the copy, and crashes.
 */
#include "parser/instruction.h"

#include <stdbool.h>

#include "lexer/base.h"

/* How many bytes stand before the opcode; 0: no vector instruction. */
static size_t vector_prefix(uint8_t byte)
{
	switch (byte) {
	case 0xc5: /* VEX */
		return 2;
	case 0xc4:
		return 3;
	case 0x62: /* EVEX */
		return 4;
	default:
		return 0;
	}
}

struct range {
	uint8_t first, last;
};

/* What is not just run as it is. */
static const struct range special[] = {
	{ 0x70, 0x7f }, /* jumps */
	{ 0x90, 0x90 }, /* nop */
	{ 0x9d, 0x9d }, /* popf */
	{ 0xc2, 0xc3 }, /* ret */
	{ 0xca, 0xcb }, /* far ret */
	{ 0xe8, 0xe9 }, /* call, jmp */
	{ 0xeb, 0xeb }, /* jmp */
	{ 0xff, 0xff }, /* call and jmp through memory */
};

/* What user programs may not do, or what 64-bit mode has not. */
static const struct range refused[] = {
	{ 0x06, 0x07 }, /* push, pop es */
	{ 0x0e, 0x0e }, /* push cs */
	{ 0x16, 0x17 }, /* push, pop ss */
	{ 0x1e, 0x1f }, /* push, pop ds */
	{ 0x27, 0x27 }, /* decimal arithmetic */
	{ 0x2f, 0x2f }, { 0x37, 0x37 },
	{ 0x3f, 0x3f }, { 0x60, 0x61 }, /* pusha, popa */
	{ 0x6c, 0x6f },                 /* ins, outs */
	{ 0x82, 0x82 },                 /* arithmetic, once more */
	{ 0x9a, 0x9a },                 /* far call */
	{ 0xcc, 0xcf },                 /* int3, int, into, iret */
	{ 0xd4, 0xd4 }, { 0xd6, 0xd6 }, /* salc */
	{ 0xe4, 0xe7 },                 /* in, out */
	{ 0xea, 0xea },                 /* far jump */
	{ 0xec, 0xef },                 /* in, out */
	{ 0xf1, 0xf1 },                 /* int1 */
	{ 0xf4, 0xf4 },                 /* hlt */
	{ 0xfa, 0xfb },                 /* cli, sti */
};

static bool is_among(uint8_t opcode, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (opcode >= ranges[i].first && opcode <= ranges[i].last)
			return true;
	return false;
}

/* Segments that 64-bit mode ignores, and lock: with them, nothing is traced. */
static bool is_refused_prefix(uint8_t byte)
{
	return byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e ||
	       byte == 0xf0;
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x64 || byte == 0x65 || byte == 0x66 || byte == 0x67 ||
	       byte == 0xf2 || byte == 0xf3;
}

enum instruction instruction_x86(const uint8_t *bytes, size_t size)
{
	size_t at = 0, prefix;

	while (at < size && is_prefix(bytes[at]))
		at++;
	if (at < size && is_refused_prefix(bytes[at]))
		return INSTRUCTION_REFUSED;
	prefix = at < size ? vector_prefix(bytes[at]) : 0;
	if (!prefix && at < size && bytes[at] >> 4 == 4) /* REX */
		at++;
	at += prefix;
	if (at >= size)
		return INSTRUCTION_TRACED;
	if (prefix && is_among(bytes[at], special, ARRAY_SIZE(special)))
		return INSTRUCTION_MISTAKEN;
	if (is_among(bytes[at], refused, ARRAY_SIZE(refused)))
		return INSTRUCTION_REFUSED;
	return INSTRUCTION_TRACED;
}
