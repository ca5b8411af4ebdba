/*
 * Prints names of probes and their arguments. Called by main for -l.
 */
#include "runtime/list.h"

#include <stdio.h>
#include <string.h>

#include "parser/check.h"
#include "parser/parser.h"

static void print_probe(const char *probe, const struct record *args,
			void *data)
{
	struct job *job = data;

	puts(probe);
	if (!args || !job->options->verbose)
		return;
	for (size_t i = 0; i < args->count; i++)
		printf("    %s %s\n",
		       type_text(job->arena, args->fields[i].type),
		       args->fields[i].name);
}

/* The attaches of all clauses are numbered as they are in the script. */
static bool list_script(struct job *job)
{
	job->program = parse_program(job->arena, job->source, job->diags);
	if (job->diags->errors)
		return false;
	settings_config(&job->settings, job->program, job->diags);
	if (!expand_probes(job->arena, job->program, job->host, &job->settings,
			   job->diags))
		return false;
	for (const struct clause *clause = job->program->clauses; clause;
	     clause = clause->next)
		for (size_t i = 0; i < clause->attach_count; i++)
			print_probe(clause->attaches[i].probe,
				    clause->args ? clause->args->record : NULL,
				    job);
	return true;
}

bool list_run(struct job *job)
{
	bool listed;

	if (job->source)
		listed = list_script(job);
	else
		listed = list_probes(job->arena, job->options->pattern,
				     job->options->verbose, job->host,
				     &job->settings, job->diags, print_probe,
				     job);
	fflush(stdout);
	return listed && !job->diags->errors;
}
