/* The effect of the profile's own steps on torch: SW212.
 *
 * Every pip and uv in the image is held to the constraints, so an ordinary install in a step does no harm; an
 * install that gets around them is reported. Control flow is not followed: text that looks like an install
 * counts as an install. */
#include "base/file.h"
#include "catalog/companions.h"
#include "check/check_internal.h"
#include "check/install_internal.h"
#include "dockerfile/shell.h"

enum { SHELL_DEPTH = 3 };

/* A text of commands: a step, or the text that it gives to a shell. */
struct step {
    struct sw_stack *stack;
    const struct sw_node *at;
    /* An earlier command lifted the constraints. */
    bool lifted;
    unsigned depth;
};

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

static void report(const struct sw_install *install)
{
    struct sw_stack *stack = install->stack;
    bool open = stack->torch.version == NULL;
    if (install->why == NULL && install->built == NULL)
        return;
    struct sw_finding *finding =
        install->why == NULL ? sw_stack_find(stack, "SW212", SW_NOTE, install->at,
                                             "this step installs from a repository: %s", install->built)
        : open               ? sw_stack_find(stack, "SW212", SW_WARNING, install->at,
                                             "this step decides over torch, of which the profile says nothing: %s",
                                             install->why)
                             : sw_stack_find(stack, "SW212", SW_WARNING, install->at,
                                             "this step could replace torch %s: %s", stack->torch.version, install->why);
    sw_finding_evidence(stack->findings, finding, install->text, "");
    if (install->why != NULL)
        sw_finding_hint(stack->findings, finding,
                        stack->input->profile->is_found
                            ? "leave the option out, or pin torch in this command too"
                        : open ? "name torch in the profile: torch: {version: ..., cuda: ...}"
                               : "put what it installs under 'requirements', where torch is held");
}

/* Skip assignments, and words that run the words behind them. */
static size_t skip_wrappers(const struct sw_shell_command *command)
{
    static const char *const wrappers[] = {"sudo",  "env",   "exec", "command", "time", "nice",
                                           "nohup", "do",    "then", "else",    "if",   "elif",
                                           "while", "until", "!",    "{",       NULL};
    size_t at = 0;
    bool wrapped = false;
    for (; at < command->count; at++) {
        const char *word = command->words[at];
        bool is_wrapper = is_one_of(sw_path_base(word), wrappers);
        if (wrapped && strcmp(word, "-u") == 0)
            at++;
        else if (!is_wrapper && strchr(word, '=') == NULL && !(wrapped && word[0] == '-'))
            break;
        wrapped = wrapped || is_wrapper;
    }
    return at < command->count ? at : command->count;
}

static bool lifts(const struct sw_shell_command *command, size_t end)
{
    for (size_t i = 0; i < end; i++) {
        if (strstr(command->words[i], "PIP_CONSTRAINT") != NULL ||
            strstr(command->words[i], "UV_CONSTRAINT") != NULL)
            return true;
    }
    return false;
}

/* The installers that follow no constraints. */
static bool is_deaf(const struct sw_shell_command *command, size_t at)
{
    static const char *const conda[] = {"conda", "mamba", "micromamba", NULL};
    for (size_t i = at + 1; is_one_of(sw_path_base(command->words[at]), conda) && i < command->count; i++) {
        if (strcmp(command->words[i], "install") == 0 || strcmp(command->words[i], "update") == 0)
            return true;
    }
    return false;
}

/* Find the words of an install; 0 if the command is none. An uninstall is reported in `why`. */
static size_t find_words(struct sw_install *install, const struct sw_shell_command *command, size_t at)
{
    for (at = sw_shell_pip(command, at); at > 0 && at < command->count; at++) {
        if (strcmp(command->words[at], "install") == 0)
            return at + 1;
        if (strcmp(command->words[at], "--isolated") == 0)
            sw_install_could(install, sw_install_isolated);
        for (size_t i = at + 1; strcmp(command->words[at], "uninstall") == 0 && i < command->count; i++) {
            if (sw_companions_has(sw_str_from(command->words[i])))
                sw_install_could(install, "it removes torch or what belongs to it");
        }
        if (command->words[at][0] != '-')
            break;
    }
    return 0;
}

static void see_text(struct step *step, struct sw_str text);

/* sh -c TEXT */
static void see_inner(const struct step *step, const struct sw_shell_command *command, size_t at)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", NULL};
    if (step->depth == SHELL_DEPTH || !is_one_of(sw_path_base(command->words[at]), shells))
        return;
    for (at++; at + 1 < command->count && command->words[at][0] == '-'; at++) {
        struct step inner = {step->stack, step->at, step->lifted, step->depth + 1};
        if (strchr(command->words[at], 'c') != NULL && command->words[at][1] != '-') {
            see_text(&inner, sw_str_from(command->words[at + 1]));
            return;
        }
    }
}

static void see_command(struct step *step, const struct sw_shell_command *command)
{
    struct sw_install install = {.stack = step->stack, .at = step->at, .text = command->text};
    size_t at = skip_wrappers(command);
    bool exports = at < command->count &&
                   (strcmp(command->words[at], "export") == 0 || strcmp(command->words[at], "unset") == 0);
    if (at == command->count || exports) {
        step->lifted = step->lifted || lifts(command, command->count);
        return;
    }
    see_inner(step, command, at);
    if (is_deaf(command, at))
        sw_install_could(&install, "conda does not know what pip installed and follows no constraints");
    size_t words = find_words(&install, command, at);
    if (words > 0 && (step->lifted || lifts(command, at)))
        sw_install_could(&install, "it lifts the constraints that hold torch");
    if (words > 0)
        sw_install_read(&install, command->words + words, command->count - words);
    report(&install);
}

static void see_text(struct step *step, struct sw_str text)
{
    const struct sw_shell_variables none = {0};
    struct sw_shell shell;
    if (sw_shell_read(&shell, step->stack->b.arena, text, &none, NULL) != 0) {
        step->stack->b.failed = true;
        return;
    }
    for (size_t i = 0; i < shell.count; i++)
        see_command(step, &shell.commands[i]);
}

void sw_check_steps(struct sw_stack *stack)
{
    const struct sw_node *at;
    for (size_t i = 0; (at = sw_stack_step(stack, i)) != NULL; i++) {
        struct step step = {.stack = stack, .at = at};
        see_text(&step, sw_node_str(at));
    }
}
