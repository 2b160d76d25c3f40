/* What several targets share. */
#ifndef SLIPWAY_TESTS_FUZZ_SUPPORT_H
#define SLIPWAY_TESTS_FUZZ_SUPPORT_H

#include "base/arena.h"

/* End the target unless the claim holds. */
void fuzz_claim(bool holds);
/* Whether `part` lies within `whole`; so does nothing at all. */
bool fuzz_within(struct sw_str whole, struct sw_str part);

/* A folder in memory for this process, made by the first call and removed at its end. It is empty then; what a target puts
 * there the target removes. */
const char *fuzz_folder(void);
/* Write a file there, whose folder must exist. */
void fuzz_write(const char *name, struct sw_str content);
void fuzz_remove(const char *name);

/* Ends the program unless memory is there: for texts that a target needs with a NUL behind them. */
const char *fuzz_text(struct sw_arena *arena, struct sw_str text);

#endif
