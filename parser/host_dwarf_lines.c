/*
 * Lines of source and the code made from them. A line may begin several times
 * in one function, when the compiler moved its parts about: the first place in
 * each function counts. Called by the checker, through host.h.
 */
#include "parser/host_dwarf.h"

#include <stdlib.h>
#include <string.h>

/* One place of the line, and the function or inlined function it is in. */
struct place {
	uint64_t address;
	const void *scope;
};

struct search {
	struct dwarf_file *file;
	struct source_line *line;
	struct place *places;
	size_t count, room;
};

/* Is the wanted file this one, or does its path end so? */
static bool is_file(const char *path, const char *wanted)
{
	size_t length = strlen(path), end = strlen(wanted);

	if (end > length || strcmp(path + length - end, wanted) != 0)
		return false;
	return end == length || wanted[0] == '/' ||
	       path[length - end - 1] == '/';
}

static void keep_nearest(struct source_line *line, unsigned number)
{
	if (number < line->line && number > line->before)
		line->before = number;
	if (number > line->line && (!line->after || number < line->after))
		line->after = number;
}

static const void *scope_at(Dwarf_Die *unit, uint64_t address)
{
	Dwarf_Die *scopes = NULL;
	const void *scope = unit->addr;
	int count = dwarf_getscopes(unit, address, &scopes);

	for (int i = 0; i < count; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_subprogram &&
		    tag != DW_TAG_inlined_subroutine)
			continue;
		scope = scopes[i].addr;
		break;
	}
	free(scopes);
	return scope;
}

static void keep_place(struct search *search, Dwarf_Die *unit, uint64_t address)
{
	struct place place = { address, scope_at(unit, address) };

	for (size_t i = 0; i < search->count; i++) {
		if (search->places[i].scope != place.scope)
			continue;
		if (address < search->places[i].address)
			search->places[i].address = address;
		return;
	}
	ARENA_PUSH(search->file->host->arena, search->places, search->count,
		   search->room, place);
}

static void look_at(struct search *search, Dwarf_Die *unit, Dwarf_Line *entry)
{
	struct source_line *line = search->line;
	bool begins = false, ends = false;
	Dwarf_Addr address;
	int number, column;

	line->has_file = true;
	if (dwarf_lineno(entry, &number) || number <= 0 ||
	    dwarf_linebeginstatement(entry, &begins) || !begins ||
	    dwarf_lineendsequence(entry, &ends) || ends ||
	    dwarf_lineaddr(entry, &address))
		return;
	if ((unsigned)number != line->line) {
		keep_nearest(line, (unsigned)number);
		return;
	}
	if (line->column &&
	    (dwarf_linecol(entry, &column) || (unsigned)column != line->column))
		return;
	keep_place(search, unit, address);
}

static void search_unit(struct search *search, Dwarf_Die *unit)
{
	const char *last = NULL;
	bool is_last = false;
	Dwarf_Lines *lines;
	size_t count;

	if (dwarf_getsrclines(unit, &lines, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		Dwarf_Line *entry = dwarf_onesrcline(lines, i);
		const char *path = dwarf_linesrc(entry, NULL, NULL);

		/* entries of one file share its name */
		if (path != last)
			is_last = path && is_file(path, search->line->file);
		last = path;
		if (is_last)
			look_at(search, unit, entry);
	}
}

enum host_status host_source_line(struct host *host, const char *path,
				  struct source_line *line,
				  address_visit_fn *visit, void *data)
{
	struct search search = {
		.file = dwarf_file_get(host, path),
		.line = line,
	};
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	line->has_file = false;
	line->before = 0;
	line->after = 0;
	if (!search.file->dwarf)
		return HOST_NO_DEBUG;
	while (dwarf_get_units(search.file->dwarf, unit, &unit, NULL, NULL,
			       &die, NULL) == 0)
		search_unit(&search, &die);
	for (size_t i = 0; i < search.count; i++)
		visit(search.places[i].address, data);
	return search.count ? HOST_OK : HOST_ABSENT;
}
