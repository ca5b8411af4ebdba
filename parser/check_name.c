/*
 * Bare names: builtins, which of them this kind of probe offers and their
 * types; arguments by number; enumerators of the kernel. Called by
 * check_expr.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parser/checker.h"
#include "parser/parser.h"
#include "parser/word_types.h"

/* Bytes of comm, and room for the longest name of a kind of probe. */
#define WORD_SIZE    16
#define STACK_FRAMES 127

/* Registers that carry arguments. */
#if defined(__aarch64__)
#define USER_ARGUMENTS 8
#else
#define USER_ARGUMENTS 6
#endif
/* MAX_BPF_FUNC_REG_ARGS of the kernel's trace events. */
#define TRACE_ARGUMENTS 12

/* ---- what probes offer ---- */

/* The kinds of probes that have it, or that do not. */
static const char *kinds_with(struct checker *checker, unsigned features,
			      bool has, unsigned *count)
{
	const char *list = "";

	*count = 0;
	for (int i = 0; i < PROVIDER_test; i++) {
		const struct provider_row *row = provider_row(i);

		if (((row->features & features) == features) == has && ++*count)
			list = arena_printf(checker->arena, "%s%s%s", list,
					    list[0] ? ", " : "", row->name);
	}
	return list;
}

/* "probes that have it: a, b", for a hint; or the shorter list of the others.
 */
static const char *offering_kinds(struct checker *checker, unsigned features)
{
	unsigned with, without;
	const char *list = kinds_with(checker, features, true, &with);
	const char *others = kinds_with(checker, features, false, &without);

	if (with <= without)
		return arena_printf(checker->arena, "probes that have %s: %s",
				    features == HAS_ARGS ? "them" : "it", list);
	return arena_printf(checker->arena, "all probes have it but %s",
			    others);
}

/* In an iterator of tasks, the kernel stack is that of the task it is at. */
static bool has_task_stack(const struct checker *checker, const char *name,
			   unsigned features)
{
	const struct clause *clause = checker->clause;
	uint32_t offset;

	return clause->provider->id == PROVIDER_iter && features == HAS_STACK &&
	       strcmp(name, "kstack") == 0 && clause->args &&
	       record_field(clause->args->record, "task", &offset);
}

bool check_available(struct checker *checker, struct span at, const char *name,
		     unsigned features)
{
	const struct provider_row *provider = checker->clause->provider;
	struct diag *diag;

	if ((provider->features & features) == features ||
	    has_task_stack(checker, name, features))
		return true;
	diag = check_error(checker, E_NOT_AVAILABLE, at,
			   "%s probes have no '%s'", provider->name, name);
	check_hint(checker, diag, "%s", offering_kinds(checker, features));
	return false;
}

/* ---- names etrace lacks ---- */

static const struct {
	const char *name;
	const char *instead;
} unsupported[] = {
#define UNSUPPORTED(name, instead) { #name, instead },
#include "parser/unsupported.def"
#undef UNSUPPORTED
};

bool check_unsupported(struct checker *checker, struct span at,
		       const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsupported); i++) {
		struct diag *diag;

		if (strcmp(unsupported[i].name, name) != 0)
			continue;
		diag = check_error(checker, E_UNSUPPORTED, at,
				   "etrace does not have bpftrace's '%s'",
				   name);
		if (unsupported[i].instead[0])
			check_hint(checker, diag, "instead: %s",
				   unsupported[i].instead);
		return true;
	}
	return false;
}

/* ---- types of builtins ---- */

/* Of a static function of a BPF program. */
static void unknown_values(struct checker *checker, const struct expr *expr,
			   const char *values)
{
	struct diag *diag = check_error(
		checker, E_NOT_AVAILABLE, expr->at,
		"nobody can tell the %s of %s: the function is static", values,
		checker->clause->attaches[0].probe);

	check_hint(checker, diag,
		   "compilers change how those are called; a function that is "
		   "not static has args and retval");
}

static const struct type *args_type(struct checker *checker,
				    const struct expr *expr)
{
	const struct clause *clause = checker->clause;
	struct diag *diag;

	if (clause->args)
		return clause->args;
	if (clause->attaches[0].program) {
		unknown_values(checker, expr, "arguments");
		return &type_unknown;
	}
	diag = check_error(checker, E_NO_ARGS, expr->at,
			   "%s probes have no args", clause->provider->name);
	if (clause->provider->features & HAS_ARGN)
		check_hint(checker, diag,
			   "their arguments are arg0, arg1, ...");
	else if (clause->provider->features & HAS_RETVAL)
		check_hint(checker, diag,
			   "what the function returned is retval");
	else
		check_hint(checker, diag, "%s",
			   offering_kinds(checker, HAS_ARGS));
	return &type_unknown;
}

static bool is_user_probe(const struct checker *checker)
{
	enum provider id = checker->clause->provider->id;

	return id == PROVIDER_uprobe || id == PROVIDER_uretprobe ||
	       id == PROVIDER_usdt;
}

static const struct type *task_type(struct checker *checker,
				    const struct expr *expr)
{
	const struct type *task;
	enum host_status status =
		host_type(checker->host, "struct", "task_struct", &task);

	if (status == HOST_OK)
		return type_pointer(checker->arena, task, SPACE_KERNEL);
	check_status(checker, status, expr->at, "types");
	return &type_unknown;
}

static const struct type *retval_type(struct checker *checker,
				      const struct expr *expr)
{
	const struct type *type = checker->clause->retval;
	const struct arguments *result = checker->clause->arguments;

	if (!type)
		return &type_uint64;
	if (result && !result->items[0].count) {
		check_hint(checker,
			   check_error(checker, E_UNSUPPORTED, expr->at,
				       "what %s returns cannot be read",
				       checker->clause->attaches[0].probe),
			   "%s", result->items[0].refusal);
		return &type_unknown;
	}
	if (type->kind == TYPE_UNKNOWN)
		unknown_values(checker, expr, "result");
	if (type->kind != TYPE_NONE)
		return type;
	check_error(checker, E_NOT_AVAILABLE, expr->at,
		    "%s has no 'retval': the function returns nothing",
		    checker->clause->attaches[0].probe);
	return &type_unknown;
}

static const struct type *computed_type(struct checker *checker,
					const struct expr *expr)
{
	const struct clause *clause = checker->clause;

	switch ((int)expr->name.builtin->id) {
	case BUILTIN_comm:
	case BUILTIN_probetype:
		return type_string(checker->arena, WORD_SIZE);
	case BUILTIN_func:
		return is_user_probe(checker) ? &type_usym : &type_ksym;
	case BUILTIN_retval:
		return retval_type(checker, expr);
	case BUILTIN_args:
		return check_whole_context(checker, expr->at)
			       ? args_type(checker, expr)
			       : &type_unknown;
	case BUILTIN_ctx:
		/* Alone it is a number where its fields are typed. */
		return type_pointer(checker->arena, NULL,
				    clause->provider->features & HAS_CONTEXT
					    ? SPACE_KERNEL
					    : SPACE_CONTEXT);
	case BUILTIN_kstack:
		return type_stack(checker->arena, SPACE_KERNEL, STACK_FRAMES);
	case BUILTIN_ustack:
		return type_stack(checker->arena, SPACE_USER, STACK_FRAMES);
	case BUILTIN_curtask:
		return task_type(checker, expr);
	default:
		return &type_unknown;
	}
}

static const struct type *builtin_type(struct checker *checker,
				       const struct expr *expr)
{
	const struct builtin_row *row = expr->name.builtin;

	if (!check_available(checker, expr->at, row->name, row->where) ||
	    !check_packet_builtin(checker, expr))
		return &type_unknown;
	if (row->type)
		return row->type;
	/* The same node has the same type in every pass. */
	if (expr->type && expr->type->kind != TYPE_UNKNOWN)
		return expr->type;
	return computed_type(checker, expr);
}

void probe_as_text(struct checker *checker, struct expr *expr)
{
	const struct clause *clause = checker->clause;
	size_t longest = clause->name ? strlen(clause->name) : 0;

	if (expr->kind != EXPR_NAME || expr->type->kind != TYPE_PROBE)
		return;
	for (size_t i = 0; i < clause->attach_count && !clause->name; i++) {
		size_t length = strlen(clause->attaches[i].probe);

		if (length > longest)
			longest = length;
	}
	expr->type = type_string(checker->arena, (uint32_t)longest + 1);
}

/* ---- arg0, arg1, … ---- */

static bool is_argument(const char *name)
{
	return strncmp(name, "arg", 3) == 0 && name[3] &&
	       strspn(name + 3, "0123456789") == strlen(name + 3);
}

/* Those of a static probe have the types its notes say. */
static const struct type *static_argument_type(struct checker *checker,
					       struct expr *expr)
{
	const struct clause *clause = checker->clause;
	const struct arguments *arguments = clause->arguments;
	size_t count = arguments ? arguments->count : 0;
	unsigned long number = strtoul(expr->name.text + 3, NULL, 10);
	const char *probe = clause->attaches[0].probe;
	const struct argument *argument;
	struct diag *diag;

	if (number >= count) {
		diag = check_error(checker, E_RANGE, expr->at, "%s has no %s",
				   probe, expr->name.text);
		if (count)
			check_hint(checker, diag, "its last is arg%zu",
				   count - 1);
		else
			check_hint(checker, diag, "it has no arguments");
		return &type_unknown;
	}
	argument = &arguments->items[number];
	expr->name.argument = (uint32_t)number;
	if (argument->count)
		return argument->type;
	diag = check_error(checker, E_UNSUPPORTED, expr->at,
			   "%s of %s cannot be read", expr->name.text, probe);
	check_hint(checker, diag, "%s", argument->refusal);
	return &type_unknown;
}

static const struct type *argument_type(struct checker *checker,
					struct expr *expr)
{
	enum provider id = checker->clause->provider->id;
	uint32_t count =
		id == PROVIDER_rawtracepoint ? TRACE_ARGUMENTS : USER_ARGUMENTS;
	const char *digits = expr->name.text + 3;
	uint32_t number = 0;

	if (!check_available(checker, expr->at, expr->name.text, HAS_ARGN))
		return &type_unknown;
	if (id == PROVIDER_usdt)
		return static_argument_type(checker, expr);
	for (; *digits && number <= count; digits++)
		number = 10 * number + (uint32_t)(*digits - '0');
	expr->name.argument = number;
	if (number < count)
		return &type_uint64;
	check_error(checker, E_RANGE, expr->at,
		    "%s probes have the arguments arg0 to arg%u",
		    checker->clause->provider->name, count - 1);
	return &type_unknown;
}

/* ---- anything else ---- */

/* $name or @name was meant. */
static bool hint_sigil(struct checker *checker, struct diag *diag,
		       const char *name)
{
	const struct variable *variable = checker->clause->variables;
	const struct map *map = checker->program->maps;

	for (; variable; variable = variable->next) {
		if (strcmp(variable->name + 1, name) == 0) {
			check_hint(checker, diag, "did you mean '%s'?",
				   variable->name);
			return true;
		}
	}
	for (; map; map = map->next) {
		if (strcmp(map->name + 1, name) == 0) {
			check_hint(checker, diag, "did you mean '%s'?",
				   map->name);
			return true;
		}
	}
	return false;
}

static const struct type *unknown_name(struct checker *checker,
				       const struct expr *expr)
{
	const char *name = expr->name.text;
	struct nearest nearest;
	struct diag *diag;

	if (check_unsupported(checker, expr->at, name))
		return &type_unknown;
	diag = check_error(checker, E_UNKNOWN_NAME, expr->at,
			   "nothing is called '%s'", name);
	if (function_find(name)) {
		check_hint(checker, diag, "it is a function: %s(%s)", name,
			   function_find(name)->signature);
		return &type_unknown;
	}
	if (hint_sigil(checker, diag, name))
		return &type_unknown;
	nearest_begin(&nearest, name);
	for (int i = 0; i < BUILTIN_COUNT; i++)
		nearest_consider(&nearest, builtin_row(i)->name);
	check_nearest(checker, diag, &nearest);
	if (!nearest_result(&nearest) && !host_has_types(checker->host))
		check_hint(checker, diag,
			   "if it is an enumerator of the kernel: this kernel "
			   "does not describe its types");
	return &type_unknown;
}

/* A builtin that is an expression of the language: it takes its place. */
static const struct type *check_expansion(struct checker *checker,
					  struct expr *expr, const char *text)
{
	*expr = *parse_own_expression(checker->arena, text, expr->at);
	return check_expr(checker, expr);
}

static const char *own_expression(struct checker *checker,
				  const struct expr *expr)
{
	const struct builtin_row *row = expr->name.builtin;

	return row->expression ? row->expression
			       : packet_task_field(checker, row->id);
}

const struct type *check_name(struct checker *checker, struct expr *expr)
{
	const char *name = expr->name.text;
	struct name_slot *absent;
	const struct type *type;
	const char *text;
	int64_t value;

	if (!expr->name.builtin)
		expr->name.builtin = builtin_find(name);
	text = expr->name.builtin ? own_expression(checker, expr) : NULL;
	if (text)
		return check_expansion(checker, expr, text);
	if (expr->name.builtin)
		return builtin_type(checker, expr);
	if (is_argument(name))
		return argument_type(checker, expr);
	if (strcmp(name, "NULL") == 0) {
		fold_integer(expr, &type_int64, 0);
		return expr->type;
	}
	absent = names_slot(checker->arena, &checker->absent, name);
	if (!absent->thing &&
	    host_enumerator(checker->host, name, &type, &value) == HOST_OK) {
		fold_integer(expr, type, (uint64_t)value);
		return type;
	}
	absent->thing = checker;
	if (!header_value_find(name, &value)) {
		if (host_module_enumerator(checker->host, name, &type,
					   &value) != HOST_OK)
			return unknown_name(checker, expr);
		fold_integer(expr, type, (uint64_t)value);
		return type;
	}
	fold_integer(expr, &type_int64, (uint64_t)value);
	return expr->type;
}
