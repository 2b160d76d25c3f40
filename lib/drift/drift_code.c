/* The GPU code in the wheels of the projects of code.yaml: the rows held against the wheels, and rows for new releases. */
#include "catalog/wheel_code.h"
#include "drift/drift_internal.h"

enum { MOST_NAMES = 512 };

/* "sm_80 sm_90a compute_90" of all libraries of the wheel. */
static int read_codes(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                      const char *argument, struct sw_error *error)
{
    (void)arena;
    (void)argument;
    return sw_wheel_code_names(out, wheel, error);
}

/* ---- names as architectures ---- */

struct name {
    uint64_t number;
    char suffix; /* or 0 */
};

static int by_number(const void *a, const void *b)
{
    const struct name *one = a, *other = b;
    if (one->number != other->number)
        return (one->number > other->number) - (one->number < other->number);
    return one->suffix - other->suffix;
}

/* "7.5", "9.0a" of the names with the prefix, in order, `between` them; each within `quote`. */
static const char *architectures_of(struct drift *d, const char *fact, const char *prefix, const char *quote,
                                    const char *between)
{
    struct name names[MOST_NAMES];
    size_t count = 0;
    for (struct sw_str rest = sw_str_from(fact); rest.p != NULL && rest.n > 0 && count < MOST_NAMES;) {
        struct sw_str word = sw_str_cut(&rest, ' ');
        if (!sw_str_starts(word, prefix))
            continue;
        word = sw_str_drop(word, strlen(prefix));
        bool plain = word.n > 0 && sw_is_digit((unsigned char)word.p[word.n - 1]);
        names[count].suffix = plain || word.n == 0 ? '\0' : word.p[word.n - 1];
        word.n -= plain || word.n == 0 ? 0 : 1;
        count += sw_str_to_u64(word, &names[count].number) ? 1 : 0;
    }
    if (count > 0)
        qsort(names, count, sizeof *names, by_number);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    for (size_t i = 0; i < count; i++) {
        const char suffix[] = {names[i].suffix, '\0'};
        sw_buffer_addf(&text, "%s%s%u.%u%s%s", text.n == 0 ? "" : between, quote,
                       (unsigned)(names[i].number / 10), (unsigned)(names[i].number % 10), suffix, quote);
    }
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* ---- rows held against wheels ---- */

void drift_code(struct drift *d, const struct sw_node *row)
{
    const char *name = drift_text(row, "project"), *version = drift_text(row, "version");
    const struct sw_index_project *project = drift_project(d, name);
    const struct sw_index_release *release = project == NULL ? NULL : drift_release(project, version);
    const struct sw_index_file *file =
        release == NULL ? NULL : drift_wheels(d, release, SW_CATALOG_MACHINE).file;
    if (file == NULL) {
        if (project != NULL)
            drift_leave(d, "the index has no wheel of %s %s for %s", name, version, SW_CATALOG_MACHINE);
        return;
    }
    const char *fact = drift_fact(d, file, "codes", read_codes, "");
    if (fact == NULL)
        return;
    drift_compare(d, "its machine code", drift_join(d, sw_node_get(row, "sass")),
                  architectures_of(d, fact, "sm_", "", " "), file);
    drift_compare(d, "its PTX", drift_join(d, sw_node_get(row, "ptx")),
                  architectures_of(d, fact, "compute_", "", " "), file);
}

/* ---- rows for new releases ---- */

static bool has_row(const struct drift *d, const char *project, const char *version)
{
    const struct sw_node *row = sw_wheel_code_row(d->catalog, project, version);
    return row != NULL && sw_catalog_compare(drift_text(row, "version"), version) == 0;
}

/* A release that wants a row. */
struct wanted {
    const char *project, *version;
    const struct sw_index_file *file;
};

struct wishes {
    struct wanted *items;
    size_t count;
};

static void add_wanted(struct wishes *wishes, struct drift *d, struct wanted wanted)
{
    struct wanted *items = sw_arena_grow(d->b.arena, wishes->items, wishes->count, sizeof *items);
    d->b.failed = d->b.failed || items == NULL;
    if (items == NULL)
        return;
    wishes->items = items;
    wishes->items[wishes->count++] = wanted;
}

/* The releases come newest first, so that a minor release begins with its newest patch. */
static void add_project(struct wishes *wishes, struct drift *d, const char *name)
{
    struct sw_drift_row *row = sw_arena_alloc(d->b.arena, sizeof *row);
    if (row == NULL) {
        d->b.failed = true;
        return;
    }
    *row = (struct sw_drift_row){.name = name};
    d->row = row;
    const struct sw_index_project *project = drift_project(d, name);
    const char *last = NULL;
    for (size_t i = 0; project != NULL && i < project->release_count && d->code == 0; i++) {
        const struct sw_index_release *release = &project->releases[i];
        const char *version = sw_arena_copy(d->b.arena, release->version.text);
        if (version == NULL || !drift_counts(release) ||
            (last != NULL && sw_wheel_code_same_minor(last, version)))
            continue;
        const struct sw_index_file *file = drift_wheels(d, release, SW_CATALOG_MACHINE).file;
        if (file == NULL)
            continue;
        last = version;
        if (!has_row(d, name, version))
            add_wanted(wishes, d, (struct wanted){name, version, file});
    }
    d->row = NULL;
}

/* Newest first, as the index dates their files. */
static int by_upload(const void *a, const void *b)
{
    const struct wanted *one = a, *other = b;
    int order = strcmp(other->file->uploaded, one->file->uploaded);
    return order != 0 ? order : strcmp(one->file->name, other->file->name);
}

/* Read one release. A wheel that cannot be read ends nothing. */
static void update(struct drift *d, const struct wanted *wanted, const char *date,
                   const struct sw_drift_taker *taker)
{
    struct sw_drift_row scratch = {.name = wanted->project};
    d->row = &scratch;
    const char *fact = drift_fact(d, wanted->file, "codes", read_codes, "");
    const char *ptx = fact == NULL ? "" : architectures_of(d, fact, "compute_", "\"", ", ");
    const char *line =
        fact == NULL
            ? NULL
            : sw_arena_format(d->b.arena,
                              "  - {project: %s, version: \"%s\", sass: [%s], %s%s%ssource: %s, verified: "
                              "\"by slipway catalog update, %s\"}",
                              wanted->project, wanted->version, architectures_of(d, fact, "sm_", "\"", ", "),
                              ptx[0] == '\0' ? "" : "ptx: [", ptx, ptx[0] == '\0' ? "" : "], ",
                              wanted->file->name, date);
    d->row = NULL;
    d->b.failed = d->b.failed || (fact != NULL && line == NULL);
    struct sw_drift_new row = {wanted->project, wanted->version, line, scratch.open, wanted->file->size};
    if (d->code == 0 && !d->b.failed)
        d->code = taker->take(taker->self, &row, d->error);
}

void drift_update_code(struct drift *d, const char *date, const struct sw_drift_taker *taker)
{
    struct wishes wishes = {NULL, 0};
    const struct sw_node *projects = sw_node_get(d->catalog->wheel_projects, "projects");
    for (size_t i = 0; i < sw_node_count(projects) && d->code == 0 && !d->b.failed; i++)
        add_project(&wishes, d, sw_node_text(sw_node_item(projects, i), ""));
    if (wishes.count > 0)
        qsort(wishes.items, wishes.count, sizeof *wishes.items, by_upload);
    for (size_t i = 0; i < wishes.count && d->code == 0 && !d->b.failed; i++)
        update(d, &wishes.items[i], date, taker);
}

/* ---- the file ---- */

/* The project and version of a line that is a row of the code; false for other lines. */
static bool read_row(struct sw_str *project, struct sw_str *version, struct sw_str line)
{
    static const char begin[] = "  - {project: ", middle[] = "version: \"";
    if (!sw_str_starts(line, begin))
        return false;
    struct sw_str rest = sw_str_drop(line, strlen(begin));
    *project = sw_str_cut(&rest, ',');
    size_t at = rest.p == NULL ? 0 : sw_str_find(rest, sw_str_from(middle));
    if (rest.p == NULL || at == rest.n)
        return false;
    rest = sw_str_drop(rest, at + strlen(middle));
    *version = sw_str_cut(&rest, '"');
    return rest.p != NULL;
}

/* Return true if the row comes before the row of the line. */
static bool comes_before(const struct sw_drift_new *row, struct sw_str project, struct sw_str version)
{
    struct sw_str own = sw_str_from(row->project);
    int order = memcmp(own.p, project.p, own.n < project.n ? own.n : project.n);
    if (order == 0 && own.n == project.n) {
        struct sw_version left, right;
        return sw_version_parse(&left, sw_str_from(row->version), NULL) == 0 &&
               sw_version_parse(&right, version, NULL) == 0 && sw_version_compare(&left, &right) < 0;
    }
    return order < 0 || (order == 0 && own.n < project.n);
}

void sw_drift_insert(struct sw_buffer *out, struct sw_str text, const struct sw_drift_new *row)
{
    bool placed = false;
    while (text.n > 0) {
        struct sw_str project, version, line = sw_str_cut(&text, '\n');
        if (!placed && read_row(&project, &version, line) && comes_before(row, project, version)) {
            sw_buffer_addf(out, "%s\n", row->line);
            placed = true;
        }
        sw_buffer_add_str(out, line);
        sw_buffer_add_char(out, '\n');
        if (text.p == NULL)
            break;
    }
    if (!placed)
        sw_buffer_addf(out, "%s\n", row->line);
}
