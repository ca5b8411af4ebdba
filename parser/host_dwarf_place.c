/*
 * DWARF expressions, as far as they say where a parameter is: a register, two
 * of them, memory at a distance from one, or a constant. Called by
 * host_dwarf.c.
 */
#include "parser/host_dwarf.h"

#if defined(__aarch64__)

int8_t dwarf_register(uint64_t number)
{
	if (number > 31)
		return NO_REGISTER;
	return (int8_t)number;
}

bool dwarf_register_is_float(uint64_t number)
{
	return number >= 64 && number <= 95;
}

#else

/* rax rdx rcx rbx rsi rdi rbp rsp r8 … r15 */
int8_t dwarf_register(uint64_t number)
{
	static const int8_t words[] = { 10, 12, 11, 5, 13, 14, 4, 19,
					9,  8,  7,  6, 3,  2,  1, 0 };

	if (number >= ARRAY_SIZE(words))
		return NO_REGISTER;
	return words[number];
}

bool dwarf_register_is_float(uint64_t number)
{
	return number >= 17 && number <= 40;
}

#endif

/* DW_OP_reg0 … or DW_OP_regx. */
static bool read_register(const Dwarf_Op *op, uint64_t *number)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		*number = op->atom - DW_OP_reg0;
	else if (op->atom == DW_OP_regx)
		*number = op->number;
	else
		return false;
	return true;
}

/* DW_OP_breg0 … or DW_OP_bregx: a register and a distance. */
static bool read_base(const Dwarf_Op *op, uint64_t *number, int64_t *distance)
{
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
		*number = op->atom - DW_OP_breg0;
		*distance = (int64_t)op->number;
	} else if (op->atom == DW_OP_bregx) {
		*number = op->number;
		*distance = (int64_t)op->number2;
	} else {
		return false;
	}
	return true;
}

static bool read_constant(const Dwarf_Op *op, int64_t *value)
{
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
		*value = op->atom - DW_OP_lit0;
		return true;
	}
	switch (op->atom) {
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts:
		*value = (int64_t)op->number;
		return true;
	default:
		return false;
	}
}

static bool put(struct argument *argument, enum operand_kind kind,
		uint64_t number, int64_t value)
{
	struct operand *piece = &argument->pieces[argument->count];

	*piece = (struct operand){
		.kind = kind,
		.size = 8,
		.base = NO_REGISTER,
		.index = NO_REGISTER,
		.scale = 1,
		.value = value,
	};
	if (kind != OPERAND_CONSTANT)
		piece->base = dwarf_register(number);
	if (kind != OPERAND_CONSTANT && piece->base == NO_REGISTER) {
		argument->count = 0;
		if (dwarf_register_is_float(number))
			argument->refusal = REFUSAL_FLOATING;
		return false;
	}
	if (kind != OPERAND_MEMORY && argument->type->size < 8)
		piece->size = argument->type->size >= 4   ? 4
			      : argument->type->size >= 2 ? 2
							  : 1;
	argument->count++;
	return true;
}

/* reg, piece 8, reg, piece 8 */
static bool put_pieces(const Dwarf_Op *ops, size_t count,
		       struct argument *argument)
{
	uint64_t number;

	if (count != 4 || !read_register(&ops[0], &number) ||
	    ops[1].atom != DW_OP_piece || ops[1].number != 8)
		return false;
	if (!put(argument, OPERAND_REGISTER, number, 0))
		return false;
	if (read_register(&ops[2], &number) && ops[3].atom == DW_OP_piece &&
	    put(argument, OPERAND_REGISTER, number, 0))
		return true;
	argument->count = 0;
	return false;
}

static bool put_place(const Dwarf_Op *ops, size_t count,
		      struct argument *argument)
{
	bool is_value = count == 2 && ops[1].atom == DW_OP_stack_value;
	bool is_small = argument->type->size <= 8;
	uint64_t number;
	int64_t value;

	if (count == 1 && read_register(&ops[0], &number))
		return is_small ? put(argument, OPERAND_REGISTER, number, 0)
				: false;
	if (count == 1 && read_base(&ops[0], &number, &value))
		return put(argument, OPERAND_MEMORY, number, value);
	if (is_value && is_small && read_base(&ops[0], &number, &value))
		return put(argument, OPERAND_REGISTER, number, value);
	if (is_value && is_small && read_constant(&ops[0], &value))
		return put(argument, OPERAND_CONSTANT, 0, value);
	return put_pieces(ops, count, argument);
}

bool dwarf_place(Dwarf_Die *variable, uint64_t address,
		 struct argument *argument)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;

	if (!dwarf_attr_integrate(variable, DW_AT_location, &attribute) ||
	    dwarf_getlocation_addr(&attribute, address, &ops, &count, 1) != 1)
		return false;
	return put_place(ops, count, argument);
}
