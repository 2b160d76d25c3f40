#include "unit.h"

#include "base/limits.h"
#include "wheel/zip.h"

#include <zlib.h>

/* A zip file in the making. */
struct archive {
    struct sw_buffer bytes, directory;
    unsigned count;
};

static void put(struct sw_buffer *b, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sw_buffer_add_char(b, (char)(unsigned char)(i < sizeof value ? value >> (8 * i) : 0));
}

static void begin(struct archive *a)
{
    a->count = 0;
    sw_buffer_init(&a->bytes, SW_MIB);
    sw_buffer_init(&a->directory, SW_MIB);
}

/* A stored member; `crc` is added to its sum. */
static void add(struct archive *a, const char *name, struct sw_str content, uint32_t crc)
{
    size_t offset = a->bytes.n;
    crc += (uint32_t)crc32(0, (const unsigned char *)content.p, (unsigned)content.n);
    struct sw_buffer *const copies[] = {&a->bytes, &a->directory};
    for (size_t i = 0; i < 2; i++) {
        put(copies[i], i == 0 ? 0x04034B50 : 0x02014B50, 4);
        put(copies[i], 20, i == 0 ? 2 : 4);
        put(copies[i], 0, 8);
        put(copies[i], crc, 4);
        put(copies[i], content.n, 4);
        put(copies[i], content.n, 4);
        put(copies[i], strlen(name), 2);
        put(copies[i], 0, i == 0 ? 2 : 12);
        if (i == 1)
            put(copies[i], offset, 4);
        sw_buffer_add_text(copies[i], name);
    }
    sw_buffer_add_str(&a->bytes, content);
    a->count++;
}

static void finish(struct archive *a)
{
    size_t offset = a->bytes.n;
    sw_buffer_add_str(&a->bytes, sw_buffer_str(&a->directory));
    put(&a->bytes, 0x06054B50, 4);
    put(&a->bytes, 0, 4);
    put(&a->bytes, a->count, 2);
    put(&a->bytes, a->count, 2);
    put(&a->bytes, a->directory.n, 4);
    put(&a->bytes, offset, 4);
    put(&a->bytes, 0, 2);
    sw_buffer_release(&a->directory);
}

static int stop_early(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    *(size_t *)self += bytes.n;
    return SW_ZIP_ENOUGH;
}

static void members_are_found_and_read(void **state)
{
    (void)state;
    struct archive a;
    begin(&a);
    add(&a, "b/two", SW_STR("second"), 0);
    add(&a, "a", SW_STR(""), 0);
    add(&a, "damaged", SW_STR("third"), 1);
    finish(&a);
    struct sw_str bytes = sw_buffer_str(&a.bytes);
    const struct sw_reader reader = sw_reader_of_memory(&bytes, "x.whl");
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_zip zip;
    struct sw_error error;
    assert_int_equal(sw_zip_open(&zip, &arena, &reader, &error), 0);
    assert_int_equal(zip.count, 3);
    assert_string_equal(zip.members[0].name.p, "a");
    assert_null(sw_zip_find(&zip, SW_STR("b")));
    const struct sw_zip_member *two = sw_zip_find(&zip, SW_STR("b/two"));
    assert_non_null(two);
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 6);
    assert_int_equal(sw_zip_read(&zip, two, &out, &error), 0);
    assert_string_equal(out.p, "second");
    assert_int_equal(sw_zip_read(&zip, two, &out, &error), SW_EINPUT); /* no room for it again */
    size_t seen = 0;
    const struct sw_zip_member *damaged = sw_zip_find(&zip, SW_STR("damaged"));
    assert_int_equal(sw_zip_stream(&zip, damaged, stop_early, &seen, &error), 0);
    assert_int_equal(seen, 5);
    sw_buffer_clear(&out);
    assert_int_equal(sw_zip_read(&zip, damaged, &out, &error), SW_EINPUT);
    assert_string_equal(
        error.text, "'x.whl' is not a sound zip file: member 'damaged' is damaged: its checksum is wrong");
    sw_buffer_release(&a.bytes);
}

static void an_empty_archive_is_one(void **state)
{
    (void)state;
    struct archive a;
    begin(&a);
    finish(&a);
    struct sw_str bytes = sw_buffer_str(&a.bytes);
    const struct sw_reader reader = sw_reader_of_memory(&bytes, "x.whl");
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_zip zip;
    struct sw_error error;
    assert_int_equal(sw_zip_open(&zip, &arena, &reader, &error), 0);
    assert_null(sw_zip_find(&zip, SW_STR("a")));
    sw_buffer_release(&a.bytes);
}

int suite_zip(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_and_read),
        cmocka_unit_test(an_empty_archive_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
