/*
 * The order of the checks: names are bound, types inferred until no pass
 * learns anything, then one last pass reports. Also how the checker's files
 * report. Called once per program, after its probes were expanded.
 */
#include "parser/checker.h"

#include <string.h>

/* A pass learns at least one type or widens one. Programs need three or four;
 * one that needs more than these has a type that grows for ever. */
#define PASSES_MAX 200

/* The largest value a variable, key or tuple may have, in bytes. */
#define VALUE_MAX (256u << 10)

/* Tuples in tuples: more of them is a type that grows for ever. */
#define NESTED_MAX 16

/* ---- reporting ---- */

/* The same body may be checked for many kinds of probes. */
static bool is_repeated(const struct checker *checker, enum diag_tag tag,
			struct span at)
{
	const struct diag *diag = checker->diags->first;

	for (; diag; diag = diag->next) {
		if (diag->tag == tag && diag->at.begin == at.begin &&
		    diag->at.end == at.end)
			return true;
	}
	return false;
}

bool check_was_reported(const struct checker *checker, enum diag_tag tag,
			struct span within)
{
	const struct diag *diag = checker->diags->first;

	for (; diag; diag = diag->next) {
		if (diag->tag == tag && diag->at.begin >= within.begin &&
		    diag->at.end <= within.end)
			return true;
	}
	return false;
}

static const char *message_text(struct checker *checker, const char *format,
				va_list args)
{
	return arena_vprintf(checker->arena, format, args);
}

struct diag *check_error(struct checker *checker, enum diag_tag tag,
			 struct span at, const char *format, ...)
{
	const char *message;
	va_list args;

	if (!checker->final || is_repeated(checker, tag, at))
		return &checker->scratch;
	va_start(args, format);
	message = message_text(checker, format, args);
	va_end(args);
	return diag_error(checker->diags, tag, at, "%s", message);
}

struct diag *check_warning(struct checker *checker, enum diag_tag tag,
			   struct span at, const char *format, ...)
{
	const char *message;
	va_list args;

	if (!checker->final || is_repeated(checker, tag, at))
		return &checker->scratch;
	va_start(args, format);
	message = message_text(checker, format, args);
	va_end(args);
	return diag_warning(checker->diags, tag, at, "%s", message);
}

void check_hint(struct checker *checker, struct diag *diag, const char *format,
		...)
{
	const char *message;
	va_list args;

	if (diag == &checker->scratch)
		return;
	va_start(args, format);
	message = message_text(checker, format, args);
	va_end(args);
	diag_hint(checker->diags, diag, "%s", message);
}

void check_nearest(struct checker *checker, struct diag *diag,
		   const struct nearest *nearest)
{
	if (nearest_result(nearest))
		check_hint(checker, diag, "did you mean '%s'?",
			   nearest_result(nearest));
}

void check_status(struct checker *checker, enum host_status status,
		  struct span at, const char *what)
{
	if (checker->final)
		report_status(checker->diags, status, at, what);
}

const char *spell(struct checker *checker, const struct type *type)
{
	return checker->final ? type_text(checker->arena, type) : "";
}

unsigned line_of(struct checker *checker, struct span at)
{
	const struct source *source = checker->diags->source;

	return source ? source_position(source, at.begin).line : 0;
}

void check_changed(struct checker *checker, struct span at, const char *name)
{
	checker->changed = true;
	checker->unsettled = at;
	checker->unsettled_name = name;
}

static unsigned nested(const struct type *type, unsigned depth)
{
	unsigned most = 0;

	bool is_record = type_is_record(type);
	size_t count = is_record ? type->record->count : type->count;

	if ((type->kind != TYPE_TUPLE && !is_record) || depth > NESTED_MAX)
		return 0;
	for (size_t i = 0; i < count; i++) {
		unsigned inner = nested(is_record ? type->record->fields[i].type
						  : type->items[i],
					depth + 1);

		most = inner > most ? inner : most;
	}
	return 1 + most;
}

bool check_storable(struct checker *checker, const struct type *type,
		    struct span at)
{
	if (type->kind == TYPE_UNKNOWN)
		return true;
	complete_value(checker, type);
	if (type->kind == TYPE_NONE || type->size == 0) {
		check_error(checker, E_TYPE, at, "this has no value");
		return false;
	}
	if (nested(type, 0) > NESTED_MAX) {
		check_hint(checker,
			   check_error(checker, E_TYPE, at,
				       "tuples and records, more than %d deep",
				       NESTED_MAX),
			   "perhaps what is stored contains what was read from "
			   "the same place");
		return false;
	}
	if (type->size > VALUE_MAX) {
		check_error(checker, E_RANGE, at,
			    "a value of %u bytes; there is room for %u",
			    type->size, VALUE_MAX);
		return false;
	}
	return true;
}

/* ---- passes ---- */

static void check_clause(struct checker *checker, struct clause *clause)
{
	checker->clause = clause;
	checker->loops = 0;
	if (clause->predicate) {
		check_expr(checker, clause->predicate);
		check_condition(checker, clause->predicate);
	}
	check_block(checker, clause->body);
}

static void run_pass(struct checker *checker)
{
	checker->changed = false;
	for (struct clause *clause = checker->program->clauses; clause;
	     clause = clause->next)
		check_clause(checker, clause);
}

/* False, reported, if the types never stop changing. */
static bool infer_types(struct checker *checker)
{
	unsigned pass = 0;
	struct diag *diag;

	do {
		do {
			run_pass(checker);
		} while (checker->changed && ++pass < PASSES_MAX);
	} while (pass < PASSES_MAX && settle_unknown(checker));
	if (!checker->changed)
		return true;
	diag = diag_error(checker->diags, E_TYPE, checker->unsettled,
			  "the type of '%s' does not settle",
			  checker->unsettled_name);
	diag_hint(checker->diags, diag,
		  "what is stored in it hangs, in a long chain, on other maps "
		  "and variables: a cast gives it a type");
	return false;
}

bool check_program(struct arena *arena, struct program *program,
		   struct host *host, const struct settings *settings,
		   struct diags *diags)
{
	struct checker checker = {
		.arena = arena,
		.program = program,
		.host = host,
		.settings = settings,
		.diags = diags,
		.last_map = &program->maps,
	};
	unsigned errors = diags->errors;

	checker.final = true;
	check_declarations(&checker);
	for (struct clause *clause = program->clauses; clause;
	     clause = clause->next)
		check_scopes(&checker, clause);
	checker.final = false;
	if (!infer_types(&checker))
		return false;
	checker.final = true;
	run_pass(&checker);
	check_maps(&checker);
	if (diags->errors != errors)
		return false;
	check_renewals(&checker);
	return true;
}
