/*
 * Functions of programs and libraries in attach points: the file, the symbol,
 * where in the file it begins. Called for each uprobe and uretprobe; reads the
 * machine through host.h.
 */
#include <ctype.h>
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

/* The symbol part, taken apart: name, name+offset, or 0xADDRESS. */
struct location {
	struct span at;
	const char *symbol; /* NULL: an address */
	uint64_t address;
	uint64_t offset;
	bool has_offset;
};

/* What a walk over the symbols of a file is for. */
struct symbol_walk {
	struct expansion *expansion;
	struct target *target;
	const char *path;
	const char *pattern; /* NULL: gather the names */
	size_t added;
	const char **names;
	size_t count, room;
};

/* ---- instructions ---- */

/* False: reported, or counted if it is one of many. What the kernel refuses is
 * left to it where it is asked for by name: a newer one may not. */
static bool is_traced(struct expansion *expansion, const struct target *target,
		      const struct user_function *function)
{
	enum instruction instruction = host_instruction(
		expansion->host, function->path, function->offset);
	struct diag *diag;

	if (instruction == INSTRUCTION_TRACED)
		return true;
	if (function->is_one_of_many) {
		expansion->left_out++;
		return false;
	}
	if (instruction == INSTRUCTION_REFUSED)
		return true;
	diag = probe_missing(
		expansion, E_ATTACH, target->at,
		"%s cannot be traced here: the kernel mistakes the instruction "
		"that is replaced for another, and the program would go wrong",
		function->text);
	diag_hint(expansion->diags, diag,
		  "a uprobe behind that instruction does no harm: "
		  "uprobe:%s:FUNCTION+OFFSET",
		  function->path);
	return false;
}

void user_functions_left_out(struct expansion *expansion,
			     const struct target *target)
{
	if (expansion->left_out && !expansion->silent)
		diag_warning(expansion->diags, E_ATTACH, target->at,
			     "functions left out: %zu, whose first instruction "
			     "the kernel cannot run while it is traced",
			     expansion->left_out);
	expansion->left_out = 0;
}

/* ---- arguments ---- */

static void no_parameters(struct expansion *expansion,
			  const struct target *target, const char *path,
			  enum host_status status)
{
	struct diag *diag;

	if (status == HOST_NO_DEBUG) {
		diag = probe_missing(expansion, E_NO_ARGS, target->at,
				     "args are not known here: %s has no debug "
				     "information",
				     path);
		diag_hint(expansion->diags, diag,
			  "arg0, arg1, ... are there without; the debug "
			  "information of a distribution's programs is in "
			  "packages of its own");
		return;
	}
	diag = probe_missing(
		expansion, E_NO_ARGS, target->at,
		"args are known where a function begins, and the "
		"debug information of %s has none that begins here",
		path);
	diag_hint(expansion->diags, diag, "arg0, arg1, ... are there without");
}

/* Is a result of that type worth more than as a number? An address that is
 * nothing but one stays a number, to be compared with arg0 elsewhere; of many
 * functions, only integers are alike enough for one body. */
static bool is_telling(const struct type *type, bool is_one_of_many)
{
	if (type->kind == TYPE_POINTER)
		return !is_one_of_many && type->to &&
		       type->to->kind == TYPE_STRUCT;
	return !is_one_of_many || type_is_integer(type);
}

/* What the function returns, if its program says so. */
static const struct arguments *find_result(struct expansion *expansion,
					   const struct user_function *function)
{
	const struct arguments *result;

	if (!expansion->uses_retval ||
	    host_result(expansion->host, function->path, function->address,
			function->symbol, &result) != HOST_OK)
		return NULL;
	return is_telling(result->items[0].type, function->is_one_of_many)
		       ? result
		       : NULL;
}

bool user_function_add(struct expansion *expansion, const struct target *target,
		       const struct user_function *function)
{
	bool is_entry = target->provider->id == PROVIDER_uprobe;
	struct attach attach = {
		.kind = is_entry ? ATTACH_UPROBE : ATTACH_URETPROBE,
		.at = target->at,
		.path = function->path,
		.symbol = function->symbol,
		.number = function->offset,
		.probe = arena_printf(expansion->arena, "%s:%s%s%s",
				      target->provider->name, function->path,
				      function->is_line ? "" : ":",
				      function->text),
	};
	struct parameters found = { 0 };
	enum host_status status;
	struct clause *clause;

	if (!is_traced(expansion, target, function))
		return false;
	if (is_entry && expansion->uses_args) {
		status = host_parameters(expansion->host, function->path,
					 function->address, function->symbol,
					 &found);
		if (status != HOST_OK) {
			if (!function->is_one_of_many)
				no_parameters(expansion, target, function->path,
					      status);
			return false;
		}
	} else if (!is_entry) {
		found.arguments = find_result(expansion, function);
	}
	expansion->arguments = found.arguments;
	clause = expansion_add(expansion, target, &attach, found.record, false);
	if (clause && !is_entry && found.arguments)
		clause->retval = found.arguments->items[0].type;
	expansion->arguments = NULL;
	return true;
}

static void visit_symbol(const struct program_symbol *symbol, void *data)
{
	struct symbol_walk *walk = data;
	struct arena *arena = walk->expansion->arena;
	struct user_function function = {
		.path = walk->path,
		.symbol = symbol->name,
		.text = symbol->name,
		.address = symbol->address,
		.offset = symbol->offset,
		.is_one_of_many = true,
	};

	if (!walk->pattern) {
		ARENA_PUSH(arena, walk->names, walk->count, walk->room,
			   symbol->name);
		return;
	}
	if (!glob_match(walk->pattern, symbol->name) ||
	    walk->expansion->is_full)
		return;
	walk->added +=
		user_function_add(walk->expansion, walk->target, &function);
}

/* ---- one place ---- */

static enum outcome by_address(struct expansion *expansion,
			       struct target *target, const char *path,
			       const struct location *location)
{
	struct user_function function = {
		.path = path,
		.address = location->address,
		.text = arena_printf(expansion->arena, "0x%llx",
				     (unsigned long long)location->address),
	};
	enum host_status status = host_file_offset(
		expansion->host, path, location->address, &function.offset);

	if (status == HOST_ABSENT) {
		probe_missing(expansion, E_UNKNOWN_PROBE, location->at,
			      "%s has no code at address 0x%llx", path,
			      (unsigned long long)location->address);
		return OUTCOME_MISSING;
	}
	if (status != HOST_OK)
		return binary_bad(expansion, target, status, path);
	return user_function_add(expansion, target, &function)
		       ? OUTCOME_FOUND
		       : OUTCOME_MISSING;
}

static enum outcome unknown_symbol(struct expansion *expansion,
				   struct target *target, const char *path,
				   const struct location *location)
{
	struct symbol_walk walk = { .expansion = expansion };
	struct diag *diag = probe_missing(
		expansion, E_UNKNOWN_PROBE, location->at,
		"%s has no function '%s'", path, location->symbol);

	if (expansion->silent)
		return OUTCOME_MISSING;
	host_symbols(expansion->host, path, visit_symbol, &walk);
	diag_hint(expansion->diags, diag,
		  walk.count ? "etrace -l '%s:%s:*' lists its functions"
			     : "%s:%s has no symbols: it was stripped",
		  target->provider->name, path);
	hint_names(expansion->diags, diag, location->symbol, walk.names,
		   walk.count);
	return OUTCOME_MISSING;
}

static enum outcome by_symbol(struct expansion *expansion,
			      struct target *target, const char *path,
			      const struct location *location)
{
	struct user_function function = {
		.path = path,
		.symbol = location->symbol,
		.text = location->symbol,
	};
	struct program_symbol symbol;
	enum host_status status =
		host_symbol(expansion->host, path, location->symbol, &symbol);

	if (status == HOST_ABSENT)
		return unknown_symbol(expansion, target, path, location);
	if (status != HOST_OK)
		return binary_bad(expansion, target, status, path);
	if (location->offset && location->offset >= symbol.size)
		return probe_syntax(expansion, target, location->at,
				    "%s is only %llu bytes long",
				    location->symbol,
				    (unsigned long long)symbol.size);
	if (location->has_offset)
		function.text = arena_printf(
			expansion->arena, "%s+%llu", location->symbol,
			(unsigned long long)location->offset);
	function.address = symbol.address + location->offset;
	function.offset = symbol.offset + location->offset;
	return user_function_add(expansion, target, &function)
		       ? OUTCOME_FOUND
		       : OUTCOME_MISSING;
}

/* ---- patterns ---- */

static enum outcome by_pattern(struct expansion *expansion,
			       struct target *target, const char *path,
			       const struct location *location)
{
	struct symbol_walk walk = {
		.expansion = expansion,
		.target = target,
		.path = path,
		.pattern = location->symbol,
	};
	enum host_status status =
		host_symbols(expansion->host, path, visit_symbol, &walk);

	if (status != HOST_OK && status != HOST_ABSENT)
		return binary_bad(expansion, target, status, path);
	user_functions_left_out(expansion, target);
	if (walk.added || expansion->is_full)
		return OUTCOME_FOUND;
	probe_missing(expansion, E_NO_MATCH, location->at,
		      "no function of %s that can be traced matches %s", path,
		      location->symbol);
	return OUTCOME_MISSING;
}

/* ---- the parts ---- */

/* name, name+4, 0x1234; false, reported, if malformed. */
static bool read_location(struct expansion *expansion,
			  const struct target *target,
			  struct location *location)
{
	const struct part *part = &target->parts[target->count - 1];
	const char *plus = strrchr(part->text, '+');
	struct integer integer;

	*location = (struct location){ .at = part->at, .symbol = part->text };
	if (isdigit((unsigned char)part->text[0])) {
		location->symbol = NULL;
		if (text_integer(part->text, strlen(part->text), &integer)) {
			location->address = integer.value;
			return true;
		}
		probe_syntax(expansion, target, part->at,
			     "'%s' is neither a function nor an address",
			     part->text);
		return false;
	}
	/* C++ has operators with a plus in their names. */
	if (!plus || !isdigit((unsigned char)plus[1]))
		return true;
	if (!text_integer(plus + 1, strlen(plus + 1), &integer)) {
		probe_syntax(expansion, target, part->at,
			     "'%s' is not a number", plus + 1);
		return false;
	}
	if (target->provider->id == PROVIDER_uretprobe) {
		probe_syntax(expansion, target, part->at,
			     "uretprobe fires when a function returns: it "
			     "takes no offset");
		return false;
	}
	location->symbol = arena_strndup(expansion->arena, part->text,
					 (size_t)(plus - part->text));
	location->offset = integer.value;
	location->has_offset = true;
	return true;
}

/* A Go program moves its stacks, and does not survive that a return address on
 * one was replaced. */
static void warn_of_go(struct expansion *expansion, const struct target *target,
		       const char *path)
{
	struct diag *diag;

	if (target->provider->id != PROVIDER_uretprobe ||
	    !host_is_go(expansion->host, path))
		return;
	diag = diag_warning(expansion->diags, E_RETURN_IN_GO, target->at,
			    "a uretprobe breaks Go programs, and %s is one: "
			    "it may crash",
			    path);
	diag_hint(expansion->diags, diag,
		  "uprobes at the return instructions are safe: "
		  "uprobe:%s:FUNCTION+OFFSET",
		  path);
}

static enum outcome in_file(struct expansion *expansion, struct target *target,
			    const char *path, void *data)
{
	const struct location *location = data;

	warn_of_go(expansion, target, path);
	if (!location->symbol)
		return by_address(expansion, target, path, location);
	if (has_wildcard(location->symbol))
		return by_pattern(expansion, target, path, location);
	return by_symbol(expansion, target, path, location);
}

enum outcome target_uprobe(struct expansion *expansion, struct target *target)
{
	struct location location;

	if (target->count < 3 || !target->parts[2].text[0])
		return probe_syntax(
			expansion, target, target->at,
			"%s needs a program or library and a function",
			target->provider->name);
	if (target_is_line(target))
		return target_line(expansion, target);
	if (target->count > 3 && strcmp(target->parts[2].text, "cpp") == 0)
		return target_cpp(expansion, target);
	if (target->count > 3)
		return probe_syntax(expansion, target, target->parts[3].at,
				    "a name with colons is written "
				    "%s:BINARY:cpp:\"name\"",
				    target->provider->name);
	if (!read_location(expansion, target, &location))
		return OUTCOME_WRONG;
	return binary_files(expansion, target, in_file, &location);
}
