/*
 * The id of a control group: where the second hierarchy is mounted, and what
 * the kernel calls a folder in it. Knows nothing of what the id is compared
 * with. Called by the checker, through host.h.
 */
#include "parser/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define MOUNTS_MAX ((size_t)1 << 20)

/* The folder of a line "DEVICE FOLDER TYPE OPTIONS…" of that type, or NULL. */
static const char *mount_folder(struct host *host, const char *line)
{
	const char *folder = line + strcspn(line, " \n");
	const char *type;

	if (*folder != ' ')
		return NULL;
	folder++;
	type = folder + strcspn(folder, " \n");
	if (strncmp(type, " cgroup2 ", 9) != 0)
		return NULL;
	return arena_strndup(host->arena, folder, (size_t)(type - folder));
}

static const char *cgroup_mount(struct host *host)
{
	const char *folder = NULL;
	const char *line;

	if (text_read(&host->scratch, host_path(host, "/proc/self/mounts"),
		      MOUNTS_MAX) == HOST_OK) {
		line = host->scratch.bytes;
		while (line && !folder) {
			folder = mount_folder(host, line);
			line = strchr(line, '\n');
			if (line)
				line++;
		}
	}
	return folder ? folder : "/sys/fs/cgroup";
}

/* The kernel's own id; since Linux 5.5 it is the inode number as well. */
static uint64_t folder_id(const char *path, const struct stat *status)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} at = { .handle = { .handle_bytes = sizeof(uint64_t) } };
	uint64_t id;
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &at.handle, &mount, 0) ||
	    at.handle.handle_bytes != sizeof(id))
		return status->st_ino;
	memcpy(&id, at.handle.f_handle, sizeof(id));
	return id;
}

static enum host_status cgroup_id(struct host *host, const char *path,
				  uint64_t *id)
{
	struct statfs system;
	struct stat status;

	path = host_path(host, path);
	if (stat(path, &status))
		return status_of_errno(errno);
	if (!S_ISDIR(status.st_mode))
		return HOST_ABSENT;
	if (!host_is_live(host)) {
		*id = status.st_ino;
		return HOST_OK;
	}
	if (statfs(path, &system) ||
	    (uint64_t)system.f_type != CGROUP2_SUPER_MAGIC)
		return HOST_ABSENT;
	*id = folder_id(path, &status);
	return HOST_OK;
}

enum host_status host_cgroup_id(struct host *host, const char *path,
				uint64_t *id)
{
	enum host_status status = HOST_ABSENT;

	if (path[0] == '/')
		status = cgroup_id(host, path, id);
	if (status != HOST_ABSENT)
		return status;
	return cgroup_id(
		host,
		arena_printf(host->arena, "%s/%s", cgroup_mount(host), path),
		id);
}
