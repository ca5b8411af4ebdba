/*
 * The words emitters are written in: loads, stores, blocks, helper calls. Each
 * is a line or two of LLVM; none knows the language.
 */
#include "codegen/emit.h"

#include <string.h>

#include <llvm/Config/llvm-config.h>

LLVMValueRef emit_i64(struct gen *gen, uint64_t value)
{
	return LLVMConstInt(gen->i64, value, false);
}

LLVMValueRef emit_offset_by(struct gen *gen, LLVMValueRef base,
			    LLVMValueRef offset)
{
	return LLVMBuildGEP2(gen->builder, gen->i8, base, &offset, 1, "");
}

LLVMValueRef emit_offset(struct gen *gen, LLVMValueRef base, uint64_t offset)
{
	if (offset == 0)
		return base;
	return emit_offset_by(gen, base, emit_i64(gen, offset));
}

static LLVMTypeRef integer_type(struct gen *gen, uint32_t bytes)
{
	return LLVMIntTypeInContext(gen->context, bytes * 8);
}

static LLVMValueRef typed_address(struct gen *gen, LLVMValueRef address,
				  LLVMTypeRef type)
{
	return LLVMBuildBitCast(gen->builder, address, LLVMPointerType(type, 0),
				"");
}

LLVMValueRef emit_load(struct gen *gen, LLVMValueRef address, uint32_t bytes,
		       bool is_signed)
{
	LLVMTypeRef type = integer_type(gen, bytes);
	LLVMValueRef value;

	value = LLVMBuildLoad2(gen->builder, type,
			       typed_address(gen, address, type), "");
	LLVMSetAlignment(value, bytes);
	if (bytes == 8)
		return value;
	if (is_signed)
		return LLVMBuildSExt(gen->builder, value, gen->i64, "");
	return LLVMBuildZExt(gen->builder, value, gen->i64, "");
}

void emit_store(struct gen *gen, LLVMValueRef address, LLVMValueRef value,
		uint32_t bytes)
{
	LLVMTypeRef type = integer_type(gen, bytes);
	LLVMValueRef store;

	if (bytes < 8)
		value = LLVMBuildTrunc(gen->builder, value, type, "");
	store = LLVMBuildStore(gen->builder, value,
			       typed_address(gen, address, type));
	LLVMSetAlignment(store, bytes);
}

void emit_atomic_add(struct gen *gen, LLVMValueRef address, LLVMValueRef value)
{
	LLVMBuildAtomicRMW(gen->builder, LLVMAtomicRMWBinOpAdd,
			   typed_address(gen, address, gen->i64), value,
			   LLVMAtomicOrderingSequentiallyConsistent, false);
}

LLVMValueRef emit_compare(struct gen *gen, LLVMIntPredicate predicate,
			  LLVMValueRef a, LLVMValueRef b)
{
	return LLVMBuildICmp(gen->builder, predicate, a, b, "");
}

LLVMValueRef emit_test(struct gen *gen, LLVMValueRef value)
{
	return emit_compare(gen, LLVMIntNE, value, emit_i64(gen, 0));
}

LLVMValueRef emit_widen(struct gen *gen, LLVMValueRef bit)
{
	return LLVMBuildZExt(gen->builder, bit, gen->i64, "");
}

LLVMValueRef emit_narrow(struct gen *gen, LLVMValueRef value, uint32_t bytes,
			 bool is_signed)
{
	LLVMTypeRef type = integer_type(gen, bytes);

	if (bytes >= 8)
		return value;
	value = LLVMBuildTrunc(gen->builder, value, type, "");
	if (is_signed)
		return LLVMBuildSExt(gen->builder, value, gen->i64, "");
	return LLVMBuildZExt(gen->builder, value, gen->i64, "");
}

LLVMValueRef emit_barrier(struct gen *gen, LLVMValueRef value)
{
	char text[] = "", constraints[] = "=r,0";
	LLVMTypeRef type = LLVMFunctionType(gen->i64, &gen->i64, 1, false);
	LLVMValueRef barrier;

	barrier = LLVMGetInlineAsm(type, text, 0, constraints, 4, true, false,
				   LLVMInlineAsmDialectATT, false);
	return LLVMBuildCall2(gen->builder, type, barrier, &value, 1, "");
}

LLVMValueRef emit_context(struct gen *gen)
{
	LLVMValueRef context = emit_cast_integer(gen, gen->function->context);

	return emit_cast_pointer(gen, emit_barrier(gen, context));
}

/* -(-pointer): what was negated is no pointer any more. LLVM must not see that
 * it could do without, nor subtract the pointer from something instead. */
LLVMValueRef emit_number_of(struct gen *gen, LLVMValueRef pointer)
{
	LLVMValueRef number = emit_barrier(gen, pointer);

	number = LLVMBuildNeg(gen->builder, number, "");
	number = emit_barrier(gen, number);
	return LLVMBuildNeg(gen->builder, number, "");
}

LLVMValueRef emit_alloca(struct gen *gen, LLVMTypeRef type, const char *name)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(gen->builder);
	LLVMBasicBlockRef entry = gen->function->entry;
	LLVMValueRef first = LLVMGetFirstInstruction(entry);
	LLVMValueRef slot;

	if (first)
		LLVMPositionBuilderBefore(gen->builder, first);
	else
		LLVMPositionBuilderAtEnd(gen->builder, entry);
	slot = LLVMBuildAlloca(gen->builder, type, name);
	LLVMSetAlignment(slot, 8);
	LLVMPositionBuilderAtEnd(gen->builder, here);
	return slot;
}

LLVMValueRef emit_cast_pointer(struct gen *gen, LLVMValueRef integer)
{
	return LLVMBuildIntToPtr(gen->builder, integer, gen->pointer, "");
}

LLVMValueRef emit_cast_integer(struct gen *gen, LLVMValueRef pointer)
{
	return LLVMBuildPtrToInt(gen->builder, pointer, gen->i64, "");
}

LLVMBasicBlockRef emit_block(struct gen *gen, const char *name)
{
	return LLVMAppendBasicBlockInContext(gen->context, gen->function->llvm,
					     name);
}

void emit_at(struct gen *gen, LLVMBasicBlockRef block)
{
	LLVMPositionBuilderAtEnd(gen->builder, block);
}

void emit_jump(struct gen *gen, LLVMBasicBlockRef block)
{
	LLVMBuildBr(gen->builder, block);
}

void emit_branch(struct gen *gen, LLVMValueRef bit, LLVMBasicBlockRef then,
		 LLVMBasicBlockRef otherwise)
{
	LLVMBuildCondBr(gen->builder, bit, then, otherwise);
}

LLVMBasicBlockRef emit_if(struct gen *gen, LLVMValueRef bit)
{
	LLVMBasicBlockRef then = emit_block(gen, "then");
	LLVMBasicBlockRef join = emit_block(gen, "join");

	emit_branch(gen, bit, then, join);
	emit_at(gen, then);
	return join;
}

void emit_end_if(struct gen *gen, LLVMBasicBlockRef join)
{
	emit_jump(gen, join);
	emit_at(gen, join);
}

void emit_dead(struct gen *gen)
{
	emit_at(gen, emit_block(gen, "dead"));
}

struct helper_row {
	uint32_t number;
	const char *arguments;
	enum { FRESH, STEADY, INT } result;
};

static const struct helper_row helper_rows[] = {
#define HELPER(name, number, arguments, result) \
	[HELPER_##name] = { number, arguments, result },
#include "codegen/helpers.def"
#undef HELPER
};

void emit_steady(struct gen *gen, LLVMValueRef call)
{
#if LLVM_VERSION_MAJOR >= 16
	const char *name = "memory";
#else
	const char *name = "readnone";
#endif
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddCallSiteAttribute(
		call, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(gen->context, kind, 0));
}

/* ((long (*)(…))NUMBER)(arguments…) */
LLVMValueRef emit_numbered_call(struct gen *gen, uint32_t number,
				const char *parameters, LLVMValueRef *arguments)
{
	LLVMTypeRef types[5], type;
	LLVMValueRef function;
	unsigned count = 0;

	for (; parameters[count]; count++)
		types[count] =
			parameters[count] == 'p' ? gen->pointer : gen->i64;
	type = LLVMFunctionType(gen->i64, types, count, false);
	function = LLVMConstIntToPtr(emit_i64(gen, number),
				     LLVMPointerType(type, 0));
	return LLVMBuildCall2(gen->builder, type, function, arguments, count,
			      "");
}

LLVMValueRef emit_helper(struct gen *gen, enum helper helper,
			 LLVMValueRef *arguments)
{
	const struct helper_row *row = &helper_rows[helper];
	LLVMValueRef call =
		emit_numbered_call(gen, row->number, row->arguments, arguments);

	if (row->result == STEADY)
		emit_steady(gen, call);
	return row->result == INT ? emit_narrow(gen, call, 4, true) : call;
}

void emit_line(struct gen *gen, struct span at)
{
	struct position position = source_position(gen->source, at.begin);
	LLVMMetadataRef location = LLVMDIBuilderCreateDebugLocation(
		gen->context, position.row, position.column,
		gen->function->scope, NULL);

	LLVMSetCurrentDebugLocation2(gen->builder, location);
}

/* The row of this reason at this place, made when it is the first. */
static const struct image_fault *fault_at(struct gen *gen,
					  enum fault_reason reason,
					  struct span at, const struct map *map)
{
	struct image *image = gen->image;
	uint32_t program = image->program_count - 1;
	struct image_fault fault = {
		.reason = reason,
		.at = at,
		.program = program,
		.map = map ? (int32_t)map->index : -1,
		.counter = image->fault_counters,
		.counters = image->programs[program].attach_count,
	};
	size_t count = image->fault_count;

	for (size_t i = count; i-- > 0;) {
		const struct image_fault *row = &image->faults[i];

		if (row->program != program)
			break;
		if (row->reason == reason && row->at.begin == at.begin &&
		    row->at.end == at.end && row->map == fault.map)
			return row;
	}
	ARENA_PUSH(gen->arena, image->faults, count, gen->fault_room, fault);
	image->fault_count = (uint32_t)count;
	image->fault_counters += fault.counters;
	return &image->faults[count - 1];
}

/* lock control->faults[counter + attach]++ */
void emit_fault(struct gen *gen, enum fault_reason reason, struct span at,
		const struct map *map)
{
	const struct image_fault *fault = fault_at(gen, reason, at, map);
	uint64_t first =
		offsetof(struct control, faults) + 8 * (uint64_t)fault->counter;
	LLVMValueRef address = emit_offset(gen, gen->control, first);
	LLVMValueRef index, size;

	if (fault->counters > 1) {
		index = LLVMBuildSub(gen->builder, emit_attach_index(gen),
				     emit_i64(gen, gen->clause->first_attach),
				     "");
		/* the cookie is ours, but the verifier wants to see a bound */
		size = emit_i64(gen, fault->counters);
		index = LLVMBuildSelect(
			gen->builder,
			emit_compare(gen, LLVMIntULT, index, size), index,
			emit_i64(gen, 0), "");
		index = LLVMBuildShl(gen->builder, index, emit_i64(gen, 3), "");
		address = emit_offset_by(gen, address, index);
	}
	emit_atomic_add(gen, address, emit_i64(gen, 1));
}
