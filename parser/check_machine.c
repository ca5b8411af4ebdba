/*
 * Functions about the machine: symbols, registers, stacks, clocks, signals,
 * cgroups. Asks the host for what is known before the program runs. Called
 * through the check column of functions.def.
 */
#include <string.h>

#include "parser/checker.h"

#define FRAMES_DEFAULT 127
#define FRAMES_MAX     1024
#define SIGNAL_MAX     64

/* ---- signals ---- */

/* constant[0] is the signal, 0 if it is computed. */
bool check_signal(struct checker *checker, struct expr *call)
{
	struct expr *arg = call->call.args.items[0];
	int64_t value;

	if (!check_available(checker, call->call.name_at, "signal", HAS_STACK))
		return false;
	if (arg->kind == EXPR_STRING) {
		call->call.constant[0] = signal_number(arg->string.text);
		if (call->call.constant[0])
			return true;
		check_hint(checker,
			   check_error(checker, E_UNKNOWN_NAME, arg->at,
				       "there is no signal '%s'",
				       arg->string.text),
			   "for example \"SIGTERM\", \"KILL\" or 9");
		return false;
	}
	if (expr_constant(arg, &value)) {
		call->call.constant[0] = value;
		if (value >= 1 && value <= SIGNAL_MAX)
			return true;
		check_error(checker, E_RANGE, arg->at,
			    "signals go from 1 to %d", SIGNAL_MAX);
		return false;
	}
	if (arg->type->kind == TYPE_UNKNOWN || type_is_integer(arg->type))
		return true;
	argument_error(checker, call, arg->at,
		       "a signal is a number or a literal name, not %s",
		       spell(checker, arg->type));
	return false;
}

/* ---- symbols ---- */

bool check_symbol(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];

	bool is_user = call->call.function->id == FUNCTION_usym;

	call->type = is_user ? &type_usym : &type_ksym;
	if (is_user &&
	    !check_available(checker, call->call.name_at, "usym", HAS_STACK))
		return false;
	if (arg->type->kind == TYPE_UNKNOWN ||
	    arg->type->kind == TYPE_POINTER || type_is_integer(arg->type))
		return true;
	argument_error(checker, call, arg->at, "%s is no address",
		       spell(checker, arg->type));
	return false;
}

/* constant[0] is the address. */
bool check_kaddr(struct checker *checker, struct expr *call)
{
	const struct expr *name = call->call.args.items[0];
	uint64_t address = 0;
	enum host_status status =
		host_kernel_symbol(checker->host, name->string.text, &address);

	if (status == HOST_OK) {
		call->call.constant[0] = (int64_t)address;
		return true;
	}
	if (status == HOST_ABSENT)
		check_error(checker, E_UNKNOWN_NAME, name->at,
			    "the kernel has no symbol '%s'", name->string.text);
	else
		check_status(checker, status, name->at, "kernel's symbols");
	return false;
}

/* constant[0] is the id. */
bool check_cgroupid(struct checker *checker, struct expr *call)
{
	const struct expr *path = call->call.args.items[0];
	uint64_t id = 0;
	enum host_status status =
		host_cgroup_id(checker->host, path->string.text, &id);

	if (status == HOST_OK) {
		call->call.constant[0] = (int64_t)id;
		return true;
	}
	if (status == HOST_ABSENT)
		check_hint(checker,
			   check_error(checker, E_UNKNOWN_NAME, path->at,
				       "there is no cgroup '%s'",
				       path->string.text),
			   "a path, such as /sys/fs/cgroup/system.slice, or "
			   "what follows /sys/fs/cgroup");
	else
		check_status(checker, status, path->at, "cgroups");
	return false;
}

/* ---- registers ---- */

enum machine { MACHINE_X86_64, MACHINE_AARCH64 };

#if defined(__aarch64__)
#define MACHINE MACHINE_AARCH64
#else
#define MACHINE MACHINE_X86_64
#endif

static const struct {
	const char *name;
	enum machine machine;
	uint32_t word;
} registers[] = {
#define REGISTER(machine, name, word) { name, MACHINE_##machine, word },
#include "parser/registers.def"
#undef REGISTER
};

/* constant[0] is the offset in struct pt_regs, in bytes. */
bool check_reg(struct checker *checker, struct expr *call)
{
	const struct expr *name = call->call.args.items[0];
	struct nearest nearest;
	struct diag *diag;

	if (!check_available(checker, call->call.name_at, "reg", HAS_REGS))
		return false;
	nearest_begin(&nearest, name->string.text);
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		if (registers[i].machine != MACHINE)
			continue;
		if (strcmp(registers[i].name, name->string.text) == 0) {
			call->call.constant[0] = (int64_t)registers[i].word * 8;
			return true;
		}
		nearest_consider(&nearest, registers[i].name);
	}
	diag = check_error(checker, E_UNKNOWN_NAME, name->at,
			   "there is no register '%s'", name->string.text);
	check_hint(checker, diag, "for example \"ip\", \"sp\", \"%s\"",
		   MACHINE == MACHINE_X86_64 ? "ax" : "x0");
	check_nearest(checker, diag, &nearest);
	return false;
}

/* ---- stacks and clocks ---- */

/* Words that stand as arguments; their places are enum stack_mode. */
static const char *const modes[] = { "bpftrace", "perf", "raw" };

static bool read_mode(struct checker *checker, const struct expr *call,
		      const struct expr *arg, uint32_t *mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i], arg->name.text) == 0) {
			*mode = (uint32_t)i + 1;
			return true;
		}
	}
	argument_error(checker, call, arg->at,
		       "stacks are shown as bpftrace, perf or raw, not '%s'",
		       arg->name.text);
	return false;
}

/* Is the argument a bare word that stands for itself? */
static bool is_word(const struct expr *arg)
{
	return arg->kind == EXPR_NAME && arg->type == &type_none;
}

/* constant[0] is the number of frames. */
bool check_stack(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;
	bool is_user = call->call.function->id == FUNCTION_ustack;
	int64_t frames = FRAMES_DEFAULT;
	size_t next = 0;
	uint32_t mode = 0;
	struct type *type;

	if (!check_available(checker, call->call.name_at, call->call.name,
			     HAS_STACK))
		return false;
	if (args->count && is_word(args->items[0]) &&
	    !read_mode(checker, call, args->items[next++], &mode))
		return false;
	if (next < args->count && !expr_constant(args->items[next], &frames)) {
		check_error(
			checker, E_NOT_CONSTANT, args->items[next]->at,
			"the number of frames must be known while compiling");
		return false;
	}
	if (frames < 1 || frames > FRAMES_MAX) {
		check_error(checker, E_RANGE, args->items[next]->at,
			    "a stack has from 1 to %d frames", FRAMES_MAX);
		return false;
	}
	if (next + 1 < args->count) {
		argument_error(checker, call, args->items[0]->at,
			       "with two arguments the first is bpftrace, perf "
			       "or raw");
		return false;
	}
	call->call.constant[0] = frames;
	type = ARENA_NEW(checker->arena, struct type);
	*type = *type_stack(checker->arena, is_user ? SPACE_USER : SPACE_KERNEL,
			    (uint32_t)frames);
	type->bits = mode;
	call->type = type;
	return true;
}

/* Their places are what constant[0] of nsecs() is. */
static const char *const clocks[] = { "boot", "monotonic", "tai" };

bool check_nsecs(struct checker *checker, struct expr *call)
{
	const struct expr_list *args = &call->call.args;

	call->call.constant[0] = 0;
	if (args->count == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(clocks) && is_word(args->items[0]);
	     i++) {
		if (strcmp(clocks[i], args->items[0]->name.text) == 0) {
			call->call.constant[0] = (int64_t)i;
			return true;
		}
	}
	argument_error(
		checker, call, args->items[0]->at,
		"nsecs() takes the name of a clock: boot, monotonic or tai");
	return false;
}
