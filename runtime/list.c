/*
 * Prints names of probes and their arguments. Called by main for -l.
 */
#include "runtime/list.h"

#include <stdio.h>
#include <string.h>

#include "parser/check.h"
#include "parser/parser.h"

static const struct span nowhere;

struct listing {
	struct job *job;
	size_t count;
};

static void print_probe(const char *probe, const struct record *args,
			void *data)
{
	struct listing *listing = data;

	listing->count++;
	puts(probe);
	if (!args || !listing->job->options->verbose)
		return;
	for (size_t i = 0; i < args->count; i++)
		printf("    %s %s\n",
		       type_text(listing->job->arena, args->fields[i].type),
		       args->fields[i].name);
}

static bool list_pattern(struct job *job, const char *pattern,
			 struct listing *listing)
{
	const struct probe_query query = {
		.pattern = pattern,
		.with_args = job->options->verbose,
		.visit = print_probe,
		.data = listing,
	};

	return list_probes(job->arena, job->host, job->diags, &query);
}

/* A script's tree has the arguments only where its bodies use them, so the
 * machine is asked; a name it does not list is printed as it is. */
static bool list_attach(struct job *job, const char *probe)
{
	struct listing listing = { job, 0 };

	if (job->options->verbose && !list_pattern(job, probe, &listing))
		return false;
	if (!listing.count)
		puts(probe);
	return true;
}

/* The clauses are in the order of the script. */
static bool list_script(struct job *job)
{
	job->program = parse_program(job->arena, job->source, job->diags);
	if (job->diags->errors)
		return false;
	settings_config(&job->settings, job->program, job->diags);
	if (!script_options(job->arena, job->program, &job->settings,
			    job->diags) ||
	    !expand_probes(job->arena, job->program, job->host, &job->settings,
			   job->diags))
		return false;
	for (const struct clause *clause = job->program->clauses; clause;
	     clause = clause->next)
		for (size_t i = 0; i < clause->attach_count; i++)
			if (!list_attach(job, clause->attaches[i].probe))
				return false;
	return true;
}

bool list_run(struct job *job)
{
	struct listing listing = { job, 0 };
	bool listed;

	if (job->source)
		listed = list_script(job);
	else
		listed = list_pattern(job, job->options->pattern, &listing);
	fflush(stdout);
	if (listed && !job->source && !listing.count)
		diag_error(job->diags, E_NO_MATCH, nowhere,
			   "no probe matches '%s'", job->options->pattern);
	return listed && !job->diags->errors;
}
