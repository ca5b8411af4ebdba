/*
 * Constructors of expressions, one for each action of the grammar. Knows how
 * deep an expression may nest, not what it means. Called by grammar.y.
 */
#include <string.h>

#include "parser/build.h"
#include "parser/parser.h"

/* Of a.b.c in offsetof(). */
#define PATH_BYTES_MAX 1024

void build_too_deep(struct parser *parser, struct span at)
{
	struct diag *diag;

	if (parser->is_too_deep)
		return;
	parser->is_too_deep = true;
	at.end = at.end > at.begin ? at.begin + 1 : at.end;
	diag = diag_error(parser->diags, E_TOO_DEEP, at,
			  "this nests more than %d levels deep",
			  PARSER_DEPTH_MAX);
	diag_hint(parser->diags, diag,
		  "do it in several statements, with variables between them "
		  "(each operator of a chain like 1 + 2 + 3 is a level)");
}

static void deepen(struct expr *expr, const struct expr *child)
{
	if (child && expr->depth <= child->depth)
		expr->depth = child->depth + 1;
}

static void deepen_list(struct expr *expr, const struct expr_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		deepen(expr, list->items[i]);
}

/* What is too deep is left out, so that the tree never is. */
static struct expr *finish(struct parser *parser, struct expr *expr)
{
	if (expr->depth <= PARSER_DEPTH_MAX)
		return expr;
	build_too_deep(parser, expr->at);
	return expr_new(parser->arena, EXPR_INTEGER, expr->at);
}

/* ---- values ---- */

struct expr *build_integer(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_INTEGER, token.at);
	struct integer integer;

	token_integer(parser->source, token, parser->diags, &integer);
	expr->integer.value = integer.value;
	expr->integer.is_unsigned = integer.is_unsigned;
	expr->integer.is_duration = integer.is_duration;
	return expr;
}

struct expr *build_string(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_STRING, token.at);

	expr->string.text = token_string(parser->arena, parser->source, token,
					 parser->diags, &expr->string.length);
	return expr;
}

struct expr *build_bool(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_BOOL, token.at);

	expr->boolean = token.kind == TOKEN_TRUE;
	return expr;
}

struct expr *build_parameter(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_PARAMETER, token.at);
	struct integer integer = { 0 };
	const char *digits = parser->source->text + token.at.begin + 1;
	size_t length = token.at.end - token.at.begin - 1;
	struct diag *diag;

	if (token.kind == TOKEN_PARAMETERS)
		return expr;
	/* a leading 0 would read as octal */
	for (; length > 1 && *digits == '0'; length--)
		digits++;
	if (text_integer(digits, length, &integer) && integer.value &&
	    integer.value <= INT32_MAX) {
		expr->parameter.number = (uint32_t)integer.value;
		return expr;
	}
	diag = diag_error(parser->diags, E_PARAMETER, token.at,
			  "there is no parameter '%s'",
			  token_text(parser->arena, parser->source, token));
	diag_hint(parser->diags, diag,
		  "the first one is $1, and $# is how many there are");
	return expr;
}

struct expr *build_name(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_NAME, token.at);

	expr->name.text = token_text(parser->arena, parser->source, token);
	return expr;
}

struct expr *build_variable(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_VARIABLE, token.at);

	expr->variable.name = token_text(parser->arena, parser->source, token);
	return expr;
}

struct expr *build_map(struct parser *parser, struct token token)
{
	struct expr *expr = expr_new(parser->arena, EXPR_MAP, token.at);

	expr->map.name = token_text(parser->arena, parser->source, token);
	return expr;
}

/* ---- parts of values ---- */

struct expr *build_field(struct parser *parser, struct expr *object,
			 struct token name, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_FIELD, at);

	expr->field.object = object;
	expr->field.name = token_text(parser->arena, parser->source, name);
	expr->field.name_at = name.at;
	deepen(expr, object);
	return finish(parser, expr);
}

struct expr *build_item(struct parser *parser, struct expr *object,
			struct token number, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_ITEM, at);
	const char *text = parser->source->text + number.at.begin;
	size_t length = number.at.end - number.at.begin;
	struct integer integer = { 0 };

	for (; length > 1 && *text == '0'; length--)
		text++;
	if (!text_integer(text, length, &integer) ||
	    integer.value > INT32_MAX) {
		diag_error(parser->diags, E_BAD_NUMBER, number.at,
			   "no tuple has that many fields");
		return object;
	}
	expr->item.object = object;
	expr->item.index = (uint32_t)integer.value;
	deepen(expr, object);
	return finish(parser, expr);
}

static struct expr *build_tuple(struct parser *parser, struct expr_list items,
				struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_TUPLE, at);

	expr->tuple = items;
	deepen_list(expr, &items);
	return finish(parser, expr);
}

static struct span list_span(const struct expr_list *list)
{
	return span_join(list->items[0]->at, list->items[list->count - 1]->at);
}

/* @m[1, 2] is @m[(1, 2)]. */
static struct expr *set_key(struct parser *parser, struct expr *map,
			    struct expr_list key, struct span at)
{
	map->at = at;
	map->map.key = key.count == 1
			       ? key.items[0]
			       : build_tuple(parser, key, list_span(&key));
	deepen(map, map->map.key);
	return finish(parser, map);
}

struct expr *build_index(struct parser *parser, struct expr *object,
			 struct expr_list index, struct span at)
{
	struct expr *expr;

	if (object->kind == EXPR_MAP && !object->map.key)
		return set_key(parser, object, index, at);
	if (index.count != 1)
		diag_error(parser->diags, E_SYNTAX, list_span(&index),
			   "only a map's key has several parts");
	expr = expr_new(parser->arena, EXPR_INDEX, at);
	expr->index.object = object;
	expr->index.index = index.items[0];
	deepen(expr, object);
	deepen(expr, index.items[0]);
	return finish(parser, expr);
}

/* ---- operators ---- */

struct expr *build_unary(struct parser *parser, enum unary op,
			 struct expr *operand, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_UNARY, at);

	expr->unary.op = op;
	expr->unary.operand = operand;
	deepen(expr, operand);
	return finish(parser, expr);
}

struct expr *build_step(struct parser *parser, struct expr *target,
			bool is_prefix, bool is_decrement, struct span at)
{
	struct expr *expr;
	struct diag *diag;

	if (target->kind != EXPR_VARIABLE && target->kind != EXPR_MAP) {
		diag = diag_error(parser->diags, E_NOT_ASSIGNABLE, target->at,
				  "'%s' cannot change this",
				  is_decrement ? "--" : "++");
		diag_hint(parser->diags, diag,
			  "only variables ($x) and maps (@x) hold values");
		return target;
	}
	expr = expr_new(parser->arena, EXPR_STEP, at);
	expr->step.target = target;
	expr->step.is_prefix = is_prefix;
	expr->step.is_decrement = is_decrement;
	deepen(expr, target);
	return finish(parser, expr);
}

struct expr *build_binary(struct parser *parser, enum binary op,
			  struct expr *left, struct expr *right, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_BINARY, at);

	expr->binary.op = op;
	expr->binary.left = left;
	expr->binary.right = right;
	deepen(expr, left);
	deepen(expr, right);
	return finish(parser, expr);
}

struct expr *build_ternary(struct parser *parser, struct expr *condition,
			   struct expr *then, struct expr *otherwise,
			   struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_TERNARY, at);

	expr->ternary.condition = condition;
	expr->ternary.then = then;
	expr->ternary.otherwise = otherwise;
	deepen(expr, condition);
	deepen(expr, then);
	deepen(expr, otherwise);
	return finish(parser, expr);
}

struct expr *build_call(struct parser *parser, struct token name,
			struct expr_list args, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_CALL, at);

	expr->call.name = token_text(parser->arena, parser->source, name);
	expr->call.name_at = name.at;
	expr->call.args = args;
	deepen_list(expr, &args);
	return finish(parser, expr);
}

struct expr *build_cast(struct parser *parser, struct type_name *type,
			struct expr *operand, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_CAST, at);

	expr->cast.type = type;
	expr->cast.operand = operand;
	deepen(expr, type->of);
	deepen(expr, operand);
	return finish(parser, expr);
}

struct expr *build_parens(struct parser *parser, struct expr_list items,
			  bool is_tuple, struct span at)
{
	if (is_tuple || items.count != 1)
		return build_tuple(parser, items, at);
	return items.items[0];
}

struct named_list build_named(struct parser *parser, struct named_list list,
			      struct token name, struct expr *value)
{
	struct value_name named = {
		.text = token_text(parser->arena, parser->source, name),
		.at = name.at,
	};

	ARENA_PUSH(parser->arena, list.names, list.count, list.room, named);
	expr_list_append(parser->arena, &list.values, value);
	return list;
}

struct expr *build_record(struct parser *parser, struct named_list list,
			  struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_RECORD, at);

	expr->record = list;
	deepen_list(expr, &list.values);
	return finish(parser, expr);
}

/* ---- types as values ---- */

struct expr *build_sizeof(struct parser *parser, struct type_name *type,
			  struct expr *operand, struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_SIZEOF, at);

	expr->size.type = type;
	expr->size.operand = operand;
	deepen(expr, type ? type->of : operand);
	return finish(parser, expr);
}

struct expr *build_offsetof(struct parser *parser, struct type_name *type,
			    struct expr *operand, const char *path,
			    struct span at)
{
	struct expr *expr = expr_new(parser->arena, EXPR_OFFSETOF, at);

	expr->size.type = type;
	expr->size.operand = operand;
	expr->size.path = path;
	deepen(expr, type ? type->of : operand);
	return finish(parser, expr);
}

/* (type *)((uint8 *)pointer - offsetof(type, path)) */
struct expr *build_container_of(struct parser *parser, struct expr *pointer,
				struct type_name *type, const char *path,
				struct span at)
{
	struct type_name *bytes = ARENA_NEW(parser->arena, struct type_name);
	struct type_name *outer = ARENA_NEW(parser->arena, struct type_name);
	struct expr *offset, *address;

	bytes->at = at;
	bytes->name = "uint8";
	bytes->pointers = 1;
	*outer = *type;
	outer->pointers++;
	offset = build_offsetof(parser, type, NULL, path, at);
	address = build_cast(parser, bytes, pointer, at);
	address = build_binary(parser, BINARY_SUB, address, offset, at);
	return build_cast(parser, outer, address, at);
}

const char *build_path(struct parser *parser, const char *path,
		       struct token name)
{
	const char *text = token_text(parser->arena, parser->source, name);

	if (!path)
		return text;
	if (strlen(path) > PATH_BYTES_MAX) {
		build_too_deep(parser, name.at);
		return path;
	}
	return arena_printf(parser->arena, "%s.%s", path, text);
}
