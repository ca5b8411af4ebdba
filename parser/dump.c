/*
 * Text forms of tokens and tree for --dump. Knows the shape of the tree, not
 * its meaning. Called by the pipeline.
 */
#include "parser/dump.h"

#include <inttypes.h>
#include <string.h>

#include "lexer/lexer.h"
#include "lexer/utf8.h"

struct dump {
	FILE *out;
	struct arena *arena;
	int depth;
};

/* ---- tokens ---- */

static void print_safely(FILE *out, const char *text, size_t length)
{
	utf8_print(out, text, length, SIZE_MAX, NULL);
}

void dump_tokens(FILE *out, struct arena *arena, struct source *source,
		 struct diags *diags)
{
	struct lexer *lexer = lexer_open(arena, source, diags);
	struct position position;
	struct token token;

	do {
		token = lexer_next(lexer);
		position = source_position(source, token.at.begin);
		fprintf(out, "%u:%u %s", position.line, position.column,
			token_name(token.kind));
		if (token.at.end > token.at.begin)
			fputc(' ', out);
		print_safely(out, source->text + token.at.begin,
			     token.at.end - token.at.begin);
		fputc('\n', out);
	} while (token.kind != TOKEN_END_OF_FILE);
	lexer_close(lexer);
}

/* ---- lines ---- */

static void indent(const struct dump *dump)
{
	fprintf(dump->out, "%*s", dump->depth * 2, "");
}

static void print_line(const struct dump *dump, const char *text)
{
	indent(dump);
	fprintf(dump->out, "%s\n", text);
}

/* A string as a program would write it. */
static void print_quoted(FILE *out, const char *text, size_t length)
{
	static const char letters[] = "n\nt\tr\r\"\"\\\\";
	size_t i;
	size_t k;

	fputc('"', out);
	for (i = 0; i < length; i++) {
		for (k = 1; k < sizeof(letters); k += 2)
			if (letters[k] == text[i])
				break;
		if (k < sizeof(letters))
			fprintf(out, "\\%c", letters[k - 1]);
		else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			fprintf(out, "\\x%02x", (unsigned char)text[i]);
		else
			fputc(text[i], out);
	}
	fputc('"', out);
}

/* ---- expressions ---- */

/* Those that are not unsigned may have become negative by folding. */
static void print_integer(FILE *out, const struct expr *expr)
{
	if (expr->integer.is_unsigned)
		fprintf(out, "%" PRIu64 "u", expr->integer.value);
	else
		fprintf(out, "%" PRId64 "%s", (int64_t)expr->integer.value,
			expr->integer.is_duration ? "ns" : "");
}

static void print_size(const struct dump *dump, const struct expr *expr)
{
	fputs(expr->kind == EXPR_SIZEOF ? "sizeof" : "offsetof", dump->out);
	if (expr->size.type)
		fprintf(dump->out, " (%s)",
			type_name_text(dump->arena, expr->size.type));
	if (expr->size.path)
		fprintf(dump->out, " %s", expr->size.path);
}

static void print_name(FILE *out, const struct expr *expr)
{
	if (expr->kind == EXPR_NAME)
		fputs(expr->name.text, out);
	else if (expr->kind == EXPR_VARIABLE)
		fputs(expr->variable.name, out);
	else if (expr->kind == EXPR_MAP)
		fprintf(out, "%s%s", expr->map.name, expr->map.key ? "[]" : "");
	else if (expr->parameter.number)
		fprintf(out, "$%u", expr->parameter.number);
	else
		fputs("$#", out);
}

static void print_step(FILE *out, const struct expr *expr)
{
	fprintf(out, "%s %s", expr->step.is_prefix ? "prefix" : "postfix",
		expr->step.is_decrement ? "--" : "++");
}

static void print_names(FILE *out, const struct named_list *list)
{
	fputs("record", out);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, " %s", list->names[i].text);
}

/* The node itself, without its children. */
static void print_node(const struct dump *dump, const struct expr *expr)
{
	FILE *out = dump->out;

	switch (expr->kind) {
	case EXPR_INTEGER:
		print_integer(out, expr);
		return;
	case EXPR_STRING:
		print_quoted(out, expr->string.text, expr->string.length);
		return;
	case EXPR_BOOL:
		fputs(expr->boolean ? "true" : "false", out);
		return;
	case EXPR_PARAMETER:
	case EXPR_NAME:
	case EXPR_VARIABLE:
	case EXPR_MAP:
		print_name(out, expr);
		return;
	case EXPR_FIELD:
		fprintf(out, ".%s", expr->field.name);
		return;
	case EXPR_ITEM:
		fprintf(out, ".%u", expr->item.index);
		return;
	case EXPR_INDEX:
		fputs("[]", out);
		return;
	case EXPR_UNARY:
		fprintf(out, "unary %s", unary_text(expr->unary.op));
		return;
	case EXPR_STEP:
		print_step(out, expr);
		return;
	case EXPR_BINARY:
		fputs(binary_text(expr->binary.op), out);
		return;
	case EXPR_TERNARY:
		fputs(expr->ternary.then ? "? :" : "?:", out);
		return;
	case EXPR_CALL:
		fprintf(out, "call %s", expr->call.name);
		return;
	case EXPR_CAST:
		fprintf(out, "cast (%s)",
			type_name_text(dump->arena, expr->cast.type));
		return;
	case EXPR_TUPLE:
		fputs("tuple", out);
		return;
	case EXPR_RECORD:
		print_names(out, &expr->record);
		return;
	case EXPR_SIZEOF:
	case EXPR_OFFSETOF:
		print_size(dump, expr);
		return;
	}
	unreachable();
}

static void dump_expr(struct expr *expr, void *data)
{
	struct dump *dump = data;

	indent(dump);
	print_node(dump, expr);
	if (expr->type)
		fprintf(dump->out, " : %s", type_text(dump->arena, expr->type));
	fputc('\n', dump->out);
	dump->depth++;
	expr_children(expr, dump_expr, dump);
	dump->depth--;
}

static void dump_optional(struct dump *dump, struct expr *expr)
{
	if (expr)
		dump_expr(expr, dump);
}

/* A label, and the expression below it. */
static void dump_labelled(struct dump *dump, const char *label,
			  struct expr *expr)
{
	print_line(dump, label);
	dump->depth++;
	dump_optional(dump, expr);
	dump->depth--;
}

/* ---- statements ---- */

static void dump_stmt(struct dump *dump, const struct stmt *stmt);

static void dump_block(struct dump *dump, const char *label,
		       const struct block *block)
{
	const struct stmt *stmt;

	if (!block)
		return;
	print_line(dump, label);
	dump->depth++;
	for (stmt = block->first; stmt; stmt = stmt->next)
		dump_stmt(dump, stmt);
	dump->depth--;
}

static void dump_assign(struct dump *dump, const struct stmt *stmt)
{
	const char *name = "";

	if (stmt->assign.op >= 0)
		name = binary_text((enum binary)stmt->assign.op);
	indent(dump);
	if (!stmt->assign.is_let)
		fprintf(dump->out, "%s=", name);
	else if (stmt->assign.declared)
		fprintf(dump->out, "let (%s)",
			type_name_text(dump->arena, stmt->assign.declared));
	else
		fputs("let", dump->out);
	fputc('\n', dump->out);
	dump->depth++;
	if (stmt->assign.declared)
		dump_optional(dump, stmt->assign.declared->of);
	dump_expr(stmt->assign.target, dump);
	dump_optional(dump, stmt->assign.value);
	dump->depth--;
}

static void dump_if(struct dump *dump, const struct stmt *stmt)
{
	dump_labelled(dump, "if", stmt->branch.condition);
	dump_block(dump, "then", stmt->branch.then);
	dump_block(dump, "else", stmt->branch.otherwise);
}

static void dump_for(struct dump *dump, const struct stmt *stmt)
{
	dump_labelled(dump, "for", stmt->each.variable);
	dump->depth++;
	dump_optional(dump, stmt->each.from);
	dump_optional(dump, stmt->each.to);
	dump_optional(dump, stmt->each.map);
	dump->depth--;
	dump_block(dump, "do", stmt->each.body);
}

static void dump_stmt(struct dump *dump, const struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_EXPR:
		if (stmt->is_discard)
			dump_labelled(dump, "_ =", stmt->expr);
		else
			dump_expr(stmt->expr, dump);
		return;
	case STMT_ASSIGN:
		dump_assign(dump, stmt);
		return;
	case STMT_IF:
		dump_if(dump, stmt);
		return;
	case STMT_WHILE:
		dump_labelled(dump, "while", stmt->loop.condition);
		dump_block(dump, "do", stmt->loop.body);
		return;
	case STMT_FOR_RANGE:
	case STMT_FOR_MAP:
		dump_for(dump, stmt);
		return;
	case STMT_UNROLL:
		dump_labelled(dump, "unroll", stmt->unroll.times);
		dump_block(dump, "do", stmt->unroll.body);
		return;
	case STMT_BLOCK:
		dump_block(dump, "block", stmt->block);
		return;
	case STMT_BREAK:
		print_line(dump, "break");
		return;
	case STMT_CONTINUE:
		print_line(dump, "continue");
		return;
	case STMT_RETURN:
		dump_labelled(dump, "return", stmt->value);
		return;
	}
	unreachable();
}

/* ---- the program ---- */

/* Once expanded, what a pattern or a parameter stands for. */
static void dump_attaches(const struct dump *dump, const struct clause *clause)
{
	for (size_t i = 0; i < clause->attach_count; i++) {
		const char *probe = clause->attaches[i].probe;

		fputs(i ? ", " : " ", dump->out);
		print_safely(dump->out, probe, strlen(probe));
	}
	fputc('\n', dump->out);
}

static void dump_points(const struct dump *dump, const struct clause *clause)
{
	const struct attach_point *point;
	const char *before = " ";

	indent(dump);
	fputs("probe", dump->out);
	if (clause->name)
		fprintf(dump->out, " %s =", clause->name);
	if (clause->attach_count) {
		dump_attaches(dump, clause);
		return;
	}
	for (point = clause->points; point; point = point->next) {
		if (point != clause->points)
			before = point->is_fallback ? " ?? " : ", ";
		fputs(before, dump->out);
		print_safely(dump->out, point->text, strlen(point->text));
	}
	fputc('\n', dump->out);
}

static void dump_clause(struct dump *dump, const struct clause *clause)
{
	dump_points(dump, clause);
	dump->depth++;
	if (clause->predicate)
		dump_labelled(dump, "predicate", clause->predicate);
	dump_block(dump, "body", clause->body);
	dump->depth--;
}

static void dump_config(struct dump *dump, const struct config_entry *entry)
{
	indent(dump);
	fprintf(dump->out, "config %s\n", entry->key);
	dump->depth++;
	dump_expr(entry->value, dump);
	dump->depth--;
}

static void dump_declaration(struct dump *dump,
			     const struct map_declaration *declaration)
{
	indent(dump);
	fprintf(dump->out, "let %s = %s\n", declaration->name,
		declaration->kind);
	dump->depth++;
	dump_expr(declaration->max_entries, dump);
	dump->depth--;
}

void dump_program(FILE *out, struct arena *arena, const struct program *program)
{
	struct dump dump = { out, arena, 1 };
	const struct map_declaration *declaration = program->declarations;
	const struct config_entry *entry;
	const struct clause *clause;

	fputs("program\n", out);
	for (entry = program->config; entry; entry = entry->next)
		dump_config(&dump, entry);
	for (; declaration; declaration = declaration->next)
		dump_declaration(&dump, declaration);
	for (clause = program->clauses; clause; clause = clause->next)
		dump_clause(&dump, clause);
}
