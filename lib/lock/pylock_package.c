#include "base/limits.h"
#include "lock/pylock_internal.h"
#include "python/name.h"
#include "python/requirement.h"
#include "python/wheel_name.h"

#include <stdlib.h>

/* A package as it is read: `at` is its table in the file. */
struct row {
    struct sw_resolved_package package;
    const struct sw_node *at;
    struct sw_resolved_requirer *requirers;
};

struct rows {
    const struct sw_pylock_reading *reading;
    struct row *items;
    size_t count;
};

static bool is_normalized(struct sw_str text)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_REQUIREMENT_SIZE);
    if (!sw_name_valid(text))
        return false;
    sw_name_normalize(&name, text);
    return sw_str_equal(sw_buffer_str(&name), text);
}

static bool is_version(struct sw_str text)
{
    struct sw_version version;
    return sw_version_parse(&version, text, NULL) == 0;
}

/* A URL that is one word, in a shell and in a requirements file too. */
static bool is_url(struct sw_str text)
{
    static const char *const schemes[] = {"https://", "http://", "file:///", "ssh://"};
    bool known = false;
    for (size_t i = 0; i < SW_COUNT(schemes); i++)
        known = known || (sw_str_starts(text, schemes[i]) && text.n > strlen(schemes[i]));
    for (size_t i = 0; known && i < text.n; i++)
        known =
            (unsigned char)text.p[i] > ' ' && text.p[i] != 0x7f && strchr("\"'\\`<>^{|}", text.p[i]) == NULL;
    return known && text.n <= SW_MAX_URL_SIZE && sw_utf8_valid(text);
}

static bool is_git(struct sw_str text)
{
    return sw_str_is(text, "git");
}

static bool is_commit(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return text.n == 40;
}

/* The name of a branch or tag: printable characters that end no part of a URL. */
static bool is_revision(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] > '~' || strchr("\"'\\#?@^~:*[", text.p[i]) != NULL)
            return false;
    }
    return text.n > 0 && text.n <= SW_MAX_REVISION;
}

/* A relative path of plain characters that stays below its start. */
static bool is_folder(struct sw_str text)
{
    struct sw_str rest = text;
    if (!sw_str_is_plain(text, "._-/") || text.n > SW_MAX_PATH_SIZE || text.p[0] == '/')
        return false;
    while (rest.p != NULL) {
        if (sw_str_is(sw_str_cut(&rest, '/'), ".."))
            return false;
    }
    return true;
}

static bool is_wheel(struct sw_str text)
{
    struct sw_wheel_name name;
    return sw_wheel_name_parse(&name, text, NULL) == 0;
}

static bool is_sdist(struct sw_str text)
{
    struct sw_sdist_name name;
    return sw_sdist_name_parse(&name, text, NULL) == 0;
}

/* Size, time and digest of a file. */
static int read_facts(struct sw_resolved_file *file, const struct rows *rows, const struct sw_node *at)
{
    const struct sw_node *size = sw_node_get(at, "size");
    int64_t bytes = sw_node_integer_within(size, 0, INT64_MAX, -1);
    if (size != NULL && bytes < 0)
        return sw_pylock_refuse(rows->reading, size, "'size' is not a number of bytes");
    file->size = size == NULL ? 0 : (uint64_t)bytes;
    int code = sw_pylock_text(&file->uploaded, rows->reading, at, "upload-time", false, sw_pylock_is_line);
    if (code != 0)
        return code;
    if (sw_node_type(sw_node_get(at, "hashes")) != SW_NODE_MAP)
        return sw_pylock_refuse(rows->reading, at, "'hashes' is missing");
    return sw_pylock_text(&file->sha256, rows->reading, sw_node_get(at, "hashes"), "sha256", true,
                          sw_pylock_is_sha256);
}

static int read_index_file(struct sw_resolved_file *file, const struct rows *rows,
                           const struct sw_node *package, const struct sw_node *at)
{
    bool wheel = file->kind == SW_RESOLVED_WHEEL;
    int code = sw_pylock_text(&file->name, rows->reading, at, "name", true, wheel ? is_wheel : is_sdist);
    if (code == 0)
        code = sw_pylock_text(&file->url, rows->reading, at, "url", true, is_url);
    if (code == 0)
        code = sw_pylock_text(&file->index, rows->reading, package, "index", false, is_url);
    return code == 0 ? read_facts(file, rows, at) : code;
}

/* `url@commit#subdirectory=folder` of the parts that PEP 751 keeps apart; the last two may be empty. */
static int join_url(struct sw_resolved_file *file, const struct rows *rows, const char *scheme,
                    const char *commit, const char *folder)
{
    file->url =
        sw_arena_format(rows->reading->arena, "%s%s%s%s%s%s", scheme, file->url, commit[0] == '\0' ? "" : "@",
                        commit, folder[0] == '\0' ? "" : "#subdirectory=", folder);
    return file->url == NULL ? sw_fail_memory(rows->reading->error) : 0;
}

static int read_vcs(struct sw_resolved_file *file, const struct rows *rows, const struct sw_node *at)
{
    const char *type, *commit = "", *folder = "";
    int code = sw_pylock_text(&type, rows->reading, at, "type", true, is_git);
    if (code == 0)
        code = sw_pylock_text(&file->url, rows->reading, at, "url", true, is_url);
    if (code == 0)
        code = sw_pylock_text(&file->revision, rows->reading, at, "requested-revision", false, is_revision);
    if (code == 0)
        code = sw_pylock_text(&commit, rows->reading, at, "commit-id", true, is_commit);
    if (code == 0)
        code = sw_pylock_text(&folder, rows->reading, at, "subdirectory", false, is_folder);
    return code == 0 ? join_url(file, rows, "git+", commit, folder) : code;
}

static int read_archive(struct sw_resolved_file *file, const struct rows *rows, const struct sw_node *at)
{
    const char *folder = "";
    int code = sw_pylock_text(&file->url, rows->reading, at, "url", true, is_url);
    if (code == 0)
        code = sw_pylock_text(&folder, rows->reading, at, "subdirectory", false, is_folder);
    if (code != 0)
        return code;
    struct sw_str path = {file->url, strcspn(file->url, "?#")};
    file->kind = sw_str_ends(path, ".whl") ? SW_RESOLVED_URL_WHEEL : SW_RESOLVED_URL_SDIST;
    file->name = sw_arena_text(rows->reading->arena, strrchr(file->url, '/') + 1);
    if (file->name == NULL)
        return sw_fail_memory(rows->reading->error);
    code = read_facts(file, rows, at);
    return code == 0 ? join_url(file, rows, "", "", folder) : code;
}

/* The one file that is installed. */
static int read_file(struct sw_resolved_file *file, const struct rows *rows, const struct sw_node *at)
{
    const struct sw_node *wheels = sw_node_get(at, "wheels"), *sdist = sw_node_get(at, "sdist"),
                         *vcs = sw_node_get(at, "vcs"), *archive = sw_node_get(at, "archive");
    *file = (struct sw_resolved_file){.name = "",
                                      .revision = "",
                                      .url = "",
                                      .sha256 = "",
                                      .uploaded = "",
                                      .index = "",
                                      .yanked_reason = ""};
    if ((wheels != NULL) + (sdist != NULL) + (vcs != NULL) + (archive != NULL) != 1 ||
        (wheels != NULL && sw_node_count(wheels) != 1))
        return sw_pylock_refuse(rows->reading, at,
                                "a package of slipway's has one wheel, or one 'sdist', 'vcs' or 'archive'");
    file->kind = wheels != NULL ? SW_RESOLVED_WHEEL : vcs != NULL ? SW_RESOLVED_VCS : SW_RESOLVED_SDIST;
    if (vcs != NULL)
        return read_vcs(file, rows, vcs);
    if (archive != NULL)
        return read_archive(file, rows, archive);
    return read_index_file(file, rows, at, wheels != NULL ? sw_node_item(wheels, 0) : sdist);
}

static int read_row(struct row *row, const struct rows *rows, const struct sw_node *at)
{
    struct sw_resolved_package *package = &row->package;
    const struct sw_node *tool = sw_node_get(sw_node_get(at, "tool"), "slipway");
    row->at = at;
    package->known = !sw_node_boolean(sw_node_get(tool, "unknown"), false);
    int code = sw_pylock_text(&package->name, rows->reading, at, "name", true, is_normalized);
    if (code == 0)
        code = read_file(&package->file, rows, at);
    bool index = package->file.kind == SW_RESOLVED_WHEEL || package->file.kind == SW_RESOLVED_SDIST;
    if (code == 0)
        code = sw_pylock_text(&package->version, rows->reading, at, "version", index, is_version);
    if (code == 0)
        code = sw_pylock_text(&package->requires_python, rows->reading, at, "requires-python", false,
                              sw_pylock_is_line);
    if (code == 0)
        code = sw_pylock_texts(&package->extras, &package->extra_count, rows->reading, tool, "extras",
                               is_normalized);
    return code;
}

static int by_name(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    return strcmp(left->package.name, right->package.name);
}

static int name_of_row(const void *name, const void *row)
{
    return strcmp(name, ((const struct row *)row)->package.name);
}

/* The row of the project, or NULL. */
static struct row *find(const struct rows *rows, const char *name)
{
    return bsearch(name, rows->items, rows->count, sizeof *rows->items, name_of_row);
}

/* Read a requirement of a package, or of a root, and the package that meets it. */
static int read_requirement(struct row **out, const char **marker, const struct rows *rows,
                            const struct sw_node *at)
{
    struct sw_requirement requirement;
    struct sw_arena *arena = rows->reading->arena;
    if (sw_node_type(at) != SW_NODE_TEXT ||
        sw_requirement_parse(&requirement, arena, sw_node_str(at), NULL) != 0)
        return sw_pylock_refuse(rows->reading, at, "a requirement cannot be read");
    const char *name = sw_name_normalized(arena, requirement.name);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    if (requirement.marker != NULL)
        sw_marker_write(&text, requirement.marker);
    *marker = sw_arena_copy(arena, sw_buffer_str(&text));
    if (name == NULL || *marker == NULL)
        return sw_fail_memory(rows->reading->error);
    *out = find(rows, name);
    return *out == NULL
               ? sw_pylock_refuse(rows->reading, at, "'%.100s' is required, and no package of the lock", name)
               : 0;
}

static int read_dependencies(const struct rows *rows, struct row *row)
{
    const struct sw_node *names = sw_node_get(row->at, "dependencies");
    const struct sw_node *texts =
        sw_node_get(sw_node_get(sw_node_get(row->at, "tool"), "slipway"), "requires");
    size_t count = sw_node_count(texts);
    struct sw_resolved_dependency *made = sw_arena_array(rows->reading->arena, count + 1, sizeof *made);
    if (made == NULL)
        return sw_fail_memory(rows->reading->error);
    if (sw_node_count(names) != count)
        return sw_pylock_refuse(rows->reading, row->at,
                                "'dependencies' and 'tool.slipway.requires' do not belong together");
    for (size_t i = 0; i < count; i++) {
        struct row *to = NULL;
        int code = read_requirement(&to, &made[i].marker, rows, sw_node_item(texts, i));
        if (code != 0 || to == NULL)
            return code;
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(names, i), "name"), ""), to->package.name) != 0)
            return sw_pylock_refuse(rows->reading, sw_node_item(names, i),
                                    "the dependency is not the one of '%.100s'",
                                    sw_node_text(sw_node_item(texts, i), ""));
        made[i].package = (size_t)(to - rows->items);
        made[i].text = sw_node_text(sw_node_item(texts, i), "");
        to->package.requirer_count++;
    }
    row->package.dependencies = made;
    row->package.dependency_count = count;
    return 0;
}

static void add_requirer(struct row *row, struct sw_resolved_requirer requirer)
{
    row->requirers[row->package.requirer_count++] = requirer;
}

/* Turn the dependencies around: roots first, then by package. */
static int read_requirers(const struct rows *rows, const struct sw_node *roots)
{
    struct row **of_root =
        sw_arena_array(rows->reading->arena, sw_node_count(roots) + 1, sizeof(struct row *));
    if (of_root == NULL)
        return sw_fail_memory(rows->reading->error);
    for (size_t i = 0; i < sw_node_count(roots); i++) {
        const char *marker;
        int code = read_requirement(&of_root[i], &marker, rows, sw_node_item(roots, i));
        if (code != 0)
            return code;
        of_root[i]->package.requirer_count++;
    }
    for (size_t i = 0; i < rows->count; i++) {
        struct row *row = &rows->items[i];
        row->requirers =
            sw_arena_array(rows->reading->arena, row->package.requirer_count + 1, sizeof *row->requirers);
        if (row->requirers == NULL)
            return sw_fail_memory(rows->reading->error);
        row->package.requirers = row->requirers;
        row->package.requirer_count = 0;
    }
    for (size_t i = 0; i < sw_node_count(roots); i++)
        add_requirer(of_root[i], (struct sw_resolved_requirer){SW_RESOLVED_ROOT, i});
    for (size_t i = 0; i < rows->count; i++) {
        for (size_t j = 0; j < rows->items[i].package.dependency_count; j++)
            add_requirer(&rows->items[rows->items[i].package.dependencies[j].package],
                         (struct sw_resolved_requirer){i, j});
    }
    return 0;
}

static int read_rows(struct rows *rows, const struct sw_node *list)
{
    for (size_t i = 0; i < rows->count; i++) {
        int code = read_row(&rows->items[i], rows, sw_node_item(list, i));
        if (code != 0)
            return code;
    }
    qsort(rows->items, rows->count, sizeof *rows->items, by_name);
    for (size_t i = 1; i < rows->count; i++) {
        if (strcmp(rows->items[i - 1].package.name, rows->items[i].package.name) == 0)
            return sw_pylock_refuse(rows->reading, rows->items[i].at, "'%.100s' is there twice",
                                    rows->items[i].package.name);
    }
    return 0;
}

int sw_pylock_packages(struct sw_resolution *out, const struct sw_pylock_reading *reading,
                       const struct sw_node *root, const struct sw_node *roots)
{
    const struct sw_node *list = sw_node_get(root, "packages");
    struct rows rows = {.reading = reading, .count = sw_node_count(list)};
    if (rows.count > SW_MAX_LOCK_PACKAGES)
        return sw_pylock_refuse(reading, list, "the lock has more than %d packages", SW_MAX_LOCK_PACKAGES);
    rows.items = sw_arena_array(reading->arena, rows.count + 1, sizeof *rows.items);
    struct sw_resolved_package *packages = sw_arena_array(reading->arena, rows.count + 1, sizeof *packages);
    if (rows.items == NULL || packages == NULL)
        return sw_fail_memory(reading->error);
    int code = read_rows(&rows, list);
    for (size_t i = 0; code == 0 && i < rows.count; i++)
        code = read_dependencies(&rows, &rows.items[i]);
    if (code == 0)
        code = read_requirers(&rows, roots);
    for (size_t i = 0; code == 0 && i < rows.count; i++)
        packages[i] = rows.items[i].package;
    if (code == 0) {
        out->packages = packages;
        out->package_count = rows.count;
    }
    return code;
}
