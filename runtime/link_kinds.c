/*
 * Asks the kernel for links that it cannot give. The answer is in how it
 * refuses: only who knows the kind looks at what the link is to be of.
 */
#include "runtime/link_kinds.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "lexer/base.h"
#include "runtime/uapi.h"

/* A program that could be linked so; -1 if the kernel refuses even that. */
static int load_nothing(uint32_t attach_type)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type = (enum bpf_attach_type)attach_type);

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", nothing,
			     ARRAY_SIZE(nothing), &options);
}

/* Is the link refused with that error? Closes the program. */
static bool is_refused(int program, void *link, size_t size, int refusal)
{
	int fd = uapi_bpf(BPF_LINK_CREATE, link, size);
	int error = errno;

	if (fd >= 0)
		close(fd);
	close(program);
	return fd < 0 && error == refusal;
}

/* "/" is no file. */
bool link_has_uprobes(void)
{
	static const uint64_t offset;
	int program = load_nothing(UAPI_TRACE_UPROBE_MULTI);
	struct uapi_uprobe_multi link = {
		.program_fd = (uint32_t)program,
		.attach_type = UAPI_TRACE_UPROBE_MULTI,
		.path = uapi_pointer("/"),
		.offsets = uapi_pointer(&offset),
		.count = 1,
	};

	return program >= 0 && is_refused(program, &link, sizeof(link), EBADF);
}

/* No list of functions is at address 1. */
bool link_has_kprobes(uint32_t attach_type)
{
	int program = load_nothing(attach_type);
	struct uapi_kprobe_multi link = {
		.program_fd = (uint32_t)program,
		.attach_type = attach_type,
		.count = 1,
		.addresses = 1,
	};

	return program >= 0 && is_refused(program, &link, sizeof(link), EFAULT);
}
