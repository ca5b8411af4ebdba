/*
 * Sends frames of known contents from an interface, without a network: with a
 * pair of virtual interfaces they arrive at the other one. What each kind is
 * like is written in the table at its end; numbers are in network order.
 *
 * usage: packets INTERFACE [KIND COUNT]...
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX 256

#define ETHERNET 0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01

/* Headers of IPv4 with 10.0.0.1 and 10.0.0.2: total length, fragment field,
 * time to live, protocol. */
#define IP4(length, fragment, ttl, protocol) \
	0x45, 0, 0, length, 0x12, 0x34, (fragment) >> 8, (fragment)&255, ttl, \
		protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2

/* The same with one word of options. */
#define IP4_OPTIONS(length, ttl, protocol) \
	0x46, 0, 0, length, 0x12, 0x34, 0, 0, ttl, protocol, 0, 0, 10, 0, 0, \
		1, 10, 0, 0, 2, 1, 1, 1, 0

/* Headers of IPv6 with fd00::1 and fd00::2. */
#define IP6(length, next, hops) \
	0x6a, 0xb1, 0x23, 0x45, 0, length, next, hops, 0xfd, 0, 0, 0, 0, 0, 0, \
		0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
		0, 0, 0, 0, 2

#define UDP(length) 0x30, 0x39, 0, 53, 0, length, 0xab, 0xcd
#define TCP(flags) \
	0x9c, 0x40, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, flags, 0x20, 0, 0x12, \
		0x34, 0, 0

struct kind {
	const char *name;
	uint32_t size; /* of the frame, zeros after the bytes */
	uint8_t bytes[FRAME_MAX];
};

static const struct kind kinds[] = {
	/* 51 bytes in a datagram, as in the tutorials of tc */
	{ "udp",
	  14 + 79,
	  { ETHERNET, 8, 0, IP4(79, 0x4000, 64, 17), UDP(59) } },
	{ "options",
	  14 + 24 + 8,
	  { ETHERNET, 8, 0, IP4_OPTIONS(32, 3, 17), UDP(8) } },
	{ "fragment",
	  14 + 20 + 16,
	  { ETHERNET, 8, 0, IP4(36, 0x20b9, 9, 17), UDP(8) } },
	{ "tcp", 14 + 40, { ETHERNET, 8, 0, IP4(40, 0, 63, 6), TCP(0x12) } },
	{ "icmp",
	  14 + 28,
	  { ETHERNET, 8, 0, IP4(28, 0, 1, 1), 8, 0, 0xf7, 0xfe, 0, 7, 0, 9 } },
	{ "vlan",
	  18 + 28,
	  { ETHERNET, 0x81, 0, 0x60, 0x2a, 8, 0, IP4(28, 0, 5, 17), UDP(8) } },
	{ "vlans",
	  22 + 28,
	  { ETHERNET, 0x88, 0xa8, 0x60, 0x2a, 0x81, 0, 0, 7, 8, 0,
	    IP4(28, 0, 5, 17), UDP(8) } },
	{ "ip6", 54 + 8, { ETHERNET, 0x86, 0xdd, IP6(8, 17, 7), UDP(8) } },
	/* hop-by-hop options, then destination options of 16 bytes */
	{ "extensions", 54 + 24 + 20, { ETHERNET, 0x86, 0xdd, IP6(44, 0, 7),
					60,       0,    1,    4,
					0,        0,    0,    0,
					6,        1,    1,    12,
					0,        0,    0,    0,
					0,        0,    0,    0,
					0,        0,    0,    0,
					TCP(0x02) } },
	/* the second of two fragments */
	{ "fragment6",
	  54 + 8 + 16,
	  { ETHERNET, 0x86, 0xdd, IP6(24, 44, 7), 17, 0, 0, 8, 0, 0, 0, 1,
	    UDP(8) } },
	{ "icmp6",
	  54 + 8,
	  { ETHERNET, 0x86, 0xdd, IP6(8, 58, 255), 128, 0, 0, 0, 0, 7, 0, 9 } },
	{ "arp", 42, { ETHERNET, 8,  6, 0, 1, 8, 0, 6, 4, 0, 1, 2,  0, 0, 0, 0,
		       1,        10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2 } },
	/* ends in the middle of the IPv4 header */
	{ "cut", 14 + 12, { ETHERNET, 8, 0, IP4(79, 0, 64, 17) } },
	/* ends in the middle of the UDP header */
	{ "cut_udp", 14 + 24, { ETHERNET, 8, 0, IP4(28, 0, 64, 17), UDP(8) } },
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (argc < 2 || fd < 0)
		return 2;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (!to.sll_ifindex)
		return 2;
	for (int i = 2; i + 1 < argc; i += 2) {
		const struct kind *kind = kind_find(argv[i]);
		int count = atoi(argv[i + 1]);

		if (!kind)
			return 2;
		while (count-- > 0)
			if (sendto(fd, kind->bytes, kind->size, 0,
				   (const struct sockaddr *)&to,
				   sizeof(to)) < 0)
				return 1;
	}
	close(fd);
	return 0;
}
