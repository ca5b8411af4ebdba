/*
 * Text output, as bpftrace users know it. Called through printer.h.
 */
#include "runtime/complaints.h"
#include "runtime/printer.h"

static struct render *text_begin(struct printer *printer, enum message message)
{
	printer->render.output = printer->output;
	if (message == MESSAGE_ERROR || message == MESSAGE_WARNING) {
		printer->text.length = 0;
		printer->render.output = &printer->text;
	}
	return &printer->render;
}

/* Does what was printed last end a line? */
static bool ends_line(const struct output *output)
{
	return output->length && output->data[output->length - 1] == '\n';
}

static void text_end(struct printer *printer, enum message message)
{
	struct output *output = printer->output;

	if (message == MESSAGE_JOIN ||
	    (message == MESSAGE_SYSTEM && output->length && !ends_line(output)))
		output_char(output, '\n');
	output_record_end(output);
}

static void text_value(struct printer *printer, const struct value *value)
{
	printer->render.output = printer->output;
	value_print(&printer->render, value);
	output_char(printer->output, '\n');
	output_record_end(printer->output);
}

/* "[bash, 42]"; the parentheses of a tuple are not the user's. */
static void print_key(struct printer *printer, const struct type *type,
		      const unsigned char *bytes)
{
	struct render *render = &printer->render;
	uint32_t parts = type->kind == TYPE_TUPLE ? type->count : 1;

	render->stack_indent = STACK_INDENT_KEY;
	output_char(printer->output, '[');
	for (uint32_t i = 0; i < parts; i++) {
		const struct type *part = type;
		uint32_t offset = 0;
		struct value value;

		if (type->kind == TYPE_TUPLE) {
			part = type->items[i];
			offset = type_item_offset(type, i);
		}
		if (i)
			output_text(printer->output, ", ");
		value = value_in_map(part, bytes + offset);
		value_print(render, &value);
	}
	output_char(printer->output, ']');
	render->stack_indent = STACK_INDENT_VALUE;
}

static void print_entry(struct printer *printer, const struct image_map *map,
			const unsigned char *key, const unsigned char *bytes)
{
	bool is_hist =
		map->value->kind == TYPE_HIST || map->value->kind == TYPE_LHIST;
	struct value value = value_in_map(map->value, bytes);

	output_text(printer->output, map->name);
	if (map->key)
		print_key(printer, map->key, key);
	output_text(printer->output, is_hist ? ":\n" : ": ");
	value_print(&printer->render, &value);
	output_char(printer->output, '\n');
	output_limit(printer->output);
}

static void text_map(struct printer *printer, const struct snapshot *snapshot)
{
	size_t shown = snapshot_shown(snapshot);

	printer->render.output = printer->output;
	for (size_t i = 0; i < shown; i++)
		print_entry(printer, snapshot->map, snapshot_key(snapshot, i),
			    snapshot_value(snapshot, i));
	output_record_end(printer->output);
}

static void text_separator(struct printer *printer)
{
	output_text(printer->output, "\n\n");
}

static void text_error(struct printer *printer, enum message message,
		       const struct place *place)
{
	const char *severity = message == MESSAGE_ERROR ? "error" : "warning";
	struct output *text = &printer->text;

	/* In the order it happened, where both are one terminal. */
	output_flush(printer->output);
	place_print(printer->errors, place, severity, printer->colour);
	output_bytes(printer->errors, text->data, text->length);
	if (!ends_line(text))
		output_char(printer->errors, '\n');
	output_record_end(printer->errors);
}

static void text_attached(struct printer *printer, uint32_t probes)
{
	output_text(printer->errors, "Attached ");
	output_unsigned(printer->errors, probes);
	output_text(printer->errors, probes == 1 ? " probe\n" : " probes\n");
	output_record_end(printer->errors);
}

static void text_fault(struct printer *printer,
		       const struct fault_report *report)
{
	(void)printer;
	(void)report;
}

static const struct printer_ops text_ops = {
	.begin = text_begin,
	.end = text_end,
	.value = text_value,
	.map = text_map,
	.separator = text_separator,
	.error = text_error,
	.attached = text_attached,
	.fault = text_fault,
};

void printer_text(struct printer *printer, struct output *output,
		  struct output *errors, struct names *names)
{
	*printer = (struct printer){
		.ops = &text_ops,
		.output = output,
		.errors = errors,
		.render = { .output = output,
			    .names = names,
			    .foreign = FOREIGN_ESCAPED,
			    .stack_indent = STACK_INDENT_VALUE },
	};
	output_memory(&printer->text);
}

void printer_close(struct printer *printer)
{
	output_close(&printer->text);
}
