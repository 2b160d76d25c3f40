/* The GPU code in a shared library: for which architectures a library carries machine code (SASS, as cubins) and
 * PTX, read from the headers of its fat binaries.
 *
 * Works on the library's bytes as they come, in one pass and bounded memory, since a wheel's members are deflated
 * and can only be read from their start. The headers that say where the section .nv_fatbin lies stand at the end of
 * the file; so fat binaries are noticed on the way, and counted once the section is known. Linker input
 * (__nv_relfatbin) is not counted: nothing loads it.
 *
 * ELF: System V ABI, 64-bit little-endian. NVIDIA does not document fat binaries: a container has 16 bytes of
 * header (magic, version, header size, size of what follows) and entries one behind the other, each with a header
 * (kind at 0, header size at 4, padded payload size at 8, architecture at 28, flags at 40) and its payload. What this
 * reads is held against NVIDIA's cuobjdump by tests/wheel/cuobjdump.py. */
#ifndef SLIPWAY_WHEEL_FATBIN_H
#define SLIPWAY_WHEEL_FATBIN_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"

/* Code for one architecture. */
struct sw_gpu_code {
    uint32_t architecture; /* 90 for sm_90 and compute_90 */
    char variant;          /* 'a' or 'f' as in sm_90a and sm_100f, else 0 */
    bool ptx;              /* else machine code */
};

struct sw_gpu_codes {
    struct sw_gpu_code items[SW_MAX_GPU_CODES]; /* each once; by kind, then architecture, then variant */
    size_t count;
    uint64_t fatbins; /* containers */
};

struct sw_fatbin;
struct sw_fatbin *sw_fatbin_new(void) SW_NODISCARD; /* NULL without memory */
void sw_fatbin_free(struct sw_fatbin *fatbin);      /* takes NULL */

/* The file's bytes, in order and any chunks. */
void sw_fatbin_add(struct sw_fatbin *fatbin, struct sw_str bytes);
/* The file has ended. No codes and success for what has no GPU code, be it no library at all. SW_EINPUT for one
 * whose headers or fat binaries are wrong. `*again`, where it is not NULL, asks for the whole file once more, before
 * the next finish, because the names of the sections came too early; then `codes` is untouched. */
int sw_fatbin_finish(struct sw_gpu_codes *codes, struct sw_fatbin *fatbin, bool *again,
                     struct sw_error *error) SW_NODISCARD;

/* Append "sm_90a" or "compute_90". */
void sw_gpu_code_write(struct sw_buffer *out, const struct sw_gpu_code *code);

#endif
