/*
 * Splitting, starting, releasing and ending the command of -c; watching the
 * process of -p. Called by main and the loop.
 */
#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/signals.h"

static const struct span nowhere;

/* ---- words ---- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

/*
 * One word from `*text` on, written to `out`, which has room for all of the
 * text; returns its length. `*text` is left after the word.
 */
static size_t split_word(const char **text, char *out, const char **wrong)
{
	const char *at = *text;
	size_t length = 0;
	char quote = 0;

	for (; *at && (quote || !is_blank(*at)); at++) {
		if (quote && *at == quote) {
			quote = 0;
		} else if (!quote && (*at == '\'' || *at == '"')) {
			quote = *at;
		} else if (*at == '\\' && quote != '\'' && at[1] &&
			   (!quote || strchr("\"\\$`", at[1]))) {
			out[length++] = *++at;
		} else {
			out[length++] = *at;
		}
	}
	if (quote == '\'')
		*wrong = "a ' is never closed";
	else if (quote)
		*wrong = "a \" is never closed";
	*text = at;
	return length;
}

char **child_split(struct arena *arena, const char *text, const char **wrong)
{
	char *word = arena_alloc(arena, strlen(text) + 1);
	char **words = NULL;
	size_t count = 0;
	size_t room = 0;

	*wrong = NULL;
	for (;;) {
		size_t length;

		while (is_blank(*text))
			text++;
		if (!*text)
			break;
		length = split_word(&text, word, wrong);
		if (*wrong)
			return NULL;
		ARENA_PUSH(arena, words, count, room,
			   arena_strndup(arena, word, length));
	}
	if (!count) {
		*wrong = "there is no command";
		return NULL;
	}
	ARENA_PUSH(arena, words, count, room, NULL);
	return words;
}

/* ---- the child ---- */

/* In the child: wait for the word, then become the command. The write end of
 * `go` is closed when etrace ends, however it ends. */
static void await_and_execute(int go, int failed, char **words)
{
	ssize_t got;
	char byte;
	int error;

	do
		got = read(go, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(0);
	signals_default();
	execvp(words[0], words);
	error = errno;
	_exit(write(failed, &error, sizeof(error)) < 0 ? 126 : 127);
}

static bool cannot_start(struct diags *diags, const char *name, int error)
{
	diag_error(diags, E_PROCESS, nowhere, "cannot start '%s': %s", name,
		   strerror(error));
	return false;
}

static void close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

static bool fork_child(struct child *child, char **words, struct diags *diags)
{
	int go[2];
	int failed[2];
	int error;

	if (pipe2(go, O_CLOEXEC))
		return cannot_start(diags, words[0], errno);
	if (pipe2(failed, O_CLOEXEC)) {
		error = errno;
		close_pair(go);
		return cannot_start(diags, words[0], error);
	}
	child->pid = fork();
	if (!child->pid) {
		close(go[1]);
		close(failed[0]);
		await_and_execute(go[0], failed[1], words);
	}
	error = errno;
	close(go[0]);
	close(failed[1]);
	child->go = go[1];
	child->failed = failed[0];
	child->name = words[0];
	if (child->pid > 0)
		return true;
	child->pid = 0;
	close(child->go);
	close(child->failed);
	return cannot_start(diags, words[0], error);
}

bool child_start(struct child *child, const char *command, struct diags *diags)
{
	const char *wrong;
	char **words = child_split(diags->arena, command, &wrong);

	memset(child, 0, sizeof(*child));
	if (!words) {
		diag_error(diags, E_PROCESS, nowhere,
			   "cannot start the command of -c: %s", wrong);
		return false;
	}
	if (!fork_child(child, words, diags))
		return false;
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd >= 0)
		return true;
	cannot_start(diags, words[0], errno);
	child_close(child);
	return false;
}

bool child_go(struct child *child, struct diags *diags)
{
	struct diag *diag;
	ssize_t got = 0;
	int error;

	if (!child->pid)
		return true;
	/* A child that is gone already is found by its pidfd. */
	if (write(child->go, "", 1) == 1)
		do
			got = read(child->failed, &error, sizeof(error));
		while (got < 0 && errno == EINTR);
	close(child->go);
	child->go = -1;
	close(child->failed);
	child->failed = -1;
	if (got != sizeof(error))
		return true;
	diag = diag_error(diags, E_PROCESS, nowhere, "cannot run '%s': %s",
			  child->name, strerror(error));
	if (error == ENOENT && !strchr(child->name, '/'))
		diag_hint(diags, diag,
			  "no folder of $PATH has it; -c knows "
			  "no words of a shell: -c \"sh -c '…'\"");
	return false;
}

void child_reap(struct child *child)
{
	if (child->pid > 0 && waitpid(child->pid, NULL, WNOHANG) > 0)
		child->pid = -1;
}

void child_close(struct child *child)
{
	if (!child->pid)
		return;
	if (child->go > 0)
		close(child->go);
	if (child->failed > 0)
		close(child->failed);
	child_reap(child);
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
	if (child->pidfd > 0)
		close(child->pidfd);
	memset(child, 0, sizeof(*child));
}

int process_watch(uint32_t pid, struct diags *diags)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int error = errno;
	struct diag *diag;

	if (fd >= 0)
		return fd;
	/* A thread that leads no process: EINVAL, since Linux 6.9 ENOENT. */
	if (error != EINVAL && error != ENOENT) {
		diag_error(diags, E_PROCESS, nowhere,
			   "cannot watch process %u: %s", pid,
			   error == ESRCH ? "there is none" : strerror(error));
		return -1;
	}
	diag = diag_error(diags, E_PROCESS, nowhere,
			  "%u is a thread, not a process", pid);
	diag_hint(diags, diag, "give its process: Tgid in /proc/%u/status",
		  pid);
	return -1;
}
