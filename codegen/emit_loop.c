/*
 * Loops. A body becomes a function that a helper calls once per iteration, so
 * that the verifier looks at it once, however often it runs:
 *
 *   long body(u64 index, struct frame *frame)     bpf_loop
 *   long body(map, key, value, struct frame *)    bpf_for_each_map_elem
 *
 * It reaches the context and scratch memory through the frame on its caller's
 * stack; the variables of such a program live in scratch memory.
 */
#include "codegen/emit.h"

/* BPF_MAX_LOOPS in kernel/bpf/bpf_iter.c. */
#define LOOP_MAX (8u * 1024 * 1024)

static LLVMValueRef emit_frame_slot(struct gen *gen, enum frame_slot slot)
{
	return emit_offset(gen, gen->function->frame, 8 * slot);
}

void emit_leave_program(struct gen *gen)
{
	if (!gen->function->outer) {
		emit_jump(gen, gen->function->leave);
	} else {
		emit_store(gen, emit_frame_slot(gen, FRAME_RETURNING),
			   emit_i64(gen, 1), 8);
		LLVMBuildRet(gen->builder, emit_i64(gen, 1));
	}
	emit_dead(gen);
}

/* The body of a loop as a function; leaves the builder where it was. */
struct body {
	struct subprogram subprogram;
	struct loop loop;
};

static void body_begin(struct gen *gen, struct body *body,
		       enum callback callback, struct span at)
{
	struct routine *routine = &body->subprogram.routine;
	LLVMValueRef pointer;

	subprogram_begin(gen, &body->subprogram, "loop", callback, at);
	routine->frame = body->subprogram.argument;
	routine->scratch = emit_alloca(gen, gen->pointer, "scratch");
	pointer = emit_load(gen, emit_frame_slot(gen, FRAME_SCRATCH), 8, false);
	LLVMBuildStore(gen->builder, emit_cast_pointer(gen, pointer),
		       routine->scratch);
	pointer = emit_load(gen, emit_frame_slot(gen, FRAME_CONTEXT), 8, false);
	routine->context = emit_cast_pointer(gen, pointer);
	body->loop = (struct loop){ .is_callback = true };
	routine->loops = &body->loop;
}

/* The address of the body, for the helper. */
static LLVMValueRef body_end(struct gen *gen, struct body *body)
{
	LLVMBuildRet(gen->builder, emit_i64(gen, 0));
	return subprogram_end(gen, &body->subprogram);
}

/* return inside the body: the helper came back, and so do we. */
static void emit_check_returning(struct gen *gen)
{
	LLVMValueRef flag =
		emit_load(gen, emit_frame_slot(gen, FRAME_RETURNING), 8, false);
	LLVMBasicBlockRef leave = emit_block(gen, "returning");
	LLVMBasicBlockRef stay = emit_block(gen, "looped");

	LLVMSetVolatile(flag, true);
	emit_branch(gen, emit_test(gen, flag), leave, stay);
	emit_at(gen, leave);
	if (!gen->function->outer)
		emit_jump(gen, gen->function->leave);
	else
		LLVMBuildRet(gen->builder, emit_i64(gen, 1));
	emit_at(gen, stay);
}

static LLVMValueRef emit_call_loop(struct gen *gen, LLVMValueRef body,
				   LLVMValueRef times)
{
	LLVMValueRef arguments[] = {
		times,
		body,
		gen->function->frame,
		emit_i64(gen, 0),
	};

	return emit_helper(gen, HELPER_loop, arguments);
}

/*
 * The number without what the verifier knows of it. Where that is 0, it drops
 * the body nobody calls and then misses it: "No program to jit at insn".
 */
static LLVMValueRef emit_hide(struct gen *gen, LLVMValueRef number)
{
	LLVMValueRef slot, value;

	if (LLVMIsAConstantInt(number) && LLVMConstIntGetZExtValue(number))
		return number;
	slot = emit_scratch(gen, 8);
	emit_store(gen, slot, number, 8);
	value = emit_load(gen, slot, 8, false);
	LLVMSetVolatile(value, true);
	return value;
}

/* for $i : from..to — $i = from + index. */
void emit_range(struct gen *gen, const struct stmt *stmt)
{
	const struct variable *variable =
		stmt->each.variable->variable.variable;
	LLVMValueRef from = emit_scalar(gen, stmt->each.from);
	LLVMValueRef to = emit_scalar(gen, stmt->each.to), times, index, most;
	uint32_t start = scratch_reserve(gen, 8);
	LLVMBasicBlockRef join;
	struct body body;

	most = emit_i64(gen, LOOP_MAX);
	emit_store(gen, emit_scratch_at(gen, start), from, 8);
	times = LLVMBuildSelect(
		gen->builder, emit_compare(gen, LLVMIntSGT, to, from),
		LLVMBuildSub(gen->builder, to, from, ""), emit_i64(gen, 0), "");
	times = emit_hide(gen, times);
	join = emit_if(gen, emit_compare(gen, LLVMIntUGT, times, most));
	emit_fault(gen, FAULT_LOOP_LIMIT, stmt->at, NULL);
	emit_end_if(gen, join);
	times = LLVMBuildSelect(gen->builder,
				emit_compare(gen, LLVMIntULT, times, most),
				times, most, "");

	body_begin(gen, &body, CALLBACK_LOOP, stmt->at);
	/* the index is 32 bits wide in older kernels */
	index = LLVMBuildAnd(gen->builder,
			     LLVMGetParam(body.subprogram.routine.llvm, 0),
			     emit_i64(gen, UINT32_MAX), "");
	index = LLVMBuildAdd(
		gen->builder,
		emit_load(gen, emit_scratch_at(gen, start), 8, false), index,
		"");
	emit_store(gen, emit_variable_address(gen, variable), index, 8);
	emit_stmts(gen, stmt->each.body);
	emit_call_loop(gen, body_end(gen, &body), times);
	emit_check_returning(gen);
}

/* while (c) body — the body begins by asking the condition. */
void emit_while(struct gen *gen, const struct stmt *stmt)
{
	struct body body;
	LLVMBasicBlockRef on, off, join;
	LLVMValueRef done;

	body_begin(gen, &body, CALLBACK_LOOP, stmt->at);
	on = emit_block(gen, "while");
	off = emit_block(gen, "end_while");
	emit_branch(gen, emit_condition(gen, stmt->loop.condition), on, off);
	emit_at(gen, off);
	LLVMBuildRet(gen->builder, emit_i64(gen, 1));
	emit_at(gen, on);
	emit_stmts(gen, stmt->loop.body);
	done = emit_call_loop(gen, body_end(gen, &body),
			      emit_i64(gen, LOOP_MAX));
	join = emit_if(gen, emit_compare(gen, LLVMIntUGE, done,
					 emit_i64(gen, LOOP_MAX)));
	/* the last of them may have been the end: the condition tells */
	emit_fault(gen, FAULT_LOOP_LIMIT, stmt->at, NULL);
	emit_end_if(gen, join);
	emit_check_returning(gen);
}

/* $kv = (key, value) */
static void emit_entry(struct gen *gen, const struct stmt *stmt,
		       LLVMValueRef key, LLVMValueRef value)
{
	const struct map *map = stmt->each.map->map.map;
	const struct variable *variable =
		stmt->each.variable->variable.variable;
	const struct type *type = variable->type;
	LLVMValueRef entry = emit_variable_address(gen, variable);
	LLVMValueRef first = emit_offset(gen, entry, type_item_offset(type, 0));
	LLVMValueRef second =
		emit_offset(gen, entry, type_item_offset(type, 1));

	emit_zero(gen, entry, type->size);
	emit_copy(gen, first, key, map->key->size);
	if (type_is_aggregate(map->value))
		emit_store(gen, second, emit_aggregate_read(gen, map, key), 8);
	else
		emit_copy(gen, second, value, map->value->size);
}

void emit_for_map(struct gen *gen, const struct stmt *stmt)
{
	const struct map *map = stmt->each.map->map.map;
	LLVMValueRef arguments[4];
	struct body body;

	body_begin(gen, &body, CALLBACK_EACH, stmt->at);
	emit_entry(gen, stmt, LLVMGetParam(body.subprogram.routine.llvm, 1),
		   LLVMGetParam(body.subprogram.routine.llvm, 2));
	emit_stmts(gen, stmt->each.body);
	arguments[1] = body_end(gen, &body);
	arguments[0] = emit_map_address(gen, map);
	arguments[2] = gen->function->frame;
	arguments[3] = emit_i64(gen, 0);
	emit_helper(gen, HELPER_for_each_map_elem, arguments);
	emit_check_returning(gen);
}
