#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "lock/git_refs.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddd"
#define E "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

/* A packet: its length in four hexadecimal digits, then its text; `text` may hold a NUL. */
static void add_packet(struct sw_buffer *out, const char *text, size_t length)
{
    sw_buffer_addf(out, "%04zx", length + 4);
    sw_buffer_add(out, text, length);
}
#define PACKET(out, text) add_packet(out, text, sizeof(text) - 1)

/* As git 2.39 advertises a repository with two branches, two tags of which one has a message, and a request of the web site's. */
static void fill(struct sw_buffer *out)
{
    sw_buffer_init(out, SW_MIB);
    PACKET(out, "# service=git-upload-pack\n");
    sw_buffer_add_text(out, "0000");
    PACKET(out, A " HEAD\0multi_ack symref=HEAD:refs/heads/main agent=git/2.39\n");
    PACKET(out, A " refs/heads/main\n");
    PACKET(out, B " refs/heads/both\n");
    PACKET(out, C " refs/pull/5/head\n");
    PACKET(out, C " refs/tags/both\n");
    PACKET(out, D " refs/tags/v1.0\n");
    PACKET(out, E " refs/tags/v1.0^{}\n");
    sw_buffer_add_text(out, "0000");
}

static void a_revision_is_a_branch_a_tag_or_a_whole_name(void **state)
{
    (void)state;
    static const struct {
        const char *revision, *commit;
    } rows[] = {{"", A},
                {"main", A},
                {"both", B},
                {"v1.0", E},
                {"refs/pull/5/head", C},
                {"refs/tags/both", C},
                {"v1", ""},
                {"aaaaaaaa", ""},
                {"pull/5/head", ""},
                {"heads/main", ""}};
    SW_BUFFER_AUTO answer;
    fill(&answer);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_str commit = sw_git_refs_find(sw_buffer_str(&answer), sw_str_from(rows[i].revision));
        assert_true(sw_str_is(commit, rows[i].commit));
    }
}

/* Every part of an answer that was cut off, and what is none, ends the search; what came before counts. */
static void a_broken_answer_ends_the_search(void **state)
{
    (void)state;
    static const char *const broken[] = {"",
                                         "0",
                                         "000",
                                         "0001",
                                         "0003",
                                         "zzzz" A " HEAD\n",
                                         "ffff" A " HEAD\n",
                                         "<html>",
                                         "0032" A "  EAD",
                                         "0031" A " HEA",
                                         "0035" A "xHEADxxxx",
                                         "00000000"};
    SW_BUFFER_AUTO answer;
    for (size_t i = 0; i < SW_COUNT(broken); i++)
        assert_int_equal(sw_git_refs_find(sw_str_from(broken[i]), SW_STR("")).n, 0);
    fill(&answer);
    for (size_t n = 0; n < answer.n; n++) {
        struct sw_str part = {answer.p, n};
        struct sw_str commit = sw_git_refs_find(part, SW_STR("main"));
        assert_true(commit.n == 0 || sw_str_is(commit, A));
        assert_true(n < 200 || commit.n > 0);
    }
}

int suite_git_refs(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revision_is_a_branch_a_tag_or_a_whole_name),
        cmocka_unit_test(a_broken_answer_ends_the_search),
    };
    return cmocka_run_group_tests_name("git_refs", tests, NULL, NULL);
}
