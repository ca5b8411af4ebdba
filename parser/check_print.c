/*
 * Functions that print: does each value fit its conversion, what may be
 * printed, how times are formatted. Called through the check column of
 * functions.def.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/format.h"
#include "parser/word_types.h"

/* The kernel's bpf_trace_vprintk() takes no more. */
#define PRINTK_VALUES 12

/* What strftime(3) is given room for. */
#define TIME_FORMAT_MAX 255

/* ---- conversions ---- */

static bool is_number(const struct type *type)
{
	return type_is_integer(type) || type->kind == TYPE_POINTER ||
	       type->kind == TYPE_USERNAME || type->kind == TYPE_CGROUP;
}

static bool prints(const struct format_piece *piece, const struct type *type)
{
	switch (piece->conversion) {
	case 's':
		return piece->variant ? type_is_integer(type)
				      : type->kind != TYPE_NONE;
	case 'c':
		return type_is_integer(type);
	case 'r':
		return type->kind == TYPE_BUFFER || type->kind == TYPE_STRING ||
		       (type->kind == TYPE_ARRAY && type->to->size == 1);
	default: /* d u o x X p */
		return is_number(type);
	}
}

static const char *conversion_text(struct checker *checker,
				   const struct format_piece *piece)
{
	if (piece->variant == 'g')
		return "%gr";
	if (piece->variant)
		return arena_printf(checker->arena, "%%%c%c", piece->conversion,
				    piece->variant);
	return arena_printf(checker->arena, "%%%c", piece->conversion);
}

static bool report_misfit(struct checker *checker,
			  const struct format_piece *piece,
			  const struct expr *value)
{
	struct diag *diag = check_error(
		checker, E_FORMAT, value->at, "'%s' does not print %s",
		conversion_text(checker, piece), spell(checker, value->type));

	if (piece->conversion == 'r')
		check_hint(checker, diag, "buf(x, length) makes a buffer");
	else
		check_hint(checker, diag, "'%%s' prints any value");
	return false;
}

/* The values of a call, taken one after the other. */
struct values {
	struct expr *call;
	size_t next;
};

/* What %gr prints is the integer as flags: a cast makes it that. */
static void cast_to_flags(struct checker *checker, struct expr **value)
{
	struct expr *operand = *value, *cast;
	struct type_name *name;

	if (!type_is_integer(operand->type) ||
	    (operand->type->kind == TYPE_ENUM && operand->type->is_set))
		return;
	name = ARENA_NEW(checker->arena, struct type_name);
	name->at = operand->at;
	name->keyword = TYPE_KEYWORD_SET;
	name->name = GFP_SET;
	cast = expr_new(checker->arena, EXPR_CAST, operand->at);
	cast->cast.type = name;
	cast->cast.operand = operand;
	cast->depth = operand->depth + 1;
	check_expr(checker, cast);
	*value = cast;
}

/* NULL, reported, if there is none for the conversion. */
static const struct expr *take_value(struct checker *checker,
				     struct values *values,
				     const struct format_piece *piece)
{
	const struct expr_list *args = &values->call->call.args;

	if (values->next < args->count)
		return args->items[values->next++];
	check_error(checker, E_FORMAT, piece->at,
		    "there is no value for this conversion");
	return NULL;
}

static bool take_star(struct checker *checker, struct values *values,
		      const struct format_piece *piece)
{
	const struct expr *value = take_value(checker, values, piece);

	if (!value)
		return false;
	if (value->type->kind == TYPE_UNKNOWN || type_is_integer(value->type))
		return true;
	check_error(checker, E_FORMAT, value->at,
		    "'*' takes an integer, not %s",
		    spell(checker, value->type));
	return false;
}

static bool take_piece(struct checker *checker, struct values *values,
		       const struct format_piece *piece)
{
	const struct expr_list *args = &values->call->call.args;
	const struct expr *value;

	if (!piece->conversion)
		return true;
	if (piece->star_width && !take_star(checker, values, piece))
		return false;
	if (piece->star_precision && !take_star(checker, values, piece))
		return false;
	if (piece->variant == 'g' && values->next < args->count)
		cast_to_flags(checker, &args->items[values->next]);
	value = take_value(checker, values, piece);
	if (!value)
		return false;
	complete_value(checker, value->type);
	if (value->type->kind == TYPE_UNKNOWN || prints(piece, value->type))
		return true;
	return report_misfit(checker, piece, value);
}

/* Taken apart once; mistakes are told in the last pass, and once. */
static const struct format *read_format(struct checker *checker,
					struct expr *call)
{
	const struct expr *text = call->call.args.items[0];
	struct diags *diags = checker->diags;
	bool was_quiet = diags->quiet;

	if (call->call.format)
		return call->call.format;
	diags->quiet = !checker->final ||
		       check_was_reported(checker, E_FORMAT, text->at);
	call->call.format = format_parse(checker->arena, text->string.text,
					 text->string.length, text->at, diags);
	diags->quiet = was_quiet;
	return call->call.format;
}

static bool fits_format(struct checker *checker, struct expr *call)
{
	const struct format *format = read_format(checker, call);
	struct values values = { .call = call, .next = 1 };
	const struct expr_list *args = &call->call.args;
	struct diag *diag;

	if (!format)
		return false;
	for (size_t i = 0; i < format->count; i++) {
		if (!take_piece(checker, &values, &format->pieces[i]))
			return false;
	}
	if (values.next == args->count)
		return true;
	diag = check_error(checker, E_FORMAT, args->items[values.next]->at,
			   "there is no conversion for this value");
	check_hint(checker, diag, "'%%d' prints integers, '%%s' any value");
	return false;
}

/* ---- printk ---- */

/* The kernel prints what it can make of 64 bits, and strings. */
static bool fits_printk(struct checker *checker,
			const struct format_piece *piece)
{
	bool is_plain = !piece->star_width && !piece->star_precision &&
			piece->precision < 0 && !piece->plus;

	if (!piece->conversion ||
	    (is_plain && strchr("duxXcsp", piece->conversion)))
		return true;
	check_error(checker, E_FORMAT, piece->at,
		    "the kernel's printk cannot print this");
	return false;
}

bool check_printk(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	const struct format *format;

	if (!fits_format(checker, call))
		return false;
	format = call->call.format;
	for (size_t i = 0; i < format->count; i++) {
		if (!fits_printk(checker, &format->pieces[i]))
			return false;
	}
	for (size_t i = 1; i < args->count; i++) {
		const struct type *type = args->items[i]->type;

		if (type->kind == TYPE_UNKNOWN || is_number(type) ||
		    type->kind == TYPE_STRING)
			continue;
		argument_error(checker, call, args->items[i]->at,
			       "%s() prints integers and strings here, not "
			       "%s",
			       call->call.name, spell(checker, type));
		return false;
	}
	if (args->count <= PRINTK_VALUES + 1)
		return true;
	check_error(checker, E_ARGUMENT_COUNT,
		    args->items[PRINTK_VALUES + 1]->at,
		    "%s() prints at most %d values here", call->call.name,
		    PRINTK_VALUES);
	return false;
}

/* In a pinned iterator it is the kernel that prints. */
bool check_format(struct checker *checker, struct expr *call)
{
	return clause_is_pinned(checker->clause) ? check_printk(checker, call)
						 : fits_format(checker, call);
}

/* ---- print ---- */

bool check_print(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	const struct expr *what = args->items[0];

	if (what->kind == EXPR_MAP && !what->map.key) {
		if (args->count > 1 && call->call.constant[1] < 0) {
			check_error(checker, E_RANGE, args->items[1]->at,
				    "print() shows the largest N, and N is not "
				    "negative");
			return false;
		}
		if (args->count > 2 && call->call.constant[2] < 1) {
			check_error(checker, E_RANGE, args->items[2]->at,
				    "print() divides by 1 or more");
			return false;
		}
		return true;
	}
	if (args->count == 1)
		return check_storable(checker, what->type, what->at);
	argument_error(checker, call, args->items[1]->at,
		       "a number of keys and a divisor are for whole maps");
	return false;
}

/* ---- times ---- */

static bool check_time_format(struct checker *checker, const struct expr *text)
{
	if (text->string.length && text->string.length <= TIME_FORMAT_MAX)
		return true;
	check_error(checker, E_FORMAT, text->at,
		    "the format of a time has from 1 to %d bytes",
		    TIME_FORMAT_MAX);
	return false;
}

bool check_time(struct checker *checker, struct expr *call)
{
	return call->call.args.count == 0 ||
	       check_time_format(checker, call->call.args.items[0]);
}

bool check_strftime(struct checker *checker, struct expr *call)
{
	const struct expr *text = call->call.args.items[0];

	call->type = type_timestamp(checker->arena, text->string.text);
	return check_time_format(checker, text);
}
