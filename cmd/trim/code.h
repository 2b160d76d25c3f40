/* GPU code, the GPUs that an image is for, and the code that the driver takes for each GPU.
 *
 * NVIDIA CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility" and "Feature Set Compiler Targets"; CUDA's
 * Blackwell Compatibility Guide. */
#ifndef SLIPWAY_TRIM_CODE_H
#define SLIPWAY_TRIM_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODE_MOST = 64, TARGETS_MOST = 16 };

/* The kinds, by the numbers that fat binaries give them. */
enum code_kind { CODE_PTX = 1, CODE_MACHINE = 2, CODE_LTO = 8 };

struct code {
    enum code_kind kind;
    unsigned architecture; /* 90 for sm_90 */
    /* 'a' or 'f', as in sm_90a and sm_100f, else 0. */
    char variant;
};

/* A set of codes in the order of code_compare(). */
struct codes {
    struct code items[CODE_MOST];
    size_t count;
};

/* Compute capabilities of GPUs, 89 for 8.9, in ascending order. */
struct targets {
    unsigned items[TARGETS_MOST];
    size_t count;
};

/* Negative, zero or positive: the order is kind, architecture, variant. */
int code_compare(const struct code *a, const struct code *b);
/* Add a code at its place in the order, once. Return false if there is no room. */
bool codes_add(struct codes *codes, const struct code *code);
/* Add the GPUs of "8.9,12.0". Return false if the text is wrong or there are too many. */
bool targets_parse(struct targets *targets, const char *text);

/* Return true if code for `code` could run on a GPU of capability `target`: machine code of the major number and a minor
 * number up to the GPU's, 'a' only on its own architecture, 'f' in its family; PTX of any older architecture. */
bool code_fits(const struct code *code, unsigned target);
/* Set `keep` for each of the codes that the driver could take for one of the targets: of the machine code that fits the newest
 * of each variant, or else of the PTX; and all code that is not for the driver but for NVIDIA's linker. Which variant a driver
 * prefers is its own affair, so each stays. */
void codes_choose(bool *keep, const struct code *codes, size_t count, const struct targets *targets);

/* Write "sm_90a", "compute_90" or "lto_50". */
enum { CODE_TEXT_SIZE = 24 };
void code_text(char out[CODE_TEXT_SIZE], const struct code *code);

#endif
