/*
 * Where a function's parameters are when it is entered, by the rules of the
 * machine's C ABI: the System V ABI of x86-64, the procedure call standard of
 * arm64. Knows sizes and classes of types, nothing of the code. Called by
 * host_dwarf.c.
 */
#include "parser/host_dwarf.h"

#include <assert.h>
#include <string.h>

#define WORD 8

/* What a value is made of; the register it travels in follows. */
struct makeup {
	bool has_integer[2], has_float[2]; /* of each 8 bytes */
	bool is_long_double;
	bool is_odd;         /* a member is not aligned, or out of the value */
	unsigned floats;     /* members, all of `float_size` */
	uint64_t float_size; /* 0: of several sizes */
	unsigned others;
};

static void look_at(struct makeup *makeup, Dwarf_Die *type, uint64_t offset,
		    unsigned depth);

static bool is_float(Dwarf_Die *type)
{
	uint64_t encoding;

	return dwarf_tag(type) == DW_TAG_base_type &&
	       dwarf_number(type, DW_AT_encoding, &encoding) &&
	       (encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
		encoding == DW_ATE_imaginary_float ||
		encoding == DW_ATE_decimal_float);
}

static void look_at_scalar(struct makeup *makeup, Dwarf_Die *type,
			   uint64_t offset)
{
	uint64_t size = dwarf_size_of(type);
	bool floating = is_float(type);
	uint64_t last = offset + (size ? size - 1 : 0);

	if (floating) {
		makeup->is_long_double |= size == 16;
		makeup->float_size =
			!makeup->floats || makeup->float_size == size ? size
								      : 0;
		makeup->floats++;
	} else {
		makeup->others++;
	}
	if (last >= 2 * WORD || (size && size <= WORD && offset % size)) {
		makeup->is_odd = true;
		return;
	}
	for (uint64_t word = offset / WORD; word <= last / WORD; word++) {
		if (floating)
			makeup->has_float[word] = true;
		else
			makeup->has_integer[word] = true;
	}
}

static void look_at_record(struct makeup *makeup, Dwarf_Die *type,
			   uint64_t offset, unsigned depth)
{
	Dwarf_Die child, inner;

	for (int more = dwarf_child(type, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		uint64_t at = 0;
		int tag = dwarf_tag(&child);

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
		    dwarf_hasattr(&child, DW_AT_external) ||
		    !dwarf_type_die(&child, &inner))
			continue;
		dwarf_number(&child, DW_AT_data_member_location, &at);
		/* bit-fields are part of an integer, wherever they are */
		if (dwarf_hasattr(&child, DW_AT_bit_size)) {
			if (dwarf_number(&child, DW_AT_data_bit_offset, &at))
				at /= 8;
			if (offset + at < 2 * WORD)
				makeup->has_integer[(offset + at) / WORD] =
					true;
			makeup->others++;
			continue;
		}
		look_at(makeup, &inner, offset + at, depth + 1);
	}
}

static void look_at_array(struct makeup *makeup, Dwarf_Die *type,
			  uint64_t offset, unsigned depth)
{
	uint64_t size = dwarf_size_of(type), step;
	Dwarf_Die inner;

	if (!dwarf_type_die(type, &inner))
		return;
	step = dwarf_size_of(&inner);
	for (uint64_t at = 0; step && at < size && at < 2 * WORD; at += step)
		look_at(makeup, &inner, offset + at, depth + 1);
}

static void look_at(struct makeup *makeup, Dwarf_Die *type, uint64_t offset,
		    unsigned depth)
{
	if (depth > DWARF_DEPTH_MAX) {
		makeup->is_odd = true;
		return;
	}
	switch (dwarf_tag(type)) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		look_at_record(makeup, type, offset, depth);
		break;
	case DW_TAG_array_type:
		look_at_array(makeup, type, offset, depth);
		break;
	default:
		look_at_scalar(makeup, type, offset);
		break;
	}
}

static bool is_record(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_union_type;
}

/* C++ hands over objects that are not mere bytes by their address. */
static bool is_by_reference(Dwarf_Die *type)
{
	uint64_t convention;

	return is_record(type) &&
	       dwarf_number(type, DW_AT_calling_convention, &convention) &&
	       convention == DW_CC_pass_by_reference;
}

/* ---- places ---- */

static void put_register(struct argument *argument, int8_t word, uint64_t size)
{
	struct operand *piece = &argument->pieces[argument->count++];

	*piece = (struct operand){
		.kind = OPERAND_REGISTER,
		.size = WORD,
		.base = word,
		.index = NO_REGISTER,
		.scale = 1,
	};
	/* the rest of a register that holds a small number is anything */
	if (size == 1 || size == 2 || size == 4)
		piece->size = (uint8_t)size;
}

static void put_memory(struct argument *argument, int8_t word, int64_t offset)
{
	argument->pieces[argument->count++] = (struct operand){
		.kind = OPERAND_MEMORY,
		.size = WORD,
		.base = word,
		.index = NO_REGISTER,
		.scale = 1,
		.value = offset,
	};
}

static uint64_t in_words(uint64_t size)
{
	return (size + WORD - 1) / WORD;
}

#if defined(__aarch64__)

#define INTEGERS            8
#define FLOATS              8
#define STACK               31 /* the word of sp */
#define RESULT_IS_PARAMETER 0
#define ABOVE               0

static int8_t integer_register(unsigned index)
{
	return (int8_t)index;
}

static int8_t result_register(unsigned index)
{
	return (int8_t)index;
}

#else

#define INTEGERS            6
#define FLOATS              8
#define STACK               19 /* the word of rsp */
#define RESULT_IS_PARAMETER 1
#define ABOVE               8 /* the return address */

static int8_t integer_register(unsigned index)
{
	/* rdi rsi rdx rcx r8 r9 */
	static const int8_t words[INTEGERS] = { 14, 13, 12, 11, 9, 8 };

	return words[index];
}

static int8_t result_register(unsigned index)
{
	/* rax rdx */
	static const int8_t words[] = { 10, 12 };

	assert(index < ARRAY_SIZE(words)); /* else the result is elsewhere */
	return words[index];
}

#endif

static void put_on_stack(struct calling *calling, uint64_t size,
			 uint64_t alignment, struct argument *argument)
{
	if (alignment > WORD)
		calling->stack = (calling->stack + 15) / 16 * 16;
	put_memory(argument, STACK, ABOVE + calling->stack);
	calling->stack += (int64_t)(in_words(size) * WORD);
}

static void put_in_integers(struct calling *calling, uint64_t size,
			    struct argument *argument)
{
	for (uint64_t word = 0; word < in_words(size); word++)
		put_register(argument, integer_register(calling->integers++),
			     size - word * WORD);
}

static void put_address(struct calling *calling, struct argument *argument)
{
	if (calling->integers < INTEGERS)
		put_memory(argument, integer_register(calling->integers++), 0);
	else
		argument->refusal = "its address is on the stack";
}

#if defined(__aarch64__)

static void place_value(struct calling *calling, const struct makeup *makeup,
			Dwarf_Die *type, uint64_t size,
			struct argument *argument)
{
	bool is_floats = makeup->floats && makeup->floats <= 4 &&
			 !makeup->others && makeup->float_size;
	uint64_t words = in_words(size);

	if (is_floats && calling->floats + makeup->floats <= FLOATS) {
		calling->floats += makeup->floats;
		argument->refusal = REFUSAL_FLOATING;
		return;
	}
	if (is_floats) {
		calling->floats = FLOATS;
		put_on_stack(calling, size, size, argument);
		return;
	}
	if (is_record(type) && size > 2 * WORD) {
		put_address(calling, argument);
		return;
	}
	/* 16 bytes that are one number begin at an even register */
	if (!is_record(type) && words == 2)
		calling->integers += calling->integers & 1;
	if (calling->integers + words <= INTEGERS) {
		put_in_integers(calling, size, argument);
		return;
	}
	calling->integers = INTEGERS;
	put_on_stack(calling, size, is_record(type) ? WORD : size, argument);
}

#else

static void place_value(struct calling *calling, const struct makeup *makeup,
			Dwarf_Die *type, uint64_t size,
			struct argument *argument)
{
	unsigned integers = 0, floats = 0;

	(void)type;
	for (uint64_t word = 0; word < in_words(size) && word < 2; word++) {
		if (makeup->has_integer[word] || !makeup->has_float[word])
			integers++;
		else
			floats++;
	}
	if (size > 2 * WORD || makeup->is_odd || makeup->is_long_double) {
		put_on_stack(calling, size, makeup->is_long_double ? 16 : WORD,
			     argument);
		return;
	}
	if (calling->integers + integers > INTEGERS ||
	    calling->floats + floats > FLOATS) {
		put_on_stack(calling, size, WORD, argument);
		return;
	}
	calling->floats += floats;
	if (!floats) {
		put_in_integers(calling, size, argument);
		return;
	}
	calling->integers += integers;
	argument->refusal = integers ? "part of it is in a register of "
				       "floating-point numbers"
				     : REFUSAL_FLOATING;
}

#endif

void calling_next(struct calling *calling, Dwarf_Die *type,
		  struct argument *argument)
{
	struct makeup makeup = { 0 };
	uint64_t size = dwarf_size_of(type);

	if (is_by_reference(type)) {
		put_address(calling, argument);
		return;
	}
	/* in C, nothing at all travels nowhere */
	if (!size) {
		argument->refusal = "it takes no room";
		return;
	}
	look_at(&makeup, type, 0, 0);
	place_value(calling, &makeup, type, size, argument);
	if (is_float(type)) {
		argument->count = 0;
		argument->refusal = REFUSAL_FLOATING;
	}
}

/* A result that does not fit registers is written where the caller says; on
 * x86-64 that address is a first parameter nobody wrote. */
static bool is_result_elsewhere(Dwarf_Die *type)
{
	struct makeup makeup = { 0 };

	look_at(&makeup, type, 0, 0);
	return is_by_reference(type) || makeup.is_odd ||
	       dwarf_size_of(type) > 2 * WORD;
}

void calling_result(Dwarf_Die *type, struct argument *argument)
{
	struct makeup makeup = { 0 };
	uint64_t size = dwarf_size_of(type);

	if (!size) {
		argument->refusal = "it takes no room";
		return;
	}
	look_at(&makeup, type, 0, 0);
	if (makeup.floats && !makeup.others)
		argument->refusal = REFUSAL_FLOATING;
	else if (makeup.is_long_double || (makeup.floats && size <= 2 * WORD))
		argument->refusal = "part of it is in a register of "
				    "floating-point numbers";
	else if (!is_result_elsewhere(type))
		for (unsigned word = 0; word < in_words(size); word++)
			put_register(argument, result_register(word),
				     size - word * WORD);
	else if (RESULT_IS_PARAMETER)
		put_memory(argument, result_register(0), 0);
	else
		argument->refusal = "it was written where the caller wanted "
				    "it, and nobody says where that is";
}

void calling_begin(struct calling *calling, Dwarf_Die *function)
{
	Dwarf_Die type;

	*calling = (struct calling){ 0 };
	if (RESULT_IS_PARAMETER && dwarf_type_die(function, &type) &&
	    is_record(&type) && is_result_elsewhere(&type))
		calling->integers = 1;
}
