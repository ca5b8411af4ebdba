/*
 * Makes the calls that emit_kernel_call() left in an object what the kernel
 * knows them as. Called by object.c.
 */
#ifndef CODEGEN_KERNEL_CALL_H
#define CODEGEN_KERNEL_CALL_H

#include <stdint.h>

void bind_kernel_calls(uint8_t *object);

#endif
