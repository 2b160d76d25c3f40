/* A Dockerfile's RUN: a command that a profile has a key for becomes that key, the rest becomes steps in its
 * order. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "dockerfile/instructions.h"

/* The line of a place in a heredoc. Places are mostly asked for in their order, so that counting goes on from the place
 * before. */
static unsigned heredoc_line(struct draft_run *run, struct sw_str text, size_t offset)
{
    if (run->counted.text != text.p || run->counted.offset > offset) {
        run->counted.text = text.p;
        run->counted.offset = 0;
        run->counted.line = run->instruction->body_line;
    }
    for (; run->counted.offset < offset; run->counted.offset++)
        run->counted.line += text.p[run->counted.offset] == '\n';
    return run->counted.line;
}

static struct draft_place place_at(struct draft_run *run, struct sw_str text, size_t offset)
{
    unsigned line;
    if (run->instruction == NULL) {
        line = run->line;
    } else if (run->heredoc) {
        line = heredoc_line(run, text, offset);
    } else {
        line = sw_instruction_line(run->instruction, (size_t)(text.p - run->instruction->text.p) + offset);
    }
    return (struct draft_place){run->r->file, line, 1};
}

/* The place of each word of a command; NULL without memory. */
static const struct draft_place *places_of(struct draft_run *run, struct sw_str text,
                                           const struct sw_shell_command *command)
{
    struct sw_draft *draft = run->r->draft;
    struct draft_place *places = sw_arena_array(&draft->arena, command->count + 1, sizeof(*places));
    for (size_t i = 0; places != NULL && i < command->count; i++)
        places[i] = place_at(run, text, command->offsets[i]);
    draft->failed = draft->failed || places == NULL;
    return places;
}

/* Commands that a pipe or an "or" ties together stay together. */
static bool is_tied(const struct sw_shell *shell, size_t i)
{
    enum sw_shell_joint own = shell->commands[i].joint;
    enum sw_shell_joint next = i + 1 < shell->count ? shell->commands[i + 1].joint : SW_SHELL_THEN;
    return own == SW_SHELL_PIPE || own == SW_SHELL_OR || next == SW_SHELL_PIPE || next == SW_SHELL_OR;
}

static void keep(struct draft_run *run, const struct sw_shell_command *command)
{
    static const char *const joints[] = {[SW_SHELL_FIRST] = " && ",
                                         [SW_SHELL_AND] = " && ",
                                         [SW_SHELL_OR] = " || ",
                                         [SW_SHELL_THEN] = "; ",
                                         [SW_SHELL_PIPE] = " | "};
    if (run->step.n > 0)
        sw_buffer_add_text(&run->step, joints[command->joint]);
    draft_keep_order(run->r, DRAFT_PHASE_STEPS, place_at(run, command->text, 0), command->text);
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
static const char *exports_of(struct draft_run *run)
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

static void add_step(struct draft_run *run, struct draft_place place)
{
    struct sw_draft *draft = run->r->draft;
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
    const char *folder = run->r->workdir, *bare = draft_format(draft, "%s%s", exports_of(run), run->step.p);
    const char *word = sw_text_shell_word(&draft->arena, sw_str_from(folder));
    draft->failed = draft->failed || word == NULL;
    draft_add(draft, DRAFT_STEPS,
              strcmp(folder, "/") == 0 ? draft_format(draft, "cd / && %s", bare)
                                       : draft_format(draft, "mkdir -p %s && cd %s && %s", word, word, bare),
              place);
    if (draft->lists[DRAFT_STEPS].count > before) {
        struct draft_item *step = &draft->lists[DRAFT_STEPS].items[before];
        step->note = draft_format(draft, "line %u", place.line);
        step->folder = folder;
        step->bare = bare;
    }
}

/* The working directory that `cd FOLDER` leaves to the commands behind it. */
static bool change_folder(struct draft_run *run, const struct sw_shell_command *command)
{
    if (command->count != 2 || strcmp(command->words[0], "cd") != 0 || command->opaque)
        return false;
    run->r->workdir = draft_absolute(run->r, command->words[1]);
    return true;
}

static void read_shell(struct draft_run *run, struct sw_str text);

/* The word that `sh -c TEXT` runs; 0 if the command is no such. */
static size_t inner_text(const struct sw_shell_command *command)
{
    size_t at = draft_program(command);
    if (at >= command->count || !draft_is_shell(command->words[at]))
        return 0;
    for (at++; at + 1 < command->count && command->words[at][0] == '-'; at++) {
        if (strchr(command->words[at], 'c') != NULL && command->words[at][1] != '-')
            return at + 1;
    }
    return 0;
}

static void judge_command(struct draft_run *run, const struct sw_shell_command *command,
                          const struct draft_place *places)
{
    size_t inner = inner_text(command);
    if (inner > 0 && run->depth < SW_MAX_SHELL_DEPTH) {
        struct draft_run own = {.r = run->r, .line = places[inner].line, .depth = run->depth + 1};
        read_shell(&own, sw_str_from(command->words[inner]));
    } else if (!draft_heredoc(run, command, places[0]) && !draft_take(run, command, places)) {
        draft_unknown(run, command, places);
    }
}

/* Text that looks like an install counts as an install, unless a known condition keeps it from running. */
static void judge_shell(struct draft_run *run, struct sw_str text, const struct sw_shell *shell)
{
    const char *workdir = run->r->workdir;
    struct draft_flow flow = {0};
    for (size_t i = 0; i < shell->count; i++) {
        const struct sw_shell_command *command = &shell->commands[i];
        bool runs = draft_flow_runs(&flow, shell, i);
        run->piped = command->joint == SW_SHELL_PIPE && i > 0 ? shell->commands[i - 1].text : SW_STR("");
        const struct draft_place *places = runs ? places_of(run, text, command) : NULL;
        if (places != NULL && !change_folder(run, command))
            judge_command(run, command, places);
    }
    if (shell->count == SW_MAX_SHELL_COMMANDS)
        draft_leave_unjudged(run->r->draft, place_at(run, text, text.n), text,
                             "only the first %d commands are read", SW_MAX_SHELL_COMMANDS);
    run->r->workdir = workdir;
}

static void keep_shell(struct draft_run *run, struct sw_str text, const struct sw_shell *shell)
{
    struct draft_place place = place_at(run, text, 0);
    const char *workdir = run->r->workdir;
    if (shell->opaque) {
        draft_keep_order(run->r, DRAFT_PHASE_STEPS, place, text);
        sw_buffer_add_str(&run->step, text);
    }
    for (size_t i = 0; !shell->opaque && i < shell->count; i++) {
        const struct sw_shell_command *command = &shell->commands[i];
        const struct draft_place *places = places_of(run, text, command);
        struct draft_place own = place_at(run, text, command->offset);
        bool moves = change_folder(run, command);
        if (moves || places == NULL || is_tied(shell, i) || !draft_take(run, command, places)) {
            place = run->step.n == 0 ? own : place;
            keep(run, command);
        }
    }
    run->r->workdir = workdir;
    add_step(run, place);
}

static void read_shell(struct draft_run *run, struct sw_str text)
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

/* RUN ["pip", "install", "x"]: the words of a single command. */
static void read_list(struct draft_run *run, struct sw_str text, struct draft_place place)
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
    bool is_judged = draft->judged || run->r->is_source;
    if (count > 0 && is_judged)
        judge_command(run, &command, places);
    else if (count > 0 && !draft_take(run, &command, places))
        draft_leave(draft, place, run->instruction->text, "write it as a step, in the shell's form");
}

void draft_run(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_run run = {.r = r, .instruction = instruction};
    struct draft_place place = {r->file, instruction->line, 1};
    struct sw_str text = draft_take_flags(&run, instruction->text);
    draft_keep_user(r, instruction);
    sw_buffer_init(&run.step, SW_MAX_PROCESS_ARGUMENT);
    if (sw_str_starts(text, "[")) {
        read_list(&run, text, place);
    } else if (instruction->body_line == 0) {
        run.heredoc = false;
        read_shell(&run, text);
    } else if (draft_heredoc_is_shell(&run, text)) {
        run.heredoc = true;
        read_shell(&run, instruction->body);
    } else if (r->draft->judged || r->is_source) {
        read_shell(&run, text);
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
    struct draft_run run = {.r = &reader, .line = place.line};
    struct sw_shell shell;
    reader.folder = sw_path_dir(&draft->arena, place.file);
    if (reader.folder == NULL || sw_shell_read(&shell, &draft->arena, text, &reader.variables, NULL) != 0)
        draft->failed = true;
    else
        judge_shell(&run, text, &shell);
}
