#include "project/held_lock.h"

#include "base/file.h"
#include "base/limits.h"
#include "profile/plan_lock.h"

const char *sw_profile_lock_path(struct sw_arena *arena, const struct sw_profile *profile)
{
    const char *folder = sw_path_dir(arena, profile->path), *name = sw_pylock_name(arena, profile->name);
    return folder == NULL || name == NULL ? NULL : sw_path_join(arena, folder, name);
}

int sw_profile_lock_read(struct sw_pylock *out, struct sw_str *text, struct sw_arena *arena,
                         const struct sw_profile *profile, const struct sw_profile_source *source,
                         struct sw_error *error)
{
    SW_BUFFER_AUTO read;
    const char *path = sw_profile_lock_path(arena, profile);
    sw_buffer_init(&read, SW_MAX_YAML_SIZE);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = source->read(source->self, &read, path, error);
    if (code != 0)
        return code;
    *text = (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&read)), read.n};
    return text->p == NULL ? sw_fail_memory(error) : sw_pylock_read(out, arena, *text, path, error);
}

/* SW224 at the lock, or at the profile if there is no lock. */
static void stale(const struct sw_prepared *prepared, const struct sw_project *project, const char *path,
                  const char *text, struct sw_findings *findings)
{
    bool refused = project->locked;
    struct sw_finding *finding = sw_findings_add(findings, "SW224", refused ? SW_ERROR : SW_WARNING, "%s%s",
                                                 text, refused ? "" : ", and is left aside");
    sw_finding_place(findings, finding, path, 1, 1);
    sw_finding_hint(findings, finding, "slipway lock %s", prepared->profile.name);
}

int sw_prepared_hold_lock(struct sw_prepared *prepared, const struct sw_project *project,
                          const struct sw_profile_source *source, struct sw_findings *findings,
                          struct sw_error *error)
{
    struct sw_arena *arena = &prepared->plan.arena;
    struct sw_pylock lock;
    struct sw_str text;
    struct sw_error failure;
    char digest[SW_SHA256_HEX_SIZE];
    int code = sw_profile_lock_read(&lock, &text, arena, &prepared->profile, source, &failure);
    if (code == SW_ENOTFOUND) {
        if (project->locked)
            stale(prepared, project, prepared->profile.path, "the profile has no lock", findings);
        return 0;
    }
    if (code == 0)
        code = sw_plan_lock_source(digest, &prepared->plan, &failure);
    if (code != 0) {
        *error = failure;
        return code;
    }
    prepared->lock_path = sw_profile_lock_path(arena, &prepared->profile);
    if (prepared->lock_path == NULL)
        return sw_fail_memory(error);
    if (strcmp(lock.source, digest) != 0 || strcmp(lock.profile, prepared->profile.name) != 0) {
        stale(prepared, project, prepared->lock_path,
              "the lock was made from something else than the profile as it stands", findings);
        return 0;
    }
    struct sw_pylock *kept = sw_arena_alloc(arena, sizeof *kept);
    code = kept == NULL ? sw_fail_memory(error) : sw_plan_hold(&prepared->plan, &lock, error);
    if (code != 0)
        return code;
    *kept = lock;
    prepared->lock = kept;
    prepared->lock_text = text;
    return 0;
}
