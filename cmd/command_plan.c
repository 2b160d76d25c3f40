#include "commands.h"

#include "lock_shown.h"
#include "output/format.h"
#include "output/say.h"

#include "data/json.h"
#include "profile/needs.h"
#include "project/committed.h"
#include "project/prepared.h"
#include "project/records.h"

/* Return true for a key of a locked plan that repeats the table of packages in another form. */
static bool is_of_lock(struct sw_str key)
{
    return sw_str_is(key, "lock") || sw_str_is(key, "installs") || sw_str_is(key, "constraints");
}

/* Print a key for people: a scalar on the line of the key, each item of a list on a line of its own, and
 * everything else as JSON. */
static void print_member(FILE *to, const struct sw_member *member, bool locked)
{
    const struct sw_node *value = member->value;
    if (sw_node_empty(value) || (locked && is_of_lock(member->key)))
        return;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1 << 20);
    say(to, "%s:", member->key.p);
    if (sw_node_type(value) != SW_NODE_LIST) {
        if (sw_node_type(value) == SW_NODE_MAP)
            sw_json_write(&text, value, SW_JSON_COMPACT);
        say(to, " %s\n", sw_node_type(value) == SW_NODE_MAP ? text.p : sw_node_text(value, ""));
        return;
    }
    say(to, "\n");
    for (size_t i = 0; i < sw_node_count(value); i++) {
        sw_buffer_clear(&text);
        bool scalar = sw_node_text(sw_node_item(value, i), NULL) != NULL;
        if (!scalar)
            sw_json_write(&text, sw_node_item(value, i), SW_JSON_COMPACT);
        say(to, "  %s\n", scalar ? sw_node_text(sw_node_item(value, i), "") : text.p);
    }
}

/* The profile as it was committed. */
static enum status prepare_committed(struct sw_prepared *prepared, struct session *session,
                                     struct sw_catalog *catalog, const char *word)
{
    SW_HISTORY_AUTO *history = NULL;
    SW_FINDINGS_AUTO findings;
    struct sw_error error;
    sw_findings_init(&findings);
    int code = sw_records_open(&history, &session->project, &error);
    if (code == 0)
        code = sw_catalog_load(catalog, session->project.overrides, &error);
    if (code == 0)
        code = sw_committed_prepare(prepared, &session->project, history, word, catalog, &findings, &error);
    if (code == 0)
        sw_profile_needs_secrets(&prepared->profile, &session->project.permissions, SW_WARNING, &findings);
    if (code == 0)
        code = sw_prepared_check(prepared, &session->project, catalog, &findings, &error);
    return session_tell_prepared(session, code, &findings, &error);
}

/* Answer --why. */
static int explain(struct session *session, const struct sw_prepared *prepared, struct sw_error *error)
{
    if (prepared->lock != NULL)
        return lock_print_why(session, prepared->lock, session->options.why, error);
    (void)sw_fail(error, SW_EINPUT, "the profile has no lock that says what requires '%s'",
                  session->options.why);
    return sw_error_hint(error, "slipway lock %s", prepared->profile.name);
}

enum status command_plan(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_PREPARED_AUTO prepared = {0};
    const struct sw_texts *words = &session->options.arguments;
    enum status status = words->count == 1 && sw_committed_is_named(words->items[0])
                             ? prepare_committed(&prepared, session, &catalog, words->items[0])
                             : session_prepare(&prepared, session, &catalog, true);
    if (status != STATUS_DONE || prepared.plan.root == NULL)
        return status;
    struct sw_error error;
    if (session->options.why != NULL)
        return explain(session, &prepared, &error) == 0 ? STATUS_DONE : session_fail(session, &error);
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *plan = sw_build_map(&b);
    sw_build_set(&b, plan, "digest", sw_build_text(&b, prepared.plan.digest));
    for (size_t i = 0; i < sw_node_member_count(prepared.plan.root); i++)
        sw_build_set(&b, plan, sw_node_member_at(prepared.plan.root, i)->key.p,
                     sw_node_member_at(prepared.plan.root, i)->value);
    if (prepared.lock != NULL && session->format == FORMAT_JSON)
        sw_build_set(&b, plan, "packages", lock_packages(&b, prepared.lock));
    if (session->format == FORMAT_JSON || b.failed)
        return format_node(session, b.failed ? NULL : plan, true);
    for (size_t i = 0; i < sw_node_member_count(plan); i++)
        print_member(session->out, sw_node_member_at(plan, i), prepared.lock != NULL);
    if (prepared.lock != NULL && lock_print(session, prepared.lock, &error) != 0)
        return session_fail(session, &error);
    return STATUS_DONE;
}
