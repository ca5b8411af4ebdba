/*
 * Perf events by perf_event_open(2) itself: libbpf would look every event's
 * files up again. Called by attach.c, attach_uprobe.c and process_events.c.
 */
#include "runtime/perf_event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* It counts: some events, irq_work's for one, may not be sampled. */
int perf_event_tracepoint(uint32_t id)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.config = id,
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
		.config = probe->return_bit | probe->semaphore
						      << SEMAPHORE_SHIFT,
		.uprobe_path = uapi_pointer(probe->path),
		.probe_offset = probe->offset,
		.sample_period = 1,
		.wakeup_events = 1,
	};

	if (probe->pid)
		return event_open(&attributes, (int)probe->pid, -1);
	return event_open(&attributes, -1, 0);
}

int perf_event_kprobe(const struct perf_kprobe *probe)
{
	struct perf_event_attr attributes = {
		.type = probe->type,
		.config = probe->return_bit,
		.kprobe_func = uapi_pointer(probe->symbol),
		.sample_period = 1,
		.wakeup_events = 1,
	};

	/* One word: an offset behind a symbol, else an address. */
	attributes.probe_offset = probe->place;
	return event_open(&attributes, -1, 0);
}

/* A small number in a file of a PMU, after an optional "config:". */
static bool read_number(const char *pmu, const char *name, uint64_t *number)
{
	static const char prefix[] = "config:";
	char path[128], text[64];
	const char *digits = text;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s", pmu,
		 name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	if (!strncmp(text, prefix, sizeof(prefix) - 1))
		digits += sizeof(prefix) - 1;
	*number = strtoull(digits, NULL, 10);
	return true;
}

bool perf_pmu(const char *name, uint32_t *type, uint64_t *return_bit)
{
	uint64_t number;

	if (!read_number(name, "type", &number))
		return false;
	*type = (uint32_t)number;
	*return_bit = 1;
	if (read_number(name, "format/retprobe", &number) && number < 64)
		*return_bit = UINT64_C(1) << number;
	return true;
}

int perf_event_watch(const struct perf_watch *watch)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_BREAKPOINT,
		.bp_type = watch->mode,
		.bp_addr = watch->address,
		.bp_len = watch->length,
		.sample_period = 1,
		.wakeup_events = 1,
		.inherit = watch->cpu < 0,
	};

	return event_open(&attributes, watch->thread, watch->cpu);
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
