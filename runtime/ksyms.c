/*
 * The kernel's symbols: /proc/kallsyms, read once when the first address is
 * asked for. Called by the printers.
 */
#include "runtime/symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/file_text.h"

#define TEXT_MAX ((size_t)1 << 30)
/* Beyond the last symbol of a region there is nothing known: an address so far
 * from the symbol before it does not belong to it. */
#define OFFSET_MAX ((uint64_t)4 << 20)

struct ksym {
	uint64_t address;
	uint32_t name;   /* offsets in the text */
	uint32_t module; /* 0: vmlinux */
	bool is_local;
};

struct ksyms {
	char *path;
	bool is_read;
	char *text; /* of the file, its names cut out by NULs */
	struct ksym *symbols;
	size_t count, room;
};

struct ksyms *ksyms_new(const char *root)
{
	struct ksyms *ksyms = calloc(1, sizeof(*ksyms));

	if (!ksyms)
		return NULL;
	if (asprintf(&ksyms->path, "%s/proc/kallsyms", root) < 0) {
		free(ksyms);
		return NULL;
	}
	return ksyms;
}

void ksyms_free(struct ksyms *ksyms)
{
	if (!ksyms)
		return;
	free(ksyms->path);
	free(ksyms->text);
	free(ksyms->symbols);
	free(ksyms);
}

/* ---- reading ---- */

static bool symbol_add(struct ksyms *ksyms, struct ksym symbol)
{
	if (ksyms->count == ksyms->room) {
		size_t room = ksyms->room ? 2 * ksyms->room : 1 << 16;
		struct ksym *grown =
			realloc(ksyms->symbols, room * sizeof(*grown));

		if (!grown)
			return false;
		ksyms->symbols = grown;
		ksyms->room = room;
	}
	ksyms->symbols[ksyms->count++] = symbol;
	return true;
}

/* "ffffffff81000000 T name[\t[module]]", its end a NUL. Addresses are zeros
 * for who may not see them. */
static bool parse_line(struct ksyms *ksyms, char *line)
{
	const char *at = line;
	struct ksym symbol = { .address = parse_hex(&at) };
	char *name, *module;

	if (!symbol.address || at[0] != ' ' || !at[1] || at[2] != ' ')
		return true;
	if (at[1] == 'A' || at[1] == 'a') /* offsets of per-CPU variables */
		return true;
	symbol.is_local = at[1] >= 'a' && at[1] <= 'z';
	name = line + (at - line) + 3;
	module = strchr(name, '\t');
	if (module) {
		*module = '\0';
		if (module[1] == '[') {
			module += 2;
			module[strcspn(module, "]")] = '\0';
			symbol.module = (uint32_t)(module - ksyms->text);
		}
	}
	symbol.name = (uint32_t)(name - ksyms->text);
	return symbol_add(ksyms, symbol);
}

/* By address; of several at one address a global one comes last, where the
 * search looks first, otherwise the first of the file. */
static int compare_symbols(const void *left, const void *right)
{
	const struct ksym *a = left;
	const struct ksym *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->is_local != b->is_local)
		return a->is_local ? -1 : 1;
	return a->name < b->name ? 1 : -1;
}

static void read_symbols(struct ksyms *ksyms)
{
	char *line, *end, *next;
	size_t length;

	ksyms->is_read = true;
	ksyms->text = file_text_read(ksyms->path, TEXT_MAX, &length);
	if (!ksyms->text)
		return;
	end = ksyms->text + length;
	for (line = ksyms->text; line < end; line = next) {
		next = line_cut(line, end);
		if (!parse_line(ksyms, line))
			break;
	}
	if (ksyms->count)
		qsort(ksyms->symbols, ksyms->count, sizeof(*ksyms->symbols),
		      compare_symbols);
}

/* ---- finding ---- */

bool ksyms_find(struct ksyms *ksyms, uint64_t address, struct symbol *symbol)
{
	const struct ksym *found;
	size_t low = 0;
	size_t high;

	if (!ksyms->is_read)
		read_symbols(ksyms);
	high = ksyms->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ksyms->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	found = &ksyms->symbols[low - 1];
	if (address - found->address > OFFSET_MAX)
		return false;
	symbol->name = ksyms->text + found->name;
	symbol->offset = address - found->address;
	symbol->module =
		found->module ? ksyms->text + found->module : "vmlinux";
	return true;
}
