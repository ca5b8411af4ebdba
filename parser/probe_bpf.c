/*
 * Functions of BPF programs in attach points: fentry:bpf:FUNCTION and
 * fentry:bpf:PROGRAM:FUNCTION, and fexit likewise, where PROGRAM is the number
 * the kernel gave it. Called by probe_kernel.c; reads the machine through
 * host.h.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"
#include "parser/trouble.h"

/* What is looked for, and what came of it. */
struct search {
	struct expansion *expansion;
	const struct target *target;
	const struct part *function;
	uint32_t program; /* 0: any */
	bool is_pattern;
	size_t found;
	/* passed over: programs that are bound to functions themselves */
	size_t tracing;
	const char **names; /* of all functions, when one is not there */
	size_t name_count, name_room;
};

static void add_function(const struct bpf_function *function, void *data)
{
	struct search *search = data;
	const struct target *target = search->target;
	struct expansion *expansion = search->expansion;
	bool is_return = target->provider->id == PROVIDER_fexit;
	struct attach attach = {
		.kind = is_return ? ATTACH_FEXIT : ATTACH_FENTRY,
		.at = target->at,
		.symbol = function->name,
		.program = function->program,
		.number = function->btf_id,
		.probe = arena_printf(expansion->arena, "%s:bpf:%u:%s",
				      target->provider->name, function->program,
				      function->name),
	};
	struct clause *clause;

	/* Which of those the kernel takes depends on how far they are bound
	 * already; who gives a number wants to know. */
	if (function->is_tracing && !search->program) {
		search->tracing++;
		return;
	}
	search->found++;
	if (expansion->is_full)
		return;
	clause =
		expansion_add(expansion, target, &attach, function->args, true);
	if (!clause || !is_return)
		return;
	clause->retval = function->result ? function->result : &type_none;
	if (function->is_static)
		clause->retval = &type_unknown;
}

/* ---- when there is none ---- */

static void gather_name(const struct bpf_function *function, void *data)
{
	struct search *search = data;

	if (!function->is_tracing || search->program)
		ARENA_PUSH(search->expansion->arena, search->names,
			   search->name_count, search->name_room,
			   function->name);
}

static enum outcome no_program(struct search *search, enum host_status status)
{
	struct expansion *expansion = search->expansion;
	struct diag *diag = probe_missing(
		expansion, E_UNKNOWN_PROBE, search->target->parts[2].at,
		status == HOST_ABSENT ? "the kernel has no BPF program %u"
				      : "BPF program %u does not describe its "
					"functions (BTF)",
		search->program);

	diag_hint(expansion->diags, diag,
		  "etrace -l 'fentry:bpf:*' lists what there is");
	return OUTCOME_MISSING;
}

static enum outcome no_function(struct search *search)
{
	struct expansion *expansion = search->expansion;
	const struct part *function = search->function;
	struct diag *diag;

	if (search->tracing) {
		diag = probe_missing(
			expansion, E_UNKNOWN_PROBE, function->at,
			"only programs that are bound to a function "
			"themselves have a function '%s'",
			function->text);
		diag_hint(expansion->diags, diag,
			  "some kernels take one of those by its number: "
			  "%s:bpf:NUMBER:%s",
			  search->target->provider->name, function->text);
		return OUTCOME_MISSING;
	}
	diag = probe_missing(
		expansion, search->is_pattern ? E_NO_MATCH : E_UNKNOWN_PROBE,
		function->at,
		search->is_pattern
			? "no function of a BPF program in the kernel matches "
			  "%s"
			: "no BPF program in the kernel has a function '%s'",
		function->text);
	if (expansion->silent)
		return OUTCOME_MISSING;
	host_bpf_functions(expansion->host, search->program, "*", gather_name,
			   search);
	if (!search->name_count)
		return OUTCOME_MISSING;
	diag_hint(expansion->diags, diag,
		  "etrace -l 'fentry:bpf:*' lists those there are");
	hint_names(expansion->diags, diag, function->text, search->names,
		   search->name_count);
	return OUTCOME_MISSING;
}

/* ---- the parts ---- */

/* The number between bpf: and the function; '*' is any. */
static bool read_program(struct search *search)
{
	const struct part *part = &search->target->parts[2];
	struct integer integer;

	if (search->target->count == 3 || strcmp(part->text, "*") == 0)
		return true;
	if (text_integer(part->text, strlen(part->text), &integer) &&
	    integer.value > 0 && integer.value <= UINT32_MAX) {
		search->program = (uint32_t)integer.value;
		return true;
	}
	probe_syntax(search->expansion, search->target, part->at,
		     "'%s' is not the number of a BPF program", part->text);
	return false;
}

enum outcome target_bpf_function(struct expansion *expansion,
				 struct target *target)
{
	const struct part *last = &target->parts[target->count - 1];
	struct search search = {
		.expansion = expansion,
		.target = target,
		.function = last,
		.is_pattern = has_wildcard(last->text),
	};
	struct trouble trouble;
	enum host_status status;

	if (target->count > 4 || !last->text[0])
		return probe_syntax(expansion, target, last->at,
				    "%s:bpf needs a function of a BPF program",
				    target->provider->name);
	if (!read_program(&search))
		return OUTCOME_WRONG;
	if (provider_trouble(expansion->arena, expansion->host,
			     target->provider->id, last->text, &trouble)) {
		trouble.hint = NULL; /* nothing else sees them */
		return probe_trouble(expansion, target->at, &trouble);
	}
	status = host_bpf_functions(expansion->host, search.program, last->text,
				    add_function, &search);
	if (search.program && (status == HOST_ABSENT || status == HOST_NO_BTF))
		return no_program(&search, status);
	report_status(expansion->diags, status, target->at, "BPF programs");
	if (status != HOST_OK && status != HOST_ABSENT)
		return OUTCOME_WRONG;
	return search.found ? OUTCOME_FOUND : no_function(&search);
}
