/*
 * From a diagnostic to the exit status: whose fault it is. Called by main and
 * the loop.
 */
#include "runtime/status.h"

/* Those not named here are mistakes in the program. */
static const enum status statuses[DIAG_TAGS] = {
	[E_PRIVILEGE] = STATUS_REFUSED, [E_NO_TRACEFS] = STATUS_REFUSED,
	[E_NO_BTF] = STATUS_REFUSED,    [E_LOCKDOWN] = STATUS_REFUSED,
	[E_KERNEL] = STATUS_REFUSED,    [E_ATTACH] = STATUS_REFUSED,
	[E_VERIFIER] = STATUS_REFUSED,  [E_INTERNAL] = STATUS_INTERNAL,
	[E_FILE] = STATUS_PROGRAM,      [E_PROCESS] = STATUS_PROGRAM,
};

enum status status_of(const struct diags *diags)
{
	for (const struct diag *diag = diags->first; diag; diag = diag->next)
		if (diag->severity == SEVERITY_ERROR)
			return statuses[diag->tag] ? statuses[diag->tag]
						   : STATUS_PROGRAM;
	return diags->errors ? STATUS_PROGRAM : STATUS_DONE;
}
