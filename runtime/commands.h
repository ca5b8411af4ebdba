/*
 * cat() and system(): files and commands whose text becomes output. Knows
 * neither records nor formats. Called by actions.c.
 */
#ifndef RUNTIME_COMMANDS_H
#define RUNTIME_COMMANDS_H

#include "runtime/value_print.h"

/* The first `most` bytes of a file. Returns 0 or the errno that stopped it;
 * what was read before is in the output. */
int command_cat(struct render *render, const char *path, uint64_t most);

/*
 * What `sh -c text` writes to its standard output, as it is: the command is
 * the user's own. Waits for it. Returns 0 or the errno that kept it from
 * running; how it ends is not looked at.
 */
int command_system(struct render *render, const char *text);

#endif
