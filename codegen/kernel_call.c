/*
 * Calls of functions of the kernel that are no helpers. LLVM can only spell
 * calls of a number, so they begin as one that no helper has, with the id of
 * the function in it; once there is an object, they are made what the kernel
 * knows them as. libbpf could do so too, but would read all of the kernel's
 * BTF for it, 6 to 9 ms.
 */
#include "codegen/kernel_call.h"
#include "codegen/emit.h"

#include <elf.h>
#include <linux/bpf.h>
#include <string.h>

/* Ids of BTF have fewer bits, and helpers are counted in hundreds. */
#define MARK UINT32_C(0x40000000)

LLVMValueRef emit_kernel_call(struct gen *gen, uint32_t function,
			      const char *parameters, LLVMValueRef *arguments)
{
	return emit_numbered_call(gen, MARK | function, parameters, arguments);
}

static void bind_section(uint8_t *bytes, uint64_t size)
{
	struct bpf_insn instruction;

	for (uint64_t i = 0; i + sizeof(instruction) <= size;
	     i += sizeof(instruction)) {
		memcpy(&instruction, bytes + i, sizeof(instruction));
		if (instruction.code != (BPF_JMP | BPF_CALL) ||
		    instruction.src_reg ||
		    !((uint32_t)instruction.imm & MARK) || instruction.imm < 0)
			continue;
		instruction.src_reg = BPF_PSEUDO_KFUNC_CALL;
		instruction.imm &= (int32_t)~MARK;
		memcpy(bytes + i, &instruction, sizeof(instruction));
	}
}

/* LLVM wrote it: it is as ELF should be. */
void bind_kernel_calls(uint8_t *object)
{
	Elf64_Ehdr header;
	Elf64_Shdr section;

	memcpy(&header, object, sizeof(header));
	for (unsigned i = 0; i < header.e_shnum; i++) {
		memcpy(&section, object + header.e_shoff + i * sizeof(section),
		       sizeof(section));
		if (section.sh_type == SHT_PROGBITS &&
		    section.sh_flags & SHF_EXECINSTR)
			bind_section(object + section.sh_offset,
				     section.sh_size);
	}
}
