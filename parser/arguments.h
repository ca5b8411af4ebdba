/*
 * Where the arguments of a user probe are when it fires: in registers, in the
 * memory of the process, or known beforehand. Found by usdt_args.c and
 * host_dwarf.c, read by codegen/.
 */
#ifndef PARSER_ARGUMENTS_H
#define PARSER_ARGUMENTS_H

#include "parser/types.h"

enum operand_kind {
	OPERAND_CONSTANT, /* value */
	OPERAND_REGISTER, /* base, shifted right, + value */
	OPERAND_MEMORY,   /* at base + index * scale + value */
};

enum extension { EXTEND_NOT, EXTEND_UNSIGNED, EXTEND_SIGNED };

#define NO_REGISTER ((int8_t)-1)

struct operand {
	enum operand_kind kind;
	uint8_t size; /* bytes that count: 1, 2, 4, 8 */
	bool is_signed;
	int8_t base, index; /* 8-byte words of struct pt_regs, or NO_REGISTER */
	uint8_t shift;      /* of a register: 8 for %ah */
	uint8_t scale;      /* of the index */
	enum extension extension; /* of the index, from 32 bits */
	int64_t value;
	/* the address of this is to be added to `value`; NULL once done */
	const char *symbol;
};

/* The most registers one value travels in. */
#define PIECES_MAX 2

struct argument {
	const char *name; /* "arg0", or what the source calls it */
	const struct type *type;
	/* of 8 bytes each but the last; or the memory of the whole value */
	struct operand pieces[PIECES_MAX];
	unsigned count;      /* 0: it cannot be read */
	const char *refusal; /* why it cannot: "it is a ..." */
};

struct arguments {
	struct argument *items;
	size_t count;
};

/* Can one program read both? NULL is no arguments. */
bool arguments_equal(const struct arguments *a, const struct arguments *b);

#endif
