/*
 * The words of run-time errors and of the report at the end. Called by
 * actions.c and print_text.c.
 */
#include "runtime/complaints.h"

#include <string.h>

void place_print(struct output *errors, const struct place *place,
		 const char *severity, bool colour)
{
	const char *code =
		strcmp(severity, "error") == 0 ? "\033[1;31m" : "\033[1;35m";

	output_text(errors, place->file);
	output_char(errors, ':');
	output_unsigned(errors, place->line);
	output_char(errors, ':');
	output_unsigned(errors, place->column);
	output_text(errors, ": ");
	if (colour)
		output_text(errors, code);
	output_text(errors, severity);
	output_char(errors, ':');
	if (colour)
		output_text(errors, "\033[0m");
	output_char(errors, ' ');
}

void complain_error(struct output *errors, const struct place *place,
		    bool colour, const char *what, const char *about, int error)
{
	place_print(errors, place, "error", colour);
	output_text(errors, what);
	output_char(errors, ' ');
	output_untrusted(errors, about, strlen(about), false);
	output_text(errors, ": ");
	output_text(errors, strerror(error));
	output_char(errors, '\n');
	output_record_end(errors);
}

void complain_fault(struct output *errors, const struct fault_report *report,
		    const char *remedy, const char *map, bool colour)
{
	place_print(errors, &report->place, "warning", colour);
	output_unsigned(errors, report->count);
	output_char(errors, ' ');
	output_text(errors, report->what);
	if (map || report->probe) {
		output_text(errors, " (");
		output_text(errors, map ? map : "");
		output_text(errors, map && report->probe ? " in " : "");
		output_text(errors, report->probe ? report->probe : "");
		output_char(errors, ')');
	}
	output_char(errors, '\n');
	if (*remedy) {
		output_text(errors, "    hint: ");
		output_text(errors, remedy);
		output_char(errors, '\n');
	}
	output_record_end(errors);
}
