/*
 * Any bytes through lexer and grammar, and what was understood out again as a
 * dump; messages are laid out as well. Bodies are copied and searched, as the
 * checker does.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "parser/dump.h"
#include "parser/parser.h"

static void copy_bodies(struct arena *arena, struct program *program)
{
	struct clause *clause;

	for (clause = program->clauses; clause; clause = clause->next) {
		clause->body = block_clone(arena, clause->body);
		if (clause->predicate)
			clause->predicate =
				expr_clone(arena, clause->predicate);
		clause_uses_name(clause, "arg");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct arena *arena = arena_new();
	struct program *program;
	struct source *source;
	struct diags *diags;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	source = source_from_text(arena, "fuzz", (const char *)data, size);
	diags = diags_new(arena, source);
	program = parse_program(arena, source, diags);
	copy_bodies(arena, program);
	dump_program(nowhere, arena, program);
	diags_print(diags, nowhere, true, true);
	arena_free(arena);
	return 0;
}
