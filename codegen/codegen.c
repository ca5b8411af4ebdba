/*
 * generate(): a checked tree becomes a module and the tables of the image.
 * Names the steps; the emitters do them.
 */
#include "codegen/emit.h"

#include <string.h>

#include <linux/bpf.h>
#include <llvm-c/Analysis.h>

/* Of the data ring: what a flood of 1 M records a second needs to survive a
 * pause of etrace's of some 20 ms; a program that sends few needs little. */
#define RING_FLOOD (2u << 20)
#define RING_SMALL (64u << 10)

/* The globals whose size is known when all programs are done are stood in
 * for until then. */
static LLVMValueRef placeholder(struct gen *gen, const char *name)
{
	return LLVMAddGlobal(gen->module, gen->i8, name);
}

static void replace(LLVMValueRef placeholder, LLVMValueRef global)
{
	LLVMReplaceAllUsesWith(
		placeholder, LLVMConstBitCast(global, LLVMTypeOf(placeholder)));
	LLVMDeleteGlobal(placeholder);
}

/* struct control, in .bss */
static void define_control(struct gen *gen)
{
	unsigned words = (unsigned)(sizeof(struct control) / 8 +
				    gen->image->fault_counters);
	LLVMTypeRef type = LLVMArrayType(gen->i64, words);
	LLVMValueRef global = LLVMAddGlobal(gen->module, type, CONTROL_SYMBOL);

	LLVMSetInitializer(global, LLVMConstNull(type));
	LLVMSetAlignment(global, 8);
	debuginfo_words(gen, global, CONTROL_SYMBOL, words);
	replace(gen->control, global);
}

static void define_scratch(struct gen *gen)
{
	const struct kernel_map map = {
		.symbol = "scratch",
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size =
			(gen->scratch_bytes + gen->scratch_slack + 63) & ~63u,
		.max_entries = gen->settings->cpus * (SCRATCH_NESTED + 1),
	};

	if (!gen->scratch_bytes) {
		LLVMDeleteGlobal(gen->scratch_map);
		return;
	}
	replace(gen->scratch_map, debuginfo_map(gen, &map));
}

static void define_license(struct gen *gen)
{
	const char *text =
		gen->settings->license ? gen->settings->license : "GPL";
	LLVMValueRef data = LLVMConstStringInContext(
		gen->context, text, (unsigned)strlen(text), false);
	LLVMValueRef global =
		LLVMAddGlobal(gen->module, LLVMTypeOf(data), "_license");

	LLVMSetInitializer(global, data);
	LLVMSetSection(global, "license");
	LLVMSetGlobalConstant(global, true);
}

/* ---- how much the program sends ---- */

struct survey {
	bool sends;
};

static void survey_expression(struct expr *expr, void *data)
{
	struct survey *survey = data;

	if (expr->kind != EXPR_CALL || !expr->call.function)
		return;
	switch (expr->call.function->action) {
	case ACTION_PRINTF:
	case ACTION_PRINT:
	case ACTION_CAT:
	case ACTION_SYSTEM:
	case ACTION_TIME:
	case ACTION_JOIN:
		survey->sends = true;
		return;
	case ACTION_NO_ACTION:
	case ACTION_ERRORF:
	case ACTION_WARNF:
	case ACTION_CLEAR:
	case ACTION_ZERO:
	case ACTION_EXIT:
	case ACTION_PROCESS_SEEN:
		return;
	}
}

static bool is_rare(const struct clause *clause)
{
	return is_run_by_etrace(clause->attaches[0].kind);
}

static uint32_t round_up_to_power(uint64_t bytes)
{
	uint32_t power = 4096;

	while (power < bytes && power < (1u << 31))
		power *= 2;
	return power;
}

/*
 * The data ring is there from the start if anything is sent through it: the
 * control records of any program carry its position.
 */
static void choose_ring(struct gen *gen)
{
	uint64_t pages = gen->settings->perf_rb_pages;
	bool sends = false, flood = false;

	for (const struct clause *clause = gen->program->clauses; clause;
	     clause = clause->next) {
		struct survey survey = { false };

		if (clause_is_pinned(clause))
			continue;
		block_expressions(clause->body, survey_expression, &survey);
		sends = sends || survey.sends;
		flood = flood || (survey.sends && !is_rare(clause));
	}
	gen->image->has_data_ring = sends;
	gen->image->ring_bytes = pages   ? round_up_to_power(pages * 4096)
				 : flood ? RING_FLOOD
					 : RING_SMALL;
}

/* LLVM's own opinion of the module: --verify-ir. */
static bool module_is_sound(struct gen *gen)
{
	char *message = NULL;
	struct diag *diag;
	bool sound;

	sound = !LLVMVerifyModule(gen->module, LLVMReturnStatusAction,
				  &message);
	if (!sound) {
		diag = diag_error(gen->diags, E_INTERNAL, (struct span){ 0, 0 },
				  "the translation is malformed: %s", message);
		diag_hint(gen->diags, diag,
			  "this is an error of etrace's: please report it with "
			  "the program");
	}
	LLVMDisposeMessage(message);
	return sound;
}

/* ---- the module ---- */

static void begin_module(struct gen *gen)
{
	gen->context = LLVMContextCreate();
	gen->module = LLVMModuleCreateWithNameInContext("etrace", gen->context);
	gen->builder = LLVMCreateBuilderInContext(gen->context);
	LLVMSetTarget(gen->module, "bpf");
	LLVMSetDataLayout(gen->module,
			  "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128");
	gen->i1 = LLVMInt1TypeInContext(gen->context);
	gen->i8 = LLVMInt8TypeInContext(gen->context);
	gen->i16 = LLVMInt16TypeInContext(gen->context);
	gen->i32 = LLVMInt32TypeInContext(gen->context);
	gen->i64 = LLVMInt64TypeInContext(gen->context);
	gen->nothing = LLVMVoidTypeInContext(gen->context);
	gen->pointer = LLVMPointerType(gen->i8, 0);
	debuginfo_begin(gen);
	gen->control = placeholder(gen, "control_placeholder");
	gen->scratch_map = placeholder(gen, "scratch_placeholder");
}

static void end_module(struct gen *gen)
{
	define_control(gen);
	define_scratch(gen);
	define_license(gen);
	debuginfo_end(gen);
	LLVMDisposeBuilder(gen->builder);
	LLVMDisposeDIBuilder(gen->di);
}

static struct image *begin_image(struct gen *gen)
{
	struct image *image = ARENA_NEW(gen->arena, struct image);

	image->attach_count = gen->program->attach_count;
	image->attaches =
		ARENA_ARRAY(gen->arena, image->attach_count + 1, struct attach);
	image->settings = *gen->settings;
	return image;
}

/* What LLVM has of it by now is left to the end of the process. */
static struct ir *report_size(struct gen *gen, const struct clause *clause)
{
	struct diag *diag =
		diag_error(gen->diags, E_TOO_LARGE, clause->at,
			   "this body has more than %d statements, each turn "
			   "of unroll counted",
			   STATEMENTS_MAX);

	diag_hint(gen->diags, diag,
		  "for and while repeat without adding any; or make several "
		  "clauses of it");
	return NULL;
}

struct ir *generate(struct arena *arena, const struct program *program,
		    const struct source *source,
		    const struct settings *settings,
		    const struct codegen_options *options, struct diags *diags)
{
	struct gen gen = {
		.arena = arena,
		.program = program,
		.source = source,
		.settings = settings,
		.diags = diags,
	};
	struct ir *ir = ARENA_NEW(arena, struct ir);
	uint32_t number = 0;

	gen.image = begin_image(&gen);
	choose_ring(&gen);
	begin_module(&gen);
	declare_maps(&gen);
	declare_rings(&gen);
	for (const struct clause *clause = program->clauses; clause;
	     clause = clause->next) {
		emit_clause(&gen, clause, number++);
		if (gen.is_too_large)
			return report_size(&gen, clause);
	}
	end_module(&gen);
	ir->context = gen.context;
	ir->module = gen.module;
	ir->image = gen.image;
	ir->options = *options;
	if (options->verify_ir && !module_is_sound(&gen)) {
		ir_free(ir);
		return NULL;
	}
	return ir;
}
