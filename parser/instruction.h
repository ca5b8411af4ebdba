/*
 * What the kernel makes of the instruction a uprobe replaces. Called by
 * host_elf_code.c, which knows where the bytes are.
 */
#ifndef PARSER_INSTRUCTION_H
#define PARSER_INSTRUCTION_H

#include <stddef.h>
#include <stdint.h>

#define INSTRUCTION_MAX 15 /* bytes, on x86 */

enum instruction {
	INSTRUCTION_TRACED,
	INSTRUCTION_REFUSED,  /* the kernel does not attach there */
	INSTRUCTION_MISTAKEN, /* it attaches, and runs another instead */
};

/* Of x86-64. Bytes that end too early are traced: the kernel will tell. */
enum instruction instruction_x86(const uint8_t *bytes, size_t size);

#endif
