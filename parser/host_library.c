/*
 * The loader's cache, /etc/ld.so.cache in the format glibc has written since
 * 2.32, and the folders it looks in without one. Knows nothing of what is in a
 * library. Called by host_binary.c.
 */
#include "parser/host_private.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CACHE_MAX   ((size_t)64 << 20)
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

/* ldconfig's word for this machine's libraries. */
#if defined(__x86_64__)
#define FLAGS 0x0303u
#elif defined(__aarch64__)
#define FLAGS 0x0a03u
#elif defined(__s390x__)
#define FLAGS 0x0403u
#elif defined(__powerpc64__)
#define FLAGS 0x0503u
#else
#define FLAGS 0x0003u
#endif

struct cache_header {
	char magic[20];
	uint32_t entries;
	uint32_t strings_size;
	uint8_t flags;
	uint8_t padding[3];
	uint32_t extension;
	uint32_t unused[3];
};

struct cache_entry {
	uint32_t flags;
	uint32_t name; /* from the start of the file */
	uint32_t path;
	uint32_t os_version;
	uint64_t hwcap; /* not 0: for some processors only */
};

_Static_assert(sizeof(struct cache_header) == 48, "as in the file");
_Static_assert(sizeof(struct cache_entry) == 24, "as in the file");

/* How well a library's file name fits the one asked for; the larger the
 * better. "libc" is libc.so.6, which programs load, rather than libc.so, which
 * may be a text for the linker; "libc.so.6" is only that. */
enum fit { FIT_NONE, FIT_SO, FIT_VERSION, FIT_EXACT };

static enum fit fit_of(const char *file, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(file, name, length) != 0)
		return FIT_NONE;
	file += length;
	if (!*file) /* and not the folder /lib/systemd */
		return strstr(name, ".so") ? FIT_EXACT : FIT_NONE;
	if (strncmp(file, ".so", 3) != 0)
		return FIT_NONE;
	if (!file[3])
		return FIT_SO;
	return file[3] == '.' ? FIT_VERSION : FIT_NONE;
}

/* A string of the cache; text_read() put a NUL behind the last one. */
static const char *cache_text(const struct text *text, uint32_t place)
{
	return place < text->length ? text->bytes + place : "";
}

static const char *search_cache(struct host *host, const char *name)
{
	const struct text *text = &host->scratch;
	struct cache_header header;
	struct cache_entry entry;
	enum fit fit, best = FIT_NONE;
	const char *path = NULL;
	size_t at = sizeof(header);
	uint32_t i;

	if (text_read(&host->scratch, host_path(host, "/etc/ld.so.cache"),
		      CACHE_MAX) != HOST_OK ||
	    text->length < sizeof(header))
		return NULL;
	memcpy(&header, text->bytes, sizeof(header));
	if (memcmp(header.magic, CACHE_MAGIC, sizeof(header.magic)) != 0)
		return NULL;
	for (i = 0; i < header.entries && text->length - at >= sizeof(entry);
	     i++, at += sizeof(entry)) {
		memcpy(&entry, text->bytes + at, sizeof(entry));
		fit = fit_of(cache_text(text, entry.name), name);
		if (entry.flags != FLAGS || entry.hwcap || fit <= best)
			continue;
		best = fit;
		path = cache_text(text, entry.path);
	}
	return path && *path ? arena_strdup(host->arena, path) : NULL;
}

static const char *search_folder(struct host *host, const char *folder,
				 const char *name)
{
	enum fit fit, best = FIT_NONE;
	const char *file = NULL;
	struct dirent *entry;
	DIR *dir = opendir(host_path(host, folder));

	if (!dir)
		return NULL;
	while ((entry = readdir(dir))) {
		/* libx.so.8 rather than libx.so.8.2, the file behind it. */
		fit = fit_of(entry->d_name, name);
		if (fit < best || fit == FIT_NONE ||
		    (fit == best && strcmp(entry->d_name, file) > 0))
			continue;
		best = fit;
		file = arena_strdup(host->arena, entry->d_name);
	}
	closedir(dir);
	return file ? arena_printf(host->arena, "%s/%s", folder, file) : NULL;
}

static bool is_library(struct host *host, const char *path)
{
	struct stat status;

	return path && path[0] == '/' &&
	       !stat(host_path(host, path), &status) && S_ISREG(status.st_mode);
}

enum host_status library_find(struct host *host, const char *name,
			      const char **path)
{
	static const char *const folders[] = {
#if defined(__x86_64__)
		"/lib/x86_64-linux-gnu",
		"/usr/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
		"/lib/aarch64-linux-gnu",
		"/usr/lib/aarch64-linux-gnu",
#endif
		"/lib64",
		"/usr/lib64",
		"/lib",
		"/usr/lib",
		"/usr/local/lib",
	};
	size_t i;

	*path = search_cache(host, name);
	for (i = 0; i < ARRAY_SIZE(folders) && !is_library(host, *path); i++)
		*path = search_folder(host, folders[i], name);
	return is_library(host, *path) ? HOST_OK : HOST_ABSENT;
}
