/*
 * The machine being traced: its root folder, the reading of its small files,
 * and the facts that fit in one line. What needs a parser of its own is in the
 * other host*.c files. Called by the checker, and by the runtime for facts.
 */
#include "parser/host_private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL_FILE            ((size_t)64 << 10)
#define KALLSYMS_MAX          ((size_t)256 << 20)
#define CPUS_MAX              65536
#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu /* fixed by the kernel */

struct host *host_open(struct arena *arena, const char *root)
{
	struct host *host = ARENA_NEW(arena, struct host);
	size_t length = strlen(root);

	while (length && root[length - 1] == '/')
		length--;
	host->arena = arena;
	host->root = arena_strndup(arena, root, length);
	return host;
}

void host_close(struct host *host)
{
	if (!host)
		return;
	text_free(&host->scratch);
	text_free(&host->kallsyms);
	text_free(&host->functions);
	modules_close(host);
	kernel_types_close(host->types);
	dwarfs_close(host);
	programs_close(host);
}

bool host_is_live(const struct host *host)
{
	return !host->root[0];
}

const char *host_path(struct host *host, const char *path)
{
	if (host_is_live(host))
		return path;
	return arena_printf(host->arena, "%s%s%s", host->root,
			    path[0] == '/' ? "" : "/", path);
}

enum host_status status_of_errno(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENODEV:
	case ENXIO:
		return HOST_ABSENT;
	case EACCES:
	case EPERM:
		return HOST_FORBIDDEN;
	default:
		return HOST_BAD;
	}
}

/* ---- files ---- */

static bool text_grow(struct text *text, size_t limit)
{
	size_t room = text->room ? text->room * 2 : SMALL_FILE;
	char *bytes;

	/* One more than the limit tells a file of that length from a longer
	 * one; one more is for the NUL. */
	if (room > limit + 2)
		room = limit + 2;
	if (room <= text->room)
		return false;
	bytes = realloc(text->bytes, room);
	if (!bytes)
		return false;
	text->bytes = bytes;
	text->room = room;
	return true;
}

/* The files of /proc and tracefs have no size: read until there is no more. */
static enum host_status text_fill(struct text *text, int fd, size_t limit)
{
	ssize_t got;

	text->length = 0;
	for (;;) {
		if (text->room - text->length < 2 && !text_grow(text, limit))
			return HOST_BAD;
		got = read(fd, text->bytes + text->length,
			   text->room - text->length - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return status_of_errno(errno);
		if (!got)
			break;
		text->length += (size_t)got;
		if (text->length > limit)
			return HOST_BAD;
	}
	text->bytes[text->length] = '\0';
	return HOST_OK;
}

enum host_status text_read(struct text *text, const char *path, size_t limit)
{
	enum host_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return status_of_errno(errno);
	status = text_fill(text, fd, limit);
	close(fd);
	return status;
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

enum host_status host_read_file(struct host *host, const char *path,
				size_t limit, const char **text, size_t *length)
{
	enum host_status status =
		text_read(&host->scratch, host_path(host, path), limit);

	if (status != HOST_OK)
		return status;
	*length = host->scratch.length;
	*text = arena_strndup(host->arena, host->scratch.bytes, *length);
	return HOST_OK;
}

bool host_has_file(struct host *host, const char *path)
{
	return !access(host_path(host, path), F_OK);
}

/* A small file into the scratch text; NULL if it cannot be read. */
static const char *read_small(struct host *host, const char *path)
{
	if (text_read(&host->scratch, host_path(host, path), SMALL_FILE) !=
	    HOST_OK)
		return NULL;
	return host->scratch.bytes;
}

/* ---- processors ---- */

/* A number, moved over; false if there is none, or if it is no CPU's. */
static bool read_cpu(const char **at, uint32_t *cpu)
{
	uint32_t value = 0;

	if (!isdigit((unsigned char)**at))
		return false;
	while (isdigit((unsigned char)**at) && value < CPUS_MAX)
		value = value * 10 + (uint32_t)(*(*at)++ - '0');
	*cpu = value;
	return value < CPUS_MAX;
}

/* "0-3,8,10-11". Each CPU is stored where there is an array for them. Returns
 * how many there are, and the number of the last. */
static size_t read_cpus(const char *text, uint32_t *cpus, uint32_t *last)
{
	uint32_t first, cpu;
	size_t count = 0;

	while (read_cpu(&text, &first)) {
		*last = first;
		if (*text == '-') {
			text++;
			if (!read_cpu(&text, last) || *last < first)
				break;
		}
		for (cpu = first; cpu <= *last && count < CPUS_MAX; cpu++) {
			if (cpus)
				cpus[count] = cpu;
			count++;
		}
		if (*text != ',')
			break;
		text++;
	}
	return count;
}

uint32_t host_possible_cpus(struct host *host)
{
	const char *text;
	uint32_t last;

	if (host->possible_cpus)
		return host->possible_cpus;
	host->possible_cpus = 1;
	text = read_small(host, "/sys/devices/system/cpu/possible");
	if (text && read_cpus(text, NULL, &last))
		host->possible_cpus = last + 1;
	return host->possible_cpus;
}

const uint32_t *host_online_cpus(struct host *host, size_t *count)
{
	const char *text;
	uint32_t *cpus;
	uint32_t last;

	if (!host->online_cpus) {
		text = read_small(host, "/sys/devices/system/cpu/online");
		host->online_count = text ? read_cpus(text, NULL, &last) : 0;
		cpus = ARENA_ARRAY(host->arena, host->online_count + 1,
				   uint32_t);
		if (host->online_count)
			read_cpus(text, cpus, &last);
		else
			host->online_count = 1;
		host->online_cpus = cpus;
	}
	*count = host->online_count;
	return host->online_cpus;
}

/* ---- the kernel ---- */

/* The address in a line "ffffffff81000000 T name\t[module]", if it is that
 * of the name. */
static bool kallsyms_line(const char *line, const char *name, size_t length,
			  uint64_t *address)
{
	const char *end;
	char *after;

	*address = strtoull(line, &after, 16);
	if (after == line || after[0] != ' ' || !after[1] || after[2] != ' ')
		return false;
	end = after + 3 + strcspn(after + 3, " \t\n");
	return (size_t)(end - (after + 3)) == length &&
	       !memcmp(after + 3, name, length);
}

static enum host_status kallsyms_find(const struct text *text, const char *name,
				      uint64_t *address)
{
	size_t length = strlen(name);
	const char *end = text->bytes + text->length;
	const char *at = text->bytes;
	const char *line;

	/* Looking for the name first reads the ten megabytes at full speed. */
	while (length && (at = memmem(at, (size_t)(end - at), name, length))) {
		line = memrchr(text->bytes, '\n', (size_t)(at - text->bytes));
		line = line ? line + 1 : text->bytes;
		if (kallsyms_line(line, name, length, address))
			return *address ? HOST_OK : HOST_FORBIDDEN;
		at += length;
	}
	return HOST_ABSENT;
}

enum host_status host_kallsyms(struct host *host)
{
	if (!host->kallsyms_read) {
		host->kallsyms_read = true;
		host->kallsyms_status = text_read(
			&host->kallsyms, host_path(host, "/proc/kallsyms"),
			KALLSYMS_MAX);
	}
	return host->kallsyms_status;
}

enum host_status host_kernel_symbol(struct host *host, const char *name,
				    uint64_t *address)
{
	enum host_status status = host_kallsyms(host);

	if (status != HOST_OK)
		return status;
	return kallsyms_find(&host->kallsyms, name, address);
}

bool host_pid_namespace(struct host *host, uint64_t *device, uint64_t *inode)
{
	struct stat status;

	if (!host_is_live(host) || stat("/proc/self/ns/pid", &status))
		return false;
	*device = status.st_dev;
	*inode = status.st_ino;
	return status.st_ino != INITIAL_PID_NAMESPACE;
}

const char *host_lockdown(struct host *host)
{
	const char *text = read_small(host, "/sys/kernel/security/lockdown");

	/* "none [integrity] confidentiality" */
	if (text && strstr(text, "[integrity]"))
		return "integrity";
	if (text && strstr(text, "[confidentiality]"))
		return "confidentiality";
	return NULL;
}
