/*
 * Ties lexer, grammar and arena together, and feeds the grammar its words:
 * here is counted how deep brackets nest, and skipped what a syntax error has
 * made meaningless. Called by the pipeline.
 */
#include <string.h>

#include "parser/parser.h"

#include "parser/build.h"

static bool is_opening(enum token_kind kind)
{
	return kind == TOKEN_LPAREN || kind == TOKEN_LBRACKET;
}

static bool is_closing(enum token_kind kind)
{
	return kind == TOKEN_RPAREN || kind == TOKEN_RBRACKET;
}

/* Statements begin after these. */
static bool is_boundary(enum token_kind kind)
{
	return kind == TOKEN_SEMICOLON || kind == TOKEN_LBRACE ||
	       kind == TOKEN_RBRACE || kind == TOKEN_BODY ||
	       kind == TOKEN_END_BODY;
}

static void count_brackets(struct parser *parser, enum token_kind kind)
{
	if (is_opening(kind)) {
		parser->nesting++;
		parser->parens++;
	} else if (is_closing(kind)) {
		parser->nesting -= parser->nesting > 0;
		parser->parens -= parser->parens > 0;
	} else if (kind == TOKEN_LBRACE) {
		parser->nesting++;
	} else if (kind == TOKEN_RBRACE) {
		parser->nesting -= parser->nesting > 0;
	}
	if (is_boundary(kind) && !parser->is_recovering)
		parser->parens = 0;
}

static bool is_text(const struct parser *parser, struct token token, char byte)
{
	return parser->source->text[token.at.begin] == byte;
}

static void note_regions(struct parser *parser, struct token token)
{
	parser->since_body++;
	if (token.kind == TOKEN_BODY) {
		parser->is_angle = is_text(parser, token, '<');
		parser->angle_end = (struct span){ 0, 0 };
		parser->nesting = 0;
	} else if (token.kind == TOKEN_END_BODY) {
		parser->nesting = 0;
		parser->since_body = 0;
		if (parser->is_angle)
			parser->angle_end = token.at;
	} else if (token.kind == TOKEN_PREDICATE) {
		parser->predicate_at = token.at;
	}
}

static void note_statement(struct parser *parser, enum token_kind kind)
{
	if (parser->begins_statement || kind == TOKEN_PREDICATE ||
	    kind == TOKEN_ELSE)
		parser->statement = kind;
	/* after else, for the if of else if */
	parser->begins_statement = is_boundary(kind) || kind == TOKEN_ELSE;
}

/* A stray character or an open string is reported: what the grammar makes of
 * the token there, and of the next one, is no news. */
static struct token take(struct parser *parser)
{
	unsigned errors = parser->diags->errors;
	struct token token = lexer_next(parser->lexer);

	if (parser->diags->errors > errors)
		parser->suspect = 2;
	else
		parser->suspect -= parser->suspect > 0;
	parser->before = parser->token;
	parser->token = token;
	count_brackets(parser, token.kind);
	note_regions(parser, token);
	note_statement(parser, token.kind);
	return token;
}

/* From behind a '{' to behind its '}'; false if the text or body ends. */
static bool skip_block(struct parser *parser)
{
	unsigned depth = 1;
	struct token token;

	while (depth) {
		token = take(parser);
		if (token.kind == TOKEN_END_OF_FILE ||
		    token.kind == TOKEN_END_BODY)
			return false;
		if (token.kind == TOKEN_LBRACE)
			depth++;
		else if (token.kind == TOKEN_RBRACE)
			depth--;
	}
	return true;
}

/*
 * After a syntax error: the next word at which the grammar can go on, which is
 * the ';' or '}' that ends the statement. A block in between belongs to the
 * statement, and stands for its ';'.
 */
static struct token recover(struct parser *parser)
{
	struct token token = parser->token;

	for (;;) {
		if (token.kind == TOKEN_LBRACE && skip_block(parser)) {
			token = parser->token;
			token.kind = TOKEN_SEMICOLON;
			break;
		}
		token = take(parser);
		if (token.kind == TOKEN_SEMICOLON && !parser->parens)
			break;
		if (token.kind == TOKEN_RBRACE || token.kind == TOKEN_BODY ||
		    token.kind == TOKEN_END_BODY ||
		    token.kind == TOKEN_END_PREDICATE ||
		    token.kind == TOKEN_END_OF_FILE)
			break;
	}
	parser->is_recovering = false;
	parser->parens = 0;
	parser->begins_statement = true;
	return token;
}

struct token parser_next(struct parser *parser)
{
	struct token token;

	if (!parser->is_stopped)
		token = parser->is_recovering ? recover(parser) : take(parser);
	if (parser->nesting > PARSER_DEPTH_MAX) {
		build_too_deep(parser, parser->token.at);
		parser->is_stopped = true;
	}
	if (!parser->is_stopped)
		return token;
	token.kind = TOKEN_END_OF_FILE;
	token.at = parser->token.at;
	return token;
}

static void move_to(struct expr *expr, void *at)
{
	expr->at = *(const struct span *)at;
	expr_children(expr, move_to, at);
}

struct expr *parse_own_expression(struct arena *arena, const char *text,
				  struct span at)
{
	const char *whole = arena_printf(arena, "begin { $x = %s; }", text);
	struct source *source =
		source_from_text(arena, text, whole, strlen(whole));
	struct diags *diags = diags_new(arena, source);
	struct program *program = parse_program(arena, source, diags);
	struct expr *expr;

	assert(!diags->errors);
	expr = program->clauses->body->first->assign.value;
	move_to(expr, &at);
	return expr;
}

/* Spans of a text that stands `behind` bytes later in another one. */
struct shift {
	uint32_t from, to;
};

static void shift_span(struct expr *expr, void *data)
{
	const struct shift *shift = data;

	expr->at.begin = expr->at.begin - shift->from + shift->to;
	expr->at.end = expr->at.end - shift->from + shift->to;
	if (expr->kind == EXPR_FIELD)
		expr->field.name_at = expr->at;
	else if (expr->kind == EXPR_CALL)
		expr->call.name_at = expr->at;
	expr_children(expr, shift_span, data);
}

/* The text of a span; lines joined by a backslash become one. */
static char *slice_text(struct arena *arena, const struct source *source,
			struct span at)
{
	char *text = arena_strndup(arena, source->text + at.begin,
				   at.end - at.begin);

	for (char *c = text; *c; c++)
		if (c[0] == '\\' && (c[1] == '\n' || c[1] == '\r'))
			c[0] = c[1] = ' ';
	return text;
}

struct expr *parse_slice(struct arena *arena, const struct source *source,
			 struct span at)
{
	static const char before[] = "begin { $x = ";
	const char *text = arena_printf(arena, "%s%s\n; }", before,
					slice_text(arena, source, at));
	struct shift shift = { sizeof(before) - 1, at.begin };
	struct source *slice =
		source_from_text(arena, source->name, text, strlen(text));
	struct diags *diags = diags_new(arena, slice);
	struct program *program = parse_program(arena, slice, diags);
	const struct clause *clause = program->clauses;
	struct expr *expr;

	if (diags->errors || !clause || clause->next || !clause->body->first ||
	    clause->body->first->next ||
	    clause->body->first->kind != STMT_ASSIGN)
		return NULL;
	expr = clause->body->first->assign.value;
	shift_span(expr, &shift);
	return expr;
}

struct program *parse_program(struct arena *arena, struct source *source,
			      struct diags *diags)
{
	struct program *program = ARENA_NEW(arena, struct program);
	struct parser parser = {
		.arena = arena,
		.source = source,
		.diags = diags,
		.program = program,
		.last_clause = &program->clauses,
		.last_config = &program->config,
		.last_declaration = &program->declarations,
		.last_type = &program->types,
	};
	struct diag *diag;

	parser.lexer = lexer_open(arena, source, diags);
	grammar_parse(&parser);
	program->defines = lexer_defines(parser.lexer);
	build_constants(&parser);
	lexer_close(parser.lexer);
	if (program->clauses || diags->errors)
		return program;
	diag = diag_error(diags, E_NO_PROBES, (struct span){ 0, 0 },
			  "the program has no probe");
	diag_hint(diags, diag,
		  "a probe is what to watch and what to do then: "
		  "BEGIN { printf(\"hello\\n\"); }");
	return program;
}
