/*
 * The instruction at a place in a program, as far as tracing it goes. Called
 * by the checker, through host.h; what the bytes mean is instruction.c.
 */
#include <gelf.h>

#include "parser/host_private.h"

enum instruction host_instruction(struct host *host, const char *path,
				  uint64_t offset)
{
	const struct program_file *file = program_get(host, path);
	uint8_t bytes[INSTRUCTION_MAX];
	GElf_Ehdr header;

	if (program_status(file) != HOST_OK ||
	    !gelf_getehdr(program_elf(file), &header) ||
	    header.e_machine != EM_X86_64)
		return INSTRUCTION_TRACED;
	return instruction_x86(
		bytes, program_read(file, offset, bytes, sizeof(bytes)));
}
