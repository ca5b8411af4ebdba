/*
 * Names that #define gave: wherever one stands for a value, the expression it
 * was defined as takes its place. Knows names and trees, no meanings. Called
 * by parse_program() at its end, and for the expressions of C declarations.
 */
#include <string.h>

#include "parser/build.h"
#include "parser/parser.h"

/* Definitions that use definitions; how deep what comes of one may be, and how
 * many are looked at, since each may use others twice. */
#define NESTED_MAX     16
#define VALUE_DEPTH    128
#define EXPANSIONS_MAX 10000

struct constants {
	struct parser *parser;
	const struct define *open[NESTED_MAX]; /* being expanded */
	unsigned depth, expansions;
	struct span at; /* of the name in the program */
};

static const struct define *find(const struct constants *constants,
				 const char *name)
{
	const struct define *define = lexer_defines(constants->parser->lexer);

	for (; define; define = define->next)
		if (strcmp(define->name, name) == 0)
			return define;
	return NULL;
}

/* ---- trees ---- */

static void measure(struct expr *expr, void *data)
{
	uint32_t *deepest = data, inner = 0;

	expr_children(expr, measure, &inner);
	expr->depth = inner + 1;
	if (expr->depth > *deepest)
		*deepest = expr->depth;
}

static void move_to(struct expr *expr, void *at)
{
	expr->at = *(const struct span *)at;
	if (expr->kind == EXPR_FIELD)
		expr->field.name_at = expr->at;
	else if (expr->kind == EXPR_CALL)
		expr->call.name_at = expr->at;
	expr_children(expr, move_to, at);
}

/* ---- reports ---- */

static void report(const struct constants *constants,
		   const struct define *define, enum diag_tag tag,
		   const char *what)
{
	struct parser *parser = constants->parser;
	struct position position =
		source_position(parser->source, define->at.begin);
	struct diag *diag = diag_error(parser->diags, tag, constants->at,
				       "'%s' %s", define->name, what);

	diag_hint(parser->diags, diag, "it is defined at %s:%u", position.file,
		  position.line);
}

static bool is_open(const struct constants *constants,
		    const struct define *define)
{
	for (unsigned i = 0; i < constants->depth; i++)
		if (constants->open[i] == define)
			return true;
	return false;
}

/* ---- expanding ---- */

static void expand(struct expr *expr, void *data);

/* NULL, reported, if it has no value. */
static struct expr *value_of(struct constants *constants,
			     const struct define *define)
{
	struct parser *parser = constants->parser;
	uint32_t deepest = 0;
	struct expr *value;

	if (is_open(constants, define)) {
		report(constants, define, E_SYNTAX, "is defined by itself");
		return NULL;
	}
	if (constants->depth == NESTED_MAX ||
	    ++constants->expansions > EXPANSIONS_MAX) {
		report(constants, define, E_TOO_DEEP,
		       "is defined by too many other names");
		return NULL;
	}
	value = parse_slice(parser->arena, parser->source, define->body);
	if (!value) {
		report(constants, define, E_SYNTAX,
		       "is defined as something that is no value");
		return NULL;
	}
	constants->open[constants->depth++] = define;
	expand(value, constants);
	constants->depth--;
	measure(value, &deepest);
	if (deepest <= VALUE_DEPTH)
		return value;
	report(constants, define, E_TOO_DEEP, "is nested too deeply");
	return NULL;
}

static void expand_name(struct constants *constants, struct expr *expr)
{
	const struct define *define = find(constants, expr->name.text);
	struct expr *value;
	struct span at = expr->at;

	if (!define || define->has_parameters)
		return;
	if (!constants->depth)
		constants->at = at;
	value = value_of(constants, define);
	if (value) {
		*expr = *value;
	} else {
		expr->kind = EXPR_INTEGER;
		memset(&expr->integer, 0, sizeof(expr->integer));
	}
	move_to(expr, &at);
}

static void refuse_macro(struct constants *constants, const struct expr *expr)
{
	const struct define *define = find(constants, expr->call.name);
	struct diags *diags = constants->parser->diags;
	struct diag *diag;

	if (!define || !define->has_parameters)
		return;
	diag = diag_error(diags, E_UNSUPPORTED, expr->call.name_at,
			  "macros with parameters are not supported: '%s'",
			  define->name);
	diag_hint(diags, diag, "write what it stands for");
}

static void expand(struct expr *expr, void *data)
{
	struct constants *constants = data;

	if (expr->kind == EXPR_NAME) {
		expand_name(constants, expr);
		return;
	}
	if (expr->kind == EXPR_CALL)
		refuse_macro(constants, expr);
	expr_children(expr, expand, constants);
}

/* The visitor of blocks goes on to the children by itself. */
static void expand_one(struct expr *expr, void *data)
{
	if (expr->kind == EXPR_NAME)
		expand_name(data, expr);
	else if (expr->kind == EXPR_CALL)
		refuse_macro(data, expr);
}

void build_constant(struct parser *parser, struct expr *expr)
{
	struct constants constants = { .parser = parser };

	if (expr && lexer_defines(parser->lexer))
		expand(expr, &constants);
}

void build_constants(struct parser *parser)
{
	struct constants constants = { .parser = parser };
	const struct program *program = parser->program;
	const struct map_declaration *declaration = program->declarations;
	const struct config_entry *entry = program->config;
	const struct clause *clause = program->clauses;

	if (!lexer_defines(parser->lexer))
		return;
	for (; entry; entry = entry->next)
		expand(entry->value, &constants);
	for (; declaration; declaration = declaration->next)
		expand(declaration->max_entries, &constants);
	for (; clause; clause = clause->next) {
		if (clause->predicate)
			expand(clause->predicate, &constants);
		block_expressions(clause->body, expand_one, &constants);
	}
}
