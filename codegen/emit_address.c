/*
 * Functions of addresses and bytes: macaddr, pton, memcmp, write_user,
 * percpu_kaddr, and those that only look at a pointer. Called through the emit
 * column of functions.def.
 */
#include "codegen/emit.h"

#include <string.h>

#include "codegen/registers.h"

/* Error codes in pointers: the last page of all. */
#define ERROR_MAX 4095

static const struct expr *argument(const struct expr *call, size_t index)
{
	return call->call.args.items[index];
}

/* ---- values that are what they are given ---- */

/* strerror takes -ENOENT as well as ENOENT. */
struct value emit_error(struct gen *gen, const struct expr *call)
{
	LLVMValueRef number = emit_scalar(gen, argument(call, 0));
	LLVMValueRef negated = LLVMBuildNeg(gen->builder, number, "");
	LLVMValueRef is_negative =
		emit_compare(gen, LLVMIntSLT, number, emit_i64(gen, 0));

	return scalar_value(call->type,
			    LLVMBuildSelect(gen->builder, is_negative, negated,
					    number, ""));
}

struct value emit_first(struct gen *gen, const struct expr *call)
{
	return scalar_value(call->type, emit_scalar(gen, argument(call, 0)));
}

/* (uint64)p >= -4095 */
struct value emit_is_err(struct gen *gen, const struct expr *call)
{
	LLVMValueRef pointer = emit_scalar(gen, argument(call, 0));
	LLVMValueRef least = emit_i64(gen, (uint64_t)-ERROR_MAX);

	return scalar_value(
		call->type,
		emit_widen(gen, emit_compare(gen, LLVMIntUGE, pointer, least)));
}

struct value emit_namespace_id(struct gen *gen, const struct expr *call)
{
	bool is_pid = call->call.function->id == FUNCTION_pid;
	LLVMValueRef ids;

	if (!call->call.constant[0])
		return is_pid ? emit_pid(gen, call) : emit_tid(gen, call);
	ids = emit_helper(gen, HELPER_get_current_pid_tgid, NULL);
	if (is_pid)
		ids = LLVMBuildLShr(gen->builder, ids, emit_i64(gen, 32), "");
	return scalar_value(call->type, emit_narrow(gen, ids, 4, false));
}

/* cpu < ncpus ? variable + __per_cpu_offset[cpu] : 0 */
struct value emit_percpu_kaddr(struct gen *gen, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef result = emit_alloca(gen, gen->i64, "address");
	LLVMValueRef offset = emit_temporary(gen, 8), cpu, place;
	LLVMBasicBlockRef join;

	if (call->call.args.count > 1)
		cpu = emit_scalar(gen, argument(call, 1));
	else
		cpu = emit_helper(gen, HELPER_get_smp_processor_id, NULL);
	LLVMBuildStore(gen->builder, emit_i64(gen, 0), result);
	join = emit_if(gen, emit_compare(gen, LLVMIntULT, cpu,
					 emit_i64(gen, gen->settings->cpus)));
	place = LLVMBuildShl(gen->builder, cpu, emit_i64(gen, 3), "");
	place = LLVMBuildAdd(gen->builder, place,
			     emit_i64(gen, (uint64_t)call->call.constant[2]),
			     "");
	emit_read(gen, SPACE_KERNEL, offset, 8, place, call->at);
	place = LLVMBuildAdd(gen->builder, emit_load(gen, offset, 8, false),
			     emit_i64(gen, (uint64_t)call->call.constant[0]),
			     "");
	LLVMBuildStore(gen->builder, place, result);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
	return scalar_value(call->type,
			    LLVMBuildLoad2(gen->builder, gen->i64, result, ""));
}

/* The code of the probe is where it is mapped, and the variable that far from
 * it: where it stopped, or the function it returns from. */
struct value emit_uaddr(struct gen *gen, const struct expr *call)
{
	LLVMValueRef context = emit_context(gen), address;

	if (gen->clause->attaches[0].kind == ATTACH_URETPROBE)
		address = emit_helper(gen, HELPER_get_func_ip, &context);
	else
		address = emit_load(gen, emit_offset(gen, context, REGISTER_IP),
				    8, false);
	return scalar_value(
		call->type,
		LLVMBuildAdd(gen->builder, address,
			     emit_i64(gen, (uint64_t)call->call.constant[0]),
			     ""));
}

/* ---- bytes of the network ---- */

struct value emit_macaddr(struct gen *gen, const struct expr *call)
{
	LLVMValueRef to = emit_temporary(gen, 8), address;
	enum address_space space;

	address = emit_bytes_address(gen, argument(call, 0), &space);
	emit_read(gen, space, to, call->type->size, address, call->at);
	return memory_value(call->type, to);
}

struct value emit_pton(struct gen *gen, const struct expr *call)
{
	char bytes[16];

	memcpy(bytes, &call->call.constant[0], 8);
	memcpy(bytes + 8, &call->call.constant[1], 8);
	return memory_value(call->type,
			    emit_literal(gen, bytes, call->type->size));
}

/* ---- some bytes, of a length that is not known ---- */

/* At most what fits: the verifier wants to see the bound at the call. */
static LLVMValueRef emit_bounded(struct gen *gen, LLVMValueRef length,
				 uint32_t room)
{
	LLVMValueRef most = emit_i64(gen, room);

	if (LLVMIsAConstantInt(length))
		return LLVMConstIntGetZExtValue(length) > room ? most : length;
	length = emit_barrier(gen, length);
	return LLVMBuildSelect(gen->builder,
			       emit_compare(gen, LLVMIntULT, length, most),
			       length, most, "");
}

/* How many bytes a value of that kind has at most. */
static uint32_t bytes_room(const struct gen *gen, const struct expr *from)
{
	uint32_t limit = (uint32_t)gen->settings->max_strlen;
	const struct type *type = from->type;

	if (type->kind == TYPE_POINTER || type_is_scalar(type) ||
	    type->size > limit)
		return limit;
	return type->size;
}

/* `length` bytes of a value, or at an address, to scratch memory of `room`. */
static LLVMValueRef emit_bytes(struct gen *gen, const struct expr *from,
			       LLVMValueRef length, uint32_t room,
			       struct span at)
{
	LLVMValueRef to = emit_scratch(gen, (room + 7) & ~7u);
	enum address_space space = SPACE_KERNEL;
	LLVMValueRef arguments[3], status;
	LLVMBasicBlockRef join;

	if (from->type->kind == TYPE_STRING) {
		struct mark mark = temporary_mark(gen);
		LLVMValueRef whole = emit_scratch(gen, from->type->size);

		emit_into(gen, from, from->type, whole);
		arguments[2] = emit_cast_integer(gen, whole);
		temporary_release(gen, mark);
	} else {
		arguments[2] = emit_bytes_address(gen, from, &space);
	}
	arguments[0] = to;
	arguments[1] = emit_bounded(gen, length, room);
	status = emit_helper(gen, read_helper(gen, space), arguments);
	join = emit_if(gen,
		       emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));
	emit_fault(gen, FAULT_READ, at, NULL);
	emit_end_if(gen, join);
	return to;
}

/*
 * difference = 0;
 * for (i = 0; i < room && i < length; i++)
 *         if ((difference = a[i] - b[i])) break;
 */
static LLVMValueRef emit_difference(struct gen *gen, LLVMValueRef a,
				    LLVMValueRef b, LLVMValueRef length,
				    uint32_t room)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef index = emit_alloca(gen, gen->i64, "index");
	LLVMValueRef result = emit_alloca(gen, gen->i64, "difference");
	LLVMBasicBlockRef loop = emit_block(gen, "byte");
	LLVMBasicBlockRef inside = emit_block(gen, "inside");
	LLVMBasicBlockRef compare = emit_block(gen, "compare");
	LLVMBasicBlockRef next = emit_block(gen, "next");
	LLVMBasicBlockRef done = emit_block(gen, "compared");
	LLVMValueRef i, difference;

	LLVMBuildStore(builder, emit_i64(gen, 0), index);
	LLVMBuildStore(builder, emit_i64(gen, 0), result);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	i = LLVMBuildLoad2(builder, gen->i64, index, "");
	emit_branch(gen, emit_compare(gen, LLVMIntULT, i, emit_i64(gen, room)),
		    inside, done);
	emit_at(gen, inside);
	emit_branch(gen, emit_compare(gen, LLVMIntULT, i, length), compare,
		    done);
	emit_at(gen, compare);
	difference = LLVMBuildSub(
		builder, emit_load(gen, emit_offset_by(gen, a, i), 1, false),
		emit_load(gen, emit_offset_by(gen, b, i), 1, false), "");
	LLVMBuildStore(builder, difference, result);
	LLVMBuildStore(builder, LLVMBuildAdd(builder, i, emit_i64(gen, 1), ""),
		       index);
	emit_branch(gen, emit_test(gen, difference), done, next);
	emit_at(gen, next);
	emit_jump(gen, loop);
	emit_at(gen, done);
	return LLVMBuildLoad2(builder, gen->i64, result, "");
}

struct value emit_memcmp(struct gen *gen, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	const struct expr *left = argument(call, 0), *right = argument(call, 1);
	uint32_t room = bytes_room(gen, left);
	LLVMValueRef length = emit_scalar(gen, argument(call, 2)), a, b, result;

	if (bytes_room(gen, right) < room)
		room = bytes_room(gen, right);
	if (LLVMIsAConstantInt(length) &&
	    LLVMConstIntGetZExtValue(length) < room)
		room = (uint32_t)LLVMConstIntGetZExtValue(length);
	if (!room) {
		temporary_release(gen, mark);
		return scalar_value(call->type, emit_i64(gen, 0));
	}
	a = emit_bytes(gen, left, length, room, call->at);
	b = emit_bytes(gen, right, length, room, call->at);
	result = emit_difference(gen, a, b, length, room);
	temporary_release(gen, mark);
	return scalar_value(call->type, result);
}

/* length ? !probe_write_user(to, bytes, length) : true */
struct value emit_write_user(struct gen *gen, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	const struct expr *from = argument(call, 1);
	LLVMValueRef to = emit_scalar(gen, argument(call, 0));
	LLVMValueRef length = emit_scalar(gen, argument(call, 2));
	LLVMValueRef result = emit_alloca(gen, gen->i64, "written");
	uint32_t room = bytes_room(gen, from);
	LLVMValueRef bytes = emit_bytes(gen, from, length, room, call->at);
	LLVMBasicBlockRef join;
	LLVMValueRef arguments[3], status;

	LLVMBuildStore(gen->builder, emit_i64(gen, 1), result);
	length = emit_bounded(gen, length, room);
	join = emit_if(gen, emit_test(gen, length));
	arguments[0] = to;
	arguments[1] = bytes;
	arguments[2] = length;
	status = emit_helper(gen, HELPER_probe_write_user, arguments);
	LLVMBuildStore(gen->builder,
		       emit_widen(gen, emit_compare(gen, LLVMIntEQ, status,
						    emit_i64(gen, 0))),
		       result);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
	return scalar_value(call->type,
			    LLVMBuildLoad2(gen->builder, gen->i64, result, ""));
}

struct value emit_override(struct gen *gen, const struct expr *call)
{
	LLVMValueRef arguments[] = { emit_context(gen),
				     emit_scalar(gen, argument(call, 0)) };

	emit_helper(gen, HELPER_override_return, arguments);
	return scalar_value(&type_none, emit_i64(gen, 0));
}
