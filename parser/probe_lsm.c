/*
 * Security hooks of the kernel in attach points. Called for each of them; what
 * hooks there are is in the kernel's BTF, which is read through host.h.
 */
#include <string.h>

#include "parser/checker.h"
#include "parser/kernel_names.h"
#include "parser/trouble.h"

#define LSM_LIST "/sys/kernel/security/lsm"

/* "lockdown,capability,bpf": is bpf among them? Unreadable, it may be. */
static bool runs_lsm_programs(struct expansion *expansion)
{
	const char *text, *at;
	size_t length;

	if (host_read_file(expansion->host, LSM_LIST, 4096, &text, &length) !=
	    HOST_OK)
		return true;
	for (at = text; (at = strstr(at, "bpf")); at += 3)
		if ((at == text || at[-1] == ',') && strchr(",\n", at[3]))
			return true;
	return false;
}

static void add_hook(struct expansion *expansion, const struct target *target,
		     const char *name, const struct kernel_function *function)
{
	struct attach attach = {
		.kind = ATTACH_LSM,
		.at = target->at,
		.symbol = name,
		.number = function->btf_id,
		.probe = arena_printf(expansion->arena, "lsm:%s", name),
	};

	expansion_add(expansion, target, &attach, function->args, true);
}

static enum outcome no_hook(struct expansion *expansion,
			    const struct target *target)
{
	const struct part *part = &target->parts[1];
	struct kernel_names all = {
		.arena = expansion->arena,
		.host = expansion->host,
		.provider = PROVIDER_lsm,
		.pattern = "*",
	};
	const char **names;
	struct diag *diag;

	diag = probe_missing(expansion, E_UNKNOWN_PROBE, part->at,
			     "the kernel has no security hook '%s'",
			     part->text);
	if (expansion->silent || kernel_names_gather(&all) != HOST_OK)
		return OUTCOME_MISSING;
	names = ARENA_ARRAY(expansion->arena, all.count + 1, const char *);
	for (size_t i = 0; i < all.count; i++)
		names[i] = all.items[i].name;
	diag_hint(expansion->diags, diag, "etrace -l 'lsm:*' lists them");
	hint_names(expansion->diags, diag, part->text, names, all.count);
	return OUTCOME_MISSING;
}

static enum outcome find_hooks(struct expansion *expansion,
			       const struct target *target)
{
	struct kernel_names names = {
		.arena = expansion->arena,
		.host = expansion->host,
		.provider = PROVIDER_lsm,
		.pattern = target->parts[1].text,
	};
	enum host_status status = kernel_names_gather(&names);

	if (status != HOST_OK) {
		report_status(expansion->diags, status, target->at,
			      "security hooks");
		return OUTCOME_WRONG;
	}
	for (size_t i = 0; i < names.count && !expansion->is_full; i++)
		add_hook(expansion, target, names.items[i].name,
			 &names.items[i].function);
	if (names.count)
		return OUTCOME_FOUND;
	if (!has_wildcard(names.pattern))
		return no_hook(expansion, target);
	probe_missing(expansion, E_NO_MATCH, target->at,
		      "no security hook matches %s", names.pattern);
	return OUTCOME_MISSING;
}

enum outcome target_lsm(struct expansion *expansion, struct target *target)
{
	struct trouble trouble;

	if (target->count != 2 || !target->parts[1].text[0])
		return probe_syntax(expansion, target, target->at,
				    "lsm needs a security hook of the kernel");
	if (provider_trouble(expansion->arena, expansion->host, PROVIDER_lsm,
			     target->parts[1].text, &trouble))
		return probe_trouble(expansion, target->at, &trouble);
	if (!runs_lsm_programs(expansion)) {
		trouble = (struct trouble){
			E_KERNEL,
			"this kernel runs no BPF programs on its security "
			"hooks",
			"boot with bpf in the list of the parameter lsm="
		};
		return probe_trouble(expansion, target->at, &trouble);
	}
	return find_hooks(expansion, target);
}
