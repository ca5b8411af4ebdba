/*
 * Calls: the function's row, its signature against the arguments, then the
 * check the row names. Knows the small language of signatures; what is special
 * about a function is in the files its check column leads to.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/parser.h"

/* What a parameter of a signature takes. */
enum parameter_kind {
	TAKES_INT,
	TAKES_STRING,
	TAKES_MAP,
	TAKES_POINTER,
	TAKES_ANY,
	TAKES_MAP_OR_VALUE,
	TAKES_TEXT,
	TAKES_FORMAT,
	TAKES_MODE_OR_INT,
	TAKES_WORD,
	TAKES_VARIABLE,
	TAKES_CONST_INT,
	TAKES_CONST_STRING,
};

static const struct {
	const char *name;
	enum parameter_kind kind;
	bool want_text; /* a positional parameter is text here */
} kinds[] = {
	{ "int", TAKES_INT, false },
	{ "string", TAKES_STRING, true },
	{ "map", TAKES_MAP, false },
	{ "pointer", TAKES_POINTER, false },
	{ "any", TAKES_ANY, false },
	{ "map or value", TAKES_MAP_OR_VALUE, false },
	{ "text", TAKES_TEXT, true },
	{ "format", TAKES_FORMAT, true },
	{ "mode or int", TAKES_MODE_OR_INT, false },
	{ "clock", TAKES_WORD, false },
	{ "namespace", TAKES_WORD, false },
	{ "variable", TAKES_VARIABLE, false },
	{ "const int", TAKES_CONST_INT, false },
	{ "const string", TAKES_CONST_STRING, true },
};

#define PARAMETERS_MAX 4

struct signature {
	size_t kinds[PARAMETERS_MAX]; /* places in `kinds` */
	size_t count, required;
	bool takes_more; /* "..." */
};

/* The bound of printf's values: a record has room for no more. */
#define ARGUMENTS_MAX 127

static function_check_fn *const checks[] = {
#define FUNCTION(name, signature, kind, result, check, emit, action, safety, \
		 help) \
	[FUNCTION_##name] = check,
#include "parser/functions.def"
#undef FUNCTION
};

/* ---- signatures ---- */

static void add_parameter(struct signature *signature, const char *word,
			  size_t length, bool is_optional)
{
	if (length == 3 && memcmp(word, "...", 3) == 0) {
		signature->takes_more = true;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strlen(kinds[i].name) == length &&
		    memcmp(kinds[i].name, word, length) == 0) {
			assert(signature->count < PARAMETERS_MAX);
			signature->kinds[signature->count++] = i;
			signature->required += !is_optional;
			return;
		}
	}
	assert(!"a signature of functions.def names no kind of parameter");
}

static struct signature signature_read(const char *text)
{
	struct signature signature = { 0 };

	while (*text) {
		bool is_optional = *text == '[';
		size_t length;

		text += is_optional;
		length = strcspn(text, ",]");
		add_parameter(&signature, text, length, is_optional);
		text += length;
		text += strspn(text, "], ");
	}
	return signature;
}

/* ---- arguments ---- */

struct diag *argument_error(struct checker *checker, const struct expr *call,
			    struct span at, const char *format, ...)
{
	const char *message;
	struct diag *diag;
	va_list args;

	va_start(args, format);
	message = arena_vprintf(checker->arena, format, args);
	va_end(args);
	diag = check_error(checker, E_ARGUMENT_TYPE, at, "%s", message);
	check_hint(checker, diag, "%s(%s)", call->call.name,
		   call->call.function->signature);
	return diag;
}

static bool is_bytes(const struct type *type)
{
	return type->kind == TYPE_ARRAY && type->to->size == 1;
}

static bool takes_type(enum parameter_kind kind, const struct type *type)
{
	switch ((int)kind) {
	case TAKES_INT:
		return type_is_integer(type);
	case TAKES_STRING:
		return type->kind == TYPE_STRING;
	case TAKES_POINTER:
		return type->kind == TYPE_POINTER ||
		       (type->kind == TYPE_INT && type->size == 8);
	case TAKES_TEXT:
		return type->kind == TYPE_STRING || is_bytes(type) ||
		       type->kind == TYPE_POINTER || type_is_integer(type);
	default:
		return type->kind != TYPE_NONE;
	}
}

static bool check_value(struct checker *checker, const struct expr *call,
			struct expr *arg, enum parameter_kind kind)
{
	const struct type *type = check_expr(checker, arg);
	struct diag *diag;

	if (kind == TAKES_STRING || kind == TAKES_TEXT) {
		probe_as_text(checker, arg);
		type = arg->type;
	}
	if (type->kind == TYPE_UNKNOWN || takes_type(kind, type))
		return true;
	diag = argument_error(checker, call, arg->at,
			      "%s() does not take %s here", call->call.name,
			      spell(checker, type));
	if (type->kind == TYPE_POINTER && kind == TAKES_STRING)
		check_hint(checker, diag,
			   "str(p) reads the string at a pointer");
	else if (type->kind == TYPE_POINTER && kind == TAKES_INT)
		check_hint(checker, diag, "cast it: (uint64)...");
	return false;
}

static bool check_constant(struct checker *checker, struct expr *call,
			   size_t index, enum parameter_kind kind)
{
	struct expr *arg = call->call.args.items[index];
	const struct type *type = check_expr(checker, arg);
	bool is_string = kind == TAKES_CONST_STRING || kind == TAKES_FORMAT;
	struct diag *diag;

	if (is_string ? arg->kind == EXPR_STRING
		      : expr_constant(arg, &call->call.constant[index]))
		return true;
	if (type->kind == TYPE_UNKNOWN)
		return false;
	diag = check_error(checker, E_NOT_CONSTANT, arg->at,
			   is_string ? "%s() needs a literal string here"
				     : "%s() needs a literal integer here",
			   call->call.name);
	check_hint(checker, diag, "%s(%s)", call->call.name,
		   call->call.function->signature);
	return false;
}

static bool is_map_name(const struct expr *expr)
{
	return expr->kind == EXPR_MAP && !expr->map.key;
}

static bool check_map_argument(struct checker *checker, const struct expr *call,
			       struct expr *arg)
{
	if (is_map_name(arg)) {
		check_map_name(checker, arg);
		return true;
	}
	/* The key alone: a value of the map is not what is wanted. */
	if (arg->kind == EXPR_MAP) {
		map_bind(checker, arg);
		check_expr(checker, arg->map.key);
		arg->type = &type_unknown;
	} else {
		check_expr(checker, arg);
	}
	argument_error(checker, call, arg->at,
		       arg->kind == EXPR_MAP
			       ? "%s() takes a whole map, without a key"
			       : "%s() takes a map",
		       call->call.name);
	return false;
}

/* A variable that the function stores in: it need not have a type yet. */
static bool check_variable(struct checker *checker, const struct expr *call,
			   struct expr *arg)
{
	const struct type *type = check_expr(checker, arg);

	if (arg->kind == EXPR_VARIABLE)
		return true;
	argument_error(checker, call, arg->at,
		       "%s() stores in a variable, $x, not in %s",
		       call->call.name, spell(checker, type));
	return false;
}

/* The value of a map that has no single value, in print(@m[k]): its key. */
static bool is_whole_entry(struct checker *checker, const struct expr *call,
			   struct expr *arg)
{
	const struct type *value;

	if (call->call.function->id != FUNCTION_print ||
	    arg->kind != EXPR_MAP || !arg->map.key)
		return false;
	value = map_bind(checker, arg)->value;
	if (!value || !type_is_aggregate(value) || map_read_type(value))
		return false;
	check_map_target(checker, arg);
	arg->type = value;
	return true;
}

static bool check_argument(struct checker *checker, struct expr *call,
			   size_t index, size_t kind)
{
	struct expr *arg = call->call.args.items[index];

	if (arg->kind == EXPR_PARAMETER)
		fold_parameter(checker, arg, kinds[kind].want_text);
	switch (kinds[kind].kind) {
	case TAKES_MAP:
		return check_map_argument(checker, call, arg);
	case TAKES_MAP_OR_VALUE:
		if (is_whole_entry(checker, call, arg))
			return true;
		if (!is_map_name(arg))
			break;
		check_map_name(checker, arg);
		return true;
	case TAKES_MODE_OR_INT:
	case TAKES_WORD:
		if (arg->kind != EXPR_NAME)
			break;
		arg->type = &type_none;
		return true;
	case TAKES_VARIABLE:
		return check_variable(checker, call, arg);
	case TAKES_FORMAT:
	case TAKES_CONST_INT:
	case TAKES_CONST_STRING:
		return check_constant(checker, call, index, kinds[kind].kind);
	case TAKES_INT:
	case TAKES_STRING:
	case TAKES_POINTER:
	case TAKES_ANY:
	case TAKES_TEXT:
		break;
	}
	return check_value(checker, call, arg, kinds[kind].kind);
}

static bool check_count(struct checker *checker, const struct expr *call,
			const struct signature *signature)
{
	size_t count = call->call.args.count;
	size_t most = signature->takes_more ? ARGUMENTS_MAX : signature->count;
	struct diag *diag;

	if (count >= signature->required && count <= most)
		return true;
	if (most == signature->required)
		diag = check_error(
			checker, E_ARGUMENT_COUNT, call->call.name_at,
			"%s() takes %zu argument%s, not %zu", call->call.name,
			most, most == 1 ? "" : "s", count);
	else
		diag = check_error(
			checker, E_ARGUMENT_COUNT, call->call.name_at,
			"%s() takes %zu to %zu arguments, not %zu",
			call->call.name, signature->required, most, count);
	check_hint(checker, diag, "%s(%s)", call->call.name,
		   call->call.function->signature);
	return false;
}

/* Every argument gets its type, also where there are too many. */
static bool check_arguments(struct checker *checker, struct expr *call)
{
	struct signature signature =
		signature_read(call->call.function->signature);
	bool good = check_count(checker, call, &signature);

	for (size_t i = 0; i < call->call.args.count; i++) {
		struct expr *arg = call->call.args.items[i];

		if (i < signature.count)
			good &= check_argument(checker, call, i,
					       signature.kinds[i]);
		else
			good &= check_value(checker, call, arg, TAKES_ANY);
	}
	return good;
}

/* ---- calls ---- */

static const struct type *unknown_function(struct checker *checker,
					   struct expr *call)
{
	struct expr_list *args = &call->call.args;
	struct nearest nearest;
	struct diag *diag;

	for (size_t i = 0; i < args->count; i++)
		check_expr(checker, args->items[i]);
	if (check_unsupported(checker, call->call.name_at, call->call.name))
		return &type_unknown;
	if (builtin_find(call->call.name)) {
		diag = check_error(checker, E_ARGUMENT_COUNT, call->at,
				   "'%s' takes no arguments", call->call.name);
		check_hint(checker, diag, "write it without parentheses");
		return &type_unknown;
	}
	diag = check_error(checker, E_UNKNOWN_FUNCTION, call->call.name_at,
			   "there is no function '%s'", call->call.name);
	nearest_begin(&nearest, call->call.name);
	for (int i = 0; i < FUNCTION_COUNT; i++)
		nearest_consider(&nearest, function_row(i)->name);
	check_nearest(checker, diag, &nearest);
	return &type_unknown;
}

/* pid() is pid. */
static const struct type *check_as_name(struct checker *checker,
					struct expr *call)
{
	const char *name = call->call.name;

	call->kind = EXPR_NAME;
	memset(&call->name, 0, sizeof(call->name));
	call->name.text = name;
	return check_name(checker, call);
}

static void check_safety(struct checker *checker, const struct expr *call)
{
	struct diag *diag;

	if (!call->call.function->is_unsafe || checker->settings->unsafe)
		return;
	diag = check_error(checker, E_UNSAFE, call->call.name_at,
			   "%s() changes the system", call->call.name);
	check_hint(checker, diag, "etrace --unsafe allows it");
}

/* delete(@m[k]) is delete(@m, k): the value is not read. */
static void split_delete(struct checker *checker, struct expr *call)
{
	struct expr_list *args = &call->call.args;
	struct expr *map, *key;

	if (args->count != 1 || args->items[0]->kind != EXPR_MAP ||
	    !args->items[0]->map.key)
		return;
	map = args->items[0];
	key = map->map.key;
	map->map.key = NULL;
	expr_list_append(checker->arena, args, key);
}

/* The arguments, the function's own check, the type; false if something was
 * reported. */
static bool check_known(struct checker *checker, struct expr *call)
{
	const struct function_row *row = call->call.function;
	function_check_fn *check = checks[row->id];

	check_safety(checker, call);
	if (row->id == FUNCTION_delete)
		split_delete(checker, call);
	call->type = row->result ? row->result : &type_unknown;
	if (clause_is_pinned(checker->clause))
		check_pinned(checker, call);
	return check_arguments(checker, call) &&
	       (!check || check(checker, call));
}

static bool find_function(struct expr *call)
{
	if (!call->call.function)
		call->call.function = function_find(call->call.name);
	return call->call.function != NULL;
}

bool is_aggregation(const struct expr *expr)
{
	const struct function_row *row;

	if (expr->kind != EXPR_CALL)
		return false;
	row = function_find(expr->call.name);
	return row && row->kind == FUNCTION_AGGREGATION;
}

const struct type *check_aggregation(struct checker *checker, struct expr *call)
{
	find_function(call);
	if (!check_known(checker, call))
		call->type = &type_unknown;
	return call->type;
}

/* Functions that do something, and tell how it went. */
static bool is_deed(const struct expr *call)
{
	enum function id = call->call.function->id;

	return id == FUNCTION_delete || id == FUNCTION_find ||
	       id == FUNCTION_write_user;
}

/* A value nobody takes, or a place for a value that nobody gives. */
static void misplaced(struct checker *checker, struct expr *call,
		      bool is_statement)
{
	enum function_kind kind = call->call.function->kind;
	const char *name = call->call.name;
	struct diag *diag;

	if (kind == FUNCTION_AGGREGATION) {
		call->type = &type_unknown;
		diag = check_error(checker, E_AGGREGATE, call->at,
				   "%s() can only be stored in a map", name);
		check_hint(checker, diag, "@name = %s(...)", name);
	} else if (kind == FUNCTION_STATEMENT && !is_statement) {
		call->type = &type_unknown;
		check_error(checker, E_STATEMENT_CALL, call->at,
			    "%s() gives no value", name);
	} else if (kind == FUNCTION_VALUE && is_statement) {
		diag = check_warning(checker, E_UNUSED_VALUE, call->at,
				     "what %s() gives is not used", name);
		check_hint(checker, diag,
			   "print it, store it, or write '_ = ...' to show "
			   "that it is meant");
	}
}

const struct type *check_call(struct checker *checker, struct expr *call,
			      bool is_statement)
{
	const char *text = NULL;

	if (call->call.args.count == 0 && builtin_find(call->call.name)) {
		call->type = check_as_name(checker, call);
	} else if (find_function(call) &&
		   (text = packet_task_call(checker, call))) {
		*call = *parse_own_expression(checker->arena, text, call->at);
		return check_expr(checker, call);
	} else if (call->call.function) {
		if (!check_known(checker, call))
			call->type = call->type->kind == TYPE_NONE
					     ? &type_unknown
					     : call->type;
		else if (!is_deed(call))
			misplaced(checker, call, is_statement);
	} else {
		call->type = unknown_function(checker, call);
	}
	return call->type;
}
