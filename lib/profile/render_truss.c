/* A plan in the words of a Truss config (https://docs.baseten.co/reference/truss-configuration), and all that is lost on the way.
 *
 * A Truss is built by its platform: from the platform's own base or from an image with Python, with requirements that uv
 * installs, and commands that run as root after that. It starts the platform's server, or the profile's if its port is known. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/path.h"

/* ---- the requirements ---- */

static bool lists(const struct sw_node *list, struct sw_str text)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_str_equal(sw_node_str(sw_node_item(list, i)), text))
            return true;
    }
    return false;
}

static void add_once(struct target *t, struct sw_node *list, const struct sw_node *text)
{
    if (text != NULL && !lists(list, sw_node_str(text)))
        sw_build_append(t->b, list, text);
}

/* The requirement of a project that is compiled, as the profile says it; the plan's `requirements` have its name alone. */
static const struct sw_node *whole_requirement(const struct target *t, const struct sw_node *requirement)
{
    const struct sw_node *projects = t->plan->parts.compile.projects;
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *row = sw_node_item(projects, i);
        if (sw_str_equal(sw_node_str(sw_node_get(row, "project")),
                         sw_requirement_project(sw_node_str(requirement))))
            return sw_node_get(row, "requirement");
    }
    return requirement;
}

static void add_requirements(struct target *t, struct sw_node *list)
{
    const struct sw_node *own = t->plan->parts.requirements;
    for (size_t i = 0; i < sw_node_count(own); i++) {
        const struct sw_node *requirement = whole_requirement(t, sw_node_item(own, i));
        struct sw_str text = sw_node_str(requirement);
        if (sw_str_find(text, SW_STR("file://")) < text.n)
            sw_target_lose(t, "requirements",
                           "'%.*s' is of a folder that a Truss does not have: put it into 'packages'",
                           SW_STR_FORMAT(text));
        else
            add_once(t, list, requirement);
    }
}

/* The indexes as options of pip, which then asks all of them for every project. */
static struct sw_node *indexes_of(struct target *t)
{
    struct sw_node *indexes = sw_build_list(t->b);
    const struct sw_node *installs = t->plan->parts.installs, *torch = t->plan->parts.torch.index;
    bool others = false;
    for (size_t i = 0; i < sw_node_count(installs); i++) {
        const struct sw_node *index = sw_node_get(sw_node_item(installs, i), "index");
        if (sw_node_type(index) != SW_NODE_TEXT)
            continue;
        add_once(t, indexes, sw_build_format(t->b, "--extra-index-url %s", sw_node_text(index, "")));
        others = others || !sw_str_equal(sw_node_str(index), sw_node_str(torch));
    }
    if (others)
        sw_target_lose(t, "indexes",
                       "a Truss has no index for single projects: all are asked for each project");
    return indexes;
}

static void read_installs(struct target *t)
{
    struct sw_node *pinned = sw_build_list(t->b), *list = sw_build_list(t->b);
    const struct sw_node *installs = t->plan->parts.installs, *constraints = t->plan->parts.constraints;
    for (size_t i = 0; i < sw_node_count(installs); i++) {
        const struct sw_node *packages = sw_node_get(sw_node_item(installs, i), "packages");
        for (size_t j = 0; j < sw_node_count(packages); j++)
            add_once(t, pinned, sw_node_item(packages, j));
    }
    for (size_t i = 0; i < sw_node_count(constraints); i++) {
        const struct sw_node *constraint = sw_node_item(constraints, i);
        add_once(t, list, constraint);
        if (!lists(pinned, sw_node_str(constraint)))
            sw_target_lose(t, "constraints", "a Truss has no constraints: '%s' is a requirement there",
                           sw_node_text(constraint, ""));
    }
    for (size_t i = 0; i < sw_node_count(pinned); i++)
        add_once(t, list, sw_node_item(pinned, i));
    add_requirements(t, list);
    struct sw_node *both = sw_build_map(t->b);
    sw_build_set(t->b, both, "indexes", indexes_of(t));
    sw_build_set(t->b, both, "projects", list);
    sw_target_set(t, "requirements", sw_node_count(list) == 0 ? NULL : both);
    if (t->plan->parts.requirement_overrides != NULL)
        sw_target_lose(t, "overrides", "a Truss has no overrides: its pip holds all requirements");
    if (t->plan->parts.lock.node != NULL)
        sw_target_lose(t, "", "a Truss has no lock: its platform resolves the requirements anew");
    if (t->plan->parts.compile.node != NULL)
        sw_target_lose(
            t, "requirements",
            "a Truss has no stage that compiles: %s needs a wheel, or nvcc and torch in the base image",
            sw_node_text(sw_node_at(t->plan->parts.compile.projects, "[0].project"), ""));
}

/* The packages of the system that its distribution has. */
static void read_packages(struct target *t)
{
    const struct sw_node *packages = t->plan->parts.system_packages, *nvidia = t->plan->parts.nvidia;
    struct sw_node *list = sw_build_list(t->b);
    for (size_t i = 0; i < sw_node_count(packages); i++) {
        if (!lists(nvidia, sw_node_str(sw_node_item(packages, i))))
            sw_build_append(t->b, list, sw_node_item(packages, i));
    }
    sw_target_set(t, "packages", sw_target_section(t, list));
}

/* ---- GPU, base and variables ---- */

static void read_place(struct target *t)
{
    const char *python = sw_node_text(t->plan->parts.python, "");
    const struct sw_node *gpus = t->plan->parts.accelerators, *base = sw_node_get(t->plan->facts, "base");
    const char *minor = strchr(python, '.');
    const struct sw_node *named = NULL;
    for (size_t i = 0; named == NULL && i < sw_node_count(gpus); i++) {
        const struct sw_node *name = sw_node_get(sw_node_item(gpus, i), "truss");
        named = sw_node_type(name) == SW_NODE_TEXT ? name : NULL;
    }
    sw_target_set(t, "python", sw_build_format(t->b, "py3%s", minor == NULL ? "" : minor + 1));
    sw_target_set(t, "accelerator", named);
    sw_target_set(t, "base", sw_node_type(base) == SW_NODE_TEXT ? base : NULL);
    if (sw_node_count(gpus) > 1)
        sw_target_lose(t, "accelerators", "a Truss names one GPU: %s", sw_node_text(named, ""));
}

/* The value with the defaults of arguments in their places: a Truss has no build arguments. */
static struct sw_node *with_defaults(struct target *t, const struct sw_node *parts)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    const struct sw_node *arguments = t->plan->parts.arguments;
    for (size_t i = 0; i < sw_node_count(parts); i++) {
        struct sw_str reference = sw_node_str(sw_node_get(sw_node_item(parts, i), "reference"));
        bool in_braces = reference.n > 3 && reference.p[1] == '{';
        struct sw_str name = sw_str_drop(reference, in_braces ? 2 : reference.n > 0 ? 1 : 0);
        name.n -= in_braces ? 1 : 0;
        const struct sw_node *value = NULL;
        for (size_t j = 0; value == NULL && j < sw_node_count(arguments); j++) {
            const struct sw_node *argument = sw_node_item(arguments, j);
            value = sw_str_equal(sw_node_str(sw_node_get(argument, "name")), name)
                        ? sw_node_get(argument, "value")
                        : NULL;
        }
        sw_buffer_add_str(&text, sw_node_str(sw_node_get(sw_node_item(parts, i), "text")));
        sw_buffer_add_str(&text, value == NULL ? reference : sw_node_str(value));
    }
    t->b->failed = t->b->failed || text.state != SW_BUFFER_OK;
    return sw_build_str(t->b, sw_buffer_str(&text));
}

/* A Truss writes values into a Dockerfile as they stand. */
static void lose_characters(struct target *t, const char *name, const struct sw_node *parts)
{
    for (size_t i = 0; i < sw_node_count(parts); i++) {
        const char *text = sw_node_text(sw_node_get(sw_node_item(parts, i), "text"), "");
        if (strpbrk(text, "$\\\"") == NULL)
            continue;
        SW_BUFFER_AUTO at;
        sw_buffer_init(&at, SW_MAX_REQUIREMENT_SIZE);
        sw_buffer_addf(&at, "environment.%s", name);
        sw_target_lose(t, at.p,
                       "a Truss writes the value into a Dockerfile, which reads more in '$', '\"' and '\\'");
        return;
    }
}

static void read_environment(struct target *t)
{
    const struct sw_node *list = sw_render_environment(t->b, t->plan), *secrets = t->plan->parts.secrets;
    struct sw_node *variables = sw_build_map(t->b), *keys = sw_build_map(t->b), *paths = sw_build_map(t->b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const char *name = sw_node_text(sw_node_get(sw_node_item(list, i), "name"), "");
        const struct sw_node *parts = sw_node_get(sw_node_item(list, i), "parts");
        sw_build_set(t->b, variables, name, with_defaults(t, parts));
        lose_characters(t, name, parts);
    }
    for (size_t i = 0; i < sw_node_count(secrets); i++) {
        const char *id = sw_node_text(sw_node_get(sw_node_item(secrets, i), "id"), "");
        sw_build_set(t->b, keys, id, sw_build_null(t->b));
        sw_build_set(t->b, paths, id, sw_build_format(t->b, "/run/secrets/%s", id));
    }
    bool has_steps = sw_node_count(t->plan->parts.steps) + sw_node_count(t->plan->parts.steps_before) > 0;
    sw_target_set(t, "environment", variables);
    sw_target_set(t, "secrets", keys);
    sw_target_set(t, "secret_paths", sw_node_count(secrets) > 0 && has_steps ? paths : NULL);
    if (t->plan->parts.arguments != NULL)
        sw_target_lose(t, "arguments",
                       "a Truss has no build arguments: their defaults stand in their places");
}

/* ---- all else ---- */

/* The other keys: they are lost if the plan has them. */
static void lose_others(struct target *t)
{
    static const struct {
        const char *key, *path, *text;
        /* Lost only if no server of the profile's is started. */
        bool unless_server;
    } others[] = {
        {"guard", "guard", "a Truss has no guard: it starts on whatever GPU its platform gives it", false},
        {"trim", "trim", "a Truss is not trimmed: its platform installs the packages", false},
        {"bytecode", "bytecode", "a Truss has no word for bytecode: its platform installs the packages",
         false},
        {"interpreter", "python_version",
         "a Truss takes the Python of its base: the profile's base image has another and is left out", false},
        {"user", "user", "a Truss runs its own server as it likes", true},
        {"workdir", "workdir", "a Truss runs its own server in /app", true},
        {"healthcheck", "healthcheck", "a Truss asks its own server", true},
        {"ports", "ports", "a Truss's own server has its own port", true},
        {"volumes", "volumes", "a Truss has no volumes", false},
        {"repositories", "repositories", "a Truss has no package repositories but its base's", false},
        {"nvidia", "nvidia", "a Truss has no package repository of NVIDIA's: its packages are left out",
         false},
        {"labels", "labels", "a Truss has no labels", false},
        {"stop_signal", "stop_signal", "a Truss has no stop signal", false},
        {"ssh", "ssh", "a Truss has no SSH agent in its commands", false},
        {"gpu_memory", "gpu_memory", "a Truss has no word for a GPU's memory: its accelerator decides that",
         false},
        {"driver", "driver", "a Truss has no word for the driver: its platform decides that", false},
    };
    bool has_server = sw_node_type(sw_node_get(t->view, "server")) == SW_NODE_MAP;
    for (size_t i = 0; i < SW_COUNT(others); i++) {
        const struct sw_node *value = sw_node_get(t->plan->root, others[i].key);
        bool asked = !sw_node_empty(value) && sw_node_get(sw_node_item(value, 0), "of") == NULL;
        if (asked && !(others[i].unless_server && has_server))
            sw_target_lose(t, others[i].path, "%s", others[i].text);
    }
    const struct sw_node *assertions = t->plan->parts.assertions,
                         *last = sw_node_item(assertions, sw_node_count(assertions) - 1);
    if (strncmp(sw_node_text(sw_node_get(last, "at"), ""), "assertions", strlen("assertions")) == 0)
        sw_target_lose(t, "assertions", "a Truss has no probe: nothing asks whether they hold");
    if (sw_node_type(t->plan->parts.base.bootstrap) == SW_NODE_TEXT)
        sw_target_lose(t, "base_image", "a Truss's base comes from a registry: its platform's own is taken");
    if (has_server && t->plan->parts.entrypoint == NULL &&
        sw_node_type(sw_node_get(t->view, "base")) == SW_NODE_TEXT)
        sw_target_lose(t, "entrypoint", "a Truss does not run the base image's entry point");
}

struct sw_node *sw_render_truss(struct sw_builder *b, const struct sw_plan *plan)
{
    struct target t = {.b = b,
                       .plan = plan,
                       .view = sw_build_map(b),
                       .losses = sw_build_list(b),
                       .commands = sw_build_list(b),
                       .models = sw_build_list(b)};
    read_place(&t);
    read_installs(&t);
    read_packages(&t);
    read_environment(&t);
    sw_truss_commands(&t);
    sw_truss_server(&t);
    lose_others(&t);
    sw_target_set(&t, "losses", t.losses);
    return t.view;
}
