/*
 * Declarations of C in a script, taken apart but not understood: c_parse.c
 * makes them, c_layout.c gives them sizes once the machine's types are known.
 * Nobody else includes this.
 */
#ifndef PARSER_C_TYPES_H
#define PARSER_C_TYPES_H

#include "parser/checker.h"

#define C_DIMENSIONS_MAX 4

/* What __attribute__ says of a record or field. */
struct c_attributes {
	bool is_packed;
	struct expr *align; /* aligned(N); NULL if not given */
	bool is_aligned;    /* aligned without a number: as much as can be */
};

struct c_enumerator {
	struct c_enumerator *next;
	const char *name;
	struct span at;
	struct expr *value; /* NULL: one more than the one before */
};

/* int, struct x, struct { … }: what a declaration begins with. */
struct c_specifier {
	const char *keyword; /* "struct", "union", "enum", or NULL */
	const char *name;    /* its tag, or the words of the type; NULL: none */
	struct span at;
	bool has_body;
	bool is_user; /* marked __user: pointers point into the process */
	struct c_field *fields;
	struct c_enumerator *enumerators;
	struct c_attributes attributes;
};

/* *name[4]:2 */
struct c_declarator {
	struct c_declarator *next;
	const char *name; /* NULL: none */
	struct span at;
	unsigned pointers;
	bool is_function; /* name(…): nothing that has a size */
	bool is_indirect; /* (*name)(…) or (*name)[N]: a pointer to it */
	struct expr *dimensions[C_DIMENSIONS_MAX]; /* NULL: [] */
	unsigned dimension_count;
	struct expr *bits; /* of a bit-field, or NULL */
	struct c_attributes attributes;
};

/* The declarators after one specifier, in a record. */
struct c_field {
	struct c_field *next;
	struct c_specifier *type;
	struct c_declarator *declarators; /* NULL: a record without a name */
};

/* ---- laying out ---- */

/* What a name was declared as. */
struct declared {
	const struct type *type; /* NULL: not yet */
	bool has_body;
	struct span at;
};

struct declarer {
	struct arena *arena;
	const struct program *program;
	struct host *host;
	struct diags *diags;
	struct names names;           /* of struct declared, "struct x" */
	unsigned depth;               /* records inside records */
	const char *name_for_unnamed; /* typedef struct { … } name; */
};

struct c_declaration {
	struct c_declaration *next;
	struct c_specifier *type;
	struct c_declarator *declarators; /* the names a typedef gives */
	bool is_typedef;
};

/* ---- c_layout.c ---- */

/* False, reported, if it makes no sense. */
bool declare_one(struct declarer *declarer,
		 const struct c_declaration *declaration);

/* ---- c_declare.c ---- */

/* An integer; false, reported, if it is not known. */
bool declared_constant(struct declarer *declarer, const struct expr *expr,
		       int64_t *value);
/* A name that a typedef gives. */
void declared_name(struct declarer *declarer,
		   const struct c_declarator *declarator,
		   const struct type *type);
/* The type of plain words, NULL for void; false, reported, if there is none. */
bool declared_plain(struct declarer *declarer,
		    const struct c_specifier *specifier,
		    const struct type **type);
/* The record, still without fields if it has a body here; NULL, reported, if it
 * has been declared before. */
struct type *declared_record(struct declarer *declarer,
			     const struct c_specifier *specifier);
/* The enum; NULL, reported. */
const struct type *declared_enum(struct declarer *declarer,
				 const struct c_specifier *specifier);

#endif
