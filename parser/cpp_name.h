/*
 * Names of C++ functions as people write them, against names as the linker has
 * them. Pure: text to text. Called by probe_cpp.c.
 */
#ifndef PARSER_CPP_NAME_H
#define PARSER_CPP_NAME_H

#include "lexer/base.h"

/* What demangled names are written to; all zero is a new one. */
struct demangler {
	char *text; /* owned */
	size_t room;
};

/* "_ZN2ns1fEi" is "ns::f(int)"; NULL if it is no such name. Valid until the
 * next call. */
const char *demangle(struct demangler *demangler, const char *name);
void demangler_close(struct demangler *demangler);

/*
 * Does the name a user wrote stand for the function? "ns::f" is every function
 * of that name, also each made from a template; "ns::f(int)" is that one;
 * blanks do not matter, and '*' matches any run of characters.
 */
bool cpp_name_matches(const char *wanted, const char *demangled);

#endif
