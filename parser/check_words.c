/*
 * Numbers with names beside a literal name: signal_name(n) == "SIGKILL" is a
 * comparison of two numbers. Called by check_expr.c for both sides of an
 * operator.
 */
#include "parser/checker.h"
#include "parser/word_types.h"

/* Makes the literal the number of which it is the name. */
static void match_word(struct checker *checker, const struct expr *number,
		       struct expr *literal)
{
	const struct type *type = number->type;
	struct nearest nearest;
	struct diag *diag;
	int64_t value;

	if (type->kind != TYPE_ENUM || literal->kind != EXPR_STRING)
		return;
	complete_value(checker, type);
	/* Enums of the kernel are complete in the last pass only: until then
	 * the two are not compared. */
	if (enumerator_find(type, literal->string.text, &value)) {
		fold_integer(literal, type, (uint64_t)value);
		return;
	}
	if (!type->count || !checker->final)
		return;
	diag = check_error(checker, E_UNKNOWN_NAME, literal->at,
			   "%s has no value \"%s\"",
			   type->is_argument ? "it" : spell(checker, type),
			   literal->string.text);
	nearest_begin(&nearest, literal->string.text);
	for (uint32_t i = 0; i < type->count; i++)
		nearest_consider(&nearest, type->enumerators[i].name);
	check_nearest(checker, diag, &nearest);
	fold_integer(literal, type, 0);
}

void check_words(struct checker *checker, struct expr *left, struct expr *right)
{
	match_word(checker, left, right);
	match_word(checker, right, left);
}
