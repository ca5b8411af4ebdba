/*
 * Whether two probes have their arguments in the same places. Called by
 * probe_expand.c.
 */
#include "parser/arguments.h"

#include <string.h>

static bool operands_equal(const struct operand *a, const struct operand *b)
{
	return a->kind == b->kind && a->size == b->size &&
	       a->is_signed == b->is_signed && a->base == b->base &&
	       a->index == b->index && a->shift == b->shift &&
	       a->scale == b->scale && a->extension == b->extension &&
	       a->value == b->value;
}

static bool argument_equal(const struct argument *a, const struct argument *b)
{
	if (a->count != b->count || !type_equal(a->type, b->type))
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!operands_equal(&a->pieces[i], &b->pieces[i]))
			return false;
	return true;
}

bool arguments_equal(const struct arguments *a, const struct arguments *b)
{
	size_t count = a ? a->count : 0;

	if (count != (b ? b->count : 0))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!argument_equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}
