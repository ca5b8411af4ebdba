/*
 * The three tables of the language — builtins, functions, kinds of probes —
 * as rows that can be looked up, listed, and searched for the nearest name.
 */
#ifndef PARSER_TABLES_H
#define PARSER_TABLES_H

#include "parser/types.h"

/* What a kind of probe offers, and what a builtin needs. */
enum feature {
	ANYWHERE = 0,
	HAS_ARGS = 1 << 0, /* args.name */
	HAS_ARGN = 1 << 1, /* arg0 … */
	HAS_RETVAL = 1 << 2,
	HAS_FUNCTION = 1 << 3, /* func */
	HAS_REGS = 1 << 4,     /* pt_regs: reg(), usermode */
	HAS_TASK = 1 << 5,     /* the current task: pid, comm, uid */
	HAS_STACK = 1 << 6,    /* its stacks, its symbols, signals to it */
	HAS_PACKET = 1 << 7,   /* headers of a packet: ip.src */
	HAS_CONTEXT = 1 << 8,  /* ctx.name, the same as args.name */
	IN_TASK = HAS_TASK | HAS_STACK,
};

enum target_shape {
	SHAPE_NOTHING,
	SHAPE_SIGNAL,          /* signal:SIGUSR1 */
	SHAPE_DURATION,        /* 99, hz:99, s:1, 1s */
	SHAPE_GROUP_EVENT,     /* category:event */
	SHAPE_EVENT,           /* [module:]event */
	SHAPE_PERF_EVENT,      /* event[:count] */
	SHAPE_BINARY_SYMBOL,   /* binary:symbol[+offset] or binary:address */
	SHAPE_BINARY_USDT,     /* binary:[provider:]name */
	SHAPE_KERNEL_FUNCTION, /* [module:]function[+offset] */
	SHAPE_ITERATOR,        /* name[:pin] */
	SHAPE_ADDRESS,         /* address:length:mode */
	SHAPE_INTERFACE,       /* interface[:ingress|egress] */
};

enum provider {
#define PROVIDER(name, alias, old, shape, features, exclusive, help) \
	PROVIDER_##name,
#include "parser/probes.def"
#undef PROVIDER
	PROVIDER_COUNT
};

struct provider_row {
	const char *name;
	const char *alias;    /* "" if none */
	const char *old_name; /* "" if none */
	const char *help;
	enum provider id;
	enum target_shape shape;
	unsigned features;
	bool exclusive;
};

enum builtin {
#define BUILTIN(name, type, where, recipe, help) BUILTIN_##name,
#include "parser/builtins.def"
#undef BUILTIN
	BUILTIN_COUNT
};

struct builtin_row {
	const char *name;
	const struct type *type; /* NULL: computed by the checker */
	const char *help;
	const char *expression; /* in the language itself, or NULL */
	enum builtin id;
	unsigned where;
};

enum function_kind { FUNCTION_STATEMENT, FUNCTION_VALUE, FUNCTION_AGGREGATION };

enum function {
#define FUNCTION(name, signature, kind, result, check, emit, action, safety, \
		 help) \
	FUNCTION_##name,
#include "parser/functions.def"
#undef FUNCTION
	FUNCTION_COUNT
};

/* What user space does with a record of the function. */
enum action {
	ACTION_NO_ACTION,
	ACTION_PRINTF,
	ACTION_ERRORF,
	ACTION_WARNF,
	ACTION_CAT,
	ACTION_SYSTEM,
	ACTION_PRINT, /* of a value, or of a map when the site names one */
	ACTION_CLEAR,
	ACTION_ZERO,
	ACTION_TIME,
	ACTION_EXIT,
	ACTION_JOIN,
	ACTION_PROCESS_SEEN, /* a process whose user addresses will be printed
			      */
};

struct function_row {
	const char *name;
	const char *signature;
	const struct type *result; /* NULL: computed by the check */
	const char *help;
	enum function id;
	enum function_kind kind;
	enum action action;
	bool is_unsafe;
};

/* NULL if there is none. Providers are found in any case, by name, alias or
 * old name. */
const struct builtin_row *builtin_find(const char *name);
const struct function_row *function_find(const char *name);
const struct provider_row *provider_find(const char *name);

const struct builtin_row *builtin_row(enum builtin id);
const struct function_row *function_row(enum function id);
const struct provider_row *provider_row(enum provider id);

/* Whose memory an address that is only a number is in: arg0, retval, reg(). */
enum address_space provider_space(enum provider id);

/*
 * The candidate nearest to `name` by edit distance (insert, delete, replace,
 * swap neighbours), or NULL if none is near enough for a "did you mean"
 * (distance at most a third of the length, at least 1, at most 3). Feed
 * candidates one by one.
 */
struct nearest {
	const char *name; /* what was written */
	const char *best;
	unsigned distance;
};
void nearest_begin(struct nearest *nearest, const char *name);
void nearest_consider(struct nearest *nearest, const char *candidate);
const char *nearest_result(const struct nearest *nearest);

/* '*' matches any run of characters, also empty; nothing else is special. */
bool glob_match(const char *pattern, const char *text);
bool has_wildcard(const char *text);

/* Signals by name with or without SIG, 0 if unknown; and back, NULL. */
int signal_number(const char *name);
const char *signal_text(int number);

#endif
