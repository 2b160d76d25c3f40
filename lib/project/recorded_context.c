#include "project/recorded_context.h"

#include "base/limits.h"
#include "data/path.h"
#include "history/ignored.h"

#include <sys/stat.h>

/* A choice among the entries of a context. */
struct choice {
    struct sw_arena *arena;
    const struct sw_context_entry *entries;
    size_t count;
    struct sw_ignored *ignored;
    bool *kept;
    uint64_t bytes;
    /* The last folder that was left out; everything in it is left out too. */
    const char *left_folder;
    const char **paths;
    struct sw_record_left_out left_out;
};

/* The path below the user's folder; NULL for a rendered file, which the record has beside. */
static const char *user_path(const struct sw_context_entry *entry)
{
    static const char folder[] = SW_CONTEXT_FOLDER "/";
    size_t n = sizeof folder - 1;
    return strncmp(entry->path, folder, n) == 0 && entry->path[n] != '\0' ? entry->path + n : NULL;
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = folder == NULL ? 0 : strlen(folder);
    return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

static void leave_out(struct choice *choice, const struct sw_context_entry *entry, const char *path,
                      bool ignored)
{
    if (S_ISDIR(entry->mode))
        choice->left_folder = path;
    choice->left_out.count++;
    choice->left_out.ignored = choice->left_out.ignored || ignored;
    if (choice->left_out.paths.count < SW_MAX_RECORD_LEFT_OUT && sw_record_is_line(sw_str_from(path)))
        choice->paths[choice->left_out.paths.count++] = path;
}

/* Keep one entry or leave it out. */
static int judge(struct choice *choice, size_t i, struct sw_error *error)
{
    const struct sw_context_entry *entry = &choice->entries[i];
    const char *path = user_path(entry);
    bool ignored = false;
    if (path == NULL || is_below(path, choice->left_folder))
        return 0;
    if (sw_is_version_control(path)) {
        leave_out(choice, entry, path, false);
        return 0;
    }
    int code = sw_ignored_check(&ignored, choice->ignored, path, S_ISDIR(entry->mode), error);
    if (code == 0 && ignored)
        leave_out(choice, entry, path, true);
    choice->kept[i] = code == 0 && !ignored;
    choice->bytes += choice->kept[i] && S_ISREG(entry->mode) ? entry->size : 0;
    return code;
}

static bool is_small(const struct choice *choice)
{
    return choice->bytes <= SW_MAX_RECORD_CONTEXT;
}

static int choose(struct choice *choice, const struct sw_attempt *attempt, struct sw_error *error)
{
    struct sw_arena *arena = attempt->project->arena;
    choice->kept = sw_arena_array(arena, choice->count + 1, sizeof *choice->kept);
    choice->paths = sw_arena_array(arena, SW_MAX_RECORD_LEFT_OUT, sizeof *choice->paths);
    int code = choice->kept == NULL || choice->paths == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < choice->count && is_small(choice); i++) {
        if (sw_cancel_requested(attempt->project->cancel))
            return sw_fail_canceled(error);
        code = judge(choice, i, error);
    }
    choice->left_out.paths.items = choice->paths;
    return code;
}

/* False if a file has changed since the build, or all of it is too large. */
static bool add_tar(struct sw_buffer *out, const struct sw_attempt *attempt, const bool *kept)
{
    char chunk[1 << 16];
    size_t got = 1;
    sw_context_rewind(attempt->context, kept);
    while (got > 0 && out->state == SW_BUFFER_OK) {
        if (sw_context_read(attempt->context, chunk, sizeof chunk, &got, NULL) != 0)
            return false;
        sw_buffer_add(out, chunk, got);
    }
    return out->state == SW_BUFFER_OK;
}

static void tell(const struct sw_attempt *attempt, enum sw_event_kind kind, const char *text)
{
    if (text != NULL)
        sw_emit(&attempt->sink, (struct sw_event){.kind = kind, .text = sw_str_from(text)});
}

static void tell_left_out(const struct sw_attempt *attempt, const struct sw_record_left_out *left_out)
{
    if (left_out->ignored)
        tell(attempt, SW_EVENT_NOTE,
             sw_arena_format(
                 attempt->project->arena,
                 "git ignores files that the image copies, so that the record leaves them out (%lld, "
                 "the first is '%s'): a rollback can pull this image, and not build it again",
                 (long long)left_out->count, left_out->paths.count == 0 ? "?" : left_out->paths.items[0]));
}

int sw_recorded_context(struct sw_buffer *out, struct sw_record_left_out *left_out,
                        const struct sw_attempt *attempt, struct sw_error *error)
{
    struct choice choice = {0};
    struct sw_error failure;
    const struct sw_plan_parts *plan = &attempt->prepared.plan.parts;
    if (sw_node_count(plan->copies) == 0 && !sw_plan_is_wrapped(&attempt->prepared.plan) &&
        sw_node_text(plan->interpreter.folder, NULL) == NULL)
        return 0;
    choice.entries = sw_context_entries(attempt->context, &choice.count);
    if (sw_ignored_open(&choice.ignored, sw_context_root(attempt->context), &failure) != 0) {
        tell(attempt, SW_EVENT_WARNING,
             sw_arena_format(attempt->project->arena,
                             "the record leaves out the files that the image copies: %s", failure.text));
        return 0;
    }
    int code = choose(&choice, attempt, error);
    sw_ignored_free(choice.ignored);
    if (code != 0)
        return code;
    if (!is_small(&choice) || !add_tar(out, attempt, choice.kept)) {
        sw_buffer_clear(out);
        return 0;
    }
    *left_out = choice.left_out;
    tell_left_out(attempt, left_out);
    return 0;
}
