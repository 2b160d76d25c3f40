/* Requirements: which projects, and from which index. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "index/own_index.h"
#include "profile/values.h"
#include "python/name.h"
#include "python/requirements_file.h"
#include "python/wheel_name.h"

const char *draft_variant(struct sw_draft *draft, const char *index)
{
    const char *pattern = sw_node_text(sw_node_at(draft->catalog->images, "torch_index.url"), "");
    size_t before = (size_t)(strstr(pattern, "{{") == NULL ? 0 : strstr(pattern, "{{") - pattern);
    if (before == 0 || strncmp(index, pattern, before) != 0)
        return NULL;
    const char *variant = index + before;
    size_t n = strcspn(variant, "/");
    return strncmp(variant, "cu", 2) == 0 ? draft_copy(draft, (struct sw_str){variant, n}) : NULL;
}

/* "NAME @ URL" of a bare URL: a wheel says its name, a repository is taken to be called like its project. */
static const char *name_link(struct sw_draft *draft, struct sw_str url)
{
    struct sw_str path = url;
    const char *fragment = memchr(url.p, '#', url.n);
    if (fragment != NULL)
        path.n = (size_t)(fragment - url.p);
    const char *egg = fragment == NULL ? NULL : memmem(fragment, url.n - path.n, "egg=", 4);
    struct sw_str base = path;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '/')
            base = sw_str_drop(path, i + 1);
    }
    struct sw_str name = base;
    if (egg != NULL)
        name = sw_str_from(egg + 4);
    else if (sw_str_ends(base, ".whl"))
        name = sw_str_cut(&base, '-');
    else if (sw_str_starts(url, "git+"))
        name = sw_str_cut(&base, '@');
    if (sw_str_ends(name, ".git"))
        name.n -= 4;
    name.n = sw_name_length(name);
    bool named = egg != NULL || sw_str_ends(path, ".whl") || sw_str_starts(url, "git+");
    return !named || name.n == 0
               ? NULL
               : draft_format(draft, "%.*s @ %.*s", SW_STR_FORMAT(name), SW_STR_FORMAT(path));
}

/* Return true if pip finds `later` satisfied once `earlier` is installed: it names no release, or the pinned
 * release. */
static bool satisfies(const struct sw_requirement *earlier, const struct sw_requirement *later)
{
    if (later->url.n > 0)
        return false;
    if (later->specifiers.count == 0)
        return true;
    if (earlier->specifiers.count != 1)
        return false;
    const struct sw_specifier *pin = &earlier->specifiers.items[0];
    return pin->comparison == SW_SPECIFIER_EQUAL && !pin->prefix &&
           sw_specifier_set_contains(&later->specifiers, &pin->version, SW_PRERELEASES_ALLOW);
}

/* Make room for a requirement: return true if a present requirement satisfies it. Else the present
 * requirement of its project goes, because pip leaves the later install behind. */
static bool is_there(struct sw_draft *draft, const struct sw_requirement *later)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement earlier;
        if (!sw_name_equal(sw_str_from(items->items[i].project), later->name))
            continue;
        if (sw_requirement_parse(&earlier, &draft->arena, sw_str_from(items->items[i].text), NULL) != 0 ||
            earlier.marker != NULL || later->marker != NULL)
            continue;
        if (satisfies(&earlier, later))
            return true;
        draft_mention(draft, items->items[i].place, earlier.text, "'%.*s' comes later",
                      SW_STR_FORMAT(later->text));
        memmove(&items->items[i], &items->items[i + 1], (items->count - i - 1) * sizeof(items->items[0]));
        items->count--;
        return false;
    }
    return false;
}

/* Return true if another requirement or constraint may be read: files and commands may repeat them without end. */
static bool may_read(struct sw_draft *draft)
{
    if (draft_is_over(draft))
        return false;
    if (draft->lines++ == SW_MAX_DRAFT_LINES)
        draft->crowded = "requirements";
    return draft->crowded == NULL;
}

void draft_require(struct sw_draft *draft, struct sw_str text, const char *index, struct draft_place place)
{
    struct sw_requirement requirement;
    struct sw_error error;
    if (!may_read(draft))
        return;
    const char *named = memmem(text.p, text.n, "://", 3) != NULL && memmem(text.p, text.n, " @ ", 3) == NULL
                            ? name_link(draft, text)
                            : NULL;
    struct sw_str whole = named == NULL ? text : sw_str_from(named);
    if (sw_requirement_parse(&requirement, &draft->arena, whole, &error) != 0) {
        draft_leave_unjudged(draft, place, text, "is not a requirement (PEP 508): %s", error.text);
        return;
    }
    if (index != NULL && sw_value_index_url(sw_str_from(index)) != NULL) {
        draft_leave(draft, place, sw_str_from(index), "%s", sw_value_index_url(sw_str_from(index)));
        index = NULL;
    }
    if (is_there(draft, &requirement))
        return;
    size_t before = draft->lists[DRAFT_REQUIREMENTS].count;
    draft_add(draft, DRAFT_REQUIREMENTS, draft_copy(draft, whole), place);
    if (draft->lists[DRAFT_REQUIREMENTS].count > before)
        draft->lists[DRAFT_REQUIREMENTS].items[before].index = index;
}

int sw_draft_require(struct sw_draft *draft, const char *text, struct sw_error *error)
{
    struct sw_requirement requirement;
    const char *wrong = sw_value_requirement(sw_str_from(text));
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "'%s' %s", text, wrong);
    int code = sw_requirement_parse(&requirement, &draft->arena, sw_str_from(text), error);
    if (code != 0)
        return code;
    if (!sw_name_equal(requirement.name, SW_STR("torch"))) {
        draft_require(draft, sw_str_from(text), NULL, (struct draft_place){"", 0, 0});
        return 0;
    }
    if (requirement.url.n > 0)
        return sw_fail(error, SW_EINPUT, "'%s' is no release: torch is chosen among those of the catalog",
                       text);
    if (draft->required_torch != NULL)
        return sw_fail(error, SW_EINPUT, "'%s' and '%s' both ask for torch", draft->required_torch, text);
    draft->required_torch = draft_copy(draft, sw_str_from(text));
    return 0;
}

void draft_constrain(struct sw_draft *draft, struct sw_str text, struct draft_place place)
{
    if (may_read(draft))
        draft_add(draft, DRAFT_CONSTRAINTS, draft_copy(draft, text), place);
}

/* ---- files ---- */

/* An index of torch's own beside the default one says which build is meant; another one cannot be kept apart. */
static void read_index(struct sw_draft *draft, const struct sw_requirements_entry *entry)
{
    struct draft_place place = {entry->file, entry->line, 1};
    const char *variant = draft_variant(draft, draft_copy(draft, entry->value));
    if (variant != NULL)
        draft->variant = variant;
    else if (!sw_own_index_is(draft_copy(draft, entry->value))) {
        draft->has_unread_index = true;
        draft_leave_unjudged(draft, place, entry->value,
                             "another index; in a profile, name in 'indexes' what comes from it");
    }
}

static void read_entry(struct sw_draft *draft, const struct sw_requirements_entry *entry, const char *index,
                       bool constraint)
{
    struct draft_place place = {entry->file, entry->line, 1};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    switch (entry->kind) {
    case SW_REQUIREMENTS_NAMED:
        sw_requirement_write(&text, &entry->requirement);
        if (constraint || entry->constraint)
            draft_constrain(draft, sw_buffer_str(&text), place);
        else
            draft_require(draft, sw_buffer_str(&text), index, place);
        return;
    case SW_REQUIREMENTS_LINK:
    case SW_REQUIREMENTS_EDITABLE:
        if (memmem(entry->value.p, entry->value.n, "://", 3) != NULL)
            draft_require(draft, entry->value, index, place);
        else
            draft_leave_unjudged(draft, place, entry->value,
                                 "a local project: copy it, and install it by a step");
        return;
    case SW_REQUIREMENTS_INDEX_URL:
    case SW_REQUIREMENTS_EXTRA_INDEX_URL:
        read_index(draft, entry);
        return;
    case SW_REQUIREMENTS_PREFER_BINARY:
    case SW_REQUIREMENTS_USE_FEATURE:
        return;
    case SW_REQUIREMENTS_TRUSTED_HOST:
    case SW_REQUIREMENTS_REQUIRE_HASHES:
        draft_leave(draft, place, entry->value, "an option of pip that a profile has no key for");
        return;
    case SW_REQUIREMENTS_FIND_LINKS:
        draft->has_links = true;
        break;
    case SW_REQUIREMENTS_NO_INDEX:
    case SW_REQUIREMENTS_PRE:
    case SW_REQUIREMENTS_NO_BINARY:
    case SW_REQUIREMENTS_ONLY_BINARY:
    case SW_REQUIREMENTS_INCLUDE:
    case SW_REQUIREMENTS_CONSTRAINTS:
    case SW_REQUIREMENTS_HASH:
    case SW_REQUIREMENTS_BUILD_SETTING:
        break;
    }
    draft_leave_unjudged(draft, place, entry->value, "an option of pip that a profile has no key for");
}

int draft_read_requirements(struct sw_draft *draft, const char *path, const char *index, bool constraints,
                            struct sw_error *error)
{
    struct sw_requirements read;
    const struct sw_requirements_source source = sw_permissions_requirements(draft->permissions);
    if (draft->files++ >= SW_MAX_DRAFT_FILES)
        return sw_fail(error, SW_EINPUT, "too many files name each other");
    int code = sw_requirements_read(&read, &draft->arena, path, &source, error);
    for (size_t i = 0; code == 0 && i < read.count; i++)
        read_entry(draft, &read.items[i], index, constraints);
    return code;
}

/* ---- locks ---- */

bool draft_marker_holds(struct sw_draft *draft, struct sw_str marker)
{
    static const char *const none[1] = {NULL};
    const struct sw_marker *parsed = NULL;
    const char *python = draft->python == NULL ? draft->usual_python : draft->python;
    bool holds = true;
    if (marker.n == 0)
        return true;
    /* A lock has as many markers as packages, of which nothing is to stay in memory. */
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *full = sw_arena_format(&arena, "%s.0", python);
    if (full == NULL || sw_marker_parse(&parsed, &arena, marker, NULL) != 0)
        return true;
    struct sw_marker_environment target = sw_marker_environment_linux(python, full, SW_CATALOG_MACHINE);
    target.extras = draft->extra_count == 0 ? none : draft->extras;
    target.extra_count = draft->extra_count;
    return sw_marker_evaluate(&holds, parsed, &target, NULL) != 0 || holds;
}

void draft_lock(struct sw_draft *draft, struct sw_str name, struct sw_str version, struct sw_str marker,
                const char *index, struct draft_place place)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    if (draft_is_over(draft) || name.n == 0 || version.n == 0 || !draft_marker_holds(draft, marker))
        return;
    size_t before = items->count;
    draft_add(draft, DRAFT_REQUIREMENTS,
              draft_format(draft, "%.*s==%.*s", SW_STR_FORMAT(name), SW_STR_FORMAT(version)), place);
    if (items->count > before)
        items->items[before].install = 0;
    bool usable = index != NULL && sw_value_index_url(sw_str_from(index)) == NULL;
    if (items->count > before && usable)
        items->items[before].index = index;
}

void draft_redirected(struct sw_draft *draft, struct draft_place place, const char *meant, const char *taken)
{
    if (draft->judged)
        draft_report(
            draft, SW_WARNING, place,
            draft_format(draft,
                         "the shell takes the '>' or '<' of '%s' for a redirection: '%s' is installed in "
                         "any release",
                         meant, taken),
            draft_format(draft, "quote it: '%s'", meant));
    else
        draft_mention(draft, place, sw_str_from(meant),
                      "carried over as meant; unquoted, the shell took '%s' alone and a redirection", taken);
}
