/*
 * The compiler as a list of stages: the page to read first. Knows the order of
 * things and who does them; does none of them. Called by main.
 */
#include "runtime/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "codegen/codegen.h"
#include "parser/check.h"
#include "parser/dump.h"
#include "parser/parser.h"
#include "runtime/premade.h"
#include "runtime/session.h"

static const struct span nowhere;

/* ---- what runs ---- */

static bool run_nothing(struct job *job)
{
	(void)job;
	return true;
}

static bool run_parse(struct job *job)
{
	job->program = parse_program(job->arena, job->source, job->diags);
	return !job->diags->errors;
}

/* The machine is asked here for the first time: a user who may not trace is
 * told so, and not that some file cannot be read. */
static bool run_check(struct job *job)
{
	if (!job_only_compiles(job->options) && !privileges_check(job->diags))
		return false;
	settings_config(&job->settings, job->program, job->diags);
	if (!script_options(job->arena, job->program, &job->settings,
			    job->diags))
		return false;
	job->is_answered = job->program->asks_help;
	if (job->is_answered) {
		script_options_help(stdout, job->arena, job->program);
		return true;
	}
	return expand_probes(job->arena, job->program, job->host,
			     &job->settings, job->diags) &&
	       check_program(job->arena, job->program, job->host,
			     &job->settings, job->diags) &&
	       !job->diags->errors;
}

static bool run_generate(struct job *job)
{
	struct codegen_options options = {
		.optimise = job->options->optimise,
		.verify_ir = job->options->verify_ir,
	};

	job->ir = generate(job->arena, job->program, job->source,
			   &job->settings, &options, job->diags);
	return job->ir && !job->diags->errors;
}

static bool run_assemble(struct job *job)
{
	struct ir *ir = job->ir;

	job->ir = NULL;
	if (!job_only_compiles(job->options))
		job->premade = premade_begin(job->arena, ir_image(ir));
	job->image = assemble(job->arena, ir, job->diags);
	return job->image && !job->diags->errors;
}

/* ---- what is shown ---- */

static void show_tokens(const struct job *job)
{
	dump_tokens(stdout, job->arena, job->source, job->diags);
}

static void show_tree(const struct job *job)
{
	dump_program(stdout, job->arena, job->program);
}

static void show_ir(const struct job *job)
{
	ir_dump(stdout, job->ir);
}

static void show_image(const struct job *job)
{
	image_dump(stdout, job->image, job->source);
}

/* ---- the list ---- */

/* clang-format off */
static const struct {
	bool (*run)(struct job *job);
	void (*show)(const struct job *job);
} stages[] = {
#define STAGE(name, run, show, meaning) { run, show },
#include "runtime/stages.def"
#undef STAGE
};
/* clang-format on */

void print_time(const struct options *options, const char *what,
		const struct timespec *begin)
{
	struct timespec end;
	double ns;

	if (!options->verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	ns = (double)(end.tv_sec - begin->tv_sec) * 1e9 +
	     (double)(end.tv_nsec - begin->tv_nsec);
	fprintf(stderr, "etrace: %-7s %8.3f ms\n", what, ns / 1e6);
}

bool job_only_compiles(const struct options *options)
{
	return options->is_list || options->stop_after >= 0 ||
	       options->emit_elf || strcmp(options->host, "/") != 0;
}

bool pipeline_run(struct job *job)
{
	for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
		bool is_last = job->options->stop_after == (int)stage;
		struct timespec begin;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		if (!stages[stage].run(job))
			return false;
		if (stages[stage].run != run_nothing)
			print_time(job->options, stage_name(stage), &begin);
		if (job->options->dumps & 1u << stage)
			stages[stage].show(job);
		if (is_last || job->is_answered || job->diags->errors)
			return !job->diags->errors;
	}
	return true;
}

/* ---- the job ---- */

static const char *file_trouble(int error)
{
	switch (error) {
	case EFBIG:
		return "it is larger than 64 MiB";
	case EISDIR:
		return "it is a folder";
	default:
		return strerror(error);
	}
}

static bool read_source(struct job *job)
{
	const struct options *options = job->options;
	struct diag *diag;

	if (options->program)
		job->source =
			source_from_text(job->arena, "-e", options->program,
					 strlen(options->program));
	else
		job->source = source_read(job->arena, options->file);
	job->diags->source = job->source;
	if (job->source) {
		if (!job->source->folder)
			job->source->folder = ".";
		job->source->include_folders = options->include_folders;
		job->source->include_folder_count =
			options->include_folder_count;
		return true;
	}
	diag = diag_error(job->diags, errno == EFBIG ? E_TOO_LARGE : E_FILE,
			  nowhere, "cannot read '%s': %s", options->file,
			  file_trouble(errno));
	if (errno == ENOENT && strpbrk(options->file, "{ "))
		diag_hint(job->diags, diag,
			  "a program on the command line follows -e");
	return false;
}

/* --btf, or else the environment, names the file of the kernel's types. */
static bool choose_types(struct job *job)
{
	const char *path = job->options->btf;

	if (!path)
		path = getenv("ETRACE_BTF");
	if (!path)
		path = getenv("BPFTRACE_BTF");
	if (!path || !*path)
		return true;
	host_set_types(job->host, path);
	if (!access(path, R_OK))
		return true;
	diag_error(job->diags, E_FILE, nowhere, "cannot read '%s': %s", path,
		   strerror(errno));
	return false;
}

bool job_open(struct job *job, uint32_t cpid)
{
	const struct options *options = job->options;
	struct settings *settings = &job->settings;

	if ((options->program || options->file) && !read_source(job))
		return false;
	job->host = host_open(job->arena, options->host);
	if (!choose_types(job))
		return false;
	host_set_process(job->host, options->pid);
	settings_defaults(settings);
	if (!settings_environment(settings, job->diags))
		return false;
	settings->unsafe = options->unsafe;
	settings->verbose = options->verbose;
	settings->pid = options->pid;
	settings->cpid = cpid;
	settings->parameters = options->parameters;
	settings->parameter_count = options->parameter_count;
	settings->cpus = host_possible_cpus(job->host);
	if (!host_pid_namespace(job->host, &settings->pid_ns_device,
				&settings->pid_ns_inode)) {
		settings->pid_ns_device = 0;
		settings->pid_ns_inode = 0;
	}
	return true;
}
