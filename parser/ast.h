/*
 * The tree of a program: what the grammar builds, the checker completes and
 * the code generator reads. Every node has a span. All of it lives in the
 * arena.
 */
#ifndef PARSER_AST_H
#define PARSER_AST_H

#include "lexer/source.h"
#include "parser/types.h"

struct builtin_row;
struct function_row;
struct packet_field;
struct provider_row;
struct task_table;
struct arguments;
struct format;

/* ---- expressions ---- */

enum expr_kind {
	EXPR_INTEGER,   /* 42, 0x1f, 5ms */
	EXPR_STRING,    /* "text" */
	EXPR_BOOL,      /* true */
	EXPR_PARAMETER, /* $1, $# — the checker folds these */
	EXPR_NAME,      /* pid, arg0, an enumerator */
	EXPR_VARIABLE,  /* $x */
	EXPR_MAP,       /* @x, @x[k, l] */
	EXPR_FIELD,     /* a.b, a->b */
	EXPR_ITEM,      /* a.0 */
	EXPR_INDEX,     /* a[i] */
	EXPR_UNARY,     /* -a !a ~a *a &a */
	EXPR_STEP,      /* ++a a++ --a a-- */
	EXPR_BINARY,    /* a + b */
	EXPR_TERNARY,   /* c ? a : b; c ?: b has then == NULL */
	EXPR_CALL,      /* f(a, b) */
	EXPR_CAST,      /* (int8)a */
	EXPR_TUPLE,     /* (a, b) */
	EXPR_RECORD,    /* (x = a, y = b) */
	EXPR_SIZEOF,    /* sizeof(type), sizeof(a) */
	EXPR_OFFSETOF,  /* offsetof(type, a.b) */
};

enum unary {
	UNARY_MINUS,
	UNARY_NOT,
	UNARY_COMPLEMENT,
	UNARY_DEREF,
	UNARY_ADDRESS
};

enum binary {
	BINARY_ADD,
	BINARY_SUB,
	BINARY_MUL,
	BINARY_DIV,
	BINARY_MOD,
	BINARY_AND,
	BINARY_OR,
	BINARY_XOR,
	BINARY_SHL,
	BINARY_SHR,
	BINARY_EQUAL,
	BINARY_NOT_EQUAL,
	BINARY_LESS,
	BINARY_GREATER,
	BINARY_LESS_EQUAL,
	BINARY_GREATER_EQUAL,
	BINARY_LOGICAL_AND,
	BINARY_LOGICAL_OR,
	BINARY_MATCH,
	BINARY_NOT_MATCH,
};

/* A type as the program spells it, before it is looked up. */
struct type_name {
	struct span at;
	const char *keyword;    /* "struct", "union", "enum", or NULL */
	const char *name;       /* "int64", "task_struct"; NULL: typeof(expr) */
	struct expr *of;        /* typeof(expr), else NULL */
	unsigned pointers;      /* how many '*' */
	uint32_t dimensions[4]; /* string[64], uint8[4][4] */
	unsigned dimension_count;
};

/* print(@m) with the clear(@m) or zero(@m) that goes with it. */
enum renewal {
	RENEWAL_NONE,
	RENEWAL_CLEAR, /* of the print: what it shows is removed */
	RENEWAL_ZERO,
	RENEWAL_DONE, /* of clear and zero: the print does it */
};

struct expr_list {
	struct expr **items;
	size_t count;
	size_t room;
};

/* What a value of a list is called: name = value. */
struct value_name {
	const char *text;
	struct span at;
};

struct named_list {
	struct expr_list values;
	struct value_name *names; /* one for each */
	size_t count;             /* that of the values */
	size_t room;
};

struct expr {
	enum expr_kind kind;
	struct span at;
	const struct type *type; /* NULL until checked */
	struct expr *next;       /* spare link for whoever owns the node */
	uint32_t depth;          /* 1 + the deepest child */
	uint32_t site; /* index of the image's site or fault row, set by codegen
			*/
	union {
		struct {
			uint64_t value;
			bool is_unsigned, is_duration;
		} integer;
		struct {
			const char *text;
			size_t length;
		} string;
		bool boolean;
		struct {
			uint32_t number; /* 0 for $# */
		} parameter;
		struct {
			const char *text;
			const struct builtin_row
				*builtin;  /* NULL: see argument */
			uint32_t argument; /* N of argN */
		} name;
		struct {
			const char *name;          /* with its $ */
			struct variable *variable; /* set by the checker */
		} variable;
		struct {
			const char *name; /* with its @ */
			struct expr
				*key; /* NULL, one expression, or EXPR_TUPLE */
			struct map *map; /* set by the checker */
		} map;
		struct {
			struct expr *object;
			const char *name;
			struct span name_at;
			const struct field *field; /* set by the checker */
			const struct packet_field *packet; /* instead: of a
							      header */
			uint32_t offset; /* from the object's start, likewise */
			uint32_t cast;   /* check_direct.c: a load will do */
		} field;
		struct {
			struct expr *object;
			uint32_t index;
		} item;
		struct {
			struct expr *object, *index;
		} index;
		struct {
			enum unary op;
			struct expr *operand;
		} unary;
		struct {
			struct expr *target;
			bool is_prefix, is_decrement;
		} step;
		struct {
			enum binary op;
			struct expr *left, *right;
		} binary;
		struct {
			struct expr *condition, *then, *otherwise;
		} ternary;
		struct {
			const char *name;
			struct span name_at;
			struct expr_list args;
			const struct function_row *function; /* checker */
			struct format *format;               /* checker */
			enum renewal renewal;                /* checker */
			int64_t constant[4]; /* constant arguments the checker
						evaluated: which, see
						functions.def */
			const struct task_table *tasks; /* of comm(id) */
		} call;
		struct {
			struct type_name *type;
			struct expr *operand;
		} cast;
		struct expr_list tuple;
		struct named_list record;
		struct {
			struct type_name *type; /* or NULL */
			struct expr *operand;
			const char *path; /* offsetof: "a.b" */
		} size;
	};
};

/* ---- statements ---- */

enum stmt_kind {
	STMT_EXPR,   /* printf(…); @x++; */
	STMT_ASSIGN, /* a = b, a += b; also let */
	STMT_IF,
	STMT_WHILE,
	STMT_FOR_RANGE, /* for $i : a..b { } */
	STMT_FOR_MAP,   /* for $kv : @m { } */
	STMT_UNROLL,
	STMT_BLOCK,
	STMT_BREAK,
	STMT_CONTINUE,
	STMT_RETURN,
};

struct block {
	struct stmt *first;
	struct stmt **last;
	struct span at; /* braces included */
	uint32_t depth; /* 1 + the deepest statement */
};

struct stmt {
	enum stmt_kind kind;
	struct span at;
	struct stmt *next;
	uint32_t depth;  /* 1, or 1 + the deepest block */
	bool is_discard; /* STMT_EXPR: _ = expr, its value is unwanted */
	union {
		struct expr *expr;
		struct {
			bool is_let;
			struct type_name *declared; /* let $x: int8, or NULL */
			struct expr *target; /* EXPR_VARIABLE or EXPR_MAP */
			int op;              /* enum binary, or -1 for '=' */
			struct expr *value;  /* NULL: let $x; */
		} assign;
		struct {
			struct expr *condition;
			struct block *then;
			struct block *otherwise; /* or NULL */
		} branch;
		struct {
			struct expr *condition;
			struct block *body;
		} loop;
		struct {
			struct expr *variable;  /* EXPR_VARIABLE */
			struct expr *from, *to; /* range */
			struct expr *map; /* or map: EXPR_MAP without key */
			struct block *body;
		} each;
		struct {
			struct expr *times; /* constant 1..100; checker folds */
			struct block *body;
		} unroll;
		struct block *block;
		struct expr *value; /* return, or NULL */
	};
};

/* ---- names with storage ---- */

/* A scratch variable, one per declaration (block scope, no shadowing). */
struct variable {
	struct variable *next; /* all of the clause, in order of declaration */
	const char *name;      /* with its $ */
	const struct type *type;
	struct span declared_at;
	bool is_declared; /* let $x: T fixed the type */
	bool is_captured; /* used inside a loop body it was declared outside of
			   */
	uint32_t index;   /* unique within the clause; codegen's slot */
};

struct map {
	struct map *next;
	const char *name;       /* with its @ */
	uint32_t index;         /* in order of first appearance */
	const struct type *key; /* NULL: scalar. Several keys: TUPLE */
	const struct type *value;
	struct span first_use, first_key, first_value;
	uint32_t max_entries;   /* config or let @m = hash(N) */
	bool is_lru, is_percpu; /* let @m = lruhash(N), percpuhash(N) */
	bool is_assigned;
	/* Every probe that touches it excludes all others on its CPU (see
	 * provider_row.exclusive): plain adds on per-CPU values are exact. */
	bool is_exclusive;
	bool is_preemptible; /* another task may run while a probe uses it */
	bool is_iterated;    /* a loop or len() goes over its keys */
	/* Of two kernel maps one is in use while the other is printed and
	 * emptied; `side` is its bit in the control block. */
	bool is_renewed;
	uint32_t side;
};

/* ---- probes ---- */

/* One attach point as written. */
struct attach_point {
	struct attach_point *next;
	struct span at;
	const char *text; /* as written */
	bool is_fallback; /* follows '??': tried when the one before fails */
};

/*
 * One place a program is attached to: the checker's result, copied into the
 * image. The strings live in the arena.
 */
enum attach_kind {
	ATTACH_BEGIN,
	ATTACH_END,
	ATTACH_SIGNAL,         /* number: the signal */
	ATTACH_INTERVAL,       /* number: ns */
	ATTACH_PROFILE,        /* number: ns between samples, on every CPU */
	ATTACH_TRACEPOINT,     /* category, event */
	ATTACH_RAW_TRACEPOINT, /* event */
	ATTACH_PERF,       /* software, hardware: perf_type, number, period */
	ATTACH_UPROBE,     /* path, number: offset in the file; symbol */
	ATTACH_URETPROBE,  /* likewise */
	ATTACH_USDT,       /* path, number, semaphore; symbol: provider:name */
	ATTACH_KPROBE,     /* symbol, module; number: offset from there, or
			      from address where that is given */
	ATTACH_KRETPROBE,  /* likewise, without offset */
	ATTACH_FENTRY,     /* symbol, module or program; number: its BTF id */
	ATTACH_FEXIT,      /* likewise */
	ATTACH_LSM,        /* symbol: the hook; number: its BTF id */
	ATTACH_ITER,       /* event: the kind of object; path: where to pin */
	ATTACH_WATCHPOINT, /* number: address; length, mode */
	ATTACH_TC,         /* path: the interface; mode: enum network_mode;
			      length: of the link's header */
	ATTACH_XDP,        /* likewise */
	ATTACH_KINDS
};

/* What a watchpoint waits for, as the kernel counts: bits. */
enum watch_mode { WATCH_READ = 1, WATCH_WRITE = 2, WATCH_EXECUTE = 4 };

/* Which way packets go, and which part of the kernel runs an xdp program. */
enum network_mode {
	TC_INGRESS,
	TC_EGRESS,
	XDP_ANY = 0, /* the driver if it can */
	XDP_NATIVE,
	XDP_GENERIC,
};

struct attach {
	enum attach_kind kind;
	struct span at;
	uint32_t perf_type;
	const char *probe;    /* "tracepoint:syscalls:sys_enter_openat" */
	const char *name;     /* mine = …: what `probe` is then, or NULL */
	const char *category; /* tracepoint */
	const char *event;
	const char *path; /* uprobe: the file to attach to */
	const char *symbol;
	const char *module; /* kprobe, fentry: NULL for the kernel itself */
	uint32_t program;   /* fentry: the BPF program it is a function of, or
			       0 */
	uint32_t length;    /* watchpoint: bytes watched */
	uint32_t mode;      /* enum watch_mode, enum network_mode */
	uint64_t number;
	uint64_t period;
	uint64_t semaphore; /* usdt: its offset in the file, or 0 */
	/* in the whole program, the first attach with the same name, and with
	 * the same symbol: what stands for them in values */
	uint32_t first_of_name, first_of_symbol;
	uint64_t address; /* kprobe: of a function that its name does not
			     tell from others; or 0 */
};

/*
 * One body and what it is attached to. After parsing: one per body written.
 * After expansion: one per program, that is, per kind of context and shape of
 * args; bodies are cloned as needed.
 */
struct clause {
	struct clause *next;
	struct span at;
	const char *name; /* mine = kprobe:f, or NULL */
	struct attach_point *points;
	struct expr *predicate; /* or NULL */
	struct block *body;
	/* set by the expansion */
	const struct provider_row *provider;
	struct attach *attaches;
	size_t attach_count, attach_room;
	const struct type
		*args; /* TYPE_STRUCT of the probe's arguments, or NULL */
	const struct type *retval; /* or NULL: uint64 where there is one; none:
				      the function returns nothing; unknown:
				      nobody can tell */
	const struct arguments
		*arguments;    /* where a user probe has them, or NULL */
	uint32_t first_attach; /* index of attaches[0] in the whole program */
	/* set by the checker */
	struct variable *variables;
	uint32_t variable_count;
	bool has_loops; /* for, while: bodies become callbacks */
};

struct config_entry {
	struct config_entry *next;
	struct span at, value_at;
	const char *key;
	struct expr *value; /* INTEGER, STRING, BOOL or NAME */
};

/* let @m = hash(N) */
struct map_declaration {
	struct map_declaration *next;
	struct span at;
	const char *name;
	const char *kind; /* hash, lruhash, percpuhash, percpulruhash */
	struct expr *max_entries;
};

struct c_declaration;

struct program {
	struct c_declaration *types;  /* declared in C; parser/c_types.h */
	const struct define *defines; /* lexer/lexer.h */
	struct config_entry *config;
	struct map_declaration *declarations;
	struct clause *clauses;
	struct map *maps; /* the checker's, in order of first appearance */
	uint32_t map_count;
	uint32_t attach_count;
	struct script_option *options; /* script_options.c's own */
	bool asks_help; /* `-- --help` was given to a script with options */
};

/* ---- constructors: one call per grammar action ---- */

struct expr *expr_new(struct arena *arena, enum expr_kind kind, struct span at);
struct stmt *stmt_new(struct arena *arena, enum stmt_kind kind, struct span at);
struct block *block_new(struct arena *arena);
void block_append(struct block *block, struct stmt *stmt);
/*
 * Of a field that is reached by `.` alone from what a pointer points to, or
 * from a place in memory: that pointer or place, and how far from it. Checked.
 */
const struct expr *field_base(const struct expr *expr, uint32_t *offset);
void expr_list_append(struct arena *arena, struct expr_list *list,
		      struct expr *expr);

/* The spelling of an operator: "+", "==", "!". */
const char *binary_text(enum binary op);
const char *unary_text(enum unary op);
/* "struct task_struct *", "string[64]", "uint8[]". */
const char *type_name_text(struct arena *arena, const struct type_name *type);

/* ---- walking ---- */

/* Calls `visitor` for each direct child, in source order. */
typedef void expr_visit_fn(struct expr *child, void *data);
void expr_children(struct expr *expr, expr_visit_fn *visitor, void *data);
/* Calls `visitor` for every expression of one, or of a block, outermost
 * first. */
void expr_expressions(struct expr *expr, expr_visit_fn *visitor, void *data);
void block_expressions(struct block *block, expr_visit_fn *visitor, void *data);

/* A deep copy, unchecked, sharing nothing but strings. */
struct expr *expr_clone(struct arena *arena, const struct expr *expr);
struct block *block_clone(struct arena *arena, const struct block *block);

/* Does the block (or predicate) name this identifier, or argN for "arg"? */
bool clause_uses_name(const struct clause *clause, const char *name);
/* The memory that a number means which is used as an address: the process's in
 * its own probes, also where its memory is watched. */
enum address_space clause_space(const struct clause *clause);
/* An iterator that is left in the kernel, for others to read. */
bool clause_is_pinned(const struct clause *clause);

#endif
