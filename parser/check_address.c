/*
 * Functions that take addresses and bytes: pointers marked with where they
 * point, bytes of the network and of the process, variables that each CPU has.
 * Called through the check column of functions.def.
 */
#include <arpa/inet.h>
#include <string.h>

#include "parser/checker.h"

#define MAC_BYTES 6

static bool is_unknown(const struct expr *expr)
{
	return expr->type->kind == TYPE_UNKNOWN;
}

/* Values that are, or stand for, some bytes in memory. */
static bool is_memory(const struct type *type)
{
	return type->kind == TYPE_STRING || type->kind == TYPE_ARRAY ||
	       type->kind == TYPE_STRUCT || type->kind == TYPE_TUPLE ||
	       type->kind == TYPE_MAC;
}

static bool is_address(const struct type *type)
{
	return type->kind == TYPE_POINTER ||
	       (type->kind == TYPE_INT && type->size == 8);
}

/* ---- pointers ---- */

bool check_pointer(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];

	if (is_unknown(arg) || is_address(arg->type))
		return true;
	argument_error(checker, call, arg->at, "%s is no pointer",
		       spell(checker, arg->type));
	return false;
}

/* kptr(p), uptr(p): the type of p in the other memory. */
bool check_space(struct checker *checker, struct expr *call)
{
	const struct type *type = call->call.args.items[0]->type;
	bool is_user = call->call.function->id == FUNCTION_uptr;
	const struct type *to = type->kind == TYPE_POINTER ? type->to : NULL;

	if (type->kind == TYPE_UNKNOWN)
		return false;
	call->type = type_pointer(checker->arena, to,
				  is_user ? SPACE_USER : SPACE_KERNEL);
	return true;
}

/* constant[0]: the variable's place, constant[2]: that of the table that says
 * how far each CPU's is from there. */
bool check_percpu_kaddr(struct checker *checker, struct expr *call)
{
	const struct expr *name = call->call.args.items[0];
	static const char offsets[] = "__per_cpu_offset";
	const char *wanted = name->string.text;
	uint64_t address = 0, table = 0;
	enum host_status status =
		host_kernel_symbol(checker->host, wanted, &address);

	if (status == HOST_OK) {
		wanted = offsets;
		status = host_kernel_symbol(checker->host, wanted, &table);
	}
	call->call.constant[0] = (int64_t)address;
	call->call.constant[2] = (int64_t)table;
	call->type = type_pointer(checker->arena, &type_uint64, SPACE_KERNEL);
	if (status == HOST_OK)
		return true;
	if (status == HOST_ABSENT)
		check_hint(checker,
			   check_error(checker, E_UNKNOWN_NAME, name->at,
				       "the kernel names no symbol '%s'",
				       wanted),
			   "kernels without CONFIG_KALLSYMS_ALL do not list "
			   "their variables");
	else
		check_status(checker, status, name->at, "kernel's symbols");
	return false;
}

static bool is_user_probe(enum attach_kind kind)
{
	return kind == ATTACH_UPROBE || kind == ATTACH_URETPROBE ||
	       kind == ATTACH_USDT;
}

/* What a variable of that size is to C. */
static const struct type *variable_type(uint64_t size)
{
	return type_int(size == 1 || size == 2 || size == 4 ? (uint32_t)size
							    : 8,
			false);
}

/* constant[0]: how far the variable is from where the probe stops. */
bool check_uaddr(struct checker *checker, struct expr *call)
{
	const struct attach *attach = checker->clause->attaches;
	const struct expr *name = call->call.args.items[0];
	struct program_symbol found;
	enum host_status status;

	if (!is_user_probe(attach->kind)) {
		check_hint(checker,
			   check_error(checker, E_NOT_AVAILABLE,
				       call->call.name_at,
				       "%s probes have no 'uaddr'",
				       checker->clause->provider->name),
			   "probes that have it: uprobe, uretprobe, usdt");
		return false;
	}
	if (checker->clause->attach_count > 1) {
		check_hint(checker,
			   check_error(checker, E_UNSUPPORTED,
				       call->call.name_at,
				       "uaddr() in a body of several probes"),
			   "a body of its own for each");
		return false;
	}
	status = host_variable(checker->host, attach->path, name->string.text,
			       attach->number, &found, &call->call.constant[0]);
	if (status == HOST_OK) {
		call->type = type_pointer(
			checker->arena, variable_type(found.size), SPACE_USER);
		return true;
	}
	if (status == HOST_ABSENT)
		check_error(checker, E_UNKNOWN_NAME, name->at,
			    "%s has no symbol '%s'", attach->path,
			    name->string.text);
	else
		check_status(checker, status, name->at, "program");
	return false;
}

/* ---- bytes ---- */

bool check_macaddr(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];
	const struct type *type = arg->type;

	if (is_unknown(arg) || type->kind == TYPE_POINTER ||
	    (is_memory(type) && type->size >= MAC_BYTES))
		return true;
	argument_error(checker, call, arg->at,
		       "%s has not the six bytes of such an address",
		       spell(checker, type));
	return false;
}

/* constant[0] and [1] hold the bytes. */
bool check_pton(struct checker *checker, struct expr *call)
{
	const struct expr *text = call->call.args.items[0];
	uint8_t bytes[16] = { 0 };
	uint32_t size = 0;

	if (inet_pton(AF_INET, text->string.text, bytes) == 1)
		size = 4;
	else if (inet_pton(AF_INET6, text->string.text, bytes) == 1)
		size = 16;
	if (!size) {
		check_hint(checker,
			   check_error(checker, E_RANGE, text->at,
				       "'%s' is no address of a network",
				       text->string.text),
			   "for example \"127.0.0.1\" or \"fe80::1\"");
		return false;
	}
	memcpy(&call->call.constant[0], bytes, 8);
	memcpy(&call->call.constant[1], bytes + 8, 8);
	call->type = type_array(checker->arena, &type_uint8, size);
	return true;
}

/* False, reported, if there are not that many bytes in a value. */
static bool has_bytes(struct checker *checker, const struct expr *call,
		      const struct expr *value, const struct expr *count)
{
	int64_t wanted;

	if (!is_memory(value->type) || !expr_constant(count, &wanted) ||
	    wanted <= value->type->size)
		return true;
	check_error(checker, E_RANGE, count->at,
		    "%s() of %lld bytes, and here are %u", call->call.name,
		    (long long)wanted, value->type->size);
	return false;
}

static bool check_length(struct checker *checker, const struct expr *count)
{
	uint64_t limit = checker->settings->max_strlen;
	int64_t value;

	if (!expr_constant(count, &value) ||
	    (value >= 0 && (uint64_t)value <= limit))
		return true;
	check_hint(checker,
		   check_error(checker, E_RANGE, count->at,
			       "a length is from 0 to %llu",
			       (unsigned long long)limit),
		   "max_strlen, a setting, is the most");
	return false;
}

static bool check_source(struct checker *checker, const struct expr *call,
			 const struct expr *value, const struct expr *count)
{
	if (is_unknown(value))
		return true;
	if (is_memory(value->type) || is_address(value->type))
		return has_bytes(checker, call, value, count);
	argument_error(checker, call, value->at,
		       "%s() takes an address or bytes, not %s",
		       call->call.name, spell(checker, value->type));
	return false;
}

bool check_memcmp(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;

	return check_length(checker, args->items[2]) &&
	       check_source(checker, call, args->items[0], args->items[2]) &&
	       check_source(checker, call, args->items[1], args->items[2]);
}

/* A kernel that is locked down lets no program write to processes. */
static bool may_write(struct checker *checker, const struct expr *call)
{
	if (!host_lockdown(checker->host) &&
	    !host_refuses_functions(checker->host))
		return true;
	check_error(checker, E_LOCKDOWN, call->call.name_at,
		    "this kernel is locked down: it lets nobody write into "
		    "the memory of processes");
	return false;
}

bool check_write_user(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;

	return may_write(checker, call) &&
	       check_available(checker, call->call.name_at, "write_user",
			       HAS_STACK) &&
	       check_length(checker, args->items[2]) &&
	       check_source(checker, call, args->items[1], args->items[2]);
}

/* ---- strings ---- */

bool check_str_concat(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	uint64_t limit = checker->settings->max_strlen;
	uint64_t size;

	if (is_unknown(args->items[0]) || is_unknown(args->items[1]))
		return false;
	size = (uint64_t)args->items[0]->type->size +
	       args->items[1]->type->size - 1;
	call->type = type_string(checker->arena,
				 (uint32_t)(size < limit ? size : limit));
	return true;
}

/* constant[0] is the answer. */
bool check_strcap(struct checker *checker, struct expr *call)
{
	(void)checker;
	call->call.constant[0] = call->call.args.items[0]->type->size;
	return true;
}

/* ---- what becomes of the program ---- */

bool check_assert(struct checker *checker, struct expr *call)
{
	check_condition(checker, call->call.args.items[0]);
	return true;
}

bool check_override(struct checker *checker, struct expr *call)
{
	const struct clause *clause = checker->clause;

	if (clause->provider->id == PROVIDER_kprobe)
		return true;
	check_hint(checker,
		   check_error(checker, E_NOT_AVAILABLE, call->call.name_at,
			       "%s probes have no 'override'",
			       clause->provider->name),
		   "probes that have it: kprobe");
	return false;
}

bool check_find(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	struct expr *map = args->items[0];
	struct expr *target = args->items[2];
	const struct type *value;

	check_map_key(checker, map, args->items[1]);
	if (!map->map.map->value)
		return true;
	value = map_read_type(map->map.map->value);
	if (value) {
		variable_store(checker, target->variable.variable, value,
			       target);
		target->type = target->variable.variable->type;
		return true;
	}
	check_error(checker, E_AGGREGATE, map->at,
		    "'%s' holds %s, which has no single value", map->map.name,
		    spell(checker, map->map.map->value));
	return false;
}

/* ---- ids ---- */

/* constant[0]: does the initial namespace count? */
bool check_namespace(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	const char *name = call->call.name;
	const struct expr *word = args->count ? args->items[0] : NULL;

	if (!check_available(checker, call->call.name_at, name, HAS_TASK))
		return false;
	call->call.constant[0] = 0;
	if (!word)
		return true;
	if (word->kind == EXPR_NAME && strcmp(word->name.text, "init") == 0)
		call->call.constant[0] = 1;
	else if (word->kind != EXPR_NAME ||
		 strcmp(word->name.text, "curr_ns") != 0) {
		argument_error(checker, call, word->at,
			       "%s() takes the name of a pid namespace: init "
			       "or curr_ns",
			       name);
		return false;
	}
	return true;
}
