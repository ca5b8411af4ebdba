/*
 * The words of programs, what numbers and strings are worth, and complaints
 * about text that is no word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lexer/lexer.h"

struct fixture {
	struct arena *arena;
	struct source *source;
	struct diags *diags;
};

static struct fixture open_text(const char *text, size_t size)
{
	struct fixture fixture = { .arena = arena_new() };

	fixture.source = source_from_text(fixture.arena, "-e", text, size);
	fixture.diags = diags_new(fixture.arena, fixture.source);
	return fixture;
}

/* The names of all tokens but the last, with a space between them. */
static const char *token_names(struct fixture *fixture)
{
	struct lexer *lexer =
		lexer_open(fixture->arena, fixture->source, fixture->diags);
	const char *names = "";
	struct token token;

	while ((token = lexer_next(lexer)).kind != TOKEN_END_OF_FILE)
		names = arena_printf(fixture->arena, "%s%s%s", names,
				     *names ? " " : "", token_name(token.kind));
	assert_int_equal(lexer_next(lexer).kind, TOKEN_END_OF_FILE);
	lexer_close(lexer);
	return names;
}

static const struct {
	const char *text;
	const char *names;
} sequences[] = {
	/* attach points */
	{ "BEGIN{}", "ATTACH_POINT BODY END_BODY" },
	{ "kprobe:f/pid/{}", "ATTACH_POINT PREDICATE IDENTIFIER "
			     "END_PREDICATE BODY END_BODY" },
	{ "uprobe:/bin/bash:readline+0x10 /x/ {}",
	  "ATTACH_POINT PREDICATE IDENTIFIER END_PREDICATE BODY END_BODY" },
	{ "uprobe:./a.out:main{}", "ATTACH_POINT BODY END_BODY" },
	{ "uprobe:/bin/x:\"ns::f(int) { /\"{}", "ATTACH_POINT BODY END_BODY" },
	{ "uprobe:\"/my files/x\":f{}", "ATTACH_POINT BODY END_BODY" },
	{ "a, b,{}", "ATTACH_POINT COMMA ATTACH_POINT COMMA BODY END_BODY" },
	{ "a??b ?? c{}", "ATTACH_POINT ELSE_PROBE ATTACH_POINT ELSE_PROBE "
			 "ATTACH_POINT BODY END_BODY" },
	{ "mine = kprobe:f{}", "PROBE_NAME ASSIGN ATTACH_POINT BODY END_BODY" },
	{ "$1{}", "ATTACH_POINT BODY END_BODY" },
	{ "i:ms:$1{}", "ATTACH_POINT BODY END_BODY" },
	{ "t:a:b<f()>", "ATTACH_POINT BODY IDENTIFIER LPAREN RPAREN END_BODY" },
	{ "a//c\n{}", "ATTACH_POINT BODY END_BODY" },
	{ "a/*c*/{}", "ATTACH_POINT BODY END_BODY" },
	/* predicates */
	{ "a /b / c/ {}", "ATTACH_POINT PREDICATE IDENTIFIER DIV IDENTIFIER "
			  "END_PREDICATE BODY END_BODY" },
	{ "a /b < c/ /* { */ <>",
	  "ATTACH_POINT PREDICATE IDENTIFIER LESS IDENTIFIER END_PREDICATE "
	  "BODY END_BODY" },
	{ "a /b {}", "ATTACH_POINT PREDICATE IDENTIFIER BODY END_BODY" },
	/* bodies */
	{ "a<(b>c)>", "ATTACH_POINT BODY LPAREN IDENTIFIER GREATER IDENTIFIER "
		      "RPAREN END_BODY" },
	{ "a<b>=c>", "ATTACH_POINT BODY IDENTIFIER GREATER_EQUAL IDENTIFIER "
		     "END_BODY" },
	{ "a<b->c>>d>", "ATTACH_POINT BODY IDENTIFIER ARROW IDENTIFIER SHR "
			"IDENTIFIER END_BODY" },
	{ "a<{b>c}>", "ATTACH_POINT BODY LBRACE IDENTIFIER GREATER IDENTIFIER "
		      "RBRACE END_BODY" },
	{ "a<@[b>c]>", "ATTACH_POINT BODY MAP LBRACKET IDENTIFIER GREATER "
		       "IDENTIFIER RBRACKET END_BODY" },
	{ "a{b>c}", "ATTACH_POINT BODY IDENTIFIER GREATER IDENTIFIER "
		    "END_BODY" },
	{ "a{{b}}c", "ATTACH_POINT BODY LBRACE IDENTIFIER RBRACE END_BODY "
		     "ATTACH_POINT" },
	{ "a{f(}b", "ATTACH_POINT BODY IDENTIFIER LPAREN END_BODY "
		    "ATTACH_POINT" },
	{ "a{{f(}}b", "ATTACH_POINT BODY LBRACE IDENTIFIER LPAREN RBRACE "
		      "END_BODY ATTACH_POINT" },
	/* words */
	{ "a{$x $1 $# @ @y}", "ATTACH_POINT BODY VARIABLE PARAMETER "
			      "PARAMETERS MAP MAP END_BODY" },
	{ "a{x.if y->string}", "ATTACH_POINT BODY IDENTIFIER DOT IDENTIFIER "
			       "IDENTIFIER ARROW IDENTIFIER END_BODY" },
	{ "a{x.0.1 0..1}", "ATTACH_POINT BODY IDENTIFIER DOT TUPLE_FIELD DOT "
			   "TUPLE_FIELD INTEGER RANGE INTEGER END_BODY" },
	{ "a{struct int}", "ATTACH_POINT BODY STRUCT IDENTIFIER END_BODY" },
	{ "a{(x *)y}", "ATTACH_POINT BODY LPAREN TYPE_NAME MUL RPAREN "
		       "IDENTIFIER END_BODY" },
	{ "a{(x * y)}", "ATTACH_POINT BODY LPAREN IDENTIFIER MUL IDENTIFIER "
			"RPAREN END_BODY" },
	{ "a{x!~y}", "ATTACH_POINT BODY IDENTIFIER NOT_MATCH IDENTIFIER "
		     "END_BODY" },
	{ "a{if !~y}", "ATTACH_POINT BODY IF NOT COMPLEMENT IDENTIFIER "
		       "END_BODY" },
	{ "a{ifx for_ u8 s8 foo_t _t}",
	  "ATTACH_POINT BODY IDENTIFIER IDENTIFIER TYPE_NAME TYPE_NAME "
	  "TYPE_NAME IDENTIFIER END_BODY" },
	{ "a{x+++y}", "ATTACH_POINT BODY IDENTIFIER INCREMENT ADD IDENTIFIER "
		      "END_BODY" },
	{ "a{x<<=1>>=2}", "ATTACH_POINT BODY IDENTIFIER SHL_ASSIGN INTEGER "
			  "SHR_ASSIGN INTEGER END_BODY" },
	/* blocks outside */
	{ "config = { a = 1 } b{}", "CONFIG ASSIGN LBRACE IDENTIFIER ASSIGN "
				    "INTEGER RBRACE ATTACH_POINT BODY "
				    "END_BODY" },
	{ "let @m = hash(5); b{}", "LET MAP ASSIGN IDENTIFIER LPAREN INTEGER "
				   "RPAREN SEMICOLON ATTACH_POINT BODY "
				   "END_BODY" },
	{ "config{}", "ATTACH_POINT BODY END_BODY" },
	{ "let{}", "ATTACH_POINT BODY END_BODY" },
	/* what is skipped */
	{ "#!/usr/bin/env etrace\na{}", "ATTACH_POINT BODY END_BODY" },
	{ "\xef\xbb\xbf#!x\na{}", "ATTACH_POINT BODY END_BODY" },
	{ "#include <x.h>\na{}", "ATTACH_POINT BODY END_BODY" },
	{ "#ifdef ETRACE\na{}\n#else\nb{}\n#endif\nc",
	  "ATTACH_POINT BODY END_BODY ATTACH_POINT" },
	{ "#ifndef BPFTRACE_HAVE_BTF\n#ifdef x\n#else\n#endif\nstruct x {\n"
	  "#else\na\n#endif\n{}",
	  "ATTACH_POINT BODY END_BODY" },
	{ "#ifndef x\na\n#else\nb\n#endif\n", "ATTACH_POINT" },
	{ "", "" },
};

static void texts_become_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sequences); i++) {
		struct fixture fixture =
			open_text(sequences[i].text, strlen(sequences[i].text));

		assert_string_equal(token_names(&fixture), sequences[i].names);
		assert_int_equal(fixture.diags->errors, 0);
		arena_free(fixture.arena);
	}
}

static const struct {
	const char *text;
	enum diag_tag tag;
	uint32_t begin, end; /* of the complaint */
} complaints[] = {
	{ "a{ ` }", E_BAD_CHARACTER, 3, 4 },
	{ "a{ '' }", E_BAD_CHARACTER, 3, 5 },
	{ "a{ \xef\xbc\x88 }", E_BAD_CHARACTER, 3, 6 },
	{ "a\xef\xbd\x9b", E_BAD_CHARACTER, 1, 4 },
	{ "a{ \xff\xfe }", E_BAD_UTF8, 3, 5 },
	{ "k:\xff{}", E_BAD_UTF8, 2, 3 },
	{ "a{ \"b }\n}", E_OPEN_STRING, 3, 7 },
	{ "a:\"b", E_OPEN_STRING, 2, 4 },
	{ "a{} /* b", E_OPEN_COMMENT, 4, 6 },
	{ "a{ /* }", E_OPEN_BODY, 1, 2 },
	{ "a{ b", E_OPEN_BODY, 1, 2 },
	{ "a < b", E_OPEN_BODY, 2, 3 },
	{ "config = { b", E_OPEN_BODY, 9, 10 },
	{ "struct x { int a; } a{}", E_SYNTAX, 0, 6 },
	{ "fn f($a: int64) { x; } a{}", E_UNSUPPORTED, 0, 2 },
	{ "macro f() { x; } a{}", E_UNSUPPORTED, 0, 5 },
	{ "import \"x\"\na{}", E_UNSUPPORTED, 0, 6 },
	{ "#define 1\na{}", E_SYNTAX, 0, 9 },
	{ "#define \\\n1\na{}", E_SYNTAX, 0, 11 },
	{ "#include \"x.h\"\na{}", E_FILE, 0, 14 },
	{ "#include \"x.bpf.c\"\na{}", E_UNSUPPORTED, 0, 18 },
	{ "#if X(1)\n#endif\na{}", E_UNSUPPORTED, 4, 8 },
	{ "#if X\na{}", E_SYNTAX, 0, 5 },
	{ "#if 1 +\n#endif", E_SYNTAX, 4, 7 },
	{ "#else\na{}", E_SYNTAX, 0, 5 },
	{ "#if 1\n#else\n#else\n#endif", E_SYNTAX, 12, 17 },
	{ "#error no\na{}", E_SYNTAX, 0, 9 },
	{ "a{}\n#ifdef X\nb{}", E_SYNTAX, 4, 12 },
};

static const struct diag *find_diag(const struct diags *diags,
				    enum diag_tag tag)
{
	const struct diag *diag = diags->first;

	while (diag && diag->tag != tag)
		diag = diag->next;
	if (!diag)
		fail_msg("no %s", diag_tag_name(tag));
	return diag;
}

static void strange_text_is_reported(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(complaints); i++) {
		struct fixture fixture = open_text(complaints[i].text,
						   strlen(complaints[i].text));
		const struct diag *diag;

		token_names(&fixture);
		diag = find_diag(fixture.diags, complaints[i].tag);
		assert_int_equal(diag->at.begin, complaints[i].begin);
		assert_int_equal(diag->at.end, complaints[i].end);
		arena_free(fixture.arena);
	}
}

static void a_declaration_is_one_word(void **state)
{
	static const char text[] = "struct x { int a[3]; } __packed; a{}\n"
				   "typedef int\n#if 0\n;\n#endif\nb; a{}";
	struct fixture fixture = open_text(text, strlen(text));

	(void)state;
	assert_string_equal(token_names(&fixture),
			    "DECLARATION ATTACH_POINT BODY END_BODY "
			    "DECLARATION ATTACH_POINT BODY END_BODY");
	assert_int_equal(fixture.diags->errors, 0);
	arena_free(fixture.arena);
}

static void an_unsupported_construct_is_skipped(void **state)
{
	static const char text[] = "macro x(a) { { a } } a{}";
	struct fixture fixture = open_text(text, strlen(text));

	(void)state;
	assert_string_equal(token_names(&fixture),
			    "ATTACH_POINT BODY END_BODY");
	assert_int_equal(fixture.diags->errors, 1);
	arena_free(fixture.arena);
}

static void nul_bytes_end_nothing(void **state)
{
	static const char text[] = "a{ \"x\0y\" /* \0 */ \0 } b{}";
	struct fixture fixture = open_text(text, sizeof(text) - 1);

	(void)state;
	assert_string_equal(token_names(&fixture),
			    "ATTACH_POINT BODY STRING END_BODY ATTACH_POINT "
			    "BODY END_BODY");
	assert_int_equal(fixture.diags->errors, 1);
	arena_free(fixture.arena);
}

static const struct {
	const char *text;
	uint64_t value;
	bool is_good, is_unsigned, is_duration;
} integers[] = {
	{ "0", 0, true, false, false },
	{ "42", 42, true, false, false },
	{ "0x1F", 31, true, false, false },
	{ "0Xff", 255, true, false, false },
	{ "0b101", 5, true, false, false },
	{ "017", 15, true, false, false },
	{ "1_000_000", 1000000, true, false, false },
	{ "1e6", 1000000, true, false, false },
	{ "5e3", 5000, true, false, false },
	{ "0e30", 0, true, false, false },
	{ "10u", 10, true, true, false },
	{ "10ULL", 10, true, true, false },
	{ "10l", 10, true, false, false },
	{ "9223372036854775807", INT64_MAX, true, false, false },
	{ "9223372036854775808", UINT64_C(1) << 63, true, true, false },
	{ "18446744073709551615", UINT64_MAX, true, true, false },
	{ "0xffffffffffffffff", UINT64_MAX, true, true, false },
	{ "18446744073709551616", 0, false, false, false },
	{ "1e20", 0, false, false, false },
	{ "1e99999999999999999999", 0, false, false, false },
	{ "7ns", 7, true, false, true },
	{ "7us", 7000, true, false, true },
	{ "7ms", 7000000, true, false, true },
	{ "5s", UINT64_C(5000000000), true, false, true },
	{ "2m", UINT64_C(120000000000), true, false, true },
	{ "1h", UINT64_C(3600000000000), true, false, true },
	{ "1d", UINT64_C(86400000000000), true, false, true },
	{ "1000000d", 0, false, false, false },
	{ "5MS", 0, false, false, false },
	{ "08", 0, false, false, false },
	{ "0x", 0, false, false, false },
	{ "0b2", 0, false, false, false },
	{ "1__0", 0, false, false, false },
	{ "1_", 0, false, false, false },
	{ "1e", 0, false, false, false },
	{ "1x", 0, false, false, false },
};

static void numbers_have_values(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(integers); i++) {
		struct fixture fixture =
			open_text(integers[i].text, strlen(integers[i].text));
		struct token token = { TOKEN_INTEGER,
				       { 0, fixture.source->size } };
		struct integer integer;
		bool is_good = token_integer(fixture.source, token,
					     fixture.diags, &integer);

		assert_int_equal(is_good, integers[i].is_good);
		assert_int_equal(fixture.diags->errors, !is_good);
		if (!is_good)
			assert_int_equal(fixture.diags->first->tag,
					 E_BAD_NUMBER);
		assert_int_equal(integer.value, integers[i].value);
		assert_int_equal(integer.is_unsigned, integers[i].is_unsigned);
		assert_int_equal(integer.is_duration, integers[i].is_duration);
		arena_free(fixture.arena);
	}
}

static const struct {
	const char *text;
	bool is_good;
	int64_t value;
} bare[] = {
	{ "12", true, 12 },
	{ "-12", true, -12 },
	{ "-0x10", true, -16 },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "-9223372036854775809", false, 0 },
	{ "10ms", true, 10000000 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ "--1", false, 0 },
	{ "1 ", false, 0 },
	{ "bash", false, 0 },
};

static void bare_text_may_be_a_number(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bare); i++) {
		struct integer integer;
		bool is_good = text_integer(bare[i].text, strlen(bare[i].text),
					    &integer);

		assert_int_equal(is_good, bare[i].is_good);
		if (is_good)
			assert_int_equal(integer.value, bare[i].value);
	}
}

static const struct {
	const char *text;
	const char *bytes;
	size_t length;
	unsigned errors;
} strings[] = {
	{ "\"\"", "", 0, 0 },
	{ "\"abc\"", "abc", 3, 0 },
	{ "\"a\\n\\t\\r\\a\\\\\\\"\"", "a\n\t\r\a\\\"", 7, 0 },
	{ "\"\\x41\\x4z\\x4\"", "A\x04z\x04", 4, 0 },
	{ "\"\\101\\0\\7z\\400\"",
	  "A\0\7z\x20"
	  "0",
	  6, 0 },
	{ "\"\\q\"", "\\q", 2, 1 },
	{ "\"\\xg\"", "\\xg", 3, 1 },
	{ "\"\\x\xff\"", "\\x\xff", 3, 1 },
	{ "\"open", "open", 4, 0 },
	{ "\"", "", 0, 0 },
};

static void strings_have_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		struct fixture fixture =
			open_text(strings[i].text, strlen(strings[i].text));
		struct token token = { TOKEN_STRING,
				       { 0, fixture.source->size } };
		size_t length;
		const char *bytes = token_string(fixture.arena, fixture.source,
						 token, fixture.diags, &length);

		assert_int_equal(length, strings[i].length);
		assert_memory_equal(bytes, strings[i].bytes, length + 1);
		assert_int_equal(fixture.diags->errors, strings[i].errors);
		if (strings[i].errors)
			assert_int_equal(fixture.diags->first->tag,
					 E_BAD_ESCAPE);
		arena_free(fixture.arena);
	}
}

static void tokens_are_spelled(void **state)
{
	int kind;

	(void)state;
	assert_string_equal(token_spelling(TOKEN_LBRACE), "'{'");
	assert_string_equal(token_spelling(TOKEN_ELSE_PROBE), "'?\077'");
	assert_string_equal(token_name(TOKEN_LBRACE), "LBRACE");
	for (kind = TOKEN_BASE + 1; kind < TOKEN_LAST; kind++) {
		assert_true(*token_spelling((enum token_kind)kind) != '\0');
		assert_true(*token_name((enum token_kind)kind) != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_words),
		cmocka_unit_test(strange_text_is_reported),
		cmocka_unit_test(a_declaration_is_one_word),
		cmocka_unit_test(an_unsupported_construct_is_skipped),
		cmocka_unit_test(nul_bytes_end_nothing),
		cmocka_unit_test(numbers_have_values),
		cmocka_unit_test(bare_text_may_be_a_number),
		cmocka_unit_test(strings_have_bytes),
		cmocka_unit_test(tokens_are_spelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
