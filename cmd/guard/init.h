/* The first process of a container, done right. */
#ifndef SLIPWAY_GUARD_INIT_H
#define SLIPWAY_GUARD_INIT_H

#include <signal.h>

/* The shell's own: a command that cannot be run, and one that is not there. */
enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

/* Hold back every signal that init_run() passes on; `before` gets what was blocked until now. */
void init_block(sigset_t *before);
/* Run the command as a child with the mask `before`, in a process group and, where there is a terminal, in its foreground. Every
 * signal is passed on to it, every child that ends is reaped. Returns the command's exit status, 128 and the signal's
 * number where one ended it. */
int init_run(char *const *command, const sigset_t *before);
/* Become the command. Returns only where that fails: the status to exit with, after a line on standard error. */
int init_become(char *const *command);

#endif
