%code requires {
/*
 * The grammar: which orders of words make a program. Each action calls one
 * constructor of build.h. Knows no meanings; called by parse_program().
 */
#include "parser/build.h"
}

%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param { struct parser *parser }
%initial-action { @$ = (struct span){ 0, 0 }; }

%code {
/* A rule of no words stands where the word before it ends. */
#define YYLLOC_DEFAULT(current, parts, count)                                  \
	((current) = (count) ? span_join((parts)[1], (parts)[count]) :         \
			       (struct span){ (parts)[0].end, (parts)[0].end })

static int grammar_lex(GRAMMAR_STYPE *value, struct span *at,
		       struct parser *parser);
static void grammar_error(const struct span *at, struct parser *parser,
			  const char *message);
}

/* The words, in the order of lexer/token.def. */
%token END_OF_FILE 0
%token <token> INTEGER STRING IDENTIFIER VARIABLE PARAMETER PARAMETERS MAP
%token <token> TUPLE_FIELD
%token <token> ATTACH_POINT DECLARATION PROBE_NAME CONFIG
%token ELSE_PROBE "??"
%token PREDICATE END_PREDICATE BODY END_BODY
%token IF "if" ELSE "else" FOR "for" WHILE "while" UNROLL "unroll"
%token BREAK "break" CONTINUE "continue" RETURN "return" LET "let"
%token <token> TRUE "true" FALSE "false"
%token STRUCT "struct" UNION "union" ENUM "enum"
%token SIZEOF "sizeof" OFFSETOF "offsetof" CONTAINER_OF "container_of"
%token <token> TYPE_NAME
%token LPAREN "(" RPAREN ")" LBRACKET "[" RBRACKET "]" LBRACE "{" RBRACE "}"
%token COMMA "," SEMICOLON ";" COLON ":" QUESTION "?" DOT "." RANGE ".."
%token ARROW "->"
%token ASSIGN "=" ADD_ASSIGN "+=" SUB_ASSIGN "-=" MUL_ASSIGN "*="
%token DIV_ASSIGN "/=" MOD_ASSIGN "%=" AND_ASSIGN "&=" OR_ASSIGN "|="
%token XOR_ASSIGN "^=" SHL_ASSIGN "<<=" SHR_ASSIGN ">>="
%token INCREMENT "++" DECREMENT "--"
%token LOGICAL_OR "||" LOGICAL_AND "&&" OR "|" XOR "^" AND "&"
%token EQUAL "==" NOT_EQUAL "!=" MATCH "=~" NOT_MATCH "!~"
%token LESS "<" GREATER ">" LESS_EQUAL "<=" GREATER_EQUAL ">="
%token SHL "<<" SHR ">>" ADD "+" SUB "-" MUL "*" DIV "/" MOD "%"
%token NOT "!" COMPLEMENT "~"

%right "?" ":"
%left "||"
%left "&&"
%left "|"
%left "^"
%left "&"
%left "==" "!=" "=~" "!~"
%left "<" ">" "<=" ">="
%left "<<" ">>"
%left "+" "-"
%left "*" "/" "%"

%union {
	struct token token;
	const char *text;
	int op;
	struct expr *expr;
	struct expr_list list;
	struct named_list named;
	struct range range;
	struct type_name *type;
	struct stmt *stmt;
	struct block *block;
	struct attach_point *point;
	struct points points;
}

%type <text> name path
%type <op> assignment
%type <expr> predicate expr unary postfix primary config_value let_value
%type <list> list arguments
%type <named> record_items
%type <range> range
%type <type> type type_words let_type
%type <stmt> simple compound if
%type <block> body block statements
%type <point> point
%type <points> points clause_points

%%

program:
  %empty
| program config
| program declaration
| program DECLARATION			{ build_types(parser, $2); }
| program clause
| program error body
;

config:
  CONFIG "=" "{" config_entries "}"
| CONFIG "=" "{" config_entries config_entry "}"
| CONFIG "=" "{" config_entries error "}"
;

config_entries:
  %empty
| config_entries config_entry ";"
| config_entries error ";"		{ yyerrok; }
;

config_entry:
  IDENTIFIER "=" config_value		{ build_config(parser, $1, $3, @$); }
;

config_value:
  INTEGER				{ $$ = build_integer(parser, $1); }
| STRING				{ $$ = build_string(parser, $1); }
| "true"				{ $$ = build_bool(parser, $1); }
| "false"				{ $$ = build_bool(parser, $1); }
| IDENTIFIER				{ $$ = build_name(parser, $1); }
;

declaration:
  "let" MAP "=" IDENTIFIER "(" arguments ")" ";"
	{ build_declaration(parser, $2, $4, $6, @$); }
| "let" error ";"			{ yyerrok; }
;

clause:
  name clause_points predicate body
	{ build_clause(parser, $1, $2, $3, $4, @2); }
;

name:
  %empty				{ $$ = NULL; }
| PROBE_NAME "="
	{ $$ = token_text(parser->arena, parser->source, $1); }
;

clause_points:
  points
| points ","
;

points:
  point			{ $$ = build_points((struct points){ 0 }, $1, false); }
| points "," point	{ $$ = build_points($1, $3, false); }
| points "??" point	{ $$ = build_points($1, $3, true); }
;

point:
  ATTACH_POINT				{ $$ = build_point(parser, $1); }
;

predicate:
  %empty				{ $$ = NULL; }
| PREDICATE expr END_PREDICATE		{ $$ = $2; }
| PREDICATE error END_PREDICATE		{ $$ = NULL; }
| PREDICATE error			{ $$ = NULL; }
;

body:
  BODY statements END_BODY		{ $$ = build_block($2, NULL, @$); }
| BODY statements simple END_BODY	{ $$ = build_block($2, $3, @$); }
| BODY statements error END_BODY
	{ $$ = build_block($2, NULL, @$); yyerrok; }
;

block:
  "{" statements "}"			{ $$ = build_block($2, NULL, @$); }
| "{" statements simple "}"		{ $$ = build_block($2, $3, @$); }
| "{" statements error "}"
	{ $$ = build_block($2, NULL, @$); yyerrok; }
;

statements:
  %empty		{ $$ = block_new(parser->arena); yyerrok; }
| statements simple ";"			{ block_append($1, $2); }
| statements compound			{ block_append($1, $2); }
| statements ";"
| statements error ";"			{ yyerrok; }
;

simple:
  expr				{ $$ = build_expr_stmt(parser, $1, @$); }
| expr assignment expr		{ $$ = build_assign(parser, $2, $1, $3, @$); }
| "let" VARIABLE let_type let_value
				{ $$ = build_let(parser, $2, $3, $4, @$); }
| "break"			{ $$ = build_jump(parser, STMT_BREAK, NULL, @$); }
| "continue"		{ $$ = build_jump(parser, STMT_CONTINUE, NULL, @$); }
| "return"			{ $$ = build_jump(parser, STMT_RETURN, NULL, @$); }
| "return" expr			{ $$ = build_jump(parser, STMT_RETURN, $2, @$); }
;

assignment:
  "="					{ $$ = -1; }
| "+="					{ $$ = BINARY_ADD; }
| "-="					{ $$ = BINARY_SUB; }
| "*="					{ $$ = BINARY_MUL; }
| "/="					{ $$ = BINARY_DIV; }
| "%="					{ $$ = BINARY_MOD; }
| "&="					{ $$ = BINARY_AND; }
| "|="					{ $$ = BINARY_OR; }
| "^="					{ $$ = BINARY_XOR; }
| "<<="					{ $$ = BINARY_SHL; }
| ">>="					{ $$ = BINARY_SHR; }
;

let_type:
  %empty				{ $$ = NULL; }
| ":" type				{ $$ = $2; }
;

let_value:
  %empty				{ $$ = NULL; }
| "=" expr				{ $$ = $2; }
;

compound:
  if
| "while" expr block		{ $$ = build_while(parser, $2, $3, @$); }
| "for" VARIABLE ":" range block
				{ $$ = build_for(parser, $2, $4, $5, @$); }
| "for" "(" VARIABLE ":" range ")" block
				{ $$ = build_for(parser, $3, $5, $7, @$); }
| "unroll" expr block		{ $$ = build_unroll(parser, $2, $3, @$); }
| block				{ $$ = build_nested(parser, $1, @$); }
;

if:
  "if" expr block		{ $$ = build_if(parser, $2, $3, NULL, @$); }
| "if" expr block "else" block	{ $$ = build_if(parser, $2, $3, $5, @$); }
| "if" expr block "else" if
	{ $$ = build_if(parser, $2, $3, build_else_if(parser, $5), @$); }
;

range:
  expr					{ $$ = (struct range){ $1, NULL }; }
| expr ".." expr			{ $$ = (struct range){ $1, $3 }; }
;

expr:
  unary
| expr "?" expr ":" expr { $$ = build_ternary(parser, $1, $3, $5, @$); }
| expr "?" ":" expr	 { $$ = build_ternary(parser, $1, NULL, $4, @$); }
| expr "||" expr { $$ = build_binary(parser, BINARY_LOGICAL_OR, $1, $3, @$); }
| expr "&&" expr { $$ = build_binary(parser, BINARY_LOGICAL_AND, $1, $3, @$); }
| expr "|" expr	 { $$ = build_binary(parser, BINARY_OR, $1, $3, @$); }
| expr "^" expr	 { $$ = build_binary(parser, BINARY_XOR, $1, $3, @$); }
| expr "&" expr	 { $$ = build_binary(parser, BINARY_AND, $1, $3, @$); }
| expr "==" expr { $$ = build_binary(parser, BINARY_EQUAL, $1, $3, @$); }
| expr "!=" expr { $$ = build_binary(parser, BINARY_NOT_EQUAL, $1, $3, @$); }
| expr "=~" expr { $$ = build_binary(parser, BINARY_MATCH, $1, $3, @$); }
| expr "!~" expr { $$ = build_binary(parser, BINARY_NOT_MATCH, $1, $3, @$); }
| expr "<" expr	 { $$ = build_binary(parser, BINARY_LESS, $1, $3, @$); }
| expr ">" expr	 { $$ = build_binary(parser, BINARY_GREATER, $1, $3, @$); }
| expr "<=" expr { $$ = build_binary(parser, BINARY_LESS_EQUAL, $1, $3, @$); }
| expr ">=" expr { $$ = build_binary(parser, BINARY_GREATER_EQUAL, $1, $3, @$); }
| expr "<<" expr { $$ = build_binary(parser, BINARY_SHL, $1, $3, @$); }
| expr ">>" expr { $$ = build_binary(parser, BINARY_SHR, $1, $3, @$); }
| expr "+" expr	 { $$ = build_binary(parser, BINARY_ADD, $1, $3, @$); }
| expr "-" expr	 { $$ = build_binary(parser, BINARY_SUB, $1, $3, @$); }
| expr "*" expr	 { $$ = build_binary(parser, BINARY_MUL, $1, $3, @$); }
| expr "/" expr	 { $$ = build_binary(parser, BINARY_DIV, $1, $3, @$); }
| expr "%" expr	 { $$ = build_binary(parser, BINARY_MOD, $1, $3, @$); }
;

unary:
  postfix
| "-" unary	{ $$ = build_unary(parser, UNARY_MINUS, $2, @$); }
| "!" unary	{ $$ = build_unary(parser, UNARY_NOT, $2, @$); }
| "~" unary	{ $$ = build_unary(parser, UNARY_COMPLEMENT, $2, @$); }
| "*" unary	{ $$ = build_unary(parser, UNARY_DEREF, $2, @$); }
| "&" unary	{ $$ = build_unary(parser, UNARY_ADDRESS, $2, @$); }
| "++" unary	{ $$ = build_step(parser, $2, true, false, @$); }
| "--" unary	{ $$ = build_step(parser, $2, true, true, @$); }
| "(" type ")" unary	{ $$ = build_cast(parser, $2, $4, @$); }
;

postfix:
  primary
| postfix "[" list "]"		{ $$ = build_index(parser, $1, $3, @$); }
| postfix "." IDENTIFIER	{ $$ = build_field(parser, $1, $3, @$); }
| postfix "->" IDENTIFIER	{ $$ = build_field(parser, $1, $3, @$); }
| postfix "." TUPLE_FIELD	{ $$ = build_item(parser, $1, $3, @$); }
| postfix "++"			{ $$ = build_step(parser, $1, false, false, @$); }
| postfix "--"			{ $$ = build_step(parser, $1, false, true, @$); }
;

primary:
  INTEGER			{ $$ = build_integer(parser, $1); }
| STRING			{ $$ = build_string(parser, $1); }
| "true"			{ $$ = build_bool(parser, $1); }
| "false"			{ $$ = build_bool(parser, $1); }
| PARAMETER			{ $$ = build_parameter(parser, $1); }
| PARAMETERS			{ $$ = build_parameter(parser, $1); }
| IDENTIFIER			{ $$ = build_name(parser, $1); }
| VARIABLE			{ $$ = build_variable(parser, $1); }
| MAP				{ $$ = build_map(parser, $1); }
| IDENTIFIER "(" arguments ")"	{ $$ = build_call(parser, $1, $3, @$); }
| "(" ")"
	{ $$ = build_parens(parser, (struct expr_list){ 0 }, true, @$); }
| "(" list ")"			{ $$ = build_parens(parser, $2, false, @$); }
| "(" list "," ")"		{ $$ = build_parens(parser, $2, true, @$); }
| "(" record_items ")"		{ $$ = build_record(parser, $2, @$); }
| "(" record_items "," ")"	{ $$ = build_record(parser, $2, @$); }
| "container_of" "(" expr "," type "," path ")"
	{ $$ = build_container_of(parser, $3, $5, $7, @$); }
| "sizeof" "(" type ")"		{ $$ = build_sizeof(parser, $3, NULL, @$); }
| "sizeof" "(" expr ")"		{ $$ = build_sizeof(parser, NULL, $3, @$); }
| "offsetof" "(" type "," path ")"
	{ $$ = build_offsetof(parser, $3, NULL, $5, @$); }
| "offsetof" "(" expr "," path ")"
	{ $$ = build_offsetof(parser, NULL, $3, $5, @$); }
;

record_items:
  IDENTIFIER "=" expr
	{ $$ = build_named(parser, (struct named_list){ 0 }, $1, $3); }
| record_items "," IDENTIFIER "=" expr
	{ $$ = build_named(parser, $1, $3, $5); }
;

arguments:
  %empty			{ $$ = (struct expr_list){ 0 }; }
| list
;

list:
  expr
	{ $$ = (struct expr_list){ 0 }; expr_list_append(parser->arena, &$$, $1); }
| list "," expr
	{ $$ = $1; expr_list_append(parser->arena, &$$, $3); }
;

path:
  IDENTIFIER			{ $$ = build_path(parser, NULL, $1); }
| path "." IDENTIFIER		{ $$ = build_path(parser, $1, $3); }
;

type:
  type_words
| "struct" IDENTIFIER		{ $$ = build_type(parser, "struct", $2); }
| "union" IDENTIFIER		{ $$ = build_type(parser, "union", $2); }
| "enum" IDENTIFIER		{ $$ = build_type(parser, "enum", $2); }
| TYPE_NAME "(" expr ")"	{ $$ = build_typeof(parser, $1, $3, @$); }
| type "*"			{ $$ = build_pointer(parser, $1, @$); }
| type "[" "]"			{ $$ = build_array(parser, $1, NULL, @$); }
| type "[" INTEGER "]"		{ $$ = build_array(parser, $1, &$3, @$); }
;

type_words:
  TYPE_NAME			{ $$ = build_type(parser, NULL, $1); }
| type_words TYPE_NAME		{ $$ = build_type_word(parser, $1, $2); }
;

%%

/* Lexer and grammar number the words alike. */
#define TOKEN(name, spelling)                                                  \
	_Static_assert((int)TOKEN_##name == (int)T_##name ||                   \
			       (int)TOKEN_##name == (int)TOKEN_END_OF_FILE,    \
		       "lexer and grammar disagree on " #name);
#include "lexer/token.def"
#undef TOKEN

/* Bison's symbols: the end, error and undefined come before the words. */
#define FIRST_SYMBOL 3

_Static_assert((int)YYSYMBOL_INTEGER == FIRST_SYMBOL &&
		       (int)YYSYMBOL_COMPLEMENT - FIRST_SYMBOL ==
			       (int)TOKEN_COMPLEMENT - (int)TOKEN_INTEGER,
	       "the symbols of the words follow one another");

static enum token_kind symbol_token(yysymbol_kind_t symbol)
{
	if (symbol < FIRST_SYMBOL)
		return TOKEN_END_OF_FILE;
	return (enum token_kind)(TOKEN_INTEGER + (symbol - FIRST_SYMBOL));
}

static int grammar_lex(GRAMMAR_STYPE *value, struct span *at,
		       struct parser *parser)
{
	value->token = parser_next(parser);
	*at = value->token.at;
	if (value->token.kind == TOKEN_END_OF_FILE)
		return T_END_OF_FILE;
	return (int)value->token.kind;
}

static int yyreport_syntax_error(const yypcontext_t *context,
				 struct parser *parser)
{
	yysymbol_kind_t symbols[YYNTOKENS];
	enum token_kind kinds[YYNTOKENS];
	int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
	int i;

	if (count < 0 || parser->is_stopped)
		return YYENOMEM; /* gives up */
	for (i = 0; i < count; i++)
		kinds[i] = symbol_token(symbols[i]);
	syntax_report(parser, kinds, (size_t)count);
	return 0;
}

/* Syntax errors are reported above: this is a full stack, or giving up. */
static void grammar_error(const struct span *at, struct parser *parser,
			  const char *message)
{
	(void)message;
	if (!parser->is_stopped)
		build_too_deep(parser, *at);
}
