/*
 * Why a function of the kernel cannot be traced, in words: for the checker,
 * before anything is attached, and for the runtime when the kernel refused.
 */
#ifndef PARSER_TROUBLE_H
#define PARSER_TROUBLE_H

#include "lexer/diag.h"
#include "parser/host.h"
#include "parser/tables.h"

struct trouble {
	enum diag_tag tag;
	const char *text; /* a whole message */
	const char *hint; /* or NULL */
};

/*
 * `provider` is kprobe, kretprobe, fentry or fexit; `module` may be NULL. False
 * if nothing speaks against it, as far as this user may see. Both strings live
 * in the arena. Reads the lists of the kernel's functions: some 50 ms.
 */
bool function_trouble(struct arena *arena, struct host *host,
		      enum provider provider, const char *module,
		      const char *name, struct trouble *trouble);

/* The part of it that is about the kind of probe and not about a function. */
bool provider_trouble(struct arena *arena, struct host *host,
		      enum provider provider, const char *name,
		      struct trouble *trouble);

#endif
