/*
 * What scripts bring along from C and from bpftrace: declarations of types,
 * which become a token each, and what etrace does not have, which is reported
 * once and skipped. Knows their first words and where they end. Called by the
 * rules of lexer.l.
 */
#include <string.h>

#include "lexer/region.h"

/* Where a declaration ends, beside the end of the program. */
enum ending {
	ENDS_SEMICOLON, /* struct x { … }; the body of a function as well */
	ENDS_BRACE,     /* fn f() { … } */
	ENDS_LINE,      /* import "x" */
};

struct foreign {
	const char *word;
	enum ending ending;
	const char *what; /* NULL: a declaration of C's */
	const char *hint;
};

static const struct foreign foreigns[] = {
	{ "struct", ENDS_SEMICOLON, NULL, NULL },
	{ "union", ENDS_SEMICOLON, NULL, NULL },
	{ "enum", ENDS_SEMICOLON, NULL, NULL },
	{ "typedef", ENDS_SEMICOLON, NULL, NULL },
	{ "macro", ENDS_BRACE, "declaring a macro",
	  "write its statements where they are used" },
	{ "fn", ENDS_BRACE, "declaring a function",
	  "write its statements where they are used" },
	{ "import", ENDS_LINE, "importing another file",
	  "copy the probes you need from it" },
};

/* ---- declarations ---- */

/* What else stands in a header: variables and functions, which are of no use
 * here and are skipped without a word. */
static const struct foreign header_text = { "", ENDS_SEMICOLON, NULL, NULL };

static const struct foreign *find_foreign(const struct lexer *lexer)
{
	struct span at = lexer->token.at;
	const char *text = lexer->source->text + at.begin;
	size_t length = at.end - at.begin;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(foreigns); i++)
		if (strlen(foreigns[i].word) == length &&
		    !memcmp(foreigns[i].word, text, length))
			return &foreigns[i];
	return lexer->folder ? &header_text : NULL;
}

/* A probe may be named like this: struct = kprobe:f. */
bool foreign_begins(struct lexer *lexer)
{
	const struct foreign *foreign = find_foreign(lexer);
	struct diag *diag;
	uint32_t next;

	if (!foreign)
		return false;
	next = region_peek(lexer, lexer->token.at.end);
	if (!lexer->folder && next < lexer->end &&
	    strchr("=,/<", lexer->source->text[next]))
		return false;
	if (foreign->what) {
		diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
				  "%s is not supported", foreign->what);
		diag_hint(lexer->diags, diag, "%s", foreign->hint);
	}
	lexer->foreign = foreign;
	lexer->foreign_at = lexer->token.at.begin;
	lexer->foreign_depth = 0;
	lexer->is_function = false;
	return true;
}

/* A '{' behind a ')' opens the body of a function. */
void foreign_brace_opens(struct lexer *lexer)
{
	const char *text = lexer->source->text;
	uint32_t at = lexer->token.at.begin;

	while (at > lexer->foreign_at && strchr(" \t\r\n", text[at - 1]))
		at--;
	if (!lexer->foreign_depth++)
		lexer->is_function =
			at > lexer->foreign_at && text[at - 1] == ')';
}

bool foreign_brace_ends(struct lexer *lexer)
{
	if (lexer->foreign_depth)
		lexer->foreign_depth--;
	return !lexer->foreign_depth &&
	       (lexer->foreign->ending == ENDS_BRACE || lexer->is_function);
}

bool foreign_semicolon_ends(const struct lexer *lexer)
{
	return !lexer->foreign_depth;
}

bool foreign_line_ends(const struct lexer *lexer)
{
	return !lexer->foreign_depth && lexer->foreign->ending == ENDS_LINE;
}

void foreign_open(struct lexer *lexer)
{
	struct span at = { lexer->foreign_at, lexer->foreign_at };
	struct diag *diag;

	if (lexer->foreign->what || lexer->foreign == &header_text)
		return;
	at.end += (uint32_t)strlen(lexer->foreign->word);
	diag = diag_error(lexer->diags, E_SYNTAX, at,
			  "this declaration has no end");
	diag_hint(lexer->diags, diag, "it ends with a ';' behind its last '}'");
}

bool foreign_is_declaration(struct lexer *lexer)
{
	const struct foreign *foreign = lexer->foreign;

	lexer->foreign = NULL;
	if (foreign->what || foreign == &header_text)
		return false;
	lexer->token.at.begin = lexer->foreign_at;
	return true;
}
