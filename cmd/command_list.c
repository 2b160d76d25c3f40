#include "commands.h"

#include "format.h"
#include "prepare.h"
#include "table.h"

/* Names of the GPUs, "a40, t4". */
static const char *target(struct sw_arena *arena, const struct sw_node *accelerators)
{
    const char *text = "";
    for (size_t i = 0; accelerators != NULL && i < accelerators->count && text != NULL; i++)
        text = sw_arena_format(arena, "%s%s%s", text, i == 0 ? "" : ", ",
                               sw_node_text(sw_node_get(accelerators->items[i], "name"), ""));
    return text == NULL || text[0] == '\0' ? "-" : text;
}

static struct sw_node *describe(struct sw_builder *b, const char *path, const struct prepared *prepared)
{
    struct sw_node *row = sw_build_map(b);
    sw_build_set(b, row, "file", sw_build_text(b, path));
    sw_build_set(b, row, "name", sw_build_text(b, prepared->profile.name));
    if (prepared->plan.root != NULL) {
        const struct sw_node *plan = prepared->plan.root;
        sw_build_set(b, row, "target", sw_build_text(b, target(b->arena, sw_node_get(plan, "accelerators"))));
        sw_build_set(b, row, "torch", sw_build_text(b, sw_node_text(sw_node_at(plan, "torch.local"), NULL)));
        sw_build_set(b, row, "description",
                     sw_build_text(b, sw_node_text(sw_node_get(plan, "description"), NULL)));
    }
    return row;
}

enum { COLUMNS = 4 };

static void fill(const char **cells, const struct sw_node *row)
{
    bool planned = sw_node_get(row, "target") != NULL;
    cells[0] = sw_node_text(sw_node_get(row, planned ? "name" : "file"), "");
    cells[1] = sw_node_text(sw_node_get(row, "target"), "-");
    cells[2] = sw_node_text(sw_node_get(row, "torch"), "-");
    cells[3] = planned ? sw_node_text(sw_node_get(row, "description"), "") : "(see 'slipway check')";
}

static enum status print(struct session *session, const struct sw_node *rows)
{
    struct table table = {
        .columns = COLUMNS,
        .titles = {"NAME", "TARGET", "TORCH", "DESCRIPTION"},
        .cells = sw_arena_array(&session->arena, rows->count * COLUMNS, sizeof(const char *)),
        .rows = rows->count,
    };
    if (table.cells == NULL) {
        struct sw_error error;
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    for (size_t i = 0; i < rows->count; i++)
        fill(table.cells + i * COLUMNS, rows->items[i]);
    table_print(session, &table);
    return STATUS_DONE;
}

enum status command_list(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct text_list paths = {0};
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *rows = sw_build_list(&b);
    int code = session_list_profiles(&paths, session, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project, &error);
    if (code != 0)
        return session_fail(session, &error);
    for (size_t i = 0; i < paths.count; i++) {
        PREPARED_AUTO prepared;
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        (void)prepare(&prepared, paths.items[i], &catalog, &findings,
                      &error); /* `check` says what is wrong */
        sw_build_append(&b, rows, describe(&b, paths.items[i], &prepared));
    }
    if (session->format == FORMAT_JSON || b.failed)
        return format_node(session, b.failed ? NULL : rows, true);
    return print(session, rows);
}
