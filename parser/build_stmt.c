/*
 * Constructors of statements and blocks, one for each action of the grammar.
 * Called by grammar.y.
 */
#include <string.h>

#include "parser/build.h"
#include "parser/parser.h"

static void deepen(struct stmt *stmt, const struct block *block)
{
	if (block && stmt->depth <= block->depth)
		stmt->depth = block->depth + 1;
}

/* What is too deep is left out, so that the tree never is. */
static struct stmt *finish(struct parser *parser, struct stmt *stmt)
{
	struct stmt *empty;

	if (stmt->depth <= PARSER_DEPTH_MAX)
		return stmt;
	build_too_deep(parser, stmt->at);
	empty = stmt_new(parser->arena, STMT_BLOCK, stmt->at);
	empty->block = block_new(parser->arena);
	return empty;
}

struct stmt *build_expr_stmt(struct parser *parser, struct expr *expr,
			     struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_EXPR, at);

	stmt->expr = expr;
	return stmt;
}

static bool is_discard(const struct expr *target, int op)
{
	return op < 0 && target->kind == EXPR_NAME &&
	       !strcmp(target->name.text, "_");
}

struct stmt *build_assign(struct parser *parser, int op, struct expr *target,
			  struct expr *value, struct span at)
{
	struct stmt *stmt;
	struct diag *diag;

	if (target->kind != EXPR_VARIABLE && target->kind != EXPR_MAP) {
		stmt = build_expr_stmt(parser, value, at);
		stmt->is_discard = true;
		if (is_discard(target, op))
			return stmt;
		diag = diag_error(parser->diags, E_NOT_ASSIGNABLE, target->at,
				  "nothing can be stored in this");
		diag_hint(parser->diags, diag,
			  "only variables ($x) and maps (@x) hold values");
		return stmt;
	}
	stmt = stmt_new(parser->arena, STMT_ASSIGN, at);
	stmt->assign.op = op;
	stmt->assign.target = target;
	stmt->assign.value = value;
	return stmt;
}

struct stmt *build_let(struct parser *parser, struct token variable,
		       struct type_name *type, struct expr *value,
		       struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_ASSIGN, at);

	stmt->assign.is_let = true;
	stmt->assign.op = -1;
	stmt->assign.declared = type;
	stmt->assign.target = build_variable(parser, variable);
	stmt->assign.value = value;
	return stmt;
}

/* if (a = 1) reads as a record, which decides nothing. */
static void check_decides(struct parser *parser, const struct expr *condition)
{
	struct diag *diag;

	if (condition->kind != EXPR_RECORD)
		return;
	diag = diag_error(parser->diags, E_SYNTAX, condition->at,
			  "this is a record, not a condition");
	diag_hint(parser->diags, diag,
		  "'=' stores a value; to compare, write '=='");
}

struct stmt *build_if(struct parser *parser, struct expr *condition,
		      struct block *then, struct block *otherwise,
		      struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_IF, at);

	check_decides(parser, condition);
	stmt->branch.condition = condition;
	stmt->branch.then = then;
	stmt->branch.otherwise = otherwise;
	deepen(stmt, then);
	deepen(stmt, otherwise);
	return finish(parser, stmt);
}

struct stmt *build_while(struct parser *parser, struct expr *condition,
			 struct block *body, struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_WHILE, at);

	check_decides(parser, condition);
	stmt->loop.condition = condition;
	stmt->loop.body = body;
	deepen(stmt, body);
	return finish(parser, stmt);
}

struct stmt *build_for(struct parser *parser, struct token variable,
		       struct range range, struct block *body, struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_FOR_RANGE, at);
	struct diag *diag;

	stmt->each.variable = build_variable(parser, variable);
	stmt->each.body = body;
	deepen(stmt, body);
	if (range.to) {
		stmt->each.from = range.from;
		stmt->each.to = range.to;
		return finish(parser, stmt);
	}
	stmt->kind = STMT_FOR_MAP;
	stmt->each.map = range.from;
	if (range.from->kind == EXPR_MAP && !range.from->map.key)
		return finish(parser, stmt);
	diag = diag_error(parser->diags, E_SYNTAX, range.from->at,
			  "'for' cannot go over this");
	diag_hint(parser->diags, diag,
		  "it goes over a range, for $i : 0..10 { }, or over a whole "
		  "map, for $kv : @m { }");
	return build_nested(parser, body, at);
}

struct stmt *build_unroll(struct parser *parser, struct expr *times,
			  struct block *body, struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_UNROLL, at);

	stmt->unroll.times = times;
	stmt->unroll.body = body;
	deepen(stmt, body);
	return finish(parser, stmt);
}

struct stmt *build_nested(struct parser *parser, struct block *block,
			  struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, STMT_BLOCK, at);

	stmt->block = block;
	deepen(stmt, block);
	return finish(parser, stmt);
}

struct stmt *build_jump(struct parser *parser, enum stmt_kind kind,
			struct expr *value, struct span at)
{
	struct stmt *stmt = stmt_new(parser->arena, kind, at);

	if (kind == STMT_RETURN)
		stmt->value = value;
	return stmt;
}

struct block *build_else_if(struct parser *parser, struct stmt *stmt)
{
	return build_block(block_new(parser->arena), stmt, stmt->at);
}

struct block *build_block(struct block *block, struct stmt *stmt,
			  struct span at)
{
	if (stmt)
		block_append(block, stmt);
	block->at = at;
	return block;
}
