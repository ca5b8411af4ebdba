/*
 * User programs: the functions in their symbol tables, and where in the file
 * an address is. Knows nothing of processes or of debug information. Called by
 * the checker, through host.h; finding the file of a name is host_binary.c.
 */
#include "parser/host_debug.h"
#include "parser/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENTS_MAX   1024
#define VERSION_HIDDEN 0x8000 /* in .gnu.version: not what new programs get */

/* A part of the file that is mapped to run. */
struct segment {
	uint64_t address;
	uint64_t offset;
	uint64_t size;
};

struct program_file {
	struct program_file *next; /* of the ones to close */
	const char *path;
	enum host_status status;
	int fd;
	Elf *elf;
	int apart_fd; /* of its symbols, if they are in a file of their own */
	Elf *apart;
	bool apart_looked;
	uint64_t size;
	struct segment *segments;
	size_t segment_count;
	const struct program_symbol
		*symbols; /* by name; NULL: not asked for yet */
	size_t symbol_count;
	bool is_listed;
};

/* Which of several functions of a name is meant; the highest wins. */
enum rank {
	RANK_NONE,
	RANK_LOCAL,  /* static, perhaps one of many */
	RANK_OLD,    /* kept for programs linked long ago */
	RANK_GLOBAL, /* what a program linked today calls */
};

/* A function found; `name` borrowed from the file, without its version. */
struct function {
	const char *name;
	size_t length;
	enum rank rank;
	struct program_symbol symbol;
};

/* ---- files ---- */

static void read_segments(struct arena *arena, struct program_file *file)
{
	struct segment *segment;
	size_t count, i;
	GElf_Phdr header;

	if (elf_getphdrnum(file->elf, &count))
		return;
	if (count > SEGMENTS_MAX)
		count = SEGMENTS_MAX;
	file->segments = ARENA_ARRAY(arena, count, struct segment);
	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(file->elf, (int)i, &header) ||
		    header.p_type != PT_LOAD)
			continue;
		segment = &file->segments[file->segment_count++];
		segment->address = header.p_vaddr;
		segment->offset = header.p_offset;
		segment->size = header.p_filesz;
	}
}

static enum host_status program_open(struct host *host, const char *path,
				     struct program_file *file)
{
	struct stat status;
	Elf *elf;

	/* A FIFO in place of a program must not make us wait. */
	file->fd = open(host_path(host, path),
			O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd < 0)
		return status_of_errno(errno);
	if (fstat(file->fd, &status) || !S_ISREG(status.st_mode))
		return HOST_BAD;
	file->size = (uint64_t)status.st_size;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return HOST_BAD;
	elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
	file->elf = elf;
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return HOST_BAD;
	read_segments(host->arena, file);
	return HOST_OK;
}

struct program_file *program_get(struct host *host, const char *path)
{
	struct program_file *file = cache_find(&host->programs, path);

	if (file)
		return file;
	file = ARENA_NEW(host->arena, struct program_file);
	file->apart_fd = -1;
	file->path = arena_strdup(host->arena, path);
	file->status = program_open(host, path, file);
	file->next = host->opened_programs;
	host->opened_programs = file;
	cache_put(host->arena, &host->programs, file->path, file);
	return file;
}

void programs_close(struct host *host)
{
	struct program_file *file;

	for (file = host->opened_programs; file; file = file->next) {
		elf_end(file->apart);
		elf_end(file->elf);
		if (file->apart_fd >= 0)
			close(file->apart_fd);
		if (file->fd >= 0)
			close(file->fd);
	}
	host->opened_programs = NULL;
}

enum host_status program_status(const struct program_file *file)
{
	return file->status;
}

struct Elf *program_elf(const struct program_file *file)
{
	return file->elf;
}

size_t program_read(const struct program_file *file, uint64_t offset,
		    uint8_t *bytes, size_t size)
{
	ssize_t length;

	if (offset >= file->size)
		return 0;
	length = pread(file->fd, bytes, size, (off_t)offset);
	return length < 0 ? 0 : (size_t)length;
}

bool program_offset(const struct program_file *file, uint64_t address,
		    uint64_t *offset)
{
	const struct segment *segment;
	uint64_t inside;
	size_t i;

	for (i = 0; i < file->segment_count; i++) {
		segment = &file->segments[i];
		inside = address - segment->address;
		if (address < segment->address || inside >= segment->size)
			continue;
		if (__builtin_add_overflow(segment->offset, inside, offset) ||
		    *offset >= file->size)
			continue;
		return true;
	}
	return false;
}

enum host_status host_file_offset(struct host *host, const char *path,
				  uint64_t address, uint64_t *offset)
{
	struct program_file *file = program_get(host, path);

	if (file->status != HOST_OK)
		return file->status;
	return program_offset(file, address, offset) ? HOST_OK : HOST_ABSENT;
}

/* ---- symbol tables ---- */

typedef void function_fn(const struct function *function, void *data);

/* One symbol table, and what goes with it. */
struct table {
	const struct program_file *file;
	Elf *elf; /* the program, or its symbols apart */
	Elf_Data *symbols;
	Elf_Data *versions; /* of .dynsym; NULL: none */
	size_t names;       /* section of the names */
	size_t count;
};

static Elf_Data *section_data(Elf *elf, GElf_Word type)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == type)
			return elf_getdata(section, NULL);
	return NULL;
}

static enum rank rank_of(const struct table *table, size_t index,
			 const GElf_Sym *symbol, const char *version)
{
	GElf_Versym hidden;

	if (GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
		return RANK_LOCAL;
	/* .symtab: "name@VERSION" is an old one, "name@@VERSION" is not. */
	if (version[0] && version[1] != '@')
		return RANK_OLD;
	if (table->versions &&
	    gelf_getversym(table->versions, (int)index, &hidden) &&
	    (hidden & VERSION_HIDDEN))
		return RANK_OLD;
	return RANK_GLOBAL;
}

/* False for what is not a function defined in this file. */
static bool read_function(const struct table *table, size_t index,
			  struct function *function)
{
	GElf_Sym symbol;
	int type;

	if (!gelf_getsym(table->symbols, (int)index, &symbol))
		return false;
	type = GELF_ST_TYPE(symbol.st_info);
	if ((type != STT_FUNC && type != STT_GNU_IFUNC) ||
	    symbol.st_shndx == SHN_UNDEF)
		return false;
	function->name = elf_strptr(table->elf, table->names, symbol.st_name);
	if (!function->name)
		return false;
	function->length = strcspn(function->name, "@");
	if (!function->length || !program_offset(table->file, symbol.st_value,
						 &function->symbol.offset))
		return false;
	function->rank = rank_of(table, index, &symbol,
				 function->name + function->length);
	function->symbol.address = symbol.st_value;
	function->symbol.size = symbol.st_size;
	return true;
}

static void visit_table(const struct table *table, function_fn *call,
			void *data)
{
	struct function function;
	size_t i;

	for (i = 0; i < table->count; i++)
		if (read_function(table, i, &function))
			call(&function, data);
}

/* Calls for every function of one file's .symtab and .dynsym; false if it has
 * no .symtab. */
static bool visit_tables(const struct program_file *file, Elf *elf,
			 function_fn *call, void *data)
{
	struct table table = { .file = file, .elf = elf };
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	bool is_whole = false;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_SYMTAB &&
		     header.sh_type != SHT_DYNSYM))
			continue;
		table.symbols = elf_getdata(section, NULL);
		if (!table.symbols || !size)
			continue;
		is_whole |= header.sh_type == SHT_SYMTAB;
		table.names = header.sh_link;
		table.versions = header.sh_type == SHT_DYNSYM
					 ? section_data(elf, SHT_GNU_versym)
					 : NULL;
		table.count = table.symbols->d_size / size;
		if (table.count > INT32_MAX)
			table.count = INT32_MAX;
		visit_table(&table, call, data);
	}
	return is_whole;
}

/* What a stripped program lost may be kept in a file apart. */
static void visit_functions(struct host *host, struct program_file *file,
			    function_fn *call, void *data)
{
	if (visit_tables(file, file->elf, call, data))
		return;
	if (!file->apart_looked) {
		file->apart_looked = true;
		file->apart_fd =
			debug_file_open(file->elf, host->root, file->path);
		if (file->apart_fd >= 0)
			file->apart = elf_begin(file->apart_fd, ELF_C_READ_MMAP,
						NULL);
	}
	if (file->apart)
		visit_tables(file, file->apart, call, data);
}

bool host_is_go(struct host *host, const char *path)
{
	struct program_file *file = program_get(host, path);

	return file->status == HOST_OK &&
	       (section_find(file->elf, ".note.go.buildid") ||
		section_find(file->elf, ".gopclntab"));
}

/* ---- one function ---- */

struct wanted {
	const char *name;
	size_t length;
	struct function best;
};

static void keep_wanted(const struct function *function, void *data)
{
	struct wanted *wanted = data;

	if (function->length == wanted->length &&
	    function->rank > wanted->best.rank &&
	    !memcmp(function->name, wanted->name, wanted->length))
		wanted->best = *function;
}

enum host_status host_symbol(struct host *host, const char *path,
			     const char *name, struct program_symbol *found)
{
	struct program_file *file = program_get(host, path);
	struct wanted wanted = { .name = name, .length = strlen(name) };

	if (file->status != HOST_OK)
		return file->status;
	visit_functions(host, file, keep_wanted, &wanted);
	if (wanted.best.rank == RANK_NONE)
		return HOST_ABSENT;
	*found = wanted.best.symbol;
	found->name = arena_strndup(host->arena, name, wanted.length);
	return HOST_OK;
}

/* ---- all of them ---- */

struct function_list {
	struct function *items; /* owned */
	size_t count;
	size_t room;
	bool is_full;
};

static void keep_function(const struct function *function, void *data)
{
	struct function_list *list = data;
	size_t room = list->room ? list->room * 2 : 256;
	struct function *items;

	if (list->count == list->room) {
		items = reallocarray(list->items, room, sizeof(*items));
		list->is_full = !items;
		if (!items)
			return;
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = *function;
}

static int compare_spelling(const struct function *a, const struct function *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);

	if (order)
		return order;
	return (a->length > b->length) - (a->length < b->length);
}

/* By name; the one that is meant first. */
static int compare_name(const void *left, const void *right)
{
	const struct function *a = left, *b = right;
	int order = compare_spelling(a, b);

	if (order)
		return order;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return (a->symbol.address > b->symbol.address) -
	       (a->symbol.address < b->symbol.address);
}

static size_t underscores(const struct function *function)
{
	size_t count = 0;

	while (count < function->length && function->name[count] == '_')
		count++;
	return count;
}

/* By address; the name that people use first: "write", not "__write". */
static int compare_address(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	if (a->symbol.address != b->symbol.address)
		return a->symbol.address < b->symbol.address ? -1 : 1;
	if (underscores(a) != underscores(b))
		return underscores(a) < underscores(b) ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return compare_spelling(a, b);
}

/* Of the ones that are the same, the first stays. */
static void keep_first(struct function_list *list,
		       bool same(const struct function *a,
				 const struct function *b))
{
	size_t kept = 0, i;

	for (i = 0; i < list->count; i++)
		if (!kept || !same(&list->items[kept - 1], &list->items[i]))
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static bool same_name(const struct function *a, const struct function *b)
{
	return !compare_spelling(a, b);
}

static bool same_address(const struct function *a, const struct function *b)
{
	return a->symbol.address == b->symbol.address;
}

static void sort_functions(struct function_list *list)
{
	size_t size = sizeof(*list->items);

	if (!list->count)
		return;
	qsort(list->items, list->count, size, compare_name);
	keep_first(list, same_name);
	qsort(list->items, list->count, size, compare_address);
	keep_first(list, same_address);
	qsort(list->items, list->count, size, compare_name);
}

static enum host_status program_list(struct host *host,
				     struct program_file *file)
{
	struct function_list list = { 0 };
	struct program_symbol *symbols;
	size_t i;

	visit_functions(host, file, keep_function, &list);
	if (list.is_full) {
		free(list.items);
		return HOST_BAD;
	}
	sort_functions(&list);
	symbols = ARENA_ARRAY(host->arena, list.count, struct program_symbol);
	for (i = 0; i < list.count; i++) {
		symbols[i] = list.items[i].symbol;
		symbols[i].name = arena_strndup(host->arena, list.items[i].name,
						list.items[i].length);
	}
	free(list.items);
	file->symbols = symbols;
	file->symbol_count = list.count;
	file->is_listed = true;
	return HOST_OK;
}

enum host_status host_symbols(struct host *host, const char *path,
			      symbol_visit_fn *visit, void *data)
{
	struct program_file *file = program_get(host, path);
	enum host_status status = file->status;
	size_t i;

	if (status == HOST_OK && !file->is_listed)
		status = program_list(host, file);
	if (status != HOST_OK)
		return status;
	for (i = 0; i < file->symbol_count; i++)
		visit(&file->symbols[i], data);
	return HOST_OK;
}
