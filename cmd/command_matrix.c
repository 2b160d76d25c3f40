#include "commands.h"

#include "output/format.h"
#include "prepare.h"

#include "data/yaml.h"

#include "data/path.h"

/* The file's own `extends`, for which its parent is no image of its own. */
static const char *parent_of(struct session *session, const char *path)
{
    const struct sw_node *root = NULL;
    if (sw_yaml_read_file(&root, &session->arena, path, NULL) != 0)
        return NULL;
    return sw_node_text(sw_node_get(root, "extends"), NULL);
}

static bool is_parent(const char *name, const char *const *parents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parents[i] != NULL && strcmp(parents[i], name) == 0)
            return true;
    }
    return false;
}

/* {profile, file, gpu, torch, cuda}: texts only, as `${{ matrix.gpu }}` gives them. */
static struct sw_node *row_of(struct sw_builder *b, const struct prepared *prepared, const char *path)
{
    static const struct {
        const char *key, *path;
    } facts[] = {{"gpu", "accelerators[0].name"}, {"torch", "torch.version"}, {"cuda", "torch.cuda"}};
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "profile", sw_build_text(b, prepared->profile.name));
    sw_build_set(b, row, "file", sw_build_text(b, path));
    for (size_t i = 0; i < SW_COUNT(facts); i++)
        sw_build_set(b, row, facts[i].key,
                     sw_build_text(b, sw_node_text(sw_node_at(prepared->plan.root, facts[i].path), "")));
    return row;
}

enum status command_matrix(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct text_list paths = {0};
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *root = sw_build_map(&b), *include = sw_build_list(&b);
    bool named = session->options.arguments.count > 0;
    sw_findings_init(&findings);
    int code = session_choose_profiles(&paths, session, true, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project, &error);
    const char **parents = code == 0 ? sw_arena_array(&session->arena, paths.count, sizeof *parents) : NULL;
    if (code == 0 && parents == NULL)
        code = sw_fail_memory(&error);
    for (size_t i = 0; code == 0 && !named && i < paths.count; i++)
        parents[i] = parent_of(session, paths.items[i]);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        PREPARED_AUTO prepared;
        code = prepare(&prepared, session, paths.items[i], &catalog, &findings, &error);
        if (code == 0 && prepared.plan.root != NULL && prepared.profile.name != NULL &&
            !is_parent(prepared.profile.name, parents, paths.count))
            sw_build_append(&b, include, row_of(&b, &prepared, paths.items[i]));
    }
    if (code != 0)
        return session_fail(session, &error);
    if (findings_status(&findings) != STATUS_DONE)
        return format_refusal(session, &findings);
    sw_build_set(&b, root, "include", include);
    return format_node(session, b.failed ? NULL : root, false);
}
