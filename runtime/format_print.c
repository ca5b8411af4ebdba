/*
 * Printing by a planned format: most conversions are a bare %d or %s and take
 * a short way; everything else goes through format_integer() or the default
 * text of the value. Called for every event.
 */
#include "runtime/format_print.h"

#include <stdlib.h>
#include <string.h>

/* A width from a star may be any number; a line ends somewhere. */
#define WIDTH_MAX  65536
#define DIGITS_MAX 64 /* octal needs 22 */

enum step_kind {
	STEP_END, /* literal text alone */
	STEP_SIGNED,
	STEP_UNSIGNED,
	STEP_STRING,
	STEP_INTEGER,
	STEP_VALUE,
};

/* Literal text, then a conversion. */
struct step {
	const char *text;
	uint32_t length;
	enum step_kind kind;
	uint32_t slot;    /* of the first star, if any, else of the value */
	bool is_promoted; /* cut to 32 bits, as C promotes an int */
	const struct type *type; /* of the value */
	const struct format_piece *piece;
};

struct format_plan {
	size_t count;
	struct step steps[];
};

/* ---- planning ---- */

static bool is_bare(const struct format_piece *piece)
{
	return !piece->left && !piece->plus && !piece->space &&
	       !piece->alternate && !piece->zero && !piece->star_width &&
	       !piece->star_precision && !piece->width &&
	       piece->precision < 0 && piece->bytes == 8;
}

static enum step_kind step_kind(const struct format_piece *piece,
				const struct type *type)
{
	switch (piece->conversion) {
	case 's':
		return type->kind == TYPE_STRING && is_bare(piece) ? STEP_STRING
								   : STEP_VALUE;
	case 'r':
		return STEP_VALUE;
	case 'd':
		if (!type_is_scalar(type))
			return STEP_VALUE;
		return is_bare(piece) ? STEP_SIGNED : STEP_INTEGER;
	case 'u':
		if (!type_is_scalar(type))
			return STEP_VALUE;
		return is_bare(piece) && !type->is_signed ? STEP_UNSIGNED
							  : STEP_INTEGER;
	default:
		return type_is_scalar(type) ? STEP_INTEGER : STEP_VALUE;
	}
}

static void plan_step(struct step *step, const struct format_piece *piece,
		      const struct type *const *types, uint32_t slot)
{
	*step = (struct step){ .text = piece->text,
			       .length = piece->length,
			       .slot = slot,
			       .piece = piece };
	if (!piece->conversion)
		return;
	slot += (uint32_t)piece->star_width + (uint32_t)piece->star_precision;
	step->type = slot_type(types[slot]);
	step->kind = step_kind(piece, step->type);
	/* As in C, an int that is printed unsigned has 32 bits. */
	step->is_promoted = step->type->kind == TYPE_INT &&
			    step->type->is_signed && step->type->size < 8 &&
			    strchr("uoxX", piece->conversion);
}

struct format_plan *format_plan_new(const struct format *format,
				    const struct type *const *types,
				    uint32_t count)
{
	struct format_plan *plan =
		malloc(sizeof(*plan) + format->count * sizeof(plan->steps[0]));
	uint32_t slot = 0;

	if (!plan)
		return NULL;
	plan->count = format->count;
	for (size_t i = 0; i < format->count; i++) {
		const struct format_piece *piece = &format->pieces[i];
		uint32_t values =
			piece->conversion
				? 1u + piece->star_width + piece->star_precision
				: 0;

		if (values > count - slot) {
			free(plan);
			return NULL;
		}
		plan_step(&plan->steps[i], piece, types, slot);
		slot += values;
	}
	return plan;
}

void format_plan_free(struct format_plan *plan)
{
	free(plan);
}

/* ---- integers, as C has them ---- */

static int64_t limit(int64_t width)
{
	return width > WIDTH_MAX ? WIDTH_MAX : width;
}

static uint64_t cut(uint64_t value, unsigned bytes, bool is_signed)
{
	unsigned spare = 64 - 8 * bytes;

	if (!bytes || bytes >= 8)
		return value;
	value <<= spare;
	return is_signed ? (uint64_t)((int64_t)value >> spare) : value >> spare;
}

/* Digits of a value, from the end of `digits`; none for 0. */
static size_t write_digits(char *digits, uint64_t value, char conversion)
{
	const char *set =
		conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned shift = conversion == 'o' ? 3 : 4;
	size_t at = DIGITS_MAX;

	if (conversion == 'd' || conversion == 'u') {
		for (; value; value /= 10)
			digits[--at] = (char)('0' + value % 10);
	} else {
		for (; value; value >>= shift)
			digits[--at] = set[value & ((1u << shift) - 1)];
	}
	return DIGITS_MAX - at;
}

/* What stands before the digits: a sign, or the base. */
static const char *integer_prefix(const struct format_piece *piece,
				  bool is_negative, uint64_t value)
{
	switch (piece->conversion) {
	case 'd':
		if (is_negative)
			return "-";
		return piece->plus ? "+" : piece->space ? " " : "";
	case 'p':
		return "0x";
	case 'x':
		return piece->alternate && value ? "0x" : "";
	case 'X':
		return piece->alternate && value ? "0X" : "";
	default:
		return "";
	}
}

static void write_integer(struct output *output,
			  const struct format_piece *piece, int64_t width,
			  int64_t precision, uint64_t value)
{
	bool is_negative = piece->conversion == 'd' && (int64_t)value < 0;
	uint64_t magnitude = is_negative ? 0 - value : value;
	char digits[DIGITS_MAX];
	const char *prefix = integer_prefix(piece, is_negative, value);
	size_t count = write_digits(digits, magnitude, piece->conversion);
	int64_t before = (int64_t)strlen(prefix);
	int64_t zeros = (precision < 0 ? 1 : precision) - (int64_t)count;
	int64_t blanks;

	if (zeros < 0)
		zeros = 0;
	/* '#' of octal: as many zeros as make the first digit one. */
	if (piece->conversion == 'o' && piece->alternate && !zeros)
		zeros = 1;
	blanks = width - before - zeros - (int64_t)count;
	if (blanks < 0)
		blanks = 0;
	if (piece->zero && !piece->left && precision < 0) {
		zeros += blanks;
		blanks = 0;
	}
	if (!piece->left)
		output_pad(output, ' ', (size_t)blanks);
	output_bytes(output, prefix, (size_t)before);
	output_pad(output, '0', (size_t)zeros);
	output_bytes(output, digits + DIGITS_MAX - count, count);
	if (piece->left)
		output_pad(output, ' ', (size_t)blanks);
}

void format_integer(struct output *output, const struct format_piece *piece,
		    int64_t width, int64_t precision, uint64_t value)
{
	struct format_piece to_the_left;

	if (width < 0) {
		to_the_left = *piece;
		to_the_left.left = true;
		piece = &to_the_left;
		width = width < -WIDTH_MAX ? WIDTH_MAX : -width;
	}
	value = cut(value, piece->bytes, piece->conversion == 'd');
	write_integer(output, piece, limit(width), limit(precision), value);
}

/* ---- the other conversions ---- */

static void print_spaced_hex(struct output *output, const unsigned char *bytes,
			     size_t length)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		if (i)
			output_char(output, ' ');
		output_char(output, hex[bytes[i] >> 4]);
		output_char(output, hex[bytes[i] & 15]);
	}
}

static void print_escaped_hex(struct output *output, const unsigned char *bytes,
			      size_t length)
{
	for (size_t i = 0; i < length; i++) {
		output_text(output, "\\x");
		print_spaced_hex(output, bytes + i, 1);
	}
}

/* %r, %rx, %rh; `value` may be anything that has bytes. */
static void print_bytes(struct render *render, const struct format_piece *piece,
			const struct value *value)
{
	if (type_is_scalar(value->type))
		value_print(render, value);
	else if (piece->variant == 'x')
		print_escaped_hex(render->output, value->bytes, value->length);
	else if (piece->variant == 'h')
		print_spaced_hex(render->output, value->bytes, value->length);
	else
		buffer_print(render, value->bytes, value->length);
}

/* %s: a string's precision counts its own bytes, not those of escapes. */
static void print_text(struct render *render, const struct value *value,
		       int64_t precision)
{
	struct value shorter = *value;
	size_t before = render->output->length;

	if (precision < 0) {
		value_print(render, value);
		return;
	}
	if (value->type->kind != TYPE_STRING) {
		value_print(render, value);
		if (render->output->length - before > (uint64_t)precision)
			render->output->length = before + (size_t)precision;
		return;
	}
	shorter.length = value_string_length(value);
	if (shorter.length <= (uint64_t)precision)
		value_print(render, value);
	else
		foreign_print(render, (const char *)value->bytes,
			      (size_t)precision);
}

static void print_value(struct render *render, const struct format_piece *piece,
			const struct value *value, int64_t width,
			int64_t precision)
{
	struct output *output = render->output;
	size_t before = output->length;
	bool left = piece->left || width < 0;
	size_t wanted, length;

	if (piece->conversion == 'r')
		print_bytes(render, piece, value);
	else if (piece->conversion == 's')
		print_text(render, value, precision);
	else
		value_print(render, value);
	if (!width)
		return;
	if (width < -WIDTH_MAX)
		width = -WIDTH_MAX;
	wanted = (size_t)limit(width < 0 ? -width : width);
	/* After a failed write nothing is kept. */
	length = output->length > before ? output->length - before : 0;
	if (length >= wanted)
		return;
	if (left)
		output_pad(output, ' ', wanted - length);
	else
		output_insert(output, before, ' ', wanted - length);
}

/* %c: one byte, which may be any. */
static void print_character(struct render *render,
			    const struct format_piece *piece, uint64_t scalar,
			    int64_t width)
{
	static const struct type character = { .kind = TYPE_STRING, .size = 2 };
	const unsigned char byte = (unsigned char)scalar;
	struct value value = { .type = &character,
			       .bytes = &byte,
			       .length = 1 };
	struct format_piece as_string = *piece;

	/* A NUL is a character here, though it ends strings. */
	if (!byte) {
		size_t columns = (size_t)limit(width < 0 ? -width : width);
		bool left = piece->left || width < 0;

		output_pad(render->output, ' ',
			   left || !columns ? 0 : columns - 1);
		foreign_print(render, "", 1);
		output_pad(render->output, ' ',
			   left && columns ? columns - 1 : 0);
		return;
	}
	as_string.conversion = 's';
	print_value(render, &as_string, &value, width, -1);
}

/* ---- the steps ---- */

static uint64_t load_slot(const struct record_view *record, uint32_t slot)
{
	uint64_t scalar;

	memcpy(&scalar, record->slots + 8 * (size_t)slot, 8);
	return scalar;
}

static void print_general(struct render *render, const struct step *step,
			  const struct record_view *record)
{
	const struct format_piece *piece = step->piece;
	int64_t precision = piece->precision;
	int64_t width = piece->width;
	uint32_t slot = step->slot;
	struct value value;

	if (piece->star_width)
		width = (int64_t)load_slot(record, slot++);
	if (piece->star_precision)
		precision = (int64_t)load_slot(record, slot++);
	value = value_in_slot(step->type, record, slot);
	if (step->kind == STEP_VALUE)
		print_value(render, piece, &value, width, precision);
	else if (piece->conversion == 'c')
		print_character(render, piece, value.scalar, width);
	else
		format_integer(render->output, piece, width, precision,
			       step->is_promoted ? cut(value.scalar, 4, false)
						 : value.scalar);
}

/* A bare %s: most strings are printable ASCII up to their NUL, and found to be
 * so while they are copied. */
static void print_string(struct render *render, const struct step *step,
			 const struct record_view *record)
{
	struct record_slot slot;
	const char *bytes;
	size_t length;

	memcpy(&slot, record->slots + 8 * (size_t)step->slot, sizeof(slot));
	bytes = (const char *)record->bytes + slot.offset;
	if (!slot.length) {
		output_text(render->output, FAULT_MARK);
		return;
	}
	if (render->foreign == FOREIGN_ESCAPED) {
		length = output_plain(render->output, bytes, slot.length);
		if (length < slot.length && bytes[length]) {
			size_t rest =
				strnlen(bytes + length, slot.length - length);

			output_untrusted(render->output, bytes + length, rest,
					 false);
			length += rest;
		}
	} else {
		length = strnlen(bytes, slot.length);
		foreign_print(render, bytes, length);
	}
	if (length + 1 == step->type->size)
		cut_mark_print(render, step->type, length);
}

static void print_literal(struct output *output, const char *text,
			  uint32_t length)
{
	/* A blank or a newline is the most frequent of all. */
	if (length == 1)
		output_char(output, *text);
	else
		output_bytes(output, text, length);
}

void format_print(struct render *render, const struct format_plan *plan,
		  const struct record_view *record)
{
	struct output *output = render->output;

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];

		print_literal(output, step->text, step->length);
		switch (step->kind) {
		case STEP_END:
			break;
		case STEP_SIGNED:
			output_signed(output,
				      (int64_t)load_slot(record, step->slot));
			break;
		case STEP_UNSIGNED:
			output_unsigned(output, load_slot(record, step->slot));
			break;
		case STEP_STRING:
			print_string(render, step, record);
			break;
		case STEP_INTEGER:
		case STEP_VALUE:
			print_general(render, step, record);
			break;
		}
	}
}
