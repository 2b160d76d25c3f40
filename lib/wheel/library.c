#include "wheel/library_internal.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/little.h"

enum {
    ELF_HEADER = 64,
    SEGMENT = 56,
    SEGMENT_LOAD = 1,
    SEGMENT_DYNAMIC = 2,
    DYNAMIC = 16, /* an entry of the dynamic section */
    LARGEST_DYNAMIC = 64 * 1024,
    FIRST_LOOK = 16 * 1024,
};

/* Tags of the dynamic section. */
enum {
    TAG_END = 0,
    TAG_NEEDED = 1,
    TAG_STRINGS = 5,
    TAG_SYMBOLS = 6,
    TAG_STRINGS_SIZE = 10,
    TAG_SONAME = 14,
    TAG_RPATH = 15,
    TAG_RUNPATH = 29,
    TAG_VERSIONS = 0x6FFFFFFE,
};

/* Bytes of the file that are kept when they come by. */
struct part {
    uint64_t offset;
    struct sw_buffer bytes; /* its maximum is the part's size */
};

struct segment {
    uint64_t address, offset, size;
};

struct sw_library_reader {
    struct sw_str name;
    bool early, found_early;
    /* The file is read for the second time. */
    bool second;
    /* The file is no library, or `fault` is wrong with it: no more bytes are looked at. */
    bool stopped;
    const char *fault; /* or NULL */
    uint64_t position;
    /* The first bytes of the file, as far as they are needed. */
    struct sw_buffer head;
    /* The size of `head` at which the tables are looked for again. */
    size_t next_look;
    size_t segments_end; /* 0: the program headers are not known yet */
    struct segment loads[SW_MAX_ELF_SEGMENTS];
    size_t load_count;
    struct part dynamic, strings, symbols, versions;
    struct sw_library_tables tables; /* found early, in `head` */
    struct sw_library_names names;
};

struct sw_library_reader *sw_library_reader_new(struct sw_str name, bool early)
{
    struct sw_library_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->name = name;
    r->early = early;
    r->next_look = FIRST_LOOK;
    sw_buffer_init(&r->head, SW_MAX_ELF_EARLY);
    sw_library_names_init(&r->names);
    return r;
}

void sw_library_reader_free(struct sw_library_reader *r)
{
    if (r == NULL)
        return;
    sw_buffer_release(&r->head);
    sw_buffer_release(&r->dynamic.bytes);
    sw_buffer_release(&r->strings.bytes);
    sw_buffer_release(&r->symbols.bytes);
    sw_buffer_release(&r->versions.bytes);
    sw_library_names_release(&r->names);
    free(r);
}

static void stop(struct sw_library_reader *r, const char *fault)
{
    r->stopped = true;
    r->fault = fault;
}

/* ---- bytes ---- */

static void part_want(struct part *part, uint64_t offset, uint64_t size)
{
    sw_buffer_release(&part->bytes);
    part->offset = offset;
    sw_buffer_init(&part->bytes, (size_t)size);
}

/* `bytes` stand at `at` in the file. */
static void part_keep(struct part *part, uint64_t at, struct sw_str bytes)
{
    uint64_t next = part->offset + part->bytes.n;
    if (part->bytes.n == part->bytes.max || next < at || next - at >= bytes.n)
        return;
    size_t n = bytes.n - (size_t)(next - at), room = part->bytes.max - part->bytes.n;
    sw_buffer_add(&part->bytes, bytes.p + (next - at), n < room ? n : room);
}

static bool is_whole(const struct part *part)
{
    return part->bytes.n == part->bytes.max && part->bytes.state == SW_BUFFER_OK;
}

/* ---- headers ---- */

static void see_segments(struct sw_library_reader *r, const char *headers, unsigned count)
{
    uint64_t dynamic = 0;
    for (unsigned i = 0; i < count; i++) {
        const char *header = headers + (size_t)i * SEGMENT;
        const struct segment segment = {sw_le64(header + 16), sw_le64(header + 8), sw_le64(header + 32)};
        if (sw_le32(header) == SEGMENT_LOAD)
            r->loads[r->load_count++] = segment;
        if (sw_le32(header) != SEGMENT_DYNAMIC)
            continue;
        dynamic = segment.size;
        if (dynamic > LARGEST_DYNAMIC || segment.offset > UINT64_MAX / 2) {
            stop(r, "its dynamic section is absurd");
            return;
        }
        part_want(&r->dynamic, segment.offset, segment.size / DYNAMIC * DYNAMIC);
    }
    if (dynamic == 0)
        stop(r, NULL); /* a program, or no code at all */
}

static void see_header(struct sw_library_reader *r)
{
    static const char ident[] = {0x7F, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */};
    const char *head = r->head.p;
    if (memcmp(head, ident, sizeof ident) != 0) {
        stop(r, NULL);
        return;
    }
    uint64_t offset = sw_le64(head + 32);
    unsigned size = sw_le16(head + 54), count = sw_le16(head + 56);
    if (count == 0) {
        stop(r, NULL);
        return;
    }
    if (size != SEGMENT || count > SW_MAX_ELF_SEGMENTS || offset < ELF_HEADER ||
        offset > r->head.max - (uint64_t)count * SEGMENT) {
        stop(r, "its ELF header is wrong");
        return;
    }
    size_t end = (size_t)offset + (size_t)count * SEGMENT;
    if (r->head.n < end)
        return;
    r->segments_end = end;
    see_segments(r, head + offset, count);
}

static void look_early(struct sw_library_reader *r)
{
    if (!r->early || r->found_early || r->head.n < r->next_look)
        return;
    r->found_early = sw_library_find_early(&r->tables, sw_buffer_str(&r->head), r->segments_end);
    while (r->next_look <= r->head.n)
        r->next_look *= 2;
}

/* Keep the head as far as it may be needed. */
static void keep_head(struct sw_library_reader *r, struct sw_str bytes)
{
    size_t room = r->head.max - r->head.n, n = bytes.n < room ? bytes.n : room;
    if (!r->early && r->segments_end != 0)
        return;
    sw_buffer_add(&r->head, bytes.p, n);
    if (r->head.state != SW_BUFFER_OK) {
        stop(r, "there is not memory enough to read it");
        return;
    }
    if (r->segments_end == 0 && r->head.n >= ELF_HEADER)
        see_header(r);
    if (!r->stopped && r->segments_end != 0)
        look_early(r);
    if (!r->stopped && r->segments_end == 0 && r->head.n == r->head.max)
        stop(r, "its ELF header is wrong");
}

bool sw_library_reader_add(struct sw_library_reader *r, struct sw_str bytes)
{
    uint64_t at = r->position;
    r->position += bytes.n;
    if (r->stopped || r->found_early)
        return true;
    if (r->second) {
        part_keep(&r->strings, at, bytes);
        part_keep(&r->symbols, at, bytes);
        part_keep(&r->versions, at, bytes);
        return is_whole(&r->strings) && is_whole(&r->symbols) && is_whole(&r->versions);
    }
    size_t known = r->segments_end;
    keep_head(r, bytes);
    if (r->stopped || r->found_early)
        return true;
    /* The dynamic section may stand in the bytes in which its place became known. */
    if (known == 0 && r->segments_end != 0)
        part_keep(&r->dynamic, 0, sw_buffer_str(&r->head));
    part_keep(&r->dynamic, at, bytes);
    sw_library_names_add(&r->names, bytes);
    return false;
}

/* ---- the dynamic section ---- */

/* The value of the first entry with a tag; 0 if there is none. */
static uint64_t value_of(const struct sw_library_reader *r, uint64_t tag)
{
    const struct sw_buffer *dynamic = &r->dynamic.bytes;
    for (size_t i = 0; i + DYNAMIC <= dynamic->n; i += DYNAMIC) {
        uint64_t entry = sw_le64(dynamic->p + i);
        if (entry == tag)
            return sw_le64(dynamic->p + i + 8);
        if (entry == TAG_END)
            break;
    }
    return 0;
}

/* The place in the file of an address; 0 if the file has no such bytes. */
static uint64_t offset_of(const struct sw_library_reader *r, uint64_t address)
{
    for (size_t i = 0; i < r->load_count; i++) {
        const struct segment *load = &r->loads[i];
        if (address >= load->address && address - load->address < load->size && load->offset <= r->position &&
            address - load->address < r->position - load->offset)
            return load->offset + (address - load->address);
    }
    return 0;
}

/* The next table's beginning, the section headers, or the file's end: a table does not go further. */
static uint64_t end_of_table(const struct sw_library_reader *r, uint64_t start)
{
    static const uint64_t tables[] = {4,  5,  6,  7,          12,         13,         17,
                                      23, 25, 26, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFE};
    uint64_t end = r->position, sections = sw_le64(r->head.p + 40);
    end = sections > start && sections < end ? sections : end;
    for (size_t i = 0; i < SW_COUNT(tables); i++) {
        uint64_t offset = offset_of(r, value_of(r, tables[i]));
        end = offset > start && offset < end ? offset : end;
    }
    return end;
}

/* Ask for a table, from its address on; false if it is absurd. A table that is longer than the limit is cut off only if
 * `cut`. */
static bool want_table(struct sw_library_reader *r, struct part *part, uint64_t address, uint64_t size,
                       bool cut)
{
    uint64_t offset = offset_of(r, address);
    uint64_t room = offset == 0 ? 0 : end_of_table(r, offset) - offset;
    size = size == 0 || size > room ? room : size;
    if (cut && size > SW_MAX_ELF_TABLE)
        size = SW_MAX_ELF_TABLE;
    if (offset == 0 || size > SW_MAX_ELF_TABLE)
        return false;
    part_want(part, offset, size);
    return true;
}

/* Return true if the tables are to be read in a second round. */
static bool want_tables(struct sw_library_reader *r)
{
    uint64_t versions = value_of(r, TAG_VERSIONS), size = value_of(r, TAG_STRINGS_SIZE);
    if (!is_whole(&r->dynamic))
        r->fault = "it ends before its dynamic section";
    else if (!want_table(r, &r->strings, value_of(r, TAG_STRINGS), size, false) ||
             !want_table(r, &r->symbols, value_of(r, TAG_SYMBOLS), 0, false) ||
             (versions != 0 && !want_table(r, &r->versions, versions, 0, true)))
        r->fault = "the tables of its dynamic section are missing or too large";
    return r->fault == NULL;
}

static int add_rpath(struct sw_library *out, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error)
{
    const char *copy = sw_arena_copy(arena, text);
    out->rpath = (struct sw_str){copy, text.n};
    return copy == NULL ? sw_fail_memory(error) : 0;
}

static int read_dynamic(struct sw_library *out, const struct sw_library_reader *r, struct sw_arena *arena,
                        struct sw_error *error)
{
    const struct sw_buffer *dynamic = &r->dynamic.bytes;
    const struct sw_str strings = sw_buffer_str(&r->strings.bytes);
    int code = 0;
    for (size_t i = 0; i + DYNAMIC <= dynamic->n && code == 0; i += DYNAMIC) {
        uint64_t tag = sw_le64(dynamic->p + i);
        struct sw_str text = sw_library_text(strings, sw_le64(dynamic->p + i + 8));
        if (tag == TAG_END)
            break;
        if (text.p == NULL)
            continue;
        if (tag == TAG_NEEDED)
            code = sw_library_add_text(&out->needed, &out->needed_count, arena, text, error);
        else if (tag == TAG_SONAME)
            out->soname = text;
        else if (tag == TAG_RUNPATH || tag == TAG_RPATH)
            code = add_rpath(out, arena, text, error);
    }
    if (out->soname.n > 0) {
        out->soname.p = sw_arena_copy(arena, out->soname);
        code = out->soname.p == NULL ? sw_fail_memory(error) : code;
    }
    return code;
}

static bool is_needed(const struct sw_library *library, struct sw_str name)
{
    for (size_t i = 0; i < library->needed_count; i++) {
        if (sw_str_equal(library->needed[i], name))
            return true;
    }
    return sw_str_equal(library->soname, name);
}

static int read_exactly(struct sw_library *out, const struct sw_library_reader *r, struct sw_arena *arena,
                        struct sw_error *error)
{
    const struct sw_library_tables tables = {sw_buffer_str(&r->strings.bytes),
                                             sw_buffer_str(&r->symbols.bytes),
                                             sw_buffer_str(&r->versions.bytes)};
    int code = read_dynamic(out, r, arena, error);
    if (code == 0)
        code = sw_library_read_tables(out, arena, &tables, error);
    if (code == 0 && r->names.failed)
        code = sw_fail_memory(error);
    for (size_t i = 0; i < r->names.count && code == 0; i++) {
        if (!is_needed(out, r->names.list[i]))
            code = sw_library_add_text(&out->opened, &out->opened_count, arena, r->names.list[i], error);
    }
    return code;
}

int sw_library_reader_finish(struct sw_library *out, struct sw_library_reader *r, struct sw_arena *arena,
                             bool *again, struct sw_error *error)
{
    struct sw_library library = {.is_library = r->segments_end != 0 && !r->stopped};
    *again = false;
    if (r->head.n < ELF_HEADER)
        r->stopped = true;
    else if (!r->stopped && r->segments_end == 0)
        stop(r, "it ends before its program headers");
    if (!r->stopped && !r->found_early && !r->second && want_tables(r)) {
        *again = r->second = true;
        r->position = 0;
        return 0;
    }
    if (r->fault != NULL)
        return sw_fail(error, SW_EINPUT, "'%.*s' is not a sound library: %s", SW_STR_FORMAT(r->name),
                       r->fault);
    int code = 0;
    library.early = r->found_early;
    if (r->found_early)
        code = sw_library_read_early(&library, arena, &r->tables, r->name, error);
    else if (r->second)
        code = read_exactly(&library, r, arena, error);
    if (code == 0)
        *out = library;
    return code;
}
