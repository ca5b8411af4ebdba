/*
 * The one interface of the output formats: print_text.c and print_json.c
 * implement it, actions.c calls it. A printer knows how things look, not where
 * they come from.
 */
#ifndef RUNTIME_PRINTER_H
#define RUNTIME_PRINTER_H

#include "runtime/snapshot.h"
#include "runtime/value_print.h"

enum message {
	MESSAGE_PRINTF,
	MESSAGE_CAT,
	MESSAGE_JOIN,
	MESSAGE_TIME,
	MESSAGE_SYSTEM,
	MESSAGE_ERROR,   /* of errorf(): ended by error(), not end() */
	MESSAGE_WARNING, /* of warnf(), likewise */
};

struct printer;

/* A place in the script. */
struct place {
	const char *file;
	uint32_t line, column;
};

/* What went wrong how often, said at the end. */
struct fault_report {
	struct place place;
	bool is_loss; /* of events, not only of values */
	const char *what;
	const char *probe; /* NULL: all of the program */
	uint64_t count;
};

struct printer_ops {
	/* A message: its text goes to what begin() returns, then end(). Between
	 * the two nothing else is printed. */
	struct render *(*begin)(struct printer *printer, enum message message);
	void (*end)(struct printer *printer, enum message message);

	/* print() of a value. */
	void (*value)(struct printer *printer, const struct value *value);

	/* A map, sorted. */
	void (*map)(struct printer *printer, const struct snapshot *snapshot);

	/* Between the events and the maps at the end. */
	void (*separator)(struct printer *printer);

	/* What errorf() or warnf() said: a line on stderr, or an object. */
	void (*error)(struct printer *printer, enum message message,
		      const struct place *place);
	void (*attached)(struct printer *printer, uint32_t probes);
	/* An object, if the format has any; the text on stderr is not the
	 * printer's. */
	void (*fault)(struct printer *printer,
		      const struct fault_report *report);
};

struct printer {
	const struct printer_ops *ops;
	struct output *output; /* borrowed */
	struct output *errors; /* borrowed: stderr */
	struct render render;  /* of messages and values */
	struct output text;    /* of errors, and in JSON of all that is still
				  to be escaped */
	bool colour;           /* of errors */
};

/* Borrow both outputs and the names. */
void printer_text(struct printer *printer, struct output *output,
		  struct output *errors, struct names *names);
void printer_json(struct printer *printer, struct output *output,
		  struct output *errors, struct names *names);
void printer_close(struct printer *printer);

#endif
