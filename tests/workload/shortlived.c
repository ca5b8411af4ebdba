/*
 * Starts N children one after the other, each of which ends at once with exit
 * status 3: a known number of forks, exits and waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count;

	if (argc != 2) {
		fputs("usage: shortlived N\n", stderr);
		return 2;
	}
	count = strtol(argv[1], NULL, 10);
	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			return 1;
		if (child == 0)
			_exit(3);
		if (waitpid(child, NULL, 0) != child)
			return 1;
	}
	return 0;
}
