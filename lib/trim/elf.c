#include "trim/elf_internal.h"

#include "base/little.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEADER = 64,
    SECTION_HEADER = 64,
    SECTION_NULL = 0,
    SECTION_PROGBITS = 1,
    SECTION_NOBITS = 8,
    LONGEST_NAME = 16, /* of those looked for, with the NUL */
};

/* Read exactly `size` bytes. */
static bool read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    size_t have = 0;
    while (have < size) {
        ssize_t n = pread(fd, (char *)bytes + have, size - have, (off_t)(offset + have));
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return true;
}

static bool is_wanted(const char name[LONGEST_NAME])
{
    return strcmp(name, ".nv_fatbin") == 0 || strcmp(name, "__nv_relfatbin") == 0;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a_size > 0 && b_size > 0 && a < b + b_size && b < a + a_size;
}

/* Return true if a section shares bytes with the headers or with another section. */
static bool is_shared(const unsigned char *sections, unsigned count, unsigned own, uint64_t table)
{
    const unsigned char *section = sections + (size_t)own * SECTION_HEADER;
    uint64_t offset = sw_le64(section + 24), size = sw_le64(section + 32);
    if (overlap(offset, size, 0, HEADER) || overlap(offset, size, table, (uint64_t)count * SECTION_HEADER))
        return true;
    for (unsigned i = 0; i < count; i++) {
        const unsigned char *other = sections + (size_t)i * SECTION_HEADER;
        uint32_t type = sw_le32(other + 4);
        if (i != own && type != SECTION_NULL && type != SECTION_NOBITS &&
            overlap(offset, size, sw_le64(other + 24), sw_le64(other + 32)))
            return true;
    }
    return false;
}

/* Add a section at its place by offset. */
static const char *add_section(struct sw_elf *elf, struct sw_elf_section section)
{
    if (elf->count == SW_ELF_MOST_FOUND)
        return "it has absurdly many sections of fat binaries";
    size_t at = elf->count++;
    for (; at > 0 && elf->found[at - 1].offset > section.offset; at--)
        elf->found[at] = elf->found[at - 1];
    elf->found[at] = section;
    return NULL;
}

/* Read the name of a section; only as much of it as is_wanted() compares. */
static bool read_name(char name[LONGEST_NAME], int fd, const unsigned char *names, uint32_t at)
{
    uint64_t offset = sw_le64(names + 24), size = sw_le64(names + 32);
    memset(name, 0, LONGEST_NAME);
    if (at >= size)
        return false;
    size_t n = size - at < LONGEST_NAME - 1 ? (size_t)(size - at) : LONGEST_NAME - 1;
    return read_at(fd, name, n, offset + at);
}

/* Return true if every section with bytes lies in the file. */
static bool all_inside(const unsigned char *sections, unsigned count, uint64_t file_size)
{
    for (unsigned i = 0; i < count; i++) {
        const unsigned char *section = sections + (size_t)i * SECTION_HEADER;
        uint64_t offset = sw_le64(section + 24), size = sw_le64(section + 32);
        uint32_t type = sw_le32(section + 4);
        if (type != SECTION_NULL && type != SECTION_NOBITS &&
            (offset > file_size || size > file_size - offset))
            return false;
    }
    return true;
}

static const char *look_through(struct sw_elf *elf, int fd, const unsigned char *header,
                                const unsigned char *sections)
{
    unsigned count = sw_le16(header + 60), names = sw_le16(header + 62);
    for (unsigned i = 0; i < count; i++) {
        const unsigned char *section = sections + (size_t)i * SECTION_HEADER;
        uint64_t offset = sw_le64(section + 24), size = sw_le64(section + 32);
        uint32_t type = sw_le32(section + 4);
        char name[LONGEST_NAME];
        if (type != SECTION_PROGBITS || size == 0)
            continue;
        if (!read_name(name, fd, sections + (size_t)names * SECTION_HEADER, sw_le32(section)))
            return "the name of a section is not in it";
        if (!is_wanted(name))
            continue;
        if (is_shared(sections, count, i, sw_le64(header + 40)))
            return "its fat binaries overlap with another part of it";
        const char *fault = add_section(elf, (struct sw_elf_section){offset, size, name[0] == '.'});
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

const char *sw_elf_read(struct sw_elf *elf, int fd, uint64_t file_size)
{
    static const unsigned char ident[] = {0x7F, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */};
    unsigned char header[HEADER];
    memset(elf, 0, sizeof *elf);
    if (file_size < HEADER || !read_at(fd, header, HEADER, 0) || memcmp(header, ident, sizeof ident) != 0)
        return NULL;
    elf->is_elf = true;
    uint64_t table = sw_le64(header + 40);
    unsigned count = sw_le16(header + 60);
    size_t size = (size_t)count * SECTION_HEADER;
    if (count == 0 && table == 0)
        return NULL;
    if (sw_le16(header + 58) != SECTION_HEADER || count == 0 || count > SW_ELF_MOST_SECTIONS ||
        sw_le16(header + 62) >= count || table < HEADER || table > file_size || size > file_size - table)
        return "its ELF header is wrong";
    unsigned char *sections = malloc(size);
    const char *fault = NULL;
    if (sections == NULL || !read_at(fd, sections, size, table))
        fault = "its section headers cannot be read";
    else if (!all_inside(sections, count, file_size))
        fault = "a section reaches past its end";
    else
        fault = look_through(elf, fd, header, sections);
    free(sections);
    return fault;
}
