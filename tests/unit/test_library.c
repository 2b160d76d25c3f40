#include "unit.h"

#include "wheel/library.h"

/* A library as small as can be: header, two segments, symbols, strings, versions, a text, and the dynamic section; its
 * addresses are its offsets. */
struct image {
    char bytes[8192];
    size_t n;
};

static void put(struct image *image, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        image->bytes[image->n++] = (char)(i < sizeof value ? value >> (8 * i) : 0);
}

static void put_text(struct image *image, const char *text)
{
    memcpy(image->bytes + image->n, text, strlen(text) + 1);
    image->n += strlen(text) + 1;
}

static void align(struct image *image)
{
    image->n = (image->n + 7) / 8 * 8;
}

static void put_segment(struct image *image, unsigned type, uint64_t offset, uint64_t size)
{
    put(image, type, 4);
    put(image, 4, 4);
    put(image, offset, 8);
    put(image, offset, 8);
    put(image, offset, 8);
    put(image, size, 8);
    put(image, size, 8);
    put(image, 8, 8);
}

static const char *const strings[] = {
    "",          "_ZN2at3addE", "malloc",          "__gmon_start__", "mine",
    "libc.so.6", "GLIBC_2.28",  "libcudart.so.12", "libfirst.so",    "$ORIGIN/../lib"};

/* The offset of a text in the table of strings. */
static uint32_t string_at(size_t i)
{
    size_t at = 0;
    for (size_t k = 0; k < i; k++)
        at += strlen(strings[k]) + 1;
    return (uint32_t)at;
}

static void put_symbol(struct image *image, size_t name, unsigned bind, unsigned section)
{
    put(image, name == 0 ? 0 : string_at(name), 4);
    put(image, bind << 4 | 2, 1);
    put(image, 0, 1);
    put(image, section, 2);
    put(image, section * 0x100, 8);
    put(image, 0, 8);
}

struct places {
    size_t symbols, strings, strings_end, versions, dynamic, end;
};

/* The orders in which linkers and tools put the tables: of GNU ld and gold; of lld, whose versions stand between symbols and strings;
 * and at the end of the file, as patchelf leaves them. */
enum order { OF_GNU, OF_LLD, MOVED, ORDERS };

static void put_strings(struct image *image, struct places *at)
{
    at->strings = image->n;
    for (size_t i = 0; i < SW_COUNT(strings); i++)
        put_text(image, strings[i]);
    at->strings_end = image->n;
}

static void put_tables(struct image *image, struct places *at, enum order order)
{
    align(image);
    at->symbols = image->n;
    put(image, 0, 24);
    put_symbol(image, 1, 1, 0);
    put_symbol(image, 2, 1, 0);
    put_symbol(image, 3, 2, 0);
    put_symbol(image, 4, 1, 7);
    if (order != OF_LLD)
        put_strings(image, at);
    image->n += image->n % 2;
    /* The version of each symbol: taken for symbols, they are local functions. */
    put(image, 0, 2);
    for (size_t i = 0; i < 12; i++)
        put(image, 2, 2);
    align(image);
    at->versions = image->n;
    put(image, 1 | 1 << 16, 4);
    put(image, string_at(5), 4);
    size_t gap = order == OF_LLD ? 16 : 0;
    put(image, 16 + gap, 4);
    put(image, 0, 4 + gap);
    put(image, 0x06969188, 4); /* the hash of GLIBC_2.28 */
    put(image, 2 << 16, 4);
    put(image, string_at(6), 4);
    put(image, 0, 4);
    if (order == OF_LLD)
        put_strings(image, at);
}

static struct image build(enum order order, struct places *at)
{
    struct image image = {.n = 64 + 2 * 56};
    if (order != MOVED)
        put_tables(&image, at, order);
    put(&image, 0xC3, 64);
    put_text(&image, "libcublas.so.12");
    put_text(&image, "libc.so.6");
    put_text(&image, "libnothing.so");
    image.n += 600;
    align(&image);
    at->dynamic = image.n;
    image.n += 7 * 16;
    if (order == MOVED)
        put_tables(&image, at, order);
    at->end = image.n;
    const uint64_t entries[] = {1,  string_at(5), 1, string_at(7), 14,          string_at(8),
                                29, string_at(9), 5, at->strings,  0x6FFFFFFEU, at->versions,
                                6,  at->symbols};
    image.n = at->dynamic;
    for (size_t i = 0; i < SW_COUNT(entries); i++)
        put(&image, entries[i], 8);
    image.n = 0;
    put(&image, 0x00010102464C457FU, 8);
    put(&image, 0, 24);
    put(&image, 64, 8);
    image.n = 54;
    put(&image, 56, 2);
    put(&image, 2, 2);
    image.n = 64;
    put_segment(&image, 1, 0, at->end);
    put_segment(&image, 2, at->dynamic, 7 * 16);
    image.n = at->end;
    return image;
}

static int read_image(struct sw_library *library, struct sw_arena *arena, const struct image *image,
                      size_t chunk, bool early, struct sw_error *error)
{
    struct sw_library_reader *reader = sw_library_reader_new(SW_STR("libfirst.so"), early);
    assert_non_null(reader);
    bool again = true;
    int code = 0;
    while (again && code == 0) {
        for (size_t i = 0; i < image->n; i += chunk) {
            size_t n = image->n - i < chunk ? image->n - i : chunk;
            if (sw_library_reader_add(reader, (struct sw_str){image->bytes + i, n}))
                break;
        }
        code = sw_library_reader_finish(library, reader, arena, &again, error);
    }
    sw_library_reader_free(reader);
    return code;
}

static void assert_text(struct sw_str text, const char *expected)
{
    assert_int_equal(text.n, strlen(expected));
    assert_memory_equal(text.p, expected, text.n);
}

static void check_library(const struct sw_library *library)
{
    assert_true(library->is_library);
    assert_int_equal(library->needed_count, 2);
    assert_text(library->needed[0], "libc.so.6");
    assert_text(library->needed[1], "libcudart.so.12");
    assert_text(library->soname, "libfirst.so");
    assert_text(library->rpath, "$ORIGIN/../lib");
    assert_int_equal(library->version_count, 1);
    assert_text(library->versions[0].file, "libc.so.6");
    assert_text(library->versions[0].name, "GLIBC_2.28");
    assert_int_equal(library->symbol_count, 4);
    assert_text(library->symbols[0].name, "_ZN2at3addE");
    assert_true(library->symbols[0].undefined && !library->symbols[0].weak);
    assert_true(library->symbols[2].undefined && library->symbols[2].weak);
    assert_text(library->symbols[3].name, "mine");
    assert_false(library->symbols[3].undefined);
}

static void whole_libraries(void **state)
{
    (void)state;
    static const size_t chunks[] = {1, 7, 64, 8192};
    for (size_t i = 0; i < SW_COUNT(chunks) * ORDERS; i++) {
        struct places at;
        const struct image image = build((enum order)(i % ORDERS), &at);
        struct sw_library library;
        struct sw_error error;
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        assert_int_equal(read_image(&library, &arena, &image, chunks[i / ORDERS], false, &error), 0);
        check_library(&library);
        assert_false(library.early);
        assert_int_equal(library.opened_count, 1);
        assert_text(library.opened[0], "libcublas.so.12");
    }
}

/* The tables at the start of a long file are enough; a short file is read exactly. */
static void from_the_start(void **state)
{
    (void)state;
    for (enum order order = OF_GNU; order < ORDERS; order++) {
        struct places at;
        struct image image = build(order, &at);
        static struct image longer;
        struct sw_library library;
        struct sw_error error;
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        longer = image;
        struct sw_library_reader *reader = sw_library_reader_new(SW_STR("libfirst.so"), true);
        assert_non_null(reader);
        static const char code[1 << 17];
        bool enough = sw_library_reader_add(reader, (struct sw_str){longer.bytes, longer.n});
        assert_false(enough);
        if (order != MOVED)
            enough = sw_library_reader_add(reader, (struct sw_str){code, sizeof code});
        assert_int_equal(enough, order != MOVED);
        bool again = false;
        assert_int_equal(sw_library_reader_finish(&library, reader, &arena, &again, &error), 0);
        assert_int_equal(again, order == MOVED);
        if (order != MOVED) {
            check_library(&library);
            assert_true(library.early);
        }
        sw_library_reader_free(reader);
    }
}

/* A file of another kind is no library, and a library whose numbers are false is refused. */
static void other_files(void **state)
{
    (void)state;
    struct places at;
    const struct image good = build(OF_GNU, &at);
    static const struct {
        size_t at;
        unsigned value;
        size_t cut;
        const char *error; /* NULL: no library */
    } rows[] = {
        {0, 0, 0, NULL},
        {4, 1, 0, NULL},
        {56, 0, 0, NULL},
        {0, 0x7F, 30, NULL},
        {54, 57, 0, "its ELF header is wrong"},
        {57, 1, 0, "its ELF header is wrong"},
        {33, 0xFF, 0, "it ends before its program headers"},
        {120, 3, 0, NULL},
        {64 + 56 + 34, 0xFF, 0, "its dynamic section is absurd"},
        {0, 0x7F, 700, "it ends before its dynamic section"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct image image = good;
        struct sw_library library = {.is_library = true};
        struct sw_error error = {.code = 0};
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        image.bytes[rows[i].at] = (char)rows[i].value;
        image.n = rows[i].cut == 0 ? image.n : rows[i].cut;
        int code = read_image(&library, &arena, &image, 4096, false, &error);
        assert_int_equal(code, rows[i].error == NULL ? 0 : SW_EINPUT);
        if (rows[i].error == NULL)
            assert_false(library.is_library);
        else
            assert_non_null(strstr(error.text, rows[i].error));
    }
}

int suite_library(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_libraries),
        cmocka_unit_test(from_the_start),
        cmocka_unit_test(other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
