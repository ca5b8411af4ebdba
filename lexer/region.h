/*
 * Private to lexer/: the state of one scan, and the decisions the rules of
 * lexer.l leave to C. Knows regions and brackets; the patterns are in lexer.l.
 */
#ifndef LEXER_REGION_H
#define LEXER_REGION_H

#include "lexer/lexer.h"

enum region {
	REGION_OUTSIDE,
	REGION_PREDICATE,
	REGION_BODY,
	REGION_CONFIG,  /* between the braces of config = { } */
	REGION_DECLARE, /* from a let outside bodies to its ';' */
};

struct bracket {
	char kind; /* ( [ { */
	uint32_t at;
};

/* What all files of a program share. */
struct unit {
	struct define *defines;
	struct span *gaps; /* see lexer_gaps() */
	size_t gap_count, gap_room;
	const char **types; /* names that a typedef gave */
	size_t type_count, type_room;
	unsigned depth; /* of files that include files */
	bool include_noted;
};

/* An #if whose #endif was not read. */
struct condition {
	struct span at;
	bool is_taken; /* one of its branches is, or was, kept */
	bool has_else;
};

struct lexer {
	struct arena *arena;
	struct source *source;
	struct diags *diags;
	void *scanner;      /* flex's */
	uint32_t base;      /* where flex began: after a #! line */
	uint32_t end;       /* of the file being scanned */
	const char *folder; /* that it is in; NULL: the program's */
	struct unit *unit;
	struct lexer *inner; /* scans a file that this one includes */
	struct token token;  /* being scanned */
	enum token_kind previous;
	bool at_end;

	enum region region;
	bool is_angle;            /* the body stands between < and > */
	bool expects_config;      /* config was read, its '{' not yet */
	uint32_t opened_at;       /* the body's or block's first byte */
	struct bracket *brackets; /* open inside it */
	size_t bracket_count, bracket_room;

	uint32_t comment_at; /* where the comment being scanned began */
	struct diag *stray;  /* the last stray byte, to join its neighbours */

	/* a declaration etrace does not have, being skipped */
	const struct foreign *foreign;
	unsigned foreign_depth;
	uint32_t foreign_at;          /* where it begins */
	bool is_function;             /* what it is ends with its body */
	struct condition *conditions; /* the open ones, innermost last */
	size_t condition_count, condition_room;
	unsigned left_out; /* depth of conditions in lines left out */
};

/* ---- region.c ---- */

/* A word outside bodies: ATTACH_POINT, PROBE_NAME, CONFIG or LET. */
enum token_kind region_outside_word(struct lexer *lexer);

/* Each says which token the character is here, and moves between regions. */
enum token_kind region_open(struct lexer *lexer, char bracket);
enum token_kind region_close(struct lexer *lexer, char bracket);
enum token_kind region_greater(struct lexer *lexer);
enum token_kind region_slash(struct lexer *lexer);
enum token_kind region_semicolon(struct lexer *lexer);

/* A word or number inside bodies. */
enum token_kind region_word(struct lexer *lexer);
enum token_kind region_number(struct lexer *lexer);
/* Can an operator follow the previous token? Tells `a !~ b` from `!~a`. */
bool region_after_value(const struct lexer *lexer);

/* The text ended: reports a body or block left open. */
void region_end(struct lexer *lexer);

/* Offset of the first byte from `offset` on that is neither white space nor
 * in a comment; the text's size if there is none. */
uint32_t region_peek(const struct lexer *lexer, uint32_t offset);

/* ---- stray.c: text that is no word ---- */

/* Bytes that begin no word: one report for a run of them. */
void stray_bytes(struct lexer *lexer);
/* Reports a word outside bodies that is not UTF-8, or holds a character that
 * only looks like punctuation. */
void stray_check_word(struct lexer *lexer);
void stray_open_string(struct lexer *lexer);
void stray_open_comment(struct lexer *lexer);

/* ---- directive.c: lines that begin with '#' ---- */

/* Bytes of the line, without a comment that goes on in the next. */
int directive_length(const struct lexer *lexer);
/* Obeys it. True: the lines that follow are left out, until
 * directive_left_out() of one says true. */
bool directive_obey(struct lexer *lexer);
bool directive_left_out(struct lexer *lexer);
/* The text ended: reports a condition without its #endif. */
void directive_end(struct lexer *lexer);
/* Is the name defined, by the program or from the start? */
bool directive_defines(const struct lexer *lexer, const char *name,
		       size_t length);
/* The definition of a name, or NULL. */
struct define *define_find(const struct unit *unit, const char *name,
			   size_t length);

/* ---- lexer.l ---- */

/* Scan an included file before the rest. */
void lexer_include(struct lexer *lexer, const struct source_part *part);

/* ---- condition.c ---- */

/* What an #if asks, `at` being its text: 0 or not. False, reported, if it
 * cannot be told. */
bool condition_value(struct lexer *lexer, struct span at, bool *holds);

/* ---- foreign.c: parts of C and of bpftrace's language ---- */

/*
 * Does the word begin a declaration of C, or one that etrace does not have?
 * The latter is reported. The text is skipped until one of the others says
 * true.
 */
bool foreign_begins(struct lexer *lexer);
void foreign_brace_opens(struct lexer *lexer);
bool foreign_brace_ends(struct lexer *lexer);
bool foreign_semicolon_ends(const struct lexer *lexer);
bool foreign_line_ends(const struct lexer *lexer);
/* The text ended in the middle of it. */
void foreign_open(struct lexer *lexer);
/* Was it a declaration of types? Then it is a token, and all of it that. */
bool foreign_is_declaration(struct lexer *lexer);

/* ---- word.c ---- */

/* Keyword, TYPE_NAME or IDENTIFIER. */
enum token_kind word_kind(const char *text, size_t length);

#endif
