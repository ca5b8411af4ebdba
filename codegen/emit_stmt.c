/*
 * Statements: assignment, branches, and what leaves a block. Loops that run
 * as callbacks are in emit_loop.c.
 */
#include "codegen/emit.h"

static void emit_assign(struct gen *gen, const struct stmt *stmt)
{
	const struct expr *target = stmt->assign.target;
	const struct expr *value = stmt->assign.value;
	const struct variable *variable;
	LLVMValueRef address;
	struct value result;

	if (target->kind == EXPR_MAP) {
		emit_map_assign(gen, stmt);
		return;
	}
	variable = target->variable.variable;
	if (!value) { /* let $x; */
		address = emit_variable_address(gen, variable);
		if (type_is_scalar(variable->type))
			emit_store(gen, address, emit_i64(gen, 0), 8);
		else
			emit_zero(gen, address, variable->type->size);
		return;
	}
	if (!type_is_scalar(variable->type)) {
		emit_into(gen, value, variable->type,
			  emit_variable_address(gen, variable));
		return;
	}
	result = scalar_value(value->type, emit_scalar(gen, value));
	if (stmt->assign.op >= 0) {
		struct value old = emit_expr(gen, target);

		result.v =
			emit_arithmetic(gen, (enum binary)stmt->assign.op, old,
					result, variable->type, stmt->at);
	}
	emit_assign_variable(gen, variable, result);
}

static void emit_branches(struct gen *gen, const struct stmt *stmt)
{
	LLVMBasicBlockRef then = emit_block(gen, "if");
	LLVMBasicBlockRef otherwise = emit_block(gen, "else");
	LLVMBasicBlockRef join = emit_block(gen, "endif");

	emit_branch(gen, emit_condition(gen, stmt->branch.condition), then,
		    otherwise);
	emit_at(gen, then);
	emit_stmts(gen, stmt->branch.then);
	emit_jump(gen, join);
	emit_at(gen, otherwise);
	if (stmt->branch.otherwise)
		emit_stmts(gen, stmt->branch.otherwise);
	emit_jump(gen, join);
	emit_at(gen, join);
}

/* The body, N times over. */
static void emit_unroll(struct gen *gen, const struct stmt *stmt)
{
	uint64_t times = stmt->unroll.times->integer.value;
	struct loop loop = { .outer = gen->function->loops };

	loop.on_break = emit_block(gen, "unrolled");
	gen->function->loops = &loop;
	for (uint64_t i = 0; i < times && !gen->is_too_large; i++) {
		loop.on_continue = emit_block(gen, "again");
		emit_stmts(gen, stmt->unroll.body);
		emit_jump(gen, loop.on_continue);
		emit_at(gen, loop.on_continue);
	}
	gen->function->loops = loop.outer;
	emit_jump(gen, loop.on_break);
	emit_at(gen, loop.on_break);
}

/* In a callback: 1 ends the loop, 0 goes on. */
static void emit_loop_exit(struct gen *gen, bool is_break)
{
	const struct loop *loop = gen->function->loops;

	if (loop->is_callback)
		LLVMBuildRet(gen->builder, emit_i64(gen, is_break));
	else
		emit_jump(gen, is_break ? loop->on_break : loop->on_continue);
	emit_dead(gen);
}

static void emit_return(struct gen *gen, const struct stmt *stmt)
{
	if (stmt->value)
		emit_expr(gen, stmt->value);
	emit_leave_program(gen);
}

static void emit_stmt(struct gen *gen, const struct stmt *stmt)
{
	if (gen->statements == STATEMENTS_MAX) {
		gen->is_too_large = true;
		return;
	}
	gen->statements++;
	switch (stmt->kind) {
	case STMT_EXPR:
		emit_expr(gen, stmt->expr);
		return;
	case STMT_ASSIGN:
		emit_assign(gen, stmt);
		return;
	case STMT_IF:
		emit_branches(gen, stmt);
		return;
	case STMT_WHILE:
		emit_while(gen, stmt);
		return;
	case STMT_FOR_RANGE:
		emit_range(gen, stmt);
		return;
	case STMT_FOR_MAP:
		emit_for_map(gen, stmt);
		return;
	case STMT_UNROLL:
		emit_unroll(gen, stmt);
		return;
	case STMT_BLOCK:
		emit_stmts(gen, stmt->block);
		return;
	case STMT_BREAK:
		emit_loop_exit(gen, true);
		return;
	case STMT_CONTINUE:
		emit_loop_exit(gen, false);
		return;
	case STMT_RETURN:
		emit_return(gen, stmt);
		return;
	}
	unreachable();
}

void emit_stmts(struct gen *gen, const struct block *block)
{
	for (const struct stmt *stmt = block->first; stmt; stmt = stmt->next) {
		struct mark mark = temporary_mark(gen);

		emit_line(gen, stmt->at);
		emit_stmt(gen, stmt);
		temporary_release(gen, mark);
	}
}
