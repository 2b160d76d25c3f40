/* The commands of a RUN that a profile has a key for. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "catalog/base_stack.h"

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

/* ---- apt ---- */

/* Every image with a venv of slipway's has these already, or needs them not. */
static bool is_needless(const struct draft_run *run, const char *package)
{
    static const char *const pip[] = {"python3-pip", "python-is-python3", "pip", NULL};
    static const char *const brought[] = {"python3", "python3-venv", "ca-certificates", NULL};
    const char *base = run->r->draft->base;
    return is_one_of(package, pip) ||
           (base != NULL && strncmp(sw_catalog_base_name(base), "nvidia/cuda:", 12) == 0 &&
            is_one_of(package, brought));
}

/* python3.12 of a distribution, or of a repository such as deadsnakes, is the Python of an image that had none. */
static void take_package(struct draft_run *run, const char *word, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    struct sw_str rest = sw_str_from(word), name = sw_str_cut(&rest, '=');
    struct sw_str release = sw_str_from(strncmp(word, "python3.", 8) == 0 ? word + 6 : "");
    size_t n = release.n < 2 ? 0 : 2;
    while (n < release.n && sw_is_digit((unsigned char)release.p[n]))
        n++;
    if (n > 2 && n == release.n && (draft->python == NULL || draft->python_is_weak))
        draft_take_python(draft, release, place);
    if (draft->judged && !run->r->is_source)
        draft_add(draft, DRAFT_PACKAGES, draft_copy(draft, name), place);
    else if (!run->r->is_source && !is_needless(run, word))
        draft_add(draft, DRAFT_PACKAGES, word, place);
}

/* --no-install-recommends, or -o APT::Install-Recommends=false in either form. */
static bool is_recommends_option(const char *word)
{
    const char *name = strstr(word, "Install-Recommends=");
    const char *value = name == NULL ? "" : name + strlen("Install-Recommends=");
    return strcmp(word, "--no-install-recommends") == 0 || strcmp(value, "0") == 0 ||
           strcmp(value, "false") == 0 || strcmp(value, "no") == 0;
}

static bool read_apt(struct draft_run *run, const struct sw_shell_command *command, struct draft_place place)
{
    static const char *const done[] = {"update", "clean", "autoclean", "autoremove", NULL};
    bool has_recommended = true, writes = !run->r->draft->judged && !run->r->is_source;
    size_t at = 1;
    while (at < command->count && command->words[at][0] == '-')
        at++;
    if (at == command->count)
        return false;
    if (is_one_of(command->words[at], done))
        return true;
    if (strcmp(command->words[at], "upgrade") == 0) {
        if (writes)
            draft_leave(run->r->draft, place, command->text,
                        "a profile takes the packages of the base as they are");
        return true;
    }
    if (strcmp(command->words[at], "install") != 0)
        return false;
    draft_keep_order(run->r, DRAFT_PHASE_INSTALL, place, command->text);
    for (at++; at < command->count; at++) {
        const char *word = command->words[at];
        if (strcmp(word, "-o") == 0 || strcmp(word, "-t") == 0)
            at++;
        else if (word[0] != '-')
            take_package(run, word, place);
    }
    for (at = 1; at < command->count; at++)
        has_recommended = has_recommended && !is_recommends_option(command->words[at]);
    if (has_recommended && writes)
        draft_mention(run->r->draft, place, command->text,
                      "a profile installs none of the packages that these only recommend");
    return true;
}

/* The command from its word `from` on: "apt-get install x" of "DEBIAN_FRONTEND=noninteractive apt-get install x". */
static struct sw_shell_command from_word(const struct sw_shell_command *command, size_t from)
{
    struct sw_shell_command rest = *command;
    /* A command without words has no list. */
    if (from > 0)
        rest.words += from;
    rest.count -= from;
    return rest;
}

/* ---- files that later installs read ---- */

/* The text of a file that was written before, or NULL. */
static struct draft_pair *written_file(struct draft_reader *r, const char *path)
{
    for (size_t i = r->written.count; i-- > 0;) {
        if (strcmp(r->written.items[i].first, path) == 0)
            return &r->written.items[i];
    }
    return NULL;
}

/* `echo WORDS > FILE`, which is how a constraints file often comes about. */
static bool read_echo(struct draft_run *run, const struct sw_shell_command *command, struct draft_place place)
{
    if (command->redirect_count != 1 || command->redirects[0].in || command->opaque)
        return false;
    struct draft_reader *r = run->r;
    const char *path = draft_absolute(r, command->redirects[0].target);
    struct sw_str name = sw_str_from(path);
    if (!sw_str_ends(name, ".txt") && !sw_str_ends(name, ".in"))
        return false;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_PROCESS_ARGUMENT);
    struct draft_pair *file = written_file(r, path);
    if (file != NULL && command->redirects[0].append)
        sw_buffer_add_text(&text, file->second);
    bool interprets = strcmp(command->words[0], "printf") == 0;
    for (size_t i = 1; i < command->count; i++) {
        const char *word = command->words[i];
        interprets = interprets || strcmp(word, "-e") == 0;
        if (i == 1 && word[0] == '-')
            continue;
        for (; *word != '\0'; word++) {
            bool line_feed = interprets && word[0] == '\\' && word[1] == 'n';
            sw_buffer_add_char(&text, line_feed ? '\n' : *word);
            word += line_feed;
        }
        sw_buffer_add_char(&text, i + 1 < command->count ? ' ' : '\n');
    }
    if (sw_buffer_check(&text, path, NULL) != 0)
        draft_leave_unjudged(r->draft, place, name, "more is written to this file than is read");
    else if (file == NULL)
        draft_set(r->draft, &r->written, path, text.p, (struct draft_place){r->file, 0, 0});
    else
        file->second = draft_copy(r->draft, sw_buffer_str(&text));
    return true;
}

/* ---- installs ---- */

/* The interpreter that a word names: "3.12" of /usr/bin/python3.12 and of python3.12. */
static void take_interpreter(struct draft_run *run, const char *word, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    const char *name = sw_path_base(word);
    if (strncmp(name, "python3.", 8) == 0 && sw_is_digit((unsigned char)name[8]))
        draft_take_python(draft, sw_str_from(name + 6), place);
    else if (strncmp(name, "pip3.", 5) == 0 && (draft->python == NULL || draft->python_is_weak))
        draft_take_python(draft, sw_str_from(name + 3), place);
}

/* Read a command of pip, whose name stands at the word `from`. */
static bool read_pip(struct draft_run *run, const struct sw_shell_command *command, size_t from,
                     const struct draft_place *places)
{
    size_t at = sw_shell_pip(command, from);
    if (at == 0)
        return false;
    while (at + 1 < command->count && command->words[at][0] == '-')
        at++;
    if (at >= command->count)
        return false;
    take_interpreter(run, command->words[from], places[from]);
    bool builds = strcmp(command->words[at], "wheel") == 0 && run->r->is_source;
    if (strcmp(command->words[at], "install") == 0 || builds)
        return draft_pip(run->r, command, at + 1, places);
    if (strcmp(command->words[at], "cache") == 0)
        return true;
    if (strcmp(command->words[at], "config") == 0) {
        bool sets = at + 3 < command->count && strcmp(command->words[at + 1], "set") == 0;
        if (sets)
            draft_pip_setting(run->r, command->words[at + 2], command->words[at + 3], places[at]);
        return run->r->draft->judged || run->r->is_source;
    }
    if (strcmp(command->words[at], "uninstall") != 0)
        return false;
    draft_mention(run->r->draft, places[from], command->text,
                  "a profile installs each project once, as it says");
    return true;
}

/* The number of words of `conda run -n NAME`, `poetry run` and the like from the word `at` on; 0 if it is none of these. */
static size_t runner_length(const struct sw_shell_command *command, size_t at)
{
    static const char *const runners[] = {"conda", "mamba", "micromamba", "poetry", "pipenv", "pdm", NULL},
                             *const valued[] = {"-n", "--name", "-p", "--prefix", "--cwd", NULL};
    if (at + 2 >= command->count || !is_one_of(sw_path_base(command->words[at]), runners) ||
        strcmp(command->words[at + 1], "run") != 0)
        return 0;
    size_t end = at + 2;
    while (end < command->count && command->words[end][0] == '-')
        end += is_one_of(command->words[end], valued) ? 2 : 1;
    return end < command->count ? end - at : 0;
}

size_t draft_program(const struct sw_shell_command *command)
{
    static const char *const wrappers[] = {"sudo", "env",  "exec", "command", "time",  "do",
                                           "then", "else", "elif", "if",      "while", "!",
                                           "{",    "(",    "nice", "until",   "nohup", NULL};
    size_t at = 0;
    while (at < command->count) {
        const char *word = command->words[at], *equals = strchr(word, '=');
        bool assigns = equals != NULL && equals != word && strcspn(word, "/[<>!~") > (size_t)(equals - word);
        size_t runner = runner_length(command, at);
        if (runner == 0 && !assigns && !is_one_of(word, wrappers) && !(at > 0 && strcmp(word, "-E") == 0))
            break;
        at += runner == 0 ? 1 : runner;
    }
    return at;
}

/* PIP_INDEX_URL=URL before the command, for that command alone. */
static const char *index_of(const struct sw_shell_command *command, size_t end)
{
    static const char *const names[] = {"PIP_INDEX_URL=", "UV_INDEX_URL=", "UV_DEFAULT_INDEX="};
    for (size_t i = 0; i < end; i++) {
        for (size_t k = 0; k < SW_COUNT(names); k++) {
            if (strncmp(command->words[i], names[k], strlen(names[k])) == 0)
                return command->words[i] + strlen(names[k]);
        }
    }
    return NULL;
}

/* Read a command that installs. */
static bool read_install(struct draft_run *run, const struct sw_shell_command *command,
                         const struct draft_place *places)
{
    size_t from = draft_program(command);
    if (from >= command->count)
        return false;
    const char *before = run->r->index, *own = index_of(command, from);
    run->r->index = own == NULL ? before : own;
    bool unisolated = run->r->unisolated;
    for (size_t i = 0; i < from; i++) {
        struct sw_str value = sw_str_from(command->words[i]), name = sw_str_cut(&value, '=');
        (void)draft_isolation_variable(name, value, &run->r->unisolated);
    }
    const struct sw_shell_command rest = from_word(command, from);
    bool reads = from == 0 || run->r->draft->judged || run->r->is_source;
    bool taken = read_pip(run, command, from, places) ||
                 (reads && draft_project_command(run->r, &rest, &places[from]));
    run->r->index = before;
    run->r->unisolated = unisolated;
    return taken;
}

/* Return true if the profile expresses the command now, or if slipway does it anyway. */
bool draft_take(struct draft_run *run, const struct sw_shell_command *command,
                const struct draft_place *places)
{
    static const char *const apt[] = {"apt-get", "apt", NULL}, *const echo[] = {"echo", "printf", NULL};
    size_t from = draft_program(command);
    bool judged = run->r->draft->judged || run->r->is_source;
    const char *name = from >= command->count ? "" : sw_path_base(command->words[from]);
    const struct sw_shell_command inner = from_word(command, from);
    if (is_one_of(name, apt) && from == 0 && !command->opaque)
        return read_apt(run, command, places[0]);
    if (is_one_of(name, apt) && judged)
        return read_apt(run, &inner, places[from]);
    if (is_one_of(name, echo) && from == 0)
        return command->redirect_count == 0 || read_echo(run, command, places[0]);
    if (strcmp(name, "rm") == 0 && command->count > 2)
        return strncmp(command->words[command->count - 1], "/var/lib/apt/lists", 18) == 0 ||
               strstr(command->words[command->count - 1], ".cache/pip") != NULL;
    if (strcmp(name, "set") == 0)
        return true;
    if (strncmp(name, "python", 6) == 0 && command->count == from + 3 &&
        strcmp(command->words[from + 1], "-c") == 0)
        return draft_python_check(run->r->draft, command->words[from + 2]);
    if (strncmp(name, "python", 6) == 0 && command->count > from + 2 &&
        strcmp(command->words[from + 1], "-m") == 0 && strcmp(command->words[from + 2], "venv") == 0) {
        take_interpreter(run, command->words[from], places[from]);
        return judged;
    }
    if (command->opaque && !judged)
        return false;
    if (command->opaque && command->count > 1 && read_install(run, command, places)) {
        draft_leave_unjudged(run->r->draft, places[0], command->text,
                             "a part of it is known only when it runs");
        return true;
    }
    return command->count > 1 && read_install(run, command, places);
}
