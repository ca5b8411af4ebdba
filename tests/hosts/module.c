/*
 * Modules of the recorded machine: their type information, which goes on from
 * the kernel's. README tells how it is made. Each has a struct of its own that
 * points to the kernel's, and functions that take both.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

static int add_function(struct btf *btf, const char *name, int result,
			const char *const *names, const int *types)
{
	int proto = btf__add_func_proto(btf, result);

	for (int i = 0; names[i]; i++)
		btf__add_func_param(btf, names[i], types[i]);
	return btf__add_func(btf, name, BTF_FUNC_STATIC, proto);
}

static void add_types(struct btf *btf, const struct btf *kernel,
		      const char *module)
{
	int file = btf__add_ptr(
		btf, btf__find_by_name_kind(kernel, "file", BTF_KIND_STRUCT));
	int number = btf__find_by_name_kind(kernel, "int", BTF_KIND_INT);
	static const char *const open_names[] = { "thing", "file", NULL };
	static const char *const read_names[] = { "count", NULL };
	int thing = btf__add_struct(btf, "demo_thing", 16);
	int open_types[2];
	char name[64];

	btf__add_field(btf, "file", file, 0, 0);
	btf__add_field(btf, "value", number, 64, 0);
	open_types[0] = btf__add_ptr(btf, thing);
	open_types[1] = file;
	snprintf(name, sizeof(name), "%s_open", module);
	add_function(btf, name, number, open_names, open_types);
	add_function(btf, "shared_read", number, read_names, &number);
}

int main(int argc, char **argv)
{
	struct btf *kernel = argc == 4 ? btf__parse_raw(argv[1]) : NULL;
	struct btf *btf = kernel ? btf__new_empty_split(kernel) : NULL;
	const void *bytes;
	FILE *out;
	__u32 size;

	if (!btf) {
		fputs("usage: module VMLINUX NAME OUT\n", stderr);
		return 2;
	}
	add_types(btf, kernel, argv[2]);
	bytes = btf__raw_data(btf, &size);
	out = fopen(argv[3], "w");
	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out))
		return 1;
	return 0;
}
