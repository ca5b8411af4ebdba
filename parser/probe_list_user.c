/*
 * The functions and static probes of programs, for -l. Called by probe_list.c;
 * reads the programs through host.h.
 */
#include <string.h>

#include "parser/listing.h"

/* ---- functions ---- */

static bool is_traced(const struct listing *listing,
		      const struct program_symbol *symbol)
{
	return host_instruction(listing->host, listing->path, symbol->offset) ==
	       INSTRUCTION_TRACED;
}

static void visit_symbol(const struct program_symbol *symbol, void *data)
{
	struct listing *listing = data;
	struct parameters found = { 0 };

	if (!glob_match(listing->target.parts[2].text, symbol->name) ||
	    !is_traced(listing, symbol))
		return;
	if (listing->query->with_args &&
	    listing->provider->id == PROVIDER_uprobe &&
	    host_parameters(listing->host, listing->path, symbol->address,
			    symbol->name, &found) != HOST_OK)
		found.record = NULL;
	listing->query->visit(arena_printf(listing->arena, "%s:%s",
					   listing->prefix, symbol->name),
			      found.record, listing->query->data);
}

/* False, reported, for a file that cannot be read. */
static bool is_readable(const struct listing *listing, enum host_status status)
{
	const char *binary = listing->target.parts[1].text;

	if (status == HOST_OK)
		return true;
	if (status == HOST_FORBIDDEN)
		diag_error(listing->diags, E_PRIVILEGE, (struct span){ 0, 0 },
			   "you may not read %s", binary);
	else
		diag_error(listing->diags, E_UNKNOWN_PROBE,
			   (struct span){ 0, 0 },
			   "there is no program or library '%s'", binary);
	return false;
}

/* uprobe:BIN:cpp:"space::function" */
static void visit_cpp(const struct program_symbol *symbol, void *data)
{
	struct listing *listing = data;
	const char *name = demangle(&listing->demangler, symbol->name);

	if (name && cpp_name_matches(listing->cpp_name, name) &&
	    is_traced(listing, symbol))
		listing->query->visit(arena_printf(listing->arena,
						   "%s:cpp:\"%s\"",
						   listing->prefix, name),
				      NULL, listing->query->data);
}

/* Functions are listed of a file that is named: there are too many else. */
bool list_functions(struct listing *listing, enum provider provider)
{
	const struct target *target = &listing->target;
	bool is_cpp =
		target->count > 3 && !strcmp(target->parts[2].text, "cpp");
	enum host_status status;
	struct diag *diag;

	if (!listing->provider)
		return true;
	if (target->count != 3 && !is_cpp) {
		diag = diag_error(
			listing->diags, E_PROBE_SYNTAX, (struct span){ 0, 0 },
			"functions are listed of one program or library");
		diag_hint(
			listing->diags, diag,
			"etrace -l '%s:/bin/bash:*', etrace -l '%s:libc:mem*'",
			listing->provider->name, listing->provider->name);
		return false;
	}
	status = host_binary(listing->host, target->parts[1].text,
			     &listing->path);
	if (!is_readable(listing, status))
		return false;
	listing->prefix =
		arena_printf(listing->arena, "%s:%s",
			     provider_row(provider)->name, listing->path);
	if (is_cpp)
		listing->cpp_name = target_cpp_name(listing->arena, target);
	status = host_symbols(listing->host, listing->path,
			      is_cpp ? visit_cpp : visit_symbol, listing);
	demangler_close(&listing->demangler);
	return is_readable(listing, status);
}

/* ---- static probes ---- */

/* The arguments as a record: all that is asked of it are names and types. */
static const struct record *static_record(struct arena *arena,
					  const struct arguments *arguments)
{
	struct record *record = ARENA_NEW(arena, struct record);

	record->count = arguments->count;
	record->fields = ARENA_ARRAY(arena, record->count, struct field);
	for (size_t i = 0; i < record->count; i++) {
		record->fields[i].name = arguments->items[i].name;
		record->fields[i].type = arguments->items[i].type;
	}
	return record;
}

/* Each name once, though it may be in many places. */
static void visit_static(const struct static_probe *probe, void *data)
{
	struct listing *listing = data;
	const struct target *target = &listing->target;
	const char *provider = target->count == 4 ? target->parts[2].text : "*";
	const char *text =
		arena_printf(listing->arena, "%s:%s:%s", listing->prefix,
			     probe->provider, probe->name);

	if (!glob_match(provider, probe->provider) ||
	    !glob_match(target->parts[target->count - 1].text, probe->name) ||
	    (listing->last && !strcmp(listing->last, text)))
		return;
	listing->last = text;
	listing->query->visit(text,
			      static_record(listing->arena, probe->arguments),
			      listing->query->data);
}

static void list_static_of(const char *path, void *data)
{
	struct listing *listing = data;

	listing->prefix = arena_printf(listing->arena, "usdt:%s", path);
	host_static_probes(listing->host, path, visit_static, listing);
}

/* Of a file that is named, or of all that the process of -p has mapped. */
bool list_static(struct listing *listing, enum provider provider)
{
	const struct target *target = &listing->target;
	const char *binary = target->parts[1].text;
	enum host_status status;
	struct diag *diag;

	(void)provider;
	if (!listing->provider)
		return true;
	if (target->count >= 3 && target->count <= 4 &&
	    (!binary[0] || strcmp(binary, "*") == 0) &&
	    host_process_files(listing->host, list_static_of, listing) ==
		    HOST_OK)
		return true;
	if (target->count < 3 || target->count > 4 || !binary[0]) {
		diag = diag_error(listing->diags, E_PROBE_SYNTAX,
				  (struct span){ 0, 0 },
				  "static probes are listed of one program or "
				  "library, or with -p of a process");
		diag_hint(listing->diags, diag,
			  "etrace -l 'usdt:libstdc++:*', etrace -p PID -l "
			  "'usdt:*:*'");
		return false;
	}
	status = host_binary(listing->host, binary, &listing->path);
	if (status == HOST_OK) {
		listing->prefix =
			arena_printf(listing->arena, "usdt:%s", listing->path);
		status = host_static_probes(listing->host, listing->path,
					    visit_static, listing);
	}
	return is_readable(listing, status);
}
