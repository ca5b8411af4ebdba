/*
 * Starts and watches the tool that is measured: spawn, pipe, wait4. Knows
 * how an event line looks and nothing else about the tools. Called by bench.c.
 */
#include "tests/bench/tracer.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int open_or_end(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

void tracer_start(struct tracer *tracer, char **argv, const char *file)
{
	int quiet = open_or_end("/dev/null", O_RDWR);
	posix_spawn_file_actions_t actions;
	int ends[2];
	int failed;

	tracer->out = -1;
	if (file)
		ends[1] = open_or_end(file, O_WRONLY | O_CREAT | O_TRUNC);
	else if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	else
		tracer->out = ends[0];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, quiet, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, quiet, STDERR_FILENO);
	tracer->start_ns = now_ns();
	failed = posix_spawnp(&tracer->pid, argv[0], &actions, NULL, argv,
			      environ);
	if (failed)
		errx(1, "%s: %s", argv[0], strerror(failed));
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	close(quiet);
}

bool tracer_wait_event(struct tracer *tracer)
{
	bool line_start = true;
	char bytes[4096];
	ssize_t size;

	while ((size = read(tracer->out, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < size; i++) {
			if (line_start && bytes[i] >= '0' && bytes[i] <= '9')
				return true;
			line_start = bytes[i] == '\n';
		}
	}
	return false;
}

bool tracer_has_ended(const struct tracer *tracer)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)tracer->pid, &info,
		       WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid == tracer->pid;
}

void tracer_interrupt(const struct tracer *tracer)
{
	kill(tracer->pid, SIGINT);
}

void tracer_wait(struct tracer *tracer)
{
	struct rusage usage = { 0 };
	char bytes[65536];

	if (tracer->out >= 0) {
		while (read(tracer->out, bytes, sizeof(bytes)) > 0)
			;
		close(tracer->out);
	}
	if (wait4(tracer->pid, &tracer->status, 0, &usage) != tracer->pid)
		err(1, "wait");
	tracer->peak_kib = usage.ru_maxrss;
}
