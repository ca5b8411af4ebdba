/*
 * Memory that is not the program's own: fields of the probe's context, of
 * kernel structures and of the traced process. A read that fails is counted
 * with its place in the script and gives zeros.
 */
#include "codegen/emit.h"

/*
 * Kernels compiled by GCC do not say which of their pointers lead into the
 * process: the file name that a system call is given, for one. An address
 * does, on the machines etrace is for, and the kernel has helpers that look;
 * only not for programs that see packets.
 */
static bool can_look(const struct gen *gen)
{
	enum attach_kind kind = gen->clause->attaches[0].kind;

	return kind != ATTACH_TC && kind != ATTACH_XDP;
}

enum helper read_helper(const struct gen *gen, enum address_space space)
{
	if (space == SPACE_USER)
		return HELPER_probe_read_user;
	if (space == SPACE_KERNEL && can_look(gen))
		return HELPER_probe_read;
	return HELPER_probe_read_kernel;
}

static enum helper string_helper(const struct gen *gen,
				 enum address_space space)
{
	if (space == SPACE_USER)
		return HELPER_probe_read_user_str;
	if (space == SPACE_KERNEL && can_look(gen))
		return HELPER_probe_read_str;
	return HELPER_probe_read_kernel_str;
}

void emit_read(struct gen *gen, enum address_space space, LLVMValueRef to,
	       uint32_t bytes, LLVMValueRef address, struct span at)
{
	LLVMValueRef arguments[] = { to, emit_i64(gen, bytes), address };
	LLVMValueRef status =
		emit_helper(gen, read_helper(gen, space), arguments);
	LLVMBasicBlockRef join = emit_if(
		gen, emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));

	emit_fault(gen, FAULT_READ, at, NULL);
	emit_end_if(gen, join);
}

LLVMValueRef emit_read_string(struct gen *gen, enum address_space space,
			      LLVMValueRef to, LLVMValueRef room,
			      LLVMValueRef address, struct span at)
{
	LLVMValueRef arguments[] = { to, room, address };
	LLVMValueRef length = emit_alloca(gen, gen->i64, "length");
	LLVMValueRef status =
		emit_helper(gen, string_helper(gen, space), arguments);
	LLVMBasicBlockRef join;

	LLVMBuildStore(gen->builder, status, length);
	join = emit_if(gen,
		       emit_compare(gen, LLVMIntSLE, status, emit_i64(gen, 0)));
	emit_fault(gen, FAULT_READ, at, NULL);
	emit_store(gen, to, emit_i64(gen, 0), 1);
	LLVMBuildStore(gen->builder, emit_i64(gen, 0), length);
	emit_end_if(gen, join);
	return LLVMBuildLoad2(gen->builder, gen->i64, length, "");
}

/* ---- places ---- */

bool expr_is_context(const struct expr *expr)
{
	return expr->kind == EXPR_NAME && expr->name.builtin &&
	       (expr->name.builtin->id == BUILTIN_args ||
		(expr->name.builtin->id == BUILTIN_ctx &&
		 expr->type->kind == TYPE_STRUCT));
}

bool expr_is_place(const struct expr *expr)
{
	if (expr->kind == EXPR_FIELD)
		return !expr->field.packet;
	if (expr->kind == EXPR_INDEX)
		return true;
	return expr->kind == EXPR_UNARY && expr->unary.op == UNARY_DEREF;
}

static struct place place_of_pointer(struct gen *gen, const struct expr *expr)
{
	return (struct place){
		.type = expr->type->to,
		.space = expr->type->space,
		.address = emit_scalar(gen, expr),
	};
}

/* Structs that are arguments: verifier: "func 'f' offset 12 is not multiple of
 * 8", so what is inside of them is read like other memory. */
static struct place emit_inside(struct gen *gen, struct place place)
{
	if (!has_known_pointers(gen->clause->attaches[0].kind) ||
	    gen->clause->attaches[0].kind == ATTACH_ITER)
		return place;
	place.space = SPACE_KERNEL;
	place.address =
		emit_number_of(gen, emit_cast_integer(gen, place.address));
	return place;
}

/* The arguments of a function of a BPF program: verifier: "invalid bpf_context
 * access" for pointers to all but a program's own context, so they are read
 * like other memory. */
static struct place emit_values_of_bpf(struct gen *gen, const struct type *type)
{
	LLVMValueRef context = emit_cast_integer(gen, emit_context(gen));

	return (struct place){
		.type = type,
		.space = SPACE_KERNEL,
		.address = emit_number_of(gen, context),
	};
}

/* The place an object expression stands for: pointers are followed. */
static struct place emit_object(struct gen *gen, const struct expr *object)
{
	struct place place;

	if (expr_is_context(object) && gen->clause->attaches[0].program)
		return emit_values_of_bpf(gen, object->type);
	if (expr_is_context(object))
		return (struct place){
			.type = object->type,
			.space = SPACE_CONTEXT,
			.address = emit_context(gen),
		};
	if (object->type->kind == TYPE_POINTER)
		return place_of_pointer(gen, object);
	if (expr_is_place(object)) {
		place = emit_place(gen, object);
		place.type = object->type;
		return place.space == SPACE_CONTEXT ? emit_inside(gen, place)
						    : place;
	}
	/* a value of our own: loaded directly, like the context */
	return (struct place){
		.type = object->type,
		.space = SPACE_CONTEXT,
		.address = emit_expr(gen, object).v,
	};
}

static void place_add(struct gen *gen, struct place *place, LLVMValueRef offset)
{
	if (place->space == SPACE_CONTEXT)
		place->address = emit_offset_by(gen, place->address, offset);
	else
		place->address =
			LLVMBuildAdd(gen->builder, place->address, offset, "");
}

/* __data_loc: the field is a u32, length << 16 | offset of the data. */
static void place_follow_location(struct gen *gen, struct place *place,
				  const struct field *field, uint32_t offset)
{
	LLVMValueRef location = emit_load(
		gen, emit_offset(gen, place->address, offset), 4, false);

	location =
		LLVMBuildAnd(gen->builder, location, emit_i64(gen, 0xffff), "");
	if (field->rel_loc)
		location = LLVMBuildAdd(gen->builder, location,
					emit_i64(gen, offset + 4), "");
	place->space = SPACE_KERNEL;
	place->address = LLVMBuildAdd(gen->builder,
				      emit_cast_integer(gen, place->address),
				      location, "");
}

/* Part of a value of our own, so many bytes from one that is aligned: where
 * the verifier would not let us load it ("misaligned stack access") a helper
 * copies it. */
static void place_realign(struct gen *gen, struct place *place, uint32_t bytes)
{
	uint32_t align = type_is_scalar(place->type) ? place->type->size : 8;

	if (place->space != SPACE_CONTEXT || bytes % align == 0)
		return;
	place->space = SPACE_KERNEL;
	place->address = emit_cast_integer(gen, place->address);
}

static struct place emit_field_place(struct gen *gen, const struct expr *expr)
{
	const struct field *field = expr->field.field;
	struct place place;

	if (expr_is_context(expr->field.object) && gen->clause->arguments)
		return emit_parameter(
			gen,
			(size_t)(field -
				 expr->field.object->type->record->fields));
	place = emit_object(gen, expr->field.object);
	if (field->data_loc || field->rel_loc) {
		place_follow_location(gen, &place, field, expr->field.offset);
	} else if (field->bit_size) {
		/* the byte with its first bit, not its unit */
		place.field = field;
		place_add(gen, &place,
			  emit_i64(gen, expr->field.offset - field->offset +
						field->bit_offset / 8));
	} else {
		place_add(gen, &place, emit_i64(gen, expr->field.offset));
	}
	place.type = expr->type;
	if (!expr_is_context(expr->field.object))
		place_realign(gen, &place, expr->field.offset);
	return place;
}

/* An index outside the array is counted, and taken as 0. */
static LLVMValueRef emit_checked_index(struct gen *gen, const struct expr *expr,
				       uint32_t count)
{
	LLVMValueRef index = emit_scalar(gen, expr->index.index);
	LLVMValueRef outside;
	LLVMBasicBlockRef join;

	if (count == 0 || (LLVMIsAConstantInt(index) &&
			   LLVMConstIntGetZExtValue(index) < count))
		return index;
	outside = emit_compare(gen, LLVMIntUGE, index, emit_i64(gen, count));
	join = emit_if(gen, outside);
	emit_fault(gen, FAULT_INDEX, expr->at, NULL);
	emit_end_if(gen, join);
	index = emit_barrier(gen, index);
	return LLVMBuildSelect(
		gen->builder,
		emit_compare(gen, LLVMIntULT, index, emit_i64(gen, count)),
		index, emit_i64(gen, 0), "");
}

static struct place emit_index_place(struct gen *gen, const struct expr *expr)
{
	const struct type *array = expr->index.object->type;
	uint32_t count = 0;
	struct place place;
	LLVMValueRef index;

	if (array->kind == TYPE_ARRAY)
		count = array->count;
	else if (array->kind == TYPE_STRING)
		count = array->size;
	place = emit_object(gen, expr->index.object);
	index = emit_checked_index(gen, expr, count);
	place_add(gen, &place,
		  LLVMBuildMul(gen->builder, index,
			       emit_i64(gen, expr->type->size), ""));
	place.type = expr->type;
	if (!expr_is_context(expr->index.object))
		place_realign(gen, &place, expr->type->size);
	return place;
}

struct place emit_place(struct gen *gen, const struct expr *expr)
{
	struct place place;

	if (expr->kind == EXPR_FIELD)
		return emit_field_place(gen, expr);
	if (expr->kind == EXPR_INDEX)
		return emit_index_place(gen, expr);
	place = place_of_pointer(gen, expr->unary.operand);
	place.type = expr->type;
	return place;
}

/* ---- loading ---- */

/* Bytes that a bit-field touches: at most 9. */
static uint32_t bit_field_bytes(const struct field *field)
{
	return (field->bit_offset % 8 + field->bit_size + 7) / 8;
}

/* The bits of a field, of which the bytes are at `from`, zeros behind them. */
static LLVMValueRef emit_bits(struct gen *gen, LLVMValueRef from,
			      const struct field *field, bool is_signed)
{
	uint32_t shift = field->bit_offset % 8;
	LLVMValueRef rest = emit_i64(gen, 64 - field->bit_size);
	LLVMValueRef word = emit_load(gen, from, 8, false), last;

	word = LLVMBuildLShr(gen->builder, word, emit_i64(gen, shift), "");
	if (shift + field->bit_size > 64) {
		last = emit_load(gen, emit_offset(gen, from, 8), 1, false);
		last = LLVMBuildShl(gen->builder, last,
				    emit_i64(gen, 64 - shift), "");
		word = LLVMBuildOr(gen->builder, word, last, "");
	}
	word = LLVMBuildShl(gen->builder, word, rest, "");
	if (is_signed)
		return LLVMBuildAShr(gen->builder, word, rest, "");
	return LLVMBuildLShr(gen->builder, word, rest, "");
}

/* Read as bytes, wherever it is: its own place may not be aligned. */
static LLVMValueRef emit_bit_field(struct gen *gen, struct place place,
				   struct span at)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef bytes = emit_temporary(gen, 16), word;

	if (place.space == SPACE_CONTEXT) {
		place.space = SPACE_KERNEL;
		place.address = emit_cast_integer(gen, place.address);
	}
	emit_zero(gen, bytes, 16);
	emit_read(gen, place.space, bytes, bit_field_bytes(place.field),
		  place.address, at);
	word = emit_bits(gen, bytes, place.field, place.type->is_signed);
	temporary_release(gen, mark);
	return word;
}

static struct value emit_scalar_load(struct gen *gen, struct place place,
				     struct span at)
{
	const struct type *type = place.type;
	LLVMValueRef word, temporary;
	struct mark mark;

	if (place.field) {
		word = emit_bit_field(gen, place, at);
	} else if (place.space == SPACE_CONTEXT) {
		word = emit_load(gen, place.address, type->size,
				 type->is_signed);
		/* verifier: "pointer arithmetic with &= operator
		 * prohibited" */
		if (type->kind == TYPE_POINTER &&
		    has_known_pointers(gen->clause->attaches[0].kind))
			word = emit_number_of(gen, word);
	} else {
		mark = temporary_mark(gen);
		temporary = emit_temporary(gen, 8);
		emit_read(gen, place.space, temporary, type->size,
			  place.address, at);
		word = emit_load(gen, temporary, type->size, type->is_signed);
		temporary_release(gen, mark);
	}
	if (type->kind == TYPE_BOOL)
		word = emit_widen(gen, emit_test(gen, word));
	return scalar_value(type, word);
}

struct value emit_place_load(struct gen *gen, struct place place,
			     struct span at)
{
	const struct type *type = place.type;
	LLVMValueRef to, length;

	if (type_is_scalar(type))
		return emit_scalar_load(gen, place, at);
	/* copied even from the context, where it may be misaligned */
	to = emit_temporary(gen, type->size);
	if (place.space == SPACE_CONTEXT)
		place.address = emit_cast_integer(gen, place.address);
	if (type->kind != TYPE_STRING) {
		emit_read(gen, place.space, to, type->size, place.address, at);
		return memory_value(type, to);
	}
	if (type->size <= STACK_ROOM)
		emit_zero(gen, to, type->size);
	length = emit_read_string(gen, place.space, to,
				  emit_i64(gen, type->size), place.address, at);
	if (type->size > STACK_ROOM)
		emit_zero_tail(gen, to, length, type->size);
	return memory_value(type, to);
}
