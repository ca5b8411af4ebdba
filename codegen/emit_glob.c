/*
 * string =~ "pattern": '*' stands for any run of bytes. The pattern is known
 * while compiling, so its pieces between the stars become comparisons: the
 * first at the beginning, the last at the end, those between wherever they
 * come next.
 */
#include "codegen/emit.h"

#include <string.h>

/* What the search callback is given, on its caller's stack. */
enum search_slot {
	SEARCH_HAY,
	SEARCH_START, /* where to begin */
	SEARCH_FOUND, /* where it was found, + 1; 0: nowhere */
};

/* The string being matched. */
struct match {
	LLVMValueRef hay;
	LLVMValueRef length;   /* i64, without the NUL */
	LLVMValueRef position; /* alloca: up to where it has matched */
	LLVMValueRef matches;  /* alloca: 0 or 1 */
	uint32_t size;         /* of the hay, NUL included */
	struct span at;
};

/* A piece between stars. */
struct piece {
	const char *text;
	uint32_t length;
};

/* An i64 the verifier shall know to be below `limit`; others become 0. */
static LLVMValueRef emit_bounded(struct gen *gen, LLVMValueRef value,
				 uint32_t limit)
{
	value = emit_barrier(gen, value);
	return LLVMBuildSelect(
		gen->builder,
		emit_compare(gen, LLVMIntULT, value, emit_i64(gen, limit)),
		value, emit_i64(gen, 0), "");
}

static void emit_narrow_match(struct gen *gen, struct match *match,
			      LLVMValueRef bit)
{
	LLVMValueRef so_far =
		LLVMBuildLoad2(gen->builder, gen->i64, match->matches, "");

	LLVMBuildStore(
		gen->builder,
		LLVMBuildAnd(gen->builder, so_far, emit_widen(gen, bit), ""),
		match->matches);
}

/*
 * long search(u64 index, struct search *s)
 * {
 *         if (memcmp(s->hay + s->start + index, PIECE, n)) return 0;
 *         s->found = s->start + index + 1;
 *         return 1;
 * }
 */
static LLVMValueRef search_function(struct gen *gen, const struct match *match,
				    const struct piece *piece)
{
	struct subprogram search;
	LLVMBasicBlockRef found, absent;
	LLVMValueRef hay, at;

	subprogram_begin(gen, &search, "glob", CALLBACK_LOOP, match->at);
	found = emit_block(gen, "found");
	absent = emit_block(gen, "absent");
	hay = emit_cast_pointer(gen, emit_load(gen, search.argument, 8, false));
	at = emit_load(gen, emit_offset(gen, search.argument, 8 * SEARCH_START),
		       8, false);
	at = LLVMBuildAdd(gen->builder, at,
			  LLVMBuildAnd(gen->builder,
				       LLVMGetParam(search.routine.llvm, 0),
				       emit_i64(gen, UINT32_MAX), ""),
			  "");
	at = emit_bounded(gen, at, match->size - piece->length);
	emit_branch(gen,
		    emit_equal_bytes(gen, emit_offset_by(gen, hay, at),
				     piece->text, piece->length),
		    found, absent);
	emit_at(gen, found);
	emit_store(gen, emit_offset(gen, search.argument, 8 * SEARCH_FOUND),
		   LLVMBuildAdd(gen->builder, at, emit_i64(gen, 1), ""), 8);
	LLVMBuildRet(gen->builder, emit_i64(gen, 1));
	emit_at(gen, absent);
	LLVMBuildRet(gen->builder, emit_i64(gen, 0));
	return subprogram_end(gen, &search);
}

/* The next place of the piece, at or after the position. */
static void emit_search(struct gen *gen, struct match *match,
			const struct piece *piece)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef search = emit_callback_slots(gen);
	LLVMValueRef start =
		LLVMBuildLoad2(builder, gen->i64, match->position, "");
	LLVMValueRef end = emit_i64(gen, match->size - piece->length);
	LLVMValueRef arguments[4], found, inside;

	emit_store(gen, search, emit_cast_integer(gen, match->hay), 8);
	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_START), start, 8);
	emit_store(gen, emit_offset(gen, search, 8 * SEARCH_FOUND),
		   emit_i64(gen, 0), 8);
	/* no further than the piece fits: indexes beyond would begin anew */
	inside = emit_compare(gen, LLVMIntULT, start, end);
	arguments[0] = LLVMBuildSelect(builder, inside,
				       LLVMBuildSub(builder, end, start, ""),
				       emit_i64(gen, 0), "");
	arguments[1] = search_function(gen, match, piece);
	arguments[2] = search;
	arguments[3] = emit_i64(gen, 0);
	emit_helper(gen, HELPER_loop, arguments);
	found = emit_load(gen, emit_offset(gen, search, 8 * SEARCH_FOUND), 8,
			  false);
	emit_narrow_match(gen, match, emit_test(gen, found));
	LLVMBuildStore(builder,
		       LLVMBuildAdd(builder, found,
				    emit_i64(gen, piece->length - 1), ""),
		       match->position);
}

/* The piece at the very end, not before the position. */
static void emit_end(struct gen *gen, struct match *match,
		     const struct piece *piece)
{
	LLVMBuilderRef builder = gen->builder;
	LLVMValueRef position =
		LLVMBuildLoad2(builder, gen->i64, match->position, "");
	LLVMValueRef n = emit_i64(gen, piece->length), start;

	emit_narrow_match(gen, match,
			  emit_compare(gen, LLVMIntULE,
				       LLVMBuildAdd(builder, position, n, ""),
				       match->length));
	start = LLVMBuildSub(builder, match->length, n, "");
	start = emit_bounded(gen, start, match->size - piece->length);
	emit_narrow_match(
		gen, match,
		emit_equal_bytes(gen, emit_offset_by(gen, match->hay, start),
				 piece->text, piece->length));
}

static void emit_piece(struct gen *gen, struct match *match,
		       const struct piece *piece, bool is_first, bool is_last)
{
	if (piece->length == 0)
		return;
	/* what is longer than the string can be cannot match */
	if (piece->length >= match->size) {
		LLVMBuildStore(gen->builder, emit_i64(gen, 0), match->matches);
	} else if (is_first) {
		emit_narrow_match(gen, match,
				  emit_equal_bytes(gen, match->hay, piece->text,
						   piece->length));
		LLVMBuildStore(gen->builder, emit_i64(gen, piece->length),
			       match->position);
	} else if (is_last) {
		emit_end(gen, match, piece);
	} else {
		emit_search(gen, match, piece);
	}
}

LLVMValueRef emit_glob(struct gen *gen, const struct expr *string,
		       const struct expr *pattern)
{
	struct mark mark = temporary_mark(gen);
	const char *text = pattern->string.text;
	bool is_first = true;
	struct match match = { .size = string->type->size, .at = string->at };

	if (!strchr(text, '*'))
		return emit_string_equal(gen, string, pattern);
	match.hay = emit_scratch(gen, match.size);
	emit_into(gen, string, string->type, match.hay);
	match.length =
		emit_string_length(gen, match.hay, match.size, string->at);
	match.position = emit_alloca(gen, gen->i64, "position");
	match.matches = emit_alloca(gen, gen->i64, "matches");
	LLVMBuildStore(gen->builder, emit_i64(gen, 0), match.position);
	LLVMBuildStore(gen->builder, emit_i64(gen, 1), match.matches);
	for (;;) {
		struct piece piece = { text, (uint32_t)strcspn(text, "*") };
		bool is_last = text[piece.length] == '\0';

		emit_piece(gen, &match, &piece, is_first, is_last);
		is_first = false;
		if (is_last)
			break;
		text += piece.length + 1;
	}
	temporary_release(gen, mark);
	return emit_test(
		gen, LLVMBuildLoad2(gen->builder, gen->i64, match.matches, ""));
}
