/* The heredoc of a RUN: commands for a shell, the content of a file, or the text of another program. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "dockerfile/instructions.h"

bool draft_is_shell(const char *program)
{
    static const char *const names[] = {"sh", "bash", "dash", "ash", "zsh"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(sw_path_base(program), names[i]) == 0)
            return true;
    }
    return false;
}

/* Return true if the first line of the body names another interpreter than a shell. */
static bool names_program(struct sw_arena *arena, struct sw_str body)
{
    struct sw_str line = sw_str_trim(sw_str_cut(&body, '\n'));
    if (!sw_str_starts(line, "#!"))
        return false;
    line = sw_str_trim(sw_str_drop(line, 2));
    struct sw_str word = sw_str_cut(&line, ' ');
    if (sw_str_ends(word, "/env") && line.p != NULL) {
        line = sw_str_trim(line);
        word = sw_str_cut(&line, ' ');
    }
    const char *name = sw_arena_copy(arena, word);
    return name != NULL && !draft_is_shell(name);
}

bool draft_heredoc_is_shell(struct draft_run *run, struct sw_str text)
{
    struct sw_draft *draft = run->r->draft;
    struct sw_shell shell;
    if (sw_shell_read(&shell, &draft->arena, text, &run->r->variables, NULL) != 0) {
        draft->failed = true;
        return false;
    }
    const struct sw_shell_command *command = &shell.commands[0];
    if (shell.count != 1 || command->redirect_count != 1 || !command->redirects[0].here)
        return false;
    bool takes = command->count == 0 || draft_is_shell(command->words[0]);
    for (size_t i = 1; i < command->count; i++)
        takes = takes && command->words[i][0] == '-' && strchr(command->words[i], 'c') == NULL;
    return takes && !names_program(&draft->arena, run->instruction->body);
}

/* The file that `cat > FILE` or `tee FILE` writes; NULL if the command is none of these. */
static const char *written_by(const struct sw_shell_command *command)
{
    const char *program = command->count == 0 ? "" : sw_path_base(command->words[0]);
    for (size_t i = 0; strcmp(program, "cat") == 0 && i < command->redirect_count; i++) {
        if (!command->redirects[i].in)
            return command->redirects[i].target;
    }
    return strcmp(program, "tee") == 0 && command->count > 1 ? command->words[command->count - 1] : NULL;
}

bool draft_heredoc(struct draft_run *run, const struct sw_shell_command *command, struct draft_place place)
{
    size_t count = 0;
    for (size_t i = 0; i < command->redirect_count; i++)
        count += command->redirects[i].here;
    if (count == 0 || run->instruction == NULL)
        return false;
    const char *path = written_by(command);
    if (command->count == 0)
        place = draft_instruction_place(run->r, run->instruction);
    struct sw_str all = run->instruction->text;
    size_t first = sw_str_find(all, SW_STR("<<"));
    struct sw_str rest = sw_str_drop(all, first == all.n ? first : first + 2);
    bool is_only = sw_str_find(rest, SW_STR("<<")) == rest.n;
    if (path == NULL || (!is_only && sw_str_ends(sw_str_from(path), ".txt")))
        draft_leave_unjudged(run->r->draft, place, command->text, "the heredoc of another program");
    else if (is_only)
        draft_set(run->r->draft, &run->r->written, draft_absolute(run->r, path),
                  draft_copy(run->r->draft, run->instruction->body), place);
    return true;
}
