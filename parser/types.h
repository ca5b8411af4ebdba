/*
 * The types values have. A type is an immutable tree in the arena (or a static
 * for the simple ones); two types are the same when type_equal() says so.
 * Knows sizes and layouts, nothing of LLVM or the kernel.
 */
#ifndef PARSER_TYPES_H
#define PARSER_TYPES_H

#include "lexer/arena.h"

enum type_kind {
	TYPE_UNKNOWN, /* not inferred yet, or in error: agrees with everything
		       */
	TYPE_NONE,    /* no value: printf(), clear() */
	TYPE_BOOL,    /* 1 byte */
	TYPE_INT,     /* 1, 2, 4, 8 bytes, signed or not */
	TYPE_ENUM,    /* an integer with names */
	TYPE_STRING,  /* `size` bytes, NUL padded, the NUL included */
	TYPE_BUFFER,  /* u32 length, then `size` - 4 bytes: buf() */
	TYPE_POINTER, /* 8 bytes; `to`, `space` */
	TYPE_ARRAY,   /* `count` elements of `to` */
	TYPE_STRUCT,  /* a struct or union; `record` */
	TYPE_TUPLE,   /* `items`, laid out as a C struct */
	TYPE_STACK,   /* u32 pid, u32 frames, u64 frame[count]; `space` */
	TYPE_SYMBOL,  /* u64 address, u32 pid, u32 zero; `space`: ksym, usym */
	TYPE_INET,    /* u32 family (2 or 10), 16 bytes of address: ntop() */
	TYPE_MAC,     /* 6 bytes: macaddr() */
	TYPE_TIMESTAMP, /* u64 ns of boot time, u32 format, u32 zero: strftime()
			 */
	TYPE_USERNAME,  /* u64 uid, printed as a name */
	TYPE_PROBE,  /* u64 index into image->attaches, printed as its name */
	TYPE_CGROUP, /* u64 cgroup id, printed as a path */
	/* only as values of maps: */
	TYPE_COUNT, /* u64 */
	TYPE_SUM,   /* u64; is_signed */
	TYPE_MIN,   /* u64 value, u64 is set; is_signed */
	TYPE_MAX,   /* u64 value, u64 is set; is_signed */
	TYPE_AVG,   /* u64 total, u64 count; is_signed */
	TYPE_STATS, /* u64 total, u64 count; is_signed */
	TYPE_HIST,  /* u64 bucket[count]; `bits`: see runtime/hist.h */
	TYPE_LHIST, /* u64 bucket[count]; minimum, maximum, step */
};

/* Where the memory a pointer points into is. */
enum address_space {
	SPACE_KERNEL,
	SPACE_USER,
	SPACE_CONTEXT, /* the probe's own context: loads need no helper */
};

struct type;

struct field {
	const char *name;
	const struct type *type;
	uint32_t offset;     /* bytes from the start of the record */
	uint32_t bit_offset; /* of a bit-field, from the record's start, else 0
			      */
	uint32_t bit_size;   /* 0: not a bit-field */
	bool data_loc; /* tracepoint __data_loc: a u32 (length << 16 | offset)
			*/
	bool rel_loc;  /* the same, relative to the end of the u32 */
};

/* A struct, a union, or the args of a probe. */
struct record {
	const char *name; /* "task_struct"; "args" */
	bool is_union;
	uint32_t size; /* bytes; 0 when only known by name */
	struct field *fields;
	size_t count;
	uint32_t btf_id; /* 0: not from BTF */
	bool is_literal; /* (a = 1, b = 2): laid out as a tuple, no name */
	bool is_own;     /* declared by the script */
	uint32_t align;  /* bytes; 0: not known */
	/* from the debug information of a program: host_dwarf_types.c's own */
	struct dwarf_record *origin;
};

struct enumerator {
	const char *name;
	int64_t value;
	uint64_t mask; /* of a set: the bits that the value is one of several
			  of; 0: those of the value */
};

struct type {
	enum type_kind kind;
	uint32_t size; /* bytes of a value in maps and tuples */
	bool is_signed;
	enum address_space
		space; /* POINTER, STACK, SYMBOL, ARRAY and STRUCT in memory */
	const struct type *to;       /* POINTER (NULL: void), ARRAY */
	uint32_t count;              /* ARRAY, STACK, HIST, LHIST */
	const struct record *record; /* STRUCT */
	const struct type **items;   /* TUPLE: `count` of them */
	uint32_t
		bits; /* HIST; of an ENUM that is a set, 3: the rest is octal */
	int64_t minimum, maximum, step;       /* LHIST */
	const char *name;                     /* ENUM, TIMESTAMP (its format) */
	const struct enumerator *enumerators; /* ENUM: `count` of them */
	bool is_set;      /* ENUM: values are made of its enumerators */
	bool is_argument; /* ENUM: an integer that has names for who prints it;
			     in maps and messages it is that integer */
	bool is_word;     /* ENUM: values stand for their names, in JSON too */
};

extern const struct type type_unknown, type_none, type_bool;
extern const struct type type_int8, type_int16, type_int32, type_int64;
extern const struct type type_uint8, type_uint16, type_uint32, type_uint64;
extern const struct type type_username, type_probe, type_mac, type_inet;
extern const struct type type_ksym, type_usym, type_count, type_cgroup;

const struct type *type_int(uint32_t size, bool is_signed);
/* `size` counts the NUL. */
const struct type *type_string(struct arena *arena, uint32_t size);
const struct type *type_buffer(struct arena *arena, uint32_t bytes);
/* The bytes that a pointer moves by for each 1 added to it: those of what it
 * points to, 0 if they are not known, 1 for void *. */
uint32_t type_element_size(const struct type *pointer);
const struct type *type_pointer(struct arena *arena, const struct type *to,
				enum address_space space);
const struct type *type_array(struct arena *arena, const struct type *to,
			      uint32_t count);
const struct type *type_struct(struct arena *arena,
			       const struct record *record);
const struct type *type_tuple(struct arena *arena, const struct type **items,
			      uint32_t count);
/* A record of the program: names and types are given, and its layout is that
 * of a tuple. Takes `fields`. */
const struct type *type_record(struct arena *arena, struct field *fields,
			       uint32_t count);
const struct type *type_stack(struct arena *arena, enum address_space space,
			      uint32_t frames);
const struct type *type_timestamp(struct arena *arena, const char *format);
/* `kind` one of SUM, MIN, MAX, AVG, STATS. */
const struct type *type_aggregate(struct arena *arena, enum type_kind kind,
				  bool is_signed);
const struct type *type_hist(struct arena *arena, uint32_t bits);
const struct type *type_lhist(struct arena *arena, int64_t minimum,
			      int64_t maximum, int64_t step);

bool type_equal(const struct type *a, const struct type *b);

/*
 * The type a variable, map or tuple item must have to hold both: integers
 * widen (u64 with any signed is int64), strings and buffers grow, tuples join
 * item by item, UNKNOWN yields. NULL if none does.
 */
const struct type *type_join(struct arena *arena, const struct type *a,
			     const struct type *b);

/* The same with plain integers in the place of those that have names. */
const struct type *type_without_names(struct arena *arena,
				      const struct type *type);

bool type_is_aggregate(const struct type *type); /* COUNT … LHIST */
bool type_is_record(const struct type *type);    /* a STRUCT of the program's */
bool type_is_integer(const struct type *type);   /* INT, BOOL, ENUM */
bool type_is_scalar(const struct type *type); /* fits 64 bits: those, POINTER,
						 USERNAME, PROBE, CGROUP */

uint32_t type_align(const struct type *type);
/* Offset of item `index` of a tuple. */
uint32_t type_item_offset(const struct type *tuple, uint32_t index);

/* Field by name, also through anonymous members. NULL if absent; then
 * `*offset` is untouched, else it is the field's offset from the record. */
const struct field *record_field(const struct record *record, const char *name,
				 uint32_t *offset);

/* "int64", "string[64]", "(int64, string[16])", "struct task_struct *". */
const char *type_text(struct arena *arena, const struct type *type);

#endif
