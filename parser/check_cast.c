/*
 * Types that a program spells, and what is made of them: casts, sizeof,
 * offsetof, declared variables. Called by check_expr.c and check_stmt.c; asks
 * the host for records and enums.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/word_types.h"

/* ---- names of types ---- */

static const struct {
	const char *name;
	const struct type *type; /* NULL: void */
} types[] = {
	{ "void", NULL },
	{ "bool", &type_bool },
	{ "int8", &type_int8 },
	{ "int16", &type_int16 },
	{ "int32", &type_int32 },
	{ "int64", &type_int64 },
	{ "uint8", &type_uint8 },
	{ "uint16", &type_uint16 },
	{ "uint32", &type_uint32 },
	{ "uint64", &type_uint64 },
	{ "int8_t", &type_int8 },
	{ "int16_t", &type_int16 },
	{ "int32_t", &type_int32 },
	{ "int64_t", &type_int64 },
	{ "uint8_t", &type_uint8 },
	{ "uint16_t", &type_uint16 },
	{ "uint32_t", &type_uint32 },
	{ "uint64_t", &type_uint64 },
	{ "u8", &type_uint8 },
	{ "u16", &type_uint16 },
	{ "u32", &type_uint32 },
	{ "u64", &type_uint64 },
	{ "s8", &type_int8 },
	{ "s16", &type_int16 },
	{ "s32", &type_int32 },
	{ "s64", &type_int64 },
	{ "__u8", &type_uint8 },
	{ "__u16", &type_uint16 },
	{ "__u32", &type_uint32 },
	{ "__u64", &type_uint64 },
	{ "__s8", &type_int8 },
	{ "__s16", &type_int16 },
	{ "__s32", &type_int32 },
	{ "__s64", &type_int64 },
	{ "size_t", &type_uint64 },
	{ "ssize_t", &type_int64 },
	{ "off_t", &type_int64 },
	{ "pid_t", &type_int32 },
	{ "uid_t", &type_uint32 },
	{ "gid_t", &type_uint32 },
	{ "uintptr_t", &type_uint64 },
	{ "intptr_t", &type_int64 },
	{ "_Bool", &type_bool },
};

/* The words C makes integers of, in any order. */
struct c_words {
	unsigned longs, shorts, chars, ints, signeds, unsigneds;
};

static bool count_word(struct c_words *words, const char *word, size_t length)
{
	const struct {
		const char *word;
		unsigned *count;
	} counts[] = {
		{ "long", &words->longs },
		{ "short", &words->shorts },
		{ "char", &words->chars },
		{ "int", &words->ints },
		{ "signed", &words->signeds },
		{ "unsigned", &words->unsigneds },
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (strlen(counts[i].word) == length &&
		    memcmp(counts[i].word, word, length) == 0) {
			++*counts[i].count;
			return true;
		}
	}
	return false;
}

/* unsigned long int; NULL if it is no such type. */
static const struct type *c_type(const char *name)
{
	struct c_words words = { 0 };
	bool is_signed;

	while (*name) {
		size_t length = strcspn(name, " ");

		if (length && !count_word(&words, name, length))
			return NULL;
		name += length + (name[length] == ' ');
	}
	if (words.longs > 2 || words.shorts > 1 || words.chars > 1 ||
	    words.ints > 1 || words.signeds + words.unsigneds > 1 ||
	    (words.longs > 0) + words.shorts + words.chars > 1 ||
	    (words.chars && words.ints))
		return NULL;
	is_signed = !words.unsigneds;
	if (words.longs)
		return type_int(8, is_signed);
	if (words.shorts)
		return type_int(2, is_signed);
	if (words.chars)
		return type_int(1, is_signed);
	return type_int(4, is_signed);
}

bool language_type(const char *name, const struct type **type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*type = types[i].type;
			return true;
		}
	}
	*type = c_type(name);
	return *type != NULL;
}

static bool is_of_program(enum attach_kind kind)
{
	return kind == ATTACH_UPROBE || kind == ATTACH_URETPROBE ||
	       kind == ATTACH_USDT;
}

/* A body of several programs: which other one there is, or NULL. */
static const char *other_program(const struct clause *clause)
{
	const char *path = clause->attaches[0].path;

	for (size_t i = 1; i < clause->attach_count; i++)
		if (strcmp(clause->attaches[i].path, path) != 0)
			return clause->attaches[i].path;
	return NULL;
}

/* The type of the program that is traced, where the script declares none of
 * the name; NULL if it has none. */
static const struct type *program_type(struct checker *checker,
				       const struct type_name *name)
{
	const struct clause *clause = checker->clause;
	const char *path = clause->attaches[0].path, *other;
	const struct type *type;

	if (!is_of_program(clause->attaches[0].kind) ||
	    host_is_declared(checker->host, name->keyword, name->name) ||
	    host_program_type(checker->host, path, name->keyword, name->name,
			      &type) != HOST_OK)
		return NULL;
	other = other_program(clause);
	if (!other)
		return type;
	check_hint(checker,
		   check_error(checker, E_UNSUPPORTED, name->at,
			       "'%s' is a type of %s, and this body also "
			       "traces %s",
			       name->name, path, other),
		   "a body of its own for each program");
	return &type_unknown;
}

static const struct type *kernel_type(struct checker *checker,
				      const struct type_name *name)
{
	const struct type *type;
	enum host_status status =
		host_type(checker->host, name->keyword, name->name, &type);
	struct nearest nearest;
	struct diag *diag;

	if (status == HOST_ABSENT)
		status = host_module_type(checker->host, name->keyword,
					  name->name, &type);
	if (status == HOST_OK)
		return type;
	if (status != HOST_ABSENT) {
		check_status(checker, status, name->at, "types");
		return &type_unknown;
	}
	diag = check_error(checker, E_UNKNOWN_TYPE, name->at,
			   "there is no type '%s%s%s'",
			   name->keyword ? name->keyword : "",
			   name->keyword ? " " : "", name->name);
	nearest_begin(&nearest, name->name);
	for (size_t i = 0; !name->keyword && i < ARRAY_SIZE(types); i++)
		nearest_consider(&nearest, types[i].name);
	check_nearest(checker, diag, &nearest);
	return &type_unknown;
}

static const struct type *named_type(struct checker *checker,
				     const struct type_name *name)
{
	const struct type *type = program_type(checker, name);

	return type ? type : kernel_type(checker, name);
}

/* string, string[N]: takes the dimension. */
static const struct type *string_type(struct checker *checker,
				      const struct type_name *name)
{
	uint32_t size = name->dimensions[0];
	const struct settings *settings = checker->settings;

	if (name->dimension_count == 0 || size == 0)
		size = (uint32_t)settings->max_strlen;
	if (name->dimension_count > 1 || name->pointers || size > 65536) {
		check_error(checker, E_RANGE, name->at,
			    "a string is of the form string[N], N up to 65536");
		return &type_unknown;
	}
	return type_string(checker->arena, size);
}

static const struct type *array_of(struct checker *checker,
				   const struct type_name *name,
				   const struct type *type)
{
	for (unsigned i = name->dimension_count; i-- > 0;) {
		uint64_t size = (uint64_t)type->size * name->dimensions[i];

		if (!name->dimensions[i] || size > UINT16_MAX) {
			check_error(checker, E_RANGE, name->at,
				    "an array has from 1 to 65535 bytes");
			return &type_unknown;
		}
		type = type_array(checker->arena, type, name->dimensions[i]);
	}
	return type;
}

const struct type *check_type_name(struct checker *checker,
				   struct type_name *name)
{
	const struct type *type;

	if (name->of)
		type = check_expr(checker, name->of);
	else if (name->keyword && !strcmp(name->keyword, TYPE_KEYWORD_SET))
		type = named_integer(checker->arena, name->name, &type_uint64);
	else if (!name->keyword && strcmp(name->name, "string") == 0)
		return string_type(checker, name);
	else if (name->keyword || !language_type(name->name, &type))
		type = named_type(checker, name);
	if (type && type->kind == TYPE_UNKNOWN)
		return type;
	for (unsigned i = 0; i < name->pointers; i++)
		type = type_pointer(checker->arena, type, SPACE_KERNEL);
	if (!type) {
		check_error(checker, E_UNKNOWN_TYPE, name->at,
			    "there are no values of type void");
		return &type_unknown;
	}
	return array_of(checker, name, type);
}

/* ---- casts ---- */

/* Every level of the pointer points into the same memory. */
static const struct type *pointer_in(struct checker *checker,
				     const struct type *type,
				     enum address_space space)
{
	if (!type || type->kind != TYPE_POINTER)
		return type;
	return type_pointer(checker->arena,
			    pointer_in(checker, type->to, space), space);
}

/* An array of integers, of which the bytes can be those of something else. */
static bool is_integers(const struct type *type)
{
	return type->kind == TYPE_ARRAY && type->to &&
	       type->to->kind == TYPE_INT && type->count;
}

static bool is_convertible(const struct type *to, const struct type *from)
{
	if (type_equal(to, from))
		return true;
	if (type_is_integer(to))
		return type_is_scalar(from) ||
		       (is_integers(from) && from->size <= 8);
	if (is_integers(to))
		return (type_is_integer(from) && to->size <= 8) ||
		       from->kind == TYPE_STRING ||
		       (is_integers(from) && from->size == to->size);
	if (to->kind == TYPE_POINTER)
		return type_is_integer(from) || from->kind == TYPE_POINTER;
	return to->kind == TYPE_STRING && from->kind == TYPE_STRING;
}

/* (int32[])x has as many elements as x has room for. */
static const struct type *cast_type(struct checker *checker,
				    struct type_name *name,
				    const struct type *from)
{
	struct type_name whole = *name;
	const struct type *element;

	if (name->dimension_count != 1 || name->dimensions[0] ||
	    from->kind == TYPE_UNKNOWN ||
	    (name->name && strcmp(name->name, "string") == 0))
		return check_type_name(checker, name);
	whole.dimension_count = 0;
	element = check_type_name(checker, &whole);
	if (element->kind == TYPE_UNKNOWN || !element->size)
		return element;
	whole.dimension_count = 1;
	whole.dimensions[0] = from->size / element->size;
	return check_type_name(checker, &whole);
}

/* What programs see of a packet: made up by the kernel, field by field. */
static bool is_view(const struct type *type)
{
	return type->kind == TYPE_POINTER && type->to &&
	       type->to->kind == TYPE_STRUCT && type->to->record->name &&
	       (!strcmp(type->to->record->name, "__sk_buff") ||
		!strcmp(type->to->record->name, "xdp_md"));
}

const struct type *check_cast(struct checker *checker, struct expr *expr)
{
	const struct type *from = check_expr(checker, expr->cast.operand);
	const struct type *to = cast_type(checker, expr->cast.type, from);
	enum address_space space = from->kind == TYPE_POINTER
					   ? from->space
					   : clause_space(checker->clause);
	struct diag *diag;

	if (to->kind == TYPE_UNKNOWN || from->kind == TYPE_UNKNOWN)
		return to;
	if (is_view(to)) {
		diag = check_error(checker, E_CAST, expr->at,
				   "the kernel has no memory of this type: %s",
				   spell(checker, to->to));
		check_hint(checker, diag,
			   "its fields are those of ctx in tc and xdp probes; "
			   "the memory there is a struct sk_buff or xdp_buff");
		return &type_unknown;
	}
	if (is_convertible(to, from)) {
		/* Pointers into the context are only good for their fields. */
		if (space == SPACE_CONTEXT)
			space = SPACE_KERNEL;
		return pointer_in(checker, to, space);
	}
	diag = check_error(checker, E_CAST, expr->at, "%s cannot become %s",
			   spell(checker, from), spell(checker, to));
	if (to->kind == TYPE_STRUCT)
		check_hint(checker, diag,
			   "cast to a pointer, and follow it: (%s *)...",
			   spell(checker, to));
	else if (is_integers(to) && type_is_integer(from))
		check_hint(checker, diag,
			   "an integer becomes an array of at most 8 bytes");
	else if (to->kind == TYPE_STRING && type_is_scalar(from))
		check_hint(checker, diag,
			   "str(p) reads the string at an address");
	return &type_unknown;
}

/* ---- sizeof, offsetof ---- */

static const struct type *sized_type(struct checker *checker, struct expr *expr)
{
	if (expr->size.type)
		return check_type_name(checker, expr->size.type);
	return check_expr(checker, expr->size.operand);
}

const struct type *check_sizeof(struct checker *checker, struct expr *expr)
{
	const struct type *type = sized_type(checker, expr);

	bool may_grow = !expr->size.type || expr->size.type->of;

	/* What an expression has may become larger in a later pass. */
	if (type->kind != TYPE_UNKNOWN && (!may_grow || checker->final))
		fold_integer(expr, &type_int64, type->size);
	return &type_int64;
}

/* The field of a record by the first `length` bytes of a path. */
static const struct field *path_field(struct checker *checker,
				      const struct expr *expr,
				      const struct type *type, const char *path,
				      size_t length, uint32_t *offset)
{
	const char *name = arena_strndup(checker->arena, path, length);
	const struct field *field;

	if (type->kind != TYPE_STRUCT) {
		check_error(checker, E_UNKNOWN_FIELD, expr->at,
			    "%s has no fields", spell(checker, type));
		return NULL;
	}
	complete_record(checker, type->record);
	field = record_field(type->record, name, offset);
	if (!field)
		check_error(checker, E_UNKNOWN_FIELD, expr->at,
			    "%s has no field '%s'", spell(checker, type), name);
	return field;
}

const struct type *check_offsetof(struct checker *checker, struct expr *expr)
{
	const struct type *type = sized_type(checker, expr);
	const char *path = expr->size.path;
	uint64_t total = 0;

	if (type->kind == TYPE_POINTER && type->to)
		type = type->to;
	if (type->kind == TYPE_UNKNOWN)
		return &type_int64;
	for (;;) {
		size_t length = strcspn(path, ".");
		uint32_t offset = 0;
		const struct field *field =
			path_field(checker, expr, type, path, length, &offset);

		if (!field)
			return &type_int64;
		total += offset;
		type = field->type;
		if (!path[length])
			break;
		path += length + 1;
	}
	fold_integer(expr, &type_int64, total);
	return &type_int64;
}
