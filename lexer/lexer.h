/*
 * Words of the program text. Knows only text: which words, and where. Called
 * by the parser, and by --dump=tokens.
 *
 * The language has three regions with words of their own, and the lexer alone
 * knows in which it is:
 *   outside   a declaration of C types is one token, up to its ';'; lines
 *             that begin with '#' are obeyed; attach points are single words
 * (uprobe:/bin/bash:readline+4), ended by white space, ',', '{', '<' or a '/'
 * that is not in a path; a part that begins with '/' or '.' is a path and runs
 * to the next ':' or white space; "quoted parts" hide everything predicate from
 * '/' to the '/' whose next token is '{' or '<' body      from '{' to its '}',
 * or from '<' to the '>' that stands in no parentheses, brackets or braces
 */
#ifndef LEXER_LEXER_H
#define LEXER_LEXER_H

#include "lexer/diag.h"

enum token_kind {
	/* INTEGER is 258, as bison numbers; END_OF_FILE is 0 for it */
	TOKEN_BASE = 256,
#define TOKEN(name, spelling) TOKEN_##name,
#include "lexer/token.def"
#undef TOKEN
	TOKEN_LAST
};

struct token {
	enum token_kind kind;
	struct span at;
};

struct lexer;

/* Lives in the arena, but must be closed. Borrows source and diags. Files that
 * the program includes become parts of the source. */
struct lexer *lexer_open(struct arena *arena, struct source *source,
			 struct diags *diags);
void lexer_close(struct lexer *lexer);

/* #define NAME BODY */
struct define {
	struct define *next;
	const char *name;
	struct span at;      /* the name */
	struct span body;    /* empty if there is none */
	bool has_parameters; /* NAME(a, b) */
};

/* Those read so far, the last one first; a name once. */
struct define *lexer_defines(const struct lexer *lexer);

/* Behind blanks, comments and joined lines. */
const char *directive_blanks(const char *at, const char *end);

/* Texts inside declarations that are none of theirs: directives, and what their
 * conditions leave out. `*count` of them. */
const struct span *lexer_gaps(const struct lexer *lexer, size_t *count);

/* From here on the name is a TYPE_NAME. */
void lexer_declare_type(struct lexer *lexer, const char *name);

/*
 * The next token; END_OF_FILE for ever after the end. Malformed text is
 * reported to diags and skipped or replaced by a usable token. An unclosed
 * body is reported once (E_OPEN_BODY), naming where it was opened.
 */
struct token lexer_next(struct lexer *lexer);

/* "'{'", "an integer", … for messages. */
const char *token_spelling(enum token_kind kind);
/* "LBRACE", … for --dump=tokens. */
const char *token_name(enum token_kind kind);

/*
 * The value of an INTEGER token: decimal, 0x, 0b, octal with leading 0,
 * 1e6, separators, suffixes u l ll ul ull, and durations ns us ms s m h d
 * (value in ns). False (reported, E_BAD_NUMBER) when malformed or above
 * 64 bits. `*is_unsigned` is set by a u suffix or a value above INT64_MAX;
 * `*is_duration` by a duration suffix.
 */
struct integer {
	uint64_t value;
	bool is_unsigned;
	bool is_duration;
};
bool token_integer(const struct source *source, struct token token,
		   struct diags *diags, struct integer *integer);

/* The same for bare text, without reports: positional parameters. Accepts a
 * leading '-'. */
bool text_integer(const char *text, size_t length, struct integer *integer);

/*
 * The bytes of a STRING token, escapes resolved: \n \t \r \a \\ \" \ooo \xHH.
 * `*length` excludes the added NUL; the string may hold NULs. Errors are
 * reported (E_BAD_ESCAPE) and the escape is kept as written.
 */
const char *token_string(struct arena *arena, const struct source *source,
			 struct token token, struct diags *diags,
			 size_t *length);

/* Text of a token, copied. */
const char *token_text(struct arena *arena, const struct source *source,
		       struct token token);

#endif
