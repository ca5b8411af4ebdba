/*
 * Perf events by perf_event_open(2) itself: libbpf would look every event's
 * files up again. Called by attach.c, attach_uprobe.c and process_events.c.
 */
#include "runtime/perf_event.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <time.h>

#include "runtime/uapi.h"

/* Of a user probe's configuration: what format/ref_ctr_offset has said since
 * that exists. */
#define SEMAPHORE_SHIFT 32

static int event_open(struct perf_event_attr *attributes, int pid, int cpu)
{
	long fd;

	attributes->size = sizeof(*attributes);
	do
		fd = syscall(SYS_perf_event_open, attributes, pid, cpu, -1,
			     PERF_FLAG_FD_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return (int)fd;
}

int perf_event_tracepoint(uint32_t id)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.config = id,
		.sample_period = 1,
		.wakeup_events = 1,
	};

	return event_open(&attributes, -1, 0);
}

int perf_event_counter(uint32_t type, uint64_t config, uint64_t period,
		       uint32_t cpu)
{
	struct perf_event_attr attributes = {
		.type = type,
		.config = config,
		.sample_period = period,
		.wakeup_events = 1,
	};

	return event_open(&attributes, -1, (int)cpu);
}

int perf_event_processes(uint32_t cpu, uint32_t watermark)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.watermark = 1,
		.wakeup_watermark = watermark,
	};

	return event_open(&attributes, -1, (int)cpu);
}

int perf_event_uprobe(const struct perf_uprobe *probe)
{
	struct perf_event_attr attributes = {
		.type = probe->type,
		.config = probe->return_bit |
			  probe->semaphore << SEMAPHORE_SHIFT,
		.uprobe_path = uapi_pointer(probe->path),
		.probe_offset = probe->offset,
		.sample_period = 1,
		.wakeup_events = 1,
	};

	if (probe->pid)
		return event_open(&attributes, (int)probe->pid, -1);
	return event_open(&attributes, -1, 0);
}

int perf_event_set_program(int event, int program, const uint64_t *cookie)
{
	union bpf_attr attributes = { 0 };

	if (!cookie)
		return ioctl(event, PERF_EVENT_IOC_SET_BPF, program);
	attributes.link_create.prog_fd = (uint32_t)program;
	attributes.link_create.target_fd = (uint32_t)event;
	attributes.link_create.attach_type = BPF_PERF_EVENT;
	attributes.link_create.perf_event.bpf_cookie = *cookie;
	return uapi_bpf(BPF_LINK_CREATE, &attributes, sizeof(attributes));
}

void perf_event_disable(int event)
{
	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
}
