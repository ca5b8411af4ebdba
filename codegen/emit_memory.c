/*
 * Where bytes live while a program runs: a little of the BPF stack, and
 * scratch memory that no other run of a program can touch. Knows offsets and
 * copies, not what they mean.
 *
 * Scratch memory is the value of an array map with SCRATCH_NESTED + 1 entries
 * per CPU. Programs that exclude each other on their CPU share entry 0; any
 * other takes a free one (emit_probe.c), so neither nesting nor preemption can
 * mix two runs.
 */
#include "codegen/emit.h"

struct mark temporary_mark(struct gen *gen)
{
	return (struct mark){ gen->function->stack_used, gen->scratch_used };
}

void temporary_release(struct gen *gen, struct mark mark)
{
	gen->function->stack_used = mark.stack;
	gen->scratch_used = mark.scratch;
}

uint32_t scratch_reserve(struct gen *gen, uint32_t bytes)
{
	uint32_t offset = gen->scratch_used;

	gen->scratch_used = (offset + bytes + 7) & ~7u;
	if (gen->scratch_used > gen->scratch_bytes)
		gen->scratch_bytes = gen->scratch_used;
	return offset;
}

LLVMValueRef emit_scratch_at(struct gen *gen, uint32_t offset)
{
	LLVMValueRef base;

	gen->scratch_wanted = true;
	base = LLVMBuildLoad2(gen->builder, gen->pointer,
			      gen->function->scratch, "scratch");
	return emit_offset(gen, base, offset);
}

LLVMValueRef emit_scratch(struct gen *gen, uint32_t bytes)
{
	return emit_scratch_at(gen, scratch_reserve(gen, bytes));
}

LLVMValueRef emit_temporary(struct gen *gen, uint32_t bytes)
{
	struct routine *function = gen->function;
	uint32_t offset = function->stack_used;
	uint32_t room = (bytes + 7) & ~7u;
	LLVMValueRef base;

	/* loops in loops share the 512 bytes: their bodies leave it alone */
	if (function->outer || room > STACK_ROOM - offset)
		return emit_scratch(gen, bytes);
	if (!function->stack)
		function->stack = emit_alloca(
			gen, LLVMArrayType(gen->i64, STACK_ROOM / 8), "stack");
	function->stack_used = offset + room;
	base = LLVMBuildBitCast(gen->builder, function->stack, gen->pointer,
				"");
	return emit_offset(gen, base, offset);
}

LLVMValueRef emit_callback_slots(struct gen *gen)
{
	struct routine *function = gen->function;

	if (!function->slots)
		function->slots = emit_alloca(
			gen, LLVMArrayType(gen->i64, CALLBACK_SLOTS), "slots");
	return LLVMBuildBitCast(gen->builder, function->slots, gen->pointer,
				"");
}

void emit_copy(struct gen *gen, LLVMValueRef to, LLVMValueRef from,
	       uint32_t bytes)
{
	uint32_t done = 0;

	if (bytes > INLINE_COPY_MAX) {
		LLVMValueRef arguments[] = { to, emit_i64(gen, bytes),
					     emit_cast_integer(gen, from) };

		emit_helper(gen, HELPER_probe_read_kernel, arguments);
		return;
	}
	for (uint32_t step = 8; step > 0; step /= 2) {
		for (; bytes - done >= step; done += step)
			emit_store(gen, emit_offset(gen, to, done),
				   emit_load(gen, emit_offset(gen, from, done),
					     step, false),
				   step);
	}
}

/*
 * Reading kernel address 0 is refused before any access and zeroes the
 * destination: the cheapest memset of variable size a program can have.
 */
static void emit_zero_helper(struct gen *gen, LLVMValueRef to,
			     LLVMValueRef bytes)
{
	LLVMValueRef arguments[] = { to, bytes, emit_i64(gen, 0) };

	emit_helper(gen, HELPER_probe_read_kernel, arguments);
}

/* `to` is aligned to 8; so are the stores ("misaligned stack access"). */
void emit_zero_range(struct gen *gen, LLVMValueRef to, uint32_t from,
		     uint32_t end)
{
	if (end - from > INLINE_COPY_MAX) {
		emit_zero_helper(gen, emit_offset(gen, to, from),
				 emit_i64(gen, end - from));
		return;
	}
	while (from < end) {
		uint32_t step = 8;

		while (from % step || end - from < step)
			step /= 2;
		emit_store(gen, emit_offset(gen, to, from), emit_i64(gen, 0),
			   step);
		from += step;
	}
}

void emit_zero(struct gen *gen, LLVMValueRef to, uint32_t bytes)
{
	emit_zero_range(gen, to, 0, bytes);
}

void emit_zero_tail(struct gen *gen, LLVMValueRef to, LLVMValueRef from,
		    uint32_t bytes)
{
	LLVMValueRef rest =
		LLVMBuildSub(gen->builder, emit_i64(gen, bytes), from, "");
	LLVMBasicBlockRef join = emit_if(
		gen, emit_compare(gen, LLVMIntUGT, rest, emit_i64(gen, 0)));

	if (bytes > gen->scratch_slack)
		gen->scratch_slack = bytes;
	emit_zero_helper(gen, emit_offset_by(gen, to, from), rest);
	emit_end_if(gen, join);
}

LLVMValueRef emit_literal(struct gen *gen, const char *bytes, uint32_t length)
{
	LLVMValueRef data =
		LLVMConstStringInContext(gen->context, bytes, length, true);
	const char *name =
		arena_printf(gen->arena, "literal_%u", gen->literals++);
	LLVMValueRef global =
		LLVMAddGlobal(gen->module, LLVMTypeOf(data), name);

	LLVMSetInitializer(global, data);
	LLVMSetGlobalConstant(global, true);
	LLVMSetLinkage(global, LLVMInternalLinkage);
	LLVMSetSection(global, ".rodata");
	LLVMSetAlignment(global, 8);
	return LLVMConstBitCast(global, gen->pointer);
}
