#include "commands.h"

#include "lock_shown.h"
#include "output/format.h"
#include "output/say.h"

#include "base/text.h"
#include "data/json.h"
#include "data/path.h"
#include "profile/needs.h"
#include "project/committed.h"
#include "project/compiled.h"
#include "project/held_lock.h"
#include "project/prepared.h"
#include "project/records.h"
#include "project/trim_estimate.h"
#include "project/web.h"
#include "python/name.h"

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

/* ---- the projects that are compiled ---- */

/* The way that a project goes, by its file in the set: "wheel" or "compile"; NULL if the set is not known. */
static const char *way_of(const struct sw_pylock *set, struct sw_str project)
{
    for (size_t i = 0; set != NULL && i < set->set.package_count; i++) {
        const struct sw_resolved_package *package = &set->set.packages[i];
        bool is_wheel =
            package->file.kind == SW_RESOLVED_WHEEL || package->file.kind == SW_RESOLVED_URL_WHEEL;
        if (sw_name_equal(sw_str_from(package->name), project))
            return is_wheel ? "wheel" : "compile";
    }
    return NULL;
}

/* [{project, way, last}] of the projects that the plan compiles; last: see sw_compiled_last(). */
static struct sw_node *compiled_projects(struct sw_builder *b, struct session *session,
                                         const struct sw_plan *plan, const struct sw_pylock *set)
{
    const struct sw_node *projects = plan->parts.compile.projects;
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *entry = sw_node_item(projects, i), *name = sw_node_get(entry, "project"),
                             *last = sw_compiled_last(b, &session->project, plan, entry);
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "project", name);
        sw_build_set(b, row, "way", sw_build_text(b, way_of(set, sw_node_str(name))));
        sw_build_set(b, row, "last", last == NULL ? sw_build_null(b) : last);
        sw_build_append(b, list, row);
    }
    return list;
}

/* Print the way that the project went at the last build on this host. */
static void print_last(const struct session *session, const struct sw_node *last)
{
    const char *way = sw_node_text(sw_node_get(last, "way"), ""),
               *wheel = sw_node_text(sw_node_get(last, "wheel"), "");
    int64_t seconds = sw_node_integer(sw_node_get(last, "seconds"), 0);
    if (last == NULL || sw_node_type(last) != SW_NODE_MAP)
        say(session->out, "; no build of this host has had it\n");
    else if (strcmp(way, "index") == 0)
        say(session->out, "; the last build took %s of the index\n", wheel);
    else if (strcmp(way, "page") == 0)
        say(session->out, "; the last build took %s of the project's release page\n", wheel);
    else
        say(session->out, "; the last build %s %s, which took %lld s\n",
            strcmp(way, "cache") == 0 ? "took from the cache" : "compiled", wheel, (long long)seconds);
}

static void print_compiled(const struct session *session, const struct sw_plan *plan,
                           const struct sw_node *list)
{
    const char *gpus = sw_node_text(plan->parts.compile.architectures, ""),
               *kept =
                   sw_node_text(plan->parts.wheels.folder, sw_node_text(plan->parts.wheels.registry, NULL));
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *row = sw_node_item(list, i);
        const char *way = sw_node_text(sw_node_get(row, "way"), NULL);
        say(session->out, "%s: ", sw_node_text(sw_node_get(row, "project"), ""));
        if (way != NULL && strcmp(way, "wheel") == 0)
            say(session->out, "a wheel of the index fits, and is taken");
        else
            say(session->out, "compiled for %s%s, unless the builder's cache%s%s%s has it", gpus,
                way == NULL ? " if no wheel of the index fits" : "", kept == NULL ? "" : " or '",
                kept == NULL ? "" : kept, kept == NULL ? "" : "'");
        print_last(session, sw_node_get(row, "last"));
    }
}

/* Answer --why. */
static enum status explain(struct session *session, const struct sw_pylock *set)
{
    const struct sw_node *root = NULL;
    struct sw_error error;
    struct sw_builder b = {.arena = &session->arena};
    int code = session->format == FORMAT_JSON ? lock_why(&root, &b, set, session->options.why, &error)
                                              : lock_print_why(session, set, session->options.why, &error);
    if (code != 0)
        return session_fail(session, &error);
    return session->format == FORMAT_JSON ? format_node(session, b.failed ? NULL : root, true) : STATUS_DONE;
}

static enum status unexplained(struct session *session, const struct sw_prepared *prepared)
{
    struct sw_error error;
    (void)sw_fail(&error, SW_EINPUT, "the profile has no lock that says what requires '%s'",
                  session->options.why);
    (void)sw_error_hint(&error, "slipway lock %s", prepared->profile.name);
    return session_fail(session, &error);
}

/* ---- the GPU code before and after trim ---- */

static void print_estimate(struct session *session, const struct sw_trim_estimate *estimate)
{
    char kept[16], code[16];
    sw_text_size(kept, estimate->kept);
    sw_text_size(code, estimate->code);
    if (estimate->wheels > 0)
        say(session->out, "trim keeps %s %s of %s of GPU code in %zu wheel%s\n",
            estimate->at_most ? "at most" : "about", kept, code, estimate->wheels,
            estimate->wheels == 1 ? "" : "s");
    for (size_t i = 0; i < estimate->unknown_count; i++)
        say(session->out, "%s%s", i == 0 ? "not judged: what trim keeps of the GPU code in " : ", ",
            estimate->unknown[i]);
    if (estimate->unknown_count > 0)
        say(session->out, "\n");
}

static struct sw_node *estimate_node(struct sw_builder *b, const struct sw_trim_estimate *estimate)
{
    struct sw_node *node = sw_build_map(b), *unknown = sw_build_list(b);
    for (size_t i = 0; i < estimate->unknown_count; i++)
        sw_build_append(b, unknown, sw_build_text(b, estimate->unknown[i]));
    sw_build_set(b, node, "code", sw_build_int(b, (int64_t)estimate->code));
    sw_build_set(b, node, "kept", sw_build_int(b, (int64_t)estimate->kept));
    sw_build_set(b, node, "at_most", sw_build_bool(b, estimate->at_most));
    sw_build_set(b, node, "wheels", sw_build_int(b, (int64_t)estimate->wheels));
    sw_build_set(b, node, "not_judged", unknown);
    return node;
}

/* ---- the plan ---- */

/* The packages that the plan installs, if they are known, and their GPU code. */
struct shown {
    const struct sw_pylock *set; /* NULL: not known */
    bool trims;
    struct sw_trim_estimate estimate; /* if `trims` and `set` */
};

static enum status print_plan(struct session *session, const struct sw_prepared *prepared,
                              const struct sw_node *plan, const struct sw_node *compiled,
                              const struct shown *shown)
{
    struct sw_error error;
    for (size_t i = 0; i < sw_node_member_count(plan); i++)
        print_member(session->out, sw_node_member_at(plan, i), prepared->lock != NULL);
    print_compiled(session, &prepared->plan, compiled);
    if (shown->set != NULL && lock_print(session, shown->set, &error) != 0)
        return session_fail(session, &error);
    if (shown->set != NULL && prepared->lock == NULL)
        say(session->out, "as it resolves today: 'slipway lock %s' keeps it\n", prepared->profile.name);
    if (shown->trims && shown->set != NULL)
        print_estimate(session, &shown->estimate);
    else if (shown->trims)
        say(session->out, "not judged: what trim keeps, since the packages are not known\n");
    return STATUS_DONE;
}

static enum status show_plan(struct session *session, const struct sw_prepared *prepared,
                             const struct shown *shown)
{
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *plan = sw_build_map(&b);
    sw_build_set(&b, plan, "digest", sw_build_text(&b, prepared->plan.digest));
    for (size_t i = 0; i < sw_node_member_count(prepared->plan.root); i++)
        sw_build_set(&b, plan, sw_node_member_at(prepared->plan.root, i)->key.p,
                     sw_node_member_at(prepared->plan.root, i)->value);
    const struct sw_node *compiled = compiled_projects(&b, session, &prepared->plan, shown->set);
    if (session->format != FORMAT_JSON && !b.failed)
        return print_plan(session, prepared, plan, compiled, shown);
    if (sw_node_count(compiled) > 0)
        sw_build_set(&b, plan, "compiled", compiled);
    if (shown->set != NULL)
        sw_build_set(&b, plan, "packages", lock_packages(&b, shown->set));
    if (shown->trims)
        sw_build_set(&b, plan, "trim_estimate",
                     shown->set == NULL ? sw_build_null(&b) : estimate_node(&b, &shown->estimate));
    return format_node(session, b.failed ? NULL : plan, true);
}

enum status command_plan(struct session *session)
{
    SW_CATALOG_AUTO catalog = {0};
    SW_PREPARED_AUTO prepared = {0};
    const struct sw_texts *words = &session->options.arguments;
    session->project.stale_locks = SW_STALE_JUDGED;
    enum status status = words->count == 1 && sw_committed_is_named(words->items[0])
                             ? prepare_committed(&prepared, session, &catalog, words->items[0])
                             : session_prepare(&prepared, session, &catalog, true);
    if (status != STATUS_DONE || prepared.plan.root == NULL)
        return status;
    struct sw_error error;
    const struct sw_pylock *set;
    if (sw_prepared_set(&set, &session->arena, &prepared, &session->project, &catalog, &error) != 0)
        return session_fail(session, &error);
    if (session->options.why != NULL)
        return set == NULL ? unexplained(session, &prepared) : explain(session, set);
    struct shown shown = {.set = set, .trims = sw_node_type(prepared.plan.parts.trim) == SW_NODE_MAP};
    if (shown.trims && set != NULL &&
        sw_trim_estimate(&shown.estimate, &session->arena, &catalog, &prepared.plan, &set->set, &error) != 0)
        return session_fail(session, &error);
    return show_plan(session, &prepared, &shown);
}
