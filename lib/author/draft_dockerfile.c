/* The instructions of a Dockerfile's stage, in a draft. */
#include "author/draft_internal.h"
#include "data/json.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"

struct draft_place draft_instruction_place(const struct draft_reader *r,
                                           const struct sw_instruction *instruction)
{
    return (struct draft_place){r->file, instruction->line, 1};
}

/* The words of an instruction in either form, and the flags before them; NULL without memory or if the text
 * only looks like JSON. */
const char **draft_words(struct draft_reader *r, struct sw_str text, size_t *count)
{
    const struct sw_node *list;
    if (!sw_str_starts(text, "[") || sw_json_read(&list, &r->draft->arena, text, NULL, NULL) != 0 ||
        sw_node_type(list) != SW_NODE_LIST)
        return sw_shell_words(count, &r->draft->arena, text, &r->variables);
    const char **words = sw_arena_array(&r->draft->arena, sw_node_count(list) + 1, sizeof(*words));
    for (size_t i = 0; words != NULL && i < sw_node_count(list); i++)
        words[i] = sw_node_text(sw_node_item(list, i), "");
    *count = words == NULL ? 0 : sw_node_count(list);
    return words;
}

const char *draft_absolute(struct draft_reader *r, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    if (path[0] == '/')
        return path;
    const char *slash = sw_str_ends(sw_str_from(r->workdir), "/") ? "" : "/";
    return draft_format(r->draft, "%s%s%s", r->workdir, slash, strcmp(path, ".") == 0 ? "" : path);
}

/* Add a source of a COPY; it must lie in the folder. */
static void add_copy(struct draft_reader *r, const struct sw_instruction *instruction, const char *from,
                     const char *to)
{
    while (strncmp(from, "./", 2) == 0)
        from += 2;
    from = from[0] == '\0' ? "." : from;
    struct sw_str source = sw_str_from(from);
    while (source.n > 1 && source.p[source.n - 1] == '/')
        source.n--;
    from = draft_copy(r->draft, source);
    draft_set(r->draft, &r->copies, from, to, draft_instruction_place(r, instruction));
    if (r->is_source)
        return;
    const char *wrong = sw_value_path(source);
    wrong = wrong == NULL ? sw_value_destination(sw_str_from(to)) : wrong;
    if (wrong != NULL)
        draft_leave(r->draft, draft_instruction_place(r, instruction), sw_str_from(from), "%s", wrong);
    else
        draft_set(r->draft, &r->draft->copies, from, to, draft_instruction_place(r, instruction));
}

/* Leave files of a stage or image; an environment among them would be an unknown part of the stack. */
static void leave_copy_from(struct draft_reader *r, struct draft_place place, struct sw_str flag,
                            struct sw_str text)
{
    static const char *const signs[] = {"site-packages", "dist-packages", "venv", "conda", "python3."};
    bool decides = false;
    for (size_t i = 0; i < SW_COUNT(signs); i++)
        decides = decides || sw_str_find(text, sw_str_from(signs[i])) < text.n;
    struct sw_str name = sw_str_drop(flag, strlen("--from="));
    if (decides && sw_str_find(name, SW_STR("/")) < name.n)
        draft_leave_unjudged(r->draft, place, text, "an environment out of another image");
    else
        draft_leave(r->draft, place, text,
                    "the files of another stage or image; what the stage installs is among the requirements");
}

static void read_copy(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    struct sw_str text = instruction->text;
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_starts(flag, "--from=")) {
            leave_copy_from(r, place, flag, instruction->text);
            return;
        }
        if (!sw_str_starts(flag, "--link") && !r->is_source)
            draft_leave(r->draft, place, flag, "a profile's files belong to root and keep their mode");
    }
    size_t count;
    const char **words = draft_words(r, text, &count);
    if (words == NULL || count < 2 || instruction->body_line != 0) {
        if (!r->is_source)
            draft_leave(r->draft, place, instruction->text, "not a source in the folder and a destination");
        return;
    }
    const char *to = draft_absolute(r, words[count - 1]);
    if (count > 2 && !sw_str_ends(sw_str_from(to), "/"))
        to = draft_format(r->draft, "%s/", to);
    for (size_t i = 0; i + 1 < count; i++) {
        if (strstr(words[i], "://") != NULL)
            draft_leave(r->draft, place, sw_str_from(words[i]), "fetch it by a step");
        else
            add_copy(r, instruction, words[i], to);
    }
}

/* An ENTRYPOINT in the shell's form takes no CMD, as docker has it too. */
static void leave_unheard(struct draft_reader *r)
{
    if (r->entrypoint != NULL && r->command != NULL)
        draft_leave(r->draft, draft_instruction_place(r, r->command), r->command->text,
                    "an ENTRYPOINT in the shell's form takes no CMD");
}

static void add_words(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count = 0;
    const char **words = instruction == NULL ? NULL : draft_words(r, instruction->text, &count);
    for (size_t i = 0; i < count; i++)
        draft_add(r->draft, DRAFT_COMMAND, words[i], draft_instruction_place(r, instruction));
}

/* ENTRYPOINT and CMD as one command, in the working directory: a shell changes to it first. The words of a list follow the
 * shell's own, so that none of them needs quotes; an ENTRYPOINT that is a shell's text takes no CMD. */
void draft_read_command(struct draft_reader *r)
{
    const struct sw_instruction *first = r->entrypoint == NULL ? r->command : r->entrypoint;
    if (first == NULL)
        return;
    bool is_list = sw_str_starts(first->text, "["), is_top = strcmp(r->workdir, "/") == 0;
    if (!is_list || !is_top) {
        const char *cd = is_top ? "" : draft_format(r->draft, "cd %s && ", r->workdir);
        draft_add(r->draft, DRAFT_COMMAND, "/bin/sh", draft_instruction_place(r, first));
        draft_add(r->draft, DRAFT_COMMAND, "-c", draft_instruction_place(r, first));
        draft_add(r->draft, DRAFT_COMMAND,
                  is_list ? draft_format(r->draft, "%sexec \"$0\" \"$@\"", cd)
                          : draft_format(r->draft, "%s%.*s", cd, SW_STR_FORMAT(first->text)),
                  draft_instruction_place(r, first));
    }
    if (!is_list) {
        leave_unheard(r);
        return;
    }
    add_words(r, r->entrypoint);
    if (r->command == NULL)
        return;
    if (r->entrypoint != NULL &&
        !sw_str_starts(r->command->text, "[")) { /* docker hands a shell's words over too */
        draft_add(r->draft, DRAFT_COMMAND, "/bin/sh", draft_instruction_place(r, r->command));
        draft_add(r->draft, DRAFT_COMMAND, "-c", draft_instruction_place(r, r->command));
        draft_add(r->draft, DRAFT_COMMAND, draft_copy(r->draft, r->command->text),
                  draft_instruction_place(r, r->command));
        return;
    }
    add_words(r, r->command);
}

/* Name an instruction for images that are built on this image; draft_stages.c reads it for the stages of the file. */
static void leave_trigger(struct draft_reader *r, const struct sw_instruction *instruction)
{
    const char *text = draft_format(r->draft, "ONBUILD %.*s", SW_STR_FORMAT(instruction->text));
    draft_leave_unjudged(r->draft, draft_instruction_place(r, instruction), sw_str_from(text),
                         "it runs in images that are built on this image, not in this image");
}

static void read_other(struct draft_reader *r, const struct sw_instruction *instruction)
{
    if (sw_instruction_is(instruction, "onbuild")) {
        if (r->is_last)
            leave_trigger(r, instruction);
        return;
    }
    if (r->is_source || r->draft->judged || draft_read_image(r, instruction))
        return;
    const char *text = draft_format(r->draft, "%.*s %.*s", SW_STR_FORMAT(instruction->keyword),
                                    SW_STR_FORMAT(instruction->text));
    draft_leave(r->draft, draft_instruction_place(r, instruction), sw_str_from(text),
                "a profile has no key for it");
}

static void read_workdir(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    if (words == NULL || count != 1)
        return;
    struct sw_str path = sw_str_from(draft_absolute(r, words[0]));
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    r->workdir = draft_copy(r->draft, path);
}

void draft_read_instruction(struct draft_reader *r, const struct sw_instruction *instruction,
                            const struct sw_shell_variables *globals)
{
    if (sw_instruction_is(instruction, "run"))
        draft_run(r, instruction);
    else if (sw_instruction_is(instruction, "env"))
        draft_read_env(r, instruction);
    else if (sw_instruction_is(instruction, "arg"))
        draft_read_arg(r, instruction, globals);
    else if (sw_instruction_is(instruction, "copy") || sw_instruction_is(instruction, "add"))
        read_copy(r, instruction);
    else if (sw_instruction_is(instruction, "workdir"))
        read_workdir(r, instruction);
    else if (sw_instruction_is(instruction, "cmd"))
        r->command = r->is_source ? r->command : instruction;
    else if (sw_instruction_is(instruction, "entrypoint"))
        r->entrypoint = r->is_source ? r->entrypoint : instruction;
    else
        read_other(r, instruction);
}
