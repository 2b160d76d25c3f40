#include "commands.h"

#include "output/format.h"
#include "output/table.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/path.h"
#include "project/records.h"

enum { DEFAULT_ROWS = 20, COLUMNS = 7 };

/* Read the number of records to show; 0 stands for all of them. */
static int limit_of(uint64_t *limit, const struct session *session, struct sw_error *error)
{
    const char *text = session->options.number;
    *limit = DEFAULT_ROWS;
    if (text == NULL || sw_str_to_u64(sw_str_from(text), limit))
        return 0;
    return sw_fail(error, SW_EINPUT, "'%s' is no number of records", text);
}

struct rows {
    struct session *session;
    struct sw_builder *b;
    struct sw_findings findings; /* records that are passed over */
    struct sw_node *list;
    uint64_t limit; /* of one profile; 0: none */
};

static void begin_row(struct sw_builder *b, struct sw_node *row, const struct sw_record *record)
{
    sw_build_set(b, row, "profile", sw_build_text(b, record->profile));
    sw_build_set(b, row, "number", sw_build_int(b, (int64_t)record->number));
    sw_build_set(b, row, "commit", sw_build_text(b, record->commit));
}

/* The part of a record that is listed: the whole facts of ten thousand records would not fit into memory. */
static const struct sw_node *summary(struct sw_builder *b, const struct sw_record *record,
                                     const struct sw_record_facts *facts)
{
    static const char *const keys[] = {"kind",  "result",   "time", "seconds", "plan",
                                       "image", "rollback", "push", "left_out"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder whole = {.arena = &arena};
    struct sw_record_facts listed = *facts;
    listed.image.layers = (struct sw_texts){0};
    const struct sw_node *said = sw_record_facts_json(&whole, &listed);
    struct sw_node *row = sw_build_map(b);
    begin_row(b, row, record);
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        if (sw_node_get(said, keys[i]) != NULL)
            sw_build_set(b, row, keys[i], sw_build_copy(b, sw_node_get(said, keys[i])));
    }
    b->failed = b->failed || whole.failed;
    return row;
}

/* A record that is damaged or refused hides none before it that can still be reached. */
static const struct sw_node *describe(struct sw_builder *b, struct sw_history *history,
                                      const struct sw_record *record)
{
    SW_ARENA_AUTO arena;
    struct sw_record_facts facts;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_record_facts_read(&facts, &arena, history, record, &error);
    if (code == 0)
        return summary(b, record, &facts);
    struct sw_node *row = sw_build_map(b);
    begin_row(b, row, record);
    sw_build_set(b, row, "result", sw_build_text(b, code == SW_EINPUT ? "refused" : "unreadable"));
    sw_build_set(b, row, "error", sw_build_text(b, error.text));
    return row;
}

static int add_profile(struct rows *rows, struct sw_history *history, const char *profile,
                       struct sw_error *error)
{
    struct sw_record record;
    int code = sw_history_find(&record, rows->b->arena, history, profile, 0, error);
    const char *refused = sw_records_refused(&rows->session->project, history, profile);
    if (code == 0 && refused != NULL)
        (void)sw_findings_add(&rows->findings, "SW102", SW_WARNING, "%s", refused);
    for (uint64_t i = 0; code == 0 && (rows->limit == 0 || i < rows->limit); i++) {
        if (sw_cancel_requested(&rows->session->cancel))
            return sw_fail_canceled(error);
        sw_build_append(rows->b, rows->list, describe(rows->b, history, &record));
        code = sw_history_before(&record, history, &record, error);
        if (code == SW_ENOTFOUND)
            return 0;
    }
    return code;
}

static int newest_first(const void *a, const void *b)
{
    const struct sw_node *const *left = a, *const *right = b;
    int order =
        strcmp(sw_node_text(sw_node_get(*right, "time"), ""), sw_node_text(sw_node_get(*left, "time"), ""));
    if (order != 0)
        return order;
    int64_t l = sw_node_integer(sw_node_get(*left, "number"), 0),
            r = sw_node_integer(sw_node_get(*right, "number"), 0);
    return (r > l) - (r < l);
}

static int add_all(struct rows *rows, struct sw_history *history, struct sw_error *error)
{
    const char *const *names = NULL;
    size_t count = 0;
    int code = sw_history_profiles(&names, &count, rows->b->arena, history, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = add_profile(rows, history, names[i], error);
        /* A ref that holds no record does not hide the others. */
        if (code == SW_EINPUT) {
            (void)sw_findings_add(&rows->findings, "SW102", SW_WARNING, "%s", error->text);
            code = 0;
        }
    }
    if (code != 0 || rows->b->failed || sw_node_count(rows->list) == 0)
        return code;
    sw_build_sort(rows->list, newest_first);
    struct sw_node *newest = sw_build_list(rows->b);
    for (size_t i = 0; i < sw_node_count(rows->list) && (rows->limit == 0 || i < rows->limit); i++)
        sw_build_append(rows->b, newest, sw_node_item(rows->list, i));
    rows->list = newest;
    return 0;
}

static const char *seconds(struct sw_arena *arena, const struct sw_node *row)
{
    const struct sw_node *value = sw_node_get(row, "seconds");
    char text[16] = "-";
    if (sw_node_type(value) == SW_NODE_REAL)
        sw_text_duration(text, (int64_t)(sw_node_real(value, 0) * (double)SW_SECOND_NS));
    return sw_arena_text(arena, text);
}

static const char *size(struct sw_arena *arena, const struct sw_node *row)
{
    int64_t bytes = sw_node_integer(sw_node_at(row, "image.size"), -1);
    char text[16] = "-";
    if (bytes >= 0)
        sw_text_size(text, (uint64_t)bytes);
    return sw_arena_text(arena, text);
}

static const char *brief(struct sw_arena *arena, const char *digest)
{
    return sw_arena_format(arena, "%.12s", strncmp(digest, "sha256:", 7) == 0 ? digest + 7 : digest);
}

/* "verified", of a rollback "verified, back to 2", of a push "verified, push of 2". */
static const char *result(struct sw_arena *arena, const struct sw_node *row)
{
    const char *text = sw_node_text(sw_node_get(row, "result"), "-");
    const char *to = sw_node_text(sw_node_at(row, "rollback.to"), NULL);
    const char *of = sw_node_text(sw_node_at(row, "push.of"), NULL);
    if (text != NULL && sw_node_boolean(sw_node_at(row, "left_out.ignored"), false))
        text = sw_arena_format(arena, "%s, ignored files left out", text);
    if (to != NULL)
        return sw_arena_format(arena, "%s, back to %s", text, to);
    return of == NULL ? text : sw_arena_format(arena, "%s, push of %s", text, of);
}

/* Texts of a record may be anybody's: it could have been fetched. */
static bool fill(const char **cells, struct sw_arena *arena, const struct sw_node *row)
{
    const char *texts[COLUMNS] = {
        sw_arena_format(arena, "%s@%s", sw_node_text(sw_node_get(row, "profile"), ""),
                        sw_node_text(sw_node_get(row, "number"), "")),
        sw_text_time(arena, sw_node_text(sw_node_get(row, "time"), "-")),
        brief(arena, sw_node_text(sw_node_get(row, "plan"), "-")),
        brief(arena, sw_node_text(sw_node_at(row, "image.id"), "-")),
        size(arena, row),
        seconds(arena, row),
        result(arena, row),
    };
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i] = texts[i] == NULL ? NULL : sw_text_clean(arena, sw_str_from(texts[i]));
        if (cells[i] == NULL)
            return false;
    }
    return true;
}

static enum status print(struct session *session, const struct sw_node *rows)
{
    struct table table = {
        .columns = COLUMNS,
        .right = {[4] = true, [5] = true},
        .titles = {"BUILD", "WHEN (UTC)", "PLAN", "IMAGE", "SIZE", "TOOK", "RESULT"},
        .cells = sw_arena_array(&session->arena, sw_node_count(rows) * COLUMNS, sizeof(const char *)),
        .rows = sw_node_count(rows),
    };
    bool filled = table.cells != NULL;
    for (size_t i = 0; filled && i < sw_node_count(rows); i++)
        filled = fill(table.cells + i * COLUMNS, &session->arena, sw_node_item(rows, i));
    if (!filled) {
        struct sw_error error;
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    table_print(session, &table);
    return STATUS_DONE;
}

enum status command_history(struct session *session)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    struct rows rows = {.session = session, .b = &b, .list = sw_build_list(&b)};
    const struct sw_texts *names = &session->options.arguments;
    sw_findings_init(&rows.findings);
    int code = limit_of(&rows.limit, session, &error);
    if (code == 0)
        code = sw_records_open(&history, &session->project, &error);
    if (code == 0)
        code = names->count == 1 ? add_profile(&rows, history, names->items[0], &error)
                                 : add_all(&rows, history, &error);
    enum status status = STATUS_DONE;
    if (code == 0 || (!b.failed && sw_node_count(rows.list) > 0)) {
        status = session->format == FORMAT_JSON || b.failed
                     ? format_node(session, b.failed ? NULL : rows.list, true)
                     : print(session, rows.list);
        format_aside(session, &rows.findings);
    }
    sw_findings_release(&rows.findings);
    return code == 0 ? status : session_fail(session, &error);
}
