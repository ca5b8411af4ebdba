/*
 * Casts: integers cut and widened, and the bytes of one kind of value as
 * another. Called by emit_expr.c.
 */
#include "codegen/emit.h"

/* At most 8 bytes of an array, zeros behind them. */
static struct value emit_bytes_as_integer(struct gen *gen,
					  const struct expr *operand,
					  const struct type *type)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef word = emit_temporary(gen, 8), value;

	emit_store(gen, word, emit_i64(gen, 0), 8);
	emit_store_value(gen, emit_expr(gen, operand), operand->type, word);
	value = emit_load(gen, word, 8, false);
	temporary_release(gen, mark);
	if (type->kind == TYPE_BOOL)
		return scalar_value(type,
				    emit_widen(gen, emit_test(gen, value)));
	return scalar_value(
		type, emit_narrow(gen, value, type->size, type->is_signed));
}

struct value emit_cast(struct gen *gen, const struct expr *expr)
{
	const struct type *type = expr->type;
	const struct expr *operand = expr->cast.operand;

	if (!type_is_scalar(type)) {
		/* an integer has no more than 8 bytes, whatever it becomes */
		LLVMValueRef to = emit_temporary(gen, (type->size + 7) & ~7u);

		if (type_is_scalar(operand->type))
			emit_store(gen, to, emit_scalar(gen, operand), 8);
		else if (type->kind == TYPE_STRING)
			emit_into(gen, operand, type, to);
		else
			emit_store_value(gen, emit_expr(gen, operand), type,
					 to);
		return memory_value(type, to);
	}
	if (!type_is_scalar(operand->type) && !type_is_aggregate(operand->type))
		return emit_bytes_as_integer(gen, operand, type);
	if (type->kind == TYPE_BOOL)
		return scalar_value(
			type, emit_widen(gen, emit_condition(gen, operand)));
	return scalar_value(type, emit_narrow(gen, emit_scalar(gen, operand),
					      type->size, type->is_signed));
}
