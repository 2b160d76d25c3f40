#include "project/records.h"

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
static const char *own_repository(struct sw_project *project, const char *folder)
{
    char absolute[PATH_MAX], digest[SW_SHA256_HEX_SIZE];
    if (realpath(folder, absolute) == NULL || !sw_sha256_hex(sw_str_from(absolute), digest))
        return NULL;
    const char *state = sw_project_state(project);
    return state == NULL ? NULL : sw_arena_format(project->arena, "%s/records/%.16s.git", state, digest);
}

int sw_records_open(struct sw_history **out, struct sw_project *project, struct sw_error *error)
{
    const char *folder = sw_project_path(project, ".");
    const char *own = folder == NULL ? NULL : own_repository(project, folder);
    return own == NULL ? sw_fail_memory(error) : sw_history_open(out, folder, own, project->cancel, error);
}

int sw_records_interrupted(struct sw_intent *intent, struct sw_record_facts *facts,
                           struct sw_project *project, struct sw_history *history, const char *profile,
                           enum sw_record_kind kind, struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
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
    struct sw_project *project;
    const char *profile;
};

static void tell_waiting(void *self)
{
    const struct waiting *waiting = self;
    const char *text = sw_arena_format(waiting->project->arena,
                                       "waiting for another slipway that changes '%s'", waiting->profile);
    if (text != NULL && waiting->sink != NULL)
        sw_emit(waiting->sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
}

int sw_records_hold(int *fd, struct sw_project *project, struct sw_history *history, const char *profile,
                    const struct sw_sink *sink, struct sw_error *error)
{
    struct waiting waiting = {sink, project, profile};
    const struct sw_lock_wait wait = {.cancel = project->cancel, .begin = tell_waiting, .self = &waiting};
    return sw_history_hold(fd, history, profile, &wait, error);
}

int sw_records_refuse_interrupted(struct sw_project *project, const char *profile, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    SW_FD_AUTO held = -1;
    struct sw_intent intent;
    struct sw_record_facts facts;
    if (sw_records_open(&history, project, NULL) != 0 ||
        sw_records_interrupted(&intent, &facts, project, history, profile, SW_RECORD_ROLLBACK, NULL) != 0)
        return 0;
    /* The rollback may still go on: the process that makes it holds the profile. */
    int code = sw_records_hold(&held, project, history, profile, NULL, error);
    if (code != 0)
        return code;
    if (sw_records_interrupted(&intent, &facts, project, history, profile, SW_RECORD_ROLLBACK, NULL) != 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "a rollback of '%s' was interrupted", profile);
    return sw_error_hint(error, "finish it: slipway rollback %s", profile);
}

const char *sw_records_folder(struct sw_project *project, const struct sw_history *history)
{
    char here[PATH_MAX];
    const char *folder = sw_project_path(project, "."), *root = sw_history_root(history);
    size_t n = strlen(root);
    if (folder == NULL || realpath(folder, here) == NULL)
        return NULL;
    bool below = strncmp(here, root, n) == 0 && here[n] == '/';
    return sw_arena_text(project->arena, below ? here + n + 1 : "");
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

int sw_records_digests(struct sw_texts *out, struct sw_arena *arena, struct sw_history *history,
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

const char *sw_records_refused(struct sw_project *project, struct sw_history *history, const char *profile)
{
    size_t count = sw_history_refused(history, profile);
    if (count == 0)
        return NULL;
    return sw_arena_format(project->arena,
                           "%zu commit%s among the records of '%s' %s no record and %s passed over: git log "
                           "refs/slipway/%s",
                           count, count == 1 ? "" : "s", profile, count == 1 ? "is" : "are",
                           count == 1 ? "is" : "are", profile);
}
