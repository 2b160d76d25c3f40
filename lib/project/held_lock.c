#include "project/held_lock.h"

#include "base/file.h"
#include "base/limits.h"
#include "check/locking.h"
#include "profile/plan_lock.h"
#include "project/locked_base.h"
#include "project/locked_commits.h"
#include "project/web.h"

#define STALE "the lock was made from something else than the profile as it stands"

/* The most moved releases that a finding names. */
enum { SHOWN_MOVES = 8 };

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
static struct sw_finding *stale(const struct sw_prepared *prepared, enum sw_severity severity,
                                const char *path, struct sw_findings *findings, const char *text)
{
    struct sw_finding *finding = sw_findings_add(findings, "SW224", severity, "%s", text);
    sw_finding_place(findings, finding, path, 1, 1);
    sw_finding_hint(findings, finding, "slipway lock %s", prepared->profile.name);
    return finding;
}

/* Hold the plan to a lock that was made from it. */
static int hold(struct sw_prepared *prepared, const struct sw_pylock *lock, struct sw_str text,
                struct sw_error *error)
{
    struct sw_pylock *kept = sw_arena_alloc(&prepared->plan.arena, sizeof *kept);
    int code = kept == NULL ? sw_fail_memory(error) : sw_plan_hold(&prepared->plan, lock, error);
    if (code != 0)
        return code;
    *kept = *lock;
    prepared->lock = kept;
    prepared->lock_text = text;
    return 0;
}

/* ---- resolving ---- */

static struct sw_check_input input_of(const struct sw_prepared *prepared, struct sw_project *project,
                                      const struct sw_catalog *catalog)
{
    return (struct sw_check_input){.profile = &prepared->profile,
                                   .plan = &prepared->plan,
                                   .catalog = catalog,
                                   .permissions = &project->permissions,
                                   .cancel = project->cancel,
                                   .offline = project->offline};
}

int sw_prepared_set(const struct sw_pylock **set, struct sw_arena *arena, const struct sw_prepared *prepared,
                    struct sw_project *project, const struct sw_catalog *catalog, struct sw_error *error)
{
    struct sw_check_input input = input_of(prepared, project, catalog);
    const struct sw_locking locking = {.input = &input};
    SW_FINDINGS_AUTO told;
    sw_findings_init(&told);
    *set = prepared->lock;
    if (*set != NULL || !sw_prepared_names_projects(prepared))
        return 0;
    struct sw_pylock *resolved = sw_arena_alloc(arena, sizeof *resolved);
    int code = resolved == NULL ? sw_fail_memory(error) : sw_project_index(&input.index, project, error);
    if (code == 0)
        code = sw_check_lock(resolved, arena, &locking, &told, error);
    if (code == 0 && told.count == 0)
        *set = resolved;
    return code == SW_ECANCELED ? code : 0;
}

/* ---- a stale lock ---- */

/* Resolve the profile anew, near the former lock, and write the new lock's text. If the profile has faults that keep it from being locked,
 * `findings` has an error. */
static int resolve(struct sw_pylock *lock, struct sw_buffer *text, struct sw_prepared *prepared,
                   struct sw_project *project, const struct sw_catalog *catalog,
                   const struct sw_pylock *former, struct sw_findings *findings, struct sw_error *error)
{
    struct sw_check_input input = input_of(prepared, project, catalog);
    const struct sw_locking locking = {.input = &input, .former = former};
    int code = sw_project_index(&input.index, project, error);
    if (code == 0)
        code = sw_lock_by_commits(lock, &prepared->plan.arena, project, &locking, findings, error);
    if (code == 0 && sw_findings_count(findings, SW_ERROR) > 0)
        return sw_fail(error, SW_ENO, "no set of releases satisfies the requirements");
    if (code == 0)
        code = sw_lock_base(lock, &prepared->plan.arena, project, &prepared->plan, former, error);
    return code == 0 ? sw_pylock_write(text, lock, error) : code;
}

/* Name the releases that the renewal moves. */
static void add_moves(struct sw_findings *findings, struct sw_finding *finding,
                      const struct sw_pylock *former, const struct sw_pylock *lock)
{
    struct sw_resolution_move move = {0};
    for (size_t i = 0; i < SHOWN_MOVES && sw_resolution_next_move(&move, &former->set, &lock->set); i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_MESSAGE);
        sw_buffer_addf(&text, "%s: %s -> %s", move.name, move.before == NULL ? "-" : move.before->version,
                       move.after == NULL ? "-" : move.after->version);
        sw_finding_evidence(findings, finding, sw_buffer_str(&text), "the lock");
    }
}

/* Hold the plan to a lock that is renewed in memory. A lock that cannot be renewed now is left aside. */
static int renew(struct sw_prepared *prepared, struct sw_project *project, const struct sw_catalog *catalog,
                 const struct sw_pylock *former, struct sw_findings *findings, struct sw_error *error)
{
    struct sw_arena *arena = &prepared->plan.arena;
    struct sw_pylock lock;
    struct sw_error failure;
    SW_BUFFER_AUTO text;
    SW_BUFFER_AUTO words;
    SW_FINDINGS_AUTO told;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    sw_buffer_init(&words, SW_MAX_MESSAGE);
    sw_findings_init(&told);
    int code = resolve(&lock, &text, prepared, project, catalog, former, &told, &failure);
    if (code == SW_ECANCELED) {
        *error = failure;
        return code;
    }
    sw_buffer_addf(&words, STALE "%s%s",
                   code != 0                               ? ", and is left aside: "
                   : project->stale_locks == SW_STALE_KEPT ? ", and is renewed"
                                                           : "; judged is the lock as it would be renewed",
                   code != 0 ? failure.text : "");
    bool kept = code == 0 && project->stale_locks == SW_STALE_KEPT;
    struct sw_finding *finding =
        stale(prepared, kept ? SW_NOTE : SW_WARNING, prepared->lock_path, findings, words.p);
    if (code != 0)
        return 0;
    if (kept)
        sw_finding_hint(findings, finding, "it belongs to the profile: commit both");
    add_moves(findings, finding, former, &lock);
    for (size_t i = 0; i < told.count; i++)
        (void)sw_findings_copy(findings, told.items[i]);
    struct sw_str copy = {sw_arena_copy(arena, sw_buffer_str(&text)), text.n};
    prepared->is_lock_renewed = true;
    return copy.p == NULL ? sw_fail_memory(error) : hold(prepared, &lock, copy, error);
}

int sw_prepared_hold_lock(struct sw_prepared *prepared, struct sw_project *project,
                          const struct sw_profile_source *source, const struct sw_catalog *catalog,
                          struct sw_findings *findings, struct sw_error *error)
{
    struct sw_arena *arena = &prepared->plan.arena;
    struct sw_pylock lock;
    struct sw_str text;
    struct sw_error failure;
    char digest[SW_SHA256_HEX_SIZE];
    int code = sw_profile_lock_read(&lock, &text, arena, &prepared->profile, source, &failure);
    if (code == SW_ENOTFOUND) {
        if (project->locked)
            (void)stale(prepared, SW_ERROR, prepared->profile.path, findings, "the profile has no lock");
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
    if (strcmp(lock.source, digest) == 0 && strcmp(lock.profile, prepared->profile.name) == 0)
        return hold(prepared, &lock, text, error);
    if (project->locked)
        (void)stale(prepared, SW_ERROR, prepared->lock_path, findings, STALE);
    else if (project->offline || project->stale_locks == SW_STALE_ASIDE)
        (void)stale(prepared, SW_WARNING, prepared->lock_path, findings, STALE ", and is left aside");
    else
        return renew(prepared, project, catalog, &lock, findings, error);
    return 0;
}

int sw_prepared_keep_lock(struct sw_prepared *prepared, const struct sw_project *project,
                          struct sw_error *error)
{
    if (!prepared->is_lock_renewed || project->stale_locks != SW_STALE_KEPT)
        return 0;
    prepared->is_lock_renewed = false;
    return sw_file_write(prepared->lock_path, prepared->lock_text, 0666, error);
}
