/*
 * printf: a format of the program against the slots of a record. A format is
 * planned once, with the types of its values, so that printing an event
 * neither allocates nor looks anything up. Called by actions.c.
 */
#ifndef RUNTIME_FORMAT_PRINT_H
#define RUNTIME_FORMAT_PRINT_H

#include "parser/format.h"
#include "runtime/value_print.h"

struct format_plan;

/*
 * Borrows the format and the types of its `count` slots. NULL when out of
 * memory or when the format takes more values than there are.
 */
struct format_plan *format_plan_new(const struct format *format,
				    const struct type *const *types,
				    uint32_t count);
void format_plan_free(struct format_plan *plan);

/* The record's slots are valid for the plan's types. */
void format_print(struct render *render, const struct format_plan *plan,
		  const struct record_view *record);

/*
 * One integer as C's printf would, its 64 bits whole unless piece->bytes says
 * otherwise. `width` and `precision` are those of the piece or of its stars.
 */
void format_integer(struct output *output, const struct format_piece *piece,
		    int64_t width, int64_t precision, uint64_t value);

#endif
