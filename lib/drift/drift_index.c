/* Package indexes, asked about the projects that the catalog describes. */
#include "drift/drift_internal.h"
#include "python/name.h"

enum { USUAL_PYTHON = 11, NEWEST_GLIBC = 40 };

const struct sw_index_project *drift_project(struct drift *d, const char *name)
{
    const struct sw_index_project *project = NULL;
    struct sw_error error;
    int code = d->code == 0 ? sw_index_project(&project, d->input->index, name, &error) : 0;
    if (code == SW_ENOTFOUND)
        drift_leave(d, "the index has no project %s", name);
    else if (code != 0)
        drift_fail(d, code, &error);
    return project;
}

const struct sw_index_release *drift_release(const struct sw_index_project *project, const char *version)
{
    struct sw_version parsed;
    if (sw_version_parse(&parsed, sw_str_from(version), NULL) != 0)
        return NULL;
    return sw_index_release(project, &parsed);
}

bool drift_counts(const struct sw_index_release *release)
{
    return !release->yanked && !sw_version_is_prerelease(&release->version);
}

void drift_release_gaps(struct drift *d, const char *project, const struct sw_node *rows)
{
    const struct sw_index_project *page = sw_node_count(rows) == 0 ? NULL : drift_project(d, project);
    for (size_t i = 0; page != NULL && i < page->release_count; i++) {
        const char *version = sw_arena_copy(d->b.arena, page->releases[i].version.text);
        if (version != NULL && drift_counts(&page->releases[i]) &&
            sw_catalog_compare(version, drift_text(sw_node_item(rows, 0), "version")) > 0 &&
            sw_catalog_row(rows, "version", version) == NULL)
            drift_gap(d, sw_node_item(rows, sw_node_count(rows) - 1), "%s %s is on the index and has no row",
                      project, version);
    }
}

/* ---- wheels ---- */

static const struct sw_tag_list *tags_of(struct drift *d, const char *machine, unsigned minor)
{
    struct sw_tag_list *tags = &d->tags[strcmp(machine, SW_CATALOG_MACHINE) == 0 ? 0 : 1][minor];
    const struct sw_tag_target target = {
        .python_major = 3, .python_minor = minor, .machine = machine, .libc_minor = NEWEST_GLIBC};
    struct sw_error error;
    int code = tags->items == NULL ? sw_tag_list_make(tags, d->b.arena, &target, &error) : 0;
    if (code != 0)
        drift_fail(d, code, &error);
    return tags;
}

struct drift_wheels drift_wheels(struct drift *d, const struct sw_index_release *release, const char *machine)
{
    struct drift_wheels wheels = {0};
    for (unsigned minor = DRIFT_FIRST_PYTHON; minor <= DRIFT_LAST_PYTHON && d->code == 0; minor++) {
        char text[16];
        (void)snprintf(text, sizeof text, "3.%u.99", minor);
        struct sw_version python;
        if (sw_version_parse(&python, sw_str_from(text), NULL) != 0)
            continue;
        const struct sw_index_file *file = sw_index_wheel(release, tags_of(d, machine, minor), &python);
        if (file == NULL)
            continue;
        wheels.first = wheels.file == NULL ? minor : wheels.first;
        wheels.file = wheels.file == NULL || minor <= USUAL_PYTHON ? file : wheels.file;
        wheels.last = minor;
    }
    return wheels;
}

const struct sw_metadata *drift_metadata(struct drift *d, const struct sw_index_file *file)
{
    struct sw_index_metadata_answer answer = {0};
    struct sw_error error;
    int code = d->code == 0 ? sw_index_metadata(&answer, d->input->index, &file, 1, &error) : 0;
    if (code == 0 && answer.code != 0) {
        code = answer.code;
        error = answer.error;
    }
    if (code != 0)
        drift_fail(d, code, &error);
    return answer.metadata;
}

/* Read the wheels of a page, and their requirements. */
static int read_page(struct drift_page *page, struct drift *d, struct sw_error *error)
{
    const struct sw_index_project *project = page->project;
    struct sw_index_metadata_answer *answers =
        sw_arena_array(d->b.arena, project->release_count + 1, sizeof *answers);
    const struct sw_index_file **files =
        sw_arena_array(d->b.arena, project->release_count + 1, sizeof *files);
    page->rows = sw_arena_array(d->b.arena, project->release_count + 1, sizeof *page->rows);
    if (answers == NULL || files == NULL || page->rows == NULL)
        return sw_fail_memory(error);
    size_t count = 0;
    for (size_t i = 0; i < project->release_count; i++) {
        files[count] = drift_wheels(d, &project->releases[i], SW_CATALOG_MACHINE).file;
        page->rows[count].release = &project->releases[i];
        count += files[count] == NULL ? 0 : 1;
    }
    int code = sw_index_metadata(answers, d->input->index, files, count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (answers[i].code == SW_EENV || answers[i].code == SW_ECANCELED) {
            *error = answers[i].error;
            return answers[i].code;
        }
        if (answers[i].metadata != NULL)
            page->rows[page->count++] =
                (struct drift_known){page->rows[i].release, files[i], answers[i].metadata};
    }
    return code;
}

const struct drift_page *drift_page(struct drift *d, const struct sw_index_project *project)
{
    for (size_t i = 0; i < d->page_count; i++) {
        if (d->pages[i].project == project)
            return &d->pages[i];
    }
    if (d->page_count == DRIFT_MOST_PAGES || d->code != 0)
        return NULL;
    struct drift_page page = {.project = project};
    struct sw_error error;
    int code = read_page(&page, d, &error);
    if (code != 0) {
        drift_fail(d, code, &error);
        return NULL;
    }
    d->pages[d->page_count] = page;
    return &d->pages[d->page_count++];
}

const struct sw_requirement *drift_requirement(const struct sw_metadata *metadata, const char *project)
{
    const struct sw_requirement *found = NULL;
    for (size_t i = 0; metadata != NULL && i < metadata->requirement_count; i++) {
        const struct sw_metadata_requirement *row = &metadata->requirements[i];
        if (!row->valid || !sw_name_equal(row->requirement.name, sw_str_from(project)))
            continue;
        if (row->requirement.specifiers.count > 0)
            return &row->requirement;
        found = &row->requirement;
    }
    return found;
}

const char *drift_pin(struct drift *d, const struct sw_requirement *requirement)
{
    for (size_t i = 0; requirement != NULL && i < requirement->specifiers.count; i++) {
        const struct sw_specifier *clause = &requirement->specifiers.items[i];
        if (clause->comparison != SW_SPECIFIER_EQUAL && clause->comparison != SW_SPECIFIER_COMPATIBLE)
            continue;
        const char *pin = sw_arena_copy(d->b.arena, clause->text);
        d->b.failed = d->b.failed || pin == NULL;
        return pin;
    }
    return NULL;
}

/* ---- torch's own index ---- */

static int open_variant(struct drift *d, struct drift_variant *variant, struct sw_error *error)
{
    struct sw_str pattern = sw_str_from(drift_text(sw_node_get(d->catalog->images, "torch_index"), "url"));
    size_t at = sw_str_find(pattern, SW_STR("{{variant}}"));
    const char *name = sw_catalog_variant(d->b.arena, variant->cuda);
    const char *url = name == NULL || at == pattern.n
                          ? NULL
                          : sw_arena_format(d->b.arena, "%.*s%s%s", (int)at, pattern.p, name,
                                            pattern.p + at + strlen("{{variant}}"));
    if (url == NULL)
        return sw_fail_memory(error);
    const struct sw_index_options options = {.cache = d->input->cache, .default_url = url};
    int code = sw_index_new(&variant->index, &options, error);
    return code != 0 ? code : sw_index_project(&variant->torch, variant->index, "torch", error);
}

const struct sw_index_project *drift_variant(struct drift *d, const char *cuda)
{
    struct drift_variant *variant = d->variants;
    while (variant < d->variants + d->variant_count && strcmp(variant->cuda, cuda) != 0)
        variant++;
    if (variant == d->variants + d->variant_count || d->code != 0 || d->no_variants != NULL)
        return NULL;
    struct sw_error error;
    int code = variant->index == NULL ? open_variant(d, variant, &error) : 0;
    if (code == SW_EENV || code == SW_EINPUT)
        d->no_variants = sw_arena_text(d->b.arena, error.text);
    else if (code != 0 && code != SW_ENOTFOUND)
        drift_fail(d, code, &error);
    return variant->torch;
}
