/* Manual pages, from the tables of commands and options. */
#ifndef SLIPWAY_OUTPUT_MAN_H
#define SLIPWAY_OUTPUT_MAN_H

#include "commands.h"

/* slipway(1), or slipway-COMMAND(1), in the man macros of groff_man(7). */
void man_print(FILE *to, const struct command *command);

#endif
