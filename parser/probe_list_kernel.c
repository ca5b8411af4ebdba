/*
 * The functions of the kernel, of its modules and of BPF programs in it, for
 * -l. Called by probe_list.c; reads the machine through host.h.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/kernel_names.h"
#include "parser/listing.h"
#include "parser/trouble.h"

/* ---- functions of the kernel ---- */

/* What the function returned is listed behind its arguments. */
static const struct record *with_result(struct arena *arena,
					const struct record *args,
					const struct type *result)
{
	struct record *record = ARENA_NEW(arena, struct record);

	if (!result)
		return args;
	*record = *args;
	record->fields = ARENA_ARRAY(arena, args->count + 1, struct field);
	memcpy(record->fields, args->fields,
	       args->count * sizeof(args->fields[0]));
	record->fields[record->count++] = (struct field){
		.name = "retval",
		.type = result,
	};
	return record;
}

static void show_function(struct listing *listing, enum provider provider,
			  const struct kernel_name *item)
{
	const char *kind = provider_row(provider)->name;
	const char *module = item->module;
	const char *probe =
		arena_printf(listing->arena, "%s:%s", kind, item->name);
	const struct record *args = NULL;

	if (!module &&
	    (provider == PROVIDER_fentry || provider == PROVIDER_fexit))
		module = "vmlinux";
	if (module)
		probe = arena_printf(listing->arena, "%s:%s:%s", kind, module,
				     item->name);
	if (!listing->provider && !glob_match(listing->pattern, probe))
		return;
	if (listing->query->with_args && item->function.args)
		args = provider == PROVIDER_fexit
			       ? with_result(listing->arena,
					     item->function.args,
					     item->function.result)
			       : item->function.args;
	listing->query->visit(probe, args, listing->query->data);
}

/* ---- functions of BPF programs ---- */

struct bpf_listing {
	struct listing *listing;
	enum provider provider;
};

/* Of one kind, fentry:bpf:FUNCTION and fentry:bpf:PROGRAM:FUNCTION. */
static bool is_of_bpf(const struct listing *listing)
{
	return listing->provider && listing->target.count > 2 &&
	       strcmp(listing->target.parts[1].text, "bpf") == 0;
}

static void visit_bpf(const struct bpf_function *function, void *data)
{
	const struct bpf_listing *bpf = data;
	struct listing *listing = bpf->listing;
	const struct record *args = function->args;
	const char *probe = arena_printf(listing->arena, "%s:bpf:%u:%s",
					 provider_row(bpf->provider)->name,
					 function->program, function->name);

	if (function->is_tracing ||
	    (!is_of_bpf(listing) && !glob_match(listing->pattern, probe)))
		return;
	if (args && bpf->provider == PROVIDER_fexit)
		args = with_result(listing->arena, args, function->result);
	listing->query->visit(probe, listing->query->with_args ? args : NULL,
			      listing->query->data);
}

static bool list_bpf_functions(struct listing *listing, enum provider provider)
{
	const struct target *target = &listing->target;
	struct bpf_listing bpf = { listing, provider };
	const char *pattern = "*";
	struct integer program = { 0 };
	enum host_status status;

	if (is_of_bpf(listing))
		pattern = target->parts[target->count - 1].text;
	if (is_of_bpf(listing) && target->count > 3 &&
	    !text_integer(target->parts[2].text, strlen(target->parts[2].text),
			  &program) &&
	    strcmp(target->parts[2].text, "*") != 0)
		return true;
	status = host_bpf_functions(listing->host, (uint32_t)program.value,
				    pattern, visit_bpf, &bpf);
	if (listing->provider)
		report_status(listing->diags, status, (struct span){ 0, 0 },
			      "BPF programs");
	return !listing->provider || status == HOST_OK || status == HOST_ABSENT;
}

/* ---- all functions ---- */

/* The parts of the pattern after the kind of probe. */
static void read_parts(const struct listing *listing,
		       struct kernel_names *names)
{
	const struct target *target = &listing->target;

	names->pattern = "*";
	if (!listing->provider || target->count < 2)
		return;
	names->pattern = target->parts[target->count - 1].text;
	if (target->count > 2)
		names->module = target->parts[1].text;
}

bool list_kernel_functions(struct listing *listing, enum provider provider)
{
	struct kernel_names names = {
		.arena = listing->arena,
		.host = listing->host,
		.provider = provider,
	};
	struct trouble trouble;
	enum host_status status;
	struct diag *diag;

	if (provider_trouble(listing->arena, listing->host, provider,
			     "FUNCTION", &trouble)) {
		if (!listing->provider)
			return true;
		diag = diag_error(listing->diags, trouble.tag,
				  (struct span){ 0, 0 }, "%s", trouble.text);
		diag_hint(listing->diags, diag, "%s", trouble.hint);
		return false;
	}
	if (is_of_bpf(listing))
		return list_bpf_functions(listing, provider);
	read_parts(listing, &names);
	status = kernel_names_gather(&names);
	report_status(listing->diags, status, (struct span){ 0, 0 },
		      "kernel's functions");
	for (size_t i = 0; i < names.count; i++)
		show_function(listing, provider, &names.items[i]);
	if ((provider == PROVIDER_fentry || provider == PROVIDER_fexit) &&
	    (!listing->provider || listing->target.count < 2) &&
	    !list_bpf_functions(listing, provider))
		return false;
	return status == HOST_OK || status == HOST_ABSENT;
}
