/*
 * The context of a sys_enter tracepoint and the ring every program here writes
 * to, for the hand-written BPF programs only.
 */
#ifndef BENCH_HAND_TRACEPOINT_H
#define BENCH_HAND_TRACEPOINT_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "hand.h"

struct sys_enter {
	unsigned long long common;
	long number;
	unsigned long arguments[6];
};

struct comm {
	char text[COMM_SIZE];
};

char LICENSE[] SEC("license") = "GPL";

#endif
