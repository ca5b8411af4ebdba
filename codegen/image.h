/*
 * The contract between compile time and run time: an ELF object in memory and
 * the tables that explain its programs, maps and records. Holds no LLVM and
 * no tree; runtime/ and --dump=image read it.
 */
#ifndef CODEGEN_IMAGE_H
#define CODEGEN_IMAGE_H

#include <stdio.h>

#include "parser/ast.h"
#include "parser/format.h"
#include "parser/settings.h"
#include "parser/tables.h"

/* A BPF map of the object, as the kernel is asked for it. */
struct kernel_map {
	const char *symbol;
	uint32_t type; /* BPF_MAP_TYPE_… */
	uint32_t key_size, value_size, max_entries, flags;
};

struct image_program {
	const char *function; /* its symbol in the ELF */
	enum attach_kind kind;
	struct span at;        /* the clause */
	uint32_t first_attach; /* into image->attaches */
	uint32_t attach_count;
	bool needs_cookie; /* reads bpf_get_attach_cookie(): the number of the
			      attach among the program's */
	bool reads_registers; /* beyond arguments and result */
};

struct image_map {
	const char *name;       /* "@start" */
	const char *symbol;     /* its name in the ELF */
	const struct type *key; /* NULL: scalar, the BPF map is an array of 1 */
	const struct type *value;
	bool is_percpu; /* one value per possible CPU, to be merged */
	uint32_t max_entries;
	struct span at;
	const char *spare;   /* the other kernel map of one that is printed
				and emptied at once, or NULL */
	uint32_t side;       /* then: its bit in control->sides */
	bool is_preemptible; /* a program may be preempted while it has a
				value of it */
};

/* A place in the script that sends records. */
struct image_site {
	enum action action;
	struct span at;
	uint32_t program;
	const struct format *format; /* PRINTF, ERRORF, CAT, SYSTEM */
	const char *text;            /* TIME: its format; JOIN: the separator */
	const struct type **types;   /* of the slots */
	uint32_t count;
	int32_t map; /* PRINT, CLEAR, ZERO of a map: its index; else -1 */
	int64_t top; /* print(@m, top, divisor); 0: not given */
	int64_t divisor;
	enum action then; /* PRINT: CLEAR or ZERO what was printed */
	bool is_control;  /* goes through the control ring */
};

enum fault_reason {
#define FAULT(reason, name, kind, one, many, remedy) FAULT_##reason,
#include "codegen/faults.def"
#undef FAULT
	FAULT_REASONS
};

struct fault_row {
	const char *name;   /* "ring-full" */
	bool is_loss;       /* an event, record or update is missing */
	const char *one;    /* what the report says after a count of 1 … */
	const char *many;   /* … and after any other */
	const char *remedy; /* "" if there is none */
};

/* A place in the script where something can fail at run time. */
struct image_fault {
	enum fault_reason reason;
	struct span at;
	uint32_t program;
	int32_t map;       /* MAP_FULL, MAP_REFUSED: its index; else -1 */
	uint32_t counter;  /* first of its counters in control->faults … */
	uint32_t counters; /* … one per attach of the program, or 1 for all */
};

struct image {
	const void *elf;
	size_t elf_size;
	struct image_program *programs;
	uint32_t program_count;
	struct attach *attaches;
	uint32_t attach_count;
	struct image_map *maps;
	uint32_t map_count;
	struct image_site *sites;
	uint32_t site_count;
	struct image_fault *faults;
	uint32_t fault_count;
	uint32_t fault_counters;
	struct kernel_map *kernel_maps; /* all but .bss and .rodata */
	uint32_t kernel_map_count;
	bool has_data_ring, has_control_ring;
	uint32_t ring_bytes; /* of the data ring: a power of two */
	struct settings settings;
};

/* Readable, stable lines for --dump=image. */
void image_dump(FILE *out, const struct image *image,
		const struct source *source);

const struct fault_row *fault_row(enum fault_reason reason);

#endif
