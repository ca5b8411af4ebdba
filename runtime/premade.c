/*
 * One thread, one pass over the maps. What fails here fails again when libbpf
 * tries, and is reported then. Called by the pipeline and the session.
 */
#include "runtime/premade.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>
#include <unistd.h>

struct premade {
	const struct image *image;
	pthread_t thread;
	bool is_running;
	int *fds; /* by index of image->kernel_maps; -1: could not be made */
};

static void *make_maps(void *data)
{
	struct premade *premade = data;
	const struct image *image = premade->image;

	for (uint32_t i = 0; i < image->kernel_map_count; i++) {
		const struct kernel_map *map = &image->kernel_maps[i];
		LIBBPF_OPTS(bpf_map_create_opts, options,
			    .map_flags = map->flags);

		premade->fds[i] = bpf_map_create(map->type, map->symbol,
						 map->key_size, map->value_size,
						 map->max_entries, &options);
	}
	return NULL;
}

struct premade *premade_begin(struct arena *arena, const struct image *image)
{
	struct premade *premade = ARENA_NEW(arena, struct premade);

	/* alone on its CPU, the thread would only be in the way */
	if (image->settings.cpus < 2 || !image->kernel_map_count)
		return NULL;
	premade->image = image;
	premade->fds = ARENA_ARRAY(arena, image->kernel_map_count, int);
	for (uint32_t i = 0; i < image->kernel_map_count; i++)
		premade->fds[i] = -1;
	if (pthread_create(&premade->thread, NULL, make_maps, premade))
		return NULL;
	premade->is_running = true;
	return premade;
}

static void wait_for(struct premade *premade)
{
	if (premade->is_running)
		pthread_join(premade->thread, NULL);
	premade->is_running = false;
}

void premade_use(struct premade *premade, struct bpf_object *object)
{
	const struct image *image;

	if (!premade)
		return;
	wait_for(premade);
	image = premade->image;
	for (uint32_t i = 0; i < image->kernel_map_count; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(
			object, image->kernel_maps[i].symbol);

		if (map && premade->fds[i] >= 0)
			bpf_map__reuse_fd(map, premade->fds[i]);
	}
}

void premade_end(struct premade *premade)
{
	if (!premade)
		return;
	wait_for(premade);
	for (uint32_t i = 0; i < premade->image->kernel_map_count; i++) {
		if (premade->fds[i] >= 0)
			close(premade->fds[i]);
		premade->fds[i] = -1;
	}
}
