/*
 * Maps: declaring them, keys, reading, assigning, stepping. Aggregations are
 * in emit_aggregate.c.
 *
 * Updates are exact under concurrency: a value is first made (zero, only if
 * the key is absent), then changed in place by an atomic operation; or by a
 * plain one where no other program can run on the CPU meanwhile.
 */
#include "codegen/emit.h"

#include <ctype.h>
#include <errno.h>

#include <linux/bpf.h>

bool map_is_percpu(const struct map *map)
{
	return type_is_aggregate(map->value) || map->is_percpu;
}

static uint32_t map_type(const struct map *map)
{
	if (!map->key)
		return map_is_percpu(map) ? BPF_MAP_TYPE_PERCPU_ARRAY
					  : BPF_MAP_TYPE_ARRAY;
	if (map_is_percpu(map))
		return map->is_lru ? BPF_MAP_TYPE_LRU_PERCPU_HASH
				   : BPF_MAP_TYPE_PERCPU_HASH;
	return map->is_lru ? BPF_MAP_TYPE_LRU_HASH : BPF_MAP_TYPE_HASH;
}

/* "@start" -> "AT_start": bpftool shows these names. */
static const char *map_symbol(struct gen *gen, const struct map *map,
			      const char *prefix)
{
	char *symbol = arena_printf(gen->arena, "%s%s", prefix, map->name + 1);

	for (char *c = symbol; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	return symbol;
}

static void declare_map(struct gen *gen, const struct map *map)
{
	struct kernel_map row = {
		.symbol = map_symbol(gen, map, "AT_"),
		.type = map_type(map),
		.key_size = map->key ? map->key->size : 4,
		.value_size = (map->value->size + 7) & ~7u,
		.max_entries = map->key ? map->max_entries : 1,
		.flags = map->key && !map->is_lru ? BPF_F_NO_PREALLOC : 0,
	};

	gen->image->maps[map->index] = (struct image_map){
		.name = map->name,
		.symbol = row.symbol,
		.key = map->key,
		.value = map->value,
		.is_percpu = map_is_percpu(map),
		.max_entries = row.max_entries,
		.at = map->first_use,
	};
	gen->maps[map->index] = debuginfo_map(gen, &row);
	if (!map->is_renewed)
		return;
	row.symbol = map_symbol(gen, map, "SPARE_");
	gen->image->maps[map->index].spare = row.symbol;
	gen->image->maps[map->index].side = map->side;
	gen->image->maps[map->index].is_preemptible = map->is_preemptible;
	gen->spares[map->index] = debuginfo_map(gen, &row);
}

void declare_maps(struct gen *gen)
{
	struct image *image = gen->image;

	image->map_count = gen->program->map_count;
	image->maps =
		ARENA_ARRAY(gen->arena, image->map_count + 1, struct image_map);
	gen->maps = ARENA_ARRAY(gen->arena, image->map_count + 1, LLVMValueRef);
	gen->spares =
		ARENA_ARRAY(gen->arena, image->map_count + 1, LLVMValueRef);
	for (const struct map *map = gen->program->maps; map; map = map->next)
		declare_map(gen, map);
}

/* &map, or (control->sides & 1 << side ? &spare : &map) */
LLVMValueRef emit_map_address(struct gen *gen, const struct map *map)
{
	LLVMValueRef address =
		LLVMConstBitCast(gen->maps[map->index], gen->pointer);
	LLVMValueRef spare, sides, bit;

	if (!map->is_renewed)
		return address;
	spare = LLVMConstBitCast(gen->spares[map->index], gen->pointer);
	sides = emit_load(
		gen,
		emit_offset(gen, gen->control, offsetof(struct control, sides)),
		8, false);
	bit = emit_i64(gen, (uint64_t)1 << map->side);
	return LLVMBuildSelect(
		gen->builder,
		emit_test(gen, LLVMBuildAnd(gen->builder, sides, bit, "")),
		spare, address, "");
}

LLVMValueRef emit_key(struct gen *gen, const struct map *map,
		      const struct expr *key)
{
	LLVMValueRef to = emit_temporary(gen, map->key ? map->key->size : 4);

	if (map->key)
		emit_into(gen, key, map->key, to);
	else
		emit_store(gen, to, emit_i64(gen, 0), 4);
	return to;
}

static LLVMValueRef emit_lookup_in(struct gen *gen, LLVMValueRef table,
				   LLVMValueRef key)
{
	LLVMValueRef arguments[] = { table, key };

	return emit_cast_pointer(
		gen, emit_helper(gen, HELPER_map_lookup_elem, arguments));
}

LLVMValueRef emit_lookup(struct gen *gen, const struct map *map,
			 LLVMValueRef key)
{
	return emit_lookup_in(gen, emit_map_address(gen, map), key);
}

static LLVMValueRef emit_is_null(struct gen *gen, LLVMValueRef pointer)
{
	return LLVMBuildIsNull(gen->builder, pointer, "");
}

/* What a refused update means: -E2BIG is a full map. */
static void emit_update_fault(struct gen *gen, LLVMValueRef status,
			      struct span at, const struct map *map)
{
	LLVMBasicBlockRef full = emit_block(gen, "full");
	LLVMBasicBlockRef other = emit_block(gen, "refused");
	LLVMBasicBlockRef join = emit_block(gen, "counted");

	emit_branch(gen,
		    emit_compare(gen, LLVMIntEQ, status,
				 emit_i64(gen, (uint64_t)-E2BIG)),
		    full, other);
	emit_at(gen, full);
	emit_fault(gen, FAULT_MAP_FULL, at, map);
	emit_jump(gen, join);
	emit_at(gen, other);
	emit_fault(gen, FAULT_MAP_REFUSED, at, map);
	emit_jump(gen, join);
	emit_at(gen, join);
}

static LLVMValueRef emit_update(struct gen *gen, LLVMValueRef table,
				LLVMValueRef key, LLVMValueRef value,
				uint64_t flags)
{
	LLVMValueRef arguments[] = { table, key, value, emit_i64(gen, flags) };

	return emit_helper(gen, HELPER_map_update_elem, arguments);
}

/*
 * Of a map that is two, one is chosen for all of it:
 * value = lookup(key);
 * if (!value) { status = update(key, zero, NOEXIST); value = lookup(key); }
 * if (!value) { count the fault; goto failed; }
 */
LLVMValueRef emit_upsert(struct gen *gen, const struct map *map,
			 LLVMValueRef key, struct span at,
			 LLVMBasicBlockRef failed)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef result = emit_alloca(gen, gen->pointer, "value");
	LLVMBasicBlockRef absent = emit_block(gen, "absent");
	LLVMBasicBlockRef refused = emit_block(gen, "refused");
	LLVMBasicBlockRef found = emit_block(gen, "found");
	LLVMValueRef table = emit_map_address(gen, map);
	LLVMValueRef value = emit_lookup_in(gen, table, key), zero, status;
	uint32_t bytes = (map->value->size + 7) & ~7u;

	LLVMBuildStore(gen->builder, value, result);
	if (!map->key) {
		emit_branch(gen, emit_is_null(gen, value), failed, found);
		emit_at(gen, absent);
		LLVMBuildUnreachable(gen->builder);
		emit_at(gen, refused);
		LLVMBuildUnreachable(gen->builder);
		emit_at(gen, found);
		return LLVMBuildLoad2(gen->builder, gen->pointer, result, "");
	}
	emit_branch(gen, emit_is_null(gen, value), absent, found);
	emit_at(gen, absent);
	zero = emit_temporary(gen, bytes);
	emit_zero(gen, zero, bytes);
	status = emit_update(gen, table, key, zero, BPF_NOEXIST);
	value = emit_lookup_in(gen, table, key);
	LLVMBuildStore(gen->builder, value, result);
	emit_branch(gen, emit_is_null(gen, value), refused, found);
	emit_at(gen, refused);
	emit_update_fault(gen, status, at, map);
	emit_jump(gen, failed);
	emit_at(gen, found);
	temporary_release(gen, mark);
	return LLVMBuildLoad2(gen->builder, gen->pointer, result, "");
}

/* ---- reading ---- */

/* An absent key reads as zero, as does an empty string. */
struct value emit_map_read(struct gen *gen, const struct expr *expr)
{
	const struct map *map = expr->map.map;
	const struct type *type = map->value;
	struct mark mark;
	LLVMValueRef to, key, value, v;
	LLVMBasicBlockRef found, absent, join;

	if (type_is_aggregate(type)) {
		mark = temporary_mark(gen);
		key = emit_key(gen, map, expr->map.key);
		v = emit_aggregate_read(gen, map, key);
		temporary_release(gen, mark);
		return scalar_value(expr->type, v);
	}
	if (type_is_scalar(type))
		to = LLVMBuildBitCast(gen->builder,
				      emit_alloca(gen, gen->i64, "read"),
				      gen->pointer, "");
	else
		to = emit_temporary(gen, type->size);
	mark = temporary_mark(gen);
	found = emit_block(gen, "present");
	absent = emit_block(gen, "absent");
	join = emit_block(gen, "read");
	key = emit_key(gen, map, expr->map.key);
	value = emit_lookup(gen, map, key);
	emit_branch(gen, emit_is_null(gen, value), absent, found);
	emit_at(gen, found);
	if (type_is_scalar(type))
		emit_store(gen, to, emit_load_value(gen, type, value).v, 8);
	else
		emit_copy(gen, to, value, type->size);
	emit_jump(gen, join);
	emit_at(gen, absent);
	if (type_is_scalar(type))
		emit_store(gen, to, emit_i64(gen, 0), 8);
	else
		emit_zero(gen, to, type->size);
	emit_jump(gen, join);
	emit_at(gen, join);
	temporary_release(gen, mark);
	if (!type_is_scalar(type))
		return memory_value(type, to);
	return scalar_value(type, emit_load(gen, to, 8, false));
}

/* ---- assigning ---- */

static void emit_set_scalar(struct gen *gen, const struct expr *target,
			    LLVMValueRef value)
{
	const struct map *map = target->map.map;
	LLVMValueRef to = emit_lookup(gen, map, emit_key(gen, map, NULL));
	LLVMBasicBlockRef join =
		emit_if(gen, LLVMBuildIsNotNull(gen->builder, to, ""));

	emit_copy(gen, to, value, map->value->size);
	emit_end_if(gen, join);
}

/* @m[k] = v */
static void emit_set(struct gen *gen, const struct stmt *stmt)
{
	const struct expr *target = stmt->assign.target;
	const struct map *map = target->map.map;
	uint32_t bytes = (map->value->size + 7) & ~7u;
	LLVMValueRef value = emit_temporary(gen, bytes), status, key;
	LLVMBasicBlockRef join;

	if (map->value->size < bytes)
		emit_zero(gen, value, bytes);
	emit_into(gen, stmt->assign.value, map->value, value);
	if (!map->key) {
		emit_set_scalar(gen, target, value);
		return;
	}
	key = emit_key(gen, map, target->map.key);
	status = emit_update(gen, emit_map_address(gen, map), key, value,
			     BPF_ANY);
	join = emit_if(gen,
		       emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));
	emit_update_fault(gen, status, target->at, map);
	emit_end_if(gen, join);
}

/* Add to this CPU's or the shared value; what it was before. */
static LLVMValueRef emit_fetch_add(struct gen *gen, LLVMValueRef address,
				   LLVMValueRef amount)
{
	LLVMValueRef typed = LLVMBuildBitCast(gen->builder, address,
					      LLVMPointerType(gen->i64, 0), "");

	return LLVMBuildAtomicRMW(
		gen->builder, LLVMAtomicRMWBinOpAdd, typed, amount,
		LLVMAtomicOrderingSequentiallyConsistent, false);
}

void emit_map_add(struct gen *gen, const struct expr *target,
		  LLVMValueRef amount, struct span at)
{
	const struct map *map = target->map.map;
	LLVMBasicBlockRef done = emit_block(gen, "added");
	LLVMValueRef key = emit_key(gen, map, target->map.key);

	emit_atomic_add(gen, emit_upsert(gen, map, key, at, done), amount);
	emit_jump(gen, done);
	emit_at(gen, done);
}

LLVMValueRef emit_map_step(struct gen *gen, const struct expr *expr)
{
	struct mark mark = temporary_mark(gen);
	const struct expr *target = expr->step.target;
	const struct map *map = target->map.map;
	LLVMValueRef by =
		emit_i64(gen, expr->step.is_decrement ? (uint64_t)-1 : 1);
	LLVMValueRef before = emit_alloca(gen, gen->i64, "before");
	LLVMBasicBlockRef done = emit_block(gen, "stepped");
	LLVMValueRef key = emit_key(gen, map, target->map.key), value;

	LLVMBuildStore(gen->builder, emit_i64(gen, 0), before);
	value = emit_upsert(gen, map, key, expr->at, done);
	LLVMBuildStore(gen->builder, emit_fetch_add(gen, value, by), before);
	emit_jump(gen, done);
	emit_at(gen, done);
	temporary_release(gen, mark);
	value = LLVMBuildLoad2(gen->builder, gen->i64, before, "");
	if (expr->step.is_prefix)
		value = LLVMBuildAdd(gen->builder, value, by, "");
	return value;
}

static bool atomic_operation(enum binary op, LLVMAtomicRMWBinOp *atomic)
{
	if (op == BINARY_AND)
		*atomic = LLVMAtomicRMWBinOpAnd;
	else if (op == BINARY_OR)
		*atomic = LLVMAtomicRMWBinOpOr;
	else if (op == BINARY_XOR)
		*atomic = LLVMAtomicRMWBinOpXor;
	else
		return false;
	return true;
}

/* @m[k] op= v, in place; atomic for += -= &= |= ^=. */
static void emit_compound(struct gen *gen, const struct stmt *stmt)
{
	const struct expr *target = stmt->assign.target;
	const struct map *map = target->map.map;
	enum binary op = (enum binary)stmt->assign.op;
	struct value right = scalar_value(stmt->assign.value->type,
					  emit_scalar(gen, stmt->assign.value));
	LLVMAtomicRMWBinOp atomic;
	LLVMBasicBlockRef done;
	LLVMValueRef address, v;

	if (op == BINARY_ADD || op == BINARY_SUB) {
		if (op == BINARY_SUB)
			right.v = LLVMBuildNeg(gen->builder, right.v, "");
		emit_map_add(gen, target, right.v, stmt->at);
		return;
	}
	done = emit_block(gen, "changed");
	address = emit_upsert(gen, map, emit_key(gen, map, target->map.key),
			      stmt->at, done);
	if (atomic_operation(op, &atomic)) {
		LLVMBuildAtomicRMW(
			gen->builder, atomic,
			LLVMBuildBitCast(gen->builder, address,
					 LLVMPointerType(gen->i64, 0), ""),
			right.v, LLVMAtomicOrderingSequentiallyConsistent,
			false);
	} else {
		v = emit_arithmetic(gen, op,
				    emit_load_value(gen, map->value, address),
				    right, map->value, stmt->at);
		emit_store(gen, address, v, map->value->size);
	}
	emit_jump(gen, done);
	emit_at(gen, done);
}

void emit_map_assign(struct gen *gen, const struct stmt *stmt)
{
	struct mark mark = temporary_mark(gen);
	const struct expr *target = stmt->assign.target;
	const struct expr *value = stmt->assign.value;

	if (value->kind == EXPR_CALL &&
	    value->call.function->kind == FUNCTION_AGGREGATION)
		emit_aggregate(gen, target, value);
	else if (stmt->assign.op >= 0)
		emit_compound(gen, stmt);
	else
		emit_set(gen, stmt);
	temporary_release(gen, mark);
}
