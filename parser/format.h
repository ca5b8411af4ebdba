/*
 * printf formats, taken apart once: shared by the checker (do the values fit)
 * and the printer. Knows the syntax, prints nothing.
 */
#ifndef PARSER_FORMAT_H
#define PARSER_FORMAT_H

#include "lexer/diag.h"

/* One piece: literal text, then (unless `conversion` is 0) a conversion. */
struct format_piece {
	const char *text; /* escapes resolved, %% resolved */
	uint32_t length;
	char conversion; /* d i u o x X c s p r, or 0 at the end; i becomes d */
	char variant;    /* of r: 'x' for %rx, 'h' for %rh; of s: 'g' for %gr,
			    flags of the kernel's allocator; else 0 */
	bool left, plus, space, alternate, zero;
	bool star_width, star_precision; /* each takes an integer value first */
	int width;                       /* 0: none */
	int precision;                   /* -1: none */
	uint8_t bytes;  /* 1 hh, 2 h, 8 none l ll j z t: integers are cut to it
			 */
	struct span at; /* inside the program text, for messages */
};

struct format {
	struct format_piece *pieces;
	size_t count;
	uint32_t values; /* how many arguments it takes, stars included */
};

/*
 * `text` is the literal's bytes with escapes resolved; `literal` its span, for
 * messages. NULL, reported as E_FORMAT, if malformed (%f, %n, unknown, a lone
 * %).
 */
struct format *format_parse(struct arena *arena, const char *text,
			    size_t length, struct span literal,
			    struct diags *diags);

#endif
