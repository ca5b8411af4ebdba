/*
 * BPF programs that are in the kernel, and their functions: which could be
 * traced in their turn, and what their own BTF says of them. Asks the running
 * kernel by bpf(2). Called by the checker, through host.h.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parser/host_private.h"
#include "parser/tables.h"

/* More than the kernel accepts: a million instructions, each a function of 8
 * bytes; 16 MB of BTF (kernel/bpf/btf.c, BTF_MAX_SIZE). */
#define ROWS_MAX ((size_t)16 << 20)
#define BTF_MAX  ((size_t)32 << 20)

/* A program that is being looked at. */
struct loaded {
	struct host *host;
	struct bpf_prog_info info;
	uint8_t *rows; /* owned: info.nr_func_info functions */
	struct kernel_types *types;
};

/* ---- asking the kernel ---- */

static int bpf_call(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* A descriptor of a program (BPF_PROG_GET_FD_BY_ID) or of BTF; -1 with errno.
 */
static int open_id(enum bpf_cmd command, uint32_t id)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_id = id;
	return bpf_call(command, &attributes);
}

static bool read_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.info.bpf_fd = (uint32_t)fd;
	attributes.info.info_len = size;
	attributes.info.info = (uint64_t)(uintptr_t)info;
	return bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attributes) == 0;
}

/* The program after that one; 0, with errno, if there is none. */
static uint32_t next_program(uint32_t id)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.start_id = id;
	return bpf_call(BPF_PROG_GET_NEXT_ID, &attributes) ? 0
							   : attributes.next_id;
}

/* ---- what it says of a program ---- */

/* The bytes of the BTF, owned by the caller; NULL if they cannot be had. */
static uint8_t *read_btf(uint32_t id, size_t *size)
{
	int fd = open_id(BPF_BTF_GET_FD_BY_ID, id);
	struct bpf_btf_info info;
	uint8_t *bytes = NULL;
	bool is_read = false;

	if (fd < 0)
		return NULL;
	memset(&info, 0, sizeof(info));
	if (read_info(fd, &info, sizeof(info)) && info.btf_size <= BTF_MAX)
		bytes = malloc(info.btf_size);
	*size = info.btf_size;
	if (bytes) {
		memset(&info, 0, sizeof(info));
		info.btf = (uint64_t)(uintptr_t)bytes;
		info.btf_size = (uint32_t)*size;
		is_read = read_info(fd, &info, sizeof(info)) &&
			  info.btf_size == *size;
	}
	close(fd);
	if (is_read)
		return bytes;
	free(bytes);
	return NULL;
}

static struct kernel_types *read_types(struct host *host, uint32_t id)
{
	struct btf_file file;
	size_t size;
	uint8_t *bytes = read_btf(id, &size);

	if (bytes && btf_file_parse(&file, bytes, size))
		return kernel_types_new(host->arena, &file);
	free(bytes);
	return NULL;
}

static uint8_t *read_rows(int fd, const struct bpf_prog_info *known)
{
	size_t size = (size_t)known->nr_func_info * known->func_info_rec_size;
	struct bpf_prog_info info;
	uint8_t *rows;

	if (known->func_info_rec_size < sizeof(struct bpf_func_info) ||
	    size > ROWS_MAX)
		return NULL;
	rows = malloc(size);
	if (!rows)
		return NULL;
	memset(&info, 0, sizeof(info));
	info.func_info = (uint64_t)(uintptr_t)rows;
	info.nr_func_info = known->nr_func_info;
	info.func_info_rec_size = known->func_info_rec_size;
	if (read_info(fd, &info, sizeof(info)))
		return rows;
	free(rows);
	return NULL;
}

/* HOST_NO_BTF: the program does not say what its functions are. */
static enum host_status program_open(struct loaded *loaded, uint32_t id)
{
	int fd = open_id(BPF_PROG_GET_FD_BY_ID, id);
	enum host_status status = HOST_NO_BTF;

	if (fd < 0)
		return status_of_errno(errno);
	memset(&loaded->info, 0, sizeof(loaded->info));
	loaded->rows = NULL;
	loaded->types = NULL;
	if (!read_info(fd, &loaded->info, sizeof(loaded->info)))
		status = HOST_BAD;
	else if (loaded->info.btf_id && loaded->info.nr_func_info)
		loaded->rows = read_rows(fd, &loaded->info);
	close(fd);
	if (loaded->rows)
		loaded->types = read_types(loaded->host, loaded->info.btf_id);
	return loaded->types ? HOST_OK : status;
}

static void program_close(struct loaded *loaded)
{
	kernel_types_close(loaded->types);
	free(loaded->rows);
}

/* ---- arguments and results ---- */

/* What a program is given is described to it as the first of these, and is the
 * second (include/linux/bpf_types.h). */
static const struct {
	const char *described, *real;
} contexts[] = {
	{ "__sk_buff", "sk_buff" },
	{ "xdp_md", "xdp_buff" },
	{ "bpf_sock", "sock" },
	{ "bpf_sock_addr", "bpf_sock_addr_kern" },
	{ "bpf_sock_ops", "bpf_sock_ops_kern" },
	{ "bpf_sockopt", "bpf_sockopt_kern" },
	{ "bpf_sysctl", "bpf_sysctl_kern" },
	{ "bpf_sk_lookup", "bpf_sk_lookup_kern" },
	{ "sk_msg_md", "sk_msg" },
	{ "sk_reuseport_md", "sk_reuseport_kern" },
	{ "bpf_perf_event_data", "bpf_perf_event_data_kern" },
};

/*
 * The kernel's own struct of that name. The program may have been compiled for
 * another kernel, or have declared a few fields only, so what it says of a
 * struct is not to be relied on; and one that is its own is an address.
 */
static const struct type *pointer_type(struct loaded *loaded,
				       const struct btf_type *to)
{
	const struct type *record;
	const char *name;

	if (!to || BTF_INFO_KIND(to->info) != BTF_KIND_STRUCT)
		return &type_uint64;
	name = btf_name(&loaded->types->file, to->name_off);
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
		if (strcmp(contexts[i].described, name) == 0)
			name = contexts[i].real;
	name = arena_strdup(loaded->host->arena, name);
	if (host_type(loaded->host, "struct", name, &record) != HOST_OK)
		return &type_uint64;
	return type_pointer(loaded->host->arena, record, SPACE_KERNEL);
}

static const struct type *value_type(struct loaded *loaded, uint32_t id)
{
	struct kernel_types *types = loaded->types;
	const struct btf_type *type;

	id = btf_resolve(types, id);
	type = btf_type(&types->file, id);
	if (!type)
		return &type_uint64;
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return type->size <= 8 ? btf_build(types, id) : &type_uint64;
	case BTF_KIND_PTR:
		return pointer_type(
			loaded,
			btf_type(&types->file, btf_resolve(types, type->type)));
	default:
		return &type_uint64;
	}
}

static const struct record *read_arguments(struct loaded *loaded,
					   const struct btf_type *proto,
					   uint32_t most)
{
	struct arena *arena = loaded->host->arena;
	const struct btf_param *params = (const void *)(proto + 1);
	struct record *args = ARENA_NEW(arena, struct record);
	uint32_t count = BTF_INFO_VLEN(proto->info);

	count = count < most ? count : most;
	args->name = "args";
	args->fields = ARENA_ARRAY(arena, count + 1, struct field);
	for (uint32_t i = 0; i < count; i++) {
		struct field *field = &args->fields[args->count++];
		const char *name =
			btf_name(&loaded->types->file, params[i].name_off);

		field->name = *name ? arena_strdup(arena, name)
				    : arena_printf(arena, "arg%u", i);
		field->type = value_type(loaded, params[i].type);
		field->offset = 8 * i;
		/* The value is in the low bytes of its register. */
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			field->offset += 8 - field->type->size;
	}
	args->size = 8 * count;
	return args;
}

/* The registers that BPF passes arguments in. */
#define REGISTERS 5

static void describe(struct loaded *loaded, const struct btf_type *function,
		     struct bpf_function *found)
{
	const struct btf_type *proto =
		btf_type(&loaded->types->file, function->type);

	/* Nobody compares what BTF says of static functions with what the
	 * compiler made of them. */
	found->is_static = BTF_INFO_VLEN(function->info) == BTF_FUNC_STATIC;
	if (found->is_static || !proto ||
	    BTF_INFO_KIND(proto->info) != BTF_KIND_FUNC_PROTO)
		return;
	/* The kernel calls the program itself with its context alone. */
	found->args =
		read_arguments(loaded, proto, found->is_entry ? 1 : REGISTERS);
	if (proto->type)
		found->result = value_type(loaded, proto->type);
}

/* ---- their functions ---- */

static void visit_row(struct loaded *loaded, uint32_t index,
		      const char *pattern, bpf_function_visit_fn *visit,
		      void *data)
{
	const struct btf_type *type;
	struct bpf_func_info row;
	struct bpf_function found = { .program = loaded->info.id };
	const char *name;

	memcpy(&row,
	       loaded->rows + (size_t)index * loaded->info.func_info_rec_size,
	       sizeof(row));
	type = btf_type(&loaded->types->file, row.type_id);
	if (!type || BTF_INFO_KIND(type->info) != BTF_KIND_FUNC)
		return;
	name = btf_name(&loaded->types->file, type->name_off);
	if (!*name || !glob_match(pattern, name))
		return;
	found.name = arena_strdup(loaded->host->arena, name);
	found.btf_id = row.type_id;
	found.is_entry = row.insn_off == 0;
	found.is_tracing = loaded->info.type == BPF_PROG_TYPE_TRACING;
	describe(loaded, type, &found);
	visit(&found, data);
}

static enum host_status visit_program(struct host *host, uint32_t id,
				      const char *pattern,
				      bpf_function_visit_fn *visit, void *data)
{
	struct loaded loaded = { .host = host };
	enum host_status status = program_open(&loaded, id);

	for (uint32_t i = 0; status == HOST_OK && i < loaded.info.nr_func_info;
	     i++)
		visit_row(&loaded, i, pattern, visit, data);
	program_close(&loaded);
	return status;
}

enum host_status host_bpf_functions(struct host *host, uint32_t program,
				    const char *pattern,
				    bpf_function_visit_fn *visit, void *data)
{
	uint32_t id = 0;

	if (!host_is_live(host))
		return HOST_ABSENT;
	if (program)
		return visit_program(host, program, pattern, visit, data);
	/* One that goes meanwhile is not there. */
	while ((id = next_program(id)))
		visit_program(host, id, pattern, visit, data);
	return errno == ENOENT ? HOST_OK : status_of_errno(errno);
}
