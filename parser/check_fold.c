/*
 * Values known while compiling: parameters put in, operations on literals
 * done. 64 bits, wrapping, as the program itself would compute. Called by the
 * check_*.c once operands have types.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

static uint64_t truncate(uint64_t value, const struct type *type)
{
	unsigned unused = 64 - 8 * type->size;

	if (type->size >= 8 || type->size == 0)
		return value;
	value <<= unused;
	return type->is_signed ? (uint64_t)((int64_t)value >> unused)
			       : value >> unused;
}

bool expr_constant(const struct expr *expr, int64_t *value)
{
	if (expr->kind == EXPR_INTEGER) {
		*value = (int64_t)expr->integer.value;
		return true;
	}
	if (expr->kind == EXPR_BOOL) {
		*value = expr->boolean;
		return true;
	}
	if (expr->kind != EXPR_CAST || !expr->type ||
	    !type_is_integer(expr->type) ||
	    !expr_constant(expr->cast.operand, value))
		return false;
	if (expr->type->kind == TYPE_BOOL)
		*value = *value != 0;
	else
		*value = (int64_t)truncate((uint64_t)*value, expr->type);
	return true;
}

void fold_integer(struct expr *expr, const struct type *type, uint64_t value)
{
	expr->kind = EXPR_INTEGER;
	expr->type = type;
	expr->integer.value = value;
	expr->integer.is_unsigned = type->kind == TYPE_INT && !type->is_signed;
	expr->integer.is_duration = false;
}

bool fold_unary(struct expr *expr)
{
	const struct expr *operand = expr->unary.operand;

	if (operand->kind != EXPR_INTEGER)
		return false;
	if (expr->unary.op == UNARY_MINUS)
		fold_integer(expr, expr->type, -operand->integer.value);
	else if (expr->unary.op == UNARY_COMPLEMENT)
		fold_integer(expr, expr->type, ~operand->integer.value);
	else
		return false;
	return true;
}

/* Quotients of signed numbers; INT64_MIN / -1 wraps. */
static uint64_t divide(uint64_t left, uint64_t right, bool is_signed)
{
	if (!is_signed)
		return left / right;
	if (right == UINT64_MAX)
		return -left;
	return (uint64_t)((int64_t)left / (int64_t)right);
}

static uint64_t shift_right(uint64_t left, unsigned by, bool is_signed)
{
	return is_signed ? (uint64_t)((int64_t)left >> by) : left >> by;
}

static bool compute(enum binary op, uint64_t left, uint64_t right,
		    bool is_signed, uint64_t *value)
{
	switch ((int)op) {
	case BINARY_ADD:
		*value = left + right;
		return true;
	case BINARY_SUB:
		*value = left - right;
		return true;
	case BINARY_MUL:
		*value = left * right;
		return true;
	case BINARY_DIV:
		if (right)
			*value = divide(left, right, is_signed);
		return right != 0;
	case BINARY_MOD:
		if (right)
			*value = left - right * divide(left, right, is_signed);
		return right != 0;
	case BINARY_AND:
		*value = left & right;
		return true;
	case BINARY_OR:
		*value = left | right;
		return true;
	case BINARY_XOR:
		*value = left ^ right;
		return true;
	case BINARY_SHL:
		*value = left << (right & 63);
		return right < 64;
	case BINARY_SHR:
		*value = shift_right(left, right & 63, is_signed);
		return right < 64;
	default:
		return false;
	}
}

bool constant_binary(enum binary op, int64_t left, int64_t right,
		     int64_t *value)
{
	uint64_t result;

	switch ((int)op) {
	case BINARY_EQUAL:
		*value = left == right;
		return true;
	case BINARY_NOT_EQUAL:
		*value = left != right;
		return true;
	case BINARY_LESS:
		*value = left < right;
		return true;
	case BINARY_GREATER:
		*value = left > right;
		return true;
	case BINARY_LESS_EQUAL:
		*value = left <= right;
		return true;
	case BINARY_GREATER_EQUAL:
		*value = left >= right;
		return true;
	case BINARY_LOGICAL_AND:
		*value = left && right;
		return true;
	case BINARY_LOGICAL_OR:
		*value = left || right;
		return true;
	default:
		if (!compute(op, (uint64_t)left, (uint64_t)right, true,
			     &result))
			return false;
		*value = (int64_t)result;
		return true;
	}
}

bool fold_binary(struct expr *expr)
{
	const struct expr *left = expr->binary.left;
	const struct expr *right = expr->binary.right;
	uint64_t value = 0;

	if (left->kind != EXPR_INTEGER || right->kind != EXPR_INTEGER ||
	    !compute(expr->binary.op, left->integer.value, right->integer.value,
		     expr->type->is_signed, &value))
		return false;
	fold_integer(expr, expr->type, value);
	return true;
}

/* ---- parameters ---- */

static void set_string(struct expr *expr, const char *text)
{
	expr->kind = EXPR_STRING;
	expr->string.text = text;
	expr->string.length = strlen(text);
}

void fold_parameter(struct checker *checker, struct expr *expr, bool want_text)
{
	const struct settings *settings = checker->settings;
	uint32_t number = expr->parameter.number;
	const char *text = "";
	struct integer integer = { 0 };

	if (number == 0) {
		text = arena_printf(checker->arena, "%u",
				    settings->parameter_count);
		integer.value = settings->parameter_count;
	} else if (number <= settings->parameter_count) {
		text = settings->parameters[number - 1];
		want_text |= !text_integer(text, strlen(text), &integer);
	}
	if (want_text) {
		set_string(expr, text);
		return;
	}
	expr->kind = EXPR_INTEGER;
	expr->integer.value = integer.value;
	expr->integer.is_unsigned = integer.is_unsigned;
	expr->integer.is_duration = integer.is_duration;
}
