/*
 * Names of functions in processes: our own, a child, a child that has ended,
 * and files that are no good.
 */
#include "tests/unit/printing.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/elf_symbols.h"
#include "runtime/symbols.h"

static struct usyms *usyms;

/* Not static: the dynamic table of a program need not have it, .symtab does. */
__attribute__((noinline)) int a_function_of_the_test(int value);
int a_function_of_the_test(int value)
{
	__asm__ volatile("" : "+r"(value));
	return value * 3 + 1;
}

/* Named as a C++ compiler would name int space::shout(int). */
int shout(int value) __asm__("_ZN5space5shoutEi");
__attribute__((noinline)) int shout(int value)
{
	__asm__ volatile("" : "+r"(value));
	return value * 5 + 1;
}

static uint64_t address_of(int (*function)(int))
{
	return (uint64_t)(uintptr_t)function;
}

static void own_functions(void **state)
{
	uint64_t address = address_of(a_function_of_the_test);
	uint32_t pid = (uint32_t)getpid();
	struct symbol symbol;

	(void)state;
	assert_true(usyms_find(usyms, pid, address + 1, &symbol));
	assert_string_equal(symbol.name, "a_function_of_the_test");
	assert_int_equal(symbol.offset, 1);
	assert_non_null(strstr(symbol.module, "usyms"));
}

static void functions_of_libraries(void **state)
{
	void *function = dlsym(RTLD_DEFAULT, "getenv");
	struct symbol symbol;

	(void)state;
	assert_true(usyms_find(usyms, (uint32_t)getpid(),
			       (uint64_t)(uintptr_t)function, &symbol));
	assert_non_null(strstr(symbol.module, "lib"));
	/* a sanitizer puts itself between */
	assert_non_null(strstr(symbol.name, "getenv"));
}

static void demangled_or_not(void **state)
{
	uint64_t address = address_of(shout);
	struct usyms *plain = usyms_new("", false);
	struct symbol symbol;

	(void)state;
	assert_true(usyms_find(usyms, (uint32_t)getpid(), address, &symbol));
	assert_string_equal(symbol.name, "space::shout(int)");
	assert_true(usyms_find(plain, (uint32_t)getpid(), address, &symbol));
	assert_string_equal(symbol.name, "_ZN5space5shoutEi");
	usyms_free(plain);
}

static void the_kernels_own_page(void **state)
{
	uint64_t base = getauxval(AT_SYSINFO_EHDR);
	struct symbol symbol = { 0 };
	bool found = false;

	(void)state;
	if (!base)
		skip();
	for (uint64_t at = base; at < base + 8192 && !found; at++)
		found = usyms_find(usyms, (uint32_t)getpid(), at, &symbol) &&
			symbol.name && strstr(symbol.name, "clock_gettime");
	assert_true(found);
	assert_string_equal(symbol.module, "[vdso]");
}

static void unknown_addresses(void **state)
{
	struct symbol symbol;

	(void)state;
	assert_false(usyms_find(usyms, (uint32_t)getpid(), 16, &symbol));
	assert_false(usyms_find(usyms, 0, 16, &symbol));
	assert_false(usyms_find(usyms, 0x7ffffffe, 16, &symbol));
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		alarm(60);
		pause();
		_exit(0);
	}
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Seen while it lived: its functions are known afterwards. */
static void ended_processes_keep_their_names(void **state)
{
	uint64_t address = address_of(a_function_of_the_test);
	struct usyms *fresh = usyms_new("", true);
	pid_t pid = start_child();
	struct symbol symbol;

	(void)state;
	assert_true(pid > 0);
	usyms_process_seen(fresh, (uint32_t)pid);
	end_child(pid);
	assert_true(usyms_find(fresh, (uint32_t)pid, address, &symbol));
	assert_string_equal(symbol.name, "a_function_of_the_test");
	usyms_process_seen(fresh, (uint32_t)pid);
	assert_true(usyms_find(fresh, (uint32_t)pid, address, &symbol));
	assert_string_equal(symbol.name, "a_function_of_the_test");
	usyms_free(fresh);
}

static void unseen_processes_that_ended(void **state)
{
	struct usyms *fresh = usyms_new("", true);
	pid_t pid = start_child();
	struct symbol symbol;

	(void)state;
	end_child(pid);
	assert_false(usyms_find(fresh, (uint32_t)pid,
				address_of(a_function_of_the_test), &symbol));
	usyms_free(fresh);
}

/* A recorded /proc whose lines are wrong in every way. */
static void malformed_maps(void **state)
{
	static const char text[] =
		"\n-\nzz-yy r-xp 0 0:0 0 x\n"
		"1000-2000\n1000-2000 r-x\n1000-2000 r-xp\n"
		"1000-2000 r-xp 0\n1000-2000 r-xp 0 0\n"
		"3000-2000 r-xp 00000000 00:00 0   /backwards\n"
		"4000-5000 rw-p 00000000 00:00 0   /not/executable\n"
		"5000-6000 r-xp 00000000 00:00 0\n"
		"7000-8000 r-xp 00000000 fe:00 77  /no/such/file with blanks";
	char folder[] = "/tmp/usymsXXXXXX", path[64];
	struct usyms *recorded;
	struct symbol symbol;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/proc", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/proc/7", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/proc/7/maps", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	recorded = usyms_new(folder, true);
	assert_false(usyms_find(recorded, 7, 0x1800, &symbol));
	assert_false(usyms_find(recorded, 7, 0x5800, &symbol));
	assert_true(usyms_find(recorded, 7, 0x7800, &symbol));
	assert_null(symbol.name);
	assert_string_equal(symbol.module, "/no/such/file with blanks");
	usyms_free(recorded);
	unlink(path);
	snprintf(path, sizeof(path), "%s/proc/7", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/proc", folder);
	rmdir(path);
	rmdir(folder);
}

/* ---- ELF files ---- */

static int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

static void files_that_are_no_elf(void **state)
{
	static const char *const texts[] = { "", "x", "\177ELF",
					     "#!/bin/sh\nexit\n" };

	(void)state;
	assert_null(elf_symbols_read(-1));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int fd = memory_file(texts[i], strlen(texts[i]));

		assert_null(elf_symbols_read(fd));
		close(fd);
	}
}

static unsigned char *read_self(size_t *size)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	struct stat status;
	unsigned char *bytes;

	assert_int_equal(fstat(fd, &status), 0);
	*size = (size_t)status.st_size;
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *size), status.st_size);
	close(fd);
	return bytes;
}

static void look_everywhere(const struct elf_symbols *symbols, size_t size)
{
	uint64_t offset;

	for (uint64_t at = 0; symbols && at < size; at += 997) {
		const char *name = elf_symbols_find(symbols, at, &offset);

		if (name)
			assert_true(strlen(name) < size);
	}
}

/* Cut short and with bytes overwritten: anything but a crash will do. */
static void damaged_files(void **state)
{
	size_t size;
	unsigned char *bytes = read_self(&size);
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t length = size;
		struct elf_symbols *symbols;
		unsigned char saved[64];
		size_t at[64];
		int fd;

		for (size_t i = 0; i < 64; i++) {
			random = random * 1664525 + 1013904223;
			/* headers of the file and of its sections */
			at[i] = round % 2 ? random % 1024
					  : size - 1 - random % 2048;
			saved[i] = bytes[at[i]];
			if (i < 4)
				bytes[at[i]] = (unsigned char)(random >> 24);
		}
		if (round % 3 == 0)
			length = random % size;
		fd = memory_file(bytes, length);
		symbols = elf_symbols_read(fd);
		close(fd);
		look_everywhere(symbols, size);
		elf_symbols_free(symbols);
		for (size_t i = 64; i-- > 0;)
			bytes[at[i]] = saved[i];
	}
	free(bytes);
}

static int set_up(void **state)
{
	(void)state;
	usyms = usyms_new("", true);
	return usyms ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	usyms_free(usyms);
	usyms_free(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_functions),
		cmocka_unit_test(functions_of_libraries),
		cmocka_unit_test(demangled_or_not),
		cmocka_unit_test(the_kernels_own_page),
		cmocka_unit_test(unknown_addresses),
		cmocka_unit_test(ended_processes_keep_their_names),
		cmocka_unit_test(unseen_processes_that_ended),
		cmocka_unit_test(malformed_maps),
		cmocka_unit_test(files_that_are_no_elf),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
