/*
 * Variables of a user program: where the file says they are, seen from a place
 * in its code. Knows symbol tables and segments, nothing of processes. Called
 * by the checker, through host.h.
 */
#include <elf.h>
#include <gelf.h>
#include <string.h>

#include "parser/host_private.h"

/* A place in the file as an address; false if no segment has it. */
static bool address_of(Elf *elf, uint64_t offset, uint64_t *address)
{
	GElf_Phdr segment;
	size_t count, i;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (i = 0; i < count && i < INT32_MAX; i++) {
		if (!gelf_getphdr(elf, (int)i, &segment) ||
		    segment.p_type != PT_LOAD || offset < segment.p_offset ||
		    offset - segment.p_offset >= segment.p_filesz)
			continue;
		*address = segment.p_vaddr + (offset - segment.p_offset);
		return true;
	}
	return false;
}

static bool is_variable(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF &&
	       (type == STT_OBJECT || type == STT_FUNC || type == STT_NOTYPE);
}

/* Versions after '@' are not the name's. */
static bool is_named(const char *found, const char *name)
{
	size_t length = strlen(name);

	return found && !strncmp(found, name, length) &&
	       (!found[length] || found[length] == '@');
}

static bool find_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
		    const char *name, struct program_symbol *found)
{
	Elf_Data *symbols = elf_getdata(section, NULL);
	size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count, i;
	GElf_Sym symbol;

	if (!symbols || !size)
		return false;
	count = symbols->d_size / size;
	for (i = 0; i < count && i < INT32_MAX; i++) {
		if (!gelf_getsym(symbols, (int)i, &symbol) ||
		    !is_variable(&symbol) ||
		    !is_named(elf_strptr(elf, header->sh_link, symbol.st_name),
			      name))
			continue;
		found->address = symbol.st_value;
		found->size = symbol.st_size;
		return true;
	}
	return false;
}

enum host_status host_variable(struct host *host, const char *path,
			       const char *name, uint64_t from,
			       struct program_symbol *found, int64_t *distance)
{
	struct program_file *file = program_get(host, path);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	uint64_t address;
	Elf *elf;

	if (program_status(file) != HOST_OK)
		return program_status(file);
	elf = program_elf(file);
	if (!address_of(elf, from, &address))
		return HOST_BAD;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_SYMTAB &&
		     header.sh_type != SHT_DYNSYM) ||
		    !find_in(elf, section, &header, name, found))
			continue;
		*distance = (int64_t)(found->address - address);
		return HOST_OK;
	}
	return HOST_ABSENT;
}
