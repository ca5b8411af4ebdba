/*
 * Strings: written straight to where they are wanted, compared in place. A
 * string in a variable, map or key is padded with NULs to its size; one in a
 * record is not.
 */
#include "codegen/emit.h"

#include <string.h>

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Bytes known while compiling: stores of 8 at a time, or a copy. */
static LLVMValueRef emit_string_literal(struct gen *gen,
					const struct expr *expr,
					LLVMValueRef to, uint32_t room)
{
	uint32_t length =
		smaller((uint32_t)strlen(expr->string.text) + 1, room);
	char *bytes = arena_alloc(gen->arena, length + 8);
	uint32_t done = 0;

	memcpy(bytes, expr->string.text, length - 1);
	if (length > INLINE_COPY_MAX) {
		emit_copy(gen, to, emit_literal(gen, bytes, length), length);
		return emit_i64(gen, length);
	}
	for (uint32_t step = 8; step > 0; step /= 2) {
		for (; length - done >= step; done += step) {
			uint64_t word = 0;

			memcpy(&word, bytes + done, step);
			emit_store(gen, emit_offset(gen, to, done),
				   emit_i64(gen, word), step);
		}
	}
	return emit_i64(gen, length);
}

/* Older kernels, 6.1 for one, leave what is behind the NUL as it was. */
static LLVMValueRef emit_string_comm(struct gen *gen, LLVMValueRef to)
{
	LLVMValueRef arguments[] = { to, emit_i64(gen, 16) };

	emit_zero(gen, to, 16);
	emit_helper(gen, HELPER_get_current_comm, arguments);
	return emit_i64(gen, 16);
}

/* A string that is in memory already. */
static LLVMValueRef emit_string_copy(struct gen *gen, struct value value,
				     LLVMValueRef to, uint32_t room,
				     struct span at)
{
	uint32_t size = smaller(value.type->size, room);

	if (size <= 16) {
		emit_copy(gen, to, value.v, size);
		if (size < value.type->size)
			emit_store(gen, emit_offset(gen, to, size - 1),
				   emit_i64(gen, 0), 1);
		return emit_i64(gen, size);
	}
	return emit_read_string(gen, SPACE_KERNEL, to, emit_i64(gen, size),
				emit_cast_integer(gen, value.v), at);
}

/* An i64 no larger than `most`, as the verifier can see. */
static LLVMValueRef emit_at_most(struct gen *gen, LLVMValueRef value,
				 uint32_t most)
{
	LLVMValueRef limit = emit_i64(gen, most);

	return LLVMBuildSelect(gen->builder,
			       emit_compare(gen, LLVMIntULT, value, limit),
			       value, limit, "");
}

/* A length of 0 reads nothing, and that is no fault. */
static LLVMValueRef emit_read_some(struct gen *gen, enum address_space space,
				   LLVMValueRef to, LLVMValueRef size,
				   LLVMValueRef address, struct span at)
{
	LLVMValueRef result = emit_alloca(gen, gen->i64, "length");
	LLVMBasicBlockRef join;

	LLVMBuildStore(gen->builder, emit_i64(gen, 1), result);
	emit_store(gen, to, emit_i64(gen, 0), 1);
	join = emit_if(gen, emit_test(gen, size));
	LLVMBuildStore(gen->builder,
		       emit_read_string(gen, space, to, size, address, at),
		       result);
	emit_end_if(gen, join);
	return LLVMBuildLoad2(gen->builder, gen->i64, result, "");
}

/* str(address[, length]): at most length - 1 bytes and the NUL. */
static LLVMValueRef emit_string_str(struct gen *gen, const struct expr *call,
				    LLVMValueRef to, uint32_t room)
{
	const struct expr *from = call->call.args.items[0];
	const struct expr *limit =
		call->call.args.count > 1 ? call->call.args.items[1] : NULL;
	enum address_space space = clause_space(gen->clause);
	LLVMValueRef address, size;

	room = smaller(room, call->type->size);
	if (from->type->kind == TYPE_STRING) {
		if (!limit)
			return emit_string(gen, from, to, room);
		address = emit_cast_integer(gen, emit_expr(gen, from).v);
		room = smaller(room, from->type->size);
		space = SPACE_KERNEL;
	} else {
		address = emit_scalar(gen, from);
		if (from->type->kind == TYPE_POINTER)
			space = from->type->space;
	}
	if (!limit)
		return emit_read_string(gen, space, to, emit_i64(gen, room),
					address, call->at);
	size = emit_at_most(gen, emit_scalar(gen, limit), room);
	if (LLVMIsAConstantInt(size) && LLVMConstIntGetZExtValue(size))
		return emit_read_string(gen, space, to, size, address,
					call->at);
	size = emit_at_most(gen, emit_barrier(gen, size), room);
	return emit_read_some(gen, space, to, size, address, call->at);
}

/* A char array: in the context, in the kernel or in the process. */
static LLVMValueRef emit_string_place(struct gen *gen, const struct expr *expr,
				      LLVMValueRef to, uint32_t room)
{
	struct place place = emit_place(gen, expr);
	uint32_t size = smaller(place.type->size, room);
	LLVMValueRef address = place.address;

	if (place.space == SPACE_CONTEXT)
		address = emit_cast_integer(gen, address);
	return emit_read_string(
		gen, place.space == SPACE_USER ? SPACE_USER : SPACE_KERNEL, to,
		emit_i64(gen, size), address, expr->at);
}

LLVMValueRef emit_string(struct gen *gen, const struct expr *expr,
			 LLVMValueRef to, uint32_t room)
{
	if (expr->kind == EXPR_STRING)
		return emit_string_literal(gen, expr, to, room);
	if (expr->kind == EXPR_NAME && expr->name.builtin &&
	    expr->name.builtin->id == BUILTIN_comm && room >= 16)
		return emit_string_comm(gen, to);
	if (expr->kind == EXPR_CALL && expr->call.function->id == FUNCTION_str)
		return emit_string_str(gen, expr, to, room);
	if (expr_is_place(expr))
		return emit_string_place(gen, expr, to, room);
	return emit_string_copy(gen, emit_expr(gen, expr), to, room, expr->at);
}

/* Has a length that is known while compiling? */
static bool is_constant_length(const struct expr *expr)
{
	return expr->kind == EXPR_STRING ||
	       (expr->kind == EXPR_NAME && expr->type->size <= 16);
}

void emit_padded_string(struct gen *gen, const struct expr *expr,
			LLVMValueRef to, uint32_t size)
{
	LLVMValueRef length;
	bool is_short = size <= STACK_ROOM;

	/* a short one may be on the stack, where it is zeroed beforehand */
	if (is_short && !is_constant_length(expr))
		emit_zero(gen, to, size);
	length = emit_string(gen, expr, to, size);
	if (LLVMIsAConstantInt(length))
		emit_zero_range(gen, to,
				(uint32_t)LLVMConstIntGetZExtValue(length),
				size);
	else if (!is_short)
		emit_zero_tail(gen, to, length, size);
}

/* ---- comparing ---- */

LLVMValueRef emit_equal_bytes(struct gen *gen, LLVMValueRef memory,
			      const char *text, uint32_t length)
{
	LLVMValueRef different = emit_i64(gen, 0);
	uint32_t done = 0;

	for (uint32_t step = 8; step > 0; step /= 2) {
		for (; length - done >= step; done += step) {
			uint64_t word = 0;
			LLVMValueRef loaded =
				emit_load(gen, emit_offset(gen, memory, done),
					  step, false);

			memcpy(&word, text + done, step);
			different = LLVMBuildOr(
				gen->builder, different,
				LLVMBuildXor(gen->builder, loaded,
					     emit_i64(gen, word), ""),
				"");
		}
	}
	return emit_compare(gen, LLVMIntEQ, different, emit_i64(gen, 0));
}

/* The string padded to `size`, where it is if it is so already. */
static LLVMValueRef emit_padded(struct gen *gen, const struct expr *expr,
				const struct type *type)
{
	LLVMValueRef to;

	if (expr->kind == EXPR_VARIABLE && expr->type->size == type->size)
		return emit_expr(gen, expr).v;
	to = emit_temporary(gen, type->size);
	emit_into(gen, expr, type, to);
	return to;
}

LLVMValueRef emit_string_equal(struct gen *gen, const struct expr *left,
			       const struct expr *right)
{
	struct mark mark = temporary_mark(gen);
	const struct type *type;
	LLVMValueRef a, b, equal;
	uint32_t size;

	if (left->kind == EXPR_STRING) {
		const struct expr *swap = left;

		left = right;
		right = swap;
	}
	if (right->kind == EXPR_STRING) {
		size = (uint32_t)strlen(right->string.text) + 1;
		if (size > left->type->size)
			return LLVMConstInt(gen->i1, 0, false);
		if (size <= INLINE_COPY_MAX) {
			a = emit_padded(gen, left, left->type);
			equal = emit_equal_bytes(gen, a, right->string.text,
						 size);
			temporary_release(gen, mark);
			return equal;
		}
	}
	size = left->type->size > right->type->size ? left->type->size
						    : right->type->size;
	type = type_string(gen->arena, size);
	a = emit_padded(gen, left, type);
	b = emit_padded(gen, right, type);
	equal = emit_equal_memory(gen, a, b, size);
	temporary_release(gen, mark);
	return equal;
}
