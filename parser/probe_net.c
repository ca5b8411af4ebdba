/*
 * tc:INTERFACE:ingress and xdp:INTERFACE in attach points: is there such an
 * interface, which match a pattern, which fields of the context may a program
 * read. Called for each such attach point; reads the machine through host.h.
 */
#include <string.h>

#include "parser/checker.h"

struct interfaces {
	struct arena *arena;
	const char *pattern; /* NULL: all */
	const char **names;
	size_t count, room;
};

static void gather_interface(const char *name, void *data)
{
	struct interfaces *list = data;

	if (!list->pattern || glob_match(list->pattern, name))
		ARENA_PUSH(list->arena, list->names, list->count, list->room,
			   name);
}

/* ---- the context ---- */

/*
 * What the kernel lets programs of the kind read as numbers. The rest of the
 * struct are addresses inside of the packet, other programs' notes, and what
 * only programs of sockets may see.
 */
static const char *const tc_fields[] = {
	"len",           "pkt_type",        "mark",
	"queue_mapping", "protocol",        "vlan_present",
	"vlan_tci",      "vlan_proto",      "priority",
	"ifindex",       "ingress_ifindex", "tc_index",
	"hash",          "napi_id",         "tstamp",
	"wire_len",      "gso_segs",        "gso_size",
	"hwtstamp",
};

static const char *const xdp_fields[] = { "ingress_ifindex", "rx_queue_index" };

static bool is_readable(const char *field, enum provider provider)
{
	bool is_tc = provider == PROVIDER_tc;
	const char *const *names = is_tc ? tc_fields : xdp_fields;
	size_t count = is_tc ? ARRAY_SIZE(tc_fields) : ARRAY_SIZE(xdp_fields);

	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], field) == 0)
			return true;
	return false;
}

static const struct record *context_fields(struct arena *arena,
					   const struct record *whole,
					   enum provider provider)
{
	struct record *record = ARENA_NEW(arena, struct record);
	struct field *fields = ARENA_ARRAY(arena, whole->count, struct field);

	*record = *whole;
	record->btf_id = 0;
	record->fields = fields;
	record->count = 0;
	for (size_t i = 0; i < whole->count; i++) {
		const struct field *field = &whole->fields[i];

		if (field->name && type_is_scalar(field->type) &&
		    is_readable(field->name, provider))
			fields[record->count++] = *field;
	}
	return record;
}

const struct record *network_context(struct arena *arena, struct host *host,
				     enum provider provider)
{
	const char *name = provider == PROVIDER_tc ? "__sk_buff" : "xdp_md";
	const struct type *type;

	if (host_type(host, "struct", name, &type) != HOST_OK ||
	    type->kind != TYPE_STRUCT)
		return NULL;
	host_record_complete(host, type->record);
	return context_fields(arena, type->record, provider);
}

/* ---- interfaces ---- */

static enum outcome unknown_interface(struct expansion *expansion,
				      const struct target *target)
{
	const struct part *part = &target->parts[1];
	struct interfaces list = { .arena = expansion->arena };
	struct diag *diag;

	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "there is no network interface '%s'", part->text);
	if (expansion->silent ||
	    host_interfaces(expansion->host, gather_interface, &list) !=
		    HOST_OK)
		return OUTCOME_MISSING;
	diag_hint(expansion->diags, diag, "etrace -l '%s:*' lists them",
		  target->provider->name);
	hint_names(expansion->diags, diag, part->text, list.names, list.count);
	return OUTCOME_MISSING;
}

static enum outcome add_interface(struct expansion *expansion,
				  const struct target *target,
				  const struct attach *form, const char *name)
{
	struct arena *arena = expansion->arena;
	const struct record *context = NULL;
	struct attach attach = *form;
	struct interface found;
	enum host_status status = host_interface(expansion->host, name, &found);

	if (status == HOST_ABSENT)
		return unknown_interface(expansion, target);
	if (status != HOST_OK) {
		report_status(expansion->diags, status, target->at,
			      "network interfaces");
		return OUTCOME_WRONG;
	}
	attach.path = found.name;
	attach.length = found.header;
	if (clause_uses_name(expansion->written, "args") ||
	    clause_uses_name(expansion->written, "ctx"))
		context = network_context(arena, expansion->host,
					  target->provider->id);
	attach.probe = target->count == 3
			       ? arena_printf(arena, "%s:%s:%s",
					      target->provider->name, name,
					      target->parts[2].text)
			       : arena_printf(arena, "%s:%s",
					      target->provider->name, name);
	/* No cookie would tell them apart, and headers differ. */
	expansion_add(expansion, target, &attach, context, true);
	return OUTCOME_FOUND;
}

static enum outcome add_matching(struct expansion *expansion,
				 const struct target *target,
				 const struct attach *form)
{
	const struct part *part = &target->parts[1];
	struct interfaces list = {
		.arena = expansion->arena,
		.pattern = part->text,
	};
	enum host_status status =
		host_interfaces(expansion->host, gather_interface, &list);

	if (status != HOST_OK) {
		report_status(expansion->diags, status, part->at,
			      "network interfaces");
		return OUTCOME_WRONG;
	}
	for (size_t i = 0; i < list.count && !expansion->is_full; i++)
		add_interface(expansion, target, form, list.names[i]);
	if (list.count)
		return OUTCOME_FOUND;
	probe_missing(expansion, E_NO_MATCH, part->at,
		      "no network interface matches %s", part->text);
	return OUTCOME_MISSING;
}

/* ---- attach points ---- */

/* The third part: which way packets go, or who runs the program. */
static const struct {
	enum provider provider;
	const char *name;
	uint32_t mode;
} modes[] = {
	{ PROVIDER_tc, "ingress", TC_INGRESS },
	{ PROVIDER_tc, "egress", TC_EGRESS },
	{ PROVIDER_xdp, "native", XDP_NATIVE },
	{ PROVIDER_xdp, "generic", XDP_GENERIC },
};

static bool read_mode(const struct target *target, uint32_t *mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (modes[i].provider == target->provider->id &&
		    strcmp(modes[i].name, target->parts[2].text) == 0) {
			*mode = modes[i].mode;
			return true;
		}
	}
	return false;
}

/* Packets belong to no process when they come in. */
static void warn_process(struct expansion *expansion,
			 const struct target *target)
{
	if (expansion->settings->pid)
		diag_warning(expansion->diags, E_NOT_AVAILABLE, target->at,
			     "%s probes see the packets of all processes, "
			     "also with -p",
			     target->provider->name);
}

enum outcome target_interface(struct expansion *expansion,
			      struct target *target)
{
	bool is_tc = target->provider->id == PROVIDER_tc;
	struct attach form = {
		.kind = is_tc ? ATTACH_TC : ATTACH_XDP,
		.at = target->at,
	};

	if (target->count < 2 || target->count > 3 ||
	    !target->parts[1].text[0] || (is_tc && target->count == 2))
		return probe_syntax(expansion, target, target->at,
				    is_tc ? "tc needs an interface, and "
					    "ingress or egress"
					  : "xdp needs an interface");
	if (target->count == 3 && !read_mode(target, &form.mode))
		return probe_syntax(expansion, target, target->parts[2].at,
				    is_tc ? "packets go in (ingress) or out "
					    "(egress), not '%s'"
					  : "xdp is native or generic, not "
					    "'%s'",
				    target->parts[2].text);
	warn_process(expansion, target);
	if (has_wildcard(target->parts[1].text))
		return add_matching(expansion, target, &form);
	return add_interface(expansion, target, &form, target->parts[1].text);
}
