/*
 * Private to parsing: the state of one parse, the constructors the grammar's
 * actions call, and the reports of syntax errors. Knows no types.
 */
#ifndef PARSER_BUILD_H
#define PARSER_BUILD_H

#include "lexer/lexer.h"
#include "parser/ast.h"

struct parser {
	struct arena *arena;
	struct source *source;
	struct diags *diags;
	struct lexer *lexer;
	struct program *program;
	struct clause **last_clause;
	struct config_entry **last_config;
	struct map_declaration **last_declaration;
	struct c_declaration **last_type;

	struct token token;        /* the last one the grammar was given */
	struct token before;       /* the one before it */
	enum token_kind statement; /* the word that began this statement */
	bool begins_statement;     /* the next token begins one */
	bool is_angle;             /* in a body between < and > */
	struct span angle_end;     /* the '>' that closed the last body */
	unsigned since_body;       /* tokens since a body ended */
	struct span predicate_at;  /* the '/' that opened the last predicate */

	unsigned nesting;   /* brackets and braces open in this body */
	unsigned parens;    /* those of them opened in this statement */
	bool is_recovering; /* from a syntax error: tokens are skipped */
	bool is_too_deep;   /* reported already */
	bool is_stopped;    /* what follows can only mislead */
	unsigned syntax_errors;
	unsigned suspect; /* tokens left that bad text may have spoiled */
};

/* A list under construction; `last` makes appending cheap. */
struct points {
	struct attach_point *first;
	struct attach_point *last;
};

/* What a for goes over: to is NULL for a map. */
struct range {
	struct expr *from;
	struct expr *to;
};

/* ---- build_expr.c ---- */

struct expr *build_integer(struct parser *parser, struct token token);
struct expr *build_string(struct parser *parser, struct token token);
struct expr *build_bool(struct parser *parser, struct token token);
struct expr *build_parameter(struct parser *parser, struct token token);
struct expr *build_name(struct parser *parser, struct token token);
struct expr *build_variable(struct parser *parser, struct token token);
struct expr *build_map(struct parser *parser, struct token token);
struct expr *build_field(struct parser *parser, struct expr *object,
			 struct token name, struct span at);
struct expr *build_item(struct parser *parser, struct expr *object,
			struct token number, struct span at);
/* A map's key, or an element of an array. */
struct expr *build_index(struct parser *parser, struct expr *object,
			 struct expr_list index, struct span at);
struct expr *build_unary(struct parser *parser, enum unary op,
			 struct expr *operand, struct span at);
struct expr *build_step(struct parser *parser, struct expr *target,
			bool is_prefix, bool is_decrement, struct span at);
struct expr *build_binary(struct parser *parser, enum binary op,
			  struct expr *left, struct expr *right,
			  struct span at);
struct expr *build_ternary(struct parser *parser, struct expr *condition,
			   struct expr *then, struct expr *otherwise,
			   struct span at);
struct expr *build_call(struct parser *parser, struct token name,
			struct expr_list args, struct span at);
struct expr *build_cast(struct parser *parser, struct type_name *type,
			struct expr *operand, struct span at);
/* (a) is a itself, everything else a tuple. */
struct expr *build_parens(struct parser *parser, struct expr_list items,
			  bool is_tuple, struct span at);
/* name = value, added to a list. */
struct named_list build_named(struct parser *parser, struct named_list list,
			      struct token name, struct expr *value);
struct expr *build_record(struct parser *parser, struct named_list list,
			  struct span at);
/* container_of(pointer, type, path): the record whose field that is. */
struct expr *build_container_of(struct parser *parser, struct expr *pointer,
				struct type_name *type, const char *path,
				struct span at);
/* One of type and operand is NULL. */
struct expr *build_sizeof(struct parser *parser, struct type_name *type,
			  struct expr *operand, struct span at);
struct expr *build_offsetof(struct parser *parser, struct type_name *type,
			    struct expr *operand, const char *path,
			    struct span at);
/* "a" and b make "a.b"; path may be NULL. */
const char *build_path(struct parser *parser, const char *path,
		       struct token name);

/* ---- build_type.c ---- */

/* `keyword` is NULL or one of struct, union, enum. */
struct type_name *build_type(struct parser *parser, const char *keyword,
			     struct token name);
struct type_name *build_typeof(struct parser *parser, struct token word,
			       struct expr *of, struct span at);
/* unsigned, long: types of several words. */
struct type_name *build_type_word(struct parser *parser, struct type_name *type,
				  struct token word);
struct type_name *build_pointer(struct parser *parser, struct type_name *type,
				struct span at);
/* size NULL: to be found out. */
struct type_name *build_array(struct parser *parser, struct type_name *type,
			      const struct token *size, struct span at);

/* ---- build_stmt.c ---- */

struct stmt *build_expr_stmt(struct parser *parser, struct expr *expr,
			     struct span at);
/* op is an enum binary, or -1. */
struct stmt *build_assign(struct parser *parser, int op, struct expr *target,
			  struct expr *value, struct span at);
struct stmt *build_let(struct parser *parser, struct token variable,
		       struct type_name *type, struct expr *value,
		       struct span at);
/* otherwise is NULL, or belongs to an else. */
struct stmt *build_if(struct parser *parser, struct expr *condition,
		      struct block *then, struct block *otherwise,
		      struct span at);
struct stmt *build_while(struct parser *parser, struct expr *condition,
			 struct block *body, struct span at);
struct stmt *build_for(struct parser *parser, struct token variable,
		       struct range range, struct block *body, struct span at);
struct stmt *build_unroll(struct parser *parser, struct expr *times,
			  struct block *body, struct span at);
struct stmt *build_nested(struct parser *parser, struct block *block,
			  struct span at);
struct stmt *build_jump(struct parser *parser, enum stmt_kind kind,
			struct expr *value, struct span at);
/* The block of an else that holds only this if. */
struct block *build_else_if(struct parser *parser, struct stmt *stmt);
/* `stmt` may be NULL. */
struct block *build_block(struct block *block, struct stmt *stmt,
			  struct span at);

/* ---- build_program.c ---- */

struct attach_point *build_point(struct parser *parser, struct token token);
struct points build_points(struct points points, struct attach_point *point,
			   bool is_fallback);
void build_clause(struct parser *parser, const char *name, struct points points,
		  struct expr *predicate, struct block *body, struct span at);
void build_config(struct parser *parser, struct token key, struct expr *value,
		  struct span at);
void build_declaration(struct parser *parser, struct token map,
		       struct token kind, struct expr_list args,
		       struct span at);

/* ---- c_parse.c ---- */

/* A declaration of C types, from its first word to its ';'. */
void build_types(struct parser *parser, struct token token);

/* ---- constants.c ---- */

/* Names that #define gave become what they stand for, all over the program. */
void build_constants(struct parser *parser);
/* The same in one expression, which may be NULL. */
void build_constant(struct parser *parser, struct expr *expr);

/* ---- depth ---- */

/* Reports E_TOO_DEEP, once for the program. */
void build_too_deep(struct parser *parser, struct span at);

/* ---- parser.c ---- */

/* The next word for the grammar. */
struct token parser_next(struct parser *parser);

/* ---- syntax.c ---- */

/* The grammar cannot go on at parser->token; `expected` is what it knows. */
void syntax_report(struct parser *parser, const enum token_kind *expected,
		   size_t count);

/* ---- grammar.y ---- */

/* 0, also after errors it recovered from. */
int grammar_parse(struct parser *parser);

#endif
