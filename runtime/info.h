/*
 * --info: what this machine can do, in lines that go well into a report of an
 * error. Called by main.
 */
#ifndef RUNTIME_INFO_H
#define RUNTIME_INFO_H

#include <stdio.h>

#include "parser/host.h"

void info_print(FILE *out, struct host *host);

#endif
