#include "commands.h"

#include "drafting.h"
#include "output/format.h"
#include "output/say.h"
#include "output/table.h"
#include "tried.h"

#include "author/compatibility.h"
#include "author/copies.h"
#include "author/upgrade.h"
#include "base/text.h"
#include "data/finding_json.h"
#include "profile/values.h"
#include "project/fixing.h"
#include "project/grants.h"
#include "project/held_lock.h"
#include "project/prepared.h"
#include "project/writing.h"

enum { COLUMNS = 5 };

/* A run of the command. */
struct upgrade {
    struct session *session;
    const struct sw_catalog *catalog;
    const char *path; /* of the old profile */
    const char *name; /* of the new profile */
    struct sw_prepared before, after;
    struct sw_findings was, is; /* findings of check, old and new */
    struct sw_fixing fixing;
    struct sw_checklist checklist;
    struct sw_copies copies;
    const struct sw_node *table;
};

static void release(struct upgrade *upgrade)
{
    sw_copies_release(&upgrade->copies);
    sw_fixing_release(&upgrade->fixing);
    sw_prepared_release(&upgrade->after);
    sw_prepared_release(&upgrade->before);
    sw_findings_release(&upgrade->is);
    sw_findings_release(&upgrade->was);
}

/* ---- making it ---- */

static int look(struct sw_prepared *prepared, struct upgrade *upgrade, const char *path,
                const struct sw_profile_source *source, struct sw_findings *findings, struct sw_error *error)
{
    int code = sw_prepare_from(prepared, &upgrade->session->project, path, source, upgrade->catalog, findings,
                               error);
    return code == 0
               ? sw_prepared_check(prepared, &upgrade->session->project, upgrade->catalog, findings, error)
               : code;
}

/* Edits that are made whatever check says of each alone. */
static int apply(struct upgrade *upgrade, const struct sw_node *root, const struct sw_finding *edits,
                 struct sw_error *error)
{
    return edits->fix_count == 0 ? 0 : sw_fix_apply(&upgrade->fixing.fix, root, upgrade->path, edits, error);
}

/* Prepare the profile with the edits so far; SW_ENO if they have made it unreadable. */
static int look_again(struct sw_prepared *now, struct upgrade *upgrade, struct sw_error *error)
{
    const struct sw_profile_source source = sw_fix_source(&upgrade->fixing.fix);
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = sw_prepare_from(now, &upgrade->session->project, upgrade->path, &source, upgrade->catalog,
                               &findings, error);
    if (code != 0 || now->plan.root != NULL)
        return code;
    return sw_fail(error, SW_ENO, "%s",
                   findings.count > 0 ? findings.items[0]->message : "the profile cannot be read");
}

static int begin(struct upgrade *upgrade, struct sw_findings *list, struct sw_error *error)
{
    const struct sw_texts *wanted = &upgrade->session->options.releases;
    struct sw_finding *edits = sw_findings_add(list, "", SW_NOTE, "what was asked for");
    int code = sw_upgrade_begin(list, edits, &upgrade->before.profile, &upgrade->before.plan,
                                upgrade->catalog, wanted->items, wanted->count, error);
    return code == 0 ? apply(upgrade, upgrade->before.profile.root, edits, error) : code;
}

static int pin(bool *moved, struct upgrade *upgrade, struct sw_findings *list, struct sw_error *error)
{
    SW_PREPARED_AUTO now = {0};
    struct sw_finding *edits = sw_findings_add(list, "", SW_NOTE, "pins");
    int code = look_again(&now, upgrade, error);
    if (code == 0)
        code = sw_upgrade_pin(list, edits, upgrade->before.profile.root, now.profile.root, error);
    *moved = edits->fix_count > 0;
    return code == 0 ? apply(upgrade, now.profile.root, edits, error) : code;
}

static int check_wishes(struct upgrade *upgrade, struct sw_error *error)
{
    SW_PREPARED_AUTO now = {0};
    const struct sw_texts *wanted = &upgrade->session->options.releases;
    int code = look_again(&now, upgrade, error);
    return code == 0 ? sw_upgrade_holds(now.profile.root, wanted->items, wanted->count, error) : code;
}

static int assert_all(struct upgrade *upgrade, struct sw_findings *list, struct sw_error *error)
{
    SW_PREPARED_AUTO now = {0};
    struct sw_finding *edits = sw_findings_add(list, "", SW_NOTE, "the checklist");
    int code = look_again(&now, upgrade, error);
    if (code == 0)
        code = sw_upgrade_assert(&upgrade->checklist, list, edits, upgrade->before.profile.root, &now.profile,
                                 &now.plan, upgrade->catalog, error);
    return code == 0 ? apply(upgrade, now.profile.root, edits, error) : code;
}

/* The copies lie in one folder. */
static int write_copies(struct upgrade *upgrade, struct sw_error *error)
{
    struct sw_writing writing = {0};
    int code =
        sw_writing_begin(&writing, &upgrade->session->project, &upgrade->copies.items[0].path, 1, error);
    if (code == 0)
        code = sw_copies_write(&upgrade->copies, error);
    sw_writing_end(&writing);
    return code;
}

/* The packages of a profile; NULL if they are not known. */
static int find_set(const struct sw_resolution **set, struct upgrade *upgrade,
                    const struct sw_prepared *prepared, struct sw_error *error)
{
    const struct sw_pylock *lock;
    int code = sw_prepared_set(&lock, &upgrade->session->arena, prepared, &upgrade->session->project,
                               upgrade->catalog, error);
    *set = code == 0 && lock != NULL ? &lock->set : NULL;
    return code;
}

static int compare(struct upgrade *upgrade, struct sw_error *error)
{
    struct sw_stack_side before = {&upgrade->before.profile, &upgrade->before.plan, &upgrade->was, NULL},
                         after = {&upgrade->after.profile, &upgrade->after.plan, &upgrade->is, NULL};
    int code = find_set(&before.set, upgrade, &upgrade->before, error);
    if (code == 0)
        code = find_set(&after.set, upgrade, &upgrade->after, error);
    return code == 0 ? sw_compatibility(&upgrade->table, &upgrade->session->arena, &before, &after,
                                        upgrade->catalog, error)
                     : code;
}

/* Make the new profile in memory, with the findings of check. `list` holds the findings that the edits and
 * the checklist come from. */
static int make(struct upgrade *upgrade, struct sw_findings *list, struct sw_error *error)
{
    enum { MOST_ROUNDS = 8 };
    bool moved = true;
    int code = begin(upgrade, list, error);
    for (int round = 0; code == 0 && moved && round < MOST_ROUNDS;
         round++) { /* a pin may have faults of its own */
        code = sw_fixing_run(&upgrade->fixing, NULL, 0, SW_WARNING, error);
        if (code == 0)
            code = pin(&moved, upgrade, list, error);
    }
    if (code == 0)
        code = check_wishes(upgrade, error);
    if (code == 0)
        code = assert_all(upgrade, list, error);
    if (code == 0)
        code = sw_copies_make(&upgrade->copies, &upgrade->before.profile, &upgrade->fixing.fix, upgrade->name,
                              &upgrade->checklist, error);
    if (code != 0)
        return code;
    const struct sw_profile_source source = sw_copies_source(&upgrade->copies);
    code = look(&upgrade->after, upgrade, upgrade->copies.items[0].path, &source, &upgrade->is, error);
    if (code == 0 && upgrade->after.plan.root == NULL)
        code = sw_fail(error, SW_ENO, "%s",
                       upgrade->is.count > 0 ? upgrade->is.items[0]->message : "the profile cannot be read");
    if (code == 0)
        code = compare(upgrade, error);
    return code == 0 && !upgrade->session->options.dry_run ? write_copies(upgrade, error) : code;
}

/* ---- telling ---- */

static struct sw_node *checklist_json(struct sw_builder *b, const struct upgrade *upgrade)
{
    struct sw_node *list = sw_build_list(b);
    const struct sw_node *assertions = sw_node_get(upgrade->after.profile.root, "assertions");
    for (size_t i = 0; i < sw_node_count(assertions); i++)
        sw_build_append(b, list, sw_node_item(assertions, i));
    return list;
}

static enum status print_json(struct upgrade *upgrade)
{
    struct sw_builder b = {.arena = &upgrade->session->arena};
    struct sw_node *root = sw_build_map(&b), *files = sw_build_list(&b);
    for (size_t i = 0; i < upgrade->copies.count; i++)
        sw_build_append(&b, files, sw_build_text(&b, upgrade->copies.items[i].path));
    sw_build_set(&b, root, "old", sw_build_text(&b, upgrade->before.profile.name));
    sw_build_set(&b, root, "new", sw_build_text(&b, upgrade->name));
    sw_build_set(&b, root, "files", files);
    sw_build_set(&b, root, "written", sw_build_bool(&b, !upgrade->session->options.dry_run));
    sw_build_set(&b, root, "table", upgrade->table);
    sw_build_set(&b, root, "checklist", checklist_json(&b, upgrade));
    sw_build_set(&b, root, "fixes", tried_json(&b, &upgrade->fixing, 0));
    sw_build_set(&b, root, "findings", sw_findings_json(&b, &upgrade->is));
    return format_node(upgrade->session, b.failed ? NULL : root, true);
}

static bool print_table(struct session *session, const struct sw_node *rows)
{
    static const char *const keys[COLUMNS] = {"component", "old", "new", "verdict", "why"};
    struct table table = {
        .columns = COLUMNS,
        .titles = {"COMPONENT", "OLD", "NEW", "VERDICT", "WHY"},
        .cells = sw_arena_array(&session->arena, sw_node_count(rows) * COLUMNS + 1, sizeof(const char *)),
        .rows = sw_node_count(rows)};
    bool whole = table.cells != NULL;
    for (size_t i = 0; whole && i < sw_node_count(rows) * COLUMNS; i++) {
        const char *key = keys[i % COLUMNS];
        const char *text = sw_node_text(sw_node_get(sw_node_item(rows, i / COLUMNS), key),
                                        strcmp(key, "why") == 0 ? "" : "-");
        table.cells[i] = sw_text_clean(&session->arena, sw_str_from(text));
        whole = table.cells[i] != NULL;
    }
    if (whole)
        table_print(session, &table);
    return whole;
}

static void print_checklist(const struct upgrade *upgrade)
{
    FILE *out = upgrade->session->out;
    const struct sw_node *assertions = sw_node_get(upgrade->after.profile.root, "assertions");
    if (sw_node_count(assertions) > 0)
        say(out, "\nasserted by the build and by 'slipway verify %s':\n", upgrade->name);
    for (size_t i = 0; i < sw_node_count(assertions); i++) {
        const struct sw_node *row = sw_node_item(assertions, i);
        const char *module = sw_node_text(sw_node_get(row, "import"), NULL);
        if (module != NULL)
            say(out, "  import %s\n", module);
        else
            say(out, "  %s %s\n", sw_node_text(sw_node_get(row, "that"), ""),
                sw_node_text(sw_node_get(row, "is"), ""));
    }
}

static enum status print_text(struct upgrade *upgrade)
{
    struct session *session = upgrade->session;
    struct sw_error error;
    if (!print_table(session, upgrade->table)) {
        (void)sw_fail_memory(&error);
        return session_fail(session, &error);
    }
    print_checklist(upgrade);
    const char *old = upgrade->before.profile.name;
    say_own(session->out, upgrade->copies.count > 0 ? "\n" : "");
    for (size_t i = 0; i < upgrade->copies.count; i++)
        say(session->out, "%s %s\n", session->options.dry_run ? "would write" : "wrote",
            upgrade->copies.items[i].path);
    say(session->out,
        "the way back: '%s' stays as it is: slipway build %s; where both share a tag, slipway "
        "rollback %s\n",
        old, old, old);
    if (!session->options.quiet)
        format_aside(session, &upgrade->is);
    return STATUS_DONE;
}

/* ---- the command ---- */

/* --name, else the old name and the first thing that was asked for. */
static int choose_name(struct upgrade *upgrade, struct sw_error *error)
{
    struct session *session = upgrade->session;
    const char *old = upgrade->before.profile.name;
    const char *both = sw_arena_format(&session->arena, "%s-%s", old, session->options.releases.items[0]);
    upgrade->name = session->options.name != NULL ? session->options.name
                    : both == NULL                ? NULL
                                                  : drafting_name(&session->arena, both);
    const char *wrong = upgrade->name == NULL ? NULL : sw_value_name(sw_str_from(upgrade->name));
    if (upgrade->name == NULL)
        return sw_fail_memory(error);
    return wrong == NULL ? 0 : sw_fail(error, SW_EINPUT, "'%s' %s", upgrade->name, wrong);
}

static enum status run(struct upgrade *upgrade)
{
    struct session *session = upgrade->session;
    struct sw_error error;
    SW_FINDINGS_AUTO list;
    sw_findings_init(&list);
    const struct sw_profile_source source = sw_grants_source(&session->project);
    int code = look(&upgrade->before, upgrade, upgrade->path, &source, &upgrade->was, &error);
    if (code == 0 && upgrade->before.plan.root == NULL)
        return format_refusal(session, &upgrade->was);
    if (code == 0)
        code = choose_name(upgrade, &error);
    if (code == 0)
        code = make(upgrade, &list, &error);
    if (code != 0)
        return session_fail(session, &error);
    enum status printed = session->format == FORMAT_JSON ? print_json(upgrade) : print_text(upgrade);
    return printed == STATUS_DONE ? findings_status(&upgrade->is) : printed;
}

enum status command_upgrade(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_texts paths = {0};
    struct sw_error error;
    int code = session_choose_profiles(&paths, session, false, &error);
    if (code == 0 && session->options.releases.count == 0) {
        (void)sw_fail(&error, SW_EINPUT, "upgrade wants to know to what");
        code = sw_error_hint(&error, "such as --to torch==2.8.0+cu128 or --to 'bitsandbytes>=0.45.5'");
    }
    if (code == 0)
        code = sw_catalog_load(&catalog, session->project.overrides, &error);
    if (code != 0)
        return session_fail(session, &error);
    struct upgrade upgrade = {.session = session, .catalog = &catalog, .path = paths.items[0]};
    sw_findings_init(&upgrade.was);
    sw_findings_init(&upgrade.is);
    sw_fixing_init(&upgrade.fixing, &session->project, &catalog, upgrade.path);
    upgrade.fixing.copied = true;
    enum status status = run(&upgrade);
    release(&upgrade);
    return status;
}
