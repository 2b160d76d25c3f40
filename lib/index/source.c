#include "index/source_internal.h"

#include "base/limits.h"
#include "data/path.h"
#include "data/toml.h"
#include "index/metadata.h"
#include "python/name.h"
#include "wheel/sdist.h"

/* ---- pyproject.toml ---- */

/* Return true if a build may decide about the requirements: `project` says so, or they stand in Poetry's own table. */
static bool is_dynamic(const struct sw_node *root, const struct sw_node *project)
{
    static const char *const keys[] = {"dependencies", "optional-dependencies", "requires-python"};
    const struct sw_node *dynamic = sw_node_get(project, "dynamic");
    for (size_t i = 0; i < sw_node_count(dynamic); i++) {
        for (size_t k = 0; k < SW_COUNT(keys); k++) {
            if (strcmp(sw_node_text(sw_node_item(dynamic, i), ""), keys[k]) == 0)
                return true;
        }
    }
    return sw_node_get(project, "dependencies") == NULL &&
           sw_node_at(root, "tool.poetry.dependencies") != NULL;
}

/* A field of a line of its own. False for a text that would be several lines. */
static bool add_field(struct sw_buffer *out, const char *field, struct sw_str value)
{
    if (value.n == 0 || memchr(value.p, '\n', value.n) != NULL || memchr(value.p, '\r', value.n) != NULL)
        return false;
    sw_buffer_addf(out, "%s: ", field);
    sw_buffer_add_str(out, value);
    sw_buffer_add_char(out, '\n');
    return true;
}

/* Add a list of requirements, each with the extra that it belongs to (NULL: none). False for anything else than requirements. */
static bool add_requirements(struct sw_buffer *out, struct sw_arena *arena, const struct sw_node *list,
                             const char *extra)
{
    if (list != NULL && sw_node_type(list) != SW_NODE_LIST)
        return false;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i);
        struct sw_requirement requirement;
        if (sw_node_type(item) != SW_NODE_TEXT ||
            sw_requirement_parse(&requirement, arena, sw_node_str(item), NULL) != 0)
            return false;
        SW_BUFFER_AUTO line;
        sw_buffer_init(&line, SW_MAX_REQUIREMENT_SIZE);
        const struct sw_marker *marker = requirement.marker;
        requirement.marker = extra == NULL ? marker : NULL;
        sw_requirement_write(&line, &requirement);
        if (extra != NULL && marker != NULL) {
            sw_buffer_add_text(&line, " ; (");
            sw_marker_write(&line, marker);
            sw_buffer_addf(&line, ") and extra == '%s'", extra);
        } else if (extra != NULL) {
            sw_buffer_addf(&line, " ; extra == '%s'", extra);
        }
        if (line.state != SW_BUFFER_OK || !add_field(out, "Requires-Dist", sw_buffer_str(&line)))
            return false;
    }
    return true;
}

static bool add_extras(struct sw_buffer *out, struct sw_arena *arena, const struct sw_node *extras)
{
    if (extras != NULL && sw_node_type(extras) != SW_NODE_MAP)
        return false;
    for (size_t i = 0; i < sw_node_member_count(extras); i++) {
        const struct sw_member *member = sw_node_member_at(extras, i);
        if (!sw_name_valid(member->key) || !add_field(out, "Provides-Extra", member->key) ||
            !add_requirements(out, arena, member->value, member->key.p))
            return false;
    }
    return true;
}

static bool write_project(struct sw_buffer *out, struct sw_arena *arena, const struct sw_node *root,
                          struct sw_str version)
{
    const struct sw_node *project = sw_node_get(root, "project");
    const struct sw_node *python = sw_node_get(project, "requires-python");
    const struct sw_node *own = sw_node_get(project, "version");
    if (sw_node_type(project) != SW_NODE_MAP || is_dynamic(root, project) ||
        !add_field(out, "Name", sw_node_str(sw_node_get(project, "name"))) ||
        !add_field(out, "Version", own == NULL ? version : sw_node_str(own)))
        return false;
    if (python != NULL && !add_field(out, "Requires-Python", sw_node_str(python)))
        return false;
    return add_extras(out, arena, sw_node_get(project, "optional-dependencies")) &&
           add_requirements(out, arena, sw_node_get(project, "dependencies"), NULL);
}

bool sw_source_pyproject(struct sw_buffer *out, struct sw_str text, struct sw_str version)
{
    SW_ARENA_AUTO arena;
    const struct sw_node *root = NULL;
    SW_BUFFER_AUTO written;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&written, SW_MAX_METADATA_SIZE);
    if (sw_toml_read(&root, &arena, text, NULL, NULL) != 0 ||
        !write_project(&written, &arena, root, version) || written.state != SW_BUFFER_OK)
        return false;
    sw_buffer_add_str(out, sw_buffer_str(&written));
    return true;
}

/* ---- the archive ---- */

static bool is_wanted(void *self, struct sw_str name)
{
    (void)self;
    return sw_str_is(name, "PKG-INFO") || sw_str_is(name, "pyproject.toml");
}

static int take(void *self, struct sw_str name, struct sw_str text, bool *enough, struct sw_error *error)
{
    struct sw_source *source = self;
    if (sw_str_is(name, "pyproject.toml"))
        (void)sw_source_pyproject(&source->metadata, text, source->version);
    else if (sw_metadata_is_static(text))
        sw_metadata_keep(&source->metadata, text);
    *enough = source->metadata.n > 0;
    return sw_buffer_check(&source->metadata, "the metadata", error);
}

static int read_start(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    enum { FIRST = 64 * 1024 };
    const struct sw_source_start *start = self;
    while (offset + n > *start->reach) {
        uint64_t more = *start->reach == 0 ? FIRST : 3 * *start->reach,
                 left = start->all->size - *start->reach;
        const struct sw_range range = {*start->reach, more < left ? more : left};
        *start->reach += range.size;
        int code = sw_reader_expect(start->all, &range, 1, error);
        if (code != 0)
            return code;
    }
    return sw_reader_read(start->all, out, offset, n, error);
}

struct sw_reader sw_source_start(struct sw_source_start *start)
{
    return (struct sw_reader){read_start, NULL, start, start->all->size, start->all->name};
}

int sw_source_look(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct sw_source *source = self;
    struct sw_source_start start = {reader, &source->reach};
    const struct sw_reader first = sw_source_start(&start);
    const struct sw_sdist_visitor visitor = {.wants = is_wanted,
                                             .take = take,
                                             .self = source,
                                             .most = SW_MAX_SDIST_HEAD_UNPACKED,
                                             .file_max = SW_MAX_METADATA_SIZE};
    sw_buffer_clear(&source->metadata);
    return sw_sdist_visit(&first, &visitor, error);
}
