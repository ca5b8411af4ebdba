/*
 * Constructors of types as the program spells them. Does not know which types
 * exist. Called by grammar.y.
 */
#include <string.h>

#include "parser/build.h"

/* Of types of several words; C has four at most. */
#define TYPE_BYTES_MAX 128

struct type_name *build_type(struct parser *parser, const char *keyword,
			     struct token name)
{
	struct type_name *type = ARENA_NEW(parser->arena, struct type_name);

	type->keyword = keyword;
	type->name = token_text(parser->arena, parser->source, name);
	type->at = name.at;
	return type;
}

struct type_name *build_typeof(struct parser *parser, struct token word,
			       struct expr *of, struct span at)
{
	struct type_name *type = build_type(parser, NULL, word);

	if (strcmp(type->name, "typeof") != 0)
		diag_error(parser->diags, E_SYNTAX, word.at,
			   "the type '%s' takes no value in parentheses",
			   type->name);
	type->name = NULL;
	type->of = of;
	type->at = at;
	return type;
}

struct type_name *build_type_word(struct parser *parser, struct type_name *type,
				  struct token word)
{
	type->at = span_join(type->at, word.at);
	if (strlen(type->name) > TYPE_BYTES_MAX)
		build_too_deep(parser, type->at);
	else
		type->name = arena_printf(
			parser->arena, "%s %s", type->name,
			token_text(parser->arena, parser->source, word));
	return type;
}

struct type_name *build_pointer(struct parser *parser, struct type_name *type,
				struct span at)
{
	static const unsigned pointers_max = 8;

	type->at = at;
	if (type->pointers < pointers_max)
		type->pointers++;
	else
		build_too_deep(parser, at);
	return type;
}

struct type_name *build_array(struct parser *parser, struct type_name *type,
			      const struct token *size, struct span at)
{
	struct integer integer = { 0 };

	type->at = at;
	if (type->dimension_count == ARRAY_SIZE(type->dimensions)) {
		build_too_deep(parser, at);
		return type;
	}
	if (size &&
	    token_integer(parser->source, *size, parser->diags, &integer) &&
	    (!integer.value || integer.value > INT32_MAX)) {
		diag_error(parser->diags, E_RANGE, size->at,
			   "an array has at least 1 and at most %d elements",
			   INT32_MAX);
		integer.value = 1;
	}
	type->dimensions[type->dimension_count++] = (uint32_t)integer.value;
	return type;
}
