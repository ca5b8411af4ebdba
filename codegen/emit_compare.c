/*
 * Comparing memory of our own. The verifier follows at most 8192 branches that
 * could have gone the other way: so not every word has one. Knows bytes, not
 * what they mean.
 */
#include "codegen/emit.h"

/* Bytes compared without a branch. */
#define BLOCK 128

/* Bits that differ in [from, from + bytes), 0 if none does. */
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

LLVMValueRef emit_equal_memory(struct gen *gen, LLVMValueRef a, LLVMValueRef b,
			       uint32_t bytes)
{
	uint32_t rest = bytes % BLOCK, blocks = bytes - rest;
	LLVMValueRef changes = emit_changes(gen, emit_offset(gen, a, blocks),
					    emit_offset(gen, b, blocks), rest);

	if (blocks)
		changes = LLVMBuildOr(gen->builder, changes,
				      emit_block_changes(gen, a, b, blocks),
				      "");
	return emit_compare(gen, LLVMIntEQ, changes, emit_i64(gen, 0));
}
