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
#include "parser/instruction.h"
#include "parser/types.h"

struct host;

enum host_status {
	HOST_OK,
	HOST_ABSENT,     /* there is no such thing */
	HOST_FORBIDDEN,  /* EACCES, EPERM */
	HOST_NO_TRACEFS, /* not mounted, and could not be mounted */
	HOST_NO_BTF,     /* no /sys/kernel/btf/vmlinux */
	HOST_NO_DEBUG,   /* a program without debug information */
	HOST_BAD,        /* there, but malformed */
};

/* Borrows the arena. `root` "/" is the running machine; then, as root, an
 * unmounted tracefs is mounted at /sys/kernel/tracing when first needed. */
struct host *host_open(struct arena *arena, const char *root);
void host_close(struct host *host);
bool host_is_live(const struct host *host);

/* Binaries are looked up as this process sees the file system. */
void host_set_process(struct host *host, uint32_t pid);

/* The folder of tracefs, found or mounted. */
enum host_status host_tracefs(struct host *host, const char **path);

typedef void name_visit_fn(const char *name, void *data);

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

/* Take the kernel's types from this file, in place of its own. */
void host_set_types(struct host *host, const char *path);

/* The id of a record in the kernel's own BTF; 0 if it is not from there. */
uint32_t host_record_id(const struct record *record);

/* Has host_declare_type() been told of one of that name? */
bool host_is_declared(struct host *host, const char *keyword, const char *name);

/* Has host_set_types() named such a file? */
bool host_types_are_given(const struct host *host);

/* Are its types described at all? */
bool host_has_types(struct host *host);

/* "struct"/"union"/"enum" NAME, or a typedef or integer type when `keyword` is
 * NULL. The members' types are built when asked for (record_complete()). */
enum host_status host_type(struct host *host, const char *keyword,
			   const char *name, const struct type **type);

/* Fills the fields of a record that is only known by name and BTF id; no-op
 * for one that has them. */
void host_record_complete(struct host *host, const struct record *record);

/* Types and enumerators of the script's own: the functions of this file answer
 * with them instead of the kernel's of that name. */
void host_declare_type(struct host *host, const char *keyword, const char *name,
		       const struct type *type);
void host_declare_enumerator(struct host *host, const char *name,
			     const struct type *type, int64_t value);

/* Gives an enum that is only known by name its enumerators; no-op for one that
 * has them, and where the kernel does not describe it. */
void host_enum_complete(struct host *host, const struct type *type);

/* An enumerator of any kernel enum, by name. */
enum host_status host_enumerator(struct host *host, const char *name,
				 const struct type **type, int64_t *value);

/* The same of the first module that has one, for what the kernel itself has
 * not: reads the types of all modules. */
enum host_status host_module_type(struct host *host, const char *keyword,
				  const char *name, const struct type **type);
enum host_status host_module_enumerator(struct host *host, const char *name,
					const struct type **type,
					int64_t *value);

/* The arguments of raw tracepoint EVENT (typedef btf_trace_EVENT, without its
 * first, void * parameter): each 8 bytes apart. */
enum host_status host_raw_tracepoint(struct host *host, const char *event,
				     const struct record **args);
/* Calls for every raw tracepoint, in name order. */
enum host_status host_raw_tracepoints(struct host *host, name_visit_fn *visit,
				      void *data);

/* ---- kernel functions (host_function.c, host_traceable.c) ---- */

struct kernel_function {
	const char *module; /* NULL: the kernel's own */
	uint32_t btf_id;    /* in the BTF of the kernel, or of the module */
	/* Each argument takes 8 bytes or, a struct by value, 16. */
	const struct record *args;
	const struct type *result; /* NULL: none; stored behind the args */
	bool is_variadic; /* the kernel shows the arguments of none that is */
	bool has_large;   /* nor of one with values of more than 16 bytes */
	const char *also_in; /* another module that has one, or NULL */
};

/*
 * What BTF says of a function. `module` NULL: the kernel's own or, if it has
 * none of that name, that of any module; "vmlinux": the kernel's own.
 */
enum host_status host_function(struct host *host, const char *module,
			       const char *name, struct kernel_function *found);

/* Calls for every function of the kernel's own BTF or of a module's, in no
 * order. The name lasts as long as the host. */
typedef void described_visit_fn(const char *name, uint32_t btf_id, void *data);
enum host_status host_functions(struct host *host, const char *module,
				described_visit_fn *visit, void *data);
/* The function of that id. */
enum host_status host_function_at(struct host *host, const char *module,
				  uint32_t btf_id,
				  struct kernel_function *found);

/*
 * Calls for every function that the kernel's function tracer can trace, in no
 * order; functions of different files may share a name. `module` is NULL for
 * the kernel's own. The strings last as long as the host. From
 * available_filter_functions or, where that cannot be read (HOST_FORBIDDEN:
 * the kernel lets nobody trace functions), from kallsyms and BTF.
 */
typedef void function_visit_fn(const char *name, const char *module,
			       void *data);
enum host_status host_traceable_functions(struct host *host,
					  function_visit_fn *visit, void *data);

/* Does the kernel refuse even root the list of functions it can trace? Then
 * it refuses to trace them. */
bool host_refuses_functions(struct host *host);

/* Is it on the kernel's list of functions that must not have kprobes? */
bool host_is_unprobed(struct host *host, const char *name);

/* Has the kernel kprobes at all? */
bool host_has_kprobes(struct host *host);

/* Has the machine a processor whose hardware counters the kernel can use? */
bool host_has_counters(struct host *host);

/* Calls for every symbol of /proc/kallsyms of which the name begins so;
 * `module` NULL for the kernel's own; the address 0 for who may not see it. */
struct kernel_symbol {
	const char *name;
	const char *module;
	uint64_t address;
	bool is_code;
	bool is_traceable; /* not in a part the function tracer keeps out of */
};
typedef void kernel_symbol_visit_fn(const struct kernel_symbol *symbol,
				    void *data);
enum host_status host_kernel_symbols(struct host *host, const char *prefix,
				     kernel_symbol_visit_fn *visit, void *data);

/* The bytes of a function, up to the next symbol; 0 if nobody can tell. */
uint64_t host_kernel_function_size(struct host *host, const char *module,
				   const char *name);

/* How many arguments of 8 bytes fentry can show on this kernel. */
uint32_t host_argument_limit(struct host *host);

/* ---- functions of BPF programs (host_bpf.c) ---- */

/* A function of a BPF program that is in the kernel. */
struct bpf_function {
	const char *name;
	uint32_t program; /* the kernel's number for the program */
	uint32_t btf_id;  /* in the program's own BTF */
	bool is_entry;    /* where the program begins */
	bool is_tracing;  /* of a program that is bound to a function itself */
	bool is_static;   /* nobody knows its arguments and its result */
	/* Each argument takes 8 bytes; NULL: not known. */
	const struct record *args;
	const struct type *result; /* NULL: none, or not known */
};
typedef void bpf_function_visit_fn(const struct bpf_function *function,
				   void *data);

/*
 * Calls for every function that matches `pattern` in any program or, unless 0,
 * in the one of that number, in the order of the numbers. ABSENT: there is no
 * such program, or the machine is a recorded one; NO_BTF: that program does not
 * describe its functions (of all programs, those that do not are passed over).
 */
enum host_status host_bpf_functions(struct host *host, uint32_t program,
				    const char *pattern,
				    bpf_function_visit_fn *visit, void *data);

/* ---- kernel modules (host_module.c) ---- */

/* Names of the modules that have BTF, sorted; `*count` of them. */
const char *const *host_modules(struct host *host, size_t *count);

enum module_state { MODULE_ABSENT, MODULE_LOADED, MODULE_BUILT_IN };
enum module_state host_module_state(struct host *host, const char *module);

/* ---- user programs (host_elf.c, host_binary.c, host_usdt.c) ---- */

/*
 * The file behind the name of a binary in an attach point: a path as it is, a
 * name through $PATH, a library (libc, libc.so.6) through the loader's cache
 * and the standard folders.
 */
enum host_status host_binary(struct host *host, const char *name,
			     const char **path);

/* The path by which we reach each file the process has mapped to run, once,
 * in the order of its map. HOST_ABSENT without a process. */
typedef void path_visit_fn(const char *path, void *data);
enum host_status host_process_files(struct host *host, path_visit_fn *visit,
				    void *data);

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
/*
 * A variable, or function, of the file: its address and size, and how far it is
 * from the code at offset `from` of the file, wherever the two are mapped.
 */
enum host_status host_variable(struct host *host, const char *path,
			       const char *name, uint64_t from,
			       struct program_symbol *found, int64_t *distance);
/* File offset of a virtual address of the file. */
enum host_status host_file_offset(struct host *host, const char *path,
				  uint64_t address, uint64_t *offset);

struct arguments;

/* One place of a static probe (<sys/sdt.h>). The strings and arguments are in
 * the arena. */
struct static_probe {
	const char *provider;
	const char *name;
	const struct arguments *arguments; /* parser/arguments.h */
	uint64_t offset;                   /* of the instruction, in the file */
	uint64_t semaphore;                /* its place in the file, 0: none */
	/* other memory of the program is from the same page of the file, and
	 * comes first: there the kernel counts in vain */
	bool is_shadowed;
};

typedef void static_probe_fn(const struct static_probe *probe, void *data);
/* Every place of every static probe of the file, by provider and name. */
enum host_status host_static_probes(struct host *host, const char *path,
				    static_probe_fn *visit, void *data);

/* Was the program made by Go's compiler? */
bool host_is_go(struct host *host, const char *path);

/* What becomes of the instruction at that place of the file (its offset) once
 * a uprobe is there; INSTRUCTION_TRACED if nothing is known against it. */
enum instruction host_instruction(struct host *host, const char *path,
				  uint64_t offset);

/* ---- debug information of programs (host_dwarf.c, host_dwarf_lines.c) ---- */

/* The parameters of a function, as a record and where each of them is. */
struct parameters {
	const struct record *record;
	const struct arguments *arguments;
};

/* Of the function that begins at an address of the file; `symbol` is its name
 * there, or NULL. HOST_NO_DEBUG, or HOST_ABSENT if the debug information does
 * not know it. */
enum host_status host_parameters(struct host *host, const char *path,
				 uint64_t address, const char *symbol,
				 struct parameters *found);

/* The one thing it returns, likewise; HOST_ABSENT also if that is nothing. */
enum host_status host_result(struct host *host, const char *path,
			     uint64_t address, const char *symbol,
			     const struct arguments **found);
/* A type of the program, by name; `keyword` as in host_type(). HOST_NO_DEBUG,
 * or HOST_ABSENT. */
enum host_status host_program_type(struct host *host, const char *path,
				   const char *keyword, const char *name,
				   const struct type **type);

/* ---- kernel iterators (host_iterator.c) ---- */

struct kernel_iterator {
	const struct record *context; /* struct bpf_iter__KIND */
	uint32_t btf_id;              /* of the function bpf_iter_KIND */
};

enum host_status host_iterator(struct host *host, const char *kind,
			       struct kernel_iterator *found);
/* Calls for every kind of object there is an iterator of, in name order. */
enum host_status host_iterators(struct host *host, name_visit_fn *visit,
				void *data);

/* ---- network interfaces (host_net.c) ---- */

struct interface {
	const char *name;
	uint32_t header; /* bytes before the network header: 14, Ethernet's,
			    or 0 for interfaces without */
};

enum host_status host_interface(struct host *host, const char *name,
				struct interface *found);
/* Calls for every interface, in name order. */
enum host_status host_interfaces(struct host *host, name_visit_fn *visit,
				 void *data);

/* 6012 for Linux 6.12; 0 if it is not known. */
uint32_t host_kernel_version(struct host *host);

/* What is known of the places of a line besides their addresses. */
struct source_line {
	const char *file; /* the end of a path: "main.c", "src/main.c" */
	unsigned line;
	unsigned column; /* 0: any */
	/* set: */
	bool has_file;          /* is there such a file at all? */
	unsigned before, after; /* the nearest lines with code, or 0 */
};

/* Calls for the place where the code of a line begins, in each function that
 * has some of it. HOST_NO_DEBUG, or HOST_ABSENT if there is none. */
typedef void address_visit_fn(uint64_t address, void *data);
enum host_status host_source_line(struct host *host, const char *path,
				  struct source_line *line,
				  address_visit_fn *visit, void *data);

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

/* Is there such a file or folder? */
bool host_has_file(struct host *host, const char *path);

/* A whole small file of the machine, NUL-terminated, in the arena; at most
 * `limit` bytes. */
enum host_status host_read_file(struct host *host, const char *path,
				size_t limit, const char **text,
				size_t *length);

#endif
