/*
 * Escaping for JSON. Called by print_json.c for everything that is text.
 */
#include "runtime/json.h"

#include <string.h>

#include "lexer/utf8.h"

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void escape_code(struct output *output, uint32_t code)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = {
		'\\',
		'u',
		hex[code >> 12 & 15],
		hex[code >> 8 & 15],
		hex[code >> 4 & 15],
		hex[code & 15],
	};

	output_bytes(output, escape, sizeof(escape));
}

/* The short escape of a character, or 0. */
static char short_escape(uint32_t code)
{
	switch (code) {
	case '"':
	case '\\':
		return (char)code;
	case '\n':
		return 'n';
	case '\t':
		return 't';
	case '\r':
		return 'r';
	default:
		return 0;
	}
}

/* One character that is not plain; how many bytes it has. */
static size_t escape_special(struct output *output, const char *bytes,
			     size_t length)
{
	uint32_t code = 0;
	size_t size = utf8_decode(bytes, length, &code);
	char escape;

	if (!size) {
		escape_code(output, (unsigned char)bytes[0]);
		return 1;
	}
	escape = short_escape(code);
	if (escape) {
		output_char(output, '\\');
		output_char(output, escape);
	} else if (utf8_is_safe(code)) {
		output_bytes(output, bytes, size);
	} else {
		/* All that are unsafe are below U+10000. */
		escape_code(output, code);
	}
	return size;
}

void json_escape(struct output *output, const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t from = at;

		while (at < length && is_plain((unsigned char)bytes[at]))
			at++;
		output_bytes(output, bytes + from, at - from);
		if (at < length)
			at += escape_special(output, bytes + at, length - at);
	}
}

void json_string(struct output *output, const char *bytes, size_t length)
{
	output_char(output, '"');
	json_escape(output, bytes, length);
	output_char(output, '"');
}

void json_text(struct output *output, const char *text)
{
	json_string(output, text, strlen(text));
}
