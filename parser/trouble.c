/*
 * One cause after another of why a kernel function cannot be traced, the
 * surest first. Knows what the kernel's lists mean; says nothing itself.
 * Called by probe_kernel.c and by the runtime.
 */
#include "parser/trouble.h"

#include <string.h>

#define CLONES_MAX 4
#define NEAR_MAX   3

/* What the lists say about a name. */
struct lookup {
	struct arena *arena;
	const char *module; /* NULL: any */
	const char *name;
	size_t length;
	/* functions that can be traced */
	size_t traceable;          /* where it was asked for */
	const char *first, *other; /* in these modules, at least */
	bool is_elsewhere;         /* in another module than was asked for */
	/* symbols there are */
	size_t code, data;
	const char *clones[CLONES_MAX]; /* name.isra.0, … */
	size_t clone_count;
	bool has_list;
};

struct question {
	struct arena *arena;
	struct host *host;
	enum provider provider;
	const char *kind; /* "kprobe" */
	struct trouble *trouble;
};

static bool is_kprobe(enum provider provider)
{
	return provider == PROVIDER_kprobe || provider == PROVIDER_kretprobe;
}

static bool answer(struct question *question, enum diag_tag tag,
		   const char *text, const char *hint)
{
	*question->trouble = (struct trouble){ tag, text, hint };
	return true;
}

/* ---- the kind itself ---- */

/* What sees the same calls, or what the kernel has to offer instead. */
static const char *twin_hint(struct question *question, const char *name)
{
	struct arena *arena = question->arena;
	bool is_return = question->provider == PROVIDER_kretprobe ||
			 question->provider == PROVIDER_fexit;

	/* The function that asks the modules at that hook. */
	if (question->provider == PROVIDER_lsm)
		name = arena_printf(arena, "security_%s", name);

	if (is_kprobe(question->provider) &&
	    !host_refuses_functions(question->host) &&
	    host_has_file(question->host, "/sys/kernel/btf/vmlinux"))
		return arena_printf(arena, "%s:%s sees the same calls",
				    is_return ? "fexit" : "fentry", name);
	if (!is_kprobe(question->provider) && host_has_kprobes(question->host))
		return arena_printf(arena,
				    "%s:%s sees the same calls; its arguments "
				    "are arg0, arg1, ...",
				    is_return ? "kretprobe" : "kprobe", name);
	return "tracepoint: and rawtracepoint: see the kernel; etrace -l "
	       "'tracepoint:*' lists them";
}

bool provider_trouble(struct arena *arena, struct host *host,
		      enum provider provider, const char *name,
		      struct trouble *trouble)
{
	const char *kind = provider_row(provider)->name;
	struct question question = { arena, host, provider, kind, trouble };
	const char *lockdown;

	if (is_kprobe(provider)) {
		if (host_has_kprobes(host))
			return false;
		return answer(&question, E_KERNEL,
			      "this kernel was built without kprobes",
			      twin_hint(&question, name));
	}
	if (!host_refuses_functions(host))
		return false;
	lockdown = host_lockdown(host);
	return answer(&question, lockdown ? E_LOCKDOWN : E_KERNEL,
		      lockdown ? arena_printf(arena,
					      "this kernel is locked down (%s) "
					      "and refuses %s probes",
					      lockdown, kind)
			       : arena_printf(arena,
					      "this kernel refuses %s probes",
					      kind),
		      twin_hint(&question, name));
}

/* ---- looking it up ---- */

static bool is_clone(const struct lookup *lookup, const char *name)
{
	return !strncmp(name, lookup->name, lookup->length) &&
	       name[lookup->length] == '.' &&
	       !strstr(name + lookup->length, ".cold");
}

static bool is_wanted(const struct lookup *lookup, const char *module)
{
	if (!lookup->module)
		return true;
	return !strcmp(lookup->module, module ? module : "vmlinux");
}

static void see_traceable(const char *name, const char *module, void *data)
{
	struct lookup *lookup = data;

	lookup->has_list = true;
	if (is_clone(lookup, name) && lookup->clone_count < CLONES_MAX &&
	    is_wanted(lookup, module))
		lookup->clones[lookup->clone_count++] =
			arena_strdup(lookup->arena, name);
	if (strcmp(name, lookup->name) != 0)
		return;
	if (lookup->traceable + lookup->is_elsewhere == 0)
		lookup->first = module ? module : "vmlinux";
	else
		lookup->other = module ? module : "vmlinux";
	if (is_wanted(lookup, module))
		lookup->traceable++;
	else
		lookup->is_elsewhere = true;
}

static void see_symbol(const struct kernel_symbol *symbol, void *data)
{
	struct lookup *lookup = data;

	if (strcmp(symbol->name, lookup->name) != 0 ||
	    !is_wanted(lookup, symbol->module))
		return;
	if (symbol->is_code)
		lookup->code++;
	else
		lookup->data++;
}

/* ---- near names ---- */

struct near {
	struct nearest nearest;
	const char *const *taken;
	size_t taken_count;
};

static void consider(const char *name, const char *module, void *data)
{
	struct near *near = data;

	(void)module;
	for (size_t i = 0; i < near->taken_count; i++)
		if (!strcmp(near->taken[i], name))
			return;
	nearest_consider(&near->nearest, name);
}

/* "did you mean a, b or c?"; NULL if nothing is near. */
static const char *near_hint(struct question *question, const char *name)
{
	const char *names[NEAR_MAX];
	size_t count = 0;

	while (count < NEAR_MAX) {
		struct near near = { .taken = names, .taken_count = count };

		nearest_begin(&near.nearest, name);
		host_traceable_functions(question->host, consider, &near);
		if (!nearest_result(&near.nearest))
			break;
		names[count++] = arena_strdup(question->arena,
					      nearest_result(&near.nearest));
	}
	if (count == 3)
		return arena_printf(question->arena,
				    "did you mean %s, %s or %s?", names[0],
				    names[1], names[2]);
	if (count == 2)
		return arena_printf(question->arena, "did you mean %s or %s?",
				    names[0], names[1]);
	return count ? arena_printf(question->arena, "did you mean %s?",
				    names[0])
		     : NULL;
}

/* ---- causes ---- */

/* Functions that implement system calls have names of their own. */
static const char *syscall_hint(struct question *question, const char *name)
{
	const char *base = name + (strncmp(name, "__x64_", 6) ? 0 : 6);
	struct lookup lookup = { .arena = question->arena };

	if (strncmp(base, "sys_", 4) != 0)
		return NULL;
#if defined(__aarch64__)
	lookup.name = arena_printf(question->arena, "__arm64_%s", base);
#else
	lookup.name = arena_printf(question->arena, "__x64_%s", base);
#endif
	lookup.length = strlen(lookup.name);
	host_traceable_functions(question->host, see_traceable, &lookup);
	if (!lookup.traceable)
		return NULL;
	return arena_printf(question->arena,
			    "%s:%s implements the system call; "
			    "tracepoint:syscalls:sys_enter_%s has its "
			    "arguments by name",
			    question->kind, lookup.name, base + 4);
}

/* Misspelled, or nowhere by itself. */
static const char *absent_hint(struct question *question, const char *name)
{
	const char *near = near_hint(question, name);

	if (near)
		return arena_printf(question->arena,
				    "%s Or the compiler put it into its "
				    "callers, or its module is not loaded",
				    near);
	return arena_printf(question->arena,
			    "perhaps the compiler put it into its callers, or "
			    "its module is not loaded; etrace -l '%s:*%s*' "
			    "lists what is near",
			    question->kind, name);
}

static bool module_trouble(struct question *question, const char *module)
{
	struct arena *arena = question->arena;

	if (!module || !strcmp(module, "vmlinux"))
		return false;
	switch (host_module_state(question->host, module)) {
	case MODULE_LOADED:
		return false;
	case MODULE_BUILT_IN:
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena,
					   "%s is built into this kernel: its "
					   "functions are the kernel's own",
					   module),
			      arena_printf(arena, "leave %s: out", module));
	case MODULE_ABSENT:
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena, "the module %s is not loaded",
					   module),
			      arena_printf(arena, "modprobe %s", module));
	}
	unreachable();
}

static bool missing(struct question *question, const struct lookup *lookup)
{
	struct arena *arena = question->arena;
	const char *name = lookup->name;
	const char *hint;

	if (module_trouble(question, lookup->module))
		return true;
	if (lookup->is_elsewhere)
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena, "%s has no function '%s'",
					   lookup->module, name),
			      strcmp(lookup->first, "vmlinux") != 0
				      ? arena_printf(arena, "%s has: %s:%s:%s",
						     lookup->first,
						     question->kind,
						     lookup->first, name)
				      : arena_printf(arena,
						     "the kernel itself has: "
						     "%s:%s",
						     question->kind, name));
	if (lookup->clone_count)
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena,
					   "the compiler left of '%s' only %s",
					   name, lookup->clones[0]),
			      is_kprobe(question->provider)
				      ? arena_printf(arena,
						     "%s:%s; its arguments may "
						     "differ",
						     question->kind,
						     lookup->clones[0])
				      : arena_printf(arena,
						     "kprobe:%s; fentry cannot "
						     "trace it",
						     lookup->clones[0]));
	hint = syscall_hint(question, name);
	if (!hint)
		hint = absent_hint(question, name);
	return answer(
		question, E_UNKNOWN_PROBE,
		arena_printf(arena, "the kernel has no function '%s'", name),
		hint);
}

static bool untraceable(struct question *question, const struct lookup *lookup)
{
	struct arena *arena = question->arena;
	const char *name = lookup->name;

	if (!lookup->code)
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena,
					   "'%s' is a variable of the kernel, "
					   "not a function",
					   name),
			      NULL);
	if (host_is_unprobed(question->host, name))
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena,
					   "the kernel forbids probes in '%s': "
					   "tracing itself depends on it",
					   name),
			      "trace who calls it, or what it calls");
	return answer(question, E_UNKNOWN_PROBE,
		      arena_printf(arena,
				   "'%s' cannot be traced: the kernel marks it "
				   "notrace, or it only runs at boot",
				   name),
		      "trace who calls it, or what it calls");
}

/* ---- what fentry needs beyond that ---- */

static bool ambiguous(struct question *question, const struct lookup *lookup)
{
	struct arena *arena = question->arena;

	if (lookup->first && lookup->other &&
	    strcmp(lookup->first, lookup->other) != 0)
		return answer(question, E_UNKNOWN_PROBE,
			      arena_printf(arena,
					   "%s and %s both have a function "
					   "'%s'",
					   lookup->first, lookup->other,
					   lookup->name),
			      arena_printf(arena, "say which: %s:%s:%s",
					   question->kind, lookup->first,
					   lookup->name));
	return answer(question, E_UNKNOWN_PROBE,
		      arena_printf(arena,
				   "%zu functions are called '%s': %s cannot "
				   "tell them apart",
				   lookup->traceable, lookup->name,
				   question->kind),
		      arena_printf(arena, "kprobe:%s traces all of them",
				   lookup->name));
}

static const char *kprobe_hint(struct question *question, const char *name)
{
	return arena_printf(
		question->arena, "%s:%s; its arguments are arg0, arg1, ...",
		question->provider == PROVIDER_fexit ? "kretprobe" : "kprobe",
		name);
}

static bool undescribed(struct question *question, const struct lookup *lookup)
{
	struct arena *arena = question->arena;
	const char *name = lookup->name, *text = NULL;
	struct kernel_function found;
	uint32_t limit = 8 * host_argument_limit(question->host);
	enum host_status status =
		host_function(question->host, lookup->module, name, &found);

	if (status == HOST_NO_BTF)
		text = "this kernel does not describe its functions (BTF)";
	else if (status != HOST_OK)
		text = arena_printf(
			arena, "the kernel does not describe '%s' (BTF)", name);
	else if (found.is_variadic)
		text = arena_printf(arena,
				    "'%s' takes any number of arguments: %s "
				    "cannot show those",
				    name, question->kind);
	else if (found.has_large)
		text = arena_printf(arena,
				    "'%s' takes a value larger than %s can "
				    "show",
				    name, question->kind);
	else if (found.args->size > limit)
		text = arena_printf(arena,
				    "'%s' has %u arguments; %s can show %u on "
				    "this kernel",
				    name, found.args->size / 8, question->kind,
				    limit / 8);
	return text &&
	       answer(question, status == HOST_NO_BTF ? E_NO_BTF : E_ATTACH,
		      text, kprobe_hint(question, name));
}

/* ---- all causes ---- */

bool function_trouble(struct arena *arena, struct host *host,
		      enum provider provider, const char *module,
		      const char *name, struct trouble *trouble)
{
	const char *kind = provider_row(provider)->name;
	struct question question = { arena, host, provider, kind, trouble };
	struct lookup lookup = {
		.arena = arena,
		.module = module,
		.name = name,
		.length = strlen(name),
	};

	if (provider_trouble(arena, host, provider, name, trouble))
		return true;
	host_traceable_functions(host, see_traceable, &lookup);
	host_kernel_symbols(host, name, see_symbol, &lookup);
	if (!lookup.has_list)
		return false;
	if (!lookup.traceable)
		return lookup.code + lookup.data
			       ? untraceable(&question, &lookup)
			       : missing(&question, &lookup);
	if (is_kprobe(provider))
		return host_is_unprobed(host, name) &&
		       untraceable(&question, &lookup);
	if (lookup.traceable > 1)
		return ambiguous(&question, &lookup);
	return undescribed(&question, &lookup);
}
