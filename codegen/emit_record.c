/*
 * Records: what a probe sends to etrace, in the layout of codegen/record.h.
 * One of fixed size is written in the ring itself; one with strings is put
 * together in scratch memory, with the bytes it needs, and copied once.
 */
#include "codegen/emit.h"

#include <linux/bpf.h>

/* bpf_ringbuf_query(): BPF_RB_PROD_POS */
#define QUERY_PRODUCER 3

struct image_site *site_new(struct gen *gen, enum action action, struct span at,
			    uint32_t *index)
{
	struct image *image = gen->image;
	struct image_site site = {
		.action = action,
		.at = at,
		.program = image->program_count - 1,
		.map = -1,
	};
	size_t count = image->site_count;

	ARENA_PUSH(gen->arena, image->sites, count, gen->site_room, site);
	image->site_count = (uint32_t)count;
	*index = (uint32_t)count - 1;
	return &image->sites[count - 1];
}

static LLVMValueRef declare_ring(struct gen *gen, const char *symbol,
				 uint32_t bytes)
{
	const struct kernel_map map = {
		.symbol = symbol,
		.type = BPF_MAP_TYPE_RINGBUF,
		.max_entries = bytes,
	};

	return debuginfo_map(gen, &map);
}

void declare_rings(struct gen *gen)
{
	if (gen->image->has_data_ring)
		gen->data_ring = declare_ring(gen, RING_DATA_SYMBOL,
					      gen->image->ring_bytes);
}

static LLVMValueRef ring(struct gen *gen, bool control)
{
	if (control && !gen->control_ring) {
		gen->control_ring = declare_ring(gen, RING_CONTROL_SYMBOL,
						 RING_CONTROL_BYTES);
		gen->image->has_control_ring = true;
	}
	return LLVMConstBitCast(control ? gen->control_ring : gen->data_ring,
				gen->pointer);
}

/* site, 0[, order] */
static void emit_header(struct gen *gen, LLVMValueRef record, uint32_t site)
{
	LLVMValueRef order = emit_i64(gen, 0);

	emit_store(gen, record, emit_i64(gen, site), 8);
	if (!gen->image->sites[site].is_control)
		return;
	if (gen->data_ring) {
		LLVMValueRef arguments[] = { ring(gen, false),
					     emit_i64(gen, QUERY_PRODUCER) };

		order = emit_helper(gen, HELPER_ringbuf_query, arguments);
	}
	emit_store(
		gen,
		emit_offset(gen, record, offsetof(struct record_header, order)),
		order, 8);
}

static uint32_t slots_offset(const struct gen *gen, uint32_t site)
{
	return gen->image->sites[site].is_control ? RECORD_CONTROL_SLOTS
						  : RECORD_DATA_SLOTS;
}

static void emit_lost(struct gen *gen, uint32_t site, struct span at)
{
	emit_fault(gen,
		   gen->image->sites[site].is_control ? FAULT_CONTROL_FULL
						      : FAULT_RING_FULL,
		   at, NULL);
}

/* How many bytes of a record a value may take besides its slot. */
static uint32_t payload_size(const struct type *type)
{
	return type_is_scalar(type) ? 0 : (type->size + 7) & ~7u;
}

/* Values kept in registers until there is a record to put them in; more would
 * fill the stack. */
#define HELD_MOST 16

/* Always the same number of bytes in a record? */
static bool is_fixed(const struct type *type)
{
	if (type->kind == TYPE_STRING)
		return type->size <= 16;
	return type->kind != TYPE_BUFFER && type->kind != TYPE_STACK &&
	       type->size <= INLINE_COPY_MAX;
}

/* ---- fixed size: reserve, fill, submit ---- */

/* What is sent, its values computed. */
struct message {
	uint32_t site;
	struct expr *const *args;   /* NULL if all values have v */
	const struct value *values; /* without v: comm, not fetched yet */
	size_t count;
	struct span at;
};

/* The slots and what they point to, in the ring itself. */
static void emit_fill(struct gen *gen, const struct message *message,
		      LLVMValueRef record)
{
	uint32_t slot = slots_offset(gen, message->site);
	uint32_t payload = slot + 8 * (uint32_t)message->count;

	for (size_t i = 0; i < message->count; i++, slot += 8) {
		const struct value *value = &message->values[i];
		LLVMValueRef at = emit_offset(gen, record, slot);
		LLVMValueRef to = emit_offset(gen, record, payload);
		uint32_t size = value->type->size;

		if (type_is_scalar(value->type)) {
			emit_store(gen, at, value->v, 8);
			continue;
		}
		if (value->v) {
			emit_copy(gen, to, value->v, size);
		} else {
			assert(message->args);
			emit_string(gen, message->args[i], to, size);
		}
		emit_store(gen, at,
			   emit_i64(gen, payload | (uint64_t)size << 32), 8);
		payload += payload_size(value->type);
	}
}

static uint32_t message_size(const struct gen *gen,
			     const struct message *message)
{
	uint32_t size =
		slots_offset(gen, message->site) + 8 * (uint32_t)message->count;

	for (size_t i = 0; i < message->count; i++)
		size += payload_size(message->values[i].type);
	return size;
}

static void emit_reserved(struct gen *gen, const struct message *message)
{
	bool control = gen->image->sites[message->site].is_control;
	LLVMValueRef reserve[] = { ring(gen, control),
				   emit_i64(gen, message_size(gen, message)),
				   emit_i64(gen, 0) };
	LLVMValueRef submit[] = { NULL, emit_i64(gen, 0) };
	LLVMBasicBlockRef full = emit_block(gen, "ring_full");
	LLVMBasicBlockRef room = emit_block(gen, "ring_room");
	LLVMBasicBlockRef join = emit_block(gen, "sent");
	LLVMValueRef record = emit_helper(gen, HELPER_ringbuf_reserve, reserve);

	emit_branch(gen, emit_test(gen, record), room, full);
	emit_at(gen, full);
	emit_lost(gen, message->site, message->at);
	emit_jump(gen, join);
	emit_at(gen, room);
	submit[0] = emit_cast_pointer(gen, record);
	emit_header(gen, submit[0], message->site);
	emit_fill(gen, message, submit[0]);
	emit_helper(gen, HELPER_ringbuf_submit, submit);
	emit_jump(gen, join);
	emit_at(gen, join);
}

static bool is_comm(const struct expr *expr)
{
	return expr->kind == EXPR_NAME && expr->name.builtin &&
	       expr->name.builtin->id == BUILTIN_comm;
}

static void emit_send_fixed(struct gen *gen, uint32_t site,
			    struct expr *const *args, size_t count,
			    struct span at)
{
	struct value *values = ARENA_ARRAY(gen->arena, count + 1, struct value);
	struct message message = { site, args, values, count, at };

	for (size_t i = 0; i < count; i++) {
		if (is_comm(args[i])) {
			values[i].type = args[i]->type;
		} else if (type_is_scalar(args[i]->type) ||
			   type_is_aggregate(args[i]->type)) {
			values[i] = scalar_value(&type_int64,
						 emit_scalar(gen, args[i]));
		} else {
			const struct type *type = args[i]->type;
			LLVMValueRef to = emit_temporary(gen, type->size);

			emit_into(gen, args[i], type, to);
			values[i] = memory_value(type, to);
		}
	}
	emit_reserved(gen, &message);
}

/* ---- variable size: put together in scratch, then copied ---- */

/* A stack of our own: its header and the frames it has. */
static LLVMValueRef emit_stack_bytes(struct gen *gen, LLVMValueRef stack,
				     const struct type *type)
{
	LLVMValueRef count =
		emit_load(gen, emit_offset(gen, stack, 4), 4, false);
	LLVMValueRef most = emit_i64(gen, type->count);

	count = emit_barrier(gen, count);
	count = LLVMBuildSelect(gen->builder,
				emit_compare(gen, LLVMIntULT, count, most),
				count, most, "");
	count = LLVMBuildShl(gen->builder, count, emit_i64(gen, 3), "");
	return LLVMBuildAdd(gen->builder, count, emit_i64(gen, 8), "");
}

/* A buffer's bytes without the length before them. */
static LLVMValueRef emit_buffer_bytes(struct gen *gen, LLVMValueRef *buffer,
				      const struct type *type)
{
	LLVMValueRef length = emit_load(gen, *buffer, 4, false);
	LLVMValueRef most = emit_i64(gen, type->size - 4);

	*buffer = emit_offset(gen, *buffer, 4);
	length = emit_barrier(gen, length);
	return LLVMBuildSelect(gen->builder,
			       emit_compare(gen, LLVMIntULT, length, most),
			       length, most, "");
}

/* The bytes of a value at `to`; how many they are. */
static LLVMValueRef emit_payload(struct gen *gen, const struct expr *arg,
				 LLVMValueRef to)
{
	const struct type *type = arg->type;
	LLVMValueRef from, length;

	if (type->kind == TYPE_STRING)
		return emit_string(gen, arg, to, type->size);
	if (type->kind != TYPE_STACK && type->kind != TYPE_BUFFER) {
		emit_into(gen, arg, type, to);
		return emit_i64(gen, type->size);
	}
	from = emit_expr(gen, arg).v;
	length = type->kind == TYPE_STACK ? emit_stack_bytes(gen, from, type)
					  : emit_buffer_bytes(gen, &from, type);
	{
		LLVMValueRef arguments[] = { to, length,
					     emit_cast_integer(gen, from) };

		emit_helper(gen, HELPER_probe_read_kernel, arguments);
	}
	return length;
}

static void emit_output(struct gen *gen, uint32_t site, LLVMValueRef record,
			LLVMValueRef size, struct span at)
{
	bool control = gen->image->sites[site].is_control;
	LLVMValueRef arguments[] = { ring(gen, control), record, size,
				     emit_i64(gen, 0) };
	LLVMValueRef status =
		emit_helper(gen, HELPER_ringbuf_output, arguments);
	LLVMBasicBlockRef join = emit_if(
		gen, emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));

	emit_lost(gen, site, at);
	emit_end_if(gen, join);
}

static void emit_send_variable(struct gen *gen, uint32_t site,
			       struct expr *const *args, size_t count,
			       struct span at)
{
	uint32_t slot = slots_offset(gen, site);
	uint32_t size = slot + 8 * (uint32_t)count;
	LLVMValueRef record, cursor = emit_i64(gen, size), word, length;

	for (size_t i = 0; i < count; i++)
		size += payload_size(args[i]->type);
	record = emit_scratch(gen, size);
	emit_header(gen, record, site);
	for (size_t i = 0; i < count; i++, slot += 8) {
		struct mark mark = temporary_mark(gen);

		if (type_is_scalar(args[i]->type) ||
		    type_is_aggregate(args[i]->type)) {
			word = emit_scalar(gen, args[i]);
		} else {
			length = emit_payload(
				gen, args[i],
				emit_offset_by(gen, record, cursor));
			word = LLVMBuildShl(gen->builder, length,
					    emit_i64(gen, 32), "");
			word = LLVMBuildOr(gen->builder, word, cursor, "");
			cursor = LLVMBuildAdd(gen->builder, cursor, length, "");
		}
		emit_store(gen, emit_offset(gen, record, slot), word, 8);
		temporary_release(gen, mark);
	}
	emit_output(gen, site, record, cursor, at);
}

void emit_send(struct gen *gen, uint32_t site, struct expr *const *args,
	       size_t count, struct span at)
{
	struct mark mark = temporary_mark(gen);
	const struct type **types =
		ARENA_ARRAY(gen->arena, count + 1, const struct type *);
	bool fixed = count <= HELD_MOST;

	for (size_t i = 0; i < count; i++) {
		types[i] = args[i]->type;
		fixed = fixed &&
			(type_is_scalar(types[i]) || is_fixed(types[i]));
	}
	gen->image->sites[site].types = types;
	gen->image->sites[site].count = (uint32_t)count;
	if (fixed)
		emit_send_fixed(gen, site, args, count, at);
	else
		emit_send_variable(gen, site, args, count, at);
	temporary_release(gen, mark);
}

void emit_send_value(struct gen *gen, uint32_t site, LLVMValueRef value,
		     struct span at)
{
	static const struct type *types[] = { &type_int64 };
	struct value values[1] = { { .type = &type_int64, .v = value } };
	struct message message = { site, NULL, values, value ? 1 : 0, at };

	gen->image->sites[site].types = types;
	gen->image->sites[site].count = value ? 1 : 0;
	emit_reserved(gen, &message);
}

void emit_send_typed(struct gen *gen, uint32_t site, struct value value,
		     struct span at)
{
	const struct type **types = ARENA_NEW(gen->arena, const struct type *);
	struct message message = { site, NULL, &value, 1, at };

	*types = value.type;
	gen->image->sites[site].types = types;
	gen->image->sites[site].count = 1;
	emit_reserved(gen, &message);
}

void emit_send_bytes(struct gen *gen, uint32_t site, const struct type *type,
		     bytes_fn *write, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	uint32_t slot = slots_offset(gen, site);
	const struct type **types = ARENA_NEW(gen->arena, const struct type *);
	LLVMValueRef record, length, first = emit_i64(gen, slot + 8), word;

	*types = type;
	gen->image->sites[site].types = types;
	gen->image->sites[site].count = 1;
	record = emit_scratch(gen, slot + 8 + type->size);
	emit_header(gen, record, site);
	length = write(gen, call, emit_offset(gen, record, slot + 8));
	/* the verifier has lost track of a sum in a loop */
	length = emit_barrier(gen, length);
	length = LLVMBuildSelect(gen->builder,
				 emit_compare(gen, LLVMIntULT, length,
					      emit_i64(gen, type->size)),
				 length, emit_i64(gen, type->size), "");
	word = LLVMBuildShl(gen->builder, length, emit_i64(gen, 32), "");
	word = LLVMBuildOr(gen->builder, word, first, "");
	emit_store(gen, emit_offset(gen, record, slot), word, 8);
	emit_output(gen, site, record,
		    LLVMBuildAdd(gen->builder, first, length, ""), call->at);
	temporary_release(gen, mark);
}
