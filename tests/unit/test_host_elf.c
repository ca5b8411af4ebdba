/*
 * User programs: the symbols of the recorded one, and the ways from a name to
 * a file, on a machine made up for each test.
 */
#include "parser/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TINY SOURCE_DIR "/tests/hosts/tiny"
#define PROG "/usr/bin/prog"

struct machine {
	struct arena *arena;
	struct host *host; /* tiny */
	const char *root;  /* an empty folder */
	struct host *made; /* the machine in it */
};

static int machine_open(void **state)
{
	char root[] = "/tmp/etrace-host-XXXXXX";
	struct machine *machine;

	if (!mkdtemp(root))
		return 1;
	machine = calloc(1, sizeof(*machine));
	machine->arena = arena_new();
	machine->host = host_open(machine->arena, TINY);
	machine->root = arena_strdup(machine->arena, root);
	machine->made = host_open(machine->arena, machine->root);
	*state = machine;
	return 0;
}

static int machine_close(void **state)
{
	struct machine *machine = *state;
	int failed = system(
		arena_printf(machine->arena, "rm -rf '%s'", machine->root));

	host_close(machine->host);
	host_close(machine->made);
	arena_free(machine->arena);
	free(machine);
	return failed;
}

static void make_file(struct machine *machine, const char *path,
		      const void *bytes, size_t length, mode_t mode)
{
	char *name = arena_printf(machine->arena, "%s%s", machine->root, path);
	char *slash = name + strlen(machine->root);
	FILE *file;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	chmod(name, mode);
}

/* ---- symbols ---- */

static const struct {
	const char *name;
	enum host_status status;
	uint64_t address;
} functions[] = {
	{ "add", HOST_OK, 0x400646 },
	{ "name", HOST_OK, 0x40064a },
	{ "helper", HOST_OK, 0x400660 },
	{ "main", HOST_OK, 0x400678 },
	{ "__add_alias", HOST_OK, 0x400646 },
	{ "old_add", HOST_OK, 0x400669 }, /* of the two, today's */
	{ "old_add_1", HOST_OK, 0x400664 },
	{ "names", HOST_ABSENT, 0 },             /* data */
	{ "__libc_start_main", HOST_ABSENT, 0 }, /* somebody else's */
	{ "ad", HOST_ABSENT, 0 },
	{ "add@", HOST_ABSENT, 0 },
	{ "", HOST_ABSENT, 0 },
};

static void test_symbol(void **state)
{
	struct machine *machine = *state;
	struct program_symbol symbol;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (host_symbol(machine->host, PROG, functions[i].name,
				&symbol) != functions[i].status)
			fail_msg("'%s'", functions[i].name);
		if (functions[i].status != HOST_OK)
			continue;
		assert_string_equal(symbol.name, functions[i].name);
		assert_int_equal(symbol.address, functions[i].address);
		assert_int_equal(symbol.offset,
				 functions[i].address - 0x400000);
	}
}

struct seen {
	const char *names[64];
	uint64_t addresses[64];
	size_t count;
};

static void see_symbol(const struct program_symbol *symbol, void *data)
{
	struct seen *seen = data;

	assert_true(seen->count < ARRAY_SIZE(seen->names));
	seen->names[seen->count] = symbol->name;
	seen->addresses[seen->count++] = symbol->address;
}

static bool has_name(const struct seen *seen, const char *name)
{
	size_t i;

	for (i = 0; i < seen->count; i++)
		if (!strcmp(seen->names[i], name))
			return true;
	return false;
}

static void test_symbols(void **state)
{
	struct machine *machine = *state;
	struct seen seen = { .count = 0 };
	size_t i, j;

	assert_int_equal(host_symbols(machine->host, PROG, see_symbol, &seen),
			 HOST_OK);
	for (i = 1; i < seen.count; i++) {
		assert_true(strcmp(seen.names[i - 1], seen.names[i]) < 0);
		for (j = 0; j < i; j++)
			assert_true(seen.addresses[i] != seen.addresses[j]);
	}
	assert_true(has_name(&seen, "add"));
	assert_false(has_name(&seen, "__add_alias"));
	assert_true(has_name(&seen, "old_add"));
	assert_false(has_name(&seen, "old_add_2"));
	assert_true(has_name(&seen, "main"));
}

static const struct {
	uint64_t address;
	enum host_status status;
	uint64_t offset;
} addresses[] = {
	{ 0x400646, HOST_OK, 0x646 }, { 0x400000, HOST_OK, 0 },
	{ 0x401e18, HOST_OK, 0xe18 }, { 0x3fffff, HOST_ABSENT, 0 },
	{ 0x400824, HOST_ABSENT, 0 }, /* behind the first segment */
	{ 0x402010, HOST_ABSENT, 0 }, /* zeros: not in the file */
	{ 0, HOST_ABSENT, 0 },        { UINT64_MAX, HOST_ABSENT, 0 },
};

static void test_file_offset(void **state)
{
	struct machine *machine = *state;
	uint64_t offset;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		assert_int_equal(host_file_offset(machine->host, PROG,
						  addresses[i].address,
						  &offset),
				 addresses[i].status);
		if (addresses[i].status == HOST_OK)
			assert_int_equal(offset, addresses[i].offset);
	}
}

static const struct {
	const char *path, *bytes;
} not_elf[] = {
	{ "/empty", "" },
	{ "/script", "#!/bin/sh\necho\n" },
	{ "/short", "\177ELF" },
	{ "/class", "\177ELF\3\1\1" },
};

static void test_not_elf(void **state)
{
	struct machine *machine = *state;
	struct program_symbol symbol;
	uint64_t offset;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_elf); i++) {
		make_file(machine, not_elf[i].path, not_elf[i].bytes,
			  strlen(not_elf[i].bytes), 0755);
		assert_int_equal(host_symbol(machine->made, not_elf[i].path,
					     "main", &symbol),
				 HOST_BAD);
		assert_int_equal(host_file_offset(machine->made,
						  not_elf[i].path, 0, &offset),
				 HOST_BAD);
	}
	assert_int_equal(host_symbol(machine->made, "/", "main", &symbol),
			 HOST_BAD);
	assert_int_equal(host_symbol(machine->made, "/none", "main", &symbol),
			 HOST_ABSENT);
}

/* ---- names ---- */

static void test_binary_by_path(void **state)
{
	struct machine *machine = *state;
	const char *path;

	assert_int_equal(host_binary(machine->host, PROG, &path), HOST_OK);
	assert_string_equal(path, PROG);
	assert_int_equal(host_binary(machine->host, "/usr/bin/none", &path),
			 HOST_ABSENT);
	assert_null(path);
	assert_int_equal(host_binary(machine->host, "/usr/bin", &path),
			 HOST_BAD);
}

static void test_binary_by_name(void **state)
{
	struct machine *machine = *state;
	const char *path;

	assert_int_equal(host_binary(machine->host, "prog", &path), HOST_OK);
	assert_string_equal(path, PROG);
	assert_int_equal(host_binary(machine->host, "none", &path),
			 HOST_ABSENT);
	assert_int_equal(host_binary(machine->host, "", &path), HOST_ABSENT);
	make_file(machine, "/usr/bin/text", "", 0, 0644);
	assert_int_equal(host_binary(machine->made, "text", &path),
			 HOST_ABSENT);
}

static void test_library_in_folder(void **state)
{
	struct machine *machine = *state;
	const char *path;

	make_file(machine, "/usr/lib64/libdemo.so.8.2", "", 0, 0644);
	make_file(machine, "/usr/lib64/libdemo.so.8", "", 0, 0644);
	make_file(machine, "/usr/lib64/libdemo.so", "", 0, 0644);
	make_file(machine, "/usr/lib64/libdemonic.so.1", "", 0, 0644);
	make_file(machine, "/lib/demo/file", "", 0, 0644);
	assert_int_equal(host_binary(machine->made, "libdemo", &path), HOST_OK);
	assert_string_equal(path, "/usr/lib64/libdemo.so.8");
	assert_int_equal(host_binary(machine->made, "libdemo.so.8.2", &path),
			 HOST_OK);
	assert_string_equal(path, "/usr/lib64/libdemo.so.8.2");
	assert_int_equal(host_binary(machine->made, "libdem", &path),
			 HOST_ABSENT);
	assert_int_equal(host_binary(machine->made, "demo", &path),
			 HOST_ABSENT);
}

/* ---- the loader's cache ---- */

#if defined(__x86_64__)
#define OURS  0x0303u
#define OTHER 0x0003u

struct entry {
	uint32_t flags;
	uint32_t name, path;
	uint32_t version;
	uint64_t hwcap;
};

static const char strings[] = "libc.so.6\0/lib/libc.so.6\0/lib32/libc.so.6\0"
			      "/lib/v3/libc.so.6\0libcap.so.2\0/lib/gone.so";

/* A cache of three libraries, of which one is this machine's. */
static size_t make_cache(uint8_t *bytes, uint32_t count)
{
	uint32_t at = 48 + 4 * sizeof(struct entry);
	static const char magic[] = "glibc-ld.so.cache1.1";
	const struct entry entries[] = {
		{ OURS, at + 62, at + 74, 0, 0 },
		{ OTHER, at, at + 26, 0, 0 },
		{ OURS, at, at + 44, 0, 1 },
		{ OURS, at, at + 10, 0, 0 },
	};

	memset(bytes, 0, 48);
	memcpy(bytes, magic, sizeof(magic));
	memcpy(bytes + 20, &count, sizeof(count));
	memcpy(bytes + 48, entries, sizeof(entries));
	memcpy(bytes + 48 + sizeof(entries), strings, sizeof(strings));
	return 48 + sizeof(entries) + sizeof(strings);
}

static void test_library_in_cache(void **state)
{
	struct machine *machine = *state;
	uint8_t bytes[512];
	const char *path;
	size_t length = make_cache(bytes, 4);

	make_file(machine, "/etc/ld.so.cache", bytes, length, 0644);
	make_file(machine, "/lib/libc.so.6", "", 0, 0644);
	make_file(machine, "/lib32/libc.so.6", "", 0, 0644);
	make_file(machine, "/lib64/libc.so.6", "", 0, 0644);
	assert_int_equal(host_binary(machine->made, "libc", &path), HOST_OK);
	assert_string_equal(path, "/lib/libc.so.6");
	assert_int_equal(host_binary(machine->made, "libc.so.6", &path),
			 HOST_OK);
	assert_string_equal(path, "/lib/libc.so.6");
	/* Known to the cache, but no longer there. */
	assert_int_equal(host_binary(machine->made, "libcap", &path),
			 HOST_ABSENT);
}

/* Cut off anywhere, or with a count from nowhere, it is only less useful. */
static void test_malformed_cache(void **state)
{
	struct machine *machine = *state;
	uint8_t bytes[512];
	const char *path;
	size_t length = make_cache(bytes, UINT32_MAX), i;

	for (i = 0; i < length; i += 7) {
		make_file(machine, "/etc/ld.so.cache", bytes, i, 0644);
		assert_int_equal(host_binary(machine->made, "libc", &path),
				 HOST_ABSENT);
	}
}
#endif

/* ---- this machine ---- */

static void test_live_libc(void **state)
{
	struct machine *machine = *state;
	struct host *host = host_open(machine->arena, "/");
	struct program_symbol symbol;
	const char *path;

	if (host_binary(host, "libc", &path) != HOST_OK) {
		host_close(host);
		skip();
	}
	assert_int_equal(host_symbol(host, path, "malloc", &symbol), HOST_OK);
	assert_true(symbol.offset);
	assert_int_equal(host_symbol(host, path, "memcpy", &symbol), HOST_OK);
	assert_int_equal(host_symbol(host, path, "malloc_no", &symbol),
			 HOST_ABSENT);
	host_close(host);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, machine_open, machine_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_symbol),
		TEST(test_symbols),
		TEST(test_file_offset),
		TEST(test_not_elf),
		TEST(test_binary_by_path),
		TEST(test_binary_by_name),
		TEST(test_library_in_folder),
#if defined(__x86_64__)
		TEST(test_library_in_cache),
		TEST(test_malformed_cache),
#endif
		TEST(test_live_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
