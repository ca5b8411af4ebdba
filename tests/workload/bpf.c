/*
 * BPF programs to be traced: puts one into the kernel, and runs it a known
 * number of times on a packet of 60 bytes, without a network. Nobody compiled
 * it, so that what its BTF says is known as well:
 *
 *	int weigh(int weight, unsigned char many)
 *	{
 *		return weight - many;
 *	}
 *
 *	static int hidden(void)
 *	{
 *		return 1;
 *	}
 *
 *	int judge(struct xdp_md *ctx)
 *	{
 *		weigh(42, 255);
 *		hidden();
 *		return XDP_PASS;
 *	}
 *
 * usage: bpf load FILE		the program is kept there, below /sys/fs/bpf
 *        bpf run FILE COUNT
 *        bpf number FILE	what the kernel calls it
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PACKET 60

#define MOVE(to, value) \
	{ \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, \
		.imm = value \
	}
#define COPY(to, from) \
	{ \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to, \
		.src_reg = from \
	}
#define SUBTRACT(to, from) \
	{ \
		.code = BPF_ALU64 | BPF_SUB | BPF_X, .dst_reg = to, \
		.src_reg = from \
	}
#define CALL(distance) \
	{ \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, \
		.imm = distance \
	}
#define EXIT() \
	{ \
		.code = BPF_JMP | BPF_EXIT, \
	}

#define WEIGH  6
#define HIDDEN 9

static const struct bpf_insn instructions[] = {
	MOVE(BPF_REG_1, 42),
	MOVE(BPF_REG_2, 255),
	CALL(WEIGH - 3),
	CALL(HIDDEN - 4),
	MOVE(BPF_REG_0, XDP_PASS),
	EXIT(),
	[WEIGH] = COPY(BPF_REG_0, BPF_REG_1),
	SUBTRACT(BPF_REG_0, BPF_REG_2),
	EXIT(),
	[HIDDEN] = MOVE(BPF_REG_0, 1),
	EXIT(),
};

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* Describes the functions above; the rows of `functions` are their ids. */
static struct btf *describe(struct bpf_func_info functions[3])
{
	struct btf *btf = btf__new_empty();
	int integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int byte = btf__add_int(btf, "unsigned char", 1, 0);
	int context = btf__add_struct(btf, "xdp_md", sizeof(struct xdp_md));
	int pointer = btf__add_ptr(btf, context), proto;

	proto = btf__add_func_proto(btf, integer);
	btf__add_func_param(btf, "ctx", pointer);
	functions[0].type_id =
		(uint32_t)btf__add_func(btf, "judge", BTF_FUNC_GLOBAL, proto);
	proto = btf__add_func_proto(btf, integer);
	btf__add_func_param(btf, "weight", integer);
	btf__add_func_param(btf, "many", byte);
	functions[1].type_id =
		(uint32_t)btf__add_func(btf, "weigh", BTF_FUNC_GLOBAL, proto);
	functions[1].insn_off = WEIGH;
	proto = btf__add_func_proto(btf, integer);
	functions[2].type_id =
		(uint32_t)btf__add_func(btf, "hidden", BTF_FUNC_STATIC, proto);
	functions[2].insn_off = HIDDEN;
	return btf;
}

static int load(const char *path)
{
	static char log[65536];
	struct bpf_func_info functions[3] = { 0 };
	struct btf *btf = describe(functions);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .func_info = functions,
		    .func_info_cnt = 3,
		    .func_info_rec_size = sizeof(functions[0]), .log_buf = log,
		    .log_size = sizeof(log));
	int fd;

	if (!btf || btf__load_into_kernel(btf))
		return fail("its BTF");
	options.prog_btf_fd = (uint32_t)btf__fd(btf);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "judge", "GPL", instructions,
			   sizeof(instructions) / sizeof(instructions[0]),
			   &options);
	if (fd < 0)
		fputs(log, stderr);
	if (fd < 0 || bpf_obj_pin(fd, path))
		return fail(path);
	return 0;
}

static int run(int fd, int count)
{
	static const uint8_t packet[PACKET];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet,
		    .data_size_in = sizeof(packet), .repeat = count);

	if (bpf_prog_test_run_opts(fd, &options))
		return fail("run");
	return options.retval == XDP_PASS ? 0 : 1;
}

static int number(int fd)
{
	struct bpf_prog_info info;
	uint32_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return fail("number");
	printf("%u\n", info.id);
	return 0;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc == 3 && strcmp(argv[1], "load") == 0)
		return load(argv[2]);
	if (argc < 3 || argc > 4) {
		fputs("usage: bpf load|run|number FILE [COUNT]\n", stderr);
		return 2;
	}
	fd = bpf_obj_get(argv[2]);
	if (fd < 0)
		return fail(argv[2]);
	return argc == 4 ? run(fd, atoi(argv[3])) : number(fd);
}
