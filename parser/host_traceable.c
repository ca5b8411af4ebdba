/*
 * What of the kernel can be traced. Its functions: the lists of tracefs and
 * debugfs or, in their place, kallsyms and BTF; and kallsyms itself. Called by
 * the checker, through host.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/host_private.h"

#define FUNCTIONS_MAX ((size_t)64 << 20)
#define UNPROBED_MAX  ((size_t)16 << 20)
#define UNPROBED      "/sys/kernel/debug/kprobes/blacklist"
#define SOURCES       "/sys/bus/event_source/devices"
#define KPROBES       SOURCES "/kprobe/type"

bool host_has_kprobes(struct host *host)
{
	return host_has_file(host, KPROBES);
}

/* cpu, cpu_core; armv8_pmuv3_0; apple_icestorm_pmu */
static bool is_processor(const char *source)
{
	return strncmp(source, "cpu", 3) == 0 ||
	       strncmp(source, "armv", 4) == 0 ||
	       strncmp(source, "apple_", 6) == 0;
}

bool host_has_counters(struct host *host)
{
	DIR *folder = opendir(host_path(host, SOURCES));
	const struct dirent *entry;
	bool has = false;

	if (!folder)
		return false;
	while (!has && (entry = readdir(folder)))
		has = is_processor(entry->d_name);
	closedir(folder);
	return has;
}

/* ---- kallsyms ---- */

/* Code that the function tracer keeps out of, by the symbols around it. */
static const struct {
	const char *begin, *end;
} untraced[] = {
	{ "__noinstr_text_start", "__noinstr_text_end" },
	{ "__kprobes_text_start", "__kprobes_text_end" },
	{ "__entry_text_start", "__entry_text_end" },
	{ "_sinittext", "_einittext" },
};

static bool is_untraced(struct host *host, uint64_t address)
{
	if (!host->untraced) {
		host->untraced = ARENA_ARRAY(host->arena, ARRAY_SIZE(untraced),
					     struct address_range);
		for (size_t i = 0; i < ARRAY_SIZE(untraced); i++) {
			struct address_range *range = &host->untraced[i];

			host_kernel_symbol(host, untraced[i].begin,
					   &range->begin);
			if (host_kernel_symbol(host, untraced[i].end,
					       &range->end) != HOST_OK)
				range->end = 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(untraced); i++)
		if (address >= host->untraced[i].begin &&
		    address < host->untraced[i].end)
			return true;
	return false;
}

/* The line at `*at`, "ffffffff81000000 T name\t[module]", its strings in the
 * arena or NULL; moves on. False at the end. */
static bool next_symbol(struct host *host, const char **at, const char *prefix,
			struct kernel_symbol *symbol)
{
	size_t prefix_length = strlen(prefix), length;
	const char *name, *end;
	char *after;

	for (; **at; *at = end + (*end == '\n')) {
		end = *at + strcspn(*at, "\n");
		symbol->address = strtoull(*at, &after, 16);
		if (after == *at || after[0] != ' ' || !after[1] ||
		    after[2] != ' ')
			continue;
		name = after + 3;
		if (strncmp(name, prefix, prefix_length) != 0)
			continue;
		symbol->is_code = strchr("tTwW", after[1]);
		length = strcspn(name, " \t\n");
		symbol->name = arena_strndup(host->arena, name, length);
		symbol->module = NULL;
		name += length;
		if (name[0] == '\t' && name[1] == '[')
			symbol->module =
				arena_strndup(host->arena, name + 2,
					      strcspn(name + 2, "]\n"));
		*at = end + (*end == '\n');
		return true;
	}
	return false;
}

enum host_status host_kernel_symbols(struct host *host, const char *prefix,
				     kernel_symbol_visit_fn *visit, void *data)
{
	enum host_status status = host_kallsyms(host);
	struct kernel_symbol symbol;
	const char *at;

	if (status != HOST_OK)
		return status;
	at = host->kallsyms.bytes;
	while (next_symbol(host, &at, prefix, &symbol)) {
		symbol.is_traceable =
			symbol.is_code && !is_untraced(host, symbol.address);
		visit(&symbol, data);
	}
	return HOST_OK;
}

/* Looked for: a function, then the symbol behind it. */
struct extent {
	const char *name, *module;
	uint64_t begin, end;
};

static void find_begin(const struct kernel_symbol *symbol, void *data)
{
	struct extent *extent = data;
	const char *module = symbol->module ? symbol->module : "vmlinux";

	if (symbol->is_code && !strcmp(symbol->name, extent->name) &&
	    (!extent->module || !strcmp(module, extent->module)))
		extent->begin = symbol->address;
}

static void find_end(const struct kernel_symbol *symbol, void *data)
{
	struct extent *extent = data;

	if (symbol->address > extent->begin && symbol->address < extent->end)
		extent->end = symbol->address;
}

uint64_t host_kernel_function_size(struct host *host, const char *module,
				   const char *name)
{
	struct extent extent = {
		.name = name,
		.module = module,
		.end = UINT64_MAX,
	};

	host_kernel_symbols(host, name, find_begin, &extent);
	if (!extent.begin)
		return 0;
	host_kernel_symbols(host, "", find_end, &extent);
	return extent.end - extent.begin;
}

/* ---- in place of the list ---- */

struct guess {
	struct host *host;
	struct cache described; /* names BTF has */
	function_visit_fn *visit;
	void *data;
};

static void remember_name(const char *name, uint32_t btf_id, void *data)
{
	struct guess *guess = data;

	(void)btf_id;
	if (!cache_find(&guess->described, name))
		cache_put(guess->host->arena, &guess->described, name,
			  (void *)name);
}

static void visit_guess(const struct kernel_symbol *symbol, void *data)
{
	struct guess *guess = data;

	if (symbol->is_traceable && cache_find(&guess->described, symbol->name))
		guess->visit(symbol->name, symbol->module, guess->data);
}

static enum host_status guess_functions(struct host *host,
					function_visit_fn *visit, void *data)
{
	struct guess guess = { .host = host, .visit = visit, .data = data };
	enum host_status status =
		host_functions(host, NULL, remember_name, &guess);
	const char *const *modules;
	size_t count;

	if (status != HOST_OK)
		return status;
	modules = host_modules(host, &count);
	for (size_t i = 0; i < count; i++)
		host_functions(host, modules[i], remember_name, &guess);
	return host_kernel_symbols(host, "", visit_guess, &guess);
}

/* ---- the list ---- */

static const char *list_path(struct host *host)
{
	const char *folder;

	if (host_tracefs(host, &folder) != HOST_OK)
		return NULL;
	return host_path(host,
			 arena_printf(host->arena,
				      "%s/available_filter_functions", folder));
}

/* EACCES is about the user, EPERM about the kernel. */
bool host_refuses_functions(struct host *host)
{
	const char *path = list_path(host);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
	bool is_refused = path && fd < 0 && errno == EPERM;

	if (fd >= 0)
		close(fd);
	return is_refused;
}

/* Lines are cut at "name [module]" into strings, once. */
static void cut_lines(struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		if (text->bytes[i] == '\n')
			text->bytes[i] = '\0';
}

static enum host_status read_list(struct host *host)
{
	const char *path = list_path(host);

	if (host->functions_read)
		return host->functions_status;
	host->functions_read = true;
	host->functions_status = HOST_ABSENT;
	if (path)
		host->functions_status =
			text_read(&host->functions, path, FUNCTIONS_MAX);
	if (host->functions_status == HOST_OK)
		cut_lines(&host->functions);
	return host->functions_status;
}

/* A place that had no symbol: the tracer's own name for it. */
#define NAMELESS "__ftrace_invalid_address___"

static void visit_line(struct host *host, const char *line,
		       function_visit_fn *visit, void *data)
{
	const char *blank = strchr(line, ' ');
	const char *module = NULL;

	if (!strncmp(line, NAMELESS, sizeof(NAMELESS) - 1))
		return;
	if (blank) {
		if (blank[1] == '[')
			module = arena_strndup(host->arena, blank + 2,
					       strcspn(blank + 2, "]"));
		line = arena_strndup(host->arena, line, (size_t)(blank - line));
	}
	if (*line)
		visit(line, module, data);
}

enum host_status host_traceable_functions(struct host *host,
					  function_visit_fn *visit, void *data)
{
	const char *at, *end;

	if (host_refuses_functions(host))
		return HOST_FORBIDDEN;
	if (read_list(host) != HOST_OK)
		return guess_functions(host, visit, data);
	end = host->functions.bytes + host->functions.length;
	for (at = host->functions.bytes; at < end; at += strlen(at) + 1)
		visit_line(host, at, visit, data);
	return HOST_OK;
}

/* ---- functions without kprobes ---- */

/* "0xffffffff81000000-0xffffffff81000010\tname" */
static void read_unprobed(struct host *host)
{
	const char *at, *name;
	size_t length;

	host->unprobed_read = true;
	if (text_read(&host->scratch, host_path(host, UNPROBED),
		      UNPROBED_MAX) != HOST_OK)
		return;
	for (at = host->scratch.bytes; *at;
	     at += length + (at[length] == '\n')) {
		length = strcspn(at, "\n");
		name = memchr(at, '\t', length);
		if (!name)
			continue;
		name = arena_strndup(host->arena, name + 1,
				     length - (size_t)(name + 1 - at));
		name = arena_strndup(host->arena, name, strcspn(name, " \t"));
		if (*name && !cache_find(&host->unprobed, name))
			cache_put(host->arena, &host->unprobed, name,
				  (void *)name);
	}
}

bool host_is_unprobed(struct host *host, const char *name)
{
	if (!host->unprobed_read)
		read_unprobed(host);
	return cache_find(&host->unprobed, name);
}
