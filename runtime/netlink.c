/* Messages to the kernel about its traffic control, and their answers. */
#include "runtime/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 256
#define ANSWER_MAX  8192

struct message {
	struct nlmsghdr header;
	struct tcmsg control;
	char attributes[MESSAGE_MAX];
};

/* What the kernel said besides an error. */
struct answer {
	bool has_filter;
	uint32_t info, handle;
};

static void begin(struct message *message, uint16_t type, uint16_t flags,
		  const struct filter *filter)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_len = NLMSG_LENGTH(sizeof(message->control));
	message->header.nlmsg_type = type;
	message->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->header.nlmsg_seq = 1;
	message->control.tcm_ifindex = filter->interface;
}

/* The attribute, for those inside of it. */
static struct nlattr *put(struct message *message, uint16_t type,
			  const void *bytes, size_t size)
{
	struct nlattr *attribute =
		(void *)((char *)message +
			 NLMSG_ALIGN(message->header.nlmsg_len));

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
	if (size)
		memcpy((char *)attribute + NLA_HDRLEN, bytes, size);
	message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) +
				    (uint32_t)NLA_ALIGN(attribute->nla_len);
	return attribute;
}

/* ---- questions and answers ---- */

/* More than 0: an errno; 0: that was the end; -1: there is more. */
static int read_part(const struct nlmsghdr *part, struct answer *answer)
{
	const struct nlmsgerr *error = NLMSG_DATA(part);
	const struct tcmsg *control = NLMSG_DATA(part);

	if (part->nlmsg_type == NLMSG_ERROR &&
	    part->nlmsg_len >= NLMSG_LENGTH(sizeof(*error)))
		return -error->error;
	if (part->nlmsg_type == NLMSG_DONE)
		return 0;
	if (part->nlmsg_type == RTM_NEWTFILTER && answer &&
	    part->nlmsg_len >= NLMSG_LENGTH(sizeof(*control))) {
		answer->has_filter = true;
		answer->info = control->tcm_info;
		answer->handle = control->tcm_handle;
	}
	return -1;
}

static int read_answer(int fd, struct answer *answer)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_MAX];
	const struct nlmsghdr *part;
	ssize_t got;
	int result;

	for (;;) {
		got = recv(fd, bytes, sizeof(bytes), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? errno : EIO;
		for (part = (const void *)bytes; NLMSG_OK(part, got);
		     part = NLMSG_NEXT(part, got)) {
			result = read_part(part, answer);
			if (result >= 0)
				return result;
		}
	}
}

static int ask(struct message *message, struct answer *answer)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int error = 0;

	if (fd < 0)
		return errno;
	if (send(fd, message, message->header.nlmsg_len, 0) < 0)
		error = errno;
	else
		error = read_answer(fd, answer);
	close(fd);
	return error;
}

/* ---- the qdisc ---- */

static int qdisc_ask(const struct filter *filter, uint16_t type, uint16_t flags)
{
	struct message message;

	begin(&message, type, NLM_F_ACK | flags, filter);
	message.control.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	message.control.tcm_parent = TC_H_CLSACT;
	put(&message, TCA_KIND, "clsact", sizeof("clsact"));
	return ask(&message, NULL);
}

/* Has it filters, coming in or going out? */
static bool qdisc_is_used(const struct filter *filter)
{
	struct filter way = *filter;
	bool is_used = false;

	for (int i = 0; i < 2; i++) {
		struct answer answer = { .has_filter = false };
		struct message message;

		begin(&message, RTM_GETTFILTER, NLM_F_DUMP, &way);
		message.control.tcm_parent = TC_H_MAKE(
			TC_H_CLSACT, i ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
		is_used |= ask(&message, &answer) || answer.has_filter;
	}
	return is_used;
}

/* ---- the filter ---- */

static uint32_t parent_of(const struct filter *filter)
{
	return TC_H_MAKE(TC_H_CLSACT, filter->is_egress ? TC_H_MIN_EGRESS
							: TC_H_MIN_INGRESS);
}

/* Without a priority of our choice, it goes before those that are there. */
static int filter_add(struct filter *filter, int program)
{
	static const char name[] = "etrace";
	uint32_t fd = (uint32_t)program, flags = TCA_BPF_FLAG_ACT_DIRECT;
	struct answer answer = { .has_filter = false };
	struct message message;
	struct nlattr *options;
	int error;

	begin(&message, RTM_NEWTFILTER,
	      NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE | NLM_F_EXCL, filter);
	message.control.tcm_parent = parent_of(filter);
	message.control.tcm_info = TC_H_MAKE(0, htons(ETH_P_ALL));
	put(&message, TCA_KIND, "bpf", sizeof("bpf"));
	options = put(&message, TCA_OPTIONS | NLA_F_NESTED, NULL, 0);
	put(&message, TCA_BPF_FD, &fd, sizeof(fd));
	put(&message, TCA_BPF_NAME, name, sizeof(name));
	put(&message, TCA_BPF_FLAGS, &flags, sizeof(flags));
	options->nla_len =
		(uint16_t)((char *)&message + message.header.nlmsg_len -
			   (char *)options);
	error = ask(&message, &answer);
	if (!error && !answer.has_filter)
		error = EIO;
	filter->info = answer.info;
	filter->handle = answer.handle;
	return error;
}

int filter_open(struct filter *filter, int program)
{
	int error = qdisc_ask(filter, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);

	filter->made_qdisc = !error;
	if (error && error != EEXIST)
		return error;
	error = filter_add(filter, program);
	if (error && filter->made_qdisc)
		qdisc_ask(filter, RTM_DELQDISC, 0);
	return error;
}

void filter_close(const struct filter *filter)
{
	struct message message;

	begin(&message, RTM_DELTFILTER, NLM_F_ACK, filter);
	message.control.tcm_parent = parent_of(filter);
	message.control.tcm_info = filter->info;
	message.control.tcm_handle = filter->handle;
	put(&message, TCA_KIND, "bpf", sizeof("bpf"));
	ask(&message, NULL);
	if (filter->made_qdisc && !qdisc_is_used(filter))
		qdisc_ask(filter, RTM_DELQDISC, 0);
}
