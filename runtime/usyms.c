/*
 * Addresses of processes become names: which file is mapped there, and which
 * function of the file that is. Called by the printers, and by actions.c when
 * the kernel side announces a process.
 */
#include "runtime/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/process_events.h"

/* Longer names are shown as they are. */
#define MANGLED_MAX 4096

/* The C++ library's, by the C++ ABI.
 * NOLINTNEXTLINE(bugprone-reserved-identifier) */
extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *length,
			    int *status);

struct usyms {
	bool demangle;
	struct modules *modules;
	struct processes *processes;
	struct process_events *events; /* NULL: not following */
	char *demangled; /* of the last symbol; grown by __cxa_demangle */
	size_t demangled_room;
};

struct usyms *usyms_new(const char *root, bool demangle)
{
	struct usyms *usyms = calloc(1, sizeof(*usyms));

	if (!usyms)
		return NULL;
	usyms->demangle = demangle;
	usyms->modules = modules_new(root);
	usyms->processes = processes_new(root, usyms->modules);
	if (usyms->modules && usyms->processes)
		return usyms;
	usyms_free(usyms);
	return NULL;
}

void usyms_free(struct usyms *usyms)
{
	if (!usyms)
		return;
	process_events_close(usyms->events);
	processes_free(usyms->processes);
	modules_free(usyms->modules);
	free(usyms->demangled);
	free(usyms);
}

/* ---- what is told ---- */

bool usyms_follow(struct usyms *usyms, uint32_t cpus)
{
	if (!usyms->events)
		usyms->events = process_events_open(usyms->processes, cpus);
	return usyms->events;
}

int usyms_fd(const struct usyms *usyms)
{
	return usyms->events ? process_events_fd(usyms->events) : -1;
}

void usyms_update(struct usyms *usyms)
{
	if (usyms->events)
		process_events_handle(usyms->events);
}

uint64_t usyms_lost(const struct usyms *usyms)
{
	return usyms->events ? process_events_lost(usyms->events) : 0;
}

void usyms_process_seen(struct usyms *usyms, uint32_t pid)
{
	usyms_update(usyms);
	processes_seen(usyms->processes, pid);
}

/* ---- finding ---- */

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
	const struct elf_symbols *symbols;
	const struct region *region;
	const char *name;

	if (!pid)
		return false;
	/* what the process mapped before the address was taken is told now */
	usyms_update(usyms);
	region = processes_find(usyms->processes, pid, address);
	if (!region || !region->module)
		return false;
	*symbol = (struct symbol){ .module = module_path(region->module) };
	module_open(region->module, pid, region->start, region->end);
	symbols = module_symbols(region->module);
	if (!symbols)
		return true;
	name = elf_symbols_find(symbols,
				address - region->start + region->offset,
				&symbol->offset);
	if (name)
		symbol->name = demangle(usyms, name);
	return true;
}
