/*
 * Any bytes through everything up to the typed tree, on the recorded machine
 * of the tests (run from the top folder).
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "parser/check.h"
#include "parser/dump.h"
#include "parser/parser.h"

#define MACHINE "tests/hosts/tiny"

static void check(struct arena *arena, struct program *program,
		  struct host *host, struct diags *diags)
{
	/* as the seeds name them, and as they do not */
	static const char *const words[] = {
		"--pid=7", "--name", "x", "--only", "--least=many", "word"
	};
	struct settings settings;

	settings_defaults(&settings);
	settings.parameters = words;
	settings.parameter_count = ARRAY_SIZE(words);
	settings.unsafe = true;
	settings.cpus = host_possible_cpus(host);
	settings_config(&settings, program, diags);
	if (script_options(arena, program, &settings, diags) &&
	    expand_probes(arena, program, host, &settings, diags))
		check_program(arena, program, host, &settings, diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct arena *arena = arena_new();
	struct program *program;
	struct source *source;
	struct diags *diags;
	struct host *host;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	source = source_from_text(arena, "fuzz", (const char *)data, size);
	diags = diags_new(arena, source);
	host = host_open(arena, MACHINE);
	program = parse_program(arena, source, diags);
	if (!diags->errors)
		check(arena, program, host, diags);
	dump_program(nowhere, arena, program);
	diags_print(diags, nowhere, false, true);
	host_close(host);
	arena_free(arena);
	return 0;
}
