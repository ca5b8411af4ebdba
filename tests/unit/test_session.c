/*
 * The kernel half without the compiler: an object made by clang that keeps to
 * the contract of codegen/image.h is loaded, attached, run and read. Needs
 * root, a kernel with tracepoints and clang; skips otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/loop_records.h"
#include "runtime/session.h"

#define SKIPPED 77
#define CALLS   23

static const char program_text[] =
	"#include <linux/bpf.h>\n"
	"#include <bpf/bpf_helpers.h>\n"
	"struct {\n"
	"	unsigned long long state, start_ns, sides, faults[4];\n"
	"} etrace_control SEC(\".bss\");\n"
	"struct {\n"
	"	__uint(type, BPF_MAP_TYPE_RINGBUF);\n"
	"	__uint(max_entries, 262144);\n"
	"} events SEC(\".maps\");\n"
	"struct {\n"
	"	__uint(type, BPF_MAP_TYPE_RINGBUF);\n"
	"	__uint(max_entries, 4096);\n"
	"} orders SEC(\".maps\");\n"
	"struct {\n"
	"	__uint(type, BPF_MAP_TYPE_HASH);\n"
	"	__uint(max_entries, 64);\n"
	"	__type(key, unsigned long long);\n"
	"	__type(value, unsigned long long);\n"
	"} counts SEC(\".maps\");\n"
	"struct data { unsigned site, zero; unsigned long long value; };\n"
	"struct order { unsigned site, zero;\n"
	"	unsigned long long order, value; };\n"
	"static void send(unsigned site, unsigned long long value)\n"
	"{\n"
	"	struct data data = { site, 0, value };\n"
	"	if (bpf_ringbuf_output(&events, &data, sizeof(data), 0))\n"
	"		__sync_fetch_and_add(&etrace_control.faults[0], 1);\n"
	"}\n"
	"static void send_order(unsigned site, unsigned long long value)\n"
	"{\n"
	"	struct order order = { site, 0,\n"
	"		bpf_ringbuf_query(&events, BPF_RB_PROD_POS), value };\n"
	"	bpf_ringbuf_output(&orders, &order, sizeof(order), 0);\n"
	"}\n"
	"SEC(\"etrace/0\") int begin(unsigned long long *ctx)\n"
	"{\n"
	"	send(0, 1); send_order(1, ctx[0]); send(0, 2);\n"
	"	return 0;\n"
	"}\n"
	"SEC(\"etrace/1\") int call(void *ctx)\n"
	"{\n"
	"	unsigned long long cookie = bpf_get_attach_cookie(ctx);\n"
	"	unsigned long long one = 1, *count;\n"
	"	if (etrace_control.state != 1 ||\n"
	"	    (bpf_get_current_pid_tgid() >> 32) != OWN_PID)\n"
	"		return 0;\n"
	"	count = bpf_map_lookup_elem(&counts, &cookie);\n"
	"	if (count)\n"
	"		__sync_fetch_and_add(count, 1);\n"
	"	else\n"
	"		bpf_map_update_elem(&counts, &cookie, &one, 0);\n"
	"	send(2, cookie);\n"
	"	return 0;\n"
	"}\n"
	"SEC(\"etrace/2\") int sample(void *ctx)\n"
	"{\n"
	"	__sync_fetch_and_add(&etrace_control.faults[1], 1);\n"
	"	return 0;\n"
	"}\n"
	"SEC(\"etrace/3\") int function(void *ctx)\n"
	"{\n"
	"	if (etrace_control.state == 1)\n"
	"		send(3, bpf_get_attach_cookie(ctx));\n"
	"	return 0;\n"
	"}\n"
	"SEC(\"etrace/4\") int returned(void *ctx)\n"
	"{\n"
	"	if (etrace_control.state == 1)\n"
	"		send(4, bpf_get_attach_cookie(ctx));\n"
	"	return 0;\n"
	"}\n"
	"SEC(\"etrace/5\") int raw(void *ctx)\n"
	"{\n"
	"	__sync_fetch_and_add(&etrace_control.faults[2], 1);\n"
	"	return 0;\n"
	"}\n"
	"char text[] SEC(\"license\") = \"GPL\";\n";

/* Refused: the result of a lookup is used without a look at it. */
static const char refused_text[] =
	"#include <linux/bpf.h>\n"
	"#include <bpf/bpf_helpers.h>\n"
	"struct {\n"
	"	unsigned long long state, start_ns, sides;\n"
	"} etrace_control SEC(\".bss\");\n"
	"struct {\n"
	"	__uint(type, BPF_MAP_TYPE_HASH);\n"
	"	__uint(max_entries, 64);\n"
	"	__type(key, unsigned long long);\n"
	"	__type(value, unsigned long long);\n"
	"} counts SEC(\".maps\");\n"
	"SEC(\"etrace/0\") int begin(void *ctx)\n"
	"{\n"
	"	unsigned long long key = etrace_control.state;\n"
	"	unsigned long long *count = bpf_map_lookup_elem(&counts, "
	"&key);\n"
	"	*count = 1;\n"
	"	return 0;\n"
	"}\n"
	"char text[] SEC(\"license\") = \"GPL\";\n";

/* ---- the machine's part ---- */

static char folder[] = "/tmp/etrace-session-XXXXXX";

/* The object of a text, or NULL. The text is compiled as ./script. */
static void *compile(const char *text, size_t *size)
{
	char command[512];
	char path[64];
	void *bytes = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/script", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(command, sizeof(command),
		 "cd %s && clang -target bpf -O2 -g -x c -DOWN_PID=%d "
		 "-I/usr/include/$(uname -m)-linux-gnu -c script -o object "
		 "2>clang.log",
		 folder, (int)getpid());
	/* NOLINTNEXTLINE(cert-env33-c): the compiler is the point */
	if (system(command) != 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/object", folder);
	file = fopen(path, "r");
	assert_non_null(file);
	bytes = malloc(1 << 20);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

__attribute__((noinline)) static int traced_function(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number + 1;
}

/* Where a function of this program is in its file. */
static uint64_t file_offset(uintptr_t address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long begin;
	unsigned long end;
	unsigned long offset;
	uint64_t found = 0;
	char line[512];

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &begin, &end, &offset) ==
			    3 &&
		    address >= begin && address < end)
			found = address - begin + offset;
	fclose(maps);
	return found;
}

/* ---- what actions would do ---- */

static struct {
	uint64_t seen[64];
	size_t count;
} heard;

/* Stands for runtime/actions.c: keeps site and value. */
void actions_record(struct actions *actions, const void *record, size_t size)
{
	const uint64_t *words = record;
	uint32_t site = (uint32_t)words[0];

	(void)actions;
	assert_true(size == 16 || size == 24);
	if (heard.count < ARRAY_SIZE(heard.seen))
		heard.seen[heard.count++] =
			(uint64_t)site << 32 | words[size / 8 - 1];
}

static size_t count_heard(uint32_t site, uint32_t value)
{
	size_t count = 0;

	for (size_t i = 0; i < heard.count; i++)
		count += heard.seen[i] == ((uint64_t)site << 32 | value);
	return count;
}

/* ---- the image ---- */

enum { BEGIN, FIRST_CALL, SECOND_CALL, SAMPLE, ENTRY, RETURN, RAW, ATTACHES };

static struct attach attaches[ATTACHES] = {
	[BEGIN] = { .kind = ATTACH_BEGIN, .probe = "begin" },
	[FIRST_CALL] = { .kind = ATTACH_TRACEPOINT,
			 .probe = "tracepoint:syscalls:sys_enter_getppid",
			 .category = "syscalls",
			 .event = "sys_enter_getppid" },
	[SECOND_CALL] = { .kind = ATTACH_TRACEPOINT,
			  .probe = "tracepoint:syscalls:sys_exit_getppid",
			  .category = "syscalls",
			  .event = "sys_exit_getppid" },
	[SAMPLE] = { .kind = ATTACH_PROFILE,
		     .probe = "profile:hz:1000",
		     .number = 1000000 },
	[ENTRY] = { .kind = ATTACH_UPROBE,
		    .probe = "uprobe:self",
		    .path = "/proc/self/exe" },
	[RETURN] = { .kind = ATTACH_URETPROBE,
		     .probe = "uretprobe:self",
		     .path = "/proc/self/exe" },
	[RAW] = { .kind = ATTACH_RAW_TRACEPOINT,
		  .probe = "rawtracepoint:sys_enter",
		  .event = "sys_enter" },
};

static struct image_program programs[] = {
	{ "begin", ATTACH_BEGIN, { 0, 0 }, BEGIN, 1, false, false },
	{ "call", ATTACH_TRACEPOINT, { 0, 0 }, FIRST_CALL, 2, true, false },
	{ "sample", ATTACH_PROFILE, { 0, 0 }, SAMPLE, 1, false, false },
	{ "function", ATTACH_UPROBE, { 0, 0 }, ENTRY, 1, true, false },
	{ "returned", ATTACH_URETPROBE, { 0, 0 }, RETURN, 1, true, false },
	{ "raw", ATTACH_RAW_TRACEPOINT, { 0, 0 }, RAW, 1, false, false },
};

static struct image_map maps[] = {
	{ .name = "@", .symbol = "counts", .max_entries = 64 },
};

static struct image image = {
	.programs = programs,
	.program_count = ARRAY_SIZE(programs),
	.attaches = attaches,
	.attach_count = ATTACHES,
	.maps = maps,
	.map_count = ARRAY_SIZE(maps),
	.fault_counters = 4,
	.has_data_ring = true,
	.has_control_ring = true,
	.ring_bytes = 262144,
	.settings = { .log_size = 1 << 20, .cpus = 64 },
};

static void session_prepare(struct session *session, const struct image *what,
			    const char *text)
{
	struct arena *arena = arena_new();

	memset(session, 0, sizeof(*session));
	memset(&heard, 0, sizeof(heard));
	session->arena = arena;
	session->image = what;
	session->source = source_from_text(arena, "script", text, strlen(text));
	session->diags = diags_new(arena, session->source);
	session->host = host_open(arena, "/");
}

static void session_end(struct session *session)
{
	session_close(session);
	host_close(session->host);
	arena_free(session->arena);
}

/* ---- the tests ---- */

static void check(bool fine, const struct session *session)
{
	if (!fine)
		diags_print(session->diags, stderr, false, true);
	assert_true(fine);
}

/* Nothing but begin does anything before the start, and what it says through
 * the control ring stays between its records. */
static void check_before(struct session *session, struct records *records)
{
	syscall(SYS_getppid);
	session_set_clock(session);
	check(session_run(session, 0, BEGIN), session);
	records_drain(records);
	assert_int_equal(heard.count, 3);
	assert_int_equal(heard.seen[0], 1);
	assert_int_equal(heard.seen[1], 1ull << 32 | BEGIN);
	assert_int_equal(heard.seen[2], 2);
}

/* Every event once, with the number of its attach point among the program's;
 * none after the end. */
static void check_events(struct session *session, struct records *records)
{
	assert_true(session_start(session));
	for (int i = 0; i < CALLS; i++) {
		syscall(SYS_getppid);
		if (i < 5)
			assert_int_equal(traced_function(i), i + 1);
	}
	session_stop(session);
	assert_true(session_is_stopped(session));
	syscall(SYS_getppid);
	traced_function(1);
	records_drain(records);
	assert_int_equal(count_heard(2, 0), CALLS);
	assert_int_equal(count_heard(2, SECOND_CALL - FIRST_CALL), CALLS);
	assert_int_equal(count_heard(3, 0), 5);
	assert_int_equal(count_heard(4, 0), 5);
	assert_true(session->control->faults[2] >= CALLS);
	assert_int_equal(session->control->faults[0], 0);
	assert_int_equal(session_missed(session, 1), 0);
	assert_false(session_start(session));
}

static void check_profile(const struct session *session)
{
	const uint64_t *samples = &session->control->faults[1];
	uint64_t before = __atomic_load_n(samples, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < 1000000000; i++)
		if (__atomic_load_n(samples, __ATOMIC_RELAXED) > before)
			break;
	assert_true(__atomic_load_n(samples, __ATOMIC_RELAXED) > before);
}

static void test_run(void **state)
{
	struct session session;
	struct records records;
	size_t size = 0;
	void *elf = compile(program_text, &size);
	uint64_t where = file_offset((uintptr_t)traced_function);

	(void)state;
	assert_non_null(elf);
	assert_true(where);
	image.elf = elf;
	image.elf_size = size;
	attaches[ENTRY].number = where;
	attaches[RETURN].number = where;
	session_prepare(&session, &image, program_text);
	check(session_load(&session), &session);
	check(session_attach(&session), &session);
	check(records_open(&records, &session, NULL), &session);
	check_before(&session, &records);
	check_events(&session, &records);
	check_profile(&session);
	records_close(&records);
	session_end(&session);
	free(elf);
}

static struct attach begin_only = { .kind = ATTACH_BEGIN, .probe = "begin" };
static struct image_program refused_program = {
	"begin", ATTACH_BEGIN, { 0, 0 }, 0, 1, false, false,
};

static struct image begin_image(const void *elf, size_t size)
{
	struct image begin = {
		.elf = elf,
		.elf_size = size,
		.programs = &refused_program,
		.program_count = 1,
		.attaches = &begin_only,
		.attach_count = 1,
		.settings = { .log_size = 1 << 20, .cpus = 2 },
	};

	return begin;
}

/* A refusal by the verifier points at the line it is about. */
static void test_refused(void **state)
{
	struct session session;
	size_t size = 0;
	void *elf = compile(refused_text, &size);
	struct image refused = begin_image(elf, size);
	const struct diag *diag;
	struct position position;

	(void)state;
	session_prepare(&session, &refused, refused_text);
	assert_false(session_load(&session));
	diag = session.diags->first;
	assert_non_null(diag);
	assert_int_equal(diag->tag, E_VERIFIER);
	position = source_position(session.source, diag->at.begin);
	assert_int_equal(position.line, 16);
	assert_non_null(strstr(diag->message, "map_value_or_null"));
	session_end(&session);
	free(elf);
}

/* Each refusal names its cause at the attach point. */
static void test_unattachable(void **state)
{
	static struct attach wrong[] = {
		{ .kind = ATTACH_TRACEPOINT,
		  .at = { 1, 2 },
		  .probe = "tracepoint:no:such",
		  .category = "no",
		  .event = "such" },
		{ .kind = ATTACH_RAW_TRACEPOINT,
		  .at = { 1, 2 },
		  .probe = "rawtracepoint:no_such",
		  .event = "no_such" },
		{ .kind = ATTACH_UPROBE,
		  .at = { 1, 2 },
		  .probe = "uprobe:/no/such/file:0",
		  .path = "/no/such/file" },
	};
	static const char *const functions[] = { "call", "raw", "function" };
	size_t size = 0;
	void *elf = compile(program_text, &size);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct image one = image;
		struct image_program program = {
			functions[i], wrong[i].kind, { 0, 0 }, 0, 1,
			false,        false
		};
		struct image_program all[6];
		struct attach points[6];
		struct session session;

		/* The others only have to load. */
		for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
			all[k] = programs[k];
			all[k].first_attach = (uint32_t)k;
			all[k].attach_count = 0;
			points[k] = wrong[i];
			if (!strcmp(all[k].function, program.function))
				all[k].attach_count = 1;
		}
		one.elf = elf;
		one.elf_size = size;
		one.programs = all;
		one.attaches = points;
		one.attach_count = ARRAY_SIZE(points);
		session_prepare(&session, &one, program_text);
		check(session_load(&session), &session);
		assert_false(session_attach(&session));
		assert_non_null(session.diags->first);
		assert_int_equal(session.diags->first->tag, E_ATTACH);
		assert_int_equal(session.diags->first->at.begin, 1);
		session_end(&session);
	}
	free(elf);
}

static int skip_all(const char *reason)
{
	printf("skipped: %s\n", reason);
	return SKIPPED;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unattachable),
	};
	char command[64];
	size_t size;
	void *elf;
	int status;

	if (geteuid() != 0)
		return skip_all("needs root");
	if (!mkdtemp(folder))
		return skip_all("no temporary folder");
	elf = compile(program_text, &size);
	free(elf);
	status = elf ? cmocka_run_group_tests(tests, NULL, NULL)
		     : skip_all("clang cannot compile for BPF");
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	/* NOLINTNEXTLINE(cert-env33-c) */
	return system(command) ? 1 : status;
}
