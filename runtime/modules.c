/*
 * Files by device and inode. Reaching one is tried through the process that
 * maps it, which works for deleted files and in other mount namespaces, then
 * by its path. Called by processes.c and usyms.c.
 */
#include "runtime/modules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <elf.h>

#define CHAINS 4096
/* Files whose symbols nobody asked for yet stay open, so many at most. */
#define OPEN_FILES_MAX 128
/* A file that could not be reached is tried again with the next process. */
#define TRIES_MAX 8

struct module {
	struct modules *owner;
	struct module *next; /* of its chain */
	size_t references;
	char *path; /* owned */
	uint64_t device, inode;
	int fd; /* open until its symbols are read, else -1 */
	unsigned tries;
	bool is_reached;
	struct elf_symbols *symbols; /* owned */
};

struct modules {
	char *root;
	struct module *chains[CHAINS];
	unsigned open_files;
};

struct modules *modules_new(const char *root)
{
	struct modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return NULL;
	modules->root = strdup(root);
	if (modules->root)
		return modules;
	free(modules);
	return NULL;
}

void modules_free(struct modules *modules)
{
	if (!modules)
		return;
	free(modules->root);
	free(modules);
}

/* ---- reaching files ---- */

/* Opens a file only if it is a plain one: opening a device does things. */
static int open_plain(const char *path, uint64_t inode)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode) ||
	    (inode && status.st_ino != inode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* map_files reaches the very file, even a deleted one, but takes privileges;
 * a path may by now name another file. */
static int open_file(const struct module *module, uint32_t pid, uint64_t start,
		     uint64_t end)
{
	const char *root = module->owner->root;
	char *path;
	int fd;

	if (asprintf(&path, "%s/proc/%u/map_files/%llx-%llx", root, pid,
		     (unsigned long long)start, (unsigned long long)end) < 0)
		return -1;
	fd = open_plain(path, 0);
	free(path);
	if (fd >= 0)
		return fd;
	if (asprintf(&path, "%s/proc/%u/root%s", root, pid, module->path) < 0)
		return -1;
	fd = open_plain(path, module->inode);
	free(path);
	if (fd >= 0)
		return fd;
	/* the process is gone: its root was ours, or the inode will differ */
	if (asprintf(&path, "%s%s", root, module->path) < 0)
		return -1;
	fd = open_plain(path, module->inode);
	free(path);
	return fd;
}

/* The kernel's own code in every process is the same as in ours. */
static struct elf_symbols *read_vdso(void)
{
	const Elf64_Ehdr *header =
		(const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	size_t size;

	if (!header || sizeof(void *) != 8)
		return NULL;
	size = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
	return elf_symbols_from_memory(header, size);
}

static void close_file(struct module *module)
{
	if (module->fd < 0)
		return;
	close(module->fd);
	module->fd = -1;
	module->owner->open_files--;
}

const struct elf_symbols *module_symbols(struct module *module)
{
	if (module->fd >= 0)
		module->symbols = elf_symbols_read_at(
			module->fd, module->owner->root, module->path);
	close_file(module);
	return module->symbols;
}

void module_open(struct module *module, uint32_t pid, uint64_t start,
		 uint64_t end)
{
	if (module->is_reached || module->tries == TRIES_MAX)
		return;
	module->tries++;
	if (!module->inode) {
		module->is_reached = true;
		if (strcmp(module->path, "[vdso]") == 0)
			module->symbols = read_vdso();
		return;
	}
	module->fd = open_file(module, pid, start, end);
	if (module->fd < 0)
		return;
	module->is_reached = true;
	if (++module->owner->open_files > OPEN_FILES_MAX)
		module_symbols(module);
}

/* ---- one of each ---- */

static struct module **chain_of(struct modules *modules, uint64_t device,
				uint64_t inode)
{
	return &modules->chains[(inode * 31 + device) % CHAINS];
}

/* Without an inode ([vdso], [uprobes]) the name tells them apart. */
static bool module_is(const struct module *module,
		      const struct mapping *mapping)
{
	return module->device == mapping->device &&
	       module->inode == mapping->inode &&
	       (mapping->inode || !strcmp(module->path, mapping->path));
}

static struct module *module_new(struct modules *modules,
				 const struct mapping *mapping)
{
	struct module *module = calloc(1, sizeof(*module));

	if (!module)
		return NULL;
	module->owner = modules;
	module->references = 1;
	module->fd = -1;
	module->device = mapping->device;
	module->inode = mapping->inode;
	module->path = strdup(mapping->path);
	if (module->path)
		return module;
	free(module);
	return NULL;
}

struct module *modules_get(struct modules *modules,
			   const struct mapping *mapping)
{
	struct module **chain =
		chain_of(modules, mapping->device, mapping->inode);
	struct module *module;

	for (module = *chain; module; module = module->next) {
		if (module_is(module, mapping))
			return module_hold(module);
	}
	module = module_new(modules, mapping);
	if (!module)
		return NULL;
	module->next = *chain;
	*chain = module;
	return module;
}

struct module *module_hold(struct module *module)
{
	if (module)
		module->references++;
	return module;
}

void module_drop(struct module *module)
{
	struct module **at;

	if (!module || --module->references)
		return;
	at = chain_of(module->owner, module->device, module->inode);
	while (*at != module)
		at = &(*at)->next;
	*at = module->next;
	close_file(module);
	elf_symbols_free(module->symbols);
	free(module->path);
	free(module);
}

const char *module_path(const struct module *module)
{
	return module->path;
}
