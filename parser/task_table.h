/*
 * Where the kernel keeps tasks by their number: for comm(id), which finds one.
 * Filled by check_task.c, read by codegen/emit_task.c.
 */
#ifndef PARSER_TASK_TABLE_H
#define PARSER_TASK_TABLE_H

#include <stdint.h>

/* Offsets in records of the kernel, in bytes. */
struct task_table {
	uint32_t task_id;     /* task_struct: its struct pid * */
	uint32_t task_link;   /* task_struct: where a struct pid holds it */
	uint32_t task_comm;   /* task_struct: its name */
	uint32_t id_level;    /* pid: how many namespaces are around it */
	uint32_t id_first;    /* pid: its number in the first of them */
	uint32_t id_task;     /* pid: the thread that has it */
	uint32_t upid_bytes;  /* upid: its size */
	uint32_t upid_space;  /* upid: the namespace */
	uint32_t space_inode; /* pid_namespace: its number in procfs */
	uint32_t space_head;  /* pid_namespace: the root of its xarray */
	uint32_t node_shift;  /* xa_node: bits of the index below it */
	uint32_t node_slots;  /* xa_node: what is in it */
};

#endif
