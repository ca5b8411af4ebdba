/*
 * The files that processes have mapped, each once however many processes map
 * it, and their functions, read when first asked for. Knows how to reach a
 * file; nothing of who maps what. Called by processes.c and usyms.c.
 */
#ifndef RUNTIME_MODULES_H
#define RUNTIME_MODULES_H

#include "lexer/base.h"
#include "runtime/elf_symbols.h"

/* A part of a file in the memory of a process. */
struct mapping {
	uint64_t start, end, offset;
	uint64_t device, inode; /* inode 0: no file */
	const char *path;       /* as the process sees it, or [vdso] */
};

struct modules;
struct module;

/* `root`: what stands before /proc and before paths. NULL if out of memory. */
struct modules *modules_new(const char *root);
/* Every module must have been dropped. */
void modules_free(struct modules *modules);

/* The module of a mapping, held for the caller; NULL if out of memory. */
struct module *modules_get(struct modules *modules,
			   const struct mapping *mapping);
struct module *module_hold(struct module *module);
/* Accepts NULL. */
void module_drop(struct module *module);

/* As the process that mapped it first saw it. */
const char *module_path(const struct module *module);

/*
 * Take hold of the file while process `pid`, which has it at start .. end, may
 * still live; it is read later. Does nothing if that was done.
 */
void module_open(struct module *module, uint32_t pid, uint64_t start,
		 uint64_t end);

/* NULL if the file is out of reach or has no functions. */
const struct elf_symbols *module_symbols(struct module *module);

#endif
