/*
 * Functions of the kernel in attach points: kprobe, kretprobe, fentry, fexit.
 * Do they exist, which match a pattern, what are their arguments. Called for
 * each such attach point; reads the machine through host.h.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"
#include "parser/kernel_names.h"
#include "parser/trouble.h"

/* An attach point taken apart: [module:]name, name+offset, or 0xADDRESS. */
struct location {
	const char *module; /* NULL: not given */
	const char *symbol; /* NULL: an address */
	struct span at;
	uint64_t address;
	uint64_t offset;
	bool has_offset;
};

static const enum attach_kind kinds[PROVIDER_COUNT] = {
	[PROVIDER_kprobe] = ATTACH_KPROBE,
	[PROVIDER_kretprobe] = ATTACH_KRETPROBE,
	[PROVIDER_fentry] = ATTACH_FENTRY,
	[PROVIDER_fexit] = ATTACH_FEXIT,
};

static bool is_kprobe(const struct target *target)
{
	return target->provider->id == PROVIDER_kprobe ||
	       target->provider->id == PROVIDER_kretprobe;
}

/* ---- one function ---- */

static void add_kprobe(struct expansion *expansion, const struct target *target,
		       const struct location *location, const char *module)
{
	struct attach attach = {
		.kind = kinds[target->provider->id],
		.at = target->at,
		.symbol = location->symbol,
		.module = module,
		.number = location->offset,
		.address = location->address,
	};
	struct arena *arena = expansion->arena;
	const char *name = location->symbol;

	if (!name)
		name = arena_printf(arena, "0x%llx",
				    (unsigned long long)location->address);
	if (location->has_offset)
		name = arena_printf(arena, "%s+%llu", name,
				    (unsigned long long)location->offset);
	if (location->module || module)
		name = arena_printf(arena, "%s:%s",
				    module ? module : location->module, name);
	attach.probe =
		arena_printf(arena, "%s:%s", target->provider->name, name);
	expansion_add(expansion, target, &attach, NULL, false);
}

static void add_fentry(struct expansion *expansion, const struct target *target,
		       const char *name, const struct kernel_function *function)
{
	struct attach attach = {
		.kind = kinds[target->provider->id],
		.at = target->at,
		.symbol = name,
		.module = function->module,
		.number = function->btf_id,
		.probe = arena_printf(
			expansion->arena, "%s:%s:%s", target->provider->name,
			function->module ? function->module : "vmlinux", name),
	};
	struct clause *clause;

	/* The kernel binds a program to its function when it is loaded. */
	clause =
		expansion_add(expansion, target, &attach, function->args, true);
	if (clause && target->provider->id == PROVIDER_fexit)
		clause->retval =
			function->result ? function->result : &type_none;
}

enum outcome probe_trouble(struct expansion *expansion, struct span at,
			   const struct trouble *trouble)
{
	struct diag *diag =
		probe_missing(expansion, trouble->tag, at, "%s", trouble->text);

	if (trouble->hint)
		diag_hint(expansion->diags, diag, "%s", trouble->hint);
	return OUTCOME_MISSING;
}

/* What is known to be wrong with a function, in full; FOUND if nothing is. */
static enum outcome examine(struct expansion *expansion,
			    const struct target *target,
			    const struct location *location)
{
	struct trouble trouble;

	if (!function_trouble(expansion->arena, expansion->host,
			      target->provider->id, location->module,
			      location->symbol, &trouble))
		return OUTCOME_FOUND;
	return probe_trouble(expansion, location->at, &trouble);
}

/* Functions of one name, in several files: by where they are. */
struct copies {
	struct expansion *expansion;
	const struct target *target;
	struct location location;
	const char *wanted; /* module asked for, or NULL */
	size_t count;
};

static void add_copy(const struct kernel_symbol *symbol, void *data)
{
	struct copies *copies = data;
	const char *module = symbol->module ? symbol->module : "vmlinux";

	if (!symbol->is_traceable || !symbol->address ||
	    strcmp(symbol->name, copies->location.symbol) != 0 ||
	    (copies->wanted && strcmp(copies->wanted, module) != 0))
		return;
	copies->location.address = symbol->address;
	add_kprobe(copies->expansion, copies->target, &copies->location,
		   symbol->module);
	copies->count++;
}

/* Each function of that name; false if kallsyms shows no addresses. */
static bool add_copies(struct expansion *expansion, const struct target *target,
		       const struct location *location, const char *module)
{
	struct copies copies = {
		.expansion = expansion,
		.target = target,
		.location = *location,
		.wanted = module,
	};

	host_kernel_symbols(expansion->host, location->symbol, add_copy,
			    &copies);
	return copies.count;
}

/* Linux takes an offset behind the end as one into another function. */
static bool is_within(struct expansion *expansion, const struct target *target,
		      const struct location *location)
{
	uint64_t size = host_kernel_function_size(
		expansion->host, location->module, location->symbol);

	if (!size || location->offset < size)
		return true;
	probe_syntax(expansion, target, location->at,
		     "%s is only %llu bytes long", location->symbol,
		     (unsigned long long)size);
	return false;
}

/*
 * The kernel's own BTF is asked first: a function it describes most likely can
 * be traced, and the lists that tell for sure take ten times as long. What is
 * wrong then shows when it is attached. Where another probe would be taken
 * instead, it must be known now.
 */
static enum outcome one_kprobe(struct expansion *expansion,
			       const struct target *target,
			       const struct location *location)
{
	struct kernel_function function;
	enum outcome outcome;
	bool is_plain = !location->module && !expansion->silent;

	if (!is_plain ||
	    host_function(expansion->host, "vmlinux", location->symbol,
			  &function) != HOST_OK) {
		outcome = examine(expansion, target, location);
		if (outcome != OUTCOME_FOUND)
			return outcome;
	}
	if (location->offset && !is_within(expansion, target, location))
		return OUTCOME_WRONG;
	/* The kernel finds functions of modules by address alone. */
	if (location->module &&
	    add_copies(expansion, target, location, location->module))
		return OUTCOME_FOUND;
	add_kprobe(expansion, target, location, NULL);
	return OUTCOME_FOUND;
}

static bool can_show(struct expansion *expansion,
		     const struct kernel_function *function)
{
	return !function->is_variadic && !function->has_large &&
	       !function->also_in &&
	       function->args->size <= 8 * host_argument_limit(expansion->host);
}

static enum outcome one_fentry(struct expansion *expansion,
			       const struct target *target,
			       const struct location *location)
{
	struct kernel_function function;
	enum host_status status = host_function(
		expansion->host, location->module, location->symbol, &function);
	enum outcome outcome;

	if (status != HOST_OK || function.module || expansion->silent ||
	    !can_show(expansion, &function)) {
		outcome = examine(expansion, target, location);
		if (outcome != OUTCOME_FOUND)
			return outcome;
	}
	if (status != HOST_OK) {
		report_status(expansion->diags, status, target->at,
			      "kernel's functions");
		if (status == HOST_ABSENT)
			return probe_trouble(
				expansion, location->at,
				&(struct trouble){
					E_UNKNOWN_PROBE,
					arena_printf(
						expansion->arena,
						"the kernel does not describe "
						"'%s' (BTF)",
						location->symbol),
					NULL });
		return OUTCOME_WRONG;
	}
	add_fentry(expansion, target, location->symbol, &function);
	return OUTCOME_FOUND;
}

/* ---- patterns ---- */

static void add_found(struct expansion *expansion, const struct target *target,
		      const struct location *location,
		      const struct kernel_name *name)
{
	struct location found = *location;
	size_t i = 0;

	found.symbol = name->name;
	found.module = NULL;
	do {
		if (name->address_count)
			found.address = name->addresses[i];
		add_kprobe(expansion, target, &found, name->module);
	} while (++i < name->address_count);
}

static enum outcome many_functions(struct expansion *expansion,
				   const struct target *target,
				   const struct location *location)
{
	struct kernel_names names = {
		.arena = expansion->arena,
		.host = expansion->host,
		.provider = target->provider->id,
		.module = location->module,
		.pattern = location->symbol,
	};
	enum host_status status = kernel_names_gather(&names);

	if (status != HOST_OK && status != HOST_ABSENT) {
		report_status(expansion->diags, status, target->at,
			      "kernel's functions");
		return OUTCOME_WRONG;
	}
	for (size_t i = 0; i < names.count && !expansion->is_full; i++) {
		const struct kernel_name *name = &names.items[i];

		if (is_kprobe(target))
			add_found(expansion, target, location, name);
		else
			add_fentry(expansion, target, name->name,
				   &name->function);
	}
	if (names.count)
		return OUTCOME_FOUND;
	probe_missing(expansion, E_NO_MATCH, target->at,
		      "no function of the kernel that can be traced matches %s",
		      location->symbol);
	return OUTCOME_MISSING;
}

/* ---- addresses ---- */

static enum outcome by_address(struct expansion *expansion,
			       const struct target *target,
			       const struct location *location)
{
	struct diag *diag;

	if (!is_kprobe(target))
		return probe_syntax(expansion, target, location->at,
				    "%s needs the name of a function",
				    target->provider->name);
	if (!expansion->settings->unsafe) {
		diag = diag_error(expansion->diags, E_UNSAFE, location->at,
				  "nobody can tell whether there is an "
				  "instruction at 0x%llx",
				  (unsigned long long)location->address);
		diag_hint(expansion->diags, diag,
			  "a function's name, or --unsafe if you can");
		return OUTCOME_WRONG;
	}
	add_kprobe(expansion, target, location, NULL);
	return OUTCOME_FOUND;
}

/* ---- the parts ---- */

static bool wrong_number(struct expansion *expansion,
			 const struct target *target, const char *text)
{
	probe_syntax(expansion, target, target->parts[target->count - 1].at,
		     "'%s' is not a number", text);
	return false;
}

/* The digits behind a '+'. */
static bool read_offset(struct expansion *expansion,
			const struct target *target, const char *digits,
			struct location *location)
{
	struct integer integer;

	if (target->provider->id != PROVIDER_kprobe) {
		probe_syntax(expansion, target, location->at,
			     "%s takes no offset: only kprobe does",
			     target->provider->name);
		return false;
	}
	if (!text_integer(digits, strlen(digits), &integer))
		return wrong_number(expansion, target, digits);
	location->offset = integer.value;
	location->has_offset = true;
	return true;
}

/* False, reported, if malformed. */
static bool read_location(struct expansion *expansion,
			  const struct target *target,
			  struct location *location)
{
	const struct part *part = &target->parts[target->count - 1];
	const char *plus = strchr(part->text, '+');
	struct integer integer;

	*location = (struct location){
		.module = target->count == 3 ? target->parts[1].text : NULL,
		.symbol = part->text,
		.at = part->at,
	};
	if (isdigit((unsigned char)part->text[0])) {
		if (!text_integer(part->text, strlen(part->text), &integer))
			return wrong_number(expansion, target, part->text);
		location->symbol = NULL;
		location->address = integer.value;
		return true;
	}
	if (!plus)
		return true;
	location->symbol = arena_strndup(expansion->arena, part->text,
					 (size_t)(plus - part->text));
	return read_offset(expansion, target, plus + 1, location);
}

enum outcome target_kernel_function(struct expansion *expansion,
				    struct target *target)
{
	struct location location;
	struct trouble trouble;

	if (target->count > 2 && !is_kprobe(target) &&
	    strcmp(target->parts[1].text, "bpf") == 0)
		return target_bpf_function(expansion, target);
	if (target->count < 2 || target->count > 3 ||
	    !target->parts[1].text[0] ||
	    !target->parts[target->count - 1].text[0])
		return probe_syntax(expansion, target, target->at,
				    "%s needs a function of the kernel",
				    target->provider->name);
	if (!read_location(expansion, target, &location))
		return OUTCOME_WRONG;
	if (provider_trouble(
		    expansion->arena, expansion->host, target->provider->id,
		    location.symbol ? location.symbol : "FUNCTION", &trouble))
		return probe_trouble(expansion, target->at, &trouble);
	if (!location.symbol)
		return by_address(expansion, target, &location);
	if (has_wildcard(location.symbol) ||
	    (location.module && has_wildcard(location.module)))
		return many_functions(expansion, target, &location);
	return is_kprobe(target) ? one_kprobe(expansion, target, &location)
				 : one_fentry(expansion, target, &location);
}
