/*
 * The object's maps, made by a second thread while LLVM compiles: a large hash
 * table and the event buffer take the kernel a millisecond or two. Knows their
 * attributes; the session gives them to libbpf. Called by the pipeline.
 */
#ifndef RUNTIME_PREMADE_H
#define RUNTIME_PREMADE_H

#include "codegen/image.h"

struct bpf_object;
struct premade;

/* Begins; NULL when that is not worth it or not possible, which is no error:
 * libbpf makes what is missing. Borrows the image. */
struct premade *premade_begin(struct arena *arena, const struct image *image);

/* Waits, and lets the object use what could be made. Accepts NULL. */
void premade_use(struct premade *premade, struct bpf_object *object);

/* Waits, and closes what was not used. Accepts NULL. */
void premade_end(struct premade *premade);

#endif
