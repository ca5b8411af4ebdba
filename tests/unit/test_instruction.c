/*
 * First instructions of functions, and what the kernel makes of each. The
 * bytes are those that assemblers make of the text beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parser/instruction.h"

static const struct {
	const char *text;
	uint8_t bytes[6];
	size_t size;
	enum instruction result;
} cases[] = {
	{ "push %rbp", { 0x55 }, 1, INSTRUCTION_TRACED },
	{ "endbr64", { 0xf3, 0x0f, 0x1e, 0xfa }, 4, INSTRUCTION_TRACED },
	{ "nop", { 0x90 }, 1, INSTRUCTION_TRACED },
	{ "jmp", { 0xe9, 0, 0, 0, 0 }, 5, INSTRUCTION_TRACED },
	{ "jp", { 0x7a, 0x10 }, 2, INSTRUCTION_TRACED },
	{ "mov %fs:0,%rax",
	  { 0x64, 0x48, 0x8b, 4, 0x25 },
	  5,
	  INSTRUCTION_TRACED },
	{ "por %xmm1,%xmm2",
	  { 0x66, 0x0f, 0xeb, 0xd1 },
	  4,
	  INSTRUCTION_TRACED },
	{ "vmovups %xmm1,%xmm2",
	  { 0xc5, 0xf8, 0x10, 0xd1 },
	  4,
	  INSTRUCTION_TRACED },
	{ "vxorps %xmm3,%xmm1,%xmm2",
	  { 0xc5, 0xf0, 0x57, 0xd3 },
	  4,
	  INSTRUCTION_TRACED },
	{ "vpor %xmm1,%xmm1,%xmm2",
	  { 0xc5, 0xf1, 0xeb, 0xd1 },
	  4,
	  INSTRUCTION_MISTAKEN },
	{ "vpsubsb %xmm3,%xmm1,%xmm2",
	  { 0xc5, 0xf1, 0xe8, 0xd3 },
	  4,
	  INSTRUCTION_MISTAKEN },
	{ "vpsubsw %xmm3,%xmm1,%xmm2",
	  { 0xc5, 0xf1, 0xe9, 0xd3 },
	  4,
	  INSTRUCTION_MISTAKEN },
	{ "vpshufd $0,%xmm1,%xmm2",
	  { 0xc5, 0xf9, 0x70, 0xd1, 0 },
	  5,
	  INSTRUCTION_MISTAKEN },
	{ "vmovdqa %xmm1,(%rdi)",
	  { 0xc5, 0xf9, 0x7f, 0x0f },
	  4,
	  INSTRUCTION_MISTAKEN },
	{ "kmovw %k1,%k2",
	  { 0xc5, 0xf8, 0x90, 0xd1 },
	  4,
	  INSTRUCTION_MISTAKEN },
	{ "vpbroadcastb %xmm1,%ymm2",
	  { 0xc4, 0xe2, 0x7d, 0x78, 0xd1 },
	  5,
	  INSTRUCTION_MISTAKEN },
	{ "vpbroadcastb %esi,%ymm17",
	  { 0x62, 0xe2, 0x7d, 0x28, 0x7a, 0xce },
	  6,
	  INSTRUCTION_MISTAKEN },
	{ "vcmpps $0,%xmm1,%xmm1,%xmm2",
	  { 0xc5, 0xf0, 0xc2, 0xd1, 0 },
	  5,
	  INSTRUCTION_MISTAKEN },
	{ "vfnmadd132ss %xmm1,%xmm1,%xmm2",
	  { 0xc4, 0xe2, 0x71, 0x9d, 0xd1 },
	  5,
	  INSTRUCTION_MISTAKEN },
	{ "ret", { 0xc3 }, 1, INSTRUCTION_TRACED },
	{ "vmovd %esi,%xmm0",
	  { 0xc5, 0xf9, 0x6e, 0xc6 },
	  4,
	  INSTRUCTION_REFUSED },
	{ "vpxor %xmm15,%xmm7,%xmm15",
	  { 0xc4, 0x41, 0x01, 0xef, 0xff },
	  5,
	  INSTRUCTION_REFUSED },
	{ "lock decl (%rdi)", { 0xf0, 0xff, 0x0f }, 3, INSTRUCTION_REFUSED },
	{ "cs nop", { 0x2e, 0x90 }, 2, INSTRUCTION_REFUSED },
	{ "hlt", { 0xf4 }, 1, INSTRUCTION_REFUSED },
	{ "in", { 0xe4, 0x10 }, 2, INSTRUCTION_REFUSED },
	{ "nothing", { 0 }, 0, INSTRUCTION_TRACED },
	{ "prefixes alone", { 0x66, 0x66 }, 2, INSTRUCTION_TRACED },
	{ "a vector prefix cut off",
	  { 0x62, 0xe2, 0x7d, 0x28 },
	  4,
	  INSTRUCTION_TRACED },
};

static void every_instruction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].text);
		assert_int_equal(instruction_x86(cases[i].bytes, cases[i].size),
				 cases[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
