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

struct lexer {
	struct arena *arena;
	const struct source *source;
	struct diags *diags;
	void *scanner;      /* flex's */
	uint32_t base;      /* where flex began: after a #! line */
	struct token token; /* being scanned */
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
	unsigned conditions;      /* #ifdefs whose lines are kept */
	unsigned left_out;        /* depth of #ifdefs in lines left out */
	struct span condition_at; /* the last one */
	bool include_noted;
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

/* ---- foreign.c: parts of C and of bpftrace's language ---- */

/* A line that begins with '#'. True: the lines that follow are left out,
 * until foreign_left_out() of one says true. */
bool foreign_directive(struct lexer *lexer);
bool foreign_left_out(struct lexer *lexer);
/*
 * Does the word begin a declaration etrace does not have? Then it is
 * reported, and the text is skipped until one of the others says true.
 */
bool foreign_begins(struct lexer *lexer);
bool foreign_brace_ends(struct lexer *lexer);
bool foreign_semicolon_ends(const struct lexer *lexer);
bool foreign_line_ends(const struct lexer *lexer);
/* The text ended: reports a condition without its #endif. */
void foreign_end(struct lexer *lexer);

/* ---- word.c ---- */

/* Keyword, TYPE_NAME or IDENTIFIER. */
enum token_kind word_kind(const char *text, size_t length);

#endif
