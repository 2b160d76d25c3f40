#include "commands.h"

#include "output/format.h"
#include "output/say.h"
#include "output/table.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/text.h"
#include "data/json.h"
#include "history/compare.h"
#include "history/recipe.h"
#include "project/committed.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"
#include "project/records.h"

enum { COLUMNS = 3 };

/* A side of the comparison, with the parts that hold its texts. */
struct side {
    struct sw_side side;
    struct sw_record_facts facts; /* of a build */
    struct sw_prepared prepared;  /* of a profile as it is now */
    struct sw_rendering rendering;
};

static void release(struct side *side)
{
    sw_rendering_release(&side->rendering);
    sw_prepared_release(&side->prepared);
}

/* Read "NAME@NUMBER"; return false for a profile's name or path. */
static bool is_build(struct sw_str *name, uint64_t *number, const char *word)
{
    const char *at = strrchr(word, '@');
    if (at == NULL || !sw_str_to_u64(sw_str_from(at + 1), number) || *number == 0)
        return false;
    *name = (struct sw_str){word, (size_t)(at - word)};
    return true;
}

static void add_digest(struct sw_builder *b, struct sw_node *digests, const char *name, struct sw_str text)
{
    char digest[SW_SHA256_HEX_SIZE];
    b->failed = !sw_sha256_hex(text, digest) || b->failed;
    sw_build_set(b, digests, name, sw_build_text(b, digest));
}

/* Return true unless the key of a locked plan says again, in passes, which releases `constraints` has a line each. */
static bool is_told_once(struct sw_str key)
{
    return !sw_str_is(key, "lock") && !sw_str_is(key, "installs");
}

/* The plan as it is compared. */
static const struct sw_node *compared(struct sw_builder *b, const struct sw_node *plan)
{
    return sw_node_get(plan, "lock") == NULL ? plan : sw_build_filtered(b, plan, is_told_once);
}

static int read_record(struct side *side, struct session *session, struct sw_history *history,
                       const char *name, uint64_t number, struct sw_error *error)
{
    struct sw_arena *arena = &session->arena;
    struct sw_builder b = {.arena = arena};
    struct sw_node *digests = sw_build_map(&b);
    struct sw_record record;
    struct sw_recipe recipe;
    char digest[SW_SHA256_HEX_SIZE];
    int code = sw_history_find(&record, arena, history, name, number, error);
    if (code == 0)
        code = sw_record_facts_read(&side->facts, arena, history, &record, error);
    if (code == 0)
        code = sw_recipe_read(&recipe, arena, history, &record, error);
    if (code != 0)
        return code;
    for (size_t i = 0; i < recipe.files_count; i++) {
        add_digest(&b, digests, recipe.files[i].name, recipe.files[i].text);
        if (strcmp(recipe.files[i].name, "Dockerfile") == 0)
            side->side.dockerfile = recipe.files[i].text;
    }
    if (recipe.context.p != NULL && sw_sha256_hex(recipe.context, digest))
        side->side.context = sw_arena_text(arena, digest);
    side->side.facts = &side->facts;
    side->side.plan = compared(&b, recipe.plan);
    side->side.installed = recipe.installed;
    side->side.rendered = digests;
    return b.failed ? sw_fail_memory(error) : 0;
}

/* Read a profile as it is now, or as it was committed: its plan, and the digests of the files that the plan
 * is rendered to. */
static int read_profile(struct side *side, struct session *session, struct sw_history *history,
                        const struct sw_catalog *catalog, const char *word, struct sw_findings *findings,
                        struct sw_error *error)
{
    const char *path = NULL;
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *digests = sw_build_map(&b);
    bool committed = sw_committed_is_named(word);
    int code = committed ? sw_committed_prepare(&side->prepared, &session->project, history, word, catalog,
                                                findings, error)
                         : sw_profiles_find(&path, &session->project, word, error);
    if (code == 0 && !committed)
        code = sw_prepare(&side->prepared, &session->project, path, catalog, findings, error);
    if (code != 0 || findings_status(findings) != STATUS_DONE)
        return code;
    code = sw_render(&side->rendering, &side->prepared.plan, SW_RENDER_DOCKER, session->project.overrides,
                     error);
    for (size_t i = 0; code == 0 && i < side->rendering.count; i++)
        add_digest(&b, digests, side->rendering.files[i].name, side->rendering.files[i].text);
    side->side.plan = compared(&b, side->prepared.plan.root);
    side->side.rendered = digests;
    return code == 0 && b.failed ? sw_fail_memory(error) : code;
}

static int read_side(struct side *side, struct session *session, struct sw_history *history,
                     const struct sw_catalog *catalog, const char *word, struct sw_findings *findings,
                     struct sw_error *error)
{
    struct sw_str name;
    uint64_t number = 0;
    side->side.name = word;
    if (!is_build(&name, &number, word))
        return read_profile(side, session, history, catalog, word, findings, error);
    const char *profile = sw_arena_copy(&session->arena, name);
    return profile == NULL ? sw_fail_memory(error)
                           : read_record(side, session, history, profile, number, error);
}

/* ---- as text ---- */

struct rows {
    struct sw_arena *arena;
    struct table table;
    size_t room;
};

/* Anything as people read it. */
static const char *cell(struct sw_arena *arena, const char *what, const struct sw_node *value)
{
    if (sw_node_type(value) == SW_NODE_NULL)
        return "-";
    char text[16] = "";
    if (strcmp(what, "size") == 0 && sw_node_type(value) == SW_NODE_INT)
        sw_text_size(text, (uint64_t)sw_node_integer(value, 0));
    else if (strcmp(what, "seconds") == 0 && sw_node_type(value) == SW_NODE_REAL)
        sw_text_duration(text, (int64_t)(sw_node_real(value, 0) * (double)SW_SECOND_NS));
    if (text[0] != '\0')
        return sw_arena_text(arena, text);
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, SW_MAX_JSON_SIZE);
    if (sw_node_type(value) == SW_NODE_MAP || sw_node_type(value) == SW_NODE_LIST)
        sw_json_write(&json, value, SW_JSON_COMPACT);
    const char *plain = sw_node_text(value, "");
    if (strcmp(what, "id") == 0 && strncmp(plain, "sha256:", 7) == 0)
        return sw_arena_format(arena, "%.12s", plain + 7);
    return sw_text_clean(arena, json.n > 0 ? sw_buffer_str(&json) : sw_node_str(value));
}

static void add_rows(struct rows *rows, const char *prefix, const char *key, const struct sw_node *list)
{
    for (size_t i = 0; i < sw_node_count(list) && rows->table.rows < rows->room; i++) {
        const char *what = sw_node_text(sw_node_get(sw_node_item(list, i), key), "");
        const char **cells = rows->table.cells + rows->table.rows++ * COLUMNS;
        const char *name = sw_arena_format(rows->arena, "%s%s", prefix, what);
        cells[0] = name == NULL ? NULL : sw_text_clean(rows->arena, sw_str_from(name));
        cells[1] = cell(rows->arena, what, sw_node_get(sw_node_item(list, i), "a"));
        cells[2] = cell(rows->arena, what, sw_node_get(sw_node_item(list, i), "b"));
    }
}

static void print_sentences(struct session *session, const struct sw_node *result)
{
    const struct sw_node *files = sw_node_get(result, "files"), *layers = sw_node_get(result, "layers");
    for (size_t i = 0; i < sw_node_count(files); i++)
        say(session->out, "%s%s", i == 0 ? "rendered differently: " : ", ",
            sw_node_text(sw_node_item(files, i), ""));
    if (sw_node_count(files) > 0)
        say(session->out, "\n");
    if (sw_node_type(layers) != SW_NODE_MAP)
        return;
    char step[SW_TEXT_BRIEF];
    sw_text_brief(step, sw_str_from(sw_node_text(sw_node_get(layers, "step"), "the base image")));
    say(session->out, "the images share their first %s layers; the next is of: %s\nwhy: %s\n",
        sw_node_text(sw_node_get(layers, "same"), "0"), step, sw_node_text(sw_node_get(layers, "why"), ""));
}

static enum status print(struct session *session, const struct sw_node *result)
{
    const struct sw_node *plan = sw_node_get(result, "plan"), *installed = sw_node_get(result, "installed"),
                         *image = sw_node_get(result, "image");
    struct rows rows = {.arena = &session->arena,
                        .room = sw_node_count(plan) + sw_node_count(installed) + sw_node_count(image)};
    rows.table = (struct table){
        .columns = COLUMNS,
        .titles = {"WHAT", sw_node_text(sw_node_get(result, "a"), ""),
                   sw_node_text(sw_node_get(result, "b"), "")},
        .cells = sw_arena_array(&session->arena, rows.room * COLUMNS + 1, sizeof(const char *)),
    };
    struct sw_error error;
    bool whole = rows.table.cells != NULL;
    if (whole) {
        add_rows(&rows, "", "path", plan);
        add_rows(&rows, "installed ", "name", installed);
        add_rows(&rows, "image ", "what", image);
    }
    for (size_t i = 0; whole && i < rows.table.rows * COLUMNS; i++)
        whole = rows.table.cells[i] != NULL;
    if (!whole) {
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    if (rows.table.rows > 0)
        table_print(session, &rows.table);
    print_sentences(session, result);
    return STATUS_DONE;
}

static enum status show(struct session *session, const struct side *a, const struct side *b)
{
    const struct sw_node *result = NULL;
    struct sw_error error;
    if (sw_compare(&result, &session->arena, &a->side, &b->side, &error) != 0)
        return session_fail(session, &error);
    return session->format == FORMAT_JSON ? format_node(session, result, true) : print(session, result);
}

/* A profile as it is now is compared without the records. */
static bool needs_history(const struct sw_texts *words)
{
    struct sw_str name;
    uint64_t number;
    for (size_t i = 0; i < words->count; i++) {
        if (is_build(&name, &number, words->items[i]) || sw_committed_is_named(words->items[i]))
            return true;
    }
    return false;
}

enum status command_diff(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_FINDINGS_AUTO findings;
    SW_HISTORY_AUTO *history = NULL;
    struct side sides[2] = {0};
    struct sw_error error = {0};
    const struct sw_texts *words = &session->options.arguments;
    sw_findings_init(&findings);
    int code = 0;
    if (words->count != 2) {
        (void)sw_fail(&error, SW_EINPUT, "diff wants two things to compare");
        code = sw_error_hint(
            &error, "builds such as 'mixtral@3', profiles, or profiles as committed: 'mixtral@{main}'");
    }
    if (code == 0 && needs_history(words))
        code = sw_records_open(&history, &session->project, &error);
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    for (size_t i = 0; code == 0 && i < SW_COUNT(sides) && findings_status(&findings) == STATUS_DONE; i++)
        code = read_side(&sides[i], session, history, &catalog, words->items[i], &findings, &error);
    enum status status = code != 0                                   ? session_fail(session, &error)
                         : findings_status(&findings) != STATUS_DONE ? format_refusal(session, &findings)
                                                                     : show(session, &sides[0], &sides[1]);
    for (size_t i = 0; i < SW_COUNT(sides); i++)
        release(&sides[i]);
    return status;
}
