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

/* What the search callback is given, on its caller's stack. */
enum search_slot { SEARCH_HAY, SEARCH_NEEDLE, SEARCH_FOUND, SEARCH_SLOTS };

/*
 * long search(u64 index, struct search *s)
 * {
 *         for (k = 0; k < needle_size && needle[k]; k++)
 *                 if (hay[index + k] != needle[k]) return !hay[index + k];
 *         s->found = index + 1;
 *         return 1;
 * }
 */
static void emit_search_body(struct gen *gen, LLVMValueRef search,
			     uint32_t hay_size, uint32_t needle_size)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef k = emit_alloca(gen, gen->i64, "k"), hay, needle, i, n, x;
	LLVMValueRef last = emit_i64(gen, hay_size - 1);
	LLVMBasicBlockRef loop = emit_block(gen, "letter");
	LLVMBasicBlockRef compare = emit_block(gen, "compare");
	LLVMBasicBlockRef next = emit_block(gen, "next");
	LLVMBasicBlockRef differ = emit_block(gen, "differ");
	LLVMBasicBlockRef found = emit_block(gen, "found");

	hay = emit_cast_pointer(gen, emit_load(gen, search, 8, false));
	needle = emit_cast_pointer(
		gen, emit_load(gen, emit_offset(gen, search, 8 * SEARCH_NEEDLE),
			       8, false));
	LLVMBuildStore(builder, emit_i64(gen, 0), k);
	emit_jump(gen, loop);
	emit_at(gen, loop);
	i = LLVMBuildLoad2(builder, gen->i64, k, "");
	n = emit_load(gen, emit_offset_by(gen, needle, i), 1, false);
	emit_branch(gen, emit_test(gen, n), compare, found);
	emit_at(gen, compare);
	i = LLVMBuildAdd(builder, i,
			 LLVMBuildAnd(builder,
				      LLVMGetParam(gen->function->llvm, 0),
				      emit_i64(gen, UINT32_MAX), ""),
			 "");
	i = emit_barrier(gen, i);
	i = LLVMBuildSelect(builder, emit_compare(gen, LLVMIntULT, i, last), i,
			    last, "");
	x = emit_load(gen, emit_offset_by(gen, hay, i), 1, false);
	emit_branch(gen, emit_compare(gen, LLVMIntEQ, x, n), next, differ);
	emit_at(gen, next);
	i = LLVMBuildAdd(builder, LLVMBuildLoad2(builder, gen->i64, k, ""),
			 emit_i64(gen, 1), "");
	LLVMBuildStore(builder, i, k);
	emit_branch(
		gen,
		emit_compare(gen, LLVMIntULT, i, emit_i64(gen, needle_size)),
		loop, found);
	emit_at(gen, differ);
	LLVMBuildRet(builder, emit_widen(gen, emit_compare(gen, LLVMIntEQ, x,
							   emit_i64(gen, 0))));
	emit_at(gen, found);
	i = LLVMBuildAnd(builder, LLVMGetParam(gen->function->llvm, 0),
			 emit_i64(gen, UINT32_MAX), "");
	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_FOUND),
		   LLVMBuildAdd(builder, i, emit_i64(gen, 1), ""), 8);
	LLVMBuildRet(builder, emit_i64(gen, 1));
}

static LLVMValueRef search_function(struct gen *gen, const struct expr *call)
{
	struct subprogram search;

	subprogram_begin(gen, &search, "search", CALLBACK_LOOP, call->at);
	emit_search_body(gen, search.argument,
			 call->call.args.items[0]->type->size,
			 call->call.args.items[1]->type->size);
	return subprogram_end(gen, &search);
}

/* 1 + where the second string begins in the first; 0: nowhere. */
static LLVMValueRef emit_search(struct gen *gen, const struct expr *call)
{
	struct mark mark = temporary_mark(gen);
	LLVMValueRef hay = emit_padded(gen, call->call.args.items[0]);
	LLVMValueRef needle = emit_padded(gen, call->call.args.items[1]);
	LLVMValueRef search = LLVMBuildBitCast(
		gen->builder,
		emit_alloca(gen, LLVMArrayType(gen->i64, SEARCH_SLOTS),
			    "search"),
		gen->pointer, "");
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

	length = LLVMBuildSub(
		gen->builder, length,
		emit_widen(gen, emit_test(gen, length)), "");
	most = emit_i64(gen, room - 1);
	length = emit_barrier(gen, length);
	length = LLVMBuildSelect(gen->builder,
				 emit_compare(gen, LLVMIntULT, length, most),
				 length, most, "");
	emit_string(gen, second, emit_offset_by(gen, to, length), more);
	return memory_value(call->type, to);
}
