#include "wheel/library_internal.h"

#include "base/limits.h"
#include "base/little.h"

enum {
    BIND_LOCAL = 0,
    BIND_GLOBAL = 1,
    BIND_WEAK = 2,
    BIND_UNIQUE = 10,
    TYPE_SECTION = 3,
    TYPE_FILE = 4,
    TYPE_IFUNC = 10,
};

struct sw_str sw_library_text(struct sw_str strings, uint64_t offset)
{
    if (offset >= strings.n)
        return (struct sw_str){NULL, 0};
    const char *start = strings.p + offset;
    const char *end = memchr(start, '\0', strings.n - (size_t)offset);
    if (end == NULL)
        return (struct sw_str){NULL, 0};
    for (const char *p = start; p < end; p++) {
        if (*p <= ' ' || *p == 127)
            return (struct sw_str){NULL, 0};
    }
    return (struct sw_str){start, (size_t)(end - start)};
}

bool sw_library_is_symbol(const char *entry)
{
    unsigned info = (unsigned char)entry[4], other = (unsigned char)entry[5];
    unsigned bind = info >> 4, type = info & 15, section = sw_le16(entry + 6);
    bool bound = bind == BIND_LOCAL || bind == BIND_GLOBAL || bind == BIND_WEAK || bind == BIND_UNIQUE;
    bool named = sw_le32(entry) != 0 || type == TYPE_SECTION;
    bool placed = section != 0 || sw_le64(entry + 16) < SW_GIB;
    return bound && named && placed && (type <= 6 || type == TYPE_IFUNC) && (other & 0x1C) == 0;
}

bool sw_library_is_local(const char *entry)
{
    return (unsigned char)entry[4] >> 4 == BIND_LOCAL;
}

int sw_library_add_text(struct sw_str **list, size_t *count, struct sw_arena *arena, struct sw_str text,
                        struct sw_error *error)
{
    struct sw_str *grown = sw_arena_grow(arena, *list, *count, sizeof *grown);
    const char *copy = sw_arena_copy(arena, text);
    if (grown == NULL || copy == NULL)
        return sw_fail_memory(error);
    *list = grown;
    grown[(*count)++] = (struct sw_str){copy, text.n};
    return 0;
}

static int read_symbols(struct sw_library *out, struct sw_arena *arena,
                        const struct sw_library_tables *tables, struct sw_error *error)
{
    size_t most = tables->symbols.n / SW_ELF_SYMBOL;
    out->symbols = sw_arena_array(arena, most + 1, sizeof *out->symbols);
    if (out->symbols == NULL)
        return sw_fail_memory(error);
    for (size_t i = 1; i < most; i++) {
        const char *entry = tables->symbols.p + i * SW_ELF_SYMBOL;
        unsigned bind = (unsigned char)entry[4] >> 4, type = entry[4] & 15;
        struct sw_str name = sw_library_text(tables->strings, sw_le32(entry));
        if (!sw_library_is_symbol(entry) || name.p == NULL)
            break;
        if (bind == BIND_LOCAL || type == TYPE_FILE || name.n == 0)
            continue;
        const char *copy = sw_arena_copy(arena, name);
        if (copy == NULL)
            return sw_fail_memory(error);
        out->symbols[out->symbol_count++] =
            (struct sw_library_symbol){{copy, name.n}, sw_le16(entry + 6) == 0, bind == BIND_WEAK};
    }
    return 0;
}

static int add_version(struct sw_library *out, struct sw_arena *arena, struct sw_str file, struct sw_str name,
                       struct sw_error *error)
{
    struct sw_library_version *versions =
        sw_arena_grow(arena, out->versions, out->version_count, sizeof *versions);
    const char *file_copy = sw_arena_copy(arena, file), *name_copy = sw_arena_copy(arena, name);
    if (versions == NULL || file_copy == NULL || name_copy == NULL)
        return sw_fail_memory(error);
    out->versions = versions;
    versions[out->version_count++] = (struct sw_library_version){{file_copy, file.n}, {name_copy, name.n}};
    return 0;
}

/* The bytes of a chained entry, or NULL behind the table's end. */
static const char *entry_at(struct sw_str table, uint64_t offset)
{
    return offset <= table.n && table.n - offset >= SW_ELF_VERNEED ? table.p + offset : NULL;
}

static int read_versions(struct sw_library *out, struct sw_arena *arena,
                         const struct sw_library_tables *tables, struct sw_error *error)
{
    const char *need = entry_at(tables->versions, 0);
    for (uint64_t at = 0; need != NULL && sw_le16(need) == 1; need = entry_at(tables->versions, at)) {
        struct sw_str file = sw_library_text(tables->strings, sw_le32(need + 4));
        uint64_t aux = at + sw_le32(need + 8);
        for (unsigned i = sw_le16(need + 2); i > 0; i--) {
            const char *entry = entry_at(tables->versions, aux);
            struct sw_str name = entry == NULL ? (struct sw_str){NULL, 0}
                                               : sw_library_text(tables->strings, sw_le32(entry + 8));
            if (name.p == NULL || file.p == NULL || out->version_count == SW_MAX_ELF_VERSIONS)
                return 0;
            int code = add_version(out, arena, file, name, error);
            if (code != 0)
                return code;
            aux += sw_le32(entry + 12);
        }
        if (sw_le32(need + 12) == 0)
            break;
        at += sw_le32(need + 12);
    }
    return 0;
}

int sw_library_read_tables(struct sw_library *out, struct sw_arena *arena,
                           const struct sw_library_tables *tables, struct sw_error *error)
{
    int code = read_symbols(out, arena, tables, error);
    return code == 0 ? read_versions(out, arena, tables, error) : code;
}
