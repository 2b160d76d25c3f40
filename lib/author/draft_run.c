/* A Dockerfile's RUN: a command that a profile has a key for becomes that key, the rest becomes steps in its
 * order. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"

/* The commands of a RUN while they are read. */
struct run {
    struct draft_reader *r;
    const struct sw_instruction *instruction;
    bool heredoc;          /* the text is that of the heredoc */
    struct sw_buffer step; /* the commands that are kept */
};

static struct draft_place place_at(const struct run *run, struct sw_str text, size_t offset)
{
    unsigned line = sw_instruction_line(run->instruction, offset);
    if (run->heredoc) {
        line = run->instruction->body_line;
        for (size_t i = 0; i < offset; i++)
            line += text.p[i] == '\n';
    }
    return (struct draft_place){run->r->file, line};
}

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
static bool is_needless(const struct run *run, const char *package)
{
    static const char *const pip[] = {"python3-pip", "python-is-python3", "pip", NULL};
    static const char *const brought[] = {"python3", "python3-venv", "ca-certificates", NULL};
    const char *base = run->r->draft->base;
    return is_one_of(package, pip) ||
           (base != NULL && strncmp(base, "nvidia/cuda:", 12) == 0 && is_one_of(package, brought));
}

static bool read_apt(struct run *run, const struct sw_shell_command *command, struct draft_place place)
{
    static const char *const done[] = {"update", "clean", "autoclean", "autoremove", "upgrade", NULL};
    size_t at = 1;
    while (at < command->count && command->words[at][0] == '-')
        at++;
    if (at == command->count)
        return false;
    if (is_one_of(command->words[at], done))
        return true;
    if (strcmp(command->words[at], "install") != 0)
        return false;
    for (at++; at < command->count; at++) {
        const char *word = command->words[at];
        if (strcmp(word, "-o") == 0 || strcmp(word, "-t") == 0)
            at++;
        else if (word[0] != '-' && !is_needless(run, word))
            draft_add(run->r->draft, DRAFT_PACKAGES, word, place);
    }
    return true;
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
static bool read_echo(struct run *run, const struct sw_shell_command *command)
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
    if (file == NULL)
        draft_set(r->draft, &r->written, path, text.p);
    else
        file->second = draft_copy(r->draft, sw_buffer_str(&text));
    return true;
}

/* ---- python -c ---- */

static bool is_dotted(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) && text.p[i] != '_' && text.p[i] != '.')
            return false;
    }
    return text.n > 0 && !sw_is_digit((unsigned char)text.p[0]);
}

/* `NAME == 'TEXT'`, with a message behind it perhaps. */
static bool read_assert(struct sw_draft *draft, struct sw_str text)
{
    size_t equals = sw_str_find(text, SW_STR("=="));
    if (equals == text.n)
        return false;
    struct sw_str name = sw_str_trim((struct sw_str){text.p, equals});
    struct sw_str value = sw_str_trim(sw_str_drop(text, equals + 2));
    char quote = value.n == 0 ? '\0' : value.p[0];
    if (!is_dotted(name) || (quote != '\'' && quote != '"'))
        return false;
    value = sw_str_drop(value, 1);
    struct sw_str rest = value;
    struct sw_str wanted = sw_str_cut(&rest, quote);
    if (rest.p == NULL || (sw_str_trim(rest).n > 0 && sw_str_trim(rest).p[0] != ','))
        return false;
    bool is_release = sw_str_ends(name, ".__version__") && memchr(wanted.p, '+', wanted.n) == NULL;
    const char *is = draft_format(draft, "%s%.*s", is_release ? "==" : "", SW_STR_FORMAT(wanted));
    if (sw_value_specifier(sw_str_from(is)) != NULL)
        return false;
    draft_set(draft, &draft->assertions, draft_copy(draft, name), is);
    return true;
}

static bool read_import(struct sw_draft *draft, struct sw_str modules)
{
    while (modules.p != NULL) {
        struct sw_str module = sw_str_trim(sw_str_cut(&modules, ','));
        if (!is_dotted(module))
            return false;
        draft_set(draft, &draft->assertions, draft_copy(draft, module), NULL);
    }
    return true;
}

bool draft_python_check(struct sw_draft *draft, const char *text)
{
    struct draft_pairs before = draft->assertions;
    struct sw_str rest = sw_str_from(text);
    bool understood = true;
    while (understood && rest.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&rest, ';'));
        if (sw_str_starts(line, "import "))
            understood = read_import(draft, sw_str_drop(line, 7));
        else if (sw_str_starts(line, "assert "))
            understood = read_assert(draft, sw_str_drop(line, 7));
        else
            understood = line.n == 0 || sw_str_starts(line, "print(");
    }
    understood = understood && draft->assertions.count > before.count;
    if (!understood)
        draft->assertions = before;
    return understood;
}

/* ---- commands ---- */

static bool read_pip(struct run *run, const struct sw_shell_command *command, struct draft_place place)
{
    size_t at = sw_shell_pip(command, 0);
    if (at == 0 || at >= command->count)
        return false;
    if (strcmp(command->words[at], "install") == 0)
        return draft_pip(run->r, command, at + 1, place);
    if (strcmp(command->words[at], "cache") == 0)
        return true;
    if (strcmp(command->words[at], "uninstall") != 0)
        return false;
    draft_leave(run->r->draft, place, command->text, "a profile installs each project once, as it says");
    return true;
}

/* Return true if the profile expresses the command now, or if slipway does it anyway. */
static bool take(struct run *run, const struct sw_shell_command *command, struct draft_place place)
{
    static const char *const apt[] = {"apt-get", "apt", NULL}, *const echo[] = {"echo", "printf", NULL};
    const char *name = command->count == 0 ? "" : sw_path_base(command->words[0]);
    if (is_one_of(name, apt) && !command->opaque)
        return read_apt(run, command, place);
    if (is_one_of(name, echo))
        return command->redirect_count == 0 || read_echo(run, command);
    if (strcmp(name, "rm") == 0 && command->count > 2)
        return strncmp(command->words[command->count - 1], "/var/lib/apt/lists", 18) == 0 ||
               strstr(command->words[command->count - 1], ".cache/pip") != NULL;
    if (strcmp(name, "set") == 0)
        return true;
    if (strncmp(name, "python", 6) == 0 && command->count == 3 && strcmp(command->words[1], "-c") == 0)
        return draft_python_check(run->r->draft, command->words[2]);
    return !command->opaque && command->count > 1 && read_pip(run, command, place);
}

/* Commands that a pipe or an "or" ties together stay together. */
static bool is_tied(const struct sw_shell *shell, size_t i)
{
    enum sw_shell_joint own = shell->commands[i].joint;
    enum sw_shell_joint next = i + 1 < shell->count ? shell->commands[i + 1].joint : SW_SHELL_THEN;
    return own == SW_SHELL_PIPE || own == SW_SHELL_OR || next == SW_SHELL_PIPE || next == SW_SHELL_OR;
}

static void keep(struct run *run, const struct sw_shell_command *command)
{
    static const char *const joints[] = {[SW_SHELL_FIRST] = " && ",
                                         [SW_SHELL_AND] = " && ",
                                         [SW_SHELL_OR] = " || ",
                                         [SW_SHELL_THEN] = "; ",
                                         [SW_SHELL_PIPE] = " | "};
    if (run->step.n > 0)
        sw_buffer_add_text(&run->step, joints[command->joint]);
    sw_buffer_add_str(&run->step, command->text);
}

static void add_step(struct run *run, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    const char *workdir = run->r->workdir;
    if (run->step.n == 0)
        return;
    size_t before = draft->lists[DRAFT_STEPS].count;
    const char *text = strcmp(workdir, "/") == 0 ? draft_copy(draft, sw_buffer_str(&run->step))
                                                 : draft_format(draft, "cd %s && %s", workdir, run->step.p);
    draft_add(draft, DRAFT_STEPS, text, place);
    if (draft->lists[DRAFT_STEPS].count > before)
        draft->lists[DRAFT_STEPS].items[before].note = draft_format(draft, "line %u", place.line);
}

static void read_shell(struct run *run, struct sw_str text)
{
    struct sw_draft *draft = run->r->draft;
    struct sw_shell shell;
    struct draft_place place = place_at(run, text, 0);
    if (sw_shell_read(&shell, &draft->arena, text, &run->r->variables, NULL) != 0) {
        draft->failed = true;
        return;
    }
    if (shell.opaque)
        sw_buffer_add_str(&run->step, text);
    for (size_t i = 0; !shell.opaque && i < shell.count; i++) {
        const struct sw_shell_command *command = &shell.commands[i];
        struct draft_place own = place_at(run, text, command->offset);
        if (is_tied(&shell, i) || !take(run, command, own)) {
            place = run->step.n == 0 ? own : place;
            keep(run, command);
        }
    }
    add_step(run, place);
}

/* --mount=type=secret,id=NAME becomes one of the profile's secrets; other mounts are slipway's own business. */
static struct sw_str take_flags(struct run *run, struct sw_str text)
{
    struct draft_place place = {run->r->file, run->instruction->line};
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_find(flag, SW_STR("type=secret")) == flag.n)
            continue;
        size_t at = sw_str_find(flag, SW_STR("id="));
        struct sw_str id = sw_str_drop(flag, at == flag.n ? flag.n : at + 3);
        if (id.n > 0)
            draft_add(run->r->draft, DRAFT_SECRETS, draft_copy(run->r->draft, sw_str_cut(&id, ',')), place);
    }
    return text;
}

void draft_run(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct run run = {.r = r, .instruction = instruction};
    struct draft_place place = {r->file, instruction->line};
    struct sw_str text = take_flags(&run, instruction->text);
    sw_buffer_init(&run.step, SW_MAX_PROCESS_ARGUMENT);
    if (sw_str_starts(text, "[")) {
        draft_leave(r->draft, place, instruction->text, "write it as a step, in the shell's form");
    } else if (instruction->body_line == 0) {
        run.heredoc = false;
        read_shell(&run, text);
    } else if (sw_str_starts(text, "<<") && memchr(text.p, ' ', text.n) == NULL) {
        run.heredoc = true;
        read_shell(&run, instruction->body);
    } else {
        draft_leave(r->draft, place, instruction->text,
                    "a heredoc of another program: put it in a file, copy that");
    }
    if (run.step.state != SW_BUFFER_OK)
        draft_leave(r->draft, place, instruction->text, "it is too long");
    sw_buffer_release(&run.step);
}
