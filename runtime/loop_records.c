/*
 * Merges the data ring and the control ring. Called by the loop.
 */
#include "runtime/loop_records.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* How long a record that was begun may take to appear once programs are
 * stopped: they have run to their end by then. */
#define DRAIN_PATIENCE_MS 50

static bool open_ring(struct ring *ring, int fd, size_t bytes,
		      const struct session *session)
{
	static const struct span nowhere;

	if (fd < 0 || ring_open(ring, fd, bytes))
		return true;
	diag_error(session->diags, E_KERNEL, nowhere,
		   "cannot map the event buffer: %s", strerror(errno));
	return false;
}

bool records_open(struct records *records, const struct session *session,
		  struct actions *actions)
{
	memset(records, 0, sizeof(*records));
	records->actions = actions;
	return open_ring(&records->data, session->data_fd,
			 session->image->ring_bytes, session) &&
	       open_ring(&records->control, session->control_fd,
			 session->control_bytes, session);
}

void records_close(struct records *records)
{
	ring_close(&records->data);
	ring_close(&records->control);
}

bool records_are_waiting(const struct records *records)
{
	return !ring_is_empty(&records->data) ||
	       !ring_is_empty(&records->control);
}

/* Position of the data ring before which a control record has no effect. */
static uint64_t control_order(const struct ring_record *record)
{
	uint64_t order = 0;

	if (record->size >= RECORD_CONTROL_SLOTS)
		memcpy(&order,
		       (const uint8_t *)record->data +
			       offsetof(struct record_header, order),
		       sizeof(order));
	return order;
}

/*
 * One record, if one is ready. The data ring is looked at first: whoever wrote
 * what is in it had written its earlier control records before.
 */
static bool handle_one(struct records *records)
{
	struct ring_record data;
	struct ring_record control;
	bool has_data = ring_peek(&records->data, &data);

	if (ring_peek(&records->control, &control) &&
	    control_order(&control) <= records->data.position) {
		actions_record(records->actions, control.data, control.size);
		ring_advance(&records->control, &control);
		return true;
	}
	if (!has_data)
		return false;
	actions_record(records->actions, data.data, data.size);
	ring_advance(&records->data, &data);
	return true;
}

size_t records_handle(struct records *records, size_t limit)
{
	size_t count = 0;

	while (count < limit && handle_one(records))
		count++;
	ring_publish(&records->data);
	ring_publish(&records->control);
	return count;
}

void records_drain(struct records *records)
{
	static const struct timespec millisecond = { 0, 1000000 };
	unsigned waited = 0;

	for (;;) {
		if (records_handle(records, SIZE_MAX))
			waited = 0;
		if (!records_are_waiting(records) ||
		    waited++ == DRAIN_PATIENCE_MS)
			return;
		nanosleep(&millisecond, NULL);
	}
}
