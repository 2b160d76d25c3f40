/* GPU architectures (compute capabilities) and which code runs on which GPU.
 *
 * NVIDIA CUDA C++ Programming Guide, "Binary Compatibility", "PTX Compatibility", and "Feature Set Compiler Targets" for the
 * suffixes; CUDA's Blackwell Compatibility Guide. Tegra's own architectures, where binaries do not travel, are left aside. */
#ifndef SLIPWAY_CATALOG_ARCHITECTURE_H
#define SLIPWAY_CATALOG_ARCHITECTURE_H

#include "data/node.h"

struct sw_architecture {
    unsigned major, minor;
    char suffix; /* 'a': for this very architecture; 'f': for its family; 0 */
};

/* "8.9", "9.0a", "10.0f"; false, and `out` untouched, for anything else. */
bool sw_architecture_parse(struct sw_architecture *out, struct sw_str text) SW_NODISCARD;

/* Whether compiled code (a cubin) for `code` runs on `gpu`: the same major number and no higher a minor one; with 'a' only the same
 * architecture. */
bool sw_architecture_runs(struct sw_architecture code, struct sw_architecture gpu);
/* Whether the driver can compile PTX for `code` for `gpu`: any architecture from there on; with 'f' only of the same family,
 * with 'a' only the same one. */
bool sw_architecture_compiles(struct sw_architecture code, struct sw_architecture gpu);

enum sw_served {
    SW_NOT_SERVED,
    SW_SERVED_BY_PTX, /* the driver compiles at first use, and must be of the toolkit or newer */
    SW_SERVED,
};
/* How lists of architectures as texts (either may be NULL) serve a GPU. */
enum sw_served sw_architectures_serve(const struct sw_node *sass, const struct sw_node *ptx,
                                      struct sw_architecture gpu);

#endif
