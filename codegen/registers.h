/*
 * Where struct pt_regs keeps what probes ask for, for the machine etrace was
 * built for (arch/x86/include/asm/ptrace.h, arch/arm64/include/asm/ptrace.h).
 * The context of uprobes, and the start of that of perf events, is a pt_regs.
 */
#ifndef CODEGEN_REGISTERS_H
#define CODEGEN_REGISTERS_H

#include "lexer/base.h"

#if defined(__x86_64__)
/* rdi rsi rdx rcx r8 r9, then the stack above the return address */
static const uint16_t register_arguments[] = { 112, 104, 96, 88, 72, 64 };
#define REGISTER_RETURN 80 /* rax */
#define REGISTER_IP     128
#define REGISTER_SP     152
#define REGISTER_MODE   136 /* cs */
#define MODE_USER       3   /* any bit: user mode */
#define STACK_ARGUMENTS 8
#elif defined(__aarch64__)
static const uint16_t register_arguments[] = { 0, 8, 16, 24, 32, 40, 48, 56 };
#define REGISTER_RETURN 0
#define REGISTER_IP     256
#define REGISTER_SP     248
#define REGISTER_MODE   264 /* pstate */
#define MODE_MASK       15  /* zero: user mode */
#define STACK_ARGUMENTS 0
#else
#error "etrace does not know this machine's registers"
#endif

#endif
