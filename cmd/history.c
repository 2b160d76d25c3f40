#include "history.h"

#include "revision.h"

#include "base/descriptor.h"
#include "base/event.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "data/path.h"
#include "engine/reference.h"
#include "project/grants.h"
#include "project/profiles.h"

#include <limits.h>
#include <stdlib.h>

/* XDG_STATE_HOME or ~/.local/state, with /slipway/records/DIGEST.git: a folder's records are not another's. */
static const char *own_repository(struct session *session, const char *folder)
{
    char absolute[PATH_MAX], digest[SW_SHA256_HEX_SIZE];
    if (realpath(folder, absolute) == NULL || !sw_sha256_hex(sw_str_from(absolute), digest))
        return NULL;
    const char *state = sw_project_state(&session->project);
    return state == NULL ? NULL : sw_arena_format(&session->arena, "%s/records/%.16s.git", state, digest);
}

int history_open(struct sw_history **out, struct session *session, struct sw_error *error)
{
    const char *folder = sw_project_path(&session->project, ".");
    const char *own = folder == NULL ? NULL : own_repository(session, folder);
    return own == NULL ? sw_fail_memory(error) : sw_history_open(out, folder, own, &session->cancel, error);
}

int history_interrupted(struct sw_intent *intent, struct sw_record_facts *facts, struct session *session,
                        struct sw_history *history, const char *profile, enum sw_record_kind kind,
                        struct sw_error *error)
{
    struct sw_arena *arena = &session->arena;
    int code = sw_history_intended(intent, arena, history, profile, error);
    if (code == 0)
        code = sw_record_facts_read(facts, arena, history, &intent->record, error);
    if (code == 0 && facts->kind != kind)
        code =
            sw_fail(error, SW_ENOTFOUND, "no %s of '%s' was interrupted", sw_record_kind_name(kind), profile);
    return code;
}

/* Whoever is told of a wait. */
struct waiting {
    const struct sw_sink *sink;
    struct session *session;
    const char *profile;
};

static void tell_waiting(void *self)
{
    const struct waiting *waiting = self;
    const char *text = sw_arena_format(&waiting->session->arena,
                                       "waiting for another slipway that changes '%s'", waiting->profile);
    if (text != NULL && waiting->sink != NULL)
        sw_emit(waiting->sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
}

int history_hold(int *fd, struct session *session, struct sw_history *history, const char *profile,
                 const struct sw_sink *sink, struct sw_error *error)
{
    struct waiting waiting = {sink, session, profile};
    const struct sw_lock_wait wait = {.cancel = &session->cancel, .begin = tell_waiting, .self = &waiting};
    return sw_history_hold(fd, history, profile, &wait, error);
}

int history_refuse_interrupted(struct session *session, const char *profile, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    SW_FD_AUTO held = -1;
    struct sw_intent intent;
    struct sw_record_facts facts;
    if (history_open(&history, session, NULL) != 0 ||
        history_interrupted(&intent, &facts, session, history, profile, SW_RECORD_ROLLBACK, NULL) != 0)
        return 0;
    /* The rollback may still go on: the process that makes it holds the profile. */
    int code = history_hold(&held, session, history, profile, NULL, error);
    if (code != 0)
        return code;
    if (history_interrupted(&intent, &facts, session, history, profile, SW_RECORD_ROLLBACK, NULL) != 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "a rollback of '%s' was interrupted", profile);
    return sw_error_hint(error, "finish it: slipway rollback %s", profile);
}

const char *history_folder(struct session *session, const struct sw_history *history)
{
    char here[PATH_MAX];
    const char *folder = sw_project_path(&session->project, "."), *root = sw_history_root(history);
    size_t n = strlen(root);
    if (folder == NULL || realpath(folder, here) == NULL)
        return NULL;
    bool below = strncmp(here, root, n) == 0 && here[n] == '/';
    return sw_arena_text(&session->arena, below ? here + n + 1 : "");
}

/* image.name of the profile `name`, whatever else may be wrong with the file. */
static const char *image_name(struct sw_arena *arena, const char *path,
                              const struct sw_profile_source *source, const char *name)
{
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    if (sw_profile_load(&profile, path, source, &findings, NULL) != 0 || profile.name == NULL ||
        strcmp(profile.name, name) != 0)
        return NULL;
    const char *image = sw_node_text(sw_node_at(profile.root, "image.name"), name);
    return sw_reference_valid(sw_str_from(image)) ? sw_arena_text(arena, image) : NULL;
}

/* The file of the working tree that the newest record names: a profile that was built by its path lies
 * outside the folders that are listed. */
static const char *last_file(struct session *session, struct sw_history *history, const char *profile)
{
    struct sw_record record;
    struct sw_record_facts facts;
    if (sw_history_find(&record, &session->arena, history, profile, 0, NULL) != 0 ||
        sw_record_facts_read(&facts, &session->arena, history, &record, NULL) != 0 ||
        facts.files.items[0][0] == '/')
        return NULL;
    return sw_path_join(&session->arena, sw_history_root(history), facts.files.items[0]);
}

const char *history_own_image(struct session *session, struct sw_history *history, const char *profile)
{
    const struct sw_profile_source here = sw_grants_source(&session->project);
    struct revision_files files;
    struct sw_texts paths = {0};
    const char *path = last_file(session, history, profile), *image = NULL;
    if (sw_profiles_list(&paths, &session->project, NULL) != 0)
        return NULL;
    for (size_t i = 0; image == NULL && i < paths.count; i++)
        image = image_name(&session->arena, paths.items[i], &here, profile);
    if (image == NULL && path != NULL)
        image = image_name(&session->arena, path, &here, profile);
    if (image == NULL && revision_open(&files, &path, session, history, profile, "HEAD", NULL) == 0)
        image = image_name(&session->arena, path, &files.source, profile);
    return image;
}

/* Digests in the order in which they are found, each once. */
struct digests {
    struct sw_arena *arena;
    const char **items;
    size_t count;
    const char *image; /* the repository that counts */
};

static int add_digests(struct digests *digests, const struct sw_texts *more, struct sw_error *error)
{
    for (size_t i = 0; i < more->count; i++) {
        bool known = digests->image == NULL || !sw_reference_same_repository(more->items[i], digests->image);
        for (size_t k = 0; k < digests->count && !known; k++)
            known = strcmp(digests->items[k], more->items[i]) == 0;
        if (known)
            continue;
        const char **items =
            sw_arena_grow(digests->arena, (void *)digests->items, digests->count, sizeof *items);
        const char *copy = sw_arena_text(digests->arena, more->items[i]);
        if (items == NULL || copy == NULL)
            return sw_fail_memory(error);
        digests->items = items;
        items[digests->count++] = copy;
    }
    return 0;
}

int history_digests(struct sw_texts *out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, const struct sw_record_facts *facts, const char *image,
                    struct sw_error *error)
{
    struct digests digests = {.arena = arena, .image = image};
    struct sw_record record;
    int code = sw_history_find(&record, arena, history, profile, 0, error);
    for (size_t searched = 0; code == 0 && searched < SW_MAX_RECORDS_SEARCHED; searched++) {
        SW_ARENA_AUTO scratch;
        struct sw_record_facts other;
        sw_arena_init(&scratch, SW_MAX_ARENA);
        if (sw_record_facts_read(&other, &scratch, history, &record, NULL) == 0 && other.image.id != NULL &&
            strcmp(other.image.id, facts->image.id) == 0)
            code = add_digests(&digests, &other.image.digests, error);
        if (code == 0)
            code = sw_history_before(&record, history, &record, error);
    }
    if (code != 0 && code != SW_ENOTFOUND)
        return code;
    code = add_digests(&digests, &facts->image.digests, error);
    if (code == 0)
        *out = (struct sw_texts){digests.items, digests.count};
    return code;
}

const char *history_refused(struct session *session, struct sw_history *history, const char *profile)
{
    size_t count = sw_history_refused(history, profile);
    if (count == 0)
        return NULL;
    return sw_arena_format(&session->arena,
                           "%zu commit%s among the records of '%s' %s no record and %s passed over: git log "
                           "refs/slipway/%s",
                           count, count == 1 ? "" : "s", profile, count == 1 ? "is" : "are",
                           count == 1 ? "is" : "are", profile);
}

const char *history_time(struct sw_arena *arena, const char *rfc3339)
{
    if (strlen(rfc3339) < strlen("2026-11-21T01:22") || rfc3339[10] != 'T')
        return rfc3339;
    return sw_arena_format(arena, "%.10s %.5s", rfc3339, rfc3339 + 11);
}
