/* The base image of a draft, and the Python and torch that its name tells. */
#include "author/draft_internal.h"
#include "catalog/base_stack.h"
#include "data/path.h"
#include "profile/values.h"

/* The release of CPython that a text names: "3.11" of "python:3.11.4-slim" and of "1.0-py3.11-cuda12.1". */
static const char *python_of(struct sw_draft *draft, const char *text)
{
    const char *at = strstr(text, "py");
    while (at != NULL && !sw_is_digit((unsigned char)at[strcspn(at, "0123456789/")]))
        at = strstr(at + 1, "py");
    if (at == NULL)
        return NULL;
    at += strncmp(at, "python", 6) == 0 ? 6 : 2;
    at += *at == ':' || *at == '-';
    size_t n = strncmp(at, "3.", 2) == 0 ? 2 + strspn(at + 2, "0123456789") : 0;
    const struct sw_str version = {at, n};
    return sw_value_python(version) != NULL ? NULL : draft_copy(draft, version);
}

/* The distribution that a reference is, or is made on: "ubuntu:jammy" of "ubuntu:22.04" and "x-ubuntu22.04"; NULL: unknown. */
static const char *distribution_of(struct sw_draft *draft, const char *reference)
{
    const struct sw_node *images = draft->catalog->images;
    const struct sw_node *tags = sw_node_at(images, "distributions.tags");
    const struct sw_node *pythons = sw_node_at(images, "distributions.python");
    reference = sw_catalog_base_name(reference);
    struct sw_str rest = sw_str_from(reference);
    struct sw_str repository = sw_str_cut(&rest, ':');
    const char *joined = draft_format(draft, "%.*s%.*s", SW_STR_FORMAT(repository), SW_STR_FORMAT(rest));
    for (size_t i = 0; i < sw_node_member_count(tags); i++) {
        if (strstr(joined, sw_node_member_at(tags, i)->key.p) != NULL)
            return sw_node_text(sw_node_member_at(tags, i)->value, NULL);
    }
    for (size_t i = 0; i < sw_node_member_count(pythons); i++) {
        if (sw_str_starts(sw_str_from(reference), sw_node_member_at(pythons, i)->key.p))
            return sw_node_member_at(pythons, i)->key.p;
    }
    return NULL;
}

/* Add the packages that a bare distribution needs for a virtual environment; plan.c adds those of NVIDIA's
 * images. */
static void add_python(struct sw_draft *draft, struct draft_place place)
{
    static const char *const packages[] = {"ca-certificates", "python3", "python3-venv"};
    for (size_t i = 0; i < SW_COUNT(packages); i++)
        draft_add(draft, DRAFT_PACKAGES, packages[i], place);
}

/* The Python that a reference tells: by the catalog's row, by its own words, or that of its distribution. */
static void take_python(struct sw_draft *draft, const char *reference, const struct sw_base_stack *stack,
                        struct draft_place place)
{
    const char *python = stack->python != NULL ? stack->python : python_of(draft, reference);
    const char *distribution = distribution_of(draft, reference);
    const struct sw_node *pythons = sw_node_at(draft->catalog->images, "distributions.python");
    draft->python_is_weak = python == NULL;
    if (python == NULL && distribution != NULL)
        python = sw_node_text(sw_node_get(pythons, distribution), NULL);
    if (python != NULL) {
        draft->python = draft_copy(draft, sw_str_from(python));
        draft->python_place = place;
    }
}

/* A profile installs the stack of the image itself, on a small base. */
static bool replace_base(struct sw_draft *draft, const struct sw_base_stack *stack, const char *reference,
                         struct draft_place place)
{
    if (draft->judged || draft->base_torch == NULL)
        return false;
    draft_leave(
        draft, place, sw_str_from(reference),
        "the profile installs its torch %s for CUDA %s%s%s itself, on a small base; its ENTRYPOINT and "
        "other programs are not there",
        draft->base_torch, draft->base_cuda, stack->requirement == NULL ? "" : " and ",
        stack->requirement == NULL ? "" : stack->requirement);
    return true;
}

static bool is_bare(struct sw_str name)
{
    return sw_str_starts(name, "ubuntu:") || sw_str_starts(name, "debian:");
}

/* Name an image whose stack the catalog does not know. */
static void leave_unknown(struct sw_draft *draft, const struct sw_base_stack *stack, struct sw_str name,
                          struct draft_place place)
{
    struct sw_str own = sw_str_from(sw_catalog_base_name(name.p));
    bool plain = is_bare(own) || sw_str_starts(own, "nvidia/cuda:") || sw_str_starts(own, "python:") ||
                 sw_str_is(own, "scratch");
    if (stack->unknown != NULL)
        draft_leave_unjudged(draft, place, name, "%s", stack->unknown);
    else if (stack->row == NULL && !plain)
        draft_leave_unjudged(draft, place, name, "the catalog does not know what this base image brings");
}

void draft_base(struct sw_draft *draft, const char *reference, struct draft_place place)
{
    struct sw_base_stack stack;
    struct sw_str name = sw_str_from(reference);
    const char *wrong = sw_value_reference(name);
    if (wrong != NULL) {
        draft_leave_unjudged(draft, place, name, "%s", wrong);
        return;
    }
    if (!sw_catalog_base_stack(&stack, &draft->arena, draft->catalog, reference))
        draft->failed = true;
    take_python(draft, reference, &stack, place);
    draft->base_place = place;
    if (stack.torch != NULL && stack.cuda != NULL) {
        draft->base_torch = stack.torch;
        draft->base_cuda = stack.cuda;
        draft->base_companions = stack.companions;
    }
    if (stack.requirement != NULL && stack.unknown == NULL)
        draft_require(draft, sw_str_from(stack.requirement), NULL, place);
    leave_unknown(draft, &stack, name, place);
    bool is_default =
        draft->python != NULL &&
        strcmp(sw_catalog_base_name(reference), draft_format(draft, "python:%s-slim", draft->python)) == 0;
    if (replace_base(draft, &stack, reference, place) || (is_default && !draft->judged))
        return;
    draft->base = draft_copy(draft, name);
    if (is_bare(sw_str_from(sw_catalog_base_name(reference))) && !draft->judged)
        add_python(draft, place);
}

void draft_take_python(struct sw_draft *draft, struct sw_str text, struct draft_place place)
{
    text = sw_str_trim(text);
    while (text.n > 0 && strchr("=~>^", text.p[0]) != NULL)
        text = sw_str_drop(text, 1);
    text = sw_str_trim(text);
    size_t n = sw_str_starts(text, "3.") ? 2 : text.n;
    while (n < text.n && sw_is_digit((unsigned char)text.p[n]))
        n++;
    const struct sw_str version = {text.p, n};
    if (sw_value_python(version) != NULL)
        return;
    draft->python = draft_copy(draft, version);
    draft->python_place = place;
    draft->python_is_weak = false;
}
