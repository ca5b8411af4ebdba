/*
 * comm(id): the name of any thread. Finds out where this kernel keeps what has
 * to be read for it. Called through the check column of functions.def.
 */
#include "parser/checker.h"
#include "parser/task_table.h"

#define COMM_BYTES 16

/* What has to be known, and where in the table it goes. */
static const struct {
	const char *record;
	const char *path[3];
	size_t place;
} wanted[] = {
#define WANTED(record, member, ...) \
	{ \
		record, { __VA_ARGS__ }, offsetof(struct task_table, member) \
	}
	WANTED("task_struct", task_id, "thread_pid"),
	WANTED("task_struct", task_link, "pid_links"),
	WANTED("task_struct", task_comm, "comm"),
	WANTED("pid", id_level, "level"),
	WANTED("pid", id_first, "numbers"),
	WANTED("pid", id_task, "tasks"),
	WANTED("upid", upid_space, "ns"),
	WANTED("pid_namespace", space_inode, "ns", "inum"),
	WANTED("pid_namespace", space_head, "idr", "idr_rt", "xa_head"),
	WANTED("xa_node", node_shift, "shift"),
	WANTED("xa_node", node_slots, "slots"),
#undef WANTED
};

/* False, reported, if the kernel does not describe it. */
static bool find_record(struct checker *checker, const char *name,
			struct span at, const struct record **record)
{
	const struct type *type;
	enum host_status status =
		host_type(checker->host, "struct", name, &type);

	if (status == HOST_OK && type->kind == TYPE_STRUCT) {
		*record = type->record;
		return true;
	}
	if (status == HOST_OK || status == HOST_ABSENT)
		check_error(checker, E_NOT_AVAILABLE, at,
			    "this kernel does not describe its struct %s, "
			    "which finding a thread by its id needs",
			    name);
	else
		check_status(checker, status, at, "types");
	return false;
}

static bool find_offset(struct checker *checker, size_t index, struct span at,
			uint32_t *offset)
{
	const char *const *path = wanted[index].path;
	const struct record *record;
	const struct field *field;
	uint32_t inside;

	if (!find_record(checker, wanted[index].record, at, &record))
		return false;
	*offset = 0;
	for (size_t i = 0; i < ARRAY_SIZE(wanted[index].path) && path[i]; i++) {
		if (i)
			record = field->type->record;
		complete_record(checker, record);
		field = record_field(record, path[i], &inside);
		if (!field) {
			check_error(checker, E_NOT_AVAILABLE, at,
				    "struct %s of this kernel has no field "
				    "'%s', which finding a thread by its id "
				    "needs",
				    wanted[index].record, path[i]);
			return false;
		}
		*offset += inside;
	}
	return true;
}

bool check_comm_of(struct checker *checker, struct expr *call)
{
	struct span at = call->call.name_at;
	struct task_table *table;
	const struct record *upid;

	call->type = type_string(checker->arena, COMM_BYTES);
	if (call->call.tasks)
		return true;
	table = ARENA_NEW(checker->arena, struct task_table);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		uint32_t *place = (void *)((char *)table + wanted[i].place);

		if (!find_offset(checker, i, at, place))
			return false;
	}
	if (!find_record(checker, "upid", at, &upid))
		return false;
	table->upid_bytes = upid->size;
	call->call.tasks = table;
	return true;
}
