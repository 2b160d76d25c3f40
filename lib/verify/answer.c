#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "verify/answer_internal.h"

static int add_question(struct sw_questions *questions, struct sw_arena *arena, struct sw_question question,
                        struct sw_error *error)
{
    struct sw_question *items =
        sw_arena_grow(arena, questions->items, questions->count, sizeof *questions->items);
    if (items == NULL)
        return sw_fail_memory(error);
    questions->items = items;
    questions->items[questions->count++] = question;
    return 0;
}

static bool is_asked(const struct sw_questions *questions, size_t first, const char *what)
{
    for (size_t i = first; i < questions->count; i++) {
        if (strcmp(questions->items[i].what, what) == 0)
            return true;
    }
    return false;
}

/* Each text once, as the probe takes them. */
static int add_pins(struct sw_questions *questions, struct sw_arena *arena, size_t first,
                    const struct sw_node *texts, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < sw_node_count(texts); i++) {
        const char *text = sw_node_text(sw_node_item(texts, i), "");
        if (!is_asked(questions, first, text))
            code = add_question(questions, arena, (struct sw_question){.check = "pin", .what = text}, error);
    }
    return code;
}

static int add_plan(struct sw_questions *questions, struct sw_arena *arena, const struct sw_plan_parts *plan,
                    struct sw_error *error)
{
    const struct sw_node *assertions = plan->assertions, *installs = plan->installs,
                         *gpus = plan->accelerators;
    int code = 0;
    for (size_t i = 0; code == 0 && i < sw_node_count(assertions); i++) {
        const char *at = sw_node_text(sw_node_get(sw_node_item(assertions, i), "at"), "");
        code = add_question(questions, arena, (struct sw_question){.check = "assertion", .at = at}, error);
    }
    size_t first = questions->count;
    if (code == 0)
        code = add_pins(questions, arena, first, plan->requirements, error);
    for (size_t i = 0; code == 0 && i < sw_node_count(installs); i++)
        code = add_pins(questions, arena, first, sw_node_get(sw_node_item(installs, i), "packages"), error);
    if (code == 0)
        code = add_pins(questions, arena, first, plan->constraints, error);
    if (code == 0 && sw_node_type(plan->trim) == SW_NODE_MAP)
        code = add_question(questions, arena, (struct sw_question){.check = "trim", .several = true}, error);
    if (sw_node_type(plan->torch.node) != SW_NODE_MAP)
        return code;
    if (code == 0)
        code = add_question(questions, arena, (struct sw_question){.check = "torch"}, error);
    for (size_t i = 0; code == 0 && i < sw_node_count(gpus); i++) {
        const char *at = sw_arena_format(arena, "accelerators[%zu]", i);
        code = at == NULL ? sw_fail_memory(error)
                          : add_question(questions, arena,
                                         (struct sw_question){.check = "architecture", .at = at}, error);
    }
    return code;
}

int sw_questions_make(struct sw_questions *out, struct sw_arena *arena, const struct sw_asked *asked,
                      struct sw_error *error)
{
    static const char *const always[] = {"installs", "files", "dependencies", "numpy"};
    static const char *const own[] = {"assertion", "pin", "torch", "architecture", "trim"};
    struct sw_questions questions = {0};
    bool torch = asked->plan != NULL && sw_node_type(asked->plan->torch.node) == SW_NODE_MAP;
    int code = asked->plan == NULL ? 0 : add_plan(&questions, arena, asked->plan, error);
    for (size_t i = 0; code == 0 && i < SW_COUNT(always); i++)
        code =
            add_question(&questions, arena, (struct sw_question){.check = always[i], .several = true}, error);
    for (size_t i = 0; code == 0 && asked->plan == NULL && i < SW_COUNT(own); i++) {
        bool known = asked->own_stack || strcmp(own[i], "torch") == 0;
        if (known)
            code =
                add_question(&questions, arena,
                             (struct sw_question){.check = own[i], .several = true, .optional = true}, error);
    }
    bool maybe = asked->plan == NULL && asked->own_stack;
    if (code == 0 && (asked->gpus || (!asked->no_gpus && (torch || maybe))))
        code = add_question(
            &questions, arena,
            (struct sw_question){.check = "gpu", .several = true, .optional = !asked->gpus && !torch}, error);
    if (code == 0)
        *out = questions;
    return code;
}

/* ---- the answer ---- */

static int refuse(struct sw_error *error, const char *what)
{
    return sw_fail(error, SW_EINPUT, "%s", what);
}

/* Read a text of a row. `*out` becomes NULL if the value is null, which only an optional text may be. */
static int read_text(const char **out, const struct sw_node *row, const char *key, bool needed,
                     struct sw_error *error)
{
    const struct sw_node *node = sw_node_get(row, key);
    enum sw_node_type type = sw_node_type(node);
    if (node == NULL || (type != SW_NODE_TEXT && (needed || type != SW_NODE_NULL)))
        return sw_fail(error, SW_EINPUT, "a row of it has no text '%s'", key);
    if (type == SW_NODE_TEXT && sw_node_str(node).n != strlen(sw_node_text(node, "")))
        return sw_fail(error, SW_EINPUT, "a row of it has a NUL in '%s'", key);
    *out = sw_node_text(node, NULL);
    return 0;
}

static int read_row(struct sw_answer_row *out, const struct sw_node *node, struct sw_error *error)
{
    const struct {
        const char **text;
        const char *key;
        bool needed;
    } fields[] = {{&out->check, "check", true},  {&out->at, "at", true},
                  {&out->what, "what", true},    {&out->code, "code", true},
                  {&out->fault, "fault", false}, {&out->untried, "untried", false}};
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(fields); i++)
        code = read_text(fields[i].text, node, fields[i].key, fields[i].needed, error);
    if (code == 0 && out->fault != NULL && out->untried != NULL)
        return refuse(error, "a row of it was tried and was not");
    return code;
}

static bool matches(const char *wanted, const char *found)
{
    return wanted == NULL || strcmp(wanted, found) == 0;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same_row(const struct sw_answer_row *a, const struct sw_answer_row *b)
{
    return same(a->check, b->check) && same(a->at, b->at) && same(a->what, b->what) &&
           same(a->fault, b->fault) && same(a->untried, b->untried);
}

/* Enter a row with the question that it answers. */
static int enter(struct sw_questions *questions, const struct sw_answer *answer,
                 const struct sw_answer_row *row, struct sw_error *error)
{
    struct sw_question *question = NULL;
    for (size_t i = 0; question == NULL && i < questions->count; i++) {
        struct sw_question *asked = &questions->items[i];
        if (matches(asked->check, row->check) && matches(asked->at, row->at) &&
            matches(asked->what, row->what))
            question = asked;
    }
    if (question == NULL)
        return sw_fail(error, SW_EINPUT, "nobody asked for its row '%.60s' of '%.200s'", row->check,
                       row->what);
    bool twice = !question->several && question->rows > 0;
    for (size_t i = 0; !twice && question->several && i < answer->count; i++)
        twice = is_same_row(&answer->rows[i], row);
    if (twice)
        return sw_fail(error, SW_EINPUT, "it has two rows '%.60s' of '%.200s'", row->check, row->what);
    question->rows++;
    return 0;
}

static int read_rows(struct sw_answer *answer, struct sw_arena *arena, struct sw_questions *questions,
                     struct sw_error *error)
{
    const struct sw_node *list = sw_node_get(answer->root, "results");
    size_t count = sw_node_count(list);
    int code = 0;
    if (sw_node_type(list) != SW_NODE_LIST)
        return refuse(error, "it has no list 'results'");
    if (count > SW_MAX_PROBE_ROWS)
        return refuse(error, "it has too many rows");
    answer->rows = sw_arena_array(arena, count + 1, sizeof *answer->rows);
    if (answer->rows == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct sw_answer_row row = {0};
        bool moot = sw_node_boolean(sw_node_get(sw_node_item(list, i), "moot"), false);
        code = read_row(&row, sw_node_item(list, i), error);
        if (code == 0)
            code = enter(questions, answer, &row, error);
        if (code == 0 && (!moot || row.fault != NULL || row.untried != NULL))
            answer->rows[answer->count++] = row;
    }
    return code;
}

/* Return true if a node is a text without blanks and control characters: records keep a name and a release in each line. */
static bool is_word(const struct sw_node *node)
{
    struct sw_str text = sw_node_str(node);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c <= ' ' || c == 0x7F)
            return false;
    }
    return sw_node_type(node) == SW_NODE_TEXT && text.n > 0;
}

static int check_lists(const struct sw_node *root, struct sw_error *error)
{
    const struct sw_node *frozen = sw_node_get(root, "freeze"), *gpus = sw_node_get(root, "gpus"),
                         *driver = sw_node_get(root, "driver");
    if (!is_word(sw_node_get(root, "python")) || sw_node_type(frozen) != SW_NODE_LIST ||
        sw_node_type(gpus) != SW_NODE_LIST ||
        (sw_node_type(driver) != SW_NODE_MAP && sw_node_type(driver) != SW_NODE_NULL))
        return refuse(error, "it does not say what is installed and on what");
    for (size_t i = 0; i < sw_node_count(frozen); i++) {
        const struct sw_node *row = sw_node_item(frozen, i);
        if (!is_word(sw_node_get(row, "name")) || !is_word(sw_node_get(row, "version")))
            return refuse(error, "what it says is installed has no name or no release");
    }
    for (size_t i = 0; i < sw_node_count(gpus); i++) {
        const struct sw_node *row = sw_node_item(gpus, i);
        if (sw_node_type(sw_node_get(row, "name")) != SW_NODE_TEXT ||
            !is_word(sw_node_get(row, "compute_capability")))
            return refuse(error, "a GPU that it names has no name or no compute capability");
    }
    return 0;
}

int sw_answer_read(struct sw_answer *out, struct sw_arena *arena, struct sw_questions *questions,
                   struct sw_str text, const char *nonce, struct sw_error *error)
{
    struct sw_answer answer = {0};
    const struct sw_node *found = NULL;
    int code = sw_json_read(&answer.root, arena, text, NULL, error);
    if (code != 0)
        return code;
    found = sw_node_get(answer.root, "nonce");
    if (sw_node_type(found) != SW_NODE_TEXT || !sw_str_is(sw_node_str(found), nonce))
        return refuse(error, "it does not bear the number that this run was given");
    code = check_lists(answer.root, error);
    if (code == 0)
        code = read_rows(&answer, arena, questions, error);
    if (code == 0)
        *out = answer;
    return code;
}
