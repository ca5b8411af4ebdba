/*
 * The probes of this machine, for -l: every kind that can be attached, those
 * that match a pattern. Reads only the part of the machine the pattern is
 * about. Called by the list command.
 */
#include <string.h>

#include "parser/listing.h"

void listing_show(struct listing *listing, const char *probe,
		  const struct record *args)
{
	if (glob_match(listing->pattern, probe))
		listing->query->visit(probe, args, listing->query->data);
}

/* ---- kinds that need nothing from the machine ---- */

/* What stands for the probes of a kind that has no end of them. */
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
			listing_show(listing, forms[i].name, NULL);
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
			listing_show(listing,
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
	listing_show(listing, probe, found.context);
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

	listing_show(listing,
		     arena_printf(listing->arena, "tc:%s:egress", name), args);
	listing_show(listing,
		     arena_printf(listing->arena, "tc:%s:ingress", name), args);
}

static void visit_xdp(const char *name, void *data)
{
	struct listing *listing = data;
	const struct record *args =
		listing->query->with_args
			? network_context(listing->arena, listing->host,
					  PROVIDER_xdp)
			: NULL;

	listing_show(listing, arena_printf(listing->arena, "xdp:%s", name),
		     args);
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
