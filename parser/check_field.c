/*
 * Parts of values: fields of records, items of tuples, elements of arrays, what
 * a pointer points to. Knows where the memory is; asks the host for records.
 * Called by check_expr.c.
 */
#include <string.h>

#include "parser/checker.h"

/* Records inside records, and pointers to pointers, are followed no deeper. */
#define DEPTH_MAX 16

/* Fields of a value, those of records inside it included. */
#define FIELDS_MAX 100000

/* How many fields a hint names when none is near. */
#define FIELDS_SHOWN 8

/* ---- values in memory ---- */

static const struct type *in_space(struct checker *checker,
				   const struct type *type,
				   enum address_space space)
{
	struct type *copy;

	if (type->space == space)
		return type;
	copy = ARENA_NEW(checker->arena, struct type);
	*copy = *type;
	copy->space = space;
	return copy;
}

/*
 * What reading a thing of that type from memory yields: arrays and records
 * remember where they are; pointers that stood in user memory point into it.
 */
static const struct type *read_type(struct checker *checker,
				    const struct type *type,
				    enum address_space space)
{
	bool is_whole = type->kind == TYPE_ARRAY || type->kind == TYPE_STRUCT;
	bool is_users = type->kind == TYPE_POINTER && space == SPACE_USER;

	return is_whole || is_users ? in_space(checker, type, space) : type;
}

/* A record that was known by its name alone when a type was made of it. */
static const struct type *whole_type(struct checker *checker,
				     const struct type *type)
{
	if (type->kind != TYPE_STRUCT)
		return type;
	complete_record(checker, type->record);
	return type->size == type->record->size
		       ? type
		       : type_struct(checker->arena, type->record);
}

/* ---- fields ---- */

static void complete(struct checker *checker, const struct record *record,
		     unsigned depth)
{
	host_record_complete(checker->host, record);
	for (size_t i = 0; i < record->count && depth < DEPTH_MAX; i++) {
		const struct field *field = &record->fields[i];

		if ((!field->name || !field->name[0]) &&
		    field->type->kind == TYPE_STRUCT)
			complete(checker, field->type->record, depth + 1);
	}
}

void complete_record(struct checker *checker, const struct record *record)
{
	complete(checker, record, 0);
}

/* `*left`: how many more fields will be looked at. Descriptions may be such
 * that there is no end to them. */
static void complete_inside(struct checker *checker, const struct type *type,
			    unsigned depth, unsigned *left)
{
	const struct record *record = type->record;

	if (depth > DEPTH_MAX || !*left)
		return;
	--*left;
	switch ((int)type->kind) {
	case TYPE_ARRAY:
		complete_inside(checker, type->to, depth + 1, left);
		return;
	case TYPE_ENUM:
		host_enum_complete(checker->host, type);
		return;
	case TYPE_TUPLE:
		for (uint32_t i = 0; i < type->count; i++)
			complete_inside(checker, type->items[i], depth + 1,
					left);
		return;
	case TYPE_STRUCT:
		if (!record->is_literal)
			host_record_complete(checker->host, record);
		for (size_t i = 0; i < record->count; i++)
			complete_inside(checker, record->fields[i].type,
					depth + 1, left);
		return;
	default:
		return;
	}
}

void complete_value(struct checker *checker, const struct type *type)
{
	unsigned left = FIELDS_MAX;

	if (checker->final)
		complete_inside(checker, type, 0, &left);
}

/* p.x of a struct ** is (*p).x, however many there are. */
static void dereference(struct checker *checker, struct expr *expr)
{
	struct expr *object = expr->field.object;

	for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
		const struct type *type = object->type;
		struct expr *pointee;

		if (type->kind != TYPE_POINTER || !type->to ||
		    type->to->kind != TYPE_POINTER)
			return;
		pointee = expr_new(checker->arena, EXPR_UNARY, object->at);
		pointee->unary.op = UNARY_DEREF;
		pointee->unary.operand = object;
		pointee->depth = object->depth + 1;
		pointee->type = read_type(checker, type->to, type->space);
		expr->field.object = object = pointee;
	}
}

/* NULL if values of that type have no fields. */
static const struct record *record_of(const struct type *type)
{
	if (type->kind == TYPE_POINTER && type->to)
		type = type->to;
	return type->kind == TYPE_STRUCT ? type->record : NULL;
}

static const struct type *no_fields(struct checker *checker,
				    const struct expr *expr,
				    const struct type *type)
{
	struct diag *diag =
		check_error(checker, E_UNKNOWN_FIELD, expr->field.name_at,
			    "%s has no fields", spell(checker, type));

	if (type->kind == TYPE_POINTER || type_is_integer(type))
		check_hint(checker, diag,
			   "a cast says what it points to: ((struct name "
			   "*)...).%s",
			   expr->field.name);
	else if (type->kind == TYPE_TUPLE)
		check_hint(checker, diag,
			   "the items of a tuple are .0, .1, ...");
	return &type_unknown;
}

/* Names of a record's fields, those of unnamed members included. */
static void visit_fields(const struct record *record, unsigned depth,
			 name_visit_fn *visit, void *data)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];

		if (field->name && field->name[0])
			visit(field->name, data);
		else if (field->type->kind == TYPE_STRUCT && depth < DEPTH_MAX)
			visit_fields(field->type->record, depth + 1, visit,
				     data);
	}
}

static void consider_field(const char *name, void *data)
{
	nearest_consider(data, name);
}

struct field_list {
	struct arena *arena;
	const char *text;
	unsigned count;
};

static void list_field(const char *name, void *data)
{
	struct field_list *list = data;

	if (list->count++ < FIELDS_SHOWN)
		list->text = arena_printf(list->arena, "%s%s%s", list->text,
					  list->count > 1 ? ", " : "", name);
}

/* The exit of a system call knows its result, the entry its arguments. */
static const char *twin_probe(struct checker *checker)
{
	const struct clause *clause = checker->clause;
	const struct attach *attach = &clause->attaches[0];
	const char *enter = "sys_enter_", *leave = "sys_exit_";

	if (!clause->attach_count || attach->kind != ATTACH_TRACEPOINT)
		return NULL;
	if (strncmp(attach->event, enter, strlen(enter)) == 0)
		return arena_printf(checker->arena, "tracepoint:%s:%s%s",
				    attach->category, leave,
				    attach->event + strlen(enter));
	if (strncmp(attach->event, leave, strlen(leave)) == 0)
		return arena_printf(checker->arena, "tracepoint:%s:%s%s",
				    attach->category, enter,
				    attach->event + strlen(leave));
	return NULL;
}

/* False if the other half of the system call has nothing of that name. */
static bool hint_twin(struct checker *checker, struct diag *diag,
		      const char *name)
{
	const char *probe = twin_probe(checker);
	const struct attach *attach = &checker->clause->attaches[0];
	struct tracepoint found;
	uint32_t offset;

	if (!probe || diag == &checker->scratch ||
	    host_tracepoint(checker->host, attach->category,
			    strrchr(probe, ':') + 1, &found) != HOST_OK ||
	    !record_field(found.args, name, &offset))
		return false;
	check_hint(checker, diag, "%s has it", probe);
	return true;
}

static const struct type *unknown_field(struct checker *checker,
					const struct expr *expr,
					const struct record *record)
{
	const char *name = expr->field.name;
	const struct expr *object = expr->field.object;
	bool is_args = object->kind == EXPR_NAME && object->name.builtin &&
		       object->name.builtin->id == BUILTIN_args;
	struct field_list list = { .arena = checker->arena, .text = "" };
	struct nearest nearest;
	struct diag *diag;

	if (is_args && checker->clause->attach_count)
		diag = check_error(checker, E_UNKNOWN_FIELD,
				   expr->field.name_at,
				   "%s has no argument '%s'",
				   checker->clause->attaches[0].probe, name);
	else
		diag = check_error(
			checker, E_UNKNOWN_FIELD, expr->field.name_at,
			"%s has no field '%s'",
			spell(checker, type_struct(checker->arena, record)),
			name);
	if (diag == &checker->scratch ||
	    (is_args && hint_twin(checker, diag, name)))
		return &type_unknown;
	nearest_begin(&nearest, name);
	visit_fields(record, 0, consider_field, &nearest);
	visit_fields(record, 0, list_field, &list);
	if (nearest_result(&nearest))
		check_nearest(checker, diag, &nearest);
	else if (list.count)
		check_hint(checker, diag, "there %s %s%s",
			   list.count == 1 ? "is" : "are", list.text,
			   list.count > FIELDS_SHOWN ? ", ..." : "");
	else
		check_hint(checker, diag, "the kernel does not describe it");
	return &type_unknown;
}

/* Parameters of functions may travel where no probe can look. */
static bool is_readable(struct checker *checker, const struct expr *expr)
{
	const struct arguments *arguments = checker->clause->arguments;
	const struct expr *object = expr->field.object;
	const struct argument *argument;
	struct diag *diag;

	if (!arguments || object->kind != EXPR_NAME || !object->name.builtin ||
	    object->name.builtin->id != BUILTIN_args)
		return true;
	argument = &arguments->items[expr->field.field -
				     object->type->record->fields];
	if (argument->count)
		return true;
	diag = check_error(checker, E_UNSUPPORTED, expr->field.name_at,
			   "%s of %s cannot be read", argument->name,
			   checker->clause->attaches[0].probe);
	check_hint(checker, diag, "%s", argument->refusal);
	return false;
}

const struct type *check_field(struct checker *checker, struct expr *expr)
{
	const struct record *record;
	const struct type *object;
	const struct field *field;

	if (check_packet_field(checker, expr, &object))
		return object;
	object = check_context(checker, expr->field.object)
			 ? expr->field.object->type
			 : check_expr(checker, expr->field.object);
	if (object->kind == TYPE_UNKNOWN)
		return object;
	dereference(checker, expr);
	object = expr->field.object->type;
	record = record_of(object);
	if (!record)
		return no_fields(checker, expr, object);
	complete_record(checker, record);
	field = record_field(record, expr->field.name, &expr->field.offset);
	if (!field)
		return unknown_field(checker, expr, record);
	expr->field.field = field;
	if (!is_readable(checker, expr))
		return &type_unknown;
	expr->field.cast = check_direct(checker, expr);
	return read_type(checker, field->type, object->space);
}

/* ---- items ---- */

const struct type *check_item(struct checker *checker, struct expr *expr)
{
	const struct type *object = check_expr(checker, expr->item.object);
	struct diag *diag;

	if (object->kind == TYPE_UNKNOWN)
		return object;
	if (object->kind != TYPE_TUPLE) {
		check_error(checker, E_UNKNOWN_FIELD, expr->at,
			    "%s is no tuple and has no item %u",
			    spell(checker, object), expr->item.index);
		return &type_unknown;
	}
	if (expr->item.index < object->count)
		return object->items[expr->item.index];
	diag = check_error(checker, E_UNKNOWN_FIELD, expr->at,
			   "%s has no item %u", spell(checker, object),
			   expr->item.index);
	check_hint(checker, diag, "items are counted from 0: the last is .%u",
		   object->count - 1);
	return &type_unknown;
}

/* t[1] of a tuple is t.1. */
static const struct type *index_tuple(struct checker *checker,
				      struct expr *expr)
{
	struct expr *object = expr->index.object;
	int64_t value;

	if (!expr_constant(expr->index.index, &value)) {
		check_error(
			checker, E_NOT_CONSTANT, expr->index.index->at,
			"which item of a tuple must be known while compiling");
		return &type_unknown;
	}
	if (value < 0 || value >= object->type->count) {
		check_error(checker, E_RANGE, expr->index.index->at,
			    "%s has no item %lld", spell(checker, object->type),
			    (long long)value);
		return &type_unknown;
	}
	expr->kind = EXPR_ITEM;
	expr->item.object = object;
	expr->item.index = (uint32_t)value;
	return object->type->items[value];
}

/* ---- elements ---- */

static void check_bounds(struct checker *checker, const struct expr *expr,
			 uint32_t count)
{
	const struct expr *index = expr->index.index;
	int64_t value;

	if (count && expr_constant(index, &value) &&
	    (value < 0 || value >= count))
		check_error(checker, E_RANGE, index->at,
			    "there are %u elements, from 0 to %u", count,
			    count - 1);
}

static const struct type *pointee(struct checker *checker,
				  const struct type *type, struct span at)
{
	struct diag *diag;

	if (type->to)
		return read_type(checker, whole_type(checker, type->to),
				 type->space);
	diag = check_error(checker, E_OPERANDS, at,
			   "void * does not say what it points to");
	check_hint(checker, diag, "cast it: (struct name *)..., (uint8 *)...");
	return &type_unknown;
}

const struct type *check_index(struct checker *checker, struct expr *expr)
{
	const struct type *object = check_expr(checker, expr->index.object);
	const struct type *index = check_expr(checker, expr->index.index);

	if (index->kind != TYPE_UNKNOWN && !type_is_integer(index)) {
		check_error(checker, E_OPERANDS, expr->index.index->at,
			    "an index is an integer, not %s",
			    spell(checker, index));
		return &type_unknown;
	}
	switch ((int)object->kind) {
	case TYPE_UNKNOWN:
		return object;
	case TYPE_ARRAY:
		check_bounds(checker, expr, object->count);
		return read_type(checker, object->to, object->space);
	case TYPE_POINTER:
		return pointee(checker, object, expr->index.object->at);
	case TYPE_STRING:
		check_bounds(checker, expr, object->size);
		return &type_uint8;
	case TYPE_TUPLE:
		return index_tuple(checker, expr);
	default:
		check_error(checker, E_OPERANDS, expr->index.object->at,
			    "%s has no elements", spell(checker, object));
		return &type_unknown;
	}
}

/* *address of a plain integer is *(uint64 *)address. */
static const struct type *deref_integer(struct checker *checker,
					struct expr *expr)
{
	struct expr *operand = expr->unary.operand;
	struct expr *cast = expr_new(checker->arena, EXPR_CAST, operand->at);
	struct type_name *name = ARENA_NEW(checker->arena, struct type_name);

	name->at = operand->at;
	name->name = "uint64";
	name->pointers = 1;
	cast->cast.type = name;
	cast->cast.operand = operand;
	cast->depth = operand->depth + 1;
	expr->unary.operand = cast;
	check_expr(checker, cast);
	return &type_uint64;
}

const struct type *check_deref(struct checker *checker, struct expr *expr)
{
	struct expr *operand = expr->unary.operand;
	const struct type *type = check_expr(checker, operand);
	struct diag *diag;

	if (type->kind == TYPE_UNKNOWN)
		return type;
	if (type->kind == TYPE_POINTER)
		return pointee(checker, type, operand->at);
	if (type->kind == TYPE_INT && type->size == 8)
		return deref_integer(checker, expr);
	diag = check_error(checker, E_OPERANDS, operand->at,
			   "'*' does not take %s", spell(checker, type));
	if (type_is_integer(type))
		check_hint(checker, diag,
			   "a cast says what is there: *(uint64 *)...");
	return &type_unknown;
}

/* What is in the memory of the kernel or of a process: a field, an element,
 * what a pointer points to. */
static const struct type *place_object(const struct expr *expr)
{
	if (expr->kind == EXPR_FIELD && expr->field.field &&
	    !expr->field.field->bit_size)
		return expr->field.object->type;
	if (expr->kind == EXPR_INDEX)
		return expr->index.object->type;
	if (expr->kind == EXPR_UNARY && expr->unary.op == UNARY_DEREF)
		return expr->unary.operand->type;
	return NULL;
}

const struct type *check_address(struct checker *checker,
				 const struct expr *operand)
{
	const struct type *object;
	enum address_space space;
	struct diag *diag;

	if (operand->type->kind == TYPE_UNKNOWN)
		return operand->type;
	object = place_object(operand);
	if (object && object->kind == TYPE_STRUCT &&
	    object->space == SPACE_CONTEXT &&
	    !check_whole_context(checker, operand->at))
		return &type_unknown;
	if (object &&
	    (object->kind == TYPE_POINTER || object->kind == TYPE_STRUCT ||
	     object->kind == TYPE_ARRAY)) {
		/* The context is memory of the kernel. */
		space = object->space == SPACE_USER ? SPACE_USER : SPACE_KERNEL;
		return type_pointer(checker->arena, operand->type, space);
	}
	diag = check_error(checker, E_OPERANDS, operand->at,
			   "this is no place in memory");
	check_hint(checker, diag,
		   "fields, elements and what pointers point to have "
		   "addresses: &p.field");
	return &type_unknown;
}
