/* The sections of a library that hold fat binaries. ELF: System V ABI, 64-bit little-endian. */
#ifndef SLIPWAY_TRIM_ELF_INTERNAL_H
#define SLIPWAY_TRIM_ELF_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SW_ELF_MOST_SECTIONS = 4096, SW_ELF_MOST_FOUND = 8 };

struct sw_elf_section {
    uint64_t offset, size;
    /* True for .nv_fatbin. __nv_relfatbin is input for a linker, and nothing loads it. */
    bool loaded;
};

struct sw_elf {
    bool is_elf;                                    /* else nothing below is set */
    struct sw_elf_section found[SW_ELF_MOST_FOUND]; /* by offset */
    size_t count;
};

/* Find the sections .nv_fatbin and __nv_relfatbin of an open file. Return NULL, or the text of a fault: then the section headers
 * cannot be relied on. Only sections of PROGBITS count, and they may share no byte with another part of the file. */
const char *sw_elf_read(struct sw_elf *elf, int fd, uint64_t file_size);

#endif
