/* The table of packet.def and its look-ups; addresses as text. */
#include "parser/packet.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t bytes;
} headers[] = {
#define PACKET_HEADER(name, bytes) [HEADER_##name] = { #name, bytes },
#define PACKET_FIELD(header, name, type, offset, bytes, shift, bits, help)
#include "parser/packet.def"
#undef PACKET_HEADER
#undef PACKET_FIELD
};

/* clang-format off */
static const struct packet_field fields[] = {
#define PACKET_HEADER(name, bytes)
#define PACKET_FIELD(header, name, type, offset, bytes, shift, bits, help)     \
	{ #name, &type_##type, help, HEADER_##header, offset, bytes, shift, bits },
#include "parser/packet.def"
#undef PACKET_HEADER
#undef PACKET_FIELD
};
/* clang-format on */

enum packet_header packet_header_find(const char *name)
{
	int header = 0;

	while (header < HEADER_COUNT && strcmp(headers[header].name, name) != 0)
		header++;
	return header;
}

const char *packet_header_name(enum packet_header header)
{
	return headers[header].name;
}

uint32_t packet_header_bytes(enum packet_header header)
{
	return headers[header].bytes;
}

const struct packet_field *packet_field_row(size_t index)
{
	return index < ARRAY_SIZE(fields) ? &fields[index] : NULL;
}

const struct packet_field *packet_field_find(enum packet_header header,
					     const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].header == header &&
		    strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* ---- addresses ---- */

#define MAC_BYTES 6
#define MAC_TEXT  17

/* The family in 4 bytes, then 16 of the address. */
static bool inet_parse(const char *text, uint8_t *bytes)
{
	uint32_t family = strchr(text, ':') ? AF_INET6 : AF_INET;

	memcpy(bytes, &family, sizeof(family));
	return inet_pton((int)family, text, bytes + sizeof(family)) == 1;
}

static bool mac_parse(const char *text, uint8_t *bytes)
{
	if (strlen(text) != MAC_TEXT)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		const char *digits = text + 3 * i;

		if (!isxdigit((unsigned char)digits[0]) ||
		    !isxdigit((unsigned char)digits[1]) ||
		    (digits[2] != ':' && digits[2]))
			return false;
		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

bool address_parse(const struct type *type, const char *text,
		   uint8_t bytes[ADDRESS_MAX])
{
	memset(bytes, 0, ADDRESS_MAX);
	return type->kind == TYPE_INET ? inet_parse(text, bytes)
				       : mac_parse(text, bytes);
}
