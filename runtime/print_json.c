/*
 * JSON output: one object a line, bpftrace's shapes. Integers are numbers
 * always, strings as json.h says.
 *
 * The text of a key has its parts joined by commas; a comma or backslash
 * inside a part is \, or \\ when there are several parts. Keys that read the
 * same (two processes' addresses in one function) are told apart by #2, #3 at
 * the end. Called through printer.h.
 */
#include <stdlib.h>
#include <string.h>

#include "codegen/record.h"
#include "runtime/hist.h"
#include "runtime/json.h"
#include "runtime/printer.h"

/* ---- members ---- */

static void member_text(struct output *output, const char *name,
			const char *text)
{
	json_text(output, name);
	output_text(output, ": ");
	json_text(output, text);
}

static void member_number(struct output *output, const char *name,
			  uint64_t number)
{
	json_text(output, name);
	output_text(output, ": ");
	output_unsigned(output, number);
}

static void comma(struct output *output)
{
	output_text(output, ", ");
}

static void object_begin(struct output *output, const char *type)
{
	output_char(output, '{');
	member_text(output, "type", type);
	comma(output);
}

static void object_end(struct output *output)
{
	output_text(output, "}\n");
	output_record_end(output);
}

static void print_place(struct output *output, const struct place *place)
{
	member_text(output, "filename", place->file);
	comma(output);
	member_number(output, "line", place->line);
	comma(output);
	member_number(output, "col", place->column);
}

/* ---- values ---- */

static void print_value(struct printer *printer, const struct value *value);

static void print_number(struct output *output, uint64_t number, bool is_signed)
{
	if (is_signed)
		output_signed(output, (int64_t)number);
	else
		output_unsigned(output, number);
}

/* What has no form of its own in JSON: its text. */
static void print_as_text(struct printer *printer, const struct value *value)
{
	printer->text.length = 0;
	printer->render.output = &printer->text;
	value_print(&printer->render, value);
	json_string(printer->output, printer->text.data, printer->text.length);
}

static void print_buffer(struct output *output, const struct value *value)
{
	output_char(output, '[');
	for (size_t i = 0; i < value->length; i++) {
		if (i)
			output_char(output, ',');
		output_unsigned(output, value->bytes[i]);
	}
	output_char(output, ']');
}

static void print_array(struct printer *printer, const struct value *value)
{
	const struct type *element = value->type->to;

	output_char(printer->output, '[');
	for (uint32_t i = 0; i < value->type->count; i++) {
		struct value item = value_in_map(
			element, value->bytes + (size_t)i * element->size);

		if (i)
			output_char(printer->output, ',');
		print_value(printer, &item);
	}
	output_char(printer->output, ']');
}

static void print_tuple(struct printer *printer, const struct value *value)
{
	output_char(printer->output, '[');
	for (uint32_t i = 0; i < value->type->count; i++) {
		struct value item = value_in_map(
			value->type->items[i],
			value->bytes + type_item_offset(value->type, i));

		if (i)
			output_char(printer->output, ',');
		print_value(printer, &item);
	}
	output_char(printer->output, ']');
}

/* Members of an unnamed struct are members of the one around it. */
static void print_fields(struct printer *printer, const struct value *value,
			 bool *is_first)
{
	const struct record *record = value->type->record;

	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		struct value item;

		if (!field_fits(field, value->length))
			continue;
		item = field_value(field, value->bytes);
		if (field_is_unnamed(field)) {
			if (field->type->kind == TYPE_STRUCT)
				print_fields(printer, &item, is_first);
			continue;
		}
		if (!*is_first)
			comma(printer->output);
		*is_first = false;
		json_text(printer->output, field->name);
		output_text(printer->output, ": ");
		print_value(printer, &item);
	}
}

static void print_struct(struct printer *printer, const struct value *value)
{
	bool is_first = true;

	output_char(printer->output, '{');
	print_fields(printer, value, &is_first);
	output_char(printer->output, '}');
}

static void print_bucket(struct output *output, const struct bucket *bucket,
			 uint64_t count)
{
	output_char(output, '{');
	if (!bucket->no_first) {
		output_text(output, "\"min\": ");
		output_signed(output, bucket->first);
		comma(output);
	}
	if (!bucket->no_last) {
		output_text(output, "\"max\": ");
		output_signed(output, bucket->last);
		comma(output);
	}
	member_number(output, "count", count);
	output_char(output, '}');
}

static void print_hist(struct output *output, const struct value *value)
{
	const uint64_t *counts = (const uint64_t *)(const void *)value->bytes;
	uint32_t first, end;

	output_char(output, '[');
	hist_range(counts, value->type->count, &first, &end);
	for (uint32_t i = first; i < end; i++) {
		struct bucket bucket = hist_bounds(value->type, i);

		if (i > first)
			comma(output);
		print_bucket(output, &bucket, counts[i]);
	}
	output_char(output, ']');
}

static void print_aggregate(struct output *output, const struct value *value)
{
	const struct type *type = value->type;
	struct aggregate aggregate = aggregate_load(type, value->bytes);

	if (type->kind == TYPE_COUNT) {
		output_unsigned(output, aggregate.count);
	} else if (type->kind == TYPE_AVG) {
		print_number(output, aggregate.average, type->is_signed);
	} else if (type->kind == TYPE_STATS) {
		output_char(output, '{');
		member_number(output, "count", aggregate.count);
		output_text(output, ", \"average\": ");
		print_number(output, aggregate.average, type->is_signed);
		output_text(output, ", \"total\": ");
		print_number(output, aggregate.total, type->is_signed);
		output_char(output, '}');
	} else {
		print_number(output, aggregate.total, type->is_signed);
	}
}

static void print_value(struct printer *printer, const struct value *value)
{
	struct output *output = printer->output;

	switch (value->type->kind) {
	case TYPE_UNKNOWN:
	case TYPE_NONE:
		output_text(output, "null");
		return;
	case TYPE_BOOL:
		output_text(output, value->scalar ? "true" : "false");
		return;
	case TYPE_ENUM:
		if (value->type->is_word) {
			print_as_text(printer, value);
			return;
		}
		print_number(output, value->scalar, value->type->is_signed);
		return;
	case TYPE_INT:
	case TYPE_POINTER:
		print_number(output, value->scalar, value->type->is_signed);
		return;
	case TYPE_BUFFER:
		print_buffer(output, value);
		return;
	case TYPE_ARRAY:
		print_array(printer, value);
		return;
	case TYPE_STRUCT:
		print_struct(printer, value);
		return;
	case TYPE_TUPLE:
		print_tuple(printer, value);
		return;
	case TYPE_COUNT:
	case TYPE_SUM:
	case TYPE_MIN:
	case TYPE_MAX:
	case TYPE_AVG:
	case TYPE_STATS:
		print_aggregate(output, value);
		return;
	case TYPE_HIST:
	case TYPE_LHIST:
		print_hist(output, value);
		return;
	case TYPE_STRING:
	case TYPE_STACK:
	case TYPE_SYMBOL:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_TIMESTAMP:
	case TYPE_USERNAME:
	case TYPE_PROBE:
	case TYPE_CGROUP:
		print_as_text(printer, value);
		return;
	}
	unreachable();
}

/* ---- keys ---- */

/* Texts of keys so far, as hashes: two texts of one hash are only told apart
 * where they need not be. */
struct key_set {
	uint64_t *hashes; /* 0: free */
	size_t mask;
};

static void key_set_new(struct key_set *set, size_t count)
{
	size_t room = 16;

	while (room < 2 * count)
		room *= 2;
	set->hashes = calloc(room, sizeof(*set->hashes));
	set->mask = room - 1;
}

/* FNV-1a. */
static uint64_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash ? hash : 1;
}

/* False if it is in the set already. */
static bool key_set_add(struct key_set *set, const struct output *text)
{
	uint64_t hash = hash_bytes(text->data, text->length);
	size_t at = hash & set->mask;

	if (!set->hashes)
		return true;
	for (; set->hashes[at]; at = (at + 1) & set->mask) {
		if (set->hashes[at] == hash)
			return false;
	}
	set->hashes[at] = hash;
	return true;
}

static void make_unique(struct key_set *set, struct output *text)
{
	size_t length = text->length;
	uint64_t number = 1;

	while (!key_set_add(set, text)) {
		text->length = length;
		output_char(text, '#');
		output_unsigned(text, ++number);
	}
}

/* The key's text, in printer->text. */
static void render_key(struct printer *printer, const struct type *type,
		       const unsigned char *bytes)
{
	struct render render = printer->render;
	bool is_tuple = type->kind == TYPE_TUPLE;
	uint32_t parts = is_tuple ? type->count : 1;

	printer->text.length = 0;
	render.output = &printer->text;
	render.foreign = parts > 1 ? FOREIGN_PART : FOREIGN_RAW;
	render.stack_indent = STACK_INDENT_KEY;
	render.compact = true;
	for (uint32_t i = 0; i < parts; i++) {
		const struct type *part = is_tuple ? type->items[i] : type;
		uint32_t offset = is_tuple ? type_item_offset(type, i) : 0;
		struct value value = value_in_map(part, bytes + offset);

		if (i)
			output_char(&printer->text, ',');
		value_print(&render, &value);
	}
}

/* ---- maps ---- */

static const char *map_type(const struct type *value)
{
	if (value->kind == TYPE_HIST || value->kind == TYPE_LHIST)
		return "hist";
	if (value->kind == TYPE_AVG || value->kind == TYPE_STATS)
		return "stats";
	return "map";
}

static void print_map_value(struct printer *printer,
			    const struct snapshot *snapshot, size_t index)
{
	struct value value = value_in_map(snapshot->map->value,
					  snapshot_value(snapshot, index));

	print_value(printer, &value);
}

static void print_entries(struct printer *printer,
			  const struct snapshot *snapshot)
{
	struct output *output = printer->output;
	size_t shown = snapshot_shown(snapshot);
	struct key_set set;

	key_set_new(&set, shown);
	output_char(output, '{');
	for (size_t i = 0; i < shown; i++) {
		if (i)
			comma(output);
		render_key(printer, snapshot->map->key,
			   snapshot_key(snapshot, i));
		make_unique(&set, &printer->text);
		json_string(output, printer->text.data, printer->text.length);
		output_text(output, ": ");
		print_map_value(printer, snapshot, i);
		output_limit(output);
	}
	output_char(output, '}');
	free(set.hashes);
}

static void json_map(struct printer *printer, const struct snapshot *snapshot)
{
	struct output *output = printer->output;
	const struct image_map *map = snapshot->map;

	if (!snapshot_shown(snapshot))
		return;
	object_begin(output, map_type(map->value));
	output_text(output, "\"data\": {");
	json_text(output, map->name);
	output_text(output, ": ");
	if (map->key)
		print_entries(printer, snapshot);
	else
		print_map_value(printer, snapshot, 0);
	output_char(output, '}');
	object_end(output);
}

/* ---- everything else ---- */

static const char *const message_types[] = {
	[MESSAGE_PRINTF] = "printf",  [MESSAGE_CAT] = "cat",
	[MESSAGE_JOIN] = "join",      [MESSAGE_TIME] = "time",
	[MESSAGE_SYSTEM] = "syscall", [MESSAGE_ERROR] = "errorf",
	[MESSAGE_WARNING] = "warnf",
};

static struct render *json_begin(struct printer *printer, enum message message)
{
	(void)message;
	printer->text.length = 0;
	printer->render.output = &printer->text;
	return &printer->render;
}

static void json_end(struct printer *printer, enum message message)
{
	struct output *output = printer->output;

	object_begin(output, message_types[message]);
	output_text(output, "\"data\": ");
	json_string(output, printer->text.data, printer->text.length);
	object_end(output);
}

static void json_value(struct printer *printer, const struct value *value)
{
	object_begin(printer->output, "value");
	output_text(printer->output, "\"data\": ");
	print_value(printer, value);
	object_end(printer->output);
}

static void json_separator(struct printer *printer)
{
	(void)printer;
}

static void json_error(struct printer *printer, enum message message,
		       const struct place *place)
{
	struct output *output = printer->output;

	object_begin(output, message_types[message]);
	output_text(output, "\"msg\": ");
	json_string(output, printer->text.data, printer->text.length);
	comma(output);
	print_place(output, place);
	object_end(output);
}

/* {"type": "attached_probes", "count": 1, "data": {"probes": 1}} */
static void print_count(struct output *output, const char *name, uint64_t count)
{
	member_number(output, "count", count);
	output_text(output, ", \"data\": {");
	member_number(output, name, count);
	output_char(output, '}');
}

static void json_attached(struct printer *printer, uint32_t probes)
{
	object_begin(printer->output, "attached_probes");
	print_count(printer->output, "probes", probes);
	object_end(printer->output);
}

static void json_fault(struct printer *printer,
		       const struct fault_report *report)
{
	struct output *output = printer->output;

	object_begin(output, report->is_loss ? "lost_events" : "runtime_error");
	if (report->is_loss)
		print_count(output, "events", report->count);
	else
		member_number(output, "count", report->count);
	comma(output);
	member_text(output, "msg", report->what);
	comma(output);
	if (report->probe) {
		member_text(output, "probe", report->probe);
		comma(output);
	}
	print_place(output, &report->place);
	object_end(output);
}

static const struct printer_ops json_ops = {
	.begin = json_begin,
	.end = json_end,
	.value = json_value,
	.map = json_map,
	.separator = json_separator,
	.error = json_error,
	.attached = json_attached,
	.fault = json_fault,
};

void printer_json(struct printer *printer, struct output *output,
		  struct output *errors, struct names *names)
{
	*printer = (struct printer){
		.ops = &json_ops,
		.output = output,
		.errors = errors,
		.render = { .names = names,
			    .foreign = FOREIGN_RAW,
			    .stack_indent = STACK_INDENT_VALUE },
	};
	output_memory(&printer->text);
	printer->render.output = &printer->text;
}
