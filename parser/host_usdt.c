/*
 * The static probes of a program: its notes, where the program was moved to
 * after they were made, what their arguments' symbols stand for. Called by the
 * checker, through host.h.
 */
#include "parser/host_private.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "parser/host_debug.h"
#include "parser/usdt_args.h"
#include "parser/usdt_notes.h"

/* No real program has more places; a hostile one ends here. */
#define PROBES_MAX   ((size_t)1 << 18)
#define PAGE         4096u
#define BASE_SECTION ".stapsdt.base"

struct note_list {
	struct host *host;
	const struct program_file *file;
	uint64_t base; /* of .stapsdt.base now; 0: there is none */
	struct static_probe *items;
	size_t count, room;
};

/* ---- symbols of operands ---- */

static bool table_find(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
		       const char *name, uint64_t *address)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count = data && size ? data->d_size / size : 0;
	const char *text;
	GElf_Sym symbol;

	for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
		if (!gelf_getsym(data, (int)i, &symbol) ||
		    symbol.st_shndx == SHN_UNDEF)
			continue;
		text = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (text && strcmp(text, name) == 0) {
			*address = symbol.st_value;
			return true;
		}
	}
	return false;
}

/* Any symbol: variables as well, and those of one file. */
static bool symbol_find(Elf *elf, const char *name, uint64_t *address)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    (header.sh_type == SHT_SYMTAB ||
		     header.sh_type == SHT_DYNSYM) &&
		    table_find(elf, section, &header, name, address))
			return true;
	return false;
}

/*
 * Where a symbol is in a process is known by where the probe itself is: at the
 * instruction pointer. So symbol(%rip) and symbol are both the instruction
 * pointer and a distance; false for anything else with a symbol.
 */
static bool resolve(const struct note_list *list, struct operand *operand,
		    uint64_t probe)
{
	int8_t ip = machine_ip(MACHINE_OWN);
	uint64_t address;

	if ((operand->base != NO_REGISTER && operand->base != ip) ||
	    !symbol_find(program_elf(list->file), operand->symbol, &address))
		return false;
	/* the address of a symbol is a register, with something added */
	if (operand->kind == OPERAND_CONSTANT)
		operand->kind = OPERAND_REGISTER;
	operand->base = ip;
	operand->symbol = NULL;
	operand->value += (int64_t)(address - probe);
	return true;
}

static const struct arguments *read_arguments(const struct note_list *list,
					      const char *text, uint64_t probe)
{
	struct arena *arena = list->host->arena;
	const struct arguments *arguments =
		usdt_args_parse(arena, MACHINE_OWN, text);

	for (size_t i = 0; i < arguments->count; i++) {
		struct argument *argument = &arguments->items[i];
		const char *symbol = argument->pieces[0].symbol;

		if (!argument->count || !symbol ||
		    resolve(list, &argument->pieces[0], probe))
			continue;
		argument->count = 0;
		argument->refusal = arena_printf(
			arena, "the program no longer says where '%s' is",
			symbol);
	}
	return arguments;
}

/* ---- notes ---- */

static const char *copy(const struct note_list *list, const char *text)
{
	return arena_strdup(list->host->arena, text);
}

/*
 * The kernel knows a semaphore by its place in the file and counts where that
 * is mapped first for writing. Some linkers let segments share a page of the
 * file, and then that may be another segment.
 */
static bool is_shadowed(Elf *elf, uint64_t address, uint64_t place)
{
	uint64_t page = place / PAGE * PAGE;
	GElf_Phdr header;
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count && i < INT32_MAX; i++) {
		if (!gelf_getphdr(elf, (int)i, &header) ||
		    header.p_type != PT_LOAD || !(header.p_flags & PF_W))
			continue;
		if (address - header.p_vaddr < header.p_memsz)
			return false;
		if (header.p_offset < page + PAGE &&
		    page < header.p_offset + header.p_filesz)
			return true;
	}
	return false;
}

static void keep_note(const struct usdt_note *note, void *data)
{
	struct note_list *list = data;
	/* the program was moved as a whole after the note was made */
	uint64_t moved = list->base ? list->base - note->base : 0;
	uint64_t address = note->address + moved;
	struct static_probe probe = { 0 };

	if (list->count == PROBES_MAX ||
	    !program_offset(list->file, address, &probe.offset))
		return;
	if (note->semaphore &&
	    !program_offset(list->file, note->semaphore + moved,
			    &probe.semaphore))
		return;
	probe.is_shadowed =
		probe.semaphore &&
		is_shadowed(program_elf(list->file), note->semaphore + moved,
			    probe.semaphore);
	probe.provider = copy(list, note->provider);
	probe.name = copy(list, note->name);
	probe.arguments = read_arguments(list, note->arguments, address);
	ARENA_PUSH(list->host->arena, list->items, list->count, list->room,
		   probe);
}

static void read_section(struct note_list *list, Elf_Scn *section)
{
	unsigned word =
		gelf_getclass(program_elf(list->file)) == ELFCLASS32 ? 4 : 8;
	Elf_Data *data = elf_rawdata(section, NULL);

	if (data && data->d_buf)
		usdt_notes_parse(data->d_buf, data->d_size, word, keep_note,
				 list);
}

/* Programs for processors of the other byte order are not traced here. */
static bool is_native(Elf *elf)
{
	const char *identity = elf_getident(elf, NULL);

	return identity &&
	       identity[EI_DATA] == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
					     ? ELFDATA2LSB
					     : ELFDATA2MSB);
}

static void read_base(struct note_list *list, Elf *elf)
{
	Elf_Scn *section = section_find(elf, BASE_SECTION);
	GElf_Shdr header;

	if (section && gelf_getshdr(section, &header))
		list->base = header.sh_addr;
}

static int compare_probes(const void *left, const void *right)
{
	const struct static_probe *a = left, *b = right;
	int order = strcmp(a->provider, b->provider);

	if (!order)
		order = strcmp(a->name, b->name);
	if (order)
		return order;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

enum host_status host_static_probes(struct host *host, const char *path,
				    static_probe_fn *visit, void *data)
{
	struct program_file *file = program_get(host, path);
	struct note_list list = { .host = host, .file = file };
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;

	if (program_status(file) != HOST_OK)
		return program_status(file);
	elf = program_elf(file);
	if (!is_native(elf))
		return HOST_BAD;
	read_base(&list, elf);
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    header.sh_type == SHT_NOTE)
			read_section(&list, section);
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items),
		      compare_probes);
	for (size_t i = 0; i < list.count; i++)
		visit(&list.items[i], data);
	return HOST_OK;
}
