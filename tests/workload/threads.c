/*
 * T threads at once, thread i pinned to the machine's CPU i modulo their
 * number, each making exactly N getppid calls: for counts that must stay exact
 * when several CPUs update the same map.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX 256

struct worker {
	pthread_t thread;
	long cpu;
	long count;
	pthread_barrier_t *start;
};

static void *run_worker(void *argument)
{
	struct worker *worker = argument;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)worker->cpu, &cpus);
	/* Where the CPU may not be used, the calls are made all the same. */
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	pthread_barrier_wait(worker->start);
	for (long i = 0; i < worker->count; i++)
		syscall(SYS_getppid);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_barrier_t start;
	long threads, count;

	if (argc != 3) {
		fputs("usage: threads THREADS CALLS-EACH\n", stderr);
		return 2;
	}
	threads = strtol(argv[1], NULL, 10);
	count = strtol(argv[2], NULL, 10);
	if (threads < 1 || threads > THREADS_MAX || cpus < 1)
		return 2;
	pthread_barrier_init(&start, NULL, (unsigned int)threads);
	for (long i = 0; i < threads; i++) {
		workers[i].cpu = i % cpus;
		workers[i].count = count;
		workers[i].start = &start;
		if (pthread_create(&workers[i].thread, NULL, run_worker,
				   &workers[i]))
			return 1;
	}
	for (long i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
