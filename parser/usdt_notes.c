/*
 * ELF notes of the owner "stapsdt", type 3: three addresses and three strings.
 * Called by host_usdt.c. The bytes may be anything.
 */
#include "parser/usdt_notes.h"

#include <string.h>

#define OWNER     "stapsdt"
#define TYPE      3
#define ALIGNMENT 4

struct note_header {
	uint32_t owner_size, description_size, type;
};

static uint64_t read_word(const uint8_t *at, unsigned word)
{
	uint64_t value = 0;
	uint32_t narrow;

	if (word == sizeof(value)) {
		memcpy(&value, at, sizeof(value));
		return value;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

/* The string at `*at`, which moves behind it; NULL if no NUL ends it. */
static const char *take_string(const uint8_t **at, const uint8_t *end)
{
	const char *text = (const char *)*at;
	const uint8_t *nul = memchr(*at, 0, (size_t)(end - *at));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

static void read_description(const uint8_t *at, size_t size, unsigned word,
			     usdt_note_fn *visit, void *data)
{
	const uint8_t *end = at + size;
	struct usdt_note note;

	if (size < 3 * (size_t)word)
		return;
	note.address = read_word(at, word);
	note.base = read_word(at + word, word);
	note.semaphore = read_word(at + 2 * word, word);
	at += 3 * word;
	note.provider = take_string(&at, end);
	note.name = note.provider ? take_string(&at, end) : NULL;
	note.arguments = note.name ? take_string(&at, end) : NULL;
	if (note.arguments && *note.provider && *note.name)
		visit(&note, data);
}

static size_t padded(uint32_t size)
{
	return ((size_t)size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void usdt_notes_parse(const uint8_t *bytes, size_t size, unsigned word,
		      usdt_note_fn *visit, void *data)
{
	struct note_header header;
	size_t left = size, owner;

	while (left >= sizeof(header)) {
		memcpy(&header, bytes, sizeof(header));
		bytes += sizeof(header);
		left -= sizeof(header);
		owner = padded(header.owner_size);
		if (owner > left || header.description_size > left - owner)
			return;
		if (header.type == TYPE && header.owner_size == sizeof(OWNER) &&
		    memcmp(bytes, OWNER, sizeof(OWNER)) == 0)
			read_description(bytes + owner, header.description_size,
					 word, visit, data);
		owner += padded(header.description_size);
		if (owner > left)
			return;
		bytes += owner;
		left -= owner;
	}
}
