/*
 * What the user can set: defaults, environment (ETRACE_KEY or BPFTRACE_KEY),
 * then the command line; a script's config block sets what the environment
 * did not. parser/settings.def is the table.
 */
#ifndef PARSER_SETTINGS_H
#define PARSER_SETTINGS_H

#include "lexer/base.h"

struct diags;
struct program;

enum missing_probes { MISSING_ERROR, MISSING_WARN, MISSING_IGNORE };
enum stack_mode { STACK_MODE_BPFTRACE, STACK_MODE_PERF, STACK_MODE_RAW };

struct settings {
	/* config keys: see settings.def */
#define SETTING(key, kind, initial, minimum, maximum, help) uint64_t key;
#include "parser/settings.def"
#undef SETTING
	const char *license;           /* GPL */
	const char *str_trunc_trailer; /* ".." */
	uint64_t is_set; /* bit per row: by environment or option */
	/* from the command line */
	bool unsafe;
	bool verbose;
	uint32_t pid;  /* -p: only this process; 0: all */
	uint32_t cpid; /* -c: the child, already started and waiting; 0: none */
	const char *const *parameters; /* $1 … */
	uint32_t parameter_count;
	/* from the machine */
	uint32_t cpus;          /* possible CPUs */
	uint64_t pid_ns_device; /* etrace's pid namespace … */
	uint64_t pid_ns_inode; /* … 0: the initial one, ids need no translation
				*/
};

void settings_defaults(struct settings *settings);

/* Reads ETRACE_<KEY> and BPFTRACE_<KEY>; false (reported) on a bad value. */
bool settings_environment(struct settings *settings, struct diags *diags);

/* Applies the config block; errors are reported on its entries. */
void settings_config(struct settings *settings, const struct program *program,
		     struct diags *diags);

#endif
