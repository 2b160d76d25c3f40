#include "commands.h"

#include "display/lines.h"
#include "inspect_image.h"
#include "inspection.h"
#include "output/format.h"
#include "output/say.h"
#include "output/table.h"
#include "wheel_source.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/text.h"

/* ---- for people ---- */

static const char *text_of(const struct sw_node *node, const char *key)
{
    return sw_node_text(sw_node_get(node, key), "");
}

static const char *size_of(struct session *session, const struct sw_node *node)
{
    char size[16];
    sw_text_size(size, (uint64_t)sw_node_integer(sw_node_get(node, "size"), 0));
    const char *copy = sw_arena_text(&session->arena, size);
    return copy == NULL ? "" : copy;
}

/* Join a list's texts with blanks; return `none` for an empty list. */
static const char *joined(struct session *session, const struct sw_node *list, const char *none)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_buffer_addf(&text, "%s%s", i == 0 ? "" : " ", sw_node_text(sw_node_item(list, i), ""));
    const char *clean = text.n == 0 ? none : sw_text_clean(&session->arena, sw_buffer_str(&text));
    return clean == NULL ? "" : clean;
}

static const char *clean(struct session *session, const char *text)
{
    const char *copy = sw_text_clean(&session->arena, sw_str_from(text));
    return copy == NULL ? "" : copy;
}

static void print_pairs(struct session *session, const struct sw_node *root)
{
    const struct sw_node *versions = sw_node_get(root, "versions"), *requires = sw_node_get(root, "requires");
    for (size_t i = 0; i < sw_node_member_count(versions); i++)
        say(session->out, "%s: %s\n", clean(session, sw_node_member_at(versions, i)->key.p),
            clean(session, sw_node_text(sw_node_member_at(versions, i)->value, "")));
    if (sw_node_get(root, "requires_python") != NULL)
        say(session->out, "requires python: %s\n", clean(session, text_of(root, "requires_python")));
    for (size_t i = 0; i < sw_node_count(requires); i++)
        say(session->out, "requires: %s\n", clean(session, sw_node_text(sw_node_item(requires, i), "")));
}

static void print_rows(struct session *session, const struct sw_node *list, struct table *table,
                       void (*fill)(struct session *session, const char **cells, const struct sw_node *node))
{
    table->rows = sw_node_count(list);
    table->cells =
        sw_arena_array(&session->arena, sw_node_count(list) * table->columns, sizeof(const char *));
    if (table->cells == NULL || sw_node_count(list) == 0)
        return;
    for (size_t i = 0; i < sw_node_count(list); i++)
        fill(session, table->cells + i * table->columns, sw_node_item(list, i));
    table_print(session, table);
}

static void fill_library(struct session *session, const char **cells, const struct sw_node *library)
{
    bool read = sw_node_get(library, "architectures") != NULL;
    cells[0] = clean(session, text_of(library, "path"));
    cells[1] = size_of(session, library);
    cells[2] = clean(session, sw_node_text(sw_node_get(library, "cuda"), "-"));
    cells[3] = read ? joined(session, sw_node_get(library, "architectures"), "none") : "-";
    cells[4] = read ? joined(session, sw_node_get(library, "ptx"), "no PTX") : "-";
}

static void fill_file(struct session *session, const char **cells, const struct sw_node *file)
{
    cells[0] = clean(session, text_of(file, "path"));
    cells[1] = size_of(session, file);
}

static void fill_name(struct session *session, const char **cells, const struct sw_node *name)
{
    cells[0] = clean(session, text_of(name, "name"));
    cells[1] = text_of(name, "kind");
    cells[2] = text_of(name, "line");
    cells[3] = joined(session, sw_node_get(name, "when"), "");
}

static void fill_import(struct session *session, const char **cells, const struct sw_node *import)
{
    cells[0] = clean(session, text_of(import, "module"));
    cells[1] = clean(session, text_of(import, "name"));
    cells[2] = text_of(import, "line");
    cells[3] = joined(session, sw_node_get(import, "when"), "");
}

/* Print one sentence that answers the question about a name or a module. */
static void print_verdict(struct session *session, const struct sw_node *root, const struct sw_node *module)
{
    const char *release =
        sw_arena_format(&session->arena, "%s %s", text_of(root, "name"), text_of(root, "version"));
    const char *which = clean(session, text_of(module, "module")),
               *name = sw_node_text(sw_node_get(module, "name"), NULL);
    if (strcmp(text_of(module, "form"), "absent") == 0)
        say(session->out, "no: %s has no module %s\n", release, which);
    else if (strcmp(text_of(module, "form"), "folder") == 0)
        say(session->out, "%s has module %s, a folder without __init__.py\n", release, which);
    else if (name == NULL)
        say(session->out, "%s has module %s: %s\n", release, which, clean(session, text_of(module, "path")));
    else if (sw_node_boolean(sw_node_get(module, "defined"), false))
        say(session->out, "yes: %s of %s has %s (%s%s%s)\n", which, release, clean(session, name),
            text_of(module, "kind"), sw_node_get(module, "line") == NULL ? "" : ", line ",
            text_of(module, "line"));
    else
        say(session->out, "no: %s of %s has no %s%s\n", which, release, clean(session, name),
            sw_node_boolean(sw_node_get(module, "star"), false)      ? ", unless by its import *"
            : sw_node_boolean(sw_node_get(module, "dynamic"), false) ? ", unless by its __getattr__"
                                                                     : "");
}

static void print_module(struct session *session, const struct sw_node *root, const struct sw_node *module)
{
    print_verdict(session, root, module);
    const struct sw_node *names = sw_node_get(module, "names"), *imports = sw_node_get(module, "imports");
    struct table defined = {
        .columns = 4, .right = {false, false, true}, .titles = {"NAME", "KIND", "LINE", "WHEN"}};
    struct table imported = {
        .columns = 4, .right = {false, false, true}, .titles = {"IMPORTS FROM", "NAME", "LINE", "WHEN"}};
    if (names != NULL)
        print_rows(session, names, &defined, fill_name);
    if (imports != NULL)
        print_rows(session, imports, &imported, fill_import);
}

static void print_all(struct session *session, const struct sw_node *root)
{
    const struct sw_node *libraries = sw_node_get(root, "libraries"), *files = sw_node_get(root, "files");
    const struct sw_node *module = sw_node_get(root, "module");
    struct table library_table = {
        .columns = 5, .right = {false, true}, .titles = {"LIBRARY", "SIZE", "CUDA", "ARCHITECTURES", "PTX"}};
    struct table file_table = {.columns = 2, .right = {false, true}, .titles = {"FILE", "SIZE"}};
    if (module != NULL) {
        print_module(session, root, module);
        return;
    }
    say(session->out, "%s %s: %s, %s\n", clean(session, text_of(root, "name")),
        clean(session, text_of(root, "version")), clean(session, text_of(root, "file")),
        size_of(session, root));
    if (files == NULL)
        print_pairs(session, root);
    if (libraries != NULL)
        print_rows(session, libraries, &library_table, fill_library);
    if (files != NULL)
        print_rows(session, files, &file_table, fill_file);
}

/* ---- the command ---- */

static void warn(void *self, const struct sw_event *event)
{
    const struct session *session = self;
    if (event->kind == SW_EVENT_WARNING)
        say(session->err, "warning: %.*s\n", SW_STR_FORMAT(event->text));
}

/* Add the cost of the answer: requests and bytes. */
static void add_cost(struct sw_builder *b, struct sw_node *root, const struct wheel_source *source)
{
    if (source->remote == NULL)
        return;
    const struct sw_remote_use use = sw_remote_use(source->remote);
    struct sw_node *cost = sw_build_map(b);
    sw_build_set(b, cost, "requests", sw_build_int(b, (int64_t)use.requests));
    sw_build_set(b, cost, "bytes", sw_build_int(b, (int64_t)use.bytes));
    sw_build_set(b, root, "read", cost);
}

static void print_cost(struct session *session, const struct wheel_source *source)
{
    if (source->remote == NULL || session->options.quiet)
        return;
    const struct sw_remote_use use = sw_remote_use(source->remote);
    char bytes[16], size[16];
    sw_text_size(bytes, use.bytes);
    sw_text_size(size, source->reader.size);
    say(session->err, "read %s of %s in %llu requests\n", bytes, size, (unsigned long long)use.requests);
}

/* A file on its way to standard output. */
struct printing {
    FILE *to;
    bool shown;         /* as lines that are safe to see */
    struct lines lines; /* of it, if it is shown */
};

static void print_line(void *self, struct sw_str line, size_t dropped, bool whole)
{
    (void)whole;
    const struct printing *printing = self;
    say(printing->to, "%.*s%s\n", SW_STR_FORMAT(line), dropped > 0 ? "..." : "");
}

static int print_piece(void *self, struct sw_str piece, struct sw_error *error)
{
    struct printing *printing = self;
    if (printing->shown)
        lines_add(&printing->lines, piece, print_line, printing);
    else if (!say_bytes(printing->to, piece))
        return sw_fail_errno(error, SW_EENV, "cannot write to standard output");
    return 0;
}

/* Print one file, byte for byte unless it is shown. */
static enum status print_file(struct session *session, const struct sw_wheel *wheel, const char *path)
{
    struct sw_error error;
    const struct sw_zip_member *member = sw_zip_find(&wheel->zip, sw_str_from(path));
    if (member == NULL) {
        (void)sw_fail(&error, SW_ENO, "'%s' has no file '%s'", wheel->zip.reader->name, path);
        (void)sw_error_hint(&error, "--file '*' lists them");
        return session_fail(session, &error);
    }
    const struct sw_range range = sw_zip_range(member);
    int code = sw_reader_expect(wheel->zip.reader, &range, 1, &error);
    struct printing printing = {.to = session->out, .shown = say_is_shown(session->out)};
    lines_init(&printing.lines);
    if (code == 0)
        code = sw_zip_stream(&wheel->zip, member, print_piece, &printing, &error);
    if (code == 0 && printing.shown)
        lines_end(&printing.lines, print_line, &printing);
    lines_release(&printing.lines);
    return code == 0 ? STATUS_DONE : session_fail(session, &error);
}

static enum status answer(struct session *session, const struct wheel_source *source)
{
    struct inspected inspected = {
        .file = source->file, .url = source->url, .sha256 = source->sha256, .store = source->store};
    const struct question question = {.files = session->options.file,
                                      .module = session->options.module,
                                      .name = session->options.name,
                                      .architectures = session->options.architectures};
    struct sw_error error;
    struct sw_node *root = NULL;
    bool yes = true;
    int code = sw_wheel_open(&inspected.wheel, &session->arena, &source->reader, &error);
    if (code == 0 && session->options.print != NULL)
        return print_file(session, &inspected.wheel, session->options.print);
    if (code == 0)
        code = inspection_make(&root, &yes, session, &inspected, &question, &error);
    if (code != 0)
        return session_fail(session, &error);
    struct sw_builder b = {.arena = &session->arena};
    add_cost(&b, root, source);
    if (session->format == FORMAT_JSON) {
        enum status status = format_node(session, b.failed ? NULL : root, true);
        return status != STATUS_DONE || yes ? status : STATUS_NO;
    }
    print_all(session, root);
    print_cost(session, source);
    return yes ? STATUS_DONE : STATUS_NO;
}

/* Refuse an option that says nothing of the kind of thing that is inspected. */
static int check_options(const struct session *session, bool image, struct sw_error *error)
{
    const struct options *options = &session->options;
    const struct {
        const char *name;
        bool given, for_image;
    } rows[] = {
        {"--gpu", options->gpu_names.count > 0, true},      {"--report", options->report != NULL, true},
        {"--architectures", options->architectures, false}, {"--file", options->file != NULL, false},
        {"--module", options->module != NULL, false},       {"--print", options->print != NULL, false},
        {"--platform", options->platform != NULL, false},   {"--python", options->python != NULL, false},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (rows[i].given && rows[i].for_image != image)
            return sw_fail(error, SW_EINPUT, "%s is for %s, and '%.200s' is %s", rows[i].name,
                           image ? "a wheel" : "an image", options->arguments.items[0],
                           image ? "an image" : "a wheel");
    }
    return 0;
}

enum status command_inspect(struct session *session)
{
    struct sw_error error;
    if (session->options.arguments.count == 0) {
        (void)sw_fail(&error, SW_EINPUT, "inspect wants a requirement, a URL, a wheel or an image");
        (void)sw_error_hint(&error, "such as 'slipway inspect torch==2.6.0'");
        return session_fail(session, &error);
    }
    if (session->options.name != NULL && session->options.module == NULL) {
        (void)sw_fail(&error, SW_EINPUT, "--name wants --module");
        return session_fail(session, &error);
    }
    const char *image = inspect_image_name(session->options.arguments.items[0]);
    if (check_options(session, image != NULL, &error) != 0)
        return session_fail(session, &error);
    if (image != NULL)
        return inspect_image(session, image);
    struct wheel_source source;
    const struct sw_sink sink = {warn, session};
    if (wheel_source_open(&source, session, session->options.arguments.items[0], &sink, &error) != 0)
        return session_fail(session, &error);
    enum status status = answer(session, &source);
    wheel_source_close(&source);
    return status;
}
