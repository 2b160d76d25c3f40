#include "trim/trimming.h"

#include "trim/elf_internal.h"
#include "trim/entry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 4096, WORD = 8, FIRST_ROOM = 256 };

/* The file as it is looked through, a page at a time. */
struct scan {
    struct sw_trimming *library;
    const struct sw_device_targets *targets;
    int fd;
    uint64_t start; /* of the window in the file */
    size_t have;
    unsigned char window[WINDOW];
    bool loaded; /* the section is code that a driver loads */
    bool failed; /* no memory, or no bytes */
};

/* Return `size` bytes of the file, at most WINDOW; NULL if they cannot be read. */
static const unsigned char *look(struct scan *scan, uint64_t offset, size_t size)
{
    if (offset >= scan->start && offset - scan->start + size <= scan->have)
        return scan->window + (offset - scan->start);
    ssize_t n = pread(scan->fd, scan->window, WINDOW, (off_t)offset);
    scan->start = offset;
    scan->have = n > 0 ? (size_t)n : 0;
    if (scan->have < size)
        scan->failed = true;
    return scan->failed ? NULL : scan->window;
}

static void note(struct scan *scan, const char *what, uint64_t offset)
{
    if (scan->library->note[0] == '\0')
        (void)snprintf(scan->library->note, SW_TRIMMING_NOTE_SIZE, "%s, at byte %llu", what,
                       (unsigned long long)offset);
}

/* Note a fault for which the whole file is left. */
static bool refuse(struct scan *scan, const char *what, uint64_t offset)
{
    scan->library->note[0] = '\0';
    note(scan, what, offset);
    scan->library->sound = false;
    return false;
}

static bool add_piece(struct scan *scan, struct sw_trimming_piece piece)
{
    struct sw_trimming *library = scan->library;
    struct sw_trimming_piece *last = library->count == 0 ? NULL : &library->pieces[library->count - 1];
    if (last != NULL && last->kind == SW_PIECE_MOVED && piece.kind == SW_PIECE_MOVED &&
        last->to + last->size == piece.to && last->value + last->size == piece.value) {
        last->size += piece.size;
        return true;
    }
    if (library->pieces == NULL || library->count == library->room) {
        size_t room = library->room == 0 ? FIRST_ROOM : library->room * 2;
        if (room > SW_TRIMMING_MOST_PIECES)
            return refuse(scan, "it has absurdly many fat binaries", piece.to);
        struct sw_trimming_piece *grown = realloc(library->pieces, room * sizeof *grown);
        if (grown == NULL) {
            scan->failed = true;
            return false;
        }
        library->pieces = grown;
        library->room = room;
    }
    library->pieces[library->count++] = piece;
    return true;
}

/* ---- one fat binary ---- */

struct container {
    uint64_t offset, size; /* `size` without the header */
    size_t count;
    struct sw_fatbin_entry entries[SW_FATBIN_MOST_ENTRIES];
    struct sw_device_code codes[SW_FATBIN_MOST_ENTRIES];
    bool keep[SW_FATBIN_MOST_ENTRIES];
};

static bool leave(struct scan *scan, const struct container *container, const char *what, uint64_t offset)
{
    note(scan, what, offset);
    scan->library->left++;
    scan->library->code_before += container->size;
    scan->library->code_after += container->size;
    return true;
}

/* Read the entries' headers. SW_FATBIN_UNKNOWN if the container has to be left whole, at `*at`. */
static enum sw_fatbin_state read_entries(struct scan *scan, struct container *container, uint64_t *at)
{
    uint64_t end = container->offset + SW_FATBIN_HEADER + container->size;
    *at = container->offset + SW_FATBIN_HEADER;
    while (*at < end) {
        if (container->count == SW_FATBIN_MOST_ENTRIES)
            return SW_FATBIN_UNKNOWN;
        const unsigned char *header =
            end - *at < SW_FATBIN_ENTRY_HEADER ? NULL : look(scan, *at, SW_FATBIN_ENTRY_HEADER);
        if (header == NULL)
            return SW_FATBIN_BROKEN;
        struct sw_fatbin_entry *entry = &container->entries[container->count];
        enum sw_fatbin_state state = sw_fatbin_entry(entry, header, end - *at);
        if (state != SW_FATBIN_SOUND)
            return state;
        container->codes[container->count++] = entry->code;
        *at += entry->size;
    }
    return SW_FATBIN_SOUND;
}

static bool count_codes(struct scan *scan, const struct container *container, uint64_t *kept)
{
    struct sw_trimming *library = scan->library;
    for (size_t i = 0; i < container->count; i++) {
        bool keep = container->keep[i];
        if (scan->loaded && !sw_device_codes_add(keep ? &library->kept : &library->dropped,
                                                 &container->codes[i], container->entries[i].size))
            return refuse(scan, "it has code for absurdly many architectures", container->offset);
        *kept += keep ? container->entries[i].size : 0;
    }
    library->code_before += container->size;
    library->code_after += *kept;
    return true;
}

/* Plan the pieces of a container of which less is kept than there is. */
static bool add_pieces(struct scan *scan, const struct container *container, uint64_t kept)
{
    uint64_t from = container->offset + SW_FATBIN_HEADER, to = from, end = from + container->size;
    if (!add_piece(scan, (struct sw_trimming_piece){SW_PIECE_NUMBER, container->offset + WORD, WORD, kept}))
        return false;
    for (size_t i = 0; i < container->count; i++) {
        uint64_t size = container->entries[i].size;
        if (container->keep[i]) {
            if (from != to && !add_piece(scan, (struct sw_trimming_piece){SW_PIECE_MOVED, to, size, from}))
                return false;
            to += size;
        }
        from += size;
    }
    return add_piece(scan, (struct sw_trimming_piece){SW_PIECE_ZERO, to, end - to, 0});
}

static bool plan_container(struct scan *scan, struct container *container)
{
    uint64_t at = 0, kept = 0;
    scan->library->fatbins++;
    enum sw_fatbin_state state = read_entries(scan, container, &at);
    if (scan->failed)
        return false;
    if (state == SW_FATBIN_BROKEN)
        return refuse(scan, "a fat binary is damaged", at);
    if (state == SW_FATBIN_UNKNOWN)
        return leave(scan, container,
                     "an entry of a fat binary is of a version, kind or flag that is not known", at);
    sw_device_codes_choose(container->keep, container->codes, container->count, scan->targets);
    if (!count_codes(scan, container, &kept))
        return false;
    return kept == container->size || add_pieces(scan, container, kept);
}

/* ---- the file ---- */

static bool is_zero(const unsigned char word[WORD])
{
    static const unsigned char zero[WORD];
    return memcmp(word, zero, WORD) == 0;
}

/* A section is fat binaries, one behind the other, and zeros between them. */
static bool plan_section(struct scan *scan, const struct sw_elf_section *section, struct container *container)
{
    uint64_t at = section->offset, end = at + section->size;
    while (end - at >= WORD) {
        const unsigned char *word = look(scan, at, WORD);
        if (word == NULL)
            return false;
        if (is_zero(word)) {
            at += WORD;
            continue;
        }
        const unsigned char *header = end - at < SW_FATBIN_HEADER ? NULL : look(scan, at, SW_FATBIN_HEADER);
        uint64_t size = 0;
        enum sw_fatbin_state state =
            header == NULL ? SW_FATBIN_BROKEN : sw_fatbin_header(&size, header, end - at);
        if (scan->failed)
            return false;
        if (state == SW_FATBIN_BROKEN)
            return refuse(scan, "bytes among its fat binaries are no fat binary", at);
        *container = (struct container){.offset = at, .size = size};
        if (!(state == SW_FATBIN_SOUND
                  ? plan_container(scan, container)
                  : leave(scan, container, "a fat binary is of a version that is not known", at)))
            return false;
        at += SW_FATBIN_HEADER + size;
    }
    return true;
}

static void forget_plan(struct sw_trimming *library)
{
    free(library->pieces);
    library->pieces = NULL;
    library->count = library->room = 0;
}

bool sw_trimming_plan(struct sw_trimming *library, int fd, uint64_t file_size,
                      const struct sw_device_targets *targets)
{
    struct sw_elf elf;
    memset(library, 0, sizeof *library);
    const char *fault = sw_elf_read(&elf, fd, file_size);
    struct scan scan = {.library = library, .targets = targets, .fd = fd};
    library->sound = true;
    library->has_code = elf.is_elf && elf.count > 0;
    if (fault != NULL) {
        (void)snprintf(library->note, sizeof library->note, "%s", fault);
        library->has_code = true;
        library->sound = false;
        return true;
    }
    struct container *container = elf.count == 0 ? NULL : malloc(sizeof *container);
    if (elf.count > 0 && container == NULL)
        return false;
    for (size_t i = 0; i < elf.count && library->sound && !scan.failed; i++) {
        scan.loaded = elf.found[i].loaded;
        (void)plan_section(&scan, &elf.found[i], container);
    }
    free(container);
    if (!library->sound || scan.failed)
        forget_plan(library);
    return !scan.failed;
}

void sw_trimming_release(struct sw_trimming *library)
{
    forget_plan(library);
}
