/* printf("%d %s %s\n", pid, comm, str(args.filename)), by hand. See hand.c. */
#include "hand_tracepoint.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} ring SEC(".maps");

/* BPF_RB_NO_WAKEUP where the reader looks by itself. */
const volatile unsigned long submit_flags;

SEC("tracepoint/syscalls/sys_enter_openat")
int on_openat(struct sys_enter *ctx)
{
	struct hand_event *event;

	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = (int)(bpf_get_current_pid_tgid() >> 32);
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_probe_read_user_str(event->path, sizeof(event->path),
				(void *)ctx->arguments[1]);
	bpf_ringbuf_submit(event, submit_flags);
	return 0;
}
