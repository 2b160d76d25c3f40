/* What the profile's own steps could do to torch: SW212.
 *
 * Every pip and uv in the image is held to the constraints, so that an ordinary install in a step does no harm; one is told of that
 * gets around them. Control flow is not followed: what looks like an install counts as one. */
#include "base/file.h"
#include "base/limits.h"
#include "check/stack.h"
#include "http/uri.h"
#include "profile/shell.h"
#include "python/name.h"
#include "python/requirements_file.h"
#include "python/wheel_name.h"

enum { SHELL_DEPTH = 3 };

/* One text of commands: a step, or what it gives to a shell. */
struct step {
    struct sw_stack *stack;
    const struct sw_node *at;
    bool lifted; /* the constraints, by what came before */
    unsigned depth;
};

/* One command that installs. */
struct install {
    struct sw_stack *stack;
    const struct sw_node *at;
    struct sw_str text;
    const char *why;   /* in words, what it could do; NULL as long as nothing is known */
    const char *built; /* from a repository, so that what it requires is not known */
    bool upgrades;
    const char *index; /* another one */
};

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

static void say(struct install *install, const char *why)
{
    install->why = install->why == NULL ? why : install->why;
}

/* ---- what is installed ---- */

static bool belongs_to_torch(struct sw_str project)
{
    static const char *const together[] = {"torch", "torchvision", "torchaudio"};
    for (size_t i = 0; i < SW_COUNT(together); i++) {
        if (sw_name_equal(project, sw_str_from(together[i])))
            return true;
    }
    return false;
}

/* What is there already is left alone. */
static bool is_as_pinned(const struct sw_stack *stack, const struct sw_requirement *requirement)
{
    const char *project = sw_arena_copy(stack->b.arena, requirement->name);
    const char *pin = sw_requirement_pin(stack->b.arena, requirement->text);
    const char *release = project == NULL ? NULL : sw_stack_release(stack, project);
    return pin != NULL && release != NULL && strcmp(sw_stack_public(stack, pin), release) == 0 &&
           (strchr(pin, '+') == NULL ||
            (stack->torch.local != NULL && strcmp(strchr(pin, '+'), strchr(stack->torch.local, '+')) == 0));
}

static void see_requirement(struct install *install, const struct sw_requirement *requirement)
{
    if (belongs_to_torch(requirement->name) && !is_as_pinned(install->stack, requirement))
        say(install, "it names torch or what belongs to it");
}

/* A wheel's URL or path, or a repository's. */
static void see_link(struct install *install, struct sw_str link)
{
    const struct sw_uri uri = sw_uri_split(link);
    struct sw_wheel_name wheel;
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    sw_uri_file_name(&name, &uri);
    if (sw_wheel_name_parse(&wheel, sw_buffer_str(&name), NULL) == 0) {
        if (belongs_to_torch(wheel.distribution))
            say(install, "it names torch or what belongs to it");
    } else if (sw_str_starts(link, "git+")) {
        if (sw_str_find(link, SW_STR("/pytorch/")) < link.n)
            say(install, "it builds torch or what belongs to it");
        install->built = "what it requires is known only when it is built, and held to the constraints";
    }
}

/* ---- files of requirements ---- */

/* The folder that the profile's copies start in, or NULL. */
static const char *context_folder(const struct sw_stack *stack)
{
    const struct sw_node *path = sw_stack_get(stack, "context.path");
    const char *said = path == NULL ? stack->input->profile->path : path->file;
    const char *folder = said == NULL ? NULL : sw_path_dir(stack->b.arena, said);
    return folder == NULL ? NULL : sw_path_join(stack->b.arena, folder, sw_node_text(path, "."));
}

/* What would stand at `path` of the image if the copy brought it, below that folder; NULL where it does not. */
static const char *source_of(const struct sw_stack *stack, const struct sw_node *copy, const char *path)
{
    const char *from = sw_node_text(sw_node_get(copy, "from"), ""),
               *to = sw_node_text(sw_node_get(copy, "to"), "");
    size_t n = strlen(to);
    if (strcmp(path, to) == 0)
        return from;
    if (n == 0 || to[n - 1] != '/' || strncmp(path, to, n) != 0)
        return NULL;
    return strcmp(sw_path_base(from), path + n) == 0 ? from : sw_path_join(stack->b.arena, from, path + n);
}

static void see_entry(struct install *install, const struct sw_requirements_entry *entry)
{
    if (entry->kind == SW_REQUIREMENTS_NAMED)
        see_requirement(install, &entry->requirement);
    else if (entry->kind == SW_REQUIREMENTS_LINK || entry->kind == SW_REQUIREMENTS_EDITABLE)
        see_link(install, entry->value);
    else if (entry->kind == SW_REQUIREMENTS_INDEX_URL || entry->kind == SW_REQUIREMENTS_EXTRA_INDEX_URL)
        install->index = sw_arena_copy(install->stack->b.arena, entry->value);
}

/* A file of the image, as far as the context brings it; what is not there or cannot be read is the build's to say. */
static void see_file(struct install *install, const char *path)
{
    const struct sw_requirements_source source = {.load = sw_requirements_load_file};
    const struct sw_stack *stack = install->stack;
    const struct sw_node *copies = sw_stack_get(stack, "context.copy");
    const char *folder = context_folder(stack);
    for (size_t i = 0; folder != NULL && copies != NULL && i < copies->count; i++) {
        const char *own = source_of(stack, copies->items[i], path);
        const char *here = own == NULL ? NULL : sw_path_join(stack->b.arena, folder, own);
        struct sw_requirements list;
        if (here == NULL || sw_requirements_read(&list, stack->b.arena, here, &source, NULL) != 0)
            continue;
        for (size_t k = 0; k < list.count; k++)
            see_entry(install, &list.items[k]);
        return;
    }
}

/* ---- options ---- */

enum meaning { NOTHING, REPLACES, REINSTALLS, UPGRADES, INDEX, FROM_FILE, ISOLATES, BACKEND, ONE };

/* Those that matter, and those whose value must not be taken for a requirement. */
static const struct {
    const char *name;
    bool takes_value;
    enum meaning meaning;
} options[] = {
    {"--ignore-installed", false, REPLACES},
    {"--force-reinstall", false, REINSTALLS},
    {"--reinstall", false, REINSTALLS},
    {"--upgrade", false, UPGRADES},
    {"--isolated", false, ISOLATES},
    {"--torch-backend", true, BACKEND},
    {"--reinstall-package", true, ONE},
    {"--upgrade-package", true, ONE},
    {"-P", true, ONE},
    {"--index-url", true, INDEX},
    {"--extra-index-url", true, INDEX},
    {"--default-index", true, INDEX},
    {"--index", true, INDEX},
    {"-i", true, INDEX},
    {"--requirement", true, FROM_FILE},
    {"--requirements", true, FROM_FILE},
    {"-r", true, FROM_FILE},
    {"--constraint", true, NOTHING},
    {"--constraints", true, NOTHING},
    {"-c", true, NOTHING},
    {"--build-constraint", true, NOTHING},
    {"--override", true, NOTHING},
    {"--target", true, NOTHING},
    {"-t", true, NOTHING},
    {"--platform", true, NOTHING},
    {"--python-version", true, NOTHING},
    {"--python", true, NOTHING},
    {"-p", true, NOTHING},
    {"--prefix", true, NOTHING},
    {"--root", true, NOTHING},
    {"--src", true, NOTHING},
    {"--upgrade-strategy", true, NOTHING},
    {"--no-binary", true, NOTHING},
    {"--only-binary", true, NOTHING},
    {"--config-settings", true, NOTHING},
    {"--config-setting", true, NOTHING},
    {"-C", true, NOTHING},
    {"--global-option", true, NOTHING},
    {"--find-links", true, NOTHING},
    {"-f", true, NOTHING},
    {"--trusted-host", true, NOTHING},
    {"--allow-insecure-host", true, NOTHING},
    {"--cert", true, NOTHING},
    {"--timeout", true, NOTHING},
    {"--default-timeout", true, NOTHING},
    {"--retries", true, NOTHING},
    {"--proxy", true, NOTHING},
    {"--log", true, NOTHING},
    {"--report", true, NOTHING},
    {"--cache-dir", true, NOTHING},
    {"--progress-bar", true, NOTHING},
    {"--root-user-action", true, NOTHING},
    {"--index-strategy", true, NOTHING},
    {"--keyring-provider", true, NOTHING},
    {"--link-mode", true, NOTHING},
    {"--resolution", true, NOTHING},
    {"--prerelease", true, NOTHING},
    {"--exclude-newer", true, NOTHING},
    {"--no-build-isolation-package", true, NOTHING},
    {"--extra", true, NOTHING},
    {"--group", true, NOTHING},
};

static void take_option(struct install *install, enum meaning meaning, const char *value)
{
    switch (meaning) {
    case NOTHING:
        return;
    case REPLACES:
        say(install, "--ignore-installed installs over what is there without removing it");
        return;
    case REINSTALLS:
        say(install, "it installs torch again, from the index of this command");
        return;
    case UPGRADES:
        install->upgrades = true;
        return;
    case ISOLATES:
        say(install, "--isolated lifts the constraints that hold torch");
        return;
    case BACKEND:
        say(install, "--torch-backend chooses the index of torch anew");
        return;
    case ONE:
        if (belongs_to_torch(sw_str_from(value)))
            say(install, "it names torch or what belongs to it");
        return;
    case INDEX:
        install->index = value;
        return;
    case FROM_FILE:
        see_file(install, value);
        return;
    }
}

/* -qU, -Iv: letters without values. */
static void see_letters(struct install *install, const char *letters)
{
    for (; *letters != '\0' && strchr("qvUIn", *letters) != NULL; letters++) {
        if (*letters == 'I')
            take_option(install, REPLACES, NULL);
        else if (*letters == 'U')
            take_option(install, UPGRADES, NULL);
    }
}

/* How many words the option at words[0] takes. */
static size_t see_option(struct install *install, const char *const *words, size_t left)
{
    struct sw_str value = sw_str_from(words[0]);
    bool is_long = sw_str_starts(value, "--");
    struct sw_str name = is_long ? sw_str_cut(&value, '=') : value;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        bool glued = is_long && value.p != NULL;
        if (!is_long && strlen(options[i].name) == 2 && sw_str_starts(name, options[i].name) && name.n > 2) {
            take_option(install, options[i].meaning, words[0] + 2); /* -rFILE */
            return 1;
        }
        if (!sw_str_is(name, options[i].name))
            continue;
        if (options[i].takes_value && !glued && left < 2)
            return 1;
        take_option(install, options[i].meaning, glued ? value.p : words[options[i].takes_value]);
        return options[i].takes_value && !glued ? 2 : 1;
    }
    if (!is_long)
        see_letters(install, words[0] + 1);
    return 1;
}

/* The CUDA variant, or the like, that the URL of an index of torch's ends in; empty where it ends in something else. */
static struct sw_str variant_of(const char *index)
{
    struct sw_str rest = sw_str_from(index), last = {NULL, 0};
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        last = part.n > 0 ? part : last;
    }
    bool cuda = sw_str_starts(last, "cu") && last.n > 2 && sw_is_digit((unsigned char)last.p[2]);
    return cuda || sw_str_is(last, "cpu") || sw_str_starts(last, "rocm") ? last : SW_STR("");
}

const char *sw_stack_other_variant(const struct sw_stack *stack, const char *index)
{
    struct sw_str variant = variant_of(index);
    const char *own =
        stack->torch.cuda == NULL ? NULL : sw_catalog_variant(stack->b.arena, stack->torch.cuda);
    return variant.n == 0 || own == NULL || sw_str_is(variant, own) ? NULL
                                                                    : sw_arena_copy(stack->b.arena, variant);
}

static void see_words(struct install *install, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count;) {
        struct sw_requirement requirement;
        struct sw_str word = sw_str_from(words[i]);
        if (words[i][0] == '-' && word.n > 1) {
            i += see_option(install, words + i, count - i);
            continue;
        }
        i++;
        if (strchr(word.p, '/') == NULL || strchr(word.p, '@') != NULL) {
            if (sw_requirement_parse(&requirement, install->stack->b.arena, word, NULL) == 0) {
                see_requirement(install, &requirement);
                word = requirement.url;
            }
        }
        if (word.n > 0)
            see_link(install, word);
    }
    const char *other =
        install->index == NULL ? NULL : sw_stack_other_variant(install->stack, install->index);
    if (other != NULL)
        say(install, sw_arena_format(install->stack->b.arena,
                                     "what comes from the index of %s is built for another CUDA", other));
    if (install->upgrades && install->index != NULL)
        say(install, "it upgrades what is there from another index");
}

/* ---- commands ---- */

static void report(const struct install *install)
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
                        open ? "name torch in the profile: torch: {version: ..., cuda: ...}"
                             : "put what it installs under 'requirements', where torch is held");
}

/* Past assignments, and past words that run what follows them. */
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

/* The words of an install begin there; 0 where it is none. An uninstall is told of in `why`. */
static size_t find_words(struct install *install, const struct sw_shell_command *command, size_t at)
{
    for (at = sw_shell_pip(command, at); at > 0 && at < command->count; at++) {
        if (strcmp(command->words[at], "install") == 0)
            return at + 1;
        if (strcmp(command->words[at], "--isolated") == 0)
            take_option(install, ISOLATES, NULL);
        for (size_t i = at + 1; strcmp(command->words[at], "uninstall") == 0 && i < command->count; i++) {
            if (belongs_to_torch(sw_str_from(command->words[i])))
                say(install, "it removes torch or what belongs to it");
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
    struct install install = {.stack = step->stack, .at = step->at, .text = command->text};
    size_t at = skip_wrappers(command);
    bool exports = at < command->count &&
                   (strcmp(command->words[at], "export") == 0 || strcmp(command->words[at], "unset") == 0);
    if (at == command->count || exports) {
        step->lifted = step->lifted || lifts(command, command->count);
        return;
    }
    see_inner(step, command, at);
    if (is_deaf(command, at))
        say(&install, "conda does not know what pip installed and follows no constraints");
    size_t words = find_words(&install, command, at);
    if (words > 0 && (step->lifted || lifts(command, at)))
        say(&install, "it lifts the constraints that hold torch");
    if (words > 0)
        see_words(&install, command->words + words, command->count - words);
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
    const struct sw_node *steps = sw_stack_get(stack, "steps");
    for (size_t i = 0; steps != NULL && i < steps->count; i++) {
        struct step step = {.stack = stack, .at = steps->items[i]};
        see_text(&step, steps->items[i]->text);
    }
}
