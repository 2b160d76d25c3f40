/* The code of source distributions that is compiled, and the requirements of their builds: the parts of them that tell how they must be built, read from the start of the archive on and kept
 * by the digest. */
#ifndef SLIPWAY_INDEX_CUDA_SOURCE_H
#define SLIPWAY_INDEX_CUDA_SOURCE_H

#include "index/index.h"

struct sw_cuda_source {
    const struct sw_index_file *file;
    /* 0, or the code of the failure to read it, with `error`. */
    int code;
    struct sw_error error;
    /* setup.py imports torch, which build isolation hides and no requirement of the build brings; or it does so in a part that a build
     * may not come to. */
    bool wants_torch, may_want_torch;
    /* The build compiles code; perhaps the build goes on if that fails. */
    bool compiles, may_do_without;
    /* A file with CUDA code, "csrc/a.cu"; a file for another compiler, "src/a.c", or "Cargo.toml" for that of Rust. Empty if there is none.
     * The texts lie in the index's memory. */
    const char *member, *code_member;
    /* The requirements of the build, a line each. */
    const char *requires;
};

/* Read the files that `sources` name. 0 if each has its own code. */
int sw_index_cuda_sources(struct sw_cuda_source *sources, struct sw_index *index, size_t count,
                          struct sw_error *error) SW_NODISCARD;

#endif
