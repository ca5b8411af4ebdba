/*
 * What programs of iterators begin with. The kernel calls them for each
 * object, and once more without one; what they return says whether the same
 * object shall come again.
 */
#include "codegen/emit.h"

#include <string.h>

/* bpf_ringbuf_query(): BPF_RB_AVAIL_DATA */
#define QUERY_WAITING 0

/* `meta` is about the iteration itself. */
static bool is_object(const struct field *field)
{
	return field->type->kind == TYPE_POINTER &&
	       strcmp(field->name, "meta") != 0;
}

/* if (!ctx->object) return 0; */
void emit_object_check(struct gen *gen)
{
	const struct record *context = gen->clause->args->record;

	for (size_t i = 0; i < context->count; i++) {
		const struct field *field = &context->fields[i];
		LLVMBasicBlockRef on, off;
		LLVMValueRef object;

		if (!is_object(field))
			continue;
		on = emit_block(gen, "object");
		off = emit_block(gen, "no_object");
		object = emit_load(
			gen, emit_offset(gen, emit_context(gen), field->offset),
			8, false);
		emit_branch(gen, emit_test(gen, object), on, off);
		emit_at(gen, off);
		LLVMBuildRet(gen->builder, emit_i64(gen, 0));
		emit_at(gen, on);
	}
}

/* if (waiting(ring) > bytes / 2) return 1; */
static void emit_wait_for(struct gen *gen, LLVMValueRef ring, uint32_t bytes)
{
	LLVMValueRef arguments[] = { LLVMConstBitCast(ring, gen->pointer),
				     emit_i64(gen, QUERY_WAITING) };
	LLVMBasicBlockRef on = emit_block(gen, "room");
	LLVMBasicBlockRef off = emit_block(gen, "no_room");
	LLVMValueRef waiting =
		emit_helper(gen, HELPER_ringbuf_query, arguments);

	emit_branch(gen,
		    emit_compare(gen, LLVMIntUGT, waiting,
				 emit_i64(gen, bytes / 2)),
		    off, on);
	emit_at(gen, off);
	LLVMBuildRet(gen->builder, emit_i64(gen, 1));
	emit_at(gen, on);
}

/* Whoever reads the iterator gets EAGAIN, empties the ring and goes on, with
 * the same object. */
void emit_room_check(struct gen *gen, LLVMBasicBlockRef next)
{
	if (gen->clause->attaches[0].kind == ATTACH_ITER &&
	    !clause_is_pinned(gen->clause)) {
		if (gen->data_ring)
			emit_wait_for(gen, gen->data_ring,
				      gen->image->ring_bytes);
		if (gen->control_ring)
			emit_wait_for(gen, gen->control_ring,
				      RING_CONTROL_BYTES);
	}
	emit_jump(gen, next);
}

/* bpf_get_task_stack(ctx->task, frames, room, 0): loaded directly, and checked
 * once more, so that the verifier sees what it is. */
LLVMValueRef emit_task_stack(struct gen *gen, LLVMValueRef frames,
			     uint32_t room)
{
	LLVMValueRef status = emit_alloca(gen, gen->i64, "status"), task;
	LLVMBasicBlockRef join;
	uint32_t offset = 0;

	record_field(gen->clause->args->record, "task", &offset);
	task = emit_load(gen, emit_offset(gen, emit_context(gen), offset), 8,
			 false);
	LLVMBuildStore(gen->builder, emit_i64(gen, (uint64_t)-1), status);
	join = emit_if(gen, emit_test(gen, task));
	{
		LLVMValueRef arguments[] = { emit_cast_pointer(gen, task),
					     frames, emit_i64(gen, room),
					     emit_i64(gen, 0) };

		LLVMBuildStore(
			gen->builder,
			emit_helper(gen, HELPER_get_task_stack, arguments),
			status);
	}
	emit_end_if(gen, join);
	return LLVMBuildLoad2(gen->builder, gen->i64, status, "");
}
