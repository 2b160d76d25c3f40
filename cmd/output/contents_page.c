#include "output/contents_page.h"

#include "output/page.h"

#include "base/limits.h"
#include "project/program_version.h"
#include "template/shipped.h"

static uint64_t sum_of(const struct sw_contents_bytes *bytes)
{
    return bytes->gpu_code + bytes->host_code + bytes->other;
}

/* A bar's width in tenths of a percent of the whole, as CSS takes it: "12.3". */
static struct sw_node *width_text(struct sw_builder *b, uint64_t part, uint64_t whole)
{
    double percent = whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
    return sw_build_format(b, "%.1f", percent > 100 ? 100 : percent);
}

static struct sw_node *layers_node(struct sw_builder *b, const struct sw_contents *contents)
{
    uint64_t largest = 0;
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < contents->layer_count; i++)
        largest = contents->layers[i].size > largest ? contents->layers[i].size : largest;
    for (size_t i = 0; i < contents->layer_count; i++) {
        const struct sw_contents_layer *layer = &contents->layers[i];
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "by", sw_build_text(b, layer->command));
        sw_build_set(b, row, "size", page_size(b, layer->size));
        sw_build_set(b, row, "hidden", layer->hidden == 0 ? sw_build_null(b) : page_size(b, layer->hidden));
        sw_build_set(b, row, "width", width_text(b, layer->size - layer->hidden, largest));
        sw_build_set(b, row, "hidden_width", width_text(b, layer->hidden, largest));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *package_node(struct sw_builder *b, const struct sw_node *name,
                                    const struct sw_contents_bytes *bytes, uint64_t largest)
{
    const struct {
        const char *size, *width;
        uint64_t bytes;
    } parts[] = {{"gpu", "gpu_width", bytes->gpu_code},
                 {"host", "host_width", bytes->host_code},
                 {"other", "other_width", bytes->other}};
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "name", name);
    sw_build_set(b, row, "size", page_size(b, sum_of(bytes)));
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        sw_build_set(b, row, parts[i].size, page_size(b, parts[i].bytes));
        sw_build_set(b, row, parts[i].width, width_text(b, parts[i].bytes, largest));
    }
    return row;
}

static struct sw_node *packages_node(struct sw_builder *b, const struct sw_contents *contents)
{
    uint64_t largest = sum_of(&contents->rest);
    struct sw_node *list = sw_build_list(b);
    if (contents->project_count > 0 && sum_of(&contents->projects[0].bytes) > largest)
        largest = sum_of(&contents->projects[0].bytes);
    for (size_t i = 0; i < contents->project_count; i++) {
        const struct sw_contents_project *project = &contents->projects[i];
        const struct sw_node *name = sw_build_format(b, "%s %s", project->name, project->version);
        sw_build_append(b, list, package_node(b, name, &project->bytes, largest));
    }
    sw_build_append(b, list,
                    package_node(b, sw_build_text(b, "(no Python package)"), &contents->rest, largest));
    return list;
}

static struct sw_node *codes_node(struct sw_builder *b, const struct sw_device_codes *codes)
{
    uint64_t largest = 0;
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < codes->count; i++)
        largest = codes->bytes[i] > largest ? codes->bytes[i] : largest;
    for (size_t i = 0; i < codes->count; i++) {
        char text[SW_DEVICE_CODE_TEXT_SIZE];
        struct sw_node *row = sw_build_map(b);
        sw_device_code_text(text, &codes->items[i]);
        sw_build_set(b, row, "code", sw_build_text(b, text));
        sw_build_set(b, row, "size", page_size(b, codes->bytes[i]));
        sw_build_set(b, row, "width", width_text(b, codes->bytes[i], largest));
        sw_build_append(b, list, row);
    }
    return list;
}

struct sw_node *contents_unread(struct sw_builder *b, const struct sw_contents *contents)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < contents->unread_count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "path", sw_build_text(b, contents->unread[i].path));
        sw_build_set(b, row, "why", sw_build_text(b, contents->unread[i].why));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *trim_node(struct sw_builder *b, const struct contents_shown *shown)
{
    struct sw_node *node = sw_build_map(b), *names = sw_build_list(b);
    if (shown->gpus->count == 0)
        return sw_build_null(b);
    for (size_t i = 0; i < shown->gpus->count; i++)
        sw_build_append(b, names, sw_build_text(b, shown->gpus->items[i]));
    sw_build_set(b, node, "gpus", names);
    sw_build_set(b, node, "before", page_size(b, shown->contents->trim_before));
    sw_build_set(b, node, "after", page_size(b, shown->contents->trim_after));
    return node;
}

static struct sw_node *view_of(struct sw_builder *b, const struct contents_shown *shown)
{
    const struct sw_contents *contents = shown->contents;
    struct sw_node *view = sw_build_map(b);
    sw_build_set(b, view, "image", sw_build_text(b, shown->image));
    sw_build_set(b, view, "size", page_size(b, sum_of(&contents->visible)));
    sw_build_set(b, view, "gpu", page_size(b, contents->visible.gpu_code));
    sw_build_set(b, view, "host", page_size(b, contents->visible.host_code));
    sw_build_set(b, view, "other", page_size(b, contents->visible.other));
    sw_build_set(b, view, "hidden",
                 contents->hidden == 0 ? sw_build_null(b) : page_size(b, contents->hidden));
    sw_build_set(b, view, "version", sw_build_text(b, SLIPWAY_VERSION));
    sw_build_set(b, view, "trim", trim_node(b, shown));
    sw_build_set(b, view, "untold",
                 sw_build_bool(b, shown->gpus->count == 0 && contents->visible.gpu_code > 0));
    sw_build_set(b, view, "layers", page_rows(b, layers_node(b, contents)));
    sw_build_set(b, view, "packages", page_rows(b, packages_node(b, contents)));
    sw_build_set(b, view, "codes", page_rows(b, codes_node(b, &contents->codes)));
    sw_build_set(b, view, "unread", page_rows(b, contents_unread(b, contents)));
    return view;
}

int contents_page_render(struct sw_buffer *out, const struct contents_shown *shown, const char *project,
                         struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_CONTENTS_MEMORY);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *view = view_of(&b, shown);
    if (b.failed)
        return sw_fail_memory(error);
    return sw_template_render_shipped(out, &arena, project, "templates/contents.html", view, error);
}
