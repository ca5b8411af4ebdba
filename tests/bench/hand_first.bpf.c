/*
 * tracepoint:syscalls:sys_enter_openat /pid != 0/ {
 *         @[comm] = count(); printf("%d %s %s\n", pid, comm,
 * str(args.filename));
 * }
 * as one would write it by hand. Loaded by hand.c.
 */
#include "hand_tracepoint.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct comm);
	__type(value, unsigned long);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ring SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int on_openat(struct sys_enter *ctx)
{
	int pid = (int)(bpf_get_current_pid_tgid() >> 32);
	unsigned long one = 1, *count;
	struct hand_event *event;
	struct comm comm;

	if (pid == 0)
		return 0;
	bpf_get_current_comm(&comm, sizeof(comm));
	count = bpf_map_lookup_elem(&counts, &comm);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&counts, &comm, &one, BPF_NOEXIST);
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = pid;
	__builtin_memcpy(event->comm, comm.text, sizeof(event->comm));
	bpf_probe_read_user_str(event->path, sizeof(event->path),
				(void *)ctx->arguments[1]);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
