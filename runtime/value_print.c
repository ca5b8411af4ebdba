/*
 * Text of values, one small function per kind of type. Called by
 * format_print.c for %s, and by the printers for maps, keys and print().
 */
#include "runtime/value_print.h"

#include <arpa/inet.h>
#include <string.h>

#include "codegen/record.h"
#include "runtime/hist.h"

void foreign_print(struct render *render, const char *bytes, size_t length)
{
	switch (render->foreign) {
	case FOREIGN_ESCAPED:
		output_untrusted(render->output, bytes, length, false);
		return;
	case FOREIGN_RAW:
		output_bytes(render->output, bytes, length);
		return;
	case FOREIGN_PART:
		for (size_t i = 0; i < length; i++) {
			if (bytes[i] == ',' || bytes[i] == '\\')
				output_char(render->output, '\\');
			output_char(render->output, bytes[i]);
		}
		return;
	}
	unreachable();
}

static void print_text(struct render *render, const char *text)
{
	foreign_print(render, text, strlen(text));
}

static void print_integer(struct render *render, uint64_t value, bool is_signed)
{
	if (is_signed)
		output_signed(render->output, (int64_t)value);
	else
		output_unsigned(render->output, value);
}

static void print_address(struct render *render, uint64_t address)
{
	output_bytes(render->output, "0x", 2);
	output_hex(render->output, address);
}

/* A name, or the number when there is none. */
static void print_name(struct render *render, const char *name, uint64_t number)
{
	if (name)
		print_text(render, name);
	else
		output_unsigned(render->output, number);
}

/* ---- strings ---- */

/* A string that is as long as str() makes them was longer. */
void cut_mark_print(struct render *render, const struct type *type,
		    size_t length)
{
	const struct settings *settings = names_settings(render->names);

	if (length + 1 == type->size && type->size == settings->max_strlen &&
	    settings->str_trunc_trailer)
		output_text(render->output, settings->str_trunc_trailer);
}

static void print_string(struct render *render, const struct value *value)
{
	size_t length = value_string_length(value);

	if (!value->length) {
		output_text(render->output, FAULT_MARK);
		return;
	}
	foreign_print(render, (const char *)value->bytes, length);
	cut_mark_print(render, value->type, length);
}

void buffer_print(struct render *render, const unsigned char *bytes,
		  size_t length)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		char escape[] = { '\\', 'x', hex[bytes[i] >> 4],
				  hex[bytes[i] & 15] };

		if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			foreign_print(render, (const char *)&bytes[i], 1);
		else
			output_bytes(render->output, escape, sizeof(escape));
	}
}

/* ---- values made of values ---- */

static void print_array(struct render *render, const struct value *value)
{
	const struct type *element = value->type->to;

	output_char(render->output, '[');
	for (uint32_t i = 0; i < value->type->count; i++) {
		const unsigned char *bytes =
			value->bytes + (size_t)i * element->size;
		struct value item = value_in_map(element, bytes);

		if (i)
			output_char(render->output, ',');
		value_print(render, &item);
	}
	output_char(render->output, ']');
}

static void print_tuple(struct render *render, const struct value *value)
{
	output_char(render->output, '(');
	for (uint32_t i = 0; i < value->type->count; i++) {
		uint32_t offset = type_item_offset(value->type, i);
		struct value item = value_in_map(value->type->items[i],
						 value->bytes + offset);

		if (i)
			output_text(render->output,
				    render->compact ? "," : ", ");
		value_print(render, &item);
	}
	output_char(render->output, ')');
}

struct value field_value(const struct field *field, const unsigned char *bytes)
{
	const struct type *type = field->type;
	struct value value;
	uint32_t first, spare;
	uint64_t word = 0;

	if (!field->bit_size || field->bit_size > 64)
		return value_in_map(type, bytes + field->offset);
	/* The bytes the bits are in; at most nine, the last of which is
	 * added by hand. */
	value = (struct value){ .type = type };
	first = field->bit_offset % 8;
	bytes += field->bit_offset / 8;
	spare = (first + field->bit_size + 7) / 8;
	memcpy(&word, bytes, spare > 8 ? 8 : spare);
	word >>= first;
	if (spare > 8)
		word |= (uint64_t)bytes[8] << (64 - first);
	spare = 64 - field->bit_size;
	word <<= spare;
	value.scalar = type->is_signed ? (uint64_t)((int64_t)word >> spare)
				       : word >> spare;
	return value;
}

bool field_is_unnamed(const struct field *field)
{
	return !field->name || !field->name[0];
}

bool field_fits(const struct field *field, size_t size)
{
	uint64_t end = (uint64_t)field->offset + field->type->size;

	if (field->bit_size)
		end = ((uint64_t)field->bit_offset + field->bit_size + 7) / 8;
	return end <= size && (!field->bit_size || type_is_scalar(field->type));
}

static void print_struct(struct render *render, const struct value *value)
{
	const struct record *record = value->type->record;
	const char *blank = render->compact ? "" : " ";
	bool is_first = true;

	output_char(render->output, '{');
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		struct value item;

		/* Unnamed numbers fill gaps between bit-fields. */
		if (!field_fits(field, value->length) ||
		    (field_is_unnamed(field) &&
		     field->type->kind != TYPE_STRUCT))
			continue;
		item = field_value(field, value->bytes);
		if (!is_first)
			output_char(render->output, ',');
		is_first = false;
		output_text(render->output, blank);
		if (!field_is_unnamed(field)) {
			output_char(render->output, '.');
			output_text(render->output, field->name);
			output_text(render->output, blank);
			output_char(render->output, '=');
			output_text(render->output, blank);
		}
		value_print(render, &item);
	}
	if (!is_first)
		output_text(render->output, blank);
	output_char(render->output, '}');
}

/* ---- names and addresses ---- */

const char *enum_name(const struct type *type, uint64_t value)
{
	/* Most tables count from 0 or 1 upwards. */
	for (uint64_t i = value ? value - 1 : 0; i <= value && i < type->count;
	     i++) {
		if ((uint64_t)type->enumerators[i].value == value)
			return type->enumerators[i].name;
	}
	for (uint32_t i = 0; i < type->count; i++) {
		if ((uint64_t)type->enumerators[i].value == value)
			return type->enumerators[i].name;
	}
	return NULL;
}

static void print_rest(struct render *render, uint64_t rest, bool is_octal)
{
	char digits[24];
	size_t at = sizeof(digits);

	if (!is_octal && rest) {
		print_address(render, rest);
		return;
	}
	do {
		digits[--at] = (char)('0' + rest % 8);
		rest /= 8;
	} while (rest);
	if (digits[at] != '0')
		digits[--at] = '0';
	output_bytes(render->output, digits + at, sizeof(digits) - at);
}

/* O_RDWR|O_CREAT|0x8: which enumerators are in the value, and what is left. */
static void print_set(struct render *render, const struct value *value)
{
	const struct type *type = value->type;
	uint64_t rest = value->scalar;
	bool is_first = true;

	if (type->size < 8)
		rest &= (UINT64_C(1) << (8 * type->size)) - 1;
	for (uint32_t i = 0; i < type->count; i++) {
		const struct enumerator *row = &type->enumerators[i];
		uint64_t bits = (uint64_t)row->value;
		uint64_t mask = row->mask ? row->mask : bits;

		if (!mask || (rest & mask) != bits)
			continue;
		if (!is_first)
			output_char(render->output, '|');
		is_first = false;
		output_text(render->output, row->name);
		rest &= ~bits;
	}
	if (!rest && !is_first)
		return;
	if (!is_first)
		output_char(render->output, '|');
	print_rest(render, rest, type->bits == 3);
}

static void print_enum(struct render *render, const struct value *value)
{
	const char *name = enum_name(value->type, value->scalar);

	if (value->type->is_set)
		print_set(render, value);
	else if (name)
		print_text(render, name);
	else
		print_integer(render, value->scalar, value->type->is_signed);
}

static void print_inet(struct render *render, const struct value *value)
{
	char text[INET6_ADDRSTRLEN];
	struct inet_value inet;

	memcpy(&inet, value->bytes, sizeof(inet));
	if (inet_ntop((int)inet.family, inet.address, text, sizeof(text)))
		output_text(render->output, text);
	else
		output_text(render->output, "?");
}

static void print_mac(struct render *render, const struct value *value)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < 6; i++) {
		if (i)
			output_char(render->output, ':');
		output_char(render->output, hex[value->bytes[i] >> 4]);
		output_char(render->output, hex[value->bytes[i] & 15]);
	}
}

static void print_timestamp(struct render *render, const struct value *value)
{
	struct timestamp_value stamp;
	const char *text;

	memcpy(&stamp, value->bytes, sizeof(stamp));
	text = names_time(render->names, value->type->name,
			  boot_to_wall(stamp.ns));
	print_text(render, text ? text : "(?)");
}

/* ---- aggregates ---- */

static void print_stats(struct render *render, const struct aggregate *stats,
			bool is_signed)
{
	output_text(render->output, "{ .count = ");
	output_unsigned(render->output, stats->count);
	output_text(render->output, ", .average = ");
	print_integer(render, stats->average, is_signed);
	output_text(render->output, ", .total = ");
	print_integer(render, stats->total, is_signed);
	output_text(render->output, " }");
}

static void print_aggregate(struct render *render, const struct value *value)
{
	const struct type *type = value->type;
	struct aggregate aggregate = aggregate_load(type, value->bytes);

	if (type->kind == TYPE_STATS)
		print_stats(render, &aggregate, type->is_signed);
	else if (type->kind == TYPE_COUNT)
		output_unsigned(render->output, aggregate.count);
	else
		print_integer(render,
			      type->kind == TYPE_AVG ? aggregate.average
						     : aggregate.total,
			      type->is_signed);
}

static void print_hist(struct render *render, const struct value *value)
{
	/* Values of maps are aligned to 8 bytes by the snapshot. */
	hist_print(render->output, value->type,
		   (const uint64_t *)(const void *)value->bytes);
}

/* ---- all of them ---- */

static void print_scalar(struct render *render, const struct value *value)
{
	const struct type *type = value->type;
	uint64_t scalar = value->scalar;

	switch ((int)type->kind) {
	case TYPE_BOOL:
		output_text(render->output, scalar ? "true" : "false");
		return;
	case TYPE_ENUM:
		print_enum(render, value);
		return;
	case TYPE_POINTER:
		print_address(render, scalar);
		return;
	case TYPE_USERNAME:
		print_name(render, names_user(render->names, scalar), scalar);
		return;
	case TYPE_PROBE:
		print_name(render, names_probe(render->names, scalar), scalar);
		return;
	case TYPE_CGROUP:
		print_name(render, names_cgroup(render->names, scalar), scalar);
		return;
	default:
		print_integer(render, scalar, type->is_signed);
	}
}

typedef void print_fn(struct render *render, const struct value *value);

static void print_nothing(struct render *render, const struct value *value)
{
	(void)render;
	(void)value;
}

static void print_buffer(struct render *render, const struct value *value)
{
	buffer_print(render, value->bytes, value->length);
}

static print_fn *const printers[] = {
	[TYPE_UNKNOWN] = print_nothing, [TYPE_NONE] = print_nothing,
	[TYPE_BOOL] = print_scalar,     [TYPE_INT] = print_scalar,
	[TYPE_ENUM] = print_scalar,     [TYPE_STRING] = print_string,
	[TYPE_BUFFER] = print_buffer,   [TYPE_POINTER] = print_scalar,
	[TYPE_ARRAY] = print_array,     [TYPE_STRUCT] = print_struct,
	[TYPE_TUPLE] = print_tuple,     [TYPE_STACK] = stack_print,
	[TYPE_SYMBOL] = symbol_print,   [TYPE_INET] = print_inet,
	[TYPE_MAC] = print_mac,         [TYPE_TIMESTAMP] = print_timestamp,
	[TYPE_USERNAME] = print_scalar, [TYPE_PROBE] = print_scalar,
	[TYPE_CGROUP] = print_scalar,   [TYPE_COUNT] = print_aggregate,
	[TYPE_SUM] = print_aggregate,   [TYPE_MIN] = print_aggregate,
	[TYPE_MAX] = print_aggregate,   [TYPE_AVG] = print_aggregate,
	[TYPE_STATS] = print_aggregate, [TYPE_HIST] = print_hist,
	[TYPE_LHIST] = print_hist,
};

/* Fewer bytes than the type has would be read past; only a record that was
 * not checked could hold them. */
static bool is_whole(const struct value *value)
{
	const struct type *type = value->type;

	if (type_is_scalar(type) || type->kind == TYPE_STRING ||
	    type->kind == TYPE_BUFFER)
		return true;
	if (type->kind == TYPE_STACK)
		return value->length >= sizeof(struct stack_value);
	return value->length >= type->size;
}

void value_print(struct render *render, const struct value *value)
{
	if (is_whole(value))
		printers[value->type->kind](render, value);
}
