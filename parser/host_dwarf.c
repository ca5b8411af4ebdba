/*
 * The debug information of programs: where it is, which function begins at an
 * address, what its parameters are. Opened only when a probe uses args or a
 * line of source. Called by the checker, through host.h.
 */
#include "parser/host_dwarf.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "parser/host_debug.h"

/* What is open of a file apart from the program. */
struct debug_file {
	int fd;
	Elf *elf;
};

/* ---- opening ---- */

static bool has_section(Elf *elf, const char *name)
{
	Elf_Scn *section = section_find(elf, name);
	GElf_Shdr header;

	return section && gelf_getshdr(section, &header) &&
	       header.sh_type != SHT_NOBITS;
}

static bool has_information(Elf *elf)
{
	return has_section(elf, ".debug_info") ||
	       has_section(elf, ".zdebug_info");
}

static void open_apart(struct dwarf_file *file, Elf *program, const char *path)
{
	struct arena *arena = file->host->arena;
	int fd = debug_file_open(program, file->host->root, path);

	if (fd < 0)
		return;
	file->debug = ARENA_NEW(arena, struct debug_file);
	file->debug->fd = fd;
	file->debug->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (file->debug->elf && has_information(file->debug->elf))
		file->dwarf =
			dwarf_begin_elf(file->debug->elf, DWARF_C_READ, NULL);
}

struct dwarf_file *dwarf_file_get(struct host *host, const char *path)
{
	struct dwarf_file *file = cache_find(&host->dwarfs, path);
	struct program_file *program = program_get(host, path);
	Elf *elf;

	if (file)
		return file;
	file = ARENA_NEW(host->arena, struct dwarf_file);
	file->host = host;
	file->next = host->opened_dwarfs;
	host->opened_dwarfs = file;
	cache_put(host->arena, &host->dwarfs, arena_strdup(host->arena, path),
		  file);
	if (program_status(program) != HOST_OK)
		return file;
	elf = program_elf(program);
	if (has_information(elf))
		file->dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	else
		open_apart(file, elf, path);
	return file;
}

void dwarfs_close(struct host *host)
{
	struct dwarf_file *file;

	for (file = host->opened_dwarfs; file; file = file->next) {
		dwarf_end(file->dwarf);
		if (!file->debug)
			continue;
		elf_end(file->debug->elf);
		close(file->debug->fd);
	}
	host->opened_dwarfs = NULL;
}

/* ---- functions ---- */

/* Tags that functions may stand in. */
static bool is_namespace(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type ||
	       tag == DW_TAG_module;
}

static bool find_function(Dwarf_Die *parent, uint64_t address,
			  Dwarf_Die *function, unsigned depth)
{
	Dwarf_Die child;
	Dwarf_Addr begin;

	for (int more = dwarf_child(parent, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		int tag = dwarf_tag(&child);

		if (tag == DW_TAG_subprogram &&
		    dwarf_entrypc(&child, &begin) == 0 && begin == address) {
			*function = child;
			return true;
		}
		if (is_namespace(tag) && depth < DWARF_DEPTH_MAX &&
		    find_function(&child, address, function, depth + 1))
			return true;
	}
	return false;
}

static bool function_at(struct dwarf_file *file, uint64_t address,
			Dwarf_Die *function)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	/* by the table of addresses, if the compiler made one */
	if (dwarf_addrdie(file->dwarf, address, &die) &&
	    find_function(&die, address, function, 0))
		return true;
	while (dwarf_get_units(file->dwarf, unit, &unit, NULL, NULL, &die,
			       NULL) == 0)
		if (dwarf_haspc(&die, address) > 0 &&
		    find_function(&die, address, function, 0))
			return true;
	return false;
}

/* ---- parameters ---- */

static uint32_t aligned(uint32_t offset, uint32_t alignment)
{
	return alignment ? (offset + alignment - 1) / alignment * alignment
			 : offset;
}

/*
 * A function that the compiler made from another one, leaving parameters out or
 * passing what they point to: it has no rules but its own.
 */
static bool is_made_over(const char *symbol)
{
	return symbol &&
	       (strstr(symbol, ".isra.") || strstr(symbol, ".constprop.") ||
		strstr(symbol, ".part."));
}

/* What is known of the function whose parameters are read. */
struct entry {
	uint64_t address;
	bool is_made_over;
	struct calling calling;
};

static void read_parameter(struct dwarf_file *file, struct entry *entry,
			   Dwarf_Die *die, struct argument *argument)
{
	struct argument by_rule;
	Dwarf_Die type;

	argument->type = dwarf_type_of(file, die);
	if (!argument->type || !dwarf_type_die(die, &type)) {
		argument->type = &type_uint64;
		argument->refusal = "the debug information does not say what "
				    "it is";
		return;
	}
	by_rule = *argument;
	calling_next(&entry->calling, &type, &by_rule);
	/* an optimised function says where its parameters are; another one
	 * only where it will put them */
	if (dwarf_place(die, entry->address, argument) || argument->refusal)
		return;
	if (entry->is_made_over)
		argument->refusal = "the compiler left it out";
	else
		*argument = by_rule;
}

/* As one would lay out a struct of the parameters. */
static const struct record *parameters_record(struct arena *arena,
					      const struct arguments *arguments)
{
	struct record *record = ARENA_NEW(arena, struct record);
	uint32_t offset = 0, alignment;

	record->name = "args";
	record->count = arguments->count;
	record->fields = ARENA_ARRAY(arena, record->count, struct field);
	for (size_t i = 0; i < record->count; i++) {
		const struct type *type = arguments->items[i].type;

		alignment = type_align(type);
		if (alignment > 8)
			alignment = 8;
		offset = aligned(offset, alignment);
		record->fields[i] = (struct field){
			.name = arguments->items[i].name,
			.type = type,
			.offset = offset,
		};
		offset += type->size;
	}
	record->size = aligned(offset, 8);
	return record;
}

enum host_status host_parameters(struct host *host, const char *path,
				 uint64_t address, const char *symbol,
				 struct parameters *found)
{
	struct dwarf_file *file = dwarf_file_get(host, path);
	struct entry entry = { address, is_made_over(symbol), { 0 } };
	struct arguments *arguments;
	Dwarf_Die function, child;
	size_t room = 0;

	if (!file->dwarf)
		return HOST_NO_DEBUG;
	if (!function_at(file, address, &function))
		return HOST_ABSENT;
	arguments = ARENA_NEW(host->arena, struct arguments);
	calling_begin(&entry.calling, &function);
	for (int more = dwarf_child(&function, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		struct argument argument = { 0 };
		const char *name = dwarf_diename(&child);

		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		argument.name = name ? arena_strdup(host->arena, name)
				     : arena_printf(host->arena, "unnamed%zu",
						    arguments->count);
		read_parameter(file, &entry, &child, &argument);
		ARENA_PUSH(host->arena, arguments->items, arguments->count,
			   room, argument);
	}
	found->arguments = arguments;
	found->record = parameters_record(host->arena, arguments);
	return HOST_OK;
}

enum host_status host_result(struct host *host, const char *path,
			     uint64_t address, const char *symbol,
			     const struct arguments **found)
{
	struct dwarf_file *file = dwarf_file_get(host, path);
	struct arguments *arguments;
	Dwarf_Die function, type;

	if (!file->dwarf)
		return HOST_NO_DEBUG;
	/* of one that was made over, the result may be left out */
	if (is_made_over(symbol) || !function_at(file, address, &function) ||
	    !dwarf_type_die(&function, &type))
		return HOST_ABSENT;
	arguments = ARENA_NEW(host->arena, struct arguments);
	arguments->items = ARENA_NEW(host->arena, struct argument);
	arguments->count = 1;
	arguments->items[0].name = "retval";
	arguments->items[0].type = dwarf_type_of(file, &function);
	if (!arguments->items[0].type)
		return HOST_ABSENT;
	calling_result(&type, &arguments->items[0]);
	*found = arguments;
	return HOST_OK;
}
