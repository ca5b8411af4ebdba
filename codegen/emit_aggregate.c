/*
 * Aggregations: each CPU has its own value, merged when it is read. Layouts
 * are those of parser/types.h.
 */
#include "codegen/emit.h"

/* *address += amount, on this CPU's value. */
static void emit_add_here(struct gen *gen, const struct map *map,
			  LLVMValueRef address, LLVMValueRef amount)
{
	if (!map->is_exclusive) {
		emit_atomic_add(gen, address, amount);
		return;
	}
	emit_store(gen, address,
		   LLVMBuildAdd(gen->builder, emit_load(gen, address, 8, false),
				amount, ""),
		   8);
}

static const struct expr *first_argument(const struct expr *call)
{
	return call->call.args.items[0];
}

void emit_count(struct gen *gen, const struct map *map, LLVMValueRef address,
		const struct expr *call)
{
	(void)call;
	emit_add_here(gen, map, address, emit_i64(gen, 1));
}

void emit_sum(struct gen *gen, const struct map *map, LLVMValueRef address,
	      const struct expr *call)
{
	emit_add_here(gen, map, address,
		      emit_scalar(gen, first_argument(call)));
}

/* total += v; count++ */
void emit_avg(struct gen *gen, const struct map *map, LLVMValueRef address,
	      const struct expr *call)
{
	emit_add_here(gen, map, address,
		      emit_scalar(gen, first_argument(call)));
	emit_add_here(gen, map, emit_offset(gen, address, 8), emit_i64(gen, 1));
}

static LLVMIntPredicate better(const struct type *type)
{
	if (type->kind == TYPE_MIN)
		return type->is_signed ? LLVMIntSLT : LLVMIntULT;
	return type->is_signed ? LLVMIntSGT : LLVMIntUGT;
}

/* if (!set || v better than value) { value = v; set = 1; } */
static void emit_extreme_here(struct gen *gen, const struct map *map,
			      LLVMValueRef address, LLVMValueRef v)
{
	LLVMValueRef is_set =
		emit_load(gen, emit_offset(gen, address, 8), 8, false);
	LLVMValueRef old = emit_load(gen, address, 8, false);
	LLVMValueRef take = LLVMBuildOr(
		gen->builder,
		emit_compare(gen, LLVMIntEQ, is_set, emit_i64(gen, 0)),
		emit_compare(gen, better(map->value), v, old), "");
	LLVMBasicBlockRef join = emit_if(gen, take);

	emit_store(gen, address, v, 8);
	emit_store(gen, emit_offset(gen, address, 8), emit_i64(gen, 1), 8);
	emit_end_if(gen, join);
}

/* How often a program may be interrupted between a load and its exchange. */
#define EXCHANGE_TRIES 16

/*
 * The same where other programs may run in between:
 *   do {
 *           is_set = set; old = value;
 *           if (is_set && !(v better than old)) break;
 *           if (cmpxchg(&value, old, v) != old) continue;
 *           if (xchg(&set, 1) == is_set) break;
 *           v = old;      another program stored exactly 0 first: judge it
 *   } while (tries--);
 */
static void emit_extreme_shared(struct gen *gen, const struct map *map,
				LLVMValueRef address, LLVMValueRef first)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMTypeRef pointer = LLVMPointerType(gen->i64, 0);
	LLVMAtomicOrdering order = LLVMAtomicOrderingSequentiallyConsistent;
	LLVMValueRef value = LLVMBuildBitCast(builder, address, pointer, "");
	LLVMValueRef set = LLVMBuildBitCast(
		builder, emit_offset(gen, address, 8), pointer, "");
	LLVMValueRef candidate = emit_alloca(gen, gen->i64, "candidate");
	LLVMValueRef tries = emit_alloca(gen, gen->i64, "tries");
	LLVMBasicBlockRef loop = emit_block(gen, "exchange");
	LLVMBasicBlockRef attempt = emit_block(gen, "attempt");
	LLVMBasicBlockRef mine = emit_block(gen, "mine");
	LLVMBasicBlockRef other = emit_block(gen, "other");
	LLVMBasicBlockRef again = emit_block(gen, "again");
	LLVMBasicBlockRef done = emit_block(gen, "exchanged");
	LLVMValueRef v, is_set, old, got, left;

	LLVMBuildStore(builder, first, candidate);
	LLVMBuildStore(builder, emit_i64(gen, EXCHANGE_TRIES), tries);
	emit_jump(gen, loop);

	emit_at(gen, loop);
	v = LLVMBuildLoad2(builder, gen->i64, candidate, "");
	is_set = emit_load(gen, emit_offset(gen, address, 8), 8, false);
	old = emit_load(gen, address, 8, false);
	emit_branch(gen,
		    LLVMBuildOr(builder,
				emit_compare(gen, LLVMIntEQ, is_set,
					     emit_i64(gen, 0)),
				emit_compare(gen, better(map->value), v, old),
				""),
		    attempt, done);
	emit_at(gen, attempt);
	got = LLVMBuildAtomicCmpXchg(builder, value, old, v, order, order,
				     false);
	got = LLVMBuildExtractValue(builder, got, 0, "");
	emit_branch(gen, emit_compare(gen, LLVMIntEQ, got, old), mine, again);
	emit_at(gen, mine);
	got = LLVMBuildAtomicRMW(builder, LLVMAtomicRMWBinOpXchg, set,
				 emit_i64(gen, 1), order, false);
	emit_branch(gen, emit_compare(gen, LLVMIntEQ, got, is_set), done,
		    other);
	emit_at(gen, other);
	LLVMBuildStore(builder, old, candidate);
	emit_jump(gen, again);
	emit_at(gen, again);
	left = LLVMBuildLoad2(builder, gen->i64, tries, "");
	left = LLVMBuildSub(builder, left, emit_i64(gen, 1), "");
	LLVMBuildStore(builder, left, tries);
	emit_branch(gen, emit_test(gen, left), loop, done);
	emit_at(gen, done);
}

void emit_min_max(struct gen *gen, const struct map *map, LLVMValueRef address,
		  const struct expr *call)
{
	LLVMValueRef v = emit_scalar(gen, first_argument(call));

	if (map->is_exclusive)
		emit_extreme_here(gen, map, address, v);
	else
		emit_extreme_shared(gen, map, address, v);
}

/* ---- histograms ---- */

static bool is_wide(const struct type *type)
{
	return type->kind == TYPE_POINTER ||
	       (type->kind == TYPE_INT && type->size == 8 && !type->is_signed);
}

/* floor(log2(v)), v > 0: binary search over the bits. */
static LLVMValueRef emit_log2(struct gen *gen, LLVMValueRef v)
{
	LLVMValueRef log = emit_i64(gen, 0);

	for (uint64_t step = 32; step > 0; step /= 2) {
		LLVMValueRef above = emit_widen(
			gen, emit_compare(gen, LLVMIntUGE, v,
					  emit_i64(gen, 1ull << step)));
		LLVMValueRef shift = LLVMBuildMul(gen->builder, above,
						  emit_i64(gen, step), "");

		v = LLVMBuildLShr(gen->builder, v, shift, "");
		log = LLVMBuildAdd(gen->builder, log, shift, "");
	}
	return log;
}

/* The bucket of hist(), as runtime/hist.h describes it. */
static LLVMValueRef emit_hist_bucket(struct gen *gen, LLVMValueRef v,
				     uint32_t bits, bool wide)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef one = emit_i64(gen, 1), b = emit_i64(gen, bits);
	LLVMValueRef log, above, part, bucket, small;

	log = emit_log2(gen, v);
	above = LLVMBuildSub(builder, log, b, "");
	above = LLVMBuildAnd(builder, above, emit_i64(gen, 63), "");
	part = LLVMBuildLShr(builder, v, above, "");
	part = LLVMBuildAnd(builder, part, emit_i64(gen, (1u << bits) - 1), "");
	bucket = LLVMBuildAdd(builder, above, one, "");
	bucket = LLVMBuildShl(builder, bucket, b, "");
	bucket = LLVMBuildAdd(builder, bucket, part, "");
	bucket = LLVMBuildAdd(builder, bucket, one, "");
	small = emit_compare(gen, LLVMIntULT, v, emit_i64(gen, 1ull << bits));
	bucket = LLVMBuildSelect(builder, small,
				 LLVMBuildAdd(builder, v, one, ""), bucket, "");
	if (wide)
		return bucket;
	return LLVMBuildSelect(
		builder, emit_compare(gen, LLVMIntSLT, v, emit_i64(gen, 0)),
		emit_i64(gen, 0), bucket, "");
}

/* bucket[index]++, the index held below `count` for the verifier. */
static void emit_bucket_add(struct gen *gen, const struct map *map,
			    LLVMValueRef address, LLVMValueRef index)
{
	LLVMValueRef count = emit_i64(gen, map->value->count);

	index = emit_barrier(gen, index);
	index = LLVMBuildSelect(gen->builder,
				emit_compare(gen, LLVMIntULT, index, count),
				index, emit_i64(gen, 0), "");
	index = LLVMBuildShl(gen->builder, index, emit_i64(gen, 3), "");
	emit_add_here(gen, map, emit_offset_by(gen, address, index),
		      emit_i64(gen, 1));
}

void emit_hist(struct gen *gen, const struct map *map, LLVMValueRef address,
	       const struct expr *call)
{
	const struct expr *argument = first_argument(call);
	LLVMValueRef v = emit_scalar(gen, argument);

	emit_bucket_add(gen, map, address,
			emit_hist_bucket(gen, v, map->value->bits,
					 is_wide(argument->type)));
}

/* Bucket 0 is below min, the last at or above max, the others `step` wide. */
void emit_lhist(struct gen *gen, const struct map *map, LLVMValueRef address,
		const struct expr *call)
{
	const struct type *type = map->value;
	const struct expr *argument = first_argument(call);
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef v = emit_scalar(gen, argument);
	LLVMValueRef minimum = emit_i64(gen, (uint64_t)type->minimum);
	LLVMValueRef maximum = emit_i64(gen, (uint64_t)type->maximum);
	LLVMValueRef last = emit_i64(gen, type->count - 1), bucket;

	bucket = LLVMBuildSub(builder, v, minimum, "");
	bucket = LLVMBuildUDiv(builder, bucket,
			       emit_i64(gen, (uint64_t)type->step), "");
	bucket = LLVMBuildAdd(builder, bucket, emit_i64(gen, 1), "");
	bucket = LLVMBuildSelect(builder,
				 emit_compare(gen, LLVMIntSGE, v, maximum),
				 last, bucket, "");
	bucket = LLVMBuildSelect(
		builder, emit_compare(gen, LLVMIntSLT, v, minimum),
		is_wide(argument->type) ? last : emit_i64(gen, 0), bucket, "");
	if (is_wide(argument->type) && type->minimum > 0)
		bucket = LLVMBuildSelect(
			builder, emit_compare(gen, LLVMIntULT, v, minimum),
			emit_i64(gen, 0), bucket, "");
	emit_bucket_add(gen, map, address, bucket);
}

static aggregate_fn *const aggregates[] = {
	[TYPE_COUNT] = emit_count, [TYPE_SUM] = emit_sum,
	[TYPE_MIN] = emit_min_max, [TYPE_MAX] = emit_min_max,
	[TYPE_AVG] = emit_avg,     [TYPE_STATS] = emit_avg,
	[TYPE_HIST] = emit_hist,   [TYPE_LHIST] = emit_lhist,
};

void emit_aggregate(struct gen *gen, const struct expr *target,
		    const struct expr *call)
{
	const struct map *map = target->map.map;
	LLVMBasicBlockRef done = emit_block(gen, "aggregated");
	LLVMValueRef key = emit_key(gen, map, target->map.key);
	LLVMValueRef address = emit_upsert(gen, map, key, target->at, done);

	aggregates[map->value->kind](gen, map, address, call);
	emit_jump(gen, done);
	emit_at(gen, done);
}

/* ---- reading all CPUs ---- */

/* Merge one CPU's value into the accumulators. */
static void emit_merge(struct gen *gen, const struct type *type,
		       LLVMValueRef value, LLVMValueRef total,
		       LLVMValueRef second)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef v = emit_load(gen, value, 8, false);
	LLVMValueRef old = LLVMBuildLoad2(builder, gen->i64, total, "");
	LLVMValueRef extra, had;
	LLVMBasicBlockRef join;

	if (type->kind == TYPE_COUNT || type->kind == TYPE_SUM ||
	    type->kind == TYPE_INT) {
		LLVMBuildStore(builder, LLVMBuildAdd(builder, old, v, ""),
			       total);
		return;
	}
	extra = emit_load(gen, emit_offset(gen, value, 8), 8, false);
	had = LLVMBuildLoad2(builder, gen->i64, second, "");
	if (type->kind == TYPE_AVG || type->kind == TYPE_STATS) {
		LLVMBuildStore(builder, LLVMBuildAdd(builder, old, v, ""),
			       total);
		LLVMBuildStore(builder, LLVMBuildAdd(builder, had, extra, ""),
			       second);
		return;
	}
	/* min, max: if (set && (!had || v better)) */
	join = emit_if(
		gen, LLVMBuildAnd(builder, emit_test(gen, extra),
				  LLVMBuildOr(builder,
					      emit_compare(gen, LLVMIntEQ, had,
							   emit_i64(gen, 0)),
					      emit_compare(gen, better(type), v,
							   old),
					      ""),
				  ""));
	LLVMBuildStore(builder, v, total);
	LLVMBuildStore(builder, emit_i64(gen, 1), second);
	emit_end_if(gen, join);
}

/* for (cpu = 0; cpu < ncpus; cpu++) merge(lookup_percpu(map, key, cpu)) */
LLVMValueRef emit_aggregate_read(struct gen *gen, const struct map *map,
				 LLVMValueRef key)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef total = emit_alloca(gen, gen->i64, "total");
	LLVMValueRef second = emit_alloca(gen, gen->i64, "second");
	LLVMValueRef cpu = emit_alloca(gen, gen->i64, "cpu");
	LLVMBasicBlockRef loop = emit_block(gen, "each_cpu");
	LLVMBasicBlockRef merge = emit_block(gen, "merge");
	LLVMBasicBlockRef done = emit_block(gen, "merged");
	const struct type *type = map->value;
	LLVMValueRef table = emit_map_address(gen, map);
	LLVMValueRef number, value, one;

	LLVMBuildStore(builder, emit_i64(gen, 0), total);
	LLVMBuildStore(builder, emit_i64(gen, 0), second);
	LLVMBuildStore(builder, emit_i64(gen, 0), cpu);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	number = LLVMBuildLoad2(builder, gen->i64, cpu, "");
	{
		LLVMValueRef arguments[] = { table, key, number };

		value = emit_helper(gen, HELPER_map_lookup_percpu_elem,
				    arguments);
	}
	emit_branch(gen, emit_test(gen, value), merge, done);
	emit_at(gen, merge);
	emit_merge(gen, type, emit_cast_pointer(gen, value), total, second);
	number = LLVMBuildAdd(builder, number, emit_i64(gen, 1), "");
	LLVMBuildStore(builder, number, cpu);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntULT, number,
				 emit_i64(gen, gen->settings->cpus)),
		    loop, done);
	emit_at(gen, done);
	value = LLVMBuildLoad2(builder, gen->i64, total, "");
	if (type->kind != TYPE_AVG && type->kind != TYPE_STATS)
		return value;
	/* nothing counted yet: 0 / 1 */
	one = LLVMBuildLoad2(builder, gen->i64, second, "");
	one = LLVMBuildSelect(builder, emit_test(gen, one), one,
			      emit_i64(gen, 1), "");
	return emit_arithmetic(
		gen, BINARY_DIV,
		scalar_value(type->is_signed ? &type_int64 : &type_uint64,
			     value),
		scalar_value(&type_int64, emit_barrier(gen, one)),
		type->is_signed ? &type_int64 : &type_uint64, map->first_use);
}
