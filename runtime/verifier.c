/*
 * The verifier's log, read for the place in the script it is about. What
 * etrace compiles is meant to pass, so a refusal is reported as an error of
 * etrace's. Called by session.c.
 */
#include <errno.h>
#include <string.h>

#include "runtime/session.h"

static const struct span nowhere;

struct line {
	const char *text;
	size_t length;
};

/* The next line of `*text`; false at its end. */
static bool next_line(const char **text, struct line *line)
{
	if (!**text)
		return false;
	line->text = *text;
	line->length = strcspn(*text, "\n");
	*text += line->length + ((*text)[line->length] == '\n');
	return true;
}

static bool begins_with(const struct line *line, const char *start)
{
	size_t length = strlen(start);

	return line->length >= length && !strncmp(line->text, start, length);
}

/* Line `number` of the script, blanks around it left out. */
static struct span line_span(const struct source *source, uint32_t number)
{
	uint32_t length;
	const char *text;
	struct span span;

	if (!number || number > source->lines)
		return nowhere;
	text = source_line(source, number, &length);
	span.begin = (uint32_t)(text - source->text);
	span.end = span.begin + length;
	while (span.begin < span.end && strchr(" \t", source->text[span.begin]))
		span.begin++;
	while (span.end > span.begin &&
	       strchr(" \t\r", source->text[span.end - 1]))
		span.end--;
	return span;
}

/*
 * "; text of the line @ NAME:LINE", since Linux 6.8 (before, nothing after the
 * text). Returns 0 for other lines.
 */
static uint32_t quoted_line(const struct source *source,
			    const struct line *line)
{
	const char *at = NULL;
	size_t length = line->length;
	uint32_t number = 0;

	if (!begins_with(line, "; "))
		return 0;
	for (size_t i = 2; i + 3 <= line->length; i++)
		if (!strncmp(line->text + i, " @ ", 3))
			at = line->text + i;
	if (at) {
		length = (size_t)(at - line->text);
		at = line->text + line->length;
		while (at[-1] != ':' && at[-1] != ' ')
			at--;
		while (at < line->text + line->length && *at >= '0' &&
		       *at <= '9' && number < 100000000)
			number = number * 10 + (uint32_t)(*at++ - '0');
		if (number && number <= source->lines)
			return number;
	}
	for (number = 1; number <= source->lines; number++) {
		struct span span = line_span(source, number);

		if (span.end - span.begin == length - 2 && length > 2 &&
		    !memcmp(source->text + span.begin, line->text + 2,
			    length - 2))
			return number;
	}
	return 0;
}

/* Lines at the end of a log that are statistics. */
static bool is_statistics(const struct line *line)
{
	static const char *const beginnings[] = {
		"processed ",  "verification time",
		"stack depth", "max_states_per_insn",
		"func#",       "mark_read",
	};

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (begins_with(line, beginnings[i]))
			return true;
	return !line->length;
}

/* Limits that a program can reach without anybody's error. */
static const struct {
	const char *complaint; /* contains this */
	const char *hint;
} limits[] = {
	{ "program is too large",
	  "the kernel looks at a million instructions, following each branch: "
	  "make loops of what is repeated, or several clauses of this one" },
	{ "jumps is too complex",
	  "too many branches follow one another: make several clauses of this "
	  "one" },
	{ "number of maps per program",
	  "make several clauses of this one, or one map with keys of several" },
	/* the same, before Linux 6.14 */
	{ "Argument list too long",
	  "make several clauses of this one, or one map with keys of several" },
	{ "combined stack size",
	  "loops and functions that call one another share 512 bytes: nest "
	  "fewer" },
	{ "frames is too deep",
	  "loops and functions that call one another: nest fewer" },
};

static const char *limit_hint(const struct line *complaint)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (memmem(complaint->text, complaint->length,
			   limits[i].complaint, strlen(limits[i].complaint)))
			return limits[i].hint;
	return NULL;
}

void verifier_report(struct session *session, struct span clause,
		     const char *log, int error)
{
	struct span place = clause;
	struct line complaint = { strerror(error), 0 };
	struct line line;
	struct diag *diag;
	const char *hint;

	complaint.length = strlen(complaint.text);
	while (next_line(&log, &line)) {
		uint32_t number = quoted_line(session->source, &line);

		if (number)
			place = line_span(session->source, number);
		else if (!is_statistics(&line))
			complaint = line;
	}
	hint = limit_hint(&complaint);
	if (hint) {
		diag = diag_error(session->diags, E_TOO_LARGE, clause,
				  "this is more than the kernel takes: %.*s",
				  (int)complaint.length, complaint.text);
		diag_hint(session->diags, diag, "%s", hint);
		return;
	}
	diag = diag_error(session->diags, E_VERIFIER, place,
			  "the kernel's verifier refused what etrace compiled: "
			  "%.*s",
			  (int)complaint.length, complaint.text);
	diag_hint(session->diags, diag,
		  "this is an error of etrace's, please report it with the "
		  "output of --verifier-log%s",
		  error == ENOSPC ? "\n(the log was cut: config log_size)"
				  : "");
}
