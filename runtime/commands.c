/*
 * Reads files and the output of commands, piece by piece, into the output.
 * Called by actions.c.
 */
#include "runtime/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef void piece_fn(struct render *render, const char *bytes, size_t length);

/* Up to `most` bytes of a descriptor, each piece given to `print`. */
static int copy(struct render *render, int fd, uint64_t most, piece_fn *print)
{
	char piece[16384];

	while (most) {
		size_t wanted =
			sizeof(piece) < most ? sizeof(piece) : (size_t)most;
		ssize_t got = read(fd, piece, wanted);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (!got)
			return 0;
		print(render, piece, (size_t)got);
		output_limit(render->output);
		most -= (uint64_t)got;
	}
	return 0;
}

/* A file has lines; what is in it is not trusted. */
static void print_file_piece(struct render *render, const char *bytes,
			     size_t length)
{
	if (render->foreign == FOREIGN_ESCAPED)
		output_untrusted(render->output, bytes, length, true);
	else
		output_bytes(render->output, bytes, length);
}

static void print_command_piece(struct render *render, const char *bytes,
				size_t length)
{
	output_bytes(render->output, bytes, length);
}

int command_cat(struct render *render, const char *path, uint64_t most)
{
	/* A pipe without a writer must not stop the tracing. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error;

	if (fd < 0)
		return errno;
	error = copy(render, fd, most, print_file_piece);
	close(fd);
	return error;
}

/* A shell with the signals of a program just started, its output in `fd`. */
static int spawn_shell(const char *text, int fd, pid_t *child)
{
	char *arguments[] = { "sh", "-c", (char *)text, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	error = posix_spawn_file_actions_init(&files);
	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&files);
		return error;
	}
	posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(child, "/bin/sh", &files, &attributes, arguments,
			    environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

int command_system(struct render *render, const char *text)
{
	int pipe_fds[2];
	pid_t child;
	int error;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return errno;
	error = spawn_shell(text, pipe_fds[1], &child);
	close(pipe_fds[1]);
	if (!error) {
		error = copy(render, pipe_fds[0], UINT64_MAX,
			     print_command_piece);
		/* Gone already if somebody waits for all children. */
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(pipe_fds[0]);
	return error;
}
