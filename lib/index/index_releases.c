/* A page's files as releases, newest first. */
#include "base/limits.h"
#include "index/index_internal.h"
#include "index/page_internal.h"
#include "python/name.h"
#include "python/specifier.h"

/* Endings of source distributions, as pip has them. */
static const char *const endings[] = {".tar.gz", ".zip",    ".tgz", ".tar.bz2",
                                      ".tbz",    ".tar.xz", ".txz", ".tar"};

/* "PROJECT-VERSION.tar.gz". Old names may have hyphens in both, so that only who knows the project can tell them apart. */
static bool read_sdist(struct sw_index_file *file, struct sw_str file_name, struct sw_str project)
{
    struct sw_str stem = {NULL, 0};
    for (size_t i = 0; i < SW_COUNT(endings) && stem.p == NULL; i++) {
        if (sw_str_ends(file_name, endings[i]))
            stem = (struct sw_str){file_name.p, file_name.n - strlen(endings[i])};
    }
    for (size_t i = 0; i < stem.n; i++) {
        if (stem.p[i] == '-' && sw_name_equal((struct sw_str){stem.p, i}, project))
            return sw_version_parse(&file->version, sw_str_drop(stem, i + 1), NULL) == 0;
    }
    return false;
}

static bool read_wheel(struct sw_index_file *file, struct sw_str file_name, struct sw_str project)
{
    if (sw_wheel_name_parse(&file->wheel, file_name, NULL) != 0 ||
        !sw_name_equal(file->wheel.distribution, project))
        return false;
    file->version = file->wheel.version;
    return true;
}

/* Make a field of the page a text of its own: the byte that parted it from the next field becomes its NUL. */
static const char *terminate(char *page, struct sw_str field)
{
    char *text = page + (field.p - page);
    text[field.n] = '\0';
    return text;
}

static void take_texts(struct sw_index_file *file, char *page, const struct sw_page_file *row)
{
    file->name = terminate(page, row->name);
    file->url = terminate(page, row->url);
    file->sha256 = terminate(page, row->sha256);
    file->uploaded = terminate(page, row->uploaded);
    file->requires_python = terminate(page, row->requires_python);
    file->yanked_reason = terminate(page, row->yanked_reason);
    file->metadata_sha256 = terminate(page, row->metadata_sha256);
    file->size = row->size;
    file->yanked = row->yanked;
    file->metadata = row->has_metadata ? SW_BESIDE_YES : SW_BESIDE_NO;
}

/* Newest first; of one release wheels first, then by name. */
static int by_version(const void *a, const void *b)
{
    const struct sw_index_file *left = a, *right = b;
    int order = sw_str_equal(left->version.text, right->version.text) /* most are of one release */
                    ? 0
                    : sw_version_compare(&right->version, &left->version);
    if (order == 0)
        order = (int)left->kind - (int)right->kind;
    return order != 0 ? order : strcmp(left->name, right->name);
}

static int group(struct sw_index_project *project, struct sw_arena *arena, struct sw_index_file *files,
                 size_t count, struct sw_error *error)
{
    size_t releases = 0;
    for (size_t i = 0; i < count; i++)
        releases += i == 0 || sw_version_compare(&files[i].version, &files[i - 1].version) != 0;
    struct sw_index_release *items = sw_arena_array(arena, releases, sizeof *items);
    if (items == NULL)
        return sw_fail_memory(error);
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        bool begins = i == 0 || sw_version_compare(&files[i].version, &files[i - 1].version) != 0;
        last += begins && i > 0;
        if (begins)
            items[last] =
                (struct sw_index_release){.version = files[i].version, .files = &files[i], .yanked = true};
        items[last].file_count++;
        items[last].yanked = items[last].yanked && files[i].yanked;
    }
    project->releases = items;
    project->release_count = releases;
    return 0;
}

/* If the index states of no file that it has metadata, it may not know how to state it. */
static void doubt_metadata(struct sw_index_file *files, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || files[i].metadata == SW_BESIDE_YES;
    for (size_t i = 0; !any && i < count; i++)
        files[i].metadata = files[i].kind == SW_INDEX_WHEEL ? SW_BESIDE_MAYBE : SW_BESIDE_NO;
}

static size_t count_lines(struct sw_str page)
{
    size_t count = 1;
    while (page.p != NULL) {
        (void)sw_str_cut(&page, '\n');
        count++;
    }
    return count;
}

int sw_index_read_page(struct sw_index_project *project, struct sw_arena *arena, struct sw_str page,
                       struct sw_error *error)
{
    struct sw_page_file row;
    size_t count = 0, most = count_lines(page);
    struct sw_str project_name = sw_str_from(project->name);
    if (most > SW_MAX_INDEX_FILES)
        return sw_fail(error, SW_EINPUT, "it lists more than %d files", SW_MAX_INDEX_FILES);
    char *own = sw_arena_copy(arena, page);
    struct sw_index_file *files = sw_arena_array(arena, most, sizeof *files);
    if (own == NULL || files == NULL)
        return sw_fail_memory(error);
    for (struct sw_str rest = {own, page.n}; sw_page_next(&row, &rest);) {
        struct sw_index_file *file = &files[count];
        *file =
            (struct sw_index_file){.kind = sw_str_ends(row.name, ".whl") ? SW_INDEX_WHEEL : SW_INDEX_SDIST};
        take_texts(file, own, &row);
        struct sw_str file_name = sw_str_from(file->name);
        if (file->kind == SW_INDEX_WHEEL ? read_wheel(file, file_name, project_name)
                                         : read_sdist(file, file_name, project_name))
            count++;
        else
            project->unread++;
    }
    doubt_metadata(files, count);
    if (count > 1)
        qsort(files, count, sizeof *files, by_version);
    return group(project, arena, files, count, error);
}

const struct sw_index_release *sw_index_release(const struct sw_index_project *project,
                                                const struct sw_version *version)
{
    for (size_t i = 0; i < project->release_count; i++) {
        if (sw_version_compare(&project->releases[i].version, version) == 0)
            return &project->releases[i];
    }
    return NULL;
}

bool sw_index_allows_python(const struct sw_index_file *file, const struct sw_version *python)
{
    if (file->requires_python[0] == '\0')
        return true;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_specifier_set set;
    return sw_specifier_set_parse(&set, &arena, sw_str_from(file->requires_python), NULL) != 0 ||
           sw_specifier_set_contains(&set, python, SW_PRERELEASES_ALLOW);
}

const struct sw_index_file *sw_index_wheel_if(const struct sw_index_release *release,
                                              const struct sw_tag_list *tags,
                                              bool (*allows)(void *self, const struct sw_index_file *file),
                                              void *self)
{
    const struct sw_index_file *best = NULL;
    size_t best_rank = 0, rank;
    for (size_t i = 0; i < release->file_count; i++) {
        const struct sw_index_file *file = &release->files[i];
        if (file->kind != SW_INDEX_WHEEL || !sw_wheel_name_rank(&rank, &file->wheel, tags) ||
            !allows(self, file))
            continue;
        /* A yanked file is the last resort. */
        bool better = best == NULL || (best->yanked && !file->yanked);
        if (best != NULL && best->yanked == file->yanked)
            better = rank < best_rank ||
                     (rank == best_rank && sw_wheel_name_compare_build(&file->wheel, &best->wheel) > 0);
        if (better) {
            best = file;
            best_rank = rank;
        }
    }
    return best;
}

static bool allows_python(void *python, const struct sw_index_file *file)
{
    return sw_index_allows_python(file, python);
}

const struct sw_index_file *sw_index_wheel(const struct sw_index_release *release,
                                           const struct sw_tag_list *tags, const struct sw_version *python)
{
    struct sw_version version = *python;
    return sw_index_wheel_if(release, tags, allows_python, &version);
}

const struct sw_index_file *sw_index_sdist(const struct sw_index_release *release)
{
    for (size_t i = 0; i < release->file_count; i++) {
        if (release->files[i].kind == SW_INDEX_SDIST)
            return &release->files[i];
    }
    return NULL;
}
