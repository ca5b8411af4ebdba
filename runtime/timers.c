/*
 * Timer descriptors say how often they came due; together with when each began
 * that is the order in which they did. Called by the loop.
 */
#include "runtime/timers.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull

/* An interval that came due this often while etrace could not run has lost the
 * rest. */
#define BACKLOG 1000

static size_t count_intervals(const struct image *image)
{
	size_t count = 0;

	for (uint32_t i = 0; i < image->attach_count; i++)
		count += image->attaches[i].kind == ATTACH_INTERVAL;
	return count;
}

static void add_timer(struct timers *timers, const struct image *image,
		      uint32_t program, uint32_t attach)
{
	timers->items[timers->count++] = (struct timer){
		.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK),
		.program = program,
		.attach = attach,
		.every_ns = image->attaches[attach].number,
	};
}

void timers_open(struct timers *timers, struct arena *arena,
		 const struct image *image)
{
	timers->count = 0;
	timers->items =
		ARENA_ARRAY(arena, count_intervals(image), struct timer);
	for (uint32_t i = 0; i < image->program_count; i++) {
		const struct image_program *row = &image->programs[i];

		for (uint32_t k = 0;
		     row->kind == ATTACH_INTERVAL && k < row->attach_count; k++)
			add_timer(timers, image, i, row->first_attach + k);
	}
}

void timers_close(struct timers *timers)
{
	for (size_t i = 0; i < timers->count; i++)
		close(timers->items[i].fd);
	timers->count = 0;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

void timers_start(struct timers *timers)
{
	struct timespec now;
	uint64_t begin;

	clock_gettime(CLOCK_MONOTONIC, &now);
	begin = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	for (size_t i = 0; i < timers->count; i++) {
		struct timer *timer = &timers->items[i];
		struct itimerspec spec = {
			.it_interval = timespec_of(timer->every_ns),
			.it_value = timespec_of(begin + timer->every_ns),
		};

		timer->next_ns = begin + timer->every_ns;
		timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &spec, NULL);
	}
}

static void timer_read(struct timer *timer)
{
	uint64_t more;

	if (read(timer->fd, &more, sizeof(more)) == sizeof(more))
		timer->due += more;
	if (timer->due > BACKLOG) {
		more = timer->due - BACKLOG;
		timer->missed += more;
		timer->next_ns += more * timer->every_ns;
		timer->due = BACKLOG;
	}
}

const struct timer *timers_take(struct timers *timers)
{
	struct timer *first = NULL;

	for (size_t i = 0; i < timers->count; i++) {
		struct timer *timer = &timers->items[i];

		timer_read(timer);
		if (timer->due && (!first || timer->next_ns < first->next_ns))
			first = timer;
	}
	if (first) {
		first->due--;
		first->next_ns += first->every_ns;
	}
	return first;
}
