#include "history.h"

#include "record.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "data/path.h"

#include <limits.h>
#include <stdlib.h>

/* XDG_STATE_HOME or ~/.local/state, with /slipway/records/DIGEST.git: a folder's records are not another's. */
static const char *own_repository(struct session *session, const char *folder)
{
    char absolute[PATH_MAX], digest[SW_SHA256_HEX_SIZE];
    if (realpath(folder, absolute) == NULL || !sw_sha256_hex(sw_str_from(absolute), digest))
        return NULL;
    const char *state = session_state(session);
    return state == NULL ? NULL : sw_arena_format(&session->arena, "%s/records/%.16s.git", state, digest);
}

int history_open(struct sw_history **out, struct session *session, struct sw_error *error)
{
    const char *folder = session_path(session, ".");
    const char *own = folder == NULL ? NULL : own_repository(session, folder);
    return own == NULL ? sw_fail_memory(error) : sw_history_open(out, folder, own, error);
}

int history_refuse_interrupted(struct session *session, const char *profile, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_intent intent;
    if (history_open(&history, session, NULL) != 0 ||
        sw_history_intended(&intent, &session->arena, history, profile, NULL) != 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "a rollback of '%s' was interrupted", profile);
    return sw_error_hint(error, "finish it: slipway rollback %s", profile);
}

int history_describe(const struct sw_node **out, struct sw_arena *arena, struct sw_history *history,
                     const struct sw_record *record, struct sw_error *error)
{
    const struct sw_node *said = NULL;
    struct sw_builder b = {.arena = arena};
    int code = sw_history_read_json(&said, arena, history, record, "record.json", error);
    if (code != 0)
        return code;
    struct sw_node *row = sw_build_map(&b);
    sw_build_set(&b, row, "profile", sw_build_text(&b, record->profile));
    sw_build_set(&b, row, "number", sw_build_int(&b, (int64_t)record->number));
    sw_build_set(&b, row, "commit", sw_build_text(&b, record->commit));
    for (size_t i = 0; i < sw_node_member_count(said); i++)
        sw_build_set(&b, row, sw_node_member_at(said, i)->key.p, sw_node_member_at(said, i)->value);
    if (b.failed)
        return sw_fail_memory(error);
    *out = row;
    return 0;
}

static void add_digests(struct sw_builder *b, struct sw_node *digests, const struct sw_node *said)
{
    const struct sw_node *known = sw_node_at(said, "image.digests");
    for (size_t i = 0; i < sw_node_count(known); i++)
        record_add_digest(b, digests, sw_node_item(known, i));
}

int history_digests(const struct sw_node **out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, const struct sw_node *said, struct sw_error *error)
{
    const char *id = sw_node_text(sw_node_at(said, "image.id"), "");
    struct sw_builder b = {.arena = arena};
    struct sw_node *digests = sw_build_list(&b);
    struct sw_record record;
    int code = sw_history_find(&record, arena, history, profile, 0, error);
    for (size_t searched = 0; code == 0 && searched < SW_MAX_RECORDS_SEARCHED; searched++) {
        SW_ARENA_AUTO scratch;
        const struct sw_node *other = NULL;
        sw_arena_init(&scratch, SW_MAX_ARENA);
        if (sw_history_read_json(&other, &scratch, history, &record, "record.json", NULL) == 0 &&
            strcmp(sw_node_text(sw_node_at(other, "image.id"), ""), id) == 0)
            add_digests(&b, digests, other);
        code = sw_history_before(&record, history, &record, error);
    }
    if (code != 0 && code != SW_ENOTFOUND)
        return code;
    add_digests(&b, digests, said);
    *out = digests;
    return b.failed ? sw_fail_memory(error) : 0;
}

const char *history_time(struct sw_arena *arena, const char *rfc3339)
{
    if (strlen(rfc3339) < strlen("2026-11-21T01:22") || rfc3339[10] != 'T')
        return rfc3339;
    return sw_arena_format(arena, "%.10s %.5s", rfc3339, rfc3339 + 11);
}
