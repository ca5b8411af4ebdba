/*
 * Any bytes are a program text: the lexer must come to the end of them, and
 * each token must lie inside of the text, behind the one before.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>

#include "lexer/lexer.h"

static void read_value(struct arena *arena, const struct source *source,
		       struct token token, struct diags *diags)
{
	struct integer integer;
	size_t length;

	if (token.kind == TOKEN_INTEGER)
		token_integer(source, token, diags, &integer);
	else if (token.kind == TOKEN_STRING)
		token_string(arena, source, token, diags, &length);
	else
		token_text(arena, source, token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct source *source;
	struct diags *diags;
	struct lexer *lexer;
	struct token token;
	uint32_t end = 0;

	source = source_from_text(arena, "fuzz", (const char *)data, size);
	diags = diags_new(arena, source);
	lexer = lexer_open(arena, source, diags);
	while ((token = lexer_next(lexer)).kind != TOKEN_END_OF_FILE) {
		assert(token.at.begin >= end && token.at.begin <= token.at.end);
		assert(token.at.end <= size);
		end = token.at.end;
		read_value(arena, source, token, diags);
	}
	lexer_close(lexer);
	arena_free(arena);
	return 0;
}
