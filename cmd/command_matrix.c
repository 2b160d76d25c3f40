#include "commands.h"

#include "output/format.h"

#include "base/beneath.h"
#include "base/file.h"
#include "data/path.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"

/* A profile of the matrix in the making. */
struct row {
    const char *path, *real;
    /* The real path of the file that the profile extends; NULL if it extends none. */
    const char *parent;
    const struct sw_node *node;
};

/* A parent is no image of its own. */
static bool is_parent(const struct row *row, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].parent != NULL && strcmp(rows[i].parent, row->real) == 0)
            return true;
    }
    return false;
}

/* The word by which `build` finds exactly this file: the profile's name if that finds it, else the path below
 * -C. */
static const char *word_for(struct session *session, const char *path)
{
    const char *directory = session->options.directory, *base = sw_path_base(path), *found = NULL;
    size_t n = directory == NULL ? 0 : strlen(directory);
    bool is_below = n > 0 && strncmp(path, directory, n) == 0 && path[n] == '/';
    const char *own = is_below ? path + n + strspn(path + n, "/") : path;
    if (!sw_str_ends(sw_str_from(base), ".yaml"))
        return own;
    const char *name = sw_arena_copy(&session->arena, (struct sw_str){base, strlen(base) - strlen(".yaml")});
    if (name == NULL)
        return NULL;
    bool finds_it = sw_profiles_find(&found, &session->project, name, NULL) == 0 && strcmp(found, path) == 0;
    return finds_it ? name : own;
}

/* {profile, name, file, gpu, torch, cuda}: texts only, as `${{ matrix.gpu }}` gives them. */
static struct sw_node *describe(struct sw_builder *b, struct session *session,
                                const struct sw_prepared *prepared, const char *path)
{
    const struct sw_plan_parts *plan = &prepared->plan.parts;
    const struct {
        const char *key;
        const struct sw_node *value;
    } facts[] = {{"gpu", sw_node_get(sw_node_item(plan->accelerators, 0), "name")},
                 {"torch", plan->torch.version},
                 {"cuda", plan->torch.cuda}};
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "profile", sw_build_text(b, word_for(session, path)));
    sw_build_set(b, row, "name", sw_build_text(b, prepared->profile.name));
    sw_build_set(b, row, "file", sw_build_text(b, path));
    for (size_t i = 0; i < SW_COUNT(facts); i++)
        sw_build_set(b, row, facts[i].key, sw_build_text(b, sw_node_text(facts[i].value, "")));
    return row;
}

static int read_row(struct row *row, struct sw_builder *b, struct session *session,
                    const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error)
{
    SW_PREPARED_AUTO prepared;
    int code = sw_prepare(&prepared, &session->project, row->path, catalog, findings, error);
    if (code != 0 || prepared.plan.root == NULL)
        return code;
    row->real = sw_path_real(&session->arena, row->path);
    if (row->real == NULL)
        return sw_fail_memory(error);
    if (prepared.profile.files_count > 1)
        row->parent = sw_path_real(&session->arena, prepared.profile.files[1].path);
    row->node = describe(b, session, &prepared, row->path);
    return 0;
}

enum status command_matrix(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct sw_texts paths = {0};
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *root = sw_build_map(&b), *include = sw_build_list(&b);
    bool named = session->options.arguments.count > 0;
    sw_findings_init(&findings);
    int code = session_choose_profiles(&paths, session, true, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    struct row *rows = code == 0 ? sw_arena_array(&session->arena, paths.count, sizeof *rows) : NULL;
    if (code == 0 && rows == NULL)
        code = sw_fail_memory(&error);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        rows[i].path = paths.items[i];
        code = read_row(&rows[i], &b, session, &catalog, &findings, &error);
    }
    if (code != 0)
        return session_fail(session, &error);
    if (findings_status(&findings) != STATUS_DONE)
        return format_refusal(session, &findings);
    for (size_t i = 0; i < paths.count; i++) {
        if (rows[i].node != NULL && (named || !is_parent(&rows[i], rows, paths.count)))
            sw_build_append(&b, include, rows[i].node);
    }
    sw_build_set(&b, root, "include", include);
    return format_node(session, b.failed ? NULL : root, false);
}
