/*
 * The process that is traced alone: which files it has mapped, and how it sees
 * the file system when it lives in a container. Called by host_binary.c and,
 * through host.h, by the checker.
 */
#include "parser/host_private.h"

#include <fcntl.h>
#include <linux/openat2.h>
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

/* What a magic link leads to, as the kernel spells it; NULL if it cannot. */
static const char *link_target(struct host *host, const char *link)
{
	char target[4096];
	ssize_t length = readlink(link, target, sizeof(target) - 1);

	return length > 0 && target[0] == '/'
		       ? arena_strndup(host->arena, target, (size_t)length)
		       : NULL;
}

/*
 * A path of ours to a file that the kernel spells as `target`: through the root
 * of the process, which is spelt as a part of it; or, where that root is a
 * folder of ours, as it is.
 */
static const char *path_of_target(struct host *root, const char *target,
				  const struct stat *file)
{
	const char *folder = link_target(root, root->root);
	size_t length = folder ? strlen(folder) : 0;
	const char *path;

	if (length && folder[length - 1] == '/')
		length--;
	if (strncmp(target, folder ? folder : "", length) == 0) {
		path = arena_printf(root->arena, "%s%s", root->root,
				    target + length);
		if (is_file(path, file))
			return path;
	}
	return is_file(target, file) ? target : NULL;
}

/*
 * A link that begins at the root would lead us out of the container; the kernel
 * follows it inside, and tells where it leads.
 */
const char *process_path(struct host *root, const char *path)
{
	const char *plain = arena_printf(root->arena, "%s%s", root->root, path);
	const char *target = NULL, *reached = NULL;
	struct stat file;
	int fd = open_inside(root, path);

	if (fd < 0)
		return plain;
	if (fstat(fd, &file) == 0 && !is_file(plain, &file))
		target =
			link_target(root, arena_printf(root->arena,
						       "/proc/self/fd/%d", fd));
	close(fd);
	if (target)
		reached = path_of_target(root, target, &file);
	return reached ? reached : plain;
}

/* ---- what it has mapped ---- */

/*
 * "7f00-7f01 r-xp 0 fe:00 12   /usr/lib/libc.so.6": the path, with `*range` the
 * first word, if the part is there to run; else NULL.
 */
static char *mapped_path(char *line, char **range)
{
	char *permissions = NULL;
	char *at = line;

	for (int field = 0; field < FIELDS; field++) {
		if (field == 1)
			permissions = at;
		at += strcspn(at, " ");
		if (field == 0 && *at)
			*at++ = '\0';
		at += strspn(at, " ");
	}
	*range = line;
	return permissions && strnlen(permissions, 3) == 3 &&
			       permissions[2] == 'x' && at[0] == '/'
		       ? at
		       : NULL;
}

/* The kernel's way to the file of a range of the map, where the numbers have no
 * zeros in front. */
static const char *map_file(struct host *host, const char *range)
{
	char *end;
	unsigned long long first = strtoull(range, &end, 16);
	unsigned long long last = *end ? strtoull(end + 1, NULL, 16) : 0;

	return arena_printf(host->arena, "/proc/%u/map_files/%llx-%llx",
			    host->process, first, last);
}

/*
 * The path as the map has it is ours, or seen from another root; where neither
 * leads to the very file, the kernel has a way to it that always does.
 */
static const char *reached_path(struct host *host, const char *range,
				const char *path)
{
	struct host *root = process_root(host);
	const char *exact = map_file(host, range);
	const char *inside = root ? process_path(root, path) : path;
	struct stat file;

	if (stat(exact, &file))
		return inside;
	if (is_file(inside, &file))
		return inside;
	return is_file(path, &file) ? path : exact;
}

enum host_status host_process_files(struct host *host, path_visit_fn *visit,
				    void *data)
{
	struct cache seen = { 0 };
	struct text text = { 0 };
	enum host_status status;
	char *line, *next, *range;

	if (!host->process)
		return HOST_ABSENT;
	status = text_read(
		&text,
		arena_printf(host->arena, "/proc/%u/maps", host->process),
		MAPS_MAX);
	for (line = text.bytes; status == HOST_OK && line && *line;
	     line = next) {
		const char *path;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		path = mapped_path(line, &range);
		if (!path || cache_find(&seen, path))
			continue;
		path = arena_strdup(host->arena, path);
		cache_put(host->arena, &seen, path, &seen);
		visit(reached_path(host, range, path), data);
	}
	text_free(&text);
	return status;
}
