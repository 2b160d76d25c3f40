/* A Dockerfile's RUN: a command that a profile has a key for becomes that key, the rest becomes steps in its
 * order. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"

/* The commands of a RUN while they are read. */
struct run {
    struct draft_reader *r;
    /* NULL for a text that stands on the line `line`. */
    const struct sw_instruction *instruction;
    unsigned line;
    bool heredoc;          /* the text is that of the heredoc */
    struct sw_buffer step; /* the commands that are kept */
};

static struct draft_place place_at(const struct run *run, struct sw_str text, size_t offset)
{
    unsigned line;
    if (run->instruction == NULL) {
        line = run->line;
    } else if (run->heredoc) {
        line = run->instruction->body_line;
        for (size_t i = 0; i < offset; i++)
            line += text.p[i] == '\n';
    } else {
        line = sw_instruction_line(run->instruction, (size_t)(text.p - run->instruction->text.p) + offset);
    }
    return (struct draft_place){run->r->file, line, 1};
}

/* The place of each word of a command; NULL without memory. */
static const struct draft_place *places_of(const struct run *run, struct sw_str text,
                                           const struct sw_shell_command *command)
{
    struct sw_draft *draft = run->r->draft;
    struct draft_place *places = sw_arena_array(&draft->arena, command->count + 1, sizeof(*places));
    for (size_t i = 0; places != NULL && i < command->count; i++)
        places[i] = place_at(run, text, command->offsets[i]);
    draft->failed = draft->failed || places == NULL;
    return places;
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

/* python3.12 of a distribution, or of a repository such as deadsnakes, is the Python of an image that had none. */
static void take_package(struct run *run, const char *word, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    struct sw_str release = sw_str_from(strncmp(word, "python3.", 8) == 0 ? word + 6 : "");
    size_t n = release.n < 2 ? 0 : 2;
    while (n < release.n && sw_is_digit((unsigned char)release.p[n]))
        n++;
    if (n > 2 && n == release.n && (draft->python == NULL || draft->python_is_weak))
        draft_take_python(draft, release, place);
    if (!draft->judged && !run->r->is_source && !is_needless(run, word))
        draft_add(draft, DRAFT_PACKAGES, word, place);
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
        else if (word[0] != '-')
            take_package(run, word, place);
    }
    return true;
}

/* apt behind an assignment: DEBIAN_FRONTEND=noninteractive apt-get install … */
static bool read_apt_behind(struct run *run, const struct sw_shell_command *command, size_t from,
                            const struct draft_place *places)
{
    struct sw_shell_command rest = *command;
    rest.words += from;
    rest.count -= from;
    return read_apt(run, &rest, places[from]);
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
        draft_set(r->draft, &r->written, path, text.p, (struct draft_place){r->file, 0, 0});
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
    draft_set(draft, &draft->assertions, draft_copy(draft, name), is, (struct draft_place){"", 0, 0});
    return true;
}

static bool read_import(struct sw_draft *draft, struct sw_str modules)
{
    while (modules.p != NULL) {
        struct sw_str module = sw_str_trim(sw_str_cut(&modules, ','));
        if (!is_dotted(module))
            return false;
        draft_set(draft, &draft->assertions, draft_copy(draft, module), NULL, (struct draft_place){"", 0, 0});
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

/* The interpreter that a word names: "3.12" of /usr/bin/python3.12 and of python3.12. */
static void take_interpreter(struct run *run, const char *word, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    const char *name = sw_path_base(word);
    if (strncmp(name, "python3.", 8) == 0 && sw_is_digit((unsigned char)name[8]))
        draft_take_python(draft, sw_str_from(name + 6), place);
    else if (strncmp(name, "pip3.", 5) == 0 && (draft->python == NULL || draft->python_is_weak))
        draft_take_python(draft, sw_str_from(name + 3), place);
}

/* Read a command of pip, whose name stands at the word `from`. */
static bool read_pip(struct run *run, const struct sw_shell_command *command, size_t from,
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
    if (strcmp(command->words[at], "uninstall") != 0)
        return false;
    draft_leave(run->r->draft, places[from], command->text,
                "a profile installs each project once, as it says");
    return true;
}

/* The first word that is no assignment and no word that runs the words behind it. */
static size_t skip_wrappers(const struct sw_shell_command *command)
{
    static const char *const wrappers[] = {"sudo", "env",  "exec", "command", "time",  "do",
                                           "then", "else", "elif", "if",      "while", "!",
                                           "{",    "(",    "nice", "until",   NULL};
    size_t at = 0;
    while (at < command->count) {
        const char *word = command->words[at], *equals = strchr(word, '=');
        bool assigns = equals != NULL && equals != word && strcspn(word, "/[<>!~") > (size_t)(equals - word);
        if (!assigns && !is_one_of(word, wrappers) && !(at > 0 && strcmp(word, "-E") == 0))
            break;
        at++;
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
static bool read_install(struct run *run, const struct sw_shell_command *command,
                         const struct draft_place *places)
{
    size_t from = skip_wrappers(command);
    if (from >= command->count)
        return false;
    const char *before = run->r->index, *own = index_of(command, from);
    run->r->index = own == NULL ? before : own;
    bool taken =
        read_pip(run, command, from, places) || (from == 0 && draft_project_command(run->r, command, places));
    run->r->index = before;
    return taken;
}

/* Return true if the profile expresses the command now, or if slipway does it anyway. */
static bool take(struct run *run, const struct sw_shell_command *command, const struct draft_place *places)
{
    static const char *const apt[] = {"apt-get", "apt", NULL}, *const echo[] = {"echo", "printf", NULL};
    size_t from = skip_wrappers(command);
    bool judged = run->r->draft->judged || run->r->is_source;
    const char *name = from >= command->count ? "" : sw_path_base(command->words[from]);
    if (is_one_of(name, apt) && from == 0 && !command->opaque)
        return read_apt(run, command, places[0]);
    if (is_one_of(name, apt) && judged)
        return read_apt_behind(run, command, from, places);
    if (is_one_of(name, echo) && from == 0)
        return command->redirect_count == 0 || read_echo(run, command);
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

/* Return true if the text has the variable NAME as $NAME or ${NAME. */
static bool uses(struct sw_str text, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '$')
            continue;
        struct sw_str rest = sw_str_drop(text, i + 1);
        rest = sw_str_drop(rest, sw_str_starts(rest, "{"));
        bool ends = rest.n <= n || (!sw_is_alnum((unsigned char)rest.p[n]) && rest.p[n] != '_');
        if (sw_str_starts(rest, name) && ends)
            return true;
    }
    return false;
}

/* The ARGs that a step uses, which no image has, before it: "export A='b'; ". */
static const char *exports_of(struct run *run)
{
    struct sw_draft *draft = run->r->draft;
    const char *all = "";
    const struct draft_pairs *arguments = &run->r->arguments;
    for (size_t i = 0; i < arguments->count; i++) {
        const struct draft_pair *pair = &arguments->items[i];
        const char *word = uses(sw_buffer_str(&run->step), pair->first)
                               ? sw_text_shell_word(&draft->arena, sw_str_from(pair->second))
                               : NULL;
        if (word != NULL)
            all = draft_format(draft, "%sexport %s=%s; ", all, pair->first, word);
    }
    return all;
}

static void add_step(struct run *run, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    const char *workdir = run->r->workdir;
    if (run->step.n == 0)
        return;
    size_t before = draft->lists[DRAFT_STEPS].count;
    if (draft->judged)
        return;
    if (run->r->is_source) {
        draft_leave(draft, place, sw_buffer_str(&run->step),
                    "a step of a stage that only files are copied from");
        return;
    }
    const char *text = strcmp(workdir, "/") == 0
                           ? draft_format(draft, "%s%s", exports_of(run), run->step.p)
                           : draft_format(draft, "%scd %s && %s", exports_of(run), workdir, run->step.p);
    draft_add(draft, DRAFT_STEPS, text, place);
    if (draft->lists[DRAFT_STEPS].count > before)
        draft->lists[DRAFT_STEPS].items[before].note = draft_format(draft, "line %u", place.line);
}

/* The working directory that `cd FOLDER` leaves to the commands behind it. */
static bool change_folder(struct run *run, const struct sw_shell_command *command)
{
    if (command->count != 2 || strcmp(command->words[0], "cd") != 0 || command->opaque)
        return false;
    run->r->workdir = draft_absolute(run->r, command->words[1]);
    return true;
}

/* Text that looks like an install counts as an install, whatever the control flow around it. */
static void judge_shell(struct run *run, struct sw_str text, const struct sw_shell *shell)
{
    const char *workdir = run->r->workdir;
    for (size_t i = 0; i < shell->count; i++) {
        const struct sw_shell_command *command = &shell->commands[i];
        const struct draft_place *places = places_of(run, text, command);
        if (places != NULL && !change_folder(run, command))
            (void)take(run, command, places);
    }
    run->r->workdir = workdir;
}

static void keep_shell(struct run *run, struct sw_str text, const struct sw_shell *shell)
{
    struct draft_place place = place_at(run, text, 0);
    const char *workdir = run->r->workdir;
    if (shell->opaque)
        sw_buffer_add_str(&run->step, text);
    for (size_t i = 0; !shell->opaque && i < shell->count; i++) {
        const struct sw_shell_command *command = &shell->commands[i];
        const struct draft_place *places = places_of(run, text, command);
        struct draft_place own = place_at(run, text, command->offset);
        bool moves = change_folder(run, command);
        if (moves || places == NULL || is_tied(shell, i) || !take(run, command, places)) {
            place = run->step.n == 0 ? own : place;
            keep(run, command);
        }
    }
    run->r->workdir = workdir;
    add_step(run, place);
}

static void read_shell(struct run *run, struct sw_str text)
{
    struct sw_draft *draft = run->r->draft;
    struct sw_shell shell;
    if (sw_shell_read(&shell, &draft->arena, text, &run->r->variables, NULL) != 0)
        draft->failed = true;
    else if (draft->judged || run->r->is_source)
        judge_shell(run, text, &shell);
    else
        keep_shell(run, text, &shell);
}

/* The value of a key in --mount=type=bind,source=A,target=B; empty if there is none. */
static struct sw_str mount_value(struct sw_str flag, const char *key)
{
    struct sw_str rest = sw_str_drop(flag, strlen("--mount="));
    while (rest.p != NULL) {
        struct sw_str value = sw_str_cut(&rest, ',');
        struct sw_str name = sw_str_cut(&value, '=');
        if (sw_str_is(name, key) && value.p != NULL)
            return value;
    }
    return SW_STR("");
}

static struct sw_str first_of(struct sw_str flag, const char *a, const char *b, const char *c)
{
    struct sw_str value = mount_value(flag, a);
    value = value.n == 0 ? mount_value(flag, b) : value;
    return value.n == 0 ? mount_value(flag, c) : value;
}

/* A bind mount brings files of the context for this command alone. */
static void take_bind(struct run *run, struct sw_str flag, struct draft_place place)
{
    struct draft_reader *r = run->r;
    struct sw_str from = first_of(flag, "source", "src", "source"),
                  to = first_of(flag, "target", "dst", "destination");
    if (mount_value(flag, "from").n > 0 || to.n == 0)
        return;
    const char *source = from.n == 0 ? "." : draft_copy(r->draft, from);
    draft_set(r->draft, &r->mounts, source, draft_absolute(r, draft_copy(r->draft, to)), place);
    if (!r->draft->judged)
        draft_leave(r->draft, place, flag,
                    "a step finds no files of the context that are not copied: copy them");
}

/* --mount=type=secret,id=NAME becomes one of the profile's secrets; caches are slipway's own business. */
static struct sw_str take_flags(struct run *run, struct sw_str text)
{
    struct draft_place place = {run->r->file, run->instruction->line, 1};
    run->r->mounts.count = 0;
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_starts(flag, "--mount=") && sw_str_is(mount_value(flag, "type"), "bind"))
            take_bind(run, flag, place);
        if (!sw_str_starts(flag, "--mount=") || !sw_str_is(mount_value(flag, "type"), "secret"))
            continue;
        struct sw_str id = mount_value(flag, "id");
        if (id.n > 0)
            draft_add(run->r->draft, DRAFT_SECRETS, draft_copy(run->r->draft, id), place);
    }
    return text;
}

/* RUN ["pip", "install", "x"]: the words of a single command. */
static void read_list(struct run *run, struct sw_str text, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
    const struct sw_node *list = NULL;
    if (sw_json_read(&list, &draft->arena, text, NULL, NULL) != 0 || sw_node_type(list) != SW_NODE_LIST) {
        read_shell(run, text);
        return;
    }
    size_t count = sw_node_count(list);
    struct sw_shell_command command = {.text = text, .count = count};
    struct draft_place *places = sw_arena_array(&draft->arena, count + 1, sizeof(*places));
    const char **words = sw_arena_array(&draft->arena, count + 1, sizeof(*words));
    draft->failed = draft->failed || places == NULL || words == NULL;
    if (draft->failed)
        return;
    for (size_t i = 0; i < count; i++) {
        words[i] = sw_node_text(sw_node_item(list, i), "");
        places[i] = place;
    }
    command.words = words;
    if (count > 0 && take(run, &command, places))
        return;
    if (!draft->judged)
        draft_leave(draft, place, run->instruction->text, "write it as a step, in the shell's form");
}

void draft_run(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct run run = {.r = r, .instruction = instruction};
    struct draft_place place = {r->file, instruction->line, 1};
    struct sw_str text = take_flags(&run, instruction->text);
    sw_buffer_init(&run.step, SW_MAX_PROCESS_ARGUMENT);
    if (sw_str_starts(text, "[")) {
        read_list(&run, text, place);
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

void draft_commands(struct sw_draft *draft, struct sw_str text, struct draft_place place)
{
    struct draft_reader reader = {.draft = draft, .file = place.file, .workdir = "/"};
    struct run run = {.r = &reader, .line = place.line};
    struct sw_shell shell;
    reader.folder = sw_path_dir(&draft->arena, place.file);
    if (reader.folder == NULL || sw_shell_read(&shell, &draft->arena, text, &reader.variables, NULL) != 0)
        draft->failed = true;
    else
        judge_shell(&run, text, &shell);
}
