/* Addresses as text, and the fields of headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parser/packet.h"

static const struct {
	const struct type *type;
	const char *text;
	bool is_good;
	uint8_t family; /* of an inet */
	uint8_t bytes[16];
} addresses[] = {
	{ &type_inet, "192.0.2.1", true, 2, { 192, 0, 2, 1 } },
	{ &type_inet, "0.0.0.0", true, 2, { 0 } },
	{ &type_inet, "::", true, 10, { 0 } },
	{ &type_inet, "fd00::1", true, 10, { 0xfd, [15] = 1 } },
	{ &type_inet,
	  "::ffff:1.2.3.4",
	  true,
	  10,
	  { [10] = 255, [11] = 255, [12] = 1, [13] = 2, [14] = 3, [15] = 4 } },
	{ &type_inet, "", false, 0, { 0 } },
	{ &type_inet, "10.0.0", false, 0, { 0 } },
	{ &type_inet, "10.0.0.256", false, 0, { 0 } },
	{ &type_inet, "10.0.0.1 ", false, 0, { 0 } },
	{ &type_inet, "fd00::1::2", false, 0, { 0 } },
	{ &type_mac,
	  "02:00:5e:10:00:fF",
	  true,
	  0,
	  { 2, 0, 0x5e, 0x10, 0, 0xff } },
	{ &type_mac, "02:00:5e:10:00", false, 0, { 0 } },
	{ &type_mac, "02:00:5e:10:00:0", false, 0, { 0 } },
	{ &type_mac, "02:00:5e:10:00:01:", false, 0, { 0 } },
	{ &type_mac, "02-00-5e-10-00-01", false, 0, { 0 } },
	{ &type_mac, "0x:00:5e:10:00:01", false, 0, { 0 } },
	{ &type_mac, " 2:00:5e:10:00:01", false, 0, { 0 } },
	{ &type_mac, "+2:00:5e:10:00:01", false, 0, { 0 } },
};

static void test_addresses(void **state)
{
	uint8_t bytes[ADDRESS_MAX];
	uint32_t family;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		const struct type *type = addresses[i].type;
		bool is_good = address_parse(type, addresses[i].text, bytes);

		if (is_good != addresses[i].is_good)
			fail_msg("'%s'", addresses[i].text);
		if (!is_good)
			continue;
		if (type->kind == TYPE_MAC) {
			assert_memory_equal(bytes, addresses[i].bytes, 6);
			continue;
		}
		memcpy(&family, bytes, sizeof(family));
		assert_int_equal(family, addresses[i].family);
		assert_memory_equal(bytes + 4, addresses[i].bytes, 16);
	}
}

/* Every field lies in what is kept of its header. */
static void test_fields(void **state)
{
	const struct packet_field *field;
	size_t count = 0;

	(void)state;
	for (; (field = packet_field_row(count)); count++) {
		uint32_t bytes = packet_header_bytes(field->header);

		assert_ptr_equal(packet_field_find(field->header, field->name),
				 field);
		if (!bytes)
			continue;
		assert_true(field->offset + field->bytes <= bytes);
		assert_true(field->shift + field->bits <= 8 * field->bytes);
		if (type_is_integer(field->type))
			assert_true(field->bits ||
				    field->type->size == field->bytes);
	}
	assert_true(count > 50);
	assert_null(packet_field_find(HEADER_ip, "sport"));
	assert_int_equal(packet_header_find("tcp"), HEADER_tcp);
	assert_int_equal(packet_header_find("tc"), HEADER_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
