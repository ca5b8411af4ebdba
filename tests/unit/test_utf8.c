/*
 * UTF-8: what is valid, how wide it is, what a terminal may see of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/utf8.h"

static const struct {
	const char *text;
	size_t size;
	uint32_t code;
	unsigned width;
} characters[] = {
	{ "a", 1, 'a', 1 },
	{ "\x7f", 1, 0x7f, 1 },
	{ "\xc3\xa9", 2, 0xe9, 1 },             /* e with an acute */
	{ "\xcc\x81", 2, 0x301, 0 },            /* the acute alone */
	{ "\xe4\xbd\xa0", 3, 0x4f60, 2 },       /* Chinese */
	{ "\xef\xbc\x88", 3, 0xff08, 2 },       /* full-width ( */
	{ "\xf0\x9f\x98\x80", 4, 0x1f600, 2 },  /* a face */
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff, 1 }, /* the last one */
	{ "\x80", 0, 0, 0 },                    /* a tail alone */
	{ "\xc3", 0, 0, 0 },                    /* cut off */
	{ "\xc3(", 0, 0, 0 },                   /* no tail */
	{ "\xc0\x80", 0, 0, 0 },                /* overlong */
	{ "\xe0\x80\x80", 0, 0, 0 },            /* overlong */
	{ "\xed\xa0\x80", 0, 0, 0 },            /* half of a pair */
	{ "\xf4\x90\x80\x80", 0, 0, 0 },        /* too large */
	{ "\xff", 0, 0, 0 },
};

static void characters_are_decoded(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(characters); i++) {
		uint32_t code = 0;
		size_t size = utf8_decode(characters[i].text,
					  strlen(characters[i].text), &code);

		assert_int_equal(size, characters[i].size);
		assert_int_equal(code, characters[i].code);
		if (size)
			assert_int_equal(utf8_width(code), characters[i].width);
	}
}

static const struct {
	const char *text;
	size_t columns;
	const char *printed;
	size_t used, shown;
} prints[] = {
	{ "abc", 10, "abc", 3, 3 },
	{ "abc", 2, "ab", 2, 2 },
	{ "a\tb", 10, "a b", 3, 3 },
	{ "a\033[2J", 10, "a\\x1b[2J", 8, 5 },
	{ "\x9b"
	  "1m",
	  10, "\\x9b1m", 6, 3 },
	{ "\xc2\x9b"
	  "1m",
	  10, "\\xc2\\x9b1m", 10, 4 },
	{ "\xe2\x80\xae"
	  "x",
	  20, "\\xe2\\x80\\xaex", 13, 4 },
	{ "\xe4\xbd\xa0\xe5\xa5\xbd", 3, "\xe4\xbd\xa0", 2, 3 },
	{ "\x01", 3, "", 0, 0 },
};

static void text_is_made_safe(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(prints); i++) {
		char *printed = NULL;
		size_t size = 0;
		size_t shown = 0;
		FILE *out = open_memstream(&printed, &size);
		size_t used =
			utf8_print(out, prints[i].text, strlen(prints[i].text),
				   prints[i].columns, &shown);

		fclose(out);
		assert_string_equal(printed, prints[i].printed);
		assert_int_equal(used, prints[i].used);
		assert_int_equal(shown, prints[i].shown);
		free(printed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_decoded),
		cmocka_unit_test(text_is_made_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
