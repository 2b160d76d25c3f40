#include "check/base_torch.h"

#include "base/limits.h"
#include "check/asked_stack.h"
#include "check/closed_set.h"
#include "resolve/kept.h"

struct finding_torch {
    struct sw_base_torch *out;
    struct sw_arena *arena; /* of the result */
    const struct sw_profile *profile;
    struct sw_closed_set asked;
};

/* The requirement that brings torch into the set. */
static void take_way(const struct finding_torch *f, const struct sw_resolution *set, size_t torch,
                     unsigned install)
{
    size_t first = 0, root = 0;
    const struct sw_resolved_requirer *requirer =
        sw_resolution_why(&first, 1, set, torch) == 0 ? NULL : set->packages[first].requirers;
    for (size_t i = 0; requirer != NULL && i < f->asked.question.root_count; i++) {
        if (f->asked.roots[i]->install == install && root++ == requirer->requirement)
            f->out->at = f->asked.roots[i]->at;
    }
}

/* Note the companions of the base image that are not in the set. */
static bool take_left(const struct finding_torch *f, const struct sw_resolution *set)
{
    const struct sw_node *companions = f->profile->base_companions;
    f->out->left = sw_arena_array(f->arena, sw_node_count(companions) + 1, sizeof *f->out->left);
    f->out->left_count = 0;
    for (size_t i = 0; f->out->left != NULL && i < sw_node_count(companions); i++) {
        const char *project = sw_node_text(sw_node_item(companions, i), "");
        if (sw_resolution_find(set, project) == NULL)
            f->out->left[f->out->left_count++] = project;
    }
    return f->out->left != NULL;
}

/* Take the set that a command installs. */
static bool take_set(const struct finding_torch *f, const struct sw_resolution *set, unsigned install)
{
    const struct sw_resolved_package *torch = sw_resolution_find(set, "torch");
    if (torch == NULL)
        return true;
    struct sw_str version = sw_str_from(torch->version);
    version = sw_str_cut(&version, '+');
    if (f->out->version == NULL && sw_str_is(version, f->profile->base_torch))
        return true;
    if (f->out->version != NULL && sw_str_is(version, f->out->version))
        return true;
    f->out->version = sw_arena_copy(f->arena, version);
    take_way(f, set, (size_t)(torch - set->packages), install);
    return f->out->version != NULL && take_left(f, set);
}

/* Install the commands one after the other; each prefers the torch that it finds. */
static int install_all(struct finding_torch *f, struct sw_arena *scratch, struct sw_error *error)
{
    struct sw_resolve_preference present = {.project = "torch"};
    struct sw_resolve_input question = f->asked.question;
    unsigned last = sw_closed_set_last_install(&f->asked);
    question.preferences = &present;
    question.preference_count = 1;
    question.bar_count = 0; /* the installer knows nothing of GPUs */
    for (unsigned install = 1; install <= last && install <= SW_MAX_CHECK_INSTALLS; install++) {
        struct sw_resolve_answer answer = {.found = false};
        const char *torch = f->out->version == NULL ? f->profile->base_torch : f->out->version;
        if (sw_version_parse(&present.version, sw_str_from(torch), NULL) != 0)
            return 0;
        if (!sw_closed_set_take_install(&question, &f->asked, scratch, install))
            return sw_fail_memory(error);
        if (question.root_count == 0)
            continue;
        int code = sw_resolve_kept(&answer, scratch, &question, error);
        if (code == SW_ECANCELED)
            return code;
        if (code == 0 && answer.found && !take_set(f, &answer.resolution, install))
            return sw_fail_memory(error);
    }
    return 0;
}

int sw_base_torch_find(struct sw_base_torch *out, struct sw_arena *arena, const struct sw_check_input *input,
                       struct sw_error *error)
{
    struct sw_asked_stack asked;
    struct finding_torch f = {.out = out, .arena = arena, .profile = input->profile};
    *out = (struct sw_base_torch){0};
    int code = sw_asked_stack_open(&asked, input, error);
    if (code == 0)
        code = sw_closed_set_ask(&f.asked, &asked.candidates, error);
    if (code == 0)
        code = install_all(&f, &asked.scratch, error);
    return sw_asked_stack_close(&asked, code, error);
}
