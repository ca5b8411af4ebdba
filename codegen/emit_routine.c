/*
 * Functions of the object: programs, and the subprograms that helpers call
 * back for each iteration or key. Knows their attributes and debug scope, not
 * what is in them.
 */
#include "codegen/emit.h"

void function_begin(struct gen *gen, struct routine *function, const char *name,
		    const char *section, LLVMTypeRef type, struct span at)
{
	LLVMAttributeRef nounwind = LLVMCreateEnumAttribute(
		gen->context, LLVMGetEnumAttributeKindForName("nounwind", 8),
		0);
	LLVMAttributeRef noinline_ = LLVMCreateEnumAttribute(
		gen->context, LLVMGetEnumAttributeKindForName("noinline", 8),
		0);
	uint32_t line = source_position(gen->source, at.begin).row;

	function->llvm = LLVMAddFunction(gen->module, name, type);
	LLVMAddAttributeAtIndex(function->llvm, LLVMAttributeFunctionIndex,
				nounwind);
	if (section) {
		LLVMSetSection(function->llvm, section);
	} else {
		LLVMSetLinkage(function->llvm, LLVMInternalLinkage);
		LLVMAddAttributeAtIndex(function->llvm,
					LLVMAttributeFunctionIndex, noinline_);
	}
	/* "callback function not static": the BTF has to say so as well */
	function->scope =
		debuginfo_function(gen, function->llvm, name, line, !section);
	function->outer = gen->function;
	gen->function = function;
	function->entry = emit_block(gen, "entry");
	emit_at(gen, function->entry);
	emit_line(gen, at);
}

void subprogram_begin(struct gen *gen, struct subprogram *subprogram,
		      const char *purpose, enum callback callback,
		      struct span at)
{
	LLVMTypeRef loop[] = { gen->i64, gen->pointer };
	LLVMTypeRef each[] = { gen->pointer, gen->pointer, gen->pointer,
			       gen->pointer };
	unsigned parameters =
		callback == CALLBACK_LOOP ? ARRAY_SIZE(loop) : ARRAY_SIZE(each);
	LLVMTypeRef type = LLVMFunctionType(
		gen->i64, callback == CALLBACK_LOOP ? loop : each, parameters,
		false);
	const char *name =
		arena_printf(gen->arena, "%s_%u_%u", purpose,
			     gen->image->program_count - 1, gen->functions++);

	subprogram->caller = LLVMGetInsertBlock(gen->builder);
	subprogram->line = LLVMGetCurrentDebugLocation2(gen->builder);
	subprogram->routine = (struct routine){ 0 };
	function_begin(gen, &subprogram->routine, name, NULL, type, at);
	subprogram->argument =
		LLVMGetParam(subprogram->routine.llvm, parameters - 1);
}

LLVMValueRef subprogram_end(struct gen *gen, struct subprogram *subprogram)
{
	gen->function = subprogram->routine.outer;
	emit_at(gen, subprogram->caller);
	LLVMSetCurrentDebugLocation2(gen->builder, subprogram->line);
	return LLVMConstBitCast(subprogram->routine.llvm, gen->pointer);
}
