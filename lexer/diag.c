/*
 * Recording and printing diagnostics. Knows text and spans, nothing of the
 * language. Called by every stage; printed by main.
 */
#include "lexer/diag.h"

#include <stdlib.h>
#include <string.h>

#include "lexer/utf8.h"

/* Beyond these many, records are counted and not kept: hostile text could
 * otherwise fill the memory with complaints. */
#define RECORDS_MAX 2000

#define PRINTED_ERRORS_MAX 20

/* The excerpt of a long line: how much is shown, and how much before the span.
 */
#define EXCERPT_COLUMNS 92
#define EXCERPT_BEFORE  40

#define COLOUR_OFF   "\033[0m"
#define COLOUR_CARET "\033[32m"
#define COLOUR_HINT  "\033[36m"

static const struct {
	const char *name;
	const char *colour;
} severities[] = {
	[SEVERITY_ERROR] = { "error", "\033[1;31m" },
	[SEVERITY_WARNING] = { "warning", "\033[1;35m" },
	[SEVERITY_NOTE] = { "note", "\033[1;36m" },
};

static const struct {
	const char *name;
	const char *meaning;
} tags[] = {
#define DIAG(tag, meaning) [tag] = { #tag, meaning },
#include "lexer/diag.def"
#undef DIAG
};

struct diags *diags_new(struct arena *arena, const struct source *source)
{
	struct diags *diags = ARENA_NEW(arena, struct diags);

	diags->arena = arena;
	diags->source = source;
	diags->last = &diags->first;
	return diags;
}

static struct diag *record(struct diags *diags, enum severity severity,
			   enum diag_tag tag, struct span at,
			   const char *format, va_list args)
{
	struct diag *diag = ARENA_NEW(diags->arena, struct diag);

	diag->severity = severity;
	diag->tag = tag;
	diag->at = at;
	diag->message = "";
	if (diags->quiet)
		return diag;
	if (diags->errors + diags->warnings < RECORDS_MAX) {
		diag->message = arena_vprintf(diags->arena, format, args);
		*diags->last = diag;
		diags->last = &diag->next;
	}
	if (severity == SEVERITY_ERROR)
		diags->errors++;
	else if (severity == SEVERITY_WARNING)
		diags->warnings++;
	return diag;
}

struct diag *diag_error(struct diags *diags, enum diag_tag tag, struct span at,
			const char *format, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, format);
	diag = record(diags, SEVERITY_ERROR, tag, at, format, args);
	va_end(args);
	return diag;
}

struct diag *diag_warning(struct diags *diags, enum diag_tag tag,
			  struct span at, const char *format, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, format);
	diag = record(diags, SEVERITY_WARNING, tag, at, format, args);
	va_end(args);
	return diag;
}

struct diag *diag_note(struct diags *diags, enum diag_tag tag, struct span at,
		       const char *format, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, format);
	diag = record(diags, SEVERITY_NOTE, tag, at, format, args);
	va_end(args);
	return diag;
}

void diag_hint(struct diags *diags, struct diag *diag, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag->hint = arena_vprintf(diags->arena, format, args);
	va_end(args);
}

/* ---- printing ---- */

struct printer {
	FILE *out;
	const struct source *source;
	bool colour;
};

static void print_colour(const struct printer *printer, const char *colour)
{
	if (printer->colour)
		fputs(colour, printer->out);
}

static void print_text(const struct printer *printer, const char *text)
{
	utf8_print(printer->out, text, strlen(text), SIZE_MAX, NULL);
}

/* Where the excerpt begins: the line's start, or a character before `column`
 * (a byte offset in the line) that leaves room for what follows. */
static size_t excerpt_begin(const char *line, size_t length, size_t column)
{
	size_t begin;

	if (length <= EXCERPT_COLUMNS &&
	    utf8_print(NULL, line, length, SIZE_MAX, NULL) <= EXCERPT_COLUMNS)
		return 0;
	if (column <= EXCERPT_BEFORE)
		return 0;
	begin = column - EXCERPT_BEFORE;
	while (begin < column && ((unsigned char)line[begin] & 0xc0) == 0x80)
		begin++;
	return begin;
}

static void print_carets(const struct printer *printer, size_t before,
			 size_t width)
{
	fprintf(printer->out, "    %*s", (int)before, "");
	print_colour(printer, COLOUR_CARET);
	do
		fputc('^', printer->out);
	while (width-- > 1);
	print_colour(printer, COLOUR_OFF);
	fputc('\n', printer->out);
}

/* The line of the span's start, and carets below. */
static void print_excerpt(const struct printer *printer, struct span at,
			  struct position position)
{
	uint32_t length;
	const char *line = source_line(printer->source, position.row, &length);
	size_t column = position.column - 1;
	size_t end = column + (at.end > at.begin ? at.end - at.begin : 0);
	size_t begin;
	size_t shown;
	size_t before;
	size_t width;

	if (column > length)
		column = length;
	if (end > length)
		end = length;
	if (end < column)
		end = column;
	begin = excerpt_begin(line, length, column);
	fprintf(printer->out, "    %s", begin ? "..." : "");
	utf8_print(printer->out, line + begin, length - begin, EXCERPT_COLUMNS,
		   &shown);
	fprintf(printer->out, "%s\n", begin + shown < length ? "..." : "");

	before = utf8_print(NULL, line + begin, column - begin, EXCERPT_COLUMNS,
			    NULL);
	width = utf8_print(NULL, line + column, end - column,
			   EXCERPT_COLUMNS - before, NULL);
	print_carets(printer, before + (begin ? 3 : 0), width);
}

/* A hint of several lines is indented as a whole. */
static void print_hint(const struct printer *printer, const char *hint)
{
	const char *line = hint;
	size_t length;

	fputs("    ", printer->out);
	print_colour(printer, COLOUR_HINT);
	fputs("hint:", printer->out);
	print_colour(printer, COLOUR_OFF);
	for (;;) {
		length = strcspn(line, "\n");
		fputc(' ', printer->out);
		utf8_print(printer->out, line, length, SIZE_MAX, NULL);
		fputc('\n', printer->out);
		if (!line[length])
			return;
		line += length + 1;
		fputs("         ", printer->out);
	}
}

static bool has_place(const struct printer *printer, const struct diag *diag)
{
	return printer->source && (diag->at.begin || diag->at.end);
}

static void print_diag(const struct printer *printer, const struct diag *diag)
{
	struct position position = { 0 };

	if (has_place(printer, diag)) {
		position = source_position(printer->source, diag->at.begin);
		print_text(printer, position.file);
		fprintf(printer->out, ":%u:%u: ", position.line,
			position.column);
	} else {
		fputs("etrace: ", printer->out);
	}
	print_colour(printer, severities[diag->severity].colour);
	fprintf(printer->out, "%s:", severities[diag->severity].name);
	print_colour(printer, COLOUR_OFF);
	fputc(' ', printer->out);
	print_text(printer, diag->message);
	if (diag->severity != SEVERITY_NOTE)
		fprintf(printer->out, " [%s]", diag_tag_name(diag->tag));
	fputc('\n', printer->out);
	if (has_place(printer, diag))
		print_excerpt(printer, diag->at, position);
	if (diag->hint)
		print_hint(printer, diag->hint);
}

struct ordered {
	const struct diag *diag;
	size_t number;
};

static int compare_order(const void *left, const void *right)
{
	const struct ordered *a = left;
	const struct ordered *b = right;

	if (a->diag->at.begin != b->diag->at.begin)
		return a->diag->at.begin < b->diag->at.begin ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* The same complaint twice: a body may be checked once per probe. */
static bool is_repeated(const struct ordered *items, size_t index)
{
	const struct diag *diag = items[index].diag;
	const struct diag *other;
	size_t i;

	for (i = index; i-- > 0;) {
		other = items[i].diag;
		if (other->at.begin != diag->at.begin)
			return false;
		if (other->severity == diag->severity &&
		    other->at.end == diag->at.end &&
		    !strcmp(other->message, diag->message))
			return true;
	}
	return false;
}

static struct ordered *order_all(struct diags *diags, size_t *count)
{
	const struct diag *diag;
	struct ordered *items;

	*count = 0;
	for (diag = diags->first; diag; diag = diag->next)
		(*count)++;
	items = ARENA_ARRAY(diags->arena, *count, struct ordered);
	*count = 0;
	for (diag = diags->first; diag; diag = diag->next, (*count)++)
		items[*count] = (struct ordered){ diag, *count };
	qsort(items, *count, sizeof(*items), compare_order);
	return items;
}

void diags_print(struct diags *diags, FILE *out, bool colour, bool verbose)
{
	struct printer printer = { out, diags->source, colour };
	unsigned errors = 0;
	size_t count;
	struct ordered *items = order_all(diags, &count);
	size_t i;

	for (i = 0; i < count; i++) {
		const struct diag *diag = items[i].diag;

		if (diag->severity == SEVERITY_NOTE && !verbose)
			continue;
		if (is_repeated(items, i))
			continue;
		if (diag->severity == SEVERITY_ERROR &&
		    ++errors > PRINTED_ERRORS_MAX)
			continue;
		print_diag(&printer, diag);
	}
	if (errors > PRINTED_ERRORS_MAX)
		fprintf(out, "etrace: errors not shown: %u\n",
			errors - PRINTED_ERRORS_MAX);
	diags->first = NULL;
	diags->last = &diags->first;
}

const char *diag_tag_name(enum diag_tag tag)
{
	return tags[tag].name;
}

const char *diag_tag_meaning(enum diag_tag tag)
{
	return tags[tag].meaning;
}
