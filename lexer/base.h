/*
 * The handful of macros every room may use, and nothing else ever.
 */
#ifndef LEXER_BASE_H
#define LEXER_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The compiler checks arguments from `first` on against format number `n`. */
#define PRINTF(n, first) __attribute__((format(printf, n, first)))

/* After a switch that handles every enumerator. */
#define unreachable() __builtin_unreachable()

#endif
