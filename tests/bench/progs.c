/*
 * Walks the kernel's list of BPF programs by id. Knows the bpf(2) side of the
 * benchmark and nothing about processes or time. Called by bench.c.
 */
#include "tests/bench/progs.h"

#include <bpf/bpf.h>
#include <unistd.h>

int progs_count(void)
{
	return bpf_enable_stats(BPF_STATS_RUN_TIME);
}

uint32_t progs_newest(void)
{
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id))
		;
	return id;
}

struct prog_stats progs_busiest_after(uint32_t id)
{
	struct prog_stats busiest = { 0, 0 };

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue; /* unloaded meanwhile */
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
		    info.run_cnt > busiest.runs) {
			busiest.runs = info.run_cnt;
			busiest.time_ns = info.run_time_ns;
		}
		close(fd);
	}
	return busiest;
}
