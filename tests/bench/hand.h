/*
 * What the hand-written BPF programs and their loader agree on. Includes
 * nothing, because one side is compiled for BPF.
 */
#ifndef BENCH_HAND_H
#define BENCH_HAND_H

#define COMM_SIZE 16
#define PATH_ROOM 256

/* One openat call. */
struct hand_event {
	int pid;
	char comm[COMM_SIZE];
	char path[PATH_ROOM];
};

#endif
