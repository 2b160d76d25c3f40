/* The torch of a draft: the release that the requirements pin, or a build that is still to be chosen from the
 * catalog. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "catalog/companions.h"
#include "profile/values.h"
#include "python/name.h"

/* The single exact version that a requirement allows, and its local part ("" if it has none); NULL for any
 * other requirement. */
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

/* The CUDA of the release whose variant that is, "12.1" of "cu121", or NULL. */
static const char *cuda_of(struct sw_draft *draft, const struct sw_node *release, const char *variant)
{
    const struct sw_node *cudas = sw_node_get(release, "cuda");
    for (size_t i = 0; i < sw_node_count(cudas); i++) {
        const char *own = sw_catalog_variant(&draft->arena, sw_node_text(sw_node_item(cudas, i), ""));
        if (own != NULL && strcmp(own, variant) == 0)
            return sw_node_text(sw_node_item(cudas, i), "");
    }
    return NULL;
}

/* The CUDA of a build that a file asks for and that was never published: the fault is for the check to tell. */
static const char *unpublished_cuda(struct sw_draft *draft, const char *variant)
{
    const struct sw_node *toolkits = draft->catalog->toolkits;
    for (size_t i = 0; draft->judged && i < sw_node_count(toolkits); i++) {
        const char *cuda = sw_node_text(sw_node_get(sw_node_item(toolkits, i), "version"), "");
        const char *own = sw_catalog_variant(&draft->arena, cuda);
        if (own != NULL && strcmp(own, variant) == 0)
            return cuda;
    }
    return NULL;
}

/* Set torch's release and build from a requirement; false if the catalog does not know the release. */
static bool settle(struct sw_draft *draft, const struct sw_requirement *requirement, const char *index)
{
    const char *local = "", *version = pin_of(draft, requirement, &local);
    const struct sw_node *release =
        version == NULL ? NULL : sw_catalog_version(draft->catalog->torch, version);
    const char *variant = local[0] != '\0' ? local
                          : index != NULL  ? draft_variant(draft, index)
                                           : draft->variant;
    if (release == NULL || (index != NULL && draft_variant(draft, index) == NULL))
        return false;
    const char *cuda = variant == NULL ? sw_node_text(sw_node_get(release, "default"), NULL)
                                       : cuda_of(draft, release, variant);
    if (cuda == NULL && variant != NULL && (local[0] != '\0' || index != NULL))
        cuda = unpublished_cuda(draft, variant);
    if (cuda == NULL && variant != NULL && draft->judged && local[0] == '\0' && index == NULL) {
        cuda = sw_node_text(sw_node_get(release, "default"), NULL); /* the other index has no such release */
        variant = NULL;
    }
    if (cuda == NULL)
        return false;
    draft->torch = version;
    draft->cuda = cuda;
    if (variant == NULL)
        draft->torch_index = "default";
    return true;
}

/* A project that comes along with torch, from the same index, needs no index of its own, nor the local part
 * of its version. */
static void settle_companion(struct sw_draft *draft, struct draft_item *item,
                             const struct sw_requirement *requirement)
{
    const char *local = "", *version = pin_of(draft, requirement, &local);
    item->index = draft->torch_index;
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
            sw_companions_has(requirement.name);
        if (!drop)
            items->items[kept++] = items->items[i];
    }
    items->count = kept;
}

/* ---- builds ---- */

/* The builds that a requirement of torch (NULL: anything) allows. */
static int find_builds(struct sw_build **builds, size_t *count, struct sw_draft *draft,
                       const struct sw_requirement *requirement, struct sw_error *error)
{
    const struct draft_items *names = &draft->lists[DRAFT_ACCELERATORS];
    const struct sw_node **gpus = sw_arena_array(&draft->arena, names->count + 1, sizeof *gpus);
    struct sw_build_query query = {.gpus = gpus,
                                   .python = draft->python == NULL ? draft->usual_python : draft->python,
                                   .releases = requirement == NULL ? NULL : &requirement->specifiers};
    if (gpus == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < names->count; i++)
        gpus[query.gpus_count++] = sw_catalog_row(draft->catalog->gpus, "name", names->items[i].text);
    return sw_catalog_builds(builds, count, &draft->arena, draft->catalog, &query, error);
}

/* A torch that the index may choose is left as it is, with the build that would hold it. */
static void note_choice(struct sw_draft *draft, struct draft_item *item,
                        const struct sw_requirement *requirement)
{
    struct sw_build *builds = NULL;
    size_t count = 0, i = 0;
    if (find_builds(&builds, &count, draft, requirement, NULL) != 0)
        draft->failed = true;
    while (i < count && !sw_build_fits(&builds[i]))
        i++;
    item->note =
        i == count
            ? "no release known to the catalog fits this"
            : draft_format(draft,
                           "DECIDE: any that fits; to hold one: torch: {version: \"%s\", cuda: \"%s\"}",
                           builds[i].version, builds[i].cuda);
}

/* ---- the draft's requirements ---- */

static void drop_item(struct draft_items *items, size_t i)
{
    memmove(&items->items[i], &items->items[i + 1], (items->count - i - 1) * sizeof(items->items[0]));
    items->count--;
}

/* Return true if the base image's torch satisfies the requirement: pip then leaves it alone. */
static bool is_of_base(const struct sw_draft *draft, const struct sw_requirement *requirement)
{
    struct sw_version version;
    return draft->base_torch != NULL && requirement->url.n == 0 &&
           sw_version_parse(&version, sw_str_from(draft->base_torch), NULL) == 0 &&
           sw_specifier_set_contains(&requirement->specifiers, &version, SW_PRERELEASES_ALLOW);
}

static bool has_torch(const struct draft_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->items[i].project != NULL && strcmp(items->items[i].project, "torch") == 0)
            return true;
    }
    return false;
}

static bool has_name(const struct sw_node *names, const char *project)
{
    for (size_t i = 0; i < sw_node_count(names); i++) {
        if (project != NULL && sw_str_is(sw_node_str(sw_node_item(names, i)), project))
            return true;
    }
    return false;
}

/* Installers keep the base image's torchvision and torchaudio, built for its torch, if the requirement allows them. */
static void keep_companions(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    const struct sw_node *row =
        draft->base_torch == NULL ? NULL : sw_catalog_version(draft->catalog->torch, draft->base_torch);
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement requirement;
        struct sw_version version;
        struct draft_item *item = &items->items[i];
        const char *release = has_name(draft->base_companions, item->project)
                                  ? sw_node_text(sw_node_get(row, item->project), NULL)
                                  : NULL;
        bool is_kept =
            release != NULL &&
            sw_requirement_parse(&requirement, &draft->arena, sw_str_from(item->text), NULL) == 0 &&
            requirement.url.n == 0 && sw_version_parse(&version, sw_str_from(release), NULL) == 0 &&
            sw_specifier_set_contains(&requirement.specifiers, &version, SW_PRERELEASES_ALLOW);
        if (is_kept)
            item->text = draft_format(draft, "%s==%s", item->project, release);
    }
}

/* The torch of the base image is the stack's, if nothing installs another torch. */
static void take_base_torch(struct sw_draft *draft)
{
    if (draft->base_torch == NULL || draft->torch != NULL || draft->required_torch != NULL ||
        has_torch(&draft->lists[DRAFT_REQUIREMENTS]))
        return;
    draft->torch = draft->base_torch;
    draft->cuda = draft->base_cuda;
    draft->torch_place = draft->base_place;
}

/* torch is a key of its own if its build is known or is to be chosen. */
static void take_torch_out(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement requirement;
        struct draft_item *item = &items->items[i];
        if (sw_requirement_parse(&requirement, &draft->arena, sw_str_from(item->text), NULL) != 0 ||
            !sw_name_equal(requirement.name, SW_STR("torch")))
            continue;
        if (is_of_base(draft, &requirement)) {
            drop_item(items, i--);
            continue;
        }
        struct draft_place place = item->place;
        if (draft->required_torch == NULL &&
            (draft->torch != NULL || !settle(draft, &requirement, item->index))) {
            if (draft->torch == NULL)
                note_choice(draft, item, &requirement);
            return;
        }
        draft->torch_place = place;
        draft->torch_install = item->install;
        drop_item(items, i--);
    }
}

static void settle_companions(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    struct sw_requirement requirement;
    for (size_t i = 0; i < items->count; i++) {
        if (sw_requirement_parse(&requirement, &draft->arena, sw_str_from(items->items[i].text), NULL) == 0 &&
            sw_companions_has(requirement.name))
            settle_companion(draft, &items->items[i], &requirement);
    }
    drop_torch_constraints(draft);
}

/* Name the local versions that no index of PyPI's kind can have (PEP 440, "Local version identifiers"): they come from the wheels
 * beside the index. */
static void leave_linked(struct sw_draft *draft)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    for (size_t i = 0; draft->has_links && i < items->count; i++) {
        struct sw_requirement requirement;
        const char *local = "";
        struct draft_item item = items->items[i];
        if (sw_requirement_parse(&requirement, &draft->arena, sw_str_from(item.text), NULL) != 0 ||
            sw_companions_has(requirement.name) || pin_of(draft, &requirement, &local) == NULL ||
            local[0] == '\0' || item.index != NULL)
            continue;
        draft_leave_unjudged(draft, item.place, sw_str_from(item.text),
                             "it comes from the wheels that --find-links names, which are not read");
        drop_item(items, i--);
    }
}

/* The Python of a wheel for Linux and one Python alone, "3.13" of NAME-1.0-cp313-cp313-linux_x86_64.whl; NULL for another. */
static const char *wheel_python(struct sw_draft *draft, struct sw_str url)
{
    size_t at = sw_str_find(url, SW_STR("-cp3"));
    struct sw_str tag = sw_str_drop(url, at == url.n ? at : at + strlen("-cp"));
    struct sw_str first = sw_str_cut(&tag, '-'), second = tag.p == NULL ? SW_STR("") : sw_str_cut(&tag, '-');
    bool is_one = first.n > 1 && second.n == first.n + 2 && sw_str_ends(second, draft_copy(draft, first));
    if (!is_one || !sw_str_ends(url, ".whl") || tag.p == NULL || sw_str_find(tag, SW_STR("linux")) == tag.n)
        return NULL;
    return draft_format(draft, "3.%.*s", SW_STR_FORMAT(sw_str_drop(first, 1)));
}

/* If no file names the Python, take the Python of the wheels that requirements name by their URLs, unless they differ. */
static void guess_python(struct sw_draft *draft)
{
    const struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    const char *python = NULL;
    for (size_t i = 0; draft->python == NULL && i < items->count; i++) {
        struct sw_requirement requirement;
        const char *own =
            sw_requirement_parse(&requirement, &draft->arena, sw_str_from(items->items[i].text), NULL) == 0
                ? wheel_python(draft, requirement.url)
                : NULL;
        if (own != NULL && python != NULL && strcmp(own, python) != 0)
            return;
        python = own == NULL ? python : own;
    }
    if (python != NULL && sw_value_python(sw_str_from(python)) == NULL)
        draft->usual_python = python;
}

void draft_settle_torch(struct sw_draft *draft)
{
    if (draft->settled)
        return;
    draft->settled = true;
    guess_python(draft);
    if (draft->judged)
        leave_linked(draft);
    take_torch_out(draft);
    take_base_torch(draft);
    if (draft->judged && draft->torch != NULL && draft->torch == draft->base_torch)
        keep_companions(draft);
    draft->open = draft->torch == NULL && (draft->required_torch != NULL || draft->source == NULL);
    if (draft->torch != NULL || draft->open)
        settle_companions(draft);
}

bool sw_draft_is_open(struct sw_draft *draft)
{
    draft_settle_torch(draft);
    return draft->open;
}

bool sw_draft_requires(struct sw_draft *draft)
{
    draft_settle_torch(draft);
    return draft->lists[DRAFT_REQUIREMENTS].count > 0;
}

bool sw_draft_has_stack(struct sw_draft *draft)
{
    return sw_draft_requires(draft) || draft->torch != NULL || draft->open;
}

bool sw_draft_says_python(const struct sw_draft *draft)
{
    return draft->python != NULL;
}

void sw_draft_try_python(struct sw_draft *draft, const char *version)
{
    draft->usual_python = version;
}

int sw_draft_builds(struct sw_build **builds, size_t *count, struct sw_draft *draft, struct sw_error *error)
{
    struct sw_requirement requirement;
    if (draft->required_torch == NULL)
        return find_builds(builds, count, draft, NULL, error);
    int code = sw_requirement_parse(&requirement, &draft->arena, sw_str_from(draft->required_torch), error);
    return code == 0 ? find_builds(builds, count, draft, &requirement, error) : code;
}

void sw_draft_hold(struct sw_draft *draft, const struct sw_build *build)
{
    draft->torch = build == NULL ? NULL : build->version;
    draft->cuda = build == NULL ? NULL : build->cuda;
    for (size_t i = 0; i < draft->lists[DRAFT_REQUIREMENTS].count; i++)
        draft->lists[DRAFT_REQUIREMENTS].items[i].pin = NULL;
}

void sw_draft_pin(struct sw_draft *draft, const char *project, const char *version)
{
    struct draft_items *items = &draft->lists[DRAFT_REQUIREMENTS];
    for (size_t i = 0; i < items->count; i++) {
        struct sw_requirement requirement;
        struct sw_str text = sw_str_from(items->items[i].text);
        const char *exact = draft_format(draft, "==%s", version);
        if (sw_requirement_parse(&requirement, &draft->arena, text, NULL) != 0 ||
            !sw_name_equal(requirement.name, sw_str_from(project)) || requirement.url.n > 0 ||
            sw_specifier_set_parse(&requirement.specifiers, &draft->arena, sw_str_from(exact), NULL) != 0)
            continue;
        SW_BUFFER_AUTO pinned;
        sw_buffer_init(&pinned, 2 * SW_MAX_REQUIREMENT_SIZE);
        sw_requirement_write(&pinned, &requirement);
        items->items[i].pin = draft_copy(draft, sw_buffer_str(&pinned));
    }
}
