/*
 * Lines that begin with '#': what the preprocessor of C would do with them, as
 * far as a program of etrace has a use for it. Knows names and conditions, not
 * what a definition means. Called by the rules of lexer.l.
 */
#include <errno.h>
#include <string.h>

#include "lexer/region.h"

/* Files that include files. */
#define INCLUDE_DEPTH 32

struct word {
	const char *text;
	size_t length;
};

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) &&
	       !memcmp(word.text, text, word.length);
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

/* ---- the line ---- */

const char *directive_blanks(const char *at, const char *end)
{
	const char *close;

	for (;;) {
		if (at < end && is_blank(*at)) {
			at++;
		} else if (end - at >= 2 && at[0] == '\\' &&
			   (at[1] == '\n' || at[1] == '\r')) {
			at += 2;
		} else if (end - at >= 2 && !memcmp(at, "/*", 2)) {
			close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
			at = close ? close + 2 : end;
		} else if (end - at >= 2 && !memcmp(at, "//", 2)) {
			close = memchr(at, '\n', (size_t)(end - at));
			at = close ? close : end;
		} else {
			return at;
		}
	}
}

/* Behind a literal that begins at `at`. */
static const char *skip_literal(const char *at, const char *end)
{
	char quote = *at++;

	while (at < end && *at != quote)
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	return at < end ? at + 1 : end;
}

int directive_length(const struct lexer *lexer)
{
	const char *begin = lexer->source->text + lexer->token.at.begin;
	const char *end = lexer->source->text + lexer->token.at.end;
	const char *at = begin;

	while (at < end) {
		if (*at == '"' || *at == '\'') {
			at = skip_literal(at, end);
		} else if (end - at >= 2 && !memcmp(at, "//", 2)) {
			break;
		} else if (end - at >= 2 && !memcmp(at, "/*", 2)) {
			const char *close =
				memmem(at + 2, (size_t)(end - at - 2), "*/", 2);

			if (!close)
				return (int)(at - begin);
			at = close + 2;
		} else {
			at++;
		}
	}
	return (int)(end - begin);
}

/* The next run of bytes of a name before `end`, moving `*at` behind it. */
static struct word next_name(const char **at, const char *end)
{
	struct word word;

	*at = directive_blanks(*at, end);
	word.text = *at;
	while (*at < end && is_name_byte(**at))
		(*at)++;
	word.length = (size_t)(*at - word.text);
	return word;
}

/* The directive's name, and the text behind it up to `*end`. */
static struct word split(const struct lexer *lexer, const char **at,
			 const char **end)
{
	*at = lexer->source->text + lexer->token.at.begin + 1;
	*end = lexer->source->text + lexer->token.at.end;
	return next_name(at, *end);
}

static struct span span_of(const struct lexer *lexer, const char *begin,
			   const char *end)
{
	const char *text = lexer->source->text;

	return (struct span){ (uint32_t)(begin - text),
			      (uint32_t)(end - text) };
}

/* ---- #include ---- */

static void report_include(struct lexer *lexer, const char *path,
			   enum include_status status)
{
	int error = errno;
	struct diag *diag;

	if (status == INCLUDE_REFUSED) {
		diag = diag_error(lexer->diags, E_FILE, lexer->token.at,
				  "'%s' is in a folder where anybody may write",
				  path);
		diag_hint(lexer->diags, diag,
			  "what it says would be done with your privileges: "
			  "keep it beside the script, in a folder of your own");
	} else if (status == INCLUDE_NOWHERE) {
		diag_error(lexer->diags, E_FILE, lexer->token.at,
			   "this program has no folder to include '%s' from",
			   path);
	} else {
		diag = diag_error(lexer->diags, E_FILE, lexer->token.at,
				  "cannot read '%s': %s", path,
				  strerror(error));
		if (error == ENOENT && *path != '/')
			diag_hint(lexer->diags, diag,
				  "it is looked for beside the file that "
				  "includes it, and in the folders of -I");
	}
}

static void include_own(struct lexer *lexer, const char *path)
{
	struct source *source = lexer->source;
	enum include_status status;
	size_t length = strlen(path);
	struct diag *diag;

	if (length > 6 && !strcmp(path + length - 6, ".bpf.c")) {
		diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
				  "programs of C for the kernel are not "
				  "compiled: '%s'",
				  path);
		diag_hint(lexer->diags, diag,
			  "only the types and constants of a header are read");
		return;
	}
	if (lexer->unit->depth >= INCLUDE_DEPTH) {
		diag_error(lexer->diags, E_TOO_DEEP, lexer->token.at,
			   "files that include files, more than %d deep",
			   INCLUDE_DEPTH);
		return;
	}
	status = source_include(source, lexer->folder, path);
	if (status == INCLUDE_NEW)
		lexer_include(lexer, &source->parts[source->part_count - 1]);
	else if (status != INCLUDE_AGAIN)
		report_include(lexer, path, status);
}

static void obey_include(struct lexer *lexer, const char *at, const char *end)
{
	const char *close;

	if (lexer->foreign) {
		diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
			   "#include inside a declaration");
		return;
	}
	at = directive_blanks(at, end);
	if (at < end && *at == '<') {
		if (!lexer->unit->include_noted)
			diag_note(lexer->diags, E_UNSUPPORTED, lexer->token.at,
				  "#include is ignored: the kernel's types are "
				  "known without headers");
		lexer->unit->include_noted = true;
		return;
	}
	close = at < end && *at == '"'
			? memchr(at + 1, '"', (size_t)(end - at - 1))
			: NULL;
	if (close && close > at + 1)
		include_own(lexer, arena_strndup(lexer->arena, at + 1,
						 (size_t)(close - at - 1)));
	else
		diag_error(lexer->diags, E_SYNTAX, lexer->token.at,
			   "#include takes <header> or \"file\"");
}

/* ---- #define ---- */

struct define *define_find(const struct unit *unit, const char *name,
			   size_t length)
{
	struct define *define = unit->defines;

	for (; define; define = define->next)
		if (strlen(define->name) == length &&
		    !memcmp(define->name, name, length))
			return define;
	return NULL;
}

static void forget(struct lexer *lexer, struct word name)
{
	struct define **link = &lexer->unit->defines;

	while (*link) {
		if (word_is(name, (*link)->name))
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
}

/* Where the body ends: before blanks and comments that nothing follows. */
static const char *body_end(const char *at, const char *end)
{
	const char *last = at;

	for (;;) {
		at = directive_blanks(at, end);
		if (at >= end)
			return last;
		at = *at == '"' || *at == '\'' ? skip_literal(at, end) : at + 1;
		last = at;
	}
}

static bool name_missing(struct lexer *lexer, struct word directive,
			 struct word name)
{
	if (name.length && (*name.text < '0' || *name.text > '9'))
		return false;
	diag_error(lexer->diags, E_SYNTAX, lexer->token.at,
		   "#%.*s takes a name", (int)directive.length, directive.text);
	return true;
}

static void obey_define(struct lexer *lexer, struct word directive,
			const char *at, const char *end)
{
	struct word name = next_name(&at, end);
	struct define *define;

	if (name_missing(lexer, directive, name))
		return;
	forget(lexer, name);
	define = ARENA_NEW(lexer->arena, struct define);
	define->name = arena_strndup(lexer->arena, name.text, name.length);
	define->at = span_of(lexer, name.text, at);
	define->has_parameters = at < end && *at == '(';
	at = directive_blanks(at, end);
	define->body = span_of(lexer, at, body_end(at, end));
	define->next = lexer->unit->defines;
	lexer->unit->defines = define;
}

/* ---- conditions ---- */

/* What is defined from the start; bpftrace's scripts ask for the first. */
static const char *const defined_names[] = { "BPFTRACE_HAVE_BTF", "ETRACE" };

static bool is_defined(const struct lexer *lexer, struct word name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(defined_names); i++)
		if (word_is(name, defined_names[i]))
			return true;
	return define_find(lexer->unit, name.text, name.length);
}

bool directive_defines(const struct lexer *lexer, const char *name,
		       size_t length)
{
	return is_defined(lexer, (struct word){ name, length });
}

static bool opens_condition(struct word name)
{
	return word_is(name, "if") || word_is(name, "ifdef") ||
	       word_is(name, "ifndef");
}

/* What #if, #ifdef, #ifndef or #elif asks; what cannot be told does not hold.
 */
static bool asked(struct lexer *lexer, struct word directive, const char *at,
		  const char *end)
{
	bool holds = false;
	struct word name;

	if (word_is(directive, "if") || word_is(directive, "elif")) {
		at = directive_blanks(at, end);
		condition_value(lexer, span_of(lexer, at, end), &holds);
		return holds;
	}
	name = next_name(&at, end);
	if (name_missing(lexer, directive, name))
		return false;
	return is_defined(lexer, name) == word_is(directive, "ifdef");
}

static struct condition *innermost(const struct lexer *lexer)
{
	size_t count = lexer->condition_count;

	return count ? &lexer->conditions[count - 1] : NULL;
}

static void open_condition(struct lexer *lexer, bool holds)
{
	struct condition condition = { .at = lexer->token.at,
				       .is_taken = holds };

	ARENA_PUSH(lexer->arena, lexer->conditions, lexer->condition_count,
		   lexer->condition_room, condition);
	lexer->left_out = !holds;
}

/* #else and #elif need an #if before them, and no #else. */
static bool may_branch(struct lexer *lexer, struct word directive)
{
	struct condition *condition = innermost(lexer);

	if (condition && !condition->has_else) {
		condition->has_else = word_is(directive, "else");
		return true;
	}
	diag_error(lexer->diags, E_SYNTAX, lexer->token.at,
		   condition ? "#%.*s after #else" : "#%.*s without #if",
		   (int)directive.length, directive.text);
	return false;
}

static void close_condition(struct lexer *lexer)
{
	if (lexer->condition_count)
		lexer->condition_count--;
	else
		diag_error(lexer->diags, E_SYNTAX, lexer->token.at,
			   "#endif without #if");
}

bool directive_left_out(struct lexer *lexer)
{
	struct condition *condition = innermost(lexer);
	const char *at, *end;
	struct word name;

	if (lexer->source->text[lexer->token.at.begin] != '#')
		return false;
	name = split(lexer, &at, &end);
	if (opens_condition(name)) {
		lexer->left_out++;
	} else if (word_is(name, "endif")) {
		if (--lexer->left_out == 0)
			close_condition(lexer);
	} else if (lexer->left_out == 1 &&
		   (word_is(name, "else") || word_is(name, "elif")) &&
		   may_branch(lexer, name) && !condition->is_taken) {
		condition->is_taken =
			word_is(name, "else") || asked(lexer, name, at, end);
		lexer->left_out = !condition->is_taken;
	}
	return lexer->left_out == 0;
}

void directive_end(struct lexer *lexer)
{
	if (lexer->condition_count)
		diag_error(lexer->diags, E_SYNTAX, innermost(lexer)->at,
			   "no #endif follows");
	lexer->condition_count = 0;
}

/* ---- all of them ---- */

static void refuse(struct lexer *lexer, struct word name, const char *at,
		   const char *end)
{
	struct diag *diag;

	at = directive_blanks(at, end);
	if (word_is(name, "error")) {
		diag_error(lexer->diags, E_SYNTAX, lexer->token.at,
			   "#error: %.*s", (int)(end - at), at);
		return;
	}
	diag = diag_error(lexer->diags, E_UNSUPPORTED, lexer->token.at,
			  "the preprocessor's #%.*s is not supported",
			  (int)name.length, name.text);
	if (word_is(name, "pragma"))
		diag_hint(lexer->diags, diag,
			  "a struct without gaps has __attribute__((packed))");
}

bool directive_obey(struct lexer *lexer)
{
	const char *at, *end;
	struct word name = split(lexer, &at, &end);
	const char *text = directive_blanks(at, end);

	if (word_is(name, "include"))
		obey_include(lexer, at, end);
	else if (word_is(name, "define"))
		obey_define(lexer, name, at, end);
	else if (word_is(name, "undef"))
		forget(lexer, next_name(&at, end));
	else if (opens_condition(name))
		open_condition(lexer, asked(lexer, name, at, end));
	else if (word_is(name, "else") || word_is(name, "elif"))
		lexer->left_out = may_branch(lexer, name);
	else if (word_is(name, "endif"))
		close_condition(lexer);
	else if (name.length && !word_is(name, "warning") &&
		 !(word_is(name, "pragma") && end - text >= 4 &&
		   !memcmp(text, "once", 4)))
		refuse(lexer, name, at, end);
	return lexer->left_out != 0;
}
