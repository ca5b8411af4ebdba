/*
 * Maps: one type of key and one of value, agreed over the whole program; what
 * a read yields; which maps are never given anything. Called by the other
 * check_*.c wherever a map stands.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

/* ---- names and declarations ---- */

static struct checked_map *checked(struct map *map)
{
	return (struct checked_map *)map;
}

static struct checked_map *find(struct checker *checker, const char *name)
{
	struct name_slot *slot =
		names_slot(checker->arena, &checker->maps, name);

	if (!slot->thing) {
		slot->thing = ARENA_NEW(checker->arena, struct checked_map);
		((struct checked_map *)slot->thing)->map.name = name;
	}
	return slot->thing;
}

/* A map is in the program from its first use on. */
static bool is_listed(const struct map *map)
{
	return map->first_use.end != 0;
}

/* Run by etrace, one after another. */
static bool is_own(enum provider id)
{
	return id == PROVIDER_begin || id == PROVIDER_end ||
	       id == PROVIDER_self || id == PROVIDER_interval;
}

struct map *map_bind(struct checker *checker, struct expr *expr)
{
	const struct provider_row *provider = checker->clause->provider;
	struct map *map = expr->map.map;

	if (map)
		return map;
	map = &find(checker, expr->map.name)->map;
	expr->map.map = map;
	if (!is_listed(map)) {
		map->first_use = expr->at;
		map->index = checker->program->map_count++;
		map->is_exclusive = true;
		*checker->last_map = map;
		checker->last_map = &map->next;
	}
	map->is_exclusive &= provider->exclusive;
	map->is_preemptible |= !provider->exclusive && !is_own(provider->id);
	return map;
}

static const struct {
	const char *name;
	bool is_lru, is_percpu;
} kinds[] = {
	{ "hash", false, false },
	{ "lruhash", true, false },
	{ "percpuhash", false, true },
	{ "percpulruhash", true, true },
};

static void read_kind(struct checker *checker, struct map *map,
		      const struct map_declaration *declaration)
{
	struct diag *diag;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, declaration->kind) == 0) {
			map->is_lru = kinds[i].is_lru;
			map->is_percpu = kinds[i].is_percpu;
			return;
		}
	}
	diag = check_error(checker, E_UNKNOWN_TYPE, declaration->at,
			   "there is no kind of map '%s'", declaration->kind);
	check_hint(checker, diag,
		   "there are hash, lruhash, percpuhash and percpulruhash");
}

/* Buckets of a hash table, which the kernel has room for in 4 GiB. */
#define KEYS_MOST (1 << 27)

static void read_size(struct checker *checker, struct map *map,
		      const struct map_declaration *declaration)
{
	struct expr *size = declaration->max_entries;
	int64_t value;

	if (size->kind == EXPR_PARAMETER)
		fold_parameter(checker, size, false);
	if (!expr_constant(size, &value))
		check_error(checker, E_NOT_CONSTANT, size->at,
			    "the number of keys must be known while compiling");
	else if (value < 1 || value > KEYS_MOST)
		check_error(checker, E_RANGE, size->at,
			    "a map has from 1 to %d keys", KEYS_MOST);
	else
		map->max_entries = (uint32_t)value;
}

void check_declarations(struct checker *checker)
{
	const struct map_declaration *declaration =
		checker->program->declarations;

	for (; declaration; declaration = declaration->next) {
		struct checked_map *map = find(checker, declaration->name);

		if (map->declaration) {
			check_hint(checker,
				   check_error(checker, E_REDECLARED,
					       declaration->at,
					       "'%s' is declared twice",
					       declaration->name),
				   "the first is on line %u",
				   line_of(checker, map->declaration->at));
			continue;
		}
		map->declaration = declaration;
		read_kind(checker, &map->map, declaration);
		read_size(checker, &map->map, declaration);
	}
}

/* ---- keys ---- */

/* One complaint about a map's types is enough. */
static bool may_report(struct checker *checker, struct map *map)
{
	if (checked(map)->is_reported)
		return false;
	checked(map)->is_reported = checker->final;
	return true;
}

static void report_key(struct checker *checker, struct map *map,
		       const struct expr *key)
{
	struct diag *diag;

	if (!may_report(checker, map))
		return;
	diag = check_error(checker, E_KEY_TYPE, key->at,
			   "a key of type %s; '%s' has keys of type %s",
			   spell(checker, key->type), map->name,
			   spell(checker, map->key));
	check_hint(checker, diag, "line %u uses it with that key",
		   line_of(checker, map->first_key));
	if (checker->final)
		map->key = &type_unknown;
}

/* Used here with a key and there without, or the reverse. */
static void report_shape(struct checker *checker, const struct expr *expr,
			 struct map *map, bool has_key)
{
	struct span other =
		has_key ? checked(map)->first_scalar : map->first_key;
	struct diag *diag;

	if (!may_report(checker, map))
		return;
	diag = check_error(checker, E_KEY_TYPE, expr->at,
			   has_key ? "'%s' has no keys" : "'%s' needs a key",
			   map->name);
	check_hint(checker, diag, "line %u uses it %s one",
		   line_of(checker, other), has_key ? "without" : "with");
}

static void agree_key(struct checker *checker, const struct expr *expr,
		      struct map *map, const struct expr *key)
{
	const struct type *type = type_without_names(checker->arena, key->type);
	const struct type *joined;

	/* Of two uses that disagree the later one is told. */
	if (checked(map)->is_scalar &&
	    checked(map)->first_scalar.begin < expr->at.begin)
		report_shape(checker, expr, map, true);
	if (!check_storable(checker, key->type, key->at) ||
	    checked(map)->is_reported)
		return;
	if (!map->key) {
		map->key = type;
		map->first_key = key->at;
		check_changed(checker, key->at, map->name);
		return;
	}
	joined = type_join(checker->arena, map->key, type);
	if (!joined) {
		report_key(checker, map, key);
	} else if (!type_equal(joined, map->key)) {
		map->key = joined;
		check_changed(checker, key->at, map->name);
	}
}

void check_map_key(struct checker *checker, struct expr *expr,
		   const struct expr *key)
{
	struct map *map = map_bind(checker, expr);

	if (key) {
		agree_key(checker, expr, map, key);
		return;
	}
	if (map->key && map->first_key.begin < expr->at.begin)
		report_shape(checker, expr, map, false);
	if (!checked(map)->is_scalar) {
		checked(map)->is_scalar = true;
		checked(map)->first_scalar = expr->at;
	}
}

void check_map_target(struct checker *checker, struct expr *expr)
{
	if (expr->map.key)
		check_expr(checker, expr->map.key);
	check_map_key(checker, expr, expr->map.key);
}

/* ---- reading ---- */

const struct type *map_read_type(const struct type *value)
{
	switch ((int)value->kind) {
	case TYPE_COUNT:
		return &type_int64;
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
		return type_int(8, value->is_signed);
	case TYPE_STATS:
	case TYPE_HIST:
	case TYPE_LHIST:
		return NULL;
	default:
		return value;
	}
}

const struct type *check_map(struct checker *checker, struct expr *expr)
{
	struct map *map = map_bind(checker, expr);
	const struct type *type;
	struct diag *diag;

	check_map_target(checker, expr);
	if (!map->value)
		return &type_unknown;
	type = map_read_type(map->value);
	if (type)
		return type;
	diag = check_error(checker, E_AGGREGATE, expr->at,
			   "'%s' holds %s, which has no single value",
			   map->name, spell(checker, map->value));
	check_hint(checker, diag, "print(%s) shows it", map->name);
	return &type_unknown;
}

void check_map_name(struct checker *checker, struct expr *expr)
{
	struct map *map = map_bind(checker, expr);

	expr->type = map->value ? map->value : &type_unknown;
}

/* ---- storing ---- */

/* Integers have 8 bytes in maps, so that counting never wraps. */
static const struct type *stored_type(const struct type *type)
{
	return type->kind == TYPE_INT ? type_int(8, type->is_signed) : type;
}

static void report_value(struct checker *checker, struct map *map,
			 const struct type *type, const struct expr *value)
{
	bool is_mixed =
		type_is_aggregate(type) != type_is_aggregate(map->value);
	struct diag *diag;

	if (!may_report(checker, map))
		return;
	diag = check_error(checker, is_mixed ? E_AGGREGATE : E_ASSIGN_TYPE,
			   value->at, "'%s' holds %s and cannot take %s",
			   map->name, spell(checker, map->value),
			   spell(checker, type));
	check_hint(checker, diag, "line %u gives it its type",
		   line_of(checker, map->first_value));
	if (checker->final)
		map->value = &type_unknown;
}

/* After a mistake was told its values may be anything. */
static void map_poison(struct checker *checker, struct map *map)
{
	if (!checker->final)
		return;
	checked(map)->is_reported = true;
	map->value = &type_unknown;
}

static bool is_null(const struct expr *expr)
{
	int64_t value;

	return expr_constant(expr, &value) && value == 0;
}

void map_store(struct checker *checker, struct expr *target,
	       const struct type *type, const struct expr *value)
{
	struct map *map = map_bind(checker, target);
	const struct type *joined;

	map->is_assigned = true;
	if (checked(map)->is_reported)
		return;
	if (type->kind == TYPE_UNKNOWN ||
	    !check_storable(checker, type, value->at)) {
		map_poison(checker, map);
		return;
	}
	type = stored_type(type_without_names(checker->arena, type));
	if (!map->value) {
		map->value = type;
		map->first_value = value->at;
		check_changed(checker, value->at, map->name);
		return;
	}
	if (map->value->kind == TYPE_POINTER && is_null(value))
		return;
	joined = type_join(checker->arena, map->value, type);
	if (!joined) {
		report_value(checker, map, type, value);
		return;
	}
	joined = stored_type(joined);
	if (!type_equal(joined, map->value)) {
		map->value = joined;
		check_changed(checker, value->at, map->name);
	}
}

/* ---- the whole program ---- */

bool settle_unknown(struct checker *checker)
{
	bool changed = false;

	for (struct map *map = checker->program->maps; map; map = map->next) {
		if (map->is_assigned && !map->value) {
			map->value = &type_int64;
			map->first_value = map->first_use;
			changed = true;
		}
		if (map->key && map->key->kind == TYPE_UNKNOWN) {
			map->key = &type_int64;
			changed = true;
		}
	}
	for (struct clause *clause = checker->program->clauses; clause;
	     clause = clause->next) {
		struct variable *variable = clause->variables;

		for (; variable; variable = variable->next) {
			if (variable->is_declared ||
			    variable->type->kind != TYPE_UNKNOWN)
				continue;
			variable->type = &type_int64;
			changed = true;
		}
	}
	return changed;
}

static void report_unassigned(struct checker *checker, const struct map *map)
{
	struct diag *diag =
		check_error(checker, E_UNKNOWN_MAP, map->first_use,
			    "nothing is ever stored in '%s'", map->name);
	struct nearest nearest;

	nearest_begin(&nearest, map->name);
	for (const struct map *other = checker->program->maps; other;
	     other = other->next) {
		if (other->is_assigned)
			nearest_consider(&nearest, other->name);
	}
	check_nearest(checker, diag, &nearest);
}

static void report_unused(struct checker *checker)
{
	const struct map_declaration *declaration =
		checker->program->declarations;

	for (; declaration; declaration = declaration->next) {
		struct checked_map *map = find(checker, declaration->name);

		if (!is_listed(&map->map) && map->declaration == declaration)
			check_warning(checker, E_UNUSED_VALUE, declaration->at,
				      "'%s' is declared and never used",
				      declaration->name);
	}
}

void check_maps(struct checker *checker)
{
	for (struct map *map = checker->program->maps; map; map = map->next) {
		if (!map->is_assigned)
			report_unassigned(checker, map);
		if (!map->key)
			map->max_entries = 1;
		else if (!map->max_entries)
			map->max_entries =
				(uint32_t)checker->settings->max_map_keys;
	}
	report_unused(checker);
}
