/*
 * Names of C++ functions as written and as demangled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "parser/cpp_name.h"

static const struct {
	const char *wanted, *demangled;
	bool matches;
} cases[] = {
	{ "ns::f", "ns::f(int)", true },
	{ "ns::f", "ns::f(int) const", true },
	{ "ns::f", "ns::f()", true },
	{ "ns::f(int)", "ns::f(int)", true },
	{ "ns::f(int,char)", "ns::f(int, char)", true },
	{ "ns::f( int , char )", "ns::f(int, char)", true },
	{ "ns::f(char)", "ns::f(int)", false },
	{ "ns::f", "ns::g(int)", false },
	{ "f", "ns::f(int)", false },
	{ "ns::f", "ns::ff(int)", false },
	{ "f(int) const", "f(int) const", true },
	{ "ns::*", "ns::f(int)", true },
	{ "*::f", "ns::f(int)", true },
	{ "*f*", "ns::f(int)", true },
	{ "tf", "int tf<int>(int)", true },
	{ "tf<int>", "int tf<int>(int)", true },
	{ "tf<long>", "int tf<int>(int)", false },
	{ "tf<int>(int)", "int tf<int>(int)", true },
	{ "tf", "std::vector<int, std::allocator<int> > tf<int>(int)", true },
	{ "C<int>::g", "C<int>::g(int)", true },
	{ "C::operator()", "C::operator()(int)", true },
	{ "C::operator()(int)", "C::operator()(int)", true },
	{ "C::operator<", "C::operator<(C const&)", true },
	{ "C::operator bool", "C::operator bool() const", true },
	{ "(anonymous namespace)::f", "(anonymous namespace)::f(int)", true },
	{ "f", "f(int (*)(char))", true },
	{ "f", "f(int) [clone .isra.0]", true },
	{ "f", "f(int) [clone .cold]", false },
	{ "f", "f(int) [clone .part.1]", false },
	{ "f[abi:cxx11]", "f[abi:cxx11](int)", true },
	{ "", "f(int)", false },
	{ "f", "", false },
	{ "f", ")))", false },
	{ "f", "((((", false },
	{ "f", ">>>(int)", false },
};

static void every_spelling(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s, %s\n", cases[i].wanted, cases[i].demangled);
		assert_int_equal(
			cpp_name_matches(cases[i].wanted, cases[i].demangled),
			cases[i].matches);
	}
}

static void names_of_any_length(void **state)
{
	char text[10000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(cpp_name_matches(text, "f(int)"));
	assert_false(cpp_name_matches("f", text));
}

static void demangled_names(void **state)
{
	struct demangler demangler = { 0 };

	(void)state;
	assert_string_equal(demangle(&demangler, "_ZN2ns1fEi"), "ns::f(int)");
	assert_string_equal(demangle(&demangler, "_ZN2ns1fEic"),
			    "ns::f(int, char)");
	assert_null(demangle(&demangler, "main"));
	assert_null(demangle(&demangler, "_Z"));
	assert_null(demangle(&demangler, "_ZNNNNNN"));
	demangler_close(&demangler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling),
		cmocka_unit_test(names_of_any_length),
		cmocka_unit_test(demangled_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
