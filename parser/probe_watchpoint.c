/*
 * watchpoint:ADDRESS:LENGTH:MODE in attach points: the address, as a number or
 * as the name of a kernel symbol, and what the processor can watch there.
 * Called for each such attach point.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

/* x86 has no register for reads alone. */
#if defined(__x86_64__)
#define HAS_READ_ALONE false
#define MODES          "w, rw and x"
#else
#define HAS_READ_ALONE true
#define MODES          "r, w, rw and x"
#endif

/* ---- the address ---- */

static enum outcome unknown_symbol(struct expansion *expansion,
				   const struct target *target,
				   enum host_status status)
{
	const struct part *part = &target->parts[1];
	struct diag *diag;

	if (status != HOST_ABSENT) {
		report_status(expansion->diags, status, part->at,
			      "kernel's symbols");
		return OUTCOME_WRONG;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "the kernel has no symbol '%s'", part->text);
	diag_hint(expansion->diags, diag,
		  "an address of a program is written as a number, 0x...; "
		  "variables of the kernel are in /proc/kallsyms only with "
		  "CONFIG_KALLSYMS_ALL");
	return OUTCOME_MISSING;
}

static enum outcome read_address(struct expansion *expansion,
				 const struct target *target,
				 struct attach *attach)
{
	const struct part *part = &target->parts[1];
	struct integer integer;
	enum host_status status;

	if (part->text[0] >= '0' && part->text[0] <= '9') {
		if (!text_integer(part->text, strlen(part->text), &integer) ||
		    integer.is_duration)
			return probe_syntax(expansion, target, part->at,
					    "'%s' is no address", part->text);
		attach->number = integer.value;
		return OUTCOME_FOUND;
	}
	attach->symbol = part->text;
	status = host_kernel_symbol(expansion->host, part->text,
				    &attach->number);
	return status == HOST_OK ? OUTCOME_FOUND
				 : unknown_symbol(expansion, target, status);
}

/* ---- length and mode ---- */

static enum outcome read_length(struct expansion *expansion,
				const struct target *target,
				struct attach *attach)
{
	const struct part *part = &target->parts[2];
	struct integer integer;

	if (!text_integer(part->text, strlen(part->text), &integer) ||
	    (integer.value != 1 && integer.value != 2 && integer.value != 4 &&
	     integer.value != 8))
		return probe_syntax(expansion, target, part->at,
				    "a watchpoint is 1, 2, 4 or 8 bytes long, "
				    "not '%s'",
				    part->text);
	attach->length = (uint32_t)integer.value;
	return OUTCOME_FOUND;
}

static enum outcome read_mode(struct expansion *expansion,
			      const struct target *target,
			      struct attach *attach)
{
	const struct part *part = &target->parts[3];

	for (const char *at = part->text; *at; at++) {
		uint32_t bit = *at == 'r'   ? WATCH_READ
			       : *at == 'w' ? WATCH_WRITE
			       : *at == 'x' ? WATCH_EXECUTE
					    : 0;

		if (!bit || attach->mode & bit)
			return probe_syntax(expansion, target, part->at,
					    "the modes of a watchpoint are "
					    "made of r, w and x, not '%s'",
					    part->text);
		attach->mode |= bit;
	}
	if (attach->mode == WATCH_EXECUTE || attach->mode == WATCH_WRITE ||
	    attach->mode == (WATCH_READ | WATCH_WRITE))
		return OUTCOME_FOUND;
	if (attach->mode == WATCH_READ && HAS_READ_ALONE)
		return OUTCOME_FOUND;
	return probe_syntax(
		expansion, target, part->at,
		"this processor cannot watch for '%s': there are " MODES,
		part->text);
}

/* ---- attach points ---- */

static enum outcome read_parts(struct expansion *expansion,
			       const struct target *target,
			       struct attach *attach)
{
	enum outcome outcome = read_address(expansion, target, attach);

	if (outcome == OUTCOME_FOUND)
		outcome = read_length(expansion, target, attach);
	if (outcome == OUTCOME_FOUND)
		outcome = read_mode(expansion, target, attach);
	if (outcome != OUTCOME_FOUND)
		return outcome;
	/* The debug register compares whole words of that length. */
	if (!(attach->mode & WATCH_EXECUTE) &&
	    attach->number & (attach->length - 1))
		return probe_syntax(expansion, target, target->parts[1].at,
				    "0x%llx is no multiple of %u, the "
				    "watchpoint's length",
				    (unsigned long long)attach->number,
				    attach->length);
	return OUTCOME_FOUND;
}

enum outcome target_watchpoint(struct expansion *expansion,
			       struct target *target)
{
	struct attach attach = {
		.kind = ATTACH_WATCHPOINT,
		.at = target->at,
		.probe = target->text,
	};
	enum outcome outcome;

	if (target->count != 4)
		return probe_syntax(expansion, target, target->at,
				    "a watchpoint has an address, a length "
				    "and a mode");
	outcome = read_parts(expansion, target, &attach);
	if (outcome != OUTCOME_FOUND)
		return outcome;
	attach.probe = arena_printf(
		expansion->arena, "watchpoint:%s:%s:%s", target->parts[1].text,
		target->parts[2].text, target->parts[3].text);
	/* Copies of a perf event for new threads carry no cookie. */
	expansion_add(expansion, target, &attach, NULL, true);
	return OUTCOME_FOUND;
}
