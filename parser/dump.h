/*
 * Text forms of tokens and tree for --dump: indented, stable, made to be
 * compared line by line.
 */
#ifndef PARSER_DUMP_H
#define PARSER_DUMP_H

#include "lexer/diag.h"
#include "parser/ast.h"

/* One line per token: LINE:COLUMN NAME text. */
void dump_tokens(FILE *out, struct arena *arena, struct source *source,
		 struct diags *diags);

/* The tree; with each expression's type after a ':' once checked. */
void dump_program(FILE *out, struct arena *arena,
		  const struct program *program);

#endif
