/*
 * Fields that the program loads by itself, which takes a twentieth of the time
 * that a helper does. parser/check_direct.c says which.
 *
 * A load from a bad address is no fault to the kernel: it yields 0, and nobody
 * is told. So what is not 0 was read for sure; and when it is 0, a helper reads
 * it once more, and tells. That is exact however wrong a pointer is, and is
 * why nothing need be assumed about pointers. Only what is in the current task
 * itself, or in what an iterator is at, is there: its 0 is one.
 */
#include "codegen/emit.h"

/* (struct x *)bpf_rdonly_cast(address, id of struct x): the verifier puts a
 * move in its place. */
static LLVMValueRef emit_record_cast(struct gen *gen, uint32_t function,
				     LLVMValueRef address, uint32_t id)
{
	LLVMValueRef arguments[] = { address, emit_i64(gen, id) };
	LLVMValueRef call = emit_kernel_call(gen, function, "ii", arguments);

	emit_steady(gen, call);
	return emit_cast_pointer(gen, call);
}

/* The current task, or what an iterator is at. */
static bool is_there(const struct gen *gen, const struct expr *base)
{
	if (base->kind == EXPR_NAME)
		return base->name.builtin &&
		       base->name.builtin->id == BUILTIN_curtask;
	return gen->clause->attaches[0].kind == ATTACH_ITER &&
	       base->kind == EXPR_FIELD && expr_is_context(base->field.object);
}

static LLVMValueRef emit_word(struct gen *gen, const struct type *type,
			      LLVMValueRef place)
{
	LLVMValueRef word = emit_load(gen, place, type->size, type->is_signed);

	if (type->kind == TYPE_POINTER)
		return emit_number_of(gen, word);
	if (type->kind == TYPE_BOOL)
		return emit_widen(gen, emit_test(gen, word));
	return word;
}

/*
 * word = record->field;
 * if (!word)
 *         read(&word, address of the field);
 */
struct value emit_direct(struct gen *gen, const struct expr *expr)
{
	struct mark mark = temporary_mark(gen);
	uint32_t offset;
	const struct expr *base = field_base(expr, &offset);
	bool is_pointer = base->type->kind == TYPE_POINTER;
	const struct type *record = is_pointer ? base->type->to : base->type;
	struct place place = {
		.type = expr->type,
		.space = SPACE_KERNEL,
		.address = is_pointer ? emit_scalar(gen, base)
				      : emit_place(gen, base).address,
	};
	LLVMValueRef pointer = emit_record_cast(
		gen, expr->field.cast, place.address, record->record->btf_id);
	LLVMValueRef word =
		emit_word(gen, expr->type, emit_offset(gen, pointer, offset));
	LLVMValueRef result;
	LLVMBasicBlockRef join;

	if (!is_there(gen, base)) {
		result = emit_alloca(gen, gen->i64, "field");
		LLVMBuildStore(gen->builder, word, result);
		join = emit_if(gen, emit_compare(gen, LLVMIntEQ, word,
						 emit_i64(gen, 0)));
		place.address = LLVMBuildAdd(gen->builder, place.address,
					     emit_i64(gen, offset), "");
		word = emit_place_load(gen, place, expr->at).v;
		LLVMBuildStore(gen->builder, word, result);
		emit_end_if(gen, join);
		word = LLVMBuildLoad2(gen->builder, gen->i64, result, "");
	}
	temporary_release(gen, mark);
	return scalar_value(expr->type, word);
}
