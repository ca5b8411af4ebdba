/*
 * What the host*.c and btf*.c files share: the machine's caches, its folders,
 * and the small containers behind them. Nobody else includes this.
 */
#ifndef PARSER_HOST_PRIVATE_H
#define PARSER_HOST_PRIVATE_H

#include "parser/host.h"

/* ---- names to values (host_cache.c) ---- */

struct cache_slot {
	const char *name; /* NULL: free */
	void *value;
};

/* An open-addressing table in the arena; all zero is an empty one. */
struct cache {
	struct cache_slot *slots;
	size_t count;
	size_t room; /* a power of two, or 0 */
};

/* The value put for a name, or NULL. */
void *cache_find(const struct cache *cache, const char *name);
/* `name` and `value` are kept, not copied; `name` must be new. */
void cache_put(struct arena *arena, struct cache *cache, const char *name,
	       void *value);
/* A hash of `length` bytes; good enough for a table, no more. */
uint32_t cache_hash(const char *text, size_t length);

/* ---- the machine (host.c) ---- */

/* A whole file, reused from one reading to the next; owns `bytes`. */
struct text {
	char *bytes;
	size_t length;
	size_t room;
};

struct address_range {
	uint64_t begin, end;
};

struct tracepoint_name {
	const char *category;
	const char *event;
};

struct host {
	struct arena *arena;
	const char *root; /* "" for the running machine, no '/' at the end */

	struct text scratch; /* the file being parsed */
	struct text kallsyms;
	enum host_status kallsyms_status;
	bool kallsyms_read;

	const char *tracefs; /* NULL: not found (yet) */
	enum host_status tracefs_status;
	bool tracefs_looked;
	struct cache tracepoints; /* "category:event" to cached_tracepoint */
	struct tracepoint_name *tracepoint_names;
	size_t tracepoint_count;
	bool tracepoints_listed;

	const char *btf; /* the file of the kernel's types; NULL: its own */
	struct kernel_types *types; /* NULL: not read yet */
	enum host_status types_status;
	bool types_looked;
	struct cache declared; /* by the script: "struct page" to its type */
	struct cache declared_enumerators;
	struct cache records; /* "struct page" to what record_by_name() made */

	struct cache modules;               /* name to struct known_module */
	struct kernel_types **module_types; /* by number - 1 */
	size_t module_count, module_room;
	const char **module_names; /* of those that have BTF, sorted */
	size_t module_name_count;
	/* what was asked of all of them: to struct type, struct
	 * known_enumerator */
	struct cache module_named, module_enumerators;
	bool modules_listed;

	struct text functions; /* available_filter_functions */
	enum host_status functions_status;
	bool functions_read;
	struct address_range *untraced; /* NULL: not read yet */
	struct cache unprobed; /* names on the list of what has no kprobes */
	bool unprobed_read;

	struct cache programs; /* path to struct program_file */
	struct program_file *opened_programs;
	struct cache dwarfs; /* path to struct dwarf_file */
	struct dwarf_file *opened_dwarfs;
	struct cache binaries; /* name to path */

	uint32_t process;          /* whose binaries are meant, 0: ours */
	struct host *process_root; /* where it lives; NULL: where we do */
	bool process_looked;

	uint32_t possible_cpus;
	const uint32_t *online_cpus;
	size_t online_count;
};

/* The path under the machine's root. In the arena, or `path` itself. */
const char *host_path(struct host *host, const char *path);

/* Reads a file of the running system (a path that has its root already);
 * HOST_BAD when it is longer than `limit`. The bytes are NUL-terminated. */
enum host_status text_read(struct text *text, const char *path, size_t limit);
void text_free(struct text *text);

/* Reads /proc/kallsyms into host->kallsyms, once. */
enum host_status host_kallsyms(struct host *host);

/* The status that an errno stands for; anything odd is HOST_BAD. */
enum host_status status_of_errno(int error);

/* ---- the process of -p (host_process.c) ---- */

/* The machine as the process sees it, rooted at its root folder; NULL if that
 * is ours. */
struct host *process_root(struct host *host);
/* The path by which we reach `path` of such a machine. */
const char *process_path(struct host *root, const char *path);

/* ---- opened programs (host_elf.c) ---- */

struct Elf; /* libelf's */

/* Opened when first asked for, closed with the host; never NULL. */
struct program_file *program_get(struct host *host, const char *path);
/* Not HOST_OK: the others must not be asked. */
enum host_status program_status(const struct program_file *file);
struct Elf *program_elf(const struct program_file *file);
/* How many bytes were read. As the file has them: where a program is traced,
 * the kernel puts breakpoints in every mapping of it, ours too. */
size_t program_read(const struct program_file *file, uint64_t offset,
		    uint8_t *bytes, size_t size);
/* The place in the file of a virtual address; false if there is none. */
bool program_offset(const struct program_file *file, uint64_t address,
		    uint64_t *offset);

/* ---- debug information (host_dwarf_types.c) ---- */

/* Gives a record of a program its fields, once. */
void dwarf_record_fill(struct dwarf_record *record);

/* ---- the loader's cache (host_library.c) ---- */

/* The file of a shared library: "libc", "libc.so.6". */
enum host_status library_find(struct host *host, const char *name,
			      const char **path);

/* ---- what C calls integers (host_integers.c) ---- */

/* "unsigned long", "pid_t", "__u32"; NULL for any other name. */
const struct type *integer_by_name(const char *name);

/* ---- a file of BTF (btf_file.c) ---- */

/*
 * The types of a BTF file. Where they are is found out from front to back, as
 * far as it is needed: the kernel has over a hundred thousand, and those that
 * matter to probes come early. A type that btf_type() returns lies inside of
 * the file with all that follows it; the ids and names in it have not been
 * checked: reading those by btf_type() and btf_name() does.
 */
struct btf_file {
	const uint8_t *bytes; /* owned: mapped or allocated */
	size_t size;
	bool is_mapped;
	const uint8_t *types;
	uint32_t types_size; /* up to the first malformed type, once met */
	const char *names;   /* ends with a NUL */
	uint32_t names_size;
	uint32_t *places; /* owned; of each type: offset << 3 | kind */
	uint32_t count;   /* of types found so far, void's 0 included */
	uint32_t next;    /* offset of the one to be found next */
	/* Of a module's file: that of the kernel, which its types and names
	 * go on from; they begin with these numbers. Else NULL, 0, 0. */
	struct btf_file *base;
	uint32_t first, first_name;
};

struct btf_type;

/* Maps or reads the file. On failure nothing is owned. */
enum host_status btf_file_open(struct btf_file *file, const char *path);
/* The same for bytes in memory, aligned to 4, which are borrowed. False if
 * they are not BTF, or not of this byte order. */
bool btf_file_parse(struct btf_file *file, const uint8_t *bytes, size_t size);
/* The file just opened is a module's, `base` the kernel's. */
void btf_file_split(struct btf_file *file, struct btf_file *base);
void btf_file_close(struct btf_file *file);

/* More than any id that btf_type() may know. */
uint32_t btf_id_limit(const struct btf_file *file);
/* Type `id`; NULL for 0 (void) and for ids that are not there. */
const struct btf_type *btf_type(struct btf_file *file, uint32_t id);
/* A name by its place; "" when that is outside of the file. */
const char *btf_name(const struct btf_file *file, uint32_t place);

/* The first type of this very file after id `after` of one of the kinds (bits
 * 1 << BTF_KIND_…); 0 if there is none. The second wants a name as well. */
uint32_t btf_next(struct btf_file *file, uint32_t kinds, uint32_t after);
uint32_t btf_find(struct btf_file *file, uint32_t kinds, const char *name,
		  uint32_t after);

/* ---- types from BTF (btf_build.c) ---- */

/* Records know their types by the upper bits of record.btf_id: 0 for the
 * kernel's own, then the modules in the order they were asked for. */
#define BTF_ID_BITS 20
#define BTF_ID_MASK ((UINT32_C(1) << BTF_ID_BITS) - 1)
#define MODULES_MAX ((UINT32_C(1) << (32 - BTF_ID_BITS)) - 1)

struct kernel_types {
	struct arena *arena;
	struct btf_file file;
	struct kernel_types *base; /* of a module: the kernel's; else NULL */
	uint32_t number;           /* of a module, from 1; 0: the kernel */
	const struct type **built; /* owned; by id, NULL: not yet */
	struct cache named;        /* "struct page" to its type */
	struct cache enumerators;  /* those asked for */
	struct cache raw_tracepoints;
	const char **raw_names; /* of all raw tracepoints, sorted */
	size_t raw_count;
	bool raw_listed;
};

/* The type of an id; NULL for void, functions, and what makes no sense. The
 * fields of a record are left to btf_fill(). */
const struct type *btf_build(struct kernel_types *types, uint32_t id);
/* Gives a record that btf_build() made its fields, once. */
void btf_fill(struct kernel_types *types, const struct record *record);
/* Past const, volatile, restrict, type tags and typedefs; 0 if that leads
 * nowhere. */
uint32_t btf_resolve(struct kernel_types *types, uint32_t id);

/* The kernel's, read when first asked for. */
enum host_status kernel_types_get(struct host *host,
				  struct kernel_types **types);
/* Types for a file that was opened; takes it. NULL without memory. */
struct kernel_types *kernel_types_new(struct arena *arena,
				      const struct btf_file *file);
/* Those a record's id is of; NULL if there are none. */
struct kernel_types *kernel_types_of(struct host *host, uint32_t btf_id);

struct known_enumerator {
	const struct type *type; /* NULL: there is none of that name */
	int64_t value;
};

/* In one file; NULL, and found->type NULL, if it has none of that name. */
const struct type *types_find(struct kernel_types *types, const char *keyword,
			      const char *name);
void types_enumerator(struct kernel_types *types, const char *name,
		      struct known_enumerator *found);

/* ---- modules (host_module.c) ---- */

/* A module's types, read when first asked for. ABSENT: no BTF of that name. */
enum host_status module_types_get(struct host *host, const char *module,
				  struct kernel_types **types);
void modules_close(struct host *host);

/* The text of a format file; `host` may be NULL: see record_by_name(). */
const struct record *args_parse(struct arena *arena, struct host *host,
				const struct text *text, uint32_t *id);

/* The record of "struct" or "union" NAME that something else than BTF spoke
 * of: the same one for the same name, perhaps without fields yet. */
struct record *record_by_name(struct host *host, bool is_union,
			      const char *name);

/* ---- closing, each by the file that opened ---- */

void kernel_types_close(struct kernel_types *types);
void programs_close(struct host *host);
void dwarfs_close(struct host *host);

#endif
