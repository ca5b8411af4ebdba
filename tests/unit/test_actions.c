/*
 * Records become output: each action once, and records that are malformed in
 * every way.
 */
#include "tests/unit/printing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "runtime/actions.h"

enum {
	SITE_PRINTF,
	SITE_ERRORF,
	SITE_CAT,
	SITE_SYSTEM,
	SITE_PRINT,
	SITE_TIME,
	SITE_EXIT,
	SITE_JOIN,
	SITE_SEEN,
	SITE_TUPLE,
	SITE_PRINT_MAP,
	SITE_CLEAR,
	SITE_NO_FORMAT,
	SITE_NO_MAP,
	SITES
};

static struct arena *arena;
static struct diags *diags;
static struct source *source;
static struct image_site sites[SITES];
static struct image_map maps[3];
static int map_fds[3] = { -1, -1, -1 };
static struct image image = {
	.sites = sites, .site_count = SITES, .maps = maps, .map_count = 3
};
static struct output output;

static const struct format *parse(const char *text)
{
	return format_parse(arena, text, strlen(text), (struct span){ 0, 0 },
			    diags);
}

static const struct type **types_of(const struct type *first,
				    const struct type *second)
{
	const struct type **types = ARENA_ARRAY(arena, 2, const struct type *);

	types[0] = first;
	types[1] = second;
	return types;
}

static void site_set(uint32_t index, enum action action, const char *format,
		     const struct type *first, const struct type *second)
{
	sites[index] = (struct image_site){
		.action = action,
		.at = { 8, 9 },
		.map = -1,
		.types = types_of(first, second),
		.count = (uint32_t) !!first + (uint32_t) !!second,
		.format = format ? parse(format) : NULL,
	};
}

static void make_sites(void)
{
	const struct type *string = type_string(arena, 64);
	const struct type *items[] = { &type_int64, &type_int64 };

	site_set(SITE_PRINTF, ACTION_PRINTF, "%d %s\n", &type_int64, string);
	site_set(SITE_ERRORF, ACTION_ERRORF, "bad %s", string, NULL);
	site_set(SITE_CAT, ACTION_CAT, "%s/%s", string, string);
	site_set(SITE_SYSTEM, ACTION_SYSTEM, "%s", string, NULL);
	site_set(SITE_PRINT, ACTION_PRINT, NULL, string, NULL);
	site_set(SITE_TIME, ACTION_TIME, NULL, NULL, NULL);
	sites[SITE_TIME].text = "time %%\n";
	site_set(SITE_EXIT, ACTION_EXIT, NULL, &type_int64, NULL);
	sites[SITE_EXIT].is_control = true;
	site_set(SITE_JOIN, ACTION_JOIN, NULL, string, NULL);
	sites[SITE_JOIN].text = "+";
	site_set(SITE_SEEN, ACTION_PROCESS_SEEN, NULL, &type_uint32, NULL);
	site_set(SITE_TUPLE, ACTION_PRINT, NULL, type_tuple(arena, items, 2),
		 NULL);
	site_set(SITE_PRINT_MAP, ACTION_PRINT, NULL, NULL, NULL);
	sites[SITE_PRINT_MAP].map = 0;
	sites[SITE_PRINT_MAP].top = 2;
	sites[SITE_PRINT_MAP].divisor = 10;
	site_set(SITE_CLEAR, ACTION_CLEAR, NULL, NULL, NULL);
	sites[SITE_CLEAR].map = 0;
	site_set(SITE_NO_FORMAT, ACTION_PRINTF, NULL, NULL, NULL);
	site_set(SITE_NO_MAP, ACTION_CLEAR, NULL, NULL, NULL);
	sites[SITE_NO_MAP].map = 77;
}

static struct actions *open_actions(enum output_format format)
{
	struct actions_options options = {
		.format = format,
		.output = &output,
		.source = source,
		.map_fds = map_fds,
		.root = "",
	};
	struct actions *actions = actions_new(&image, &options);

	assert_non_null(actions);
	return actions;
}

static const char *handle(struct actions *actions,
			  const struct record_builder *record)
{
	uint64_t malformed = actions_malformed(actions);

	actions_record(actions, record->bytes, record->size);
	assert_true(actions_malformed(actions) == malformed);
	return taken(&output);
}

static void strings(struct record_builder *record, uint32_t site,
		    const char *first, const char *second)
{
	record_begin(record, site, second ? 2 : 1, false);
	record_bytes(record, first, strlen(first) + 1);
	if (second)
		record_bytes(record, second, strlen(second));
}

static void text_of_each_action(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record;

	(void)state;
	record_begin(&record, SITE_PRINTF, 2, false);
	record_scalar(&record, (uint64_t)-7);
	record_bytes(&record, "a\033b", 4);
	assert_string_equal(handle(actions, &record), "-7 a\\x1bb\n");
	strings(&record, SITE_PRINT, "plain", NULL);
	assert_string_equal(handle(actions, &record), "plain\n");
	record_begin(&record, SITE_JOIN, 1, false);
	record_bytes(&record, "one\0\0two words\0", 15);
	assert_string_equal(handle(actions, &record), "one++two words\n");
	record_begin(&record, SITE_TIME, 0, false);
	assert_string_equal(handle(actions, &record), "time %\n");
	strings(&record, SITE_SYSTEM, "printf 'from\\nsh'", NULL);
	assert_string_equal(handle(actions, &record), "from\nsh\n");
	strings(&record, SITE_SYSTEM, "true", NULL);
	assert_string_equal(handle(actions, &record), "");
	strings(&record, SITE_CAT, "/proc/sys/kernel", "ostype");
	assert_string_equal(handle(actions, &record), "Linux\n");
	actions_free(actions);
}

static void json_of_each_action(void **state)
{
	struct actions *actions = open_actions(OUTPUT_JSON);
	struct record_builder record;

	(void)state;
	record_begin(&record, SITE_PRINTF, 2, false);
	record_scalar(&record, 7);
	record_bytes(&record, "a\033b", 4);
	assert_string_equal(
		handle(actions, &record),
		"{\"type\": \"printf\", \"data\": \"7 a\\u001bb\\n\"}\n");
	strings(&record, SITE_ERRORF, "luck", NULL);
	assert_string_equal(handle(actions, &record),
			    "{\"type\": \"errorf\", \"msg\": \"bad luck\", "
			    "\"filename\": \"-e\", \"line\": 2, \"col\": 3}\n");
	strings(&record, SITE_SYSTEM, "echo x", NULL);
	assert_string_equal(handle(actions, &record),
			    "{\"type\": \"syscall\", \"data\": \"x\\n\"}\n");
	record_begin(&record, SITE_JOIN, 1, false);
	record_bytes(&record, "a\0b", 4);
	assert_string_equal(handle(actions, &record),
			    "{\"type\": \"join\", \"data\": \"a+b\"}\n");
	actions_free(actions);
}

/* What stderr receives while it is a pipe. */
static const char *stderr_of(struct actions *actions,
			     const struct record_builder *record)
{
	static char text[4096];
	int saved = dup(2);
	int fds[2];
	ssize_t got;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], 2);
	close(fds[1]);
	handle(actions, record);
	dup2(saved, 2);
	close(saved);
	got = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void errors_name_their_place(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record;

	(void)state;
	strings(&record, SITE_ERRORF, "luck\033", NULL);
	assert_string_equal(stderr_of(actions, &record),
			    "-e:2:3: error: bad luck\\x1b\n");
	strings(&record, SITE_CAT, "/nonexistent\n", "x");
	assert_string_equal(stderr_of(actions, &record),
			    "-e:2:3: error: cannot read /nonexistent\\x0a/x: "
			    "No such file or directory\n");
	actions_free(actions);
}

static void only_so_many_bytes_of_a_file(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record;

	(void)state;
	image.settings.max_cat_bytes = 3;
	strings(&record, SITE_CAT, "/proc/sys/kernel", "ostype");
	assert_string_equal(handle(actions, &record), "Lin");
	image.settings.max_cat_bytes = 10240;
	actions_free(actions);
}

static void the_first_exit_counts(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record;
	int status = 77;

	(void)state;
	assert_false(actions_exit(actions, &status));
	assert_int_equal(status, 77);
	record_begin(&record, SITE_EXIT, 1, true);
	record_scalar(&record, 259);
	handle(actions, &record);
	record_begin(&record, SITE_EXIT, 1, true);
	record_scalar(&record, 9);
	handle(actions, &record);
	assert_true(actions_exit(actions, &status));
	assert_int_equal(status, 3);
	actions_free(actions);
}

static void malformed(struct actions *actions,
		      const struct record_builder *record, size_t size)
{
	uint64_t before = actions_malformed(actions);

	actions_record(actions, record->bytes, size);
	assert_true(actions_malformed(actions) == before + 1);
	assert_int_equal(output.length, 0);
}

static void malformed_records_are_counted(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record;
	struct record_slot slot = { 0 };

	(void)state;
	strings(&record, SITE_PRINT, "x", NULL);
	malformed(actions, &record, 0);
	malformed(actions, &record, 7);
	malformed(actions, &record, 8);
	malformed(actions, &record, 15);
	malformed(actions, &record, record.size - 1);
	record_begin(&record, SITES, 1, false);
	malformed(actions, &record, 64);
	record_begin(&record, UINT32_MAX, 1, false);
	malformed(actions, &record, 64);
	record_begin(&record, SITE_NO_FORMAT, 0, false);
	malformed(actions, &record, 64);
	record_begin(&record, SITE_NO_MAP, 0, false);
	malformed(actions, &record, 64);

	record_begin(&record, SITE_TUPLE, 1, false);
	record_bytes(&record, "shorter than it", 15);
	malformed(actions, &record, record.size);
	for (uint64_t bad = 0; bad < 4; bad++) {
		static const struct record_slot slots[] = {
			{ 0xffffffff, 16 },
			{ 16, 0xffffffff },
			{ 4096, 1 },
			{ 24, 65 }, /* longer than its type */
		};

		slot = slots[bad];
		record_begin(&record, SITE_PRINT, 1, false);
		memcpy(record.bytes + 8, &slot, sizeof(slot));
		malformed(actions, &record, 128);
	}
	actions_free(actions);
}

/* Whatever the bytes of a record are, it is printed or counted. */
static void any_bytes_will_do(void **state)
{
	struct actions *actions = open_actions(OUTPUT_TEXT);
	struct record_builder record = { 0 };
	uint32_t random = 7;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t site = round % 2 ? SITE_PRINTF : SITE_TUPLE;
		size_t size;

		for (size_t i = 0; i < 64; i++) {
			random = random * 1664525 + 1013904223;
			record.bytes[i] =
				random >> 24 < 64
					? (unsigned char)(random >> 20)
					: (unsigned char)(i / 3);
		}
		memcpy(record.bytes, &site, sizeof(site));
		size = (random >> 8) % 64;
		actions_record(actions, record.bytes, size);
		output.length = 0;
	}
	actions_free(actions);
}

/* ---- maps ---- */

static void put(int fd, int64_t key, int64_t value)
{
	assert_int_equal(bpf_map_update_elem(fd, &key, &value, BPF_ANY), 0);
}

static bool make_maps(void)
{
	maps[0] = (struct image_map){ .name = "@z",
				      .symbol = "z",
				      .key = &type_int64,
				      .value = &type_int64,
				      .max_entries = 16 };
	maps[1] = (struct image_map){ .name = "@a",
				      .symbol = "a",
				      .value = &type_int64,
				      .max_entries = 1 };
	maps[2] = (struct image_map){ .name = "@empty",
				      .symbol = "empty",
				      .key = &type_int64,
				      .value = &type_int64,
				      .max_entries = 16 };
	map_fds[0] = bpf_map_create(BPF_MAP_TYPE_HASH, "z", 8, 8, 16, NULL);
	map_fds[1] = bpf_map_create(BPF_MAP_TYPE_ARRAY, "a", 4, 8, 1, NULL);
	map_fds[2] = bpf_map_create(BPF_MAP_TYPE_HASH, "e", 8, 8, 16, NULL);
	return map_fds[0] >= 0 && map_fds[1] >= 0 && map_fds[2] >= 0;
}

static void maps_at_the_end(void **state)
{
	struct actions *actions;
	struct record_builder record;

	(void)state;
	if (!make_maps())
		skip();
	put(map_fds[0], 1, 30);
	put(map_fds[0], 2, 10);
	put(map_fds[0], -3, 20);
	actions = open_actions(OUTPUT_TEXT);
	record_begin(&record, SITE_PRINT_MAP, 0, true);
	assert_string_equal(handle(actions, &record), "@z[-3]: 2\n@z[1]: 3\n");
	actions_print_maps(actions);
	assert_string_equal(taken(&output), "\n\n@a: 0\n@z[2]: 10\n"
					    "@z[-3]: 20\n@z[1]: 30\n");
	record_begin(&record, SITE_CLEAR, 0, true);
	handle(actions, &record);
	actions_print_maps(actions);
	assert_string_equal(taken(&output), "\n\n@a: 0\n");
	actions_free(actions);
	actions = open_actions(OUTPUT_JSON);
	put(map_fds[0], 1, 30);
	actions_print_maps(actions);
	assert_string_equal(
		taken(&output),
		"{\"type\": \"map\", \"data\": {\"@a\": 0}}\n"
		"{\"type\": \"map\", \"data\": {\"@z\": {\"1\": 30}}}\n");
	actions_free(actions);
	for (size_t i = 0; i < 3; i++)
		close(map_fds[i]);
}

/* A reader that has gone is no reason to stop working. */
static void nothing_breaks_without_a_reader(void **state)
{
	struct actions *actions = open_actions(OUTPUT_JSON);
	struct record_builder record;

	(void)state;
	output.error = 32;
	record_begin(&record, SITE_PRINTF, 2, false);
	record_scalar(&record, 7);
	record_bytes(&record, "a\033b", 4);
	assert_string_equal(handle(actions, &record), "");
	strings(&record, SITE_SYSTEM, "echo x", NULL);
	assert_string_equal(handle(actions, &record), "");
	actions_free(actions);
	output.error = 0;
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	source = source_from_text(arena, "-e", "first\n  second", 14);
	diags = diags_new(arena, source);
	image.settings.max_strlen = 1024;
	image.settings.max_cat_bytes = 10240;
	image.settings.str_trunc_trailer = "..";
	output_memory(&output);
	make_sites();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	output_close(&output);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_each_action),
		cmocka_unit_test(json_of_each_action),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(only_so_many_bytes_of_a_file),
		cmocka_unit_test(the_first_exit_counts),
		cmocka_unit_test(malformed_records_are_counted),
		cmocka_unit_test(any_bytes_will_do),
		cmocka_unit_test(maps_at_the_end),
		cmocka_unit_test(nothing_breaks_without_a_reader),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
