/*
 * Constructors of what stands outside bodies: attach points, clauses, the
 * config block and map declarations. Called by grammar.y.
 */
#include "parser/build.h"

struct attach_point *build_point(struct parser *parser, struct token token)
{
	struct attach_point *point =
		ARENA_NEW(parser->arena, struct attach_point);

	point->at = token.at;
	point->text = token_text(parser->arena, parser->source, token);
	return point;
}

struct points build_points(struct points points, struct attach_point *point,
			   bool is_fallback)
{
	point->is_fallback = is_fallback;
	if (points.last)
		points.last->next = point;
	else
		points.first = point;
	points.last = point;
	return points;
}

void build_clause(struct parser *parser, const char *name, struct points points,
		  struct expr *predicate, struct block *body, struct span at)
{
	struct clause *clause = ARENA_NEW(parser->arena, struct clause);

	clause->at = at;
	clause->name = name;
	clause->points = points.first;
	clause->predicate = predicate;
	clause->body = body;
	*parser->last_clause = clause;
	parser->last_clause = &clause->next;
}

void build_config(struct parser *parser, struct token key, struct expr *value,
		  struct span at)
{
	struct config_entry *entry =
		ARENA_NEW(parser->arena, struct config_entry);

	entry->at = at;
	entry->value_at = value->at;
	entry->key = token_text(parser->arena, parser->source, key);
	entry->value = value;
	*parser->last_config = entry;
	parser->last_config = &entry->next;
}

void build_declaration(struct parser *parser, struct token map,
		       struct token kind, struct expr_list args, struct span at)
{
	struct map_declaration *declaration;
	struct diag *diag;

	if (args.count != 1) {
		diag = diag_error(parser->diags, E_ARGUMENT_COUNT, kind.at,
				  "this takes one number, how many keys the "
				  "map holds");
		diag_hint(parser->diags, diag, "let %s = hash(1000);",
			  token_text(parser->arena, parser->source, map));
		return;
	}
	declaration = ARENA_NEW(parser->arena, struct map_declaration);
	declaration->at = at;
	declaration->name = token_text(parser->arena, parser->source, map);
	declaration->kind = token_text(parser->arena, parser->source, kind);
	declaration->max_entries = args.items[0];
	*parser->last_declaration = declaration;
	parser->last_declaration = &declaration->next;
}
