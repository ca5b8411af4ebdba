/*
 * The machine being traced, rooted at a folder ("/", or a recorded machine of
 * the tests): the only door to its facts. Everything is read when it is first
 * asked for, and kept; nothing is read before.
 *
 * A fact that cannot be had is a status, not a message: who asked knows what
 * it was for.
 */
#ifndef PARSER_HOST_H
#define PARSER_HOST_H

#include "lexer/arena.h"
#include "parser/types.h"

struct host;

enum host_status {
	HOST_OK,
	HOST_ABSENT,     /* there is no such thing */
	HOST_FORBIDDEN,  /* EACCES, EPERM */
	HOST_NO_TRACEFS, /* not mounted, and could not be mounted */
	HOST_NO_BTF,     /* no /sys/kernel/btf/vmlinux */
	HOST_BAD,        /* there, but malformed */
};

/* Borrows the arena. `root` "/" is the running machine; then, as root, an
 * unmounted tracefs is mounted at /sys/kernel/tracing when first needed. */
struct host *host_open(struct arena *arena, const char *root);
void host_close(struct host *host);
bool host_is_live(const struct host *host);

/* The folder of tracefs, found or mounted. */
enum host_status host_tracefs(struct host *host, const char **path);

/* ---- tracepoints (host_tracefs.c) ---- */

struct tracepoint {
	uint32_t id;
	const struct record *args; /* the common fields left out */
};

/* Reads events/CATEGORY/EVENT/{id,format}. */
enum host_status host_tracepoint(struct host *host, const char *category,
				 const char *event, struct tracepoint *found);

/* Calls for every tracepoint, in name order; both strings live in the arena. */
typedef void tracepoint_visit_fn(const char *category, const char *event,
				 void *data);
enum host_status host_tracepoints(struct host *host, tracepoint_visit_fn *visit,
				  void *data);

/* Parses the text of a format file; for the above and for fuzzing. NULL if
 * malformed. */
const struct record *tracepoint_format_parse(struct arena *arena,
					     const char *text, size_t length,
					     uint32_t *id);

/* ---- kernel types (host_btf.c: our own reader of vmlinux BTF) ---- */

/* "struct"/"union"/"enum" NAME, or a typedef or integer type when `keyword` is
 * NULL. The members' types are built when asked for (record_complete()). */
enum host_status host_type(struct host *host, const char *keyword,
			   const char *name, const struct type **type);

/* Fills the fields of a record that is only known by name and BTF id; no-op
 * for one that has them. */
void host_record_complete(struct host *host, const struct record *record);

/* An enumerator of any kernel enum, by name. */
enum host_status host_enumerator(struct host *host, const char *name,
				 const struct type **type, int64_t *value);

/* The arguments of raw tracepoint EVENT (typedef btf_trace_EVENT, without its
 * first, void * parameter): each 8 bytes apart. */
enum host_status host_raw_tracepoint(struct host *host, const char *event,
				     const struct record **args);
/* Calls for every raw tracepoint, in name order. */
typedef void name_visit_fn(const char *name, void *data);
enum host_status host_raw_tracepoints(struct host *host, name_visit_fn *visit,
				      void *data);

/* ---- user programs (host_elf.c) ---- */

/*
 * The file behind the name of a binary in an attach point: a path as it is, a
 * name through $PATH, a library (libc, libc.so.6) through the loader's cache
 * and the standard folders.
 */
enum host_status host_binary(struct host *host, const char *name,
			     const char **path);

struct program_symbol {
	const char *name;
	uint64_t address; /* as the ELF file says */
	uint64_t offset;  /* in the file */
	uint64_t size;
};

/* A function of .symtab or .dynsym (versions after '@' ignored). */
enum host_status host_symbol(struct host *host, const char *path,
			     const char *name, struct program_symbol *found);
typedef void symbol_visit_fn(const struct program_symbol *symbol, void *data);
/* Every function of the file, in name order, each name and each address once.
 */
enum host_status host_symbols(struct host *host, const char *path,
			      symbol_visit_fn *visit, void *data);
/* File offset of a virtual address of the file. */
enum host_status host_file_offset(struct host *host, const char *path,
				  uint64_t address, uint64_t *offset);

/* ---- small facts (host.c) ---- */

/* Address of a kernel symbol, from /proc/kallsyms. HOST_FORBIDDEN when the
 * kernel shows zeros. */
enum host_status host_kernel_symbol(struct host *host, const char *name,
				    uint64_t *address);

/* Id of the cgroup (v2) at a path: absolute, or below the cgroup mount. */
enum host_status host_cgroup_id(struct host *host, const char *path,
				uint64_t *id);

/* /sys/devices/system/cpu/possible; 1 if unreadable. */
uint32_t host_possible_cpus(struct host *host);
/* The CPUs in /sys/devices/system/cpu/online; `*count` of them, in the arena.
 */
const uint32_t *host_online_cpus(struct host *host, size_t *count);

/* etrace's pid namespace; false when it is the initial one. */
bool host_pid_namespace(struct host *host, uint64_t *device, uint64_t *inode);

/* Why the kernel may refuse tracing: "integrity", "confidentiality" or NULL. */
const char *host_lockdown(struct host *host);

/* A whole small file of the machine, NUL-terminated, in the arena; at most
 * `limit` bytes. */
enum host_status host_read_file(struct host *host, const char *path,
				size_t limit, const char **text,
				size_t *length);

#endif
