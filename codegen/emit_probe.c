/*
 * One BPF program per clause: the entry checks, the predicate, scratch memory,
 * the body, and one way out.
 */
#include "codegen/emit.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

/* Scratch memory: a busy word, then what the program needs. */
#define SCRATCH_FIRST 16

bool has_known_pointers(enum attach_kind kind)
{
	return kind == ATTACH_FENTRY || kind == ATTACH_FEXIT ||
	       kind == ATTACH_LSM || kind == ATTACH_ITER;
}

bool is_run_by_etrace(enum attach_kind kind)
{
	return kind == ATTACH_BEGIN || kind == ATTACH_END ||
	       kind == ATTACH_SIGNAL || kind == ATTACH_INTERVAL;
}

/*
 * What the kernel is told: the packet goes on to whoever else looks at it. Of
 * the others, most are not asked; an iterator goes on.
 */
static void emit_return(struct gen *gen)
{
	uint64_t verdict = 0;

	if (gen->clause->attaches[0].kind == ATTACH_XDP)
		verdict = XDP_PASS;
	else if (gen->clause->attaches[0].kind == ATTACH_TC)
		verdict = (uint64_t)TC_ACT_UNSPEC; /* TCX_NEXT as well */
	LLVMBuildRet(gen->builder, emit_i64(gen, verdict));
}

/* if (control->state != RUNNING) return 0; */
static void emit_running_check(struct gen *gen)
{
	LLVMValueRef state = emit_load(gen, gen->control, 8, false);
	LLVMBasicBlockRef on = emit_block(gen, "running");
	LLVMBasicBlockRef off = emit_block(gen, "idle");

	LLVMSetVolatile(state, true);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntEQ, state,
				 emit_i64(gen, CONTROL_RUNNING)),
		    on, off);
	emit_at(gen, off);
	emit_return(gen);
	emit_at(gen, on);
}

/* -p: if (pid != PID) return 0; */
static void emit_pid_check(struct gen *gen)
{
	LLVMBasicBlockRef on = emit_block(gen, "ours");
	LLVMBasicBlockRef off = emit_block(gen, "other");
	LLVMValueRef pid = emit_pid(gen, NULL).v;

	emit_branch(gen,
		    emit_compare(gen, LLVMIntEQ, pid,
				 emit_i64(gen, gen->settings->pid)),
		    on, off);
	emit_at(gen, off);
	emit_return(gen);
	emit_at(gen, on);
}

/* lookup(scratch, index), with its NULL check; `none` when there is none. */
static LLVMValueRef emit_scratch_entry(struct gen *gen, LLVMValueRef slot,
				       LLVMValueRef index,
				       LLVMBasicBlockRef none)
{
	LLVMBasicBlockRef found = emit_block(gen, "entry_found");
	LLVMValueRef arguments[2], entry;

	emit_store(gen, slot, index, 4);
	arguments[0] = LLVMConstBitCast(gen->scratch_map, gen->pointer);
	arguments[1] = slot;
	entry = emit_helper(gen, HELPER_map_lookup_elem, arguments);
	emit_branch(gen, emit_test(gen, entry), found, none);
	emit_at(gen, found);
	return emit_cast_pointer(gen, entry);
}

/* if (xchg(&entry->busy, 1) == 0) use it, else try the next one. */
static void emit_scratch_take(struct gen *gen, LLVMValueRef slot,
			      LLVMValueRef first, LLVMBasicBlockRef taken,
			      LLVMBasicBlockRef none)
{
	LLVMValueRef try = emit_alloca(gen, gen->i64, "try");
	LLVMBasicBlockRef loop = emit_block(gen, "try");
	LLVMBasicBlockRef next = emit_block(gen, "busy");
	LLVMBasicBlockRef last = emit_block(gen, "none_free");
	LLVMValueRef number, entry, busy;

	LLVMBuildStore(gen->builder, emit_i64(gen, 1), try);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	number = LLVMBuildLoad2(gen->builder, gen->i64, try, "");
	entry = emit_scratch_entry(
		gen, slot, LLVMBuildAdd(gen->builder, first, number, ""), none);
	LLVMBuildStore(gen->builder, entry, gen->function->scratch);
	busy = LLVMBuildAtomicRMW(
		gen->builder, LLVMAtomicRMWBinOpXchg,
		LLVMBuildBitCast(gen->builder, entry,
				 LLVMPointerType(gen->i64, 0), ""),
		emit_i64(gen, 1), LLVMAtomicOrderingSequentiallyConsistent,
		false);
	emit_branch(gen, emit_test(gen, busy), next, taken);
	emit_at(gen, next);
	number = LLVMBuildAdd(gen->builder, number, emit_i64(gen, 1), "");
	LLVMBuildStore(gen->builder, number, try);
	emit_branch(gen,
		    emit_compare(gen, LLVMIntULE, number,
				 emit_i64(gen, SCRATCH_NESTED)),
		    loop, last);
	emit_at(gen, last);
	emit_fault(gen, FAULT_SCRATCH_BUSY, gen->clause->at, NULL);
	emit_return(gen);
}

/* Fills `block`, which leads to `next`, with taking scratch memory. */
static void emit_scratch_acquire(struct gen *gen, LLVMBasicBlockRef block,
				 LLVMBasicBlockRef next)
{
	LLVMBasicBlockRef none = emit_block(gen, "no_scratch");
	LLVMValueRef slot = emit_alloca(gen, gen->i64, "slot");
	LLVMValueRef first;

	if (gen->scratch_bytes < SCRATCH_FIRST)
		gen->scratch_bytes = SCRATCH_FIRST;
	emit_at(gen, block);
	slot = LLVMBuildBitCast(gen->builder, slot, gen->pointer, "");
	first = LLVMBuildMul(
		gen->builder,
		emit_helper(gen, HELPER_get_smp_processor_id, NULL),
		emit_i64(gen, SCRATCH_NESTED + 1), "");
	if (gen->clause->provider->exclusive) {
		LLVMBuildStore(gen->builder,
			       emit_scratch_entry(gen, slot, first, none),
			       gen->function->scratch);
		emit_jump(gen, next);
	} else {
		emit_scratch_take(gen, slot, first, next, none);
	}
	emit_at(gen, none);
	emit_return(gen);
}

/* entry->busy = 0; return 0; */
static void emit_leave(struct gen *gen)
{
	emit_at(gen, gen->function->leave);
	emit_line(gen, gen->clause->at);
	if (gen->scratch_wanted && !gen->clause->provider->exclusive)
		emit_store(gen, emit_scratch_at(gen, 0), emit_i64(gen, 0), 8);
	emit_return(gen);
}

/* More than these would not all fit registers and the stack. */
#define REGISTER_VARIABLES 24

/* The first scalars of a clause without loops are registers; everything else
 * has its place in scratch memory. */
static void storage_assign(struct gen *gen)
{
	const struct clause *clause = gen->clause;
	const struct variable *variable;
	unsigned registers = 0;

	gen->storage = ARENA_ARRAY(gen->arena, clause->variable_count + 1,
				   struct storage);
	for (variable = clause->variables; variable;
	     variable = variable->next) {
		struct storage *storage = &gen->storage[variable->index];

		if (type_is_scalar(variable->type) && !clause->has_loops &&
		    registers < REGISTER_VARIABLES) {
			registers++;
			storage->alloca =
				emit_alloca(gen, gen->i64, variable->name);
			LLVMBuildStore(gen->builder, emit_i64(gen, 0),
				       storage->alloca);
			continue;
		}
		storage->scratch =
			scratch_reserve(gen, type_is_scalar(variable->type)
						     ? 8
						     : variable->type->size);
	}
}

/* Variables are zero until assigned, whatever the last run left there. */
static void emit_clear_storage(struct gen *gen)
{
	const struct variable *variable;

	for (variable = gen->clause->variables; variable;
	     variable = variable->next) {
		const struct storage *storage = &gen->storage[variable->index];

		if (storage->alloca)
			continue;
		emit_zero(gen, emit_scratch_at(gen, storage->scratch),
			  type_is_scalar(variable->type)
				  ? 8
				  : variable->type->size);
	}
}

/* What loop bodies need, in a frame they are given the address of. */
static void emit_frame(struct gen *gen)
{
	struct routine *function = gen->function;
	LLVMTypeRef slots = LLVMArrayType(gen->i64, FRAME_SLOTS);
	LLVMValueRef frame, scratch;

	if (!gen->clause->has_loops)
		return;
	frame = emit_alloca(gen, slots, "frame");
	function->frame =
		LLVMBuildBitCast(gen->builder, frame, gen->pointer, "");
	gen->scratch_wanted = true;
	scratch = LLVMBuildLoad2(gen->builder, gen->pointer, function->scratch,
				 "");
	emit_store(gen, function->frame,
		   emit_cast_integer(gen, function->context), 8);
	emit_store(gen, emit_offset(gen, function->frame, 8 * FRAME_SCRATCH),
		   emit_cast_integer(gen, scratch), 8);
	emit_store(gen, emit_offset(gen, function->frame, 8 * FRAME_RETURNING),
		   emit_i64(gen, 0), 8);
}

/* if (!predicate) goto skip; */
static void emit_predicate(struct gen *gen, LLVMBasicBlockRef skip)
{
	LLVMBasicBlockRef pass = emit_block(gen, "predicate_true");

	emit_line(gen, gen->clause->predicate->at);
	emit_branch(gen, emit_condition(gen, gen->clause->predicate), pass,
		    skip);
	emit_at(gen, pass);
}

static void program_row(struct gen *gen, const char *name)
{
	const struct clause *clause = gen->clause;
	struct image *image = gen->image;
	size_t count = image->program_count;
	struct image_program program = {
		.function = name,
		.kind = clause->attaches[0].kind,
		.at = clause->at,
		.first_attach = clause->first_attach,
		.attach_count = (uint32_t)clause->attach_count,
	};

	ARENA_PUSH(gen->arena, image->programs, count, gen->program_room,
		   program);
	image->program_count = (uint32_t)count;
	for (size_t i = 0; i < clause->attach_count; i++) {
		struct attach *attach =
			&image->attaches[clause->first_attach + i];

		*attach = clause->attaches[i];
		attach->name = clause->name;
	}
}

/* The blocks of a program, in the order they run. */
struct layout {
	LLVMBasicBlockRef room;  /* of an iterator: may records be sent? */
	LLVMBasicBlockRef early; /* scratch, if the predicate needs it */
	LLVMBasicBlockRef predicate;
	LLVMBasicBlockRef skip; /* where a false predicate goes */
	LLVMBasicBlockRef late; /* scratch, if only the body needs it */
	LLVMBasicBlockRef body;
};

/* The body is there: now it is known who wanted scratch memory. */
static void emit_scratch_where_wanted(struct gen *gen, struct layout *layout,
				      bool early)
{
	emit_at(gen, layout->skip);
	if (early)
		emit_jump(gen, gen->function->leave);
	else
		emit_return(gen);
	if (early) {
		emit_scratch_acquire(gen, layout->early, layout->predicate);
	} else {
		emit_at(gen, layout->early);
		emit_jump(gen, layout->predicate);
	}
	if (!early && gen->scratch_wanted) {
		emit_scratch_acquire(gen, layout->late, layout->body);
	} else {
		emit_at(gen, layout->late);
		emit_jump(gen, layout->body);
	}
}

static void emit_program(struct gen *gen, struct layout *layout)
{
	const struct clause *clause = gen->clause;
	bool early;

	emit_at(gen, layout->predicate);
	emit_packet(gen);
	if (clause->predicate)
		emit_predicate(gen, layout->skip);
	early = gen->scratch_wanted;
	emit_jump(gen, layout->late);

	emit_at(gen, layout->body);
	emit_frame(gen);
	emit_clear_storage(gen);
	emit_stmts(gen, clause->body);
	emit_jump(gen, gen->function->leave);
	emit_scratch_where_wanted(gen, layout, early);
	emit_leave(gen);
	emit_at(gen, layout->room);
	emit_room_check(gen, layout->early);
}

/* Iterators have processes of their own, and packets none. */
static bool is_of_a_process(enum attach_kind kind)
{
	return kind != ATTACH_ITER && kind != ATTACH_TC && kind != ATTACH_XDP;
}

static void emit_entry_checks(struct gen *gen)
{
	enum attach_kind kind = gen->clause->attaches[0].kind;

	if (is_run_by_etrace(kind))
		return;
	if (!clause_is_pinned(gen->clause))
		emit_running_check(gen);
	if (gen->settings->pid && is_of_a_process(kind))
		emit_pid_check(gen);
	if (kind == ATTACH_ITER)
		emit_object_check(gen);
}

void emit_clause(struct gen *gen, const struct clause *clause, uint32_t number)
{
	const char *name = arena_printf(gen->arena, "probe_%u", number);
	const char *section = arena_printf(gen->arena, "etrace/%u", number);
	LLVMTypeRef type = LLVMFunctionType(gen->i64, &gen->pointer, 1, false);
	struct routine function = { 0 };
	struct layout layout;

	gen->clause = clause;
	gen->function = NULL;
	gen->scratch_used = SCRATCH_FIRST;
	gen->scratch_wanted = false;
	gen->statements = 0;
	program_row(gen, name);
	function_begin(gen, &function, name, section, type, clause->at);
	function.context = LLVMGetParam(function.llvm, 0);
	function.scratch = emit_alloca(gen, gen->pointer, "scratch");
	function.leave = emit_block(gen, "leave");
	storage_assign(gen);
	emit_entry_checks(gen);
	layout.room = emit_block(gen, "room");
	layout.early = emit_block(gen, "early");
	layout.predicate = emit_block(gen, "predicate");
	layout.skip = emit_block(gen, "skip");
	layout.late = emit_block(gen, "late");
	layout.body = emit_block(gen, "body");
	emit_jump(gen, layout.room);
	emit_program(gen, &layout);
	gen->function = NULL;
}
