/*
 * Where the fields of the script's own records lie, as a C compiler for 64-bit
 * x86 and arm would lay them out, and the types of the script's own names.
 * What a declaration names and does not declare is the kernel's. Called by
 * declare_types(), once per program.
 */
#include <string.h>

#include "parser/c_types.h"
#include "parser/checker.h"

/* Records inside records. */
#define DEPTH_MAX 48

/* As much as any type of the machine needs: __attribute__((aligned)). */
#define ALIGN_MOST 16

/* Bytes of a type: what the kernel's own could have. */
#define SIZE_MAX_BYTES (64u << 20)

#if defined(__aarch64__)
#define IS_AARCH64 true
#else
#define IS_AARCH64 false
#endif

/* A type and what its place must be a multiple of. */
struct placed {
	const struct type *type; /* NULL: void */
	uint32_t align;
};

/* Of the record being laid out. */
struct layout {
	bool is_union, is_packed;
	uint64_t bits; /* used so far */
	uint64_t size; /* of a union, in bytes */
	uint32_t align;
	struct field *fields;
	size_t count, room;
};

static bool specifier_type(struct declarer *declarer, struct c_specifier *type,
			   struct placed *placed);

/* ---- alignment ---- */

static uint32_t type_alignment(struct declarer *declarer,
			       const struct type *type, unsigned depth);

/* What its size and the places of its fields allow: the kernel does not say. */
static uint32_t record_alignment(struct declarer *declarer,
				 const struct record *record, unsigned depth)
{
	uint32_t align = 1, inner;

	if (record->align || depth > DEPTH_MAX)
		return record->align ? record->align : 1;
	host_record_complete(declarer->host, record);
	for (size_t i = 0; i < record->count; i++) {
		inner = type_alignment(declarer, record->fields[i].type,
				       depth + 1);
		align = inner > align ? inner : align;
	}
	while (align > 1 && record->size % align)
		align /= 2;
	for (size_t i = 0; i < record->count; i++) {
		inner = type_alignment(declarer, record->fields[i].type,
				       depth + 1);
		while (align > 1 && align <= inner &&
		       record->fields[i].offset % align)
			align /= 2;
	}
	return align;
}

static uint32_t type_alignment(struct declarer *declarer,
			       const struct type *type, unsigned depth)
{
	switch ((int)type->kind) {
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_ENUM:
	case TYPE_POINTER:
		return type->size;
	case TYPE_ARRAY:
		return depth > DEPTH_MAX
			       ? 1
			       : type_alignment(declarer, type->to, depth + 1);
	case TYPE_STRUCT:
		return record_alignment(declarer, type->record, depth);
	default:
		return 1;
	}
}

/* ---- attributes ---- */

/* A power of two, or 0, reported. */
static uint32_t wanted_alignment(struct declarer *declarer,
				 const struct c_attributes *attributes)
{
	int64_t value;

	if (attributes->is_aligned)
		return ALIGN_MOST;
	if (!attributes->align ||
	    !declared_constant(declarer, attributes->align, &value))
		return 0;
	if (value >= 1 && value <= 4096 && !(value & (value - 1)))
		return (uint32_t)value;
	diag_error(declarer->diags, E_RANGE, attributes->align->at,
		   "an alignment is a power of two, up to 4096");
	return 0;
}

/* ---- declarators ---- */

static void report_unknown(struct declarer *declarer,
			   const struct c_specifier *specifier)
{
	if (!host_has_types(declarer->host))
		report_status(declarer->diags, HOST_NO_BTF, specifier->at,
			      "types");
	else
		diag_error(declarer->diags, E_UNKNOWN_TYPE, specifier->at,
			   "the fields of this type are not known");
}

static bool is_char(const struct c_specifier *type,
		    const struct c_declarator *declarator)
{
	return !type->keyword && strcmp(type->name, "char") == 0 &&
	       !declarator->pointers;
}

static const struct type *array_of(struct declarer *declarer,
				   const struct type *element, bool is_char,
				   struct span at, int64_t count)
{
	uint64_t size = (uint64_t)element->size * (uint64_t)count;

	if (count < 0 || count > SIZE_MAX_BYTES || size > SIZE_MAX_BYTES) {
		diag_error(declarer->diags, E_RANGE, at,
			   "an array of %lld elements", (long long)count);
		return NULL;
	}
	if (is_char && count && count <= UINT16_MAX)
		return type_string(declarer->arena, (uint32_t)count);
	return type_array(declarer->arena, element, (uint32_t)count);
}

/* False, reported, if there is no such type. */
static bool declarator_type(struct declarer *declarer,
			    const struct c_specifier *specifier,
			    const struct c_declarator *declarator,
			    struct placed *placed)
{
	enum address_space space =
		specifier->is_user ? SPACE_USER : SPACE_KERNEL;
	bool is_text = is_char(specifier, declarator);

	if (declarator->is_indirect)
		*placed = (struct placed){ NULL, 8 };
	for (unsigned i = 0; i < declarator->pointers; i++)
		*placed = (struct placed){
			type_pointer(declarer->arena, placed->type, space), 8
		};
	if (!placed->type) {
		diag_error(declarer->diags, E_UNKNOWN_TYPE, declarator->at,
			   "there are no values of type void");
		return false;
	}
	for (unsigned i = declarator->dimension_count; i-- > 0;) {
		struct expr *size = declarator->dimensions[i];
		struct span at = size ? size->at : declarator->at;
		int64_t count = 0;

		if (size && !declared_constant(declarer, size, &count))
			return false;
		if (placed->type->kind == TYPE_STRUCT &&
		    !placed->type->record->size && count) {
			report_unknown(declarer, specifier);
			return false;
		}
		placed->type =
			array_of(declarer, placed->type, is_text, at, count);
		if (!placed->type)
			return false;
		is_text = false;
	}
	return true;
}

/* ---- fields ---- */

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

static void add_field(struct declarer *declarer, struct layout *layout,
		      struct field field)
{
	ARENA_PUSH(declarer->arena, layout->fields, layout->count, layout->room,
		   field);
}

static void raise_alignment(struct layout *layout, uint32_t align)
{
	if (align > layout->align)
		layout->align = align;
}

/* A field of whole bytes. */
static void place_field(struct declarer *declarer, struct layout *layout,
			const struct c_declarator *declarator,
			struct placed placed)
{
	uint32_t align = placed.align, wanted = 0;
	struct field field = { .type = placed.type };
	bool is_packed = layout->is_packed;

	if (declarator) {
		field.name = declarator->name;
		is_packed |= declarator->attributes.is_packed;
		wanted = wanted_alignment(declarer, &declarator->attributes);
	}
	if (is_packed)
		align = 1;
	align = wanted > align ? wanted : align;
	raise_alignment(layout, align);
	if (layout->is_union) {
		if (placed.type->size > layout->size)
			layout->size = placed.type->size;
	} else {
		layout->bits = align_up(layout->bits, 8 * (uint64_t)align);
		field.offset = (uint32_t)(layout->bits / 8);
		layout->bits += 8 * (uint64_t)placed.type->size;
	}
	add_field(declarer, layout, field);
}

/* A field of some bits. They lie in one unit of their type, unless packed. */
static bool place_bits(struct declarer *declarer, struct layout *layout,
		       const struct c_declarator *declarator,
		       struct placed placed)
{
	uint64_t unit = 8 * (uint64_t)placed.type->size, begin;
	bool is_packed = layout->is_packed || declarator->attributes.is_packed;
	struct field field = { .name = declarator->name, .type = placed.type };
	int64_t bits;

	if (!declared_constant(declarer, declarator->bits, &bits))
		return false;
	if (!type_is_integer(placed.type) || bits < 0 ||
	    (uint64_t)bits > unit || (!bits && declarator->name)) {
		diag_error(declarer->diags, E_RANGE, declarator->bits->at,
			   "a bit-field of %lld bits", (long long)bits);
		return false;
	}
	begin = layout->is_union ? 0 : layout->bits;
	if (!bits) {
		layout->bits = align_up(begin, unit);
		return true;
	}
	if (!is_packed && begin / unit != (begin + (uint64_t)bits - 1) / unit)
		begin = align_up(begin, unit);
	/* Those that only fill a gap count on arm alone. */
	if (declarator->name || IS_AARCH64)
		raise_alignment(layout, is_packed ? 1 : placed.align);
	if (layout->is_union) {
		if (((uint64_t)bits + 7) / 8 > layout->size)
			layout->size = ((uint64_t)bits + 7) / 8;
	} else {
		layout->bits = begin + (uint64_t)bits;
	}
	if (!declarator->name)
		return true; /* it fills a gap */
	field.bit_offset = (uint32_t)begin;
	field.bit_size = (uint32_t)bits;
	field.offset = (uint32_t)(begin / unit * placed.type->size);
	add_field(declarer, layout, field);
	return true;
}

static bool has_no_size(const struct type *type)
{
	return type->kind == TYPE_STRUCT && !type->record->size &&
	       !type->record->align;
}

static bool lay_out_declarator(struct declarer *declarer, struct layout *layout,
			       const struct c_field *field,
			       const struct c_declarator *declarator,
			       struct placed placed)
{
	if (declarator->is_function) {
		diag_error(declarer->diags, E_UNKNOWN_TYPE, declarator->at,
			   "a record holds no functions, only pointers to "
			   "them");
		return false;
	}
	if (!declarator_type(declarer, field->type, declarator, &placed))
		return false;
	if (!declarator->bits && has_no_size(placed.type)) {
		report_unknown(declarer, field->type);
		return false;
	}
	if (declarator->bits)
		return place_bits(declarer, layout, declarator, placed);
	placed.align = declarator->dimension_count || declarator->pointers
			       ? type_alignment(declarer, placed.type, 0)
			       : placed.align;
	if (placed.type->kind == TYPE_STRING)
		placed.align = 1;
	if (!declarator->name) {
		diag_error(declarer->diags, E_SYNTAX, declarator->at,
			   "a field needs a name");
		return false;
	}
	place_field(declarer, layout, declarator, placed);
	return layout->bits / 8 <= SIZE_MAX_BYTES &&
	       layout->size <= SIZE_MAX_BYTES;
}

static bool lay_out_field(struct declarer *declarer, struct layout *layout,
			  const struct c_field *field)
{
	const struct c_declarator *declarator = field->declarators;
	struct placed placed;

	if (!specifier_type(declarer, field->type, &placed))
		return false;
	if (!declarator) {
		/* struct { … }; its fields are seen as those of this one */
		if (placed.type && placed.type->kind == TYPE_STRUCT &&
		    field->type->has_body && !field->type->name)
			place_field(declarer, layout, NULL, placed);
		return true;
	}
	for (; declarator; declarator = declarator->next)
		if (!lay_out_declarator(declarer, layout, field, declarator,
					placed))
			return false;
	return true;
}

/* ---- records ---- */

static bool lay_out_record(struct declarer *declarer,
			   struct c_specifier *specifier, struct type *type)
{
	struct record *record = (struct record *)type->record;
	struct layout layout = {
		.is_union = record->is_union,
		.is_packed = specifier->attributes.is_packed,
		.align = 1,
	};
	const struct c_field *field = specifier->fields;
	uint64_t size;

	/* After a mistake it has some size, so that no other follows. */
	record->align = 0;
	if (declarer->depth++ > DEPTH_MAX)
		return false;
	for (; field; field = field->next)
		if (!lay_out_field(declarer, &layout, field)) {
			record->align = 1;
			record->size = type->size = 8;
			return false;
		}
	declarer->depth--;
	raise_alignment(&layout,
			wanted_alignment(declarer, &specifier->attributes));
	size = layout.is_union ? layout.size : (layout.bits + 7) / 8;
	size = align_up(size, layout.align);
	record->fields = layout.fields;
	record->count = layout.count;
	record->align = layout.align;
	record->size = (uint32_t)size;
	type->size = (uint32_t)size;
	return true;
}

static bool record_type(struct declarer *declarer,
			struct c_specifier *specifier, struct placed *placed)
{
	struct type *type = declared_record(declarer, specifier);

	if (!type)
		return false;
	if (specifier->has_body && !lay_out_record(declarer, specifier, type))
		return false;
	placed->type = type;
	placed->align = record_alignment(declarer, type->record, 0);
	return true;
}

/* ---- specifiers ---- */

static bool plain_type(struct declarer *declarer,
		       const struct c_specifier *specifier,
		       struct placed *placed)
{
	if (!declared_plain(declarer, specifier, &placed->type))
		return false;
	placed->align =
		placed->type ? type_alignment(declarer, placed->type, 0) : 1;
	return true;
}

static bool specifier_type(struct declarer *declarer,
			   struct c_specifier *specifier, struct placed *placed)
{
	if (!specifier->keyword)
		return plain_type(declarer, specifier, placed);
	if (strcmp(specifier->keyword, "enum") != 0)
		return record_type(declarer, specifier, placed);
	placed->type = declared_enum(declarer, specifier);
	placed->align = placed->type ? placed->type->size : 1;
	return placed->type != NULL;
}

bool declare_one(struct declarer *declarer,
		 const struct c_declaration *declaration)
{
	const struct c_declarator *declarator = declaration->declarators;
	struct c_specifier *specifier = declaration->type;
	struct placed base, placed;

	/* struct x { … } name, as a typedef has it, is called by that */
	if (declaration->is_typedef && declarator && specifier->keyword &&
	    !specifier->name && !declarator->pointers &&
	    !declarator->dimension_count)
		declarer->name_for_unnamed = declarator->name;
	if (!specifier_type(declarer, specifier, &base))
		return false;
	for (; declaration->is_typedef && declarator;
	     declarator = declarator->next) {
		placed = base;
		if (!declarator->name || declarator->is_function)
			continue;
		if (!placed.type && !declarator->pointers &&
		    !declarator->is_indirect)
			continue; /* another name of void */
		if (!declarator_type(declarer, specifier, declarator, &placed))
			return false;
		declared_name(declarer, declarator, placed.type);
	}
	return true;
}
