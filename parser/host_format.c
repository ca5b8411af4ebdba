/*
 * The text of a tracepoint's format file: the id of the event, and a type for
 * each field from the C it was declared with and the bytes it has. Opens no
 * file. Called by host_tracefs.c and by the fuzzer; trusts nothing in the text.
 */
#include "parser/host_private.h"
#include "parser/word_types.h"

#include <string.h>

/* The strings of __data_loc have no length in their type. This is the room
 * one gets as a value, whatever the settings say: str() asks for others. */
#define DATA_LOC_STRING 1024
#define RECORD_MAX      65536 /* bytes; the kernel's own limit is smaller */
#define POINTERS_MAX    8     /* of "const char *const *" */

/* A part of the text; not NUL-terminated. */
struct span_of_text {
	const char *at;
	size_t length;
};

/* Words that say nothing about the shape of a value. */
static const char *const noise[] = {
	"const", "volatile", "restrict", "__user",   "__kernel",  "__percpu",
	"__rcu", "__iomem",  "__seg_gs", "__seg_fs", "__private", "__force",
};

enum location {
	LOCATION_HERE,
	LOCATION_DATA,     /* __data_loc */
	LOCATION_RELATIVE, /* __rel_loc */
};

/* "__data_loc const struct foo *name[3]", taken apart. */
struct declaration {
	struct span_of_text name;
	enum location location;
	char base[64];  /* the words of the type without the noise */
	char keyword;   /* 's'truct, 'u'nion, 'e'num, or 0 */
	uint32_t stars; /* of the pointer */
	bool is_array;
	/* and the numbers behind it */
	uint32_t offset;
	uint32_t size;
	bool is_signed;
};

struct format {
	struct arena *arena;
	struct host *host; /* NULL: records are not shared */
	bool is_syscall;   /* pointers are the caller's, slots have 8 bytes */
	bool has_id;
	uint32_t id;
	const char *event; /* its name, or "" */
	struct field *fields;
	size_t count, room;
	uint32_t size;
};

/* ---- text ---- */

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool starts_with(struct span_of_text text, const char *prefix)
{
	size_t length = strlen(prefix);

	return text.length >= length && !memcmp(text.at, prefix, length);
}

static bool is_word(struct span_of_text text, const char *word)
{
	return starts_with(text, word) && text.length == strlen(word);
}

static struct span_of_text skip(struct span_of_text text, size_t count)
{
	return (struct span_of_text){ text.at + count, text.length - count };
}

/* Moves past the first `end`; returns what was before it, or everything. */
static struct span_of_text take_until(struct span_of_text *text, char end)
{
	const char *at = memchr(text->at, end, text->length);
	struct span_of_text taken = *text;

	if (at)
		taken.length = (size_t)(at - text->at);
	*text = skip(*text, taken.length + (at ? 1 : 0));
	return taken;
}

/* The next word or other character, blanks left out; empty at the end. */
static struct span_of_text take_word(struct span_of_text *text)
{
	struct span_of_text word;

	while (text->length && (*text->at == ' ' || *text->at == '\t'))
		*text = skip(*text, 1);
	word = (struct span_of_text){ text->at, 0 };
	while (word.length < text->length && is_word_char(word.at[word.length]))
		word.length++;
	if (!word.length && text->length)
		word.length = 1;
	*text = skip(*text, word.length);
	return word;
}

/* Decimal, all of the text, at most `limit`. */
static bool read_number(struct span_of_text text, uint64_t limit,
			uint64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(text.at[i] - '0');
		if (*value > limit)
			return false;
	}
	return text.length;
}

/* ---- declarations ---- */

static bool base_append(struct declaration *declaration,
			struct span_of_text word)
{
	size_t used = strlen(declaration->base);

	if (used + word.length + 2 > sizeof(declaration->base))
		return false;
	if (used)
		declaration->base[used++] = ' ';
	memcpy(declaration->base + used, word.at, word.length);
	declaration->base[used + word.length] = '\0';
	return true;
}

static bool is_noise(struct span_of_text word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(noise); i++)
		if (is_word(word, noise[i]))
			return true;
	return false;
}

/* A word of the type. The name comes in here too, as the last one; it goes to
 * the base when another word follows. */
static bool take_type_word(struct declaration *declaration,
			   struct span_of_text word)
{
	struct span_of_text before = declaration->name;

	declaration->name = word;
	if (!before.length || is_noise(before))
		return true;
	if (is_word(before, "struct") || is_word(before, "union") ||
	    is_word(before, "enum"))
		declaration->keyword = before.at[0];
	else if (is_word(before, "__data_loc"))
		declaration->location = LOCATION_DATA;
	else if (is_word(before, "__rel_loc"))
		declaration->location = LOCATION_RELATIVE;
	else
		return base_append(declaration, before);
	return true;
}

/* Moves past a "[N]" whose '[' was taken. The number may be any constant of
 * the kernel's, so that the size in bytes is what counts. */
static void skip_bound(struct declaration *declaration,
		       struct span_of_text *text)
{
	declaration->is_array = true;
	take_until(text, ']');
}

/* The '*' of a type: the word before it belonged to that. */
static bool take_star(struct declaration *declaration)
{
	static const struct span_of_text none = { "", 0 };

	return ++declaration->stars <= POINTERS_MAX &&
	       take_type_word(declaration, none);
}

/* "(*name)(args)": a pointer, to nothing a probe could read. */
static bool take_function(struct declaration *declaration,
			  struct span_of_text *text)
{
	if (!is_word(take_word(text), "*"))
		return false;
	declaration->name = take_word(text);
	declaration->keyword = 0;
	strcpy(declaration->base, "void");
	declaration->stars = 1;
	*text = skip(*text, text->length);
	return true;
}

static bool take_declaration(struct declaration *declaration,
			     struct span_of_text text)
{
	struct span_of_text word;
	bool good = true;

	while (good && (word = take_word(&text)).length) {
		if (is_word_char(word.at[0]))
			good = take_type_word(declaration, word);
		else if (word.at[0] == '*')
			good = take_star(declaration);
		else if (word.at[0] == '[')
			skip_bound(declaration, &text);
		else
			good = word.at[0] == '(' &&
			       take_function(declaration, &text);
	}
	return good && declaration->name.length && declaration->base[0] &&
	       is_word_char(declaration->name.at[0]);
}

/* ---- types ---- */

/* A type somewhere else than its constructor puts it. */
static const struct type *type_in(struct arena *arena, const struct type *type,
				  enum address_space space)
{
	struct type *copy = ARENA_NEW(arena, struct type);

	*copy = *type;
	copy->space = space;
	return copy;
}

static const struct type *enum_by_name(struct arena *arena, const char *name,
				       uint32_t size, bool is_signed)
{
	struct type *type = ARENA_NEW(arena, struct type);

	type->kind = TYPE_ENUM;
	type->size = size;
	type->is_signed = is_signed;
	type->name = arena_strdup(arena, name);
	return type;
}

/* A struct or union: host_record_complete() gives it fields. */
static const struct type *record_type(const struct format *format,
				      const struct declaration *declaration,
				      uint32_t size)
{
	bool is_union = declaration->keyword == 'u';
	struct record *record;

	/* All pointers to a struct of a name have one type. */
	if (format->host && !size)
		return type_struct(format->arena,
				   record_by_name(format->host, is_union,
						  declaration->base));
	record = ARENA_NEW(format->arena, struct record);
	record->name = arena_strdup(format->arena, declaration->base);
	record->is_union = is_union;
	record->size = size;
	return type_struct(format->arena, record);
}

static bool is_integer_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static const struct type *bytes_type(struct arena *arena, uint32_t size)
{
	return type_in(arena, type_array(arena, &type_uint8, size),
		       SPACE_CONTEXT);
}

/* A pointer, or what the innermost one points to; NULL for void and for
 * typedefs that are not known here. */
static const struct type *pointer_type(const struct format *format,
				       const struct declaration *declaration)
{
	enum address_space space =
		format->is_syscall ? SPACE_USER : SPACE_KERNEL;
	struct arena *arena = format->arena;
	const struct type *type;
	uint32_t i;

	if (declaration->keyword == 'e')
		type = enum_by_name(arena, declaration->base, 4, false);
	else if (declaration->keyword)
		type = record_type(format, declaration, 0);
	else
		type = integer_by_name(declaration->base);
	for (i = 0; i < declaration->stars; i++)
		type = type_pointer(arena, type, space);
	return type;
}

/* A value that is neither an array nor a pointer. */
static const struct type *plain_type(const struct format *format,
				     const struct declaration *declaration)
{
	const struct type *known = integer_by_name(declaration->base);
	uint32_t size = declaration->size;

	if (declaration->keyword == 'e' && is_integer_size(size))
		return enum_by_name(format->arena, declaration->base,
				    format->is_syscall && size > 4 ? 4 : size,
				    declaration->is_signed);
	if (declaration->keyword == 's' || declaration->keyword == 'u')
		return type_in(format->arena,
			       record_type(format, declaration, size),
			       SPACE_CONTEXT);
	if (!is_integer_size(size))
		return bytes_type(format->arena, size);
	if (size == 1 && (!strcmp(declaration->base, "bool") ||
			  !strcmp(declaration->base, "_Bool")))
		return &type_bool;
	/* The kernel took the low bytes of the register; so do we. */
	if (format->is_syscall && known && known->size <= size)
		return known;
	return type_int(size, declaration->is_signed);
}

static const struct type *array_type(const struct format *format,
				     const struct declaration *declaration)
{
	struct arena *arena = format->arena;
	const struct type *element;
	uint32_t size = declaration->size;

	element = declaration->keyword && !declaration->stars
			  ? NULL
			  : pointer_type(format, declaration);
	if (declaration->location != LOCATION_HERE)
		size = 0; /* each record says how long it is */
	if (!declaration->stars && !strcmp(declaration->base, "char")) {
		if (declaration->location != LOCATION_HERE)
			return type_string(arena, DATA_LOC_STRING);
		if (size)
			return type_string(arena, size);
	}
	if (!element || size % element->size)
		return bytes_type(arena, size);
	return type_in(arena, type_array(arena, element, size / element->size),
		       SPACE_CONTEXT);
}

static const struct type *declared_type(const struct format *format,
					const struct declaration *declaration)
{
	if (declaration->is_array || declaration->location != LOCATION_HERE)
		return array_type(format, declaration);
	if (declaration->stars && declaration->size == 8)
		return pointer_type(format, declaration);
	return plain_type(format, declaration);
}

/* ---- lines ---- */

/* "offset:16; size:8; signed:0;", which 2.6 kernels had without the last. */
static bool take_numbers(struct declaration *declaration,
			 struct span_of_text text)
{
	struct span_of_text part;
	bool has_offset = false, has_size = false, good = true;
	uint64_t value = 0;

	while (good && text.length) {
		part = take_until(&text, ';');
		while (part.length && (*part.at == ' ' || *part.at == '\t'))
			part = skip(part, 1);
		if (starts_with(part, "offset:")) {
			good = read_number(skip(part, 7), RECORD_MAX, &value);
			declaration->offset = (uint32_t)value;
			has_offset = true;
		} else if (starts_with(part, "size:")) {
			good = read_number(skip(part, 5), RECORD_MAX, &value);
			declaration->size = (uint32_t)value;
			has_size = true;
		} else if (starts_with(part, "signed:")) {
			good = read_number(skip(part, 7), 1, &value);
			declaration->is_signed = value;
		}
	}
	return good && has_offset && has_size;
}

/* Where the low bytes of a system call's slot are. */
static uint32_t low_bytes(const struct declaration *declaration,
			  const struct type *type)
{
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && (type_is_integer(type)) &&
	    type->size < declaration->size)
		return declaration->size - type->size;
	return 0;
}

/* What follows "field:" in a line. */
static bool take_field(struct format *format, struct span_of_text line)
{
	struct declaration declaration = { .name = { "", 0 } };
	struct field field = { 0 };
	uint32_t end;

	if (!take_declaration(&declaration, take_until(&line, ';')) ||
	    !take_numbers(&declaration, line))
		return false;
	if (declaration.location != LOCATION_HERE && declaration.size != 4)
		return false;
	field.name = arena_strndup(format->arena, declaration.name.at,
				   declaration.name.length);
	field.type = named_field(format->arena, format->event, field.name,
				 declared_type(format, &declaration));
	field.offset = declaration.offset + low_bytes(&declaration, field.type);
	field.data_loc = declaration.location == LOCATION_DATA;
	field.rel_loc = declaration.location == LOCATION_RELATIVE;
	end = declaration.offset + declaration.size;
	if (end > RECORD_MAX)
		return false;
	if (end > format->size)
		format->size = end;
	ARENA_PUSH(format->arena, format->fields, format->count, format->room,
		   field);
	return true;
}

/*
 *	name: sched_switch
 *	ID: 372
 *	format:
 *		field:unsigned short common_type;  ...
 *	(an empty line: what every event has, has been listed)
 *		field:pid_t prev_pid;  ...
 *	(an empty line)
 *	print fmt: ...
 */
static bool take_lines(struct format *format, struct span_of_text text)
{
	struct span_of_text line;
	bool in_format = false, in_args = false;
	uint64_t id;

	while (text.length) {
		line = take_until(&text, '\n');
		if (starts_with(line, "print fmt:")) {
			break;
		} else if (starts_with(line, "name: ")) {
			line = skip(line, 6);
			format->event = arena_strndup(format->arena, line.at,
						      line.length);
			format->is_syscall = starts_with(line, "sys_enter_") ||
					     starts_with(line, "sys_exit_");
		} else if (starts_with(line, "ID: ")) {
			if (!read_number(skip(line, 4), UINT32_MAX, &id))
				return false;
			format->id = (uint32_t)id;
			format->has_id = true;
		} else if (starts_with(line, "format:")) {
			in_format = true;
		} else if (!line.length) {
			in_args = in_format;
		} else if (in_args && starts_with(line, "\tfield:")) {
			if (!take_field(format, skip(line, 7)))
				return false;
		}
	}
	return format->has_id && in_format;
}

const struct record *args_parse(struct arena *arena, struct host *host,
				const struct text *text, uint32_t *id)
{
	struct format format = { .arena = arena, .host = host, .event = "" };
	struct record *record;

	if (!take_lines(&format,
			(struct span_of_text){ text->bytes, text->length }))
		return NULL;
	*id = format.id;
	record = ARENA_NEW(arena, struct record);
	record->name = "args";
	record->size = format.size;
	record->fields = format.fields;
	record->count = format.count;
	return record;
}

const struct record *tracepoint_format_parse(struct arena *arena,
					     const char *text, size_t length,
					     uint32_t *id)
{
	struct text whole = { .bytes = (char *)text, .length = length };

	return args_parse(arena, NULL, &whole, id);
}
