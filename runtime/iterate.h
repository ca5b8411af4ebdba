/*
 * Running the programs of iterators: each read goes on with the next objects.
 * Knows nothing of records, for which the programs wait. Called by the loop.
 */
#ifndef RUNTIME_ITERATE_H
#define RUNTIME_ITERATE_H

#include "runtime/session.h"

/* Is it a program that etrace runs over all objects? Not if it is pinned. */
bool is_iterated(const struct session *session, uint32_t program);

enum iterated {
	ITERATED_ALL,    /* there are no more objects */
	ITERATED_SOME,   /* go on when the rings are empty */
	ITERATED_FAILED, /* reported */
};

/* Some objects more. */
enum iterated iterate(struct session *session, uint32_t program);

#endif
