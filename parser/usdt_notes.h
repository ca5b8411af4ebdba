/*
 * The notes that <sys/sdt.h> leaves in a program, one for each place of a
 * static probe. Takes bytes apart and nothing else. Called by host_usdt.c.
 */
#ifndef PARSER_USDT_NOTES_H
#define PARSER_USDT_NOTES_H

#include "lexer/base.h"

/* The strings are in the notes. */
struct usdt_note {
	const char *provider, *name, *arguments;
	uint64_t address;   /* of the probe, when the note was made */
	uint64_t base;      /* of .stapsdt.base at that time */
	uint64_t semaphore; /* its address; 0: none */
};

typedef void usdt_note_fn(const struct usdt_note *note, void *data);

/* Calls for every note of a static probe; `word` is the size of the file's
 * addresses, 4 or 8. What is malformed is skipped, or ends it. */
void usdt_notes_parse(const uint8_t *bytes, size_t size, unsigned word,
		      usdt_note_fn *visit, void *data);

#endif
