/*
 * The process that is traced alone: which files it has mapped, and how it sees
 * the file system when it lives in a container. Called by host_binary.c and,
 * through host.h, by the checker.
 */
#include "parser/host_private.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAPS_MAX ((size_t)64 << 20)
#define FIELDS   5 /* of a line of maps, before the path */

void host_set_process(struct host *host, uint32_t pid)
{
	host->process = pid;
}

/* The same file system, seen from the same folder? */
static bool is_same(const char *left, const char *right)
{
	struct stat a, b;

	return !stat(left, &a) && !stat(right, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

struct host *process_root(struct host *host)
{
	const char *folder, *root;

	if (!host->process || !host_is_live(host) || host->process_looked)
		return host->process_root;
	host->process_looked = true;
	folder = arena_printf(host->arena, "/proc/%u", host->process);
	root = arena_printf(host->arena, "%s/root", folder);
	if (!is_same(root, "/") ||
	    !is_same(arena_printf(host->arena, "%s/ns/mnt", folder),
		     "/proc/self/ns/mnt"))
		host->process_root = host_open(host->arena, root);
	return host->process_root;
}

static bool is_file(const char *path, const struct stat *file)
{
	struct stat status;

	return !stat(path, &status) && status.st_dev == file->st_dev &&
	       status.st_ino == file->st_ino;
}

/* The file itself, links followed as the process would; -1 if that fails. */
static int open_inside(struct host *root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	int folder = open(root->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long fd;

	if (folder < 0)
		return -1;
	fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	close(folder);
	return (int)fd;
}

/*
 * A link that begins at the root would lead us out of the container. The
 * kernel tells where it leads inside: seen from the root of the process, or,
 * if that is a folder of ours, from our own.
 */
const char *process_path(struct host *root, const char *path)
{
	const char *plain = arena_printf(root->arena, "%s%s", root->root, path);
	char link[64], target[4096];
	struct stat file;
	const char *inside;
	ssize_t length;
	int fd = open_inside(root, path);

	if (fd < 0)
		return plain;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = fstat(fd, &file) ? -1
				  : readlink(link, target, sizeof(target) - 1);
	close(fd);
	if (length <= 0 || is_file(plain, &file))
		return plain;
	target[length] = '\0';
	inside = arena_printf(root->arena, "%s%s", root->root, target);
	if (is_file(inside, &file))
		return inside;
	return is_file(target, &file) ? arena_strdup(root->arena, target)
				      : plain;
}

/* ---- what it has mapped ---- */

/* "7f00-7f01 r-xp 0 fe:00 12   /usr/lib/libc.so.6": the path, if the part is
 * there to run and the file still has its name; else NULL. */
static char *mapped_path(char *line)
{
	char *at = line;
	char *permissions = NULL;

	for (int field = 0; field < FIELDS; field++) {
		if (field == 1)
			permissions = at;
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	if (!permissions || strnlen(permissions, 3) < 3 ||
	    permissions[2] != 'x' || at[0] != '/' ||
	    (strlen(at) > 10 && !strcmp(at + strlen(at) - 10, " (deleted)")))
		return NULL;
	return at;
}

enum host_status host_process_files(struct host *host, path_visit_fn *visit,
				    void *data)
{
	struct host *root = process_root(host);
	struct cache seen = { 0 };
	struct text text = { 0 };
	enum host_status status;
	char *line, *next;

	if (!host->process)
		return HOST_ABSENT;
	status = text_read(&text,
			   arena_printf(host->arena, "/proc/%u/maps",
					host->process),
			   MAPS_MAX);
	for (line = text.bytes; status == HOST_OK && line && *line;
	     line = next) {
		const char *path;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		path = mapped_path(line);
		if (!path || cache_find(&seen, path))
			continue;
		path = arena_strdup(host->arena, path);
		cache_put(host->arena, &seen, path, &seen);
		visit(root ? process_path(root, path) : path, data);
	}
	text_free(&text);
	return status;
}
