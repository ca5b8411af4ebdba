/*
 * Functions that read memory or take integers apart: which lengths, and the
 * types they yield. Called through the check column of functions.def.
 */
#include "parser/checker.h"

static bool is_bytes(const struct type *type)
{
	return type->kind == TYPE_ARRAY && type->to->size == 1;
}

static bool is_unknown(const struct expr *expr)
{
	return expr->type->kind == TYPE_UNKNOWN;
}

/*
 * The length given as argument 1 if it is constant, `limit` if there is none
 * or it is computed; false, reported, if it cannot be one.
 */
static bool read_length(struct checker *checker, struct expr *call,
			uint64_t limit, uint64_t *length)
{
	const struct expr_list *args = &call->call.args;
	int64_t value;

	*length = limit;
	if (args->count < 2 || !expr_constant(args->items[1], &value))
		return true;
	if (value < 0) {
		check_error(checker, E_RANGE, args->items[1]->at,
			    "a length is not negative");
		return false;
	}
	call->call.constant[1] = value;
	if ((uint64_t)value < limit)
		*length = (uint64_t)value;
	return true;
}

/* Not longer than what is there, what is asked for, and max_strlen. */
bool check_str(struct checker *checker, struct expr *call)
{
	const struct type *type = call->call.args.items[0]->type;
	uint64_t limit = checker->settings->max_strlen;
	uint64_t size;

	if (!read_length(checker, call, limit - 1, &size))
		return false;
	size++;
	if (type->kind == TYPE_STRING && type->size < size)
		size = type->size;
	if (is_bytes(type) && type->count && type->count < size)
		size = type->count;
	call->type = type_string(checker->arena, (uint32_t)size);
	return true;
}

bool check_buf(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	const struct expr *data = args->items[0];
	const struct type *type = data->type;
	uint64_t limit = checker->settings->max_strlen;
	bool has_size = (type->kind == TYPE_ARRAY && type->count) ||
			type->kind == TYPE_STRING || type->kind == TYPE_STRUCT;
	uint64_t length;

	if (args->count > 1 && !is_unknown(args->items[1]) &&
	    !type_is_integer(args->items[1]->type))
		return false;
	if (!has_size && !is_unknown(data) && type->kind != TYPE_POINTER &&
	    !type_is_integer(type)) {
		argument_error(checker, call, data->at,
			       "buf() takes an address or an array, not %s",
			       spell(checker, type));
		return false;
	}
	if (args->count == 1 && !has_size && !is_unknown(data)) {
		check_hint(
			checker,
			check_error(
				checker, E_ARGUMENT_COUNT, call->call.name_at,
				"buf() cannot tell how many bytes are there"),
			"buf(address, length)");
		return false;
	}
	/* what is written has no NUL */
	if (data->kind == EXPR_STRING && data->string.length < limit)
		limit = data->string.length;
	else if (has_size && type->size < limit)
		limit = type->size;
	if (!read_length(checker, call, limit, &length))
		return false;
	call->type = type_buffer(checker->arena, (uint32_t)length);
	return true;
}

/* An option with a default that is a literal, or with none, was replaced by its
 * value. */
bool check_getopt(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;

	check_hint(checker,
		   check_error(checker, E_NOT_CONSTANT,
			       args->items[args->count > 1]->at,
			       "the default of an option is a literal: a "
			       "bool, an integer or a string"),
		   "for example getopt(\"pid\", 0)");
	return false;
}

/* An IPv4 address is an integer or 4 bytes, an IPv6 address 16 bytes. */
static bool is_inet(const struct expr *expr)
{
	const struct type *type = expr->type;
	bool is_place = expr->kind == EXPR_FIELD || expr->kind == EXPR_INDEX;

	if (type->kind == TYPE_ARRAY || type->kind == TYPE_STRUCT ||
	    (type->kind == TYPE_STRING && is_place))
		return type->size == 4 || type->size == 16;
	return type->kind == TYPE_UNKNOWN || type->kind == TYPE_INT;
}

bool check_ntop(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	const struct expr *address = args->items[args->count - 1];
	struct diag *diag;

	call->type = &type_inet;
	if (args->count > 1 && !is_unknown(args->items[0]) &&
	    !type_is_integer(args->items[0]->type)) {
		argument_error(checker, call, args->items[0]->at,
			       "a family of addresses is an integer, not %s",
			       spell(checker, args->items[0]->type));
		return false;
	}
	if (is_inet(address))
		return true;
	diag = argument_error(checker, call, address->at,
			      "%s is no address of a network",
			      spell(checker, address->type));
	check_hint(checker, diag,
		   "IPv4 addresses are integers or 4 bytes, IPv6 addresses 16 "
		   "bytes");
	return false;
}

bool check_bswap(struct checker *checker, struct expr *call)
{
	const struct type *type = call->call.args.items[0]->type;

	(void)checker;
	if (type->kind == TYPE_UNKNOWN)
		return false;
	call->type = type_int(type->size, false);
	return true;
}
