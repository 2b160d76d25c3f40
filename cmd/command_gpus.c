#include "commands.h"

#include "format.h"
#include "table.h"

enum { COLUMNS = 6 };

/* One GPU's cells. */
static void fill(const char **cells, struct sw_arena *arena, const struct sw_node *gpu)
{
    static const char *const keys[] = {"name", "title", "architecture", "compute_capability"};
    for (size_t i = 0; i < SW_COUNT(keys); i++)
        cells[i] = sw_node_text(sw_node_get(gpu, keys[i]), "");
    const char *memory = sw_node_text(sw_node_get(gpu, "memory"), NULL);
    const char *size = memory == NULL ? "-" : sw_arena_format(arena, "%s GB", memory);
    cells[SW_COUNT(keys)] = size == NULL ? "" : size;
    cells[SW_COUNT(keys) + 1] = sw_node_text(sw_node_get(gpu, "driver"), "-");
}

enum status command_gpus(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    if (sw_catalog_load(&catalog, session->project, &error) != 0)
        return session_fail(session, &error);
    if (session->format == FORMAT_JSON)
        return format_node(session, catalog.gpus, true);
    struct table table = {
        .columns = COLUMNS,
        .right = {false, false, false, true, true, false},
        .titles = {"NAME", "TITLE", "ARCHITECTURE", "CAPABILITY", "MEMORY", "DRIVER"},
        .cells = sw_arena_array(&session->arena, catalog.gpus->count * COLUMNS, sizeof(const char *)),
        .rows = catalog.gpus->count,
    };
    if (table.cells == NULL) {
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    for (size_t i = 0; i < catalog.gpus->count; i++)
        fill(table.cells + i * COLUMNS, &session->arena, catalog.gpus->items[i]);
    table_print(session, &table);
    return STATUS_DONE;
}
