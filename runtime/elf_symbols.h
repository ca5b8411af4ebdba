/*
 * The functions of one ELF file, by address. Knows ELF and nothing of
 * processes: usyms.c says which file and which offset.
 */
#ifndef RUNTIME_ELF_SYMBOLS_H
#define RUNTIME_ELF_SYMBOLS_H

#include "lexer/base.h"

struct elf_symbols;

/* Reads .symtab and .dynsym. NULL if it is no ELF file or has no functions.
 * The descriptor may be closed afterwards. */
struct elf_symbols *elf_symbols_read(int fd);
/* The same of a file at a path, of which the symbols may be kept apart. `root`
 * stands before the path and /usr/lib/debug. */
struct elf_symbols *elf_symbols_read_at(int fd, const char *root,
					const char *path);
/* The same from an image in memory, which is only read during the call. */
struct elf_symbols *elf_symbols_from_memory(const void *image, size_t size);
void elf_symbols_free(struct elf_symbols *symbols);

/* The function at an offset of the file; NULL if there is none. `*offset`
 * receives how far into it. Valid until elf_symbols_free(). */
const char *elf_symbols_find(const struct elf_symbols *symbols,
			     uint64_t file_offset, uint64_t *offset);

#endif
