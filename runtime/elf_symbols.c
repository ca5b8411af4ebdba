/*
 * Reads the functions of an ELF file into a sorted table. The file may be
 * hostile or cut short: libelf reads it with pread, not mmap, and every index
 * it names is checked. Called by usyms.c.
 */
#include "runtime/elf_symbols.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/host_debug.h"

/* No real file has more; a table of a hostile one ends here. */
#define SYMBOLS_MAX  ((size_t)16 << 20)
#define SEGMENTS_MAX 64

struct elf_symbol {
	uint64_t address, size;
	size_t name; /* offset in names */
};

struct segment {
	uint64_t offset, size, address;
};

struct elf_symbols {
	struct elf_symbol *symbols;
	size_t count, room;
	char *names;
	size_t names_length, names_room;
	struct segment segments[SEGMENTS_MAX];
	size_t segment_count;
};

/* ---- growing ---- */

/* `array` with room for one more element of `size` bytes, or NULL. */
static void *grow(void *array, size_t needed, size_t *room, size_t size)
{
	size_t wanted = *room ? *room : 64;
	void *bigger;

	if (needed <= *room)
		return array;
	while (wanted < needed)
		wanted *= 2;
	bigger = realloc(array, wanted * size);
	if (bigger)
		*room = wanted;
	return bigger;
}

/* The name without the version that .symtab appends: memcpy@@GLIBC_2.14. */
static bool name_add(struct elf_symbols *symbols, const char *name,
		     size_t *where)
{
	size_t length = strcspn(name, "@");
	char *names = grow(symbols->names, symbols->names_length + length + 1,
			   &symbols->names_room, 1);

	if (!names)
		return false;
	symbols->names = names;
	*where = symbols->names_length;
	memcpy(names + *where, name, length);
	names[*where + length] = '\0';
	symbols->names_length += length + 1;
	return true;
}

static bool symbol_add(struct elf_symbols *symbols, const GElf_Sym *sym,
		       const char *name)
{
	struct elf_symbol symbol = { sym->st_value, sym->st_size, 0 };
	struct elf_symbol *grown;

	if (symbols->count >= SYMBOLS_MAX)
		return false;
	grown = grow(symbols->symbols, symbols->count + 1, &symbols->room,
		     sizeof(*grown));
	if (!grown)
		return false;
	symbols->symbols = grown;
	if (!name_add(symbols, name, &symbol.name))
		return false;
	grown[symbols->count++] = symbol;
	return true;
}

/* ---- reading ---- */

static bool is_function(const GElf_Sym *sym)
{
	int type = GELF_ST_TYPE(sym->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) &&
	       sym->st_shndx != SHN_UNDEF && sym->st_value;
}

static void read_table(struct elf_symbols *symbols, Elf *elf, Elf_Scn *section,
		       const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count;

	if (!data || !header->sh_entsize)
		return;
	count = data->d_size / header->sh_entsize;
	for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
		const char *name;
		GElf_Sym sym;

		if (!gelf_getsym(data, (int)i, &sym))
			return;
		if (!is_function(&sym))
			continue;
		name = elf_strptr(elf, header->sh_link, sym.st_name);
		if (name && *name && !symbol_add(symbols, &sym, name))
			return;
	}
}

/* False if there is no .symtab: it was stripped. */
static bool read_sections(struct elf_symbols *symbols, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	bool is_whole = false;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_SYMTAB ||
		    header.sh_type == SHT_DYNSYM)
			read_table(symbols, elf, section, &header);
		is_whole |= header.sh_type == SHT_SYMTAB;
	}
	return is_whole;
}

/* Where a file is, for the one that has the symbols it was stripped of. */
struct whereabouts {
	const char *root, *path;
};

static void read_apart(struct elf_symbols *symbols, Elf *elf,
		       const struct whereabouts *where)
{
	int fd = debug_file_open(elf, where->root, where->path);
	Elf *apart;

	if (fd < 0)
		return;
	apart = elf_begin(fd, ELF_C_READ, NULL);
	if (apart && elf_kind(apart) == ELF_K_ELF)
		read_sections(symbols, apart);
	elf_end(apart);
	close(fd);
}

static void read_segments(struct elf_symbols *symbols, Elf *elf)
{
	size_t count = 0;
	GElf_Phdr header;

	if (elf_getphdrnum(elf, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (symbols->segment_count == SEGMENTS_MAX ||
		    !gelf_getphdr(elf, (int)i, &header))
			return;
		if (header.p_type != PT_LOAD || !(header.p_flags & PF_X))
			continue;
		symbols->segments[symbols->segment_count++] =
			(struct segment){ header.p_offset, header.p_filesz,
					  header.p_vaddr };
	}
}

/* By address; of several at one address the longest comes last, where
 * elf_symbols_find() looks first, then the one a programmer would write: read
 * rather than __read. */
static int compare_symbols(const void *left, const void *right, void *data)
{
	const struct elf_symbol *a = left;
	const struct elf_symbol *b = right;
	const char *names = data;
	size_t a_score = strspn(names + a->name, "_");
	size_t b_score = strspn(names + b->name, "_");

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a_score != b_score)
		return a_score > b_score ? -1 : 1;
	/* .symtab and .dynsym repeat each other; the first one read wins. */
	return a->name < b->name ? 1 : -1;
}

/* `where` is NULL for what is no file. */
static struct elf_symbols *read_elf(Elf *elf, const struct whereabouts *where)
{
	struct elf_symbols *symbols;

	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return NULL;
	symbols = calloc(1, sizeof(*symbols));
	if (!symbols)
		return NULL;
	read_segments(symbols, elf);
	if (!read_sections(symbols, elf) && where)
		read_apart(symbols, elf, where);
	if (!symbols->count || !symbols->segment_count) {
		elf_symbols_free(symbols);
		return NULL;
	}
	qsort_r(symbols->symbols, symbols->count, sizeof(*symbols->symbols),
		compare_symbols, symbols->names);
	return symbols;
}

static struct elf_symbols *read_file(int fd, const struct whereabouts *where)
{
	struct elf_symbols *symbols;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	symbols = read_elf(elf, where);
	elf_end(elf);
	return symbols;
}

struct elf_symbols *elf_symbols_read(int fd)
{
	return read_file(fd, NULL);
}

struct elf_symbols *elf_symbols_read_at(int fd, const char *root,
					const char *path)
{
	const struct whereabouts where = { root, path };

	return read_file(fd, &where);
}

struct elf_symbols *elf_symbols_from_memory(const void *image, size_t size)
{
	struct elf_symbols *symbols;
	char *copy;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	/* libelf wants memory it may write to. */
	copy = malloc(size);
	if (!copy)
		return NULL;
	memcpy(copy, image, size);
	elf = elf_memory(copy, size);
	symbols = read_elf(elf, NULL);
	elf_end(elf);
	free(copy);
	return symbols;
}

void elf_symbols_free(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->symbols);
	free(symbols->names);
	free(symbols);
}

/* ---- finding ---- */

static bool file_to_address(const struct elf_symbols *symbols,
			    uint64_t file_offset, uint64_t *address)
{
	for (size_t i = 0; i < symbols->segment_count; i++) {
		const struct segment *segment = &symbols->segments[i];

		if (file_offset >= segment->offset &&
		    file_offset - segment->offset < segment->size) {
			*address = segment->address +
				   (file_offset - segment->offset);
			return true;
		}
	}
	return false;
}

/* How many symbols begin at or before the address. */
static size_t count_before(const struct elf_symbols *symbols, uint64_t address)
{
	size_t low = 0;
	size_t high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *elf_symbols_find(const struct elf_symbols *symbols,
			     uint64_t file_offset, uint64_t *offset)
{
	const struct elf_symbol *symbol;
	uint64_t address;
	size_t before;

	if (!file_to_address(symbols, file_offset, &address))
		return NULL;
	before = count_before(symbols, address);
	if (!before)
		return NULL;
	symbol = &symbols->symbols[before - 1];
	*offset = address - symbol->address;
	/* Functions written in assembly may have no size. */
	if (symbol->size && *offset >= symbol->size)
		return NULL;
	return symbols->names + symbol->name;
}
