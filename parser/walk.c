/*
 * Visiting and copying trees. Knows which children each node has, in the
 * order of the source, and nothing of what they mean. Recursion is bounded by
 * PARSER_DEPTH_MAX. Called by the checker.
 */
#include <string.h>

#include "parser/ast.h"
#include "parser/tables.h"

/* ---- visiting ---- */

static void visit(struct expr *child, expr_visit_fn *visitor, void *data)
{
	if (child)
		visitor(child, data);
}

static void visit_list(const struct expr_list *list, expr_visit_fn *visitor,
		       void *data)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		visitor(list->items[i], data);
}

static void visit_type(const struct type_name *type, expr_visit_fn *visitor,
		       void *data)
{
	if (type)
		visit(type->of, visitor, data);
}

void expr_children(struct expr *expr, expr_visit_fn *visitor, void *data)
{
	switch (expr->kind) {
	case EXPR_INTEGER:
	case EXPR_STRING:
	case EXPR_BOOL:
	case EXPR_PARAMETER:
	case EXPR_NAME:
	case EXPR_VARIABLE:
		return;
	case EXPR_MAP:
		visit(expr->map.key, visitor, data);
		return;
	case EXPR_FIELD:
		visit(expr->field.object, visitor, data);
		return;
	case EXPR_ITEM:
		visit(expr->item.object, visitor, data);
		return;
	case EXPR_INDEX:
		visit(expr->index.object, visitor, data);
		visit(expr->index.index, visitor, data);
		return;
	case EXPR_UNARY:
		visit(expr->unary.operand, visitor, data);
		return;
	case EXPR_STEP:
		visit(expr->step.target, visitor, data);
		return;
	case EXPR_BINARY:
		visit(expr->binary.left, visitor, data);
		visit(expr->binary.right, visitor, data);
		return;
	case EXPR_TERNARY:
		visit(expr->ternary.condition, visitor, data);
		visit(expr->ternary.then, visitor, data);
		visit(expr->ternary.otherwise, visitor, data);
		return;
	case EXPR_CALL:
		visit_list(&expr->call.args, visitor, data);
		return;
	case EXPR_CAST:
		visit_type(expr->cast.type, visitor, data);
		visit(expr->cast.operand, visitor, data);
		return;
	case EXPR_TUPLE:
		visit_list(&expr->tuple, visitor, data);
		return;
	case EXPR_RECORD:
		visit_list(&expr->record.values, visitor, data);
		return;
	case EXPR_SIZEOF:
	case EXPR_OFFSETOF:
		visit_type(expr->size.type, visitor, data);
		visit(expr->size.operand, visitor, data);
		return;
	}
	unreachable();
}

struct visitor {
	expr_visit_fn *visit;
	void *data;
};

static void visit_deep(struct expr *expr, void *data)
{
	const struct visitor *visitor = data;

	visitor->visit(expr, visitor->data);
	expr_children(expr, visit_deep, data);
}

static void deep(struct expr *expr, struct visitor *visitor)
{
	if (expr)
		visit_deep(expr, visitor);
}

static void deep_block(struct block *block, struct visitor *visitor);

static void deep_stmt(struct stmt *stmt, struct visitor *visitor)
{
	switch (stmt->kind) {
	case STMT_EXPR:
		deep(stmt->expr, visitor);
		return;
	case STMT_ASSIGN:
		if (stmt->assign.declared)
			deep(stmt->assign.declared->of, visitor);
		deep(stmt->assign.target, visitor);
		deep(stmt->assign.value, visitor);
		return;
	case STMT_IF:
		deep(stmt->branch.condition, visitor);
		deep_block(stmt->branch.then, visitor);
		deep_block(stmt->branch.otherwise, visitor);
		return;
	case STMT_WHILE:
		deep(stmt->loop.condition, visitor);
		deep_block(stmt->loop.body, visitor);
		return;
	case STMT_FOR_RANGE:
	case STMT_FOR_MAP:
		deep(stmt->each.variable, visitor);
		deep(stmt->each.from, visitor);
		deep(stmt->each.to, visitor);
		deep(stmt->each.map, visitor);
		deep_block(stmt->each.body, visitor);
		return;
	case STMT_UNROLL:
		deep(stmt->unroll.times, visitor);
		deep_block(stmt->unroll.body, visitor);
		return;
	case STMT_BLOCK:
		deep_block(stmt->block, visitor);
		return;
	case STMT_BREAK:
	case STMT_CONTINUE:
		return;
	case STMT_RETURN:
		deep(stmt->value, visitor);
		return;
	}
	unreachable();
}

static void deep_block(struct block *block, struct visitor *visitor)
{
	struct stmt *stmt;

	if (!block)
		return;
	for (stmt = block->first; stmt; stmt = stmt->next)
		deep_stmt(stmt, visitor);
}

void expr_expressions(struct expr *expr, expr_visit_fn *visitor, void *data)
{
	struct visitor all = { visitor, data };

	deep(expr, &all);
}

void block_expressions(struct block *block, expr_visit_fn *visitor, void *data)
{
	struct visitor all = { visitor, data };

	deep_block(block, &all);
}

/* ---- searching ---- */

struct search {
	const char *name;
	bool found;
};

static bool is_argument(const char *name)
{
	return !strncmp(name, "arg", 3) && name[3] &&
	       strspn(name + 3, "0123456789") == strlen(name + 3);
}

static void match_name(struct expr *expr, void *data)
{
	struct search *search = data;
	const char *name;

	if (expr->kind == EXPR_NAME)
		name = expr->name.text;
	else if (expr->kind == EXPR_CALL)
		name = expr->call.name;
	else
		return;
	if (!strcmp(name, search->name) ||
	    (!strcmp(search->name, "arg") && is_argument(name)))
		search->found = true;
}

bool clause_uses_name(const struct clause *clause, const char *name)
{
	struct search search = { name, false };
	struct visitor visitor = { match_name, &search };

	deep(clause->predicate, &visitor);
	deep_block(clause->body, &visitor);
	return search.found;
}

enum address_space clause_space(const struct clause *clause)
{
	const struct attach *attach = clause->attaches;

	if (clause->attach_count && attach->kind == ATTACH_WATCHPOINT)
		return attach->number >> 63 ? SPACE_KERNEL : SPACE_USER;
	return provider_space(clause->provider->id);
}

bool clause_is_pinned(const struct clause *clause)
{
	return clause->attach_count &&
	       clause->attaches[0].kind == ATTACH_ITER &&
	       clause->attaches[0].path;
}

/* ---- copying ---- */

static struct expr *clone(struct arena *arena, const struct expr *expr)
{
	return expr ? expr_clone(arena, expr) : NULL;
}

static void clone_list(struct arena *arena, struct expr_list *list)
{
	struct expr **items = ARENA_ARRAY(arena, list->count, struct expr *);
	size_t i;

	for (i = 0; i < list->count; i++)
		items[i] = expr_clone(arena, list->items[i]);
	list->items = items;
	list->room = list->count;
}

static struct type_name *clone_type(struct arena *arena,
				    const struct type_name *type)
{
	struct type_name *copy;

	if (!type)
		return NULL;
	copy = ARENA_NEW(arena, struct type_name);
	*copy = *type;
	copy->of = clone(arena, type->of);
	return copy;
}

/* Forgets what the checker found out about the node itself. */
static void forget_names(struct expr *expr)
{
	if (expr->kind == EXPR_NAME) {
		expr->name.builtin = NULL;
		expr->name.argument = 0;
	} else if (expr->kind == EXPR_VARIABLE) {
		expr->variable.variable = NULL;
	} else if (expr->kind == EXPR_MAP) {
		expr->map.map = NULL;
	} else if (expr->kind == EXPR_FIELD) {
		expr->field.field = NULL;
		expr->field.packet = NULL;
		expr->field.offset = 0;
	} else if (expr->kind == EXPR_CALL) {
		expr->call.function = NULL;
		expr->call.format = NULL;
		memset(expr->call.constant, 0, sizeof(expr->call.constant));
	}
}

static void clone_children(struct arena *arena, struct expr *copy)
{
	switch (copy->kind) {
	case EXPR_INTEGER:
	case EXPR_STRING:
	case EXPR_BOOL:
	case EXPR_PARAMETER:
	case EXPR_NAME:
	case EXPR_VARIABLE:
		return;
	case EXPR_MAP:
		copy->map.key = clone(arena, copy->map.key);
		return;
	case EXPR_FIELD:
		copy->field.object = clone(arena, copy->field.object);
		return;
	case EXPR_ITEM:
		copy->item.object = clone(arena, copy->item.object);
		return;
	case EXPR_INDEX:
		copy->index.object = clone(arena, copy->index.object);
		copy->index.index = clone(arena, copy->index.index);
		return;
	case EXPR_UNARY:
		copy->unary.operand = clone(arena, copy->unary.operand);
		return;
	case EXPR_STEP:
		copy->step.target = clone(arena, copy->step.target);
		return;
	case EXPR_BINARY:
		copy->binary.left = clone(arena, copy->binary.left);
		copy->binary.right = clone(arena, copy->binary.right);
		return;
	case EXPR_TERNARY:
		copy->ternary.condition = clone(arena, copy->ternary.condition);
		copy->ternary.then = clone(arena, copy->ternary.then);
		copy->ternary.otherwise = clone(arena, copy->ternary.otherwise);
		return;
	case EXPR_CALL:
		clone_list(arena, &copy->call.args);
		return;
	case EXPR_CAST:
		copy->cast.type = clone_type(arena, copy->cast.type);
		copy->cast.operand = clone(arena, copy->cast.operand);
		return;
	case EXPR_TUPLE:
		clone_list(arena, &copy->tuple);
		return;
	case EXPR_RECORD:
		clone_list(arena, &copy->record.values);
		return;
	case EXPR_SIZEOF:
	case EXPR_OFFSETOF:
		copy->size.type = clone_type(arena, copy->size.type);
		copy->size.operand = clone(arena, copy->size.operand);
		return;
	}
	unreachable();
}

struct expr *expr_clone(struct arena *arena, const struct expr *expr)
{
	struct expr *copy = ARENA_NEW(arena, struct expr);

	*copy = *expr;
	copy->type = NULL;
	copy->next = NULL;
	copy->site = 0;
	forget_names(copy);
	clone_children(arena, copy);
	return copy;
}

static struct block *clone_block(struct arena *arena, const struct block *block)
{
	return block ? block_clone(arena, block) : NULL;
}

static struct stmt *stmt_clone(struct arena *arena, const struct stmt *stmt)
{
	struct stmt *copy = ARENA_NEW(arena, struct stmt);

	*copy = *stmt;
	copy->next = NULL;
	switch (stmt->kind) {
	case STMT_EXPR:
		copy->expr = clone(arena, stmt->expr);
		break;
	case STMT_ASSIGN:
		copy->assign.declared =
			clone_type(arena, stmt->assign.declared);
		copy->assign.target = clone(arena, stmt->assign.target);
		copy->assign.value = clone(arena, stmt->assign.value);
		break;
	case STMT_IF:
		copy->branch.condition = clone(arena, stmt->branch.condition);
		copy->branch.then = clone_block(arena, stmt->branch.then);
		copy->branch.otherwise =
			clone_block(arena, stmt->branch.otherwise);
		break;
	case STMT_WHILE:
		copy->loop.condition = clone(arena, stmt->loop.condition);
		copy->loop.body = clone_block(arena, stmt->loop.body);
		break;
	case STMT_FOR_RANGE:
	case STMT_FOR_MAP:
		copy->each.variable = clone(arena, stmt->each.variable);
		copy->each.from = clone(arena, stmt->each.from);
		copy->each.to = clone(arena, stmt->each.to);
		copy->each.map = clone(arena, stmt->each.map);
		copy->each.body = clone_block(arena, stmt->each.body);
		break;
	case STMT_UNROLL:
		copy->unroll.times = clone(arena, stmt->unroll.times);
		copy->unroll.body = clone_block(arena, stmt->unroll.body);
		break;
	case STMT_BLOCK:
		copy->block = clone_block(arena, stmt->block);
		break;
	case STMT_BREAK:
	case STMT_CONTINUE:
		break;
	case STMT_RETURN:
		copy->value = clone(arena, stmt->value);
		break;
	}
	return copy;
}

struct block *block_clone(struct arena *arena, const struct block *block)
{
	struct block *copy = block_new(arena);
	const struct stmt *stmt;

	copy->at = block->at;
	for (stmt = block->first; stmt; stmt = stmt->next)
		block_append(copy, stmt_clone(arena, stmt));
	return copy;
}
