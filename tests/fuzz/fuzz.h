/*
 * What libFuzzer calls. Each target reads hostile bytes with one part of
 * etrace, the way the program would; what it finds wrong is the sanitizers'
 * and the assertions' business.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
