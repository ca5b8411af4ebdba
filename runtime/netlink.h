/*
 * Traffic control by netlink, for kernels that have no links for it: a qdisc
 * that does nothing but run programs, and one program as a filter in it.
 * Knows the messages, not who wants them. Called by attach_net.c. All of it is
 * async-signal-safe.
 */
#ifndef RUNTIME_NETLINK_H
#define RUNTIME_NETLINK_H

#include "lexer/base.h"

/* A program on an interface. */
struct filter {
	int interface;
	bool is_egress;
	bool made_qdisc; /* the interface had none before */
	uint32_t info;   /* the kernel's numbers for it */
	uint32_t handle;
};

/* 0, or an errno. Sets the last three. */
int filter_open(struct filter *filter, int program);
/* Takes the qdisc along if it was made for the filter and holds no others. */
void filter_close(const struct filter *filter);

#endif
