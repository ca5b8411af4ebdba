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

struct image_program {
	const char *function; /* its symbol in the ELF */
	enum attach_kind kind;
	struct span at;	      /* the clause */
	uint32_t first_attach; /* into image->attaches; also the first cookie */
	uint32_t attach_count;
	bool needs_cookie; /* reads bpf_get_attach_cookie(): the index of the
			      attach in image->attaches */
};

struct image_map {
	const char *name;   /* "@start" */
	const char *symbol; /* its name in the ELF */
	const struct type *key; /* NULL: scalar, the BPF map is an array of 1 */
	const struct type *value;
	bool is_percpu;	   /* one value per possible CPU, to be merged */
	uint32_t max_entries;
	struct span at;
};

/* A place in the script that sends records. */
struct image_site {
	enum action action;
	struct span at;
	uint32_t program;
	const struct format *format; /* PRINTF, ERRORF, CAT, SYSTEM */
	const char *text;	     /* TIME: its format; JOIN: the separator */
	const struct type **types;   /* of the slots */
	uint32_t count;
	int32_t map;	  /* PRINT, CLEAR, ZERO of a map: its index; else -1 */
	int64_t top;	  /* print(@m, top, divisor); 0: not given */
	int64_t divisor;
	bool is_control; /* goes through the control ring */
};

enum fault_reason {
	FAULT_RING_FULL,     /* a record lost: the data ring had no room */
	FAULT_CONTROL_FULL,  /* the same for the control ring */
	FAULT_MAP_FULL,	     /* an update refused: the map holds max_entries */
	FAULT_MAP_REFUSED,   /* an update refused for another reason */
	FAULT_READ,	     /* memory that could not be read */
	FAULT_SCRATCH_BUSY,  /* event lost: too many probes nested on the CPU */
	FAULT_DIVISION,	     /* division by zero, taken as 0 */
	FAULT_LOOP_LIMIT,    /* a loop ended by the kernel's limit */
	FAULT_STACK,	     /* a stack that could not be taken */
	FAULT_SIGNAL,	     /* signal() refused */
	FAULT_INDEX,	     /* an index outside its array, taken as 0 */
	FAULT_MISSED,	     /* events the kernel or etrace had to skip */
	FAULT_REASONS
};

/* A place in the script where something can fail at run time. */
struct image_fault {
	enum fault_reason reason;
	struct span at;
	uint32_t program;
	int32_t map;	    /* MAP_FULL, MAP_REFUSED: its index; else -1 */
	uint32_t counter;   /* first of its counters in control->faults … */
	uint32_t counters;  /* … one per attach of the program, or 1 for all */
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
	bool has_data_ring, has_control_ring;
	uint32_t ring_bytes; /* of the data ring: a power of two */
	struct settings settings;
};

/* Readable, stable lines for --dump=image. */
void image_dump(FILE *out, const struct image *image,
		const struct source *source);

/* One-line meaning of a reason, as the report at exit says it:
 * "records lost: the event buffer was full". */
const char *fault_text(enum fault_reason reason);
/* Does the fault mean that an event or record was lost (and not only that a
 * value is missing in it)? */
bool fault_is_loss(enum fault_reason reason);

#endif
