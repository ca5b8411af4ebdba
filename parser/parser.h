/*
 * Program text to tree: ties lexer, grammar and arena together. Knows nothing
 * of types, probes or the machine.
 */
#ifndef PARSER_PARSER_H
#define PARSER_PARSER_H

#include "lexer/diag.h"
#include "parser/ast.h"

/* Expressions and blocks nest no deeper. */
#define PARSER_DEPTH_MAX 512

/*
 * Never NULL: with errors reported to `diags` the tree holds what could be
 * understood (syntax errors resume at the next statement or probe).
 */
struct program *parse_program(struct arena *arena, struct source *source,
			      struct diags *diags);

/* The expression that is a part of the source; NULL if it is none. Reports
 * nothing. */
struct expr *parse_slice(struct arena *arena, const struct source *source,
			 struct span at);

/* One expression of the language's own, as a table spells it, every node of it
 * at `at`; it is written correctly. */
struct expr *parse_own_expression(struct arena *arena, const char *text,
				  struct span at);

#endif
