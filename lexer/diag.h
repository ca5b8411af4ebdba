/*
 * The one diagnostic: recorded, collected, printed with the source line, a
 * caret and a hint. Knows text and spans, nothing of the language.
 */
#ifndef LEXER_DIAG_H
#define LEXER_DIAG_H

#include <stdio.h>

#include "lexer/source.h"

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING,
	SEVERITY_NOTE, /* shown under -v */
};

enum diag_tag {
#define DIAG(tag, meaning) tag,
#include "lexer/diag.def"
#undef DIAG
	DIAG_TAGS
};

struct diag {
	struct diag *next;
	enum severity severity;
	enum diag_tag tag;
	struct span at; /* {0, 0}: about no place in particular */
	const char *message;
	const char *hint; /* how to put it right; NULL if nothing to say */
};

struct diags {
	struct arena *arena;
	const struct source *source; /* may be NULL */
	struct diag *first;
	struct diag **last;
	unsigned errors;
	unsigned warnings;
	bool quiet; /* dropped while true: used by the passes that only infer */
};

/* Lives in the arena; `source` may be NULL (options, machine). */
struct diags *diags_new(struct arena *arena, const struct source *source);

/*
 * Record one. The message is lower case, without a full stop. Returns the
 * record so that a hint can be added; never NULL.
 */
struct diag *diag_error(struct diags *diags, enum diag_tag tag, struct span at,
			const char *format, ...) PRINTF(4, 5);
struct diag *diag_warning(struct diags *diags, enum diag_tag tag,
			  struct span at, const char *format, ...) PRINTF(4, 5);
struct diag *diag_note(struct diags *diags, enum diag_tag tag, struct span at,
		       const char *format, ...) PRINTF(4, 5);

/* Set the remedy of a recorded diagnostic. */
void diag_hint(struct diags *diags, struct diag *diag, const char *format, ...)
	PRINTF(3, 4);

/*
 * Print all that were collected since the last call, in source order (those
 * without a place first), at most 20 errors and then how many more:
 *
 *   -e:1:17: error: nothing is called 'nsec' [E_UNKNOWN_NAME]
 *       if (pid == 3) { nsec + 1; }
 *                       ^^^^
 *       hint: did you mean 'nsecs'?
 *
 * Control bytes and invalid UTF-8 of the source line are shown as \xNN, tabs
 * as one space, long lines are cut around the span. Colour when `colour`.
 * Notes are printed only when `verbose`.
 */
void diags_print(struct diags *diags, FILE *out, bool colour, bool verbose);

/* "E_UNKNOWN_NAME", and its one-line meaning. */
const char *diag_tag_name(enum diag_tag tag);
const char *diag_tag_meaning(enum diag_tag tag);

#endif
