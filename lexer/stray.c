/*
 * Complaints about bytes that are no word: stray characters, text that is not
 * UTF-8, strings and comments without an end. Knows characters, not the
 * language. Called by the rules of lexer.l.
 */
#include <string.h>

#include "lexer/region.h"
#include "lexer/utf8.h"

/* Characters that look like the ones meant. */
static const struct {
	uint32_t code;
	const char *meant;
} lookalikes[] = {
	{ '\'', "strings are written in double quotes, \"text\"" },
	{ '`', "strings are written in double quotes, \"text\"" },
	{ '#', "a comment begins with //" },
	{ '@', "a map belongs in a body: BEGIN { @x = 1; }" },
	{ 0x00a0, "this is a no-break space: write a plain one" },
	{ 0x2018, "write the plain quote, \"" },
	{ 0x2019, "write the plain quote, \"" },
	{ 0x201c, "write the plain quote, \"" },
	{ 0x201d, "write the plain quote, \"" },
	{ 0x2013, "write the plain '-'" },
	{ 0x2014, "write the plain '-'" },
	{ 0x2212, "write the plain '-'" },
	{ 0x2264, "write '<='" },
	{ 0x2265, "write '>='" },
	{ 0x2260, "write '!='" },
	{ 0x3000, "this is a wide space: write a plain one" },
	{ 0x3001, "write the plain ','" },
	{ 0xff01, "write the plain '!'" },
	{ 0xff04, "write the plain '$'" },
	{ 0xff08, "write the plain '('" },
	{ 0xff09, "write the plain ')'" },
	{ 0xff0c, "write the plain ','" },
	{ 0xff0f, "write the plain '/'" },
	{ 0xff1a, "write the plain ':'" },
	{ 0xff1b, "write the plain ';'" },
	{ 0xff1c, "write the plain '<'" },
	{ 0xff1d, "write the plain '='" },
	{ 0xff1e, "write the plain '>'" },
	{ 0xff20, "write the plain '@'" },
	{ 0xff5b, "write the plain '{'" },
	{ 0xff5d, "write the plain '}'" },
};

static const char *find_lookalike(uint32_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lookalikes); i++)
		if (lookalikes[i].code == code)
			return lookalikes[i].meant;
	return NULL;
}

static struct diag *report_character(struct lexer *lexer, struct span at)
{
	const char *text = lexer->source->text + at.begin;
	const char *meant;
	struct diag *diag;
	uint32_t code = 0;
	size_t size = utf8_decode(text, at.end - at.begin, &code);

	if (!size)
		return diag_error(lexer->diags, E_BAD_UTF8,
				  (struct span){ at.begin, at.begin + 1 },
				  "byte 0x%02x is not valid UTF-8 here",
				  (unsigned char)*text);
	if (code < ' ' || code == 0x7f)
		diag = diag_error(lexer->diags, E_BAD_CHARACTER, at,
				  "byte 0x%02x has no meaning here", code);
	else
		diag = diag_error(lexer->diags, E_BAD_CHARACTER, at,
				  "'%.*s' has no meaning here", (int)size,
				  text);
	meant = find_lookalike(code);
	if (meant)
		diag_hint(lexer->diags, diag, "%s", meant);
	return diag;
}

/* A quoted part or a path may hold any character. */
static bool is_taken_literally(char byte)
{
	return byte == '"' || byte == '/' || byte == '.';
}

void stray_check_word(struct lexer *lexer)
{
	struct span at = lexer->token.at;
	const char *text = lexer->source->text;
	bool is_literal = false;
	uint32_t code;
	size_t size;

	for (; at.begin < lexer->token.at.end; at.begin += (uint32_t)size) {
		size = utf8_decode(text + at.begin,
				   lexer->token.at.end - at.begin, &code);
		at.end = at.begin + (uint32_t)size;
		is_literal |= is_taken_literally(text[at.begin]);
		if (size &&
		    (code < 0x80 || is_literal || !find_lookalike(code)))
			continue;
		report_character(lexer, at);
		return;
	}
}

void stray_bytes(struct lexer *lexer)
{
	struct span at = lexer->token.at;

	/* A binary file is one mistake, not a thousand. */
	if (lexer->stray && lexer->stray->at.end == at.begin)
		lexer->stray->at.end = at.end;
	else
		lexer->stray = report_character(lexer, at);
}

void stray_open_string(struct lexer *lexer)
{
	struct span at = lexer->token.at;
	struct diag *diag;

	diag = diag_error(lexer->diags, E_OPEN_STRING, at,
			  "this string is not closed on its line");
	diag_hint(lexer->diags, diag,
		  "end it with '\"'; a line break inside it is written \\n");
}

void stray_open_comment(struct lexer *lexer)
{
	struct span at = { lexer->comment_at, lexer->comment_at + 2 };

	diag_error(lexer->diags, E_OPEN_COMMENT, at,
		   "this comment is never closed by '*/'");
}
