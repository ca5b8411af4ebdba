/*
 * Functions that look into strings byte by byte: strlen, strncmp,
 * strcontains, strstr; and str_concat.
 */
#include "codegen/emit.h"

#include <string.h>

/* The string padded to its type's size, in scratch memory. */
static LLVMValueRef emit_padded(struct gen *gen, const struct expr *expr)
{
	LLVMValueRef to = emit_scratch(gen, expr->type->size);

	emit_into(gen, expr, expr->type, to);
	return to;
}

LLVMValueRef emit_string_length(struct gen *gen, LLVMValueRef string,
				uint32_t size, struct span at)
{
	LLVMValueRef copy = emit_scratch(gen, size);
	LLVMValueRef bytes =
		emit_read_string(gen, SPACE_KERNEL, copy, emit_i64(gen, size),
				 emit_cast_integer(gen, string), at);

	/* our own memory can be read: there is a NUL at least */
	return LLVMBuildSub(gen->builder, bytes, emit_i64(gen, 1), "");
}

struct value emit_strlen(struct gen *gen, const struct expr *call)
{
	const struct expr *string = call->call.args.items[0];
	struct mark mark = temporary_mark(gen);
	LLVMValueRef length = emit_string_length(gen, emit_padded(gen, string),
						 string->type->size, call->at);

	temporary_release(gen, mark);
	return scalar_value(call->type, length);
}

struct value emit_strncmp(struct gen *gen, const struct expr *call)
{
	const struct expr *left = call->call.args.items[0];
	const struct expr *right = call->call.args.items[1];
	struct mark mark = temporary_mark(gen);
	uint64_t n = (uint64_t)call->call.constant[2];
	LLVMValueRef a = emit_padded(gen, left);
	LLVMValueRef b = emit_padded(gen, right), equal, different;

	/* Both end with a NUL inside their size, so the shorter decides. What
	 * is behind it are more of them, so bytes decide. */
	if (n > left->type->size)
		n = left->type->size;
	if (n > right->type->size)
		n = right->type->size;
	equal = emit_equal_memory(gen, a, b, (uint32_t)n);
	different = emit_widen(gen, LLVMBuildNot(gen->builder, equal, ""));
	temporary_release(gen, mark);
	return scalar_value(call->type, different);
}

/* What the callbacks are given, on their caller's stack. */
enum search_slot {
	SEARCH_HAY,
	SEARCH_NEEDLE,
	SEARCH_FROM,  /* where in the hay the needle may begin */
	SEARCH_FOUND, /* 1 + where it does */
};

static LLVMValueRef emit_search_slot(struct gen *gen, LLVMValueRef search,
				     enum search_slot slot)
{
	return emit_load(gen, emit_offset(gen, search, 8 * slot), 8, false);
}

/* string[index], its last byte if that is outside. */
static LLVMValueRef emit_letter(struct gen *gen, LLVMValueRef search,
				enum search_slot string, LLVMValueRef index,
				uint32_t size)
{
	LLVMValueRef memory =
		emit_cast_pointer(gen, emit_search_slot(gen, search, string));
	LLVMValueRef last = emit_i64(gen, size - 1);

	index = emit_barrier(gen, index);
	index = LLVMBuildSelect(gen->builder,
				emit_compare(gen, LLVMIntULT, index, last),
				index, last, "");
	return emit_load(gen, emit_offset_by(gen, memory, index), 1, false);
}

/* The index a callback is given: 32 bits wide in older kernels. */
static LLVMValueRef emit_callback_index(struct gen *gen)
{
	return LLVMBuildAnd(gen->builder, LLVMGetParam(gen->function->llvm, 0),
			    emit_i64(gen, UINT32_MAX), "");
}

/* s->found = s->from + 1; return 1; */
static void emit_found(struct gen *gen, LLVMValueRef search)
{
	LLVMValueRef from = emit_search_slot(gen, search, SEARCH_FROM);

	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_FOUND),
		   LLVMBuildAdd(gen->builder, from, emit_i64(gen, 1), ""), 8);
	LLVMBuildRet(gen->builder, emit_i64(gen, 1));
}

/*
 * long letter(u64 k, struct search *s)
 * {
 *         if (!s->needle[k]) { s->found = s->from + 1; return 1; }
 *         return s->hay[s->from + k] != s->needle[k];
 * }
 */
static LLVMValueRef letter_function(struct gen *gen, const struct expr *call)
{
	uint32_t hay_size = call->call.args.items[0]->type->size;
	uint32_t needle_size = call->call.args.items[1]->type->size;
	LLVMValueRef search, k, n, x;
	struct subprogram letter;
	LLVMBasicBlockRef end, more;

	subprogram_begin(gen, &letter, "letter", CALLBACK_LOOP, call->at);
	search = letter.argument;
	end = emit_block(gen, "end");
	more = emit_block(gen, "more");
	k = emit_callback_index(gen);
	n = emit_letter(gen, search, SEARCH_NEEDLE, k, needle_size);
	emit_branch(gen, emit_test(gen, n), more, end);
	emit_at(gen, end);
	emit_found(gen, search);
	emit_at(gen, more);
	k = LLVMBuildAdd(gen->builder, k,
			 emit_search_slot(gen, search, SEARCH_FROM), "");
	x = emit_letter(gen, search, SEARCH_HAY, k, hay_size);
	LLVMBuildRet(gen->builder,
		     emit_widen(gen, emit_compare(gen, LLVMIntNE, x, n)));
	return subprogram_end(gen, &letter);
}

/*
 * s->from = index;
 * if (!s->needle[0]) { s->found = s->from + 1; return 1; }
 * if (s->hay[index] != s->needle[0]) return !s->hay[index];
 * bpf_loop(needle_size, letter, s, 0);
 * return s->found;
 */
static void emit_search_body(struct gen *gen, LLVMValueRef search,
			     const struct expr *call)
{
	uint32_t hay_size = call->call.args.items[0]->type->size;
	uint32_t needle_size = call->call.args.items[1]->type->size;
	LLVMBasicBlockRef compare = emit_block(gen, "compare");
	LLVMBasicBlockRef differ = emit_block(gen, "differ");
	LLVMBasicBlockRef found = emit_block(gen, "found");
	LLVMBasicBlockRef letters = emit_block(gen, "letters");
	LLVMValueRef index = emit_callback_index(gen), arguments[4], n, x;

	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_FROM), index, 8);
	n = emit_letter(gen, search, SEARCH_NEEDLE, emit_i64(gen, 0),
			needle_size);
	emit_branch(gen, emit_test(gen, n), compare, found);
	emit_at(gen, found);
	emit_found(gen, search);
	emit_at(gen, compare);
	x = emit_letter(gen, search, SEARCH_HAY, index, hay_size);
	emit_branch(gen, emit_compare(gen, LLVMIntEQ, x, n), letters, differ);
	emit_at(gen, differ);
	LLVMBuildRet(gen->builder,
		     emit_widen(gen, emit_compare(gen, LLVMIntEQ, x,
						  emit_i64(gen, 0))));
	emit_at(gen, letters);
	arguments[0] = emit_i64(gen, needle_size);
	arguments[1] = letter_function(gen, call);
	arguments[2] = search;
	arguments[3] = emit_i64(gen, 0);
	emit_helper(gen, HELPER_loop, arguments);
	n = emit_search_slot(gen, search, SEARCH_FOUND);
	LLVMBuildRet(gen->builder, emit_widen(gen, emit_test(gen, n)));
}

static LLVMValueRef search_function(struct gen *gen, const struct expr *call)
{
	struct subprogram search;

	subprogram_begin(gen, &search, "search", CALLBACK_LOOP, call->at);
	emit_search_body(gen, search.argument, call);
	return subprogram_end(gen, &search);
}

/* 1 + where the second string begins in the first; 0: nowhere. */
static LLVMValueRef emit_search(struct gen *gen, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef hay = emit_padded(gen, call->call.args.items[0]);
	LLVMValueRef needle = emit_padded(gen, call->call.args.items[1]);
	LLVMValueRef search = emit_callback_slots(gen);
	LLVMValueRef arguments[4], found;

	emit_store(gen, search, emit_cast_integer(gen, hay), 8);
	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_NEEDLE),
		   emit_cast_integer(gen, needle), 8);
	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_FOUND),
		   emit_i64(gen, 0), 8);
	arguments[0] = emit_i64(gen, call->call.args.items[0]->type->size);
	arguments[1] = search_function(gen, call);
	arguments[2] = search;
	arguments[3] = emit_i64(gen, 0);
	emit_helper(gen, HELPER_loop, arguments);
	found = emit_load(gen, emit_offset(gen, search, 8 * SEARCH_FOUND), 8,
			  false);
	temporary_release(gen, mark);
	return found;
}

struct value emit_strcontains(struct gen *gen, const struct expr *call)
{
	LLVMValueRef found = emit_test(gen, emit_search(gen, call));

	return scalar_value(call->type, emit_widen(gen, found));
}

struct value emit_strstr(struct gen *gen, const struct expr *call)
{
	return scalar_value(call->type,
			    LLVMBuildSub(gen->builder, emit_search(gen, call),
					 emit_i64(gen, 1), ""));
}

/*
 * length = string(a, to);      its NUL included, 0 if it could not be read
 * string(b, to + (length ? length - 1 : 0));
 */
struct value emit_str_concat(struct gen *gen, const struct expr *call)
{
	const struct expr *first = call->call.args.items[0];
	const struct expr *second = call->call.args.items[1];
	uint32_t room = first->type->size, more = second->type->size;
	LLVMValueRef to = emit_scratch(gen, room + more);
	LLVMValueRef length = emit_string(gen, first, to, room), most;

	length = LLVMBuildSub(gen->builder, length,
			      emit_widen(gen, emit_test(gen, length)), "");
	most = emit_i64(gen, room - 1);
	length = emit_barrier(gen, length);
	length = LLVMBuildSelect(gen->builder,
				 emit_compare(gen, LLVMIntULT, length, most),
				 length, most, "");
	emit_string(gen, second, emit_offset_by(gen, to, length), more);
	return memory_value(call->type, to);
}
