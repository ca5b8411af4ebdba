/*
 * What an #if asks: integers, names, defined(X) and the operators of C. A name
 * that nothing defines is 0, as in C. Called by directive.c.
 */
#include <string.h>

#include "lexer/region.h"

/* Parentheses, operators before values, and definitions by other names. */
#define DEPTH_MAX 64
/* Values that are looked at: definitions may use others twice each. */
#define VALUES_MAX 10000

struct question {
	struct lexer *lexer;
	const char *at, *end;
	struct span whole; /* for messages */
	unsigned depth, values;
	bool failed;
};

struct operator_row {
	const char *text;
	unsigned level; /* the higher, the tighter */
};

/* Longer ones first. */
static const struct operator_row operators[] = {
	{ "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<=", 7 },
	{ ">=", 7 }, { "<<", 8 }, { ">>", 8 }, { "|", 3 },  { "^", 4 },
	{ "&", 5 },  { "<", 7 },  { ">", 7 },  { "+", 9 },  { "-", 9 },
	{ "*", 10 }, { "/", 10 }, { "%", 10 },
};

static int64_t fail(struct question *question, const char *message)
{
	if (!question->failed)
		diag_error(question->lexer->diags, E_SYNTAX, question->whole,
			   "%s", message);
	question->failed = true;
	return 0;
}

static void skip_blanks(struct question *question)
{
	question->at = directive_blanks(question->at, question->end);
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

static size_t word_length(const struct question *question)
{
	size_t length = 0;

	while (question->at + length < question->end &&
	       is_name_byte(question->at[length]))
		length++;
	return length;
}

static bool accept(struct question *question, const char *text)
{
	size_t length = strlen(text);

	skip_blanks(question);
	if ((size_t)(question->end - question->at) < length ||
	    memcmp(question->at, text, length) != 0)
		return false;
	question->at += length;
	return true;
}

static int64_t read_choice(struct question *question);

/* defined X, defined(X) */
static int64_t read_defined(struct question *question)
{
	bool has_parenthesis = accept(question, "(");
	const char *name;
	size_t length;

	skip_blanks(question);
	name = question->at;
	length = word_length(question);
	question->at += length;
	if (!length || (has_parenthesis && !accept(question, ")")))
		return fail(question, "'defined' takes a name");
	return directive_defines(question->lexer, name, length);
}

/* The value of another text, which a name stands for. */
static int64_t read_body(struct question *question, struct span body)
{
	const char *at = question->at, *end = question->end;
	int64_t value = 0;

	question->at = question->lexer->source->text + body.begin;
	question->end = question->lexer->source->text + body.end;
	if (body.begin != body.end)
		value = read_choice(question);
	skip_blanks(question);
	if (question->at != question->end)
		fail(question, "a name in it is defined as something else than "
			       "an integer");
	question->at = at;
	question->end = end;
	return value;
}

static int64_t read_word(struct question *question)
{
	const char *word = question->at;
	size_t length = word_length(question);
	const struct define *define;
	struct integer integer;
	struct diag *diag;

	question->at += length;
	if (*word >= '0' && *word <= '9') {
		if (text_integer(word, length, &integer))
			return (int64_t)integer.value;
		return fail(question, "this is no integer");
	}
	if (length == 7 && !memcmp(word, "defined", 7))
		return read_defined(question);
	define = define_find(question->lexer->unit, word, length);
	if (define && !define->has_parameters)
		return read_body(question, define->body);
	if (!define && !accept(question, "("))
		return directive_defines(question->lexer, word, length);
	if (!question->failed) {
		diag = diag_error(question->lexer->diags, E_UNSUPPORTED,
				  question->whole,
				  "macros with parameters are not supported: "
				  "'%.*s'",
				  (int)length, word);
		diag_hint(question->lexer->diags, diag,
			  "#if understands integers, names and defined(X)");
	}
	question->failed = true;
	return 0;
}

static int64_t read_value(struct question *question)
{
	int64_t value;

	if (question->failed)
		return 0;
	if (++question->depth > DEPTH_MAX || ++question->values > VALUES_MAX)
		return fail(question, "a condition nested too deeply");
	if (accept(question, "(")) {
		value = read_choice(question);
		if (!accept(question, ")"))
			fail(question, "a ')' is missing");
	} else if (accept(question, "!")) {
		value = !read_value(question);
	} else if (accept(question, "~")) {
		value = ~read_value(question);
	} else if (accept(question, "-")) {
		value = (int64_t) - (uint64_t)read_value(question);
	} else if (accept(question, "+")) {
		value = read_value(question);
	} else if (word_length(question)) {
		value = read_word(question);
	} else {
		value = fail(question, "#if asks for the value of an integer");
	}
	question->depth--;
	return value;
}

static int64_t divide(struct question *question, char operation, int64_t left,
		      int64_t right)
{
	if (right == 0)
		return fail(question, "division by zero");
	if (right == -1)
		return operation == '/' ? (int64_t) - (uint64_t)left : 0;
	return operation == '/' ? left / right : left % right;
}

static int64_t compute(struct question *question, const char *operation,
		       int64_t left, int64_t right)
{
	switch (operation[0]) {
	case '|':
		return operation[1] ? left || right : left | right;
	case '&':
		return operation[1] ? left && right : left & right;
	case '^':
		return left ^ right;
	case '=':
		return left == right;
	case '!':
		return left != right;
	case '<':
		if (operation[1] == '<')
			return (int64_t)((uint64_t)left << (right & 63));
		return operation[1] ? left <= right : left < right;
	case '>':
		if (operation[1] == '>')
			return left >> (right & 63);
		return operation[1] ? left >= right : left > right;
	case '+':
		return (int64_t)((uint64_t)left + (uint64_t)right);
	case '-':
		return (int64_t)((uint64_t)left - (uint64_t)right);
	case '*':
		return (int64_t)((uint64_t)left * (uint64_t)right);
	default:
		return divide(question, operation[0], left, right);
	}
}

/* Operators of this level and tighter ones. */
static int64_t read_operators(struct question *question, unsigned level)
{
	int64_t left = read_value(question);
	size_t i;

	for (;;) {
		const char *before = question->at;

		for (i = 0; i < ARRAY_SIZE(operators); i++)
			if (accept(question, operators[i].text))
				break;
		if (i == ARRAY_SIZE(operators) || question->failed)
			return left;
		if (operators[i].level < level) {
			question->at = before;
			return left;
		}
		left = compute(
			question, operators[i].text, left,
			read_operators(question, operators[i].level + 1));
	}
}

/* a ? b : c */
static int64_t read_choice(struct question *question)
{
	int64_t condition, then, otherwise;

	if (++question->depth > DEPTH_MAX)
		return fail(question, "a condition nested too deeply");
	condition = read_operators(question, 1);
	if (!accept(question, "?")) {
		question->depth--;
		return condition;
	}
	then = read_choice(question);
	if (!accept(question, ":"))
		fail(question, "a ':' is missing");
	otherwise = read_choice(question);
	question->depth--;
	return condition ? then : otherwise;
}

bool condition_value(struct lexer *lexer, struct span at, bool *holds)
{
	struct question question = {
		.lexer = lexer,
		.at = lexer->source->text + at.begin,
		.end = lexer->source->text + at.end,
		.whole = at.begin == at.end ? lexer->token.at : at,
	};
	int64_t value = read_choice(&question);

	skip_blanks(&question);
	if (question.at != question.end && !question.failed)
		fail(&question, "#if takes one expression");
	*holds = value != 0 && !question.failed;
	return !question.failed;
}
