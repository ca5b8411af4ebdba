/*
 * Comparing memory of our own. The verifier follows at most 8192 branches that
 * could have gone the other way: so not every word has one. Knows bytes, not
 * what they mean.
 */
#include "codegen/emit.h"

/* Bytes compared without a branch. */
#define BLOCK 128
/* More than this is compared by a callback, which the verifier follows once. */
#define INLINE_MAX 2048

/* Bits that differ in the first `bytes`; 0: none does. */
static LLVMValueRef emit_changes(struct gen *gen, LLVMValueRef a,
				 LLVMValueRef b, uint32_t bytes)
{
	LLVMValueRef changes = emit_i64(gen, 0), x, y;
	uint32_t done = 0;

	for (uint32_t step = 8; step > 0; step /= 2) {
		for (; bytes - done >= step; done += step) {
			x = emit_load(gen, emit_offset(gen, a, done), step,
				      false);
			y = emit_load(gen, emit_offset(gen, b, done), step,
				      false);
			x = LLVMBuildXor(gen->builder, x, y, "");
			changes = LLVMBuildOr(gen->builder, changes, x, "");
		}
	}
	return changes;
}

/*
 * changes = 0;
 * for (i = 0; i < blocks && !changes; i += BLOCK)
 *         changes = a[i..] ^ b[i..];
 */
static LLVMValueRef emit_block_changes(struct gen *gen, LLVMValueRef a,
				       LLVMValueRef b, uint32_t blocks)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef index = emit_alloca(gen, gen->i64, "index");
	LLVMValueRef result = emit_alloca(gen, gen->i64, "changes");
	LLVMBasicBlockRef loop = emit_block(gen, "compare");
	LLVMBasicBlockRef next = emit_block(gen, "next");
	LLVMBasicBlockRef done = emit_block(gen, "compared");
	LLVMValueRef i, changes;

	LLVMBuildStore(builder, emit_i64(gen, 0), index);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	i = LLVMBuildLoad2(builder, gen->i64, index, "");
	changes = emit_changes(gen, emit_offset_by(gen, a, i),
			       emit_offset_by(gen, b, i), BLOCK);
	LLVMBuildStore(builder, changes, result);
	emit_branch(gen, emit_test(gen, changes), done, next);
	emit_at(gen, next);
	i = LLVMBuildAdd(builder, i, emit_i64(gen, BLOCK), "");
	LLVMBuildStore(builder, i, index);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntULT, i, emit_i64(gen, blocks)),
		    loop, done);
	emit_at(gen, done);
	return LLVMBuildLoad2(builder, gen->i64, result, "");
}

/* What the callback is given, on its caller's stack. */
enum compare_slot { COMPARE_A, COMPARE_B, COMPARE_CHANGES };

/*
 * long compare(u64 index, struct compare *c)
 * {
 *         c->changes = c->a[BLOCK * index..] ^ c->b[BLOCK * index..];
 *         return c->changes != 0;
 * }
 */
static LLVMValueRef compare_function(struct gen *gen, uint32_t blocks)
{
	LLVMValueRef last = emit_i64(gen, blocks / BLOCK - 1), index, a, b;
	struct subprogram compare;
	LLVMValueRef slots;

	subprogram_begin(gen, &compare, "compare", CALLBACK_LOOP,
			 gen->clause->at);
	slots = compare.argument;
	index = LLVMBuildAnd(gen->builder,
			     LLVMGetParam(compare.routine.llvm, 0),
			     emit_i64(gen, UINT32_MAX), "");
	index = emit_barrier(gen, index);
	index = LLVMBuildSelect(gen->builder,
				emit_compare(gen, LLVMIntULT, index, last),
				index, last, "");
	index = LLVMBuildMul(gen->builder, index, emit_i64(gen, BLOCK), "");
	a = emit_cast_pointer(gen, emit_load(gen, slots, 8, false));
	b = emit_cast_pointer(
		gen, emit_load(gen, emit_offset(gen, slots, 8 * COMPARE_B), 8,
			       false));
	a = emit_changes(gen, emit_offset_by(gen, a, index),
			 emit_offset_by(gen, b, index), BLOCK);
	emit_store(gen, emit_offset(gen, slots, 8 * COMPARE_CHANGES), a, 8);
	LLVMBuildRet(gen->builder, emit_widen(gen, emit_test(gen, a)));
	return subprogram_end(gen, &compare);
}

/* bpf_loop(blocks / BLOCK, compare, &{ a, b, 0 }, 0) */
static LLVMValueRef emit_many_changes(struct gen *gen, LLVMValueRef a,
				      LLVMValueRef b, uint32_t blocks)
{
	LLVMValueRef slots = emit_callback_slots(gen), arguments[4];

	emit_store(gen, slots, emit_cast_integer(gen, a), 8);
	emit_store(gen, emit_offset(gen, slots, 8 * COMPARE_B),
		   emit_cast_integer(gen, b), 8);
	emit_store(gen, emit_offset(gen, slots, 8 * COMPARE_CHANGES),
		   emit_i64(gen, 0), 8);
	arguments[0] = emit_i64(gen, blocks / BLOCK);
	arguments[1] = compare_function(gen, blocks);
	arguments[2] = slots;
	arguments[3] = emit_i64(gen, 0);
	emit_helper(gen, HELPER_loop, arguments);
	return emit_load(gen, emit_offset(gen, slots, 8 * COMPARE_CHANGES), 8,
			 false);
}

LLVMValueRef emit_equal_memory(struct gen *gen, LLVMValueRef a, LLVMValueRef b,
			       uint32_t bytes)
{
	uint32_t rest = bytes % BLOCK, blocks = bytes - rest;
	LLVMValueRef changes = emit_changes(gen, emit_offset(gen, a, blocks),
					    emit_offset(gen, b, blocks), rest);
	LLVMValueRef more = emit_i64(gen, 0);

	if (blocks > INLINE_MAX)
		more = emit_many_changes(gen, a, b, blocks);
	else if (blocks)
		more = emit_block_changes(gen, a, b, blocks);
	changes = LLVMBuildOr(gen->builder, changes, more, "");
	return emit_compare(gen, LLVMIntEQ, changes, emit_i64(gen, 0));
}
