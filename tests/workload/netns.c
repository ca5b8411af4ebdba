/*
 * Runs a command in a network namespace of its own, with a pair of virtual
 * interfaces, v0 and v1, that are up: what one sends the other receives. They
 * have no addresses, so nobody sends but who is told to. Ends with 77 where
 * the kernel has none of these.
 *
 * usage: netns COMMAND [ARGUMENT]...
 */
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CANNOT 77

struct message {
	struct nlmsghdr header;
	struct ifinfomsg link;
	char attributes[256];
};

static void *tail(struct message *message)
{
	return (char *)message + NLMSG_ALIGN(message->header.nlmsg_len);
}

static struct rtattr *put(struct message *message, unsigned short type,
			  const char *text)
{
	struct rtattr *attribute = tail(message);
	size_t size = text ? strlen(text) + 1 : 0;

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), text ? text : "", size);
	message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) +
				    (unsigned)RTA_ALIGN(attribute->rta_len);
	return attribute;
}

/* What was put since is inside of it. */
static void end(struct message *message, struct rtattr *attribute)
{
	attribute->rta_len =
		(unsigned short)((char *)tail(message) - (char *)attribute);
}

static int make_pair(void)
{
	struct message message = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(message.link)),
			    .nlmsg_type = RTM_NEWLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
					   NLM_F_CREATE | NLM_F_EXCL },
	};
	struct rtattr *info, *data, *peer;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	put(&message, IFLA_IFNAME, "v0");
	info = put(&message, IFLA_LINKINFO, NULL);
	put(&message, IFLA_INFO_KIND, "veth");
	data = put(&message, IFLA_INFO_DATA, NULL);
	peer = put(&message, VETH_INFO_PEER, NULL);
	message.header.nlmsg_len += sizeof(struct ifinfomsg);
	put(&message, IFLA_IFNAME, "v1");
	end(&message, peer);
	end(&message, data);
	end(&message, info);
	if (fd < 0 || send(fd, &message, message.header.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) <
		    (ssize_t)NLMSG_LENGTH(sizeof(answer.error.error)))
		return -1;
	close(fd);
	return answer.error.error;
}

/* Without it the kernel would look for neighbours and routers. */
static void silence(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 name);
	fd = open(path, O_WRONLY);
	if (fd >= 0 && write(fd, "1", 1) != 1)
		perror(path);
	close(fd);
}

static int bring_up(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), failed;

	silence(name);
	memcpy(request.ifr_name, name, strlen(name));
	failed = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return failed;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (unshare(CLONE_NEWNET) || make_pair() || bring_up("lo") ||
	    bring_up("v0") || bring_up("v1"))
		return CANNOT;
	execvp(argv[1], argv + 1);
	return 127;
}
