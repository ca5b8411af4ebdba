/*
 * The image as text, for --dump=image, and the words for its enumerators.
 */
#include "codegen/image.h"

const struct fault_row *fault_row(enum fault_reason reason)
{
	enum { VALUE, LOSS };
	static const struct fault_row rows[] = {
#define FAULT(reason, name, kind, one, many, remedy) \
	[FAULT_##reason] = { name, kind == LOSS, one, many, remedy },
#include "codegen/faults.def"
#undef FAULT
	};

	return &rows[reason];
}

static const char *const kinds[] = {
	[ATTACH_BEGIN] = "begin",
	[ATTACH_END] = "end",
	[ATTACH_SIGNAL] = "signal",
	[ATTACH_INTERVAL] = "interval",
	[ATTACH_PROFILE] = "profile",
	[ATTACH_TRACEPOINT] = "tracepoint",
	[ATTACH_RAW_TRACEPOINT] = "rawtracepoint",
	[ATTACH_PERF] = "perf",
	[ATTACH_UPROBE] = "uprobe",
	[ATTACH_URETPROBE] = "uretprobe",
	[ATTACH_USDT] = "usdt",
	[ATTACH_KPROBE] = "kprobe",
	[ATTACH_KRETPROBE] = "kretprobe",
	[ATTACH_FENTRY] = "fentry",
	[ATTACH_FEXIT] = "fexit",
	[ATTACH_LSM] = "lsm",
	[ATTACH_ITER] = "iter",
	[ATTACH_WATCHPOINT] = "watchpoint",
	[ATTACH_TC] = "tc",
	[ATTACH_XDP] = "xdp",
};

static const char *const actions[] = {
	[ACTION_NO_ACTION] = "none",
	[ACTION_PRINTF] = "printf",
	[ACTION_ERRORF] = "errorf",
	[ACTION_WARNF] = "warnf",
	[ACTION_CAT] = "cat",
	[ACTION_SYSTEM] = "system",
	[ACTION_PRINT] = "print",
	[ACTION_CLEAR] = "clear",
	[ACTION_ZERO] = "zero",
	[ACTION_TIME] = "time",
	[ACTION_EXIT] = "exit",
	[ACTION_JOIN] = "join",
	[ACTION_PROCESS_SEEN] = "process-seen",
};

static void dump_place(FILE *out, const struct source *source, struct span at)
{
	struct position position = source_position(source, at.begin);

	fprintf(out, " at %u:%u", position.line, position.column);
}

static void dump_programs(FILE *out, const struct image *image,
			  const struct source *source)
{
	for (uint32_t i = 0; i < image->program_count; i++) {
		const struct image_program *program = &image->programs[i];

		fprintf(out, "program %u %s", i, kinds[program->kind]);
		dump_place(out, source, program->at);
		fputs(program->needs_cookie ? " cookie\n" : "\n", out);
		for (uint32_t k = 0; k < program->attach_count; k++)
			fprintf(out, "  %s\n",
				image->attaches[program->first_attach + k]
					.probe);
	}
}

static void dump_maps(FILE *out, struct arena *arena, const struct image *image)
{
	for (uint32_t i = 0; i < image->map_count; i++) {
		const struct image_map *map = &image->maps[i];

		fprintf(out, "map %s", map->name);
		if (map->key)
			fprintf(out, "[%s]", type_text(arena, map->key));
		fprintf(out, " = %s", type_text(arena, map->value));
		if (map->key)
			fprintf(out, ", at most %u keys", map->max_entries);
		fputs(map->is_percpu ? ", per CPU" : "", out);
		fputs(map->spare ? ", with a spare\n" : "\n", out);
	}
}

static void dump_sites(FILE *out, struct arena *arena,
		       const struct image *image, const struct source *source)
{
	for (uint32_t i = 0; i < image->site_count; i++) {
		const struct image_site *site = &image->sites[i];

		fprintf(out, "record %u %s", i, actions[site->action]);
		dump_place(out, source, site->at);
		if (site->map >= 0)
			fprintf(out, " %s", image->maps[site->map].name);
		for (uint32_t k = 0; k < site->count; k++)
			fprintf(out, "%s%s", k ? ", " : " (",
				type_text(arena, site->types[k]));
		fputs(site->count ? ")" : "", out);
		if (site->then != ACTION_NO_ACTION)
			fprintf(out, ", then %s", actions[site->then]);
		fputs(site->is_control ? " control\n" : "\n", out);
	}
}

static void dump_faults(FILE *out, const struct image *image,
			const struct source *source)
{
	for (uint32_t i = 0; i < image->fault_count; i++) {
		const struct image_fault *fault = &image->faults[i];

		fprintf(out, "fault %s", fault_row(fault->reason)->name);
		dump_place(out, source, fault->at);
		if (fault->map >= 0)
			fprintf(out, " %s", image->maps[fault->map].name);
		if (fault->counters > 1)
			fprintf(out, " for each of %u probes", fault->counters);
		fputc('\n', out);
	}
}

void image_dump(FILE *out, const struct image *image,
		const struct source *source)
{
	struct arena *arena = arena_new();

	dump_programs(out, image, source);
	dump_maps(out, arena, image);
	dump_sites(out, arena, image, source);
	dump_faults(out, image, source);
	if (image->has_data_ring)
		fprintf(out, "events %u bytes\n", image->ring_bytes);
	if (image->has_control_ring)
		fputs("orders\n", out);
	arena_free(arena);
}
