/* Requirements: which projects, from which index, and the build of torch among them. */
#include "base/file.h"
#include "base/limits.h"
#include "profile/draft_parts.h"
#include "profile/values.h"
#include "python/name.h"
#include "python/requirements_file.h"
#include "python/wheel_name.h"

/* Released with torch, and on its index. */
static const char *const of_torch[] = {"torch", "torchvision", "torchaudio"};

static bool goes_with_torch(struct sw_str project)
{
    for (size_t i = 0; i < SW_COUNT(of_torch); i++) {
        if (sw_name_equal(project, sw_str_from(of_torch[i])))
            return true;
    }
    return false;
}

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

/* The one exact version that a requirement allows, and its local part ("" where there is none); NULL for any other. */
static const char *pin_of(struct sw_draft *draft, const struct sw_requirement *requirement,
                          const char **local)
{
    if (requirement->specifiers.count != 1)
        return NULL;
    const struct sw_specifier *only = &requirement->specifiers.items[0];
    if (only->comparison != SW_SPECIFIER_EQUAL || only->prefix)
        return NULL;
    struct sw_str rest = only->text;
    struct sw_str version = sw_str_cut(&rest, '+');
    *local = rest.p == NULL ? "" : draft_copy(draft, rest);
    return draft_copy(draft, version);
}

/* Whether pip finds `later` satisfied where `earlier` was installed: it asks for no release, or for the one pinned. */
static bool satisfies(const struct sw_requirement *earlier, const struct sw_requirement *later)
{
    if (later->url.n > 0)
        return false;
    if (later->specifiers.count == 0)
        return true;
    const struct sw_specifier *pin = &earlier->specifiers.items[0];
    return earlier->specifiers.count == 1 && pin->comparison == SW_SPECIFIER_EQUAL && !pin->prefix &&
           sw_specifier_set_contains(&later->specifiers, &pin->version, SW_PRERELEASES_ALLOW);
}

/* Make room for a requirement: true where what is there satisfies it. Else what is there of its project goes, because the
 * later install is what pip leaves behind. */
static bool is_there(struct sw_draft *draft, const struct sw_requirement *later)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement earlier;
        if (sw_requirement_parse(&earlier, &draft->arena, sw_str_from(items->items[i].text), NULL) != 0 ||
            !sw_name_equal(earlier.name, later->name) || earlier.marker != NULL || later->marker != NULL)
            continue;
        if (satisfies(&earlier, later))
            return true;
        draft_leave(draft, items->items[i].place, earlier.text, "'%.*s' comes later",
                    SW_STR_FORMAT(later->text));
        memmove(&items->items[i], &items->items[i + 1], (items->count - i - 1) * sizeof(items->items[0]));
        items->count--;
        return false;
    }
    return false;
}

void draft_require(struct sw_draft *draft, struct sw_str text, const char *index, struct draft_place place)
{
    struct sw_requirement requirement;
    struct sw_error error;
    const char *named = memmem(text.p, text.n, "://", 3) != NULL && memmem(text.p, text.n, " @ ", 3) == NULL
                            ? name_link(draft, text)
                            : NULL;
    struct sw_str whole = named == NULL ? text : sw_str_from(named);
    if (sw_requirement_parse(&requirement, &draft->arena, whole, &error) != 0) {
        draft_leave(draft, place, text, "is not a requirement (PEP 508): %s", error.text);
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

void draft_constrain(struct sw_draft *draft, struct sw_str text, struct draft_place place)
{
    draft_add(draft, DRAFT_CONSTRAINTS, draft_copy(draft, text), place);
}

/* ---- files ---- */

/* An index of torch's own beside the default one says which build is meant; another one cannot be kept apart. */
static void read_index(struct sw_draft *draft, const struct sw_requirements_entry *entry)
{
    struct draft_place place = {entry->file, entry->line};
    const char *variant = draft_variant(draft, draft_copy(draft, entry->value));
    if (variant != NULL)
        draft->variant = variant;
    else
        draft_leave(draft, place, entry->value,
                    "name in 'indexes' what comes from it; else the installer's own index is used");
}

static void read_entry(struct sw_draft *draft, const struct sw_requirements_entry *entry, bool constraint)
{
    struct draft_place place = {entry->file, entry->line};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    switch (entry->kind) {
    case SW_REQUIREMENTS_NAMED:
        sw_requirement_write(&text, &entry->requirement);
        if (constraint || entry->constraint)
            draft_constrain(draft, sw_buffer_str(&text), place);
        else
            draft_require(draft, sw_buffer_str(&text), NULL, place);
        return;
    case SW_REQUIREMENTS_LINK:
    case SW_REQUIREMENTS_EDITABLE:
        if (memmem(entry->value.p, entry->value.n, "://", 3) != NULL)
            draft_require(draft, entry->value, NULL, place);
        else
            draft_leave(draft, place, entry->value, "a local project: copy it, and install it by a step");
        return;
    case SW_REQUIREMENTS_INDEX_URL:
    case SW_REQUIREMENTS_EXTRA_INDEX_URL:
        read_index(draft, entry);
        return;
    case SW_REQUIREMENTS_PREFER_BINARY:
    case SW_REQUIREMENTS_USE_FEATURE:
        return;
    case SW_REQUIREMENTS_NO_INDEX:
    case SW_REQUIREMENTS_FIND_LINKS:
    case SW_REQUIREMENTS_PRE:
    case SW_REQUIREMENTS_REQUIRE_HASHES:
    case SW_REQUIREMENTS_NO_BINARY:
    case SW_REQUIREMENTS_ONLY_BINARY:
    case SW_REQUIREMENTS_TRUSTED_HOST:
    case SW_REQUIREMENTS_INCLUDE:
    case SW_REQUIREMENTS_CONSTRAINTS:
    case SW_REQUIREMENTS_HASH:
    case SW_REQUIREMENTS_BUILD_SETTING:
        break;
    }
    draft_leave(draft, place, entry->value, "an option of pip that a profile has no key for");
}

int draft_read_requirements(struct sw_draft *draft, const char *path, bool constraints,
                            struct sw_error *error)
{
    struct sw_requirements read;
    const struct sw_requirements_source source = {.load = sw_requirements_load_file};
    int code = sw_requirements_read(&read, &draft->arena, path, &source, error);
    for (size_t i = 0; code == 0 && i < read.count; i++)
        read_entry(draft, &read.items[i], constraints);
    return code;
}

/* ---- torch ---- */

/* The CUDA of the release whose variant that is, "12.1" of "cu121", or NULL. */
static const char *cuda_of(struct sw_draft *draft, const struct sw_node *release, const char *variant)
{
    const struct sw_node *cudas = sw_node_get(release, "cuda");
    for (size_t i = 0; cudas != NULL && i < cudas->count; i++) {
        const char *own = sw_catalog_variant(&draft->arena, cudas->items[i]->text.p);
        if (own != NULL && strcmp(own, variant) == 0)
            return cudas->items[i]->text.p;
    }
    return NULL;
}

/* torch's release and build from one requirement; false where the catalog does not know it. */
static bool settle(struct sw_draft *draft, const struct sw_requirement *requirement, const char *index)
{
    const char *local = "", *version = pin_of(draft, requirement, &local);
    const struct sw_node *release =
        version == NULL ? NULL : sw_catalog_row(draft->catalog->torch, "version", version);
    const char *variant = local[0] != '\0' ? local
                          : index != NULL  ? draft_variant(draft, index)
                                           : draft->variant;
    if (release == NULL || (index != NULL && draft_variant(draft, index) == NULL))
        return false;
    const char *cuda = variant == NULL ? sw_node_text(sw_node_get(release, "default"), NULL)
                                       : cuda_of(draft, release, variant);
    if (cuda == NULL)
        return false;
    draft->torch = version;
    draft->cuda = cuda;
    if (variant == NULL)
        draft->torch_note = "the CUDA of the default index";
    return true;
}

/* What comes from torch's own index now needs no index of its own, nor the local part of its version. */
static void settle_companion(struct sw_draft *draft, struct draft_item *item,
                             const struct sw_requirement *requirement)
{
    const char *local = "", *version = pin_of(draft, requirement, &local);
    item->index = NULL;
    if (version != NULL && local[0] != '\0')
        item->text = draft_format(draft, "%.*s==%s", SW_STR_FORMAT(requirement->name), version);
}

static void drop_torch_constraints(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_CONSTRAINTS];
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement requirement;
        bool drop =
            sw_requirement_parse(&requirement, &draft->arena, sw_str_from(items->items[i].text), NULL) == 0 &&
            goes_with_torch(requirement.name);
        if (!drop)
            items->items[kept++] = items->items[i];
    }
    items->count = kept;
}

/* Whether a release has wheels for the draft's Python: CPython versions, both ends included. */
static bool has_python(const struct sw_draft *draft, const struct sw_node *release)
{
    const struct sw_node *range = sw_node_get(release, "python");
    const char *python = draft->python == NULL ? DRAFT_USUAL_PYTHON : draft->python;
    return range != NULL && range->count == 2 && sw_catalog_compare(range->items[0]->text.p, python) <= 0 &&
           sw_catalog_compare(python, range->items[1]->text.p) <= 0;
}

static bool serves_all(const struct sw_draft *draft, const char *version, const char *cuda)
{
    const struct draft_items *gpus = &draft->lists[DRAFT_ACCELERATORS];
    for (size_t i = 0; i < gpus->count; i++) {
        const struct sw_node *gpu = sw_catalog_row(draft->catalog->gpus, "name", gpus->items[i].text);
        const struct sw_node *code =
            sw_catalog_code(draft->catalog->torch_code, version, cuda, sw_catalog_machine(gpu));
        if (sw_catalog_serves(code, gpu) != SW_SERVED)
            return false;
    }
    return true;
}

/* The CUDA of a release that serves all GPUs of the draft: that of the default index if it does; NULL where none does. */
static const char *serving_cuda(const struct sw_draft *draft, const struct sw_node *release)
{
    const char *version = sw_node_text(sw_node_get(release, "version"), "");
    const char *preset = sw_node_text(sw_node_get(release, "default"), "");
    const struct sw_node *cudas = sw_node_get(release, "cuda");
    if (serves_all(draft, version, preset))
        return preset;
    for (size_t i = cudas == NULL ? 0 : cudas->count; i-- > 0;) {
        if (serves_all(draft, version, cudas->items[i]->text.p))
            return cudas->items[i]->text.p;
    }
    return NULL;
}

/* The newest release that fits the draft and what a requirement of it says (NULL: anything), with its CUDA. */
static const char *choose_torch(const struct sw_draft *draft, const struct sw_requirement *requirement,
                                const char **cuda)
{
    const struct sw_node *releases = draft->catalog->torch;
    for (size_t i = releases->count; i-- > 0;) {
        struct sw_version version;
        const struct sw_node *name = sw_node_get(releases->items[i], "version");
        if (!has_python(draft, releases->items[i]) || sw_version_parse(&version, name->text, NULL) != 0 ||
            (requirement != NULL &&
             !sw_specifier_set_contains(&requirement->specifiers, &version, SW_PRERELEASES_REFUSE)))
            continue;
        *cuda = serving_cuda(draft, releases->items[i]);
        if (*cuda != NULL)
            return name->text.p;
    }
    return NULL;
}

/* A torch that the index may choose is left as it is, with the build that would hold it. */
static void note_choice(struct sw_draft *draft, struct draft_item *item,
                        const struct sw_requirement *requirement)
{
    const char *cuda, *version = choose_torch(draft, requirement, &cuda);
    item->note =
        version == NULL
            ? "no release known to the catalog fits this"
            : draft_format(draft,
                           "DECIDE: any that fits; to hold one: torch: {version: \"%s\", cuda: \"%s\"}",
                           version, cuda);
}

void draft_settle_torch(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_requirement requirement;
    for (size_t i = 0; draft->torch == NULL && i < items->count; i++) {
        struct draft_item *item = &items->items[i];
        if (sw_requirement_parse(&requirement, &draft->arena, sw_str_from(item->text), NULL) != 0 ||
            !sw_name_equal(requirement.name, SW_STR("torch")))
            continue;
        if (!settle(draft, &requirement, item->index)) {
            note_choice(draft, item, &requirement);
            return;
        }
        memmove(item, item + 1, (items->count - i - 1) * sizeof(*item));
        items->count--;
    }
    if (draft->torch == NULL && draft->source == NULL)
        draft->torch = choose_torch(draft, NULL, &draft->cuda);
    if (draft->torch == NULL)
        return;
    for (size_t i = 0; i < items->count; i++) {
        if (sw_requirement_parse(&requirement, &draft->arena, sw_str_from(items->items[i].text), NULL) == 0 &&
            goes_with_torch(requirement.name))
            settle_companion(draft, &items->items[i], &requirement);
    }
    drop_torch_constraints(draft);
}
