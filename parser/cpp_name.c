/*
 * A demangled name is taken apart: result, name, arguments of a template,
 * parameters, what follows them. Called by probe_cpp.c. The names come from
 * files that may be hostile.
 */
#include "parser/cpp_name.h"

#include <stdlib.h>
#include <string.h>

#include "parser/tables.h"

/* Longer names are none that somebody wrote. */
#define NAME_MAX_LENGTH 4096

/* The C++ library's, by the C++ ABI. */
extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *length,
			    int *status);

const char *demangle(struct demangler *demangler, const char *name)
{
	char *text;
	int status;

	if (strncmp(name, "_Z", 2) != 0 ||
	    strnlen(name, NAME_MAX_LENGTH) == NAME_MAX_LENGTH)
		return NULL;
	text = __cxa_demangle(name, demangler->text, &demangler->room, &status);
	if (text)
		demangler->text = text;
	return text;
}

void demangler_close(struct demangler *demangler)
{
	free(demangler->text);
	*demangler = (struct demangler){ 0 };
}

/* The '(' of the parameters: the one that belongs to the last ')'. The length
 * if there is none. */
static size_t parameters_at(const char *name, size_t length)
{
	size_t at = length;
	unsigned depth = 0;

	while (at > 0 && name[at - 1] != ')')
		at--;
	while (at > 0) {
		at--;
		if (name[at] == ')')
			depth++;
		else if (name[at] == '(' && --depth == 0)
			return at;
	}
	return length;
}

/* Functions made from templates are written with their result in front. */
static size_t name_begins_at(const char *name, size_t end)
{
	size_t begin = 0;
	unsigned depth = 0;

	for (size_t i = 0; i < end; i++) {
		if (strncmp(name + i, "operator", 8) == 0)
			break;
		if (strchr("<({[", name[i]))
			depth++;
		else if (strchr(">)}]", name[i]) && depth)
			depth--;
		else if (name[i] == ' ' && !depth)
			begin = i + 1;
	}
	return begin;
}

/* The '<' of the arguments of a template that end the name, or `end`. */
static size_t template_at(const char *name, size_t begin, size_t end)
{
	size_t at = end;
	unsigned depth = 0;

	if (end == begin || name[end - 1] != '>' ||
	    memmem(name + begin, end - begin, "operator", 8))
		return end;
	while (at > begin) {
		at--;
		if (name[at] == '>')
			depth++;
		else if (name[at] == '<' && --depth == 0)
			return at;
	}
	return end;
}

/* The text from `begin` to `end`, without blanks. */
static void squeeze(char *to, const char *from, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		if (from[i] != ' ')
			*to++ = from[i];
	*to = '\0';
}

/* f [clone .cold] is a part of f that is no function of its own. */
static bool is_part(const char *demangled)
{
	return strstr(demangled, "[clone .cold") ||
	       strstr(demangled, "[clone .part");
}

bool cpp_name_matches(const char *wanted, const char *demangled)
{
	char name[NAME_MAX_LENGTH], pattern[NAME_MAX_LENGTH];
	const char *clone = strstr(demangled, " [clone ");
	size_t length = clone ? (size_t)(clone - demangled) : strlen(demangled);
	size_t end, begin, short_end;

	if (length >= sizeof(name) || strlen(wanted) >= sizeof(pattern) ||
	    is_part(demangled))
		return false;
	squeeze(pattern, wanted, 0, strlen(wanted));
	end = parameters_at(demangled, length);
	begin = name_begins_at(demangled, end);
	/* with its parameters; then without */
	squeeze(name, demangled, begin, length);
	if (glob_match(pattern, name))
		return true;
	squeeze(name, demangled, begin, end);
	if (glob_match(pattern, name))
		return true;
	short_end = template_at(demangled, begin, end);
	squeeze(name, demangled, begin, short_end);
	return glob_match(pattern, name);
}
