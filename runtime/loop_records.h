/*
 * The two rings as one stream. A control record says how far the data ring was
 * when it was made, and is handled exactly there. Called by the loop.
 */
#ifndef RUNTIME_LOOP_RECORDS_H
#define RUNTIME_LOOP_RECORDS_H

#include "runtime/actions.h"
#include "runtime/ring.h"
#include "runtime/session.h"

struct records {
	struct actions *actions;
	struct ring data;
	struct ring control;
};

/* False, reported, if the rings cannot be mapped. Rings the image does not
 * have stay empty. */
bool records_open(struct records *records, const struct session *session,
		  struct actions *actions);
void records_close(struct records *records);

/* Handle at most `limit` records; returns how many there were. */
size_t records_handle(struct records *records, size_t limit);

bool records_are_waiting(const struct records *records);

/* Handle everything, also what is just being written; programs must have been
 * stopped. */
void records_drain(struct records *records);

#endif
