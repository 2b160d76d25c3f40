#include "base/buffer.h"
#include "base/limits.h"
#include "dockerfile/shell.h"

#include "unit.h"

static struct sw_shell_variable known[] = {{"A", "one"}, {"EMPTY", ""}, {"A", "two"}};
static const struct sw_shell_variables variables = {known, SW_COUNT(known)};

/* Commands as "word|word" with what joins them before, such as "&& ", and " !" behind an opaque one. */
static void check(const char *text, const char *expected)
{
    static const char *const joints[] = {"", "&& ", "|| ", "; ", "| "};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO got;
    struct sw_shell shell;
    sw_arena_init(&arena, SW_MIB);
    sw_buffer_init(&got, SW_MIB);
    assert_int_equal(sw_shell_read(&shell, &arena, sw_str_from(text), &variables, NULL), 0);
    for (size_t i = 0; i < shell.count; i++) {
        const struct sw_shell_command *command = &shell.commands[i];
        sw_buffer_addf(&got, "%s%s", i == 0 ? "" : " ", joints[command->joint]);
        for (size_t w = 0; w < command->count; w++)
            sw_buffer_addf(&got, "%s%s", w == 0 ? "" : "|", command->words[w]);
        for (size_t r = 0; r < command->redirect_count; r++)
            sw_buffer_addf(&got, " %s%s%s@%zu", command->redirects[r].in ? "<" : ">",
                           command->redirects[r].append ? ">" : "", command->redirects[r].target,
                           command->redirects[r].words);
        sw_buffer_add_text(&got, command->opaque ? " !" : "");
        assert_memory_equal(text + command->offset, command->text.p, command->text.n);
    }
    sw_buffer_add_text(&got, shell.opaque ? " OPAQUE" : "");
    assert_string_equal(got.p, expected);
}

static void test_commands(void **state)
{
    (void)state;
    check("", "");
    check("  a   b ", "a|b");
    check("a && b || c; d | e\nf", "a && b || c ; d | e ; f");
    check("a &&\n  # why\n\n b", "a ; b");
    check("a # b && c\nd", "a ; d");
    check("'a b'\"c d\"\\ e\\'", "a bc d e'");
    check("echo \"it's \\\"x\\\" \\n\"", "echo|it's \"x\" \\n");
    check("pip install numpy>=1.24,<2 'b>1' > log 2", "pip|install|numpy|b>1|2 >=1.24,@3 <2@3 >log@4");
    check("echo x >> /tmp/f", "echo|x >>/tmp/f@2");
    check("a \\\n  b\\\nc", "a|bc");
    check("a 2>&1", "a|2 >1@2 !");
    check("a - <<E b", "a|-|b <E@2 !");
    check("a - <<< \"b c\" d<<<e", "a|-|d <b c@2 <e@3 !");
}

static void test_variables(void **state)
{
    (void)state;
    check("a $A ${A} \"$A\" '$A' x$A-y", "a|two|two|two|$A|xtwo-y");
    check("a ${EMPTY:-x} ${EMPTY-x} ${A:+y} ${B+y}${B-z}", "a|x||y|z");
    check("a $B", "a| !");
    check("a $(b) `c`", "a|$ ! ; b ; `c` ! OPAQUE");
    check("a `c`", "a|`c` !");
    check("a ${A%x} $", "a||$ !");
    check("a ${A", "a| OPAQUE");
}

static void test_opaque(void **state)
{
    (void)state;
    check("if a; then b; fi", "if|a ; then|b ; fi OPAQUE");
    check("(a)", "a OPAQUE");
    check("a & b", "a ; b OPAQUE");
    check("a 'b", "a|b OPAQUE");
    check("a \"b", "a|b OPAQUE");
}

static void test_words(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    size_t count;
    const char **words = sw_shell_words(&count, &arena, SW_STR(" a=$A \"b c\"=${NO}x d;e>f\n"), &variables);
    assert_non_null(words);
    assert_int_equal(count, 3);
    assert_string_equal(words[0], "a=two");
    assert_string_equal(words[1], "b c=x");
    assert_string_equal(words[2], "d;e>f");
    assert_null(words[3]);
}

int suite_shell(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_opaque),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
