/*
 * Reports of syntax errors: what was expected in the user's words, and what
 * people usually meant. Knows the grammar's mistakes, not its rules. Called by
 * the grammar when it cannot go on.
 */
#include <string.h>

#include "parser/build.h"

#define EXPECTED_MAX 5
#define ERRORS_MAX   50
#define TEXT_SHOWN   40

static bool contains(const enum token_kind *kinds, size_t count,
		     enum token_kind kind)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

#define CONTAINS(kinds, kind) contains(kinds, ARRAY_SIZE(kinds), kind)

/* Words that can follow any complete value: to list them helps nobody. */
static const enum token_kind after_value[] = {
	TOKEN_LPAREN,        TOKEN_LBRACKET,    TOKEN_QUESTION,
	TOKEN_DOT,           TOKEN_ARROW,       TOKEN_ASSIGN,
	TOKEN_ADD_ASSIGN,    TOKEN_SUB_ASSIGN,  TOKEN_MUL_ASSIGN,
	TOKEN_DIV_ASSIGN,    TOKEN_MOD_ASSIGN,  TOKEN_AND_ASSIGN,
	TOKEN_OR_ASSIGN,     TOKEN_XOR_ASSIGN,  TOKEN_SHL_ASSIGN,
	TOKEN_SHR_ASSIGN,    TOKEN_INCREMENT,   TOKEN_DECREMENT,
	TOKEN_LOGICAL_OR,    TOKEN_LOGICAL_AND, TOKEN_OR,
	TOKEN_XOR,           TOKEN_AND,         TOKEN_EQUAL,
	TOKEN_NOT_EQUAL,     TOKEN_MATCH,       TOKEN_NOT_MATCH,
	TOKEN_LESS,          TOKEN_GREATER,     TOKEN_LESS_EQUAL,
	TOKEN_GREATER_EQUAL, TOKEN_SHL,         TOKEN_SHR,
	TOKEN_ADD,           TOKEN_SUB,         TOKEN_MUL,
	TOKEN_DIV,           TOKEN_MOD,
};

static const enum token_kind value_begins[] = {
	TOKEN_INTEGER,      TOKEN_STRING,    TOKEN_IDENTIFIER,
	TOKEN_VARIABLE,     TOKEN_PARAMETER, TOKEN_PARAMETERS,
	TOKEN_MAP,          TOKEN_TRUE,      TOKEN_FALSE,
	TOKEN_SIZEOF,       TOKEN_OFFSETOF,  TOKEN_LPAREN,
	TOKEN_CONTAINER_OF, TOKEN_SUB,       TOKEN_NOT,
	TOKEN_COMPLEMENT,   TOKEN_MUL,       TOKEN_AND,
	TOKEN_INCREMENT,    TOKEN_DECREMENT,
};

static const enum token_kind statement_begins[] = {
	TOKEN_IF,     TOKEN_FOR,       TOKEN_WHILE,  TOKEN_UNROLL,
	TOKEN_BREAK,  TOKEN_CONTINUE,  TOKEN_RETURN, TOKEN_LET,
	TOKEN_LBRACE, TOKEN_SEMICOLON,
};

static const enum token_kind type_begins[] = {
	TOKEN_TYPE_NAME,
	TOKEN_STRUCT,
	TOKEN_UNION,
	TOKEN_ENUM,
};

static const enum token_kind probe_begins[] = {
	TOKEN_ATTACH_POINT, TOKEN_PROBE_NAME,  TOKEN_CONFIG,
	TOKEN_LET,          TOKEN_DECLARATION, TOKEN_END_OF_FILE,
};

/* Those that are most often missing come first. */
static const enum token_kind punctuation[] = {
	TOKEN_BODY,       TOKEN_LBRACE,    TOKEN_SEMICOLON,     TOKEN_COMMA,
	TOKEN_ELSE_PROBE, TOKEN_PREDICATE, TOKEN_COLON,         TOKEN_RANGE,
	TOKEN_RPAREN,     TOKEN_RBRACKET,  TOKEN_END_PREDICATE, TOKEN_RBRACE,
	TOKEN_END_BODY,
};

/* ---- what was expected ---- */

struct words {
	const char *items[EXPECTED_MAX + 1];
	size_t count;
};

static void add_word(struct words *words, const char *word)
{
	if (words->count < ARRAY_SIZE(words->items))
		words->items[words->count++] = word;
}

static const char *spelling(const struct parser *parser, enum token_kind kind)
{
	if (kind == TOKEN_END_BODY && parser->is_angle)
		return "'>'";
	return token_spelling(kind);
}

/*
 * Groups are named as such: a probe, a statement, a value, a type. What goes
 * without saying is left out: operators after a value, the types of casts.
 */
static struct words describe(const struct parser *parser,
			     const enum token_kind *expected, size_t count)
{
	bool probe = contains(expected, count, TOKEN_CONFIG);
	bool statement = contains(expected, count, TOKEN_IF) &&
			 contains(expected, count, TOKEN_LET);
	bool value = contains(expected, count, TOKEN_INTEGER) &&
		     contains(expected, count, TOKEN_LPAREN);
	bool complete = contains(expected, count, TOKEN_ADD);
	bool type = contains(expected, count, TOKEN_STRUCT);
	struct words words = { 0 };
	size_t i;

	if (probe)
		add_word(&words, "a probe");
	else if (statement)
		add_word(&words, "a statement");
	else if (value)
		add_word(&words, "a value");
	else if (type)
		add_word(&words, "a type");
	for (i = 0; i < ARRAY_SIZE(punctuation); i++) {
		if (!contains(expected, count, punctuation[i]) ||
		    (statement && CONTAINS(statement_begins, punctuation[i])))
			continue;
		add_word(&words, spelling(parser, punctuation[i]));
	}
	for (i = 0; i < count; i++) {
		if (CONTAINS(punctuation, expected[i]) ||
		    (complete && CONTAINS(after_value, expected[i])) ||
		    (probe && CONTAINS(probe_begins, expected[i])) ||
		    (value && CONTAINS(value_begins, expected[i])) ||
		    (statement && CONTAINS(statement_begins, expected[i])) ||
		    (type && CONTAINS(type_begins, expected[i])))
			continue;
		add_word(&words, spelling(parser, expected[i]));
	}
	return words;
}

/* "a, b or c"; "" if there are too many to help. */
static const char *join(struct arena *arena, const struct words *words)
{
	const char *text = "";
	size_t i;

	if (words->count > EXPECTED_MAX)
		return text;
	for (i = 0; i < words->count; i++)
		text = arena_printf(arena, "%s%s%s", text,
				    !i                      ? ""
				    : i + 1 == words->count ? " or "
							    : ", ",
				    words->items[i]);
	return text;
}

/* The word the grammar cannot take, quoted. */
static const char *found_text(const struct parser *parser)
{
	struct token token = parser->token;
	const char *text = parser->source->text + token.at.begin;
	size_t length = token.at.end - token.at.begin;

	if (token.kind == TOKEN_END_OF_FILE)
		return "the end of the program";
	if (length > TEXT_SHOWN)
		return arena_printf(parser->arena, "'%.*s...'", TEXT_SHOWN,
				    text);
	return arena_printf(parser->arena, "'%.*s'", (int)length, text);
}

/* ---- what was meant ---- */

struct situation {
	const struct parser *parser;
	enum token_kind found;
	enum token_kind before;
	enum token_kind statement;
	const enum token_kind *expected;
	size_t count;
};

static bool expects(const struct situation *now, enum token_kind kind)
{
	return contains(now->expected, now->count, kind);
}

static bool is_condition(const struct situation *now)
{
	return now->found == TOKEN_ASSIGN &&
	       (now->statement == TOKEN_IF || now->statement == TOKEN_WHILE ||
		now->statement == TOKEN_PREDICATE);
}

static bool is_inner_assignment(const struct situation *now)
{
	return now->found == TOKEN_ASSIGN && now->parser->parens > 0;
}

static bool is_c_for(const struct situation *now)
{
	return now->statement == TOKEN_FOR && !expects(now, TOKEN_LBRACE);
}

static bool is_without_braces(const struct situation *now)
{
	return expects(now, TOKEN_LBRACE) && !expects(now, TOKEN_LET) &&
	       (now->statement == TOKEN_IF || now->statement == TOKEN_WHILE ||
		now->statement == TOKEN_FOR || now->statement == TOKEN_UNROLL ||
		now->statement == TOKEN_ELSE);
}

static bool is_c_declaration(const struct situation *now)
{
	return (now->found == TOKEN_TYPE_NAME || now->found == TOKEN_STRUCT) &&
	       expects(now, TOKEN_LET);
}

static bool is_lonely_else(const struct situation *now)
{
	return now->found == TOKEN_ELSE;
}

static bool is_open_predicate(const struct situation *now)
{
	return now->found == TOKEN_BODY && now->statement == TOKEN_PREDICATE;
}

static bool is_same_line(const struct parser *parser)
{
	uint32_t begin = parser->before.at.end;

	return !memchr(parser->source->text + begin, '\n',
		       parser->token.at.begin - begin);
}

static bool is_call_without_parens(const struct situation *now)
{
	return now->before == TOKEN_IDENTIFIER && expects(now, TOKEN_LPAREN) &&
	       CONTAINS(value_begins, now->found) && is_same_line(now->parser);
}

static bool is_missing_brace(const struct situation *now)
{
	return now->found == TOKEN_LBRACE && expects(now, TOKEN_END_BODY);
}

static bool is_bodiless(const struct situation *now)
{
	return expects(now, TOKEN_BODY) && expects(now, TOKEN_PREDICATE) &&
	       now->found == TOKEN_ATTACH_POINT;
}

static bool is_lonely_brace(const struct situation *now)
{
	return now->found == TOKEN_RBRACE && expects(now, TOKEN_ATTACH_POINT);
}

static bool is_named_argument(const struct situation *now)
{
	return now->before == TOKEN_VARIABLE && now->statement == TOKEN_LET &&
	       now->found == TOKEN_TYPE_NAME;
}

/* The first that holds gives the hint. */
static const struct {
	bool (*holds)(const struct situation *now);
	const char *hint;
} hints[] = {
	{ is_condition, "'=' stores a value; to compare, write '=='" },
	{ is_inner_assignment,
	  "an assignment is a statement of its own, not a value" },
	{ is_c_for, "'for' goes over a range, for $i : 0..10 { }, or a map, "
		    "for $kv : @m { }" },
	{ is_without_braces, "the statements that belong to it stand between "
			     "{ and }, even a single one" },
	{ is_c_declaration, "variables are declared like this: "
			    "let $x: int32 = 1;" },
	{ is_lonely_else, "'else' directly follows the '}' of its 'if'" },
	{ is_open_predicate, "the predicate needs a second '/' before the "
			     "body: probe /condition/ { }" },
	{ is_call_without_parens, "the arguments of a call stand in "
				  "parentheses: print(@x)" },
	{ is_named_argument, "a ':' stands before the type: let $x: int32;" },
	{ is_missing_brace, "is the '}' of the body before this missing?" },
	{ is_bodiless, "a probe is followed by a body, probe { ... }; several "
		       "probes are separated by commas" },
	{ is_lonely_brace, "this '}' closes nothing" },
};

static void add_hint(struct parser *parser, struct diag *diag,
		     const enum token_kind *expected, size_t count)
{
	struct situation now = {
		.parser = parser,
		.found = parser->token.kind,
		.before = parser->before.kind,
		.statement = parser->statement,
		.expected = expected,
		.count = count,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hints); i++) {
		if (hints[i].holds(&now)) {
			diag_hint(parser->diags, diag, "%s", hints[i].hint);
			return;
		}
	}
}

/* ---- the '>' that was meant to compare ---- */

static bool follows_angle_body(const struct parser *parser)
{
	static const enum token_kind leftovers[] = {
		TOKEN_GREATER, TOKEN_SEMICOLON,   TOKEN_QUESTION, TOKEN_RBRACE,
		TOKEN_COLON,   TOKEN_END_OF_FILE, TOKEN_ASSIGN,
	};
	char first = parser->source->text[parser->token.at.begin];

	if (!parser->angle_end.end || parser->since_body > 2)
		return false;
	if (CONTAINS(leftovers, parser->token.kind))
		return true;
	return parser->token.kind == TOKEN_ATTACH_POINT &&
	       !((first | 0x20) >= 'a' && (first | 0x20) <= 'z');
}

static bool report_angle(struct parser *parser)
{
	struct span at = parser->angle_end;
	struct diag *diag;

	if (parser->token.kind == TOKEN_END_BODY && parser->is_angle)
		at = parser->token.at;
	else if (!follows_angle_body(parser))
		return false;
	diag = diag_error(parser->diags, E_SYNTAX, at,
			  "this '>' ends the body, before its statements are "
			  "complete");
	diag_hint(parser->diags, diag,
		  "inside < ... > a comparison stands in parentheses, (a > b); "
		  "or write the body between { and }");
	parser->is_stopped = true;
	return true;
}

/* ---- the report ---- */

/* What the grammar cannot take may be what it can go on with. */
static void begin_recovery(struct parser *parser)
{
	enum token_kind kind = parser->token.kind;

	parser->is_recovering = kind != TOKEN_SEMICOLON &&
				kind != TOKEN_RBRACE &&
				kind != TOKEN_END_BODY && kind != TOKEN_BODY &&
				kind != TOKEN_END_PREDICATE;
	if (!parser->is_recovering)
		parser->parens = 0;
	if (++parser->syntax_errors == ERRORS_MAX)
		parser->is_stopped = true;
}

void syntax_report(struct parser *parser, const enum token_kind *expected,
		   size_t count)
{
	struct words words = describe(parser, expected, count);
	const char *wanted = join(parser->arena, &words);
	struct span at = parser->token.at;
	struct diag *diag;

	if (parser->is_stopped)
		return;
	if (parser->token.kind == TOKEN_END_OF_FILE) {
		/* an open body or string is reported already */
		if (parser->diags->errors)
			return;
		at = (struct span){ parser->before.at.end,
				    parser->before.at.end };
	}
	if (parser->suspect) {
		begin_recovery(parser);
		return;
	}
	if (report_angle(parser))
		return;
	if (*wanted)
		diag = diag_error(parser->diags, E_SYNTAX, at,
				  "expected %s before %s", wanted,
				  found_text(parser));
	else
		diag = diag_error(parser->diags, E_SYNTAX, at,
				  "%s cannot stand here", found_text(parser));
	add_hint(parser, diag, expected, count);
	begin_recovery(parser);
}
