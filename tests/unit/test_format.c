/*
 * printf formats: taken apart, and refused where they are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parser/format.h"

static struct arena *arena;

static struct format *parse(const char *text, struct diags *diags)
{
	return format_parse(arena, text, strlen(text), (struct span){ 0, 0 },
			    diags);
}

/* One piece as text: its literal, then the conversion with all it has. */
static const char *piece_text(const struct format_piece *piece)
{
	return arena_printf(
		arena, "<%.*s>%s%s%s%s%s%s%d.%d%s/%d%s%s", (int)piece->length,
		piece->text, piece->left ? "-" : "", piece->plus ? "+" : "",
		piece->space ? "_" : "", piece->alternate ? "#" : "",
		piece->zero ? "0" : "", piece->star_width ? "*" : "",
		piece->width, piece->precision,
		piece->star_precision ? "*" : "", piece->bytes,
		piece->conversion ? arena_strndup(arena, &piece->conversion, 1)
				  : "",
		piece->variant ? arena_strndup(arena, &piece->variant, 1) : "");
}

static const struct {
	const char *text;
	unsigned values;
	const char *pieces[4];
} good_cases[] = {
	{ "", 0, { 0 } },
	{ "plain", 0, { "<plain>0.-1/8" } },
	{ "%d", 1, { "<>0.-1/8d" } },
	{ "%i%%%u", 2, { "<>0.-1/8d", "<%>0.-1/8u" } },
	{ "a%-08.3lxb", 1, { "<a>-08.3/8x", "<b>0.-1/8" } },
	{ "%+ #*.*d", 3, { "<>+_#*0.-1*/8d" } },
	{ "%hhd %hu", 2, { "<>0.-1/1d", "< >0.-1/2u" } },
	{ "%llu%zd%jx", 3, { "<>0.-1/8u", "<>0.-1/8d", "<>0.-1/8x" } },
	{ "%r%rx%rh!",
	  3,
	  { "<>0.-1/8r", "<>0.-1/8rx", "<>0.-1/8rh", "<!>0.-1/8" } },
	{ "%.s", 1, { "<>0.0/8s" } },
	{ "100%%", 0, { "<100%>0.-1/8" } },
	{ "%c%p%o%X",
	  4,
	  { "<>0.-1/8c", "<>0.-1/8p", "<>0.-1/8o", "<>0.-1/8X" } },
};

static void formats_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good_cases); i++) {
		struct diags *diags = diags_new(arena, NULL);
		struct format *format = parse(good_cases[i].text, diags);

		assert_non_null(format);
		assert_int_equal(diags->errors, 0);
		assert_int_equal(format->values, good_cases[i].values);
		for (size_t j = 0; j < 4 && good_cases[i].pieces[j]; j++) {
			assert_true(j < format->count);
			assert_string_equal(piece_text(&format->pieces[j]),
					    good_cases[i].pieces[j]);
		}
	}
}

static const char *const bad_cases[] = {
	"%",   "a %",     "%5",       "%f", "%e", "%n", "%k",
	"%ll", "%99999d", "%.99999d", "%-", "% ", "%g",
};

static void wrong_formats_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		struct diags *diags = diags_new(arena, NULL);

		assert_null(parse(bad_cases[i], diags));
		assert_int_equal(diags->errors, 1);
		assert_int_equal(diags->first->tag, E_FORMAT);
	}
}

/* Escapes take more bytes in the program than in the format. */
static const struct {
	const char *literal;
	const char *resolved;
	const char *conversion; /* the text the span covers */
} place_cases[] = {
	{ "\"%d\"", "%d", "%d" },
	{ "\"\\n\\t%5s\"", "\n\t%5s", "%5s" },
	{ "\"\\x41\\101%lld!\"", "AA%lld!", "%lld" },
	{ "\"\\q%d\"", "\\q%d", "%d" },
	{ "$1", "%d", "$1" },
};

static void conversions_know_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(place_cases); i++) {
		const char *text = place_cases[i].literal;
		struct source *source =
			source_from_text(arena, "test", text, strlen(text));
		struct diags *diags = diags_new(arena, source);
		const char *resolved = place_cases[i].resolved;
		struct format *format = format_parse(
			arena, resolved, strlen(resolved),
			(struct span){ 0, (uint32_t)strlen(text) }, diags);
		struct span at = format->pieces[0].at;

		assert_string_equal(arena_strndup(arena, text + at.begin,
						  at.end - at.begin),
				    place_cases[i].conversion);
	}
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_taken_apart),
		cmocka_unit_test(wrong_formats_are_refused),
		cmocka_unit_test(conversions_know_their_place),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
