/*
 * The kernel of the recorded machine: a few structs in the manner of Linux,
 * with everything BTF can say about them. Only its type information is kept,
 * as tiny/sys/kernel/btf/vmlinux; README tells how.
 */

#define __user   __attribute__((btf_type_tag("user")))
#define __rcu    __attribute__((btf_type_tag("rcu")))
#define __percpu __attribute__((btf_type_tag("percpu")))

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;
typedef int pid_t;
typedef u32 dev_t;
typedef u64 sector_t;
typedef unsigned short umode_t;
typedef unsigned int gfp_t;
typedef long long loff_t;
typedef unsigned long size_t;
typedef _Bool bool;
typedef u16 __be16;
typedef u32 __be32;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	u32 val;
} kuid_t;

struct list_head {
	struct list_head *next, *prev;
};

/* ---- enums ---- */

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};

enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
} use_tcp_state;

enum skb_drop_reason {
	SKB_NOT_DROPPED_YET,
	SKB_CONSUMED,
	SKB_DROP_REASON_NOT_SPECIFIED,
	SKB_DROP_REASON_NO_SOCKET,
};

/* ---- files ---- */

struct qstr {
	union {
		struct {
			u32 hash;
			u32 len;
		};
		u64 hash_len;
	};
	const unsigned char *name;
};

struct super_block {
	struct list_head s_list;
	dev_t s_dev;
	unsigned long s_magic;
	char s_id[32];
};

struct inode {
	umode_t i_mode;
	kuid_t i_uid;
	struct super_block *i_sb;
	unsigned long i_ino;
	loff_t i_size;
};

struct dentry {
	unsigned int d_flags;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	unsigned char d_iname[40];
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	struct path f_path;
	struct inode *f_inode;
	loff_t f_pos;
	void *private_data;
};

struct files_struct {
	atomic_t count;
	unsigned int next_fd;
	struct file __rcu *fd_array[64];
};

/* ---- tasks ---- */

struct cred {
	atomic_t usage;
	kuid_t uid;
	kuid_t euid;
};

struct mm_struct {
	struct {
		unsigned long mmap_base;
		unsigned long task_size;
		unsigned long total_vm;
		unsigned long arg_start, arg_end;
	};
	unsigned long cpu_bitmap[];
};

struct new_utsname {
	char sysname[65];
	char nodename[65];
	char release[65];
};

struct uts_namespace {
	struct new_utsname name;
};

struct nsproxy {
	atomic_t count;
	struct uts_namespace *uts_ns;
};

struct sched_entity {
	u64 load;
	struct list_head group_node;
	unsigned char on_rq;
	u64 exec_start;
	u64 sum_exec_runtime;
	u64 vruntime;
};

struct thread_info {
	unsigned long flags;
	u32 cpu;
};

union rcu_special {
	struct {
		u8 blocked;
		u8 need_qs;
	} b;
	u32 s;
};

struct __kernel_timespec {
	long long tv_sec;
	long long tv_nsec;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	void *stack;
	unsigned int flags;
	int prio;
	struct sched_entity se;
	union rcu_special rcu_read_unlock_special;
	struct mm_struct *mm;
	int exit_code;
	unsigned sched_reset_on_fork : 1;
	unsigned sched_contributes_to_load : 1;
	unsigned sched_migrated : 3;
	unsigned : 0;
	unsigned sched_remote_wakeup : 1;
	unsigned in_execve : 1;
	u64 atomic_flags : 40;
	pid_t pid;
	pid_t tgid;
	struct task_struct __rcu *real_parent;
	struct task_struct __rcu *parent;
	struct list_head children;
	struct task_struct *group_leader;
	struct pid *thread_pid; /* never described */
	int __user *set_child_tid;
	u64 utime;
	u64 start_time;
	const struct cred __rcu *cred;
	char comm[16];
	struct files_struct *files;
	struct nsproxy *nsproxy;
	void (*callback)(struct task_struct *task, int reason);
	u32 trc[2][3];
	union {
		int rcu_users;
		struct {
			void *next;
			u16 color;
		};
	};
	enum pid_type type;
};

/* ---- sockets ---- */

struct in6_addr {
	union {
		u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	union {
		u64 skc_addrpair;
		struct {
			__be32 skc_daddr;
			__be32 skc_rcv_saddr;
		};
	};
	union {
		u32 skc_portpair;
		struct {
			__be16 skc_dport;
			u16 skc_num;
		};
	};
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	int sk_rcvbuf;
	u16 sk_type;
	u16 sk_protocol;
};

struct sk_buff {
	union {
		struct {
			struct sk_buff *next;
			struct sk_buff *prev;
		};
		struct list_head list;
	};
	struct sock *sk;
	unsigned int len, data_len;
	u16 network_header;
	unsigned char *head, *data;
};

/* ---- tracepoints ---- */

typedef void (*btf_trace_sched_switch)(void *__data, bool preempt,
				       struct task_struct *prev,
				       struct task_struct *next,
				       unsigned int prev_state);
typedef void (*btf_trace_sys_enter)(void *__data, void *regs, long id);
typedef void (*btf_trace_sched_wakeup)(void *__data, struct task_struct *p);
typedef void (*btf_trace_kfree_skb)(void *__data, struct sk_buff *skb,
				    void *location,
				    enum skb_drop_reason reason);

/* The names of the parameters are in the functions only. */
int __traceiter_sched_switch(void *__data, bool preempt,
			     struct task_struct *prev, struct task_struct *next,
			     unsigned int prev_state)
{
	return 0;
}

int __traceiter_sys_enter(void *__data, void *regs, long id)
{
	return 0;
}

int __probestub_sched_wakeup(void *__data, struct task_struct *p)
{
	return 0;
}

/* ---- iterators ---- */

#define ALIGNED_POINTER(type, name) \
	union { \
		type name; \
		unsigned long long : 64; \
	} __attribute__((aligned(8)))

struct seq_file;

struct bpf_iter_meta {
	ALIGNED_POINTER(struct seq_file *, seq);
	u64 session_id, seq_num;
};

struct bpf_iter__task {
	ALIGNED_POINTER(struct bpf_iter_meta *, meta);
	ALIGNED_POINTER(struct task_struct *, task);
};

struct bpf_iter__task_file {
	ALIGNED_POINTER(struct bpf_iter_meta *, meta);
	ALIGNED_POINTER(struct task_struct *, task);
	u32 fd __attribute__((aligned(8)));
	ALIGNED_POINTER(struct file *, file);
};

/* A struct of that name that is no iterator's. */
struct bpf_iter__task__safe_trusted {
	struct bpf_iter_meta *meta;
};

int bpf_iter_task(struct bpf_iter_meta *meta, struct task_struct *task)
{
	return 0;
}

int bpf_iter_task_file(struct bpf_iter_meta *meta, struct task_struct *task,
		       u32 fd, struct file *file)
{
	return 0;
}

/* ---- what programs see of packets ---- */

struct __sk_buff {
	u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present;
	u32 vlan_tci, vlan_proto, priority, ingress_ifindex, ifindex;
	u32 tc_index, cb[5], hash, tc_classid, data, data_end;
};

struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index;
	u32 egress_ifindex;
};

/* ---- functions ---- */

struct filename {
	const char *name;
};

struct large {
	u64 words[3];
};

int do_unlinkat(int dfd, struct filename *name)
{
	return 0;
}

long do_faccessat(int dfd, const char __user *filename, int mode, int flags)
{
	return 0;
}

/* A struct in a register, and one in two. */
u32 from_kuid(kuid_t kuid, struct list_head list, bool strict)
{
	return 0;
}

struct file *find_file(unsigned char fd)
{
	return 0;
}

void kfree(const void *object)
{
}

int many_words(struct large large)
{
	return 0;
}

/* Two of one name: one is this, the other is in kallsyms alone. */
int twice(int value)
{
	return 0;
}

/* Its name is on the list of what has no kprobes. */
int unprobed(int value)
{
	return 0;
}

/* Nobody calls it any more: not in the list of what can be traced. */
int untraced(int value)
{
	return 0;
}

int bpf_lsm_file_open(struct file *file)
{
	return 0;
}

int bpf_lsm_inode_unlink(struct inode *dir, struct dentry *dentry)
{
	return 0;
}

void bpf_lsm_task_free(struct task_struct *task)
{
}

/* The compiler describes what is used, and records in full only by value. */
struct bpf_iter_meta use_bpf_iter_meta;
struct bpf_iter__task use_bpf_iter__task;
struct bpf_iter__task_file use_bpf_iter__task_file;
struct bpf_iter__task__safe_trusted use_bpf_iter__task__safe_trusted;
struct __sk_buff use___sk_buff;
struct xdp_md use_xdp_md;
btf_trace_sched_switch use_sched_switch;
btf_trace_sys_enter use_sys_enter;
btf_trace_sched_wakeup use_sched_wakeup;
btf_trace_kfree_skb use_kfree_skb;
struct task_struct use_task_struct;
struct cred use_cred;
struct mm_struct use_mm_struct;
struct files_struct use_files_struct;
struct nsproxy use_nsproxy;
struct uts_namespace use_uts_namespace;
struct file use_file;
struct vfsmount use_vfsmount;
struct dentry use_dentry;
struct inode use_inode;
struct super_block use_super_block;
struct sock use_sock;
struct sk_buff use_sk_buff;
struct __kernel_timespec use_timespec;
u64 __percpu *use_percpu;
s64 use_s64;
s32 use_s32;
dev_t use_dev_t;
gfp_t use_gfp_t;
sector_t use_sector_t;
size_t use_size_t;
