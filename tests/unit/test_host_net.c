/* Interfaces and iterators of the recorded machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parser/host.h"

#define TINY SOURCE_DIR "/tests/hosts/tiny"

struct machine {
	struct arena *arena;
	struct host *host;
};

static int open_machine(void **state)
{
	static struct machine machine;

	machine.arena = arena_new();
	machine.host = host_open(machine.arena, TINY);
	*state = &machine;
	return 0;
}

static int close_machine(void **state)
{
	struct machine *machine = *state;

	host_close(machine->host);
	arena_free(machine->arena);
	return 0;
}

/* Room for all names of a test. */
#define NAMES_SIZE 256

static void join(const char *name, void *data)
{
	char *names = data;
	size_t used = strlen(names);

	snprintf(names + used, NAMES_SIZE - used, "%s ", name);
}

static void test_interfaces(void **state)
{
	static const struct {
		const char *name;
		enum host_status status;
		uint32_t header;
	} cases[] = {
		{ "eth0", HOST_OK, 14 },
		{ "lo", HOST_OK, 14 },
		{ "wg0", HOST_OK, 0 },
		{ "eth7", HOST_ABSENT, 0 },
		{ "", HOST_ABSENT, 0 },
		{ "..", HOST_ABSENT, 0 },
		{ "../net", HOST_ABSENT, 0 },
		{ "a/b", HOST_ABSENT, 0 },
		{ "a_name_that_is_far_too_long", HOST_ABSENT, 0 },
	};
	struct machine *machine = *state;
	char names[NAMES_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct interface found = { 0 };

		assert_int_equal(
			host_interface(machine->host, cases[i].name, &found),
			cases[i].status);
		if (cases[i].status == HOST_OK)
			assert_int_equal(found.header, cases[i].header);
	}
	assert_int_equal(host_interfaces(machine->host, join, names), HOST_OK);
	assert_string_equal(names, "eth0 eth1 lo wg0 ");
}

static void test_iterators(void **state)
{
	struct machine *machine = *state;
	struct kernel_iterator found;
	char names[NAMES_SIZE] = "";
	uint32_t offset = 0;

	assert_int_equal(host_iterators(machine->host, join, names), HOST_OK);
	assert_string_equal(names, "task task_file ");
	assert_int_equal(host_iterator(machine->host, "task_file", &found),
			 HOST_OK);
	assert_int_not_equal(found.btf_id, 0);
	/* The unions around the pointers are gone. */
	assert_int_equal(found.context->count, 4);
	assert_string_equal(found.context->fields[3].name, "file");
	assert_non_null(record_field(found.context, "fd", &offset));
	assert_int_equal(offset, 16);
	assert_int_equal(
		host_iterator(machine->host, "task__safe_trusted", &found),
		HOST_ABSENT);
	assert_int_equal(host_iterator(machine->host, "", &found), HOST_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_iterators),
	};

	return cmocka_run_group_tests(tests, open_machine, close_machine);
}
