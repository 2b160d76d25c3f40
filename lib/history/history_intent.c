/* The note of a record to be: its tree, which is on disk before the note is, and the folder it is of. */
#include "history/history_internal.h"

#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <unistd.h>

static int note_path(char out[SW_HISTORY_PATH_SIZE], const struct sw_history *history, const char *profile,
                     struct sw_error *error)
{
    char name[SW_HISTORY_REF_SIZE];
    if (snprintf(name, sizeof name, "intent-%s", profile) >= (int)sizeof name || strchr(profile, '/') != NULL)
        return sw_fail(error, SW_EINPUT, "'%s' is no profile's name", profile);
    return sw_history_private_path(out, history, name, error);
}

int sw_history_intend(struct sw_intent *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_record_draft *draft, struct sw_error *error)
{
    char path[SW_HISTORY_PATH_SIZE];
    git_oid tree;
    int code = sw_history_make(history, error);
    if (code == 0)
        code = note_path(path, history, draft->profile, error);
    if (code == 0)
        code = sw_history_write_tree(&tree, history, draft, error);
    if (code != 0)
        return code;
    struct sw_intent intent = {.record.profile = sw_arena_text(arena, draft->profile),
                               .root = sw_arena_text(arena, history->root)};
    (void)history->git->oid_tostr(intent.record.tree, sizeof intent.record.tree, &tree);
    const char *note = sw_arena_format(arena, "%s\n%s", intent.record.tree, history->root);
    if (intent.record.profile == NULL || intent.root == NULL || note == NULL)
        return sw_fail_memory(error);
    code = sw_file_write(path, sw_str_from(note), 0666, error);
    if (code == 0)
        *out = intent;
    return code;
}

int sw_history_intended(struct sw_intent *out, struct sw_arena *arena, struct sw_history *history,
                        const char *profile, struct sw_error *error)
{
    char path[SW_HISTORY_PATH_SIZE];
    SW_BUFFER_AUTO note;
    git_oid tree;
    sw_buffer_init(&note, SW_MAX_PATH_SIZE);
    if (history->repository == NULL)
        return sw_fail(error, SW_ENOTFOUND, "no record of '%s' is to be made", profile);
    int code = note_path(path, history, profile, error);
    if (code == 0)
        code = sw_file_read(&note, path, error);
    if (code != 0)
        return code;
    struct sw_str root = sw_buffer_str(&note), id = sw_str_cut(&root, '\n');
    struct sw_intent intent = {.record.profile = sw_arena_text(arena, profile),
                               .root = sw_arena_copy(arena, root)};
    const char *hex = sw_arena_copy(arena, id);
    if (intent.record.profile == NULL || intent.root == NULL || hex == NULL)
        return sw_fail_memory(error);
    if (root.n == 0 || id.n != GIT_OID_HEXSZ || history->git->oid_fromstr(&tree, hex) != 0)
        return sw_fail(error, SW_EENV, "cannot understand '%s'", path);
    (void)snprintf(intent.record.tree, sizeof intent.record.tree, "%s", hex);
    *out = intent;
    return 0;
}

int sw_history_settle(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_intent *intent, const char *summary, const char *text,
                      struct sw_error *error)
{
    const struct sw_record_draft draft = {
        .profile = intent->record.profile, .summary = summary, .text = text, .base = &intent->record};
    struct sw_record newest;
    int code = sw_history_find(&newest, arena, history, intent->record.profile, 0, error);
    bool appended = code == 0 && strcmp(newest.tree, intent->record.tree) == 0;
    if (!appended && (code == 0 || code == SW_ENOTFOUND))
        code = sw_history_append(&newest, arena, history, &draft, error);
    if (code == 0)
        code = sw_history_forget(history, intent->record.profile, error);
    if (code == 0)
        *out = newest;
    return code;
}

int sw_history_forget(struct sw_history *history, const char *profile, struct sw_error *error)
{
    char path[SW_HISTORY_PATH_SIZE];
    int code = note_path(path, history, profile, error);
    if (code == 0 && unlink(path) != 0 && errno != ENOENT)
        code = sw_fail_errno(error, SW_EENV, "cannot remove '%s'", path);
    return code;
}
