/*
 * The buffer in front of a descriptor: when it writes, what it escapes, and
 * what happens when nothing can be written.
 */
#include "tests/unit/printing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *bytes;
	size_t length;
	bool keep_layout;
	const char *shown;
} untrusted_cases[] = {
	{ "plain", 5, false, "plain" },
	{ "", 0, false, "" },
	{ "eight888", 8, false, "eight888" },
	{ "seventeen letters", 17, false, "seventeen letters" },
	{ "\033[31mred", 8, false, "\\x1b[31mred" },
	{ "tab\there", 8, false, "tab\\x09here" },
	{ "two\nlines\t.", 11, false, "two\\x0alines\\x09." },
	{ "two\nlines\t.", 11, true, "two\nlines\t." },
	{ "\r\033", 2, true, "\\x0d\\x1b" },
	{ "\x7f", 1, false, "\\x7f" },
	{ "1234567\x7f", 8, false, "1234567\\x7f" },
	{ "nul\0byte", 8, false, "nul\\x00byte" },
	{ "caf\xc3\xa9", 5, false, "caf\xc3\xa9" },
	{ "\xe2\x82\xac", 3, false, "\xe2\x82\xac" },
	{ "\xc3", 1, false, "\\xc3" },
	{ "\xff\xfe", 2, false, "\\xff\\xfe" },
	{ "\xc0\xaf", 2, false, "\\xc0\\xaf" },          /* overlong */
	{ "\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80" }, /* surrogate */
	{ "\xc2\x9b"
	  "m",
	  3, false, "\\xc2\\x9bm" }, /* CSI */
	{ "\xe2\x80\xae"
	  "x",
	  4, false, "\\xe2\\x80\\xaex" }, /* RLO */
};

static void untrusted_bytes_are_escaped(void **state)
{
	struct output output;

	(void)state;
	output_memory(&output);
	for (size_t i = 0; i < ARRAY_SIZE(untrusted_cases); i++) {
		output_untrusted(&output, untrusted_cases[i].bytes,
				 untrusted_cases[i].length,
				 untrusted_cases[i].keep_layout);
		assert_string_equal(taken(&output), untrusted_cases[i].shown);
	}
	output_close(&output);
}

/* Whatever stands around it, each byte is shown or escaped as it should. */
static void each_byte_at_each_place(void **state)
{
	struct output output;

	(void)state;
	output_memory(&output);
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < 24; at++) {
			char bytes[24], expected[64], shown[8];

			memset(bytes, 'a', sizeof(bytes));
			bytes[at] = (char)byte;
			snprintf(shown, sizeof(shown),
				 byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x",
				 byte);
			snprintf(expected, sizeof(expected), "%.*s%s%.*s",
				 (int)at, "aaaaaaaaaaaaaaaaaaaaaaaa", shown,
				 (int)(23 - at), "aaaaaaaaaaaaaaaaaaaaaaaa");
			output_untrusted(&output, bytes, sizeof(bytes), false);
			assert_string_equal(taken(&output), expected);
		}
	}
	output_close(&output);
}

static void numbers(void **state)
{
	static const uint64_t values[] = {
		0,
		1,
		9,
		10,
		11,
		99,
		100,
		101,
		999,
		1000,
		12345,
		99999,
		1000000,
		4294967295,
		4294967296,
		INT64_MAX,
		(uint64_t)INT64_MIN,
		UINT64_MAX,
	};
	struct output output;

	(void)state;
	output_memory(&output);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "%llu %lld %llx",
			 (unsigned long long)values[i], (long long)values[i],
			 (unsigned long long)values[i]);
		output_unsigned(&output, values[i]);
		output_char(&output, ' ');
		output_signed(&output, (int64_t)values[i]);
		output_char(&output, ' ');
		output_hex(&output, values[i]);
		assert_string_equal(taken(&output), expected);
	}
	output_close(&output);
}

static void inserting_moves_what_follows(void **state)
{
	struct output output;

	(void)state;
	output_memory(&output);
	output_text(&output, "ab");
	output_insert(&output, 1, '-', 3);
	output_insert(&output, 0, '<', 1);
	output_insert(&output, 6, '>', 2);
	output_pad(&output, '.', 2);
	assert_string_equal(taken(&output), "<a---b>>..");
	output_close(&output);
}

/* A pipe, its reading end not blocking. */
static void open_pipe(struct output *output, enum buffering buffering,
		      int *reader)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*output = (struct output){ .fd = fds[1], .buffering = buffering };
	*reader = fds[0];
}

static size_t arrived(int reader)
{
	static char bytes[1 << 20];
	ssize_t got = read(reader, bytes, sizeof(bytes));

	return got > 0 ? (size_t)got : 0;
}

static void lines_are_flushed_when_whole(void **state)
{
	struct output output;
	int reader;

	(void)state;
	open_pipe(&output, BUFFER_LINE, &reader);
	output_text(&output, "half");
	output_record_end(&output);
	assert_int_equal(arrived(reader), 0);
	output_text(&output, " line\n");
	output_record_end(&output);
	assert_int_equal(arrived(reader), 10);
	output_text(&output, "x");
	output_flush(&output);
	assert_int_equal(arrived(reader), 1);
	output_close(&output);
	close(reader);
}

static void full_waits_and_none_does_not(void **state)
{
	struct output output;
	int reader;

	(void)state;
	open_pipe(&output, BUFFER_NONE, &reader);
	output_text(&output, "x");
	output_record_end(&output);
	assert_int_equal(arrived(reader), 1);
	output_close(&output);
	close(reader);

	open_pipe(&output, BUFFER_FULL, &reader);
	output_pad(&output, '\n', (64 << 10) - 1);
	output_record_end(&output);
	assert_int_equal(arrived(reader), 0);
	output_text(&output, "\n");
	output_record_end(&output);
	assert_int_equal(arrived(reader), 64 << 10);
	output_close(&output);
	close(reader);
}

static void a_gone_reader_is_an_error_once(void **state)
{
	struct output output;
	int reader;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	open_pipe(&output, BUFFER_NONE, &reader);
	close(reader);
	output_text(&output, "x\n");
	output_record_end(&output);
	assert_int_equal(output.error, EPIPE);
	output_pad(&output, 'x', 1 << 20);
	output_insert(&output, 0, 'x', 5);
	output_untrusted(&output, "\033", 1, false);
	output_record_end(&output);
	assert_int_equal(output.length, 0);
	assert_int_equal(output.error, EPIPE);
	output_close(&output);
}

static void a_full_disk_is_an_error(void **state)
{
	struct output output;

	(void)state;
	if (!output_open(&output, "/dev/full", BUFFER_LINE))
		skip();
	output_text(&output, "x\n");
	output_record_end(&output);
	assert_int_equal(output.error, ENOSPC);
	output_close(&output);
	assert_false(output_open(&output, "/nonexistent/file", BUFFER_LINE));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untrusted_bytes_are_escaped),
		cmocka_unit_test(each_byte_at_each_place),
		cmocka_unit_test(numbers),
		cmocka_unit_test(inserting_moves_what_follows),
		cmocka_unit_test(lines_are_flushed_when_whole),
		cmocka_unit_test(full_waits_and_none_does_not),
		cmocka_unit_test(a_gone_reader_is_an_error_once),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
