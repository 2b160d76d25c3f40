#include "catalog/base_stack.h"

/* The values of a pattern's names, in the tag. */
struct match {
    struct sw_str torch, python, cuda, release;
};

static struct sw_str *value_of(struct match *match, struct sw_str name)
{
    if (sw_str_is(name, "torch"))
        return &match->torch;
    if (sw_str_is(name, "python"))
        return &match->python;
    if (sw_str_is(name, "cuda"))
        return &match->cuda;
    return sw_str_is(name, "release") ? &match->release : NULL;
}

/* A number such as 2.4.0 at the start of a tag. */
static size_t number_length(struct sw_str tag)
{
    size_t n = 0;
    while (n < tag.n && (sw_is_digit((unsigned char)tag.p[n]) || (n > 0 && tag.p[n] == '.' && n + 1 < tag.n &&
                                                                  sw_is_digit((unsigned char)tag.p[n + 1]))))
        n++;
    return n;
}

/* Match a tag with a pattern: {NAME} is a number, and a `*` at either end is any text. */
static bool match_tag(struct match *match, struct sw_str pattern, struct sw_str tag)
{
    if (sw_str_starts(pattern, "*") && pattern.n > 1) {
        struct sw_str rest = sw_str_drop(pattern, 1);
        for (size_t i = 0; i < tag.n; i++) {
            struct match tried = {0};
            if (match_tag(&tried, rest, sw_str_drop(tag, i))) {
                *match = tried;
                return true;
            }
        }
        return false;
    }
    while (pattern.n > 0) {
        if (sw_str_is(pattern, "*"))
            return true;
        if (pattern.p[0] == '{') {
            pattern = sw_str_drop(pattern, 1);
            struct sw_str name = sw_str_cut(&pattern, '}');
            size_t n = number_length(tag);
            struct sw_str *value = value_of(match, name);
            if (n == 0 || pattern.p == NULL)
                return false;
            if (value != NULL)
                *value = (struct sw_str){tag.p, n};
            tag = sw_str_drop(tag, n);
        } else {
            if (tag.n == 0 || tag.p[0] != pattern.p[0])
                return false;
            pattern = sw_str_drop(pattern, 1);
            tag = sw_str_drop(tag, 1);
        }
    }
    return tag.n == 0;
}

/* "2.4.0" of "2.4.0" and of "240"; NULL without memory or for a number of another form. */
static const char *release_of(struct sw_arena *arena, struct sw_str text)
{
    if (memchr(text.p, '.', text.n) != NULL)
        return sw_arena_copy(arena, text);
    if (text.n < 3 || text.n > 4)
        return NULL;
    return sw_arena_format(arena, "%c.%.*s.%c", text.p[0], (int)(text.n - 2), text.p + 1, text.p[text.n - 1]);
}

/* "12.4" of "12.4.1", "12.4", "1241" and "124". */
static const char *cuda_of(struct sw_arena *arena, struct sw_str text)
{
    const char *dot = memchr(text.p, '.', text.n);
    if (dot == NULL)
        return text.n < 3 ? NULL : sw_arena_format(arena, "%.2s.%c", text.p, text.p[2]);
    const char *second = memchr(dot + 1, '.', text.n - (size_t)(dot + 1 - text.p));
    return sw_arena_copy(arena, second == NULL ? text : (struct sw_str){text.p, (size_t)(second - text.p)});
}

static void fill(struct sw_base_stack *out, struct sw_arena *arena, const struct match *match)
{
    const struct sw_node *row = out->row;
    if (match->torch.n > 0)
        out->torch = release_of(arena, match->torch);
    if (match->cuda.n > 0)
        out->cuda = cuda_of(arena, match->cuda);
    out->python = match->python.n > 0 ? sw_arena_copy(arena, match->python) : NULL;
    if (out->python == NULL && out->torch != NULL)
        out->python = sw_node_text(sw_node_get(sw_node_get(row, "python"), out->torch), NULL);
    const char *release = match->release.n > 0 ? sw_arena_copy(arena, match->release) : NULL;
    const char *package = sw_node_text(sw_node_get(row, "package"), NULL);
    out->companions = sw_node_get(row, "brings");
    if (release == NULL)
        return;
    const struct sw_node *facts = sw_node_get(sw_node_get(row, "releases"), release);
    out->torch = sw_node_text(sw_node_get(facts, "torch"), out->torch);
    out->cuda = sw_node_text(sw_node_get(facts, "cuda"), out->cuda);
    out->python = sw_node_text(sw_node_get(facts, "python"), out->python);
    if (package != NULL)
        out->requirement = sw_arena_format(arena, "%s==%s", package, release);
}

const char *sw_catalog_base_name(const char *reference)
{
    static const char *const registries[] = {
        "docker.io/",     "index.docker.io/",      "registry-1.docker.io/", "registry.hub.docker.com/",
        "mirror.gcr.io/", "public.ecr.aws/docker/"};
    if (strncmp(reference, "nvcr.io/nvidia/cuda:", strlen("nvcr.io/nvidia/cuda:")) == 0)
        return reference + strlen("nvcr.io/");
    for (size_t i = 0; i < SW_COUNT(registries); i++) {
        size_t n = strlen(registries[i]);
        if (strncmp(reference, registries[i], n) == 0) {
            reference += n;
            break;
        }
    }
    return strncmp(reference, "library/", strlen("library/")) == 0 ? reference + strlen("library/")
                                                                   : reference;
}

/* The repository and the tag of a reference, without a digest and Docker Hub's own name. */
static void split(struct sw_str *repository, struct sw_str *tag, const char *reference)
{
    struct sw_str rest = sw_str_from(sw_catalog_base_name(reference)), name = sw_str_cut(&rest, '@');
    size_t colon = name.n;
    for (size_t i = name.n; i-- > 0 && name.p[i] != '/';)
        colon = name.p[i] == ':' ? i : colon;
    *repository = (struct sw_str){name.p, colon};
    *tag = colon == name.n ? SW_STR("latest") : sw_str_drop(name, colon + 1);
}

static const struct sw_node *find_row(const struct sw_node *rows, struct sw_str repository)
{
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *images = sw_node_get(sw_node_item(rows, i), "images");
        for (size_t j = 0; j < sw_node_count(images); j++) {
            if (sw_str_equal(sw_node_str(sw_node_item(images, j)), repository))
                return sw_node_item(rows, i);
        }
    }
    return NULL;
}

bool sw_catalog_base_stack(struct sw_base_stack *out, struct sw_arena *arena,
                           const struct sw_catalog *catalog, const char *reference)
{
    struct sw_str repository, tag;
    *out = (struct sw_base_stack){0};
    split(&repository, &tag, reference);
    out->row = find_row(sw_node_get(catalog->images, "stacks"), repository);
    const struct sw_node *tags = sw_node_get(out->row, "tags");
    for (size_t i = 0; i < sw_node_count(tags); i++) {
        struct match match = {0};
        if (!match_tag(&match, sw_node_str(sw_node_item(tags, i)), tag))
            continue;
        fill(out, arena, &match);
        break;
    }
    bool judged = out->torch != NULL && out->cuda != NULL;
    if (out->row != NULL && !judged)
        out->unknown = sw_node_text(sw_node_get(out->row, "unknown"),
                                    "the tag does not tell which torch and CUDA the image brings");
    return true;
}
