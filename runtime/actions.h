/*
 * Records become what the user sees: the one place that knows what each action
 * does. Called by the loop for every record of the rings, in program order,
 * and at the end for the maps.
 */
#ifndef RUNTIME_ACTIONS_H
#define RUNTIME_ACTIONS_H

#include "codegen/image.h"
#include "runtime/output.h"

struct actions;
struct session;
struct usyms;

enum output_format { OUTPUT_TEXT, OUTPUT_JSON };

/*
 * From now on a map that has a spare is the other of the two. Returns the one
 * that it was, which no program touches any more.
 */
typedef int map_renew_fn(struct session *session, uint32_t map);

struct actions_options {
	enum output_format format;
	struct output *output;
	const struct source *source;
	const int *map_fds; /* by index of image->maps; renew() changes them */
	map_renew_fn *renew;
	struct session *session; /* for renew() */
	const char *root;        /* of /proc for user symbols: "" normally */
	bool colour;             /* of messages on stderr */
};

/* Borrows image and options' pointers. */
struct actions *actions_new(const struct image *image,
			    const struct actions_options *options);
void actions_free(struct actions *actions);

/*
 * Handle one record; `size` bytes at `record`, which is trusted for nothing
 * but its length: a malformed one is counted (see actions_malformed()).
 */
void actions_record(struct actions *actions, const void *record, size_t size);

/* Who names addresses of processes: it wants to know what they map. */
struct usyms *actions_usyms(const struct actions *actions);

/* Has exit() been handled? Then its status. */
bool actions_exit(const struct actions *actions, int *status);

/* Print every map in name order, as tracing ends. */
void actions_print_maps(struct actions *actions);

/* {"type": "attached_probes", …} or "Attached N probes" on stderr. */
void actions_attached(struct actions *actions, uint32_t probes, bool quiet);

/* A loss or fault total, for the report at the end: text on stderr, an object
 * in JSON as well. `probe` may be NULL (all of the program's). */
void actions_fault(struct actions *actions, const struct image_fault *fault,
		   const char *probe, uint64_t count);

uint64_t actions_malformed(const struct actions *actions);

#endif
