/*
 * What an attach point means, for the kinds of probes that need nothing from
 * the machine: begin, end, self, interval, profile, software, hardware. The
 * others are handed on. Called for every attach point of a program.
 */
#include <linux/perf_event.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

static const struct perf_event_row perf_events[] = {
#define PERF_EVENT(provider, name, alias, type, config, period) \
	{ name, alias, config, period, PROVIDER_##provider, type },
#include "parser/perf_events.def"
#undef PERF_EVENT
};

const struct perf_event_row *perf_event_row(size_t index)
{
	return index < ARRAY_SIZE(perf_events) ? &perf_events[index] : NULL;
}

/* ---- begin, end, self ---- */

static enum outcome resolve_nothing(struct expansion *expansion,
				    struct target *target)
{
	const char *name = target->provider->name;
	struct attach attach = {
		.kind = target->provider->id == PROVIDER_begin ? ATTACH_BEGIN
							       : ATTACH_END,
		.at = target->at,
		.probe = name,
	};

	if (target->count > 1)
		return probe_syntax(expansion, target, target->parts[1].at,
				    "%s takes nothing after its name", name);
	expansion_add(expansion, target, &attach, NULL, true);
	return OUTCOME_FOUND;
}

static enum outcome resolve_signal(struct expansion *expansion,
				   struct target *target)
{
	const char *name = target->parts[2].text;
	struct attach attach = { .kind = ATTACH_SIGNAL, .at = target->at };

	if (target->count != 3 || strcmp(target->parts[1].text, "signal") != 0)
		return probe_syntax(
			expansion, target, target->at,
			"self probes are of the form self:signal:NAME");
	attach.number = (uint64_t)signal_number(name);
	/* Any other signal means something to etrace already. */
	if (attach.number != (uint64_t)signal_number("USR1") &&
	    attach.number != (uint64_t)signal_number("USR2"))
		return probe_syntax(expansion, target, target->parts[2].at,
				    "self:signal takes SIGUSR1 or SIGUSR2");
	attach.probe = arena_printf(expansion->arena, "self:signal:%s",
				    signal_text((int)attach.number));
	expansion_add(expansion, target, &attach, NULL, true);
	return OUTCOME_FOUND;
}

/* ---- interval, profile ---- */

#define DURATION_MIN UINT64_C(1000)
#define DURATION_MAX ((uint64_t)INT64_MAX)
#define SECOND       UINT64_C(1000000000)

static const struct {
	const char *name;
	uint64_t ns; /* 0: times a second */
} units[] = {
	{ "hz", 0 },
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", SECOND / 1000 },
	{ "s", SECOND },
	{ "m", 60 * SECOND },
	{ "h", 3600 * SECOND },
};

/* Place in `units`, or their count. */
static size_t unit_find(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(units) && strcasecmp(units[i].name, name) != 0)
		i++;
	return i;
}

/* A positive number; `*is_duration` when it has a unit of its own. */
static bool read_number(struct expansion *expansion,
			const struct target *target, const struct part *part,
			struct integer *integer)
{
	if (part->text[0] != '-' &&
	    text_integer(part->text, strlen(part->text), integer)) {
		if (integer->value > 0)
			return true;
		probe_syntax(expansion, target, part->at,
			     "%s cannot happen every 0 of anything",
			     target->provider->name);
		return false;
	}
	probe_syntax(expansion, target, part->at, "'%s' is not a number",
		     part->text);
	return false;
}

/* The ns of `value` units; 0 beyond the limits. */
static uint64_t duration_ns(uint64_t value, uint64_t unit)
{
	uint64_t ns;

	if (unit == 0)
		ns = SECOND / value;
	else if (value > DURATION_MAX / unit)
		return 0;
	else
		ns = value * unit;
	return ns < DURATION_MIN ? 0 : ns;
}

static enum outcome add_duration(struct expansion *expansion,
				 struct target *target, uint64_t ns,
				 const char *probe)
{
	bool is_interval = target->provider->id == PROVIDER_interval;
	struct attach attach = {
		.kind = is_interval ? ATTACH_INTERVAL : ATTACH_PROFILE,
		.at = target->at,
		.probe = probe,
		.number = ns,
	};

	if (!ns)
		return probe_syntax(
			expansion, target, target->parts[target->count - 1].at,
			"%s takes from 1 us to 292 years, or 1 to 1000000 hz",
			target->provider->name);
	expansion_add(expansion, target, &attach, NULL, is_interval);
	return OUTCOME_FOUND;
}

/* interval:1s, profile:99 */
static enum outcome resolve_plain_duration(struct expansion *expansion,
					   struct target *target)
{
	const struct part *part = &target->parts[1];
	const char *name = target->provider->name;
	struct integer integer;
	uint64_t unit;

	if (!read_number(expansion, target, part, &integer))
		return OUTCOME_WRONG;
	unit = integer.is_duration ? 1 : 0;
	return add_duration(expansion, target, duration_ns(integer.value, unit),
			    arena_printf(expansion->arena,
					 unit ? "%s:%s" : "%s:hz:%s", name,
					 part->text));
}

static enum outcome resolve_duration(struct expansion *expansion,
				     struct target *target)
{
	const char *name = target->provider->name;
	struct integer integer;
	size_t unit;

	if (target->count == 2)
		return resolve_plain_duration(expansion, target);
	if (target->count != 3)
		return probe_syntax(expansion, target, target->at,
				    "%s needs to know how often", name);
	unit = unit_find(target->parts[1].text);
	if (unit == ARRAY_SIZE(units))
		return probe_syntax(expansion, target, target->parts[1].at,
				    "there is no unit '%s'; there are hz, s, "
				    "ms, us, ns, m and h",
				    target->parts[1].text);
	if (!read_number(expansion, target, &target->parts[2], &integer))
		return OUTCOME_WRONG;
	if (integer.is_duration)
		return probe_syntax(expansion, target, target->parts[2].at,
				    "the unit is given twice");
	return add_duration(
		expansion, target, duration_ns(integer.value, units[unit].ns),
		arena_printf(expansion->arena, "%s:%s:%s", name,
			     units[unit].name, target->parts[2].text));
}

/* ---- software, hardware ---- */

static const struct perf_event_row *perf_event_find(enum provider provider,
						    const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(perf_events); i++) {
		const struct perf_event_row *row = &perf_events[i];

		if (row->provider == provider &&
		    (strcmp(row->name, name) == 0 ||
		     (row->alias[0] && strcmp(row->alias, name) == 0)))
			return row;
	}
	return NULL;
}

static enum outcome unknown_perf_event(struct expansion *expansion,
				       const struct target *target)
{
	const struct part *part = &target->parts[1];
	const char *names[ARRAY_SIZE(perf_events)];
	struct diag *diag;
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(perf_events); i++) {
		if (perf_events[i].provider == target->provider->id)
			names[count++] = perf_events[i].name;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "there is no %s event '%s'",
			     target->provider->name, part->text);
	diag_hint(expansion->diags, diag, "etrace -l '%s:*' lists them",
		  target->provider->name);
	hint_names(expansion->diags, diag, part->text, names, count);
	return OUTCOME_MISSING;
}

static enum outcome no_counters(struct expansion *expansion,
				const struct target *target)
{
	struct diag *diag =
		probe_missing(expansion, E_ATTACH, target->at,
			      "no hardware counters (PMU) on this machine");

	diag_hint(expansion->diags, diag,
		  "virtual machines often have none; software:cpu-clock and "
		  "profile:hz:99 sample without");
	return OUTCOME_MISSING;
}

static enum outcome resolve_perf_event(struct expansion *expansion,
				       struct target *target)
{
	const struct perf_event_row *row;
	struct integer integer = { 0 };
	struct attach attach = { .kind = ATTACH_PERF, .at = target->at };

	if (target->count < 2 || target->count > 3)
		return probe_syntax(
			expansion, target, target->at,
			"%s needs an event, and perhaps how many of them",
			target->provider->name);
	if (has_wildcard(target->parts[1].text))
		return probe_syntax(expansion, target, target->parts[1].at,
				    "%s events cannot be given by a pattern",
				    target->provider->name);
	row = perf_event_find(target->provider->id, target->parts[1].text);
	if (!row)
		return unknown_perf_event(expansion, target);
	integer.value = row->period;
	if (target->count == 3 && target->parts[2].text[0] &&
	    !read_number(expansion, target, &target->parts[2], &integer))
		return OUTCOME_WRONG;
	attach.perf_type = row->type;
	attach.number = row->config;
	attach.period = integer.value;
	attach.probe = arena_printf(expansion->arena, "%s:%s:%llu",
				    target->provider->name, row->name,
				    (unsigned long long)attach.period);
	if (target->provider->id == PROVIDER_hardware &&
	    !host_has_counters(expansion->host))
		return no_counters(expansion, target);
	expansion_add(expansion, target, &attach, NULL, false);
	return OUTCOME_FOUND;
}

/* ---- all kinds ---- */

static enum outcome resolve_unsupported(struct expansion *expansion,
					struct target *target)
{
	probe_missing(expansion, E_UNSUPPORTED, target->parts[0].at,
		      "%s probes are not supported by this version",
		      target->provider->name);
	return OUTCOME_MISSING;
}

static target_visit_fn *const resolvers[PROVIDER_COUNT] = {
	[PROVIDER_begin] = resolve_nothing,
	[PROVIDER_end] = resolve_nothing,
	[PROVIDER_self] = resolve_signal,
	[PROVIDER_interval] = resolve_duration,
	[PROVIDER_profile] = resolve_duration,
	[PROVIDER_tracepoint] = target_tracepoint,
	[PROVIDER_rawtracepoint] = target_raw_tracepoint,
	[PROVIDER_software] = resolve_perf_event,
	[PROVIDER_hardware] = resolve_perf_event,
	[PROVIDER_uprobe] = target_uprobe,
	[PROVIDER_uretprobe] = target_uprobe,
	[PROVIDER_usdt] = target_usdt,
	[PROVIDER_kprobe] = target_kernel_function,
	[PROVIDER_kretprobe] = target_kernel_function,
	[PROVIDER_fentry] = target_kernel_function,
	[PROVIDER_fexit] = target_kernel_function,
	[PROVIDER_lsm] = target_lsm,
	[PROVIDER_iter] = target_iterator,
	[PROVIDER_watchpoint] = target_watchpoint,
	[PROVIDER_tc] = target_interface,
	[PROVIDER_xdp] = target_interface,
};

/* syscalls:sys_enter_open: the kind was left out, or misspelt. */
static enum outcome unknown_provider(struct expansion *expansion,
				     const struct target *target)
{
	struct tracepoint tracepoint;
	struct nearest nearest;
	struct diag *diag;

	diag = diag_error(expansion->diags, E_UNKNOWN_PROVIDER,
			  target->parts[0].at, "there is no kind of probe '%s'",
			  target->parts[0].text);
	if (target->count == 2 &&
	    host_tracepoint(expansion->host, target->parts[0].text,
			    target->parts[1].text, &tracepoint) == HOST_OK) {
		diag_hint(expansion->diags, diag,
			  "did you mean tracepoint:%s:%s?",
			  target->parts[0].text, target->parts[1].text);
		return OUTCOME_WRONG;
	}
	nearest_begin(&nearest, target->parts[0].text);
	for (int i = 0; i < PROVIDER_COUNT; i++)
		nearest_consider(&nearest, provider_row(i)->name);
	if (nearest_result(&nearest))
		diag_hint(expansion->diags, diag, "did you mean '%s'?",
			  nearest_result(&nearest));
	else
		diag_hint(expansion->diags, diag,
			  "a probe begins with its kind: "
			  "tracepoint:syscalls:sys_enter_openat, interval:s:1, "
			  "begin");
	return OUTCOME_WRONG;
}

enum outcome target_resolve(struct expansion *expansion, struct target *target)
{
	target->provider = provider_find(target->parts[0].text);
	if (!target->provider)
		return unknown_provider(expansion, target);
	if (!resolvers[target->provider->id])
		return resolve_unsupported(expansion, target);
	return resolvers[target->provider->id](expansion, target);
}
