/*
 * What newer kernels accept and Debian 12's headers do not name yet. The
 * kernel takes shorter and longer structures than its own as long as what it
 * does not know is zero.
 */
#ifndef RUNTIME_UAPI_H
#define RUNTIME_UAPI_H

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lexer/base.h"

/* enum bpf_attach_type, since Linux 6.6 */
#define UAPI_TRACE_UPROBE_MULTI  48
#define UAPI_UPROBE_MULTI_RETURN 1u

/* BPF_LINK_CREATE with UAPI_TRACE_UPROBE_MULTI */
struct uapi_uprobe_multi {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t link_flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t reference_counters;
	uint64_t cookies;
	uint32_t count;
	uint32_t flags;
	uint32_t pid;
	uint32_t reserved;
};

/* BPF_RAW_TRACEPOINT_OPEN; the cookie since Linux 6.10 */
struct uapi_raw_tracepoint {
	uint64_t name;
	uint32_t program_fd;
	uint32_t reserved;
	uint64_t cookie;
};

static inline uint64_t uapi_pointer(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* A file descriptor or another result; -1 with errno set. */
static inline int uapi_bpf(enum bpf_cmd command, void *attributes, size_t size)
{
	return (int)syscall(SYS_bpf, command, attributes, size);
}

#endif
