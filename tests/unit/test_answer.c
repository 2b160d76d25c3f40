#include "unit.h"

#include "base/limits.h"
#include "data/json.h"
#include "verify/answer_internal.h"

#define PLAN                                                                                              \
    "{\"assertions\":[{\"at\":\"assertions[0].is\",\"that\":\"x\",\"is\":\"1\"},{\"at\":\"assertions[1]." \
    "import\","                                                                                           \
    "\"import\":\"y\"}],\"requirements\":[\"six==1\",\"six==1\",\"a<2\"],\"installs\":[{\"packages\":["   \
    "\"torch==2\"]}],"                                                                                    \
    "\"constraints\":[\"a<2\",\"b>1\"],\"torch\":{\"version\":\"2\"},\"accelerators\":[{\"name\":\"t4\"}]}"
#define ROW(check, at, what)                                      \
    "{\"check\":\"" check "\",\"at\":\"" at "\",\"what\":\"" what \
    "\",\"code\":\"SW401\",\"fault\":null,\"untried\":null}"
#define MOOT(check)       \
    "{\"check\":\"" check \
    "\",\"at\":\"\",\"what\":\"\",\"code\":\"SW401\",\"fault\":null,\"untried\":null,\"moot\":true}"
#define PINS                  \
    ROW("pin", "r", "six==1") \
    "," ROW("pin", "r", "a<2") "," ROW("pin", "t", "torch==2") "," ROW("pin", "c", "b>1")
#define ASSERTED \
    ROW("assertion", "assertions[0].is", "x 1") "," ROW("assertion", "assertions[1].import", "import y")
#define REST                                                                                                 \
    ROW("torch", "torch.version", "import torch")                                                            \
    "," ROW("architecture", "accelerators[0]", "t4") "," ROW("installs", "", "3") "," ROW(                   \
        "files", "", "a") "," ROW("files", "", "b") "," MOOT("dependencies") "," ROW("numpy", "",            \
                                                                                     "1") "," ROW("gpu", "", \
                                                                                                  "none")
#define WITH(rows) \
    "{\"nonce\":\"n\",\"python\":\"3.11\",\"freeze\":[],\"gpus\":[],\"driver\":null,\"results\":" rows "}"
#define LIST(rows) WITH("[" rows "]")

struct asked {
    struct sw_arena arena;
    struct sw_questions questions;
};

static void ask(struct asked *asked, const char *plan)
{
    struct sw_asked known = {.own_stack = plan == NULL};
    const struct sw_node *root = NULL;
    struct sw_plan read = {0};
    sw_arena_init(&asked->arena, SW_MAX_ARENA);
    if (plan != NULL) {
        assert_int_equal(sw_json_read(&root, &asked->arena, sw_str_from(plan), NULL, NULL), 0);
        sw_plan_set_root(&read, root);
        known.plan = &read.parts;
    }
    assert_int_equal(sw_questions_make(&asked->questions, &asked->arena, &known, NULL), 0);
}

static size_t missing(const struct sw_questions *questions)
{
    size_t count = 0;
    for (size_t i = 0; i < questions->count; i++)
        count += questions->items[i].rows == 0 && !questions->items[i].optional;
    return count;
}

static void an_answer_must_be_to_what_was_asked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *refusal; /* NULL: it is one */
        size_t missing, rows;
    } cases[] = {
        {LIST(ASSERTED "," PINS "," REST), NULL, 0, 13},
        {LIST(PINS "," REST), NULL, 2, 11},
        {LIST(""), NULL, 13, 0},
        {LIST(ASSERTED "," PINS "," REST "," ROW("pin", "r", "six==1")), "two rows 'pin' of 'six==1'", 0, 0},
        {LIST(ASSERTED "," PINS "," REST "," ROW("pin", "r", "six==2")), "nobody asked", 0, 0},
        {LIST(ROW("assertion", "assertions[2].is", "x")), "nobody asked", 0, 0},
        {LIST(ROW("other", "", "x")), "nobody asked", 0, 0},
        {LIST(ROW("files", "", "a") "," ROW("files", "", "a")), "two rows 'files'", 0, 0},
        {"{\"results\":[]}", "does not bear the number", 0, 0},
        {"{\"nonce\":\"m\",\"results\":[]}", "does not bear the number", 0, 0},
        {"{\"nonce\":[\"n\"],\"results\":[]}", "does not bear the number", 0, 0},
        {"[]", "does not bear the number", 0, 0},
        {"{\"nonce\":\"n\",\"nonce\":\"n\",\"results\":[]}", "", 0, 0},
        {"", "", 0, 0},
        {"{\"nonce\":\"n\"", "", 0, 0},
        {"{\"nonce\":\"n\",\"results\":[]}", "does not say what is installed", 0, 0},
        {WITH("{}"), "no list 'results'", 0, 0},
        {WITH("{\"a\":1}"), "no list 'results'", 0, 0},
        {WITH("null"), "no list 'results'", 0, 0},
        {LIST("1"), "no text 'check'", 0, 0},
        {LIST("[]"), "no text 'check'", 0, 0},
        {LIST("{\"check\":{},\"at\":\"\",\"what\":\"\",\"code\":\"\",\"fault\":null,\"untried\":null}"),
         "no text 'check'", 0, 0},
        {LIST("{\"check\":\"files\",\"at\":\"\",\"what\":\"\",\"code\":\"\",\"fault\":[],\"untried\":null}"),
         "no text 'fault'", 0, 0},
        {LIST("{\"check\":\"files\",\"at\":\"\",\"what\":\"\",\"code\":\"\",\"fault\":false,\"untried\":"
              "null}"),
         "no text 'fault'", 0, 0},
        {LIST("{\"check\":\"files\",\"at\":\"\",\"what\":\"\",\"code\":\"\",\"untried\":null}"),
         "no text 'fault'", 0, 0},
        {LIST("{\"check\":\"files\",\"at\":\"\",\"what\":\"\",\"code\":\"\",\"fault\":\"x\",\"untried\":"
              "\"y\"}"),
         "was tried and was not", 0, 0},
        {LIST("{\"check\":\"files\\u0000\",\"at\":\"\",\"what\":\"\",\"code\":\"\",\"fault\":null,"
              "\"untried\":null}"),
         "a NUL in 'check'", 0, 0},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct asked asked = {0};
        struct sw_answer answer = {0};
        struct sw_error error = {0};
        ask(&asked, PLAN);
        int code =
            sw_answer_read(&answer, &asked.arena, &asked.questions, sw_str_from(cases[i].text), "n", &error);
        assert_int_equal(code, cases[i].refusal == NULL ? 0 : SW_EINPUT);
        if (cases[i].refusal != NULL)
            assert_non_null(strstr(error.text, cases[i].refusal));
        else
            assert_int_equal(missing(&asked.questions), cases[i].missing);
        assert_int_equal(answer.count, cases[i].rows);
        sw_arena_release(&asked.arena);
    }
}

static void what_is_installed_has_a_form(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "\"freeze\":{},\"gpus\":[],\"driver\":null",
        "\"freeze\":[1],\"gpus\":[],\"driver\":null",
        "\"freeze\":[{\"name\":\"a\\nb==1\",\"version\":\"1\"}],\"gpus\":[],\"driver\":null",
        "\"freeze\":[{\"name\":\"a\",\"version\":null}],\"gpus\":[],\"driver\":null",
        "\"freeze\":[],\"gpus\":{},\"driver\":null",
        "\"freeze\":[],\"gpus\":[[]],\"driver\":null",
        "\"freeze\":[],\"gpus\":[],\"driver\":[]",
    };
    for (size_t i = 0; i < SW_COUNT(lists); i++) {
        struct asked asked = {0};
        struct sw_answer answer = {0};
        ask(&asked, PLAN);
        const char *text =
            sw_arena_format(&asked.arena, "{\"nonce\":\"n\",\"python\":\"3\",\"results\":[],%s}", lists[i]);
        assert_int_equal(
            sw_answer_read(&answer, &asked.arena, &asked.questions, sw_str_from(text), "n", NULL), SW_EINPUT);
        sw_arena_release(&asked.arena);
    }
}

/* Of an image for which nobody has a plan its own list is taken: any assertion, but no other check. */
static void without_a_plan_the_image_says_what_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {LIST(ASSERTED "," PINS "," REST), 0},
        {LIST(ASSERTED "," ASSERTED), SW_EINPUT},
        {LIST(ROW("else", "", "")), SW_EINPUT},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct asked asked = {0};
        struct sw_answer answer = {0};
        ask(&asked, NULL);
        assert_int_equal(
            sw_answer_read(&answer, &asked.arena, &asked.questions, sw_str_from(cases[i].text), "n", NULL),
            cases[i].code);
        sw_arena_release(&asked.arena);
    }
}

int suite_answer(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_must_be_to_what_was_asked),
        cmocka_unit_test(what_is_installed_has_a_form),
        cmocka_unit_test(without_a_plan_the_image_says_what_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
