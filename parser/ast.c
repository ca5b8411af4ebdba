/*
 * The nodes of the tree: made, appended to, spelled. Knows their shape, not
 * their meaning. Called by the grammar's constructors and by the checker.
 */
#include "parser/ast.h"

#include <string.h>

struct expr *expr_new(struct arena *arena, enum expr_kind kind, struct span at)
{
	struct expr *expr = ARENA_NEW(arena, struct expr);

	expr->kind = kind;
	expr->at = at;
	expr->depth = 1;
	return expr;
}

struct stmt *stmt_new(struct arena *arena, enum stmt_kind kind, struct span at)
{
	struct stmt *stmt = ARENA_NEW(arena, struct stmt);

	stmt->kind = kind;
	stmt->at = at;
	stmt->depth = 1;
	return stmt;
}

struct block *block_new(struct arena *arena)
{
	struct block *block = ARENA_NEW(arena, struct block);

	block->last = &block->first;
	block->depth = 1;
	return block;
}

void block_append(struct block *block, struct stmt *stmt)
{
	*block->last = stmt;
	block->last = &stmt->next;
	if (block->depth <= stmt->depth)
		block->depth = stmt->depth + 1;
}

void expr_list_append(struct arena *arena, struct expr_list *list,
		      struct expr *expr)
{
	ARENA_PUSH(arena, list->items, list->count, list->room, expr);
}

const char *binary_text(enum binary op)
{
	static const char *const texts[] = {
		[BINARY_ADD] = "+",          [BINARY_SUB] = "-",
		[BINARY_MUL] = "*",          [BINARY_DIV] = "/",
		[BINARY_MOD] = "%",          [BINARY_AND] = "&",
		[BINARY_OR] = "|",           [BINARY_XOR] = "^",
		[BINARY_SHL] = "<<",         [BINARY_SHR] = ">>",
		[BINARY_EQUAL] = "==",       [BINARY_NOT_EQUAL] = "!=",
		[BINARY_LESS] = "<",         [BINARY_GREATER] = ">",
		[BINARY_LESS_EQUAL] = "<=",  [BINARY_GREATER_EQUAL] = ">=",
		[BINARY_LOGICAL_AND] = "&&", [BINARY_LOGICAL_OR] = "||",
		[BINARY_MATCH] = "=~",       [BINARY_NOT_MATCH] = "!~",
	};

	return texts[op];
}

const char *unary_text(enum unary op)
{
	static const char *const texts[] = {
		[UNARY_MINUS] = "-",      [UNARY_NOT] = "!",
		[UNARY_COMPLEMENT] = "~", [UNARY_DEREF] = "*",
		[UNARY_ADDRESS] = "&",
	};

	return texts[op];
}

static const char *type_prefix(struct arena *arena,
			       const struct type_name *type)
{
	if (type->of)
		return "typeof(...)";
	if (type->keyword)
		return arena_printf(arena, "%s %s", type->keyword, type->name);
	return type->name;
}

const char *type_name_text(struct arena *arena, const struct type_name *type)
{
	const char *text = type_prefix(arena, type);
	unsigned i;

	if (type->pointers)
		text = arena_printf(arena, "%s ", text);
	for (i = 0; i < type->pointers; i++)
		text = arena_printf(arena, "%s*", text);
	for (i = 0; i < type->dimension_count; i++) {
		if (type->dimensions[i])
			text = arena_printf(arena, "%s[%u]", text,
					    type->dimensions[i]);
		else
			text = arena_printf(arena, "%s[]", text);
	}
	return text;
}

const struct expr *field_base(const struct expr *expr, uint32_t *offset)
{
	const struct expr *base = expr->field.object;

	*offset = expr->field.offset;
	while (base->kind == EXPR_FIELD && base->type->kind == TYPE_STRUCT &&
	       base->field.field) {
		*offset += base->field.offset;
		base = base->field.object;
	}
	return base;
}
