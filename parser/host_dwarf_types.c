/*
 * Types of the language from those of debug information: one at a time, and
 * the fields of a record only when somebody looks into it. The information may
 * be hostile: it may name itself. Called by host_dwarf.c and host_btf.c.
 */
#include "parser/host_dwarf.h"

#include <string.h>

#define CHARS_MAX    65536 /* longer arrays of char are no strings */
#define ELEMENTS_MAX ((uint64_t)INT32_MAX)

enum filling { FILLING_NOT_YET, FILLING_DONE };

/* What a record that is made here stands in. */
struct dwarf_record {
	struct record record;
	struct dwarf_file *file;
	Dwarf_Die die;
	enum filling filling;
};

static const struct type *build(struct dwarf_file *file, Dwarf_Die *type,
				unsigned depth);

/* ---- reading DIEs ---- */

bool dwarf_type_die(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, type) &&
	       dwarf_peel_type(type, type) == 0;
}

bool dwarf_number(Dwarf_Die *die, unsigned name, uint64_t *value)
{
	Dwarf_Attribute attribute;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, name, &attribute) ||
	    dwarf_formudata(&attribute, &word))
		return false;
	*value = word;
	return true;
}

uint64_t dwarf_size_of(Dwarf_Die *type)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(type, &size) ? 0 : size;
}

static const char *name_of(struct dwarf_file *file, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	return name ? arena_strdup(file->host->arena, name) : NULL;
}

/* ---- simple types ---- */

static const struct type *bytes_type(struct dwarf_file *file, uint64_t size)
{
	if (size > ELEMENTS_MAX)
		size = 0;
	return type_array(file->host->arena, &type_uint8, (uint32_t)size);
}

static const struct type *build_base(struct dwarf_file *file, Dwarf_Die *type)
{
	uint64_t size = dwarf_size_of(type), encoding = 0;

	dwarf_number(type, DW_AT_encoding, &encoding);
	if (encoding == DW_ATE_boolean && size == 1)
		return &type_bool;
	if (encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
	    encoding == DW_ATE_imaginary_float ||
	    encoding == DW_ATE_decimal_float)
		return bytes_type(file, size);
	if (size == 16)
		return type_array(file->host->arena, &type_uint64, 2);
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return bytes_type(file, size);
	return type_int((uint32_t)size, encoding == DW_ATE_signed ||
						encoding == DW_ATE_signed_char);
}

static bool is_char(Dwarf_Die *type)
{
	uint64_t encoding;

	return dwarf_tag(type) == DW_TAG_base_type &&
	       dwarf_size_of(type) == 1 &&
	       dwarf_number(type, DW_AT_encoding, &encoding) &&
	       (encoding == DW_ATE_signed_char ||
		encoding == DW_ATE_unsigned_char || encoding == DW_ATE_UTF);
}

static const struct type *build_enum(struct dwarf_file *file, Dwarf_Die *type)
{
	uint64_t size = dwarf_size_of(type);
	struct enumerator *items = NULL;
	size_t count = 0, room = 0;
	struct type *built;
	Dwarf_Die child;
	bool is_signed = false;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return bytes_type(file, size);
	for (int more = dwarf_child(type, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		struct enumerator item = { .name = name_of(file, &child) };
		Dwarf_Attribute attribute;
		Dwarf_Sword value;

		if (dwarf_tag(&child) != DW_TAG_enumerator || !item.name ||
		    !dwarf_attr(&child, DW_AT_const_value, &attribute) ||
		    dwarf_formsdata(&attribute, &value))
			continue;
		item.value = value;
		is_signed |= value < 0;
		ARENA_PUSH(file->host->arena, items, count, room, item);
	}
	built = ARENA_NEW(file->host->arena, struct type);
	built->kind = TYPE_ENUM;
	built->size = (uint32_t)size;
	built->is_signed = is_signed;
	built->name = name_of(file, type);
	built->enumerators = items;
	built->count = (uint32_t)count;
	return built;
}

/* ---- types made of others ---- */

/* What a pointer points to and cannot be read is void. */
static const struct type *build_pointer(struct dwarf_file *file,
					Dwarf_Die *type, unsigned depth)
{
	const struct type *to = NULL;
	Dwarf_Die pointee;

	if (dwarf_type_die(type, &pointee) &&
	    dwarf_tag(&pointee) != DW_TAG_subroutine_type &&
	    dwarf_tag(&pointee) != DW_TAG_unspecified_type)
		to = build(file, &pointee, depth + 1);
	return type_pointer(file->host->arena, to, SPACE_USER);
}

/* The elements of one dimension; 0 if the array does not say. */
static uint64_t elements_of(Dwarf_Die *dimension)
{
	uint64_t count;

	if (dwarf_number(dimension, DW_AT_count, &count))
		return count;
	if (!dwarf_number(dimension, DW_AT_upper_bound, &count) ||
	    count == UINT64_MAX)
		return 0;
	return count + 1;
}

static const struct type *build_array(struct dwarf_file *file, Dwarf_Die *type,
				      unsigned depth)
{
	uint64_t counts[DWARF_DEPTH_MAX];
	const struct type *built;
	unsigned dimensions = 0;
	Dwarf_Die element, child;

	if (!dwarf_type_die(type, &element))
		return NULL;
	for (int more = dwarf_child(type, &child);
	     more == 0 && dimensions < DWARF_DEPTH_MAX;
	     more = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_subrange_type)
			counts[dimensions++] = elements_of(&child);
	if (dimensions == 1 && is_char(&element) && counts[0] &&
	    counts[0] <= CHARS_MAX)
		return type_string(file->host->arena, (uint32_t)counts[0]);
	built = build(file, &element, depth + 1);
	while (built && dimensions--) {
		uint64_t count = counts[dimensions];

		if (count > ELEMENTS_MAX ||
		    (uint64_t)built->size * count > ELEMENTS_MAX)
			return NULL;
		built = type_array(file->host->arena, built, (uint32_t)count);
	}
	return built;
}

static const struct type *build_record(struct dwarf_file *file, Dwarf_Die *type)
{
	struct arena *arena = file->host->arena;
	const char *key = arena_printf(arena, "%p", (void *)type->addr);
	struct dwarf_record *made = cache_find(&file->records, key);
	const char *name;

	if (!made) {
		name = name_of(file, type);
		made = ARENA_NEW(arena, struct dwarf_record);
		made->file = file;
		made->die = *type;
		made->record.name = name;
		made->record.is_union = dwarf_tag(type) == DW_TAG_union_type;
		made->record.size = (uint32_t)dwarf_size_of(type);
		made->record.origin = made;
		cache_put(arena, &file->records, key, made);
	}
	return type_struct(arena, &made->record);
}

static const struct type *build(struct dwarf_file *file, Dwarf_Die *type,
				unsigned depth)
{
	if (depth > DWARF_DEPTH_MAX)
		return NULL;
	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
		return build_base(file, type);
	case DW_TAG_enumeration_type:
		return build_enum(file, type);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return build_pointer(file, type, depth);
	case DW_TAG_array_type:
		return build_array(file, type, depth);
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return build_record(file, type);
	default:
		return bytes_type(file, dwarf_size_of(type));
	}
}

const struct type *dwarf_type_of(struct dwarf_file *file, Dwarf_Die *die)
{
	Dwarf_Die type;

	return dwarf_type_die(die, &type) ? build(file, &type, 0) : NULL;
}

/* ---- fields ---- */

/* The place of a bit-field, in either way of saying it. */
static bool read_bits(Dwarf_Die *member, const struct type *type,
		      struct field *field)
{
	uint64_t size, offset, storage = type->size;

	if (!dwarf_number(member, DW_AT_bit_size, &size) || size > 64)
		return false;
	if (dwarf_number(member, DW_AT_data_bit_offset, &offset)) {
		field->bit_offset = (uint32_t)offset;
	} else if (dwarf_number(member, DW_AT_bit_offset, &offset)) {
		/* counted from the most significant bit of its storage */
		dwarf_number(member, DW_AT_byte_size, &storage);
		if (8 * storage < offset + size)
			return false;
		field->bit_offset = (uint32_t)(8 * field->offset + 8 * storage -
					       offset - size);
	} else {
		field->bit_offset = 8 * field->offset;
	}
	field->bit_size = (uint32_t)size;
	field->offset = field->bit_offset / 8;
	return true;
}

/* False for what has no place in a value: static members, functions. */
static bool read_member(struct dwarf_file *file, Dwarf_Die *member,
			bool is_union, struct field *field)
{
	int tag = dwarf_tag(member);
	uint64_t offset = 0;

	if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
		return false;
	/* in C++ a static member may be a member without a place */
	if (!dwarf_number(member, DW_AT_data_member_location, &offset) &&
	    !is_union && !dwarf_hasattr(member, DW_AT_data_bit_offset))
		return false;
	*field = (struct field){
		.name = tag == DW_TAG_member ? name_of(file, member) : NULL,
		.type = dwarf_type_of(file, member),
		.offset = (uint32_t)offset,
	};
	if (!field->type || offset > INT32_MAX)
		return false;
	if (dwarf_hasattr(member, DW_AT_bit_size))
		return read_bits(member, field->type, field);
	return true;
}

/* ---- records that are only declared ---- */

static bool is_declaration(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_declaration);
}

/* What is looked for: the name, and the tags that will do. */
struct wanted {
	const char *name;
	int tags[3];
};

static bool is_wanted(const struct wanted *wanted, Dwarf_Die *die)
{
	int tag = dwarf_tag(die);
	const char *name;

	if ((tag != wanted->tags[0] && tag != wanted->tags[1] &&
	     tag != wanted->tags[2]) ||
	    is_declaration(die))
		return false;
	name = dwarf_diename(die);
	return name && strcmp(name, wanted->name) == 0;
}

static bool find_in(Dwarf_Die *parent, const struct wanted *wanted,
		    Dwarf_Die *found, unsigned depth)
{
	Dwarf_Die child;

	for (int more = dwarf_child(parent, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_namespace &&
		    depth < DWARF_DEPTH_MAX &&
		    find_in(&child, wanted, found, depth + 1))
			return true;
		if (is_wanted(wanted, &child)) {
			*found = child;
			return true;
		}
	}
	return false;
}

/* In any file of the program's source. */
static bool find_definition(struct dwarf_file *file,
			    const struct wanted *wanted, Dwarf_Die *found)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	while (dwarf_get_units(file->dwarf, unit, &unit, NULL, NULL, &die,
			       NULL) == 0)
		if (find_in(&die, wanted, found, 0))
			return true;
	return false;
}

/* Another file of the source may have the whole of it. */
static void complete_declaration(struct dwarf_record *made)
{
	struct wanted wanted = {
		.name = dwarf_diename(&made->die),
		.tags = { dwarf_tag(&made->die) },
	};
	Dwarf_Die definition;

	if (!wanted.name || !find_definition(made->file, &wanted, &definition))
		return;
	made->die = definition;
	made->record.size = (uint32_t)dwarf_size_of(&definition);
}

void dwarf_record_fill(struct dwarf_record *made)
{
	struct record *record = &made->record;
	size_t room = 0;
	Dwarf_Die child;

	if (made->filling == FILLING_DONE)
		return;
	made->filling = FILLING_DONE;
	if (is_declaration(&made->die))
		complete_declaration(made);
	for (int more = dwarf_child(&made->die, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		struct field field;

		if (read_member(made->file, &child, record->is_union, &field))
			ARENA_PUSH(made->file->host->arena, record->fields,
				   record->count, room, field);
	}
}

/* ---- by name ---- */

/* C++ leaves the keyword out. */
static const struct {
	const char *keyword;
	int tags[3];
} keywords[] = {
	{ "struct", { DW_TAG_structure_type, DW_TAG_class_type } },
	{ "union", { DW_TAG_union_type } },
	{ "enum", { DW_TAG_enumeration_type } },
	{ "", { DW_TAG_typedef, DW_TAG_class_type, DW_TAG_structure_type } },
};

static const struct type *find_named(struct dwarf_file *file,
				     const char *keyword, const char *name)
{
	struct wanted wanted = { .name = name };
	Dwarf_Die found, type;

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (strcmp(keywords[i].keyword, keyword) == 0)
			memcpy(wanted.tags, keywords[i].tags,
			       sizeof(wanted.tags));
	if (!wanted.tags[0] || !find_definition(file, &wanted, &found) ||
	    dwarf_peel_type(&found, &type) != 0)
		return NULL;
	return build(file, &type, 0);
}

enum host_status host_program_type(struct host *host, const char *path,
				   const char *keyword, const char *name,
				   const struct type **type)
{
	struct dwarf_file *file = dwarf_file_get(host, path);
	const char *key;

	if (!file->dwarf)
		return HOST_NO_DEBUG;
	keyword = keyword ? keyword : "";
	key = arena_printf(host->arena, "%s %s", keyword, name);
	*type = cache_find(&file->named, key);
	if (!*type) {
		*type = find_named(file, keyword, name);
		/* What is not there is remembered as no type. */
		*type = *type ? *type : &type_none;
		cache_put(host->arena, &file->named, key, (void *)*type);
	}
	return (*type)->kind == TYPE_NONE ? HOST_ABSENT : HOST_OK;
}
