/*
 * Any bytes in place of a program, and of the loader's cache: symbols found
 * are in the file, and no library is invented.
 */
#include "tests/fuzz/fuzz.h"

#include <assert.h>

#include "parser/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/dev/shm/etrace-fuzz-XXXXXX";
static bool is_made;

static void remove_root(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/etc/ld.so.cache", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/program", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/etc", root);
	rmdir(path);
	rmdir(root);
}

static void make_root(void)
{
	char path[64];

	if (is_made)
		return;
	is_made = true;
	if (!mkdtemp(root))
		abort();
	snprintf(path, sizeof(path), "%s/etc", root);
	mkdir(path, 0755);
	atexit(remove_root);
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	if (!file)
		abort();
	fwrite(data, 1, size, file);
	fclose(file);
}

static void see_symbol(const struct program_symbol *symbol, void *data)
{
	assert(symbol->name[0] && symbol->offset < *(const size_t *)data);
}

static void see_static(const struct static_probe *probe, void *data)
{
	assert(probe->provider[0] && probe->name[0]);
	assert(probe->offset < *(const size_t *)data);
}

static void see_address(uint64_t address, void *data)
{
	(void)address;
	(void)data;
}

/* What notes and debug information say of functions. */
static void look_deeper(struct host *host, size_t size)
{
	struct source_line line = { .file = "tiny.c", .line = 2 };
	struct program_symbol symbol;
	struct parameters found;

	host_static_probes(host, "/program", see_static, &size);
	host_is_go(host, "/program");
	host_source_line(host, "/program", &line, see_address, NULL);
	if (host_symbol(host, "/program", "f", &symbol) != HOST_OK ||
	    host_parameters(host, "/program", symbol.address, "f", &found) !=
		    HOST_OK)
		return;
	for (size_t i = 0; i < found.record->count; i++) {
		const struct type *type = found.record->fields[i].type;

		if (type->kind == TYPE_POINTER && type->to)
			type = type->to;
		if (type->kind == TYPE_STRUCT)
			host_record_complete(host, type->record);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct program_symbol symbol;
	struct host *host;
	const char *path;
	uint64_t offset;

	make_root();
	write_file("program", data, size);
	write_file("etc/ld.so.cache", data, size);
	host = host_open(arena, root);
	host_symbols(host, "/program", see_symbol, &size);
	host_symbol(host, "/program", "main", &symbol);
	host_file_offset(host, "/program", 0x400646, &offset);
	/* Nothing is named so, but the cache may name what is there. */
	if (host_binary(host, "libc", &path) == HOST_OK)
		assert(strstr(path, "program") || strstr(path, "ld.so.cache"));
	look_deeper(host, size);
	host_close(host);
	arena_free(arena);
	return 0;
}
