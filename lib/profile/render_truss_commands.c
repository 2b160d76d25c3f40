/* The commands and files of a Truss, and the profile's server in it. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"

/* The places that a Truss has for files. */
#define DATA_FOLDER "/app/data/"
#define MODEL_FOLDER "/app/model_cache/"
#define HUB "https://huggingface.co/"
/* A user that the platform makes itself. */
#define OWN_USER "60000"

static struct sw_node *new_list(struct target *t, const char *const *words)
{
    struct sw_node *list = sw_build_list(t->b);
    for (size_t i = 0; words[i] != NULL; i++)
        sw_build_append(t->b, list, sw_build_text(t->b, words[i]));
    return list;
}

/* A value as text in the builder's arena. */
static struct sw_node *as_json(struct target *t, const struct sw_node *value)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    sw_json_write(&text, value, SW_JSON_COMPACT);
    t->b->failed = t->b->failed || text.state != SW_BUFFER_OK;
    return sw_build_str(t->b, sw_buffer_str(&text));
}

/* ---- commands and files ---- */

/* Add a command by its words: the text of a build command stands behind RUN. */
static void add_command(struct target *t, const struct sw_node *words)
{
    sw_build_append(t->b, t->commands, as_json(t, words));
}

static void add_step(struct target *t, struct sw_str command)
{
    static const char *const usual[] = {"/bin/sh", "-c", NULL};
    const struct sw_node *shell = t->plan->parts.shell, *arguments = t->plan->parts.arguments;
    struct sw_node *words = shell == NULL ? new_list(t, usual) : sw_build_list(t->b);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < sw_node_count(arguments); i++) {
        sw_buffer_addf(&text,
                       "export %s=", sw_node_text(sw_node_get(sw_node_item(arguments, i), "name"), ""));
        sw_target_quote(&text, sw_node_str(sw_node_get(sw_node_item(arguments, i), "value")));
        sw_buffer_add_char(&text, '\n');
    }
    sw_buffer_add_str(&text, command);
    t->b->failed = t->b->failed || text.state != SW_BUFFER_OK;
    /* A text on one line may stand as it is, unless Docker would read more in it than the shell. */
    bool plain = shell == NULL && text.n > 0 && sw_is_alnum((unsigned char)text.p[0]) &&
                 memchr(text.p, '\n', text.n) == NULL && text.p[text.n - 1] != '\\' &&
                 memmem(text.p, text.n, "<<", 2) == NULL;
    for (size_t i = 0; i < sw_node_count(shell); i++)
        sw_build_append(t->b, words, sw_node_item(shell, i));
    sw_build_append(t->b, words, sw_build_str(t->b, sw_buffer_str(&text)));
    if (plain)
        sw_build_append(t->b, t->commands, sw_node_item(words, sw_node_count(words) - 1));
    else
        add_command(t, words);
}

/* Take a file of the Hugging Face hub into the model cache, if the cache has the place that the profile names. */
static bool take_model(struct target *t, const struct sw_node *copy)
{
    struct sw_str url = sw_node_str(sw_node_get(copy, "url")), to = sw_node_str(sw_node_get(copy, "to"));
    if (!sw_str_starts(url, HUB) || !sw_str_starts(to, MODEL_FOLDER))
        return false;
    struct sw_str rest = sw_str_drop(url, strlen(HUB)), folder = sw_str_drop(to, strlen(MODEL_FOLDER));
    size_t at = sw_str_find(rest, SW_STR("/resolve/"));
    struct sw_str file = sw_str_drop(rest, at + strlen("/resolve/")), revision = sw_str_cut(&file, '/');
    file = file.p == NULL ? file : sw_str_cut(&file, '?');
    struct sw_str end = folder;
    folder = sw_str_cut(&end, '/');
    if (at >= rest.n || revision.n < 2 || file.p == NULL || folder.n == 0 || !sw_str_equal(end, file))
        return false;
    struct sw_node *model = sw_build_map(t->b), *patterns = sw_build_list(t->b);
    sw_build_append(t->b, patterns, sw_build_str(t->b, file));
    sw_build_set(t->b, model, "repository", sw_build_str(t->b, (struct sw_str){rest.p, at}));
    sw_build_set(t->b, model, "revision", sw_build_str(t->b, revision));
    sw_build_set(t->b, model, "folder", sw_build_str(t->b, folder));
    sw_build_set(t->b, model, "patterns", patterns);
    sw_build_append(t->b, t->models, model);
    return true;
}

static void fetch_file(struct target *t, const struct sw_node *copy)
{
    static const char script[] = "mkdir -p \"$(dirname \"$3\")\"; curl -fsSL \"$1\" -o \"$3\"; "
                                 "printf '%s  %s\\n' \"$2\" \"$3\" | sha256sum -c -";
    static const char *const words[] = {"/bin/sh", "-ec", script, "fetch", NULL};
    struct sw_node *command = new_list(t, words);
    sw_build_append(t->b, command, sw_node_get(copy, "url"));
    sw_build_append(t->b, command, sw_node_get(copy, "sha256"));
    sw_build_append(t->b, command, sw_node_get(copy, "to"));
    add_command(t, command);
}

static void write_text(struct target *t, const struct sw_node *copy)
{
    static const char *const words[] = {
        "/bin/sh", "-ec", "mkdir -p \"$(dirname \"$3\")\"; printf %s \"$1\" >\"$3\"; chmod \"$2\" \"$3\"",
        "write", NULL};
    bool executable = sw_node_boolean(sw_node_get(copy, "executable"), false);
    struct sw_node *command = new_list(t, words);
    sw_build_append(t->b, command, sw_node_get(copy, "text"));
    sw_build_append(t->b, command, sw_build_text(t->b, executable ? "755" : "644"));
    sw_build_append(t->b, command, sw_node_get(copy, "to"));
    add_command(t, command);
}

static void read_copy(struct target *t, size_t number)
{
    const struct sw_node *copy = sw_node_item(t->plan->parts.copies, number);
    const char *from = sw_node_text(sw_node_get(copy, "from"), ""),
               *to = sw_node_text(sw_node_get(copy, "to"), "");
    char at[48];
    (void)snprintf(at, sizeof at, "context.copy[%zu]", number);
    bool to_data = strncmp(to, DATA_FOLDER, strlen(DATA_FOLDER) - 1) == 0 &&
                   (to[strlen(DATA_FOLDER) - 1] == '\0' || strcmp(to, DATA_FOLDER) == 0);
    if (sw_node_get(copy, "text") != NULL) {
        write_text(t, copy);
    } else if (sw_node_get(copy, "url") != NULL) {
        if (take_model(t, copy))
            sw_target_lose(t, at, "a Truss's model cache does not check the digest of '%s'", to);
        else
            fetch_file(t, copy);
    } else if (sw_node_get(copy, "image") != NULL) {
        sw_target_lose(t, at, "a Truss copies nothing from another image: '%s' is not there", to);
    } else if (to_data && sw_node_get(t->view, "data") == NULL) {
        sw_target_set(t, "data", sw_node_get(copy, "from"));
        sw_target_lose(t, at, "'%s' must lie beside config.yaml", from);
    } else {
        sw_target_lose(t, at,
                       "a Truss takes files from its own folders: put '%s' into 'data' (" DATA_FOLDER
                       "), 'packages' or 'model'",
                       from);
    }
}

void sw_truss_commands(struct target *t)
{
    const struct sw_node *before = t->plan->parts.steps_before, *steps = t->plan->parts.steps;
    for (size_t i = 0; i < sw_node_count(before); i++)
        add_step(t, sw_node_str(sw_node_get(sw_node_item(before, i), "command")));
    for (size_t i = 0; i < sw_node_count(t->plan->parts.copies); i++)
        read_copy(t, i);
    for (size_t i = 0; i < sw_node_count(steps); i++)
        add_step(t, sw_node_str(sw_node_get(sw_node_item(steps, i), "command")));
    if (sw_node_count(before) > 0)
        sw_target_lose(t, "steps.before", "a Truss runs them after the requirements are installed");
    if (sw_node_get(t->view, "data") == NULL)
        sw_target_set(t, "data", NULL);
    sw_target_set(t, "commands", sw_target_section(t, t->commands));
    sw_target_set(t, "models", sw_target_section(t, t->models));
}

/* ---- the server ---- */

/* The text behind the first of these that is in it; empty if none is. */
static struct sw_str after_host(struct sw_str text)
{
    static const char *const starts[] = {"http://", "localhost", "127.0.0.1"};
    for (size_t i = 0; i < SW_COUNT(starts); i++) {
        size_t at = sw_str_find(text, sw_str_from(starts[i]));
        if (at < text.n)
            return sw_str_drop(text, at + strlen(starts[i]));
    }
    return (struct sw_str){"", 0};
}

/* The path of a URL of this host in the words of a health check; empty if there is none. */
static struct sw_str health_path(const struct sw_node *words)
{
    for (size_t i = 0; i < sw_node_count(words); i++) {
        struct sw_str rest = after_host(sw_node_str(sw_node_item(words, i)));
        size_t slash = 0, end;
        while (slash < rest.n && strchr("/ '\"", rest.p[slash]) == NULL)
            slash++;
        for (end = slash; end < rest.n && strchr(" '\"|;&)", rest.p[end]) == NULL;)
            end++;
        if (end > slash && rest.p[slash] == '/')
            return (struct sw_str){rest.p + slash, end - slash};
    }
    return (struct sw_str){"", 0};
}

/* Append the words of the entry point and of the command. */
static void add_words(struct target *t, struct sw_buffer *out)
{
    const struct sw_node *parts[] = {t->plan->parts.entrypoint, t->plan->parts.command.arguments};
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        for (size_t j = 0; j < sw_node_count(parts[i]); j++) {
            if (out->n > 0)
                sw_buffer_add_char(out, ' ');
            sw_target_quote(out, sw_node_str(sw_node_item(parts[i], j)));
        }
    }
}

/* The entry point and the command as one command, in the working directory. */
static struct sw_node *start_command(struct target *t)
{
    const struct sw_node *folder = t->plan->parts.workdir;
    SW_BUFFER_AUTO words;
    SW_BUFFER_AUTO inner;
    SW_BUFFER_AUTO whole;
    sw_buffer_init(&words, SW_MAX_RENDERED_SIZE);
    sw_buffer_init(&inner, SW_MAX_RENDERED_SIZE);
    sw_buffer_init(&whole, SW_MAX_RENDERED_SIZE);
    add_words(t, &words);
    sw_buffer_add_text(&inner, "cd ");
    sw_target_quote(&inner, sw_node_str(folder));
    sw_buffer_add_text(&inner, " && exec ");
    sw_buffer_add_str(&inner, sw_buffer_str(&words));
    sw_buffer_add_text(&whole, "sh -c ");
    sw_target_quote(&whole, sw_buffer_str(&inner));
    t->b->failed = t->b->failed || whole.state != SW_BUFFER_OK || inner.state != SW_BUFFER_OK;
    return sw_build_str(t->b, sw_buffer_str(folder != NULL && words.n > 0 ? &whole : &words));
}

/* The number of a user whom the base image has; null if the server runs as root. */
static const struct sw_node *server_user(struct target *t)
{
    const struct sw_node *user = t->plan->parts.user, *id = sw_node_get(user, "id");
    const char *name = sw_node_text(sw_node_get(user, "name"), "");
    const char *number = sw_node_text(id, sw_is_digit((unsigned char)name[0]) ? name : "");
    bool fits = number[0] != '\0' && strcmp(number, "0") != 0 && strcmp(number, OWN_USER) != 0;
    if (user != NULL && strcmp(name, "root") != 0 && strcmp(name, "0") != 0)
        sw_target_lose(t, "user",
                       fits ? "a Truss creates no user: the base image must have %s"
                            : "a Truss creates no user, and knows users by their number alone: not '%s'",
                       fits ? number : name);
    return fits ? sw_build_text(t->b, number) : sw_build_null(t->b);
}

void sw_truss_server(struct target *t)
{
    const struct sw_node *port = sw_node_item(t->plan->parts.ports, 0), *start = start_command(t);
    struct sw_str number = sw_node_str(port), first = sw_str_cut(&number, '/');
    sw_target_set(t, "server", NULL);
    if (sw_node_str(start).n == 0)
        return;
    if (port == NULL || sw_str_is(number, "udp")) {
        sw_target_lose(
            t, "command",
            "a Truss starts its own server: a server of the profile's needs the key ports, such as [8000]");
        return;
    }
    struct sw_str path = health_path(t->plan->parts.healthcheck.command);
    struct sw_node *server = sw_build_map(t->b);
    sw_build_set(t->b, server, "start", start);
    sw_build_set(t->b, server, "port", sw_build_str(t->b, first));
    sw_build_set(t->b, server, "health", path.n > 0 ? sw_build_str(t->b, path) : sw_build_text(t->b, "/"));
    sw_build_set(t->b, server, "health_known", sw_build_bool(t->b, path.n > 0));
    sw_build_set(t->b, server, "user", server_user(t));
    sw_target_set(t, "server", server);
    if (sw_str_is(first, "8080"))
        sw_target_lose(t, "ports[0]", "a Truss keeps port 8080 to itself: let the server listen on another");
    if (sw_node_count(t->plan->parts.ports) > 1)
        sw_target_lose(t, "ports", "a Truss has one port: %.*s", SW_STR_FORMAT(first));
}
