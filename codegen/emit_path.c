/*
 * path() and socket_cookie(): what the kernel itself knows of a file, and of a
 * socket. The helpers want pointers that the verifier has followed from the
 * context on, so the addresses are made by plain loads here, and not by reads
 * of memory.
 */
#include "codegen/emit.h"

static LLVMValueRef emit_known_place(struct gen *gen, const struct expr *expr,
				     LLVMBasicBlockRef none);

/* A pointer on the way: it may be NULL, and then there is no path. */
static LLVMValueRef emit_known_pointer(struct gen *gen, const struct expr *expr,
				       LLVMBasicBlockRef none)
{
	LLVMValueRef place = emit_known_place(gen, expr, none);
	LLVMValueRef pointer = emit_load(gen, place, 8, false);
	LLVMBasicBlockRef there = emit_block(gen, "there");

	emit_branch(gen, emit_test(gen, pointer), there, none);
	emit_at(gen, there);
	return emit_cast_pointer(gen, pointer);
}

/* Where a field is: args.a, a.b, a->b. i8 *. */
static LLVMValueRef emit_known_place(struct gen *gen, const struct expr *expr,
				     LLVMBasicBlockRef none)
{
	const struct expr *object = expr->field.object;
	LLVMValueRef base;

	if (expr_is_context(object))
		base = emit_context(gen);
	else if (object->type->kind == TYPE_POINTER)
		base = emit_known_pointer(gen, object, none);
	else
		base = emit_known_place(gen, object, none);
	return emit_offset(gen, base, expr->field.offset);
}

/*
 * to[0] = 0;
 * if (every pointer on the way && d_path(path, to, size) < 0) { count; to[0] =
 * 0 }
 */
struct value emit_path(struct gen *gen, const struct expr *call)
{
	const struct expr *from = call->call.args.items[0];
	uint32_t size = call->type->size;
	LLVMValueRef to = emit_scratch(gen, (size + 7) & ~7u), path, status;
	LLVMBasicBlockRef none = emit_block(gen, "no_path");
	LLVMBasicBlockRef join;

	emit_store(gen, to, emit_i64(gen, 0), 1);
	if (from->kind == EXPR_UNARY)
		path = emit_known_place(gen, from->unary.operand, none);
	else if (from->type->kind == TYPE_POINTER)
		path = emit_known_pointer(gen, from, none);
	else
		path = emit_known_place(gen, from, none);
	{
		LLVMValueRef arguments[] = { path, to, emit_i64(gen, size) };

		status = emit_helper(gen, HELPER_d_path, arguments);
	}
	join = emit_if(gen,
		       emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));
	emit_fault(gen, FAULT_READ, call->at, NULL);
	emit_store(gen, to, emit_i64(gen, 0), 1);
	emit_end_if(gen, join);
	emit_jump(gen, none);
	emit_at(gen, none);
	return memory_value(call->type, to);
}

/* every pointer on the way ? get_socket_cookie(sock) : 0 */
struct value emit_socket_cookie(struct gen *gen, const struct expr *call)
{
	LLVMValueRef result = emit_alloca(gen, gen->i64, "cookie"), sock;
	LLVMBasicBlockRef none = emit_block(gen, "no_socket");

	LLVMBuildStore(gen->builder, emit_i64(gen, 0), result);
	sock = emit_known_pointer(gen, call->call.args.items[0], none);
	LLVMBuildStore(gen->builder,
		       emit_helper(gen, HELPER_get_socket_cookie, &sock),
		       result);
	emit_jump(gen, none);
	emit_at(gen, none);
	return scalar_value(call->type,
			    LLVMBuildLoad2(gen->builder, gen->i64, result, ""));
}
