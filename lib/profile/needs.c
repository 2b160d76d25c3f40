#include "profile/needs.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"

const char *sw_profile_context(struct sw_arena *arena, const struct sw_profile *profile)
{
    if (profile->dockerfile.file != NULL)
        return profile->dockerfile.context;
    const struct sw_node *path = sw_node_at(profile->root, "context.path");
    const char *file = path == NULL ? profile->path : sw_node_file(path);
    const char *folder = sw_path_dir(arena, file);
    return folder == NULL ? NULL : sw_path_join(arena, folder, sw_node_text(path, "."));
}

const char *sw_secret_variable(const struct sw_node *secret)
{
    return sw_node_text(sw_node_get(secret, "env"), sw_node_text(sw_node_get(secret, "id"), ""));
}

static void need_secret(const struct sw_node *secret, const struct sw_permissions *permissions,
                        enum sw_severity severity, struct sw_findings *findings)
{
    const struct sw_node *id = sw_node_get(secret, "id"), *env = sw_node_get(secret, "env");
    const char *variable = sw_secret_variable(secret);
    if (sw_permissions_has_secret(permissions, sw_node_text(id, "")) ||
        sw_permissions_has_variable(permissions, variable))
        return;
    const char *word = sw_arena_format(&findings->arena, "secret=%s", variable);
    struct sw_finding *finding = sw_permission_missing(
        findings, severity, env == NULL ? id : env, word == NULL ? "" : word,
        "the secret '%s' takes the variable %s of this host, which only the caller may give",
        sw_node_text(id, ""), variable);
    sw_finding_hint(findings, finding,
                    "to allow it: --allow secret=%s; or give another value: --secret id=%s,src=FILE",
                    variable, sw_node_text(id, ""));
}

void sw_profile_needs_secrets(const struct sw_profile *profile, const struct sw_permissions *permissions,
                              enum sw_severity severity, struct sw_findings *findings)
{
    const struct sw_node *secrets = sw_node_get(profile->root, "secrets");
    const struct sw_node *ssh = sw_node_get(profile->root, "ssh");
    for (size_t i = 0; i < sw_node_count(secrets); i++)
        need_secret(sw_node_item(secrets, i), permissions, severity, findings);
    if (sw_node_boolean(ssh, false) && !permissions->agent)
        (void)sw_permission_missing(
            findings, severity, ssh, "ssh",
            "the steps sign with this host's SSH agent, which only the caller may give");
}

static int need_path(const struct sw_profile *profile, const struct sw_permissions *permissions,
                     const char *path, struct sw_findings *findings, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_error refusal;
    const char *real = NULL;
    int code = sw_permissions_find(&real, &arena, permissions, path, SW_ACCESS_READ, &refusal);
    const char *word = code == SW_EREFUSED ? sw_permission_word(&arena, path, SW_ACCESS_READ) : "";
    if (word == NULL || (code != 0 && code != SW_EREFUSED))
        return sw_fail_memory(error);
    if (code == SW_EREFUSED) {
        struct sw_finding *finding =
            sw_permission_missing(findings, SW_ERROR, NULL, word, "the context: %s", refusal.text);
        sw_profile_place(profile, findings, finding, "context.path");
    }
    return 0;
}

int sw_profile_needs_files(const struct sw_profile *profile, const struct sw_permissions *permissions,
                           struct sw_findings *findings, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const char *folder = sw_profile_context(&arena, profile);
    const char *ignore = folder == NULL ? NULL : sw_path_join(&arena, folder, ".dockerignore");
    if (ignore == NULL)
        return sw_fail_memory(error);
    size_t before = findings->count;
    int code = need_path(profile, permissions, folder, findings, error);
    return code == 0 && findings->count == before ? need_path(profile, permissions, ignore, findings, error)
                                                  : code;
}
