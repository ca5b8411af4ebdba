/*
 * Users from the user database, cgroups from the cgroup file system, times
 * from the C library. Called by value_print.c and actions.c.
 */
#include "runtime/names.h"

#include <fcntl.h>
#include <mntent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_KEPT    1024 /* of each kind; found by number modulo this */
#define CGROUP_MOUNT  "/sys/fs/cgroup"
#define TIME_TEXT_MAX ((size_t)64 << 10)
#define NS_PER_SECOND 1000000000

struct name {
	uint64_t number;
	char *text; /* NULL: looked up, and there is none */
	bool is_set;
};

struct names {
	const struct image *image;
	struct ksyms *ksyms;
	struct usyms *usyms;
	struct name users[NAMES_KEPT];
	struct name cgroups[NAMES_KEPT];
	char *time_text, *time_format;
};

struct names *names_new(const struct image *image, const char *root)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->image = image;
	names->ksyms = ksyms_new(root);
	names->usyms = usyms_new(root, image->settings.cpp_demangle);
	if (!names->ksyms || !names->usyms) {
		names_free(names);
		return NULL;
	}
	tzset();
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	ksyms_free(names->ksyms);
	usyms_free(names->usyms);
	for (size_t i = 0; i < NAMES_KEPT; i++) {
		free(names->users[i].text);
		free(names->cgroups[i].text);
	}
	free(names->time_text);
	free(names->time_format);
	free(names);
}

struct ksyms *names_ksyms(const struct names *names)
{
	return names->ksyms;
}

struct usyms *names_usyms(const struct names *names)
{
	return names->usyms;
}

const struct settings *names_settings(const struct names *names)
{
	return &names->image->settings;
}

const char *names_probe(const struct names *names, uint64_t index)
{
	const struct attach *attach;

	if (index >= names->image->attach_count)
		return NULL;
	attach = &names->image->attaches[index];
	return attach->name ? attach->name : attach->probe;
}

const char *names_attach_symbol(const struct names *names, uint32_t number)
{
	if (number == 0 || number > names->image->attach_count)
		return NULL;
	return names->image->attaches[number - 1].symbol;
}

/* ---- users and cgroups ---- */

typedef char *name_read_fn(uint64_t number);

static const char *name_get(struct name *kept, uint64_t number,
			    name_read_fn *read)
{
	struct name *name = &kept[number % NAMES_KEPT];

	if (!name->is_set || name->number != number) {
		free(name->text);
		name->text = read(number);
		name->number = number;
		name->is_set = true;
	}
	return name->text;
}

/* The file itself, as bpftrace has it: a static program cannot ask the name
 * service. */
static char *read_user(uint64_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	char *name = NULL, buffer[4096];
	struct passwd entry, *found;

	while (file && !name &&
	       !fgetpwent_r(file, &entry, buffer, sizeof(buffer), &found))
		if (entry.pw_uid == uid)
			name = strdup(entry.pw_name);
	if (file)
		fclose(file);
	return name;
}

const char *names_user(struct names *names, uint64_t uid)
{
	return name_get(names->users, uid, read_user);
}

/* Where the tree of cgroups (v2) is: beside those of v1, it has a folder of its
 * own. Freed by the caller; NULL without memory. */
static char *cgroup_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *mount;
	char *folder = NULL;

	while (mounts && !folder && (mount = getmntent(mounts)))
		if (strcmp(mount->mnt_type, "cgroup2") == 0)
			folder = strdup(mount->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return folder ? folder : strdup(CGROUP_MOUNT);
}

/* A cgroup's id is what name_to_handle_at() would give: the kernel opens it. */
static int open_cgroup(const char *folder, uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} file = { .handle = { .handle_bytes = sizeof(id),
			       .handle_type = 0xfe /* FILEID_KERNFS */ } };
	int mount = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (mount < 0)
		return -1;
	memcpy(file.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount, &file.handle, O_PATH | O_CLOEXEC);
	close(mount);
	return fd;
}

/* The path below the folder; one of another mount is whole. */
static char *cgroup_below(const char *folder, uint64_t id)
{
	char link[64], path[4096];
	int fd = open_cgroup(folder, id);
	size_t skip = strlen(folder);
	ssize_t length;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (length <= 0)
		return NULL;
	path[length] = '\0';
	if (strncmp(path, folder, skip) != 0)
		return strdup(path);
	return strdup(path[skip] ? path + skip : "/");
}

static char *read_cgroup(uint64_t id)
{
	char *folder = cgroup_mount();
	char *path = folder ? cgroup_below(folder, id) : NULL;

	free(folder);
	return path;
}

const char *names_cgroup(struct names *names, uint64_t id)
{
	return name_get(names->cgroups, id, read_cgroup);
}

/* ---- time ---- */

struct timespec boot_to_wall(uint64_t boot_ns)
{
	struct timespec boot, wall;
	int64_t ns;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &wall);
	wall.tv_sec -= boot.tv_sec;
	wall.tv_sec += (time_t)(boot_ns / NS_PER_SECOND);
	ns = (int64_t)wall.tv_nsec - boot.tv_nsec +
	     (int64_t)(boot_ns % NS_PER_SECOND);
	while (ns < 0) {
		ns += NS_PER_SECOND;
		wall.tv_sec--;
	}
	wall.tv_sec += ns / NS_PER_SECOND;
	wall.tv_nsec = ns % NS_PER_SECOND;
	return wall;
}

/*
 * The format with %f replaced by digits, and a blank after it: strftime()
 * returns 0 for an empty result as for one that does not fit. To be freed.
 */
static char *expand_format(const char *format, long nanoseconds)
{
	size_t length = strlen(format);
	char *expanded = malloc(3 * length + 2);
	char *to = expanded;

	if (!expanded)
		return NULL;
	for (const char *at = format; *at; at++) {
		if (at[0] == '%' && at[1] == 'f') {
			to += sprintf(to, "%06ld", nanoseconds / 1000);
			at++;
			continue;
		}
		*to++ = *at;
		if (at[0] == '%' && at[1])
			*to++ = *++at;
	}
	*to++ = ' ';
	*to = '\0';
	return expanded;
}

const char *names_time(struct names *names, const char *format,
		       struct timespec when)
{
	struct tm local;

	if (!localtime_r(&when.tv_sec, &local))
		return NULL;
	free(names->time_format);
	names->time_format = expand_format(format, when.tv_nsec);
	if (!names->time_format)
		return NULL;
	for (size_t room = 128; room <= TIME_TEXT_MAX; room *= 4) {
		char *text = realloc(names->time_text, room);
		size_t length;

		if (!text)
			return NULL;
		names->time_text = text;
		length = strftime(text, room, names->time_format, &local);
		if (length) {
			text[length - 1] = '\0';
			return text;
		}
	}
	return NULL;
}
