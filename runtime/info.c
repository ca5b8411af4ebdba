/*
 * Asks the machine, one question a line. Called by main for --info.
 */
#include "runtime/info.h"

#include <linux/perf_event.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/link_kinds.h"
#include "runtime/perf_event.h"
#include "runtime/session.h"

static void print_line(FILE *out, const char *what, const char *answer)
{
	fprintf(out, "  %-20s %s\n", what, answer);
}

static const char *yes_or_no(bool yes)
{
	return yes ? "yes" : "no";
}

static bool has_counters(void)
{
	int fd = perf_event_counter(PERF_TYPE_HARDWARE,
				    PERF_COUNT_HW_CPU_CYCLES, 1000000, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void info_print(FILE *out, struct host *host)
{
	const char *lockdown = host_lockdown(host);
	const char *tracefs;
	struct utsname kernel;
	char cpus[16];

	fprintf(out, "etrace %s\n", ETRACE_VERSION);
	if (!uname(&kernel)) {
		print_line(out, "kernel", kernel.release);
		print_line(out, "architecture", kernel.machine);
	}
	snprintf(cpus, sizeof(cpus), "%u", host_possible_cpus(host));
	print_line(out, "possible CPUs", cpus);
	print_line(out, "lockdown", lockdown ? lockdown : "none");
	print_line(out, "BTF",
		   yes_or_no(!access("/sys/kernel/btf/vmlinux", R_OK)));
	print_line(out, "tracefs",
		   host_tracefs(host, &tracefs) == HOST_OK ? tracefs : "no");
	print_line(out, "uprobes",
		   yes_or_no(!access("/sys/bus/event_source/devices/uprobe",
				     F_OK)));
	print_line(out, "uprobe_multi links", yes_or_no(link_has_uprobes()));
	print_line(out, "hardware counters", yes_or_no(has_counters()));
}
