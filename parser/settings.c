/*
 * Defaults, environment and config block become one struct settings. Knows the
 * keys of settings.def and nothing of what they do. Called by main before a
 * program is checked.
 */
#include "parser/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/ast.h"
#include "parser/tables.h"

enum setting_kind {
	KIND_NUMBER,
	KIND_BOOL,
	KIND_MISSING,
	KIND_STACK,
	KIND_IGNORED,
	KIND_LICENSE, /* these two keys are no rows of settings.def */
	KIND_TEXT,
};

struct setting_row {
	const char *key;
	enum setting_kind kind;
	size_t offset; /* in struct settings */
	uint64_t initial, minimum, maximum;
};

static const struct setting_row rows[] = {
#define SETTING(key, kind, initial, minimum, maximum, help) \
	{ #key,    KIND_##kind, offsetof(struct settings, key), \
	  initial, minimum,     maximum },
#include "parser/settings.def"
#undef SETTING
	{ "license", KIND_LICENSE, offsetof(struct settings, license), 0, 1,
	  63 },
	{ "str_trunc_trailer", KIND_TEXT,
	  offsetof(struct settings, str_trunc_trailer), 0, 0, 15 },
};

static_assert(ARRAY_SIZE(rows) <= 64, "is_set has a bit per row");

/* The words of a kind that takes one of a few; their places are the values. */
static const char *const missing_words[] = { "error", "warn", "ignore" };
static const char *const stack_words[] = { "bpftrace", "perf", "raw" };
/* The kernel lets only these use the helpers that tracing needs. */
static const char *const license_words[] = {
	"GPL",          "GPL v2",       "GPL and additional rights",
	"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
};
static const char *const bool_words[] = { "false", "true" };

/* Keys that were renamed in bpftrace. */
static const struct {
	const char *old;
	const char *now;
} renamed[] = {
	{ "strlen", "max_strlen" },
	{ "no_cpp_demangle", "cpp_demangle" },
	{ "cat_bytes_max", "max_cat_bytes" },
	{ "map_keys_max", "max_map_keys" },
};

/* One value on its way into a row: from a word of text, or from a literal. */
struct assignment {
	struct settings *settings;
	struct diags *diags;
	const struct setting_row *row;
	const char *name; /* as the user knows it: ETRACE_MAX_STRLEN */
	struct span at;
	const char *text; /* NULL: a number or bool */
	uint64_t number;
	bool is_number;
	bool is_bool;
};

static uint64_t *number_of(struct settings *settings,
			   const struct setting_row *row)
{
	return (uint64_t *)((char *)settings + row->offset);
}

void settings_defaults(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind < KIND_LICENSE)
			*number_of(settings, &rows[i]) = rows[i].initial;
	}
	settings->license = "GPL";
	settings->str_trunc_trailer = "..";
	settings->cpus = 1;
}

/* ---- storing ---- */

static bool store_number(const struct assignment *assignment)
{
	const struct setting_row *row = assignment->row;

	if (!assignment->is_number) {
		diag_error(assignment->diags, E_TYPE, assignment->at,
			   "%s takes a number", assignment->name);
		return false;
	}
	if (assignment->number < row->minimum ||
	    assignment->number > row->maximum) {
		diag_error(assignment->diags, E_RANGE, assignment->at,
			   "%s must be from %llu to %llu", assignment->name,
			   (unsigned long long)row->minimum,
			   (unsigned long long)row->maximum);
		return false;
	}
	*number_of(assignment->settings, row) = assignment->number;
	return true;
}

/* Place of the text among the words; `count`, reported, if it is none. */
static size_t find_word(const struct assignment *assignment,
			const char *const *words, size_t count)
{
	const char *list = "";

	for (size_t i = 0; i < count; i++) {
		if (assignment->text &&
		    strcasecmp(assignment->text, words[i]) == 0)
			return i;
		list = arena_printf(assignment->diags->arena, "%s%s'%s'", list,
				    i == 0           ? ""
				    : i == count - 1 ? " or "
						     : ", ",
				    words[i]);
	}
	diag_error(assignment->diags, E_TYPE, assignment->at, "%s must be %s",
		   assignment->name, list);
	return count;
}

static bool store_word(const struct assignment *assignment,
		       const char *const *words, size_t count)
{
	size_t word = find_word(assignment, words, count);

	if (word == count)
		return false;
	*number_of(assignment->settings, assignment->row) = word;
	return true;
}

static bool store_license(const struct assignment *assignment)
{
	size_t word =
		find_word(assignment, license_words, ARRAY_SIZE(license_words));

	if (word == ARRAY_SIZE(license_words))
		return false;
	assignment->settings->license = license_words[word];
	return true;
}

static bool store_bool(const struct assignment *assignment)
{
	if ((assignment->is_number || assignment->is_bool) &&
	    assignment->number <= 1) {
		*number_of(assignment->settings, assignment->row) =
			assignment->number;
		return true;
	}
	return store_word(assignment, bool_words, ARRAY_SIZE(bool_words));
}

static bool store_text(const struct assignment *assignment)
{
	const struct setting_row *row = assignment->row;
	const char **slot =
		(const char **)((char *)assignment->settings + row->offset);

	if (!assignment->text) {
		diag_error(assignment->diags, E_TYPE, assignment->at,
			   "%s takes a string", assignment->name);
		return false;
	}
	if (strlen(assignment->text) < row->minimum ||
	    strlen(assignment->text) > row->maximum) {
		diag_error(assignment->diags, E_RANGE, assignment->at,
			   "%s must have from %llu to %llu bytes",
			   assignment->name, (unsigned long long)row->minimum,
			   (unsigned long long)row->maximum);
		return false;
	}
	*slot = arena_strdup(assignment->diags->arena, assignment->text);
	return true;
}

static bool store(const struct assignment *assignment)
{
	switch (assignment->row->kind) {
	case KIND_NUMBER:
		return store_number(assignment);
	case KIND_BOOL:
		return store_bool(assignment);
	case KIND_MISSING:
		return store_word(assignment, missing_words,
				  ARRAY_SIZE(missing_words));
	case KIND_STACK:
		return store_word(assignment, stack_words,
				  ARRAY_SIZE(stack_words));
	case KIND_IGNORED:
		return true;
	case KIND_LICENSE:
		return store_license(assignment);
	case KIND_TEXT:
		return store_text(assignment);
	}
	unreachable();
}

/* ---- environment ---- */

static bool read_variable(struct settings *settings, struct diags *diags,
			  size_t row, const char *name)
{
	const char *text = getenv(name);
	struct assignment assignment = {
		.settings = settings,
		.diags = diags,
		.row = &rows[row],
		.name = name,
		.text = text,
	};
	struct integer integer;

	if (!text)
		return true;
	if (text[0] != '-' && text_integer(text, strlen(text), &integer)) {
		assignment.is_number = true;
		assignment.number = integer.value;
	}
	if (!store(&assignment))
		return false;
	settings->is_set |= UINT64_C(1) << row;
	return true;
}

bool settings_environment(struct settings *settings, struct diags *diags)
{
	static const char *const prefixes[] = { "BPFTRACE_", "ETRACE_" };
	bool good = true;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(prefixes); j++) {
			char *name = arena_printf(diags->arena, "%s%s",
						  prefixes[j], rows[i].key);

			for (char *c = name; *c; c++)
				*c = (char)toupper((unsigned char)*c);
			good &= read_variable(settings, diags, i, name);
		}
	}
	return good;
}

/* ---- config block ---- */

/* Keys may be in any case and carry a prefix. */
static const char *bare_key(const char *key)
{
	if (strncasecmp(key, "BPFTRACE_", 9) == 0)
		return key + 9;
	if (strncasecmp(key, "ETRACE_", 7) == 0)
		return key + 7;
	return key;
}

static const struct setting_row *row_find(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcasecmp(rows[i].key, key) == 0)
			return &rows[i];
	}
	return NULL;
}

static void report_unknown(struct diags *diags,
			   const struct config_entry *entry, const char *key)
{
	struct diag *diag = diag_error(diags, E_UNKNOWN_CONFIG, entry->at,
				       "there is no setting '%s'", entry->key);
	struct nearest nearest;

	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++) {
		if (strcasecmp(renamed[i].old, key) == 0) {
			diag_hint(diags, diag, "it is called '%s' now",
				  renamed[i].now);
			return;
		}
	}
	nearest_begin(&nearest, key);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		nearest_consider(&nearest, rows[i].key);
	if (nearest_result(&nearest))
		diag_hint(diags, diag, "did you mean '%s'?",
			  nearest_result(&nearest));
}

static void read_literal(struct assignment *assignment,
			 const struct expr *value)
{
	switch ((int)value->kind) {
	case EXPR_INTEGER:
		assignment->is_number = true;
		assignment->number = value->integer.value;
		break;
	case EXPR_BOOL:
		assignment->is_bool = true;
		assignment->number = value->boolean;
		break;
	case EXPR_STRING:
		assignment->text = value->string.text;
		break;
	case EXPR_NAME:
		assignment->text = value->name.text;
		break;
	default:
		break;
	}
}

void settings_config(struct settings *settings, const struct program *program,
		     struct diags *diags)
{
	uint64_t seen = 0;

	for (const struct config_entry *entry = program->config; entry;
	     entry = entry->next) {
		const char *key = bare_key(entry->key);
		const struct setting_row *row = row_find(key);
		struct settings ignored = *settings;
		struct assignment assignment = {
			.diags = diags,
			.row = row,
			.name = entry->key,
			.at = entry->value_at,
		};
		uint64_t bit;

		if (!row) {
			report_unknown(diags, entry, key);
			continue;
		}
		bit = UINT64_C(1) << (row - rows);
		if (seen & bit)
			diag_error(diags, E_REDECLARED, entry->at,
				   "'%s' is set twice", entry->key);
		seen |= bit;
		/* What the environment says wins, but mistakes are told. */
		assignment.settings =
			settings->is_set & bit ? &ignored : settings;
		read_literal(&assignment, entry->value);
		store(&assignment);
	}
}
