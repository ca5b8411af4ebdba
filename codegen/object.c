/*
 * LLVM's back end: passes, target machine, object bytes. LLVM never judges
 * the user's program: whatever it complains about is an error of etrace's.
 */
#include "codegen/emit.h"
#include "codegen/kernel_call.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

/*
 * Neither takes a load or an address out of its block, as default<O2> does: the
 * verifier would not know the context or a bound again.
 */
#define QUICK_PIPELINE "default<O0>,function(sroa,early-cse,simplifycfg)"
#define FULL_PIPELINE \
	"default<O0>,function(sroa,early-cse<memssa>,simplifycfg,sccp,gvn," \
	"dse,adce,simplifycfg)"

struct complaint {
	struct arena *arena;
	const char *text;
};

/* Back-end errors (stack too large, …) arrive here while emission still
 * claims success. */
static void on_diagnostic(LLVMDiagnosticInfoRef info, void *data)
{
	struct complaint *complaint = data;
	char *text;

	if (LLVMGetDiagInfoSeverity(info) != LLVMDSError || complaint->text)
		return;
	text = LLVMGetDiagInfoDescription(info);
	complaint->text = arena_strdup(complaint->arena, text);
	LLVMDisposeMessage(text);
}

/* "Cannot select" and the like do not return; the context is abandoned. */
static jmp_buf fatal_exit;
static char fatal_text[512];

static void on_fatal_error(const char *reason)
{
	strncpy(fatal_text, reason, sizeof(fatal_text) - 1);
	longjmp(fatal_exit, 1);
}

static LLVMTargetMachineRef machine_new(void)
{
	LLVMTargetRef target;
	char *message = NULL;

	LLVMInitializeBPFTargetInfo();
	LLVMInitializeBPFTarget();
	LLVMInitializeBPFTargetMC();
	LLVMInitializeBPFAsmPrinter();
	if (LLVMGetTargetFromTriple("bpf", &target, &message)) {
		LLVMDisposeMessage(message);
		return NULL;
	}
	/* Level None would break both the stack limit and field relocation. */
	return LLVMCreateTargetMachine(target, "bpf", "v3", "",
				       LLVMCodeGenLevelLess, LLVMRelocDefault,
				       LLVMCodeModelDefault);
}

static const char *run_passes(struct ir *ir, LLVMTargetMachineRef machine,
			      struct arena *arena)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error;
	const char *text = NULL;

	LLVMPassBuilderOptionsSetVerifyEach(options, false);
	error = LLVMRunPasses(ir->module,
			      ir->options.optimise ? FULL_PIPELINE
						   : QUICK_PIPELINE,
			      machine, options);
	if (error) {
		char *message = LLVMGetErrorMessage(error);

		text = arena_strdup(arena, message);
		LLVMDisposeErrorMessage(message);
	}
	LLVMDisposePassBuilderOptions(options);
	return text;
}

static const char *emit_object(struct ir *ir, LLVMTargetMachineRef machine,
			       struct arena *arena)
{
	LLVMMemoryBufferRef buffer;
	char *message = NULL;
	void *copy;
	size_t size;

	if (LLVMTargetMachineEmitToMemoryBuffer(
		    machine, ir->module, LLVMObjectFile, &message, &buffer))
		return message ? message : "no object";
	size = LLVMGetBufferSize(buffer);
	copy = arena_alloc(arena, size);
	memcpy(copy, LLVMGetBufferStart(buffer), size);
	bind_kernel_calls(copy);
	ir->image->elf = copy;
	ir->image->elf_size = size;
	LLVMDisposeMemoryBuffer(buffer);
	return NULL;
}

static const char *make_object(struct ir *ir, struct arena *arena)
{
	struct complaint complaint = { arena, NULL };
	LLVMTargetMachineRef machine = machine_new();
	const char *error;

	if (!machine)
		return "this LLVM has no BPF back end";
	LLVMContextSetDiagnosticHandler(ir->context, on_diagnostic, &complaint);
	LLVMInstallFatalErrorHandler(on_fatal_error);
	if (setjmp(fatal_exit)) {
		LLVMResetFatalErrorHandler();
		return arena_strdup(arena, fatal_text);
	}
	error = run_passes(ir, machine, arena);
	if (!error)
		error = emit_object(ir, machine, arena);
	LLVMResetFatalErrorHandler();
	LLVMDisposeTargetMachine(machine);
	return complaint.text ? complaint.text : error;
}

/* Values that wait for one another, more than the BPF stack has room for. */
static void report_stack(struct diags *diags)
{
	struct diag *diag = diag_error(
		diags, E_TOO_LARGE, (struct span){ 0, 0 },
		"an expression keeps more values at once than the 512 bytes of "
		"the BPF stack can hold");

	diag_hint(diags, diag,
		  "do it in several statements, with variables between them");
}

static void report(struct diags *diags, const char *error)
{
	struct diag *diag;

	if (strstr(error, "stack limit")) {
		report_stack(diags);
		return;
	}
	diag = diag_error(diags, E_INTERNAL, (struct span){ 0, 0 },
			  "the compiler could not translate this program: %s",
			  error);
	diag_hint(diags, diag,
		  "this is an error of etrace's: please report it with the "
		  "program");
}

/* The context is left to the end of the process: taking it apart costs more
 * than all of the translation of a one-liner. */
struct image *assemble(struct arena *arena, struct ir *ir, struct diags *diags)
{
	const char *error = make_object(ir, arena);

	if (!error)
		return ir->image;
	report(diags, error);
	return NULL;
}

const struct image *ir_image(const struct ir *ir)
{
	return ir->image;
}

void ir_free(struct ir *ir)
{
	if (!ir)
		return;
	LLVMDisposeModule(ir->module);
	LLVMContextDispose(ir->context);
}

void ir_dump(FILE *out, const struct ir *ir)
{
	char *text = LLVMPrintModuleToString(ir->module);

	fputs(text, out);
	LLVMDisposeMessage(text);
}
