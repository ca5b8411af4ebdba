/*
 * Names of numbers that this very kernel has: enums that something else than
 * BTF spoke of, and the flags of its memory allocator, whose bits move from one
 * kernel to the next. Called by the checker, through host.h, once a value is
 * to be shown.
 */
#include <string.h>

#include "parser/host_private.h"
#include "parser/word_types.h"

/* ---- flags of the allocator ---- */

struct gfp_bit {
	const char *name;
	int old; /* before Linux 6.10; -1: none */
};

static const struct gfp_bit bits[] = {
#define GFP(name, parts)
#define GFP_BIT(name, old) { #name, old },
#include "parser/gfp.def"
#undef GFP_BIT
#undef GFP
};

static const struct {
	const char *name;
	const char *parts;
} groups[] = {
#define GFP(name, parts) { name, parts },
#define GFP_BIT(name, old)
#include "parser/gfp.def"
#undef GFP_BIT
#undef GFP
};

/* Does the kernel itself say which bits they are? */
static bool describes_bits(struct host *host)
{
	const struct type *type;
	int64_t value;

	return host_enumerator(host, "___GFP_IO_BIT", &type, &value) == HOST_OK;
}

/* The flag of a bit; 0 if this kernel has no such flag. */
static uint64_t gfp_flag(struct host *host, const struct gfp_bit *bit,
			 bool is_described)
{
	const struct type *type;
	const char *name;
	int64_t value;

	if (!is_described)
		return bit->old < 0 ? 0 : UINT64_C(1) << bit->old;
	name = arena_printf(host->arena, "___GFP_%s_BIT", bit->name);
	if (host_enumerator(host, name, &type, &value) != HOST_OK ||
	    value < 0 || value > 63)
		return 0;
	return UINT64_C(1) << value;
}

/* "IO FS" */
static uint64_t gfp_group(const char *parts, const uint64_t *flags)
{
	uint64_t group = 0;

	while (*parts) {
		size_t length = strcspn(parts, " ");

		for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
			if (strlen(bits[i].name) == length &&
			    !memcmp(bits[i].name, parts, length))
				group |= flags[i];
		}
		parts += length;
		parts += *parts == ' ';
	}
	return group;
}

static void gfp_complete(struct host *host, struct type *type)
{
	bool is_described = describes_bits(host);
	uint64_t flags[ARRAY_SIZE(bits)];
	struct enumerator *rows =
		ARENA_ARRAY(host->arena, ARRAY_SIZE(bits) + ARRAY_SIZE(groups),
			    struct enumerator);
	uint32_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		flags[i] = gfp_flag(host, &bits[i], is_described);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		rows[count].name = groups[i].name;
		rows[count++].value =
			(int64_t)gfp_group(groups[i].parts, flags);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (!flags[i])
			continue;
		rows[count].name =
			arena_printf(host->arena, "__GFP_%s", bits[i].name);
		rows[count++].value = (int64_t)flags[i];
	}
	type->enumerators = rows;
	type->count = count;
}

/* ---- enums ---- */

void host_enum_complete(struct host *host, const struct type *type)
{
	/* Made by us, in the arena, and const to everybody else. */
	struct type *mutable = (struct type *)type;
	const struct type *known;

	if (type->count || !type->name || !type->name[0])
		return;
	if (type->is_set) {
		if (strcmp(type->name, GFP_SET) == 0)
			gfp_complete(host, mutable);
		return;
	}
	if (host_type(host, "enum", type->name, &known) != HOST_OK ||
	    known->kind != TYPE_ENUM || known == type)
		return;
	mutable->enumerators = known->enumerators;
	mutable->count = known->count;
}
