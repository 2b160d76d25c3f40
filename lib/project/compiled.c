#include "project/compiled.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "data/json.h"
#include "data/path.h"

enum { LONGEST_LINE = 1024, MOST_SECONDS = 10 * 1000 * 1000 };

/* ---- the file of a project ---- */

/* The path of the file, by all of the plan that decides the wheel but the source; NULL without memory or a cache. */
static const char *file_of(struct sw_arena *arena, const char *folder, const struct sw_plan *plan,
                           const struct sw_node *entry)
{
    static const char *const deciding[] = {"torch.local",  "torch.cuda", "compile.architectures",
                                           "compile.nvcc", "python",     "base.key"};
    char digest[SW_SHA256_HEX_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    sw_json_write(&text, entry, SW_JSON_COMPACT);
    for (size_t i = 0; i < SW_COUNT(deciding); i++)
        sw_json_write(&text, sw_node_at(plan->root, deciding[i]), SW_JSON_COMPACT);
    if (folder == NULL || text.state != SW_BUFFER_OK || !sw_sha256_hex(sw_buffer_str(&text), digest))
        return NULL;
    return sw_arena_format(arena, "%s/compiled/%s.json", folder, digest);
}

static void keep(const struct sw_compiled *compiled, const struct sw_node *entry, const char *way,
                 struct sw_str wheel, int64_t seconds)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    struct sw_error fault;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    struct sw_builder b = {.arena = &arena};
    const char *path = file_of(&arena, sw_project_writable_cache(compiled->project), compiled->plan, entry);
    struct sw_node *root = sw_build_map(&b);
    sw_build_set(&b, root, "way", sw_build_text(&b, way));
    sw_build_set(&b, root, "wheel", sw_build_str(&b, wheel));
    sw_build_set(&b, root, "seconds", seconds < 0 ? sw_build_null(&b) : sw_build_int(&b, seconds));
    sw_json_write(&text, root, SW_JSON_COMPACT);
    if (path == NULL || b.failed || text.state != SW_BUFFER_OK)
        return;
    if (sw_dir_make(sw_path_dir(&arena, path), 0777, &fault) == 0)
        (void)(sw_file_write(path, sw_buffer_str(&text), 0666, &fault) == 0);
}

const struct sw_node *sw_compiled_last(struct sw_builder *b, struct sw_project *project,
                                       const struct sw_plan *plan, const struct sw_node *entry)
{
    static const char *const ways[] = {"compiled", "cache", "index", "page"};
    const char *path = file_of(b->arena, sw_project_cache(project), plan, entry);
    const struct sw_node *root = NULL;
    struct sw_error fault;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, LONGEST_LINE);
    if (path == NULL || sw_file_read(&text, path, &fault) != 0 ||
        sw_json_read(&root, b->arena, sw_buffer_str(&text), path, &fault) != 0)
        return NULL;
    for (size_t i = 0; i < SW_COUNT(ways); i++) {
        if (sw_str_is(sw_node_str(sw_node_get(root, "way")), ways[i]))
            return root;
    }
    return NULL;
}

/* ---- the log ---- */

/* Cut `end` off the text; return false if the text does not end so. */
static bool drop_end(struct sw_str *text, const char *end)
{
    size_t n = strlen(end);
    if (!sw_str_ends(*text, end))
        return false;
    text->n -= n;
    return true;
}

/* Cut the number behind `before` off the text: "WHEEL compiled in 12" with " compiled in ". */
static bool drop_number(struct sw_str *text, struct sw_str before, uint64_t *number)
{
    size_t at = sw_str_find(*text, before);
    if (at >= text->n || !sw_str_to_u64(sw_str_drop(*text, at + before.n), number) || *number > MOST_SECONDS)
        return false;
    text->n = at;
    return true;
}

/* Cut the text where `from` begins; return false if it does not have it. */
static bool cut_from(struct sw_str *text, struct sw_str from)
{
    size_t at = sw_str_find(*text, from);
    bool has = at < text->n;
    if (has)
        text->n = at;
    return has;
}

/* Read the words of templates/compile.py about a project: the text behind its name. */
static void read_said(const struct sw_compiled *compiled, const struct sw_node *entry, struct sw_str said)
{
    uint64_t seconds = 0;
    const char *way = NULL;
    struct sw_str wheel = said;
    if (drop_end(&wheel, " of the index fits; nothing is compiled"))
        way = "index";
    else if (cut_from(&wheel, SW_STR(" of the release page fits; nothing is compiled: ")) ||
             drop_end(&wheel, " taken from the cache; it was taken from the release page"))
        way = "page";
    else if (drop_end(&wheel, " s")) {
        if (drop_number(&wheel, SW_STR(" taken from the cache; it was compiled in "), &seconds))
            way = "cache";
        else if (drop_number(&wheel, SW_STR(" compiled in "), &seconds))
            way = "compiled";
    }
    if (way != NULL && sw_str_is_plain(wheel, "._-+"))
        keep(compiled, entry, way, wheel,
             strcmp(way, "index") == 0 || strcmp(way, "page") == 0 ? -1 : (int64_t)seconds);
}

/* Read a line "slipway: PROJECT: ..." of one of the plan's projects. */
static void read_line(const struct sw_compiled *compiled, struct sw_str line)
{
    const struct sw_node *projects = compiled->plan->parts.compile.projects;
    line = sw_str_trim(line);
    if (!sw_str_starts(line, "slipway: "))
        return;
    line = sw_str_drop(line, strlen("slipway: "));
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *entry = sw_node_item(projects, i);
        struct sw_str name = sw_node_str(sw_node_get(entry, "project"));
        if (line.n > name.n + 2 && memcmp(line.p, name.p, name.n) == 0 &&
            memcmp(line.p + name.n, ": ", 2) == 0)
            read_said(compiled, entry, sw_str_drop(line, name.n + 2));
    }
}

static void on_event(void *self, const struct sw_event *event)
{
    struct sw_compiled *compiled = self;
    struct sw_str rest = event->text;
    if (event->kind != SW_EVENT_LOG || compiled->plan->parts.compile.node == NULL)
        return;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct sw_str piece = {rest.p, end == NULL ? rest.n : (size_t)(end - rest.p)};
        rest = sw_str_drop(rest, piece.n + (end != NULL));
        sw_buffer_add_str(&compiled->line, piece);
        if (end == NULL)
            continue;
        if (compiled->line.state == SW_BUFFER_OK)
            read_line(compiled, sw_buffer_str(&compiled->line));
        sw_buffer_clear(&compiled->line);
    }
}

void sw_compiled_init(struct sw_compiled *compiled, struct sw_project *project, const struct sw_plan *plan)
{
    *compiled = (struct sw_compiled){.project = project, .plan = plan};
    sw_buffer_init(&compiled->line, LONGEST_LINE);
}

void sw_compiled_release(struct sw_compiled *compiled)
{
    sw_buffer_release(&compiled->line);
}

struct sw_sink sw_compiled_sink(struct sw_compiled *compiled)
{
    return (struct sw_sink){on_event, compiled};
}
