/* @[comm] = count() for processes, by hand. Loaded by hand.c. */
#include "hand_tracepoint.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct comm);
	__type(value, unsigned long);
} counts SEC(".maps");

SEC("tracepoint")
int on_event(void *ctx)
{
	unsigned long one = 1, *count;
	struct comm comm;

	(void)ctx;
	if (bpf_get_current_pid_tgid() >> 32 == 0)
		return 0;
	bpf_get_current_comm(&comm, sizeof(comm));
	count = bpf_map_lookup_elem(&counts, &comm);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&counts, &comm, &one, BPF_NOEXIST);
	return 0;
}
