/*
 * Expressions: operators, variables, casts, tuples. Integers are 64 bits wide
 * while they are computed with; widths come back when they are stored or cast.
 */
#include "codegen/emit.h"

struct value scalar_value(const struct type *type, LLVMValueRef v)
{
	return (struct value){ .type = type, .v = v };
}

struct value memory_value(const struct type *type, LLVMValueRef v)
{
	return (struct value){ .type = type, .v = v, .in_memory = true };
}

struct value emit_load_value(struct gen *gen, const struct type *type,
			     LLVMValueRef from)
{
	if (!type_is_scalar(type))
		return memory_value(type, from);
	return scalar_value(type,
			    emit_load(gen, from, type->size, type->is_signed));
}

/* Tuples of different widths are converted item by item. */
static void emit_store_tuple(struct gen *gen, struct value value,
			     const struct type *type, LLVMValueRef to)
{
	emit_zero(gen, to, type->size);
	for (uint32_t i = 0; i < type->count; i++) {
		const struct type *item = value.type->items[i];
		LLVMValueRef from = emit_offset(
			gen, value.v, type_item_offset(value.type, i));

		emit_store_value(
			gen, emit_load_value(gen, item, from), type->items[i],
			emit_offset(gen, to, type_item_offset(type, i)));
	}
}

static void emit_store_record(struct gen *gen, struct value value,
			      const struct type *type, LLVMValueRef to)
{
	const struct record *record = value.type->record;

	emit_zero(gen, to, type->size);
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		const struct field *target = &type->record->fields[i];
		LLVMValueRef from = emit_offset(gen, value.v, field->offset);

		emit_store_value(gen, emit_load_value(gen, field->type, from),
				 target->type,
				 emit_offset(gen, to, target->offset));
	}
}

void emit_store_value(struct gen *gen, struct value value,
		      const struct type *type, LLVMValueRef to)
{
	if (!value.in_memory) {
		emit_store(gen, to, value.v, type->size);
		return;
	}
	if (type->kind == TYPE_TUPLE && !type_equal(type, value.type)) {
		emit_store_tuple(gen, value, type, to);
		return;
	}
	if (type_is_record(type) && !type_equal(type, value.type)) {
		emit_store_record(gen, value, type, to);
		return;
	}
	if (type->size <= value.type->size) {
		emit_copy(gen, to, value.v, type->size);
		/* a longer string was cut: it still ends */
		if (type->kind == TYPE_STRING && type->size < value.type->size)
			emit_store(gen, emit_offset(gen, to, type->size - 1),
				   emit_i64(gen, 0), 1);
		return;
	}
	emit_copy(gen, to, value.v, value.type->size);
	emit_zero_range(gen, to, value.type->size, type->size);
}

void emit_into(struct gen *gen, const struct expr *expr,
	       const struct type *type, LLVMValueRef to)
{
	struct mark mark = temporary_mark(gen);

	assert(expr);
	if (type->kind == TYPE_STRING) {
		emit_padded_string(gen, expr, to, type->size);
	} else if (type->kind == TYPE_TUPLE && expr->kind == EXPR_TUPLE) {
		emit_zero(gen, to, type->size);
		for (uint32_t i = 0; i < type->count; i++)
			emit_into(gen, expr->tuple.items[i], type->items[i],
				  emit_offset(gen, to,
					      type_item_offset(type, i)));
	} else if (type_is_record(type) && expr->kind == EXPR_RECORD) {
		emit_zero(gen, to, type->size);
		for (size_t i = 0; i < type->record->count; i++)
			emit_into(gen, expr->record.values.items[i],
				  type->record->fields[i].type,
				  emit_offset(gen, to,
					      type->record->fields[i].offset));
	} else if (type_is_scalar(type)) {
		emit_store(gen, to, emit_scalar(gen, expr), type->size);
	} else {
		emit_store_value(gen, emit_expr(gen, expr), type, to);
	}
	temporary_release(gen, mark);
}

/* ---- variables ---- */

LLVMValueRef emit_variable_address(struct gen *gen,
				   const struct variable *variable)
{
	const struct storage *storage = &gen->storage[variable->index];

	if (storage->alloca)
		return LLVMBuildBitCast(gen->builder, storage->alloca,
					gen->pointer, "");
	return emit_scratch_at(gen, storage->scratch);
}

static struct value emit_variable(struct gen *gen, const struct expr *expr)
{
	const struct variable *variable = expr->variable.variable;
	LLVMValueRef address = emit_variable_address(gen, variable);

	if (type_is_scalar(variable->type))
		return scalar_value(variable->type,
				    emit_load(gen, address, 8, false));
	return memory_value(variable->type, address);
}

void emit_assign_variable(struct gen *gen, const struct variable *variable,
			  struct value value)
{
	const struct type *type = variable->type;
	LLVMValueRef v = value.v;

	/* kept in 64 bits, but no wider than it was declared */
	if (variable->is_declared && type->kind == TYPE_INT)
		v = emit_narrow(gen, v, type->size, type->is_signed);
	if (variable->is_declared && type->kind == TYPE_BOOL)
		v = emit_widen(gen, emit_test(gen, v));
	emit_store(gen, emit_variable_address(gen, variable), v, 8);
}

/* ---- operators ---- */

/* Does a comparison or division treat it as a number up to 2^64? */
static bool is_wide_unsigned(const struct type *type)
{
	if (type->kind == TYPE_INT || type->kind == TYPE_ENUM)
		return type->size == 8 && !type->is_signed;
	return type->kind == TYPE_POINTER;
}

static bool is_natural_constant(LLVMValueRef value)
{
	return LLVMIsAConstantInt(value) &&
	       LLVMConstIntGetSExtValue(value) >= 0;
}

static const struct {
	LLVMIntPredicate of_signed, of_unsigned;
	bool left_negative; /* what a negative left side gives against a
			       number up to 2^64 */
	bool right_negative;
} comparisons[] = {
	[BINARY_EQUAL] = { LLVMIntEQ, LLVMIntEQ, false, false },
	[BINARY_NOT_EQUAL] = { LLVMIntNE, LLVMIntNE, true, true },
	[BINARY_LESS] = { LLVMIntSLT, LLVMIntULT, true, false },
	[BINARY_GREATER] = { LLVMIntSGT, LLVMIntUGT, false, true },
	[BINARY_LESS_EQUAL] = { LLVMIntSLE, LLVMIntULE, true, false },
	[BINARY_GREATER_EQUAL] = { LLVMIntSGE, LLVMIntUGE, false, true },
};

/* Mathematically right, whatever the signs: i1. */
static LLVMValueRef emit_compare_values(struct gen *gen, enum binary op,
					struct value left, struct value right)
{
	bool wide_left = is_wide_unsigned(left.type);
	bool wide_right = is_wide_unsigned(right.type);
	LLVMIntPredicate of_unsigned = comparisons[op].of_unsigned;
	LLVMValueRef as_unsigned, is_negative, odd;

	if (!wide_left && !wide_right)
		return emit_compare(gen, comparisons[op].of_signed, left.v,
				    right.v);
	as_unsigned = emit_compare(gen, of_unsigned, left.v, right.v);
	odd = wide_left ? right.v : left.v;
	if (wide_left == wide_right || is_natural_constant(odd))
		return as_unsigned;
	is_negative = emit_compare(gen, LLVMIntSLT, odd, emit_i64(gen, 0));
	return LLVMBuildSelect(
		gen->builder, is_negative,
		LLVMConstInt(gen->i1,
			     wide_left ? comparisons[op].right_negative
				       : comparisons[op].left_negative,
			     false),
		as_unsigned, "");
}

/* (v ^ sign) - sign: negate when sign is all ones. */
static LLVMValueRef emit_negate_if(struct gen *gen, LLVMValueRef v,
				   LLVMValueRef sign)
{
	v = LLVMBuildXor(gen->builder, v, sign, "");
	return LLVMBuildSub(gen->builder, v, sign, "");
}

/* BPF before v4 has no signed division: |a| op |b|, then the sign. */
static LLVMValueRef emit_signed_division(struct gen *gen, enum binary op,
					 LLVMValueRef a, LLVMValueRef b)
{
	LLVMValueRef bits = emit_i64(gen, 63);
	LLVMValueRef sign_a = LLVMBuildAShr(gen->builder, a, bits, "");
	LLVMValueRef sign_b = LLVMBuildAShr(gen->builder, b, bits, "");
	LLVMValueRef result;

	a = emit_negate_if(gen, a, sign_a);
	b = emit_negate_if(gen, b, sign_b);
	if (op == BINARY_MOD) {
		result = LLVMBuildURem(gen->builder, a, b, "");
		return emit_negate_if(gen, result, sign_a);
	}
	result = LLVMBuildUDiv(gen->builder, a, b, "");
	return emit_negate_if(gen, result,
			      LLVMBuildXor(gen->builder, sign_a, sign_b, ""));
}

/* b ? a op b : (count a fault, 0) */
static LLVMValueRef emit_division(struct gen *gen, enum binary op,
				  LLVMValueRef a, LLVMValueRef b,
				  bool is_signed, struct span at)
{
	bool is_safe =
		LLVMIsAConstantInt(b) && LLVMConstIntGetZExtValue(b) != 0;
	LLVMValueRef result, quotient, by_zero;
	LLVMBasicBlockRef divide, zero, join;

	if (!is_safe) {
		result = emit_alloca(gen, gen->i64, "quotient");
		divide = emit_block(gen, "divide");
		zero = emit_block(gen, "by_zero");
		join = emit_block(gen, "divided");
		by_zero = emit_compare(gen, LLVMIntEQ, b, emit_i64(gen, 0));
		emit_branch(gen, by_zero, zero, divide);
		emit_at(gen, zero);
		emit_fault(gen, FAULT_DIVISION, at, NULL);
		LLVMBuildStore(gen->builder, emit_i64(gen, 0), result);
		emit_jump(gen, join);
		emit_at(gen, divide);
	}
	if (is_signed)
		quotient = emit_signed_division(gen, op, a, b);
	else if (op == BINARY_DIV)
		quotient = LLVMBuildUDiv(gen->builder, a, b, "");
	else
		quotient = LLVMBuildURem(gen->builder, a, b, "");
	if (is_safe)
		return quotient;
	LLVMBuildStore(gen->builder, quotient, result);
	emit_jump(gen, join);
	emit_at(gen, join);
	return LLVMBuildLoad2(gen->builder, gen->i64, result, "");
}

/* Integers added to a pointer count elements. */
static LLVMValueRef emit_scale(struct gen *gen, const struct type *pointer,
			       LLVMValueRef count)
{
	uint32_t size = type_element_size(pointer);

	if (size <= 1)
		return count;
	return LLVMBuildMul(gen->builder, count, emit_i64(gen, size), "");
}

/* How many elements lie between two pointers. */
static LLVMValueRef emit_distance(struct gen *gen, struct value left,
				  struct value right, struct span at)
{
	LLVMValueRef bytes = LLVMBuildSub(gen->builder, left.v, right.v, "");
	uint32_t size = type_element_size(left.type);

	if (size == 1)
		return bytes;
	return emit_division(gen, BINARY_DIV, bytes, emit_i64(gen, size), true,
			     at);
}

LLVMValueRef emit_arithmetic(struct gen *gen, enum binary op, struct value left,
			     struct value right, const struct type *type,
			     struct span at)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef a = left.v, b = right.v;
	bool is_signed =
		!is_wide_unsigned(left.type) && !is_wide_unsigned(right.type);

	if (type->kind == TYPE_POINTER) {
		if (right.type->kind != TYPE_POINTER)
			b = emit_scale(gen, type, b);
		else if (left.type->kind != TYPE_POINTER)
			a = emit_scale(gen, type, a);
	}
	if (op == BINARY_SUB && left.type->kind == TYPE_POINTER &&
	    right.type->kind == TYPE_POINTER)
		return emit_distance(gen, left, right, at);
	switch (op) {
	case BINARY_ADD:
		return LLVMBuildAdd(builder, a, b, "");
	case BINARY_SUB:
		return LLVMBuildSub(builder, a, b, "");
	case BINARY_MUL:
		return LLVMBuildMul(builder, a, b, "");
	case BINARY_DIV:
	case BINARY_MOD:
		if (type->kind == TYPE_INT)
			is_signed = type->is_signed;
		return emit_division(gen, op, a, b, is_signed, at);
	case BINARY_AND:
		return LLVMBuildAnd(builder, a, b, "");
	case BINARY_OR:
		return LLVMBuildOr(builder, a, b, "");
	case BINARY_XOR:
		return LLVMBuildXor(builder, a, b, "");
	case BINARY_SHL:
	case BINARY_SHR:
		b = LLVMBuildAnd(builder, b, emit_i64(gen, 63), "");
		if (op == BINARY_SHL)
			return LLVMBuildShl(builder, a, b, "");
		return is_wide_unsigned(left.type)
			       ? LLVMBuildLShr(builder, a, b, "")
			       : LLVMBuildAShr(builder, a, b, "");
	case BINARY_EQUAL:
	case BINARY_NOT_EQUAL:
	case BINARY_LESS:
	case BINARY_GREATER:
	case BINARY_LESS_EQUAL:
	case BINARY_GREATER_EQUAL:
		return emit_widen(gen,
				  emit_compare_values(gen, op, left, right));
	case BINARY_LOGICAL_AND:
	case BINARY_LOGICAL_OR:
	case BINARY_MATCH:
	case BINARY_NOT_MATCH:
		break; /* not arithmetic */
	}
	unreachable();
}

/* a && b, a || b: b only when a does not decide. */
static LLVMValueRef emit_logical(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef result = emit_alloca(gen, gen->i64, "logical");
	LLVMBasicBlockRef more = emit_block(gen, "more");
	LLVMBasicBlockRef join = emit_block(gen, "decided");
	LLVMValueRef left = emit_condition(gen, expr->binary.left);
	bool is_and = expr->binary.op == BINARY_LOGICAL_AND;

	LLVMBuildStore(gen->builder, emit_i64(gen, !is_and), result);
	if (is_and)
		emit_branch(gen, left, more, join);
	else
		emit_branch(gen, left, join, more);
	emit_at(gen, more);
	LLVMBuildStore(gen->builder,
		       emit_widen(gen, emit_condition(gen, expr->binary.right)),
		       result);
	emit_jump(gen, join);
	emit_at(gen, join);
	return LLVMBuildLoad2(gen->builder, gen->i64, result, "");
}

/* Tuples and other values in memory: equal when all bytes are. */
static LLVMValueRef emit_bytes_equal(struct gen *gen, const struct expr *left,
				     const struct expr *right)
{
	struct mark mark = temporary_mark(gen);
	/* arrays of integers with other signs have no type in common */
	const struct type *joined =
		type_join(gen->arena, left->type, right->type);
	const struct type *type = joined ? joined : left->type;
	LLVMValueRef a = emit_temporary(gen, type->size);
	LLVMValueRef b = emit_temporary(gen, type->size), equal;

	emit_into(gen, left, type, a);
	emit_into(gen, right, type, b);
	equal = emit_equal_memory(gen, a, b, type->size);
	temporary_release(gen, mark);
	return equal;
}

static LLVMValueRef emit_binary(struct gen *gen, const struct expr *expr)
{
	enum binary op = expr->binary.op;
	const struct expr *left = expr->binary.left,
			  *right = expr->binary.right;
	struct value a, b;
	LLVMValueRef equal;

	if (op == BINARY_LOGICAL_AND || op == BINARY_LOGICAL_OR)
		return emit_logical(gen, expr);
	if (!type_is_scalar(left->type) && !type_is_aggregate(left->type)) {
		if (op == BINARY_MATCH || op == BINARY_NOT_MATCH)
			equal = emit_glob(gen, left, right);
		else if (left->type->kind == TYPE_STRING)
			equal = emit_string_equal(gen, left, right);
		else
			equal = emit_bytes_equal(gen, left, right);
		if (op == BINARY_NOT_EQUAL || op == BINARY_NOT_MATCH)
			equal = LLVMBuildNot(gen->builder, equal, "");
		return emit_widen(gen, equal);
	}
	a = scalar_value(left->type, emit_scalar(gen, left));
	b = scalar_value(right->type, emit_scalar(gen, right));
	return emit_arithmetic(gen, op, a, b, expr->type, expr->at);
}

static LLVMValueRef emit_unary(struct gen *gen, const struct expr *expr)
{
	const struct expr *operand = expr->unary.operand;

	switch (expr->unary.op) {
	case UNARY_MINUS:
		return LLVMBuildNeg(gen->builder, emit_scalar(gen, operand),
				    "");
	case UNARY_COMPLEMENT:
		return emit_narrow(gen,
				   LLVMBuildNot(gen->builder,
						emit_scalar(gen, operand), ""),
				   expr->type->size, expr->type->is_signed);
	case UNARY_NOT:
		return emit_widen(
			gen, LLVMBuildNot(gen->builder,
					  emit_condition(gen, operand), ""));
	case UNARY_ADDRESS: {
		struct place place = emit_place(gen, operand);

		if (place.space == SPACE_CONTEXT)
			return emit_number_of(
				gen, emit_cast_integer(gen, place.address));
		return place.address;
	}
	case UNARY_DEREF:
		break; /* a place */
	}
	unreachable();
}

/* ++ and -- of variables; of maps, see emit_map.c. */
static LLVMValueRef emit_step(struct gen *gen, const struct expr *expr)
{
	const struct expr *target = expr->step.target;
	const struct variable *variable;
	LLVMValueRef before, after, by;

	if (target->kind == EXPR_MAP)
		return emit_map_step(gen, expr);
	variable = target->variable.variable;
	by = emit_i64(gen, expr->step.is_decrement ? (uint64_t)-1 : 1);
	if (variable->type->kind == TYPE_POINTER)
		by = emit_scale(gen, variable->type, by);
	before = emit_variable(gen, target).v;
	after = LLVMBuildAdd(gen->builder, before, by, "");
	emit_assign_variable(gen, variable,
			     scalar_value(variable->type, after));
	return expr->step.is_prefix ? after : before;
}

static void emit_ternary_side(struct gen *gen, const struct expr *side,
			      const struct type *type, LLVMValueRef to)
{
	if (type_is_scalar(type))
		emit_store(gen, to, emit_scalar(gen, side), 8);
	else
		emit_into(gen, side, type, to);
}

/* c ? a : b, and c ?: b, in which c is evaluated once. */
static struct value emit_ternary(struct gen *gen, const struct expr *expr)
{
	const struct type *type = expr->type;
	LLVMBasicBlockRef then = emit_block(gen, "yes");
	LLVMBasicBlockRef otherwise = emit_block(gen, "no");
	LLVMBasicBlockRef join = emit_block(gen, "chosen");
	LLVMValueRef to, first = NULL, condition;

	if (type->kind == TYPE_NONE)
		to = NULL;
	else if (type_is_scalar(type))
		to = LLVMBuildBitCast(gen->builder,
				      emit_alloca(gen, gen->i64, "choice"),
				      gen->pointer, "");
	else
		to = emit_temporary(gen, type->size);
	if (expr->ternary.then) {
		condition = emit_condition(gen, expr->ternary.condition);
	} else {
		first = emit_scalar(gen, expr->ternary.condition);
		condition = emit_test(gen, first);
	}
	emit_branch(gen, condition, then, otherwise);
	emit_at(gen, then);
	if (first)
		emit_store(gen, to, first, 8);
	else if (to)
		emit_ternary_side(gen, expr->ternary.then, type, to);
	else
		emit_expr(gen, expr->ternary.then);
	emit_jump(gen, join);
	emit_at(gen, otherwise);
	if (to)
		emit_ternary_side(gen, expr->ternary.otherwise, type, to);
	else
		emit_expr(gen, expr->ternary.otherwise);
	emit_jump(gen, join);
	emit_at(gen, join);
	if (!to)
		return scalar_value(type, emit_i64(gen, 0));
	if (type_is_scalar(type))
		return scalar_value(type, emit_load(gen, to, 8, false));
	return memory_value(type, to);
}

static struct value emit_tuple(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef to = emit_temporary(gen, expr->type->size);

	emit_into(gen, expr, expr->type, to);
	return memory_value(expr->type, to);
}

static struct value emit_item(struct gen *gen, const struct expr *expr)
{
	struct value object = emit_expr(gen, expr->item.object);
	uint32_t offset = type_item_offset(object.type, expr->item.index);

	return emit_load_value(gen, object.type->items[expr->item.index],
			       emit_offset(gen, object.v, offset));
}

struct value emit_expr(struct gen *gen, const struct expr *expr)
{
	const struct type *type;

	assert(expr);
	type = expr->type;
	if (expr->kind == EXPR_FIELD && expr->field.cast)
		return emit_direct(gen, expr);
	if (expr_is_place(expr))
		return emit_place_load(gen, emit_place(gen, expr), expr->at);
	switch (expr->kind) {
	case EXPR_INTEGER:
		return scalar_value(type, emit_i64(gen, expr->integer.value));
	case EXPR_BOOL:
		return scalar_value(type, emit_i64(gen, expr->boolean));
	case EXPR_STRING:
		if (type->kind != TYPE_STRING)
			return emit_address(gen, expr);
		return memory_value(
			type, emit_literal(gen, expr->string.text, type->size));
	case EXPR_NAME:
		return emit_builtin(gen, expr);
	case EXPR_VARIABLE:
		return emit_variable(gen, expr);
	case EXPR_MAP:
		return emit_map_read(gen, expr);
	case EXPR_FIELD: /* else it is a place */
		return emit_packet_field(gen, expr);
	case EXPR_ITEM:
		return emit_item(gen, expr);
	case EXPR_UNARY:
		return scalar_value(type, emit_unary(gen, expr));
	case EXPR_STEP:
		return scalar_value(type, emit_step(gen, expr));
	case EXPR_BINARY:
		return scalar_value(type, emit_binary(gen, expr));
	case EXPR_TERNARY:
		return emit_ternary(gen, expr);
	case EXPR_CALL:
		return emit_call(gen, expr);
	case EXPR_CAST:
		return emit_cast(gen, expr);
	case EXPR_TUPLE:
	case EXPR_RECORD:
		return emit_tuple(gen, expr);
	case EXPR_SIZEOF:
	case EXPR_OFFSETOF:
	case EXPR_PARAMETER:
	case EXPR_INDEX:
		break; /* folded by the checker, or places */
	}
	unreachable();
}

LLVMValueRef emit_scalar(struct gen *gen, const struct expr *expr)
{
	struct mark mark = temporary_mark(gen);
	struct value value = emit_expr(gen, expr);

	temporary_release(gen, mark);
	assert(!value.in_memory);
	return value.v;
}

LLVMValueRef emit_condition(struct gen *gen, const struct expr *expr)
{
	return emit_test(gen, emit_scalar(gen, expr));
}
