/*
 * Statements: conditions, assignments and the types of $variables, loops.
 * Knows nothing of what expressions mean. Called by check.c for the body of
 * each clause.
 */
#include "parser/checker.h"

#define UNROLL_MAX 100

/* ---- conditions ---- */

/* Its type is known already. */
void check_condition(struct checker *checker, struct expr *expr)
{
	const struct type *type = expr->type;
	struct diag *diag;

	if (type->kind == TYPE_UNKNOWN || type_is_scalar(type))
		return;
	diag = check_error(checker, E_TYPE, expr->at,
			   "%s is neither true nor false",
			   spell(checker, type));
	if (expr->kind == EXPR_RECORD)
		check_hint(checker, diag,
			   "'=' names the value of a record; to compare, write "
			   "'=='");
	else if (type->kind == TYPE_STRING)
		check_hint(checker, diag, "compare it: != \"\"");
	else
		check_hint(checker, diag,
			   "integers, bools and pointers can decide");
}

/* ---- variables ---- */

/* A declared type is fixed: what is stored must be made of the same stuff. */
static bool fits_declared(struct checker *checker,
			  const struct variable *variable,
			  const struct type *type, const struct expr *value)
{
	const struct type *declared = variable->type;
	uint32_t bits = 8 * declared->size;
	int64_t constant;

	if (!type_join(checker->arena, declared, type) &&
	    !(declared->kind == TYPE_POINTER &&
	      expr_constant(value, &constant)))
		return false;
	if (declared->kind != TYPE_INT || declared->size == 8 ||
	    !expr_constant(value, &constant))
		return true;
	if (constant >=
		    (declared->is_signed ? -(INT64_C(1) << (bits - 1)) : 0) &&
	    constant < INT64_C(1) << (bits - declared->is_signed))
		return true;
	check_error(checker, E_RANGE, value->at, "%lld does not fit into %s",
		    (long long)constant, spell(checker, declared));
	return true;
}

/* After a mistake was told it takes anything, so that no other follows. */
static void variable_poison(struct checker *checker, struct variable *variable)
{
	if (!checker->final)
		return;
	variable->is_declared = true;
	variable->type = &type_unknown;
}

static void report_conflict(struct checker *checker, struct variable *variable,
			    const struct type *type, const struct expr *value)
{
	struct diag *diag = check_error(
		checker, E_ASSIGN_TYPE, value->at,
		"'%s' holds %s and cannot take %s", variable->name,
		spell(checker, variable->type), spell(checker, type));

	check_hint(checker, diag,
		   "line %u gives it its type; another variable, or a cast",
		   line_of(checker, variable->declared_at));
	variable_poison(checker, variable);
}

/* 0 is the pointer to nothing. */
static bool is_null(const struct expr *expr)
{
	int64_t value;

	return expr_constant(expr, &value) && value == 0;
}

void variable_store(struct checker *checker, struct variable *variable,
		    const struct type *type, const struct expr *value)
{
	const struct type *joined;

	if (type->kind == TYPE_UNKNOWN ||
	    !check_storable(checker, type, value->at)) {
		if (!variable->is_declared)
			variable_poison(checker, variable);
		return;
	}
	if (variable->is_declared) {
		if (!fits_declared(checker, variable, type, value))
			report_conflict(checker, variable, type, value);
		return;
	}
	if (variable->type->kind == TYPE_POINTER && is_null(value))
		return;
	joined = type_join(checker->arena, variable->type, type);
	if (!joined) {
		report_conflict(checker, variable, type, value);
		return;
	}
	if (type_equal(joined, variable->type))
		return;
	variable->type = joined;
	check_changed(checker, value->at, variable->name);
}

/* ---- assignments ---- */

static void store(struct checker *checker, struct expr *target,
		  const struct type *type, const struct expr *value)
{
	if (target->kind == EXPR_MAP)
		map_store(checker, target, type, value);
	else
		variable_store(checker, target->variable.variable, type, value);
}

static void check_let(struct checker *checker, struct stmt *stmt)
{
	struct variable *variable = stmt->assign.target->variable.variable;

	if (stmt->assign.declared) {
		variable->is_declared = true;
		variable->type =
			check_type_name(checker, stmt->assign.declared);
		check_storable(checker, variable->type,
			       stmt->assign.declared->at);
	}
	stmt->assign.target->type = variable->type;
}

static void check_plain(struct checker *checker, struct stmt *stmt)
{
	struct expr *target = stmt->assign.target;
	struct expr *value = stmt->assign.value;
	const struct type *type;

	if (stmt->assign.is_let)
		check_let(checker, stmt);
	if (!value)
		return;
	if (is_aggregation(value) && target->kind == EXPR_MAP)
		type = check_aggregation(checker, value);
	else
		type = check_expr(checker, value);
	if (target->kind == EXPR_MAP)
		check_map_target(checker, target);
	store(checker, target, type, value);
	target->type =
		target->kind == EXPR_MAP
			? (target->map.map->value ? target->map.map->value
						  : &type_unknown)
			: target->variable.variable->type;
}

void check_compound(struct checker *checker, struct stmt *stmt)
{
	struct expr *target = stmt->assign.target;
	struct expr *value = stmt->assign.value;
	const struct type *held, *type;
	struct diag *diag;

	check_expr(checker, value);
	if (target->kind == EXPR_MAP && map_bind(checker, target)->value &&
	    type_is_aggregate(target->map.map->value)) {
		check_map_target(checker, target);
		target->type = &type_unknown;
		diag = check_error(
			checker, E_AGGREGATE, target->at,
			"'%s' holds %s, which only that function changes",
			target->map.name,
			spell(checker, target->map.map->value));
		check_hint(checker, diag, "a sum is kept with %s = sum(...)",
			   target->map.name);
		return;
	}
	held = check_expr(checker, target);
	type = check_operands(checker, (enum binary)stmt->assign.op, target,
			      value);
	/* Nothing was stored before: it began as 0. */
	if (held->kind == TYPE_UNKNOWN && type_is_integer(value->type))
		type = promoted_type(value->type);
	store(checker, target, type, value);
}

/* ---- loops ---- */

static void check_body(struct checker *checker, struct block *body)
{
	checker->loops++;
	check_block(checker, body);
	checker->loops--;
}

static void check_bound(struct checker *checker, struct expr *bound)
{
	const struct type *type = check_expr(checker, bound);

	if (type->kind != TYPE_UNKNOWN && !type_is_integer(type))
		check_error(checker, E_TYPE, bound->at,
			    "a range goes from integer to integer, not %s",
			    spell(checker, type));
}

static void set_loop_variable(struct checker *checker, struct stmt *stmt,
			      const struct type *type)
{
	struct expr *expr = stmt->each.variable;
	struct variable *variable = expr->variable.variable;

	variable->is_declared = true; /* the loop alone says what it is */
	if (type->kind != TYPE_UNKNOWN && !type_equal(variable->type, type)) {
		variable->type = type;
		check_changed(checker, expr->at, variable->name);
	}
	expr->type = variable->type;
}

static void check_range(struct checker *checker, struct stmt *stmt)
{
	check_bound(checker, stmt->each.from);
	check_bound(checker, stmt->each.to);
	set_loop_variable(checker, stmt, &type_int64);
	check_body(checker, stmt->each.body);
}

/* (key, value) of a map; unknown as long as either is. */
static const struct type *pair_type(struct checker *checker,
				    const struct stmt *stmt,
				    const struct map *map)
{
	const struct type **items;
	const struct type *value;
	struct diag *diag;

	if (!map->key || !map->value || map->key->kind == TYPE_UNKNOWN ||
	    map->value->kind == TYPE_UNKNOWN)
		return &type_unknown;
	value = map_read_type(map->value);
	if (!value) {
		diag = check_error(
			checker, E_AGGREGATE, stmt->each.map->at,
			"'%s' holds %s, which has no value to loop over",
			map->name, spell(checker, map->value));
		check_hint(checker, diag, "print(%s) shows it", map->name);
		return &type_unknown;
	}
	items = ARENA_ARRAY(checker->arena, 2, const struct type *);
	items[0] = map->key;
	items[1] = value;
	return type_tuple(checker->arena, items, 2);
}

static void check_each(struct checker *checker, struct stmt *stmt)
{
	struct map *map;
	struct diag *diag;

	check_map_name(checker, stmt->each.map);
	map = stmt->each.map->map.map;
	map->is_iterated = true;
	if (!map->key && ((struct checked_map *)map)->is_scalar) {
		diag = check_error(checker, E_TYPE, stmt->each.map->at,
				   "'%s' has no keys to loop over", map->name);
		check_hint(checker, diag, "it is used without a key on line %u",
			   line_of(checker,
				   ((struct checked_map *)map)->first_scalar));
	}
	set_loop_variable(checker, stmt, pair_type(checker, stmt, map));
	check_body(checker, stmt->each.body);
}

static void check_unroll(struct checker *checker, struct stmt *stmt)
{
	struct expr *times = stmt->unroll.times;
	int64_t value;

	check_expr(checker, times);
	if (!expr_constant(times, &value))
		check_error(
			checker, E_NOT_CONSTANT, times->at,
			"how often to unroll must be known while compiling");
	else if (value < 1 || value > UNROLL_MAX)
		check_error(checker, E_RANGE, times->at,
			    "unroll takes from 1 to %d, not %lld", UNROLL_MAX,
			    (long long)value);
	else
		fold_integer(times, &type_int64, (uint64_t)value);
	check_body(checker, stmt->unroll.body);
}

/* ---- the rest ---- */

static bool is_step_or_call(const struct expr *expr)
{
	return expr->kind == EXPR_STEP || expr->kind == EXPR_CALL;
}

static void check_expr_stmt(struct checker *checker, struct stmt *stmt)
{
	struct expr *expr = stmt->expr;

	if (expr->kind == EXPR_CALL && !stmt->is_discard)
		check_call(checker, expr, true);
	else
		check_expr(checker, expr);
	if (!stmt->is_discard && !is_step_or_call(expr) &&
	    expr->type->kind != TYPE_UNKNOWN)
		check_hint(checker,
			   check_warning(checker, E_UNUSED_VALUE, expr->at,
					 "this value is not used"),
			   "print it, store it, or write '_ = ...' to show "
			   "that it is meant");
}

static void check_return(struct checker *checker, struct stmt *stmt)
{
	if (!stmt->value)
		return;
	check_expr(checker, stmt->value);
	if (stmt->value->type->kind != TYPE_UNKNOWN &&
	    !type_is_integer(stmt->value->type))
		check_error(checker, E_TYPE, stmt->value->at,
			    "a probe returns an integer, not %s",
			    spell(checker, stmt->value->type));
}

static void check_jump(struct checker *checker, const struct stmt *stmt)
{
	if (!checker->loops)
		check_error(checker, E_LOOP_CONTROL, stmt->at,
			    "'%s' stands in no loop",
			    stmt->kind == STMT_BREAK ? "break" : "continue");
}

static void check_branch(struct checker *checker, struct stmt *stmt)
{
	check_expr(checker, stmt->branch.condition);
	check_condition(checker, stmt->branch.condition);
	check_block(checker, stmt->branch.then);
	if (stmt->branch.otherwise)
		check_block(checker, stmt->branch.otherwise);
}

static void check_while(struct checker *checker, struct stmt *stmt)
{
	check_expr(checker, stmt->loop.condition);
	check_condition(checker, stmt->loop.condition);
	check_body(checker, stmt->loop.body);
}

static void check_stmt(struct checker *checker, struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_EXPR:
		check_expr_stmt(checker, stmt);
		return;
	case STMT_ASSIGN:
		if (stmt->assign.op < 0)
			check_plain(checker, stmt);
		else
			check_compound(checker, stmt);
		return;
	case STMT_IF:
		check_branch(checker, stmt);
		return;
	case STMT_WHILE:
		check_while(checker, stmt);
		return;
	case STMT_FOR_RANGE:
		check_range(checker, stmt);
		return;
	case STMT_FOR_MAP:
		check_each(checker, stmt);
		return;
	case STMT_UNROLL:
		check_unroll(checker, stmt);
		return;
	case STMT_BLOCK:
		check_block(checker, stmt->block);
		return;
	case STMT_BREAK:
	case STMT_CONTINUE:
		check_jump(checker, stmt);
		return;
	case STMT_RETURN:
		check_return(checker, stmt);
		return;
	}
	unreachable();
}

void check_block(struct checker *checker, struct block *block)
{
	for (struct stmt *stmt = block->first; stmt; stmt = stmt->next)
		check_stmt(checker, stmt);
}
