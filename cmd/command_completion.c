#include "commands.h"

/* The meaning of a word of the command line. */
enum meaning { MEANING_OTHER, MEANING_FOLDER, MEANING_FILE, MEANING_CHOICE, MEANING_GPU };

static enum meaning meaning_of(const struct option_row *row)
{
    if (row->value == NULL)
        return MEANING_OTHER;
    if (strcmp(row->value, "DIR") == 0)
        return MEANING_FOLDER;
    if (strncmp(row->value, "FILE", 4) == 0)
        return MEANING_FILE;
    if (strcmp(row->name, "gpu") == 0)
        return MEANING_GPU;
    return strchr(row->value, '|') != NULL && strchr(row->value, '=') == NULL ? MEANING_CHOICE
                                                                              : MEANING_OTHER;
}

/* "tty|plain" as "tty plain"; NULL is no choice. */
static void print_choices(FILE *to, const char *value)
{
    for (; value != NULL && *value != '\0'; value++)
        (void)fputc(*value == '|' ? ' ' : *value, to);
}

static void print_commands(FILE *to)
{
    for (size_t i = 0; i < commands_count; i++)
        (void)fprintf(to, "%s%s", i == 0 ? "" : " ", commands[i].name);
}

/* Lists that the program itself has, without their head. */
#define PROFILES "slipway list --format plain 2>/dev/null | sed 1d | cut -d' ' -f1"
#define GPUS "slipway gpus --format plain 2>/dev/null | sed 1d | cut -d' ' -f1"

/* ---- bash ---- */

static void bash_options(FILE *to, const char *command)
{
    for (const struct option_row *row = NULL; (row = option_next(row, command)) != NULL;) {
        if (row->letter != 0)
            (void)fprintf(to, " -%c", row->letter);
        (void)fprintf(to, " --%s", row->name);
    }
}

/* Words after an option that has a value; options of one name have one meaning. */
static void bash_values(FILE *to)
{
    for (size_t i = 0; i < option_rows_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->value == NULL)
            continue;
        (void)fprintf(to, "        --%s", row->name);
        if (row->letter != 0)
            (void)fprintf(to, "|-%c", row->letter);
        (void)fputs(") ", to);
        switch (meaning_of(row)) {
        case MEANING_FOLDER:
            (void)fputs("COMPREPLY=($(compgen -d -- \"$word\")) ;;\n", to);
            break;
        case MEANING_FILE:
            (void)fputs("COMPREPLY=($(compgen -f -- \"$word\")) ;;\n", to);
            break;
        case MEANING_GPU:
            (void)fputs("COMPREPLY=($(compgen -W \"$(" GPUS ")\" -- \"$word\")) ;;\n", to);
            break;
        case MEANING_CHOICE:
            (void)fputs("COMPREPLY=($(compgen -W '", to);
            print_choices(to, row->value);
            (void)fputs("' -- \"$word\")) ;;\n", to);
            break;
        case MEANING_OTHER:
            (void)fputs("COMPREPLY=() ;;\n", to);
        }
    }
}

static void bash_arguments(FILE *to)
{
    for (size_t i = 0; i < commands_count; i++) {
        const char *arguments = commands[i].arguments;
        (void)fprintf(to, "        %s) ", commands[i].name);
        if (strstr(arguments, "PROFILE") != NULL)
            (void)fputs("COMPREPLY=($(compgen -W \"$(" PROFILES ")\" -- \"$word\")) ;;\n", to);
        else if (strstr(arguments, "FILE") != NULL)
            (void)fputs("COMPREPLY=($(compgen -f -- \"$word\")) ;;\n", to);
        else if (strstr(arguments, "COMMAND") != NULL)
            (void)fputs("COMPREPLY=($(compgen -W \"$commands\" -- \"$word\")) ;;\n", to);
        else if (strstr(arguments, "bash") != NULL)
            (void)fputs("COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")) ;;\n", to);
        else
            (void)fputs("COMPREPLY=() ;;\n", to);
    }
}

static void print_bash(FILE *to)
{
    (void)fputs("# bash completion of slipway; made by `slipway completion bash`\n"
                "# shellcheck shell=bash disable=SC2207\n"
                "_slipway() {\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' i\n"
                "    local commands='",
                to);
    print_commands(to);
    (void)fputs(
        "'\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case \" $commands \" in *\" ${COMP_WORDS[i]} \"*) command=${COMP_WORDS[i]}; break ;; esac\n"
        "    done\n"
        "    case $before in\n",
        to);
    bash_values(to);
    (void)fputs("        *)\n"
                "            if [[ $word == -* ]]; then\n"
                "                case $command in\n",
                to);
    for (size_t i = 0; i < commands_count; i++) {
        (void)fprintf(to, "                %s) COMPREPLY=($(compgen -W '", commands[i].name);
        bash_options(to, commands[i].name);
        (void)fputs("' -- \"$word\")) ;;\n", to);
    }
    (void)fputs("                *) COMPREPLY=($(compgen -W '", to);
    bash_options(to, "");
    (void)fputs("' -- \"$word\")) ;;\n"
                "                esac\n"
                "                return\n"
                "            fi\n"
                "            case $command in\n"
                "            '') COMPREPLY=($(compgen -W \"$commands\" -- \"$word\")) ;;\n",
                to);
    bash_arguments(to);
    (void)fputs("            esac ;;\n"
                "    esac\n"
                "}\n"
                "complete -F _slipway slipway\n",
                to);
}

/* ---- zsh ---- */

/* Print text within single quotes; the characters of the syntax that _arguments reads are escaped. */
static void zsh_text(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            (void)fputs("'\\''", to);
        else if (strchr("[]:\\", *text) != NULL)
            (void)fprintf(to, "\\%c", *text);
        else
            (void)fputc(*text, to);
    }
}

static void zsh_option(FILE *to, const struct option_row *row)
{
    (void)fputs("                ", to);
    if (row->letter != 0)
        (void)fprintf(to, "'%s'{-%c,--%s}'[", row->kind == OPTION_LIST ? "*" : "", row->letter, row->name);
    else
        (void)fprintf(to, "'%s--%s[", row->kind == OPTION_LIST ? "*" : "", row->name);
    zsh_text(to, row->help);
    (void)fputc(']', to);
    if (row->value != NULL) {
        (void)fputc(':', to);
        zsh_text(to, row->value);
    }
    switch (meaning_of(row)) {
    case MEANING_FOLDER:
        (void)fputs(":_files -/", to);
        break;
    case MEANING_FILE:
        (void)fputs(":_files", to);
        break;
    case MEANING_GPU:
        (void)fputs(":_slipway_gpus", to);
        break;
    case MEANING_CHOICE:
        (void)fputs(":(", to);
        print_choices(to, row->value);
        (void)fputc(')', to);
        break;
    case MEANING_OTHER:
        (void)fputs(row->value == NULL ? "" : ": ", to);
    }
    (void)fputs("' \\\n", to);
}

static void zsh_arguments(FILE *to, const char *arguments)
{
    const char *what = "' : '";
    if (strstr(arguments, "PROFILE") != NULL)
        what = strstr(arguments, "...") == NULL ? "'1:profile:_slipway_profiles'"
                                                : "'*:profile:_slipway_profiles'";
    else if (strstr(arguments, "FILE") != NULL)
        what = "'1:file:_files'";
    else if (strstr(arguments, "COMMAND") != NULL)
        what = "'1:command:_slipway_commands'";
    else if (strstr(arguments, "bash") != NULL)
        what = "'1:shell:(bash zsh fish)'";
    (void)fprintf(to, "                %s ;;\n", what);
}

static void print_zsh(FILE *to)
{
    (void)fputs("#compdef slipway\n"
                "# zsh completion of slipway; made by `slipway completion zsh`\n"
                "_slipway_profiles() { local -a names; names=(${(f)\"$(" PROFILES
                ")\"}); _describe profile names }\n"
                "_slipway_gpus() { local -a names; names=(${(f)\"$(" GPUS ")\"}); _describe GPU names }\n"
                "_slipway_commands() {\n"
                "    local -a names=(\n",
                to);
    for (size_t i = 0; i < commands_count; i++) {
        (void)fprintf(to, "        '%s:", commands[i].name);
        zsh_text(to, commands[i].summary);
        (void)fputs("'\n", to);
    }
    (void)fputs("    )\n"
                "    _describe command names\n"
                "}\n"
                "_slipway() {\n"
                "    local context state line\n"
                "    typeset -A opt_args\n"
                "    _arguments -C '1:command:_slipway_commands' '*::argument:->argument'\n"
                "    [[ $state == argument ]] || return\n"
                "    case $words[1] in\n",
                to);
    for (size_t i = 0; i < commands_count; i++) {
        (void)fprintf(to, "        %s)\n            _arguments -s \\\n", commands[i].name);
        for (const struct option_row *row = NULL; (row = option_next(row, commands[i].name)) != NULL;)
            zsh_option(to, row);
        zsh_arguments(to, commands[i].arguments);
    }
    (void)fputs("    esac\n"
                "}\n"
                "[[ $funcstack[1] == _slipway ]] && _slipway \"$@\" || compdef _slipway slipway\n",
                to);
}

/* ---- fish ---- */

static void fish_text(FILE *to, const char *text)
{
    (void)fputc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            (void)fputc('\\', to);
        (void)fputc(*text, to);
    }
    (void)fputc('\'', to);
}

static void fish_option(FILE *to, const struct option_row *row)
{
    (void)fputs("complete -c slipway", to);
    if (row->commands != NULL) {
        struct sw_str names = sw_str_trim(sw_str_from(row->commands));
        (void)fprintf(to, " -n '__fish_seen_subcommand_from %.*s'", SW_STR_FORMAT(names));
    }
    if (row->letter != 0)
        (void)fprintf(to, " -s %c", row->letter);
    (void)fprintf(to, " -l %s", row->name);
    switch (meaning_of(row)) {
    case MEANING_FOLDER:
        (void)fputs(" -x -a '(__fish_complete_directories)'", to);
        break;
    case MEANING_FILE:
        (void)fputs(" -r -F", to);
        break;
    case MEANING_GPU:
        (void)fputs(" -x -a \"(" GPUS ")\"", to);
        break;
    case MEANING_CHOICE:
        (void)fputs(" -x -a '", to);
        print_choices(to, row->value);
        (void)fputc('\'', to);
        break;
    case MEANING_OTHER:
        (void)fputs(row->value == NULL ? "" : " -x", to);
    }
    (void)fputs(" -d ", to);
    fish_text(to, row->help);
    (void)fputc('\n', to);
}

static void fish_arguments(FILE *to, const struct command *command)
{
    const char *what = NULL;
    if (strstr(command->arguments, "PROFILE") != NULL)
        what = "-a \"(" PROFILES ")\"";
    else if (strstr(command->arguments, "FILE") != NULL)
        what = "-F";
    else if (strstr(command->arguments, "COMMAND") != NULL)
        what = "-a \"$slipway_commands\"";
    else if (strstr(command->arguments, "bash") != NULL)
        what = "-a 'bash zsh fish'";
    if (what != NULL)
        (void)fprintf(to, "complete -c slipway -n '__fish_seen_subcommand_from %s' %s\n", command->name,
                      what);
}

static void print_fish(FILE *to)
{
    (void)fputs("# fish completion of slipway; made by `slipway completion fish`\nset -l slipway_commands '",
                to);
    print_commands(to);
    (void)fputs("'\ncomplete -c slipway -f\n", to);
    for (size_t i = 0; i < commands_count; i++) {
        (void)fprintf(to, "complete -c slipway -n __fish_use_subcommand -a %s -d ", commands[i].name);
        fish_text(to, commands[i].summary);
        (void)fputc('\n', to);
        fish_arguments(to, &commands[i]);
    }
    for (size_t i = 0; i < option_rows_count; i++)
        fish_option(to, &option_rows[i]);
}

enum status command_completion(struct session *session)
{
    static const struct {
        const char *name;
        void (*print)(FILE *to);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *shell = session->options.arguments.count == 0 ? "" : session->options.arguments.items[0];
    for (size_t i = 0; i < SW_COUNT(shells); i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print(session->out);
            return STATUS_DONE;
        }
    }
    struct sw_error error;
    if (shell[0] == '\0')
        (void)sw_fail(&error, SW_EINPUT, "completion wants a shell");
    else
        (void)sw_fail(&error, SW_EINPUT, "no completion for '%s'", shell);
    (void)sw_error_hint(&error, "bash, zsh or fish");
    return session_fail(session, &error);
}
