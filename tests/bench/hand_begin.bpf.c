/* BEGIN { exit(); }: run once by hand.c, asks through the ring to end. */
#include "hand_tracepoint.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("raw_tracepoint")
int on_begin(void *ctx)
{
	int code = 0;

	(void)ctx;
	bpf_ringbuf_output(&ring, &code, sizeof(code), 0);
	return 0;
}
