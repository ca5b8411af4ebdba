/*
 * Debug information kept apart from a program, under /usr/lib/debug or beside
 * it, or packed within. Called by host_elf.c and host_dwarf.c, and by runtime/
 * for names of functions.
 */
#ifndef PARSER_HOST_DEBUG_H
#define PARSER_HOST_DEBUG_H

#include "lexer/base.h"

struct Elf; /* libelf's */
struct Elf_Scn;

/* The first section of that name, or NULL. */
struct Elf_Scn *section_find(struct Elf *elf, const char *name);

/*
 * Opens the file that belongs to the program: by its build id, by the name and
 * checksum in .gnu_debuglink, or what is packed in .gnu_debugdata. `root`
 * stands before /usr/lib/debug and before `path`, which is the program's. A
 * descriptor to close, or -1.
 */
int debug_file_open(struct Elf *program, const char *root, const char *path);

/* What is packed in .gnu_debugdata; a descriptor to close, or -1. */
int debug_packed_open(struct Elf *program);

#endif
