/*
 * From bodies with attach points to one clause per BPF program: each attach
 * point is resolved, and the body cloned once per kind of context and, where
 * it reads args, per shape of args. Called once per program, before types.
 */
#include <string.h>

#include "parser/checker.h"

/* ---- programs ---- */

static bool types_alike(const struct field *a, const struct field *b)
{
	return strcmp(a->name, b->name) == 0 && a->offset == b->offset &&
	       a->bit_offset == b->bit_offset && a->bit_size == b->bit_size &&
	       a->data_loc == b->data_loc && a->rel_loc == b->rel_loc &&
	       type_equal(a->type, b->type);
}

/* The same names, types and places: one program can read both. */
static bool records_alike(const struct record *a, const struct record *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!types_alike(&a->fields[i], &b->fields[i]))
			return false;
	}
	return true;
}

static const struct type *args_type(struct arena *arena,
				    const struct record *args)
{
	struct type *type = ARENA_NEW(arena, struct type);

	*type = *type_struct(arena, args);
	type->space = SPACE_CONTEXT;
	return type;
}

/* The first program keeps the body that was written, the others copy it. */
static struct clause *clause_new(struct expansion *expansion,
				 const struct target *target,
				 const struct record *args)
{
	const struct clause *written = expansion->written;
	struct arena *arena = expansion->arena;
	struct clause *clause = ARENA_NEW(arena, struct clause);

	*clause = *written;
	clause->next = NULL;
	clause->provider = target->provider;
	clause->args = args ? args_type(arena, args) : NULL;
	clause->arguments = expansion->arguments;
	if (expansion->first) {
		clause->body = block_clone(arena, written->body);
		if (written->predicate)
			clause->predicate =
				expr_clone(arena, written->predicate);
	}
	*expansion->last = clause;
	expansion->last = &clause->next;
	expansion->clauses++;
	return clause;
}

/* The kernel attaches a program once to a tracepoint: what is written twice,
 * or matched by two patterns, takes two programs. */
static bool has_attach(const struct expansion *expansion,
		       const struct clause *clause, const struct attach *attach)
{
	if (attach->kind != ATTACH_TRACEPOINT ||
	    !expansion->written->points->next)
		return false;
	for (size_t i = 0; i < clause->attach_count; i++)
		if (strcmp(clause->attaches[i].probe, attach->probe) == 0)
			return true;
	return false;
}

static struct clause *clause_find(const struct expansion *expansion,
				  const struct target *target,
				  const struct attach *attach,
				  const struct record *args)
{
	for (struct clause *clause = expansion->first; clause;
	     clause = clause->next) {
		const struct record *has =
			clause->args ? clause->args->record : NULL;

		if (clause->provider == target->provider &&
		    records_alike(has, args) &&
		    arguments_equal(clause->arguments, expansion->arguments) &&
		    !has_attach(expansion, clause, attach))
			return clause;
	}
	return NULL;
}

static void report_limit(struct expansion *expansion,
			 const struct target *target, const char *what,
			 uint64_t limit, const char *key)
{
	struct diag *diag = diag_error(expansion->diags, E_TOO_MANY_PROBES,
				       target->at, "more than %llu %s",
				       (unsigned long long)limit, what);

	diag_hint(expansion->diags, diag,
		  "a narrower pattern, or config = { %s = N }", key);
	expansion->is_full = true;
}

/* Where `ctx` has fields as well, or the result is behind the arguments, and
 * codegen looks at them. */
static bool has_typed_context(enum attach_kind kind)
{
	return kind == ATTACH_ITER || kind == ATTACH_TC || kind == ATTACH_XDP ||
	       kind == ATTACH_FEXIT;
}

struct clause *expansion_add(struct expansion *expansion,
			     const struct target *target,
			     const struct attach *attach,
			     const struct record *args, bool is_alone)
{
	const struct settings *settings = expansion->settings;
	struct clause *clause = NULL;

	if (expansion->is_full)
		return NULL;
	if (!expansion->uses_args && !has_typed_context(attach->kind))
		args = NULL;
	if (!is_alone)
		clause = clause_find(expansion, target, attach, args);
	if (!clause)
		clause = clause_new(expansion, target, args);
	ARENA_PUSH(expansion->arena, clause->attaches, clause->attach_count,
		   clause->attach_room, *attach);
	expansion->attaches++;
	if (expansion->attaches > settings->max_probes)
		report_limit(expansion, target, "probes", settings->max_probes,
			     "max_probes");
	else if (expansion->clauses > settings->max_bpf_progs)
		report_limit(expansion, target, "BPF programs",
			     settings->max_bpf_progs, "max_bpf_progs");
	return clause;
}

/* ---- attach points ---- */

/* For -v: what was wrong with those before it has been noted. */
static void note_taken(struct expansion *expansion,
		       const struct attach_point *point)
{
	diag_note(expansion->diags, E_ALTERNATIVE, point->at,
		  "taken: the first of these that this machine has");
}

/* From `point`, which others may follow with '??', take the first that this
 * machine has. Returns the last of the chain. */
static const struct attach_point *expand_chain(struct expansion *expansion,
					       const struct attach_point *point)
{
	const struct attach_point *last = point;
	enum outcome outcome = OUTCOME_MISSING;

	while (last->next && last->next->is_fallback)
		last = last->next;
	expansion->silent = expansion->in_chain = point != last;
	for (const struct attach_point *at = point;
	     outcome == OUTCOME_MISSING && expansion->silent; at = at->next) {
		outcome = point_targets(expansion, at, target_resolve);
		if (outcome == OUTCOME_FOUND)
			note_taken(expansion, at);
		if (at == last)
			break;
	}
	expansion->silent = expansion->in_chain = false;
	if (outcome != OUTCOME_MISSING)
		return last;
	for (const struct attach_point *at = point;; at = at->next) {
		point_targets(expansion, at, target_resolve);
		if (at == last)
			return last;
	}
}

static void expand_clause(struct expansion *expansion, struct clause *written)
{
	const struct attach_point *point = written->points;

	expansion->written = written;
	expansion->uses_args = clause_uses_name(written, "args");
	expansion->uses_argn = clause_uses_name(written, "arg");
	expansion->uses_retval = clause_uses_name(written, "retval");
	expansion->first = NULL;
	expansion->last = &expansion->first;
	for (; point && !expansion->is_full; point = point->next)
		point = expand_chain(expansion, point);
}

/* ---- the program ---- */

/* The number of the first attach that the text was seen with. */
static uint32_t first_of(struct arena *arena, struct names *names,
			 const char *text, uint32_t number)
{
	struct name_slot *slot = names_slot(arena, names, text);
	uint32_t *first = slot->thing;

	if (!first) {
		first = ARENA_NEW(arena, uint32_t);
		*first = number;
		slot->thing = first;
	}
	return *first;
}

static void number_attaches(struct arena *arena, struct program *program)
{
	struct names probes = { 0 }, symbols = { 0 };
	uint32_t count = 0;

	for (struct clause *clause = program->clauses; clause;
	     clause = clause->next) {
		clause->first_attach = count;
		for (size_t i = 0; i < clause->attach_count; i++, count++) {
			struct attach *attach = &clause->attaches[i];

			attach->first_of_name =
				first_of(arena, &probes, attach->probe, count);
			attach->first_of_symbol =
				attach->symbol ? first_of(arena, &symbols,
							  attach->symbol, count)
					       : count;
		}
	}
	program->attach_count = count;
}

bool expand_probes(struct arena *arena, struct program *program,
		   struct host *host, const struct settings *settings,
		   struct diags *diags)
{
	struct expansion expansion = {
		.arena = arena,
		.program = program,
		.host = host,
		.settings = settings,
		.diags = diags,
	};
	struct clause *first = NULL, **last = &first;
	struct clause *written = program->clauses, *next;
	unsigned errors = diags->errors;

	if (!declare_types(arena, program, host, diags))
		return false;
	for (; written && !expansion.is_full; written = next) {
		next = written->next;
		expand_clause(&expansion, written);
		*last = expansion.first;
		while (*last)
			last = &(*last)->next;
	}
	if (!first && diags->errors == errors) {
		struct diag *diag =
			diag_error(diags, E_NO_PROBES, (struct span){ 0, 0 },
				   "this machine has none of the probes");

		diag_hint(diags, diag,
			  "config = { missing_probes = \"error\" } tells which "
			  "are missing");
	}
	program->clauses = first;
	number_attaches(arena, program);
	return diags->errors == errors;
}
