/*
 * May this process trace? Answered from its capabilities, before anything is
 * asked of the kernel, so that the answer is one line. Called by the pipeline.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/session.h"

static const struct span nowhere;

static bool has(const struct __user_cap_data_struct *data, int capability)
{
	return data[capability / 32].effective & 1u << capability % 32;
}

bool privileges_check(struct diags *diags)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct diag *diag;

	if (syscall(SYS_capget, &header, data))
		return true; /* the kernel will say what it thinks */
	if (has(data, CAP_SYS_ADMIN) ||
	    (has(data, CAP_BPF) && has(data, CAP_PERFMON)))
		return true;
	if (!geteuid()) {
		diag = diag_error(diags, E_PRIVILEGE, nowhere,
				  "this root may not trace: it has neither "
				  "CAP_SYS_ADMIN nor CAP_BPF and CAP_PERFMON");
		diag_hint(diags, diag,
			  "run outside of the container, or grant it those "
			  "capabilities");
		return false;
	}
	diag = diag_error(diags, E_PRIVILEGE, nowhere,
			  "only root may trace the kernel");
	diag_hint(diags, diag,
		  "sudo etrace …, or once and for all: sudo setcap "
		  "cap_bpf,cap_perfmon,cap_dac_read_search=ep $(which etrace)");
	return false;
}
