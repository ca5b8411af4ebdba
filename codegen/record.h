/*
 * What programs in the kernel and etrace say to each other: the layout of a
 * record of the rings and of the control block, once, for the writer
 * (codegen/emit_record.c takes offsets from here) and the reader (runtime/).
 */
#ifndef CODEGEN_RECORD_H
#define CODEGEN_RECORD_H

#include "lexer/base.h"

/*
 * A record: this header, `count` slots of its site, then bytes. A slot holds
 * the value itself, widened to 64 bits, when type_is_scalar(); otherwise
 * where the value's bytes are in the record. Strings, buffers and stacks
 * take only the bytes they need: a string's length is at most its type's size
 * and may or may not include NULs at its end, and is 0 when the memory could
 * not be read (an empty string has its NUL); a buffer is its bytes without the
 * u32 length; a stack is its header and the frames it has. Everything else is
 * laid out as in a map.
 */
struct record_header {
	uint32_t site;     /* index into image->sites */
	uint32_t reserved; /* 0 */
	uint64_t order;    /* control records: producer position of the data
			      ring when it was written, so that the reader
			      keeps the order of the program; else absent */
};

/* Records of the data ring have no `order`: their slots begin at 8. */
#define RECORD_DATA_SLOTS    8
#define RECORD_CONTROL_SLOTS 16

/* The slot of a value that is not a scalar. */
struct record_slot {
	uint32_t offset; /* from the start of the record */
	uint32_t length;
};

/* TYPE_STACK in maps and records. */
struct stack_value {
	uint32_t pid; /* as etrace's pid namespace numbers it; 0: kernel */
	uint32_t count;
	uint64_t frames[];
};

/* TYPE_SYMBOL. */
struct symbol_value {
	uint64_t address;
	uint32_t pid;
	uint32_t attach; /* func of a uprobe on a symbol: 1 + the index into
			    image->attaches that has its name, and address
			    and pid are 0; else 0 */
};

/* TYPE_INET. */
struct inet_value {
	uint32_t family; /* AF_INET or AF_INET6 */
	uint8_t address[16];
};

/* TYPE_TIMESTAMP. */
struct timestamp_value {
	uint64_t ns; /* CLOCK_BOOTTIME */
	uint64_t reserved;
};

/*
 * The .bss of every object, one global at offset 0, mapped by etrace.
 * Probes other than begin, end, self and interval do nothing unless state is
 * CONTROL_RUNNING; exit() stores CONTROL_STOPPED, so that all probes start
 * and stop at one instant.
 */
enum control_state {
	CONTROL_IDLE,
	CONTROL_RUNNING,
	CONTROL_STOPPED,
};

struct control {
	uint64_t state;
	uint64_t start_ns; /* CLOCK_BOOTTIME when tracing began: elapsed */
	uint64_t sides;    /* bit image_map.side: the map is in its spare */
	uint64_t faults[]; /* image->fault_counters of them */
};

#define CONTROL_SYMBOL      "etrace_control"
#define RING_DATA_SYMBOL    "events"
#define RING_CONTROL_SYMBOL "orders"

#endif
