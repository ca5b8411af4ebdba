/*
 * The words bodies reserve: keywords and the names of types. Called by the
 * lexer for every word that does not follow a '.' or '->'.
 */
#include <stdlib.h>
#include <string.h>

#include "lexer/region.h"

struct word {
	const char *text;
	enum token_kind kind;
};

/* In the order of strcmp. Other names that end in _t are types as well. */
static const struct word words[] = {
	{ "__be16", TOKEN_TYPE_NAME },
	{ "__be32", TOKEN_TYPE_NAME },
	{ "__be64", TOKEN_TYPE_NAME },
	{ "__le16", TOKEN_TYPE_NAME },
	{ "__le32", TOKEN_TYPE_NAME },
	{ "__le64", TOKEN_TYPE_NAME },
	{ "__s16", TOKEN_TYPE_NAME },
	{ "__s32", TOKEN_TYPE_NAME },
	{ "__s64", TOKEN_TYPE_NAME },
	{ "__s8", TOKEN_TYPE_NAME },
	{ "__u16", TOKEN_TYPE_NAME },
	{ "__u32", TOKEN_TYPE_NAME },
	{ "__u64", TOKEN_TYPE_NAME },
	{ "__u8", TOKEN_TYPE_NAME },
	{ "bool", TOKEN_TYPE_NAME },
	{ "break", TOKEN_BREAK },
	{ "buffer", TOKEN_TYPE_NAME },
	{ "char", TOKEN_TYPE_NAME },
	{ "container_of", TOKEN_CONTAINER_OF },
	{ "continue", TOKEN_CONTINUE },
	{ "else", TOKEN_ELSE },
	{ "enum", TOKEN_ENUM },
	{ "false", TOKEN_FALSE },
	{ "for", TOKEN_FOR },
	{ "if", TOKEN_IF },
	{ "inet", TOKEN_TYPE_NAME },
	{ "int", TOKEN_TYPE_NAME },
	{ "int16", TOKEN_TYPE_NAME },
	{ "int32", TOKEN_TYPE_NAME },
	{ "int64", TOKEN_TYPE_NAME },
	{ "int8", TOKEN_TYPE_NAME },
	{ "let", TOKEN_LET },
	{ "long", TOKEN_TYPE_NAME },
	{ "offsetof", TOKEN_OFFSETOF },
	{ "return", TOKEN_RETURN },
	{ "s16", TOKEN_TYPE_NAME },
	{ "s32", TOKEN_TYPE_NAME },
	{ "s64", TOKEN_TYPE_NAME },
	{ "s8", TOKEN_TYPE_NAME },
	{ "short", TOKEN_TYPE_NAME },
	{ "signed", TOKEN_TYPE_NAME },
	{ "sizeof", TOKEN_SIZEOF },
	{ "string", TOKEN_TYPE_NAME },
	{ "struct", TOKEN_STRUCT },
	{ "timestamp", TOKEN_TYPE_NAME },
	{ "true", TOKEN_TRUE },
	{ "typeof", TOKEN_TYPE_NAME },
	{ "u16", TOKEN_TYPE_NAME },
	{ "u32", TOKEN_TYPE_NAME },
	{ "u64", TOKEN_TYPE_NAME },
	{ "u8", TOKEN_TYPE_NAME },
	{ "uint16", TOKEN_TYPE_NAME },
	{ "uint32", TOKEN_TYPE_NAME },
	{ "uint64", TOKEN_TYPE_NAME },
	{ "uint8", TOKEN_TYPE_NAME },
	{ "union", TOKEN_UNION },
	{ "unroll", TOKEN_UNROLL },
	{ "unsigned", TOKEN_TYPE_NAME },
	{ "void", TOKEN_TYPE_NAME },
	{ "while", TOKEN_WHILE },
};

struct key {
	const char *text;
	size_t length;
};

static int compare_word(const void *left, const void *right)
{
	const struct key *key = left;
	const struct word *word = right;
	int order = strncmp(key->text, word->text, key->length);

	if (order)
		return order;
	return word->text[key->length] ? -1 : 0;
}

enum token_kind word_kind(const char *text, size_t length)
{
	struct key key = { text, length };
	const struct word *word = bsearch(&key, words, ARRAY_SIZE(words),
					  sizeof(*words), compare_word);

	if (word)
		return word->kind;
	if (length > 2 && !memcmp(text + length - 2, "_t", 2))
		return TOKEN_TYPE_NAME;
	return TOKEN_IDENTIFIER;
}
