/* What an image's probe says, by whatever program: an answer bears the number of this run, and has no
 * row that was not asked for, nor two rows for a question that takes one. */
#include "base/limits.h"
#include "data/json.h"
#include "verify/answer_internal.h"

#include "fuzz.h"
#include "support.h"

#define NONCE "0123"

static const char plan_text[] =
    "{\"assertions\":[{\"at\":\"assertions[0].is\",\"that\":\"x\",\"is\":\"1\"},"
    "{\"at\":\"assertions[1].import\",\"import\":\"y\"}],\"requirements\":[\"six==1\",\"a<2\"],"
    "\"installs\":[{\"packages\":[\"torch==2\"]}],\"constraints\":[\"a<2\",\"b>1\"],"
    "\"torch\":{\"version\":\"2\"},\"accelerators\":[{\"name\":\"t4\"}]}";

static void check(const struct sw_answer *answer, const struct sw_questions *questions)
{
    size_t rows = 0;
    fuzz_claim(strcmp(sw_node_text(sw_node_get(answer->root, "nonce"), ""), NONCE) == 0);
    for (size_t i = 0; i < questions->count; i++) {
        fuzz_claim(questions->items[i].several || questions->items[i].rows <= 1);
        rows += questions->items[i].rows;
    }
    fuzz_claim(answer->count <= rows);
    for (size_t i = 0; i < answer->count; i++) {
        const struct sw_answer_row *row = &answer->rows[i];
        fuzz_claim(row->check != NULL && row->check[0] != '\0' && row->at != NULL && row->what != NULL);
        fuzz_claim(row->fault == NULL || row->untried == NULL);
    }
}

int fuzz_answer(const uint8_t *data, size_t size)
{
    const struct sw_node *root;
    struct sw_plan plan = {0};
    struct sw_asked asked = {.plan = &plan.parts};
    struct sw_questions questions;
    struct sw_answer answer;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    fuzz_claim(sw_json_read(&root, &arena, sw_str_from(plan_text), NULL, NULL) == 0);
    sw_plan_set_root(&plan, root);
    asked.gpus = size % 2 == 0;
    fuzz_claim(sw_questions_make(&questions, &arena, &asked, NULL) == 0);
    if (sw_answer_read(&answer, &arena, &questions, (struct sw_str){(const char *)data, size}, NONCE,
                       &error) != 0)
        fuzz_claim(error.code == SW_EINPUT && error.text[0] != '\0');
    else
        check(&answer, &questions);
    return 0;
}
