#include "unit.h"

#include "base/limits.h"
#include "wheel/words.h"

static void read_source(struct sw_words *words, const char *source)
{
    struct sw_error error;
    assert_int_equal(sw_words_read(words, sw_str_from(source), &error), 0);
}

static void names_and_texts_count_and_comments_do_not(void **state)
{
    (void)state;
    SW_WORDS_AUTO words = {NULL, 0, 0};
    assert_false(sw_words_have(&words, SW_STR("a")));
    read_source(&words, "\"\"\"described by a module\"\"\"\n"
                        "class Kept(base.Other):  # commented\n"
                        "    'described by a class'\n"
                        "    table = {'in_table': ['first', \"second third\"]}\n"
                        "    f\"{__name__}.formatted\"\n"
                        "    exec(f'def made_{x}(): pass\\nafter_escape')\n");
    static const char *const have[] = {"Kept",  "Other",  "base",  "table",        "in_table",
                                       "first", "second", "third", "after_escape", "made_"};
    static const char *const lack[] = {"described", "commented", "formatted", "Kep", "a", ""};
    for (size_t i = 0; i < SW_COUNT(have); i++)
        assert_true(sw_words_have(&words, sw_str_from(have[i])));
    for (size_t i = 0; i < SW_COUNT(lack); i++)
        assert_false(sw_words_have(&words, sw_str_from(lack[i])));
    read_source(&words, "described = 1\n");
    assert_true(sw_words_have(&words, SW_STR("described")));
}

static void names_are_made_by_their_ends(void **state)
{
    (void)state;
    SW_WORDS_AUTO words = {NULL, 0, 0};
    read_source(&words, "class T5Tokenizer: pass\nif name.endswith(\"TokenizerFast\"): name = name[:-4]\n"
                        "class EncoderDecoder: pass\nclass Cache: pass\nf(\"Maker\")\n"
                        "class Hybrid: pass\nif name.endswith(\"Cache\"): pass\n");
    assert_true(sw_words_make(&words, SW_STR("T5TokenizerFast")));
    static const char *const lack[] = {
        "GemmaTokenizerFast", "EncoderDecoderCache", "HybridCache", "T5TokenizerFaster",
        "T5TokenizerMaker",   "TokenizerFast",       "T5Tokenizer", ""};
    for (size_t i = 0; i < SW_COUNT(lack); i++)
        assert_false(sw_words_make(&words, sw_str_from(lack[i])));
}

static void many_words_are_told_apart(void **state)
{
    (void)state;
    SW_WORDS_AUTO words = {NULL, 0, 0};
    char text[64];
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof text, "word_%u = %u\n", i, i);
        read_source(&words, text);
    }
    assert_int_equal(words.count, 10000);
    for (unsigned i = 0; i < 6000; i++) {
        (void)snprintf(text, sizeof text, "word_%u", i);
        assert_int_equal(sw_words_have(&words, sw_str_from(text)), i < 5000);
    }
}

static void a_set_is_kept_as_bytes(void **state)
{
    (void)state;
    SW_WORDS_AUTO words = {NULL, 0, 0}, again = {NULL, 0, 0};
    struct sw_error error;
    SW_BUFFER_AUTO bytes;
    sw_buffer_init(&bytes, SW_MIB);
    read_source(&words, "one = two\n");
    sw_words_write(&words, &bytes);
    assert_int_equal(bytes.n, 16);
    assert_int_equal(sw_words_parse(&again, sw_buffer_str(&bytes), &error), 0);
    assert_true(sw_words_have(&again, SW_STR("one")));
    assert_true(sw_words_have(&again, SW_STR("two")));
    assert_false(sw_words_have(&again, SW_STR("three")));
    struct sw_words none = {NULL, 0, 0};
    assert_int_equal(sw_words_parse(&none, SW_STR("1234567"), &error), SW_EINPUT);
    assert_int_equal(sw_words_parse(&none, (struct sw_str){"\0\0\0\0\0\0\0\0", 8}, &error), SW_EINPUT);
    assert_null(none.slots);
}

int suite_words(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts_count_and_comments_do_not),
        cmocka_unit_test(names_are_made_by_their_ends),
        cmocka_unit_test(many_words_are_told_apart),
        cmocka_unit_test(a_set_is_kept_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
