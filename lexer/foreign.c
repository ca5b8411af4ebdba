/*
 * What scripts bring along from C and from bpftrace: preprocessor lines, and
 * declarations etrace does not have, which are reported once each and skipped.
 * Knows their first words only. Called by the rules of lexer.l.
 */
#include <string.h>

#include "lexer/region.h"

/* Where a declaration ends, beside the end of the program. */
enum ending {
	ENDS_SEMICOLON, /* struct x { … }; */
	ENDS_BRACE,     /* fn f() { … } */
	ENDS_LINE,      /* import "x" */
};

struct foreign {
	const char *word;
	enum ending ending;
	const char *what;
	const char *hint;
};

static const struct foreign foreigns[] = {
	{ "struct", ENDS_SEMICOLON, "declaring a struct",
	  "types of the kernel are known without declarations" },
	{ "union", ENDS_SEMICOLON, "declaring a union",
	  "types of the kernel are known without declarations" },
	{ "enum", ENDS_SEMICOLON, "declaring an enum",
	  "enumerators of the kernel are known without declarations" },
	{ "typedef", ENDS_SEMICOLON, "declaring a type",
	  "types of the kernel are known without declarations" },
	{ "macro", ENDS_BRACE, "declaring a macro",
	  "write its statements where they are used" },
	{ "fn", ENDS_BRACE, "declaring a function",
	  "write its statements where they are used" },
	{ "import", ENDS_LINE, "importing another file",
	  "copy the probes you need from it" },
};

/* ---- preprocessor lines ---- */

/* What is defined; bpftrace's scripts ask for the first. */
static const char *const defined_names[] = { "BPFTRACE_HAVE_BTF", "ETRACE" };

struct word {
	const char *text;
	size_t length;
};

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) &&
	       !memcmp(word.text, text, word.length);
}

/* The next run of non-blank bytes before `end`, moving `*at` behind it. */
static struct word next_word(const char **at, const char *end)
{
	struct word word;

	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
	word.text = *at;
	while (*at < end && !strchr(" \t\r\n", **at))
		(*at)++;
	word.length = (size_t)(*at - word.text);
	return word;
}

/* Splits "# name argument" of the current token. */
static void split_directive(const struct lexer *lexer, struct word *name,
			    struct word *argument)
{
	const char *at = lexer->source->text + lexer->token.at.begin;
	const char *end = lexer->source->text + lexer->token.at.end;

	while (at < end && (*at == ' ' || *at == '\t' || *at == '#'))
		at++;
	*name = next_word(&at, end);
	*argument = next_word(&at, end);
}

static void include_file(struct lexer *lexer, struct word argument)
{
	struct diag *diag;

	if (argument.length && *argument.text == '<') {
		if (!lexer->include_noted)
			diag_note(lexer->diags, E_UNSUPPORTED, lexer->token.at,
				  "#include is ignored: the kernel's types are "
				  "known without headers");
		lexer->include_noted = true;
		return;
	}
	diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
			  "including one's own file is not supported");
	diag_hint(lexer->diags, diag,
		  "only headers of the kernel, #include <name>, are accepted");
}

static bool is_defined(struct word name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(defined_names); i++)
		if (word_is(name, defined_names[i]))
			return true;
	return false;
}

static void open_condition(struct lexer *lexer, bool holds)
{
	lexer->condition_at = lexer->token.at;
	if (holds)
		lexer->conditions++;
	else
		lexer->left_out = 1;
}

/* #else: what was kept is left out, what was left out is kept. */
static void swap_condition(struct lexer *lexer)
{
	if (lexer->left_out) {
		lexer->left_out = 0;
		lexer->conditions++;
	} else {
		lexer->conditions--;
		lexer->left_out = 1;
	}
}

static void refuse_directive(struct lexer *lexer, struct word name)
{
	struct diag *diag;

	diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
			  "the preprocessor's #%.*s is not supported",
			  (int)name.length, name.text);
	if (word_is(name, "define"))
		diag_hint(lexer->diags, diag,
			  "write the value itself where the name is used");
}

bool foreign_directive(struct lexer *lexer)
{
	struct word name;
	struct word argument;

	split_directive(lexer, &name, &argument);
	if (word_is(name, "include"))
		include_file(lexer, argument);
	else if (word_is(name, "ifdef"))
		open_condition(lexer, is_defined(argument));
	else if (word_is(name, "ifndef"))
		open_condition(lexer, !is_defined(argument));
	else if (word_is(name, "else") && lexer->conditions)
		swap_condition(lexer);
	else if (word_is(name, "endif") && lexer->conditions)
		lexer->conditions--;
	else
		refuse_directive(lexer, name);
	return lexer->left_out != 0;
}

bool foreign_left_out(struct lexer *lexer)
{
	struct word name;
	struct word argument;

	if (lexer->source->text[lexer->token.at.begin] != '#')
		return false;
	split_directive(lexer, &name, &argument);
	if (word_is(name, "if") || word_is(name, "ifdef") ||
	    word_is(name, "ifndef"))
		lexer->left_out++;
	else if (word_is(name, "endif"))
		lexer->left_out--;
	else if (word_is(name, "else") && lexer->left_out == 1)
		swap_condition(lexer);
	return lexer->left_out == 0;
}

void foreign_end(struct lexer *lexer)
{
	if (lexer->conditions || lexer->left_out)
		diag_error(lexer->diags, E_SYNTAX, lexer->condition_at,
			   "no #endif follows");
}

/* ---- declarations ---- */

static const struct foreign *find_foreign(const struct lexer *lexer)
{
	struct span at = lexer->token.at;
	struct word word = { lexer->source->text + at.begin,
			     at.end - at.begin };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(foreigns); i++)
		if (word_is(word, foreigns[i].word))
			return &foreigns[i];
	return NULL;
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
	if (next < lexer->source->size &&
	    strchr("=,/<", lexer->source->text[next]))
		return false;
	diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
			  "%s is not supported", foreign->what);
	diag_hint(lexer->diags, diag, "%s", foreign->hint);
	lexer->foreign = foreign;
	lexer->foreign_depth = 0;
	return true;
}

bool foreign_brace_ends(struct lexer *lexer)
{
	if (lexer->foreign_depth)
		lexer->foreign_depth--;
	return !lexer->foreign_depth && lexer->foreign->ending == ENDS_BRACE;
}

bool foreign_semicolon_ends(const struct lexer *lexer)
{
	return !lexer->foreign_depth;
}

bool foreign_line_ends(const struct lexer *lexer)
{
	return !lexer->foreign_depth && lexer->foreign->ending == ENDS_LINE;
}
