#include "commands.h"

#include "output/format.h"
#include "output/table.h"

#include "base/text.h"

#include "data/path.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"
#include "project/records.h"

/* Names of the GPUs, "a40, t4". */
static const char *target(struct sw_arena *arena, const struct sw_node *accelerators)
{
    const char *text = "";
    for (size_t i = 0; i < sw_node_count(accelerators) && text != NULL; i++)
        text = sw_arena_format(arena, "%s%s%s", text, i == 0 ? "" : ", ",
                               sw_node_text(sw_node_get(sw_node_item(accelerators, i), "name"), ""));
    return text == NULL || text[0] == '\0' ? "-" : text;
}

static struct sw_node *describe(struct sw_builder *b, const char *path, const struct sw_prepared *prepared)
{
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "file", sw_build_text(b, path));
    sw_build_set(b, row, "name", sw_build_text(b, prepared->profile.name));
    if (prepared->plan.root != NULL) {
        const struct sw_plan_parts *plan = &prepared->plan.parts;
        sw_build_set(b, row, "target", sw_build_text(b, target(b->arena, plan->accelerators)));
        sw_build_set(b, row, "torch", sw_build_text(b, sw_node_text(plan->torch.local, NULL)));
        sw_build_set(b, row, "description", sw_build_text(b, sw_node_text(plan->description, NULL)));
    }
    return row;
}

/* The newest record in brief; null if there is none or it cannot be read: `history` tells the reason. */
static const struct sw_node *last_build(struct sw_builder *b, struct sw_history *history, const char *profile)
{
    struct sw_record record;
    struct sw_record_facts facts;
    if (history == NULL || profile == NULL ||
        sw_history_find(&record, b->arena, history, profile, 0, NULL) != 0 ||
        sw_record_facts_read(&facts, b->arena, history, &record, NULL) != 0)
        return sw_build_null(b);
    struct sw_node *last = sw_build_map(b);
    sw_build_set(b, last, "number", sw_build_int(b, (int64_t)record.number));
    sw_build_set(b, last, "result", sw_build_text(b, sw_record_result_name(facts.result)));
    sw_build_set(b, last, "time", sw_build_text(b, facts.time));
    return last;
}

/* "verified 2026-11-21 01:22". */
static const char *last_text(struct sw_arena *arena, const struct sw_node *last)
{
    if (sw_node_type(last) != SW_NODE_MAP)
        return "-";
    const char *when = sw_text_time(arena, sw_node_text(sw_node_get(last, "time"), ""));
    const char *text = sw_arena_format(arena, "%s %s", sw_node_text(sw_node_get(last, "result"), ""),
                                       when == NULL ? "" : when);
    return text == NULL ? "-" : text;
}

enum { COLUMNS = 5 };

static void fill(const char **cells, struct sw_arena *arena, const struct sw_node *row)
{
    bool planned = sw_node_get(row, "target") != NULL;
    cells[0] = sw_node_text(sw_node_get(row, planned ? "name" : "file"), "");
    cells[1] = sw_node_text(sw_node_get(row, "target"), "-");
    cells[2] = sw_node_text(sw_node_get(row, "torch"), "-");
    cells[3] = last_text(arena, sw_node_get(row, "last"));
    cells[4] = planned ? sw_node_text(sw_node_get(row, "description"), "") : "(see 'slipway check')";
}

static enum status print(struct session *session, const struct sw_node *rows)
{
    struct table table = {
        .columns = COLUMNS,
        .titles = {"NAME", "TARGET", "TORCH", "LAST BUILD", "DESCRIPTION"},
        .cells = sw_arena_array(&session->arena, sw_node_count(rows) * COLUMNS, sizeof(const char *)),
        .rows = sw_node_count(rows),
    };
    if (table.cells == NULL) {
        struct sw_error error;
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    for (size_t i = 0; i < sw_node_count(rows); i++)
        fill(table.cells + i * COLUMNS, &session->arena, sw_node_item(rows, i));
    table_print(session, &table);
    return STATUS_DONE;
}

enum status command_list(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_HISTORY_AUTO *history = NULL;
    struct sw_texts paths = {0};
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *rows = sw_build_list(&b);
    (void)sw_records_open(&history, &session->project, NULL);
    int code = sw_profiles_list(&paths, &session->project, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    if (code != 0)
        return session_fail(session, &error);
    for (size_t i = 0; i < paths.count; i++) {
        if (sw_cancel_requested(&session->cancel)) {
            (void)sw_fail_canceled(&error);
            return session_fail(session, &error);
        }
        SW_PREPARED_AUTO prepared;
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        /* `check` reports the faults. */
        (void)sw_prepare(&prepared, &session->project, paths.items[i], &catalog, &findings, &error);
        struct sw_node *row = describe(&b, paths.items[i], &prepared);
        sw_build_set(&b, row, "last", last_build(&b, history, prepared.profile.name));
        sw_build_append(&b, rows, row);
    }
    if (session->format == FORMAT_JSON || b.failed)
        return format_node(session, b.failed ? NULL : rows, true);
    return print(session, rows);
}
