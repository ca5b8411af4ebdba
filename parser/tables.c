/*
 * The rows of the language's three tables, and how to find one. Knows no more
 * than the .def files say; called by the checker, the lists and the runtime.
 */
#include "parser/tables.h"

#include <string.h>

#include "parser/word_types.h"

/* The words of the type columns. */
#define TYPE_OF_COMPUTED NULL
#define TYPE_OF_NONE     &type_none
#define TYPE_OF_BOOL     &type_bool
#define TYPE_OF_INT64    &type_int64
#define TYPE_OF_UINT32   &type_uint32
#define TYPE_OF_UINT64   &type_uint64
#define TYPE_OF_CGROUP   &type_cgroup
#define TYPE_OF_MAC      &type_mac
#define TYPE_OF_ERROR    &type_error
#define TYPE_OF_SIGNAL   &type_signal
#define TYPE_OF_SYSCALL  &type_syscall
#define TYPE_OF_bool     &type_bool
#define TYPE_OF_uint32   &type_uint32
#define TYPE_OF_uint64   &type_uint64
#define TYPE_OF_username &type_username
#define TYPE_OF_probe    &type_probe

enum { SAFE, UNSAFE };

/* clang-format off */
static const struct builtin_row builtins[] = {
#define BUILTIN(name, type, where, recipe, help)                               \
	{ #name, TYPE_OF_##type, help, recipe, BUILTIN_##name, where },
#define EXPRESSION(text) text
#define HELPER(function) NULL
#define HELPER_LOW(function) NULL
#define HELPER_HIGH(function) NULL
#define CUSTOM(function) NULL
#include "parser/builtins.def"
#undef BUILTIN
};

static const struct function_row functions[] = {
#define FUNCTION(name, signature, kind, result, check, emit, action, safety,   \
		 help)                                                         \
	{ #name, signature, TYPE_OF_##result, help, FUNCTION_##name,           \
	  FUNCTION_##kind, ACTION_##action, safety == UNSAFE },
#include "parser/functions.def"
#undef FUNCTION
};

static const struct provider_row providers[] = {
#define PROVIDER(name, alias, old, shape, features, exclusive, help)           \
	{ #name, alias, old, help, PROVIDER_##name, SHAPE_##shape, features,   \
	  exclusive },
#include "parser/probes.def"
#undef PROVIDER
};
/* clang-format on */

const struct builtin_row *builtin_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++) {
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	}
	return NULL;
}

const struct function_row *function_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	}
	return NULL;
}

typedef int compare_fn(const char *a, const char *b);

static const struct provider_row *find_provider(const char *name,
						compare_fn *compare)
{
	for (size_t i = 0; i < ARRAY_SIZE(providers); i++) {
		const struct provider_row *row = &providers[i];

		if (compare(row->name, name) == 0 ||
		    compare(row->alias, name) == 0 ||
		    compare(row->old_name, name) == 0)
			return row;
	}
	return NULL;
}

/* As written first: U and u are two kinds. */
const struct provider_row *provider_find(const char *name)
{
	const struct provider_row *row;

	if (!name[0])
		return NULL;
	row = find_provider(name, strcmp);
	return row ? row : find_provider(name, strcasecmp);
}

const struct builtin_row *builtin_row(enum builtin id)
{
	return &builtins[id];
}

const struct function_row *function_row(enum function id)
{
	return &functions[id];
}

const struct provider_row *provider_row(enum provider id)
{
	return &providers[id];
}

/* ---- signals ---- */

static const struct {
	const char *name;
	int number;
} signals[] = {
#define SIGNAL(name, number) { "SIG" #name, number },
#include "parser/signals.def"
#undef SIGNAL
};

int signal_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (strcmp(signals[i].name, name) == 0 ||
		    strcmp(signals[i].name + 3, name) == 0)
			return signals[i].number;
	}
	return 0;
}

const char *signal_text(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (signals[i].number == number)
			return signals[i].name;
	}
	return NULL;
}

enum address_space provider_space(enum provider id)
{
	return id == PROVIDER_uprobe || id == PROVIDER_uretprobe ||
			       id == PROVIDER_usdt
		       ? SPACE_USER
		       : SPACE_KERNEL;
}
