/*
 * Functions of maps: aggregations and the types they make a map hold, and what
 * is done with single keys. Called through the check column of functions.def.
 */
#include "parser/checker.h"

#define HIST_BITS_MAX     5
#define LHIST_BUCKETS_MAX 1000

/* ---- aggregations ---- */

static const struct type *
aggregate(struct checker *checker, const struct expr *call, enum type_kind kind)
{
	const struct type *type = call->call.args.items[0]->type;

	return type_aggregate(checker->arena, kind, type->is_signed);
}

bool check_aggregate(struct checker *checker, struct expr *call)
{
	const struct type *type = &type_count;

	if (call->call.args.count &&
	    call->call.args.items[0]->type->kind == TYPE_UNKNOWN)
		return false;
	switch ((int)call->call.function->id) {
	case FUNCTION_sum:
		type = aggregate(checker, call, TYPE_SUM);
		break;
	case FUNCTION_min:
		type = aggregate(checker, call, TYPE_MIN);
		break;
	case FUNCTION_max:
		type = aggregate(checker, call, TYPE_MAX);
		break;
	case FUNCTION_avg:
		type = aggregate(checker, call, TYPE_AVG);
		break;
	case FUNCTION_stats:
		type = aggregate(checker, call, TYPE_STATS);
		break;
	default:
		break;
	}
	call->type = type;
	return true;
}

bool check_hist(struct checker *checker, struct expr *call)
{
	int64_t bits = call->call.args.count > 1 ? call->call.constant[1] : 0;

	if (bits < 0 || bits > HIST_BITS_MAX) {
		check_error(checker, E_RANGE, call->call.args.items[1]->at,
			    "hist() splits each power of two in 2^N, with N "
			    "from 0 to %d",
			    HIST_BITS_MAX);
		return false;
	}
	call->type = type_hist(checker->arena, (uint32_t)bits);
	return true;
}

bool check_lhist(struct checker *checker, struct expr *call)
{
	int64_t minimum = call->call.constant[1];
	int64_t maximum = call->call.constant[2];
	int64_t step = call->call.constant[3];
	const struct expr_list *args = &call->call.args;
	unsigned long long range, buckets;
	struct diag *diag;

	if (step < 1) {
		check_error(checker, E_RANGE, args->items[3]->at,
			    "the step of lhist() is at least 1");
		return false;
	}
	if (minimum >= maximum) {
		check_error(
			checker, E_RANGE, args->items[2]->at,
			"lhist() goes up: its maximum is above its minimum");
		return false;
	}
	range = (unsigned long long)maximum - (unsigned long long)minimum;
	buckets = range / (unsigned long long)step;
	buckets += range % (unsigned long long)step != 0;
	if (buckets > LHIST_BUCKETS_MAX) {
		diag = check_error(checker, E_RANGE, args->items[3]->at,
				   "lhist() has at most %d buckets, not %llu",
				   LHIST_BUCKETS_MAX, buckets);
		check_hint(checker, diag, "a step of %llu or more",
			   (range - 1) / LHIST_BUCKETS_MAX + 1);
		return false;
	}
	call->type = type_lhist(checker->arena, minimum, maximum, step);
	return true;
}

/* ---- keys ---- */

/* @m beside its key, or alone when it has none. */
bool check_delete(struct checker *checker, struct expr *call)
{
	struct expr_list *args = &call->call.args;
	struct expr *map = args->items[0];

	if (map->kind != EXPR_MAP || map->map.key) {
		argument_error(checker, call, map->at,
			       "delete() takes a map and a key");
		return false;
	}
	check_map_key(checker, map, args->count > 1 ? args->items[1] : NULL);
	return true;
}

bool check_key(struct checker *checker, struct expr *call)
{
	check_map_key(checker, call->call.args.items[0],
		      call->call.args.items[1]);
	return true;
}

static bool check_keyed(struct checker *checker, const struct expr *arg)
{
	const struct checked_map *map = (struct checked_map *)arg->map.map;
	struct diag *diag;

	if (map->map.key || !map->is_scalar)
		return true;
	diag = check_error(checker, E_ARGUMENT_TYPE, arg->at,
			   "'%s' has no keys to count", map->map.name);
	check_hint(checker, diag, "it is used without a key on line %u",
		   line_of(checker, map->first_scalar));
	return false;
}

bool check_len(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];
	struct diag *diag;

	if (arg->kind == EXPR_MAP && !arg->map.key) {
		arg->map.map->is_iterated = true;
		return check_keyed(checker, arg);
	}
	if (arg->type->kind == TYPE_STACK || arg->type->kind == TYPE_UNKNOWN)
		return true;
	diag = argument_error(checker, call, arg->at,
			      "len() takes a map or a stack, not %s",
			      spell(checker, arg->type));
	if (arg->type->kind == TYPE_STRING)
		check_hint(checker, diag, "strlen(s) counts bytes");
	return false;
}
