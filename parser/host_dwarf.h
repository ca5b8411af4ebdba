/*
 * Private to the host_dwarf*.c files: the debug information of one program,
 * and what they ask of each other. Only these files know libdw.
 */
#ifndef PARSER_HOST_DWARF_H
#define PARSER_HOST_DWARF_H

#include <dwarf.h>
#include <elfutils/libdw.h>

#include "parser/arguments.h"
#include "parser/host_private.h"

/* Declarations nested in each other are followed no deeper. */
#define DWARF_DEPTH_MAX 24

struct dwarf_file {
	struct dwarf_file *next; /* of the host's */
	struct host *host;
	Dwarf *dwarf; /* NULL: the program has no debug information */
	struct debug_file *debug; /* where it is, if not in the program */
	struct cache records;     /* "offset" to struct dwarf_record */
	struct cache named;       /* "struct name" to struct type */
};

/* ---- host_dwarf.c ---- */

/* Opened when first asked for; ->dwarf NULL if there is none. */
struct dwarf_file *dwarf_file_get(struct host *host, const char *path);

/* ---- host_dwarf_types.c ---- */

/* The type a DIE's DW_AT_type names; NULL for void. What the language has no
 * type for is an array of bytes. */
const struct type *dwarf_type_of(struct dwarf_file *file, Dwarf_Die *die);
/* Past typedefs and qualifiers; false for void. */
bool dwarf_type_die(Dwarf_Die *die, Dwarf_Die *type);
uint64_t dwarf_size_of(Dwarf_Die *type);
/* An attribute that is a number; false, and `*value` as it was, if not. */
bool dwarf_number(Dwarf_Die *die, unsigned name, uint64_t *value);

/* ---- host_dwarf_abi.c ---- */

/* Where parameters travel when a function is entered. */
struct calling {
	unsigned integers; /* registers used up, of each kind */
	unsigned floats;
	int64_t stack; /* bytes used up above the return address */
};

void calling_begin(struct calling *calling, Dwarf_Die *function);
/* Fills the pieces of the next parameter, of that type, or its refusal. */
void calling_next(struct calling *calling, Dwarf_Die *type,
		  struct argument *argument);
/* The same of a result, when the function has returned. */
void calling_result(Dwarf_Die *type, struct argument *argument);

/* ---- host_dwarf_place.c ---- */

/* Where the debug information says the variable is at an address: false if it
 * says nothing of use there. The refusal may be set then. */
bool dwarf_place(Dwarf_Die *variable, uint64_t address,
		 struct argument *argument);

/* The word of pt_regs of a register by its DWARF number; NO_REGISTER for those
 * of floating-point numbers and others. */
int8_t dwarf_register(uint64_t number);
bool dwarf_register_is_float(uint64_t number);

#define REFUSAL_FLOATING \
	"it is a floating-point number, and those are out of a probe's reach"

#endif
