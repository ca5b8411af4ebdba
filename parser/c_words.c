/*
 * The words of a declaration of C, names that #define gave replaced by what
 * they stand for. Knows text only. Called by c_parse.c.
 */
#include "parser/c_words.h"

#include <string.h>

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/* Behind a text that conditions leave out, if one begins here. */
static uint32_t skip_gap(const struct c_words *words, uint32_t at)
{
	for (size_t i = 0; i < words->gap_count; i++)
		if (words->gaps[i].begin <= at && at < words->gaps[i].end)
			return words->gaps[i].end;
	return at;
}

static uint32_t skip_blanks(const struct c_words *words, uint32_t at,
			    uint32_t end)
{
	const char *text = words->source->text;
	const char *next;

	for (;;) {
		next = directive_blanks(text + at, text + end);
		at = skip_gap(words, (uint32_t)(next - text));
		if (text + at == next || at >= end)
			return at;
	}
}

static uint32_t word_end(const char *text, uint32_t at, uint32_t end)
{
	char quote;

	if (text[at] == '"' || text[at] == '\'') {
		for (quote = text[at++]; at < end && text[at] != quote; at++)
			at += text[at] == '\\' && end - at > 1;
		return at < end ? at + 1 : end;
	}
	if (!is_name_byte(text[at]))
		return at + 1;
	while (at < end && is_name_byte(text[at]))
		at++;
	return at;
}

bool c_word_is(const struct c_words *words, const char *text)
{
	return words->length == strlen(text) &&
	       !memcmp(words->text, text, words->length);
}

/* A name that stands for something else is that; false at the end. */
static bool expand(struct c_words *words)
{
	const struct define *define;

	for (define = words->defines; define; define = define->next)
		if (!define->has_parameters && c_word_is(words, define->name))
			break;
	if (!define || words->depth + 1 >= C_NESTED_MAX ||
	    ++words->expansions > C_EXPANSIONS_MAX)
		return false;
	for (unsigned i = 1; i <= words->depth; i++)
		if (words->texts[i].define == define)
			return false;
	words->depth++;
	words->texts[words->depth] =
		(struct c_text){ define->body.begin, define->body.end, define };
	return true;
}

void c_next(struct c_words *words)
{
	const char *text = words->source->text;
	struct c_text *from;

	for (;;) {
		from = &words->texts[words->depth];
		from->at = skip_blanks(words, from->at, from->end);
		if (from->at >= from->end) {
			if (words->depth) {
				words->depth--;
				continue;
			}
			words->length = 0;
			words->at = (struct span){ from->end, from->end };
			return;
		}
		words->at.begin = from->at;
		words->at.end = word_end(text, from->at, from->end);
		words->text = text + words->at.begin;
		words->length = words->at.end - words->at.begin;
		from->at = words->at.end;
		if (!is_name_byte(*words->text) || !expand(words))
			return;
	}
}

bool c_is_name(const struct c_words *words)
{
	return words->length && is_name_byte(*words->text) &&
	       (*words->text < '0' || *words->text > '9');
}

struct span c_expression(struct c_words *words, const char *ends)
{
	const char *text = words->source->text;
	struct c_text *from = &words->texts[words->depth];
	struct span at;
	unsigned depth = 0;

	/* as it is written: the names in it are looked up later */
	at.begin = at.end = skip_blanks(words, from->at, from->end);
	for (;;) {
		uint32_t next = skip_blanks(words, from->at, from->end);

		if (next >= from->end || (!depth && strchr(ends, text[next])))
			break;
		if (strchr("([{", text[next]))
			depth++;
		else if (strchr(")]}", text[next]) && depth)
			depth--;
		from->at = at.end = word_end(text, next, from->end);
	}
	c_next(words);
	return at;
}
