/*
 * Lines of source in attach points: uprobe:BINARY@file.c:line[:column]. Called
 * by probe_user.c; which code a line is, host.h knows.
 */
#include <string.h>

#include "lexer/lexer.h"
#include "parser/checker.h"

#define LINE_MAX_NUMBER 100000000u

struct line_search {
	struct expansion *expansion;
	struct target *target;
	const char *path;
	const char *text; /* "@file.c:12" */
	size_t added;
	bool failed;
};

static bool read_number(const char *text, unsigned *number)
{
	struct integer integer;

	if (!text[0] || strspn(text, "0123456789") != strlen(text) ||
	    !text_integer(text, strlen(text), &integer) ||
	    integer.value > LINE_MAX_NUMBER)
		return false;
	*number = (unsigned)integer.value;
	return true;
}

bool target_is_line(const struct target *target)
{
	unsigned line;

	return target->count >= 3 && strrchr(target->parts[1].text, '@') &&
	       read_number(target->parts[2].text, &line);
}

static void visit_address(uint64_t address, void *data)
{
	struct line_search *search = data;
	struct user_function function = {
		.path = search->path,
		.text = search->text,
		.address = address,
		.is_line = true,
	};

	if (host_file_offset(search->expansion->host, search->path, address,
			     &function.offset) != HOST_OK)
		return;
	if (user_function_add(search->expansion, search->target, &function))
		search->added++;
	else
		search->failed = true;
}

static enum outcome report_missing(struct line_search *search,
				   const struct source_line *line,
				   enum host_status status)
{
	struct expansion *expansion = search->expansion;
	struct span at = search->target->at;
	struct diag *diag;

	if (status == HOST_NO_DEBUG) {
		diag = probe_missing(expansion, E_UNKNOWN_PROBE, at,
				     "%s has no debug information: its lines "
				     "are not known",
				     search->path);
		diag_hint(expansion->diags, diag,
			  "compile it with -g, or install its debug "
			  "information");
		return OUTCOME_MISSING;
	}
	if (!line->has_file) {
		probe_missing(expansion, E_UNKNOWN_PROBE, at,
			      "%s was not made from a file '%s'", search->path,
			      line->file);
		return OUTCOME_MISSING;
	}
	diag = probe_missing(expansion, E_UNKNOWN_PROBE, at,
			     line->column ? "line %u of %s has no code at "
					    "this column"
					  : "line %u of %s has no code",
			     line->line, line->file);
	if (line->before && line->after)
		diag_hint(expansion->diags, diag,
			  "the nearest lines with code are %u and %u",
			  line->before, line->after);
	else if (line->before || line->after)
		diag_hint(expansion->diags, diag,
			  "the nearest line with code is %u",
			  line->before + line->after);
	return OUTCOME_MISSING;
}

static enum outcome in_file(struct expansion *expansion, struct target *target,
			    const char *path, void *data)
{
	struct source_line *line = data;
	struct line_search search = {
		.expansion = expansion,
		.target = target,
		.path = path,
	};
	enum host_status status;

	search.text = arena_printf(expansion->arena, "@%s:%u", line->file,
				   line->line);
	if (line->column)
		search.text = arena_printf(expansion->arena, "%s:%u",
					   search.text, line->column);
	status = host_source_line(expansion->host, path, line, visit_address,
				  &search);
	if (search.added || expansion->is_full)
		return OUTCOME_FOUND;
	if (search.failed)
		return OUTCOME_WRONG;
	return report_missing(&search, line, status);
}

enum outcome target_line(struct expansion *expansion, struct target *target)
{
	struct target binary = *target;
	struct source_line line = { 0 };
	const char *at = strrchr(target->parts[1].text, '@');

	if (target->provider->id != PROVIDER_uprobe)
		return probe_syntax(expansion, target, target->at,
				    "%s fires when a function returns: it "
				    "takes no line",
				    target->provider->name);
	line.file = at + 1;
	if (!line.file[0] || target->count > 4 ||
	    !read_number(target->parts[2].text, &line.line) || !line.line ||
	    (target->count == 4 &&
	     !read_number(target->parts[3].text, &line.column)))
		return probe_syntax(expansion, target, target->at,
				    "a line is uprobe:BINARY@file.c:LINE or "
				    "uprobe:BINARY@file.c:LINE:COLUMN");
	binary.parts[1].text =
		arena_strndup(expansion->arena, target->parts[1].text,
			      (size_t)(at - target->parts[1].text));
	return binary_files(expansion, &binary, in_file, &line);
}
