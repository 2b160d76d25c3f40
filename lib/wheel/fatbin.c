#include "wheel/fatbin.h"

#include "base/little.h"

enum {
    ELF_HEADER = 64,
    SECTION_HEADER = 64,
    SECTION_PROGBITS = 1,
    FATBIN_HEADER = 16,
    ENTRY_HEADER = 48, /* as much of it as is looked at */
    LONGEST_ENTRY_HEADER = 4096,
    STEP = 8, /* containers are aligned so */
    RECENT = 16384,
    FIRST_ROOM = 256,
    LONGEST_NAMES = 1 << 20,
    KIND_PTX = 1,
    KIND_CUBIN = 2,
};
#define FATBIN_MAGIC 0xBA55ED50U
#define ENTRY_VERSION 0x0101U
#define FLAG_A 0x100000U
#define FLAG_F 0x200000U

/* An entry that was seen; of one container each kind of code once. */
struct seen {
    uint64_t container, end; /* the container's bytes in the file */
    struct sw_gpu_code code;
    bool counts; /* it is code for a GPU */
    bool first;  /* of its container */
    /* Bytes began like a container and did not continue like a container. */
    bool broken;
};

/* The part of the file that the reader waits for. */
enum state { AT_ELF, AT_SEARCH, AT_CONTAINER, AT_ENTRY };

/* Bytes of the file that are kept when they come by. */
struct part {
    uint64_t offset;
    size_t size, have; /* size 0: nothing is wanted */
    unsigned char *bytes;
};

struct sw_fatbin {
    bool is_elf, again;
    enum state state;
    uint64_t position;              /* of the next byte to look at */
    uint64_t skip;                  /* bytes to pass over before that */
    unsigned char head[ELF_HEADER]; /* a header, which may come in pieces */
    size_t have;
    /* The start and the end of the current container. */
    uint64_t container, container_end;
    size_t container_seen; /* how many of `seen` are of it */
    struct seen *seen;     /* by offset */
    size_t seen_count, seen_room;
    struct part sections, names;
    unsigned name_section;
    unsigned char recent[RECENT]; /* the last bytes of the chunks that came */
    size_t recent_count;
    const char *fault; /* the first thing that is wrong, or NULL */
};

struct sw_fatbin *sw_fatbin_new(void)
{
    return calloc(1, sizeof(struct sw_fatbin));
}

void sw_fatbin_free(struct sw_fatbin *f)
{
    if (f == NULL)
        return;
    free(f->seen);
    free(f->sections.bytes);
    free(f->names.bytes);
    free(f);
}

static void set_fault(struct sw_fatbin *f, const char *fault)
{
    if (f->fault == NULL)
        f->fault = fault;
}

static void part_want(struct sw_fatbin *f, struct part *part, uint64_t offset, size_t size)
{
    *part = (struct part){offset, size, 0, malloc(size)};
    if (part->bytes == NULL) {
        part->size = 0;
        set_fault(f, "there is not memory enough to read it");
    }
}

/* `bytes` stand at `at` in the file. */
static void part_keep(struct part *part, uint64_t at, struct sw_str bytes)
{
    uint64_t next = part->offset + part->have;
    if (part->have == part->size || next < at || next - at >= bytes.n)
        return;
    size_t n = bytes.n - (size_t)(next - at), room = part->size - part->have;
    n = n < room ? n : room;
    memcpy(part->bytes + part->have, bytes.p + (next - at), n);
    part->have += n;
}

/* Add a code at its place in the order; false if there is no room. */
static bool add_code(struct sw_gpu_codes *codes, struct sw_gpu_code code)
{
    size_t i = 0;
    for (; i < codes->count; i++) {
        const struct sw_gpu_code *other = &codes->items[i];
        int order = other->ptx != code.ptx ? other->ptx - code.ptx
                    : other->architecture != code.architecture
                        ? (other->architecture > code.architecture) * 2 - 1
                        : other->variant - code.variant;
        if (order == 0)
            return true;
        if (order > 0)
            break;
    }
    if (codes->count == SW_MAX_GPU_CODES)
        return false;
    memmove(codes->items + i + 1, codes->items + i, (codes->count - i) * sizeof code);
    codes->items[i] = code;
    codes->count++;
    return true;
}

/* Read from the ELF header at which offset the sections are described. */
static void see_elf(struct sw_fatbin *f)
{
    static const unsigned char ident[] = {0x7F, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */};
    f->is_elf = memcmp(f->head, ident, sizeof ident) == 0;
    f->state = AT_SEARCH;
    uint64_t offset = sw_le64(f->head + 40);
    unsigned count = sw_le16(f->head + 60);
    f->name_section = sw_le16(f->head + 62);
    if (!f->is_elf || (count == 0 && offset == 0))
        return;
    if (sw_le16(f->head + 58) != SECTION_HEADER || count == 0 || count > SW_MAX_ELF_SECTIONS ||
        f->name_section >= count || offset < ELF_HEADER)
        set_fault(f, "its ELF header is wrong");
    else
        part_want(f, &f->sections, offset, (size_t)count * SECTION_HEADER);
}

static void see_container(struct sw_fatbin *f)
{
    uint64_t size = sw_le64(f->head + 8);
    f->state = AT_SEARCH;
    if (sw_le16(f->head + 4) != 1 || sw_le16(f->head + 6) != FATBIN_HEADER || size < ENTRY_HEADER ||
        size > UINT64_MAX / 4)
        return;
    f->container = f->position - FATBIN_HEADER;
    f->container_end = f->position + size;
    f->container_seen = 0;
    f->state = AT_ENTRY;
}

/* Return true if the current container has had this code already. */
static bool was_seen(const struct sw_fatbin *f, struct sw_gpu_code code)
{
    for (size_t i = 0; i < f->container_seen; i++) {
        const struct seen *seen = &f->seen[f->seen_count - 1 - i];
        if (seen->counts && seen->code.ptx == code.ptx && seen->code.architecture == code.architecture &&
            seen->code.variant == code.variant)
            return true;
    }
    return false;
}

static void add_seen(struct sw_fatbin *f, struct seen seen)
{
    if (f->container_seen++ > SW_MAX_GPU_CODES)
        set_fault(f, "it has code for absurdly many architectures");
    if (f->seen_count == f->seen_room) {
        size_t room = f->seen_room == 0 ? FIRST_ROOM : f->seen_room * 2;
        struct seen *grown = room > SW_MAX_FATBIN_ENTRIES ? NULL : realloc(f->seen, room * sizeof seen);
        if (grown == NULL) {
            set_fault(f, "it has absurdly many fat binaries");
            return;
        }
        f->seen = grown;
        f->seen_room = room;
    }
    f->seen[f->seen_count++] = seen;
}

static void see_entry(struct sw_fatbin *f)
{
    uint64_t start = f->position - ENTRY_HEADER, header = sw_le32(f->head + 4),
             payload = sw_le64(f->head + 8);
    uint64_t flags = sw_le64(f->head + 40);
    unsigned kind = sw_le16(f->head);
    bool sound = sw_le16(f->head + 2) == ENTRY_VERSION && header >= ENTRY_HEADER &&
                 header <= LONGEST_ENTRY_HEADER && start <= f->container_end &&
                 header <= f->container_end - start && payload <= f->container_end - start - header;
    const struct seen seen = {
        .container = f->container,
        .end = f->container_end,
        .code = {sw_le32(f->head + 28),
                 (flags & FLAG_A) != 0   ? 'a'
                 : (flags & FLAG_F) != 0 ? 'f'
                                         : '\0',
                 kind == KIND_PTX},
        .counts = sound && (kind == KIND_PTX || kind == KIND_CUBIN),
        .first = start == f->container + FATBIN_HEADER,
        .broken = !sound,
    };
    f->state = AT_SEARCH;
    if (!sound && seen.first) /* it only looked like a container */
        return;
    if (seen.first || seen.broken || (seen.counts && !was_seen(f, seen.code)))
        add_seen(f, seen);
    if (!sound)
        return;
    uint64_t end = start + header + payload;
    f->skip = end - f->position;
    f->state = end == f->container_end ? AT_SEARCH : AT_ENTRY;
}

static void see_word(struct sw_fatbin *f)
{
    if (sw_le32(f->head) == FATBIN_MAGIC)
        f->state = AT_CONTAINER;
    else
        f->have = 0;
}

static size_t wanted(const struct sw_fatbin *f)
{
    static const size_t sizes[] = {
        [AT_ELF] = ELF_HEADER, [AT_SEARCH] = STEP, [AT_CONTAINER] = FATBIN_HEADER, [AT_ENTRY] = ENTRY_HEADER};
    return sizes[f->state];
}

/* Pass over whole words that are no container's beginning; most of a file goes by here. */
static struct sw_str search(struct sw_fatbin *f, struct sw_str bytes)
{
    size_t n = 0;
    if (f->state == AT_SEARCH && f->have == 0) {
        while (bytes.n - n >= STEP && sw_le32(bytes.p + n) != FATBIN_MAGIC)
            n += STEP;
    }
    f->position += n;
    return sw_str_drop(bytes, n);
}

static struct sw_str pass(struct sw_fatbin *f, struct sw_str bytes)
{
    size_t n = f->skip < bytes.n ? (size_t)f->skip : bytes.n;
    f->skip -= n;
    f->position += n;
    return sw_str_drop(bytes, n);
}

/* Collect the header that is waited for, and look at it once it is whole. */
static struct sw_str gather(struct sw_fatbin *f, struct sw_str bytes)
{
    size_t n = wanted(f) - f->have;
    n = n < bytes.n ? n : bytes.n;
    memcpy(f->head + f->have, bytes.p, n);
    f->have += n;
    f->position += n;
    bytes = sw_str_drop(bytes, n);
    if (f->have < wanted(f))
        return bytes;
    enum state state = f->state;
    if (state == AT_SEARCH) {
        see_word(f);
        return bytes;
    }
    f->have = 0;
    if (state == AT_ELF)
        see_elf(f);
    else if (state == AT_CONTAINER)
        see_container(f);
    else
        see_entry(f);
    /* go on searching at a word's beginning */
    if (f->state == AT_SEARCH)
        f->skip += (STEP - (f->position + f->skip) % STEP) % STEP;
    return bytes;
}

/* Once the sections are known, the table of their names is read next. */
static void want_names(struct sw_fatbin *f, uint64_t at, struct sw_str bytes)
{
    if (f->names.size > 0 || f->sections.size == 0 || f->sections.have < f->sections.size)
        return;
    const unsigned char *section = f->sections.bytes + (size_t)f->name_section * SECTION_HEADER;
    uint64_t offset = sw_le64(section + 24), size = sw_le64(section + 32);
    if (size == 0 || size > LONGEST_NAMES) {
        set_fault(f, "its section names are missing or absurd");
        f->sections.size = f->sections.have = 0;
        return;
    }
    part_want(f, &f->names, offset, (size_t)size);
    part_keep(&f->names, at - f->recent_count, (struct sw_str){(char *)f->recent, f->recent_count});
    part_keep(&f->names, at, bytes);
}

static void remember(struct sw_fatbin *f, struct sw_str bytes)
{
    if (bytes.n > RECENT)
        bytes = sw_str_drop(bytes, bytes.n - RECENT);
    size_t kept = f->recent_count + bytes.n > RECENT ? RECENT - bytes.n : f->recent_count;
    memmove(f->recent, f->recent + f->recent_count - kept, kept);
    memcpy(f->recent + kept, bytes.p, bytes.n);
    f->recent_count = kept + bytes.n;
}

void sw_fatbin_add(struct sw_fatbin *f, struct sw_str bytes)
{
    if (bytes.n == 0 || f->fault != NULL || (!f->is_elf && f->state != AT_ELF))
        return;
    uint64_t at = f->position;
    struct sw_str rest = bytes;
    while (!f->again && rest.n > 0) {
        rest = pass(f, rest);
        rest = search(f, rest);
        if (rest.n > 0)
            rest = gather(f, rest);
    }
    f->position = at + bytes.n;
    part_keep(&f->names, at, bytes);
    part_keep(&f->sections, at, bytes);
    want_names(f, at, bytes);
    remember(f, bytes);
}

/* Return true if the section has this name. */
static bool is_named(const struct sw_fatbin *f, const unsigned char *section, const char *name)
{
    size_t at = sw_le32(section), n = strlen(name) + 1;
    return at < f->names.size && f->names.size - at >= n && memcmp(f->names.bytes + at, name, n) == 0;
}

/* Add the codes of the section. Return NULL, or a description of its fault. */
static const char *count_section(struct sw_gpu_codes *codes, const struct sw_fatbin *f,
                                 const unsigned char *section)
{
    uint64_t start = sw_le64(section + 24), size = sw_le64(section + 32), before = codes->fatbins;
    if (start > f->position || size > f->position - start)
        return "its section .nv_fatbin reaches past its end";
    for (size_t i = 0; i < f->seen_count; i++) {
        const struct seen *seen = &f->seen[i];
        if (seen->container < start || seen->container >= start + size)
            continue;
        if (seen->broken || seen->end > start + size)
            return "its section .nv_fatbin holds a damaged fat binary";
        if (seen->counts && !add_code(codes, seen->code))
            return "it has code for absurdly many architectures";
        codes->fatbins += seen->first;
    }
    return size > 0 && codes->fatbins == before ? "its section .nv_fatbin holds no fat binary" : NULL;
}

int sw_fatbin_finish(struct sw_gpu_codes *codes, struct sw_fatbin *f, bool *again, struct sw_error *error)
{
    struct sw_gpu_codes found = {.count = 0};
    size_t sections = f->sections.size / SECTION_HEADER;
    if (again != NULL)
        *again = false;
    if (f->is_elf && f->fault == NULL && f->sections.have < f->sections.size)
        set_fault(f, "it ends before its section headers");
    bool missed = sections > 0 && f->names.have < f->names.size;
    if (f->fault == NULL && missed && !f->again && again != NULL) {
        f->names.have = 0;
        f->position = 0;
        *again = f->again = true;
        return 0;
    }
    if (f->fault == NULL && missed)
        set_fault(f, "its section names are not in it");
    for (size_t i = 0; i < sections && f->fault == NULL; i++) {
        const unsigned char *section = f->sections.bytes + i * SECTION_HEADER;
        if (sw_le32(section + 4) == SECTION_PROGBITS && is_named(f, section, ".nv_fatbin"))
            set_fault(f, count_section(&found, f, section));
    }
    if (f->fault != NULL)
        return sw_fail(error, SW_EINPUT, "not a sound library: %s", f->fault);
    *codes = found;
    return 0;
}

void sw_gpu_code_write(struct sw_buffer *out, const struct sw_gpu_code *code)
{
    sw_buffer_addf(out, "%s_%u", code->ptx ? "compute" : "sm", code->architecture);
    if (code->variant != 0)
        sw_buffer_add_char(out, code->variant);
}
