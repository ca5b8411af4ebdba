/*
 * Any bytes in place of the notes of static probes, for both sizes of
 * addresses: the strings of what is found end inside of them.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "parser/usdt_notes.h"

struct bytes {
	const char *first, *last;
};

static void check_string(const struct bytes *bytes, const char *text)
{
	assert(text >= bytes->first && text < bytes->last);
	assert(strlen(text) < (size_t)(bytes->last - text));
}

static void see_note(const struct usdt_note *note, void *data)
{
	check_string(data, note->provider);
	check_string(data, note->name);
	check_string(data, note->arguments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { (const char *)data, (const char *)data + size };

	usdt_notes_parse(data, size, 8, see_note, &bytes);
	usdt_notes_parse(data, size, 4, see_note, &bytes);
	return 0;
}
