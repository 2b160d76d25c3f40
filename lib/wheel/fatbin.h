/* The GPU code in a shared library: the architectures for which a library carries machine code (SASS, as
 * cubins) and PTX, read from the headers of its fat binaries.
 *
 * The reader works on the library's bytes as they come, in one pass and bounded memory, since a wheel's
 * members are deflated and can only be read from their start. The headers that tell the place of the section
 * .nv_fatbin stand at the end of the file; so fat binaries are noticed on the way, and counted once the
 * section is known. Linker input (__nv_relfatbin) is not counted: nothing loads it.
 *
 * ELF: System V ABI, 64-bit little-endian. NVIDIA does not document fat binaries: a container has 16 bytes of
 * header (magic, version, header size, size of the rest) and then entries, each with a header (kind at 0,
 * header size at 4, padded payload size at 8, architecture at 28, flags at 40) and its payload.
 * tests/wheel/cuobjdump.py holds the reader's results against NVIDIA's cuobjdump. */
#ifndef SLIPWAY_WHEEL_FATBIN_H
#define SLIPWAY_WHEEL_FATBIN_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"

/* Code for one architecture. */
struct sw_gpu_code {
    uint32_t architecture; /* 90 for sm_90 and compute_90 */
    /* 'a' or 'f', as in sm_90a and sm_100f, else 0. */
    char variant;
    bool ptx; /* else machine code */
};

struct sw_gpu_codes {
    /* Each code stands once; the order is kind, architecture, variant. */
    struct sw_gpu_code items[SW_MAX_GPU_CODES];
    size_t count;
    uint64_t fatbins; /* containers */
};

struct sw_fatbin;
struct sw_fatbin *sw_fatbin_new(void) SW_NODISCARD; /* NULL without memory */
void sw_fatbin_free(struct sw_fatbin *fatbin);      /* takes NULL */

/* The file's bytes, in order and any chunks. */
void sw_fatbin_add(struct sw_fatbin *fatbin, struct sw_str bytes);
/* Finish: the file has ended. A file without GPU code, be it no library at all, gives success and no codes.
 * SW_EINPUT for a file whose headers or fat binaries are wrong. `*again`, if `again` is not NULL, asks for
 * the whole file once more before the next finish, because the names of the sections came too early; `codes`
 * is then untouched. */
int sw_fatbin_finish(struct sw_gpu_codes *codes, struct sw_fatbin *fatbin, bool *again,
                     struct sw_error *error) SW_NODISCARD;

/* Append "sm_90a" or "compute_90". */
void sw_gpu_code_write(struct sw_buffer *out, const struct sw_gpu_code *code);

#endif
