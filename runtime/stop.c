/*
 * Knowing that no program is running any more that had begun before: when all
 * probes stop at one instant, and when a map changes to its spare. Called by
 * the loop and, for maps, by actions.c.
 */
#include <linux/membarrier.h>
#include <sched.h>

#include "runtime/session.h"
#include "runtime/uapi.h"

/* Above this many CPUs a grace period is the shorter way. */
#define TOUR_MAX 64

/*
 * Run on each CPU in turn. Where we run, nothing else does: a program that was
 * running there, not to be preempted, has ended. A tenth of a millisecond on
 * two CPUs, where a grace period takes 8 to 16.
 */
static bool tour_cpus(struct host *host)
{
	size_t count;
	const uint32_t *cpus = host_online_cpus(host, &count);
	bool been_everywhere = count <= TOUR_MAX;
	cpu_set_t before;

	if (!been_everywhere || sched_getaffinity(0, sizeof(before), &before))
		return false;
	for (size_t i = 0; i < count && been_everywhere; i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(cpus[i], &one);
		been_everywhere = !sched_setaffinity(0, sizeof(one), &one);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return been_everywhere;
}

/* Programs run as readers of RCU. False where the kernel has CPUs that it does
 * not disturb (nohz_full). */
static bool wait_grace_period(void)
{
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/*
 * A program that had begun before may still be writing a record, or be between
 * two maps. (A preemptible one that waits for its CPU may be left: the busy
 * bits of the rings show what it had begun to write.)
 */
void session_stop(struct session *session)
{
	__atomic_store_n(&session->control->state, CONTROL_STOPPED,
			 __ATOMIC_SEQ_CST);
	if (session->held_count && !tour_cpus(session->host))
		wait_grace_period();
}

/* Here none may be left: nothing would show what it adds to the map. */
int session_renew(struct session *session, uint32_t map)
{
	const struct image_map *row = &session->image->maps[map];
	uint64_t bit = (uint64_t)1 << row->side;
	int left = session->map_fds[map];

	session->map_fds[map] = session->spare_fds[map];
	session->spare_fds[map] = left;
	__atomic_fetch_xor(&session->control->sides, bit, __ATOMIC_SEQ_CST);
	if (!session->held_count)
		return left;
	if ((row->is_preemptible || !tour_cpus(session->host)) &&
	    !wait_grace_period())
		tour_cpus(session->host);
	return left;
}
