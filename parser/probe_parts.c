/*
 * Attach points as text: parameters put in, taken apart at the colons, and
 * what is said about malformed or missing ones. Knows the kinds of probes only
 * as rows. Called by the other probe_*.c.
 */
#include <ctype.h>
#include <string.h>

#include "parser/checker.h"

/* How each kind is written, for messages. */
static const char *const examples[PROVIDER_COUNT] = {
	[PROVIDER_begin] = "begin",
	[PROVIDER_end] = "end",
	[PROVIDER_self] = "self:signal:SIGUSR1",
	[PROVIDER_interval] = "interval:s:1, interval:100ms",
	[PROVIDER_profile] = "profile:hz:99, profile:10ms",
	[PROVIDER_tracepoint] = "tracepoint:syscalls:sys_enter_openat",
	[PROVIDER_rawtracepoint] = "rawtracepoint:sched_switch",
	[PROVIDER_software] = "software:page-faults:100",
	[PROVIDER_hardware] = "hardware:cache-misses:1000000",
	[PROVIDER_uprobe] = "uprobe:/bin/bash:readline+4, uprobe:libc:malloc",
	[PROVIDER_uretprobe] = "uretprobe:/bin/bash:readline",
	[PROVIDER_kprobe] = ("kprobe:do_unlinkat, kprobe:vfs_*, "
			     "kprobe:do_unlinkat+5, kprobe:loop:lo_open"),
	[PROVIDER_kretprobe] = "kretprobe:do_unlinkat, kretprobe:loop:lo_open",
	[PROVIDER_fentry] = "fentry:do_unlinkat, fentry:loop:lo_open",
	[PROVIDER_fexit] = "fexit:do_unlinkat, fexit:loop:lo_open",
	[PROVIDER_lsm] = "lsm:file_open",
	[PROVIDER_iter] = "iter:task, iter:task_file:pinned",
	[PROVIDER_watchpoint] = "watchpoint:0x1000000:8:w",
	[PROVIDER_tc] = "tc:eth0:ingress, tc:eth0:egress",
	[PROVIDER_xdp] = "xdp:eth0, xdp:eth0:generic",
	[PROVIDER_usdt] = "usdt:libstdc++:throw, usdt:/bin/prog:provider:name",
};

enum outcome probe_syntax(struct expansion *expansion,
			  const struct target *target, struct span at,
			  const char *format, ...)
{
	const char *example = examples[target->provider->id];
	const char *message;
	struct diag *diag;
	va_list args;

	va_start(args, format);
	message = arena_vprintf(expansion->arena, format, args);
	va_end(args);
	diag = diag_error(expansion->diags, E_PROBE_SYNTAX, at, "%s", message);
	diag_hint(expansion->diags, diag, "for example: %s", example);
	return OUTCOME_WRONG;
}

struct diag *probe_missing(struct expansion *expansion, enum diag_tag tag,
			   struct span at, const char *format, ...)
{
	uint64_t policy = expansion->settings->missing_probes;
	bool was_quiet = expansion->diags->quiet;
	const char *message;
	struct diag *diag;
	va_list args;

	va_start(args, format);
	message = arena_vprintf(expansion->arena, format, args);
	va_end(args);
	if (!expansion->in_chain &&
	    (expansion->silent || policy == MISSING_IGNORE))
		expansion->diags->quiet = true;
	if (expansion->in_chain)
		diag = diag_note(expansion->diags, tag, at, "%s", message);
	else if (policy == MISSING_WARN)
		diag = diag_warning(expansion->diags, tag, at, "%s", message);
	else
		diag = diag_error(expansion->diags, tag, at, "%s", message);
	expansion->diags->quiet = was_quiet;
	return diag;
}

/* ---- suggestions ---- */

#define HINTS_MAX 32

/* The candidate nearest to `name` that is not among those `taken`. */
static const char *nearest_of(const char *name, const char *const *names,
			      size_t count, const char *const *taken,
			      size_t taken_count)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < count; i++) {
		bool is_taken = strcmp(names[i], name) == 0;

		for (size_t j = 0; j < taken_count; j++)
			is_taken |= strcmp(names[i], taken[j]) == 0;
		if (!is_taken)
			nearest_consider(&nearest, names[i]);
	}
	return nearest_result(&nearest);
}

void hint_names(struct diags *diags, struct diag *diag, const char *name,
		const char *const *names, size_t count)
{
	const char *best[3];
	size_t found = 0;

	/* Nobody reads them, and each takes a look at every name. */
	if (diags->quiet || diags->errors + diags->warnings > HINTS_MAX)
		return;
	while (found < ARRAY_SIZE(best)) {
		best[found] = nearest_of(name, names, count, best, found);
		if (!best[found])
			break;
		found++;
	}
	if (found == 1)
		diag_hint(diags, diag, "did you mean %s?", best[0]);
	else if (found == 2)
		diag_hint(diags, diag, "did you mean %s or %s?", best[0],
			  best[1]);
	else if (found == 3)
		diag_hint(diags, diag, "did you mean %s, %s or %s?", best[0],
			  best[1], best[2]);
}

void report_status(struct diags *diags, enum host_status status, struct span at,
		   const char *what)
{
	struct diag *diag;

	switch (status) {
	case HOST_OK:
	case HOST_ABSENT:
		return;
	case HOST_FORBIDDEN:
		diag = diag_error(diags, E_PRIVILEGE, at,
				  "you may not read the %s of this machine",
				  what);
		diag_hint(diags, diag, "run etrace as root: sudo etrace ...");
		return;
	case HOST_NO_TRACEFS:
		diag = diag_error(diags, E_NO_TRACEFS, at,
				  "tracefs, which has the %s, is not mounted",
				  what);
		diag_hint(diags, diag,
			  "mount -t tracefs tracefs /sys/kernel/tracing");
		return;
	case HOST_NO_BTF:
		diag = diag_error(diags, E_NO_BTF, at,
				  "this kernel does not describe its %s", what);
		diag_hint(diags, diag,
			  "it needs CONFIG_DEBUG_INFO_BTF, which makes "
			  "/sys/kernel/btf/vmlinux; --btf FILE takes them from "
			  "another file");
		return;
	case HOST_NO_DEBUG:
		diag_error(diags, E_NO_ARGS, at,
			   "the %s have no debug information", what);
		return;
	case HOST_BAD:
		diag_error(diags, E_FILE, at,
			   "the %s of this machine cannot be understood", what);
		return;
	}
	unreachable();
}

/* ---- taking apart ---- */

/* The length of the part at `text`: to the next colon outside quotes. */
static size_t part_length(const char *text)
{
	bool is_quoted = false;
	size_t length = 0;

	for (; text[length]; length++) {
		if (text[length] == '"')
			is_quoted = !is_quoted;
		else if (text[length] == ':' && !is_quoted)
			break;
	}
	return length;
}

static char *without_quotes(struct arena *arena, const char *text,
			    size_t length)
{
	char *bare = arena_alloc(arena, length + 1);
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '"')
			bare[used++] = text[i];
	}
	return bare;
}

void target_split(struct arena *arena, struct target *target, const char *text,
		  struct span at, bool is_verbatim)
{
	size_t begin = 0;

	memset(target, 0, sizeof(*target));
	target->at = at;
	target->text = text;
	for (;;) {
		size_t length = part_length(text + begin);
		struct part *part = &target->parts[target->count++];

		if (target->count == PARTS_MAX)
			length = strlen(text + begin);
		part->text = without_quotes(arena, text + begin, length);
		part->at = at;
		if (is_verbatim && length) {
			part->at.begin = at.begin + (uint32_t)begin;
			part->at.end = part->at.begin + (uint32_t)length;
		}
		begin += length;
		if (!text[begin])
			return;
		begin++;
	}
}

/* ---- parameters ---- */

/* The number of the parameter at `text`, which begins with '$', and how many
 * bytes that is; false if it is no parameter. */
static bool read_parameter(const char *text, uint32_t *number, size_t *length)
{
	*number = 0;
	*length = 1;
	if (text[1] == '#') {
		*length = 2;
		return true;
	}
	while (isdigit((unsigned char)text[*length])) {
		if (*number < 100000)
			*number =
				10 * *number + (uint32_t)(text[*length] - '0');
		(*length)++;
	}
	return *length > 1;
}

/* NULL, reported, if the script was not given it. */
static const char *parameter_text(struct expansion *expansion, struct span at,
				  uint32_t number, bool is_count)
{
	const struct settings *settings = expansion->settings;
	struct diag *diag;

	if (is_count)
		return arena_printf(expansion->arena, "%u",
				    settings->parameter_count);
	if (number >= 1 && number <= settings->parameter_count)
		return settings->parameters[number - 1];
	diag = diag_error(expansion->diags, E_PARAMETER, at,
			  "this probe needs parameter $%u, which was not given",
			  number);
	diag_hint(
		expansion->diags, diag,
		"parameters follow the script: etrace script.et first second");
	return NULL;
}

/* Text that grows; NUL-terminated only once a NUL was appended. */
struct buffer {
	char *bytes;
	size_t count, room;
};

static void append(struct arena *arena, struct buffer *buffer, const char *text,
		   size_t length)
{
	for (size_t i = 0; i < length; i++)
		ARENA_PUSH(arena, buffer->bytes, buffer->count, buffer->room,
			   text[i]);
}

/* The text with each $N replaced; NULL, reported, if one is missing. */
static const char *replace_parameters(struct expansion *expansion,
				      const struct attach_point *point)
{
	struct arena *arena = expansion->arena;
	struct buffer buffer = { 0 };
	const char *text = point->text;

	while (*text) {
		const char *value;
		uint32_t number;
		size_t length;

		if (*text != '$' || !read_parameter(text, &number, &length)) {
			append(arena, &buffer, text++, 1);
			continue;
		}
		value = parameter_text(expansion, point->at, number,
				       text[1] == '#');
		if (!value)
			return NULL;
		append(arena, &buffer, value, strlen(value));
		text += length;
	}
	append(arena, &buffer, "", 1);
	return buffer.bytes;
}

static enum outcome visit_text(struct expansion *expansion,
			       const struct attach_point *point,
			       const char *text, size_t length,
			       target_visit_fn *visit)
{
	struct target target;
	bool is_verbatim;

	while (length && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	is_verbatim = strlen(point->text) == length &&
		      memcmp(point->text, text, length) == 0 &&
		      point->at.end - point->at.begin == length;
	target_split(expansion->arena, &target,
		     arena_strndup(expansion->arena, text, length), point->at,
		     is_verbatim);
	return visit(expansion, &target);
}

enum outcome point_targets(struct expansion *expansion,
			   const struct attach_point *point,
			   target_visit_fn *visit)
{
	const char *text = replace_parameters(expansion, point);
	enum outcome outcome = OUTCOME_FOUND;
	uint32_t number;
	size_t length;

	if (!text)
		return OUTCOME_WRONG;
	if (point->text[0] != '$' ||
	    !read_parameter(point->text, &number, &length) ||
	    point->text[length])
		return visit_text(expansion, point, text, strlen(text), visit);
	/* The whole point is a parameter: it may hold a list. */
	while (outcome == OUTCOME_FOUND) {
		length = strcspn(text, ",");
		outcome = visit_text(expansion, point, text, length, visit);
		if (!text[length])
			break;
		text += length + 1;
	}
	return outcome;
}
