#include "project/fixing.h"

#include "base/file.h"
#include "project/prepare.h"
#include "project/profiles.h"
#include "project/writing.h"

/* The findings of check for a state of the profile. */
struct look {
    /* The root is NULL if the profile cannot be merged. */
    struct sw_prepared prepared;
    struct sw_findings findings;
};

static void look_release(struct look *look)
{
    sw_prepared_release(&look->prepared);
    sw_findings_release(&look->findings);
}

static int look_at(struct look *look, const struct sw_fixing *fixing, const char *path,
                   const struct sw_fix *fix, struct sw_error *error)
{
    *look = (struct look){0};
    sw_findings_init(&look->findings);
    const struct sw_profile_source source = sw_fix_source(fix);
    int code = sw_prepare_with(&look->prepared, fixing->project, path, &source, fixing->catalog,
                               &look->findings, error);
    return code == 0
               ? sw_prepared_check(&look->prepared, fixing->project, fixing->catalog, &look->findings, error)
               : code;
}

void sw_fixing_init(struct sw_fixing *fixing, struct sw_project *project, const struct sw_catalog *catalog,
                    const char *path)
{
    *fixing = (struct sw_fixing){
        .project = project, .catalog = catalog, .path = path, .fix.permissions = &project->permissions};
    sw_findings_init(&fixing->told);
    sw_findings_init(&fixing->left);
}

void sw_fixing_release(struct sw_fixing *fixing)
{
    if (fixing == NULL)
        return;
    sw_fix_release(&fixing->fix);
    sw_findings_release(&fixing->told);
    sw_findings_release(&fixing->left);
}

/* ---- the choice of the next fix ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_fix(const struct sw_finding *a, const struct sw_finding *b)
{
    if (a->fix_count != b->fix_count || !same_text(a->file, b->file))
        return false;
    for (size_t i = 0; i < a->fix_count; i++) {
        const struct sw_edit *x = &a->fix[i], *y = &b->fix[i];
        if (x->op != y->op || !same_text(x->path, y->path) || !same_text(x->value, y->value))
            return false;
    }
    return true;
}

static const struct sw_finding *choose(const struct sw_fixing *fixing, const struct sw_findings *findings,
                                       size_t first, enum sw_severity severity)
{
    for (size_t i = first; findings != NULL && i < findings->count; i++) {
        const struct sw_finding *finding = findings->items[i];
        bool tried = finding->fix_count == 0 || finding->severity < severity;
        for (size_t j = 0; j < fixing->count && !tried; j++)
            tried = same_fix(fixing->tried[j].finding, finding);
        if (!tried)
            return finding;
    }
    return NULL;
}

/* Return a finding of this run whose fix has set a value that the fix of `seed` would set too. The seed was
 * found without knowledge of that fix. */
static const struct sw_finding *rival(const struct sw_fixing *fixing, size_t first,
                                      const struct sw_finding *seed)
{
    for (size_t i = first; i < fixing->count; i++) {
        const struct sw_finding *other = fixing->tried[i].finding;
        for (size_t j = 0; fixing->tried[i].why_not == NULL && j < other->fix_count; j++) {
            for (size_t k = 0; k < seed->fix_count; k++) {
                bool both_set = other->fix[j].op == SW_EDIT_SET && seed->fix[k].op == SW_EDIT_SET;
                if (both_set && strcmp(other->fix[j].path, seed->fix[k].path) == 0)
                    return other;
            }
        }
    }
    return NULL;
}

/* ---- the judgement of a fix ---- */

/* Return an error of `after` that `before` does not have; NULL if there is none. */
static const struct sw_finding *new_error(const struct look *before, const struct look *after)
{
    /* The profile can be read at last: every error that is seen now was there before. */
    if (before->prepared.profile.root == NULL && after->prepared.profile.root != NULL)
        return NULL;
    for (size_t i = 0; i < after->findings.count; i++) {
        const struct sw_finding *finding = after->findings.items[i];
        bool known = finding->severity != SW_ERROR;
        for (size_t j = 0; j < before->findings.count && !known; j++) {
            known = sw_finding_same_moved(before->findings.items[j], finding);
        }
        if (!known)
            return finding;
    }
    return NULL;
}

static const char *describe(struct sw_fixing *fixing, const char *path, const struct sw_finding *finding)
{
    return sw_arena_format(fixing->project->arena, "%s would then have this error: %s [%s]", path,
                           finding->message, finding->code);
}

static bool touches_parent(const struct sw_fixing *fixing)
{
    for (size_t i = 0; i < fixing->fix.count && !fixing->copied; i++) {
        const struct sw_fixed_file *file = &fixing->fix.files[i];
        if (sw_fixed_file_moved(file) && strcmp(file->path, fixing->path) != 0)
            return true;
    }
    return false;
}

/* Find the reason why another profile here would not bear a change of a shared parent; NULL if all of them
 * do. A profile that cannot be read is skipped: it could not be read before. */
static int ask_others(const char **why_not, struct sw_fixing *fixing, struct sw_error *error)
{
    const struct sw_fix nothing = {.permissions = fixing->fix.permissions};
    struct sw_texts paths = {0};
    int code = touches_parent(fixing) ? sw_profiles_list(&paths, fixing->project, error) : 0;
    for (size_t i = 0; i < paths.count && code == 0 && *why_not == NULL; i++) {
        struct look before, after;
        bool both = look_at(&before, fixing, paths.items[i], &nothing, NULL) == 0;
        both = look_at(&after, fixing, paths.items[i], &fixing->fix, NULL) == 0 && both;
        const struct sw_finding *worse = both ? new_error(&before, &after) : NULL;
        if (worse != NULL && strcmp(paths.items[i], fixing->path) != 0)
            *why_not = describe(fixing, paths.items[i], worse);
        look_release(&before);
        look_release(&after);
    }
    return code;
}

/* Look at the profile again, and keep the fix if nothing is worse: `now` then becomes the new look. */
static int judge(const char **why_not, struct sw_fixing *fixing, struct look *now, struct sw_error *error)
{
    struct look after;
    int code = look_at(&after, fixing, fixing->path, &fixing->fix, error);
    if (code == SW_EINPUT || code == SW_ENOTFOUND) {
        *why_not = sw_arena_text(fixing->project->arena, error->text);
        code = 0;
    } else if (code == 0) {
        const struct sw_finding *worse = new_error(now, &after);
        if (worse != NULL)
            *why_not = describe(fixing, fixing->path, worse);
        else
            code = ask_others(why_not, fixing, error);
    }
    if (code == 0 && *why_not == NULL) {
        struct look old = *now;
        *now = after;
        after = old;
    } else {
        sw_fix_undo(&fixing->fix);
    }
    look_release(&after);
    return code;
}

static int keep_tried(struct sw_fixing *fixing, const struct sw_finding *finding, const char *why_not,
                      struct sw_error *error)
{
    struct sw_arena *arena = fixing->project->arena;
    struct sw_tried_fix tried = {.finding = sw_findings_copy(&fixing->told, finding), .why_not = why_not};
    tried.files.items = sw_arena_array(arena, fixing->fix.count + 1, sizeof(const char *));
    struct sw_tried_fix *all = sw_arena_grow(arena, fixing->tried, fixing->count, sizeof *all);
    if (all == NULL || tried.files.items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < fixing->fix.count && why_not == NULL; i++) {
        if (sw_fixed_file_moved(&fixing->fix.files[i]))
            tried.files.items[tried.files.count++] = fixing->fix.files[i].path;
    }
    fixing->tried = all;
    fixing->tried[fixing->count++] = tried;
    return 0;
}

static int try_fix(struct sw_fixing *fixing, const struct sw_finding *other, struct look *now,
                   const struct sw_finding *finding, struct sw_error *error)
{
    struct sw_arena *arena = fixing->project->arena;
    const char *why_not = NULL;
    int code = 0;
    if (other != NULL)
        why_not = sw_arena_format(arena, "the fix of %s has set it already", other->code);
    else
        code = sw_fix_apply(&fixing->fix, now->prepared.profile.root, fixing->path, finding, error);
    if (code == SW_EINPUT || code == SW_ENOTFOUND || code == SW_EREFUSED) {
        why_not =
            sw_arena_format(arena, "%s%s%s", error->text, error->hint[0] == '\0' ? "" : "; ", error->hint);
        code = 0;
    } else if (code == 0 && why_not == NULL && !sw_fix_moved(&fixing->fix)) {
        why_not = "the profile says so already";
    }
    if (code == 0)
        code = keep_tried(fixing, finding, why_not, error);
    if (code != 0 || why_not != NULL)
        return code;
    struct sw_tried_fix *tried = &fixing->tried[fixing->count - 1];
    /* judge() may release the findings that `finding` belongs to. */
    return judge(&tried->why_not, fixing, now, error);
}

int sw_fixing_run(struct sw_fixing *fixing, const struct sw_findings *seeds, size_t first,
                  enum sw_severity severity, struct sw_error *error)
{
    enum { MOST_FIXES = 100 };
    struct look now;
    size_t begin = fixing->count;
    int code = look_at(&now, fixing, fixing->path, &fixing->fix, error);
    while (code == 0 && fixing->count - begin < MOST_FIXES) {
        const struct sw_finding *seed = choose(fixing, seeds, first, severity);
        const struct sw_finding *finding = seed == NULL ? choose(fixing, &now.findings, 0, severity) : seed;
        if (finding == NULL)
            break;
        code = try_fix(fixing, seed == NULL ? NULL : rival(fixing, begin, seed), &now, finding, error);
    }
    if (code == 0) {
        struct sw_findings left = now.findings;
        now.findings = fixing->left;
        fixing->left = left;
    }
    look_release(&now);
    return code;
}

bool sw_fixing_knows(const struct sw_fixing *fixing, const struct sw_finding *finding)
{
    for (size_t i = 0; i < fixing->count; i++) {
        if (sw_finding_same_moved(fixing->tried[i].finding, finding))
            return true;
    }
    return false;
}

/* ---- the results ---- */

int sw_fixing_write(struct sw_fixing *fixing, struct sw_error *error)
{
    struct sw_arena *arena = fixing->project->arena;
    struct sw_writing writing = {0};
    const char **files = sw_arena_array(arena, fixing->fix.count + 1, sizeof *files);
    if (files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < fixing->fix.count; i++)
        files[i] = fixing->fix.files[i].path;
    int code = sw_writing_begin(&writing, fixing->project, files, fixing->fix.count, error);
    if (code == 0)
        code = sw_fix_write(&fixing->fix, error);
    sw_writing_end(&writing);
    return code;
}

size_t sw_fixing_applied(const struct sw_fixing *fixing, size_t first)
{
    size_t count = 0;
    for (size_t i = first; i < fixing->count; i++)
        count += fixing->tried[i].why_not == NULL;
    return count;
}
