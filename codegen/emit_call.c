/*
 * Calls: the emit column of functions.def. Each function here is one word of
 * the language; what it sends, codegen/emit_record.c writes.
 */
#include "codegen/emit.h"

#include <string.h>

static const struct expr *argument(const struct expr *call, size_t index)
{
	return index < call->call.args.count ? call->call.args.items[index]
					     : NULL;
}

static struct value none(struct gen *gen)
{
	return scalar_value(&type_none, emit_i64(gen, 0));
}

/* ---- records ---- */

/* printf, errorf, cat, system, time: the values after the format. */
struct value emit_record(struct gen *gen, const struct expr *call)
{
	const struct expr *first = argument(call, 0);
	size_t skip = first ? 1 : 0;
	struct image_site *site;
	uint32_t index;

	if (clause_is_pinned(gen->clause))
		return emit_seq_printf(gen, call);
	site = site_new(gen, call->call.function->action, call->at, &index);
	site->format = call->call.format;
	if (!site->format)
		site->text = first ? first->string.text : NULL;
	site->is_control =
		site->action == ACTION_ERRORF || site->action == ACTION_WARNF;
	emit_send(gen, index, call->call.args.items + skip,
		  call->call.args.count - skip, call->at);
	return none(gen);
}

/* clear, zero, print of a map: an order to etrace. */
struct value emit_control(struct gen *gen, const struct expr *call)
{
	static const enum action then[] = {
		[RENEWAL_NONE] = ACTION_NO_ACTION,
		[RENEWAL_CLEAR] = ACTION_CLEAR,
		[RENEWAL_ZERO] = ACTION_ZERO,
	};
	struct image_site *site;
	uint32_t index;

	if (call->call.renewal == RENEWAL_DONE)
		return none(gen);
	site = site_new(gen, call->call.function->action, call->at, &index);
	site->is_control = true;
	site->then = then[call->call.renewal];
	site->map = (int32_t)argument(call, 0)->map.map->index;
	site->top = call->call.constant[1];
	site->divisor = call->call.constant[2];
	emit_send_value(gen, index, NULL, call->at);
	return none(gen);
}

/* print(@m[k]) of what has no single value: etrace reads it, by its key. */
static struct value emit_print_entry(struct gen *gen, const struct expr *call)
{
	const struct expr *what = argument(call, 0);
	const struct map *map = what->map.map;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef key = emit_key(gen, map, what->map.key);
	struct image_site *site;
	uint32_t index;

	site = site_new(gen, ACTION_PRINT, call->at, &index);
	site->is_control = true;
	site->map = (int32_t)map->index;
	emit_send_typed(gen, index, emit_load_value(gen, map->key, key),
			call->at);
	temporary_release(gen, mark);
	return none(gen);
}

struct value emit_print(struct gen *gen, const struct expr *call)
{
	const struct expr *what = argument(call, 0);
	uint32_t index;

	if (what->kind == EXPR_MAP && !what->map.key)
		return emit_control(gen, call);
	if (what->kind == EXPR_MAP && type_is_aggregate(what->type))
		return emit_print_entry(gen, call);
	site_new(gen, ACTION_PRINT, call->at, &index);
	emit_send(gen, index, call->call.args.items, 1, call->at);
	return none(gen);
}

/* control->state = STOPPED, so that no probe fires after; then the record
 * that tells etrace, and out. */
struct value emit_exit(struct gen *gen, const struct expr *call)
{
	const struct expr *status = argument(call, 0);
	LLVMValueRef value =
		status ? emit_scalar(gen, status) : emit_i64(gen, 0);
	uint32_t index;

	emit_store(gen, gen->control, emit_i64(gen, CONTROL_STOPPED), 8);
	site_new(gen, ACTION_EXIT, call->at, &index)->is_control = true;
	emit_send_value(gen, index, value, call->at);
	emit_leave_program(gen);
	return none(gen);
}

/* if (!condition) { errorf(message); exit(1); } */
struct value emit_assert(struct gen *gen, const struct expr *call)
{
	LLVMValueRef holds = emit_condition(gen, argument(call, 0));
	LLVMBasicBlockRef join =
		emit_if(gen, LLVMBuildNot(gen->builder, holds, ""));
	struct format *format = ARENA_NEW(gen->arena, struct format);
	struct image_site *site;
	uint32_t index;

	format->pieces = ARENA_NEW(gen->arena, struct format_piece);
	format->pieces->text = arena_printf(gen->arena, "assertion failed: %s",
					    argument(call, 1)->string.text);
	format->pieces->length = (uint32_t)strlen(format->pieces->text);
	format->count = 1;
	site = site_new(gen, ACTION_ERRORF, call->at, &index);
	site->format = format;
	site->is_control = true;
	emit_send_value(gen, index, NULL, call->at);
	emit_store(gen, gen->control, emit_i64(gen, CONTROL_STOPPED), 8);
	site_new(gen, ACTION_EXIT, call->at, &index)->is_control = true;
	emit_send_value(gen, index, emit_i64(gen, 1), call->at);
	emit_leave_program(gen);
	emit_end_if(gen, join);
	return none(gen);
}

/* ---- join ---- */

#define JOIN_MOST   16
#define JOIN_STRING 1024

/*
 * One slot: up to JOIN_MOST strings, each with its NUL.
 *   for (i = 0; i < 16; i++) { p = argv[i]; if (!p) break; append(str(p)); }
 */
static LLVMValueRef emit_join_strings(struct gen *gen, const struct expr *call,
				      LLVMValueRef to)
{
	const struct expr *array = argument(call, 0);
	enum address_space space = array->type->kind == TYPE_POINTER
					   ? array->type->space
					   : SPACE_KERNEL;
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef base = emit_scalar(gen, array);
	LLVMValueRef word = emit_temporary(gen, 8);
	LLVMValueRef index = emit_alloca(gen, gen->i64, "index");
	LLVMValueRef used = emit_alloca(gen, gen->i64, "used");
	LLVMBasicBlockRef loop = emit_block(gen, "join");
	LLVMBasicBlockRef more = emit_block(gen, "string");
	LLVMBasicBlockRef done = emit_block(gen, "joined");
	LLVMValueRef i, cursor, length, most;

	LLVMBuildStore(builder, emit_i64(gen, 0), index);
	LLVMBuildStore(builder, emit_i64(gen, 0), used);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	i = LLVMBuildLoad2(builder, gen->i64, index, "");
	emit_read(gen, space, word, 8,
		  LLVMBuildAdd(builder, base,
			       LLVMBuildShl(builder, i, emit_i64(gen, 3), ""),
			       ""),
		  array->at);
	emit_branch(gen, emit_test(gen, emit_load(gen, word, 8, false)), more,
		    done);
	emit_at(gen, more);
	/* "R1 max value is outside of the allowed memory range": the sum of
	 * lengths is bounded only by their number, which needs saying */
	cursor = emit_barrier(gen, LLVMBuildLoad2(builder, gen->i64, used, ""));
	most = emit_i64(gen, (JOIN_MOST - 1) * JOIN_STRING);
	cursor = LLVMBuildSelect(builder,
				 emit_compare(gen, LLVMIntULT, cursor, most),
				 cursor, most, "");
	length = emit_read_string(gen, space, emit_offset_by(gen, to, cursor),
				  emit_i64(gen, JOIN_STRING),
				  emit_load(gen, word, 8, false), array->at);
	/* one that could not be read is empty, and ended by its NUL */
	length = LLVMBuildSelect(builder, emit_test(gen, length), length,
				 emit_i64(gen, 1), "");
	LLVMBuildStore(builder, LLVMBuildAdd(builder, cursor, length, ""),
		       used);
	i = LLVMBuildAdd(builder, i, emit_i64(gen, 1), "");
	LLVMBuildStore(builder, i, index);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntULT, i, emit_i64(gen, JOIN_MOST)),
		    loop, done);
	emit_at(gen, done);
	return LLVMBuildLoad2(builder, gen->i64, used, "");
}

struct value emit_join(struct gen *gen, const struct expr *call)
{
	const struct expr *separator = argument(call, 1);
	struct image_site *site;
	uint32_t index;

	site = site_new(gen, ACTION_JOIN, call->at, &index);
	site->text = separator ? separator->string.text : " ";
	emit_send_bytes(gen, index,
			type_string(gen->arena, JOIN_MOST * JOIN_STRING),
			emit_join_strings, call);
	return none(gen);
}

/* ---- the kernel's own ---- */

struct value emit_signal(struct gen *gen, const struct expr *call)
{
	const struct expr *which = argument(call, 0);
	LLVMValueRef number =
		which->type->kind == TYPE_STRING
			? emit_i64(gen, (uint64_t)call->call.constant[0])
			: emit_scalar(gen, which);
	bool is_thread = call->call.function->id == FUNCTION_signal_thread;
	LLVMValueRef status = emit_helper(
		gen, is_thread ? HELPER_send_signal_thread : HELPER_send_signal,
		&number);
	LLVMBasicBlockRef join = emit_if(
		gen, emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));

	emit_fault(gen, FAULT_SIGNAL, call->at, NULL);
	emit_end_if(gen, join);
	return none(gen);
}

/* ---- maps ---- */

/* delete(@m[k]), delete(@m, k); without a key the scalar becomes zero. */
struct value emit_delete(struct gen *gen, const struct expr *call)
{
	const struct expr *target = argument(call, 0);
	const struct map *map = target->map.map;
	const struct expr *key =
		call->call.args.count > 1 ? argument(call, 1) : target->map.key;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef address = emit_key(gen, map, key), status, value;
	LLVMBasicBlockRef join;

	if (map->key) {
		LLVMValueRef arguments[] = { emit_map_address(gen, map),
					     address };

		status = emit_helper(gen, HELPER_map_delete_elem, arguments);
		temporary_release(gen, mark);
		return scalar_value(
			call->type,
			emit_widen(gen, emit_compare(gen, LLVMIntEQ, status,
						     emit_i64(gen, 0))));
	}
	value = emit_lookup(gen, map, address);
	join = emit_if(gen, LLVMBuildIsNotNull(gen->builder, value, ""));
	emit_zero(gen, value, map->value->size);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
	return scalar_value(call->type, emit_i64(gen, 1));
}

struct value emit_has_key(struct gen *gen, const struct expr *call)
{
	const struct map *map = argument(call, 0)->map.map;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef value =
		emit_lookup(gen, map, emit_key(gen, map, argument(call, 1)));

	temporary_release(gen, mark);
	return scalar_value(
		call->type,
		emit_widen(gen, LLVMBuildIsNotNull(gen->builder, value, "")));
}

/* value = lookup(key); if (value) $v = *value; */
struct value emit_find(struct gen *gen, const struct expr *call)
{
	struct expr entry = *argument(call, 0);
	const struct map *map = entry.map.map;
	const struct variable *variable = argument(call, 2)->variable.variable;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef found = LLVMBuildIsNotNull(
		gen->builder,
		emit_lookup(gen, map, emit_key(gen, map, argument(call, 1))),
		"");
	LLVMBasicBlockRef join = emit_if(gen, found);

	entry.map.key = call->call.args.items[1];
	entry.type = argument(call, 2)->type;
	if (type_is_scalar(variable->type))
		emit_assign_variable(gen, variable, emit_map_read(gen, &entry));
	else
		emit_into(gen, &entry, variable->type,
			  emit_variable_address(gen, variable));
	emit_end_if(gen, join);
	temporary_release(gen, mark);
	return scalar_value(call->type, emit_widen(gen, found));
}

/* A callback that does nothing: the helper returns how many keys it saw. */
static LLVMValueRef emit_map_length(struct gen *gen, const struct map *map)
{
	struct subprogram count;
	LLVMValueRef arguments[4];

	subprogram_begin(gen, &count, "count", CALLBACK_EACH, gen->clause->at);
	LLVMBuildRet(gen->builder, emit_i64(gen, 0));
	arguments[0] = emit_map_address(gen, map);
	arguments[1] = subprogram_end(gen, &count);
	arguments[2] = LLVMConstNull(gen->pointer);
	arguments[3] = emit_i64(gen, 0);
	return emit_helper(gen, HELPER_for_each_map_elem, arguments);
}

struct value emit_len(struct gen *gen, const struct expr *call)
{
	const struct expr *what = argument(call, 0);
	struct value value;

	if (what->kind == EXPR_MAP && what->map.map->key && !what->map.key)
		return scalar_value(call->type,
				    emit_map_length(gen, what->map.map));
	value = emit_expr(gen, what);
	if (what->type->kind == TYPE_STACK)
		return scalar_value(
			call->type,
			emit_load(gen, emit_offset(gen, value.v, 4), 4, false));
	return scalar_value(call->type, emit_load(gen, value.v, 4, false));
}

/* ---- values ---- */

struct value emit_str(struct gen *gen, const struct expr *call)
{
	LLVMValueRef to = emit_temporary(gen, call->type->size);

	emit_into(gen, call, call->type, to);
	return memory_value(call->type, to);
}

/* Address and space of raw bytes: an array, or what a pointer or an integer
 * points at. */
LLVMValueRef emit_bytes_address(struct gen *gen, const struct expr *from,
				enum address_space *space)
{
	struct place place;

	*space = clause_space(gen->clause);
	if (from->type->kind == TYPE_POINTER)
		*space = from->type->space;
	if (type_is_scalar(from->type))
		return emit_scalar(gen, from);
	*space = SPACE_KERNEL;
	if (!expr_is_place(from))
		return emit_cast_integer(gen, emit_expr(gen, from).v);
	place = emit_place(gen, from);
	*space = place.space;
	return place.space == SPACE_CONTEXT
		       ? emit_cast_integer(gen, place.address)
		       : place.address;
}

/* { u32 length, bytes }, zero behind them. */
struct value emit_buf(struct gen *gen, const struct expr *call)
{
	const struct expr *from = argument(call, 0), *limit = argument(call, 1);
	uint32_t room = call->type->size - 4;
	LLVMValueRef to = emit_scratch(gen, call->type->size + 4);
	LLVMValueRef most = emit_i64(gen, room), size = most, bytes, address;
	enum address_space space;
	LLVMBasicBlockRef join;

	bytes = emit_offset(gen, to, 4);
	address = emit_bytes_address(gen, from, &space);
	if (limit)
		size = emit_barrier(gen, emit_scalar(gen, limit));
	size = LLVMBuildSelect(gen->builder,
			       emit_compare(gen, LLVMIntULT, size, most), size,
			       most, "");
	emit_store(gen, to, size, 4);
	{
		LLVMValueRef arguments[] = { bytes, size, address };
		LLVMValueRef status =
			emit_helper(gen, read_helper(gen, space), arguments);

		join = emit_if(gen, emit_compare(gen, LLVMIntSLT, status,
						 emit_i64(gen, 0)));
	}
	emit_fault(gen, FAULT_READ, call->at, NULL);
	emit_end_if(gen, join);
	if (limit)
		emit_zero_tail(gen, bytes, size, room);
	return memory_value(call->type, to);
}

/* { family, address }: 4 bytes are IPv4, 16 are IPv6. */
struct value emit_ntop(struct gen *gen, const struct expr *call)
{
	const struct expr *from =
		argument(call, call->call.args.count > 1 ? 1 : 0);
	LLVMValueRef to = emit_temporary(gen, call->type->size);
	LLVMValueRef family = emit_i64(gen, 2), bytes, address;
	enum address_space space;
	uint32_t size = 4;

	if (!type_is_integer(from->type)) {
		size = from->type->size >= 16 ? 16 : 4;
		family = emit_i64(gen, size == 16 ? 10 : 2);
	}
	if (call->call.args.count > 1 && type_is_integer(from->type))
		family = emit_scalar(gen, argument(call, 0));
	emit_zero(gen, to, call->type->size);
	emit_store(gen, to, family, 4);
	bytes = emit_offset(gen, to, 4);
	if (type_is_integer(from->type)) {
		emit_store(gen, bytes, emit_scalar(gen, from), 4);
		return memory_value(call->type, to);
	}
	address = emit_bytes_address(gen, from, &space);
	emit_read(gen, space, bytes, size, address, call->at);
	return memory_value(call->type, to);
}

struct value emit_constant(struct gen *gen, const struct expr *call)
{
	return scalar_value(call->type,
			    emit_i64(gen, (uint64_t)call->call.constant[0]));
}

struct value emit_strftime(struct gen *gen, const struct expr *call)
{
	LLVMValueRef to = emit_temporary(gen, call->type->size);

	emit_store(gen, to, emit_scalar(gen, argument(call, 1)), 8);
	emit_store(gen, emit_offset(gen, to, 8), emit_i64(gen, 0), 8);
	return memory_value(call->type, to);
}

/* constant[0]: which clock, as check_nsecs() numbers them. */
struct value emit_nsecs(struct gen *gen, const struct expr *call)
{
	static const enum helper clocks[] = { HELPER_ktime_get_boot_ns,
					      HELPER_ktime_get_ns,
					      HELPER_ktime_get_tai_ns };

	return scalar_value(
		call->type,
		emit_helper(gen, clocks[call->call.constant[0]], NULL));
}

struct value emit_bswap(struct gen *gen, const struct expr *call)
{
	LLVMValueRef value = emit_scalar(gen, argument(call, 0)), result;
	uint32_t bytes = call->type->size;

	result = emit_i64(gen, 0);
	for (uint32_t i = 0; i < bytes; i++) {
		LLVMValueRef byte = LLVMBuildLShr(gen->builder, value,
						  emit_i64(gen, 8ull * i), "");

		byte = LLVMBuildAnd(gen->builder, byte, emit_i64(gen, 255), "");
		byte = LLVMBuildShl(gen->builder, byte,
				    emit_i64(gen, 8ull * (bytes - 1 - i)), "");
		result = LLVMBuildOr(gen->builder, result, byte, "");
	}
	return scalar_value(call->type, result);
}

static emit_fn *emitter(const struct function_row *function)
{
	static emit_fn *const emitters[] = {
/* aggregations are emitted where they are assigned */
#define EMITTER_AGGREGATION(emit) NULL
#define EMITTER_VALUE(emit)       emit
#define EMITTER_STATEMENT(emit)   emit
#define FUNCTION(name, signature, kind, result, check, emit, action, safety, \
		 help) \
	[FUNCTION_##name] = EMITTER_##kind(emit),
#include "parser/functions.def"
#undef FUNCTION
	};

	return emitters[function->id];
}

struct value emit_call(struct gen *gen, const struct expr *expr)
{
	return emitter(expr->call.function)(gen, expr);
}
