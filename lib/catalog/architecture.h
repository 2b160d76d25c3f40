/* GPU architectures (compute capabilities), and the code that runs on each GPU.
 *
 * NVIDIA CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility", and "Feature Set Compiler
 * Targets" for the suffixes; CUDA's Blackwell Compatibility Guide. Tegra's own architectures, whose binaries
 * do not run on other GPUs, are left aside. */
#ifndef SLIPWAY_CATALOG_ARCHITECTURE_H
#define SLIPWAY_CATALOG_ARCHITECTURE_H

#include "data/node.h"

struct sw_architecture {
    unsigned major, minor;
    /* 'a': for this very architecture; 'f': for its family; else 0. */
    char suffix;
};

/* "8.9", "9.0a", "10.0f"; false, and `out` untouched, for anything else. */
bool sw_architecture_parse(struct sw_architecture *out, struct sw_str text) SW_NODISCARD;

/* Return true if compiled code (a cubin) for `code` runs on `gpu`: `gpu` has the same major number and at
 * least the minor number; with 'a' it must be the same architecture. */
bool sw_architecture_runs(struct sw_architecture code, struct sw_architecture gpu);
/* Return true if the driver can compile PTX of `code` for `gpu`: any architecture from `code` on; with 'f'
 * only of the same family, with 'a' only the same architecture. */
bool sw_architecture_compiles(struct sw_architecture code, struct sw_architecture gpu);

/* Append to `kept` the texts of `codes` that the driver takes for `gpu`: for machine code (`ptx` false) those of the GPU's major
 * number with the highest minor number that runs, for PTX the newest that compiles; of each suffix. Return true if there are any. */
bool sw_architectures_take(struct sw_builder *b, struct sw_node *kept, const struct sw_node *codes, bool ptx,
                           struct sw_architecture gpu);

enum sw_served {
    SW_NOT_SERVED,
    /* The driver compiles the code at first use; the driver must be as new as the toolkit, or newer. */
    SW_SERVED_BY_PTX,
    SW_SERVED,
};
/* Say how lists of architectures as texts (either may be NULL) serve a GPU. */
enum sw_served sw_architectures_serve(const struct sw_node *sass, const struct sw_node *ptx,
                                      struct sw_architecture gpu);

#endif
