#include "inspect_image.h"

#include "chosen_gpus.h"
#include "output/contents_page.h"
#include "output/format.h"
#include "output/say.h"
#include "output/table.h"

#include "base/descriptor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/gpu.h"
#include "contents/contents.h"
#include "project/image_archive.h"

#include <fcntl.h>

enum { MOST_PROJECTS_SHOWN = 20 };

const char *inspect_image_name(const char *argument)
{
    struct sw_str text = sw_str_from(argument);
    if (sw_str_starts(text, "image:"))
        return argument + strlen("image:");
    if (sw_str_ends(text, ".tar"))
        return argument;
    /* A URL has "://", and a requirement has a blank before its "@". */
    bool is_url = strstr(argument, "://") != NULL, has_blank = strchr(argument, ' ') != NULL;
    bool is_file = sw_str_ends(text, ".whl");
    return !is_url && !has_blank && !is_file && strchr(argument, ':') != NULL ? argument : NULL;
}

/* ---- the answer as a tree ---- */

static struct sw_node *bytes_node(struct sw_builder *b, const struct sw_contents_bytes *bytes)
{
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "size",
                 sw_build_int(b, (int64_t)(bytes->gpu_code + bytes->host_code + bytes->other)));
    sw_build_set(b, node, "gpu_code", sw_build_int(b, (int64_t)bytes->gpu_code));
    sw_build_set(b, node, "host_code", sw_build_int(b, (int64_t)bytes->host_code));
    sw_build_set(b, node, "other", sw_build_int(b, (int64_t)bytes->other));
    sw_build_set(b, node, "files", sw_build_int(b, (int64_t)bytes->files));
    return node;
}

static struct sw_node *layers_node(struct sw_builder *b, const struct sw_contents *contents)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < contents->layer_count; i++) {
        const struct sw_contents_layer *layer = &contents->layers[i];
        struct sw_node *node = sw_build_map(b);
        sw_build_set(b, node, "name", sw_build_text(b, layer->name));
        sw_build_set(b, node, "command", sw_build_text(b, layer->command));
        sw_build_set(b, node, "size", sw_build_int(b, (int64_t)layer->size));
        sw_build_set(b, node, "hidden", sw_build_int(b, (int64_t)layer->hidden));
        sw_build_set(b, node, "files", sw_build_int(b, (int64_t)layer->files));
        sw_build_append(b, list, node);
    }
    return list;
}

static struct sw_node *projects_node(struct sw_builder *b, const struct sw_contents *contents)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < contents->project_count; i++) {
        struct sw_node *node = bytes_node(b, &contents->projects[i].bytes);
        sw_build_set(b, node, "name", sw_build_text(b, contents->projects[i].name));
        sw_build_set(b, node, "version", sw_build_text(b, contents->projects[i].version));
        sw_build_append(b, list, node);
    }
    return list;
}

static struct sw_node *codes_node(struct sw_builder *b, const struct sw_device_codes *codes)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < codes->count; i++) {
        char text[SW_DEVICE_CODE_TEXT_SIZE];
        struct sw_node *node = sw_build_map(b);
        sw_device_code_text(text, &codes->items[i]);
        sw_build_set(b, node, "code", sw_build_text(b, text));
        sw_build_set(b, node, "size", sw_build_int(b, (int64_t)codes->bytes[i]));
        sw_build_append(b, list, node);
    }
    return list;
}

static struct sw_node *trim_node(struct sw_builder *b, const struct sw_contents *contents,
                                 const struct sw_texts *gpus)
{
    struct sw_node *node = sw_build_map(b), *names = sw_build_list(b);
    for (size_t i = 0; i < gpus->count; i++)
        sw_build_append(b, names, sw_build_text(b, gpus->items[i]));
    sw_build_set(b, node, "for", names);
    sw_build_set(b, node, "before", sw_build_int(b, (int64_t)contents->trim_before));
    sw_build_set(b, node, "after", sw_build_int(b, (int64_t)contents->trim_after));
    return node;
}

static struct sw_node *answer_node(struct sw_builder *b, const char *name, const struct sw_contents *contents,
                                   const struct sw_texts *gpus)
{
    struct sw_node *root = sw_build_map(b);
    sw_build_set(b, root, "image", sw_build_text(b, name));
    sw_build_set(b, root, "visible", bytes_node(b, &contents->visible));
    sw_build_set(b, root, "hidden", sw_build_int(b, (int64_t)contents->hidden));
    sw_build_set(b, root, "layers", layers_node(b, contents));
    sw_build_set(b, root, "projects", projects_node(b, contents));
    sw_build_set(b, root, "rest", bytes_node(b, &contents->rest));
    sw_build_set(b, root, "codes", codes_node(b, &contents->codes));
    sw_build_set(b, root, "unread", contents_unread(b, contents));
    if (gpus->count > 0)
        sw_build_set(b, root, "trim", trim_node(b, contents, gpus));
    return b->failed ? NULL : root;
}

/* ---- the answer for people ---- */

static const char *sized(struct session *session, uint64_t bytes)
{
    char size[16];
    sw_text_size(size, bytes);
    const char *copy = sw_arena_text(&session->arena, size);
    return copy == NULL ? "" : copy;
}

static const char *clean(struct session *session, const char *text)
{
    const char *copy = sw_text_clean(&session->arena, sw_str_from(text));
    return copy == NULL ? "" : copy;
}

static bool make_rows(struct session *session, struct table *table, size_t rows)
{
    table->rows = rows;
    table->cells = sw_arena_array(&session->arena, rows * table->columns + 1, sizeof(const char *));
    return table->cells != NULL && rows > 0;
}

/* The instruction without the shell before it and the marks of BuildKit. */
static const char *short_command(struct session *session, const char *command)
{
    static const char *const prefixes[] = {"/bin/sh -c #(nop) ", "/bin/sh -c "};
    for (size_t i = 0; i < SW_COUNT(prefixes); i++) {
        if (strncmp(command, prefixes[i], strlen(prefixes[i])) == 0) {
            command += strlen(prefixes[i]);
            break;
        }
    }
    enum { WIDTH = 70 };
    const char *text = clean(session, command);
    const char *cut =
        strlen(text) <= WIDTH ? text : sw_arena_format(&session->arena, "%.*s...", WIDTH - 3, text);
    return cut == NULL ? "" : cut;
}

static void print_layers(struct session *session, const struct sw_contents *contents)
{
    struct table table = {
        .columns = 4, .right = {true, true, true}, .titles = {"LAYER", "SIZE", "HIDDEN", "MADE BY"}};
    if (!make_rows(session, &table, contents->layer_count))
        return;
    for (size_t i = 0; i < contents->layer_count; i++) {
        const struct sw_contents_layer *layer = &contents->layers[i];
        const char **cells = table.cells + i * table.columns;
        const char *number = sw_arena_format(&session->arena, "%zu", i + 1);
        cells[0] = number == NULL ? "" : number;
        cells[1] = sized(session, layer->size);
        cells[2] = layer->hidden == 0 ? "-" : sized(session, layer->hidden);
        cells[3] = short_command(session, layer->command);
    }
    table_print(session, &table);
}

static void fill_bytes(struct session *session, const char **cells, const char *name,
                       const struct sw_contents_bytes *bytes)
{
    cells[0] = name == NULL ? "" : name;
    cells[1] = sized(session, bytes->gpu_code + bytes->host_code + bytes->other);
    cells[2] = bytes->gpu_code == 0 ? "-" : sized(session, bytes->gpu_code);
    cells[3] = sized(session, bytes->host_code);
    cells[4] = sized(session, bytes->other);
}

static void add_bytes(struct sw_contents_bytes *sum, const struct sw_contents_bytes *bytes)
{
    sum->gpu_code += bytes->gpu_code;
    sum->host_code += bytes->host_code;
    sum->other += bytes->other;
}

/* Print the largest projects, the other projects together, and the files of no project. */
static void print_projects(struct session *session, const struct sw_contents *contents)
{
    size_t shown =
        contents->project_count < MOST_PROJECTS_SHOWN ? contents->project_count : MOST_PROJECTS_SHOWN;
    bool more = shown < contents->project_count;
    struct sw_contents_bytes others = {0};
    struct table table = {.columns = 5,
                          .right = {false, true, true, true, true},
                          .titles = {"PACKAGE", "SIZE", "GPU CODE", "HOST CODE", "OTHER"}};
    if (!make_rows(session, &table, shown + more + 1))
        return;
    for (size_t i = 0; i < contents->project_count; i++) {
        const struct sw_contents_project *project = &contents->projects[i];
        if (i >= shown)
            add_bytes(&others, &project->bytes);
        else
            fill_bytes(
                session, table.cells + i * table.columns,
                clean(session, sw_arena_format(&session->arena, "%s %s", project->name, project->version)),
                &project->bytes);
    }
    if (more)
        fill_bytes(session, table.cells + shown * table.columns,
                   sw_arena_format(&session->arena, "%zu more packages", contents->project_count - shown),
                   &others);
    fill_bytes(session, table.cells + (table.rows - 1) * table.columns, "(no Python package)",
               &contents->rest);
    table_print(session, &table);
}

static void print_codes(struct session *session, const struct sw_device_codes *codes)
{
    struct table table = {.columns = 2, .right = {false, true}, .titles = {"GPU CODE", "SIZE"}};
    if (!make_rows(session, &table, codes->count))
        return;
    for (size_t i = 0; i < codes->count; i++) {
        char text[SW_DEVICE_CODE_TEXT_SIZE];
        sw_device_code_text(text, &codes->items[i]);
        const char *copy = sw_arena_text(&session->arena, text);
        table.cells[i * table.columns] = copy == NULL ? "" : copy;
        table.cells[i * table.columns + 1] = sized(session, codes->bytes[i]);
    }
    table_print(session, &table);
}

static void print_trim(struct session *session, const struct sw_contents *contents,
                       const struct sw_texts *gpus)
{
    if (gpus->count == 0) {
        if (contents->visible.gpu_code > 0)
            say(session->out, "not judged: what trimming would save; --gpu NAME tells it for that GPU\n");
        return;
    }
    say(session->out, "trimmed for");
    for (size_t i = 0; i < gpus->count; i++)
        say(session->out, "%s %s", i == 0 ? "" : ",", gpus->items[i]);
    say(session->out, ": %s of GPU code would be %s\n", sized(session, contents->trim_before),
        sized(session, contents->trim_after));
}

static void print_answer(struct session *session, const char *name, const struct sw_contents *contents,
                         const struct sw_texts *gpus)
{
    const struct sw_contents_bytes *all = &contents->visible;
    say(session->out,
        "%s: %s in %zu files and %zu layer%s: %s of GPU code, %s of host code, %s of other files\n",
        clean(session, name), sized(session, all->gpu_code + all->host_code + all->other), all->files,
        contents->layer_count, contents->layer_count == 1 ? "" : "s", sized(session, all->gpu_code),
        sized(session, all->host_code), sized(session, all->other));
    if (contents->hidden > 0)
        say(session->out, "%s more lie in layers although a later layer replaces or removes them\n",
            sized(session, contents->hidden));
    say(session->out, "\n");
    print_layers(session, contents);
    say(session->out, "\n");
    print_projects(session, contents);
    say(session->out, "\n");
    if (contents->codes.count > 0) {
        print_codes(session, &contents->codes);
        say(session->out, "\n");
    }
    for (size_t i = 0; i < contents->unread_count; i++)
        say(session->out, "not judged: the GPU code of %s: %s\n", clean(session, contents->unread[i].path),
            clean(session, contents->unread[i].why));
    print_trim(session, contents, gpus);
}

/* ---- the command ---- */

static void warn(void *self, const struct sw_event *event)
{
    const struct session *session = self;
    if (event->kind == SW_EVENT_WARNING || event->kind == SW_EVENT_NOTE)
        say(session->err, "%.*s\n", SW_STR_FORMAT(event->text));
}

/* The compute capabilities of --gpu. */
static int read_targets(struct sw_device_targets *targets, struct sw_texts *gpus, struct session *session,
                        struct sw_error *error)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_KIB);
    int code = sw_catalog_load(&catalog, session->project.overrides, error);
    if (code == 0)
        code = chosen_gpus(gpus, session, &catalog, &session->options.gpu_names, error);
    for (size_t i = 0; code == 0 && i < gpus->count; i++) {
        const struct sw_node *row = NULL;
        code = sw_gpu_find(&row, &catalog, gpus->items[i], error);
        if (code == 0) {
            sw_buffer_addf(&text, "%s%s", i == 0 ? "" : ",",
                           sw_node_text(sw_node_get(row, "compute_capability"), ""));
            gpus->items[i] = sw_arena_text(&session->arena, gpus->items[i]);
        }
    }
    if (code == 0)
        code = sw_buffer_check(&text, "--gpu", error);
    if (code == 0 && gpus->count > 0 && !sw_device_targets_parse(targets, text.p))
        code = sw_fail(error, SW_EINPUT, "--gpu names more than %d kinds of GPUs", SW_MOST_DEVICE_TARGETS);
    return code;
}

/* Open a file without a name for one library at a time. */
static int open_spool(int *out, struct session *session, struct sw_error *error)
{
    struct sw_temporary folder;
    const char *path = NULL;
    int code = sw_project_temporary(&folder, &path, &session->project, error);
    if (code != 0)
        return code;
    *out = open(path, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (*out < 0)
        code = sw_fail_errno(error, SW_EENV, "cannot make a temporary file in '%s'", path);
    sw_temporary_drop(&folder);
    return code;
}

int inspect_image_read(struct sw_contents *contents, struct sw_arena *arena, struct session *session,
                       const char *name, const struct sw_device_targets *targets, struct sw_error *error)
{
    struct sw_image_archive archive = {.from = -1, .to = -1};
    const struct sw_source source = {sw_image_archive_read, &archive};
    const struct sw_sink sink = {warn, session};
    struct sw_contents_input input = {
        .archive = &source, .spool = -1, .targets = *targets, .cancel = &session->cancel};
    int code = open_spool(&input.spool, session, error);
    if (code == 0)
        code = sw_image_archive_open(&archive, &session->project, name, &sink, error);
    if (code == 0)
        code = sw_contents_read(contents, arena, &input, error);
    code = sw_image_archive_close(&archive, code, error);
    sw_fd_close(&input.spool);
    return code;
}

static int write_page(struct session *session, const struct contents_shown *shown, struct sw_error *error)
{
    SW_BUFFER_AUTO page;
    sw_buffer_init(&page, SW_MAX_RENDERED_SIZE);
    int code = contents_page_render(&page, shown, session->project.overrides, error);
    return code == 0 ? sw_file_write(session->options.report, sw_buffer_str(&page), 0666, error) : code;
}

enum status inspect_image(struct session *session, const char *name)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_CONTENTS_MEMORY);
    struct sw_contents contents = {.layers = NULL};
    struct sw_device_targets targets = {.count = 0};
    struct sw_texts gpus = {0};
    struct sw_error error;
    if (read_targets(&targets, &gpus, session, &error) != 0 ||
        inspect_image_read(&contents, &arena, session, name, &targets, &error) != 0)
        return session_fail(session, &error);
    const struct contents_shown shown = {name, &contents, &gpus};
    if (session->options.report != NULL && write_page(session, &shown, &error) != 0)
        return session_fail(session, &error);
    if (session->format == FORMAT_JSON) {
        struct sw_builder b = {.arena = &session->arena};
        return format_node(session, answer_node(&b, name, &contents, &gpus), true);
    }
    print_answer(session, name, &contents, &gpus);
    return STATUS_DONE;
}
