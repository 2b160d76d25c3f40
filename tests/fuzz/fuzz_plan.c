/* A whole profile: loaded, resolved and rendered. What it says stays data: the Dockerfile has the instructions that the plan asks
 * for, in their order, and each text of the profile reads back from its place there. */
#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "data/yaml.h"
#include "dockerfile/instructions.h"
#include "profile/render.h"

#include "fuzz.h"
#include "support.h"

enum { ARGUMENTS = 4, LEAST_LABELS = 4, MOST_LABELS = 5 };

/* A Dockerfile, read from its first instruction to its last. */
struct walk {
    struct sw_arena *arena;
    const struct sw_instructions *file;
    size_t at;
};

static struct sw_str next(struct walk *walk, const char *keyword)
{
    fuzz_claim(walk->at < walk->file->count);
    const struct sw_instruction *instruction = &walk->file->items[walk->at++];
    fuzz_claim(sw_instruction_is(instruction, keyword) && instruction->body.n == 0);
    return instruction->text;
}

static bool comes(const struct walk *walk, const char *keyword)
{
    return walk->at < walk->file->count && sw_instruction_is(&walk->file->items[walk->at], keyword);
}

/* The list in JSON that a text ends with. */
static const struct sw_node *words(const struct walk *walk, struct sw_str text, const char *start)
{
    const struct sw_node *list = NULL;
    const size_t at = sw_str_find(text, sw_str_from(start));
    fuzz_claim(at < text.n && sw_json_read(&list, walk->arena, sw_str_drop(text, at), NULL, NULL) == 0);
    return list;
}

static void same(const struct sw_node *a, const struct sw_node *b)
{
    fuzz_claim(a != NULL && b != NULL && sw_str_equal(sw_node_str(a), sw_node_str(b)));
}

/* NAME="VALUE", with its backslashes taken out. */
static void check_pair(struct sw_str text, const char *name, struct sw_str value)
{
    SW_BUFFER_AUTO plain;
    sw_buffer_init(&plain, SW_MAX_RENDERED_SIZE);
    const size_t n = strlen(name);
    fuzz_claim(sw_str_starts(text, name) && sw_str_starts(sw_str_drop(text, n), "=\"") &&
               sw_str_ends(text, "\""));
    for (size_t i = n + 2; i + 1 < text.n; i++) {
        fuzz_claim(text.p[i] != '"' && text.p[i] != '$');
        i += text.p[i] == '\\';
        sw_buffer_add_char(&plain, text.p[i]);
    }
    fuzz_claim(sw_str_equal(sw_buffer_str(&plain), value));
}

static void check_environment(struct walk *walk, const struct sw_node *plan)
{
    const struct sw_node *environment = sw_node_get(plan, "environment");
    fuzz_claim(sw_str_starts(next(walk, "env"), "VIRTUAL_ENV=/opt/venv "));
    for (size_t i = 0; i < sw_node_count(environment); i++) {
        const struct sw_node *row = sw_node_item(environment, i);
        check_pair(next(walk, "env"), sw_node_text(sw_node_get(row, "name"), ""),
                   sw_node_str(sw_node_get(row, "value")));
    }
}

static void check_installs(struct walk *walk, const struct sw_node *plan)
{
    const struct sw_node *installs = sw_node_get(plan, "installs");
    (void)next(walk, "copy");
    for (size_t i = 0; i < sw_node_count(installs); i++) {
        const struct sw_node *file = sw_node_get(sw_node_item(installs, i), "file");
        if (sw_node_type(file) == SW_NODE_TEXT)
            same(sw_node_item(words(walk, next(walk, "copy"), "["), 0), file);
        fuzz_claim(sw_str_starts(next(walk, "run"), "--mount=type=cache,id=slipway-"));
    }
}

static void check_steps(struct walk *walk, const struct sw_node *plan)
{
    const struct sw_node *copies = sw_node_get(plan, "copies"), *steps = sw_node_get(plan, "steps");
    for (size_t i = 0; i < sw_node_count(copies); i++) {
        const struct sw_node *pair = words(walk, next(walk, "copy"), "[");
        same(sw_node_item(pair, 0), sw_node_get(sw_node_item(copies, i), "source"));
        same(sw_node_item(pair, 1), sw_node_get(sw_node_item(copies, i), "to"));
    }
    for (size_t i = 0; i < sw_node_count(steps); i++)
        same(sw_node_item(words(walk, next(walk, "run"), "[\"/bin/sh\", \"-c\""), 2),
             sw_node_get(sw_node_item(steps, i), "command"));
    (void)next(walk, "copy");
    (void)next(walk, "run");
}

/* What the image says of itself, and starts. */
static void check_end(struct walk *walk, const struct sw_node *plan)
{
    size_t labels = 0;
    if (sw_node_type(sw_node_get(plan, "guard")) == SW_NODE_MAP) {
        (void)next(walk, "copy");
        (void)next(walk, "run");
        (void)next(walk, "entrypoint");
    }
    for (; comes(walk, "label"); labels++) {
        const struct sw_str text = next(walk, "label");
        if (sw_str_starts(text, "org.opencontainers.image.description="))
            check_pair(text, "org.opencontainers.image.description",
                       sw_node_str(sw_node_get(plan, "description")));
    }
    fuzz_claim(labels >= LEAST_LABELS && labels <= MOST_LABELS);
    const struct sw_node *arguments = sw_node_at(plan, "command.arguments");
    if (arguments != NULL)
        fuzz_claim(sw_node_equal(words(walk, next(walk, "cmd"), "["), arguments));
    fuzz_claim(walk->at == walk->file->count);
}

static void check_dockerfile(struct sw_arena *arena, struct sw_str text, const struct sw_node *plan)
{
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, text);
    struct walk walk = {arena, &file, 0};
    if (file.count < SW_MAX_BUILD_STEPS) {
        fuzz_claim(sw_str_equal(next(&walk, "from"), sw_node_str(sw_node_at(plan, "base.reference"))));
        if (sw_node_type(sw_node_get(plan, "system")) == SW_NODE_MAP)
            (void)next(&walk, "run");
        (void)next(&walk, "run");
        for (size_t i = 0; i < ARGUMENTS; i++)
            (void)next(&walk, "arg");
        check_environment(&walk, plan);
        check_installs(&walk, plan);
        check_steps(&walk, plan);
        check_end(&walk, plan);
    }
    sw_instructions_release(&file);
}

/* No line of a requirements file is an option of the installer. */
static void check_requirements(struct sw_str text)
{
    while (text.p != NULL)
        fuzz_claim(!sw_str_starts(sw_str_trim(sw_str_cut(&text, '\n')), "-"));
}

static void render(const struct sw_plan *plan)
{
    SW_RENDERING_AUTO rendering = {0}, again = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *stack = NULL, *truss = NULL;
    if (sw_render(&rendering, plan, SW_RENDER_DOCKER, NULL, NULL) != 0)
        return;
    fuzz_claim(sw_render(&again, plan, SW_RENDER_DOCKER, NULL, NULL) == 0 && again.count == rendering.count);
    for (size_t i = 0; i < rendering.count; i++)
        fuzz_claim(sw_str_equal(rendering.files[i].text, again.files[i].text));
    check_dockerfile(&arena, sw_rendering_text(&rendering, "Dockerfile"), plan->root);
    check_requirements(sw_rendering_text(&rendering, "requirements.txt"));
    check_requirements(sw_rendering_text(&rendering, "constraints.txt"));
    fuzz_claim(sw_json_read(&stack, &arena, sw_rendering_text(&rendering, "stack.json"), NULL, NULL) == 0);
    SW_RENDERING_AUTO folder = {0};
    if (sw_render(&folder, plan, SW_RENDER_TRUSS, NULL, NULL) == 0)
        fuzz_claim(sw_yaml_read(&truss, &arena, sw_rendering_text(&folder, "config.yaml"), NULL, NULL) == 0);
}

static int read_profile(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    if (strcmp(path, "fuzz.yaml") != 0)
        return sw_fail(error, SW_ENOTFOUND, "there is no '%s'", path);
    sw_buffer_add_str(out, *(const struct sw_str *)self);
    return sw_buffer_check(out, "the profile", error);
}

int fuzz_plan(const uint8_t *data, size_t size)
{
    static struct sw_catalog catalog;
    const struct sw_str text = {(const char *)data, size};
    const struct sw_profile_source source = {read_profile, &text};
    struct sw_error error = {0};
    if (catalog.gpus == NULL)
        fuzz_claim(sw_catalog_load(&catalog, NULL, NULL) == 0);
    SW_PROFILE_AUTO profile = {0};
    SW_PLAN_AUTO plan = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = sw_profile_load(&profile, "fuzz.yaml", &source, &findings, &error);
    fuzz_claim((code != 0) == (error.text[0] != '\0'));
    if (code != 0 || sw_findings_count(&findings, SW_ERROR) > 0)
        return 0;
    if (sw_plan_resolve(&plan, &profile, &catalog, &findings, &error) == 0 &&
        sw_findings_count(&findings, SW_ERROR) == 0)
        render(&plan);
    return 0;
}
