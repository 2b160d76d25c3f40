#include "commands.h"

#include "output/man.h"
#include "output/say.h"

#include "base/limits.h"
#include "data/resource.h"
#include "profile/profile.h"

#include <strings.h>

/* Every terminal has as many columns, and so has a mail or a page. */
enum { HELP_COLUMNS = 80, HELP_INDENT = 30 };

/* Print text with filled paragraphs, as man fills them; a line that begins with a blank stays as it is. The
 * first line goes on at `column`, the others begin at `indent`. */
static void print_filled(FILE *to, const char *text, size_t column, size_t indent)
{
    for (struct sw_str rest = sw_str_from(text); rest.n > 0;) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (sw_str_starts(line, " ")) {
            say_own(to, column == 0 ? "" : "\n");
            say(to, "%.*s\n", SW_STR_FORMAT(line));
            column = 0;
            continue;
        }
        while (line.n > 0) {
            struct sw_str word = sw_str_cut(&line, ' ');
            if (column > indent && column + 1 + word.n >= HELP_COLUMNS) {
                say(to, "\n%*s", (int)indent, "");
                column = indent;
            }
            say(to, "%s%.*s", column > indent ? " " : "", SW_STR_FORMAT(word));
            column += word.n + (column > indent ? 1 : 0);
        }
    }
    if (column > 0)
        say(to, "\n");
}

static void print_options(FILE *to, const char *command, bool own)
{
    bool any = false;
    for (const struct option_row *row = NULL; (row = option_next(row, command)) != NULL;) {
        if ((row->commands != NULL) != own)
            continue;
        if (!any)
            say(to, "\n%s:\n", own ? "Options" : "Options everywhere");
        any = true;
        SW_BUFFER_AUTO left;
        sw_buffer_init(&left, SW_MAX_MESSAGE);
        sw_buffer_addf(&left, "%c%c%s --%s%s%s", row->letter == 0 ? ' ' : '-',
                       row->letter == 0 ? ' ' : row->letter, row->letter == 0 ? " " : ",", row->name,
                       row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value);
        if (left.n > HELP_INDENT - 3)
            say(to, "  %s\n%*s", left.p, HELP_INDENT, "");
        else
            say(to, "  %-*s", HELP_INDENT - 2, left.p);
        print_filled(to, row->help, HELP_INDENT, HELP_INDENT);
    }
}

static void print_overview(FILE *to)
{
    say(to, "usage: slipway COMMAND [OPTION...] [ARGUMENT...]\n\n");
    print_filled(to, HELP_PURPOSE, 0, 0);
    say(to, "\nCommands:\n");
    for (size_t i = 0; i < commands_count; i++)
        say(to, "  %-12s%s\n", commands[i].name, commands[i].summary);
    print_options(to, "help", false);
    say(to, "\n");
    print_filled(to, "Exit status: " HELP_EXIT_STATUS, 0, 0);
}

void help_print(FILE *to, const struct command *command)
{
    if (command == NULL) {
        print_overview(to);
        return;
    }
    say(to, "usage: slipway %s [OPTION...]%s%s\n\n%s.\n", command->name,
        command->arguments[0] == '\0' ? "" : " ", command->arguments, command->summary);
    print_filled(to, command_text(command), 0, 0);
    print_options(to, command->name, true);
    print_options(to, command->name, false);
    say(to, "\nExample:\n  %s\n", command->example);
}

/* Print a line about the code, and its page if there is a page. */
/* Print the page of a name, with an empty line before it; nothing if there is none. */
static enum status print_page(struct session *session, const char *of)
{
    struct sw_str page = {0};
    const char *path = NULL, *name = sw_arena_format(&session->arena, "profiles/pages/%s.txt", of);
    struct sw_error error;
    int result = name == NULL ? sw_fail_memory(&error)
                              : sw_resource_load(&page, &path, &session->arena, session->project.overrides,
                                                 name, &error);
    if (result != 0 && result != SW_ENOTFOUND)
        return session_fail(session, &error);
    if (result == 0)
        say(session->out, "\n");
    say_lines(session->out, page);
    return STATUS_DONE;
}

static enum status print_code(struct session *session, const struct sw_finding_code *code)
{
    say(session->out, "%s %s: %s\n", code->code, code->name, code->summary);
    return print_page(session, code->code);
}

/* The key that a word of another tool means. */
static struct sw_str meant_key(const struct sw_schema *schema, struct sw_str word)
{
    const struct sw_synonym *row = schema->synonyms;
    while (row != NULL && row->word != NULL && !sw_str_is(word, row->word))
        row++;
    return row == NULL || row->word == NULL ? word : sw_str_from(row->key);
}

/* The map among the values that a schema allows, also as items of a list; NULL if it has none. */
static const struct sw_schema *map_of(const struct sw_schema *schema)
{
    while (schema != NULL && schema->kind == SW_SCHEMA_LIST)
        schema = schema->items;
    for (size_t i = 0; schema != NULL && schema->kind == SW_SCHEMA_ANY_OF && schema->choices[i] != NULL;
         i++) {
        const struct sw_schema *found = map_of(schema->choices[i]);
        if (found != NULL)
            return found;
    }
    return schema != NULL && schema->kind == SW_SCHEMA_OBJECT ? schema : NULL;
}

/* The field of a profile's key, such as "torch" or "torch.cuda", or NULL. */
static const struct sw_field *find_key(const char *path)
{
    const struct sw_schema *map = &sw_profile_schema;
    const struct sw_field *field = NULL;
    for (struct sw_str rest = sw_str_from(path); rest.p != NULL; map = map_of(field->schema)) {
        struct sw_str key = sw_str_cut(&rest, '.');
        if (map == NULL)
            return NULL;
        key = meant_key(map, key);
        for (field = map->fields; field->key != NULL && !sw_str_is(key, field->key);)
            field++;
        if (field->key == NULL)
            return NULL;
    }
    return field;
}

static enum status print_key(struct session *session, const struct sw_field *field)
{
    say(session->out, "%s: %s\n", field->key, field->doc);
    if (field->example != NULL)
        say(session->out, "such as %s: %s\n", field->key, field->example);
    return print_page(session, field->key);
}

/* The finding code of this name, which may be typed in small letters. */
static const struct sw_finding_code *find_code(const char *word)
{
    for (size_t i = 0; i < sw_finding_codes_count; i++) {
        const struct sw_finding_code *code = &sw_finding_codes[i];
        if (strcasecmp(code->code, word) == 0 || strcasecmp(code->name, word) == 0)
            return code;
    }
    return NULL;
}

enum status command_help(struct session *session)
{
    const struct sw_texts *words = &session->options.arguments;
    if (words->count == 0) {
        (session->options.man ? man_print : help_print)(session->out, NULL);
        return STATUS_DONE;
    }
    const struct command *command = command_find(words->items[0]);
    if (command != NULL) {
        (session->options.man ? man_print : help_print)(session->out, command);
        return STATUS_DONE;
    }
    const struct sw_finding_code *code = find_code(words->items[0]);
    if (code != NULL)
        return print_code(session, code);
    const struct sw_field *field = find_key(words->items[0]);
    if (field != NULL)
        return print_key(session, field);
    struct sw_error error;
    const char *nearest = command_nearest(words->items[0]);
    (void)sw_fail(&error, SW_EINPUT, "no command, no key of a profile and no finding code '%s'",
                  words->items[0]);
    (void)sw_error_hint(&error,
                        nearest == NULL ? "'slipway help' lists the commands, 'slipway schema' the keys"
                                        : "did you mean '%s'?",
                        nearest);
    return session_fail(session, &error);
}
