/*
 * Which declaration each $variable of a clause means: block scope, no
 * shadowing, nothing used before it was assigned. Knows no types. Called by
 * check.c, once per clause.
 */
#include <string.h>

#include "parser/checker.h"

/* What is known of a name. */
struct scoped {
	struct variable *variable;
	unsigned loops; /* loop bodies around its declaration */
	bool is_visible;
	struct scoped *next; /* declared before it, in this or an outer block */
};

struct scopes {
	struct checker *checker;
	struct clause *clause;
	struct variable **last;
	struct names names;
	struct scoped *visible; /* the one declared last */
	unsigned loops;
};

static void scope_block(struct scopes *scopes, struct block *block);

/* ---- declaring ---- */

static struct scoped *find(struct scopes *scopes, const char *name)
{
	struct name_slot *slot =
		names_slot(scopes->checker->arena, &scopes->names, name);

	if (!slot->thing)
		slot->thing = ARENA_NEW(scopes->checker->arena, struct scoped);
	return slot->thing;
}

static struct variable *variable_new(struct scopes *scopes,
				     const struct expr *expr)
{
	struct variable *variable =
		ARENA_NEW(scopes->checker->arena, struct variable);

	variable->name = expr->variable.name;
	variable->type = &type_unknown;
	variable->declared_at = expr->at;
	return variable;
}

static void declare(struct scopes *scopes, struct expr *expr)
{
	struct scoped *scoped = find(scopes, expr->variable.name);
	struct checker *checker = scopes->checker;
	struct diag *diag;

	if (scoped->is_visible) {
		diag = check_error(checker, E_REDECLARED, expr->at,
				   "'%s' is declared already",
				   expr->variable.name);
		check_hint(checker, diag,
			   "line %u declares it, and its block is still open",
			   line_of(checker, scoped->variable->declared_at));
		expr->variable.variable = scoped->variable;
		return;
	}
	scoped->variable = variable_new(scopes, expr);
	scoped->variable->index = scopes->clause->variable_count++;
	scoped->loops = scopes->loops;
	scoped->is_visible = true;
	scoped->next = scopes->visible;
	scopes->visible = scoped;
	*scopes->last = scoped->variable;
	scopes->last = &scoped->variable->next;
	expr->variable.variable = scoped->variable;
}

/* The block ends: what was declared since `outer` is gone. */
static void hide(struct scopes *scopes, struct scoped *outer)
{
	while (scopes->visible != outer) {
		scopes->visible->is_visible = false;
		scopes->visible = scopes->visible->next;
	}
}

/* ---- using ---- */

static void report_unknown(struct scopes *scopes, const struct expr *expr,
			   const struct scoped *scoped)
{
	struct checker *checker = scopes->checker;
	struct nearest nearest;
	struct diag *diag = check_error(checker, E_UNKNOWN_VARIABLE, expr->at,
					"nothing was assigned to '%s' before",
					expr->variable.name);

	if (scoped->variable) {
		check_hint(checker, diag,
			   "the one of line %u ended with its block; 'let %s;' "
			   "before that block makes it last",
			   line_of(checker, scoped->variable->declared_at),
			   expr->variable.name);
		return;
	}
	nearest_begin(&nearest, expr->variable.name);
	for (const struct scoped *other = scopes->visible; other;
	     other = other->next)
		nearest_consider(&nearest, other->variable->name);
	check_nearest(checker, diag, &nearest);
}

static void use(struct scopes *scopes, struct expr *expr)
{
	struct scoped *scoped = find(scopes, expr->variable.name);

	if (!scoped->is_visible) {
		report_unknown(scopes, expr, scoped);
		/* Later uses are the same mistake, of whatever type. */
		declare(scopes, expr);
		expr->variable.variable->is_declared = true;
		return;
	}
	expr->variable.variable = scoped->variable;
	if (scopes->loops > scoped->loops)
		scoped->variable->is_captured = true;
}

static void scope_expr(struct expr *expr, void *data);

/* find(@m, key, $v) stores in $v, as an assignment does. */
static bool scope_find(struct scopes *scopes, struct expr *expr)
{
	const struct expr_list *args = &expr->call.args;

	if (expr->kind != EXPR_CALL || strcmp(expr->call.name, "find") != 0 ||
	    args->count != 3 || args->items[2]->kind != EXPR_VARIABLE)
		return false;
	scope_expr(args->items[0], scopes);
	scope_expr(args->items[1], scopes);
	if (find(scopes, args->items[2]->variable.name)->is_visible)
		use(scopes, args->items[2]);
	else
		declare(scopes, args->items[2]);
	return true;
}

static void scope_expr(struct expr *expr, void *data)
{
	if (scope_find(data, expr))
		return;
	if (expr->kind == EXPR_VARIABLE)
		use(data, expr);
	else
		expr_children(expr, scope_expr, data);
}

static void scope_optional(struct scopes *scopes, struct expr *expr)
{
	if (expr)
		scope_expr(expr, scopes);
}

/* ---- statements ---- */

static void scope_assign(struct scopes *scopes, struct stmt *stmt)
{
	struct expr *target = stmt->assign.target;

	if (stmt->assign.declared)
		scope_optional(scopes, stmt->assign.declared->of);
	scope_optional(scopes, stmt->assign.value);
	if (target->kind != EXPR_VARIABLE)
		scope_expr(target, scopes);
	else if (stmt->assign.is_let ||
		 (stmt->assign.op < 0 &&
		  !find(scopes, target->variable.name)->is_visible))
		declare(scopes, target);
	else
		use(scopes, target);
}

/*
 * The kernel allows eight functions in one another; the body of a loop is one,
 * and what searches in a string takes two.
 */
#define LOOPS_MOST 5

static void enter_loop(struct scopes *scopes, const struct stmt *stmt)
{
	struct diag *diag;

	scopes->clause->has_loops = true;
	if (scopes->loops++ != LOOPS_MOST)
		return;
	diag = check_error(scopes->checker, E_TOO_DEEP, stmt->at,
			   "loops nest at most %d deep", LOOPS_MOST);
	check_hint(
		scopes->checker, diag,
		"count through several dimensions with one loop, and divide");
}

static void scope_each(struct scopes *scopes, struct stmt *stmt)
{
	struct scoped *outer = scopes->visible;

	scope_optional(scopes, stmt->each.from);
	scope_optional(scopes, stmt->each.to);
	enter_loop(scopes, stmt);
	declare(scopes, stmt->each.variable);
	scope_block(scopes, stmt->each.body);
	scopes->loops--;
	hide(scopes, outer);
}

/* The condition is evaluated where the body is. */
static void scope_while(struct scopes *scopes, struct stmt *stmt)
{
	enter_loop(scopes, stmt);
	scope_expr(stmt->loop.condition, scopes);
	scope_block(scopes, stmt->loop.body);
	scopes->loops--;
}

static void scope_stmt(struct scopes *scopes, struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_EXPR:
		scope_expr(stmt->expr, scopes);
		return;
	case STMT_ASSIGN:
		scope_assign(scopes, stmt);
		return;
	case STMT_IF:
		scope_expr(stmt->branch.condition, scopes);
		scope_block(scopes, stmt->branch.then);
		if (stmt->branch.otherwise)
			scope_block(scopes, stmt->branch.otherwise);
		return;
	case STMT_WHILE:
		scope_while(scopes, stmt);
		return;
	case STMT_FOR_RANGE:
	case STMT_FOR_MAP:
		scope_each(scopes, stmt);
		return;
	case STMT_UNROLL:
		scope_expr(stmt->unroll.times, scopes);
		scope_block(scopes, stmt->unroll.body);
		return;
	case STMT_BLOCK:
		scope_block(scopes, stmt->block);
		return;
	case STMT_RETURN:
		scope_optional(scopes, stmt->value);
		return;
	case STMT_BREAK:
	case STMT_CONTINUE:
		return;
	}
	unreachable();
}

static void scope_block(struct scopes *scopes, struct block *block)
{
	struct scoped *outer = scopes->visible;

	for (struct stmt *stmt = block->first; stmt; stmt = stmt->next)
		scope_stmt(scopes, stmt);
	hide(scopes, outer);
}

void check_scopes(struct checker *checker, struct clause *clause)
{
	struct scopes scopes = {
		.checker = checker,
		.clause = clause,
		.last = &clause->variables,
	};

	if (clause->predicate)
		scope_expr(clause->predicate, &scopes);
	scope_block(&scopes, clause->body);
}
