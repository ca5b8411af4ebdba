/* The table of packet.def and its look-ups. */
#include "parser/packet.h"

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
