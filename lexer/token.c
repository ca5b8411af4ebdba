/*
 * What tokens say: their names for dumps and messages, and the values of
 * numbers and strings. Knows no order of tokens. Called by the parser, the
 * dump, and for positional parameters.
 */
#include <string.h>

#include "lexer/lexer.h"

static const struct {
	const char *name;
	const char *spelling;
} tokens[] = {
#define TOKEN(name, spelling) { #name, spelling },
#include "lexer/token.def"
#undef TOKEN
};

/* The first enumerator after TOKEN_BASE. */
#define FIRST_TOKEN (TOKEN_BASE + 1)

_Static_assert(TOKEN_INTEGER == 258, "bison numbers tokens from 258");

const char *token_name(enum token_kind kind)
{
	return tokens[kind - FIRST_TOKEN].name;
}

const char *token_spelling(enum token_kind kind)
{
	return tokens[kind - FIRST_TOKEN].spelling;
}

const char *token_text(struct arena *arena, const struct source *source,
		       struct token token)
{
	return arena_strndup(arena, source->text + token.at.begin,
			     token.at.end - token.at.begin);
}

/* ---- numbers ---- */

static const struct suffix {
	const char *text;
	uint64_t nanoseconds; /* 0: a suffix of C */
	bool is_unsigned;
} suffixes[] = {
	{ "u", 0, true },
	{ "ul", 0, true },
	{ "ull", 0, true },
	{ "l", 0, false },
	{ "ll", 0, false },
	{ "ns", 1, false },
	{ "us", 1000, false },
	{ "ms", 1000000, false },
	{ "s", 1000000000, false },
	{ "m", 60 * UINT64_C(1000000000), false },
	{ "h", 3600 * UINT64_C(1000000000), false },
	{ "d", 86400 * UINT64_C(1000000000), false },
};

enum reading {
	READ_WELL,
	READ_MALFORMED,
	READ_TOO_LARGE,
};

static const struct suffix *find_suffix(const char *text, size_t length)
{
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (strlen(suffixes[i].text) != length)
			continue;
		/* C's suffixes may be capitals: 10UL */
		for (k = 0; k < length; k++)
			if (text[k] != suffixes[i].text[k] &&
			    (suffixes[i].nanoseconds ||
			     (text[k] | 0x20) != suffixes[i].text[k]))
				break;
		if (k == length)
			return &suffixes[i];
	}
	return NULL;
}

/* The digit's value, or `base` for any other byte. */
static unsigned digit_value(char byte, unsigned base)
{
	unsigned value = base;

	if (byte >= '0' && byte <= '9')
		value = (unsigned)(byte - '0');
	else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
		value = (unsigned)((byte | 0x20) - 'a' + 10);
	return value < base ? value : base;
}

/* Digits of `base` with single '_' between them; `*at` moves behind them. */
static enum reading read_digits(const char *text, size_t length, size_t *at,
				unsigned base, uint64_t *value)
{
	bool after_digit = false;
	bool overflow = false;

	*value = 0;
	for (; *at < length; (*at)++) {
		unsigned digit = digit_value(text[*at], base);

		if (text[*at] == '_' && after_digit) {
			after_digit = false;
			continue;
		}
		if (digit == base)
			break;
		overflow |= __builtin_mul_overflow(*value, base, value);
		overflow |= __builtin_add_overflow(*value, digit, value);
		after_digit = true;
	}
	if (!after_digit)
		return READ_MALFORMED;
	return overflow ? READ_TOO_LARGE : READ_WELL;
}

static unsigned read_prefix(const char *text, size_t length, size_t *at)
{
	*at = 0;
	if (length < 2 || text[0] != '0')
		return 10;
	*at = 2;
	if ((text[1] | 0x20) == 'x')
		return 16;
	if ((text[1] | 0x20) == 'b')
		return 2;
	*at = 0;
	return text[1] >= '0' && text[1] <= '9' ? 8 : 10;
}

/* 1e6, 5e3: a power of ten. */
static enum reading read_exponent(const char *text, size_t length, size_t *at,
				  uint64_t *value)
{
	enum reading reading;
	uint64_t exponent;

	(*at)++;
	reading = read_digits(text, length, at, 10, &exponent);
	if (reading == READ_MALFORMED)
		return reading;
	if (!*value)
		return READ_WELL;
	if (exponent > 19)
		return READ_TOO_LARGE;
	for (; exponent; exponent--)
		if (__builtin_mul_overflow(*value, 10, value))
			return READ_TOO_LARGE;
	return READ_WELL;
}

static enum reading read_suffix(const char *text, size_t length,
				struct integer *integer)
{
	const struct suffix *suffix = find_suffix(text, length);

	if (!suffix)
		return READ_MALFORMED;
	integer->is_unsigned |= suffix->is_unsigned;
	if (!suffix->nanoseconds)
		return READ_WELL;
	integer->is_duration = true;
	if (__builtin_mul_overflow(integer->value, suffix->nanoseconds,
				   &integer->value))
		return READ_TOO_LARGE;
	return READ_WELL;
}

static enum reading read_integer(const char *text, size_t length,
				 struct integer *integer)
{
	size_t at;
	unsigned base = read_prefix(text, length, &at);
	enum reading reading;

	*integer = (struct integer){ 0 };
	reading = read_digits(text, length, &at, base, &integer->value);
	if (reading == READ_WELL && base == 10 && at < length &&
	    (text[at] | 0x20) == 'e')
		reading = read_exponent(text, length, &at, &integer->value);
	if (reading == READ_WELL && at < length)
		reading = read_suffix(text + at, length - at, integer);
	if (reading == READ_WELL && integer->value > INT64_MAX)
		integer->is_unsigned = true;
	return reading;
}

bool token_integer(const struct source *source, struct token token,
		   struct diags *diags, struct integer *integer)
{
	const char *text = source->text + token.at.begin;
	size_t length = token.at.end - token.at.begin;
	enum reading reading = read_integer(text, length, integer);
	int shown = length < 40 ? (int)length : 40;
	struct diag *diag;

	if (reading == READ_WELL)
		return true;
	*integer = (struct integer){ 0 };
	if (reading == READ_TOO_LARGE) {
		diag_error(diags, E_BAD_NUMBER, token.at,
			   "'%.*s' is larger than 64 bits hold", shown, text);
		return false;
	}
	diag = diag_error(diags, E_BAD_NUMBER, token.at, "'%.*s' is no number",
			  shown, text);
	diag_hint(diags, diag,
		  "numbers look like 10, 0x1f, 0b101, 017, 1_000, 1e6, 10ul or "
		  "5ms (ns us ms s m h d)");
	return false;
}

bool text_integer(const char *text, size_t length, struct integer *integer)
{
	bool is_negative = length > 1 && text[0] == '-';

	if (read_integer(text + is_negative, length - is_negative, integer) !=
	    READ_WELL)
		return false;
	if (!is_negative)
		return true;
	if (integer->value > (uint64_t)INT64_MAX + 1)
		return false;
	integer->value = 0 - integer->value;
	integer->is_unsigned = false;
	return true;
}

/* ---- strings ---- */

/* Escapes of one letter, and the bytes they stand for. */
static const char escape_letters[] = "ntra\\\"";
static const char escape_bytes[] = "\n\t\r\a\\\"";

/* Up to `most` digits from `text` on; their count, their value in `*byte`. */
static size_t read_code(const char *text, size_t length, unsigned base,
			size_t most, char *byte)
{
	unsigned value = 0;
	size_t count;

	for (count = 0; count < most && count < length; count++) {
		unsigned digit = digit_value(text[count], base);

		if (digit == base || value * base + digit > UINT8_MAX)
			break;
		value = value * base + digit;
	}
	*byte = (char)value;
	return count;
}

/*
 * The escape behind a backslash: how many bytes of `text` it takes, and the
 * byte it stands for. 0: there is no such escape.
 */
static size_t read_escape(const char *text, size_t length, char *byte)
{
	const char *letter;
	size_t digits;

	if (!length || !*text)
		return 0;
	letter = strchr(escape_letters, *text);
	if (letter) {
		*byte = escape_bytes[letter - escape_letters];
		return 1;
	}
	if (*text != 'x')
		return read_code(text, length, 8, 3, byte);
	digits = read_code(text + 1, length - 1, 16, 2, byte);
	return digits ? digits + 1 : 0;
}

static void report_escape(struct diags *diags, const char *text, size_t length,
			  uint32_t at)
{
	struct span span = { at, at + (length > 1 ? 2 : 1) };
	struct diag *diag;

	if (length > 1 && text[1] > ' ' && text[1] < 0x7f)
		diag = diag_error(diags, E_BAD_ESCAPE, span,
				  "there is no escape '\\%c'", text[1]);
	else
		diag = diag_error(diags, E_BAD_ESCAPE, span,
				  "this backslash begins no escape");
	diag_hint(diags, diag,
		  "write \\\\ for a backslash; the others are \\n \\t \\r \\a "
		  "\\\" \\ooo (octal) and \\xHH");
}

const char *token_string(struct arena *arena, const struct source *source,
			 struct token token, struct diags *diags,
			 size_t *length)
{
	const char *text = source->text;
	uint32_t at = token.at.begin + 1;
	uint32_t end = token.at.end;
	char *bytes = arena_alloc(arena, (size_t)(end - at) + 1);
	size_t used = 0;

	/* an unclosed string has no quote at its end */
	if (end > at && text[end - 1] == '"')
		end--;
	while (at < end) {
		size_t taken;

		if (text[at] != '\\') {
			bytes[used++] = text[at++];
			continue;
		}
		taken = read_escape(text + at + 1, end - at - 1, bytes + used);
		if (!taken) {
			report_escape(diags, text + at, end - at, at);
			bytes[used] = '\\';
		}
		used++;
		at += 1 + (uint32_t)taken;
	}
	bytes[used] = '\0';
	*length = used;
	return bytes;
}
