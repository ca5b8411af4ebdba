/*
 * Options, compiler, session, loop, exit status: the order of a run and
 * nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#ifdef ETRACE_COVERAGE
#include <gcov.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/child.h"
#include "runtime/detach.h"
#include "runtime/info.h"
#include "runtime/list.h"
#include "runtime/loop.h"
#include "runtime/pipeline.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/status.h"

static const struct span nowhere;

struct run {
	struct job job;
	struct child child;
	struct session session;
	struct output output;
	int target; /* of -p, or -1 */
};

/* What is opened later must not become standard output. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static bool is_colourful(void)
{
	const char *never = getenv("NO_COLOR");

	return isatty(STDERR_FILENO) && !(never && *never);
}

static void print_diags(const struct job *job)
{
	if (job->options->no_warnings && !job->diags->errors)
		return;
	diags_print(job->diags, stderr, is_colourful(), job->options->verbose);
}

/* Before anything slow: the child's id and the process of -p are facts the
 * compiler needs. */
static bool start_processes(struct run *run)
{
	const struct options *options = run->job.options;

	run->target = -1;
	if (job_only_compiles(options))
		return true;
	if (options->command && !options->dry_run)
		return child_start(&run->child, options->command,
				   run->job.diags);
	if (options->pid)
		run->target = process_watch(options->pid, run->job.diags);
	return !options->pid || run->target >= 0;
}

static bool write_elf(const struct job *job)
{
	const char *path = job->options->emit_elf;
	const struct image *image = job->image;
	FILE *file = fopen(path, "we");
	bool written = file && fwrite(image->elf, 1, image->elf_size, file) ==
				       image->elf_size;

	if (file && fclose(file))
		written = false;
	if (!written)
		diag_error(job->diags, E_FILE, nowhere, "cannot write '%s': %s",
			   path, strerror(errno));
	return written;
}

static bool load(struct run *run)
{
	struct session *session = &run->session;
	const struct job *job = &run->job;
	struct timespec begin;
	bool loaded;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	session->arena = job->arena;
	session->image = job->image;
	session->premade = job->premade;
	session->source = job->source;
	session->host = job->host;
	session->diags = job->diags;
	session->verifier_log = job->options->verifier_log;
	session->progress = isatty(STDERR_FILENO);
	loaded = session_load(session);
	print_time(job->options, "load", &begin);
	return loaded;
}

static bool open_output(struct run *run)
{
	const struct options *options = run->job.options;

	if (output_open(&run->output, options->output, options->buffering))
		return true;
	diag_error(run->job.diags, E_FILE, nowhere, "cannot write '%s': %s",
		   options->output ? options->output : "standard output",
		   strerror(errno));
	return false;
}

static int trace(struct run *run, int signals)
{
	const struct options *options = run->job.options;
	struct actions_options actions = {
		.format = options->format,
		.output = &run->output,
		.source = run->job.source,
		.map_fds = run->session.map_fds,
		.renew = session_renew,
		.session = &run->session,
		.root = "",
		.colour = is_colourful(),
	};
	struct loop_options loop = {
		.session = &run->session,
		.output = &run->output,
		.child = run->child.pid ? &run->child : NULL,
		.target = run->target,
		.signals = signals,
		.flush_rounds = !options->is_buffering_given,
		.quiet = options->quiet,
	};
	int status;

	loop.actions = actions_new(run->job.image, &actions);
	print_diags(&run->job);
	status = loop_run(&loop);
	output_close(&run->output);
	return status;
}

static int attach_and_trace(struct run *run)
{
	struct timespec begin;
	int signals;

	if (!open_output(run))
		return status_of(run->job.diags);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	signals = signals_begin(&run->session);
	if (session_attach(&run->session)) {
		print_time(run->job.options, "attach", &begin);
		return trace(run, signals);
	}
	return status_of(run->job.diags);
}

/* Everything between options and exit. */
static int run_job(struct run *run)
{
	struct job *job = &run->job;
	const struct options *options = job->options;
	bool fine =
		start_processes(run) && job_open(job, (uint32_t)run->child.pid);

	if (fine && options->is_list)
		fine = list_run(job);
	else if (fine)
		fine = pipeline_run(job);
	if (fine && options->emit_elf && job->image)
		fine = write_elf(job);
	fflush(stdout);
	if (!fine || job->is_answered || job_only_compiles(options))
		return status_of(job->diags);
	if (!load(run) || options->dry_run)
		return status_of(job->diags);
	return attach_and_trace(run);
}

static void print_info(struct arena *arena)
{
	struct host *host = host_open(arena, "/");

	info_print(stdout, host);
	host_close(host);
}

/* What needs no program: answered here. False if there is more to do. */
static bool is_answered(struct arena *arena, const struct options *options,
			int *status)
{
	if (!options->help && !options->version && !options->info)
		return false;
	if (options->help)
		options_help(stdout);
	else if (options->version)
		puts("etrace " ETRACE_VERSION);
	else
		print_info(arena);
	*status = fflush(stdout) ? STATUS_REFUSED : STATUS_DONE;
	return true;
}

/* The machine has no use for our memory: what the kernel holds is let go, the
 * rest ends with the process. */
int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct options options;
	struct run run = { .job = { .arena = arena, .options = &options } };
	int status = STATUS_USAGE;

	open_standard_files();
	signals_open();
	if (!options_parse(arena, &options, argc, (const char *const *)argv,
			   stderr) ||
	    is_answered(arena, &options, &status)) {
		arena_free(arena);
		return status;
	}
	run.job.diags = diags_new(arena, NULL);
	status = run_job(&run);
	print_diags(&run.job);
	child_close(&run.child);
	fflush(stderr);
#ifdef ETRACE_COVERAGE
	__gcov_dump(); /* leaving as below, nobody else does it */
#endif
	detach_and_exit(&run.session, status);
}
