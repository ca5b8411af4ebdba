/*
 * Which kinds of links with many places this kernel has. Called by session.c
 * and attach_multi.c before programs are loaded, and by info.c.
 */
#ifndef RUNTIME_LINK_KINDS_H
#define RUNTIME_LINK_KINDS_H

#include <stdbool.h>
#include <stdint.h>

bool link_has_uprobes(void);

/* UAPI_TRACE_KPROBE_MULTI or UAPI_TRACE_KPROBE_SESSION */
bool link_has_kprobes(uint32_t attach_type);

#endif
