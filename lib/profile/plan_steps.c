/* The files that go into the image, and the commands that are run in it. */
#include "profile/plan_internal.h"

#include "base/limits.h"
#include "data/path.h"

struct sw_node *sw_resolver_texts(struct resolver *r, const struct sw_node *list)
{
    struct sw_node *copy = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, copy, sw_build_str(&r->b, sw_node_str(sw_node_item(list, i))));
    return copy;
}

/* ---- files ---- */

/* Return true if an engine takes the path for the URL of a Git repository, as it ends in ".git". */
static bool looks_like_git(const char *path)
{
    struct sw_str rest = sw_str_from(path);
    return sw_str_ends(sw_str_cut(&rest, '#'), ".git");
}

struct sw_node *sw_resolver_source(struct resolver *r, const char *from)
{
    struct sw_builder *b = &r->b;
    while (from[0] == '.' && from[1] == '/')
        from += 2;
    return strcmp(from, ".") == 0
               ? sw_build_text(b, "context/")
               : sw_build_format(b, "%scontext/%s", looks_like_git(from) ? "./" : "", from);
}

/* The last part of a URL's path; "" if the path ends in "/". */
static struct sw_str url_file(struct sw_str url)
{
    struct sw_str path = sw_str_drop(url, sw_str_find(url, SW_STR("://")) + 3), name = {NULL, 0};
    path = sw_str_cut(&path, '?');
    struct sw_str host = sw_str_cut(&path, '/');
    for (name = path.p == NULL ? host : path; path.p != NULL;)
        name = sw_str_cut(&path, '/');
    return name.p == host.p ? SW_STR("") : name;
}

static bool is_folder(struct sw_str to)
{
    return to.n > 0 && to.p[to.n - 1] == '/';
}

/* A file that a URL or a text gives needs a name: in a folder the URL gives it. */
static struct sw_node *file_path(struct resolver *r, const struct sw_node *row)
{
    const struct sw_node *to = sw_node_get(row, "to"), *url = sw_node_get(row, "url");
    struct sw_str name = url == NULL ? SW_STR("") : url_file(sw_node_str(url));
    if (!is_folder(sw_node_str(to)))
        return sw_build_str(&r->b, sw_node_str(to));
    bool names_file = name.n > 0 && !sw_str_is(name, ".") && !sw_str_is(name, "..");
    if (names_file && memchr(name.p, '%', name.n) == NULL)
        return sw_build_format(&r->b, "%s%.*s", sw_node_text(to, ""), SW_STR_FORMAT(name));
    struct sw_finding *finding =
        sw_findings_add(r->findings, "SW102", SW_ERROR, "'%s' is a folder, and nothing gives the file a name",
                        sw_node_text(to, ""));
    sw_finding_place(r->findings, finding, sw_node_file(to), sw_node_line(to), sw_node_column(to));
    sw_finding_hint(r->findings, finding, "name the file itself: to: %sNAME", sw_node_text(to, ""));
    return sw_build_str(&r->b, sw_node_str(to));
}

static void set_text(struct resolver *r, struct sw_node *copy, const struct sw_node *row, const char *key)
{
    sw_build_set(&r->b, copy, key, sw_build_str(&r->b, sw_node_str(sw_node_get(row, key))));
}

/* `number` counts the texts, each of which becomes a file of the build context. */
static struct sw_node *resolve_copy(struct resolver *r, const struct sw_node *row, size_t *number)
{
    struct sw_node *copy = sw_build_map(&r->b);
    if (sw_node_get(row, "text") != NULL) {
        bool executable = sw_node_boolean(sw_node_get(row, "executable"), false);
        set_text(r, copy, row, "text");
        sw_build_set(&r->b, copy, "file", sw_build_format(&r->b, "text-%zu", ++*number));
        sw_build_set(&r->b, copy, "executable", sw_build_bool(&r->b, executable));
        sw_build_set(&r->b, copy, "to", file_path(r, row));
    } else if (sw_node_get(row, "url") != NULL) {
        set_text(r, copy, row, "url");
        set_text(r, copy, row, "sha256");
        sw_build_set(&r->b, copy, "to", file_path(r, row));
    } else {
        const char *from = sw_node_text(sw_node_get(row, "from"), "");
        if (sw_node_get(row, "image") != NULL)
            set_text(r, copy, row, "image");
        set_text(r, copy, row, "from");
        if (sw_node_get(row, "image") == NULL)
            sw_build_set(&r->b, copy, "source", sw_resolver_source(r, from));
        set_text(r, copy, row, "to");
    }
    return copy;
}

void sw_resolve_copies(struct resolver *r)
{
    const struct sw_node *list = sw_resolver_get(r, "context.copy");
    struct sw_node *copies = sw_build_list(&r->b);
    size_t number = 0;
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, copies, resolve_copy(r, sw_node_item(list, i), &number));
    sw_resolver_set(r, "copies", copies);
}

/* ---- commands ---- */

static void resolve_secrets(struct resolver *r, struct sw_node *secrets)
{
    const struct sw_node *list = sw_resolver_get(r, "secrets");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_node *secret = sw_build_map(&r->b);
        const char *id = sw_node_text(sw_node_get(sw_node_item(list, i), "id"), "");
        sw_build_set(&r->b, secret, "id", sw_build_text(&r->b, id));
        sw_build_set(&r->b, secret, "env",
                     sw_build_text(&r->b, sw_node_text(sw_node_get(sw_node_item(list, i), "env"), NULL)));
        sw_build_append(&r->b, secrets, secret);
    }
    sw_resolver_set(r, "secrets", secrets);
}

/* A step reads its secrets from files; those with a variable get it for the length of the step. */
static struct sw_node *step_command(struct resolver *r, const struct sw_node *secrets, struct sw_str command)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < sw_node_count(secrets); i++) {
        const char *variable = sw_node_text(sw_node_get(sw_node_item(secrets, i), "env"), NULL);
        const char *id = sw_node_text(sw_node_get(sw_node_item(secrets, i), "id"), "");
        if (variable != NULL)
            sw_buffer_addf(&text, "export %s=\"$(cat /run/secrets/%s)\"\n", variable, id);
    }
    sw_buffer_add_str(&text, command);
    if (text.state != SW_BUFFER_OK)
        r->b.failed = true;
    return sw_build_str(&r->b, sw_buffer_str(&text));
}

static struct sw_node *resolve_phase(struct resolver *r, const struct sw_node *secrets,
                                     const struct sw_node *list)
{
    struct sw_node *steps = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_node *step = sw_build_map(&r->b);
        sw_build_set(&r->b, step, "command", step_command(r, secrets, sw_node_str(sw_node_item(list, i))));
        sw_build_set(&r->b, step, "secrets", secrets);
        sw_build_append(&r->b, steps, step);
    }
    return steps;
}

/* The words of the shell; NULL if the profile names none. */
static struct sw_node *resolve_shell(struct resolver *r)
{
    const struct sw_node *shell = sw_resolver_get(r, "shell");
    if (shell == NULL)
        return NULL;
    struct sw_node *words = sw_resolver_texts(r, shell);
    if (sw_node_type(shell) == SW_NODE_TEXT) {
        sw_build_append(&r->b, words, sw_build_format(&r->b, "/bin/%s", sw_node_text(shell, "")));
        sw_build_append(&r->b, words, sw_build_text(&r->b, "-c"));
    } else if (sw_node_count(shell) == 0 || sw_node_str(sw_node_item(shell, 0)).n == 0) {
        (void)sw_resolver_find(r, "SW102", SW_ERROR, "shell", "'shell' names no program");
    }
    return words;
}

void sw_resolve_steps(struct resolver *r)
{
    struct sw_node *secrets = sw_build_list(&r->b), *shell = resolve_shell(r);
    const struct sw_node *list = sw_resolver_get(r, "steps"), *before = sw_node_get(list, "before");
    resolve_secrets(r, secrets);
    if (sw_node_boolean(sw_resolver_get(r, "ssh"), false))
        sw_resolver_set(r, "ssh", sw_build_bool(&r->b, true));
    if (shell != NULL)
        sw_resolver_set(r, "shell", shell);
    if (sw_node_count(before) > 0)
        sw_resolver_set(r, "steps_before", resolve_phase(r, secrets, before));
    sw_resolver_set(
        r, "steps",
        resolve_phase(r, secrets, sw_node_type(list) == SW_NODE_MAP ? sw_node_get(list, "after") : list));
    struct sw_node *command = NULL;
    if (sw_resolver_get(r, "command") != NULL) {
        command = sw_build_map(&r->b);
        sw_build_set(&r->b, command, "arguments", sw_resolver_texts(r, sw_resolver_get(r, "command")));
    }
    sw_resolver_set(r, "command", command == NULL ? sw_build_null(&r->b) : command);
}
