/*
 * The names that C and the kernel's headers have for integers, for texts that
 * name a type without describing it. Knows nothing of BTF, which describes
 * them all but takes longer to open. Called by host_format.c.
 */
#include "parser/host_private.h"

#include <string.h>

/* What C, and the kernel's headers, call integers. The file says how large a
 * field is, but a system call's argument always takes 8 bytes there, and what
 * a pointer points to is not told at all.
 * Sizes are those of a 64-bit kernel. */
static const struct {
	const char *name;
	uint8_t size;
	bool is_signed;
} integers[] = {
	{ "int", 4, true },
	{ "unsigned int", 4, false },
	{ "unsigned", 4, false },
	{ "uint", 4, false },
	{ "long", 8, true },
	{ "long int", 8, true },
	{ "unsigned long", 8, false },
	{ "long unsigned int", 8, false },
	{ "ulong", 8, false },
	{ "long long", 8, true },
	{ "unsigned long long", 8, false },
	{ "long long int", 8, true },
	{ "long long unsigned int", 8, false },
	{ "short", 2, true },
	{ "short int", 2, true },
	{ "unsigned short", 2, false },
	{ "short unsigned int", 2, false },
	{ "ushort", 2, false },
	{ "char", 1, true },
	{ "signed char", 1, true },
	{ "unsigned char", 1, false },
	{ "u8", 1, false },
	{ "u16", 2, false },
	{ "u32", 4, false },
	{ "u64", 8, false },
	{ "s8", 1, true },
	{ "s16", 2, true },
	{ "s32", 4, true },
	{ "s64", 8, true },
	{ "__u8", 1, false },
	{ "__u16", 2, false },
	{ "__u32", 4, false },
	{ "__u64", 8, false },
	{ "__s8", 1, true },
	{ "__s16", 2, true },
	{ "__s32", 4, true },
	{ "__s64", 8, true },
	{ "__be16", 2, false },
	{ "__be32", 4, false },
	{ "__be64", 8, false },
	{ "__le16", 2, false },
	{ "__le32", 4, false },
	{ "__le64", 8, false },
	{ "uint8_t", 1, false },
	{ "uint16_t", 2, false },
	{ "uint32_t", 4, false },
	{ "uint64_t", 8, false },
	{ "int8_t", 1, true },
	{ "int16_t", 2, true },
	{ "int32_t", 4, true },
	{ "int64_t", 8, true },
	{ "size_t", 8, false },
	{ "ssize_t", 8, true },
	{ "off_t", 8, true },
	{ "loff_t", 8, true },
	{ "pid_t", 4, true },
	{ "uid_t", 4, false },
	{ "gid_t", 4, false },
	{ "mode_t", 4, false },
	{ "umode_t", 2, false },
	{ "dev_t", 4, false },
	{ "gfp_t", 4, false },
	{ "ino_t", 8, false },
	{ "sector_t", 8, false },
	{ "key_t", 4, true },
	{ "key_serial_t", 4, true },
	{ "clockid_t", 4, true },
	{ "timer_t", 4, true },
	{ "mqd_t", 4, true },
	{ "qid_t", 4, false },
	{ "rwf_t", 4, true },
	{ "old_uid_t", 2, false },
	{ "old_gid_t", 2, false },
	{ "aio_context_t", 8, false },
	{ "cpumask_t", 8, false }, /* an array of such words */
};

const struct type *integer_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(integers); i++)
		if (!strcmp(integers[i].name, name))
			return type_int(integers[i].size,
					integers[i].is_signed);
	return NULL;
}
