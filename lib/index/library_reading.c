#include "index/libraries_internal.h"

#include "base/limits.h"
#include "wheel/library.h"
#include "wheel/wheel.h"

enum {
    LEVELS = 4,
    /* Packed bytes of a member; the zip reader reads 64 KB at once. */
    PACKED_FIRST = 64 * 1024,
    PACKED_SECOND = 512 * 1024,
    PACKED_THIRD = 2 * 1024 * 1024,
    /* A member's local header without its name is no longer. */
    HEADER_ROOM = 512,
};

void sw_wheel_reading_init(struct sw_wheel_reading *reading)
{
    *reading = (struct sw_wheel_reading){.count = 0};
    sw_arena_init(&reading->arena, SW_MAX_SCAN_MEMORY);
    sw_buffer_init(&reading->text, SW_MAX_STORE_ENTRY);
}

void sw_wheel_reading_release(struct sw_wheel_reading *reading)
{
    sw_arena_release(&reading->arena);
    sw_buffer_release(&reading->text);
}

/* ---- symbols ---- */

/* The name of a C++ symbol from its first namespace on; {NULL, 0} if it has none. */
static struct sw_str drop_prefix(struct sw_str name)
{
    static const char *const special[] = {"TV", "TI", "TS", "TT", "GV"};
    struct sw_str rest = sw_str_drop(name, 2);
    for (size_t i = 0; i < SW_COUNT(special); i++) {
        if (sw_str_starts(rest, special[i])) {
            rest = sw_str_drop(rest, 2);
            break;
        }
    }
    if (!sw_str_starts(rest, "N"))
        return (struct sw_str){NULL, 0};
    rest = sw_str_drop(rest, 1);
    while (rest.n > 0 && strchr("rVKRO", rest.p[0]) != NULL)
        rest = sw_str_drop(rest, 1);
    return rest;
}

static bool is_of_torch(struct sw_str name)
{
    static const char *const spaces[] = {"2at", "3c10", "5torch", "6caffe2"};
    if (!sw_str_starts(name, "_Z"))
        return sw_str_starts(name, "aoti_torch_") || sw_str_starts(name, "torch_");
    struct sw_str rest = drop_prefix(name);
    for (size_t i = 0; i < SW_COUNT(spaces) && rest.n > 0; i++) {
        if (sw_str_starts(rest, spaces[i]))
            return true;
    }
    return false;
}

static int add_symbol(struct sw_str **list, size_t *count, struct sw_arena *arena, struct sw_str name,
                      struct sw_error *error)
{
    struct sw_str *grown = sw_arena_grow(arena, *list, *count, sizeof *grown);
    const char *copy = sw_arena_copy(arena, name);
    if (grown == NULL || copy == NULL)
        return sw_fail_memory(error);
    *list = grown;
    grown[(*count)++] = (struct sw_str){copy, name.n};
    return 0;
}

static int keep_symbols(struct sw_member_reading *member, struct sw_arena *arena,
                        const struct sw_library *library, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < library->symbol_count && code == 0; i++) {
        const struct sw_library_symbol *symbol = &library->symbols[i];
        if (!is_of_torch(symbol->name) || (symbol->undefined && symbol->weak))
            continue;
        code = symbol->undefined
                   ? add_symbol(&member->undefined, &member->undefined_count, arena, symbol->name, error)
                   : add_symbol(&member->exported, &member->exported_count, arena, symbol->name, error);
    }
    return code;
}

/* ---- lines ---- */

static void add_line(struct sw_buffer *out, char letter, struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ')
            return; /* it would break the lines */
    }
    sw_buffer_addf(out, "%c\t%.*s\n", letter, SW_STR_FORMAT(text));
}

static int keep_library(struct sw_member_reading *member, struct sw_arena *arena, struct sw_str name,
                        const struct sw_library *library, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    member->done = true;
    if (!library->is_library)
        return 0;
    add_line(&text, 'L', name);
    if (library->soname.n > 0)
        add_line(&text, 'S', library->soname);
    if (library->rpath.n > 0)
        add_line(&text, 'R', library->rpath);
    for (size_t i = 0; i < library->needed_count; i++)
        add_line(&text, 'N', library->needed[i]);
    for (size_t i = 0; i < library->opened_count; i++)
        add_line(&text, 'O', library->opened[i]);
    for (size_t i = 0; i < library->version_count; i++)
        add_line(&text, 'V', library->versions[i].name);
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&text));
    int code = sw_buffer_check(&text, "the tables of a library", error);
    if (code == 0 && copy == NULL)
        code = sw_fail_memory(error);
    member->text = (struct sw_str){copy, text.n};
    return code == 0 ? keep_symbols(member, arena, library, error) : code;
}

/* Keep the name of a library alone. */
static int keep_name(struct sw_member_reading *member, struct sw_arena *arena, struct sw_str name,
                     struct sw_error *error)
{
    const struct sw_library nothing = {.is_library = true};
    return keep_library(member, arena, name, &nothing, error);
}

static int keep_unread(struct sw_member_reading *member, struct sw_arena *arena, struct sw_str name,
                       struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_PATH_SIZE * 2);
    add_line(&text, 'L', name);
    sw_buffer_add_text(&text, text.n == 0 ? "" : "X\t\n");
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&text));
    member->done = true;
    member->text = (struct sw_str){copy, text.n};
    return copy == NULL ? sw_fail_memory(error) : 0;
}

/* Copy letters and digits into `out`, in lower case and up to an `end`: names that differ in case and separators are then the same. */
static void add_plain(struct sw_buffer *out, struct sw_str name, char end)
{
    for (size_t i = 0; i < name.n && name.p[i] != end; i++) {
        char c = name.p[i];
        if (sw_is_alnum(c))
            sw_buffer_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

/* Return true if a library bears the name of the wheel's project: its build made the library, wherever auditwheel put it. */
static bool bears_project(struct sw_str member, const char *wheel)
{
    SW_BUFFER_AUTO project;
    SW_BUFFER_AUTO library;
    sw_buffer_init(&project, SW_MAX_PATH_SIZE);
    sw_buffer_init(&library, SW_MAX_PATH_SIZE);
    const char *slash = memrchr(member.p, '/', member.n);
    add_plain(&project, sw_str_from(wheel), '-');
    add_plain(&library, slash == NULL ? member : sw_str_drop(member, (size_t)(slash - member.p) + 1), '\0');
    return project.n > 0 && sw_str_find(sw_buffer_str(&library), sw_buffer_str(&project)) < library.n;
}

/* ---- one library ---- */

/* A reader that ends early: bytes from `end` on are not at hand. */
struct limited {
    const struct sw_reader *base;
    uint64_t end;
    bool ended;
};

static int read_limited(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    struct limited *limited = self;
    if (offset + n <= limited->end)
        return sw_reader_read(limited->base, out, offset, n, error);
    limited->ended = true;
    return sw_fail(error, SW_EENV, "not at hand yet");
}

static int feed(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    return sw_library_reader_add(self, bytes) ? SW_ZIP_ENOUGH : 0;
}

/* The bytes of the wheel that are read of a member at a level. */
static struct sw_range range_at(const struct sw_zip_member *member, unsigned level)
{
    static const uint64_t packed[] = {PACKED_FIRST, PACKED_SECOND, PACKED_THIRD, 0};
    _Static_assert(SW_COUNT(packed) == LEVELS, "the last level is all");
    struct sw_range range = sw_zip_range(member);
    uint64_t wanted = packed[level] + HEADER_ROOM + member->name.n;
    if (level + 1 < LEVELS && wanted < range.size)
        range.size = wanted;
    return range;
}

static bool is_whole(const struct sw_zip_member *member, unsigned level)
{
    return range_at(member, level).size == sw_zip_range(member).size;
}

/* Read a library from the bytes of its level. `*more`: they do not reach. */
static int read_library(struct sw_library *out, bool *more, struct sw_arena *arena, const struct sw_zip *zip,
                        const struct sw_zip_member *member, unsigned level, struct sw_error *error)
{
    const struct sw_range range = range_at(member, level);
    struct limited limited = {zip->reader, range.offset + range.size, false};
    const struct sw_reader reader = {read_limited, NULL, &limited, zip->reader->size, zip->reader->name};
    struct sw_zip part = *zip;
    part.reader = &reader;
    const char *slash = memrchr(member->name.p, '/', member->name.n);
    struct sw_str base =
        slash == NULL ? member->name : sw_str_drop(member->name, (size_t)(slash - member->name.p) + 1);
    struct sw_library_reader *library = sw_library_reader_new(base, !is_whole(member, level));
    bool again = true;
    int code = library == NULL ? sw_fail_memory(error) : 0;
    while (code == 0 && again) {
        code = sw_zip_stream(&part, member, feed, library, error);
        if (code == 0)
            code = sw_library_reader_finish(out, library, arena, &again, error);
    }
    sw_library_reader_free(library);
    *more = limited.ended;
    return code;
}

/* ---- the wheel ---- */

static int by_number(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* Return true for a library that auditwheel put beside the wheel's own: the wheel has all that it needs. Those of CUDA open others by
 * name. */
static bool is_grafted(struct sw_str name)
{
    size_t at = sw_str_find(name, SW_STR(".libs/lib"));
    return at < name.n && !sw_str_starts(sw_str_drop(name, at + strlen(".libs/lib")), "cu") &&
           !sw_str_starts(sw_str_drop(name, at + strlen(".libs/lib")), "nv");
}

/* Return true if two members have the same bytes: wheels have no links, and so a library under each of its names. */
static bool is_same(const struct sw_zip_member *a, const struct sw_zip_member *b)
{
    return a->crc == b->crc && a->size == b->size && a->compressed == b->compressed &&
           is_grafted(a->name) == is_grafted(b->name);
}

/* Mark each library that has the bytes of an earlier library of the wheel. `keys` has room for two numbers a library. */
static void find_copies(struct sw_wheel_reading *reading, const struct sw_zip *zip, uint64_t *keys)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct sw_zip_member *member = &zip->members[reading->places[i]];
        keys[2 * i] = (uint64_t)member->crc << 32 | (uint32_t)member->size;
        keys[2 * i + 1] = i;
    }
    qsort(keys, reading->count, 2 * sizeof *keys, by_number);
    for (size_t i = 1, first = 0; i < reading->count; i++) {
        first = keys[2 * i] == keys[2 * first] ? first : i;
        struct sw_member_reading *copy = &reading->members[keys[2 * i + 1]];
        size_t original = (size_t)keys[2 * first + 1];
        if (first == i || !is_same(&zip->members[reading->places[keys[2 * i + 1]]],
                                   &zip->members[reading->places[original]]))
            continue;
        copy->original = &reading->members[original];
        copy->done = true;
    }
}

/* List the libraries, by their places in the file. */
static int list_libraries(struct sw_wheel_reading *reading, const struct sw_zip *zip, struct sw_error *error)
{
    struct sw_arena *arena = &reading->arena;
    uint64_t *keys = sw_arena_array(arena, zip->count * 2 + 2, sizeof *keys);
    size_t count = 0;
    if (keys == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < zip->count; i++) {
        if (!sw_wheel_is_library(&zip->members[i]) || zip->members[i].size == 0)
            continue;
        keys[2 * count] = zip->members[i].offset;
        keys[2 * count++ + 1] = i;
    }
    qsort(keys, count, 2 * sizeof *keys, by_number);
    reading->members = sw_arena_array(arena, count + 1, sizeof *reading->members);
    reading->places = sw_arena_array(arena, count + 1, sizeof *reading->places);
    if (reading->members == NULL || reading->places == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        reading->places[i] = (size_t)keys[2 * i + 1];
    reading->count = count;
    find_copies(reading, zip, keys);
    return 0;
}

/* Announce all that is to be read in this round. */
static int announce(struct sw_wheel_reading *reading, const struct sw_zip *zip, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    struct sw_range *ranges = sw_arena_array(&arena, reading->count + 1, sizeof *ranges);
    size_t count = 0;
    if (ranges == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < reading->count; i++) {
        if (!reading->members[i].done)
            ranges[count++] = range_at(&zip->members[reading->places[i]], reading->members[i].level);
    }
    return sw_reader_expect(zip->reader, ranges, count, error);
}

/* Go on to more of a member, if it is worth that and there is room for it. */
static int raise_level(struct sw_wheel_reading *reading, struct sw_member_reading *reached,
                       const struct sw_zip *zip, const struct sw_zip_member *member, struct sw_error *error)
{
    if (is_grafted(member->name) && !bears_project(member->name, zip->reader->name))
        return keep_name(reached, &reading->arena, member->name, error);
    uint64_t before = range_at(member, reached->level).size;
    reached->level++;
    uint64_t added = range_at(member, reached->level).size - before;
    if (reading->bytes + added > SW_MAX_LIBRARY_BYTES)
        return keep_unread(reached, &reading->arena, member->name, error);
    reading->bytes += added;
    return 0;
}

static int read_member(struct sw_wheel_reading *reading, const struct sw_zip *zip, size_t i,
                       struct sw_error *error)
{
    struct sw_member_reading *reached = &reading->members[i];
    const struct sw_zip_member *member = &zip->members[reading->places[i]];
    struct sw_library library = {.is_library = false};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    bool more = false;
    int code = read_library(&library, &more, &arena, zip, member, reached->level, error);
    if (more)
        return raise_level(reading, reached, zip, member, error);
    if (code == SW_EINPUT)
        return keep_unread(reached, &reading->arena, member->name, error);
    return code != 0 ? code : keep_library(reached, &reading->arena, member->name, &library, error);
}

static int by_text(const void *a, const void *b)
{
    return sw_str_compare(*(const struct sw_str *)a, *(const struct sw_str *)b);
}

/* All that the libraries export of torch's names, sorted. */
static int sort_exported(struct sw_str **out, size_t *count, struct sw_wheel_reading *reading,
                         struct sw_error *error)
{
    size_t most = 0;
    for (size_t i = 0; i < reading->count; i++)
        most += reading->members[i].exported_count;
    struct sw_str *all = sw_arena_array(&reading->arena, most + 1, sizeof *all);
    if (all == NULL)
        return sw_fail_memory(error);
    *count = 0;
    for (size_t i = 0; i < reading->count; i++) {
        for (size_t k = 0; k < reading->members[i].exported_count; k++)
            all[(*count)++] = reading->members[i].exported[k];
    }
    qsort(all, *count, sizeof *all, by_text);
    *out = all;
    return 0;
}

/* Add the lines of a library, without those of its symbols, under another name. */
static void add_copy(struct sw_buffer *out, struct sw_str name, struct sw_str text)
{
    size_t before = out->n;
    if (text.n == 0)
        return; /* no library */
    (void)sw_str_cut(&text, '\n');
    add_line(out, 'L', name);
    if (out->n > before)
        sw_buffer_add_str(out, text);
}

static int write_text(struct sw_wheel_reading *reading, const struct sw_zip *zip, struct sw_error *error)
{
    struct sw_str *exported = NULL;
    size_t count = 0;
    int code = sort_exported(&exported, &count, reading, error);
    if (code != 0)
        return code;
    sw_buffer_clear(&reading->text);
    for (size_t i = 0; i < reading->count; i++) {
        const struct sw_member_reading *member = &reading->members[i];
        if (member->original != NULL) {
            add_copy(&reading->text, zip->members[reading->places[i]].name, member->original->text);
            continue;
        }
        sw_buffer_add_str(&reading->text, member->text);
        for (size_t k = 0; k < member->undefined_count; k++) {
            if (count == 0 ||
                bsearch(&member->undefined[k], exported, count, sizeof *exported, by_text) == NULL)
                add_line(&reading->text, 'U', member->undefined[k]);
        }
    }
    return sw_buffer_check(&reading->text, "the libraries of a wheel", error);
}

int sw_wheel_reading_look(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct sw_wheel_reading *reading = self;
    struct sw_zip zip;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    int code = sw_zip_open(&zip, &arena, reader, error);
    if (code == 0 && reading->members == NULL)
        code = list_libraries(reading, &zip, error);
    for (unsigned level = 0; code == 0 && level <= LEVELS; level++) {
        code = announce(reading, &zip, error);
        for (size_t i = 0; i < reading->count && code == 0; i++) {
            if (!reading->members[i].done)
                code = read_member(reading, &zip, i, error);
        }
    }
    return code == 0 ? write_text(reading, &zip, error) : code;
}
