/*
 * Fields of a packet's headers, which emit_packet.c has put in scratch memory:
 * numbers out of network order, addresses as the language keeps them. Where a
 * field is in its header is in parser/packet.def.
 */
#include "codegen/emit.h"

#include <linux/bpf.h>

#define FAMILY_IP4 2
#define FAMILY_IP6 10

LLVMValueRef emit_bits_of(struct gen *gen, LLVMValueRef value, unsigned shift,
			  uint64_t mask)
{
	value = LLVMBuildLShr(gen->builder, value, emit_i64(gen, shift), "");
	return LLVMBuildAnd(gen->builder, value, emit_i64(gen, mask), "");
}

/* A number in network order, byte by byte: right on any machine. */
LLVMValueRef emit_network_number(struct gen *gen, LLVMValueRef from,
				 uint32_t bytes)
{
	LLVMValueRef number = emit_load(gen, from, 1, false), byte;

	for (uint32_t i = 1; i < bytes; i++) {
		byte = emit_load(gen, emit_offset(gen, from, i), 1, false);
		number = LLVMBuildShl(gen->builder, number, emit_i64(gen, 8),
				      "");
		number = LLVMBuildOr(gen->builder, number, byte, "");
	}
	return number;
}

LLVMValueRef emit_header_slot(struct gen *gen, enum packet_header header)
{
	return emit_scratch_at(gen, gen->packet.headers[header]);
}

/* A u32 of struct __sk_buff. */
LLVMValueRef emit_skb_field(struct gen *gen, size_t offset)
{
	return emit_load(gen, emit_offset(gen, emit_context(gen), offset), 4,
			 false);
}

/* ---- fields ---- */

/* ip: is there such a header? */
struct value emit_has_header(struct gen *gen, const struct expr *expr)
{
	enum packet_header header = packet_header_find(expr->name.text);
	LLVMValueRef present;

	if (!packet_header_bytes(header))
		return scalar_value(expr->type, emit_i64(gen, 1));
	present = emit_load(gen, emit_scratch_at(gen, gen->packet.present), 8,
			    false);
	return scalar_value(expr->type, emit_bits_of(gen, present, header, 1));
}

static struct value emit_packet_length(struct gen *gen, const struct type *type)
{
	if (!(gen->clause->attaches[0].kind == ATTACH_XDP))
		return scalar_value(
			type,
			emit_skb_field(gen, offsetof(struct __sk_buff, len)));
	return scalar_value(type, emit_helper(gen, HELPER_xdp_get_buff_len,
					      &gen->function->context));
}

/* { family, address } */
static struct value emit_inet(struct gen *gen, const struct type *type,
			      LLVMValueRef from, uint32_t bytes)
{
	LLVMValueRef to = emit_temporary(gen, type->size);

	emit_zero(gen, to, type->size);
	emit_store(gen, to, emit_i64(gen, bytes == 4 ? FAMILY_IP4 : FAMILY_IP6),
		   4);
	/* in words of 4, for "misaligned stack access" */
	for (uint32_t at = 0; at < bytes; at += 4)
		emit_copy(gen, emit_offset(gen, to, 4 + at),
			  emit_offset(gen, from, at), 4);
	return memory_value(type, to);
}

struct value emit_packet_field(struct gen *gen, const struct expr *expr)
{
	const struct packet_field *field = expr->field.packet;
	LLVMValueRef from, number;

	if (!packet_header_bytes(field->header))
		return emit_packet_length(gen, field->type);
	from = emit_offset(gen, emit_header_slot(gen, field->header),
			   field->offset);
	if (field->type->kind == TYPE_MAC)
		return memory_value(field->type, from);
	if (field->type->kind == TYPE_INET)
		return emit_inet(gen, field->type, from, field->bytes);
	number = emit_network_number(gen, from, field->bytes);
	if (field->bits)
		number = emit_bits_of(gen, number, field->shift,
				      (UINT64_C(1) << field->bits) - 1);
	return scalar_value(field->type, number);
}

struct value emit_address(struct gen *gen, const struct expr *expr)
{
	uint8_t bytes[ADDRESS_MAX];

	address_parse(expr->type, expr->string.text, bytes);
	return memory_value(expr->type, emit_literal(gen, (const char *)bytes,
						     expr->type->size));
}
