/*
 * What programs of iter, tc and xdp read that others do not have: the fields
 * of `ctx`, the headers of a packet, addresses written as text. Called by
 * check_field.c, check_name.c and check_expr.c.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/packet.h"

/* ---- the context ---- */

bool check_context(struct checker *checker, struct expr *object)
{
	const struct clause *clause = checker->clause;

	if (object->kind != EXPR_NAME ||
	    !(clause->provider->features & HAS_CONTEXT) ||
	    (strcmp(object->name.text, "ctx") != 0 &&
	     strcmp(object->name.text, "args") != 0))
		return false;
	object->name.builtin = builtin_find(object->name.text);
	object->type = clause->args ? clause->args : &type_unknown;
	if (!clause->args)
		check_status(checker, HOST_NO_BTF, object->at,
			     "contexts of programs");
	return true;
}

/* The kernel makes up each field when it is read: there is no whole. */
bool check_whole_context(struct checker *checker, struct span at)
{
	const struct provider_row *provider = checker->clause->provider;
	struct diag *diag;

	if (!(provider->features & HAS_PACKET))
		return true;
	diag = check_error(checker, E_NOT_AVAILABLE, at,
			   "the args of %s can only be read one by one",
			   provider->name);
	check_hint(checker, diag, "for example args.%s",
		   provider->id == PROVIDER_tc ? "len" : "rx_queue_index");
	return false;
}

void check_pinned(struct checker *checker, const struct expr *call)
{
	const struct function_row *row = call->call.function;
	struct diag *diag;

	if (row->action == ACTION_NO_ACTION || row->id == FUNCTION_printf)
		return;
	diag = check_error(checker, E_NOT_AVAILABLE, call->call.name_at,
			   "a pinned iterator runs without etrace, which "
			   "does the work of %s()",
			   row->name);
	check_hint(checker, diag,
		   "printf() writes to whoever reads the pinned file");
}

/* ---- headers ---- */

static const struct type *unknown_packet_field(struct checker *checker,
					       const struct expr *expr,
					       enum packet_header header)
{
	const struct packet_field *row;
	struct nearest nearest;
	const char *list = "";
	struct diag *diag;

	diag = check_error(checker, E_UNKNOWN_FIELD, expr->field.name_at,
			   "%s has no field '%s'", packet_header_name(header),
			   expr->field.name);
	nearest_begin(&nearest, expr->field.name);
	for (size_t i = 0; (row = packet_field_row(i)); i++) {
		if (row->header != header)
			continue;
		nearest_consider(&nearest, row->name);
		list = arena_printf(checker->arena, "%s%s%s", list,
				    list[0] ? ", " : "", row->name);
	}
	check_hint(checker, diag, "there are %s", list);
	check_nearest(checker, diag, &nearest);
	return &type_unknown;
}

bool check_packet_field(struct checker *checker, struct expr *expr,
			const struct type **type)
{
	struct expr *object = expr->field.object;
	enum packet_header header;

	expr->field.packet = NULL;
	if (object->kind != EXPR_NAME)
		return false;
	header = packet_header_find(object->name.text);
	if (header == HEADER_COUNT)
		return false;
	*type = check_expr(checker, object);
	if ((*type)->kind == TYPE_UNKNOWN)
		return true;
	expr->field.packet = packet_field_find(header, expr->field.name);
	*type = expr->field.packet
			? expr->field.packet->type
			: unknown_packet_field(checker, expr, header);
	return true;
}

/* ---- addresses as text ---- */

static void fold_address(struct checker *checker, struct expr *text,
			 const struct type *type)
{
	uint8_t bytes[ADDRESS_MAX];
	struct diag *diag;

	if (address_parse(type, text->string.text, bytes)) {
		text->type = type;
		return;
	}
	diag = check_error(checker, E_OPERANDS, text->at, "'%s' is no address",
			   text->string.text);
	check_hint(checker, diag, "%s",
		   type->kind == TYPE_INET
			   ? "for example \"192.0.2.1\" or \"2001:db8::1\""
			   : "for example \"02:00:5e:10:00:01\"");
	if (checker->final)
		text->type = &type_unknown;
}

static bool is_address_type(const struct type *type)
{
	return type->kind == TYPE_INET || type->kind == TYPE_MAC;
}

/* The function that takes such an array for an address, if there is one. */
static const char *address_function(const struct type *array,
				    const struct type *address)
{
	bool is_mac = address->kind == TYPE_MAC;

	if (array->kind != TYPE_ARRAY || array->to->size != 1)
		return NULL;
	if (is_mac)
		return array->count == 6 ? "macaddr" : NULL;
	return array->count == 4 || array->count == 16 ? "ntop" : NULL;
}

/* Bytes beside an address are one: `bytes` becomes ntop(bytes). */
static void wrap_bytes(struct checker *checker, struct expr *bytes,
		       const char *function)
{
	struct expr *inner = expr_new(checker->arena, bytes->kind, bytes->at);

	*inner = *bytes;
	*bytes = (struct expr){
		.kind = EXPR_CALL,
		.at = inner->at,
		.next = inner->next,
		.depth = inner->depth + 1,
		.call = { .name = function, .name_at = inner->at },
	};
	inner->next = NULL;
	expr_list_append(checker->arena, &bytes->call.args, inner);
	check_expr(checker, bytes);
}

/* Gives `other`, beside `address`, its type if it can have it. */
static void adapt_to_address(struct checker *checker,
			     const struct expr *address, struct expr *other)
{
	const char *function = address_function(other->type, address->type);

	if (other->kind == EXPR_STRING && other->type->kind == TYPE_STRING)
		fold_address(checker, other, address->type);
	else if (function)
		wrap_bytes(checker, other, function);
}

void check_addresses(struct checker *checker, struct expr *left,
		     struct expr *right)
{
	if (is_address_type(left->type))
		adapt_to_address(checker, left, right);
	else if (is_address_type(right->type))
		adapt_to_address(checker, right, left);
}

/* ---- what older kernels lack ---- */

/*
 * Before Linux 6.16 programs of tc and xdp cannot ask for these (some since
 * 6.10): they are read from the task itself.
 */
static const struct {
	enum builtin builtin;
	const char *expression;
} task_fields[] = {
	{ BUILTIN_pid, "curtask.tgid" },
	{ BUILTIN_tid, "curtask.pid" },
	{ BUILTIN_comm, "curtask.comm" },
	{ BUILTIN_uid, "curtask.cred.uid.val" },
	{ BUILTIN_gid, "curtask.cred.gid.val" },
	{ BUILTIN_cgroup, "curtask.cgroups.dfl_cgrp.kn.id" },
};

#define ASKS_FROM_VERSION 6016

static bool is_too_old(struct checker *checker)
{
	uint32_t version;

	if (!(checker->clause->provider->features & HAS_PACKET))
		return false;
	version = host_kernel_version(checker->host);
	return version && version < ASKS_FROM_VERSION;
}

bool check_packet_builtin(struct checker *checker, const struct expr *expr)
{
	struct diag *diag;

	if (expr->name.builtin->id != BUILTIN_username || !is_too_old(checker))
		return true;
	diag = check_error(checker, E_NOT_AVAILABLE, expr->at,
			   "%s probes have no 'username' before Linux 6.16",
			   checker->clause->provider->name);
	check_hint(checker, diag, "uid is the user's number");
	return false;
}

const char *packet_task_field(struct checker *checker, enum builtin builtin)
{
	if (!is_too_old(checker))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(task_fields); i++)
		if (task_fields[i].builtin == builtin)
			return task_fields[i].expression;
	return NULL;
}

/* pid(), pid(init): the same in the initial namespace, which it is read in. */
const char *packet_task_call(struct checker *checker, const struct expr *call)
{
	enum function id = call->call.function->id;

	if (id == FUNCTION_pid)
		return packet_task_field(checker, BUILTIN_pid);
	if (id == FUNCTION_tid)
		return packet_task_field(checker, BUILTIN_tid);
	return NULL;
}
