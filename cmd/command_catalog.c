#include "commands.h"

#include "output/format.h"
#include "output/say.h"
#include "output/table.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "drift/drift.h"
#include "project/web.h"

#include <sys/stat.h>
#include <time.h>

static const char *const state_words[] = {[SW_DRIFT_OPEN] = "open",
                                          [SW_DRIFT_PART] = "part",
                                          [SW_DRIFT_SETTLED] = "settled",
                                          [SW_DRIFT_DIFFERS] = "differs"};
enum { STATES = 4 };

static void count_states(size_t counts[STATES], const struct sw_drift *drift, const char *file)
{
    memset(counts, 0, STATES * sizeof *counts);
    for (size_t i = 0; i < drift->count; i++) {
        if (file == NULL || strcmp(drift->rows[i].file, file) == 0)
            counts[sw_drift_state(&drift->rows[i])]++;
    }
}

/* ---- for programs ---- */

static const struct sw_node *rows_node(struct sw_builder *b, const struct sw_drift *drift)
{
    struct sw_node *root = sw_build_map(b), *rows = sw_build_list(b), *states = sw_build_map(b);
    size_t counts[STATES];
    count_states(counts, drift, NULL);
    for (size_t i = 0; i < STATES; i++)
        sw_build_set(b, states, state_words[i], sw_build_int(b, (int64_t)counts[i]));
    for (size_t i = 0; i < drift->count; i++) {
        const struct sw_drift_row *row = &drift->rows[i];
        struct sw_node *node = sw_build_map(b);
        sw_build_set(b, node, "file", sw_build_text(b, sw_node_file(row->at)));
        sw_build_set(b, node, "line", sw_build_int(b, sw_node_line(row->at)));
        sw_build_set(b, node, "row", sw_build_text(b, row->name));
        sw_build_set(b, node, "state", sw_build_text(b, state_words[sw_drift_state(row)]));
        sw_build_set(b, node, "open", sw_build_text(b, row->open));
        sw_build_append(b, rows, node);
    }
    sw_build_set(b, root, "rows", rows);
    sw_build_set(b, root, "states", states);
    sw_build_set(b, root, "wheels_read", sw_build_int(b, (int64_t)drift->wheels));
    sw_build_set(b, root, "bytes_read", sw_build_int(b, (int64_t)drift->bytes));
    return root;
}

/* ---- for people ---- */

/* Each file of the catalog with its counts. */
static int print_counts(struct session *session, const struct sw_drift *drift, struct sw_error *error)
{
    enum { COLUMNS = 6 };
    struct table table = {.columns = COLUMNS,
                          .right = {false, true, true, true, true, true},
                          .titles = {"FILE", "ROWS", "SETTLED", "IN PART", "OPEN", "DIFFER"}};
    table.cells = sw_arena_array(&session->arena, (drift->count + 1) * COLUMNS, sizeof *table.cells);
    if (table.cells == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < drift->count; i++) {
        const char *file = drift->rows[i].file;
        size_t counts[STATES];
        if (i > 0 && strcmp(drift->rows[i - 1].file, file) == 0)
            continue;
        count_states(counts, drift, file);
        const size_t shown[] = {counts[0] + counts[1] + counts[2] + counts[3], counts[SW_DRIFT_SETTLED],
                                counts[SW_DRIFT_PART], counts[SW_DRIFT_OPEN], counts[SW_DRIFT_DIFFERS]};
        const char **cells = table.cells + COLUMNS * table.rows++;
        cells[0] = file;
        for (size_t k = 0; k < SW_COUNT(shown); k++) {
            cells[k + 1] = sw_arena_format(&session->arena, "%zu", shown[k]);
            if (cells[k + 1] == NULL)
                return sw_fail_memory(error);
        }
    }
    table_print(session, &table);
    return 0;
}

/* Print the rows that no wheel settled; rows of one file with an equal reason share a line. */
static void print_open(struct session *session, const struct sw_drift *drift)
{
    for (size_t i = 0; i < drift->count; i++) {
        const struct sw_drift_row *row = &drift->rows[i], *last = i == 0 ? NULL : row - 1;
        if (row->open == NULL)
            continue;
        bool same = last != NULL && last->open != NULL && strcmp(last->open, row->open) == 0 &&
                    strcmp(last->file, row->file) == 0;
        say(session->out, same ? ", %s" : "%s", same ? row->name : "not settled by wheels: ");
        if (!same)
            say(session->out, "%s:%u: %s", sw_node_file(row->at), sw_node_line(row->at), row->name);
        bool ends = i + 1 == drift->count || drift->rows[i + 1].open == NULL ||
                    strcmp(drift->rows[i + 1].open, row->open) != 0 ||
                    strcmp(drift->rows[i + 1].file, row->file) != 0;
        if (ends)
            say(session->out, " (%s)\n", row->open);
    }
}

static void print_cost(struct session *session, const struct sw_drift *drift)
{
    char size[16];
    sw_text_size(size, drift->bytes);
    if (!session->options.quiet)
        say(session->err, "read %s of %llu wheels\n", size, (unsigned long long)drift->wheels);
}

/* ---- the command ---- */

static void warn(void *self, const struct sw_event *event)
{
    const struct session *session = self;
    if (event->kind == SW_EVENT_WARNING)
        say(session->err, "warning: %.*s\n", SW_STR_FORMAT(event->text));
}

/* The words behind `verify`, as files of the catalog. */
static int choose_files(const char ***files, struct session *session, struct sw_error *error)
{
    const struct sw_texts *words = &session->options.arguments;
    if (words->count == 0 || strcmp(words->items[0], "verify") != 0) {
        (void)sw_fail(error, SW_EINPUT, "catalog wants to be told what to do");
        return sw_error_hint(error, "'slipway catalog verify' holds it against the wheels, 'slipway catalog "
                                    "update' adds rows for new releases");
    }
    *files = sw_arena_array(&session->arena, words->count, sizeof **files);
    if (*files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 1; i < words->count; i++) {
        (*files)[i - 1] = sw_drift_file(words->items[i]);
        if ((*files)[i - 1] == NULL)
            return sw_fail(error, SW_EINPUT, "the catalog has no file '%s'", words->items[i]);
    }
    return 0;
}

/* Fill in the index and the cache that the wheels are read through. */
static int open_input(struct sw_drift_input *input, struct session *session, struct sw_error *error)
{
    int code = sw_project_index(&input->index, &session->project, error);
    if (code != 0)
        return code;
    input->cache = (struct sw_cache){.fetcher = session->project.web->fetcher,
                                     .store = session->project.web->store,
                                     .offline = session->options.offline};
    input->folder = session->project.web->folder;
    return 0;
}

static int read_drift(struct sw_drift *drift, struct session *session, const struct sw_catalog *catalog,
                      const char *const *files, struct sw_findings *findings, struct sw_error *error)
{
    const struct sw_sink sink = {warn, session};
    struct sw_drift_input input = {.catalog = catalog,
                                   .files = files,
                                   .file_count = session->options.arguments.count - 1,
                                   .sink = &sink};
    int code = open_input(&input, session, error);
    return code != 0 ? code : sw_drift_read(drift, &input, findings, error);
}

static enum status print(struct session *session, const struct sw_drift *drift,
                         const struct sw_findings *findings)
{
    struct sw_builder b = {.arena = &session->arena};
    struct sw_error error;
    enum status status = format_result_with(session, findings, rows_node(&b, drift));
    if (session->format == FORMAT_JSON || session->format == FORMAT_SARIF || session->options.quiet)
        return status;
    if (print_counts(session, drift, &error) != 0)
        return session_fail(session, &error);
    print_open(session, drift);
    print_cost(session, drift);
    return status;
}

/* In a checkout of slipway itself its files are read, so that an edit need not be built in first. */
static const char *catalog_root(struct session *session)
{
    struct stat status;
    const char *here = sw_project_path(&session->project, "."),
               *folder = sw_project_path(&session->project, "profiles/catalog");
    bool is_checkout = folder != NULL && stat(folder, &status) == 0 && S_ISDIR(status.st_mode);
    return session->project.overrides == NULL && is_checkout ? here : session->project.overrides;
}

/* ---- update ---- */

struct updating {
    struct session *session;
    const char *path; /* of code.yaml */
    size_t added;
};

/* Write the row at once, so that an interrupted run keeps its rows. */
static int add_row(void *self, const struct sw_drift_new *row, struct sw_error *error)
{
    struct updating *updating = self;
    struct session *session = updating->session;
    if (row->line == NULL) {
        say(session->err, "warning: %s %s: %s\n", row->project, row->version,
            row->why == NULL ? "could not be read" : row->why);
        return 0;
    }
    SW_BUFFER_AUTO text, with;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    sw_buffer_init(&with, SW_MAX_YAML_SIZE);
    int code = sw_file_read(&text, updating->path, error);
    if (code != 0)
        return code;
    sw_drift_insert(&with, sw_buffer_str(&text), row);
    code = sw_buffer_check(&with, updating->path, error);
    if (code == 0)
        code = sw_file_rewrite(updating->path, sw_buffer_str(&with), error);
    if (code != 0)
        return code;
    char size[16];
    sw_text_size(size, row->size);
    updating->added++;
    if (!session->options.quiet)
        say(session->out, "%s %s (%s)\n", row->project, row->version, size);
    return 0;
}

static int update(struct session *session, struct updating *updating, struct sw_error *error)
{
    SW_CATALOG_AUTO catalog = {0};
    const char *root = catalog_root(session);
    struct stat status;
    updating->path =
        root == NULL ? NULL : sw_arena_format(&session->arena, "%s/profiles/catalog/code.yaml", root);
    if (updating->path == NULL || stat(updating->path, &status) != 0) {
        (void)sw_fail(error, SW_EINPUT, "no catalog to update here");
        return sw_error_hint(error, "run it in a checkout of slipway, whose catalog is in profiles/catalog/");
    }
    char date[] = "0000-00-00";
    time_t now = time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) != NULL)
        (void)strftime(date, sizeof date, "%Y-%m-%d", &day);
    const struct sw_sink sink = {warn, session};
    struct sw_drift_input input = {.catalog = &catalog, .sink = &sink};
    int code = sw_catalog_load(&catalog, root, error);
    if (code == 0)
        code = open_input(&input, session, error);
    const struct sw_drift_taker taker = {add_row, updating};
    return code != 0 ? code : sw_drift_update(&input, date, &taker, error);
}

static enum status command_update(struct session *session)
{
    struct updating updating = {.session = session};
    struct sw_error error;
    int code = update(session, &updating, &error);
    if (code != 0)
        return session_fail(session, &error);
    if (!session->options.quiet)
        say(session->err, "%zu rows added to %s\n", updating.added, updating.path);
    return STATUS_DONE;
}

enum status command_catalog(struct session *session)
{
    const struct sw_texts *words = &session->options.arguments;
    if (words->count == 1 && strcmp(words->items[0], "update") == 0)
        return command_update(session);
    SW_CATALOG_AUTO catalog = {0};
    SW_DRIFT_AUTO drift = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    struct sw_error error;
    const char **files = NULL;
    int code = choose_files(&files, session, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, catalog_root(session), &error);
    if (code == 0)
        code = read_drift(&drift, session, &catalog, files, &findings, &error);
    return code == 0 ? print(session, &drift, &findings) : session_fail(session, &error);
}
