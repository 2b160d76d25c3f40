#include "unit.h"

#include "catalog/torch_symbols.h"
#include "data/resource.h"

static int read_table(struct sw_torch_symbols *symbols, struct sw_arena *arena, struct sw_str *content,
                      struct sw_error *error)
{
    const char *path = NULL;
    assert_int_equal(sw_resource_load(content, &path, arena, NULL, "profiles/catalog/torch.symbols", error),
                     0);
    return sw_torch_symbols_read(symbols, arena, *content, path, error);
}

static bool has(const struct sw_torch_symbols *symbols, const char *version, const char *name)
{
    size_t release = sw_torch_symbols_release(symbols, version);
    assert_true(release < symbols->release_count);
    return (sw_torch_symbols_having(symbols, name) >> release & 1) != 0;
}

/* Names of which is known when they came and went. */
static void shipped_table(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 16 << 20);
    struct sw_torch_symbols symbols;
    struct sw_error error;
    struct sw_str content;
    assert_int_equal(read_table(&symbols, &arena, &content, &error), 0);
    /* std::string of before C++11, up to 2.6 on the default index, and since. */
    assert_true(has(&symbols, "2.6.0", "_ZN3c105ErrorC2ENS_14SourceLocationESs"));
    assert_false(has(&symbols, "2.7.0", "_ZN3c105ErrorC2ENS_14SourceLocationESs"));
    const char *since =
        "_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
    assert_false(has(&symbols, "2.6.0", since));
    assert_true(has(&symbols, "2.7.0", since) && has(&symbols, "2.15.0", since));
    assert_true(has(&symbols, "2.9.0", "_ZN3c1013MessageLoggerC1EPKcii"));
    assert_false(has(&symbols, "2.10.0", "_ZN3c1013MessageLoggerC1EPKcii"));
    assert_int_equal(sw_torch_symbols_having(&symbols, "_ZN3c1013NotANameOfAnyEv"), 0);
    assert_int_equal(sw_torch_symbols_release(&symbols, "2.99.0"), symbols.release_count);
    assert_string_equal(symbols.releases[0].version, "1.13.0");
    assert_string_equal(symbols.releases[0].cuda, "11.7");
}

static void wrong_tables(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 64 << 20);
    struct sw_torch_symbols symbols;
    struct sw_error error;
    struct sw_str content;
    assert_int_equal(read_table(&symbols, &arena, &content, &error), 0);
    size_t step = content.n / 50;
    for (size_t n = 0; n < content.n; n += n < 3000 ? 97 : step) {
        const struct sw_str cut = {content.p, n};
        assert_int_equal(sw_torch_symbols_read(&symbols, &arena, cut, "torch.symbols", &error), SW_EINPUT);
    }
}

int suite_torch_symbols(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_table),
        cmocka_unit_test(wrong_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
