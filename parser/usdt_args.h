/*
 * How static probes describe their arguments: "-4@%edi 8@-16(%rbp)", as the
 * assembler wrote it. Knows two machines' spellings; reads no file. Called by
 * host_usdt.c.
 */
#ifndef PARSER_USDT_ARGS_H
#define PARSER_USDT_ARGS_H

#include "lexer/arena.h"
#include "parser/arguments.h"

enum machine { MACHINE_X86_64, MACHINE_AARCH64 };

#if defined(__aarch64__)
#define MACHINE_OWN MACHINE_AARCH64
#else
#define MACHINE_OWN MACHINE_X86_64
#endif

/* More are not looked at. */
#define USDT_ARGS_MAX 64

/*
 * Never fails: an argument that is not understood has no pieces and a refusal.
 * Operands may have symbols left to resolve.
 */
const struct arguments *usdt_args_parse(struct arena *arena,
					enum machine machine, const char *text);

/* The word of pt_regs that is the address of the probed instruction. */
int8_t machine_ip(enum machine machine);

#endif
