#include "commands.h"

#include "chosen_gpus.h"
#include "output/format.h"
#include "output/table.h"

enum { COLUMNS = 8 };

/* The first torch that serves the GPU, "2.7.0+cu128"; NULL if the catalog knows none. */
static const char *first_torch(struct sw_arena *arena, const struct sw_catalog *catalog,
                               const struct sw_node *gpu)
{
    struct sw_torch_build attempt;
    const char *variant =
        sw_catalog_first_torch(&attempt, catalog, gpu) ? sw_catalog_variant(arena, attempt.cuda) : NULL;
    return variant == NULL ? NULL : sw_arena_format(arena, "%s+%s", attempt.version, variant);
}

/* Return true if a row is asked for: every row, if no GPU is named. */
static bool is_asked(const struct sw_texts *names, const struct sw_node *row)
{
    bool asked = names->count == 0;
    for (size_t i = 0; i < names->count; i++)
        asked = asked || strcmp(names->items[i], sw_node_text(sw_node_get(row, "name"), "")) == 0;
    return asked;
}

/* The rows of the catalog that are asked for, each with the first CUDA and the first torch that serve the GPU. */
static struct sw_node *served(struct sw_builder *b, const struct sw_catalog *catalog,
                              const struct sw_texts *names)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        if (!is_asked(names, row))
            continue;
        struct sw_node *gpu = sw_build_map(b);
        for (size_t j = 0; j < sw_node_member_count(row); j++)
            sw_build_set(b, gpu, sw_node_member_at(row, j)->key.p, sw_node_member_at(row, j)->value);
        sw_build_set(b, gpu, "first_cuda", sw_build_text(b, sw_catalog_first_cuda(catalog, row)));
        sw_build_set(b, gpu, "first_torch", sw_build_text(b, first_torch(b->arena, catalog, row)));
        sw_build_append(b, list, gpu);
    }
    return b->failed ? NULL : list;
}

/* Fill the cells of a GPU's row. */
static void fill(const char **cells, struct sw_arena *arena, const struct sw_node *gpu)
{
    static const char *const keys[] = {"name", "title", "architecture", "compute_capability"};
    for (size_t i = 0; i < SW_COUNT(keys); i++)
        cells[i] = sw_node_text(sw_node_get(gpu, keys[i]), "");
    const char *memory = sw_node_text(sw_node_get(gpu, "memory"), NULL);
    const char *size = memory == NULL ? "-" : sw_arena_format(arena, "%s GB", memory);
    cells[SW_COUNT(keys)] = size == NULL ? "" : size;
    static const char *const more[] = {"driver", "first_cuda", "first_torch"};
    for (size_t i = 0; i < SW_COUNT(more); i++)
        cells[SW_COUNT(keys) + 1 + i] = sw_node_text(sw_node_get(gpu, more[i]), "-");
}

enum status command_gpus(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    struct sw_texts names;
    if (sw_catalog_load(&catalog, session->project.overrides, &error) != 0 ||
        chosen_gpus(&names, session, &catalog, &session->options.arguments, &error) != 0)
        return session_fail(session, &error);
    struct sw_builder b = {.arena = &session->arena};
    const struct sw_node *gpus = served(&b, &catalog, &names);
    if (session->format == FORMAT_JSON || gpus == NULL)
        return format_node(session, gpus, true);
    struct table table = {
        .columns = COLUMNS,
        .right = {false, false, false, true, true, true, true, false},
        .titles = {"NAME", "TITLE", "ARCHITECTURE", "CAPABILITY", "MEMORY", "DRIVER", "CUDA", "TORCH"},
        .cells = sw_arena_array(&session->arena, sw_node_count(gpus) * COLUMNS, sizeof(const char *)),
        .rows = sw_node_count(gpus),
    };
    if (table.cells == NULL) {
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    for (size_t i = 0; i < sw_node_count(gpus); i++)
        fill(table.cells + i * COLUMNS, &session->arena, sw_node_item(gpus, i));
    table_print(session, &table);
    return STATUS_DONE;
}
