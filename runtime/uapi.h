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

/* since Linux 5.18, in kernels with FPROBE */
#define UAPI_TRACE_KPROBE_MULTI  42
#define UAPI_KPROBE_MULTI_RETURN 1u
/* since Linux 6.10: one program for calls and returns */
#define UAPI_TRACE_KPROBE_SESSION 56

/* BPF_LINK_CREATE with one of those: symbols or addresses */
struct uapi_kprobe_multi {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t link_flags;
	uint32_t flags;
	uint32_t count;
	uint64_t symbols;
	uint64_t addresses;
	uint64_t cookies;
};

/* BPF_OBJ_GET_INFO_BY_FD of a link; the missed counts since Linux 6.7 */
#define UAPI_LINK_PERF_EVENT      7
#define UAPI_LINK_KPROBE_MULTI    8
#define UAPI_PERF_EVENT_KPROBE    3
#define UAPI_PERF_EVENT_KRETPROBE 4
struct uapi_link_info {
	uint32_t type;
	uint32_t id;
	uint32_t program_id;
	uint32_t reserved;
	union {
		struct {
			uint64_t addresses;
			uint32_t count;
			uint32_t flags;
			uint64_t missed;
			uint64_t cookies;
		} kprobe_multi;
		struct {
			uint32_t type;
			uint32_t reserved;
			uint64_t name;
			uint32_t name_length;
			uint32_t offset;
			uint64_t address;
			uint64_t missed;
			uint64_t cookie;
		} perf_event;
	};
};

/* BPF_RAW_TRACEPOINT_OPEN; the cookie since Linux 6.10 */
struct uapi_raw_tracepoint {
	uint64_t name;
	uint32_t program_fd;
	uint32_t reserved;
	uint64_t cookie;
};

/* enum bpf_attach_type, since Linux 6.6 */
#define UAPI_TCX_INGRESS 46
#define UAPI_TCX_EGRESS  47

/* BPF_LINK_CREATE with those; `relative` 0 is the first or the last */
struct uapi_tcx {
	uint32_t program_fd;
	uint32_t interface;
	uint32_t attach_type;
	uint32_t flags; /* BPF_F_BEFORE, … */
	uint32_t relative;
	uint32_t reserved;
	uint64_t revision; /* 0: any */
};

#define UAPI_BEFORE (1u << 3)

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
