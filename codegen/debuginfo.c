/*
 * Debug information: BTF map definitions for libbpf, and source lines for the
 * verifier's log. LLVM turns it into .BTF; nothing else reads it.
 */
#include "codegen/emit.h"

#include <string.h>

#include <llvm-c/IRReader.h>

/*
 * A DIFile that carries the program text, so that the BTF has its lines
 * without a file. The builder has no call for that: it is parsed from IR text.
 */
static LLVMMetadataRef file_with_source(struct gen *gen)
{
	static const char hex[] = "0123456789ABCDEF";
	const struct source *source = gen->source;
	size_t room = 128 + 3 * ((size_t)source->size + strlen(source->name));
	char *text = arena_alloc(gen->arena, room), *out = text;
	const char *parts[] = { "!f = !{!0}\n!0 = !DIFile(filename: \"", NULL,
				"\", directory: \"\", source: \"", NULL,
				"\")\n" };
	LLVMMemoryBufferRef buffer;
	LLVMModuleRef module;
	LLVMValueRef file;
	char *message;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *bytes = parts[i] ? parts[i]
				    : i == 1 ? source->name
					     : source->text;
		size_t length = i == 3 ? source->size : strlen(bytes);

		for (size_t k = 0; k < length; k++) {
			unsigned char byte = (unsigned char)bytes[k];

			if (parts[i] || (byte >= ' ' && byte < 127 &&
					 byte != '"' && byte != '\\')) {
				*out++ = (char)byte;
				continue;
			}
			*out++ = '\\';
			*out++ = hex[byte >> 4];
			*out++ = hex[byte & 15];
		}
	}
	buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(
		text, (size_t)(out - text), "source");
	if (LLVMParseIRInContext(gen->context, buffer, &module, &message)) {
		LLVMDisposeMessage(message);
		return LLVMDIBuilderCreateFile(gen->di, source->name,
					       strlen(source->name), "", 0);
	}
	LLVMGetNamedMetadataOperands(module, "f", &file);
	LLVMDisposeModule(module);
	return LLVMValueAsMetadata(file);
}

void debuginfo_begin(struct gen *gen)
{
	LLVMMetadataRef version = LLVMValueAsMetadata(
		LLVMConstInt(gen->i32, LLVMDebugMetadataVersion(), false));

	LLVMAddModuleFlag(gen->module, LLVMModuleFlagBehaviorWarning,
			  "Debug Info Version", 18, version);
	/* A module that asks for CodeView and names no version of DWARF gets
	 * neither on this target, and the BTF all the same: a tenth less work.
	 */
	LLVMAddModuleFlag(
		gen->module, LLVMModuleFlagBehaviorWarning, "CodeView", 8,
		LLVMValueAsMetadata(LLVMConstInt(gen->i32, 1, false)));
	gen->di = LLVMCreateDIBuilder(gen->module);
	gen->file = file_with_source(gen);
	/* Full: line tables alone would drop the map definitions. */
	gen->unit = LLVMDIBuilderCreateCompileUnit(
		gen->di, LLVMDWARFSourceLanguageC, gen->file, "etrace", 6,
		false, "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false,
		"", 0, "", 0);
	gen->int_type = LLVMDIBuilderCreateBasicType(gen->di, "int", 3, 32, 5,
						     LLVMDIFlagZero);
}

LLVMMetadataRef debuginfo_function(struct gen *gen, LLVMValueRef function,
				   const char *name, uint32_t line,
				   bool is_static)
{
	/* No parameters: the kernel refuses BTF whose parameters lack names. */
	LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(
		gen->di, gen->file, &gen->int_type, 1, LLVMDIFlagZero);
	LLVMMetadataRef scope = LLVMDIBuilderCreateFunction(
		gen->di, gen->file, name, strlen(name), name, strlen(name),
		gen->file, line, type, is_static, true, line, LLVMDIFlagZero,
		false);

	LLVMSetSubprogram(function, scope);
	return scope;
}

void debuginfo_end(struct gen *gen)
{
	LLVMDIBuilderFinalize(gen->di);
}

/* int (*name)[value]: how libbpf's BTF-defined maps spell a number. */
static LLVMMetadataRef map_member(struct gen *gen, const char *name,
				  uint32_t value, size_t index)
{
	LLVMMetadataRef range =
		LLVMDIBuilderGetOrCreateSubrange(gen->di, 0, value);
	LLVMMetadataRef array = LLVMDIBuilderCreateArrayType(
		gen->di, 32 * (uint64_t)value, 32, gen->int_type, &range, 1);
	LLVMMetadataRef pointer = LLVMDIBuilderCreatePointerType(
		gen->di, array, 64, 64, 0, "", 0);

	return LLVMDIBuilderCreateMemberType(
		gen->di, gen->file, name, strlen(name), gen->file, 0, 64, 64,
		64 * index, LLVMDIFlagZero, pointer);
}

/* Gives a global its type: libbpf looks for it by name. */
static void describe_global(struct gen *gen, LLVMValueRef global,
			    const char *symbol, LLVMMetadataRef type)
{
	LLVMMetadataRef variable = LLVMDIBuilderCreateGlobalVariableExpression(
		gen->di, gen->unit, symbol, strlen(symbol), "", 0, gen->file, 0,
		type, false, LLVMDIBuilderCreateExpression(gen->di, NULL, 0),
		NULL, 64);

	LLVMGlobalSetMetadata(global,
			      LLVMGetMDKindIDInContext(gen->context, "dbg", 3),
			      variable);
}

void debuginfo_words(struct gen *gen, LLVMValueRef global, const char *symbol,
		     uint32_t words)
{
	LLVMMetadataRef word = LLVMDIBuilderCreateBasicType(
		gen->di, "unsigned long", 13, 64, 7, LLVMDIFlagZero);
	LLVMMetadataRef range =
		LLVMDIBuilderGetOrCreateSubrange(gen->di, 0, words);

	describe_global(gen, global, symbol,
			LLVMDIBuilderCreateArrayType(gen->di,
						     64 * (uint64_t)words, 64,
						     word, &range, 1));
}

static void image_row(struct gen *gen, const struct kernel_map *map)
{
	struct image *image = gen->image;
	size_t count = image->kernel_map_count;

	ARENA_PUSH(gen->arena, image->kernel_maps, count, gen->kernel_map_room,
		   *map);
	image->kernel_map_count = (uint32_t)count;
}

LLVMValueRef debuginfo_map(struct gen *gen, const struct kernel_map *map)
{
	const struct {
		const char *name;
		uint32_t value;
	} attributes[] = {
		{ "type", map->type },
		{ "key_size", map->key_size },
		{ "value_size", map->value_size },
		{ "max_entries", map->max_entries },
		{ "map_flags", map->flags },
	};
	LLVMTypeRef type = LLVMArrayType(gen->i64, ARRAY_SIZE(attributes));
	LLVMValueRef global = LLVMAddGlobal(gen->module, type, map->symbol);
	LLVMMetadataRef members[ARRAY_SIZE(attributes)], structure;
	unsigned count = 0;

	LLVMSetInitializer(global, LLVMConstNull(type));
	LLVMSetSection(global, ".maps");
	LLVMSetAlignment(global, 8);
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (!attributes[i].value)
			continue;
		members[count] = map_member(gen, attributes[i].name,
					    attributes[i].value, count);
		count++;
	}
	structure = LLVMDIBuilderCreateStructType(
		gen->di, gen->file, "", 0, gen->file, 0, 64 * (uint64_t)count,
		64, LLVMDIFlagZero, NULL, members, count, 0, NULL, "", 0);
	describe_global(gen, global, map->symbol, structure);
	image_row(gen, map);
	return global;
}
