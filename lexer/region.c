/*
 * Where in the program the scan is, and what brackets, slashes and words mean
 * there. Knows no patterns and no grammar. Called by the rules of lexer.l.
 */
#include "lexer/region.h"

#include <string.h>

static const char *token_begin(const struct lexer *lexer)
{
	return lexer->source->text + lexer->token.at.begin;
}

static size_t token_length(const struct lexer *lexer)
{
	return lexer->token.at.end - lexer->token.at.begin;
}

static bool token_is(const struct lexer *lexer, const char *text)
{
	return token_length(lexer) == strlen(text) &&
	       !memcmp(token_begin(lexer), text, token_length(lexer));
}

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/* The source is NUL-terminated, so that one byte ahead can be looked at. */
uint32_t region_peek(const struct lexer *lexer, uint32_t offset)
{
	const char *text = lexer->source->text;
	uint32_t size = lexer->end;
	const char *end;

	for (;;) {
		while (offset < size && is_blank(text[offset]))
			offset++;
		if (offset + 1 >= size || text[offset] != '/')
			return offset;
		if (text[offset + 1] == '/') {
			end = memchr(text + offset, '\n', size - offset);
			offset = end ? (uint32_t)(end - text) : size;
		} else if (text[offset + 1] == '*') {
			end = memmem(text + offset + 2, size - offset - 2, "*/",
				     2);
			offset = end ? (uint32_t)(end + 2 - text) : size;
		} else {
			return offset;
		}
	}
}

/* ---- outside ---- */

static bool is_plain_name(const struct lexer *lexer)
{
	const char *text = token_begin(lexer);
	size_t i;

	for (i = 0; i < token_length(lexer); i++)
		if (!is_name_byte(text[i]))
			return false;
	return true;
}

enum token_kind region_outside_word(struct lexer *lexer)
{
	const char *text = lexer->source->text;
	uint32_t next;

	stray_check_word(lexer);
	lexer->expects_config = false;
	if (!is_plain_name(lexer))
		return TOKEN_ATTACH_POINT;
	next = region_peek(lexer, lexer->token.at.end);
	if (token_is(lexer, "let") &&
	    (text[next] == '@' || text[next] == '$')) {
		lexer->region = REGION_DECLARE;
		return TOKEN_LET;
	}
	if (text[next] != '=' || text[next + 1] == '=')
		return TOKEN_ATTACH_POINT;
	if (!token_is(lexer, "config"))
		return TOKEN_PROBE_NAME;
	lexer->expects_config = true;
	return TOKEN_CONFIG;
}

/* ---- brackets ---- */

static enum token_kind open_body(struct lexer *lexer, char bracket)
{
	lexer->region = REGION_BODY;
	lexer->is_angle = bracket == '<';
	lexer->opened_at = lexer->token.at.begin;
	lexer->bracket_count = 0;
	if (!lexer->expects_config)
		return TOKEN_BODY;
	lexer->expects_config = false;
	lexer->region = REGION_CONFIG;
	lexer->is_angle = false;
	return TOKEN_LBRACE;
}

static bool is_inside(const struct lexer *lexer)
{
	return lexer->region == REGION_BODY || lexer->region == REGION_CONFIG;
}

enum token_kind region_open(struct lexer *lexer, char bracket)
{
	struct bracket opened = { bracket, lexer->token.at.begin };

	/* No predicate and no declaration holds a brace: its end is missing. */
	if (lexer->region == REGION_OUTSIDE ||
	    (bracket == '{' && !is_inside(lexer)))
		return open_body(lexer, bracket);
	ARENA_PUSH(lexer->arena, lexer->brackets, lexer->bracket_count,
		   lexer->bracket_room, opened);
	switch (bracket) {
	case '(':
		return TOKEN_LPAREN;
	case '[':
		return TOKEN_LBRACKET;
	default:
		return TOKEN_LBRACE;
	}
}

static enum token_kind close_region(struct lexer *lexer)
{
	bool is_config = lexer->region == REGION_CONFIG;

	lexer->region = REGION_OUTSIDE;
	lexer->bracket_count = 0;
	return is_config ? TOKEN_RBRACE : TOKEN_END_BODY;
}

/* A '}' closes its '{' even when a '(' between the two was forgotten. */
static enum token_kind close_brace(struct lexer *lexer)
{
	size_t i;

	for (i = lexer->bracket_count; i > 0; i--) {
		if (lexer->brackets[i - 1].kind == '{') {
			lexer->bracket_count = i - 1;
			return TOKEN_RBRACE;
		}
	}
	if (is_inside(lexer) && !lexer->is_angle)
		return close_region(lexer);
	return TOKEN_RBRACE;
}

enum token_kind region_close(struct lexer *lexer, char bracket)
{
	char opening = bracket == ')' ? '(' : '[';

	if (bracket == '}')
		return close_brace(lexer);
	if (lexer->bracket_count &&
	    lexer->brackets[lexer->bracket_count - 1].kind == opening)
		lexer->bracket_count--;
	return bracket == ')' ? TOKEN_RPAREN : TOKEN_RBRACKET;
}

enum token_kind region_greater(struct lexer *lexer)
{
	if (lexer->region == REGION_BODY && lexer->is_angle &&
	    !lexer->bracket_count)
		return close_region(lexer);
	return TOKEN_GREATER;
}

/* No expression begins with '{' or '<': before them a '/' divides nothing. */
enum token_kind region_slash(struct lexer *lexer)
{
	uint32_t next;

	if (lexer->region != REGION_PREDICATE)
		return TOKEN_DIV;
	next = region_peek(lexer, lexer->token.at.end);
	if (lexer->source->text[next] != '{' &&
	    lexer->source->text[next] != '<')
		return TOKEN_DIV;
	lexer->region = REGION_OUTSIDE;
	lexer->bracket_count = 0;
	return TOKEN_END_PREDICATE;
}

enum token_kind region_semicolon(struct lexer *lexer)
{
	if (lexer->region == REGION_DECLARE) {
		lexer->region = REGION_OUTSIDE;
		lexer->bracket_count = 0;
	}
	return TOKEN_SEMICOLON;
}

/* ---- words ---- */

static bool after_dot(const struct lexer *lexer)
{
	return lexer->previous == TOKEN_DOT || lexer->previous == TOKEN_ARROW;
}

/* In `(name *)`, and with more stars, the name is a type. */
static bool is_pointer_cast(const struct lexer *lexer)
{
	const char *text = lexer->source->text;
	uint32_t at = lexer->token.at.end;
	bool has_star = false;

	if (lexer->previous != TOKEN_LPAREN)
		return false;
	while (is_blank(text[at]) || text[at] == '*')
		has_star |= text[at++] == '*';
	return has_star && text[at] == ')';
}

static bool is_declared_type(const struct lexer *lexer)
{
	const struct unit *unit = lexer->unit;

	for (size_t i = 0; i < unit->type_count; i++)
		if (token_is(lexer, unit->types[i]))
			return true;
	return false;
}

void lexer_declare_type(struct lexer *lexer, const char *name)
{
	struct unit *unit = lexer->unit;

	ARENA_PUSH(lexer->arena, unit->types, unit->type_count, unit->type_room,
		   name);
}

enum token_kind region_word(struct lexer *lexer)
{
	enum token_kind kind;

	if (after_dot(lexer) || lexer->previous == TOKEN_STRUCT ||
	    lexer->previous == TOKEN_UNION || lexer->previous == TOKEN_ENUM)
		return TOKEN_IDENTIFIER;
	kind = word_kind(token_begin(lexer), token_length(lexer));
	if (kind == TOKEN_IDENTIFIER &&
	    (is_pointer_cast(lexer) || is_declared_type(lexer)))
		return TOKEN_TYPE_NAME;
	return kind;
}

enum token_kind region_number(struct lexer *lexer)
{
	const char *text = token_begin(lexer);
	size_t i;

	if (lexer->previous != TOKEN_DOT)
		return TOKEN_INTEGER;
	for (i = 0; i < token_length(lexer); i++)
		if (text[i] < '0' || text[i] > '9')
			return TOKEN_INTEGER;
	return TOKEN_TUPLE_FIELD;
}

bool region_after_value(const struct lexer *lexer)
{
	static const enum token_kind values[] = {
		TOKEN_INTEGER,   TOKEN_STRING,      TOKEN_IDENTIFIER,
		TOKEN_VARIABLE,  TOKEN_PARAMETER,   TOKEN_PARAMETERS,
		TOKEN_MAP,       TOKEN_TUPLE_FIELD, TOKEN_RPAREN,
		TOKEN_RBRACKET,  TOKEN_TRUE,        TOKEN_FALSE,
		TOKEN_INCREMENT, TOKEN_DECREMENT,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (lexer->previous == values[i])
			return true;
	return false;
}

/* ---- the end ---- */

void region_end(struct lexer *lexer)
{
	struct span at = { lexer->opened_at, lexer->opened_at + 1 };
	struct position inner;
	struct diag *diag;
	size_t i;

	lexer->at_end = true;
	lexer->token.at.begin = lexer->token.at.end = lexer->end;
	directive_end(lexer);
	if (!is_inside(lexer))
		return;
	diag = diag_error(lexer->diags, E_OPEN_BODY, at,
			  "the '%c' that opens this %s is never closed",
			  lexer->is_angle ? '<' : '{',
			  lexer->region == REGION_CONFIG ? "block" : "body");
	if (lexer->is_angle)
		diag_hint(lexer->diags, diag,
			  "close it with '>', outside all parentheses");
	for (i = lexer->bracket_count; i > 0; i--) {
		if (lexer->brackets[i - 1].kind != '{' && !lexer->is_angle)
			continue;
		inner = source_position(lexer->source,
					lexer->brackets[i - 1].at);
		diag_hint(lexer->diags, diag,
			  "the '%c' at line %u, column %u is still open, too",
			  lexer->brackets[i - 1].kind, inner.line,
			  inner.column);
		return;
	}
}
