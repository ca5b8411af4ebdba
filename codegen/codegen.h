/*
 * A checked tree becomes a BPF object. The only room that knows LLVM.
 * Reports nothing about the program: what it cannot translate, the checker
 * should have refused; a failure here is E_INTERNAL.
 */
#ifndef CODEGEN_CODEGEN_H
#define CODEGEN_CODEGEN_H

#include "codegen/image.h"

struct ir;

struct codegen_options {
	bool optimise;  /* -O: the full instead of the quick pipeline */
	bool verify_ir; /* run LLVM's own verifier (debug) */
};

/*
 * Translate; the result must be given to ir_free() or assemble(). NULL,
 * reported, on an internal error.
 */
struct ir *generate(struct arena *arena, const struct program *program,
		    const struct source *source,
		    const struct settings *settings,
		    const struct codegen_options *options, struct diags *diags);
void ir_free(struct ir *ir);

/* The tables of the image, complete but for the object itself. */
const struct image *ir_image(const struct ir *ir);

/* LLVM's text of the module, before the passes. */
void ir_dump(FILE *out, const struct ir *ir);

/*
 * Run the passes and make the object; frees `ir`. The image lives in the
 * arena. NULL, reported, on an internal error.
 */
struct image *assemble(struct arena *arena, struct ir *ir, struct diags *diags);

#endif
