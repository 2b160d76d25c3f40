/* The commands of a RUN: each lies in the text, in order, and each of its words begins within the command. */
#include "base/limits.h"
#include "dockerfile/shell.h"

#include "fuzz.h"

static void check_command(const struct sw_shell_command *command, struct sw_str text)
{
    if (command->offset > text.n || command->text.n > text.n - command->offset ||
        (command->text.n > 0 && memcmp(command->text.p, text.p + command->offset, command->text.n) != 0))
        abort();
    for (size_t i = 0; i < command->count; i++) {
        if (command->words[i] == NULL || command->offsets[i] < command->offset ||
            command->offsets[i] > command->offset + command->text.n)
            abort();
    }
    for (size_t i = 0; i < command->redirect_count; i++) {
        if (command->redirects[i].target == NULL || command->redirects[i].words > command->count)
            abort();
    }
}

int fuzz_shell(const uint8_t *data, size_t size)
{
    struct sw_shell_variable items[] = {{"A", "b c"}, {"EMPTY", ""}};
    const struct sw_shell_variables variables = {items, SW_COUNT(items)};
    const struct sw_str text = {(const char *)data, size};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_shell shell;
    if (sw_shell_read(&shell, &arena, text, &variables, NULL) == 0 && !shell.opaque) {
        size_t end = 0;
        for (size_t i = 0; i < shell.count; i++) {
            if (shell.commands[i].offset < end)
                abort();
            check_command(&shell.commands[i], text);
            end = shell.commands[i].offset + shell.commands[i].text.n;
        }
    }
    size_t count = 0;
    const char **words = sw_shell_words(&count, &arena, text, &variables);
    if (words != NULL && words[count] != NULL)
        abort();
    return 0;
}
