/*
 * Arguments of user probes, where the notes or the debug information of the
 * program say they are: registers of the traced thread, its memory, constants.
 * Called for args.name and argN.
 */
#include "codegen/emit.h"

#include "codegen/registers.h"
#include "parser/arguments.h"

static LLVMValueRef emit_word(struct gen *gen, int8_t word)
{
	return emit_load(
		gen, emit_offset(gen, emit_context(gen), 8 * (uint64_t)word), 8,
		false);
}

/* base + extend(index) * scale + value */
static LLVMValueRef emit_operand_address(struct gen *gen,
					 const struct operand *operand)
{
	LLVMValueRef address = emit_i64(gen, (uint64_t)operand->value), index;

	if (operand->base != NO_REGISTER)
		address = LLVMBuildAdd(gen->builder, address,
				       emit_word(gen, operand->base), "");
	if (operand->index == NO_REGISTER)
		return address;
	index = emit_word(gen, operand->index);
	if (operand->extension != EXTEND_NOT)
		index = emit_narrow(gen, index, 4,
				    operand->extension == EXTEND_SIGNED);
	index = LLVMBuildMul(gen->builder, index, emit_i64(gen, operand->scale),
			     "");
	return LLVMBuildAdd(gen->builder, address, index, "");
}

/* A constant, or (register >> shift) + value, cut to its size. */
static LLVMValueRef emit_operand(struct gen *gen, const struct operand *operand)
{
	LLVMValueRef value = emit_i64(gen, (uint64_t)operand->value), word;

	if (operand->kind == OPERAND_REGISTER) {
		word = emit_word(gen, operand->base);
		word = LLVMBuildLShr(gen->builder, word,
				     emit_i64(gen, operand->shift), "");
		value = LLVMBuildAdd(gen->builder, value, word, "");
	}
	return emit_narrow(gen, value, operand->size, operand->is_signed);
}

struct place emit_parameter(struct gen *gen, size_t index)
{
	const struct argument *argument = &gen->clause->arguments->items[index];
	struct place place = { .type = argument->type };

	if (argument->pieces[0].kind == OPERAND_MEMORY) {
		place.space = SPACE_USER;
		place.address = emit_operand_address(gen, &argument->pieces[0]);
		return place;
	}
	place.space = SPACE_CONTEXT;
	place.address = emit_temporary(gen, 8 * PIECES_MAX);
	for (unsigned i = 0; i < argument->count; i++)
		emit_store(gen, emit_offset(gen, place.address, 8 * i),
			   emit_operand(gen, &argument->pieces[i]), 8);
	return place;
}

struct value emit_parameters(struct gen *gen, const struct type *type,
			     struct span at)
{
	const struct arguments *arguments = gen->clause->arguments;
	LLVMValueRef to = emit_temporary(gen, type->size);

	emit_zero(gen, to, type->size);
	for (size_t i = 0; i < arguments->count; i++) {
		const struct field *field = &type->record->fields[i];
		struct mark mark = temporary_mark(gen);
		struct place place;

		if (arguments->items[i].count) {
			place = emit_parameter(gen, i);
			emit_store_value(gen, emit_place_load(gen, place, at),
					 field->type,
					 emit_offset(gen, to, field->offset));
		}
		temporary_release(gen, mark);
	}
	return memory_value(type, to);
}
