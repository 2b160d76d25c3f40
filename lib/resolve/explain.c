#include "resolve/explain_internal.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdlib.h>

/* The most releases that are named by their versions. */
enum { NAMED = 3 };

/* -- the facts of a proof --------------------------------------------------------------------------------------- */

struct leaves {
    const struct sw_incompatibility **items;
    size_t count, room;
};

static int push(struct leaves *leaves, const struct sw_incompatibility *item)
{
    if (leaves->count == leaves->room) {
        size_t room = leaves->room == 0 ? 64 : 2 * leaves->room;
        const struct sw_incompatibility **more = reallocarray((void *)leaves->items, room, sizeof *more);
        if (more == NULL)
            return sw_fail_memory(NULL);
        leaves->items = more;
        leaves->room = room;
    }
    leaves->items[leaves->count++] = item;
    return 0;
}

/* A set of pointers, open addressing. */
struct seen {
    const void **slots;
    size_t size, used;
};

static const void **seen_slot(const struct seen *seen, const void *item)
{
    size_t at = (size_t)(((uintptr_t)item >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (seen->size - 1);
    while (seen->slots[at] != NULL && seen->slots[at] != item)
        at = (at + 1) & (seen->size - 1);
    return &seen->slots[at];
}

/* Set `fresh` if the item was not seen before. */
static int see(bool *fresh, struct seen *seen, const void *item)
{
    if (seen->used * 2 >= seen->size) {
        struct seen larger = {.size = seen->size == 0 ? 1024 : 2 * seen->size, .used = seen->used};
        larger.slots = calloc(larger.size, sizeof *larger.slots);
        if (larger.slots == NULL)
            return sw_fail_memory(NULL);
        for (size_t i = 0; i < seen->size; i++) {
            if (seen->slots[i] != NULL)
                *seen_slot(&larger, seen->slots[i]) = seen->slots[i];
        }
        free((void *)seen->slots);
        *seen = larger;
    }
    const void **slot = seen_slot(seen, item);
    *fresh = *slot == NULL;
    seen->used += *fresh;
    *slot = item;
    return 0;
}

/* Walk the proof from left to right and gather its facts, each once. */
static int gather(struct leaves *facts, const struct sw_incompatibility *proof)
{
    struct leaves stack = {0};
    struct seen seen = {0};
    int code = push(&stack, proof);
    while (code == 0 && stack.count > 0) {
        const struct sw_incompatibility *item = stack.items[--stack.count];
        bool fresh = false;
        code = see(&fresh, &seen, item);
        if (code != 0 || !fresh)
            continue;
        if (item->left == NULL) {
            code = push(facts, item);
            continue;
        }
        code = push(&stack, item->right);
        if (code == 0)
            code = push(&stack, item->left);
    }
    free((void *)stack.items);
    free((void *)seen.slots);
    return code;
}

/* -- words ------------------------------------------------------------------------------------------------------ */

static void add_version(struct sw_buffer *text, const struct sw_package *project, size_t release)
{
    sw_version_write(text, &project->page->releases[release].version);
}

static void add_name(struct sw_buffer *text, const struct sw_package *project)
{
    sw_buffer_add_text(text, project->name);
    if (project->extra != NULL)
        sw_buffer_addf(text, "[%s]", project->extra);
}

/* Append the releases of a set as a subject, "torch 2.4.0 and 2.4.1"; return true if the verb must be plural. */
static bool add_releases(struct sw_buffer *text, const struct sw_package *project, const uint64_t *set)
{
    size_t words = sw_set_words(project->releases), count = 0, first = SIZE_MAX, last = SIZE_MAX;
    for (size_t i = sw_set_next(set, 0, words); i < project->releases; i = sw_set_next(set, i + 1, words)) {
        first = first == SIZE_MAX ? i : first;
        last = i;
        count++;
    }
    bool all = count == project->releases && count > 1;
    if (all)
        sw_buffer_add_text(text, "all releases of ");
    else if (count > NAMED && last - first + 1 != count)
        sw_buffer_addf(text, "%zu releases of ", count);
    add_name(text, project);
    if (project->page == NULL || all || count == 0)
        return all;
    if (count > NAMED) {
        sw_buffer_add_text(text, last - first + 1 == count ? " " : " between ");
        add_version(text, project, last);
        sw_buffer_add_text(text, last - first + 1 == count ? " to " : " and ");
        add_version(text, project, first);
        return true;
    }
    for (size_t i = project->releases, at = 0; i > 0; i--) {
        if (!sw_set_has(set, i - 1))
            continue;
        sw_buffer_add_text(text, at == 0 ? " " : at + 1 == count ? " and " : ", ");
        add_version(text, project, i - 1);
        at++;
    }
    return count > 1;
}

/* Return Requires-Python of the first of the releases. */
static const char *python_of(const struct sw_package *project, const uint64_t *set)
{
    size_t first = sw_set_next(set, 0, sw_set_words(project->releases));
    const struct sw_index_file *file = first < project->releases ? project->base->states[first].file : NULL;
    return file == NULL ? "" : file->requires_python;
}

static void add_verdict(struct sw_buffer *text, const struct sw_fact *fact, const uint64_t *set)
{
    bool plural = add_releases(text, fact->about, set);
    switch (fact->verdict) {
    case SW_VERDICT_PRERELEASE:
        sw_buffer_add_text(text, plural ? " are pre-releases, which nobody asks for"
                                        : " is a pre-release, which nobody asks for");
        break;
    case SW_VERDICT_YANKED:
        sw_buffer_add_text(text, plural ? " are yanked" : " is yanked");
        break;
    case SW_VERDICT_PYTHON:
        sw_buffer_addf(text, "%s another Python: %s", plural ? " need" : " needs",
                       python_of(fact->about, set));
        break;
    case SW_VERDICT_OPEN:
    case SW_VERDICT_WHEEL:
    case SW_VERDICT_SDIST:
    case SW_VERDICT_PLATFORM:
    case SW_VERDICT_KINDS:
        sw_buffer_addf(text, "%s no wheel for the target's Python and platform, and no source distribution",
                       plural ? " have" : " has");
        break;
    }
}

/* The set of the term about a project, or NULL. */
static const uint64_t *set_about(const struct sw_incompatibility *item, const struct sw_package *project)
{
    for (size_t i = 0; i < item->term_count; i++) {
        if (item->terms[i].package == project->package)
            return item->terms[i].set;
    }
    return NULL;
}

/* Append why nothing satisfies a requirement, if the incompatibility leaves the required project no term. */
static void add_lack(struct sw_buffer *text, const struct sw_incompatibility *item,
                     const struct sw_fact *fact)
{
    const struct sw_package *other = fact->other;
    if (other != NULL && set_about(item, other) != NULL)
        return;
    if (other == NULL) {
        sw_buffer_add_text(text, ", but the project already comes from elsewhere");
    } else if (other->missing != NULL) {
        sw_buffer_addf(text, ", but %s", other->missing);
    } else if (other->page != NULL) {
        sw_buffer_addf(text, ", but there is no such release of %s; the newest is ", other->name);
        add_version(text, other, 0);
    }
}

/* Append a fact; `set` has the releases that it is about, or is NULL. */
static void add_fact(struct sw_buffer *text, const struct sw_incompatibility *item, const uint64_t *set)
{
    const struct sw_fact *fact = item->fact;
    bool plural;
    switch (fact->kind) {
    case SW_FACT_ROOT:
        sw_buffer_addf(text, "'%s' is %s", fact->text,
                       fact->origin == SW_RESOLVE_OVERRIDE ? "an override" : "required");
        add_lack(text, item, fact);
        break;
    case SW_FACT_REQUIRES:
        plural = set != NULL && add_releases(text, fact->about, set);
        sw_buffer_addf(text, "%s %s%s", plural ? " require" : " requires", fact->text,
                       fact->origin == SW_RESOLVE_OVERRIDE ? " by an override" : "");
        add_lack(text, item, fact);
        break;
    case SW_FACT_CONSTRAINT:
        sw_buffer_addf(text, "'%s' is a constraint", fact->text);
        break;
    case SW_FACT_VERDICT:
        if (set != NULL)
            add_verdict(text, fact, set);
        break;
    case SW_FACT_BAR:
    case SW_FACT_UNUSABLE:
    case SW_FACT_SAME:
        plural = set != NULL && add_releases(text, fact->about, set) && fact->plural != NULL;
        sw_buffer_addf(text, " %s", plural ? fact->plural : fact->text);
        break;
    }
}

/* -- the answer ------------------------------------------------------------------------------------------------- */

/* The caller's requirements come first, then those of releases, then the facts against releases. */
static unsigned order_of(const struct sw_fact *fact)
{
    switch (fact->kind) {
    case SW_FACT_ROOT:
        return 0;
    case SW_FACT_CONSTRAINT:
        return 1;
    case SW_FACT_REQUIRES:
        return 2;
    case SW_FACT_BAR:
    case SW_FACT_VERDICT:
    case SW_FACT_UNUSABLE:
    case SW_FACT_SAME:
        break;
    }
    return 3;
}

static int add_to(struct sw_resolve_answer *answer, struct sw_resolve_fact *facts, struct sw_arena *arena,
                  const struct sw_incompatibility *item, const uint64_t *set, struct sw_error *error)
{
    const struct sw_fact *fact = item->fact;
    if (answer->fact_count == SW_MAX_RESOLVE_FACTS) {
        answer->more_facts++;
        return 0;
    }
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    add_fact(&text, item, set);
    const char *own = sw_text_clean(arena, sw_buffer_str(&text));
    const char *source = sw_text_clean(arena, sw_str_from(fact->source == NULL ? "" : fact->source));
    if (own == NULL || source == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < answer->fact_count; i++) {
        if (strcmp(facts[i].text, own) == 0)
            return 0;
    }
    facts[answer->fact_count++] = (struct sw_resolve_fact){own, source, fact->origin, fact->place};
    return 0;
}

/* Return true if two bars say the same of releases of one project. */
static bool is_same_bar(const struct sw_fact *a, const struct sw_fact *b)
{
    return a->kind == SW_FACT_BAR && b->kind == SW_FACT_BAR && a->about == b->about &&
           strcmp(a->text, b->text) == 0;
}

/* Add a fact with the releases of all later bars that say the same; NULL takes the place of those. */
static int add_joined(struct sw_resolve_answer *answer, struct sw_resolve_fact *facts, struct sw_arena *arena,
                      struct leaves *leaves, size_t at, struct sw_error *error)
{
    const struct sw_incompatibility *item = leaves->items[at];
    const struct sw_fact *fact = item->fact;
    const uint64_t *own = set_about(item, fact->about);
    size_t words = sw_set_words(fact->about->releases);
    uint64_t *all = calloc(words, sizeof *all);
    if (all == NULL)
        return sw_fail_memory(error);
    for (size_t i = at; own != NULL && i < leaves->count; i++) {
        const struct sw_incompatibility *other = leaves->items[i];
        if (other == NULL || (other != item && !is_same_bar(fact, other->fact)))
            continue;
        const uint64_t *set = set_about(other, fact->about);
        if (set != NULL)
            sw_set_or(all, all, set, words);
        leaves->items[i] = NULL;
    }
    int code = add_to(answer, facts, arena, item, own == NULL ? NULL : all, error);
    free(all);
    return code;
}

int sw_explain_proof(struct sw_resolve_answer *answer, struct sw_arena *arena,
                     const struct sw_incompatibility *proof, struct sw_error *error)
{
    struct leaves leaves = {0};
    int code = gather(&leaves, proof);
    struct sw_resolve_fact *facts = sw_arena_array(arena, SW_MAX_RESOLVE_FACTS, sizeof *facts);
    if (code != 0 || facts == NULL)
        code = sw_fail_memory(error);
    for (unsigned order = 0; order < 4; order++) {
        for (size_t i = 0; code == 0 && i < leaves.count; i++) {
            const struct sw_fact *fact = leaves.items[i] == NULL ? NULL : leaves.items[i]->fact;
            if (fact != NULL && fact->kind != SW_FACT_SAME && order_of(fact) == order)
                code = add_joined(answer, facts, arena, &leaves, i, error);
        }
    }
    answer->facts = facts;
    free((void *)leaves.items);
    return code;
}

static int by_trouble(const void *a, const void *b)
{
    const struct sw_package *left = *(struct sw_package *const *)a, *right = *(struct sw_package *const *)b;
    if (left->tries != right->tries)
        return left->tries < right->tries ? 1 : -1;
    return strcmp(left->name, right->name);
}

int sw_explain_surrender(struct sw_resolve_answer *answer, struct sw_arena *arena,
                         const struct sw_problem *problem, struct sw_error *error)
{
    struct sw_package **projects = calloc(problem->count + 1, sizeof(struct sw_package *));
    struct sw_resolve_fact *facts = sw_arena_array(arena, NAMED, sizeof *facts);
    size_t count = 0;
    if (projects == NULL || facts == NULL) {
        free((void *)projects);
        return sw_fail_memory(error);
    }
    for (size_t i = 1; i < problem->count; i++) {
        if (problem->projects[i]->extra == NULL)
            projects[count++] = problem->projects[i];
    }
    qsort((void *)projects, count, sizeof(struct sw_package *), by_trouble);
    int code = 0;
    for (size_t i = 0; code == 0 && i < count && i < NAMED; i++) {
        facts[i] = (struct sw_resolve_fact){.text = sw_arena_format(arena, "%u releases of %s were tried",
                                                                    projects[i]->tries, projects[i]->name),
                                            .source = ""};
        answer->fact_count++;
        code = facts[i].text == NULL ? sw_fail_memory(error) : 0;
    }
    answer->facts = facts;
    free((void *)projects);
    return code;
}
