/* Programs that a step, the health check or an installer runs and that a slim base image lacks: SW232.
 *
 * Only bases whose programs are known are judged, and only programs of the catalog's list. If a step may install something by
 * other means than the key system_packages, or a file comes from another image, nothing is said. */
#include "check/check_internal.h"

#include "data/path.h"
#include "dockerfile/shell.h"

/* Return true if the base is a slim image of Python, made by debootstrap, or a distribution's own image. */
static bool is_bare(const struct sw_stack *stack)
{
    const struct sw_node *base = stack->input->plan->parts.base.node,
                         *own = sw_node_at(stack->catalog->images, "distributions.images");
    struct sw_str reference = sw_node_str(sw_node_get(base, "reference"));
    if (sw_node_text(sw_node_get(base, "bootstrap"), NULL) != NULL)
        return true;
    if (sw_str_starts(reference, "python:"))
        return sw_str_find(reference, SW_STR("-slim")) < reference.n;
    for (size_t i = 0; i < sw_node_member_count(own); i++) {
        if (sw_str_starts(reference, sw_node_member_at(own, i)->key.p))
            return true;
    }
    return false;
}

/* Return true if the step may bring programs: by a package manager, or as a file in a folder of programs. */
static bool may_bring(struct sw_str step)
{
    static const char *const words[] = {"apt", "conda", "mamba", "dpkg", "/bin", "make install"};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (sw_str_find(step, sw_str_from(words[i])) < step.n)
            return true;
    }
    return false;
}

static bool steps_may_bring(const struct sw_stack *stack)
{
    const struct sw_node *at, *copies = sw_stack_get(stack, "context.copy");
    bool may = false;
    for (size_t i = 0; !may && (at = sw_stack_step(stack, i)) != NULL; i++)
        may = may_bring(sw_node_str(at));
    for (size_t i = 0; !may && i < sw_node_count(copies); i++) {
        const struct sw_node *copy = sw_node_item(copies, i);
        may = sw_node_get(copy, "image") != NULL || may_bring(sw_node_str(sw_node_get(copy, "to")));
    }
    return may;
}

/* Return true if a system package has the name of the program or of its package, or such a name is part of its own: git-lfs needs git. */
static bool is_packaged(const struct sw_stack *stack, const char *program, const char *package)
{
    static const char *const keys[] = {"system_packages", "nvidia"};
    for (size_t k = 0; k < SW_COUNT(keys); k++) {
        const struct sw_node *list = sw_stack_get(stack, keys[k]);
        for (size_t i = 0; i < sw_node_count(list); i++) {
            const char *name = sw_node_text(sw_node_item(list, i), "");
            if (strstr(name, program) != NULL || strstr(name, package) != NULL)
                return true;
        }
    }
    return false;
}

static void judge(struct sw_stack *stack, const char *word, const struct sw_node *at, const char *who)
{
    const struct sw_node *packages = sw_node_at(stack->catalog->images, "programs.packages");
    const char *package = sw_node_text(sw_node_get(packages, word), NULL);
    if (package == NULL || is_packaged(stack, word, package) ||
        sw_stack_about(stack, "SW232", word, at) != NULL)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW232", SW_WARNING, at,
                      "%s runs '%s', which the base image lacks and no system package brings", who, word);
    sw_finding_subject(stack->findings, finding, word);
    sw_stack_evidence(stack, finding, sw_node_get(stack->catalog->images, "programs"),
                      "base image %s lacks %s", sw_node_text(stack->input->plan->parts.base.reference, ""),
                      word);
    sw_finding_hint(stack->findings, finding, "system_packages: [%s]", package);
}

/* Return true if the text has another way if the command fails: curl URL || wget URL, but not curl URL || exit 1. */
static bool has_other_way(const struct sw_shell *shell, size_t i)
{
    const struct sw_shell_command *next = &shell->commands[i + 1];
    if (shell->commands[i].joint == SW_SHELL_OR)
        return true;
    if (i + 1 >= shell->count || next->joint != SW_SHELL_OR)
        return false;
    return next->count == 0 || (strcmp(next->words[0], "exit") != 0 && strcmp(next->words[0], "false") != 0);
}

/* Judge the commands of a text that has no other way. */
static void judge_text(struct sw_stack *stack, const struct sw_node *at, const char *who)
{
    const struct sw_shell_variables none = {0};
    struct sw_shell shell;
    if (sw_shell_read(&shell, stack->b.arena, sw_node_str(at), &none, NULL) != 0) {
        stack->b.failed = true;
        return;
    }
    for (size_t i = 0; !shell.opaque && i < shell.count; i++) {
        const struct sw_shell_command *command = &shell.commands[i];
        if (command->count > 0 && !has_other_way(&shell, i))
            judge(stack, command->words[0], at, who);
    }
}

/* Return true if a shell runs the steps, and not some other program that `shell` names. */
static bool runs_in_a_shell(const struct sw_stack *stack)
{
    const struct sw_node *shell = sw_stack_get(stack, "shell");
    return sw_node_type(shell) != SW_NODE_LIST || sw_str_ends(sw_node_str(sw_node_item(shell, 0)), "sh");
}

/* pip and uv get a repository by git. A project that is compiled comes from a stage that has git. */
static void judge_repositories(struct sw_stack *stack)
{
    for (size_t i = 0; i < stack->pin_count; i++) {
        const struct sw_pin *pin = &stack->pins[i];
        if (!pin->is_constraint && !pin->is_override && !pin->is_member &&
            sw_str_starts(pin->requirement.url, "git+") && sw_check_compiled(stack, pin->project) == NULL)
            judge(stack, "git", pin->at, "the installer of this repository");
    }
}

void sw_check_programs(struct sw_stack *stack)
{
    const struct sw_node *at, *test = sw_stack_get(stack, "healthcheck.command");
    if (stack->input->profile->is_found || sw_stack_get(stack, "dockerfile") != NULL || !is_bare(stack) ||
        steps_may_bring(stack))
        return;
    judge_repositories(stack);
    bool shell = runs_in_a_shell(stack);
    for (size_t i = 0; shell && (at = sw_stack_step(stack, i)) != NULL; i++)
        judge_text(stack, at, "this step");
    if (shell && sw_node_type(test) == SW_NODE_TEXT)
        judge_text(stack, test, "the health check");
    else if (sw_node_type(test) == SW_NODE_LIST && sw_node_count(test) > 0)
        judge(stack, sw_node_text(sw_node_item(test, 0), ""), sw_node_item(test, 0), "the health check");
}
