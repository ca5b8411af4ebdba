/*
 * The network interfaces of the machine: their names, and whether packets
 * begin with an Ethernet header there. On the running machine they are those
 * of the network namespace etrace is in, which sysfs need not be. Called by
 * the checker, through host.h.
 */
#include "parser/host_private.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOLDER         "/sys/class/net"
#define ETHERNET_BYTES 14
#define NUMBER_MAX     64

/* What the kernel says of the link's kind, as ARPHRD_…. */
static uint32_t header_bytes(unsigned kind)
{
	return kind == ARPHRD_ETHER || kind == ARPHRD_LOOPBACK ? ETHERNET_BYTES
							       : 0;
}

static enum host_status ask_kernel(const char *name, struct interface *found)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enum host_status status = HOST_OK;

	if (fd < 0)
		return HOST_BAD;
	memcpy(request.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		status = status_of_errno(errno);
	else
		found->header = header_bytes(request.ifr_hwaddr.sa_family);
	close(fd);
	return status;
}

static enum host_status read_record(struct host *host, const char *name,
				    struct interface *found)
{
	const char *path = arena_printf(host->arena, FOLDER "/%s/type", name);
	const char *text;
	size_t length;
	enum host_status status =
		host_read_file(host, path, NUMBER_MAX, &text, &length);

	if (status == HOST_OK)
		found->header = header_bytes((unsigned)atoi(text));
	return status;
}

enum host_status host_interface(struct host *host, const char *name,
				struct interface *found)
{
	size_t length = strlen(name);

	if (!length || length >= IFNAMSIZ || strchr(name, '/') ||
	    name[0] == '.')
		return HOST_ABSENT;
	found->name = arena_strdup(host->arena, name);
	return host_is_live(host) ? ask_kernel(name, found)
				  : read_record(host, name, found);
}

/* ---- all of them ---- */

struct names_found {
	const char **names;
	size_t count, room;
};

static void add_name(struct host *host, struct names_found *found,
		     const char *name)
{
	ARENA_PUSH(host->arena, found->names, found->count, found->room,
		   arena_strdup(host->arena, name));
}

static enum host_status list_kernel(struct host *host,
				    struct names_found *found)
{
	struct if_nameindex *list = if_nameindex();

	if (!list)
		return status_of_errno(errno);
	for (const struct if_nameindex *row = list; row->if_name; row++)
		add_name(host, found, row->if_name);
	if_freenameindex(list);
	return HOST_OK;
}

static enum host_status list_record(struct host *host,
				    struct names_found *found)
{
	DIR *folder = opendir(host_path(host, FOLDER));
	const struct dirent *entry;

	if (!folder)
		return status_of_errno(errno);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			add_name(host, found, entry->d_name);
	closedir(folder);
	return HOST_OK;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

enum host_status host_interfaces(struct host *host, name_visit_fn *visit,
				 void *data)
{
	struct names_found found = { 0 };
	enum host_status status = host_is_live(host)
					  ? list_kernel(host, &found)
					  : list_record(host, &found);

	if (status != HOST_OK)
		return status;
	if (found.count)
		qsort(found.names, found.count, sizeof(*found.names),
		      compare_names);
	for (size_t i = 0; i < found.count; i++)
		visit(found.names[i], data);
	return HOST_OK;
}

/* ---- what the kernel is ---- */

/* "6.12.3-generic" is 6 * 1000 + 12. */
uint32_t host_kernel_version(struct host *host)
{
	const char *text;
	char *end;
	size_t length;
	unsigned long major, minor;

	if (host_read_file(host, "/proc/sys/kernel/osrelease", 256, &text,
			   &length) != HOST_OK)
		return 0;
	major = strtoul(text, &end, 10);
	if (*end != '.' || major > 1000)
		return 0;
	minor = strtoul(end + 1, NULL, 10);
	return (uint32_t)(major * 1000 + (minor > 999 ? 999 : minor));
}
