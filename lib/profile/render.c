#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "data/resource.h"
#include "template/shipped.h"

/* A file made from the template of its own name, or as it is. */
struct recipe {
    const char *name, *template;
    bool verbatim;
};

static const struct recipe docker_files[] = {
    {"Dockerfile", "templates/Dockerfile", false},
    {".dockerignore", "templates/dockerignore", true},
    {"certificates.pem", "templates/certificates.pem", true},
    {"constraints.txt", "templates/constraints.txt", false},
    {"overrides.txt", "templates/overrides.txt", false},
    {"probe.py", "templates/probe.py", true},
    {"requirements.txt", "templates/requirements.txt", false},
};
static const struct recipe truss_files[] = {
    {"config.yaml", "templates/truss-config.yaml", false},
};
static const struct recipe compose_files[] = {
    {"compose.yaml", "templates/compose.yaml", false},
};
static const struct {
    const struct recipe *recipes;
    size_t count;
} targets[] = {
    [SW_RENDER_DOCKER] = {docker_files, SW_COUNT(docker_files)},
    [SW_RENDER_TRUSS] = {truss_files, SW_COUNT(truss_files)},
    [SW_RENDER_COMPOSE] = {compose_files, SW_COUNT(compose_files)},
};

/* The program of the stage that compiles. */
static const struct recipe compile_program = {"compile.py", "templates/compile.py", true};

static const struct recipe repository_sources = {"repositories.sources", "templates/repositories.sources",
                                                 false};

/* The others are stack.json, two programs, two files of `compile`, and that of repositories. */
enum { MOST_FILES = SW_COUNT(docker_files) + 6 };

/* A label of the profile's own takes the place of slipway's. */
static void add_label(struct sw_builder *b, struct sw_node *labels, const struct sw_node *own,
                      const char *name, const char *value)
{
    bool replaced = false;
    for (size_t i = 0; i < sw_node_count(own); i++)
        replaced = replaced || sw_str_is(sw_node_str(sw_node_get(sw_node_item(own, i), "name")), name);
    if (value == NULL || replaced)
        return;
    struct sw_node *label = sw_build_map(b);
    sw_build_set(b, label, "name", sw_build_text(b, name));
    sw_build_set(b, label, "value", sw_build_text(b, value));
    sw_build_append(b, labels, label);
}

/* The plan of a record leaves out keys that have no value. */
static void set_or_null(struct sw_builder *b, struct sw_node *map, const char *key,
                        const struct sw_node *value)
{
    sw_build_set(b, map, key, value == NULL ? sw_build_null(b) : value);
}

static void add_option(struct sw_builder *b, struct sw_node *arguments, const char *option,
                       const struct sw_node *values)
{
    for (size_t i = 0; i < sw_node_count(values); i++) {
        sw_build_append(b, arguments, sw_build_text(b, option));
        sw_build_append(b, arguments, sw_build_str(b, sw_node_str(sw_node_item(values, i))));
    }
}

/* The arguments of the trimmer, or null if the plan has none. */
static struct sw_node *trim_view(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *trim = plan->parts.trim;
    if (sw_node_type(trim) != SW_NODE_MAP)
        return sw_build_null(b);
    struct sw_node *view = sw_build_map(b), *arguments = sw_build_list(b);
    add_option(b, arguments, "--for", sw_node_get(trim, "for"));
    add_option(b, arguments, "--cuda", sw_node_get(trim, "cuda"));
    add_option(b, arguments, "--keep", sw_node_get(trim, "keep"));
    add_option(b, arguments, "--remove", sw_node_get(trim, "remove"));
    sw_build_set(b, view, "arguments", arguments);
    return view;
}

/* Say that the profile wants bytecode, or that it wants none; without the key both are false. */
static void add_bytecode(struct sw_builder *b, struct sw_node *view, const struct sw_plan *plan)
{
    const struct sw_node *wanted = plan->parts.bytecode;
    sw_build_set(b, view, "bytecode", sw_build_bool(b, sw_node_boolean(wanted, false)));
    sw_build_set(b, view, "no_bytecode", sw_build_bool(b, !sw_node_boolean(wanted, true)));
}

struct sw_node *sw_render_labels(struct sw_builder *b, const struct sw_plan *plan)
{
    struct sw_node *labels = sw_build_list(b);
    const struct sw_node *own = plan->parts.labels;
    /* The image of a user's Dockerfile has its own words for people. */
    if (sw_plan_is_wrapped(plan)) {
        add_label(b, labels, own, "io.slipway.profile", sw_node_text(plan->parts.name, NULL));
        add_label(b, labels, own, "io.slipway.plan", plan->digest);
        return labels;
    }
    add_label(b, labels, own, "org.opencontainers.image.title", sw_node_text(plan->parts.name, NULL));
    add_label(b, labels, own, "org.opencontainers.image.description",
              sw_node_text(plan->parts.description, NULL));
    add_label(b, labels, own, "org.opencontainers.image.base.name",
              sw_node_text(plan->parts.base.reference, NULL));
    add_label(b, labels, own, "io.slipway.profile", sw_node_text(plan->parts.name, NULL));
    add_label(b, labels, own, "io.slipway.plan", plan->digest);
    for (size_t i = 0; i < sw_node_count(own); i++)
        sw_build_append(b, labels, sw_node_item(own, i));
    return labels;
}

/* The view for the templates: the plan and the values that follow from it. */
static struct sw_node *make_view(struct sw_builder *b, const struct sw_plan *plan)
{
    struct sw_node *view = sw_build_map(b);
    for (size_t i = 0; i < sw_node_member_count(plan->root); i++)
        sw_build_set(b, view, sw_node_member_at(plan->root, i)->key.p,
                     sw_node_member_at(plan->root, i)->value);
    sw_build_set(b, view, "labels", sw_render_labels(b, plan));
    sw_build_set(b, view, "ssh", sw_build_bool(b, sw_node_boolean(plan->parts.ssh, false)));
    sw_build_set(b, view, "trim", trim_view(b, plan));
    add_bytecode(b, view, plan);
    sw_build_set(b, view, "installs", sw_render_installs(b, plan));
    sw_build_set(b, view, "compiled", sw_build_bool(b, plan->parts.compile.node != NULL));
    sw_build_set(b, view, "compile", sw_render_compile(b, plan, sw_node_get(view, "installs")));
    sw_build_set(b, view, "apt_key", sw_render_apt_key(b, plan));
    sw_build_set(b, view, "repositories", sw_render_repositories(b, plan));
    set_or_null(b, view, "wheels", plan->parts.wheels.node);
    sw_build_set(b, view, "truss", sw_render_truss(b, plan));
    sw_build_set(b, view, "compose", sw_render_compose(b, plan));
    set_or_null(b, view, "interpreter", plan->parts.interpreter.node);
    set_or_null(b, view, "lock", plan->parts.lock.node);
    set_or_null(b, view, "overrides", plan->parts.requirement_overrides);
    set_or_null(b, view, "overridden", plan->parts.requirement_overrides == NULL ? NULL : plan->parts.uv);
    sw_render_words(b, view, plan);
    return view;
}

/* The facts for the guard: the plan's, and the other profiles. */
static const struct sw_node *guard_of(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *planned = plan->parts.guard;
    if (sw_node_type(planned) != SW_NODE_MAP)
        return planned;
    struct sw_node *guard = sw_build_map(b);
    for (size_t i = 0; i < sw_node_member_count(planned); i++)
        sw_build_set(b, guard, sw_node_member_at(planned, i)->key.p, sw_node_member_at(planned, i)->value);
    sw_build_set(b, guard, "profiles", plan->neighbours == NULL ? sw_build_list(b) : plan->neighbours);
    return guard;
}

const struct sw_node *sw_render_stack(struct sw_builder *b, const struct sw_plan *plan)
{
    static const char *const keys[] = {"name",     "python",       "accelerators", "driver",
                                       "torch",    "requirements", "constraints",  "environment",
                                       "installs", "gpu_memory",   "assertions"};
    struct sw_node *stack = sw_build_map(b);
    sw_build_set(b, stack, "plan", sw_build_text(b, plan->digest));
    for (size_t i = 0; i < SW_COUNT(keys); i++)
        set_or_null(b, stack, keys[i], sw_node_get(plan->root, keys[i]));
    if (sw_plan_is_wrapped(plan))
        sw_build_set(b, stack, "dockerfile", sw_build_bool(b, true));
    if (plan->parts.trim != NULL)
        sw_build_set(b, stack, "trim", plan->parts.trim);
    set_or_null(b, stack, "guard", guard_of(b, plan));
    return b->failed ? NULL : stack;
}

static int keep(struct sw_rendering *rendering, const char *name, const struct sw_buffer *text,
                struct sw_error *error)
{
    char *copy = sw_arena_copy(&rendering->arena, sw_buffer_str(text));
    if (copy == NULL)
        return sw_fail_memory(error);
    rendering->files[rendering->count++] = (struct sw_rendered_file){name, {copy, text->n}, 0644};
    return 0;
}

/* Add a document as JSON; NULL: memory ran out while it was made. */
static int add_json(struct sw_rendering *rendering, const char *name, const struct sw_node *document,
                    struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    if (document == NULL)
        return sw_fail_memory(error);
    sw_json_write(&text, document, SW_JSON_PRETTY);
    int code = sw_buffer_check(&text, name, error);
    return code != 0 ? code : keep(rendering, name, &text, error);
}

/* The passes of the lock's layer; none past the last layer. */
static const struct sw_node *passes_of(const struct sw_plan *plan, size_t layer)
{
    return sw_node_get(sw_node_item(plan->parts.lock.layers, layer), "passes");
}

static size_t count_passes(const struct sw_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; passes_of(plan, i) != NULL; i++)
        count += sw_node_count(passes_of(plan, i));
    return count;
}

/* Return true for a file that the plan needs: a pass of the lock has its own requirements. */
static bool is_needed(const struct sw_plan *plan, const char *name)
{
    if (strcmp(name, "overrides.txt") == 0)
        return plan->parts.requirement_overrides != NULL;
    return plan->parts.lock.node == NULL || strcmp(name, "requirements.txt") != 0;
}

static int add_pass(struct sw_rendering *rendering, const struct sw_node *pass, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    const struct sw_node *lines = sw_node_get(pass, "lines");
    const char *name = sw_node_text(sw_node_get(pass, "file"), "");
    sw_buffer_add_text(&text, "# Rendered by slipway from the lock.\n");
    for (size_t i = 0; i < sw_node_count(lines); i++)
        sw_buffer_addf(&text, "%s\n", sw_node_text(sw_node_item(lines, i), ""));
    int code = sw_buffer_check(&text, name, error);
    return code != 0 ? code : keep(rendering, name, &text, error);
}

/* Add a requirements file for each pass of the lock. */
static int add_passes(struct sw_rendering *rendering, const struct sw_plan *plan, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; passes_of(plan, i) != NULL; i++) {
        for (size_t j = 0; code == 0 && j < sw_node_count(passes_of(plan, i)); j++)
            code = add_pass(rendering, sw_node_item(passes_of(plan, i), j), error);
    }
    return code;
}

/* Add a program for the image, built with this program, if the plan has the key of its name. */
static int add_program(struct sw_rendering *rendering, const struct sw_plan *plan, const char *name,
                       const char *resource, const char *project, struct sw_error *error)
{
    struct sw_str program = {0};
    const char *path = NULL;
    if (sw_node_type(sw_node_get(plan->root, name)) != SW_NODE_MAP)
        return 0;
    int code = sw_resource_load(&program, &path, &rendering->arena, project, resource, error);
    if (code == 0)
        rendering->files[rendering->count++] = (struct sw_rendered_file){name, program, 0755};
    return code;
}

static int add_programs(struct sw_rendering *rendering, const struct sw_plan *plan, const char *project,
                        struct sw_error *error)
{
    int code = add_program(rendering, plan, "guard", "guard/" SW_GUARD_ARCHITECTURE, project, error);
    return code != 0 ? code
                     : add_program(rendering, plan, "trim", "trim/" SW_GUARD_ARCHITECTURE, project, error);
}

static int render_file(struct sw_rendering *rendering, const struct recipe *recipe,
                       const struct sw_node *view, const char *project, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    int code;
    if (recipe->verbatim) {
        struct sw_str content = {0};
        const char *label = NULL;
        code = sw_resource_load(&content, &label, &rendering->arena, project, recipe->template, error);
        sw_buffer_add_str(&text, content);
    } else {
        code = sw_template_render_shipped(&text, &rendering->arena, project, recipe->template, view, error);
    }
    if (code == 0)
        code = sw_buffer_check(&text, recipe->name, error);
    return code != 0 ? code : keep(rendering, recipe->name, &text, error);
}

/* Add the files of the stage that compiles, if the plan has it. */
static int add_compile(struct sw_rendering *rendering, const struct sw_plan *plan, const struct sw_node *view,
                       const char *project, struct sw_error *error)
{
    struct sw_builder b = {.arena = &rendering->arena};
    if (plan->parts.compile.node == NULL)
        return 0;
    int code = render_file(rendering, &compile_program, view, project, error);
    return code != 0 ? code : add_json(rendering, "compile.json", sw_render_compile_file(&b, plan), error);
}

static int render_wrapped(struct sw_rendering *rendering, const struct sw_plan *plan, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_DOCKERFILE_SIZE);
    int code = sw_render_dockerfile(&text, plan, error);
    return code != 0 ? code : keep(rendering, "Dockerfile", &text, error);
}

/* Add the files that only an image has: the passes of the lock, stack.json and the programs. */
static int add_for_docker(struct sw_rendering *rendering, const struct sw_plan *plan,
                          const struct sw_node *view, const char *project, struct sw_error *error)
{
    struct sw_builder b = {.arena = &rendering->arena};
    int code = add_passes(rendering, plan, error);
    if (code == 0 && plan->parts.repositories != NULL)
        code = render_file(rendering, &repository_sources, view, project, error);
    if (code == 0 && (!sw_plan_is_wrapped(plan) || sw_plan_has_layer(plan)))
        code = add_json(rendering, "stack.json", sw_render_stack(&b, plan), error);
    if (code == 0)
        code = add_compile(rendering, plan, view, project, error);
    if (code == 0)
        code = add_programs(rendering, plan, project, error);
    return code != 0 ? code : sw_render_add_parts(rendering, plan, project, error);
}

/* A Truss cannot ask for a GPU that its platform does not have. */
static int check_truss(const struct sw_plan *plan, struct sw_error *error)
{
    if (sw_plan_is_wrapped(plan))
        return sw_fail(error, SW_ENO,
                       "the profile builds a Dockerfile of your own, which a Truss cannot have");
    const struct sw_node *gpus = plan->parts.accelerators, *gpu = sw_node_item(gpus, 0);
    bool has = gpu == NULL;
    for (size_t i = 0; !has && i < sw_node_count(gpus); i++)
        has = sw_node_type(sw_node_get(sw_node_item(gpus, i), "truss")) == SW_NODE_TEXT;
    if (has)
        return 0;
    (void)sw_fail(error, SW_ENO, "Truss has no accelerator '%s'", sw_node_text(sw_node_get(gpu, "name"), ""));
    return sw_error_hint(error, "add a GPU to 'accelerators' that it has, such as t4, l4, a100 or h100");
}

int sw_render(struct sw_rendering *out, const struct sw_plan *plan, enum sw_render_target target,
              const char *project, struct sw_error *error)
{
    const struct recipe *recipes = targets[target].recipes;
    size_t count = targets[target].count;
    struct sw_rendering made = {0};
    sw_arena_init(&made.arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &made.arena};
    struct sw_node *view = make_view(&b, plan);
    made.files = sw_arena_array(&made.arena, MOST_FILES + count_passes(plan) + sw_render_count_parts(plan),
                                sizeof *made.files);
    int code = b.failed || made.files == NULL ? sw_fail_memory(error) : 0;
    if (code == 0 && target == SW_RENDER_TRUSS)
        code = check_truss(plan, error);
    bool wrapped = sw_plan_is_wrapped(plan) && target == SW_RENDER_DOCKER;
    if (code == 0 && wrapped)
        code = render_wrapped(&made, plan, error);
    for (size_t i = wrapped ? 1 : 0; code == 0 && i < count; i++) {
        if (is_needed(plan, recipes[i].name) &&
            (!wrapped || sw_render_is_wrapped_file(plan, recipes[i].name)))
            code = render_file(&made, &recipes[i], view, project, error);
    }
    if (code == 0 && target == SW_RENDER_DOCKER)
        code = add_for_docker(&made, plan, view, project, error);
    if (code != 0) {
        sw_arena_release(&made.arena);
        return code;
    }
    *out = made;
    return 0;
}

void sw_rendering_release(struct sw_rendering *rendering)
{
    if (rendering == NULL)
        return;
    sw_arena_release(&rendering->arena);
    *rendering = (struct sw_rendering){0};
}

struct sw_str sw_rendering_text(const struct sw_rendering *rendering, const char *name)
{
    for (size_t i = 0; i < rendering->count; i++) {
        if (strcmp(rendering->files[i].name, name) == 0)
            return rendering->files[i].text;
    }
    return (struct sw_str){"", 0};
}
