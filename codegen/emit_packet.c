/*
 * Packets of tc and xdp: the headers that a program asks for are found once,
 * at its start, and copied to scratch memory, zero where the packet has none.
 * Knows the headers' places in a packet; their fields are read by
 * emit_header.c.
 */
#include "codegen/emit.h"

#include <linux/bpf.h>

#define TYPE_IP4  0x0800
#define TYPE_ARP  0x0806
#define TYPE_IP6  0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8

#define NEXT_HOPS     0
#define NEXT_ICMP     1
#define NEXT_TCP      6
#define NEXT_UDP      17
#define NEXT_ROUTING  43
#define NEXT_FRAGMENT 44
#define NEXT_SECURITY 51
#define NEXT_ICMP6    58
#define NEXT_OPTIONS  60

/* Tags, and extension headers of IPv6, that are looked behind. */
#define TAGS_MAX       2
#define EXTENSIONS_MAX 6

/* Or'ed to a protocol of which the header is in another fragment. */
#define NOT_THERE 256

/* Where the final protocol is kept, behind the IPv6 header itself. */
#define IP6_PROTOCOL 40

/* What the steps of the search hand on, in variables of the program. */
struct search {
	LLVMValueRef present; /* bits 1 << HEADER_… */
	LLVMValueRef type;    /* of the network header; 0: none */
	LLVMValueRef offset;  /* of the header to look at next */
	LLVMValueRef next;    /* protocol of the transport header */
};

/* ---- small words ---- */

static LLVMValueRef variable(struct gen *gen, const char *name, uint64_t value)
{
	LLVMValueRef slot = emit_alloca(gen, gen->i64, name);

	LLVMBuildStore(gen->builder, emit_i64(gen, value), slot);
	return slot;
}

static LLVMValueRef get(struct gen *gen, LLVMValueRef slot)
{
	return LLVMBuildLoad2(gen->builder, gen->i64, slot, "");
}

static void set(struct gen *gen, LLVMValueRef slot, LLVMValueRef value)
{
	LLVMBuildStore(gen->builder, value, slot);
}

static void advance(struct gen *gen, struct search *search, LLVMValueRef by)
{
	set(gen, search->offset,
	    LLVMBuildAdd(gen->builder, get(gen, search->offset), by, ""));
}

static void mark_present(struct gen *gen, struct search *search,
			 enum packet_header header)
{
	set(gen, search->present,
	    LLVMBuildOr(gen->builder, get(gen, search->present),
			emit_i64(gen, 1u << header), ""));
}

/* if (a == b) { … } */
static LLVMBasicBlockRef emit_if_equal(struct gen *gen, LLVMValueRef a,
				       uint64_t b)
{
	return emit_if(gen, emit_compare(gen, LLVMIntEQ, a, emit_i64(gen, b)));
}

static void emit_put_number(struct gen *gen, LLVMValueRef to,
			    LLVMValueRef number)
{
	emit_store(gen, to, emit_bits_of(gen, number, 8, 255), 1);
	emit_store(gen, emit_offset(gen, to, 1), number, 1);
}

/* ---- the packet's bytes ---- */

static bool is_xdp(const struct gen *gen)
{
	return gen->clause->attaches[0].kind == ATTACH_XDP;
}

/* Bytes before the network header, 0 where links have no header. */
static uint32_t link_bytes(const struct gen *gen)
{
	return gen->clause->attaches[0].length;
}

/*
 * i1: could so many bytes be copied? Offsets count from the packet's start. In
 * tc the kernel is told which start: where it thinks that the network header is
 * depends on who made the packet, if there are VLAN tags.
 */
static LLVMValueRef emit_fetch(struct gen *gen, LLVMValueRef offset,
			       LLVMValueRef to, uint32_t bytes)
{
	LLVMValueRef arguments[] = {
		gen->function->context,
		offset,
		to,
		emit_i64(gen, bytes),
		emit_i64(gen, link_bytes(gen) ? BPF_HDR_START_MAC
					      : BPF_HDR_START_NET),
	};
	LLVMValueRef status =
		emit_helper(gen,
			    is_xdp(gen) ? HELPER_xdp_load_bytes
					: HELPER_skb_load_bytes_relative,
			    arguments);

	return emit_compare(gen, LLVMIntEQ, status, emit_i64(gen, 0));
}

/* if (fetch(header)) { present |= …; … } */
static LLVMBasicBlockRef emit_if_header(struct gen *gen, struct search *search,
					enum packet_header header,
					uint32_t bytes)
{
	LLVMValueRef fetched = emit_fetch(gen, get(gen, search->offset),
					  emit_header_slot(gen, header), bytes);
	LLVMBasicBlockRef join = emit_if(gen, fetched);

	mark_present(gen, search, header);
	return join;
}

/* ---- the link ---- */

/* The kernel keeps it as the packet has it. */
static LLVMValueRef emit_skb_number(struct gen *gen, size_t offset)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef to = emit_temporary(gen, 8), number;

	emit_store(gen, to, emit_skb_field(gen, offset), 2);
	number = emit_network_number(gen, to, 2);
	temporary_release(gen, mark);
	return number;
}

/* A link without header: the first bits of the packet tell IPv4 from IPv6. */
static void emit_guess_type(struct gen *gen, struct search *search)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef first = emit_scratch(gen, 8), version;
	LLVMBasicBlockRef join, inner;

	join = emit_if(gen, emit_fetch(gen, emit_i64(gen, 0), first, 1));
	version = emit_bits_of(gen, emit_load(gen, first, 1, false), 4, 15);
	inner = emit_if_equal(gen, version, 4);
	set(gen, search->type, emit_i64(gen, TYPE_IP4));
	emit_end_if(gen, inner);
	inner = emit_if_equal(gen, version, 6);
	set(gen, search->type, emit_i64(gen, TYPE_IP6));
	emit_end_if(gen, inner);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
}

static void emit_link(struct gen *gen, struct search *search)
{
	LLVMValueRef slot = emit_header_slot(gen, HEADER_eth);
	LLVMBasicBlockRef join;
	if (!link_bytes(gen) && is_xdp(gen)) {
		emit_guess_type(gen, search);
		return;
	}
	if (!link_bytes(gen)) {
		set(gen, search->type,
		    emit_skb_number(gen, offsetof(struct __sk_buff, protocol)));
		return;
	}
	join = emit_if(
		gen, emit_fetch(gen, emit_i64(gen, 0), slot, link_bytes(gen)));
	mark_present(gen, search, HEADER_eth);
	set(gen, search->type,
	    emit_network_number(gen, emit_offset(gen, slot, 12), 2));
	emit_end_if(gen, join);
}

/* A tag that the network card or the kernel has taken out already. */
static void emit_taken_tag(struct gen *gen, struct search *search)
{
	LLVMValueRef slot = emit_header_slot(gen, HEADER_vlan), tag;
	LLVMBasicBlockRef join = emit_if(
		gen,
		emit_test(gen, emit_skb_field(gen, offsetof(struct __sk_buff,
							    vlan_present))));

	tag = emit_skb_field(gen, offsetof(struct __sk_buff, vlan_tci));
	emit_put_number(gen, slot, tag);
	tag = emit_skb_number(gen, offsetof(struct __sk_buff, vlan_proto));
	emit_put_number(gen, emit_offset(gen, slot, 2), tag);
	mark_present(gen, search, HEADER_vlan);
	emit_end_if(gen, join);
}

/* The first tag is the outer one, and kept. */
static void emit_keep_tag(struct gen *gen, struct search *search,
			  LLVMValueRef tag)
{
	LLVMValueRef slot = emit_header_slot(gen, HEADER_vlan);
	LLVMValueRef seen =
		emit_bits_of(gen, get(gen, search->present), HEADER_vlan, 1);
	LLVMBasicBlockRef join = emit_if_equal(gen, seen, 0);

	emit_put_number(gen, slot, emit_network_number(gen, tag, 2));
	emit_put_number(gen, emit_offset(gen, slot, 2), get(gen, search->type));
	mark_present(gen, search, HEADER_vlan);
	emit_end_if(gen, join);
}

static void emit_tag(struct gen *gen, struct search *search)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef tag = emit_scratch(gen, 8);
	LLVMValueRef type = get(gen, search->type);
	LLVMValueRef is_tag = LLVMBuildOr(
		gen->builder,
		emit_compare(gen, LLVMIntEQ, type, emit_i64(gen, TYPE_VLAN)),
		emit_compare(gen, LLVMIntEQ, type, emit_i64(gen, TYPE_QINQ)),
		"");
	LLVMBasicBlockRef join = emit_if(gen, is_tag), inner;

	inner = emit_if(gen, emit_fetch(gen, get(gen, search->offset), tag, 4));
	if (gen->packet.headers[HEADER_vlan])
		emit_keep_tag(gen, search, tag);
	set(gen, search->type,
	    emit_network_number(gen, emit_offset(gen, tag, 2), 2));
	advance(gen, search, emit_i64(gen, 4));
	emit_end_if(gen, inner);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
}

/* Afterwards `type` and `offset` are those of the network header. */
static void emit_find_network(struct gen *gen, struct search *search)
{
	emit_link(gen, search);
	if (!is_xdp(gen) && gen->packet.headers[HEADER_vlan])
		emit_taken_tag(gen, search);
	for (int i = 0; i < TAGS_MAX; i++)
		emit_tag(gen, search);
	if (link_bytes(gen))
		emit_put_number(
			gen,
			emit_offset(gen, emit_header_slot(gen, HEADER_eth), 12),
			get(gen, search->type));
}

/* ---- the network ---- */

/* IPv4: the transport header is in the first fragment only. */
static void emit_ip4(struct gen *gen, struct search *search)
{
	LLVMValueRef slot = emit_header_slot(gen, HEADER_ip), fragment, words;
	LLVMBasicBlockRef join, whole;

	join = emit_if_header(gen, search, HEADER_ip,
			      packet_header_bytes(HEADER_ip));
	fragment = emit_bits_of(
		gen, emit_network_number(gen, emit_offset(gen, slot, 6), 2), 0,
		0x1fff);
	whole = emit_if_equal(gen, fragment, 0);
	words = emit_bits_of(gen, emit_load(gen, slot, 1, false), 0, 15);
	advance(gen, search,
		LLVMBuildShl(gen->builder, words, emit_i64(gen, 2), ""));
	set(gen, search->next,
	    emit_load(gen, emit_offset(gen, slot, 9), 1, false));
	emit_end_if(gen, whole);
	emit_end_if(gen, join);
}

/* i1: has it more headers of IPv6 itself behind it? */
static LLVMValueRef emit_is_extension(struct gen *gen, LLVMValueRef next)
{
	static const uint8_t extensions[] = { NEXT_HOPS, NEXT_ROUTING,
					      NEXT_FRAGMENT, NEXT_SECURITY,
					      NEXT_OPTIONS };
	LLVMValueRef is = LLVMConstInt(gen->i1, 0, false);

	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		is = LLVMBuildOr(gen->builder, is,
				 emit_compare(gen, LLVMIntEQ, next,
					      emit_i64(gen, extensions[i])),
				 "");
	return is;
}

/* The bytes of an extension header: each kind counts in its own way. */
static LLVMValueRef emit_extension_size(struct gen *gen, LLVMValueRef next,
					LLVMValueRef header)
{
	LLVMValueRef length =
		emit_load(gen, emit_offset(gen, header, 1), 1, false);
	LLVMValueRef usual = LLVMBuildShl(
		gen->builder,
		LLVMBuildAdd(gen->builder, length, emit_i64(gen, 1), ""),
		emit_i64(gen, 3), "");
	LLVMValueRef words = LLVMBuildShl(
		gen->builder,
		LLVMBuildAdd(gen->builder, length, emit_i64(gen, 2), ""),
		emit_i64(gen, 2), "");
	LLVMValueRef is_fragment = emit_compare(gen, LLVMIntEQ, next,
						emit_i64(gen, NEXT_FRAGMENT));
	LLVMValueRef is_security = emit_compare(gen, LLVMIntEQ, next,
						emit_i64(gen, NEXT_SECURITY));

	usual = LLVMBuildSelect(gen->builder, is_security, words, usual, "");
	return LLVMBuildSelect(gen->builder, is_fragment, emit_i64(gen, 8),
			       usual, "");
}

/* Fragments but the first end the search: a transport header is not there. */
static void emit_skip_extension(struct gen *gen, struct search *search,
				LLVMValueRef header)
{
	LLVMBasicBlockRef more = emit_block(gen, "extension");
	LLVMBasicBlockRef fetched = emit_block(gen, "extension_there");
	LLVMBasicBlockRef first = emit_block(gen, "first_fragment");
	LLVMBasicBlockRef join = emit_block(gen, "no_extension");
	LLVMBasicBlockRef none = emit_block(gen, "no_transport");
	LLVMValueRef next = get(gen, search->next), fragment, later;

	emit_branch(gen, emit_is_extension(gen, next), more, join);
	emit_at(gen, more);
	emit_branch(gen, emit_fetch(gen, get(gen, search->offset), header, 8),
		    fetched, join);
	emit_at(gen, fetched);
	fragment = emit_bits_of(
		gen, emit_network_number(gen, emit_offset(gen, header, 2), 2),
		3, 0x1fff);
	later = LLVMBuildAnd(gen->builder,
			     emit_compare(gen, LLVMIntEQ, next,
					  emit_i64(gen, NEXT_FRAGMENT)),
			     emit_test(gen, fragment), "");
	emit_branch(gen, later, none, first);
	emit_at(gen, none);
	set(gen, search->next,
	    LLVMBuildOr(gen->builder, emit_load(gen, header, 1, false),
			emit_i64(gen, NOT_THERE), ""));
	emit_jump(gen, join);
	emit_at(gen, first);
	advance(gen, search, emit_extension_size(gen, next, header));
	set(gen, search->next, emit_load(gen, header, 1, false));
	emit_jump(gen, join);
	emit_at(gen, join);
}

static void emit_ip6(struct gen *gen, struct search *search)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef slot = emit_header_slot(gen, HEADER_ip6);
	LLVMValueRef header = emit_scratch(gen, 8);
	LLVMBasicBlockRef join =
		emit_if_header(gen, search, HEADER_ip6, IP6_PROTOCOL);

	set(gen, search->next,
	    emit_load(gen, emit_offset(gen, slot, 6), 1, false));
	advance(gen, search, emit_i64(gen, IP6_PROTOCOL));
	for (int i = 0; i < EXTENSIONS_MAX; i++)
		emit_skip_extension(gen, search, header);
	emit_store(gen, emit_offset(gen, slot, IP6_PROTOCOL),
		   get(gen, search->next), 1);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
}

/* ---- the headers of a program ---- */

/* Those found by a number in the header before them. */
static const struct {
	enum packet_header header;
	uint32_t number;
} transports[] = {
	{ HEADER_tcp, NEXT_TCP },
	{ HEADER_udp, NEXT_UDP },
	{ HEADER_icmp, NEXT_ICMP },
	{ HEADER_icmp6, NEXT_ICMP6 },
};

static bool wants(const struct gen *gen, enum packet_header header)
{
	return gen->packet.headers[header];
}

static bool wants_transport(const struct gen *gen)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (wants(gen, transports[i].header))
			return true;
	return false;
}

static void emit_networks(struct gen *gen, struct search *search)
{
	LLVMValueRef type = get(gen, search->type);
	LLVMBasicBlockRef join;

	if (wants(gen, HEADER_ip)) {
		join = emit_if_equal(gen, type, TYPE_IP4);
		emit_ip4(gen, search);
		emit_end_if(gen, join);
	}
	if (wants(gen, HEADER_ip6)) {
		join = emit_if_equal(gen, type, TYPE_IP6);
		emit_ip6(gen, search);
		emit_end_if(gen, join);
	}
	if (wants(gen, HEADER_arp)) {
		join = emit_if_equal(gen, type, TYPE_ARP);
		emit_end_if(gen,
			    emit_if_header(gen, search, HEADER_arp,
					   packet_header_bytes(HEADER_arp)));
		emit_end_if(gen, join);
	}
}

static void emit_transports(struct gen *gen, struct search *search)
{
	LLVMValueRef next = get(gen, search->next);
	LLVMBasicBlockRef join;

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		enum packet_header header = transports[i].header;

		if (!wants(gen, header))
			continue;
		join = emit_if_equal(gen, next, transports[i].number);
		emit_end_if(gen, emit_if_header(gen, search, header,
						packet_header_bytes(header)));
		emit_end_if(gen, join);
	}
}

static void reserve(struct gen *gen, enum packet_header header)
{
	if (!wants(gen, header))
		gen->packet.headers[header] =
			scratch_reserve(gen, packet_header_bytes(header) + 8);
}

/* Scratch memory for the headers named in the clause, and for those that lead
 * to them. False if there are none. */
static bool reserve_headers(struct gen *gen)
{
	bool any = false;

	gen->packet = (struct packet_place){ 0 };
	for (int i = 0; i < HEADER_COUNT; i++) {
		if (!packet_header_bytes(i) ||
		    !clause_uses_name(gen->clause, packet_header_name(i)))
			continue;
		reserve(gen, i);
		any = true;
	}
	if (!any)
		return false;
	reserve(gen, HEADER_eth);
	if (wants_transport(gen)) {
		reserve(gen, HEADER_ip);
		reserve(gen, HEADER_ip6);
	}
	gen->packet.present = scratch_reserve(gen, 8);
	return true;
}

void emit_packet(struct gen *gen)
{
	struct search search;

	if (!(gen->clause->provider->features & HAS_PACKET) ||
	    !reserve_headers(gen))
		return;
	emit_line(gen, gen->clause->at);
	for (int i = 0; i < HEADER_COUNT; i++)
		if (wants(gen, i))
			emit_zero(gen, emit_header_slot(gen, i),
				  packet_header_bytes(i));
	search.present = variable(gen, "present", 0);
	search.type = variable(gen, "type", 0);
	search.next = variable(gen, "next", NOT_THERE);
	search.offset = variable(gen, "offset", link_bytes(gen));
	emit_find_network(gen, &search);
	emit_networks(gen, &search);
	emit_transports(gen, &search);
	emit_store(gen, emit_scratch_at(gen, gen->packet.present),
		   get(gen, search.present), 8);
}
