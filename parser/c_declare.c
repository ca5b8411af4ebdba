/*
 * The names of the script's own types: what each stands for, which of them
 * were declared before, what their constants are worth. Where fields lie is
 * c_layout.c's business. Called before the probes are looked up: what is
 * declared here hides what the kernel has of that name.
 */
#include <string.h>

#include "parser/c_types.h"
#include "parser/checker.h"

/* Of constants: expressions are no deeper. */
#define DEPTH_MAX 600

/* ---- constants ---- */

static bool evaluate(struct declarer *declarer, const struct expr *expr,
		     unsigned depth, int64_t *value);

static bool evaluate_unary(struct declarer *declarer, const struct expr *expr,
			   unsigned depth, int64_t *value)
{
	if (!evaluate(declarer, expr->unary.operand, depth + 1, value))
		return false;
	switch (expr->unary.op) {
	case UNARY_MINUS:
		*value = (int64_t) - (uint64_t)*value;
		return true;
	case UNARY_NOT:
		*value = !*value;
		return true;
	case UNARY_COMPLEMENT:
		*value = ~*value;
		return true;
	case UNARY_DEREF:
	case UNARY_ADDRESS:
		return false;
	}
	unreachable();
}

static bool evaluate_binary(struct declarer *declarer, const struct expr *expr,
			    unsigned depth, int64_t *value)
{
	int64_t left, right;

	if (!evaluate(declarer, expr->binary.left, depth + 1, &left) ||
	    !evaluate(declarer, expr->binary.right, depth + 1, &right))
		return false;
	return constant_binary(expr->binary.op, left, right, value);
}

static bool evaluate_name(struct declarer *declarer, const char *name,
			  int64_t *value)
{
	const struct type *type;

	return host_enumerator(declarer->host, name, &type, value) == HOST_OK;
}

/* sizeof(struct x), sizeof(int) */
static bool evaluate_size(struct declarer *declarer, const struct expr *expr,
			  int64_t *value)
{
	const struct expr *operand = expr->size.operand;
	const struct type_name *name = expr->size.type;
	struct type_name alone = { 0 };
	const struct type *type;

	if (!name && operand->kind == EXPR_NAME) {
		alone.name = operand->name.text;
		name = &alone;
	}
	if (!name || name->of || name->dimension_count)
		return false;
	if (name->pointers) {
		*value = 8;
		return true;
	}
	if ((name->keyword || !language_type(name->name, &type)) &&
	    host_type(declarer->host, name->keyword, name->name, &type) !=
		    HOST_OK)
		return false;
	*value = type ? type->size : 1;
	return true;
}

static bool evaluate(struct declarer *declarer, const struct expr *expr,
		     unsigned depth, int64_t *value)
{
	if (depth > DEPTH_MAX)
		return false;
	switch ((int)expr->kind) {
	case EXPR_INTEGER:
		*value = (int64_t)expr->integer.value;
		return true;
	case EXPR_BOOL:
		*value = expr->boolean;
		return true;
	case EXPR_NAME:
		return evaluate_name(declarer, expr->name.text, value);
	case EXPR_UNARY:
		return evaluate_unary(declarer, expr, depth, value);
	case EXPR_BINARY:
		return evaluate_binary(declarer, expr, depth, value);
	case EXPR_TERNARY:
		if (!expr->ternary.then ||
		    !evaluate(declarer, expr->ternary.condition, depth + 1,
			      value))
			return false;
		return evaluate(declarer,
				*value ? expr->ternary.then
				       : expr->ternary.otherwise,
				depth + 1, value);
	case EXPR_CAST:
		return evaluate(declarer, expr->cast.operand, depth + 1, value);
	case EXPR_SIZEOF:
		return evaluate_size(declarer, expr, value);
	default:
		return false;
	}
}

bool declared_constant(struct declarer *declarer, const struct expr *expr,
		       int64_t *value)
{
	if (evaluate(declarer, expr, 0, value))
		return true;
	diag_error(declarer->diags, E_NOT_CONSTANT, expr->at,
		   "this must be an integer that is known while compiling");
	return false;
}

/* ---- names ---- */

static void report_again(struct declarer *declarer, struct span at,
			 const char *name, struct span before)
{
	struct position first =
		source_position(declarer->diags->source, before.begin);
	struct diag *diag = diag_error(declarer->diags, E_REDECLARED, at,
				       "'%s' is declared already", name);

	diag_hint(declarer->diags, diag, "the first is at %s:%u", first.file,
		  first.line);
}

/* The name's own place; made when it is new. */
static struct declared *declared_find(struct declarer *declarer,
				      const char *key)
{
	struct name_slot *slot =
		names_slot(declarer->arena, &declarer->names, key);

	if (!slot->thing)
		slot->thing = ARENA_NEW(declarer->arena, struct declared);
	return slot->thing;
}

static const char *key_of(struct declarer *declarer, const char *keyword,
			  const char *name)
{
	return arena_printf(declarer->arena, "%s %s", keyword, name);
}

void declared_name(struct declarer *declarer,
		   const struct c_declarator *declarator,
		   const struct type *type)
{
	const char *name = declarator->name;
	struct declared *declared =
		declared_find(declarer, key_of(declarer, "", name));

	if (declared->type && !type_equal(declared->type, type)) {
		report_again(declarer, declarator->at, name, declared->at);
		return;
	}
	declared->type = type;
	declared->at = declarator->at;
	host_declare_type(declarer->host, NULL, name, type);
}

/* The language cannot calculate with them: they have the room, the alignment
 * and the bits of an integer. */
static const struct type *floating_type(struct arena *arena, const char *name)
{
	if (strcmp(name, "float") == 0)
		return type_array(arena, &type_uint32, 1);
	if (strcmp(name, "double") == 0)
		return type_array(arena, &type_uint64, 1);
	return NULL;
}

bool declared_plain(struct declarer *declarer,
		    const struct c_specifier *specifier,
		    const struct type **type)
{
	const char *name = specifier->name;
	enum host_status status;
	struct diag *diag;

	if (declared_find(declarer, key_of(declarer, "", name))->type) {
		*type = declared_find(declarer, key_of(declarer, "", name))
				->type;
		return true;
	}
	if (language_type(name, type))
		return true;
	*type = floating_type(declarer->arena, name);
	if (*type)
		return true;
	status = host_type(declarer->host, NULL, name, type);
	if (status == HOST_ABSENT)
		status = host_module_type(declarer->host, NULL, name, type);
	if (status == HOST_OK)
		return true;
	if (status != HOST_ABSENT) {
		report_status(declarer->diags, status, specifier->at, "types");
		return false;
	}
	diag = diag_error(declarer->diags, E_UNKNOWN_TYPE, specifier->at,
			  "there is no type '%s'", name);
	if (host_type(declarer->host, "struct", name, type) == HOST_OK)
		diag_hint(declarer->diags, diag, "did you mean 'struct %s'?",
			  name);
	return false;
}

/* ---- records ---- */

static struct type *record_new(struct declarer *declarer,
			       const struct c_specifier *specifier,
			       const char *name)
{
	struct record *record = ARENA_NEW(declarer->arena, struct record);

	record->name = name ? name : "";
	record->is_union = strcmp(specifier->keyword, "union") == 0;
	record->is_own = true;
	return (struct type *)type_struct(declarer->arena, record);
}

/* Does a later declaration give the record its fields? */
static bool is_declared(const struct declarer *declarer,
			const struct c_specifier *specifier)
{
	const struct c_declaration *declaration = declarer->program->types;

	for (; declaration; declaration = declaration->next) {
		const struct c_specifier *type = declaration->type;

		if (type->has_body && type->name && type->keyword &&
		    strcmp(type->name, specifier->name) == 0 &&
		    strcmp(type->keyword, specifier->keyword) == 0)
			return true;
	}
	return false;
}

/* One that is only named: the script's, or the kernel's. */
static struct type *record_named(struct declarer *declarer,
				 const struct c_specifier *specifier,
				 struct declared *declared)
{
	const struct type *type;

	if (declared->type)
		return (struct type *)declared->type;
	if (!is_declared(declarer, specifier) &&
	    (host_type(declarer->host, specifier->keyword, specifier->name,
		       &type) == HOST_OK ||
	     host_module_type(declarer->host, specifier->keyword,
			      specifier->name, &type) == HOST_OK) &&
	    type->kind == TYPE_STRUCT)
		return (struct type *)type;
	declared->type = record_new(declarer, specifier, specifier->name);
	declared->at = specifier->at;
	host_declare_type(declarer->host, specifier->keyword, specifier->name,
			  declared->type);
	return (struct type *)declared->type;
}

struct type *declared_record(struct declarer *declarer,
			     const struct c_specifier *specifier)
{
	const char *name = specifier->name;
	struct declared *declared;

	if (!name) {
		name = declarer->name_for_unnamed;
		declarer->name_for_unnamed = NULL;
		return record_new(declarer, specifier, name);
	}
	declarer->name_for_unnamed = NULL;
	declared = declared_find(declarer,
				 key_of(declarer, specifier->keyword, name));
	if (!specifier->has_body)
		return record_named(declarer, specifier, declared);
	if (declared->has_body) {
		report_again(declarer, specifier->at, name, declared->at);
		return NULL;
	}
	if (!declared->type)
		declared->type = record_new(declarer, specifier, name);
	declared->has_body = true;
	declared->at = specifier->at;
	host_declare_type(declarer->host, specifier->keyword, name,
			  declared->type);
	return (struct type *)declared->type;
}

/* ---- enums ---- */

static uint32_t enum_size(const struct type *type, bool is_packed)
{
	int64_t least = 0, most = 0;

	for (uint32_t i = 0; i < type->count; i++) {
		int64_t value = type->enumerators[i].value;

		least = value < least ? value : least;
		most = value > most ? value : most;
	}
	if (is_packed && least >= INT8_MIN &&
	    most <= (least < 0 ? INT8_MAX : UINT8_MAX))
		return 1;
	if (is_packed && least >= INT16_MIN &&
	    most <= (least < 0 ? INT16_MAX : UINT16_MAX))
		return 2;
	if (least >= INT32_MIN && most <= (least < 0 ? INT32_MAX : UINT32_MAX))
		return 4;
	return 8;
}

/* Each is one more than the one before, and known to those that follow. */
static bool read_enumerators(struct declarer *declarer,
			     const struct c_specifier *specifier,
			     struct type *type)
{
	const struct c_enumerator *row = specifier->enumerators;
	struct enumerator *rows;
	int64_t value = -1;
	uint32_t count = 0;

	for (; row; row = row->next)
		count++;
	rows = ARENA_ARRAY(declarer->arena, count, struct enumerator);
	type->enumerators = rows;
	for (row = specifier->enumerators; row; row = row->next) {
		struct declared *declared = declared_find(
			declarer, key_of(declarer, "enumerator", row->name));

		value = (int64_t)((uint64_t)value + 1);
		if (row->value &&
		    !declared_constant(declarer, row->value, &value))
			return false;
		if (declared->type) {
			report_again(declarer, row->at, row->name,
				     declared->at);
			return false;
		}
		declared->type = type;
		declared->at = row->at;
		rows[type->count].name = row->name;
		rows[type->count++].value = value;
		type->is_signed |= value < 0;
		host_declare_enumerator(declarer->host, row->name, type, value);
	}
	return true;
}

const struct type *declared_enum(struct declarer *declarer,
				 const struct c_specifier *specifier)
{
	const char *name = specifier->name;
	const struct type *known;
	struct declared *declared = NULL;
	struct type *type;

	if (name)
		declared =
			declared_find(declarer, key_of(declarer, "enum", name));
	if (!specifier->has_body) {
		assert(declared); /* an enum without a body has a name */
		if (declared->type)
			return declared->type;
		if (host_type(declarer->host, "enum", name, &known) == HOST_OK)
			return known;
		diag_error(declarer->diags, E_UNKNOWN_TYPE, specifier->at,
			   "there is no type 'enum %s'", name);
		return NULL;
	}
	if (declared && declared->has_body) {
		report_again(declarer, specifier->at, name, declared->at);
		return NULL;
	}
	type = ARENA_NEW(declarer->arena, struct type);
	type->kind = TYPE_ENUM;
	type->name = name ? name : declarer->name_for_unnamed;
	declarer->name_for_unnamed = NULL;
	if (!read_enumerators(declarer, specifier, type))
		return NULL;
	type->size = enum_size(type, specifier->attributes.is_packed);
	if (!declared)
		return type;
	declared->type = type;
	declared->has_body = true;
	declared->at = specifier->at;
	host_declare_type(declarer->host, "enum", name, type);
	return type;
}

/* ---- all of them ---- */

bool declare_types(struct arena *arena, struct program *program,
		   struct host *host, struct diags *diags)
{
	struct declarer declarer = {
		.arena = arena,
		.program = program,
		.host = host,
		.diags = diags,
	};
	const struct c_declaration *declaration = program->types;
	bool good = true;

	for (; declaration; declaration = declaration->next) {
		declarer.depth = 0;
		declarer.name_for_unnamed = NULL;
		good &= declare_one(&declarer, declaration);
	}
	return good;
}
