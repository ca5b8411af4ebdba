/*
 * The probes of this machine, for -l: every kind that can be attached, those
 * that match a pattern. Reads only the part of the machine the pattern is
 * about. Called by the list command.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"
#include "parser/cpp_name.h"
#include "parser/kernel_names.h"
#include "parser/trouble.h"

struct listing {
	struct arena *arena;
	struct host *host;
	struct diags *diags;
	const char *pattern;                 /* of whole names; "*" for all */
	const struct provider_row *provider; /* NULL: the pattern names none */
	struct target target;                /* the pattern's parts */
	const struct probe_query *query;
	/* of the file whose functions are being listed */
	const char *prefix, *path, *last;
	const char *cpp_name;
	struct demangler demangler;
};

static void show(struct listing *listing, const char *probe,
		 const struct record *args)
{
	if (glob_match(listing->pattern, probe))
		listing->query->visit(probe, args, listing->query->data);
}

/* ---- kinds that need nothing from the machine ---- */

/* Names of the forms a kind has; NULL ends them. */
static const struct {
	enum provider provider;
	const char *name;
} forms[] = {
	{ PROVIDER_begin, "begin" },
	{ PROVIDER_end, "end" },
	{ PROVIDER_self, "self:signal:SIGUSR1" },
	{ PROVIDER_self, "self:signal:SIGUSR2" },
	{ PROVIDER_interval, "interval:hz:" },
	{ PROVIDER_interval, "interval:ms:" },
	{ PROVIDER_interval, "interval:s:" },
	{ PROVIDER_interval, "interval:us:" },
	{ PROVIDER_profile, "profile:hz:" },
	{ PROVIDER_profile, "profile:ms:" },
	{ PROVIDER_profile, "profile:s:" },
	{ PROVIDER_profile, "profile:us:" },
	{ PROVIDER_watchpoint, "watchpoint:ADDRESS:LENGTH:rw" },
	{ PROVIDER_watchpoint, "watchpoint:ADDRESS:LENGTH:w" },
	{ PROVIDER_watchpoint, "watchpoint:ADDRESS:LENGTH:x" },
};

static bool list_forms(struct listing *listing, enum provider provider)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].provider == provider)
			show(listing, forms[i].name, NULL);
	}
	return true;
}

static bool list_perf_events(struct listing *listing, enum provider provider)
{
	const struct perf_event_row *row;

	if (provider == PROVIDER_hardware &&
	    !host_has_counters(listing->host)) {
		if (listing->provider)
			diag_error(listing->diags, E_ATTACH,
				   (struct span){ 0, 0 },
				   "no hardware counters (PMU) on this "
				   "machine");
		return !listing->provider;
	}
	for (size_t i = 0; (row = perf_event_row(i)); i++) {
		if (row->provider == provider)
			show(listing,
			     arena_printf(listing->arena, "%s:%s:",
					  provider_row(provider)->name,
					  row->name),
			     NULL);
	}
	return true;
}

/* ---- tracepoints ---- */

static void visit_tracepoint(const char *category, const char *event,
			     void *data)
{
	struct listing *listing = data;
	const char *probe = arena_printf(listing->arena, "tracepoint:%s:%s",
					 category, event);
	struct tracepoint found = { 0 };

	if (!glob_match(listing->pattern, probe))
		return;
	if (listing->query->with_args &&
	    host_tracepoint(listing->host, category, event, &found) != HOST_OK)
		found.args = NULL;
	listing->query->visit(probe, found.args, listing->query->data);
}

static void visit_raw(const char *name, void *data)
{
	struct listing *listing = data;
	const char *probe =
		arena_printf(listing->arena, "rawtracepoint:%s", name);
	const struct record *args = NULL;

	if (!glob_match(listing->pattern, probe))
		return;
	if (listing->query->with_args &&
	    host_raw_tracepoint(listing->host, name, &args) != HOST_OK)
		args = NULL;
	listing->query->visit(probe, args, listing->query->data);
}

static bool list_kernel(struct listing *listing, enum provider provider)
{
	bool is_raw = provider == PROVIDER_rawtracepoint;
	enum host_status status =
		is_raw ? host_raw_tracepoints(listing->host, visit_raw, listing)
		       : host_tracepoints(listing->host, visit_tracepoint,
					  listing);

	report_status(listing->diags, status, (struct span){ 0, 0 },
		      is_raw ? "raw tracepoints" : "tracepoints");
	return status == HOST_OK || status == HOST_ABSENT;
}

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
static bool list_functions(struct listing *listing, enum provider provider)
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
static bool list_static(struct listing *listing, enum provider provider)
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

/* ---- functions of the kernel ---- */

/* What the function returned is listed behind its arguments. */
static const struct record *with_result(struct arena *arena,
					const struct record *args,
					const struct type *result)
{
	struct record *record = ARENA_NEW(arena, struct record);

	if (!result)
		return args;
	*record = *args;
	record->fields = ARENA_ARRAY(arena, args->count + 1, struct field);
	memcpy(record->fields, args->fields,
	       args->count * sizeof(args->fields[0]));
	record->fields[record->count++] = (struct field){
		.name = "retval",
		.type = result,
	};
	return record;
}

static void show_function(struct listing *listing, enum provider provider,
			  const struct kernel_name *item)
{
	const char *kind = provider_row(provider)->name;
	const char *module = item->module;
	const char *probe =
		arena_printf(listing->arena, "%s:%s", kind, item->name);
	const struct record *args = NULL;

	if (!module &&
	    (provider == PROVIDER_fentry || provider == PROVIDER_fexit))
		module = "vmlinux";
	if (module)
		probe = arena_printf(listing->arena, "%s:%s:%s", kind, module,
				     item->name);
	if (!listing->provider && !glob_match(listing->pattern, probe))
		return;
	if (listing->query->with_args && item->function.args)
		args = provider == PROVIDER_fexit
			       ? with_result(listing->arena,
					     item->function.args,
					     item->function.result)
			       : item->function.args;
	listing->query->visit(probe, args, listing->query->data);
}

/* ---- functions of BPF programs ---- */

struct bpf_listing {
	struct listing *listing;
	enum provider provider;
};

/* Of one kind, fentry:bpf:FUNCTION and fentry:bpf:PROGRAM:FUNCTION. */
static bool is_of_bpf(const struct listing *listing)
{
	return listing->provider && listing->target.count > 2 &&
	       strcmp(listing->target.parts[1].text, "bpf") == 0;
}

static void visit_bpf(const struct bpf_function *function, void *data)
{
	const struct bpf_listing *bpf = data;
	struct listing *listing = bpf->listing;
	const struct record *args = function->args;
	const char *probe = arena_printf(listing->arena, "%s:bpf:%u:%s",
					 provider_row(bpf->provider)->name,
					 function->program, function->name);

	if (function->is_tracing ||
	    (!is_of_bpf(listing) && !glob_match(listing->pattern, probe)))
		return;
	if (args && bpf->provider == PROVIDER_fexit)
		args = with_result(listing->arena, args, function->result);
	listing->query->visit(probe, listing->query->with_args ? args : NULL,
			      listing->query->data);
}

static bool list_bpf_functions(struct listing *listing, enum provider provider)
{
	const struct target *target = &listing->target;
	struct bpf_listing bpf = { listing, provider };
	const char *pattern = "*";
	struct integer program = { 0 };
	enum host_status status;

	if (is_of_bpf(listing))
		pattern = target->parts[target->count - 1].text;
	if (is_of_bpf(listing) && target->count > 3 &&
	    !text_integer(target->parts[2].text, strlen(target->parts[2].text),
			  &program) &&
	    strcmp(target->parts[2].text, "*") != 0)
		return true;
	status = host_bpf_functions(listing->host, (uint32_t)program.value,
				    pattern, visit_bpf, &bpf);
	if (listing->provider)
		report_status(listing->diags, status, (struct span){ 0, 0 },
			      "BPF programs");
	return !listing->provider || status == HOST_OK || status == HOST_ABSENT;
}

/* ---- all functions ---- */

/* The parts of the pattern after the kind of probe. */
static void read_parts(const struct listing *listing,
		       struct kernel_names *names)
{
	const struct target *target = &listing->target;

	names->pattern = "*";
	if (!listing->provider || target->count < 2)
		return;
	names->pattern = target->parts[target->count - 1].text;
	if (target->count > 2)
		names->module = target->parts[1].text;
}

static bool list_kernel_functions(struct listing *listing,
				  enum provider provider)
{
	struct kernel_names names = {
		.arena = listing->arena,
		.host = listing->host,
		.provider = provider,
	};
	struct trouble trouble;
	enum host_status status;
	struct diag *diag;

	if (provider_trouble(listing->arena, listing->host, provider,
			     "FUNCTION", &trouble)) {
		if (!listing->provider)
			return true;
		diag = diag_error(listing->diags, trouble.tag,
				  (struct span){ 0, 0 }, "%s", trouble.text);
		diag_hint(listing->diags, diag, "%s", trouble.hint);
		return false;
	}
	if (is_of_bpf(listing))
		return list_bpf_functions(listing, provider);
	read_parts(listing, &names);
	status = kernel_names_gather(&names);
	report_status(listing->diags, status, (struct span){ 0, 0 },
		      "kernel's functions");
	for (size_t i = 0; i < names.count; i++)
		show_function(listing, provider, &names.items[i]);
	if ((provider == PROVIDER_fentry || provider == PROVIDER_fexit) &&
	    (!listing->provider || listing->target.count < 2) &&
	    !list_bpf_functions(listing, provider))
		return false;
	return status == HOST_OK || status == HOST_ABSENT;
}

/* ---- iterators, interfaces ---- */

static void visit_iterator(const char *name, void *data)
{
	struct listing *listing = data;
	const char *probe = arena_printf(listing->arena, "iter:%s", name);
	struct kernel_iterator found = { 0 };

	if (iterator_needs_map(name))
		return;
	if (listing->query->with_args && glob_match(listing->pattern, probe))
		host_iterator(listing->host, name, &found);
	show(listing, probe, found.context);
}

static bool list_iterators(struct listing *listing, enum provider provider)
{
	enum host_status status =
		host_iterators(listing->host, visit_iterator, listing);

	(void)provider;
	/* Of all probes, those that a kernel without BTF has. */
	if (status == HOST_NO_BTF && !listing->provider)
		return true;
	report_status(listing->diags, status, (struct span){ 0, 0 },
		      "iterators");
	return status == HOST_OK || status == HOST_ABSENT;
}

static void visit_tc(const char *name, void *data)
{
	struct listing *listing = data;
	const struct record *args =
		listing->query->with_args
			? network_context(listing->arena, listing->host,
					  PROVIDER_tc)
			: NULL;

	show(listing, arena_printf(listing->arena, "tc:%s:egress", name), args);
	show(listing, arena_printf(listing->arena, "tc:%s:ingress", name),
	     args);
}

static void visit_xdp(const char *name, void *data)
{
	struct listing *listing = data;
	const struct record *args =
		listing->query->with_args
			? network_context(listing->arena, listing->host,
					  PROVIDER_xdp)
			: NULL;

	show(listing, arena_printf(listing->arena, "xdp:%s", name), args);
}

static bool list_interfaces(struct listing *listing, enum provider provider)
{
	enum host_status status = host_interfaces(
		listing->host, provider == PROVIDER_tc ? visit_tc : visit_xdp,
		listing);

	report_status(listing->diags, status, (struct span){ 0, 0 },
		      "network interfaces");
	return status == HOST_OK || status == HOST_ABSENT;
}

/* ---- all kinds ---- */

typedef bool list_fn(struct listing *listing, enum provider provider);

static const struct {
	enum provider provider;
	list_fn *list;
} kinds[] = {
	{ PROVIDER_begin, list_forms },
	{ PROVIDER_end, list_forms },
	{ PROVIDER_self, list_forms },
	{ PROVIDER_interval, list_forms },
	{ PROVIDER_profile, list_forms },
	{ PROVIDER_software, list_perf_events },
	{ PROVIDER_hardware, list_perf_events },
	{ PROVIDER_rawtracepoint, list_kernel },
	{ PROVIDER_tracepoint, list_kernel },
	{ PROVIDER_uprobe, list_functions },
	{ PROVIDER_uretprobe, list_functions },
	{ PROVIDER_usdt, list_static },
	{ PROVIDER_kprobe, list_kernel_functions },
	{ PROVIDER_kretprobe, list_kernel_functions },
	{ PROVIDER_fentry, list_kernel_functions },
	{ PROVIDER_fexit, list_kernel_functions },
	{ PROVIDER_lsm, list_kernel_functions },
	{ PROVIDER_iter, list_iterators },
	{ PROVIDER_watchpoint, list_forms },
	{ PROVIDER_tc, list_interfaces },
	{ PROVIDER_xdp, list_interfaces },
};

/* A pattern that begins with the name of a kind is about that kind, with its
 * full name; one without colons may be in any part of a name. */
static bool read_pattern(struct listing *listing, const char *pattern)
{
	struct arena *arena = listing->arena;
	const char *colon = strchr(pattern, ':');
	const char *kind = pattern;
	struct diag *diag;

	target_split(arena, &listing->target, pattern, (struct span){ 0, 0 },
		     false);
	if (colon)
		kind = arena_strndup(arena, pattern, (size_t)(colon - pattern));
	listing->provider = provider_find(kind);
	listing->pattern = pattern[0] ? pattern : "*";
	if (listing->provider)
		listing->pattern =
			arena_printf(arena, "%s%s", listing->provider->name,
				     colon ? colon : "*");
	else if (!colon && !has_wildcard(pattern))
		listing->pattern = arena_printf(arena, "*%s*", pattern);
	if (listing->provider || !colon || has_wildcard(kind))
		return true;
	diag = diag_error(listing->diags, E_UNKNOWN_PROVIDER,
			  (struct span){ 0, 0 },
			  "there is no kind of probe '%s'", kind);
	diag_hint(listing->diags, diag,
		  "for example: etrace -l 'tracepoint:syscalls:*'");
	return false;
}

/* Could a probe of that kind match a pattern that names no kind? */
static bool may_match(const struct listing *listing, const char *kind)
{
	const char *colon = strchr(listing->pattern, ':');
	const char *head;

	if (!colon)
		return true;
	head = arena_strndup(listing->arena, listing->pattern,
			     (size_t)(colon - listing->pattern));
	return glob_match(head, kind);
}

bool list_probes(struct arena *arena, struct host *host, struct diags *diags,
		 const struct probe_query *query)
{
	struct listing listing = {
		.arena = arena,
		.host = host,
		.diags = diags,
		.query = query,
	};
	bool good = true;

	if (!read_pattern(&listing, query->pattern))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct provider_row *row =
			provider_row(kinds[i].provider);

		if (listing.provider ? listing.provider != row
				     : !may_match(&listing, row->name))
			continue;
		good &= kinds[i].list(&listing, row->id);
	}
	return good;
}
