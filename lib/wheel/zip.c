#include "wheel/zip.h"

#include "base/limits.h"
#include "base/little.h"
#include "base/text.h"

/* The sizes of the records' fixed parts, and the places of their fields (APPNOTE 4.3.7 to 4.3.16). */
enum {
    END_SIZE = 22,
    LONGEST_COMMENT = 0xFFFF,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    EXTRA_ZIP64 = 1,
};
#define END_SIGNATURE 0x06054B50U
#define LOCATOR_SIGNATURE 0x07064B50U
#define END64_SIGNATURE 0x06064B50U
#define ENTRY_SIGNATURE 0x02014B50U

/* The facts in the end records. */
struct end {
    uint64_t count, size, offset; /* of the directory */
    /* The start of the first end record; the directory has to end there. */
    uint64_t start;
};

static int broken(const struct sw_reader *reader, struct sw_error *error, const char *what)
{
    (void)sw_fail(error, SW_EINPUT, "'%s' is not a sound zip file: %s", reader->name, what);
    return sw_error_hint(error, "it was damaged or made to mislead; fetch it again, from its publisher");
}

/* Fail as broken() does, for a member. */
static int broken_member(const struct sw_reader *reader, const struct sw_zip_member *member,
                         struct sw_error *error, const char *what)
{
    char brief[SW_TEXT_BRIEF];
    sw_text_brief(brief, member->name);
    return sw_fail(error, SW_EINPUT, "'%s' is not a sound zip file: member '%s' %s", reader->name, brief,
                   what);
}

/* A value of the old record: either it is the new record's, or it says that it did not fit. */
static bool agrees(uint64_t old, uint64_t none, uint64_t value)
{
    return old == none || old == value;
}

/* The zip64 records in front of the end record, whose bytes are `record` and stand at `at`, if there are any. */
static int read_end64(struct end *end, const struct sw_reader *reader, const unsigned char *record,
                      uint64_t at, struct sw_error *error)
{
    unsigned char locator[LOCATOR_SIZE], wide[END64_SIZE];
    if (at < LOCATOR_SIZE + END64_SIZE)
        return 0;
    int code = sw_reader_read(reader, locator, at - LOCATOR_SIZE, sizeof locator, error);
    if (code != 0 || sw_le32(locator) != LOCATOR_SIGNATURE)
        return code;
    uint64_t start = sw_le64(locator + 8);
    if (sw_le32(locator + 4) != 0 || sw_le32(locator + 16) > 1 || start > at - LOCATOR_SIZE - END64_SIZE)
        return broken(reader, error, "its zip64 end record is not where it should be");
    code = sw_reader_read(reader, wide, start, sizeof wide, error);
    if (code != 0)
        return code;
    if (sw_le32(wide) != END64_SIGNATURE || sw_le64(wide + 4) != at - LOCATOR_SIZE - start - 12 ||
        sw_le32(wide + 16) != 0 || sw_le32(wide + 20) != 0 || sw_le64(wide + 24) != sw_le64(wide + 32))
        return broken(reader, error, "its zip64 end record is wrong");
    *end = (struct end){sw_le64(wide + 32), sw_le64(wide + 40), sw_le64(wide + 48), start};
    if (!agrees(sw_le16(record + 8), UINT16_MAX, end->count) ||
        !agrees(sw_le16(record + 10), UINT16_MAX, end->count) ||
        !agrees(sw_le32(record + 12), UINT32_MAX, end->size) ||
        !agrees(sw_le32(record + 16), UINT32_MAX, end->offset))
        return broken(reader, error, "its two end records disagree");
    return 0;
}

/* Find the end record: the last one whose comment ends with the file. */
static int read_end(struct end *end, const struct sw_reader *reader, struct sw_error *error)
{
    unsigned char *tail = NULL;
    size_t n = reader->size < END_SIZE + LONGEST_COMMENT ? (size_t)reader->size : END_SIZE + LONGEST_COMMENT;
    if (n < END_SIZE)
        return broken(reader, error, "it is too short");
    tail = malloc(n);
    if (tail == NULL)
        return sw_fail_memory(error);
    int code = sw_reader_read(reader, tail, reader->size - n, n, error);
    size_t at = n - END_SIZE + 1;
    while (code == 0 && at > 0) {
        const unsigned char *p = tail + --at;
        if (sw_le32(p) == END_SIGNATURE && sw_le16(p + 20) == n - at - END_SIZE)
            break;
        if (at == 0)
            code = broken(reader, error, "it has no end record, so it was cut off or is something else");
    }
    const unsigned char *record = tail + at;
    if (code == 0) {
        uint64_t start = reader->size - n + at;
        *end = (struct end){sw_le16(record + 10), sw_le32(record + 12), sw_le32(record + 16), start};
        code = sw_le16(record + 4) != 0 || sw_le16(record + 6) != 0 ||
                       sw_le16(record + 8) != sw_le16(record + 10)
                   ? broken(reader, error, "it is part of a set of files")
                   : read_end64(end, reader, record, start, error);
    }
    free(tail);
    return code;
}

/* Read from a zip64 extra field the values that do not fit elsewhere (APPNOTE 4.5.3). */
static bool read_extra(struct sw_zip_member *member, const unsigned char *extra, size_t n)
{
    bool wanted =
        member->size == UINT32_MAX || member->compressed == UINT32_MAX || member->offset == UINT32_MAX;
    while (n >= 4) {
        size_t size = sw_le16(extra + 2);
        if (size > n - 4)
            return false;
        const unsigned char *p = extra + 4, *stop = p + size;
        extra = stop;
        n -= 4 + size;
        if (sw_le16(p - 4) != EXTRA_ZIP64 || !wanted)
            continue;
        uint64_t *const fields[] = {&member->size, &member->compressed, &member->offset};
        for (size_t i = 0; i < SW_COUNT(fields); i++) {
            if (*fields[i] != UINT32_MAX)
                continue;
            if (stop - p < 8)
                return false;
            *fields[i] = sw_le64(p);
            p += 8;
        }
        /* A second field would contradict the first, or repeat it. */
        wanted = false;
    }
    return n == 0 && !wanted;
}

/* Read an entry of the directory from the start of `rest`, and cut it off. */
static int read_entry(struct sw_zip_member *member, struct sw_arena *arena, const struct sw_reader *reader,
                      struct sw_str *rest, struct sw_error *error)
{
    const unsigned char *p = (const unsigned char *)rest->p;
    if (rest->n < ENTRY_SIZE || sw_le32(p) != ENTRY_SIGNATURE)
        return broken(reader, error, "its directory ends before the last entry, or has something else in it");
    size_t name = sw_le16(p + 28), extra = sw_le16(p + 30), comment = sw_le16(p + 32);
    if (rest->n - ENTRY_SIZE < name + extra + comment)
        return broken(reader, error, "its directory ends within an entry");
    *member = (struct sw_zip_member){.name = {rest->p + ENTRY_SIZE, name},
                                     .size = sw_le32(p + 24),
                                     .compressed = sw_le32(p + 20),
                                     .offset = sw_le32(p + 42),
                                     .crc = sw_le32(p + 16),
                                     .method = sw_le16(p + 10),
                                     .flags = sw_le16(p + 8)};
    if (name == 0 || memchr(member->name.p, '\0', name) != NULL || !sw_utf8_valid(member->name))
        return broken(reader, error, "its directory has a name that is empty or not UTF-8");
    if (!read_extra(member, p + ENTRY_SIZE + name, extra) || sw_le16(p + 34) != 0)
        return broken(reader, error, "its directory has an entry with extra fields that are wrong");
    const char *copy = sw_arena_copy(arena, member->name);
    if (copy == NULL)
        return sw_fail_memory(error);
    member->name.p = copy;
    *rest = sw_str_drop(*rest, ENTRY_SIZE + name + extra + comment);
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct sw_zip_member *one = a, *other = b;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

static int by_name(const void *a, const void *b)
{
    const struct sw_zip_member *one = a, *other = b;
    return sw_str_compare(one->name, other->name);
}

/* Sort by offset, give each member its limit, and refuse those that reach past it. */
static int check_places(struct sw_zip_member *members, size_t count, const struct end *end,
                        const struct sw_reader *reader, struct sw_error *error)
{
    qsort(members, count, sizeof *members, by_offset);
    for (size_t i = 0; i < count; i++) {
        struct sw_zip_member *member = &members[i];
        member->limit = i + 1 < count ? members[i + 1].offset : end->offset;
        uint64_t header = LOCAL_SIZE + member->name.n;
        if (member->limit < member->offset || member->limit - member->offset < header ||
            member->limit - member->offset - header < member->compressed)
            return broken_member(reader, member, error, "overlaps what stands behind it");
    }
    if (count > 0 && members[0].offset != 0)
        return broken(reader, error, "something stands in front of its first member");
    return 0;
}

static int read_members(struct sw_zip_member *members, struct sw_arena *arena, const struct end *end,
                        const struct sw_reader *reader, struct sw_str directory, struct sw_error *error)
{
    int code = 0;
    size_t count = (size_t)end->count;
    for (size_t i = 0; i < count && code == 0; i++)
        code = read_entry(&members[i], arena, reader, &directory, error);
    if (code == 0 && directory.n > 0)
        code = broken(reader, error, "its directory has more in it than its end record says");
    if (code == 0)
        code = check_places(members, count, end, reader, error);
    if (code != 0)
        return code;
    qsort(members, count, sizeof *members, by_name);
    for (size_t i = 1; i < count; i++) {
        if (sw_str_equal(members[i - 1].name, members[i].name))
            return broken_member(reader, &members[i], error, "is there twice");
    }
    return 0;
}

int sw_zip_open(struct sw_zip *out, struct sw_arena *arena, const struct sw_reader *reader,
                struct sw_error *error)
{
    struct end end = {0};
    int code = read_end(&end, reader, error);
    if (code != 0)
        return code;
    if (end.count > SW_MAX_ZIP_MEMBERS || end.size > SW_MAX_ZIP_DIRECTORY)
        return sw_fail(error, SW_EINPUT,
                       "'%s' has a directory of %llu members and %llu bytes, which is absurd", reader->name,
                       (unsigned long long)end.count, (unsigned long long)end.size);
    if (end.offset > end.start || end.start - end.offset != end.size || end.size / ENTRY_SIZE < end.count)
        return broken(reader, error, "its directory is not where its end record says");
    const struct sw_range range = {end.offset, end.size};
    code = sw_reader_expect(reader, &range, 1, error);
    if (code != 0)
        return code;
    struct sw_zip_member *members = sw_arena_array(arena, (size_t)end.count + 1, sizeof *members);
    char *bytes = malloc((size_t)end.size + 1);
    code = members == NULL || bytes == NULL
               ? sw_fail_memory(error)
               : sw_reader_read(reader, bytes, end.offset, (size_t)end.size, error);
    if (code == 0)
        code = read_members(members, arena, &end, reader, (struct sw_str){bytes, (size_t)end.size}, error);
    free(bytes);
    if (code == 0)
        *out = (struct sw_zip){reader, members, (size_t)end.count};
    return code;
}

const struct sw_zip_member *sw_zip_find(const struct sw_zip *zip, struct sw_str name)
{
    const struct sw_zip_member key = {.name = name};
    return zip->count == 0 ? NULL : bsearch(&key, zip->members, zip->count, sizeof key, by_name);
}
