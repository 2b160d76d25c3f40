#include "dockerfile/shell.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"

struct reader {
    struct sw_arena *arena;
    struct sw_str text;
    size_t at;
    const struct sw_shell_variables *variables;
    /* The command that the words belong to; NULL for words alone. */
    struct sw_shell_command *command;
    unsigned depth; /* of braces within braces */
    bool open;      /* a quote or a brace that nothing closes */
    bool failed;    /* without memory */
};

const char *sw_shell_value(const struct sw_shell_variables *variables, struct sw_str name)
{
    for (size_t i = variables->count; i-- > 0;) {
        if (sw_str_is(name, variables->items[i].name))
            return variables->items[i].value;
    }
    return NULL;
}

static int peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? (unsigned char)r->text.p[r->at + ahead] : -1;
}

static void set_opaque(struct reader *r)
{
    if (r->command != NULL)
        r->command->opaque = true;
}

static size_t name_length(struct sw_str text)
{
    size_t n = 0;
    while (n < text.n && (sw_is_alnum((unsigned char)text.p[n]) || text.p[n] == '_'))
        n++;
    return n > 0 && sw_is_digit((unsigned char)text.p[0]) ? 0 : n;
}

static void expand(struct reader *r, struct sw_buffer *out);

/* Expand the WORD of ${NAME:-WORD}, which may hold expansions of its own. */
static void expand_inner(struct reader *r, struct sw_buffer *out, struct sw_str word)
{
    struct reader inner = {.arena = r->arena,
                           .text = word,
                           .variables = r->variables,
                           .command = r->command,
                           .depth = r->depth + 1};
    if (inner.depth > SW_MAX_SHELL_DEPTH) {
        r->open = true;
        return;
    }
    while (peek(&inner, 0) != -1) {
        if (peek(&inner, 0) == '$')
            expand(&inner, out);
        else
            sw_buffer_add_char(out, word.p[inner.at++]);
    }
    r->open = r->open || inner.open;
}

/* Expand the inside of braces: NAME, NAME:-WORD, NAME-WORD, NAME:+WORD, NAME+WORD. */
static void expand_braces(struct reader *r, struct sw_buffer *out, struct sw_str inside)
{
    size_t n = name_length(inside);
    struct sw_str name = {inside.p, n}, rest = sw_str_drop(inside, n);
    const char *value = sw_shell_value(r->variables, name);
    bool colon = sw_str_starts(rest, ":");
    rest = sw_str_drop(rest, colon);
    bool is_set = value != NULL && (!colon || value[0] != '\0');
    if (n == 0 || (rest.n > 0 && rest.p[0] != '-' && rest.p[0] != '+')) {
        set_opaque(r);
    } else if (rest.n == 0) {
        sw_buffer_add_text(out, value == NULL ? "" : value);
        if (value == NULL)
            set_opaque(r);
    } else if (rest.p[0] == '-' && is_set) {
        sw_buffer_add_text(out, value);
    } else if (rest.p[0] == '-' || is_set) {
        expand_inner(r, out, sw_str_drop(rest, 1));
    }
}

/* The length of the text inside of braces, up to the brace that closes them; text.n if none does. */
static size_t braces_length(struct sw_str text)
{
    size_t depth = 1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '{' && i > 0 && text.p[i - 1] == '$')
            depth++;
        else if (text.p[i] == '}' && --depth == 0)
            return i;
    }
    return text.n;
}

/* At a `$`. */
static void expand(struct reader *r, struct sw_buffer *out)
{
    struct sw_str rest = sw_str_drop(r->text, r->at + 1);
    if (sw_str_starts(rest, "{")) {
        size_t n = braces_length(sw_str_drop(rest, 1));
        if (n + 1 >= rest.n) {
            r->open = true;
            r->at = r->text.n;
            return;
        }
        expand_braces(r, out, (struct sw_str){rest.p + 1, n});
        r->at += n + 3;
        return;
    }
    size_t n = name_length(rest);
    const char *value = sw_shell_value(r->variables, (struct sw_str){rest.p, n});
    if (n == 0 || value == NULL)
        set_opaque(r);
    if (n == 0)
        sw_buffer_add_char(out, '$');
    else
        sw_buffer_add_text(out, value == NULL ? "" : value);
    r->at += n + 1;
}

static void read_single_quoted(struct reader *r, struct sw_buffer *out)
{
    struct sw_str rest = sw_str_drop(r->text, r->at + 1);
    size_t n = sw_str_find(rest, SW_STR("'"));
    r->open = r->open || n == rest.n;
    sw_buffer_add(out, rest.p, n);
    r->at += n + 2 > r->text.n - r->at ? r->text.n - r->at : n + 2;
}

static void read_double_quoted(struct reader *r, struct sw_buffer *out)
{
    for (r->at++; peek(r, 0) != '"';) {
        int c = peek(r, 0), next = peek(r, 1);
        if (c == -1) {
            r->open = true;
            return;
        }
        if (c == '$') {
            expand(r, out);
            continue;
        }
        if (c == '`')
            set_opaque(r);
        if (c == '\\' && (next == '"' || next == '\\' || next == '$' || next == '`'))
            r->at++;
        sw_buffer_add_char(out, r->text.p[r->at++]);
    }
    r->at++;
}

/* Return true if the byte ends a word of a command. */
static bool ends_word(const struct reader *r, int c)
{
    if (c == -1 || sw_is_space(c))
        return true;
    return r->command != NULL && strchr(";&|<>()", c) != NULL;
}

/* Read a word; NULL without memory. */
static const char *read_word(struct reader *r)
{
    SW_BUFFER_AUTO word;
    sw_buffer_init(&word, SW_MAX_PROCESS_ARGUMENT);
    for (int c; !ends_word(r, c = peek(r, 0));) {
        if (c == '\'') {
            read_single_quoted(r, &word);
        } else if (c == '"') {
            read_double_quoted(r, &word);
        } else if (c == '$') {
            expand(r, &word);
        } else if (c == '\\' && peek(r, 1) != -1) {
            if (peek(r, 1) != '\n')
                sw_buffer_add_char(&word, r->text.p[r->at + 1]);
            r->at += 2; /* of a line that goes on nothing is left */
        } else {
            if (c == '`')
                set_opaque(r);
            sw_buffer_add_char(&word, r->text.p[r->at++]);
        }
    }
    const char *copy = sw_arena_copy(r->arena, sw_buffer_str(&word));
    r->failed = r->failed || copy == NULL || word.state == SW_BUFFER_MEMORY;
    r->open = r->open || word.state == SW_BUFFER_FULL;
    return copy;
}

static void skip_blanks(struct reader *r)
{
    for (;;) {
        int c = peek(r, 0);
        bool continued = c == '\\' && peek(r, 1) == '\n';
        if (!continued && (c == -1 || !sw_is_space(c) || (r->command != NULL && c == '\n')))
            return;
        r->at += continued ? 2 : 1;
    }
}

const char **sw_shell_words(size_t *count, struct sw_arena *arena, struct sw_str text,
                            const struct sw_shell_variables *variables)
{
    struct reader r = {.arena = arena, .text = text, .variables = variables};
    const char **words = NULL;
    *count = 0;
    for (skip_blanks(&r); r.at < text.n && !r.failed; skip_blanks(&r)) {
        const char **grown = sw_arena_grow(arena, (void *)words, *count, sizeof(*words));
        if (grown == NULL)
            return NULL;
        words = grown;
        words[(*count)++] = read_word(&r);
    }
    const char **grown = sw_arena_grow(arena, (void *)words, *count, sizeof(*words));
    if (grown != NULL)
        grown[*count] = NULL;
    return r.failed ? NULL : grown;
}

static void add_word(struct reader *r)
{
    struct sw_shell_command *command = r->command;
    const char **words = sw_arena_grow(r->arena, (void *)command->words, command->count, sizeof(*words));
    size_t *offsets = sw_arena_grow(r->arena, command->offsets, command->count, sizeof(*offsets));
    size_t offset = r->at;
    const char *word = read_word(r);
    if (words == NULL || offsets == NULL || word == NULL) {
        r->failed = true;
        return;
    }
    command->words = words;
    command->offsets = offsets;
    offsets[command->count] = offset;
    words[command->count++] = word;
}

/* At a `<` or `>`: its target is a word of its own. */
static void add_redirect(struct reader *r)
{
    struct sw_shell_command *command = r->command;
    bool glued = r->at > 0 && !sw_is_space((unsigned char)r->text.p[r->at - 1]);
    struct sw_shell_redirect redirect = {.in = peek(r, 0) == '<', .glued = glued, .words = command->count};
    redirect.append = !redirect.in && peek(r, 1) == '>';
    r->at += redirect.append ? 2 : 1;
    if (peek(r, 0) == '<' || peek(r, 0) == '&') { /* a heredoc, a here-string, a descriptor */
        bool is_string = redirect.in && peek(r, 0) == '<' && peek(r, 1) == '<';
        command->opaque = true;
        redirect.here = redirect.in && peek(r, 0) == '<' && !is_string;
        redirect.glued = redirect.glued && !is_string;
        r->at += is_string ? 2 : 1;
    }
    skip_blanks(r);
    redirect.target = read_word(r);
    struct sw_shell_redirect *redirects =
        sw_arena_grow(r->arena, command->redirects, command->redirect_count, sizeof(*redirects));
    if (redirects == NULL || redirect.target == NULL) {
        r->failed = true;
        return;
    }
    command->redirects = redirects;
    redirects[command->redirect_count++] = redirect;
}

/* Step over the sign that ends a command, and say how it joins the next command. False at the end of the
 * text. */
static bool read_joint(struct reader *r, enum sw_shell_joint *joint, bool *opaque)
{
    int c = peek(r, 0), next = peek(r, 1);
    *joint = SW_SHELL_THEN;
    if (c == -1)
        return false;
    if (c == '(' || c == ')' || (c == '&' && next != '&'))
        *opaque = true;
    if (c == '&' && next == '&')
        *joint = SW_SHELL_AND;
    else if (c == '|')
        *joint = next == '|' ? SW_SHELL_OR : SW_SHELL_PIPE;
    r->at += *joint == SW_SHELL_AND || *joint == SW_SHELL_OR ? 2 : 1;
    return true;
}

static void skip_comment(struct reader *r)
{
    while (peek(r, 0) != -1 && peek(r, 0) != '\n')
        r->at++;
}

static void read_command(struct reader *r, struct sw_shell_command *command)
{
    r->command = command;
    for (skip_blanks(r); peek(r, 0) == '\n'; skip_blanks(r))
        r->at++;
    size_t begin = r->at;
    while (!r->failed) {
        skip_blanks(r);
        int c = peek(r, 0);
        if (c == '#')
            skip_comment(r);
        else if (c == '<' || c == '>')
            add_redirect(r);
        else if (c == -1 || strchr("\n;&|()", c) != NULL)
            break;
        else
            add_word(r);
    }
    command->text = sw_str_trim((struct sw_str){r->text.p + begin, r->at - begin});
    command->offset = begin;
}

static bool is_control(const struct sw_shell_command *command)
{
    static const char *const words[] = {"!",    "{",  "}",   "case", "do", "done", "elif",  "else",
                                        "esac", "fi", "for", "[[",   "if", "then", "until", "while"};
    for (size_t i = 0; command->count > 0 && i < SW_COUNT(words); i++) {
        if (strcmp(command->words[0], words[i]) == 0)
            return true;
    }
    return false;
}

int sw_shell_read(struct sw_shell *out, struct sw_arena *arena, struct sw_str text,
                  const struct sw_shell_variables *variables, struct sw_error *error)
{
    struct reader r = {.arena = arena, .text = text, .variables = variables};
    struct sw_shell shell = {0};
    enum sw_shell_joint joint = SW_SHELL_FIRST;
    bool more = true;
    while (more && !r.failed && shell.count < SW_MAX_SHELL_COMMANDS) {
        struct sw_shell_command command = {.joint = joint};
        read_command(&r, &command);
        more = !r.failed && read_joint(&r, &joint, &shell.opaque);
        shell.opaque = shell.opaque || is_control(&command);
        if (command.count == 0 && command.redirect_count == 0) {
            joint = shell.count == 0 ? SW_SHELL_FIRST : joint;
            continue;
        }
        struct sw_shell_command *commands =
            sw_arena_grow(arena, shell.commands, shell.count, sizeof(command));
        if (commands == NULL) {
            r.failed = true;
            break;
        }
        shell.commands = commands;
        commands[shell.count++] = command;
    }
    if (r.failed)
        return sw_fail_memory(error);
    shell.opaque = shell.opaque || r.open || more;
    *out = shell;
    return 0;
}

size_t sw_shell_pip(const struct sw_shell_command *command, size_t from)
{
    size_t at = from;
    if (at + 2 < command->count && strncmp(sw_path_base(command->words[at]), "python", 6) == 0 &&
        strcmp(command->words[at + 1], "-m") == 0)
        at += 2;
    const char *name = at < command->count ? sw_path_base(command->words[at]) : "";
    bool uv = strcmp(name, "uv") == 0;
    if (!uv && strcmp(name, "pip") != 0 && strcmp(name, "pip3") != 0 && strncmp(name, "pip3.", 5) != 0)
        return 0;
    at += uv && at + 1 < command->count && strcmp(command->words[at + 1], "pip") == 0;
    return at + 1;
}
