/* GPU code, the GPUs that an image is for, and the code that the driver takes for each GPU.
 *
 * NVIDIA CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility" and "Feature Set Compiler Targets"; CUDA's
 * Blackwell Compatibility Guide. */
#ifndef SLIPWAY_TRIM_GPU_CODE_H
#define SLIPWAY_TRIM_GPU_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SW_MOST_DEVICE_CODES = 64, SW_MOST_DEVICE_TARGETS = 16 };

/* The kinds, by the numbers that fat binaries give them. */
enum sw_device_code_kind { SW_DEVICE_PTX = 1, SW_DEVICE_MACHINE = 2, SW_DEVICE_LTO = 8 };

struct sw_device_code {
    enum sw_device_code_kind kind;
    unsigned architecture; /* 90 for sm_90 */
    /* 'a' or 'f', as in sm_90a and sm_100f, else 0. */
    char variant;
};

/* A set of codes in the order of sw_device_code_compare(). */
struct sw_device_codes {
    struct sw_device_code items[SW_MOST_DEVICE_CODES];
    /* The bytes of all code of the same kind, by its index in `items`. */
    uint64_t bytes[SW_MOST_DEVICE_CODES];
    size_t count;
};

/* Compute capabilities of GPUs, 89 for 8.9, in ascending order. */
struct sw_device_targets {
    unsigned items[SW_MOST_DEVICE_TARGETS];
    size_t count;
};

/* Negative, zero or positive: the order is kind, architecture, variant. */
int sw_device_code_compare(const struct sw_device_code *a, const struct sw_device_code *b);
/* Add a code of so many bytes: at its place in the order, or to the bytes of the same code. Return false if there is no room. */
bool sw_device_codes_add(struct sw_device_codes *codes, const struct sw_device_code *code, uint64_t bytes);
/* Add the GPUs of "8.9,12.0". Return false if the text is wrong or there are too many. */
bool sw_device_targets_parse(struct sw_device_targets *targets, const char *text);

/* Return true if code for `code` could run on a GPU of capability `target`: machine code of the major number and a minor
 * number up to the GPU's, 'a' only on its own architecture, 'f' in its family; PTX of any older architecture. */
bool sw_device_code_fits(const struct sw_device_code *code, unsigned target);
/* Set `keep` for each of the codes that the driver could take for one of the targets: of the machine code that fits the newest
 * of each variant, or else of the PTX; and all code that is not for the driver but for NVIDIA's linker. Which variant a driver
 * prefers is its own affair, so each stays. */
void sw_device_codes_choose(bool *keep, const struct sw_device_code *codes, size_t count,
                            const struct sw_device_targets *targets);

/* Write "sm_90a", "compute_90" or "lto_50". */
enum { SW_DEVICE_CODE_TEXT_SIZE = 24 };
void sw_device_code_text(char out[SW_DEVICE_CODE_TEXT_SIZE], const struct sw_device_code *code);

#endif
