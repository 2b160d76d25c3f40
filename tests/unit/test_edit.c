#include "unit.h"

#include "base/limits.h"
#include "cases.h"
#include "data/edit.h"

enum { MOST_EDITS = 8 };

/* Lines of "OP PATH = VALUE", or "remove PATH". A value in [ ] is a C-like text: \n and \xHH count. */
static size_t read_edits(const struct test_case *test, struct sw_edit edits[MOST_EDITS])
{
    static const struct {
        const char *word;
        enum sw_edit_op op;
    } words[] = {{"set ", SW_EDIT_SET}, {"add ", SW_EDIT_ADD}, {"remove ", SW_EDIT_REMOVE}};
    struct sw_str rest = test_case_section(test, "edits")->text;
    size_t count = 0;
    while (rest.p != NULL && rest.n > 0) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        size_t word = 0;
        while (word < SW_COUNT(words) && !sw_str_starts(line, words[word].word))
            word++;
        assert_in_range(word, 0, SW_COUNT(words) - 1);
        assert_in_range(count, 0, MOST_EDITS - 1);
        line.p += strlen(words[word].word);
        line.n -= strlen(words[word].word);
        size_t split = sw_str_find(line, SW_STR(" = "));
        edits[count].op = words[word].op;
        edits[count].path = sw_arena_copy(test->arena, (struct sw_str){line.p, split});
        if (split < line.n)
            edits[count].value =
                sw_arena_copy(test->arena, (struct sw_str){line.p + split + 3, line.n - split - 3});
        count++;
    }
    return count;
}

static void run_case(const struct test_case *test)
{
    const struct test_section *after = test_case_section(test, "after");
    const struct test_section *fault = test_case_section(test, "error");
    struct sw_edit edits[MOST_EDITS] = {0};
    size_t count = read_edits(test, edits);
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_YAML_SIZE);
    int code = sw_edit_apply(&out, test_case_section(test, "before")->text, edits, count, &error);
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, SW_MAX_YAML_SIZE);
    if (code != 0)
        sw_buffer_addf(&message, "%s: %s\n", code == SW_ENOTFOUND ? "not found" : "input", error.text);
    test_case_expect(test, "the error", fault == NULL ? "" : fault->text.p, message.p);
    test_case_expect(test, "the text", after == NULL ? "" : after->text.p, out.p);
}

static void edits_are_as_the_cases_say(void **state)
{
    (void)state;
    assert_in_range(test_cases_run("edit", run_case), 60, 1000);
}

int suite_edit(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_as_the_cases_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
