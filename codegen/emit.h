/*
 * Private to codegen/: the state of a translation and the small words the
 * emitters are written in. A value is an SSA integer of 64 bits or the address
 * of bytes a BPF program may load directly.
 */
#ifndef CODEGEN_EMIT_H
#define CODEGEN_EMIT_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>

#include "codegen/codegen.h"
#include "codegen/record.h"
#include "parser/packet.h"

/* Room for keys on the BPF stack (512 bytes for a whole call chain). */
#define STACK_ROOM 96
/* Words that a callback can be given. */
#define CALLBACK_SLOTS 4
/* Copies up to this many bytes are loads and stores, longer ones a helper. */
#define INLINE_COPY_MAX 64
/* Of a program: the kernel takes a million instructions, and the time it needs
 * to take them grows with their square. */
#define STATEMENTS_MAX 16384

/* Of the control ring. Orders are few: room for some thousand that wait. */
#define RING_CONTROL_BYTES (64u << 10)
/* Programs of one CPU that may hold scratch memory at once, besides the one
 * that excludes the others. */
#define SCRATCH_NESTED 7

struct value {
	const struct type *type;
	LLVMValueRef v;      /* i64, or i8 * when in_memory */
	LLVMValueRef length; /* of a string: bytes before the NUL if known */
	bool in_memory;
};

/* Memory somewhere: how to get at a value of `type` there. */
struct place {
	const struct type *type;
	enum address_space space;
	LLVMValueRef address;      /* i64; i8 * when in the context */
	const struct field *field; /* bit-field or dynamic array, or NULL */
};

/* What break and continue mean. */
struct loop {
	struct loop *outer;
	bool is_callback; /* else the two blocks */
	LLVMBasicBlockRef on_break, on_continue;
};

/* The function being emitted. */
struct routine {
	struct routine *outer; /* of a loop body: who calls it */
	LLVMValueRef llvm;
	LLVMMetadataRef scope;   /* its DISubprogram */
	LLVMBasicBlockRef entry; /* allocas go here */
	LLVMBasicBlockRef leave; /* where return goes */
	LLVMValueRef context;    /* i8 * */
	LLVMValueRef scratch;    /* alloca of i8 * */
	LLVMValueRef
		frame; /* i8 *, struct of the slots below; NULL without loops */
	LLVMValueRef stack; /* alloca of STACK_ROOM bytes */
	LLVMValueRef slots; /* alloca of CALLBACK_SLOTS words */
	struct loop *loops;
	uint32_t stack_used;
};

/* The frame that loop bodies reach through their argument. */
enum frame_slot { FRAME_CONTEXT, FRAME_SCRATCH, FRAME_RETURNING, FRAME_SLOTS };

/* Where a scratch variable lives. */
struct storage {
	LLVMValueRef alloca; /* i64, or NULL: */
	uint32_t scratch;    /* offset in scratch memory */
};

/* Where in scratch memory the headers of the packet are that the clause names;
 * 0: nowhere. */
struct packet_place {
	uint32_t headers[HEADER_COUNT];
	uint32_t present; /* bits 1 << HEADER_… */
};

/* A helper's program text is in helpers.def. */
enum helper {
#define HELPER(name, number, arguments, result) HELPER_##name,
#include "codegen/helpers.def"
#undef HELPER
	HELPER_COUNT
};

struct gen {
	struct arena *arena;
	const struct program *program;
	const struct source *source;
	const struct settings *settings;
	struct diags *diags;

	LLVMContextRef context;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	LLVMDIBuilderRef di;
	LLVMMetadataRef file, unit, void_type, int_type;
	LLVMTypeRef i1, i8, i16, i32, i64, pointer, nothing;

	/* globals */
	LLVMValueRef control; /* placeholders, replaced when sizes are known */
	LLVMValueRef scratch_map;
	LLVMValueRef data_ring, control_ring;
	LLVMValueRef seen_map; /* processes whose user stacks were taken */
	LLVMValueRef *maps, *spares;   /* by map->index */
	LLVMValueRef compare_function; /* shared subprograms, made on demand */
	uint32_t scratch_bytes;        /* the most any program needs */
	uint32_t scratch_slack;        /* behind it, for emit_zero_tail() */
	uint32_t literals;

	/* the image under construction */
	struct image *image;
	size_t site_room, fault_room, program_room, kernel_map_room;

	/* the current program */
	const struct clause *clause;
	struct routine *function;
	struct storage *storage; /* by variable index */
	struct packet_place packet;
	uint32_t scratch_used;
	bool scratch_wanted;
	uint32_t functions;  /* loop bodies so far, for their names */
	uint32_t statements; /* so far, each turn of unroll counted */
	bool is_too_large;   /* some were left out */
};

/* ---- emit_base.c: words ---- */

LLVMValueRef emit_i64(struct gen *gen, uint64_t value);
/* i8 * `base` + constant or i64. */
LLVMValueRef emit_offset(struct gen *gen, LLVMValueRef base, uint64_t offset);
LLVMValueRef emit_offset_by(struct gen *gen, LLVMValueRef base,
			    LLVMValueRef offset);
/* Load `bytes` (1, 2, 4, 8) at an i8 * and widen to i64. */
LLVMValueRef emit_load(struct gen *gen, LLVMValueRef address, uint32_t bytes,
		       bool is_signed);
void emit_store(struct gen *gen, LLVMValueRef address, LLVMValueRef value,
		uint32_t bytes);
void emit_atomic_add(struct gen *gen, LLVMValueRef address, LLVMValueRef value);
/* i64 -> i1: not zero; i1 -> i64. */
LLVMValueRef emit_test(struct gen *gen, LLVMValueRef value);
LLVMValueRef emit_widen(struct gen *gen, LLVMValueRef bit);
LLVMValueRef emit_compare(struct gen *gen, LLVMIntPredicate predicate,
			  LLVMValueRef a, LLVMValueRef b); /* i1 */
/* Cut to `bytes` and widen again. */
LLVMValueRef emit_narrow(struct gen *gen, LLVMValueRef value, uint32_t bytes,
			 bool is_signed);
/* Hide what is known about a value from LLVM, so that a bound the verifier
 * needs is not optimised away. */
LLVMValueRef emit_barrier(struct gen *gen, LLVMValueRef value);
/* Hide from the verifier that a value is a pointer, so that it may be computed
 * with. */
LLVMValueRef emit_number_of(struct gen *gen, LLVMValueRef pointer);
/*
 * The probe's context, to load from in the same block. verifier: "dereference
 * of modified ctx ptr": an offset may not be added beforehand, as LLVM does
 * where several loads share it, so each load has a context of its own.
 */
LLVMValueRef emit_context(struct gen *gen);
/* An i64 variable in the entry block. */
LLVMValueRef emit_alloca(struct gen *gen, LLVMTypeRef type, const char *name);
LLVMValueRef emit_cast_pointer(struct gen *gen, LLVMValueRef integer);
LLVMValueRef emit_cast_integer(struct gen *gen, LLVMValueRef pointer);

LLVMBasicBlockRef emit_block(struct gen *gen, const char *name);
void emit_at(struct gen *gen, LLVMBasicBlockRef block);
void emit_jump(struct gen *gen, LLVMBasicBlockRef block);
void emit_branch(struct gen *gen, LLVMValueRef bit, LLVMBasicBlockRef then,
		 LLVMBasicBlockRef otherwise);
/* if (bit) { … }: begins the block; emit_end_if() joins. */
LLVMBasicBlockRef emit_if(struct gen *gen, LLVMValueRef bit);
void emit_end_if(struct gen *gen, LLVMBasicBlockRef join);

LLVMValueRef emit_helper(struct gen *gen, enum helper helper,
			 LLVMValueRef *arguments);

/* The same by number; `parameters` as in helpers.def. */
LLVMValueRef emit_numbered_call(struct gen *gen, uint32_t number,
				const char *parameters,
				LLVMValueRef *arguments);
/* The result of the call depends on nothing but its arguments: it may be made
 * once. */
void emit_steady(struct gen *gen, LLVMValueRef call);

/* Set the source line of what follows. */
void emit_line(struct gen *gen, struct span at);

/* Count a fault of the image in control->faults, at the current point. */
void emit_fault(struct gen *gen, enum fault_reason reason, struct span at,
		const struct map *map);

/* ---- emit_memory.c: scratch, stack, copies, strings in memory ---- */

/* Temporary bytes: on the stack when they fit, else scratch. Given back by
 * temporary_release() to what temporary_mark() said. */
struct mark {
	uint32_t stack, scratch;
};
struct mark temporary_mark(struct gen *gen);
void temporary_release(struct gen *gen, struct mark mark);
LLVMValueRef emit_temporary(struct gen *gen, uint32_t bytes);
LLVMValueRef emit_scratch(struct gen *gen, uint32_t bytes);
LLVMValueRef emit_scratch_at(struct gen *gen, uint32_t offset);
uint32_t scratch_reserve(struct gen *gen, uint32_t bytes);
/* CALLBACK_SLOTS words on the stack, for one call of a helper that calls back:
 * what was there before is gone. */
LLVMValueRef emit_callback_slots(struct gen *gen);

void emit_copy(struct gen *gen, LLVMValueRef to, LLVMValueRef from,
	       uint32_t bytes);
void emit_zero(struct gen *gen, LLVMValueRef to, uint32_t bytes);
/* Zero `to[from .. end)`, both constant. */
void emit_zero_range(struct gen *gen, LLVMValueRef to, uint32_t from,
		     uint32_t end);
/*
 * Zero `to[from .. bytes)`, `from` an i64 the verifier knows to be <= bytes.
 * Only in scratch memory: the verifier, which does not see that the two add up,
 * wants `bytes` more behind the end (scratch_slack).
 */
void emit_zero_tail(struct gen *gen, LLVMValueRef to, LLVMValueRef from,
		    uint32_t bytes);
/* Address of constant bytes (in .rodata). */
LLVMValueRef emit_literal(struct gen *gen, const char *bytes, uint32_t length);

/* ---- emit_expr.c ---- */

struct value emit_expr(struct gen *gen, const struct expr *expr);
/* As an i64 (an aggregate is read, a bool is 0 or 1). */
LLVMValueRef emit_scalar(struct gen *gen, const struct expr *expr);
/* As an i1. */
LLVMValueRef emit_condition(struct gen *gen, const struct expr *expr);
/* Write a value in the layout of `type` to `to`, converting integers and
 * padding strings. */
void emit_into(struct gen *gen, const struct expr *expr,
	       const struct type *type, LLVMValueRef to);
void emit_store_value(struct gen *gen, struct value value,
		      const struct type *type, LLVMValueRef to);
struct value emit_load_value(struct gen *gen, const struct type *type,
			     LLVMValueRef from);
LLVMValueRef emit_arithmetic(struct gen *gen, enum binary op, struct value left,
			     struct value right, const struct type *type,
			     struct span at);
struct value scalar_value(const struct type *type, LLVMValueRef v);
struct value memory_value(const struct type *type, LLVMValueRef v);

/* ---- emit_cast.c ---- */

struct value emit_cast(struct gen *gen, const struct expr *expr);

/* ---- emit_string.c ---- */

/*
 * Write a string of at most `room` bytes, NUL included, to `to`; what it
 * returns is how many bytes were written, NUL included, an i64 in [0, room]: 0
 * if the memory could not be read. Nothing is padded.
 */
LLVMValueRef emit_string(struct gen *gen, const struct expr *expr,
			 LLVMValueRef to, uint32_t room);
/* The same, padded with NULs to `size`. */
void emit_padded_string(struct gen *gen, const struct expr *expr,
			LLVMValueRef to, uint32_t size);
LLVMValueRef emit_string_equal(struct gen *gen, const struct expr *left,
			       const struct expr *right); /* i1 */
/* `length` bytes at `memory` against a literal: i1. */
LLVMValueRef emit_equal_bytes(struct gen *gen, LLVMValueRef memory,
			      const char *text, uint32_t length);
/* Length of a string in our own memory of `size` bytes, its NUL included, in
 * front of which it ends. */
LLVMValueRef emit_string_length(struct gen *gen, LLVMValueRef string,
				uint32_t size, struct span at);
/* string =~ "pattern": i1 (emit_glob.c). */
LLVMValueRef emit_glob(struct gen *gen, const struct expr *string,
		       const struct expr *pattern);

/* ---- emit_compare.c ---- */

/* Are two runs of bytes in memory of our own the same? Both are aligned to 8.
 * i1. */
LLVMValueRef emit_equal_memory(struct gen *gen, LLVMValueRef a, LLVMValueRef b,
			       uint32_t bytes);

/* ---- emit_read.c: kernel, user and context memory ---- */

struct place emit_place(struct gen *gen, const struct expr *expr);
struct value emit_place_load(struct gen *gen, struct place place,
			     struct span at);
/* The helper that reads memory there. */
enum helper read_helper(const struct gen *gen, enum address_space space);
/* probe_read of `bytes` to `to`; a failure is counted and leaves zeros. */
void emit_read(struct gen *gen, enum address_space space, LLVMValueRef to,
	       uint32_t bytes, LLVMValueRef address, struct span at);
/* probe_read_str: bytes read, NUL included, in [1, room], or 0 when that
 * failed, which is counted; `room` an i64. */
LLVMValueRef emit_read_string(struct gen *gen, enum address_space space,
			      LLVMValueRef to, LLVMValueRef room,
			      LLVMValueRef address, struct span at);
bool expr_is_place(const struct expr *expr);
/* `args`, and `ctx` where it has fields. */
bool expr_is_context(const struct expr *expr);

/* ---- emit_direct.c ---- */

/* A field of which the checker says that a load will do. */
struct value emit_direct(struct gen *gen, const struct expr *expr);

/* ---- kernel_call.c ---- */

/* A call of the function with that id in the kernel's BTF. */
LLVMValueRef emit_kernel_call(struct gen *gen, uint32_t function,
			      const char *parameters, LLVMValueRef *arguments);

/* ---- emit_parameter.c: arguments of user probes ---- */

/* The place of item `index` of the clause's arguments; a value that travels in
 * registers is put in memory of our own. */
struct place emit_parameter(struct gen *gen, size_t index);
/* All of them as a value of the type of `args`; what cannot be read is zero. */
struct value emit_parameters(struct gen *gen, const struct type *type,
			     struct span at);

/* ---- emit_packet.c ---- */

/* At the start of a program of tc or xdp: find the headers it names. */
void emit_packet(struct gen *gen);
/* ---- emit_header.c ---- */

/* Where the header is kept. */
LLVMValueRef emit_header_slot(struct gen *gen, enum packet_header header);
/* A number of so many bytes in network order. */
LLVMValueRef emit_network_number(struct gen *gen, LLVMValueRef from,
				 uint32_t bytes);
/* value >> shift & mask */
LLVMValueRef emit_bits_of(struct gen *gen, LLVMValueRef value, unsigned shift,
			  uint64_t mask);
/* A u32 of struct __sk_buff. */
LLVMValueRef emit_skb_field(struct gen *gen, size_t offset);

/* An address of the network that is written as text. */
struct value emit_address(struct gen *gen, const struct expr *expr);
/* A field of one of them. */
struct value emit_packet_field(struct gen *gen, const struct expr *expr);

/* ---- emit_iter.c ---- */

/* At the start of a program of iter: nothing to do without an object, and
 * later when a ring is half full. */
void emit_object_check(struct gen *gen);
void emit_room_check(struct gen *gen, LLVMBasicBlockRef next);
/* The kernel stack of the task that the iterator is at: bytes written to
 * `frames`, or an error below 0. */
LLVMValueRef emit_task_stack(struct gen *gen, LLVMValueRef frames,
			     uint32_t room);

/* ---- emit_map.c ---- */

/* Address of the key's bytes. */
LLVMValueRef emit_key(struct gen *gen, const struct map *map,
		      const struct expr *key);
LLVMValueRef emit_map_address(struct gen *gen, const struct map *map);
/* i8 * of the value or NULL. */
LLVMValueRef emit_lookup(struct gen *gen, const struct map *map,
			 LLVMValueRef key);
struct value emit_map_read(struct gen *gen, const struct expr *expr);
void emit_map_assign(struct gen *gen, const struct stmt *stmt);
/*
 * Address of the value, made zero when absent. Jumps to `failed` (which the
 * caller positions) when the map refuses; the fault is counted.
 */
LLVMValueRef emit_upsert(struct gen *gen, const struct map *map,
			 LLVMValueRef key, struct span at,
			 LLVMBasicBlockRef failed);
/* @x++ and friends: what it evaluates to. */
LLVMValueRef emit_map_step(struct gen *gen, const struct expr *expr);
void emit_map_add(struct gen *gen, const struct expr *target,
		  LLVMValueRef amount, struct span at);
/* The integer an aggregate stands for, at a value's address or (per-CPU) by
 * key. */
LLVMValueRef emit_aggregate_read(struct gen *gen, const struct map *map,
				 LLVMValueRef key);
bool map_is_percpu(const struct map *map);
void declare_maps(struct gen *gen);

/* ---- emit_aggregate.c ---- */

void emit_aggregate(struct gen *gen, const struct expr *target,
		    const struct expr *call);

/* ---- emit_stmt.c, emit_loop.c ---- */

void emit_stmts(struct gen *gen, const struct block *block);
/* After a terminator: unreachable code goes to a block of its own. */
void emit_dead(struct gen *gen);
/* return; and exit(): out of all loops, to the end of the program. What
 * follows is dead. */
void emit_leave_program(struct gen *gen);
void emit_range(struct gen *gen, const struct stmt *stmt);
void emit_for_map(struct gen *gen, const struct stmt *stmt);
void emit_while(struct gen *gen, const struct stmt *stmt);
void emit_assign_variable(struct gen *gen, const struct variable *variable,
			  struct value value);
LLVMValueRef emit_variable_address(struct gen *gen,
				   const struct variable *variable);

/* ---- emit_record.c ---- */

/* The data ring, if anything is sent; the control ring comes on demand. */
void declare_rings(struct gen *gen);

/* A new row of image->sites for this call. */
struct image_site *site_new(struct gen *gen, enum action action, struct span at,
			    uint32_t *index);
/* Send a record whose slots are the values of `args`. */
void emit_send(struct gen *gen, uint32_t site, struct expr *const *args,
	       size_t count, struct span at);
/* The same with one value that is already there, or none (NULL). */
void emit_send_value(struct gen *gen, uint32_t site, LLVMValueRef value,
		     struct span at);

/* The same with one value of any type that is there already. */
void emit_send_typed(struct gen *gen, uint32_t site, struct value value,
		     struct span at);

/* The same with one string that `write` puts at `to`; it returns the bytes. */
typedef LLVMValueRef bytes_fn(struct gen *gen, const struct expr *call,
			      LLVMValueRef to);
void emit_send_bytes(struct gen *gen, uint32_t site, const struct type *type,
		     bytes_fn *write, const struct expr *call);

/* ---- emit_builtin.c, emit_call.c ---- */

struct value emit_builtin(struct gen *gen, const struct expr *expr);
struct value emit_call(struct gen *gen, const struct expr *expr);
LLVMValueRef emit_attach_index(struct gen *gen); /* global: the cookie */
/* Address and space of raw bytes: an array, or what a pointer points at. */
LLVMValueRef emit_bytes_address(struct gen *gen, const struct expr *from,
				enum address_space *space);
/* The user stack or symbol of a process is about to be kept: let etrace look at
 * its maps. */
void emit_process_seen(struct gen *gen, LLVMValueRef pid, struct span at);

/* The functions the tables name: recipes of builtins.def, and the emit
 * column of functions.def. */
typedef struct value emit_fn(struct gen *gen, const struct expr *expr);
emit_fn emit_pid, emit_tid, emit_comm, emit_ncpus, emit_elapsed, emit_cpid,
	emit_probe, emit_probetype, emit_func, emit_retval, emit_args, emit_ctx,
	emit_stack, emit_usermode;
emit_fn emit_has_header;
emit_fn emit_error, emit_first, emit_is_err, emit_namespace_id,
	emit_percpu_kaddr, emit_path, emit_socket_cookie, emit_uaddr,
	emit_comm_of, emit_macaddr, emit_pton, emit_memcmp, emit_write_user,
	emit_override, emit_assert, emit_find, emit_strstr, emit_str_concat;
emit_fn emit_record, emit_printk, emit_seq_printf, emit_print, emit_control,
	emit_exit, emit_join, emit_signal, emit_delete, emit_has_key, emit_len,
	emit_str, emit_buf, emit_strlen, emit_strncmp, emit_strcontains,
	emit_symbol, emit_constant, emit_reg, emit_ntop, emit_strftime,
	emit_nsecs, emit_bswap;
/* Aggregations: what emit_aggregate() does with the value's address. */
typedef void aggregate_fn(struct gen *gen, const struct map *map,
			  LLVMValueRef address, const struct expr *call);
aggregate_fn emit_count, emit_sum, emit_min_max, emit_avg, emit_hist,
	emit_lhist;

/* ---- emit_probe.c ---- */

/* Does the verifier know the pointers in its context for what they are? */
bool has_known_pointers(enum attach_kind kind);
/* begin, end, self and interval: etrace runs them itself, when it wants. */
bool is_run_by_etrace(enum attach_kind kind);

void emit_clause(struct gen *gen, const struct clause *clause, uint32_t number);
/* ---- emit_routine.c ---- */

/* A function of the object and its debug scope; `section` NULL for a
 * subprogram. Leaves the builder in its entry block. */
void function_begin(struct gen *gen, struct routine *function, const char *name,
		    const char *section, LLVMTypeRef type, struct span at);

/* Who calls a subprogram back, and so its parameters. */
enum callback {
	CALLBACK_LOOP, /* bpf_loop(): index, argument */
	CALLBACK_EACH, /* bpf_for_each_map_elem(): map, key, value, argument */
};

struct subprogram {
	struct routine routine;
	LLVMValueRef argument;    /* i8 *: the caller's, the last parameter */
	LLVMBasicBlockRef caller; /* where the builder goes back to */
	LLVMMetadataRef line;
};

/* Leaves the builder in the entry block; its name is PURPOSE_program_number. */
void subprogram_begin(struct gen *gen, struct subprogram *subprogram,
		      const char *purpose, enum callback callback,
		      struct span at);
/* After its last return: the builder goes back to the caller. The address of
 * the subprogram, to give to the helper. */
LLVMValueRef subprogram_end(struct gen *gen, struct subprogram *subprogram);

/* ---- debuginfo.c ---- */

void debuginfo_begin(struct gen *gen);
LLVMMetadataRef debuginfo_function(struct gen *gen, LLVMValueRef function,
				   const char *name, uint32_t line,
				   bool is_static);
void debuginfo_end(struct gen *gen);

/* A global that is an array of words: without a type, libbpf would not let
 * etrace map it. */
void debuginfo_words(struct gen *gen, LLVMValueRef global, const char *symbol,
		     uint32_t words);

/* A map definition in .maps, and its row in the image. */
LLVMValueRef debuginfo_map(struct gen *gen, const struct kernel_map *map);

/* The opaque of codegen.h. */
struct ir {
	LLVMContextRef context;
	LLVMModuleRef module;
	struct image *image;
	struct codegen_options options;
};

#endif
