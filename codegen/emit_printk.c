/*
 * Text that the kernel itself puts together: printk(), and printf() of an
 * iterator that runs without etrace. Knows what formats and values the kernel
 * takes; the checker lets no others through.
 */
#include "codegen/emit.h"

#include <string.h>

/* A format as the kernel takes it: integers are 64 bits. */
static const char *kernel_format(struct gen *gen, const struct format *format)
{
	char *text = arena_strdup(gen->arena, "");

	for (size_t i = 0; i < format->count; i++) {
		const struct format_piece *piece = &format->pieces[i];

		text = arena_printf(gen->arena, "%s%.*s", text,
				    (int)piece->length, piece->text);
		if (!piece->conversion)
			continue;
		text = arena_printf(gen->arena, "%s%%%s%s", text,
				    piece->left ? "-" : "",
				    piece->zero ? "0" : "");
		if (piece->width)
			text = arena_printf(gen->arena, "%s%d", text,
					    piece->width);
		if (strchr("sc", piece->conversion))
			text = arena_printf(gen->arena, "%s%c", text,
					    piece->conversion);
		else if (piece->conversion == 'p')
			text = arena_printf(gen->arena, "%sllx", text);
		else
			text = arena_printf(gen->arena, "%sll%c", text,
					    piece->conversion);
	}
	return text;
}

/* Text and values, as the helpers take them: format, size, data, size. */
static void emit_print_arguments(struct gen *gen, const struct expr *call,
				 LLVMValueRef *arguments)
{
	const char *text = kernel_format(gen, call->call.format);
	uint32_t length = (uint32_t)strlen(text) + 1;
	size_t count = call->call.args.count - 1;
	LLVMValueRef data = count ? emit_temporary(gen, 8 * (uint32_t)count)
				  : LLVMConstNull(gen->pointer);

	for (size_t i = 0; i < count; i++) {
		const struct expr *arg = call->call.args.items[i + 1];
		LLVMValueRef to, word;

		if (type_is_scalar(arg->type) || type_is_aggregate(arg->type)) {
			word = emit_scalar(gen, arg);
		} else {
			to = emit_scratch(gen, arg->type->size);
			emit_into(gen, arg, arg->type, to);
			word = emit_cast_integer(gen, to);
		}
		emit_store(gen, emit_offset(gen, data, 8 * i), word, 8);
	}
	arguments[0] = emit_literal(gen, text, length);
	arguments[1] = emit_i64(gen, length);
	arguments[2] = data;
	arguments[3] = emit_i64(gen, 8 * count);
}

struct value emit_printk(struct gen *gen, const struct expr *call)
{
	LLVMValueRef arguments[4];

	emit_print_arguments(gen, call, arguments);
	emit_helper(gen, HELPER_trace_vprintk, arguments);
	return scalar_value(&type_none, emit_i64(gen, 0));
}

/*
 * bpf_seq_printf(ctx->meta->seq, format, …): the first field of the context,
 * and the first of what it points to. Loaded directly, so that the verifier
 * sees what it is.
 */
struct value emit_seq_printf(struct gen *gen, const struct expr *call)
{
	LLVMValueRef arguments[5], meta;

	emit_print_arguments(gen, call, arguments + 1);
	meta = emit_load(gen, gen->function->context, 8, false);
	arguments[0] = emit_cast_pointer(
		gen, emit_load(gen, emit_cast_pointer(gen, meta), 8, false));
	emit_helper(gen, HELPER_seq_printf, arguments);
	return scalar_value(&type_none, emit_i64(gen, 0));
}
