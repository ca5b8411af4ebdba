/*
 * Makes exactly N system calls of one kind in each of T threads, and none of
 * that kind besides: it is linked statically, so that no dynamic linker opens
 * files on its behalf. Run by the kernel tests, which count what they see.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct job {
	long count;
	const char *path;
	int fd; /* /dev/null, open for writing */
	void (*call)(const struct job *job);
};

static void call_getppid(const struct job *job)
{
	(void)job;
	syscall(SYS_getppid);
}

static void call_getuid(const struct job *job)
{
	(void)job;
	syscall(SYS_getuid);
}

static void call_openat(const struct job *job)
{
	long fd = syscall(SYS_openat, AT_FDCWD, job->path, O_RDONLY);

	if (fd >= 0)
		syscall(SYS_close, fd);
}

/* Fails with EBADF each time: a call with a known error. */
static void call_close(const struct job *job)
{
	(void)job;
	syscall(SYS_close, -1);
}

static void call_write(const struct job *job)
{
	syscall(SYS_write, job->fd, "0123456789", 10L);
}

static void call_access(const struct job *job)
{
	syscall(SYS_faccessat, AT_FDCWD, job->path, F_OK);
}

/* The file is made by open, which nobody counts. */
static void call_unlinkat(const struct job *job)
{
	long fd = syscall(SYS_open, job->path, O_CREAT | O_WRONLY, 0600);

	if (fd >= 0)
		close((int)fd);
	syscall(SYS_unlinkat, AT_FDCWD, job->path, 0);
}

static void call_nanosleep(const struct job *job)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };

	(void)job;
	syscall(SYS_nanosleep, &millisecond, NULL);
}

/* Signal 0, which only asks, to the process whose number PATH is; without, to
 * its own group. */
static void call_kill(const struct job *job)
{
	syscall(SYS_kill, (pid_t)strtol(job->path, NULL, 10), 0);
}

static void call_tkill(const struct job *job)
{
	(void)job;
	syscall(SYS_tkill, gettid(), 0);
}

static void call_tgkill(const struct job *job)
{
	(void)job;
	syscall(SYS_tgkill, getpid(), gettid(), 0);
}

static const struct {
	const char *name;
	void (*call)(const struct job *job);
} kinds[] = {
	{ "getppid", call_getppid },     { "getuid", call_getuid },
	{ "openat", call_openat },       { "close", call_close },
	{ "write", call_write },         { "faccessat", call_access },
	{ "nanosleep", call_nanosleep }, { "unlinkat", call_unlinkat },
	{ "kill", call_kill },           { "tkill", call_tkill },
	{ "tgkill", call_tgkill },
};

static void *run_job(void *argument)
{
	const struct job *job = argument;

	for (long i = 0; i < job->count; i++)
		job->call(job);
	return NULL;
}

static int run_threads(const struct job *job, long threads)
{
	pthread_t thread[64];

	for (long i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run_job, (void *)job))
			return 1;
	for (long i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static int usage(void)
{
	fputs("usage: calls N SYSCALL [THREADS [PATH]]\nSYSCALL:", stderr);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(stderr, " %s", kinds[i].name);
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct job job = { .path = argc > 4 ? argv[4] : "/dev/null" };
	long threads = argc > 3 ? strtol(argv[3], NULL, 10) : 1;

	if (argc < 3 || threads < 1 || threads > 64)
		return usage();
	job.count = strtol(argv[1], NULL, 10);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[2], kinds[i].name))
			job.call = kinds[i].call;
	if (!job.call)
		return usage();
	/* Not openat and not close, which are among what is counted. */
	job.fd = (int)syscall(SYS_open, "/dev/null", O_WRONLY);
	if (job.fd < 0)
		return 1;
	if (threads == 1)
		run_job(&job);
	else if (run_threads(&job, threads))
		return 1;
	return 0;
}
