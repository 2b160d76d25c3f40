/* The image's Python: its base image's, or a build that is installed. */
#include "profile/plan_internal.h"

#include "catalog/base_stack.h"
#include "data/path.h"

/* Return true if a part of an image's name begins with the text: "ubuntu:22.04" in "docker.io/library/ubuntu:22.04". */
static bool is_image(const char *reference, const char *start)
{
    const char *name = strrchr(reference, '/');
    name = name == NULL ? reference : name + 1;
    return strncmp(name, start, strlen(start)) == 0;
}

static const char *look_up(const struct sw_node *names, const char *reference, bool whole)
{
    for (size_t i = 0; i < sw_node_member_count(names); i++) {
        const char *key = sw_node_member_at(names, i)->key.p;
        if (whole ? is_image(reference, key) : strstr(reference, key) != NULL)
            return sw_node_text(sw_node_member_at(names, i)->value, NULL);
    }
    return NULL;
}

/* The base image, as far as its Python goes. */
struct base {
    const char *reference; /* as the profile says it */
    /* "ubuntu:jammy"; NULL if nothing tells of it. */
    const char *distribution;
    /* The image is a distribution's and brings no Python until a package does. */
    bool bare;
    /* "3.10"; NULL if it is not known. */
    const char *python;
};

static void read_base(struct base *base, struct resolver *r, const char *bootstrap, const char *reference)
{
    const struct sw_node *known = sw_node_get(r->catalog->images, "distributions");
    bool cuda = bootstrap == NULL && strncmp(sw_catalog_base_name(reference), "nvidia/cuda:", 12) == 0;
    *base = (struct base){.reference = bootstrap == NULL ? reference : bootstrap, .distribution = bootstrap};
    if (cuda)
        base->distribution = look_up(sw_node_get(known, "tags"), reference, false);
    else if (bootstrap == NULL)
        base->distribution = look_up(sw_node_get(known, "images"), reference, true);
    base->bare = bootstrap == NULL && !cuda && base->distribution != NULL;
    base->python = sw_node_text(sw_node_get(sw_node_get(known, "python"), base->distribution), NULL);
    struct sw_base_stack stack = {0};
    if (!sw_catalog_base_stack(&stack, r->b.arena, r->catalog, reference))
        r->b.failed = true;
    else if (stack.python != NULL)
        base->python = stack.python;
}

/* Return true if uv has builds of this Python. */
static bool is_managed(const struct resolver *r)
{
    const struct sw_node *range = sw_node_at(r->catalog->images, "uv.pythons");
    return sw_node_count(range) == 2 &&
           sw_catalog_compare(r->python, sw_node_text(sw_node_item(range, 0), "")) >= 0 &&
           sw_catalog_compare(r->python, sw_node_text(sw_node_item(range, 1), "")) <= 0;
}

/* A build of Python in the place of the base image's. */
static void install_python(struct resolver *r, const struct base *base)
{
    const char *folder = sw_node_text(sw_resolver_get(r, "python_builds"), NULL);
    struct sw_node *interpreter = sw_build_map(&r->b), *packages = sw_build_list(&r->b);
    static const char *const needed[] = {"ca-certificates", "python3", "python3-venv"};
    for (size_t i = 0; i < SW_COUNT(needed); i++)
        sw_build_append(&r->b, packages, sw_build_text(&r->b, needed[i]));
    sw_build_set(&r->b, interpreter, "folder", sw_build_text(&r->b, folder));
    sw_build_set(&r->b, interpreter, "source",
                 folder == NULL ? sw_build_null(&r->b) : sw_resolver_source(r, folder));
    sw_build_set(&r->b, interpreter, "uv", sw_node_at(r->catalog->images, "uv.version"));
    sw_build_set(&r->b, interpreter, "packages", packages);
    sw_resolver_set(r, "interpreter", interpreter);
    r->managed = true;
    const char *has = base->python == NULL
                          ? sw_arena_format(r->b.arena, "the Python of '%s' is not known", base->reference)
                          : sw_arena_format(r->b.arena, "'%s' has Python %s", base->reference, base->python);
    const char *from =
        folder == NULL ? "as uv's build of it" : sw_arena_format(r->b.arena, "from a build in '%s'", folder);
    struct sw_finding *finding =
        sw_resolver_find(r, "SW231", SW_NOTE, "python_version", "%s: Python %s is installed beside it, %s",
                         has == NULL ? "" : has, r->python, from == NULL ? "" : from);
    if (folder == NULL)
        sw_finding_hint(r->findings, finding,
                        "the build takes it from GitHub, or from the mirror that UV_PYTHON_INSTALL_MIRROR "
                        "names; python_builds "
                        "names a folder with builds instead");
}

/* Report a base image with another Python than the wanted, which uv does not have either. */
static void refuse(struct resolver *r, const struct base *base)
{
    struct sw_finding *finding =
        sw_resolver_find(r, "SW102", SW_ERROR, "python_version", "'%s' has Python %s, the profile wants %s",
                         base->reference, base->python, r->python);
    sw_finding_hint(r->findings, finding, "set python_version to \"%s\", or use a base image with Python %s",
                    base->python, r->python);
    sw_finding_fix(r->findings, finding, SW_EDIT_SET, "python_version", base->python);
}

static void choose(struct resolver *r, const struct base *base, bool bootstrap)
{
    bool has_folder = sw_resolver_get(r, "python_builds") != NULL;
    if (bootstrap && base->python == NULL)
        (void)sw_resolver_find(
            r, "SW102", SW_ERROR, "base_image", "unknown distribution '%s'; known are %s", base->distribution,
            "debian:bullseye, debian:bookworm, debian:trixie, ubuntu:jammy and ubuntu:noble");
    else if (base->python == NULL ? has_folder : strcmp(base->python, r->python) != 0) {
        if (has_folder || is_managed(r))
            install_python(r, base);
        else
            refuse(r, base);
    }
}

/* Return true if the profile's own packages bring the distribution's Python and its module venv. */
static bool names_python(const struct resolver *r)
{
    const struct sw_node *list = sw_resolver_get(r, "system_packages");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str package = sw_node_str(sw_node_item(list, i)), name = sw_str_cut(&package, '=');
        if (sw_str_starts(name, "python3") && (sw_str_ends(name, "-venv") || sw_str_ends(name, "-full")))
            return true;
    }
    return false;
}

bool sw_resolve_interpreter(struct resolver *r, const char *bootstrap, const char *reference)
{
    struct base base;
    read_base(&base, r, bootstrap, reference);
    if (!r->profile->is_found)
        choose(r, &base, bootstrap != NULL);
    r->distribution_python = base.distribution != NULL && !r->managed;
    if (base.bare)
        return !r->managed && !names_python(r);
    return base.distribution != NULL && bootstrap == NULL;
}
