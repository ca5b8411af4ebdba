/*
 * printf formats, taken apart: which text, which conversions, how many values.
 * Knows the syntax and prints nothing. Called by the checker, and by the
 * printer when it is handed a program's formats.
 */
#include "parser/format.h"

#include <string.h>

/* Widths and precisions: beyond these a line is no longer a line. */
#define NUMBER_MAX 4096

struct scanner {
	struct arena *arena;
	struct diags *diags;
	struct span literal;
	const char *text;
	size_t length;
	size_t at;
	char *out; /* room for the literal text of the pieces still to come */
	bool failed;
};

/* ---- where a byte of the literal stands in the program ---- */

/* Source bytes of the escape at `text`, which begins with a backslash. */
static size_t escape_length(const char *text, size_t left)
{
	size_t digits = 0;

	if (left < 2)
		return left;
	if (text[1] == 'x') {
		while (digits < 2 && 2 + digits < left &&
		       strchr("0123456789abcdefABCDEF", text[2 + digits]))
			digits++;
		return digits ? 2 + digits : 1;
	}
	while (digits < 3 && 1 + digits < left && text[1 + digits] >= '0' &&
	       text[1 + digits] <= '7')
		digits++;
	if (digits)
		return 1 + digits;
	/* An unknown escape was kept: its backslash is a byte like others. */
	return strchr("ntra\\\"", text[1]) ? 2 : 1;
}

/*
 * The span of bytes [begin, end) of the resolved literal. The whole literal
 * when they cannot be found, as in a format that came from a parameter.
 */
static struct span locate(const struct scanner *scanner, size_t begin,
			  size_t end)
{
	const struct source *source = scanner->diags->source;
	struct span span = scanner->literal;
	uint32_t at = span.begin + 1;
	size_t byte = 0;

	if (!source || span.end > source->size || span.end < span.begin + 2 ||
	    source->text[span.begin] != '"')
		return span;
	for (; byte <= end && at < span.end; byte++) {
		const char *text = source->text + at;

		if (byte == begin)
			span.begin = at;
		if (byte == end) {
			span.end = at;
			return span;
		}
		at += *text == '\\' ? escape_length(text, span.end - at) : 1;
	}
	return scanner->literal;
}

static struct diag *fail(struct scanner *scanner, size_t begin,
			 const char *message)
{
	size_t end = scanner->at > begin ? scanner->at : begin + 1;

	if (end > scanner->length)
		end = scanner->length;
	scanner->failed = true;
	return diag_error(scanner->diags, E_FORMAT, locate(scanner, begin, end),
			  "%s", message);
}

/* ---- the parts of a conversion ---- */

static char peek(const struct scanner *scanner)
{
	if (scanner->at >= scanner->length)
		return '\0';
	return scanner->text[scanner->at];
}

static bool accept(struct scanner *scanner, char wanted)
{
	if (scanner->at >= scanner->length || peek(scanner) != wanted)
		return false;
	scanner->at++;
	return true;
}

static void scan_flags(struct scanner *scanner, struct format_piece *piece)
{
	for (;;) {
		if (accept(scanner, '-'))
			piece->left = true;
		else if (accept(scanner, '+'))
			piece->plus = true;
		else if (accept(scanner, ' '))
			piece->space = true;
		else if (accept(scanner, '#'))
			piece->alternate = true;
		else if (accept(scanner, '0'))
			piece->zero = true;
		else
			return;
	}
}

/* Digits, none of which means 0. */
static int scan_number(struct scanner *scanner)
{
	size_t begin = scanner->at;
	int number = 0;

	while (peek(scanner) >= '0' && peek(scanner) <= '9') {
		if (number <= NUMBER_MAX)
			number = 10 * number + (peek(scanner) - '0');
		scanner->at++;
	}
	if (number > NUMBER_MAX) {
		fail(scanner, begin, "a width or precision above 4096");
		return 0;
	}
	return number;
}

static void scan_size(struct scanner *scanner, struct format_piece *piece)
{
	if (accept(scanner, '*'))
		piece->star_width = true;
	else
		piece->width = scan_number(scanner);
	piece->precision = -1;
	if (!accept(scanner, '.'))
		return;
	if (accept(scanner, '*'))
		piece->star_precision = true;
	else
		piece->precision = scan_number(scanner);
}

static void scan_modifier(struct scanner *scanner, struct format_piece *piece)
{
	piece->bytes = 8;
	if (accept(scanner, 'h')) {
		piece->bytes = accept(scanner, 'h') ? 1 : 2;
		return;
	}
	if (accept(scanner, 'l')) {
		accept(scanner, 'l');
		return;
	}
	if (peek(scanner) && strchr("jztL", peek(scanner)))
		scanner->at++;
}

static bool scan_letter(struct scanner *scanner, struct format_piece *piece,
			size_t begin)
{
	char letter = peek(scanner);
	struct diag *diag;

	if (letter && strchr("diuoxXcsp", letter)) {
		scanner->at++;
		piece->conversion = letter;
		if (letter == 'i')
			piece->conversion = 'd';
		return true;
	}
	if (accept(scanner, 'r')) {
		piece->conversion = 'r';
		if (accept(scanner, 'x'))
			piece->variant = 'x';
		else if (accept(scanner, 'h'))
			piece->variant = 'h';
		return true;
	}
	if (letter == 'g' && scanner->at + 1 < scanner->length &&
	    scanner->text[scanner->at + 1] == 'r') {
		scanner->at += 2;
		piece->conversion = 's';
		piece->variant = 'g';
		return true;
	}
	if (!letter) {
		diag = fail(scanner, begin, "a '%' without a conversion");
		diag_hint(scanner->diags, diag,
			  "write '%%%%' to print a per cent sign");
		return false;
	}
	scanner->at++;
	if (strchr("feEgGaA", letter)) {
		diag = fail(scanner, begin,
			    "there are no floating-point values to print");
		diag_hint(scanner->diags, diag,
			  "scale integers instead: '%%d.%%03d', x / 1000, x %% "
			  "1000");
		return false;
	}
	diag = fail(scanner, begin, "a conversion that does not exist");
	diag_hint(scanner->diags, diag,
		  "there are %%d %%i %%u %%x %%X %%o %%c %%s %%p %%r %%rx "
		  "%%rh %%gr; '%%%%' prints a per cent sign");
	return false;
}

static void scan_conversion(struct scanner *scanner, struct format_piece *piece)
{
	size_t begin = scanner->at - 1;

	scan_flags(scanner, piece);
	scan_size(scanner, piece);
	scan_modifier(scanner, piece);
	if (scan_letter(scanner, piece, begin))
		piece->at = locate(scanner, begin, scanner->at);
}

/* Literal text up to a conversion or the end, with "%%" made "%". */
static struct format_piece scan_piece(struct scanner *scanner)
{
	struct format_piece piece = { .precision = -1, .bytes = 8 };

	piece.text = scanner->out;
	while (scanner->at < scanner->length) {
		char byte = scanner->text[scanner->at++];

		if (byte == '%' && !accept(scanner, '%')) {
			scan_conversion(scanner, &piece);
			break;
		}
		*scanner->out++ = byte;
		piece.length++;
	}
	return piece;
}

struct format *format_parse(struct arena *arena, const char *text,
			    size_t length, struct span literal,
			    struct diags *diags)
{
	struct scanner scanner = {
		.arena = arena,
		.diags = diags,
		.literal = literal,
		.text = text,
		.length = length,
		.out = arena_alloc(arena, length + 1),
	};
	struct format *format = ARENA_NEW(arena, struct format);
	size_t room = 0;

	while (scanner.at < length && !scanner.failed) {
		struct format_piece piece = scan_piece(&scanner);

		format->values += piece.star_width + piece.star_precision +
				  (piece.conversion != 0);
		ARENA_PUSH(arena, format->pieces, format->count, room, piece);
	}
	return scanner.failed ? NULL : format;
}
