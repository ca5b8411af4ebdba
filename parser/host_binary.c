/*
 * The file behind the name of a binary in an attach point: a path, a program
 * of $PATH, or a shared library as the loader would find it. Opens none of
 * them. Called by the checker, through host.h.
 */
#include "parser/host_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A recorded machine has no environment: what a login shell would have. */
#define PATH_USUAL \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static enum host_status file_status(struct host *host, const char *path)
{
	struct stat status;

	if (stat(host_path(host, path), &status))
		return status_of_errno(errno);
	return S_ISREG(status.st_mode) ? HOST_OK : HOST_BAD;
}

static bool is_program(struct host *host, const char *path)
{
	return file_status(host, path) == HOST_OK &&
	       !access(host_path(host, path), X_OK);
}

static const char *program_find(struct host *host, const char *name)
{
	const char *folders = host_is_live(host) ? getenv("PATH") : NULL;
	const char *path;
	size_t length;

	if (!folders)
		folders = PATH_USUAL;
	for (;;) {
		length = strcspn(folders, ":");
		path = arena_printf(host->arena, "%.*s%s%s", (int)length,
				    folders, length ? "/" : "./", name);
		if (is_program(host, path))
			return path;
		folders += length;
		if (!*folders++)
			return NULL;
	}
}

static enum host_status binary_find(struct host *host, const char *name,
				    const char **path)
{
	enum host_status status;

	if (!name[0])
		return HOST_ABSENT;
	if (strchr(name, '/')) {
		*path = arena_strdup(host->arena, name);
		status = file_status(host, name);
		return status;
	}
	*path = program_find(host, name);
	return *path ? HOST_OK : library_find(host, name, path);
}

/* /proc/PID/...: through a process already. */
static bool is_processes(const char *name)
{
	return strncmp(name, "/proc/", 6) == 0 &&
	       isdigit((unsigned char)name[6]);
}

/* A process may live in a container: what is there has its path through it. */
static enum host_status binary_find_there(struct host *host, const char *name,
					  const char **path)
{
	struct host *root = process_root(host);
	enum host_status status;

	/* a relative path is from our working folder */
	if (!root || (strchr(name, '/') && name[0] != '/') ||
	    is_processes(name))
		return binary_find(host, name, path);
	if (name[0] == '/') {
		*path = process_path(root, name);
		return file_status(host, *path);
	}
	status = binary_find(root, name, path);
	if (status == HOST_OK)
		*path = process_path(root, *path);
	return status;
}

enum host_status host_binary(struct host *host, const char *name,
			     const char **path)
{
	const char *found = cache_find(&host->binaries, name);
	enum host_status status = HOST_OK;

	/* Only what was found is kept: programs come and go. */
	if (!found) {
		status = binary_find_there(host, name, &found);
		if (status == HOST_OK)
			cache_put(host->arena, &host->binaries,
				  arena_strdup(host->arena, name),
				  (void *)found);
	}
	*path = status == HOST_OK ? found : NULL;
	return status;
}
