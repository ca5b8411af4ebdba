/*
 * Decoding, measuring and printing UTF-8 without the C library's locale, which
 * a tracing program started by root may not have.
 */
#include "lexer/utf8.h"

#define BACKSLASH_X_COLUMNS 4 /* \xNN */

struct range {
	uint32_t first;
	uint32_t last;
};

/* Scripts and symbols that take two columns. */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },
	{ 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/* Combining marks and joiners, which take none. */
static const struct range narrow[] = {
	{ 0x0300, 0x036f },
	{ 0x200b, 0x200d },
	{ 0xfe00, 0xfe0f },
};

/* Controls, and marks that reorder the text around them. */
static const struct range unsafe[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c },
	{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	{ 0xfeff, 0xfeff },
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Length by the first byte; 0 for a byte that begins none. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

size_t utf8_decode(const char *text, size_t length, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t size = sequence_length(bytes[0]);
	uint32_t value;
	size_t i;

	if (!size || size > length)
		return 0;
	value = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);
	for (i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < smallest[size] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*code = value;
	return size;
}

unsigned utf8_width(uint32_t code)
{
	if (code < 0x300)
		return 1;
	if (in_ranges(narrow, ARRAY_SIZE(narrow), code))
		return 0;
	return in_ranges(wide, ARRAY_SIZE(wide), code) ? 2 : 1;
}

bool utf8_is_safe(uint32_t code)
{
	return !in_ranges(unsafe, ARRAY_SIZE(unsafe), code);
}

static void print_bytes(FILE *out, const char *text, size_t size, bool safe)
{
	size_t i;

	if (!out)
		return;
	for (i = 0; i < size; i++) {
		if (text[i] == '\t')
			fputc(' ', out);
		else if (safe)
			fputc(text[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)text[i]);
	}
}

size_t utf8_print(FILE *out, const char *text, size_t length, size_t columns,
		  size_t *shown)
{
	size_t used = 0;
	size_t at = 0;

	while (at < length) {
		uint32_t code = 0;
		size_t size = utf8_decode(text + at, length - at, &code);
		bool safe = size && (code == '\t' || utf8_is_safe(code));
		size_t width;

		if (!size)
			size = 1;
		width = safe ? utf8_width(code) : BACKSLASH_X_COLUMNS * size;
		if (width > columns - used)
			break;
		print_bytes(out, text + at, size, safe);
		used += width;
		at += size;
	}
	if (shown)
		*shown = at;
	return used;
}
