/*
 * Addresses become names: of the kernel (ksyms.c) and of processes (usyms.c,
 * elf_symbols.c). Everything is read when first asked for and kept, so that a
 * process that has ended still resolves. Called by the printers.
 */
#ifndef RUNTIME_SYMBOLS_H
#define RUNTIME_SYMBOLS_H

#include "lexer/base.h"

struct symbol {
	const char *name;   /* NULL: only the module is known */
	uint64_t offset;    /* of the address from the symbol's start */
	const char *module; /* "vmlinux", "ext4"; the file of a process */
};

/* ---- the kernel's ---- */

struct ksyms;

/* `root`: what stands before /proc, normally "". NULL if out of memory. */
struct ksyms *ksyms_new(const char *root);
void ksyms_free(struct ksyms *ksyms);

/* False if no symbol covers the address, or none may be read. The strings are
 * valid until ksyms_free(). */
bool ksyms_find(struct ksyms *ksyms, uint64_t address, struct symbol *symbol);

/* ---- those of processes ---- */

struct usyms;

struct usyms *usyms_new(const char *root, bool demangle);
void usyms_free(struct usyms *usyms);

/*
 * Follow what all processes map from now on, so that one that ends before
 * anybody looks is known as well. `cpus`: how many the machine may have. False,
 * with errno set, if the kernel refuses: then only usyms_process_seen() helps.
 */
bool usyms_follow(struct usyms *usyms, uint32_t cpus);
/* Ready to read when usyms_update() should be called; -1: not following. */
int usyms_fd(const struct usyms *usyms);
void usyms_update(struct usyms *usyms);
/* How many notices of the kernel were lost. */
uint64_t usyms_lost(const struct usyms *usyms);

/* Look at the process's memory map now, while it lives. */
void usyms_process_seen(struct usyms *usyms, uint32_t pid);

/* False if not even the module is known. The strings are valid until the next
 * call of a usyms function. */
bool usyms_find(struct usyms *usyms, uint32_t pid, uint64_t address,
		struct symbol *symbol);

#endif
