/*
 * What the files of the checker share: probe_*.c, which turn attach points
 * into attaches, and check*.c, which give every expression its type. Nobody
 * else includes this.
 */
#ifndef PARSER_CHECKER_H
#define PARSER_CHECKER_H

#include "parser/arguments.h"
#include "parser/check.h"
#include "parser/tables.h"

/* ==== probes ==== */

/* One piece of an attach point, between colons, its quotes taken off. */
struct part {
	const char *text;
	struct span at;
};

#define PARTS_MAX 6

/* An attach point taken apart. */
struct target {
	struct span at;
	const char *text;
	struct part parts[PARTS_MAX];
	size_t count;
	const struct provider_row *provider;
};

enum outcome {
	OUTCOME_FOUND,   /* at least one attach was added */
	OUTCOME_MISSING, /* this machine has none; reported unless silent */
	OUTCOME_WRONG,   /* reported */
};

struct expansion {
	struct arena *arena;
	struct program *program;
	struct host *host;
	const struct settings *settings;
	struct diags *diags;
	bool silent;   /* a missing probe is no error yet: another may follow */
	bool in_chain; /* of several by '??', one that is not the last chance */
	size_t attaches, clauses;
	bool is_full; /* a limit was exceeded and reported */
	/* of the clause being expanded */
	struct clause *written;
	bool uses_args, uses_argn, uses_probe, uses_retval;
	struct clause *first, **last;
	/* of the user probe being added: where its arguments are, or NULL */
	const struct arguments *arguments;
	size_t left_out; /* functions of a pattern that cannot be traced */
};

/* ---- probe_parts.c ---- */

/*
 * The attach point with its parameters replaced; a point that is nothing but a
 * parameter may become several. `visit` is called for each; stops at the first
 * that returns anything but FOUND and yields that.
 */
typedef enum outcome target_visit_fn(struct expansion *expansion,
				     struct target *target);
enum outcome point_targets(struct expansion *expansion,
			   const struct attach_point *point,
			   target_visit_fn *visit);

/* Takes `text` apart at its colons; parts beyond PARTS_MAX stay joined. The
 * parts' spans lie within `at` when `is_verbatim`. */
void target_split(struct arena *arena, struct target *target, const char *text,
		  struct span at, bool is_verbatim);

/* E_PROBE_SYNTAX about a part, with an example of how it is written. */
enum outcome probe_syntax(struct expansion *expansion,
			  const struct target *target, struct span at,
			  const char *format, ...) PRINTF(4, 5);

/* Reports as settings->missing_probes says; when silent not at all, or of
 * several by '??' as a note. The result may be given a hint; it is never NULL.
 */
struct diag *probe_missing(struct expansion *expansion, enum diag_tag tag,
			   struct span at, const char *format, ...)
	PRINTF(4, 5);

/* Names existing things like `name` in a hint: the nearest, at most three. */
void hint_names(struct diags *diags, struct diag *diag, const char *name,
		const char *const *names, size_t count);

/* What a status other than OK and ABSENT means for the user. `what` is what
 * was to be read: "tracepoints". */
void report_status(struct diags *diags, enum host_status status, struct span at,
		   const char *what);

/* ---- probe_kernel.c ---- */

struct trouble;

/* Reports why a function of the kernel cannot be traced, as probe_missing(). */
enum outcome probe_trouble(struct expansion *expansion, struct span at,
			   const struct trouble *trouble);

/* ---- probe_expand.c ---- */

/*
 * Adds an attach to the clause's program for that provider and those args
 * (NULL: none, or not used); a program of its own when `is_alone`. Returns the
 * program, or NULL beyond the limit.
 */
struct clause *expansion_add(struct expansion *expansion,
			     const struct target *target,
			     const struct attach *attach,
			     const struct record *args, bool is_alone);

/* ---- probe_binary.c ---- */

/* Calls for every file that the binary part of an attach point stands for: a
 * path, a name, a pattern of paths, or what the process of -p has mapped. */
typedef enum outcome binary_visit_fn(struct expansion *expansion,
				     struct target *target, const char *path,
				     void *data);
enum outcome binary_files(struct expansion *expansion, struct target *target,
			  binary_visit_fn *visit, void *data);
/* Reports whatever keeps a file from being read. */
enum outcome binary_bad(struct expansion *expansion,
			const struct target *target, enum host_status status,
			const char *path);

/* ---- probe_user.c, probe_cpp.c, probe_line.c ---- */

/* A place in a program that a uprobe or uretprobe is attached to. */
struct user_function {
	const char *path;
	const char *symbol; /* NULL: only the address is known */
	const char *text;   /* what follows the path in the probe's name */
	uint64_t address, offset; /* as the file says, and in the file */
	bool is_one_of_many; /* of a pattern: passed over if it cannot be had */
	bool is_line;        /* `text` is no part of its own */
};

/* False, reported unless it is one of many, if it cannot be traced, or if args
 * are used and not known. */
bool user_function_add(struct expansion *expansion, const struct target *target,
		       const struct user_function *function);
/* After a pattern: says how many of its functions cannot be traced, and forgets
 * them. */
void user_functions_left_out(struct expansion *expansion,
			     const struct target *target);

/* BINARY:cpp:"space::function" */
target_visit_fn target_cpp;
const char *target_cpp_name(struct arena *arena, const struct target *target);
/* BINARY@file.c:line[:column] */
target_visit_fn target_line;
bool target_is_line(const struct target *target);

/* ---- probe_target.c, probe_trace.c, probe_user.c, probe_usdt.c ---- */

target_visit_fn target_resolve; /* any kind of probe */
target_visit_fn target_tracepoint;
target_visit_fn target_raw_tracepoint;
target_visit_fn target_uprobe;
target_visit_fn target_usdt;
target_visit_fn target_kernel_function;
target_visit_fn target_bpf_function;
target_visit_fn target_lsm;
target_visit_fn target_iterator;
target_visit_fn target_watchpoint;
target_visit_fn target_interface;

/* probe_iter.c: does it go through one map, which no attach point names? */
bool iterator_needs_map(const char *kind);
/* probe_net.c: the fields of the context that programs of tc and xdp may read;
 * NULL if the kernel does not describe them. */
const struct record *network_context(struct arena *arena, struct host *host,
				     enum provider provider);

struct perf_event_row {
	const char *name;
	const char *alias; /* "" if none */
	uint64_t config;
	uint64_t period;        /* when none is given */
	enum provider provider; /* software, hardware */
	uint32_t type;          /* PERF_TYPE_... */
};

/* Row `index`; NULL past the last. */
const struct perf_event_row *perf_event_row(size_t index);

/* ==== types ==== */

/* Names to things; all zero is an empty one. */
struct name_slot {
	const char *name; /* NULL: free */
	void *thing;
};

struct names {
	struct name_slot *slots;
	size_t count;
	size_t room; /* a power of two, or 0 */
};

/* A map and what only the checker needs to know of it. */
struct checked_map {
	struct map map; /* first: a struct map * is one of these */
	const struct map_declaration *declaration; /* or NULL */
	bool is_reported; /* one complaint about its types is enough */
	bool is_scalar;   /* used without a key */
	struct span first_scalar;
};

struct checker {
	struct arena *arena;
	struct program *program;
	struct host *host;
	const struct settings *settings;
	struct diags *diags;
	struct clause *clause; /* the one being checked */
	unsigned loops;        /* around the statement being checked */
	bool changed;          /* this pass learned something */
	bool final;            /* the last pass: mistakes are reported */
	struct span unsettled; /* where something was learned last */
	const char *unsettled_name;
	struct names maps;   /* of struct checked_map */
	struct names absent; /* what the kernel was asked for in vain */
	struct map **last_map;
	struct diag scratch; /* what is said before the last pass */
	bool cast_known;     /* check_direct.c's own */
	uint32_t cast;
};

/* ---- check.c ---- */

/*
 * Like diag_error() and diag_warning(), but in the last pass alone, and once
 * per tag and place: a body may be checked for several kinds of probes. The
 * results may be given to check_hint().
 */
struct diag *check_error(struct checker *checker, enum diag_tag tag,
			 struct span at, const char *format, ...) PRINTF(4, 5);
struct diag *check_warning(struct checker *checker, enum diag_tag tag,
			   struct span at, const char *format, ...)
	PRINTF(4, 5);
void check_hint(struct checker *checker, struct diag *diag, const char *format,
		...) PRINTF(3, 4);
/* Was something of that tag reported within the span? */
bool check_was_reported(const struct checker *checker, enum diag_tag tag,
			struct span within);
/* "did you mean 'x'?", if something is near. */
void check_nearest(struct checker *checker, struct diag *diag,
		   const struct nearest *nearest);
/* What a status other than OK and ABSENT means, as report_status(). */
void check_status(struct checker *checker, enum host_status status,
		  struct span at, const char *what);
/* How a type is spelt, and the line a span is on. */
const char *spell(struct checker *checker, const struct type *type);
unsigned line_of(struct checker *checker, struct span at);
/* Something was learned: another pass is needed. */
void check_changed(struct checker *checker, struct span at, const char *name);
/* Can a value of that type be kept in a variable, map or tuple? Reported. */
bool check_storable(struct checker *checker, const struct type *type,
		    struct span at);

/* ---- check_names.c ---- */

/* The slot of a name, made if it is new. Valid until the next call. */
struct name_slot *names_slot(struct arena *arena, struct names *names,
			     const char *name);

/* ---- check_scope.c ---- */

/* Binds every $variable of the clause to its declaration. Once per clause. */
void check_scopes(struct checker *checker, struct clause *clause);

/* ---- check_stmt.c ---- */

void check_block(struct checker *checker, struct block *block);
/* a += b stores a + b; also a++, as a += 1. */
void check_compound(struct checker *checker, struct stmt *stmt);
/* A value of that type is stored in the variable; `value` is for messages. */
void variable_store(struct checker *checker, struct variable *variable,
		    const struct type *type, const struct expr *value);
/* What decides an if, a loop, a predicate or a logical operator. */
void check_condition(struct checker *checker, struct expr *expr);

/* ---- check_expr.c ---- */

/*
 * The type of an expression's value, also stored in it; never NULL. An
 * aggregation that can be read as a number yields that number.
 */
const struct type *check_expr(struct checker *checker, struct expr *expr);
/* What `left op right` yields once both have types. */
const struct type *check_operands(struct checker *checker, enum binary op,
				  struct expr *left, struct expr *right);
/* int64, or uint64 for that type. */
const struct type *promoted_type(const struct type *type);

/* ---- check_fold.c ---- */

/* An integer known while compiling. */
bool expr_constant(const struct expr *expr, int64_t *value);
/* Makes the expression an integer literal of that type. */
void fold_integer(struct expr *expr, const struct type *type, uint64_t value);
/* Operations on literals become literals of the type the node has; false if
 * the operands are not known, or the operation has no result. */
bool fold_unary(struct expr *expr);
bool fold_binary(struct expr *expr);
/* The same for two integers that are known; false if it has no result. */
bool constant_binary(enum binary op, int64_t left, int64_t right,
		     int64_t *value);
/* $1, $#: an integer if it looks like one and no text is wanted. */
void fold_parameter(struct checker *checker, struct expr *expr, bool want_text);

/* ---- check_field.c ---- */

const struct type *check_field(struct checker *checker, struct expr *expr);
const struct type *check_item(struct checker *checker, struct expr *expr);
const struct type *check_index(struct checker *checker, struct expr *expr);
const struct type *check_deref(struct checker *checker, struct expr *expr);
/* &operand, which has its type. */
const struct type *check_address(struct checker *checker,
				 const struct expr *operand);
/* Fills the record and those inside it that have no name. */
void complete_record(struct checker *checker, const struct record *record);
/* The same, in the last pass, for all that is in a value: it will be shown. */
void complete_value(struct checker *checker, const struct type *type);

/* ---- check_direct.c ---- */

/* In the last pass: may the program load the field, which is known, by itself?
 * The kernel's function that allows it, 0 if not. */
uint32_t check_direct(struct checker *checker, const struct expr *expr);

/* ---- c_declare.c ---- */

/* What the script declares in C is known to the host from then on; false if
 * something was reported. */
bool declare_types(struct arena *arena, struct program *program,
		   struct host *host, struct diags *diags);

/* ---- check_cast.c ---- */

/* A type that the language itself has a name for, NULL for void; false for all
 * other names. */
bool language_type(const char *name, const struct type **type);

/* A keyword the program cannot write: the name is that of a set of flags. */
#define TYPE_KEYWORD_SET "flags"

/* The type that is spelt; unknown, reported, if there is none. */
const struct type *check_type_name(struct checker *checker,
				   struct type_name *name);
const struct type *check_cast(struct checker *checker, struct expr *expr);
const struct type *check_sizeof(struct checker *checker, struct expr *expr);
const struct type *check_offsetof(struct checker *checker, struct expr *expr);

/* ---- check_name.c ---- */

const struct type *check_name(struct checker *checker, struct expr *expr);
/* Where text is wanted, the builtin probe becomes a string of its own. */
void probe_as_text(struct checker *checker, struct expr *expr);
/* Does the probe being checked offer what a builtin or function needs?
 * Reported if not. */
bool check_available(struct checker *checker, struct span at, const char *name,
		     unsigned features);
/* Reports a name of bpftrace's that etrace lacks; false for other names. */
bool check_unsupported(struct checker *checker, struct span at,
		       const char *name);

/* ---- check_packet.c ---- */

/* A function in an iterator that runs without etrace: only the kernel's own
 * work can be done. */
void check_pinned(struct checker *checker, const struct expr *call);
/* Is `object` the context of a probe, before one of its fields? Then it has its
 * type. */
bool check_context(struct checker *checker, struct expr *object);
/* `args` and `ctx` as a whole; false, reported, where there is none. */
bool check_whole_context(struct checker *checker, struct span at);
/* A field of a packet's header, ip.src: its type; false for other fields. */
bool check_packet_field(struct checker *checker, struct expr *expr,
			const struct type **type);
/* A literal beside an address of the network is one as well. */
void check_addresses(struct checker *checker, struct expr *left,
		     struct expr *right);
/* A builtin that older kernels lack in probes of packets; false, reported. */
bool check_packet_builtin(struct checker *checker, const struct expr *expr);
/* What the builtin is in a probe of packets on this kernel, as an expression;
 * NULL: what it is elsewhere. */
const char *packet_task_field(struct checker *checker, enum builtin builtin);
/* The same for a call: pid(init). */
const char *packet_task_call(struct checker *checker, const struct expr *call);

/* ---- check_words.c ---- */

/* Beside a number with names, a literal name is the number. */
void check_words(struct checker *checker, struct expr *left,
		 struct expr *right);

/* ---- check_map.c ---- */

/* Reads the map declarations; once, before the passes. */
void check_declarations(struct checker *checker);
/* The map of an EXPR_MAP, made when first seen. */
struct map *map_bind(struct checker *checker, struct expr *expr);
/* @m, @m[k] as a value. */
const struct type *check_map(struct checker *checker, struct expr *expr);
/* @m[k] as a place to store: its key only. */
void check_map_target(struct checker *checker, struct expr *expr);
/* @m as the thing itself. */
void check_map_name(struct checker *checker, struct expr *expr);
/* A key that has its type; NULL: used without. */
void check_map_key(struct checker *checker, struct expr *map,
		   const struct expr *key);
/* A store of a value of that type; `value` is for messages. */
void map_store(struct checker *checker, struct expr *target,
	       const struct type *type, const struct expr *value);
/* What reading a value of such a map yields; NULL if it cannot be read. */
const struct type *map_read_type(const struct type *value);
/* Maps and variables still without a type get int64; true if there were any. */
bool settle_unknown(struct checker *checker);
/* After the last pass: maps nothing is stored in, sizes. */
void check_maps(struct checker *checker);

/* ---- check_renew.c ---- */

/* Finds the print() of a map that a clear() or zero() goes with, in a program
 * without errors. */
void check_renewals(struct checker *checker);

/* ---- check_call.c ---- */

/* `is_statement`: its value is not wanted. */
const struct type *check_call(struct checker *checker, struct expr *call,
			      bool is_statement);
/* @m = count(): the type of an aggregation; unknown if reported. */
const struct type *check_aggregation(struct checker *checker,
				     struct expr *call);
bool is_aggregation(const struct expr *expr);
/* E_ARGUMENT_TYPE about an argument, with the signature as hint. */
struct diag *argument_error(struct checker *checker, const struct expr *call,
			    struct span at, const char *format, ...)
	PRINTF(4, 5);

/* The check column of functions.def, in check_print.c, check_aggregate.c,
 * check_memory.c and check_machine.c: called after the signature was checked;
 * false if something was reported. */
#define NO_CHECK NULL
typedef bool function_check_fn(struct checker *checker, struct expr *call);
function_check_fn check_format, check_printk, check_print, check_time,
	check_strftime;
function_check_fn check_aggregate, check_hist, check_lhist, check_delete,
	check_key, check_len;
function_check_fn check_str, check_buf, check_ntop, check_bswap;
function_check_fn check_signal, check_symbol, check_kaddr, check_cgroupid,
	check_reg, check_stack, check_nsecs;
function_check_fn check_assert, check_override, check_write_user, check_find,
	check_memcmp, check_str_concat, check_strcap, check_macaddr, check_pton,
	check_pointer, check_space, check_percpu_kaddr, check_namespace,
	check_uaddr, check_comm_of, check_getopt, check_path,
	check_socket_cookie;

#endif
