#include "unit.h"

#include "wheel/fatbin.h"

/* A library as small as can be: the ELF header, .nv_fatbin from byte 64 on, the names of the sections, and their headers. */
struct library {
    unsigned char bytes[4096];
    size_t n, fatbin, names, sections;
};

static void put(struct library *l, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        l->bytes[l->n++] = (unsigned char)(i < sizeof value ? value >> (8 * i) : 0);
}

static void put_section(struct library *l, uint32_t name, uint32_t type, uint64_t offset, uint64_t size)
{
    put(l, name, 4);
    put(l, type, 4);
    put(l, 0, 16);
    put(l, offset, 8);
    put(l, size, 8);
    put(l, 0, 24);
}

static void put_entry(struct library *l, unsigned kind, unsigned architecture, uint64_t flags, size_t payload)
{
    put(l, kind, 2);
    put(l, 0x0101, 2);
    put(l, 64, 4);
    put(l, payload, 8);
    put(l, 0, 12);
    put(l, architecture, 4);
    put(l, 0, 8);
    put(l, flags, 8);
    put(l, 0, 16 + payload);
}

/* Behind the ELF header: fat binaries that the caller has written; then the rest. `early`: with the names of the sections
 * in front. */
static void finish(struct library *l, const char *section, size_t padding)
{
    size_t end = l->n;
    l->n += padding;
    l->names = l->n;
    memcpy(l->bytes + l->n, "\0.shstrtab\0", 11);
    memcpy(l->bytes + l->n + 11, section, strlen(section) + 1);
    l->n += 11 + strlen(section) + 1;
    size_t names_end = l->n;
    l->n = (l->n + 7) / 8 * 8;
    l->sections = l->n;
    put_section(l, 0, 0, 0, 0);
    put_section(l, 11, 1, l->fatbin, end - l->fatbin);
    put_section(l, 1, 3, l->names, names_end - l->names);
    struct library header = {.n = 40};
    memcpy(header.bytes, "\177ELF\2\1\1", 7);
    put(&header, l->sections, 8);
    header.n = 58;
    put(&header, 64, 2);
    put(&header, 3, 2);
    put(&header, 2, 2);
    memcpy(l->bytes, header.bytes, 64);
}

static struct library start(void)
{
    return (struct library){.n = 64, .fatbin = 64};
}

static size_t open_container(struct library *l)
{
    put(l, 0xBA55ED50, 4);
    put(l, 1, 2);
    put(l, 16, 2);
    put(l, 0, 8);
    return l->n;
}

static void close_container(struct library *l, size_t opened)
{
    struct library size = {.n = 0};
    put(&size, l->n - opened, 8);
    memcpy(l->bytes + opened - 8, size.bytes, 8);
}

static int read_library(struct sw_buffer *out, const struct library *l, size_t chunk, struct sw_error *error)
{
    struct sw_fatbin *fatbin = sw_fatbin_new();
    struct sw_gpu_codes codes = {.count = 0};
    bool again = true;
    int code = 0;
    assert_non_null(fatbin);
    while (again && code == 0) {
        for (size_t i = 0; i < l->n; i += chunk) {
            size_t n = l->n - i < chunk ? l->n - i : chunk;
            sw_fatbin_add(fatbin, (struct sw_str){(const char *)l->bytes + i, n});
        }
        code = sw_fatbin_finish(&codes, fatbin, &again, error);
    }
    sw_fatbin_free(fatbin);
    sw_buffer_init(out, 1000);
    for (size_t i = 0; i < codes.count; i++) {
        sw_gpu_code_write(out, &codes.items[i]);
        sw_buffer_add_char(out, ' ');
    }
    sw_buffer_addf(out, "%llu", (unsigned long long)codes.fatbins);
    return code;
}

static struct library example(const char *section)
{
    struct library l = start();
    size_t opened = open_container(&l);
    put_entry(&l, 2, 90, 0x100011, 24);
    put_entry(&l, 2, 75, 0x11, 8);
    put_entry(&l, 2, 75, 0x2011, 0);
    put_entry(&l, 1, 90, 0x8011, 16);
    close_container(&l, opened);
    opened = open_container(&l);
    put_entry(&l, 2, 100, 0x200011, 8);
    put_entry(&l, 8, 120, 0x11, 8);
    close_container(&l, opened);
    finish(&l, section, 5);
    return l;
}

static void codes_are_listed_whatever_the_chunks(void **state)
{
    (void)state;
    const struct library l = example(".nv_fatbin");
    struct sw_error error;
    for (size_t chunk = 1; chunk <= l.n; chunk++) {
        SW_BUFFER_AUTO out;
        assert_int_equal(read_library(&out, &l, chunk, &error), 0);
        assert_string_equal(out.p, "sm_75 sm_90a sm_100f compute_90 2");
    }
}

static void linker_input_is_not_counted(void **state)
{
    (void)state;
    const struct library l = example("__nv_relfatbin");
    struct sw_error error;
    SW_BUFFER_AUTO out;
    assert_int_equal(read_library(&out, &l, l.n, &error), 0);
    assert_string_equal(out.p, "0");
}

static void what_is_no_library_has_no_code(void **state)
{
    (void)state;
    struct library l = {.n = 8};
    memcpy(l.bytes, "#!/bin/sh", 9);
    struct sw_error error;
    SW_BUFFER_AUTO out;
    assert_int_equal(read_library(&out, &l, l.n, &error), 0);
    assert_string_equal(out.p, "0");
}

static void lies_and_cuts_are_told(void **state)
{
    (void)state;
    struct sw_error error;
    for (size_t n = 64; n < example(".nv_fatbin").n; n++) {
        struct library l = example(".nv_fatbin");
        l.n = n;
        SW_BUFFER_AUTO out;
        assert_int_equal(read_library(&out, &l, l.n, &error), SW_EINPUT);
    }
    struct library l = example(".nv_fatbin");
    l.bytes[64 + 16 + 8] = 0xFF; /* the first payload: it is not a container */
    SW_BUFFER_AUTO out;
    assert_int_equal(read_library(&out, &l, l.n, &error), 0);
    assert_string_equal(out.p, "sm_100f 1");
    l = example(".nv_fatbin");
    l.bytes[64 + 16 + 64 + 24 + 8] = 0xFF; /* the second: it is a damaged one */
    SW_BUFFER_AUTO damaged;
    assert_int_equal(read_library(&damaged, &l, l.n, &error), SW_EINPUT);
    assert_string_equal(error.text, "not a sound library: its section .nv_fatbin holds a damaged fat binary");
    l = example(".nv_fatbin");
    memset(l.bytes + l.sections + 64 + 32, 0xFF, 8); /* the section's size */
    SW_BUFFER_AUTO past;
    assert_int_equal(read_library(&past, &l, l.n, &error), SW_EINPUT);
    assert_string_equal(error.text, "not a sound library: its section .nv_fatbin reaches past its end");
    l = example(".nv_fatbin");
    memset(l.bytes + 60, 0xFF, 2); /* how many sections */
    SW_BUFFER_AUTO many;
    assert_int_equal(read_library(&many, &l, l.n, &error), SW_EINPUT);
    assert_string_equal(error.text, "not a sound library: its ELF header is wrong");
}

/* Section names far in front of the section headers are found in a second reading. */
static void early_names_take_a_second_reading(void **state)
{
    (void)state;
    static struct library l;
    l = example(".nv_fatbin");
    static unsigned char far[64 * 1024];
    memset(far, 0, sizeof far);
    memcpy(far, l.bytes, l.n);
    memcpy(far + sizeof far - 192, l.bytes + l.sections, 192);
    uint64_t sections = sizeof far - 192;
    for (size_t i = 0; i < 8; i++)
        far[40 + i] = (unsigned char)(sections >> (8 * i));
    struct sw_fatbin *fatbin = sw_fatbin_new();
    assert_non_null(fatbin);
    struct sw_gpu_codes codes;
    struct sw_error error;
    bool again = false;
    for (int i = 0; i < 2; i++) {
        for (size_t at = 0; at < sizeof far; at += 1024)
            sw_fatbin_add(fatbin, (struct sw_str){(const char *)far + at, 1024});
        assert_int_equal(sw_fatbin_finish(&codes, fatbin, &again, &error), 0);
        assert_int_equal(again, i == 0);
    }
    assert_int_equal(codes.count, 4);
    sw_fatbin_free(fatbin);
}

int suite_fatbin(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_listed_whatever_the_chunks), cmocka_unit_test(linker_input_is_not_counted),
        cmocka_unit_test(what_is_no_library_has_no_code),       cmocka_unit_test(lies_and_cuts_are_told),
        cmocka_unit_test(early_names_take_a_second_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
