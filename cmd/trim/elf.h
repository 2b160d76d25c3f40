/* The sections of a library that hold fat binaries. ELF: System V ABI, 64-bit little-endian. */
#ifndef SLIPWAY_TRIM_ELF_H
#define SLIPWAY_TRIM_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_MOST_SECTIONS = 4096, ELF_MOST_FOUND = 8 };

struct elf_section {
    uint64_t offset, size;
    /* True for .nv_fatbin. __nv_relfatbin is input for a linker, and nothing loads it. */
    bool loaded;
};

struct elf {
    bool is_elf;                              /* else nothing below is set */
    struct elf_section found[ELF_MOST_FOUND]; /* by offset */
    size_t count;
};

/* Find the sections .nv_fatbin and __nv_relfatbin of an open file. Return NULL, or the text of a fault: then the section headers
 * cannot be relied on. Only sections of PROGBITS count, and they may share no byte with another part of the file. */
const char *elf_read(struct elf *elf, int fd, uint64_t file_size);

#endif
