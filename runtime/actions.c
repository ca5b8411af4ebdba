/*
 * What each action does. A record names its site; the site says which action,
 * the types of the values and their format. Called by the loop for every
 * record; output formats are behind printer.h.
 */
#include "runtime/actions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/record.h"
#include "runtime/commands.h"
#include "runtime/complaints.h"
#include "runtime/format_print.h"
#include "runtime/map_read.h"
#include "runtime/printer.h"

/* What is worked out once for each site of the image. */
struct site {
	const struct image_site *site;
	struct format_plan *plan;   /* NULL without a format */
	size_t slots;               /* where they begin */
	size_t size_least;          /* of a record: where they end */
	struct slot_limits *limits; /* of the slots that name bytes */
	uint32_t limit_count;
	bool is_usable; /* has what its action needs */
};

struct actions {
	const struct image *image;
	struct actions_options options;
	struct output errors; /* stderr */
	struct output text;   /* of a command or a path */
	struct names *names;
	struct printer printer;
	struct site *sites;
	uint64_t malformed;
	int status;
	bool has_exited;
};

typedef void action_fn(struct actions *actions, const struct site *site,
		       const struct record_view *record);

/* ---- complaints ---- */

static struct place place_of(const struct actions *actions, struct span at)
{
	const struct source *source = actions->options.source;
	struct position position = source_position(source, at.begin);

	return (struct place){ position.file, position.line, position.column };
}

/* After what was printed before, where both go to one terminal. */
static void complain(struct actions *actions, struct span at, const char *what,
		     const char *about, int error)
{
	struct place place = place_of(actions, at);

	output_flush(actions->options.output);
	complain_error(&actions->errors, &place, actions->options.colour, what,
		       about, error);
}

/* ---- actions that print values ---- */

static void act_printf(struct actions *actions, const struct site *site,
		       const struct record_view *record)
{
	struct printer *printer = &actions->printer;

	format_print(printer->ops->begin(printer, MESSAGE_PRINTF), site->plan,
		     record);
	printer->ops->end(printer, MESSAGE_PRINTF);
}

static void print_complaint(struct actions *actions, const struct site *site,
			    const struct record_view *record,
			    enum message message)
{
	struct printer *printer = &actions->printer;
	struct place place = place_of(actions, site->site->at);

	format_print(printer->ops->begin(printer, message), site->plan, record);
	printer->ops->error(printer, message, &place);
}

static void act_errorf(struct actions *actions, const struct site *site,
		       const struct record_view *record)
{
	print_complaint(actions, site, record, MESSAGE_ERROR);
}

static void act_warnf(struct actions *actions, const struct site *site,
		      const struct record_view *record)
{
	print_complaint(actions, site, record, MESSAGE_WARNING);
}

/* The formatted text itself, for what is no output: NUL-terminated. */
static const char *format_to_text(struct actions *actions,
				  const struct site *site,
				  const struct record_view *record)
{
	struct render render = {
		.output = &actions->text,
		.names = actions->names,
		.foreign = FOREIGN_RAW,
		.stack_indent = STACK_INDENT_VALUE,
	};

	actions->text.length = 0;
	format_print(&render, site->plan, record);
	output_char(&actions->text, '\0');
	return actions->text.length ? actions->text.data : "";
}

static void act_cat(struct actions *actions, const struct site *site,
		    const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	const char *path = format_to_text(actions, site, record);
	int error = command_cat(printer->ops->begin(printer, MESSAGE_CAT), path,
				actions->image->settings.max_cat_bytes);

	printer->ops->end(printer, MESSAGE_CAT);
	if (error)
		complain(actions, site->site->at, "cannot read", path, error);
}

static void act_system(struct actions *actions, const struct site *site,
		       const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	const char *text = format_to_text(actions, site, record);
	int error;

	/* The command may write to the same place by itself. */
	output_flush(actions->options.output);
	error = command_system(printer->ops->begin(printer, MESSAGE_SYSTEM),
			       text);
	printer->ops->end(printer, MESSAGE_SYSTEM);
	if (error)
		complain(actions, site->site->at, "cannot run", text, error);
}

static void act_time(struct actions *actions, const struct site *site,
		     const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	const char *format = site->site->text;
	struct render *render;
	struct timespec now;
	const char *text;

	(void)record;
	clock_gettime(CLOCK_REALTIME, &now);
	text = names_time(actions->names, format ? format : "%H:%M:%S\n", now);
	render = printer->ops->begin(printer, MESSAGE_TIME);
	output_text(render->output, text ? text : "(?)");
	printer->ops->end(printer, MESSAGE_TIME);
}

/* The slot has the strings one after another, a NUL behind each. */
static void act_join(struct actions *actions, const struct site *site,
		     const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	struct render *render = printer->ops->begin(printer, MESSAGE_JOIN);
	struct value value = value_in_slot(site->site->types[0], record, 0);
	const char *at = (const char *)value.bytes;
	const char *end = at + value.length;

	while (at < end) {
		size_t length = strnlen(at, (size_t)(end - at));

		foreign_print(render, at, length);
		at += length + 1;
		if (at < end)
			output_text(render->output, site->site->text);
	}
	printer->ops->end(printer, MESSAGE_JOIN);
}

/* ---- actions on maps ---- */

static bool has_map(const struct actions *actions,
		    const struct image_site *site)
{
	return site->map >= 0 &&
	       (uint32_t)site->map < actions->image->map_count;
}

static bool read_sorted(struct actions *actions, uint32_t index, int fd,
			struct snapshot *snapshot)
{
	const struct image_map *map = &actions->image->maps[index];

	if (!map_read(fd, map, snapshot))
		complain(actions, map->at, "cannot read all of", map->name,
			 errno);
	return snapshot_sort(snapshot);
}

/* The bytes of the key that the record names, as the map has them. */
static const unsigned char *key_in_slot(const struct type *type,
					const struct record_view *record,
					uint64_t *scalar)
{
	struct value value = value_in_slot(type, record, 0);

	*scalar = value.scalar;
	/* the low bytes come first */
	if (type_is_scalar(type))
		return (const unsigned char *)scalar;
	return value.length >= type->size ? value.bytes : NULL;
}

/* print(@m[k]): of all entries the one with that key. */
static void print_entry(struct actions *actions, const struct image_site *site,
			const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	struct snapshot snapshot;
	uint64_t scalar;
	const unsigned char *key = key_in_slot(site->types[0], record, &scalar);
	int fd = actions->options.map_fds[site->map];

	if (read_sorted(actions, (uint32_t)site->map, fd, &snapshot) && key &&
	    snapshot_keep(&snapshot, key))
		printer->ops->map(printer, &snapshot);
	snapshot_free(&snapshot);
}

static void complain_of_map(struct actions *actions,
			    const struct image_site *site, const char *failure)
{
	complain(actions, site->at, failure,
		 actions->image->maps[site->map].name, errno);
}

/* What was shown is removed; zero() keeps its keys. */
static void empty_map(struct actions *actions, const struct image_site *site,
		      int fd, const struct snapshot *shown)
{
	const struct image_map *map = &actions->image->maps[site->map];

	if (!map_clear(fd, map))
		complain_of_map(actions, site, "cannot clear");
	if (site->then == ACTION_ZERO &&
	    !map_add_keys(actions->options.map_fds[site->map], map, shown))
		complain_of_map(actions, site, "cannot zero");
}

static void print_map(struct actions *actions, const struct image_site *site)
{
	const struct actions_options *options = &actions->options;
	struct printer *printer = &actions->printer;
	uint32_t index = (uint32_t)site->map;
	bool is_renewed = site->then != ACTION_NO_ACTION;
	struct snapshot snapshot;
	int fd = is_renewed ? options->renew(options->session, index)
			    : options->map_fds[index];

	if (read_sorted(actions, index, fd, &snapshot)) {
		if (is_renewed)
			empty_map(actions, site, fd, &snapshot);
		snapshot_top(&snapshot,
			     site->top > 0 ? (uint64_t)site->top : 0);
		snapshot_divide(&snapshot, site->divisor);
		printer->ops->map(printer, &snapshot);
	}
	snapshot_free(&snapshot);
}

static void act_print(struct actions *actions, const struct site *site,
		      const struct record_view *record)
{
	struct printer *printer = &actions->printer;
	struct value value;

	if (has_map(actions, site->site)) {
		if (site->site->count)
			print_entry(actions, site->site, record);
		else
			print_map(actions, site->site);
		return;
	}
	value = value_in_slot(slot_type(site->site->types[0]), record, 0);
	printer->ops->value(printer, &value);
}

typedef bool map_fn(int fd, const struct image_map *map);

static void change_map(struct actions *actions, const struct site *site,
		       map_fn *change, const char *failure)
{
	uint32_t index = (uint32_t)site->site->map;
	const struct image_map *map = &actions->image->maps[index];

	if (!change(actions->options.map_fds[index], map))
		complain_of_map(actions, site->site, failure);
}

static void act_clear(struct actions *actions, const struct site *site,
		      const struct record_view *record)
{
	(void)record;
	change_map(actions, site, map_clear, "cannot clear");
}

static void act_zero(struct actions *actions, const struct site *site,
		     const struct record_view *record)
{
	(void)record;
	change_map(actions, site, map_zero, "cannot zero");
}

/* ---- the others ---- */

static uint64_t first_slot(const struct record_view *record)
{
	return value_in_slot(&type_uint64, record, 0).scalar;
}

static void act_exit(struct actions *actions, const struct site *site,
		     const struct record_view *record)
{
	/* The first one decides. */
	if (actions->has_exited)
		return;
	actions->has_exited = true;
	if (site->site->count)
		actions->status = (int)(first_slot(record) & 0xff);
}

static void act_process_seen(struct actions *actions, const struct site *site,
			     const struct record_view *record)
{
	(void)site;
	usyms_process_seen(names_usyms(actions->names),
			   (uint32_t)first_slot(record));
}

/* ---- which action does what ---- */

/* What a site must have for its action. */
enum need {
	NEEDS_NOTHING,
	NEEDS_FORMAT,
	NEEDS_SLOT,
	NEEDS_MAP,
	NEEDS_SLOT_OR_MAP,
};

static const struct {
	action_fn *act;
	enum need need;
} rows[] = {
	[ACTION_NO_ACTION] = { NULL, NEEDS_NOTHING },
	[ACTION_PRINTF] = { act_printf, NEEDS_FORMAT },
	[ACTION_ERRORF] = { act_errorf, NEEDS_FORMAT },
	[ACTION_WARNF] = { act_warnf, NEEDS_FORMAT },
	[ACTION_CAT] = { act_cat, NEEDS_FORMAT },
	[ACTION_SYSTEM] = { act_system, NEEDS_FORMAT },
	[ACTION_PRINT] = { act_print, NEEDS_SLOT_OR_MAP },
	[ACTION_CLEAR] = { act_clear, NEEDS_MAP },
	[ACTION_ZERO] = { act_zero, NEEDS_MAP },
	[ACTION_TIME] = { act_time, NEEDS_NOTHING },
	[ACTION_EXIT] = { act_exit, NEEDS_NOTHING },
	[ACTION_JOIN] = { act_join, NEEDS_SLOT },
	[ACTION_PROCESS_SEEN] = { act_process_seen, NEEDS_SLOT },
};

/* Every action that functions.def names has its row above. */
#define FUNCTION(name, signature, kind, result, check, emit, action, safety, \
		 help) \
	_Static_assert(ACTION_##action < ARRAY_SIZE(rows), \
		       "no action for " #name);
#include "parser/functions.def"
#undef FUNCTION

static bool meets_need(const struct actions *actions, const struct site *site)
{
	switch (rows[site->site->action].need) {
	case NEEDS_NOTHING:
		return rows[site->site->action].act;
	case NEEDS_FORMAT:
		return site->plan;
	case NEEDS_SLOT:
		return site->site->count;
	case NEEDS_MAP:
		return has_map(actions, site->site);
	case NEEDS_SLOT_OR_MAP:
		return site->site->count || has_map(actions, site->site);
	}
	unreachable();
}

/* ---- making ---- */

static bool site_prepare(struct site *prepared, const struct image_site *site)
{
	prepared->site = site;
	prepared->slots =
		site->is_control ? RECORD_CONTROL_SLOTS : RECORD_DATA_SLOTS;
	prepared->size_least = prepared->slots + 8 * (size_t)site->count;
	prepared->limits =
		calloc((size_t)site->count + 1, sizeof(*prepared->limits));
	if (!prepared->limits)
		return false;
	for (uint32_t i = 0; i < site->count; i++) {
		if (slot_limits(slot_type(site->types[i]), i,
				&prepared->limits[prepared->limit_count]))
			prepared->limit_count++;
	}
	if (!site->format)
		return true;
	prepared->plan =
		format_plan_new(site->format, site->types, site->count);
	return prepared->plan;
}

static bool prepare(struct actions *actions)
{
	const struct image *image = actions->image;
	const struct actions_options *options = &actions->options;

	actions->names = names_new(image, options->root);
	/* One more: no sites at all is not out of memory. */
	actions->sites =
		calloc((size_t)image->site_count + 1, sizeof(*actions->sites));
	if (!actions->names || !actions->sites)
		return false;
	if (options->format == OUTPUT_JSON)
		printer_json(&actions->printer, options->output,
			     &actions->errors, actions->names);
	else
		printer_text(&actions->printer, options->output,
			     &actions->errors, actions->names);
	actions->printer.colour = options->colour;
	for (uint32_t i = 0; i < image->site_count; i++) {
		if (!site_prepare(&actions->sites[i], &image->sites[i]))
			return false;
		actions->sites[i].is_usable =
			meets_need(actions, &actions->sites[i]);
	}
	return true;
}

struct actions *actions_new(const struct image *image,
			    const struct actions_options *options)
{
	struct actions *actions = calloc(1, sizeof(*actions));

	if (!actions)
		return NULL;
	actions->image = image;
	actions->options = *options;
	actions->errors = (struct output){ .fd = 2, .buffering = BUFFER_NONE };
	output_memory(&actions->text);
	output_memory(&actions->printer.text);
	if (prepare(actions))
		return actions;
	actions_free(actions);
	return NULL;
}

void actions_free(struct actions *actions)
{
	if (!actions)
		return;
	for (uint32_t i = 0; actions->sites && i < actions->image->site_count;
	     i++) {
		format_plan_free(actions->sites[i].plan);
		free(actions->sites[i].limits);
	}
	free(actions->sites);
	printer_close(&actions->printer);
	names_free(actions->names);
	output_close(&actions->text);
	output_close(&actions->errors);
	free(actions);
}

/* ---- records ---- */

/* The site of a record whose slots lie within it; NULL if it is malformed. */
static const struct site *record_check(const struct actions *actions,
				       struct record_view *record)
{
	const struct site *site;
	uint32_t index;

	if (record->size < RECORD_DATA_SLOTS)
		return NULL;
	memcpy(&index, record->bytes, sizeof(index));
	if (index >= actions->image->site_count)
		return NULL;
	site = &actions->sites[index];
	if (!site->is_usable || record->size < site->size_least)
		return NULL;
	record->slots = record->bytes + site->slots;
	for (uint32_t i = 0; i < site->limit_count; i++) {
		if (!record_slot_valid(record, &site->limits[i]))
			return NULL;
	}
	return site;
}

void actions_record(struct actions *actions, const void *bytes, size_t size)
{
	struct record_view record = { .bytes = bytes, .size = size };
	const struct site *site = record_check(actions, &record);

	if (site)
		rows[site->site->action].act(actions, site, &record);
	else
		actions->malformed++;
}

uint64_t actions_malformed(const struct actions *actions)
{
	return actions->malformed;
}

struct usyms *actions_usyms(const struct actions *actions)
{
	return names_usyms(actions->names);
}

bool actions_exit(const struct actions *actions, int *status)
{
	if (actions->has_exited)
		*status = actions->status;
	return actions->has_exited;
}

/* ---- begin and end ---- */

static int compare_names(const void *left, const void *right, void *data)
{
	const struct image_map *maps = data;

	return strcmp(maps[*(const uint32_t *)left].name,
		      maps[*(const uint32_t *)right].name);
}

/* Prints one map, after the separator if it is the first to be seen. */
static bool print_at_end(struct actions *actions, uint32_t index, bool is_first)
{
	struct printer *printer = &actions->printer;
	struct snapshot snapshot;
	bool printed = false;

	if (read_sorted(actions, index, actions->options.map_fds[index],
			&snapshot) &&
	    snapshot_shown(&snapshot)) {
		if (is_first)
			printer->ops->separator(printer);
		printer->ops->map(printer, &snapshot);
		printed = true;
	}
	snapshot_free(&snapshot);
	return printed;
}

void actions_print_maps(struct actions *actions)
{
	const struct image *image = actions->image;
	uint32_t *order;
	bool is_first = true;

	if (!image->map_count)
		return;
	order = calloc(image->map_count, sizeof(*order));
	if (!order)
		return;
	for (uint32_t i = 0; i < image->map_count; i++)
		order[i] = i;
	qsort_r(order, image->map_count, sizeof(*order), compare_names,
		image->maps);
	for (uint32_t i = 0; i < image->map_count; i++) {
		if (print_at_end(actions, order[i], is_first))
			is_first = false;
	}
	free(order);
	output_flush(actions->options.output);
}

void actions_attached(struct actions *actions, uint32_t probes, bool quiet)
{
	if (!quiet)
		actions->printer.ops->attached(&actions->printer, probes);
}

void actions_fault(struct actions *actions, const struct image_fault *fault,
		   const char *probe, uint64_t count)
{
	const struct fault_row *row = fault_row(fault->reason);
	struct fault_report report = {
		.place = place_of(actions, fault->at),
		.is_loss = row->is_loss,
		.what = count == 1 ? row->one : row->many,
		.probe = probe,
		.count = count,
	};
	const char *map = NULL;

	if (fault->map >= 0 && (uint32_t)fault->map < actions->image->map_count)
		map = actions->image->maps[fault->map].name;
	output_flush(actions->options.output);
	complain_fault(&actions->errors, &report, row->remedy, map,
		       actions->options.colour);
	actions->printer.ops->fault(&actions->printer, &report);
}
