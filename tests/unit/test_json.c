/*
 * JSON output: exact lines for every shape, and a strict checker that every
 * line must pass whatever bytes a traced program produced.
 */
#include "tests/unit/printing.h"

#include <stdio.h>
#include <stdlib.h>

#include "lexer/utf8.h"
#include "runtime/json.h"
#include "runtime/printer.h"

static struct arena *arena;
static struct image image;
static struct names *names;
static struct output output, errors;
static struct printer printer;

/* ---- a strict checker: RFC 8259, valid UTF-8, no key twice ---- */

static bool check_value(const char **at, unsigned depth);

static void skip_blanks(const char **at)
{
	while (**at == ' ')
		(*at)++;
}

static bool check_escape(const char **at)
{
	if (**at == 'u') {
		for (int i = 0; i < 4; i++) {
			(*at)++;
			if (!strchr("0123456789abcdefABCDEF", **at) || !**at)
				return false;
		}
	} else if (!**at || !strchr("\"\\/bfnrt", **at)) {
		return false;
	}
	(*at)++;
	return true;
}

static bool check_string(const char **at)
{
	if (*(*at)++ != '"')
		return false;
	while (**at != '"') {
		uint32_t code;
		size_t size;

		if ((unsigned char)**at < 0x20)
			return false;
		if (**at == '\\') {
			(*at)++;
			if (!check_escape(at))
				return false;
			continue;
		}
		size = utf8_decode(*at, strlen(*at), &code);
		if (!size)
			return false;
		*at += size;
	}
	(*at)++;
	return true;
}

static bool check_number(const char **at)
{
	if (**at == '-')
		(*at)++;
	if (**at == '0') {
		(*at)++;
		return **at < '0' || **at > '9';
	}
	if (**at < '1' || **at > '9')
		return false;
	while (**at >= '0' && **at <= '9')
		(*at)++;
	return true;
}

static bool check_object(const char **at, unsigned depth)
{
	const char *keys[256];
	size_t lengths[256], count = 0;

	(*at)++;
	skip_blanks(at);
	while (**at != '}') {
		const char *key = *at;

		if (count == 256 || !check_string(at))
			return false;
		lengths[count] = (size_t)(*at - key);
		for (size_t i = 0; i < count; i++) {
			if (lengths[i] == lengths[count] &&
			    !memcmp(keys[i], key, lengths[i]))
				return false;
		}
		keys[count++] = key;
		skip_blanks(at);
		if (*(*at)++ != ':' || !check_value(at, depth + 1))
			return false;
		if (**at == ',') {
			(*at)++;
			skip_blanks(at);
			if (**at == '}')
				return false;
		} else if (**at != '}') {
			return false;
		}
	}
	(*at)++;
	return true;
}

static bool check_array(const char **at, unsigned depth)
{
	(*at)++;
	skip_blanks(at);
	while (**at != ']') {
		if (!check_value(at, depth + 1))
			return false;
		if (**at == ',') {
			(*at)++;
			skip_blanks(at);
			if (**at == ']')
				return false;
		} else if (**at != ']') {
			return false;
		}
	}
	(*at)++;
	return true;
}

static bool check_value(const char **at, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };
	bool good = false;

	skip_blanks(at);
	if (depth > 32)
		return false;
	if (**at == '{') {
		good = check_object(at, depth);
	} else if (**at == '[') {
		good = check_array(at, depth);
	} else if (**at == '"') {
		good = check_string(at);
	} else if (**at == '-' || (**at >= '0' && **at <= '9')) {
		good = check_number(at);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(words) && !good; i++) {
			good = !strncmp(*at, words[i], strlen(words[i]));
			if (good)
				*at += strlen(words[i]);
		}
	}
	skip_blanks(at);
	return good;
}

static bool is_json_line(const char *line)
{
	const char *at = line;

	return check_value(&at, 0) && !strcmp(at, "\n");
}

static void the_checker_is_strict(void **state)
{
	static const char *const bad[] = {
		"{\"a\": 1,}\n",
		"{\"a\": 01}\n",
		"{\"a\" 1}\n",
		"[1,]\n",
		"\"\t\"\n",
		"\"\\x\"\n",
		"\"\xff\"\n",
		"tru\n",
		"{}",
		"{\"a\": 1, \"a\": 2}\n",
		"\"\\u12\"\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(is_json_line(bad[i]));
	assert_true(is_json_line("{\"a\": [1,-2,{}], \"b\": \"\\u00ff\"}\n"));
}

/* ---- strings ---- */

static const struct {
	const char *bytes;
	size_t length;
	const char *json;
} string_cases[] = {
	{ "plain", 5, "\"plain\"" },
	{ "", 0, "\"\"" },
	{ "q\" b\\ n\n t\t r\r", 14, "\"q\\\" b\\\\ n\\n t\\t r\\r\"" },
	{ "\0\1\037", 3, "\"\\u0000\\u0001\\u001f\"" },
	{ "\033[31m", 5, "\"\\u001b[31m\"" },
	{ "\x7f", 1, "\"\\u007f\"" },
	{ "caf\xc3\xa9 \xf0\x9f\x90\x9d", 10,
	  "\"caf\xc3\xa9 \xf0\x9f\x90\x9d\"" },
	{ "\xff\xc3(", 3, "\"\\u00ff\\u00c3(\"" },
	{ "\xed\xa0\x80", 3, "\"\\u00ed\\u00a0\\u0080\"" },
	{ "\xe2\x80\xae", 3, "\"\\u202e\"" },
};

static void strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(string_cases); i++) {
		json_string(&output, string_cases[i].bytes,
			    string_cases[i].length);
		assert_string_equal(taken(&output), string_cases[i].json);
	}
}

/* Reads a string whose characters are all below U+0100 back into bytes. */
static size_t decode_bytes(const char *json, unsigned char *bytes)
{
	size_t count = 0;

	for (json++; *json != '"'; json++) {
		unsigned code;

		if (*json != '\\') {
			bytes[count++] = (unsigned char)*json;
			continue;
		}
		json++;
		if (*json == 'u') {
			assert_int_equal(sscanf(json + 1, "%4x", &code), 1);
			bytes[count++] = (unsigned char)code;
			json += 4;
		} else {
			bytes[count++] = *json == 'n'   ? '\n'
					 : *json == 't' ? '\t'
					 : *json == 'r' ? '\r'
							: (unsigned char)*json;
		}
	}
	return count;
}

static void every_byte_comes_back(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		const char bytes[] = { 'a', (char)byte, 'b' };
		unsigned char decoded[16];

		json_string(&output, bytes, 3);
		output_char(&output, '\n');
		output_char(&output, '\0');
		assert_true(is_json_line(output.data));
		assert_int_equal(decode_bytes(output.data, decoded), 3);
		assert_memory_equal(decoded, bytes, 3);
		output.length = 0;
	}
}

/* ---- messages and values ---- */

static void messages(void **state)
{
	static const char *const types[] = { "printf", "cat", "join", "time",
					     "syscall" };
	struct place place = { "stdin", 1, 9 };
	struct fault_report lost = { place, true, "records lost: full",
				     "tracepoint:a:b", 12 };
	char expected[128];

	(void)state;
	for (int message = MESSAGE_PRINTF; message <= MESSAGE_SYSTEM;
	     message++) {
		struct render *render =
			printer.ops->begin(&printer, (enum message)message);

		output_text(render->output, "a\n");
		foreign_print(render, "\033,", 2);
		printer.ops->end(&printer, (enum message)message);
		snprintf(expected, sizeof(expected),
			 "{\"type\": \"%s\", \"data\": \"a\\n\\u001b,\"}\n",
			 types[message]);
		assert_string_equal(taken(&output), expected);
		assert_true(is_json_line(expected));
	}
	output_text(printer.ops->begin(&printer, MESSAGE_ERROR)->output,
		    "boom");
	printer.ops->error(&printer, MESSAGE_ERROR, &place);
	assert_string_equal(
		taken(&output),
		"{\"type\": \"errorf\", \"msg\": \"boom\", "
		"\"filename\": \"stdin\", \"line\": 1, \"col\": 9}\n");
	printer.ops->attached(&printer, 2);
	assert_string_equal(taken(&output),
			    "{\"type\": \"attached_probes\", \"count\": 2, "
			    "\"data\": {\"probes\": 2}}\n");
	printer.ops->fault(&printer, &lost);
	assert_string_equal(
		taken(&output),
		"{\"type\": \"lost_events\", \"count\": 12, \"data\": "
		"{\"events\": 12}, "
		"\"msg\": \"records lost: full\", \"probe\": "
		"\"tracepoint:a:b\", "
		"\"filename\": \"stdin\", \"line\": 1, \"col\": 9}\n");
	printer.ops->separator(&printer);
	assert_string_equal(taken(&output), "");
}

static const char *value_line(const struct type *type, const void *bytes)
{
	struct value value = value_in_map(type, bytes);
	const char *line;

	printer.ops->value(&printer, &value);
	line = taken(&output);
	assert_true(is_json_line(line));
	return line;
}

#define VALUE(text) "{\"type\": \"value\", \"data\": " text "}\n"

static void scalars_are_numbers(void **state)
{
	int64_t big = INT64_MIN;
	struct type colour = { .kind = TYPE_ENUM, .size = 8 };

	(void)state;
	assert_string_equal(value_line(&type_int64, &big),
			    VALUE("-9223372036854775808"));
	big = -1;
	assert_string_equal(value_line(&type_uint64, &big),
			    VALUE("18446744073709551615"));
	assert_string_equal(value_line(&type_bool, &big), VALUE("true"));
	big = 4096;
	assert_string_equal(
		value_line(type_pointer(arena, NULL, SPACE_USER), &big),
		VALUE("4096"));
	assert_string_equal(value_line(&colour, &big), VALUE("4096"));
}

static void values_of_values(void **state)
{
	const struct type *inner[] = { &type_int32, &type_int32 };
	const struct type *items[] = { &type_int64, type_string(arena, 8),
				       type_tuple(arena, inner, 2) };
	const struct type *tuple = type_tuple(arena, items, 3);
	struct field nested_fields[] = {
		{ .name = "x", .type = &type_uint8 },
		{ .name = "y", .type = &type_uint8, .offset = 1 },
	};
	struct record nested = { .size = 2,
				 .fields = nested_fields,
				 .count = 2 };
	struct field fields[] = {
		{ .name = "a", .type = &type_uint8 },
		{ .name = "",
		  .type = type_struct(arena, &nested),
		  .offset = 1 },
		{ .name = "s", .type = type_string(arena, 4), .offset = 4 },
		{ .name = "e",
		  .type = type_struct(arena, &nested),
		  .offset = 8 },
		{ .name = "d",
		  .type = type_array(arena, &type_uint8, 2),
		  .offset = 8 },
	};
	struct record record = { .size = 12, .fields = fields, .count = 5 };
	struct record empty = { .size = 0 };
	unsigned char bytes[64] = { 1, 2, 3, 0, 's', 't', 'r', 0, 5, 6 };

	(void)state;
	assert_string_equal(
		value_line(type_struct(arena, &record), bytes),
		VALUE("{\"a\": 1, \"x\": 2, \"y\": 3, \"s\": \"str\", \"e\": "
		      "{\"x\": 5, \"y\": 6}, \"d\": [5,6]}"));
	assert_string_equal(value_line(type_struct(arena, &empty), bytes),
			    VALUE("{}"));
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 1;
	memcpy(bytes + 8, "t\"o", 4);
	bytes[16] = 4;
	bytes[20] = 5;
	assert_string_equal(value_line(tuple, bytes),
			    VALUE("[1,\"t\\\"o\",[4,5]]"));
	assert_string_equal(
		value_line(type_buffer(arena, 4), "\3\0\0\0\xff\0a\0"),
		VALUE("[255,0,97]"));
}

/* ---- maps ---- */

struct entry {
	const void *key, *value;
};

static const char *map_line(const struct type *key, const struct type *value,
			    const struct entry *entries, size_t count)
{
	struct image_map map = { .name = "@m", .key = key, .value = value };
	struct snapshot snapshot;
	const char *line;

	snapshot_init(&snapshot, &map, key ? key->size : 4);
	for (size_t i = 0; i < count; i++)
		assert_true(snapshot_add(&snapshot, entries[i].key,
					 entries[i].value, value->size, 1));
	printer.ops->map(&printer, &snapshot);
	snapshot_free(&snapshot);
	line = taken(&output);
	if (*line)
		assert_true(is_json_line(line));
	return line;
}

static void plain_maps(void **state)
{
	static const int64_t values[] = { 5, 2, 3 };
	const struct entry entries[] = { { "key1\0\0\0", &values[1] },
					 { "key 2\0\0", &values[2] } };
	const struct entry scalar = { "\0\0\0", &values[0] };

	(void)state;
	assert_string_equal(map_line(NULL, &type_int64, &scalar, 1),
			    "{\"type\": \"map\", \"data\": {\"@m\": 5}}\n");
	assert_string_equal(
		map_line(type_string(arena, 8), &type_int64, entries, 2),
		"{\"type\": \"map\", \"data\": {\"@m\": {\"key1\": 2, \"key "
		"2\": 3}}}\n");
	assert_string_equal(
		map_line(type_string(arena, 8), &type_int64, entries, 0), "");
}

static void keys_of_parts_do_not_collide(void **state)
{
	const struct type *string = type_string(arena, 8);
	const struct type *parts[] = { string, string };
	static const int64_t value = 1;
	const struct entry entries[] = {
		{ "a,b\0\0\0\0\0c\0\0\0\0\0\0", &value },
		{ "a\0\0\0\0\0\0\0b,c\0\0\0\0", &value },
		{ "a\\\0\0\0\0\0\0b c\0\0\0\0", &value },
	};

	(void)state;
	assert_string_equal(
		map_line(type_tuple(arena, parts, 2), &type_int64, entries, 3),
		"{\"type\": \"map\", \"data\": {\"@m\": {\"a\\\\,b,c\": 1, "
		"\"a,b\\\\,c\": 1, \"a\\\\\\\\,b c\": 1}}}\n");
	assert_string_equal(
		map_line(string, &type_int64, entries, 1),
		"{\"type\": \"map\", \"data\": {\"@m\": {\"a,b\": 1}}}\n");
}

/* Different keys of one text: a byte and a character, seen once each. */
static void keys_that_read_the_same(void **state)
{
	const struct type *stamp = type_timestamp(arena, "same");
	static const uint64_t stamps[3][2] = { { 1 }, { 2 }, { 3 } };
	static const int64_t value = 7;
	const struct entry entries[] = { { stamps[0], &value },
					 { stamps[1], &value },
					 { stamps[2], &value } };

	(void)state;
	assert_string_equal(map_line(stamp, &type_int64, entries, 3),
			    "{\"type\": \"map\", \"data\": {\"@m\": {\"same\": "
			    "7, \"same#2\": 7, \"same#3\": 7}}}\n");
}

static void nested_keys_have_no_blanks(void **state)
{
	const struct type *inner[] = { &type_int64, type_string(arena, 8) };
	const struct type *parts[] = { type_tuple(arena, inner, 2),
				       &type_int64 };
	unsigned char key[24] = {
		1, [8] = 'x', [9] = ' ', [10] = ',', [16] = 2
	};
	static const int64_t value = 1;
	const struct entry entry = { key, &value };

	(void)state;
	assert_string_equal(
		map_line(type_tuple(arena, parts, 2), &type_int64, &entry, 1),
		"{\"type\": \"map\", \"data\": {\"@m\": {\"(1,x \\\\,),2\": "
		"1}}}\n");
}

static void histograms(void **state)
{
	static uint64_t counts[512] = { [0] = 1, [3] = 2, [5] = 1 };
	static const uint64_t none[512], linear[4] = { 1, 0, 0, 9 };
	const struct entry entry = { "\0\0\0", counts };
	const struct entry keyed = { "curl\0\0\0", linear };
	const struct entry nothing = { "\0\0\0", none };

	(void)state;
	assert_string_equal(map_line(NULL, type_hist(arena, 0), &entry, 1),
			    "{\"type\": \"hist\", \"data\": {\"@m\": "
			    "[{\"max\": -1, \"count\": 1}, "
			    "{\"min\": 0, \"max\": 0, \"count\": 0}, {\"min\": "
			    "1, \"max\": 1, \"count\": 0}, "
			    "{\"min\": 2, \"max\": 3, \"count\": 2}, {\"min\": "
			    "4, \"max\": 7, \"count\": 0}, "
			    "{\"min\": 8, \"max\": 15, \"count\": 1}]}}\n");
	assert_string_equal(map_line(type_string(arena, 8),
				     type_lhist(arena, 0, 2, 1), &keyed, 1),
			    "{\"type\": \"hist\", \"data\": {\"@m\": "
			    "{\"curl\": [{\"max\": -1, \"count\": 1}, "
			    "{\"min\": 0, \"max\": 0, \"count\": 0}, {\"min\": "
			    "1, \"max\": 1, \"count\": 0}, "
			    "{\"min\": 2, \"count\": 9}]}}}\n");
	assert_string_equal(map_line(NULL, type_hist(arena, 0), &nothing, 1),
			    "{\"type\": \"hist\", \"data\": {\"@m\": []}}\n");
}

static void averages(void **state)
{
	static const int64_t value[] = { -12, 2 };
	const struct entry entry = { "\0\0\0", value };
	const struct entry keyed = { "c\0\0\0\0\0\0", value };

	(void)state;
	assert_string_equal(
		map_line(NULL, type_aggregate(arena, TYPE_STATS, true), &entry,
			 1),
		"{\"type\": \"stats\", \"data\": {\"@m\": {\"count\": 2, "
		"\"average\": -6, \"total\": -12}}}\n");
	assert_string_equal(
		map_line(type_string(arena, 8),
			 type_aggregate(arena, TYPE_AVG, true), &keyed, 1),
		"{\"type\": \"stats\", \"data\": {\"@m\": {\"c\": -6}}}\n");
	assert_string_equal(
		map_line(type_string(arena, 8),
			 type_aggregate(arena, TYPE_MAX, true), &keyed, 1),
		"{\"type\": \"map\", \"data\": {\"@m\": {\"c\": -12}}}\n");
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	image.settings.max_strlen = 1024;
	image.settings.str_trunc_trailer = "..";
	names = names_new(&image, "");
	output_memory(&output);
	output_memory(&errors);
	printer_json(&printer, &output, &errors, names);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	printer_close(&printer);
	output_close(&output);
	output_close(&errors);
	names_free(names);
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checker_is_strict),
		cmocka_unit_test(strings),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(messages),
		cmocka_unit_test(scalars_are_numbers),
		cmocka_unit_test(values_of_values),
		cmocka_unit_test(plain_maps),
		cmocka_unit_test(keys_of_parts_do_not_collide),
		cmocka_unit_test(keys_that_read_the_same),
		cmocka_unit_test(nested_keys_have_no_blanks),
		cmocka_unit_test(histograms),
		cmocka_unit_test(averages),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
