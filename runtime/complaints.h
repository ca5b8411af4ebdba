/*
 * Lines on standard error while a program runs: where in the script, what
 * happened. Called by actions.c and print_text.c; knows no records.
 */
#ifndef RUNTIME_COMPLAINTS_H
#define RUNTIME_COMPLAINTS_H

#include "runtime/printer.h"

/* The start of a line: "-e:1:17: error: ". */
void place_print(struct output *errors, const struct place *place,
		 const char *severity, bool colour);

/* "-e:1:9: error: cannot read /etc/x: No such file or directory"; `about` may
 * come from a traced program. */
void complain_error(struct output *errors, const struct place *place,
		    bool colour, const char *what, const char *about,
		    int error);

/* "-e:1:17: warning: 12 records lost: the event buffer was full (…)", and what
 * can be done about it, "" if nothing. `map`: whose updates were refused, or
 * NULL. */
void complain_fault(struct output *errors, const struct fault_report *report,
		    const char *remedy, const char *map, bool colour);

#endif
