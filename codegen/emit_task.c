/*
 * comm(id): the name of the thread that has a number in etrace's pid namespace.
 * Goes the way the kernel does, from the namespace down its xarray; programs
 * run where nothing that is found there can be freed. The kernel's own function
 * for it, bpf_task_from_pid(), may not be called in most kinds of probes.
 */
#include "codegen/emit.h"
#include "parser/task_table.h"

#define COMM_BYTES 16

/* A namespace is in at most so many others. */
#define LEVELS_MAX 32

/* An xarray of 32 bits, 6 of them in each node; what is in it is marked by its
 * lower bits. */
#define NODES_MAX  6
#define SLOTS      64
#define MARK_BITS  3
#define MARK_NODE  2
#define NODE_LEAST 4096

/* What all steps of one search need. */
struct search {
	struct gen *gen;
	const struct task_table *table;
	struct span at;
	LLVMBasicBlockRef none; /* there is no such thread */
};

/* The number of so many bytes at base + offset. */
static LLVMValueRef read_number(const struct search *search, LLVMValueRef base,
				uint32_t offset, uint32_t bytes)
{
	struct gen *gen = search->gen;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef to = emit_temporary(gen, 8), word;

	emit_read(gen, SPACE_KERNEL, to, bytes,
		  LLVMBuildAdd(gen->builder, base, emit_i64(gen, offset), ""),
		  search->at);
	word = emit_load(gen, to, bytes, false);
	temporary_release(gen, mark);
	return word;
}

/* if (!condition) goto none; */
static void demand(const struct search *search, LLVMValueRef condition)
{
	LLVMBasicBlockRef on = emit_block(search->gen, "found");

	emit_branch(search->gen, condition, on, search->none);
	emit_at(search->gen, on);
}

/*
 * for (level = 0; level < LEVELS_MAX && level <= pid->level; level++)
 *         if (pid->numbers[level].ns->ns.inum == etrace's)
 *                 return pid->numbers[level].ns;
 * goto none;
 */
static LLVMValueRef find_inner_space(const struct search *search,
				     LLVMValueRef id, LLVMValueRef last)
{
	const struct task_table *table = search->table;
	struct gen *gen = search->gen;
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef counter = emit_alloca(gen, gen->i64, "level");
	LLVMBasicBlockRef loop = emit_block(gen, "space");
	LLVMBasicBlockRef next = emit_block(gen, "next_space");
	LLVMBasicBlockRef done = emit_block(gen, "own_space");
	LLVMValueRef level, upid, space, inode;

	LLVMBuildStore(builder, emit_i64(gen, 0), counter);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	level = LLVMBuildLoad2(builder, gen->i64, counter, "");
	demand(search, emit_compare(gen, LLVMIntULE, level, last));
	upid = LLVMBuildMul(builder, level, emit_i64(gen, table->upid_bytes),
			    "");
	upid = LLVMBuildAdd(builder, id, upid, "");
	space = read_number(search, upid, table->id_first + table->upid_space,
			    8);
	inode = read_number(search, space, table->space_inode, 4);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntEQ, inode,
				 emit_i64(gen, gen->settings->pid_ns_inode)),
		    done, next);
	emit_at(gen, next);
	level = LLVMBuildAdd(builder, level, emit_i64(gen, 1), "");
	LLVMBuildStore(builder, level, counter);
	demand(search,
	       emit_compare(gen, LLVMIntULT, level, emit_i64(gen, LEVELS_MAX)));
	emit_jump(gen, loop);
	emit_at(gen, done);
	return space;
}

/* etrace's namespace: the initial one, which is that of everybody's first
 * number, or one that the current task is in. */
static LLVMValueRef find_space(const struct search *search)
{
	const struct task_table *table = search->table;
	struct gen *gen = search->gen;
	LLVMValueRef task = emit_helper(gen, HELPER_get_current_task, NULL);
	LLVMValueRef id = read_number(search, task, table->task_id, 8);

	if (!gen->settings->pid_ns_inode)
		return read_number(search, id,
				   table->id_first + table->upid_space, 8);
	return find_inner_space(search, id,
				read_number(search, id, table->id_level, 4));
}

/* entry is a node's */
static LLVMValueRef is_node(struct gen *gen, LLVMValueRef entry)
{
	LLVMValueRef bits =
		LLVMBuildAnd(gen->builder, entry, emit_i64(gen, MARK_BITS), "");

	return LLVMBuildAnd(
		gen->builder,
		emit_compare(gen, LLVMIntEQ, bits, emit_i64(gen, MARK_NODE)),
		emit_compare(gen, LLVMIntUGT, entry, emit_i64(gen, NODE_LEAST)),
		"");
}

/* number >> node->shift */
static LLVMValueRef shift_by_node(const struct search *search,
				  LLVMValueRef node, LLVMValueRef number)
{
	struct gen *gen = search->gen;
	LLVMValueRef shift =
		read_number(search, node, search->table->node_shift, 1);

	shift = LLVMBuildAnd(gen->builder, shift, emit_i64(gen, 63), "");
	return LLVMBuildLShr(gen->builder, number, shift, "");
}

static LLVMValueRef node_of(struct gen *gen, LLVMValueRef entry)
{
	return LLVMBuildSub(gen->builder, entry, emit_i64(gen, MARK_NODE), "");
}

/* node->slots[number >> node->shift & 63] */
static LLVMValueRef read_slot(const struct search *search, LLVMValueRef entry,
			      LLVMValueRef number)
{
	struct gen *gen = search->gen;
	LLVMValueRef node = node_of(gen, entry);
	LLVMValueRef slot = shift_by_node(search, node, number);

	slot = LLVMBuildAnd(gen->builder, slot, emit_i64(gen, SLOTS - 1), "");
	slot = LLVMBuildShl(gen->builder, slot, emit_i64(gen, 3), "");
	return read_number(search, LLVMBuildAdd(gen->builder, node, slot, ""),
			   search->table->node_slots, 8);
}

/*
 * entry = space->idr.idr_rt.xa_head;
 * if (number >> head->shift >= SLOTS) goto none;
 * for (nodes = 0; nodes < NODES_MAX && is_node(entry); nodes++)
 *         entry = node->slots[number >> node->shift & 63];
 * return entry && !(entry & 3) ? entry : goto none;
 */
static LLVMValueRef find_id(const struct search *search, LLVMValueRef space,
			    LLVMValueRef number)
{
	struct gen *gen = search->gen;
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef place = emit_alloca(gen, gen->i64, "entry");
	LLVMBasicBlockRef leaf = emit_block(gen, "leaf"), node;
	LLVMValueRef entry, slot, bits;

	entry = read_number(search, space, search->table->space_head, 8);
	demand(search, is_node(gen, entry));
	slot = shift_by_node(search, node_of(gen, entry), number);
	demand(search,
	       emit_compare(gen, LLVMIntULT, slot, emit_i64(gen, SLOTS)));
	LLVMBuildStore(builder, entry, place);
	for (unsigned i = 0; i < NODES_MAX; i++) {
		node = emit_block(gen, "node");
		entry = LLVMBuildLoad2(builder, gen->i64, place, "");
		emit_branch(gen, is_node(gen, entry), node, leaf);
		emit_at(gen, node);
		LLVMBuildStore(builder, read_slot(search, entry, number),
			       place);
	}
	emit_jump(gen, leaf);
	emit_at(gen, leaf);
	entry = LLVMBuildLoad2(builder, gen->i64, place, "");
	bits = LLVMBuildAnd(builder, entry, emit_i64(gen, MARK_BITS), "");
	demand(search, emit_test(gen, entry));
	demand(search, emit_compare(gen, LLVMIntEQ, bits, emit_i64(gen, 0)));
	return entry;
}

/*
 * to = "";
 * task = container_of(find_id(...)->tasks[0].first, struct task_struct, links)
 * to = task->comm;
 */
struct value emit_comm_of(struct gen *gen, const struct expr *call)
{
	struct search search = {
		.gen = gen,
		.table = call->call.tasks,
		.at = call->at,
		.none = emit_block(gen, "no_thread"),
	};
	LLVMValueRef to = emit_temporary(gen, COMM_BYTES);
	LLVMValueRef number = emit_scalar(gen, call->call.args.items[0]);
	LLVMValueRef id, link, name;

	emit_zero(gen, to, COMM_BYTES);
	number = LLVMBuildAnd(gen->builder, number, emit_i64(gen, UINT32_MAX),
			      "");
	id = find_id(&search, find_space(&search), number);
	link = read_number(&search, id, search.table->id_task, 8);
	demand(&search, emit_test(gen, link));
	name = LLVMBuildAdd(gen->builder, link,
			    emit_i64(gen, (uint64_t)search.table->task_comm -
						  search.table->task_link),
			    "");
	emit_read_string(gen, SPACE_KERNEL, to, emit_i64(gen, COMM_BYTES), name,
			 call->at);
	emit_jump(gen, search.none);
	emit_at(gen, search.none);
	return memory_value(call->type, to);
}
