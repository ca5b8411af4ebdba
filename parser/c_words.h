/*
 * Private to c_parse.c and c_words.c: a walk over the words of a declaration
 * of C.
 */
#ifndef PARSER_C_WORDS_H
#define PARSER_C_WORDS_H

#include "lexer/lexer.h"

/* Definitions inside definitions, and how many of them in one declaration. */
#define C_NESTED_MAX     16
#define C_EXPANSIONS_MAX 10000

/* A text being read, and the definition it is the body of. */
struct c_text {
	uint32_t at, end;
	const struct define *define;
};

struct c_words {
	const struct source *source;
	const struct define *defines;
	const struct span *gaps; /* texts that are left out */
	size_t gap_count;
	struct c_text texts[C_NESTED_MAX]; /* the innermost is at `depth` */
	unsigned depth;
	unsigned expansions;
	/* the word at hand: a name, a number, a literal or one character */
	const char *text;
	size_t length; /* 0 at the end */
	struct span at;
};

/* On to the next word. */
void c_next(struct c_words *words);
bool c_word_is(const struct c_words *words, const char *text);
/* A name or keyword? */
bool c_is_name(const struct c_words *words);
/* From behind the word at hand to the first of the characters that stands in no
 * brackets: where that is. The word at hand is then that character. */
struct span c_expression(struct c_words *words, const char *ends);

#endif
