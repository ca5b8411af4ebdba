/*
 * Builtins: most are one helper call, as the recipe of their row says; the
 * others have a function here.
 */
#include "codegen/emit.h"
#include "codegen/registers.h"

#include <linux/bpf.h>
#include <string.h>

static LLVMValueRef emit_low(struct gen *gen, LLVMValueRef value)
{
	return LLVMBuildAnd(gen->builder, value, emit_i64(gen, UINT32_MAX), "");
}

static LLVMValueRef emit_high(struct gen *gen, LLVMValueRef value)
{
	return LLVMBuildLShr(gen->builder, value, emit_i64(gen, 32), "");
}

/*
 * tgid << 32 | tid as etrace's pid namespace numbers them. In the initial one
 * that is what the helper returns; elsewhere the kernel is told which
 * namespace is meant, and a task that is not in it has id 0.
 */
static LLVMValueRef emit_ids(struct gen *gen)
{
	const struct settings *settings = gen->settings;
	struct mark mark = temporary_mark(gen);
	LLVMValueRef ids, low, high;

	if (!settings->pid_ns_inode)
		return emit_helper(gen, HELPER_get_current_pid_tgid, NULL);
	ids = emit_temporary(gen, 8); /* struct bpf_pidns_info: pid, tgid */
	{
		LLVMValueRef arguments[] = {
			emit_i64(gen, settings->pid_ns_device),
			emit_i64(gen, settings->pid_ns_inode),
			ids,
			emit_i64(gen, 8),
		};

		emit_helper(gen, HELPER_get_ns_current_pid_tgid, arguments);
	}
	low = emit_load(gen, ids, 4, false);
	high = emit_load(gen, emit_offset(gen, ids, 4), 4, false);
	temporary_release(gen, mark);
	high = LLVMBuildShl(gen->builder, high, emit_i64(gen, 32), "");
	return LLVMBuildOr(gen->builder, high, low, "");
}

struct value emit_pid(struct gen *gen, const struct expr *expr)
{
	(void)expr;
	return scalar_value(&type_uint32, emit_high(gen, emit_ids(gen)));
}

struct value emit_tid(struct gen *gen, const struct expr *expr)
{
	(void)expr;
	return scalar_value(&type_uint32, emit_low(gen, emit_ids(gen)));
}

struct value emit_comm(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef to = emit_temporary(gen, 16);

	emit_string(gen, expr, to, 16);
	return memory_value(expr->type, to);
}

struct value emit_ncpus(struct gen *gen, const struct expr *expr)
{
	return scalar_value(expr->type, emit_i64(gen, gen->settings->cpus));
}

struct value emit_cpid(struct gen *gen, const struct expr *expr)
{
	return scalar_value(expr->type, emit_i64(gen, gen->settings->cpid));
}

/* now - control->start_ns */
struct value emit_elapsed(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef start =
		emit_load(gen,
			  emit_offset(gen, gen->control,
				      offsetof(struct control, start_ns)),
			  8, false);
	LLVMValueRef now = emit_helper(gen, HELPER_ktime_get_boot_ns, NULL);

	return scalar_value(expr->type,
			    LLVMBuildSub(gen->builder, now, start, ""));
}

/* The row of the program that is being emitted. */
static struct image_program *program_now(struct gen *gen)
{
	return &gen->image->programs[gen->image->program_count - 1];
}

LLVMValueRef emit_attach_index(struct gen *gen)
{
	LLVMValueRef context = gen->function->context;

	if (gen->clause->attach_count == 1)
		return emit_i64(gen, gen->clause->first_attach);
	/* etrace, which runs these itself, says it in the context */
	if (is_run_by_etrace(gen->clause->attaches[0].kind))
		return emit_load(gen, context, 8, false);
	program_now(gen)->needs_cookie = true;
	return LLVMBuildAdd(
		gen->builder,
		emit_helper(gen, HELPER_get_attach_cookie, &context),
		emit_i64(gen, gen->clause->first_attach), "");
}

/* Of several attaches with one name, or one symbol, the first stands for all.
 */
static uint32_t first_attach(const struct attach *attach, bool of_symbol)
{
	return of_symbol ? attach->first_of_symbol : attach->first_of_name;
}

/* Which of the clause's attaches this is, as the verifier can see. */
static LLVMValueRef emit_own_index(struct gen *gen)
{
	const struct clause *clause = gen->clause;
	LLVMValueRef index =
		LLVMBuildSub(gen->builder, emit_attach_index(gen),
			     emit_i64(gen, clause->first_attach), "");

	index = emit_barrier(gen, index);
	return LLVMBuildSelect(
		gen->builder,
		emit_compare(gen, LLVMIntULT, index,
			     emit_i64(gen, clause->attach_count)),
		index, emit_i64(gen, 0), "");
}

/* firsts[index - first_attach], where that is not the index itself */
static LLVMValueRef emit_first_attach(struct gen *gen, bool of_symbol)
{
	const struct clause *clause = gen->clause;
	size_t count = clause->attach_count;
	uint64_t *firsts = ARENA_ARRAY(gen->arena, count, uint64_t);
	LLVMValueRef place;
	bool is_own = true;

	for (size_t i = 0; i < count; i++) {
		firsts[i] = first_attach(&clause->attaches[i], of_symbol);
		is_own &= firsts[i] == clause->first_attach + i;
	}
	if (is_own)
		return emit_attach_index(gen);
	if (count == 1)
		return emit_i64(gen, firsts[0]);
	place = LLVMBuildMul(gen->builder, emit_own_index(gen),
			     emit_i64(gen, 8), "");
	return emit_load(gen,
			 emit_offset_by(gen,
					emit_literal(gen, (const char *)firsts,
						     (uint32_t)(8 * count)),
					place),
			 8, false);
}

/* names[index - first_attach], each as long as the type */
static struct value emit_probe_text(struct gen *gen, const struct type *type)
{
	const struct clause *clause = gen->clause;
	char *names =
		arena_alloc(gen->arena, clause->attach_count * type->size);
	LLVMValueRef place = emit_i64(gen, 0);

	for (size_t i = 0; i < clause->attach_count; i++)
		strncpy(names + i * type->size,
			clause->name ? clause->name : clause->attaches[i].probe,
			type->size - 1);
	if (clause->attach_count > 1)
		place = LLVMBuildMul(gen->builder, emit_own_index(gen),
				     emit_i64(gen, type->size), "");
	return memory_value(
		type,
		emit_offset_by(gen,
			       emit_literal(gen, names,
					    (uint32_t)(clause->attach_count *
						       type->size)),
			       place));
}

struct value emit_probe(struct gen *gen, const struct expr *expr)
{
	if (expr->type->kind == TYPE_STRING)
		return emit_probe_text(gen, expr->type);
	return scalar_value(&type_probe, emit_first_attach(gen, false));
}

struct value emit_probetype(struct gen *gen, const struct expr *expr)
{
	const char *name = gen->clause->provider->name;
	char *bytes = arena_alloc(gen->arena, expr->type->size + 1);

	for (uint32_t i = 0; i + 1 < expr->type->size && name[i]; i++)
		bytes[i] = name[i];
	return memory_value(expr->type,
			    emit_literal(gen, bytes, expr->type->size));
}

/* ---- registers ---- */

static LLVMValueRef emit_register(struct gen *gen, uint32_t offset)
{
	return emit_load(gen, emit_offset(gen, emit_context(gen), offset), 8,
			 false);
}

struct value emit_reg(struct gen *gen, const struct expr *expr)
{
	program_now(gen)->reads_registers = true;
	return scalar_value(
		expr->type,
		emit_register(gen, (uint32_t)expr->call.constant[0]));
}

struct value emit_usermode(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef mode = emit_register(gen, REGISTER_MODE), user;

#ifdef MODE_USER
	mode = LLVMBuildAnd(gen->builder, mode, emit_i64(gen, MODE_USER), "");
	user = emit_test(gen, mode);
#else
	mode = LLVMBuildAnd(gen->builder, mode, emit_i64(gen, MODE_MASK), "");
	user = LLVMBuildNot(gen->builder, emit_test(gen, mode), "");
#endif
	return scalar_value(expr->type, emit_widen(gen, user));
}

/* Of a function of a BPF program, of which the kernel may see more arguments
 * than are described. */
static LLVMValueRef emit_result_of_bpf(struct gen *gen)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef arguments[] = { gen->function->context,
				     emit_temporary(gen, 8) };
	LLVMValueRef value;

	emit_store(gen, arguments[1], emit_i64(gen, 0), 8);
	emit_helper(gen, HELPER_get_func_ret, arguments);
	value = emit_load(gen, arguments[1], 8, false);
	temporary_release(gen, mark);
	return value;
}

/* Behind the arguments. */
static struct value emit_typed_retval(struct gen *gen, const struct expr *expr)
{
	const struct type *type = expr->type;
	LLVMValueRef value =
		gen->clause->attaches[0].program
			? emit_result_of_bpf(gen)
			: emit_register(gen, gen->clause->args->record->size);

	if (type->kind == TYPE_POINTER)
		value = emit_number_of(gen, value);
	else if (type->kind == TYPE_BOOL)
		value = emit_widen(
			gen, emit_test(gen, emit_narrow(gen, value, 1, false)));
	else
		value = emit_narrow(gen, value, type->size, type->is_signed);
	return scalar_value(type, value);
}

struct value emit_retval(struct gen *gen, const struct expr *expr)
{
	if (gen->clause->attaches[0].kind == ATTACH_FEXIT)
		return emit_typed_retval(gen, expr);
	if (gen->clause->arguments)
		return emit_place_load(gen, emit_parameter(gen, 0), expr->at);
	return scalar_value(expr->type, emit_register(gen, REGISTER_RETURN));
}

/* verifier: "pointer arithmetic with *= operator prohibited" */
struct value emit_ctx(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef context = emit_cast_integer(gen, gen->function->context);

	return scalar_value(expr->type, emit_number_of(gen, context));
}

/* Arguments beyond the registers are on the traced thread's stack. */
static LLVMValueRef emit_stack_argument(struct gen *gen, uint32_t index,
					struct span at)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef to = emit_temporary(gen, 8), address;

	address = LLVMBuildAdd(gen->builder, emit_register(gen, REGISTER_SP),
			       emit_i64(gen, STACK_ARGUMENTS + 8 * index), "");
	emit_zero(gen, to, 8);
	emit_read(gen, SPACE_USER, to, 8, address, at);
	address = emit_load(gen, to, 8, false);
	temporary_release(gen, mark);
	return address;
}

/* argN: a register, or the Nth word of a raw tracepoint's context. */
static struct value emit_argument(struct gen *gen, const struct expr *expr)
{
	uint32_t index = expr->name.argument;
	uint32_t in_registers = ARRAY_SIZE(register_arguments);

	if (gen->clause->attaches[0].kind == ATTACH_USDT)
		return emit_place_load(gen, emit_parameter(gen, index),
				       expr->at);
	if (gen->clause->attaches[0].kind == ATTACH_RAW_TRACEPOINT)
		return scalar_value(expr->type, emit_register(gen, 8 * index));
	if (index < in_registers)
		return scalar_value(
			expr->type,
			emit_register(gen, register_arguments[index]));
	return scalar_value(
		expr->type,
		emit_stack_argument(gen, index - in_registers, expr->at));
}

/* `args` by itself: a copy of the context. */
struct value emit_args(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef to;

	if (gen->clause->arguments)
		return emit_parameters(gen, expr->type, expr->at);
	to = emit_temporary(gen, expr->type->size);
	emit_read(gen, SPACE_KERNEL, to, expr->type->size,
		  emit_cast_integer(gen, gen->function->context), expr->at);
	return memory_value(expr->type, to);
}

/* ---- functions and stacks ---- */

void emit_process_seen(struct gen *gen, LLVMValueRef pid, struct span at)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef key = emit_temporary(gen, 24), absent;
	LLVMValueRef comm[] = { emit_offset(gen, key, 8), emit_i64(gen, 16) };
	LLVMBasicBlockRef join;
	uint32_t index;

	if (!gen->seen_map) {
		const struct kernel_map map = {
			.symbol = "seen",
			.type = BPF_MAP_TYPE_HASH,
			.key_size = 24,
			.value_size = 8,
			.max_entries = 16384,
			.flags = BPF_F_NO_PREALLOC,
		};

		gen->seen_map = debuginfo_map(gen, &map);
	}
	/* the name is part of the key: exec changes it, and the maps */
	emit_store(gen, key, pid, 8);
	emit_zero(gen, comm[0], 16);
	emit_helper(gen, HELPER_get_current_comm, comm);
	{
		LLVMValueRef map =
			LLVMConstBitCast(gen->seen_map, gen->pointer);
		LLVMValueRef lookup[] = { map, key };
		LLVMValueRef update[] = { map, key, key, emit_i64(gen, 0) };

		absent = emit_compare(
			gen, LLVMIntEQ,
			emit_helper(gen, HELPER_map_lookup_elem, lookup),
			emit_i64(gen, 0));
		join = emit_if(gen, absent);
		emit_helper(gen, HELPER_map_update_elem, update);
	}
	site_new(gen, ACTION_PROCESS_SEEN, at, &index)->is_control = true;
	emit_send_value(gen, index, pid, at);
	emit_end_if(gen, join);
	temporary_release(gen, mark);
}

/* { address, pid, 0 } */
static struct value emit_symbol_value(struct gen *gen, const struct type *type,
				      LLVMValueRef address, struct span at)
{
	LLVMValueRef to = emit_temporary(gen, type->size);
	LLVMValueRef pid = emit_i64(gen, 0);

	if (type->space == SPACE_USER) {
		pid = emit_pid(gen, NULL).v;
		emit_process_seen(gen, pid, at);
	}
	emit_store(gen, to, address, 8);
	emit_store(gen, emit_offset(gen, to, 8), pid, 8);
	return memory_value(type, to);
}

static bool all_attaches_have_symbols(const struct clause *clause)
{
	for (size_t i = 0; i < clause->attach_count; i++)
		if (!clause->attaches[i].symbol)
			return false;
	return true;
}

/* Where the probe stopped is not where a function begins? */
static bool stops_inside(const struct clause *clause)
{
	if (clause->attaches[0].kind != ATTACH_KPROBE)
		return clause->attaches[0].kind == ATTACH_UPROBE;
	for (size_t i = 0; i < clause->attach_count; i++)
		if (clause->attaches[i].number || !clause->attaches[i].symbol)
			return true;
	return false;
}

/*
 * The function a probe is in. Where a uprobe was attached by name, the attach
 * says which, the same for all processes; else it is where the probe stopped,
 * or what it returns from.
 */
struct value emit_func(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef context = gen->function->context, address, to, attach;

	if (expr->type->space == SPACE_USER &&
	    all_attaches_have_symbols(gen->clause)) {
		to = emit_temporary(gen, expr->type->size);
		attach =
			LLVMBuildAdd(gen->builder, emit_first_attach(gen, true),
				     emit_i64(gen, 1), "");
		emit_store(gen, to, emit_i64(gen, 0), 8);
		emit_store(gen,
			   emit_offset(gen, to,
				       offsetof(struct symbol_value, pid)),
			   LLVMBuildShl(gen->builder, attach, emit_i64(gen, 32),
					""),
			   8);
		return memory_value(expr->type, to);
	}
	if (stops_inside(gen->clause))
		address = emit_register(gen, REGISTER_IP);
	else
		address = emit_helper(gen, HELPER_get_func_ip, &context);
	return emit_symbol_value(gen, expr->type, address, expr->at);
}

struct value emit_symbol(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef address = emit_scalar(gen, expr->call.args.items[0]);

	return emit_symbol_value(gen, expr->type, address, expr->at);
}

#define GET_STACK_USER 256 /* BPF_F_USER_STACK */

/* Frames on top that are not the kernel's own: the program, and the trampoline
 * that called it. In loop bodies there are more, and how many varies. */
static uint64_t frames_of_bpf(const struct gen *gen)
{
	enum attach_kind kind = gen->clause->attaches[0].kind;

	if (gen->function->outer)
		return 0;
	return kind == ATTACH_FENTRY || kind == ATTACH_FEXIT ||
			       kind == ATTACH_LSM
		       ? 2
		       : 0;
}

/* { pid, count, frames… }, the frames not taken zero. */
struct value emit_stack(struct gen *gen, const struct expr *expr)
{
	const struct type *type = expr->type;
	bool user = type->space == SPACE_USER;
	bool of_object = gen->clause->attaches[0].kind == ATTACH_ITER;
	uint32_t room = 8 * type->count;
	LLVMValueRef to = emit_scratch(gen, type->size);
	LLVMValueRef frames = emit_offset(gen, to, 8);
	LLVMValueRef arguments[] = {
		gen->function->context, frames, emit_i64(gen, room),
		emit_i64(gen, user ? GET_STACK_USER : frames_of_bpf(gen))
	};
	LLVMValueRef taken = emit_alloca(gen, gen->i64, "taken"), status;
	LLVMValueRef pid = emit_i64(gen, 0), bytes;
	LLVMBasicBlockRef join;

	if (user) {
		pid = emit_pid(gen, NULL).v;
		emit_process_seen(gen, pid, expr->at);
	}
	status = of_object ? emit_task_stack(gen, frames, room)
			   : emit_helper(gen, HELPER_get_stack, arguments);
	LLVMBuildStore(gen->builder, status, taken);
	join = emit_if(gen,
		       emit_compare(gen, LLVMIntSLT, status, emit_i64(gen, 0)));
	/* a kernel thread has no user stack, a task that ends none at all: that
	 * is empty, not an error */
	if (!user && !of_object)
		emit_fault(gen, FAULT_STACK, expr->at, NULL);
	LLVMBuildStore(gen->builder, emit_i64(gen, 0), taken);
	emit_end_if(gen, join);
	bytes = LLVMBuildLoad2(gen->builder, gen->i64, taken, "");
	emit_zero_tail(gen, frames, bytes, room);
	emit_store(gen, to, pid, 4);
	emit_store(gen, emit_offset(gen, to, 4),
		   LLVMBuildLShr(gen->builder, bytes, emit_i64(gen, 3), ""), 4);
	return memory_value(type, to);
}

/* ---- the table's recipes ---- */

static struct value emit_helper_builtin(struct gen *gen,
					const struct expr *expr,
					enum helper helper)
{
	return scalar_value(expr->type, emit_helper(gen, helper, NULL));
}

struct value emit_builtin(struct gen *gen, const struct expr *expr)
{
	if (!expr->name.builtin)
		return emit_argument(gen, expr);
	switch (expr->name.builtin->id) {
#define EXPRESSION(text) break; /* the checker replaced it */
#define CUSTOM(f)        return f(gen, expr);
#define HELPER(f)        return emit_helper_builtin(gen, expr, HELPER_##f);
#define HELPER_LOW(f) \
	return scalar_value( \
		expr->type, \
		emit_low(gen, emit_helper(gen, HELPER_##f, NULL)));
#define HELPER_HIGH(f) \
	return scalar_value( \
		expr->type, \
		emit_high(gen, emit_helper(gen, HELPER_##f, NULL)));
#define BUILTIN(name, type, where, recipe, help) \
	case BUILTIN_##name: \
		recipe
#include "parser/builtins.def"
#undef BUILTIN
	case BUILTIN_COUNT:
		break;
	}
	unreachable();
}
