/*
 * Records declared in a script lie in memory as the compiler of this very test
 * lays them out: each declaration is both compiled here and given to etrace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parser/check.h"
#include "parser/host.h"
#include "parser/parser.h"
#include "parser/settings.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* clang-format off */
#define DECLARE(name, ...) \
	__VA_ARGS__ \
	static const char text_of_##name[] = #__VA_ARGS__;

DECLARE(plain, struct plain { char a; int b; short c; long d; u8 e; };)
DECLARE(arrays, struct arrays { char a[3]; int b[2][5]; u16 c; char d[2][7];
	long e[0]; };)
DECLARE(pointers, struct pointers { u8 a; void *b; int (*c)(int, char *);
	const char *const *d; int (*e)[4]; u8 f; };)
DECLARE(packed, struct packed { u8 a; u32 b; u64 c; u16 d; }
	__attribute__((packed));)
DECLARE(aligned, struct aligned { u8 a; u32 b __attribute__((aligned(16)));
	u8 c; } __attribute__((aligned(64)));)
DECLARE(field_packed, struct field_packed { u8 a;
	u32 b __attribute__((packed)); u8 c; };)
DECLARE(nested, struct nested { u8 a; struct { u8 x; u32 y; } b;
	union { u64 c; u8 d[12]; }; struct { u16 e; }; u8 f; };)
DECLARE(outer, struct outer { u8 a; struct plain b; struct packed c; u16 d;
	struct plain e[2]; };)
DECLARE(choice, union choice { u8 a; u32 b; char c[7]; struct plain d; };)
DECLARE(flexible, struct flexible { u32 count; u64 data[]; };)
DECLARE(words, struct words { unsigned a; long long b; unsigned short int c;
	signed char d; long unsigned int e; _Bool f; unsigned long long g; };)
DECLARE(kinds, enum small { ONE = 1, TWO }; enum large { HUGE_VALUE_ =
	0x100000000 }; struct kinds { u8 a; enum small b; u8 c; enum large d;
	enum { IN_HERE } e; };)

DECLARE(bits, struct bits { unsigned a : 3; unsigned b : 7; unsigned c : 25;
	u8 d; int e : 5; long f : 40; u8 g : 1; u16 h : 9; u32 i; };)
DECLARE(bits_gap, struct bits_gap { u8 a : 4; u8 : 0; u8 b : 4; u32 c : 3;
	u32 : 7; u32 d : 5; u32 : 0; u8 e; };)
DECLARE(bits_packed, struct bits_packed { u8 a; u32 b : 30; u32 c : 5;
	u64 d : 60; u16 e; } __attribute__((packed));)
DECLARE(bits_union, union bits_union { u32 a : 5; u64 b : 33; u8 c; };)
/* clang-format on */

struct fixture {
	struct arena *arena;
	struct host *host;
	struct diags *diags;
};

static void fixture_open(struct fixture *fixture, const char *declarations)
{
	struct settings settings;
	struct program *program;
	struct source *source;
	const char *text;

	fixture->arena = arena_new();
	text = arena_printf(fixture->arena, "%s begin { }", declarations);
	source = source_from_text(fixture->arena, "test", text, strlen(text));
	fixture->diags = diags_new(fixture->arena, source);
	fixture->host = host_open(fixture->arena, "/nowhere");
	settings_defaults(&settings);
	program = parse_program(fixture->arena, source, fixture->diags);
	expand_probes(fixture->arena, program, fixture->host, &settings,
		      fixture->diags);
}

static void fixture_close(struct fixture *fixture)
{
	host_close(fixture->host);
	arena_free(fixture->arena);
}

static const struct record *record_of(struct fixture *fixture,
				      const char *keyword, const char *name)
{
	const struct type *type = NULL;

	if (fixture->diags->errors)
		diags_print(fixture->diags, stderr, false, false);
	assert_int_equal(fixture->diags->errors, 0);
	assert_int_equal(host_type(fixture->host, keyword, name, &type),
			 HOST_OK);
	assert_int_equal(type->kind, TYPE_STRUCT);
	assert_int_equal(type->size, type->record->size);
	return type->record;
}

static void check_field(const struct record *record, const char *name,
			size_t offset, size_t size)
{
	uint32_t found = UINT32_MAX;
	const struct field *field = record_field(record, name, &found);

	if (!field || found != offset || field->type->size != size)
		print_error("%s.%s\n", record->name, name);
	assert_non_null(field);
	assert_int_equal(found, offset);
	assert_true(field && field->type->size == size);
}

#define BEGIN(keyword, tag) \
	struct fixture fixture; \
	const struct record *record; \
	keyword tag *object = NULL; \
	fixture_open(&fixture, text_of_##tag); \
	record = record_of(&fixture, #keyword, #tag); \
	assert_int_equal(record->size, sizeof(*object))

#define FIELD(tag, name) \
	check_field(record, #name, offsetof(tag, name), sizeof(object->name))

#define END fixture_close(&fixture)

static void test_plain(void **state)
{
	BEGIN(struct, plain);

	(void)state;
	FIELD(struct plain, a);
	FIELD(struct plain, b);
	FIELD(struct plain, c);
	FIELD(struct plain, d);
	FIELD(struct plain, e);
	END;
}

static void test_arrays(void **state)
{
	BEGIN(struct, arrays);

	(void)state;
	FIELD(struct arrays, a);
	FIELD(struct arrays, b);
	FIELD(struct arrays, c);
	FIELD(struct arrays, d);
	FIELD(struct arrays, e);
	END;
}

static void test_pointers(void **state)
{
	BEGIN(struct, pointers);

	(void)state;
	FIELD(struct pointers, a);
	FIELD(struct pointers, b);
	FIELD(struct pointers, c);
	FIELD(struct pointers, d);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a pointer is meant */
	FIELD(struct pointers, e);
	FIELD(struct pointers, f);
	END;
}

static void test_packed(void **state)
{
	BEGIN(struct, packed);

	(void)state;
	FIELD(struct packed, a);
	FIELD(struct packed, b);
	FIELD(struct packed, c);
	FIELD(struct packed, d);
	END;
}

static void test_aligned(void **state)
{
	BEGIN(struct, aligned);

	(void)state;
	FIELD(struct aligned, a);
	FIELD(struct aligned, b);
	FIELD(struct aligned, c);
	END;
}

static void test_field_packed(void **state)
{
	BEGIN(struct, field_packed);

	(void)state;
	FIELD(struct field_packed, a);
	FIELD(struct field_packed, b);
	FIELD(struct field_packed, c);
	END;
}

static void test_nested(void **state)
{
	BEGIN(struct, nested);

	(void)state;
	FIELD(struct nested, a);
	FIELD(struct nested, b);
	FIELD(struct nested, c);
	FIELD(struct nested, d);
	FIELD(struct nested, e);
	FIELD(struct nested, f);
	END;
}

static void test_outer(void **state)
{
	struct fixture fixture;
	const struct record *record;
	struct outer *object = NULL;
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s %s %s", text_of_plain, text_of_packed,
		 text_of_outer);
	fixture_open(&fixture, text);
	record = record_of(&fixture, "struct", "outer");
	assert_int_equal(record->size, sizeof(*object));
	FIELD(struct outer, a);
	FIELD(struct outer, b);
	FIELD(struct outer, c);
	FIELD(struct outer, d);
	FIELD(struct outer, e);
	END;
}

static void test_choice(void **state)
{
	struct fixture fixture;
	const struct record *record;
	union choice *object = NULL;
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s %s", text_of_plain, text_of_choice);
	fixture_open(&fixture, text);
	record = record_of(&fixture, "union", "choice");
	assert_int_equal(record->size, sizeof(*object));
	assert_true(record->is_union);
	FIELD(union choice, a);
	FIELD(union choice, b);
	FIELD(union choice, c);
	FIELD(union choice, d);
	END;
}

static void test_flexible(void **state)
{
	BEGIN(struct, flexible);

	(void)state;
	FIELD(struct flexible, count);
	check_field(record, "data", offsetof(struct flexible, data), 0);
	END;
}

static void test_words(void **state)
{
	BEGIN(struct, words);

	(void)state;
	FIELD(struct words, a);
	FIELD(struct words, b);
	FIELD(struct words, c);
	FIELD(struct words, d);
	FIELD(struct words, e);
	FIELD(struct words, f);
	FIELD(struct words, g);
	END;
}

static void test_kinds(void **state)
{
	BEGIN(struct, kinds);
	const struct type *type;
	int64_t value = 0;

	(void)state;
	FIELD(struct kinds, a);
	FIELD(struct kinds, b);
	FIELD(struct kinds, c);
	FIELD(struct kinds, d);
	FIELD(struct kinds, e);
	assert_int_equal(host_enumerator(fixture.host, "TWO", &type, &value),
			 HOST_OK);
	assert_int_equal(value, TWO);
	assert_int_equal(
		host_enumerator(fixture.host, "HUGE_VALUE_", &type, &value),
		HOST_OK);
	assert_int_equal(value, HUGE_VALUE_);
	END;
}

/* ---- bit-fields: where the compiler puts ones, there they are ---- */

#define BITS(name) \
	do { \
		memset(&object_bits, 0, sizeof(object_bits)); \
		object_bits.name = -1; \
		check_bits(record, #name, &object_bits, sizeof(object_bits)); \
	} while (0)

/* The bits that are set in the object are those of the field. */
static void check_bits(const struct record *record, const char *name,
		       const void *object, size_t size)
{
	const unsigned char *bytes = object;
	uint32_t first = UINT32_MAX, count = 0, offset;
	const struct field *field = record_field(record, name, &offset);

	assert_non_null(field);
	for (uint32_t bit = 0; bit < 8 * size; bit++) {
		if (!(bytes[bit / 8] >> bit % 8 & 1))
			continue;
		first = first == UINT32_MAX ? bit : first;
		count++;
	}
	if (field->bit_offset != first || field->bit_size != count)
		print_error("%s.%s\n", record->name, name);
	assert_int_equal(field->bit_offset, first);
	assert_int_equal(field->bit_size, count);
}

static void test_bits(void **state)
{
	BEGIN(struct, bits);
	struct bits object_bits;

	(void)state;
	BITS(a);
	BITS(b);
	BITS(c);
	FIELD(struct bits, d);
	BITS(e);
	BITS(f);
	BITS(g);
	BITS(h);
	FIELD(struct bits, i);
	END;
}

static void test_bits_gap(void **state)
{
	BEGIN(struct, bits_gap);
	struct bits_gap object_bits;

	(void)state;
	BITS(a);
	BITS(b);
	BITS(c);
	BITS(d);
	FIELD(struct bits_gap, e);
	END;
}

static void test_bits_packed(void **state)
{
	BEGIN(struct, bits_packed);
	struct bits_packed object_bits;

	(void)state;
	FIELD(struct bits_packed, a);
	BITS(b);
	BITS(c);
	BITS(d);
	FIELD(struct bits_packed, e);
	END;
}

static void test_bits_union(void **state)
{
	BEGIN(union, bits_union);
	union bits_union object_bits;

	(void)state;
	BITS(a);
	BITS(b);
	FIELD(union bits_union, c);
	END;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_aligned),
		cmocka_unit_test(test_field_packed),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_outer),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_flexible),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_bits_gap),
		cmocka_unit_test(test_bits_packed),
		cmocka_unit_test(test_bits_union),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
