/*
 * Types of the language from types of BTF: one at a time, and the fields of a
 * record only when somebody looks into it. Knows nothing of where the BTF is
 * from. Called by host_btf.c. The BTF may be hostile: it may name itself.
 */
#include "parser/host_private.h"

#include <linux/btf.h>
#include <string.h>

#define MODIFIERS_MAX 64 /* const, typedef, … on top of each other */
#define DEPTH_MAX \
	24 /* pointers to pointers, arrays of arrays, records \
	      without a name in records */
#define VISIBLE_MAX \
	65536 /* fields of a record, those seen through included \
	       */
#define CHARS_MAX       65536 /* longer arrays of char are no strings */
#define NAME_MAX_LENGTH 511   /* the kernel's own limit */

enum filling {
	FILLING_NOT_YET,
	FILLING_NOW, /* a record inside of itself is left out */
	FILLING_DONE,
};

/* What a record that is made here stands in. */
struct built_record {
	struct record record;
	enum filling filling;
	size_t visible; /* fields, those of its nameless members included */
};

static const struct type *build(struct kernel_types *types, uint32_t id,
				unsigned depth);

/* ---- through modifiers ---- */

struct resolved {
	uint32_t id;      /* 0: void */
	const char *name; /* of the last typedef, or NULL */
	bool is_user;     /* tagged as the memory of a process */
};

static struct resolved resolve(struct kernel_types *types, uint32_t id)
{
	struct resolved resolved = { .id = id };
	const struct btf_type *type;
	const char *name;
	int i;

	for (i = 0; i < MODIFIERS_MAX; i++) {
		type = btf_type(&types->file, resolved.id);
		if (!type)
			break;
		name = btf_name(&types->file, type->name_off);
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_TYPEDEF:
			resolved.name = name;
			break;
		case BTF_KIND_TYPE_TAG:
			resolved.is_user |= !strcmp(name, "user");
			break;
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
			break;
		default:
			return resolved;
		}
		resolved.id = type->type;
	}
	resolved.id = 0;
	return resolved;
}

uint32_t btf_resolve(struct kernel_types *types, uint32_t id)
{
	return resolve(types, id).id;
}

/* ---- simple types ---- */

static const struct type *bytes_type(struct kernel_types *types, uint32_t size)
{
	return type_array(types->arena, &type_uint8, size);
}

static bool is_char(struct kernel_types *types, const struct btf_type *type)
{
	return type && BTF_INFO_KIND(type->info) == BTF_KIND_INT &&
	       type->size == 1 &&
	       !strcmp(btf_name(&types->file, type->name_off), "char");
}

static const struct type *build_int(struct kernel_types *types,
				    const struct btf_type *type)
{
	uint32_t details = *(const uint32_t *)(type + 1);

	switch (type->size) {
	case 1:
		if (BTF_INT_ENCODING(details) & BTF_INT_BOOL)
			return &type_bool;
		/* BTF does not tell that C's plain char has a sign. */
		if (is_char(types, type))
			return &type_int8;
		break;
	case 2:
	case 4:
	case 8:
		break;
	case 16:
		return type_array(types->arena, &type_uint64, 2);
	default:
		return bytes_type(types, type->size);
	}
	return type_int(type->size, BTF_INT_ENCODING(details) & BTF_INT_SIGNED);
}

/* The file may be closed before the arena is freed. */
static const char *copy_name(struct kernel_types *types, uint32_t place)
{
	const char *name = btf_name(&types->file, place);

	return arena_strndup(types->arena, name,
			     strnlen(name, NAME_MAX_LENGTH));
}

static const char *known_name(struct kernel_types *types,
			      const struct btf_type *type,
			      const char *typedef_name)
{
	const char *name = copy_name(types, type->name_off);

	if (*name || !typedef_name)
		return *name ? name : NULL;
	return arena_strndup(types->arena, typedef_name,
			     strnlen(typedef_name, NAME_MAX_LENGTH));
}

static void read_enumerators(struct kernel_types *types,
			     const struct btf_type *type,
			     struct enumerator *enumerators)
{
	const struct btf_enum64 *wide = (const void *)(type + 1);
	const struct btf_enum *narrow = (const void *)(type + 1);
	bool is_wide = BTF_INFO_KIND(type->info) == BTF_KIND_ENUM64;
	uint32_t count = BTF_INFO_VLEN(type->info);
	uint32_t place, i;
	uint64_t value;

	for (i = 0; i < count; i++) {
		if (is_wide)
			value = (uint64_t)wide[i].val_hi32 << 32 |
				wide[i].val_lo32;
		else if (BTF_INFO_KFLAG(type->info))
			value = (uint64_t)(int64_t)narrow[i].val;
		else
			value = (uint32_t)narrow[i].val;
		place = is_wide ? wide[i].name_off : narrow[i].name_off;
		enumerators[i].name = copy_name(types, place);
		enumerators[i].value = (int64_t)value;
	}
}

static const struct type *build_enum(struct kernel_types *types,
				     const struct btf_type *type,
				     const char *typedef_name)
{
	struct enumerator *enumerators;
	struct type *built;

	if (type->size != 1 && type->size != 2 && type->size != 4 &&
	    type->size != 8)
		return bytes_type(types, type->size);
	enumerators = ARENA_ARRAY(types->arena, BTF_INFO_VLEN(type->info),
				  struct enumerator);
	read_enumerators(types, type, enumerators);
	built = ARENA_NEW(types->arena, struct type);
	built->kind = TYPE_ENUM;
	built->size = type->size;
	built->is_signed = BTF_INFO_KFLAG(type->info);
	built->name = known_name(types, type, typedef_name);
	built->enumerators = enumerators;
	built->count = BTF_INFO_VLEN(type->info);
	return built;
}

/* ---- types made of others ---- */

static const struct type *build_record(struct kernel_types *types,
				       const struct btf_type *type,
				       struct resolved *resolved)
{
	struct built_record *built =
		ARENA_NEW(types->arena, struct built_record);
	uint32_t kind = BTF_INFO_KIND(type->info);
	const char *name = known_name(types, type, resolved->name);

	built->record.name = name ? name : "";
	if (kind == BTF_KIND_FWD) {
		/* Only a name: perhaps the whole is elsewhere. */
		built->record.is_union = BTF_INFO_KFLAG(type->info);
		built->filling = FILLING_DONE;
	} else {
		built->record.is_union = kind == BTF_KIND_UNION;
		built->record.size = type->size;
		built->record.btf_id =
			types->number << BTF_ID_BITS | resolved->id;
	}
	return type_struct(types->arena, &built->record);
}

static const struct type *build_array(struct kernel_types *types,
				      const struct btf_type *type,
				      unsigned depth)
{
	const struct btf_array *array = (const void *)(type + 1);
	const struct btf_type *inner;
	const struct type *element;

	inner = btf_type(&types->file, btf_resolve(types, array->type));
	if (is_char(types, inner) && array->nelems &&
	    array->nelems <= CHARS_MAX)
		return type_string(types->arena, array->nelems);
	element = build(types, array->type, depth + 1);
	if (!element || (uint64_t)element->size * array->nelems > INT32_MAX)
		return NULL;
	return type_array(types->arena, element, array->nelems);
}

/* A pointer to something that cannot be read is one to void. */
static const struct type *build_pointer(struct kernel_types *types,
					const struct btf_type *type,
					unsigned depth)
{
	struct resolved to = resolve(types, type->type);

	return type_pointer(types->arena, build(types, type->type, depth + 1),
			    to.is_user ? SPACE_USER : SPACE_KERNEL);
}

static const struct type *build_kind(struct kernel_types *types,
				     const struct btf_type *type,
				     struct resolved *resolved, unsigned depth)
{
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
		return build_int(types, type);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return build_enum(types, type, resolved->name);
	case BTF_KIND_FLOAT:
		return bytes_type(types, type->size);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FWD:
		return build_record(types, type, resolved);
	case BTF_KIND_ARRAY:
		return build_array(types, type, depth);
	case BTF_KIND_PTR:
		return build_pointer(types, type, depth);
	default:
		return NULL;
	}
}

static const struct type *build(struct kernel_types *types, uint32_t id,
				unsigned depth)
{
	struct resolved resolved = resolve(types, id);
	const struct btf_type *type = btf_type(&types->file, resolved.id);

	if (!type || depth > DEPTH_MAX || resolved.id > BTF_ID_MASK)
		return NULL;
	/* One type, whichever module speaks of it. */
	if (resolved.id < types->file.first)
		return build(types->base, resolved.id, depth);
	if (!types->built[resolved.id])
		types->built[resolved.id] =
			build_kind(types, type, &resolved, depth);
	return types->built[resolved.id];
}

const struct type *btf_build(struct kernel_types *types, uint32_t id)
{
	return build(types, id, 0);
}

/* ---- the fields of a record ---- */

static void fill(struct kernel_types *types, struct built_record *built,
		 unsigned depth);

/* The member's type and place, as BTF tells them; false if it makes no sense.
 * `bits` is 0 for what is not a bit-field. */
static bool read_member(struct kernel_types *types,
			const struct btf_type *record,
			const struct btf_member *member, struct field *field)
{
	uint32_t position = member->offset, bits = 0, resolved, details;
	const struct btf_type *type;

	if (BTF_INFO_KFLAG(record->info)) {
		bits = BTF_MEMBER_BITFIELD_SIZE(member->offset);
		position = BTF_MEMBER_BIT_OFFSET(member->offset);
	}
	field->type = btf_build(types, member->type);
	if (!field->type)
		return false;
	/* Before kflag, the integer itself said how many bits it has. */
	resolved = btf_resolve(types, member->type);
	type = btf_type(&types->file, resolved);
	if (!bits && BTF_INFO_KIND(type->info) == BTF_KIND_INT) {
		details = *(const uint32_t *)(type + 1);
		position += BTF_INT_OFFSET(details);
		if (BTF_INT_BITS(details) < type->size * 8)
			bits = BTF_INT_BITS(details);
	}
	field->offset = position / 8;
	if (bits) {
		/* The unit of the declared type that the first bit is in. */
		if (!type_is_integer(field->type) ||
		    bits > field->type->size * 8)
			return false;
		field->offset -= field->offset % field->type->size;
		field->bit_offset = position;
		field->bit_size = bits;
	}
	return bits || position % 8 == 0;
}

/* A bit-field may end in the unit after its first, in packed records. */
static bool is_inside(const struct field *field, uint32_t size)
{
	if (field->bit_size)
		return (uint64_t)field->bit_offset + field->bit_size <=
		       (uint64_t)size * 8;
	return (uint64_t)field->offset + field->type->size <= size;
}

/* Fields of records without a name are seen as the outer record's own. False
 * if there is nothing to see. */
static bool look_through(struct kernel_types *types, struct built_record *outer,
			 const struct field *field, unsigned depth)
{
	struct built_record *inner;

	if (field->type->kind != TYPE_STRUCT || field->bit_size ||
	    depth >= DEPTH_MAX)
		return false;
	inner = (struct built_record *)field->type->record;
	if (inner->filling == FILLING_NOW)
		return false;
	fill(types, inner, depth + 1);
	if (inner->visible >= VISIBLE_MAX - outer->visible)
		return false;
	outer->visible += inner->visible + 1;
	return true;
}

static bool make_field(struct kernel_types *types, struct built_record *built,
		       const struct btf_type *record, uint32_t index,
		       struct field *field, unsigned depth)
{
	const struct btf_member *member =
		(const struct btf_member *)(record + 1) + index;
	const char *name = btf_name(&types->file, member->name_off);

	*field = (struct field){ 0 };
	if (!read_member(types, record, member, field) ||
	    !is_inside(field, record->size))
		return false;
	if (!*name)
		return look_through(types, built, field, depth);
	if (built->visible >= VISIBLE_MAX)
		return false;
	field->name = copy_name(types, member->name_off);
	built->visible++;
	return true;
}

static void fill(struct kernel_types *types, struct built_record *built,
		 unsigned depth)
{
	const struct btf_type *type;
	struct field *fields;
	uint32_t count, i;
	size_t kept = 0;

	if (built->filling != FILLING_NOT_YET)
		return;
	built->filling = FILLING_NOW;
	type = btf_type(&types->file, built->record.btf_id & BTF_ID_MASK);
	count = BTF_INFO_VLEN(type->info);
	fields = ARENA_ARRAY(types->arena, count, struct field);
	for (i = 0; i < count; i++)
		if (make_field(types, built, type, i, &fields[kept], depth))
			kept++;
	built->record.fields = fields;
	built->record.count = kept;
	built->filling = FILLING_DONE;
}

void btf_fill(struct kernel_types *types, const struct record *record)
{
	fill(types, (struct built_record *)record, 0);
}
