/*
 * Functions of BPF programs in the running kernel: those of the program that
 * tests/workload/bpf.c puts there, and what its BTF says of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "parser/host.h"
#include "parser/types.h"

#define WORKLOAD BINARY_DIR "/tests/bpf"

struct machine {
	struct arena *arena;
	struct host *host;
	char pin[64];
	uint32_t program; /* the kernel's number for it */
	const char *found;
	size_t count;
};

/* What the command prints, a number; 0 if it fails. */
static uint32_t ask(struct machine *machine, const char *what)
{
	char line[32] = "";
	FILE *output = popen(arena_printf(machine->arena, WORKLOAD " %s %s",
					  what, machine->pin),
			     "r");

	if (!output)
		return 0;
	if (!fgets(line, sizeof(line), output))
		line[0] = '\0';
	return pclose(output) ? 0 : (uint32_t)strtoul(line, NULL, 10);
}

static int machine_open(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	machine->arena = arena_new();
	machine->host = host_open(machine->arena, "/");
	machine->found = "";
	snprintf(machine->pin, sizeof(machine->pin),
		 "/sys/fs/bpf/etrace_unit_%d", (int)getpid());
	ask(machine, "load");
	machine->program = ask(machine, "number");
	*state = machine;
	return 0;
}

static int machine_close(void **state)
{
	struct machine *machine = *state;

	unlink(machine->pin);
	host_close(machine->host);
	arena_free(machine->arena);
	free(machine);
	return 0;
}

static bool is_loaded(const struct machine *machine)
{
	if (!machine->program)
		print_message("SKIP: no BPF program can be kept in "
			      "/sys/fs/bpf: not root, or not mounted\n");
	return machine->program;
}

/* ---- one line for each function ---- */

static const char *spell_arguments(struct arena *arena,
				   const struct record *args)
{
	const char *text = "(";

	for (size_t i = 0; i < args->count; i++)
		text = arena_printf(arena, "%s%s%s %s @%u", text, i ? ", " : "",
				    type_text(arena, args->fields[i].type),
				    args->fields[i].name,
				    args->fields[i].offset);
	return arena_printf(arena, "%s) %u", text, args->size);
}

static void add_line(const struct bpf_function *function, void *data)
{
	struct machine *machine = data;
	struct arena *arena = machine->arena;

	if (function->program != machine->program)
		return;
	machine->count++;
	machine->found = arena_printf(
		arena, "%s%s%s%s%s %s -> %s\n", machine->found, function->name,
		function->is_entry ? " entry" : "",
		function->is_static ? " static" : "",
		function->is_tracing ? " tracing" : "",
		function->args ? spell_arguments(arena, function->args) : "?",
		function->result ? type_text(arena, function->result) : "?");
}

static void all_functions_of_a_program(void **state)
{
	struct machine *machine = *state;

	if (!is_loaded(machine))
		skip();
	assert_int_equal(host_bpf_functions(machine->host, machine->program,
					    "*", add_line, machine),
			 HOST_OK);
	assert_string_equal(
		machine->found,
		host_has_types(machine->host)
			? "judge entry (struct xdp_buff * ctx @0) 8 -> int32\n"
			  "weigh (int32 weight @0, uint8 many @8) 16 -> "
			  "int32\n"
			  "hidden static ? -> ?\n"
			: "judge entry (uint64 ctx @0) 8 -> int32\n"
			  "weigh (int32 weight @0, uint8 many @8) 16 -> "
			  "int32\n"
			  "hidden static ? -> ?\n");
}

static void a_pattern_in_all_programs(void **state)
{
	struct machine *machine = *state;

	if (!is_loaded(machine))
		skip();
	assert_int_equal(
		host_bpf_functions(machine->host, 0, "*d*", add_line, machine),
		HOST_OK);
	assert_int_equal(machine->count, 2); /* judge, hidden */
}

static void no_such_function(void **state)
{
	struct machine *machine = *state;

	if (!is_loaded(machine))
		skip();
	assert_int_equal(host_bpf_functions(machine->host, machine->program,
					    "jugde", add_line, machine),
			 HOST_OK);
	assert_int_equal(machine->count, 0);
}

static void no_such_program(void **state)
{
	struct machine *machine = *state;

	if (!is_loaded(machine))
		skip();
	assert_int_equal(host_bpf_functions(machine->host, UINT32_MAX, "*",
					    add_line, machine),
			 HOST_ABSENT);
}

/* ---- programs that say nothing of themselves ---- */

static void a_program_without_types(void **state)
{
	static const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct machine *machine = *state;
	struct bpf_prog_info info;
	uint32_t length = sizeof(info);
	int fd;

	if (!is_loaded(machine))
		skip();
	fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "nameless", "GPL",
			   instructions, 2, NULL);
	assert_true(fd >= 0);
	memset(&info, 0, sizeof(info));
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	assert_int_equal(host_bpf_functions(machine->host, info.id, "*",
					    add_line, machine),
			 HOST_NO_BTF);
	close(fd);
}

static void a_recorded_machine_has_none(void **state)
{
	struct machine *machine = *state;
	struct host *tiny =
		host_open(machine->arena, SOURCE_DIR "/tests/hosts/tiny");

	assert_int_equal(host_bpf_functions(tiny, 0, "*", add_line, machine),
			 HOST_ABSENT);
	host_close(tiny);
}

#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, machine_open, machine_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_functions_of_a_program),
		CASE(a_pattern_in_all_programs),
		CASE(no_such_function),
		CASE(no_such_program),
		CASE(a_program_without_types),
		CASE(a_recorded_machine_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
