/* The first process of a container, done right. */
#ifndef SLIPWAY_GUARD_INIT_H
#define SLIPWAY_GUARD_INIT_H

#include <signal.h>

/* The shell's exit statuses for a command that cannot be run, and for a command that does not exist. */
enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

/* Block every signal that init_run() passes on; `before` gets the mask that was set until now. */
void init_block(sigset_t *before);
/* Run the command as a child with the mask `before`, in a process group and, if there is a terminal, in its
 * foreground. Every signal is passed on to the command, every child that ends is reaped. Returns the
 * command's exit status, or 128 plus the signal's number if a signal ended the command. */
int init_run(char *const *command, const sigset_t *before);
/* Become the command. The function returns only if that fails: with the status to exit with, after a line on
 * standard error. */
int init_become(char *const *command);

#endif
