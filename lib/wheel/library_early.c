/* The tables of a library, found at its start without its dynamic section.
 *
 * Linkers put .dynsym in front of the code, and .dynstr and .gnu.version_r behind it in most orders. A symbol table is a
 * row of entries that begins with 24 zero bytes; the string table is the place for which all names of the symbols are
 * texts, and most begin right behind the end of another text. The versions are known by their hash sums; without them nothing is
 * certain, and the library is read as a whole. Texts that no
 * symbol and no version uses are those of the dynamic section: the needed libraries, the library's own name, and its
 * directories. */
#include "wheel/library_internal.h"

#include "base/limits.h"
#include "base/little.h"

enum {
    LEAST_SYMBOLS = 3, /* fewer are no evidence */
    FIRST_SYMBOLS = 8, /* looked at before all are */
};

static bool is_zero(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* The number of entries of a symbol table at `at`; 0 if there is none. Local symbols stand in front of all others: an entry behind
 * the table, as the versions that lld puts there, often looks like a local symbol. */
static size_t count_symbols(struct sw_str head, size_t at)
{
    size_t count = 1;
    bool others = false;
    if (head.n - at < SW_ELF_SYMBOL || !is_zero(head.p + at, SW_ELF_SYMBOL))
        return 0;
    while (head.n - at >= (count + 1) * SW_ELF_SYMBOL) {
        const char *entry = head.p + at + count * SW_ELF_SYMBOL;
        if (!sw_library_is_symbol(entry) || (others && sw_library_is_local(entry)))
            break;
        others = !sw_library_is_local(entry);
        count++;
    }
    return count > LEAST_SYMBOLS ? count : 0;
}

/* Return true if the first `count` symbols have names in the strings, of which most begin behind a NUL. */
static bool names_fit(struct sw_str symbols, struct sw_str strings, size_t count)
{
    size_t aligned = 0, named = 0;
    for (size_t i = 1; i < count; i++) {
        uint32_t offset = sw_le32(symbols.p + i * SW_ELF_SYMBOL);
        struct sw_str name = sw_library_text(strings, offset);
        if (name.p == NULL)
            return false;
        if (offset == 0)
            continue;
        named++;
        aligned += name.n > 0 && strings.p[offset - 1] == '\0';
    }
    return named > 0 && aligned * 4 >= named * 3;
}

/* Find the strings of a symbol table at or behind `from`. */
static bool find_strings(struct sw_str *strings, struct sw_str head, size_t from, struct sw_str symbols)
{
    size_t count = symbols.n / SW_ELF_SYMBOL, first = count < FIRST_SYMBOLS ? count : FIRST_SYMBOLS;
    for (size_t at = from; at + 1 < head.n; at++) {
        if (head.p[at] != '\0' || head.p[at + 1] == '\0')
            continue;
        const struct sw_str rest = sw_str_drop(head, at);
        if (names_fit(symbols, rest, first) && names_fit(symbols, rest, count)) {
            *strings = rest;
            return true;
        }
    }
    return false;
}

/* The end of the texts that stand one behind another. */
static size_t end_of_texts(struct sw_str strings)
{
    size_t at = 1;
    for (;;) {
        struct sw_str text = sw_library_text(strings, at);
        if (text.p == NULL || text.n == 0)
            return at;
        at += text.n + 1;
    }
}

/* The System V ABI's hash of a symbol's name. */
static uint32_t hash_of(struct sw_str name)
{
    uint32_t h = 0;
    for (size_t i = 0; i < name.n; i++) {
        h = (h << 4) + (unsigned char)name.p[i];
        h = (h ^ ((h & 0xF0000000U) >> 24)) & 0x0FFFFFFFU;
    }
    return h;
}

/* Return true for an entry of a needed library, whose first version stands right behind it (GNU ld) or behind all such entries (lld). */
static bool is_version(struct sw_str bytes, struct sw_str strings)
{
    if (bytes.n < SW_ELF_VERNEED || sw_le16(bytes.p) != 1 || sw_le16(bytes.p + 2) == 0)
        return false;
    size_t first = sw_le32(bytes.p + 8);
    if (first < SW_ELF_VERNEED || first > bytes.n - SW_ELF_VERNEED)
        return false;
    struct sw_str name = sw_library_text(strings, sw_le32(bytes.p + first + 8));
    struct sw_str file = sw_library_text(strings, sw_le32(bytes.p + 4));
    return name.n > 0 && file.n > 0 && hash_of(name) == sw_le32(bytes.p + first);
}

/* Return true if a chain of versions ends within the bytes. */
static bool is_chain(struct sw_str bytes, struct sw_str strings)
{
    for (uint64_t at = 0; at <= bytes.n && is_version(sw_str_drop(bytes, (size_t)at), strings);) {
        uint32_t next = sw_le32(bytes.p + at + 12), first = sw_le32(bytes.p + at + 8);
        if (next == 0)
            return (uint64_t)sw_le16(bytes.p + at + 2) * SW_ELF_VERNEED + first <= bytes.n - at;
        at += next;
    }
    return false;
}

/* The place of the versions, at or behind `from`; head.n if there are none. */
static size_t find_versions(struct sw_str head, size_t from, struct sw_str strings)
{
    for (size_t at = (from + 3) / 4 * 4; at < head.n; at += 4) {
        if (is_chain(sw_str_drop(head, at), strings))
            return at;
    }
    return head.n;
}

bool sw_library_find_early(struct sw_library_tables *tables, struct sw_str head, size_t from)
{
    size_t tried = 0;
    for (size_t at = (from + 7) / 8 * 8; at < head.n && tried < SW_MAX_ELF_TRIED; at += 8) {
        size_t count = count_symbols(head, at);
        tried += count > 0;
        size_t end = at + count * SW_ELF_SYMBOL;
        struct sw_str symbols = {head.p + at, count * SW_ELF_SYMBOL}, strings;
        /* The strings may not be there yet, or stand elsewhere. */
        if (count == 0 || !find_strings(&strings, head, end, symbols))
            continue;
        strings.n = end_of_texts(strings);
        size_t strings_end = (size_t)(strings.p - head.p) + strings.n;
        /* The versions stand behind an entry of two bytes for each symbol, or in front of the strings. */
        size_t versions = find_versions(head, end, strings);
        /* Data may look like symbols; or the versions are not there yet. */
        if (versions == head.n)
            continue;
        if (head.n < strings_end + 2 * count + 64)
            return false;
        *tables = (struct sw_library_tables){strings, symbols, sw_str_drop(head, versions)};
        return true;
    }
    return false;
}

/* ---- texts that no symbol uses ---- */

/* Mark the text in which a name begins, by its first byte. */
static void mark(char *used, struct sw_str strings, uint64_t offset)
{
    if (offset >= strings.n)
        return;
    size_t at = (size_t)offset;
    while (at > 0 && strings.p[at - 1] != '\0')
        at--;
    used[at] = 1;
}

static void mark_names(char *used, const struct sw_library_tables *tables)
{
    for (size_t i = SW_ELF_SYMBOL; i + SW_ELF_SYMBOL <= tables->symbols.n; i += SW_ELF_SYMBOL)
        mark(used, tables->strings, sw_le32(tables->symbols.p + i));
}

/* The part of a name in front of ".so". */
static struct sw_str stem_of(struct sw_str name)
{
    return (struct sw_str){name.p, sw_str_find(name, SW_STR(".so"))};
}

/* Return how surely a text is the library's own name: 2 if both are alike up to ".so", 1 if one begins with the other as
 * a word, as "libsndfile.so.1" and the file libsndfile_x86_64.so. */
static int rank_own(struct sw_str text, struct sw_str name)
{
    enum { SHORTEST = 6 };
    struct sw_str own = stem_of(text), file = stem_of(name);
    size_t n = own.n < file.n ? own.n : file.n;
    if (own.n == text.n || n < SHORTEST || memcmp(own.p, file.p, n) != 0)
        return 0;
    if (own.n == file.n)
        return 2;
    char next = own.n < file.n ? file.p[n] : own.p[n];
    return next == '_' || next == '-' || next == '.';
}

static bool is_listed(const struct sw_str *list, size_t count, struct sw_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_equal(list[i], text))
            return true;
    }
    return false;
}

/* The texts that no symbol uses, one after another: `*at` goes from text to text. False at the end. */
static bool next_unused(struct sw_str *text, size_t *at, const char *used, struct sw_str strings)
{
    while (*at < strings.n) {
        size_t start = *at;
        *text = sw_library_text(strings, start);
        if (text->p == NULL || text->n == 0)
            return false;
        *at += text->n + 1;
        if (!used[start])
            return true;
    }
    return false;
}

/* Find the library's own name: of the texts that no needed version belongs to, that most like the file's name. */
static int find_soname(struct sw_library *out, struct sw_arena *arena, const char *used,
                       struct sw_str strings, struct sw_str name, struct sw_error *error)
{
    struct sw_str text, best = {NULL, 0};
    int rank = 0;
    for (size_t at = 1; next_unused(&text, &at, used, strings);) {
        int own = is_listed(out->needed, out->needed_count, text) ? 0 : rank_own(text, name);
        best = own > rank ? text : best;
        rank = own > rank ? own : rank;
    }
    if (rank == 0)
        return 0;
    const char *copy = sw_arena_copy(arena, best);
    out->soname = (struct sw_str){copy, best.n};
    return copy == NULL ? sw_fail_memory(error) : 0;
}

static int take_text(struct sw_library *out, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error)
{
    bool folder = memchr(text.p, '/', text.n) != NULL || text.p[0] == '$';
    if (sw_str_equal(text, out->soname) || is_listed(out->needed, out->needed_count, text))
        return 0;
    if (folder) {
        const char *copy = sw_arena_copy(arena, text);
        out->rpath = (struct sw_str){copy, text.n};
        return copy == NULL ? sw_fail_memory(error) : 0;
    }
    bool library = stem_of(text).n < text.n;
    return library ? sw_library_add_text(&out->needed, &out->needed_count, arena, text, error) : 0;
}

/* A library whose versions are needed is needed itself. */
static int add_versioned(struct sw_library *out, struct sw_arena *arena, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < out->version_count && code == 0; i++) {
        if (!is_listed(out->needed, out->needed_count, out->versions[i].file))
            code = sw_library_add_text(&out->needed, &out->needed_count, arena, out->versions[i].file, error);
    }
    return code;
}

int sw_library_read_early(struct sw_library *out, struct sw_arena *arena,
                          const struct sw_library_tables *tables, struct sw_str name, struct sw_error *error)
{
    const struct sw_str strings = tables->strings;
    char *used = calloc(strings.n + 1, 1);
    if (used == NULL)
        return sw_fail_memory(error);
    mark_names(used, tables);
    int code = sw_library_read_tables(out, arena, tables, error);
    if (code == 0)
        code = add_versioned(out, arena, error);
    if (code == 0)
        code = find_soname(out, arena, used, strings, name, error);
    struct sw_str text;
    for (size_t at = 1; code == 0 && next_unused(&text, &at, used, strings);)
        code = take_text(out, arena, text, error);
    free(used);
    return code;
}
