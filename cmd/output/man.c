#include "output/man.h"

#include "project/program_version.h"

/* Text as roff prints it: no escapes, no requests, hyphens that can be copied. */
static void print_text(FILE *to, const char *text)
{
    bool begins = true;
    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\''))
            (void)fputs("\\&", to);
        if (*text == '\\')
            (void)fputs("\\e", to);
        else if (*text == '-')
            (void)fputs("\\-", to);
        else
            (void)fputc(*text, to);
        begins = *text == '\n';
    }
}

static void print_line(FILE *to, const char *before, const char *text, const char *after)
{
    (void)fputs(before, to);
    print_text(to, text);
    (void)fputs(after, to);
}

static void print_title(FILE *to, const char *name, const char *summary)
{
    (void)fprintf(to, ".TH \"");
    for (const char *c = name; *c != '\0'; c++)
        (void)fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, to);
    (void)fprintf(to, "\" \"1\" \"\" \"slipway %s\" \"slipway\"\n", SLIPWAY_VERSION);
    print_line(to, ".SH NAME\n", name, " \\- ");
    print_line(to, "", summary, "\n");
}

/* Print each option on a line: "-o, --output DIR". */
static void print_options(FILE *to, const char *command, bool own)
{
    bool any = false;
    for (const struct option_row *row = NULL; (row = option_next(row, command)) != NULL;) {
        if ((row->commands != NULL) != own)
            continue;
        if (!any)
            (void)fprintf(to, ".SH %s\n", own ? "OPTIONS" : "\"OPTIONS EVERYWHERE\"");
        any = true;
        (void)fputs(".TP\n", to);
        if (row->letter != 0)
            (void)fprintf(to, "\\fB\\-%c\\fR, ", row->letter);
        print_line(to, "\\fB\\-\\-", row->name, "\\fR");
        if (row->value != NULL)
            print_line(to, " \\fI", row->value, "\\fR");
        print_line(to, "\n", row->help, "\n");
    }
}

static void print_environment(FILE *to)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY, "
         "DOCKER_API_VERSION",
         "where the engine is, by docker's own rules; --host comes first"},
        {"BUILDKIT_HOST", "a BuildKit daemon to build with, as buildctl names it, where neither --host nor "
                          "DOCKER_HOST is given"},
        {"GITHUB_ACTIONS", "where it is 'true' the format is github"},
        {"NO_COLOR, TERM=dumb", "no colours"},
        {"PIP_INDEX_URL, UV_DEFAULT_INDEX, PIP_CERT, SSL_CERT_FILE", "how builds reach the package index"},
        {"UV_PYTHON_INSTALL_MIRROR, UV_PYTHON_DOWNLOADS_JSON_URL", "where builds find builds of Python"},
        {"XDG_CACHE_HOME, XDG_STATE_HOME", "where slipway keeps what it can fetch again, and what it cannot"},
    };
    (void)fputs(".SH ENVIRONMENT\n", to);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        print_line(to, ".TP\n\\fB", rows[i].name, "\\fR\n");
        print_line(to, "", rows[i].text, "\n");
    }
}

static void print_overview(FILE *to)
{
    print_title(to, "slipway", "GPU Python images, proven, built, and proven again");
    (void)fputs(".SH SYNOPSIS\n\\fBslipway\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
                ".SH DESCRIPTION\n",
                to);
    print_text(to, HELP_PURPOSE);
    (void)fputs("\n.SH COMMANDS\n", to);
    for (size_t i = 0; i < commands_count; i++) {
        print_line(to, ".TP\n\\fBslipway\\-", commands[i].name, "\\fR(1)\n");
        print_line(to, "", commands[i].summary, "\n");
    }
    print_options(to, "help", false);
    print_line(to, ".SH \"EXIT STATUS\"\n", HELP_EXIT_STATUS, "\n");
    print_environment(to);
}

void man_print(FILE *to, const struct command *command)
{
    if (command == NULL) {
        print_overview(to);
        return;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "slipway-%s", command->name);
    print_title(to, name, command->summary);
    print_line(to, ".SH SYNOPSIS\n\\fBslipway ", command->name, "\\fR [\\fIOPTION\\fR...]");
    print_line(to, " \\fI", command->arguments, "\\fR\n");
    const char *text = command_text(command);
    if (text[0] != '\0')
        print_line(to, ".SH DESCRIPTION\n", text, "");
    print_options(to, command->name, true);
    print_options(to, command->name, false);
    print_line(to, ".SH EXAMPLE\n.EX\n", command->example, "\n.EE\n");
    (void)fputs(".SH \"SEE ALSO\"\n\\fBslipway\\fR(1)\n", to);
}
