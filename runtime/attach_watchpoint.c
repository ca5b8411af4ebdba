/*
 * Watchpoints: the processor's debug registers, as perf events; of the threads
 * of a process, those it starts later included, or of every CPU. Called by
 * attach.c.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/perf_event.h"
#include "runtime/session.h"

static bool watch_failed(struct session *session, const struct attach *point,
			 int error)
{
	bool is_kernels = point->symbol || point->number >> 63;
	struct diag *diag;

	if (error == ENOSPC) {
		diag = diag_error(session->diags, E_ATTACH, point->at,
				  "cannot attach to %s: all of the "
				  "processor's debug registers are in use",
				  point->probe);
		diag_hint(session->diags, diag,
			  "x86 has four; debuggers and other watchpoints "
			  "take them, too");
		return false;
	}
	if (error != EINVAL)
		return attach_failed(session, point, error);
	diag = diag_error(session->diags, E_ATTACH, point->at,
			  "cannot attach to %s: this address cannot be watched",
			  point->probe);
	if (is_kernels && point->mode == WATCH_EXECUTE)
		diag_hint(session->diags, diag,
			  "instructions of the kernel can be watched only "
			  "where it could have kprobes");
	return false;
}

/* On a CPU or, when that is -1, of a thread. One that ends meanwhile is no
 * loss. */
static bool watch(struct session *session, uint32_t program, uint32_t attach,
		  int thread, int cpu)
{
	const struct attach *point = &session->image->attaches[attach];
	const struct perf_watch event = {
		.address = point->number,
		/* the kernel's way to say that an instruction has none */
		.length = point->mode == WATCH_EXECUTE ? sizeof(long)
						       : point->length,
		.mode = point->mode,
		.thread = thread,
		.cpu = cpu,
	};
	int fd = perf_event_watch(&event);

	if (fd < 0 && errno == ESRCH)
		return true;
	if (fd < 0)
		return watch_failed(session, point, errno);
	return attach_event(session, program, attach, fd);
}

static bool watch_process(struct session *session, uint32_t program,
			  uint32_t attach, uint32_t pid)
{
	const struct attach *point = &session->image->attaches[attach];
	const struct dirent *entry;
	bool watched = true;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	threads = opendir(path);
	if (!threads)
		return attach_failed(session, point, ESRCH);
	while (watched && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			watched = watch(session, program, attach,
					atoi(entry->d_name), -1);
	closedir(threads);
	return watched;
}

bool attach_watchpoint(struct session *session, uint32_t program,
		       uint32_t attach)
{
	const struct settings *settings = &session->image->settings;
	const uint32_t *cpus;
	size_t count;

	if (settings->pid)
		return watch_process(session, program, attach, settings->pid);
	if (settings->cpid)
		return watch(session, program, attach, (int)settings->cpid, -1);
	cpus = host_online_cpus(session->host, &count);
	for (size_t i = 0; i < count; i++)
		if (!watch(session, program, attach, -1, (int)cpus[i]))
			return false;
	return true;
}
