/*
 * Addresses of processes become names: the map of a process is read while it
 * lives and kept after it has ended; the files it maps are kept by inode, all
 * processes sharing them. Called by the printers, and by actions.c when the
 * kernel side announces a process.
 */
#include "runtime/symbols.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/elf_symbols.h"
#include "runtime/file_text.h"

#define MAPS_MAX      ((size_t)64 << 20)
#define MODULES_MAX   16384
#define MODULE_CHAINS 1024
/* A process is found by pid modulo this; a later one takes its place. */
#define PROCESS_SLOTS 16384
/* Files whose symbols nobody asked for yet stay open, so many at most. */
#define OPEN_FILES_MAX 128
/* A map is read again after so long; sooner when an address is not in it. */
#define FRESH_MS         1000
#define FRESH_UNKNOWN_MS 100
/* Longer names are shown as they are. */
#define MANGLED_MAX 4096

/* The C++ library's, by the C++ ABI.
 * NOLINTNEXTLINE(bugprone-reserved-identifier) */
extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *length,
			    int *status);

/* A file that processes have mapped. */
struct module {
	struct module *next; /* of its chain */
	char *path;
	uint64_t device, inode;
	int fd; /* open until its symbols are read, else -1 */
	struct elf_symbols *symbols;
};

struct region {
	uint64_t start, end, offset;
	struct module *module; /* NULL: no file */
};

struct process {
	uint32_t pid;
	struct region *regions;
	size_t count, room;
	int64_t read_ms;
};

struct usyms {
	char *root;
	bool demangle;
	struct module *modules[MODULE_CHAINS];
	unsigned module_count, open_files;
	struct process *processes[PROCESS_SLOTS];
	char *demangled; /* of the last symbol; grown by __cxa_demangle */
	size_t demangled_room;
};

struct usyms *usyms_new(const char *root, bool demangle)
{
	struct usyms *usyms = calloc(1, sizeof(*usyms));

	if (!usyms)
		return NULL;
	usyms->demangle = demangle;
	usyms->root = strdup(root);
	if (!usyms->root) {
		usyms_free(usyms);
		return NULL;
	}
	return usyms;
}

static void process_free(struct process *process)
{
	if (!process)
		return;
	free(process->regions);
	free(process);
}

static void module_free(struct module *module)
{
	if (module->fd >= 0)
		close(module->fd);
	elf_symbols_free(module->symbols);
	free(module->path);
	free(module);
}

void usyms_free(struct usyms *usyms)
{
	struct module *module, *next;

	if (!usyms)
		return;
	for (size_t i = 0; i < PROCESS_SLOTS; i++)
		process_free(usyms->processes[i]);
	for (size_t i = 0; i < MODULE_CHAINS; i++) {
		for (module = usyms->modules[i]; module; module = next) {
			next = module->next;
			module_free(module);
		}
	}
	free(usyms->demangled);
	free(usyms->root);
	free(usyms);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- mapped files ---- */

/* One line of /proc/PID/maps. */
struct mapping {
	uint64_t start, end, offset, device, inode;
	const char *path;
};

/* Opens a file only if it is a plain one: opening a device does things. */
static int open_plain(const char *path, const struct mapping *mapping,
		      bool same_inode)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return -1;
	if (same_inode && status.st_ino != mapping->inode)
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* map_files reaches the very file, even a deleted one, but takes privileges;
 * the path may by now name another file. */
static int open_mapping(const struct usyms *usyms, uint32_t pid,
			const struct mapping *mapping)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/proc/%u/map_files/%llx-%llx", usyms->root, pid,
		     (unsigned long long)mapping->start,
		     (unsigned long long)mapping->end) < 0)
		return -1;
	fd = open_plain(path, mapping, false);
	free(path);
	if (fd >= 0)
		return fd;
	if (asprintf(&path, "%s/proc/%u/root%s", usyms->root, pid,
		     mapping->path) < 0)
		return -1;
	fd = open_plain(path, mapping, true);
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

static void module_load(struct usyms *usyms, struct module *module)
{
	if (module->fd < 0)
		return;
	module->symbols = elf_symbols_read(module->fd);
	close(module->fd);
	module->fd = -1;
	usyms->open_files--;
}

static struct module *module_new(struct usyms *usyms, uint32_t pid,
				 const struct mapping *mapping)
{
	struct module *module = calloc(1, sizeof(*module));

	if (!module)
		return NULL;
	module->fd = -1;
	module->device = mapping->device;
	module->inode = mapping->inode;
	module->path = strdup(mapping->path);
	if (!module->path) {
		module_free(module);
		return NULL;
	}
	if (!strcmp(module->path, "[vdso]"))
		module->symbols = read_vdso();
	else if (mapping->inode)
		module->fd = open_mapping(usyms, pid, mapping);
	if (module->fd >= 0 && ++usyms->open_files > OPEN_FILES_MAX)
		module_load(usyms, module);
	return module;
}

/* Without an inode ([vdso], [uprobes]) the name tells them apart. */
static bool module_is(const struct module *module,
		      const struct mapping *mapping)
{
	return module->device == mapping->device &&
	       module->inode == mapping->inode &&
	       (mapping->inode || !strcmp(module->path, mapping->path));
}

static struct module *module_get(struct usyms *usyms, uint32_t pid,
				 const struct mapping *mapping)
{
	uint64_t hash = mapping->inode * 31 + mapping->device;
	struct module **chain = &usyms->modules[hash % MODULE_CHAINS];
	struct module *module;

	for (module = *chain; module; module = module->next) {
		if (module_is(module, mapping))
			return module;
	}
	if (usyms->module_count >= MODULES_MAX)
		return NULL;
	module = module_new(usyms, pid, mapping);
	if (!module)
		return NULL;
	usyms->module_count++;
	module->next = *chain;
	*chain = module;
	return module;
}

/* ---- maps of processes ---- */

/* "55731275e000-557312763000 r-xp 00002000 fe:00 247134   /usr/bin/cat"; false
 * if it is malformed or not executable. */
static bool parse_mapping(const char *line, struct mapping *mapping)
{
	const char *at = line;
	const char *permissions;
	char *after;

	mapping->start = parse_hex(&at);
	if (*at++ != '-')
		return false;
	mapping->end = parse_hex(&at);
	permissions = at;
	if (strnlen(at, 6) < 6 || at[0] != ' ' || at[5] != ' ' ||
	    permissions[3] != 'x')
		return false;
	at += 6;
	mapping->offset = parse_hex(&at);
	if (*at++ != ' ')
		return false;
	mapping->device = parse_hex(&at) << 32;
	if (*at++ != ':')
		return false;
	mapping->device |= parse_hex(&at);
	mapping->inode = strtoull(at, &after, 10);
	mapping->path = after + strspn(after, " ");
	return mapping->start < mapping->end;
}

static bool region_add(struct process *process, struct region region)
{
	if (process->count == process->room) {
		size_t room = process->room ? 2 * process->room : 16;
		struct region *grown =
			realloc(process->regions, room * sizeof(*grown));

		if (!grown)
			return false;
		process->regions = grown;
		process->room = room;
	}
	process->regions[process->count++] = region;
	return true;
}

static void parse_maps(struct usyms *usyms, struct process *process, char *text,
		       size_t length)
{
	char *end = text + length;
	char *next;

	for (char *line = text; line < end; line = next) {
		struct mapping mapping;
		struct region region;

		next = line_cut(line, end);
		if (!parse_mapping(line, &mapping))
			continue;
		region = (struct region){ mapping.start, mapping.end,
					  mapping.offset, NULL };
		if (*mapping.path)
			region.module =
				module_get(usyms, process->pid, &mapping);
		if (!region_add(process, region))
			return;
	}
}

/* The process as it is now; without regions if it is gone. */
static struct process *process_read(struct usyms *usyms, uint32_t pid)
{
	struct process *process = calloc(1, sizeof(*process));
	size_t length;
	char *path, *text;

	if (!process)
		return NULL;
	process->pid = pid;
	process->read_ms = now_ms();
	if (asprintf(&path, "%s/proc/%u/maps", usyms->root, pid) < 0)
		return process;
	text = file_text_read(path, MAPS_MAX, &length);
	free(path);
	if (text)
		parse_maps(usyms, process, text, length);
	free(text);
	return process;
}

/* Read a process, again if it is known. One that has ended keeps what was
 * known of it. */
static struct process *process_refresh(struct usyms *usyms, uint32_t pid)
{
	struct process **slot = &usyms->processes[pid % PROCESS_SLOTS];
	struct process *process = process_read(usyms, pid);

	if (!process)
		return NULL;
	if (*slot && (*slot)->pid == pid && !process->count) {
		(*slot)->read_ms = process->read_ms;
		process_free(process);
		return *slot;
	}
	process_free(*slot);
	*slot = process;
	return process;
}

void usyms_process_seen(struct usyms *usyms, uint32_t pid)
{
	if (pid)
		process_refresh(usyms, pid);
}

/* ---- finding ---- */

/* Regions are in order of address, as the kernel lists them. */
static const struct region *region_find(const struct process *process,
					uint64_t address)
{
	size_t low = 0;
	size_t high = process->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (process->regions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == process->count || process->regions[low].start > address)
		return NULL;
	return &process->regions[low];
}

static const struct region *find(struct usyms *usyms, uint32_t pid,
				 uint64_t address)
{
	struct process *process = usyms->processes[pid % PROCESS_SLOTS];
	const struct region *region;
	int64_t age;

	if (!process || process->pid != pid) {
		process = process_refresh(usyms, pid);
		return process ? region_find(process, address) : NULL;
	}
	age = now_ms() - process->read_ms;
	region = region_find(process, address);
	if (age > (region ? FRESH_MS : FRESH_UNKNOWN_MS)) {
		process = process_refresh(usyms, pid);
		region = process ? region_find(process, address) : NULL;
	}
	return region;
}

static const char *demangle(struct usyms *usyms, const char *name)
{
	char *result;
	int status;

	if (!usyms->demangle || strncmp(name, "_Z", 2) != 0 ||
	    strnlen(name, MANGLED_MAX) == MANGLED_MAX)
		return name;
	result = __cxa_demangle(name, usyms->demangled, &usyms->demangled_room,
				&status);
	if (!result)
		return name;
	usyms->demangled = result;
	return result;
}

bool usyms_find(struct usyms *usyms, uint32_t pid, uint64_t address,
		struct symbol *symbol)
{
	const struct region *region;
	struct module *module;
	const char *name;

	region = pid ? find(usyms, pid, address) : NULL;
	if (!region || !region->module)
		return false;
	module = region->module;
	module_load(usyms, module);
	*symbol = (struct symbol){ .module = module->path };
	if (!module->symbols)
		return true;
	name = elf_symbols_find(module->symbols,
				address - region->start + region->offset,
				&symbol->offset);
	if (name)
		symbol->name = demangle(usyms, name);
	return true;
}
