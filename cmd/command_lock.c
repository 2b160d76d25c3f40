#include "commands.h"

#include "output/format.h"
#include "output/say.h"

#include "base/file.h"
#include "base/limits.h"
#include "check/locking.h"
#include "project/grants.h"
#include "project/held_lock.h"
#include "project/locked_base.h"
#include "project/locked_commits.h"
#include "project/prepared.h"
#include "project/web.h"
#include "project/writing.h"

/* A profile on its way to its lock. */
struct locking {
    struct session *session;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    struct sw_node *results; /* for JSON */
    struct sw_builder b;
    struct sw_prepared prepared;
    struct sw_arena arena; /* of the profile that is being locked */
    struct sw_pylock former, lock;
    /* `p` is NULL if there is no lock, or no lock that can be read. */
    struct sw_str former_text;
};

/* Say how the lock differs from the former lock, a package a line. */
static struct sw_node *moves(struct locking *l)
{
    struct sw_node *list = sw_build_list(&l->b);
    struct sw_resolution_move move = {0};
    while (sw_resolution_next_move(&move, &l->former.set, &l->lock.set)) {
        struct sw_node *row = sw_build_map(&l->b);
        sw_build_set(&l->b, row, "name", sw_build_text(&l->b, move.name));
        sw_build_set(&l->b, row, "a",
                     sw_build_text(&l->b, move.before == NULL ? NULL : move.before->version));
        sw_build_set(&l->b, row, "b", sw_build_text(&l->b, move.after == NULL ? NULL : move.after->version));
        sw_build_append(&l->b, list, row);
    }
    return list;
}

static void tell(struct locking *l, const char *path, bool written)
{
    struct sw_node *row = sw_build_map(&l->b), *moved = moves(l);
    sw_build_set(&l->b, row, "profile", sw_build_text(&l->b, l->prepared.profile.name));
    sw_build_set(&l->b, row, "lock", sw_build_text(&l->b, path));
    sw_build_set(&l->b, row, "written", sw_build_bool(&l->b, written));
    sw_build_set(&l->b, row, "packages", sw_build_int(&l->b, (int64_t)l->lock.set.package_count));
    sw_build_set(&l->b, row, "moved", moved);
    sw_build_append(&l->b, l->results, row);
    if (l->session->format == FORMAT_JSON || l->session->options.quiet)
        return;
    say(l->session->out, "%s: %zu packages%s\n", path, l->lock.set.package_count,
        written ? "" : ", as before");
    for (size_t i = 0; l->former_text.p != NULL && i < sw_node_count(moved); i++) {
        const struct sw_node *move = sw_node_item(moved, i);
        const char *a = sw_node_text(sw_node_get(move, "a"), NULL),
                   *b = sw_node_text(sw_node_get(move, "b"), NULL);
        say(l->session->out, "  %s: %s -> %s\n", sw_node_text(sw_node_get(move, "name"), ""),
            a == NULL ? "-" : a, b == NULL ? "-" : b);
    }
}

/* Read the former lock. A lock that cannot be read, perhaps another program's, is replaced only with --upgrade. */
static int read_former(struct locking *l, const struct sw_profile_source *source, struct sw_error *error)
{
    struct sw_error failure;
    int code =
        sw_profile_lock_read(&l->former, &l->former_text, &l->arena, &l->prepared.profile, source, &failure);
    if (code == 0)
        return 0;
    l->former = (struct sw_pylock){0};
    l->former_text = (struct sw_str){NULL, 0};
    if (code == SW_ENOTFOUND || (code == SW_EINPUT && l->session->options.upgrade))
        return 0;
    *error = failure;
    return code;
}

static int write_lock(struct locking *l, struct sw_error *error)
{
    struct sw_writing writing = {0};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE); /* as much as is read again */
    const char *path = sw_profile_lock_path(&l->session->arena, &l->prepared.profile);
    int code = path == NULL ? sw_fail_memory(error) : sw_pylock_write(&text, &l->lock, error);
    bool same = l->former_text.p != NULL && sw_str_equal(l->former_text, sw_buffer_str(&text));
    if (code == 0 && !same)
        code = sw_writing_begin(&writing, &l->session->project, &path, 1, error);
    if (code == 0 && !same)
        code = sw_file_write(path, sw_buffer_str(&text), 0666, error);
    sw_writing_end(&writing);
    if (code == 0)
        tell(l, path, !same);
    return code;
}

static int resolve(struct locking *l, struct sw_error *error)
{
    struct session *session = l->session;
    size_t before = sw_findings_count(l->findings, SW_ERROR); /* of other profiles */
    struct sw_check_input input = {.profile = &l->prepared.profile,
                                   .plan = &l->prepared.plan,
                                   .catalog = l->catalog,
                                   .permissions = &session->project.permissions,
                                   .cancel = &session->cancel,
                                   .offline = session->options.offline};
    const struct sw_locking locking = {
        .input = &input,
        .former = session->options.upgrade || l->former_text.p == NULL ? NULL : &l->former,
        .upgraded = session->options.upgraded.items,
        .upgraded_count = session->options.upgraded.count};
    int code = sw_project_index(&input.index, &session->project, error);
    if (code == 0)
        code = sw_lock_by_commits(&l->lock, &l->arena, &session->project, &locking, l->findings, error);
    if (code == 0 && sw_findings_count(l->findings, SW_ERROR) > before)
        return 0;
    return code == 0 ? sw_lock_base(&l->lock, &l->arena, &session->project, &l->prepared.plan, locking.former,
                                    error)
                     : code;
}

static int lock_one(struct locking *l, const char *path, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(&l->session->project);
    size_t before = sw_findings_count(l->findings, SW_ERROR);
    l->former_text = (struct sw_str){NULL, 0};
    l->former = (struct sw_pylock){0};
    int code =
        sw_prepare_from(&l->prepared, &l->session->project, path, &source, l->catalog, l->findings, error);
    if (code != 0 || sw_findings_count(l->findings, SW_ERROR) > before)
        return code;
    code = read_former(l, &source, error);
    if (code == 0)
        code = resolve(l, error);
    if (code == 0 && sw_findings_count(l->findings, SW_ERROR) == before)
        code = write_lock(l, error);
    return code;
}

enum status command_lock(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    struct sw_texts paths = {0};
    struct sw_error error;
    struct locking l = {
        .session = session, .catalog = &catalog, .findings = &findings, .b = {.arena = &session->arena}};
    sw_findings_init(&findings);
    l.results = sw_build_list(&l.b);
    int code = session_choose_profiles(&paths, session, true, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        sw_arena_init(&l.arena, SW_MAX_ARENA);
        code = sw_cancel_requested(&session->cancel) ? sw_fail_canceled(&error)
                                                     : lock_one(&l, paths.items[i], &error);
        sw_prepared_release(&l.prepared);
        sw_arena_release(&l.arena);
        l.prepared = (struct sw_prepared){0};
    }
    sw_findings_unique(&findings);
    if (code != 0)
        return session_fail(session, &error);
    if (findings_status(&findings) != STATUS_DONE)
        return format_refusal(session, &findings);
    format_aside(session, &findings);
    return session->format == FORMAT_JSON ? format_node(session, l.b.failed ? NULL : l.results, true)
                                          : STATUS_DONE;
}
