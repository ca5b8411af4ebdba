/*
 * Stacks and single addresses as text, with the names of functions. Called
 * through value_print.c.
 */
#include <string.h>

#include "codegen/record.h"
#include "runtime/value_print.h"

/* A type may fix the mode, as kstack(perf) does: 1 + it; 0 is the setting's. */
static enum stack_mode stack_mode(const struct render *render,
				  const struct type *type)
{
	const struct settings *settings = names_settings(render->names);

	return (enum stack_mode)(type->bits ? type->bits - 1
					    : settings->stack_mode);
}

static bool find_symbol(const struct render *render, const struct type *type,
			uint32_t pid, uint64_t address, struct symbol *symbol)
{
	*symbol = (struct symbol){ 0 };
	if (type->space == SPACE_USER)
		return usyms_find(names_usyms(render->names), pid, address,
				  symbol);
	return ksyms_find(names_ksyms(render->names), address, symbol);
}

static void print_symbol(struct render *render, const struct symbol *symbol)
{
	foreign_print(render, symbol->name, strlen(symbol->name));
	output_char(render->output, '+');
	output_unsigned(render->output, symbol->offset);
}

/* "        vfs_read+1" */
static void print_frame(struct render *render, const struct symbol *symbol,
			uint64_t address)
{
	output_pad(render->output, ' ', render->stack_indent);
	if (symbol->name) {
		print_symbol(render, symbol);
		return;
	}
	output_text(render->output, "0x");
	output_hex(render->output, address);
}

/* "\tffffffff812345 vfs_read+1 ([kernel.kallsyms])", as perf script does, whose
 * readers know modules of the kernel by their brackets. */
static void print_perf_frame(struct render *render, const struct type *type,
			     const struct symbol *symbol, uint64_t address)
{
	const char *module = symbol->module ? symbol->module : "[unknown]";
	bool in_brackets = type->space != SPACE_USER && symbol->module;

	if (in_brackets && strcmp(module, "vmlinux") == 0)
		module = "kernel.kallsyms";
	output_char(render->output, '\t');
	output_hex(render->output, address);
	output_char(render->output, ' ');
	if (symbol->name)
		print_symbol(render, symbol);
	else
		output_text(render->output, "[unknown]");
	output_text(render->output, in_brackets ? " ([" : " (");
	foreign_print(render, module, strlen(module));
	output_text(render->output, in_brackets ? "])" : ")");
}

void stack_print(struct render *render, const struct value *value)
{
	const struct type *type = value->type;
	enum stack_mode mode = stack_mode(render, type);
	struct stack_value header;
	size_t frames;

	memcpy(&header, value->bytes, sizeof(header));
	frames = (value->length - sizeof(header)) / sizeof(uint64_t);
	if (header.count < frames)
		frames = header.count;
	output_char(render->output, '\n');
	for (size_t i = 0; i < frames; i++) {
		struct symbol symbol = { 0 };
		uint64_t address;

		memcpy(&address, value->bytes + sizeof(header) + 8 * i, 8);
		if (mode != STACK_MODE_RAW)
			find_symbol(render, type, header.pid, address, &symbol);
		if (mode == STACK_MODE_RAW)
			output_hex(render->output, address);
		else if (mode == STACK_MODE_PERF)
			print_perf_frame(render, type, &symbol, address);
		else
			print_frame(render, &symbol, address);
		output_char(render->output, '\n');
	}
}

void symbol_print(struct render *render, const struct value *value)
{
	struct symbol_value place;
	struct symbol symbol;
	const char *name;

	memcpy(&place, value->bytes, sizeof(place));
	name = names_attach_symbol(render->names, place.attach);
	if (name) {
		foreign_print(render, name, strlen(name));
		return;
	}
	find_symbol(render, value->type, place.pid, place.address, &symbol);
	if (symbol.name) {
		foreign_print(render, symbol.name, strlen(symbol.name));
		return;
	}
	output_text(render->output, "0x");
	output_hex(render->output, place.address);
}
