/*
 * The types of expressions: literals, operators, tuples. Fields, casts, names,
 * maps and calls have files of their own. Called by check_stmt.c and wherever
 * an expression contains another.
 */
#include <string.h>

#include "parser/checker.h"

/* ---- integers ---- */

const struct type *promoted_type(const struct type *type)
{
	bool is_uint64 = (type->kind == TYPE_INT || type->kind == TYPE_ENUM) &&
			 type->size == 8 && !type->is_signed;

	return is_uint64 ? &type_uint64 : &type_int64;
}

/* A literal that is not negative takes the signedness of the other side. */
static bool is_signed_operand(const struct expr *expr)
{
	int64_t value;

	if (expr_constant(expr, &value) && value >= 0)
		return false;
	return (expr->type->kind == TYPE_INT ||
		expr->type->kind == TYPE_ENUM) &&
	       expr->type->is_signed;
}

static const struct type *arithmetic_type(enum binary op,
					  const struct expr *left,
					  const struct expr *right)
{
	bool is_unsigned = promoted_type(left->type) == &type_uint64 ||
			   promoted_type(right->type) == &type_uint64;

	if (op == BINARY_SHL || op == BINARY_SHR)
		return promoted_type(left->type);
	if (op == BINARY_SUB || !is_unsigned || is_signed_operand(left) ||
	    is_signed_operand(right))
		return &type_int64;
	return &type_uint64;
}

/* ---- operators ---- */

static const struct type *bad_operand(struct checker *checker, enum binary op,
				      const struct expr *operand)
{
	const struct type *type = operand->type;
	struct diag *diag = check_error(checker, E_OPERANDS, operand->at,
					"'%s' does not take %s",
					binary_text(op), spell(checker, type));

	if (type->kind == TYPE_STRING && op == BINARY_ADD)
		check_hint(checker, diag,
			   "strings are not added: print them one after the "
			   "other, printf(\"%%s%%s\", ...)");
	else if (type->kind == TYPE_STRING)
		check_hint(checker, diag,
			   "strings are compared with ==, != and =~");
	else if (type->kind == TYPE_POINTER)
		check_hint(checker, diag, "cast it: (uint64)...");
	return &type_unknown;
}

static bool is_unknown(const struct expr *expr)
{
	return expr->type->kind == TYPE_UNKNOWN;
}

/* Dividing by what is known to be 0 is a slip, or a parameter not given. */
static void check_divisor(struct checker *checker, enum binary op,
			  const struct expr *right)
{
	int64_t value;

	if ((op == BINARY_DIV || op == BINARY_MOD) &&
	    expr_constant(right, &value) && value == 0)
		check_error(checker, E_RANGE, right->at, "division by zero");
	if ((op == BINARY_SHL || op == BINARY_SHR) &&
	    expr_constant(right, &value) && (value < 0 || value > 63))
		check_error(checker, E_RANGE, right->at,
			    "an integer has 64 bits: shifts go from 0 to 63");
}

/* Of one type, as C has it for pointers that are subtracted. */
static bool point_to_same(const struct expr *left, const struct expr *right)
{
	return right->type->kind == TYPE_POINTER &&
	       type_equal(left->type, right->type);
}

/* Pointers count elements: how large those are must be known. */
static bool knows_elements(struct checker *checker, const struct expr *pointer)
{
	const struct type *to = pointer->type->to;
	struct diag *diag;

	if (to && to->kind == TYPE_STRUCT)
		complete_record(checker, to->record);
	if (type_element_size(pointer->type))
		return true;
	diag = check_error(checker, E_OPERANDS, pointer->at,
			   "how large a %s is, is not known",
			   spell(checker, to));
	check_hint(checker, diag, "bytes can be counted: (uint64)...");
	return false;
}

static const struct type *check_arithmetic(struct checker *checker,
					   enum binary op, struct expr *left,
					   struct expr *right)
{
	bool may_point = op == BINARY_ADD || op == BINARY_SUB;

	check_divisor(checker, op, right);
	if (left->type->kind == TYPE_POINTER && may_point) {
		if (is_unknown(right))
			return left->type;
		if (op == BINARY_SUB && point_to_same(left, right))
			return knows_elements(checker, left) ? &type_int64
							     : &type_unknown;
		if (!type_is_integer(right->type))
			return bad_operand(checker, op, right);
		return knows_elements(checker, left) ? left->type
						     : &type_unknown;
	}
	if (!is_unknown(left) && !type_is_integer(left->type))
		return bad_operand(checker, op, left);
	if (!is_unknown(right) && !type_is_integer(right->type))
		return bad_operand(checker, op, right);
	if (is_unknown(left) || is_unknown(right))
		return &type_unknown;
	return arithmetic_type(op, left, right);
}

static bool is_address(const struct type *type)
{
	return type->kind == TYPE_POINTER;
}

/* Whole values that are equal when their bytes are. */
static bool is_block(const struct type *type)
{
	return type->kind == TYPE_STRING || type->kind == TYPE_BUFFER ||
	       type->kind == TYPE_TUPLE || type->kind == TYPE_ARRAY ||
	       (type->kind == TYPE_STRUCT && type->size) ||
	       type->kind == TYPE_INET || type->kind == TYPE_MAC;
}

/* Arrays of integers: signs are not what makes bytes differ. */
static bool are_alike(const struct type *left, const struct type *right)
{
	return left->kind == TYPE_ARRAY && right->kind == TYPE_ARRAY &&
	       left->count == right->count && type_is_integer(left->to) &&
	       type_is_integer(right->to) && left->to->size == right->to->size;
}

static bool are_comparable(struct checker *checker, const struct type *left,
			   const struct type *right)
{
	if (are_alike(left, right))
		return true;
	if (type_is_integer(left) || is_address(left))
		return type_is_integer(right) || is_address(right);
	if (type_is_scalar(left))
		return left->kind == right->kind;
	return is_block(left) && left->kind == right->kind &&
	       type_join(checker->arena, left, right);
}

/* Something that str() could read a string at. */
static bool may_be_text(const struct expr *expr)
{
	int64_t value;

	return is_address(expr->type) ||
	       (expr->type->kind == TYPE_INT && expr->type->size == 8 &&
		!expr_constant(expr, &value));
}

static const struct type *check_comparison(struct checker *checker,
					   enum binary op,
					   const struct expr *left,
					   const struct expr *right)
{
	bool is_order = op != BINARY_EQUAL && op != BINARY_NOT_EQUAL;
	struct diag *diag;

	if (is_unknown(left) || is_unknown(right))
		return &type_bool;
	if (is_order && is_block(left->type)) {
		bad_operand(checker, op, left);
		return &type_bool;
	}
	if (are_comparable(checker, left->type, right->type))
		return &type_bool;
	diag = check_error(checker, E_OPERANDS, span_join(left->at, right->at),
			   "%s and %s cannot be compared",
			   spell(checker, left->type),
			   spell(checker, right->type));
	if (left->type->kind == TYPE_USERNAME ||
	    right->type->kind == TYPE_USERNAME)
		check_hint(checker, diag, "compare uid, a number");
	else if (left->type->kind == TYPE_PROBE ||
		 right->type->kind == TYPE_PROBE)
		check_hint(checker, diag,
			   "a body of its own for each probe, or probetype");
	else if (may_be_text(left) || may_be_text(right))
		check_hint(checker, diag,
			   "str(p) reads the string at a pointer");
	return &type_bool;
}

static const struct type *check_match(struct checker *checker, enum binary op,
				      const struct expr *left,
				      const struct expr *right)
{
	if (!is_unknown(left) && left->type->kind != TYPE_STRING)
		bad_operand(checker, op, left);
	if (right->kind != EXPR_STRING)
		check_error(checker, E_NOT_CONSTANT, right->at,
			    "a pattern must be a literal string");
	return &type_bool;
}

const struct type *check_operands(struct checker *checker, enum binary op,
				  struct expr *left, struct expr *right)
{
	switch (op) {
	case BINARY_ADD:
	case BINARY_SUB:
	case BINARY_MUL:
	case BINARY_DIV:
	case BINARY_MOD:
	case BINARY_AND:
	case BINARY_OR:
	case BINARY_XOR:
	case BINARY_SHL:
	case BINARY_SHR:
		return check_arithmetic(checker, op, left, right);
	case BINARY_EQUAL:
	case BINARY_NOT_EQUAL:
	case BINARY_LESS:
	case BINARY_GREATER:
	case BINARY_LESS_EQUAL:
	case BINARY_GREATER_EQUAL:
		return check_comparison(checker, op, left, right);
	case BINARY_LOGICAL_AND:
	case BINARY_LOGICAL_OR:
		check_condition(checker, left);
		check_condition(checker, right);
		return &type_bool;
	case BINARY_MATCH:
	case BINARY_NOT_MATCH:
		return check_match(checker, op, left, right);
	}
	unreachable();
}

/* A parameter beside a string is text even if it looks like a number. */
static void fold_beside(struct checker *checker, struct expr *parameter,
			struct expr *other)
{
	if (parameter->kind != EXPR_PARAMETER)
		return;
	if (other->kind != EXPR_PARAMETER)
		check_expr(checker, other);
	fold_parameter(checker, parameter,
		       other->type && (other->type->kind == TYPE_STRING ||
				       other->type->kind == TYPE_INET ||
				       other->type->kind == TYPE_MAC));
}

static bool is_equality(enum binary op)
{
	return op == BINARY_EQUAL || op == BINARY_NOT_EQUAL;
}

static const struct type *check_binary(struct checker *checker,
				       struct expr *expr)
{
	struct expr *left = expr->binary.left;
	struct expr *right = expr->binary.right;

	if (left->kind == EXPR_PARAMETER || right->kind == EXPR_PARAMETER) {
		fold_beside(checker, left, right);
		fold_beside(checker, right, left);
	}
	check_expr(checker, left);
	check_expr(checker, right);
	check_addresses(checker, left, right);
	if (is_equality(expr->binary.op))
		check_words(checker, left, right);
	if (right->type->kind == TYPE_STRING)
		probe_as_text(checker, left);
	else if (left->type->kind == TYPE_STRING)
		probe_as_text(checker, right);
	/* 1 + p is p + 1 */
	if (expr->binary.op == BINARY_ADD && is_address(right->type) &&
	    type_is_integer(left->type)) {
		expr->binary.left = right;
		expr->binary.right = left;
	}
	expr->type = check_operands(checker, expr->binary.op, expr->binary.left,
				    expr->binary.right);
	if (type_is_integer(expr->type))
		fold_binary(expr);
	return expr->type;
}

static const struct type *check_unary(struct checker *checker,
				      struct expr *expr)
{
	struct expr *operand = expr->unary.operand;
	const char *text = unary_text(expr->unary.op);
	const struct type *type;

	if (expr->unary.op == UNARY_DEREF)
		return check_deref(checker, expr);
	type = check_expr(checker, operand);
	if (expr->unary.op == UNARY_ADDRESS)
		return check_address(checker, operand);
	if (expr->unary.op == UNARY_NOT) {
		check_condition(checker, operand);
		return &type_bool;
	}
	if (type->kind == TYPE_UNKNOWN)
		return type;
	if (!type_is_integer(type)) {
		check_error(checker, E_OPERANDS, operand->at,
			    "'%s' does not take %s", text,
			    spell(checker, type));
		return &type_unknown;
	}
	expr->type = expr->unary.op == UNARY_MINUS ? &type_int64
						   : promoted_type(type);
	fold_unary(expr);
	return expr->type;
}

/* ---- ++ and -- ---- */

static const struct type *check_step(struct checker *checker, struct expr *expr)
{
	struct expr *target = expr->step.target;
	enum binary op = expr->step.is_decrement ? BINARY_SUB : BINARY_ADD;
	struct expr *one = expr_new(checker->arena, EXPR_INTEGER, target->at);
	struct stmt stmt = {
		.kind = STMT_ASSIGN,
		.at = expr->at,
	};

	one->integer.value = 1;
	stmt.assign.op = (int)op;
	stmt.assign.target = target;
	stmt.assign.value = one;
	check_compound(checker, &stmt);
	return target->type->kind == TYPE_POINTER ||
			       target->type->kind == TYPE_UNKNOWN
		       ? target->type
		       : promoted_type(target->type);
}

/* ---- the rest ---- */

static const struct type *check_ternary(struct checker *checker,
					struct expr *expr)
{
	struct expr *condition = expr->ternary.condition;
	struct expr *otherwise = expr->ternary.otherwise;
	const struct type *then, *other, *joined;

	check_expr(checker, condition);
	check_condition(checker, condition);
	then = expr->ternary.then ? check_expr(checker, expr->ternary.then)
				  : condition->type;
	other = check_expr(checker, otherwise);
	joined = type_join(checker->arena, then, other);
	if (!joined && then->kind == TYPE_POINTER && type_is_integer(other))
		return then;
	if (!joined && other->kind == TYPE_POINTER && type_is_integer(then))
		return other;
	if (joined)
		return joined;
	check_error(checker, E_OPERANDS, otherwise->at,
		    "one side is %s, the other %s", spell(checker, then),
		    spell(checker, other));
	return &type_unknown;
}

static const struct type *check_tuple(struct checker *checker,
				      struct expr *expr)
{
	size_t count = expr->tuple.count;
	const struct type **items =
		ARENA_ARRAY(checker->arena, count, const struct type *);
	const struct type *type;

	if (count == 0) {
		check_error(checker, E_TYPE, expr->at,
			    "a tuple has at least one value");
		return &type_unknown;
	}
	for (size_t i = 0; i < count; i++) {
		items[i] = check_expr(checker, expr->tuple.items[i]);
		if (!check_storable(checker, items[i],
				    expr->tuple.items[i]->at))
			items[i] = &type_unknown;
	}
	type = type_tuple(checker->arena, items, (uint32_t)count);
	return check_storable(checker, type, expr->at) ? type : &type_unknown;
}

static bool is_name_repeated(struct checker *checker,
			     const struct named_list *list, size_t index)
{
	const struct value_name *name = &list->names[index];

	for (size_t i = 0; i < index; i++) {
		if (strcmp(list->names[i].text, name->text) != 0)
			continue;
		check_error(checker, E_REDECLARED, name->at,
			    "there is a '%s' in this record already",
			    name->text);
		return true;
	}
	return false;
}

static const struct type *check_record(struct checker *checker,
				       struct expr *expr)
{
	const struct named_list *list = &expr->record;
	struct field *fields =
		ARENA_ARRAY(checker->arena, list->count, struct field);
	const struct type *type;

	for (size_t i = 0; i < list->count; i++) {
		struct expr *value = list->values.items[i];

		fields[i].name = list->names[i].text;
		fields[i].type = check_expr(checker, value);
		if (is_name_repeated(checker, list, i) ||
		    !check_storable(checker, fields[i].type, value->at))
			fields[i].type = &type_unknown;
	}
	type = type_record(checker->arena, fields, (uint32_t)list->count);
	return check_storable(checker, type, expr->at) ? type : &type_unknown;
}

#define STRING_MAX 65536

static const struct type *check_string(struct checker *checker,
				       struct expr *expr)
{
	if (expr->string.length >= STRING_MAX) {
		check_error(checker, E_RANGE, expr->at,
			    "a string of %zu bytes; there is room for %d",
			    expr->string.length, STRING_MAX - 1);
		return &type_unknown;
	}
	if (expr->type)
		return expr->type;
	return type_string(checker->arena, (uint32_t)expr->string.length + 1);
}

static const struct type *check_integer(const struct expr *expr)
{
	if (expr->type && expr->type->kind == TYPE_ENUM)
		return expr->type;
	return expr->integer.is_unsigned ? &type_uint64 : &type_int64;
}

static const struct type *type_of(struct checker *checker, struct expr *expr)
{
	switch (expr->kind) {
	case EXPR_INTEGER:
		return check_integer(expr);
	case EXPR_STRING:
		return check_string(checker, expr);
	case EXPR_BOOL:
		return &type_bool;
	case EXPR_PARAMETER:
		fold_parameter(checker, expr, false);
		return type_of(checker, expr);
	case EXPR_NAME:
		return check_name(checker, expr);
	case EXPR_VARIABLE:
		return expr->variable.variable->type;
	case EXPR_MAP:
		return check_map(checker, expr);
	case EXPR_FIELD:
		return check_field(checker, expr);
	case EXPR_ITEM:
		return check_item(checker, expr);
	case EXPR_INDEX:
		return check_index(checker, expr);
	case EXPR_UNARY:
		return check_unary(checker, expr);
	case EXPR_STEP:
		return check_step(checker, expr);
	case EXPR_BINARY:
		return check_binary(checker, expr);
	case EXPR_TERNARY:
		return check_ternary(checker, expr);
	case EXPR_CALL:
		return check_call(checker, expr, false);
	case EXPR_CAST:
		return check_cast(checker, expr);
	case EXPR_TUPLE:
		return check_tuple(checker, expr);
	case EXPR_RECORD:
		return check_record(checker, expr);
	case EXPR_SIZEOF:
		return check_sizeof(checker, expr);
	case EXPR_OFFSETOF:
		return check_offsetof(checker, expr);
	}
	unreachable();
}

const struct type *check_expr(struct checker *checker, struct expr *expr)
{
	expr->type = type_of(checker, expr);
	return expr->type;
}
