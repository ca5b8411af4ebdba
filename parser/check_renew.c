/*
 * print(@m) with a clear(@m) or zero(@m) after it means: what is shown is
 * gone, and nothing else. So the two become one order, and the map becomes two
 * of the kernel's, which take turns. Called by check.c after the last pass.
 *
 * Two such calls belong together if the second is run whenever the first is:
 * both are statements of one block, and nothing between them may leave it.
 */
#include "parser/checker.h"

/* Bits of control->sides. */
#define SIDES_MAX 64

/* The last print of a map, and in which stretch of statements it stands. */
struct shown {
	struct expr *print;
	uint32_t stretch;
};

struct renewals {
	struct shown *shown; /* by map->index */
	uint32_t stretch;    /* statements that run one after another */
	uint32_t sides;
};

static void pair_block(struct renewals *renewals, const struct block *block);

static void find_exit(struct expr *expr, void *data)
{
	bool *leaves = data;

	if (expr->kind == EXPR_CALL)
		*leaves |= expr->call.function->id == FUNCTION_exit ||
			   expr->call.function->id == FUNCTION_assert;
	expr_children(expr, find_exit, data);
}

static bool may_leave(struct expr *expr)
{
	bool leaves = false;

	if (expr)
		find_exit(expr, &leaves);
	return leaves;
}

/* The kernel's loops over a map want to know it when they are loaded. */
static bool can_renew(struct renewals *renewals, struct map *map)
{
	if (map->is_iterated)
		return false;
	if (map->is_renewed)
		return true;
	if (renewals->sides == SIDES_MAX)
		return false;
	map->is_renewed = true;
	map->side = renewals->sides++;
	return true;
}

static void pair_call(struct renewals *renewals, struct expr *call)
{
	enum function id = call->call.function->id;
	struct expr *what =
		call->call.args.count ? call->call.args.items[0] : NULL;
	struct shown *shown;

	if (!what || what->kind != EXPR_MAP || what->map.key)
		return;
	shown = &renewals->shown[what->map.map->index];
	if (id == FUNCTION_print) {
		*shown = (struct shown){ call, renewals->stretch };
		return;
	}
	if ((id != FUNCTION_clear && id != FUNCTION_zero) || !shown->print ||
	    shown->stretch != renewals->stretch ||
	    !can_renew(renewals, what->map.map))
		return;
	shown->print->call.renewal =
		id == FUNCTION_zero ? RENEWAL_ZERO : RENEWAL_CLEAR;
	call->call.renewal = RENEWAL_DONE;
	shown->print = NULL;
}

/* What is in it may run or not, or several times. */
static void pair_inner(struct renewals *renewals, const struct block *block)
{
	renewals->stretch++;
	if (block)
		pair_block(renewals, block);
	renewals->stretch++;
}

static void pair_stmt(struct renewals *renewals, const struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_EXPR:
		if (may_leave(stmt->expr))
			renewals->stretch++;
		else if (stmt->expr->kind == EXPR_CALL)
			pair_call(renewals, stmt->expr);
		return;
	case STMT_ASSIGN:
		if (may_leave(stmt->assign.target) ||
		    may_leave(stmt->assign.value))
			renewals->stretch++;
		return;
	case STMT_IF:
		pair_inner(renewals, stmt->branch.then);
		pair_inner(renewals, stmt->branch.otherwise);
		return;
	case STMT_WHILE:
		pair_inner(renewals, stmt->loop.body);
		return;
	case STMT_FOR_RANGE:
	case STMT_FOR_MAP:
		pair_inner(renewals, stmt->each.body);
		return;
	case STMT_UNROLL:
		pair_inner(renewals, stmt->unroll.body);
		return;
	case STMT_BLOCK:
		pair_inner(renewals, stmt->block);
		return;
	case STMT_BREAK:
	case STMT_CONTINUE:
	case STMT_RETURN:
		renewals->stretch++;
		return;
	}
	unreachable();
}

static void pair_block(struct renewals *renewals, const struct block *block)
{
	for (const struct stmt *stmt = block->first; stmt; stmt = stmt->next)
		pair_stmt(renewals, stmt);
}

void check_renewals(struct checker *checker)
{
	const struct program *program = checker->program;
	struct renewals renewals = {
		.shown = ARENA_ARRAY(checker->arena, program->map_count + 1,
				     struct shown),
	};

	for (const struct clause *clause = program->clauses; clause;
	     clause = clause->next)
		pair_inner(&renewals, clause->body);
}
