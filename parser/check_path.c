/*
 * path() and socket_cookie(): in which probes the kernel allows them, and that
 * the argument can be followed from the context on, which is what the verifier
 * does. Called through the check column of functions.def.
 */
#include <string.h>

#include "parser/checker.h"

#define SIZE_DEFAULT 1024
#define SIZE_MOST    4096

/* Functions in which the kernel's btf_allowlist_d_path lets programs ask. */
static const char *const functions[] = {
	"security_file_permission",
	"security_inode_getattr",
	"security_file_open",
	"security_path_truncate",
	"vfs_truncate",
	"vfs_fallocate",
	"dentry_open",
	"vfs_getattr",
	"filp_close",
};

/* Security hooks of which programs may sleep: the kernel gives paths in them
 * to all programs. Since which version, 0 if in all that have the hook. */
static const struct {
	const char *name;
	uint32_t since;
} hooks[] = {
	{ "bpf_token_create", 0 },
	{ "bprm_check_security", 0 },
	{ "bprm_committed_creds", 0 },
	{ "bprm_committing_creds", 0 },
	{ "bprm_creds_for_exec", 0 },
	{ "bprm_creds_from_file", 0 },
	{ "file_ioctl", 0 },
	{ "file_lock", 0 },
	{ "file_open", 0 },
	{ "file_post_open", 0 },
	{ "file_receive", 0 },
	{ "inode_getattr", 0 },
	{ "kernel_read_file", 0 },
	{ "mmap_file", 0 },
	{ "path_chmod", 6012 },
	{ "path_chown", 6012 },
	{ "path_link", 6012 },
	{ "path_mkdir", 6012 },
	{ "path_notify", 0 },
	{ "path_rename", 6012 },
	{ "path_rmdir", 6012 },
	{ "path_symlink", 6012 },
	{ "path_truncate", 6012 },
	{ "path_unlink", 6012 },
	{ "sb_mount", 0 },
};

static bool is_function(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (strcmp(functions[i], name) == 0)
			return true;
	return false;
}

static bool is_hook(struct checker *checker, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++)
		if (strcmp(hooks[i].name, name) == 0)
			return !hooks[i].since ||
			       host_kernel_version(checker->host) >=
				       hooks[i].since;
	return false;
}

static void refuse(struct checker *checker, const struct expr *call,
		   const char *place, const char *others)
{
	check_hint(checker,
		   check_error(checker, E_NOT_AVAILABLE, call->call.name_at,
			       "the kernel gives no path in %s", place),
		   "it does in %s", others);
}

static bool may_ask_in(struct checker *checker, const struct expr *call,
		       const struct attach *attach)
{
	const char *name = attach->symbol ? attach->symbol : "";

	if (attach->kind == ATTACH_LSM && !is_hook(checker, name))
		refuse(checker, call, name,
		       "file_open, file_ioctl, file_lock, inode_getattr, "
		       "mmap_file, bprm_check_security and other hooks");
	else if (attach->kind != ATTACH_LSM && !is_function(name))
		refuse(checker, call, name,
		       "security_file_open, vfs_getattr, vfs_truncate, "
		       "vfs_fallocate, dentry_open and filp_close");
	else
		return true;
	return false;
}

/* Are the pointers of its arguments known to the verifier? */
static bool has_known_pointers(const struct clause *clause)
{
	enum attach_kind kind = clause->attaches[0].kind;

	return kind == ATTACH_ITER || kind == ATTACH_LSM ||
	       ((kind == ATTACH_FENTRY || kind == ATTACH_FEXIT) &&
		!clause->attaches[0].program);
}

static void refuse_kind(struct checker *checker, const struct expr *call,
			const char *name, const char *why)
{
	const struct clause *clause = checker->clause;
	const char *kind = clause->provider->name;

	if (clause->attaches[0].program)
		kind = arena_printf(checker->arena, "%s:bpf", kind);
	check_hint(checker,
		   check_error(checker, E_NOT_AVAILABLE, call->call.name_at,
			       "%s probes have no '%s'", kind, name),
		   "probes that have it: fentry, fexit, lsm, iter; %s", why);
}

static bool may_ask(struct checker *checker, const struct expr *call)
{
	const struct clause *clause = checker->clause;

	if (!has_known_pointers(clause)) {
		refuse_kind(checker, call, "path",
			    "the kernel tells it to no others");
		return false;
	}
	if (clause->attaches[0].kind == ATTACH_ITER)
		return true;
	for (size_t i = 0; i < clause->attach_count; i++)
		if (!may_ask_in(checker, call, &clause->attaches[i]))
			return false;
	return true;
}

static bool is_context(const struct expr *expr)
{
	return expr->kind == EXPR_NAME && expr->name.builtin &&
	       (expr->name.builtin->id == BUILTIN_args ||
		expr->name.builtin->id == BUILTIN_ctx);
}

/* args.a.b->c */
static bool is_reached(const struct expr *expr)
{
	while (expr->kind == EXPR_FIELD && expr->field.field &&
	       !expr->field.field->bit_size) {
		if (is_context(expr->field.object))
			return true;
		expr = expr->field.object;
	}
	return false;
}

static bool is_path(const struct type *type)
{
	return type->kind == TYPE_STRUCT && type->record->name &&
	       strcmp(type->record->name, "path") == 0;
}

/* constant[1] is the room for it. */
bool check_path(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];
	const struct type *type = arg->type;
	int64_t size = SIZE_DEFAULT;

	if (call->call.args.count > 1)
		size = call->call.constant[1];
	if (size < 1 || size > SIZE_MOST) {
		check_error(checker, E_RANGE, call->call.args.items[1]->at,
			    "a path has from 1 to %d bytes", SIZE_MOST);
		return false;
	}
	call->type = type_string(checker->arena, (uint32_t)size);
	if (!may_ask(checker, call))
		return false;
	if (type->kind == TYPE_POINTER && type->to)
		type = type->to;
	if (arg->kind == EXPR_UNARY && arg->unary.op == UNARY_ADDRESS)
		arg = arg->unary.operand;
	if (type->kind == TYPE_UNKNOWN || (is_path(type) && is_reached(arg)))
		return true;
	check_hint(checker,
		   argument_error(checker, call, call->call.args.items[0]->at,
				  "path() takes a struct path that is reached "
				  "from args or ctx"),
		   "for example path(ctx.file.f_path), path(args.path)");
	return false;
}

/* ---- sockets ---- */

/* Records that begin with the socket itself. */
static const char *const sockets[] = {
	"sock",      "sock_common", "inet_sock", "inet_connection_sock",
	"tcp_sock",  "tcp6_sock",   "udp_sock",  "udp6_sock",
	"unix_sock",
};

static bool is_socket(const struct type *type)
{
	const struct record *record;

	if (type->kind != TYPE_POINTER || !type->to ||
	    type->to->kind != TYPE_STRUCT)
		return false;
	record = type->to->record;
	for (size_t i = 0; record->name && i < ARRAY_SIZE(sockets); i++)
		if (strcmp(record->name, sockets[i]) == 0)
			return true;
	return false;
}

bool check_socket_cookie(struct checker *checker, struct expr *call)
{
	const struct expr *arg = call->call.args.items[0];

	if (!has_known_pointers(checker->clause)) {
		refuse_kind(
			checker, call, "socket_cookie",
			"elsewhere the field "
			"__sk_common.skc_cookie.counter is that number, and "
			"0 until somebody asks for it");
		return false;
	}
	if (arg->type->kind == TYPE_UNKNOWN ||
	    (is_socket(arg->type) && is_reached(arg)))
		return true;
	check_hint(checker,
		   argument_error(checker, call, arg->at,
				  "socket_cookie() takes a struct sock * that "
				  "is reached from args or ctx"),
		   "for example socket_cookie(args.sk)");
	return false;
}
