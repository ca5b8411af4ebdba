/*
 * Which fields a program may load by itself, where others must ask a helper to
 * read memory: bpf_rdonly_cast() makes any number a pointer to a record of the
 * kernel, and the verifier lets it be followed to where it finds what BTF says.
 * Retells how it looks for a field, since what it refuses would not load at
 * all. Called by check_field.c; obeyed by codegen/emit_direct.c, which knows
 * how a load from a bad address is noticed.
 */
#include "parser/checker.h"

/* Records in records. */
#define DEPTH_MAX 16

/* ---- what the kernel has ---- */

/* Without its compiler, the kernel runs no functions of its own for us. */
static bool is_compiled(struct checker *checker)
{
	const char *text;
	size_t length;

	return host_read_file(checker->host,
			      "/proc/sys/net/core/bpf_jit_enable", 16, &text,
			      &length) != HOST_OK ||
	       text[0] != '0';
}

/* The function, in the kernel that will run the program and whose types these
 * are; 0 if there is none. Asked once. */
static uint32_t cast_function(struct checker *checker)
{
	struct kernel_function found;

	if (checker->cast_known)
		return checker->cast;
	checker->cast_known = true;
	if (!host_types_are_given(checker->host) && is_compiled(checker) &&
	    host_function(checker->host, "vmlinux", "bpf_rdonly_cast",
			  &found) == HOST_OK)
		checker->cast = found.btf_id;
	return checker->cast;
}

/* ---- what the verifier finds ---- */

/* Bits in those bytes: it has rules of its own for them. */
static bool has_bits(const struct field *field, uint32_t offset, uint32_t size)
{
	uint32_t first = field->bit_offset / 8;
	uint32_t end = (field->bit_offset + field->bit_size + 7) / 8;

	return first < offset + size && offset < end;
}

/*
 * The type of what it finds in those bytes of a record, NULL if it refuses
 * them: it goes into the first member that has the first byte, and does not
 * look for another, as in a union, if that one does not suit.
 */
static const struct type *found_at(struct checker *checker,
				   const struct record *record, uint32_t offset,
				   uint32_t size, unsigned depth)
{
	complete_record(checker, record);
	for (size_t i = 0; i < record->count && depth < DEPTH_MAX; i++) {
		const struct field *field = &record->fields[i];
		const struct type *type = field->type;
		uint32_t inside = offset - field->offset;

		if (field->bit_size) {
			if (has_bits(field, offset, size))
				return NULL;
			continue;
		}
		if (offset < field->offset)
			return NULL;
		if (inside >= type->size)
			continue;
		for (; type->kind == TYPE_ARRAY; type = type->to)
			inside %= type->to->size;
		if (type->kind == TYPE_STRUCT)
			return found_at(checker, type->record, inside, size,
					depth + 1);
		return inside == 0 && size == type->size ? type : NULL;
	}
	return NULL;
}

/* ---- fields ---- */

/* The record of the kernel that a pointer, an element of an array or *p is in
 * its memory; NULL if it is none. */
static const struct record *record_at(const struct expr *base)
{
	const struct type *type = base->type, *record = type;

	if (type->kind == TYPE_POINTER)
		record = type->to;
	else if (base->kind != EXPR_INDEX &&
		 (base->kind != EXPR_UNARY || base->unary.op != UNARY_DEREF))
		return NULL;
	return type->space == SPACE_KERNEL && record &&
			       record->kind == TYPE_STRUCT
		       ? record->record
		       : NULL;
}

uint32_t check_direct(struct checker *checker, const struct expr *expr)
{
	const struct field *field = expr->field.field;
	const struct record *record;
	uint32_t offset;

	if (!checker->final || !type_is_scalar(field->type) ||
	    field->bit_size || field->data_loc || field->rel_loc)
		return 0;
	record = record_at(field_base(expr, &offset));
	if (!record || !host_record_id(record) ||
	    found_at(checker, record, offset, field->type->size, 0) !=
		    field->type)
		return 0;
	return cast_function(checker);
}
