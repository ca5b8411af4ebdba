/*
 * Headers of network packets as the language sees them: rows of packet.def.
 * Knows where a field is in its header, not where the header is in a packet.
 * Read by the checker and by the code generator.
 */
#ifndef PARSER_PACKET_H
#define PARSER_PACKET_H

#include "parser/types.h"

enum packet_header {
#define PACKET_HEADER(name, bytes) HEADER_##name,
#define PACKET_FIELD(header, name, type, offset, bytes, shift, bits, help)
#include "parser/packet.def"
#undef PACKET_HEADER
#undef PACKET_FIELD
	HEADER_COUNT
};

struct packet_field {
	const char *name;
	const struct type *type;
	const char *help;
	enum packet_header header;
	uint8_t offset, bytes, shift, bits;
};

/* The header of that name; HEADER_COUNT if there is none. */
enum packet_header packet_header_find(const char *name);
const char *packet_header_name(enum packet_header header);
/* Bytes of it that fields are in; 0 for the packet itself. */
uint32_t packet_header_bytes(enum packet_header header);

/* Row `index` of all fields; NULL past the last. */
const struct packet_field *packet_field_row(size_t index);
/* NULL if the header has no such field. */
const struct packet_field *packet_field_find(enum packet_header header,
					     const char *name);

/* The bytes of an address of type inet or mac, as maps hold them. False if the
 * text is none. */
#define ADDRESS_MAX 20
bool address_parse(const struct type *type, const char *text,
		   uint8_t bytes[ADDRESS_MAX]);

#endif
