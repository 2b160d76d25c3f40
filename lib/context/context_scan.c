#include "base/beneath.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "context/context_internal.h"
#include "context/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* The known facts of a folder on the way down; a folder goes into the context when something in it does. */
struct level {
    struct stat status;
    size_t path_n;
    bool added;
};

struct scan {
    struct sw_context *context;
    struct sw_selection selection;
    struct level *levels;
    /* For each level, and one more, the patterns that match: sw_ignore_match(). */
    bool *matched;
    size_t capacity, patterns;
    struct stat output; /* the folder to leave out; st_ino 0: none */
    struct sw_buffer unreadable;
    size_t unreadable_count;
};

static int grow_entries(struct sw_context *context, struct sw_error *error)
{
    if (context->count < context->capacity)
        return 0;
    if (context->count >= SW_MAX_CONTEXT_ENTRIES)
        return sw_fail(error, SW_EINPUT, "the context has more than %d files and folders",
                       SW_MAX_CONTEXT_ENTRIES);
    size_t capacity = context->capacity == 0 ? 64 : 2 * context->capacity;
    struct sw_context_entry *entries = reallocarray(context->entries, capacity, sizeof *entries);
    if (entries == NULL)
        return sw_fail_memory(error);
    context->entries = entries;
    context->capacity = capacity;
    return 0;
}

static int add_entry(struct sw_context *context, struct sw_context_entry entry, struct sw_error *error)
{
    if (entry.path == NULL)
        return sw_fail_memory(error);
    int code = grow_entries(context, error);
    if (code == 0)
        context->entries[context->count++] = entry;
    return code;
}

static struct sw_context_entry entry_from(const struct stat *status)
{
    return (struct sw_context_entry){
        .size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0,
        .inode = status->st_ino,
        .mtime = status->st_mtim.tv_sec,
        .mtime_ns = (uint32_t)status->st_mtim.tv_nsec,
        .mode = status->st_mode & (S_IFMT | 07777),
    };
}

static int add_disk_entry(struct sw_context *context, struct sw_str path, const struct stat *status,
                          const char *link, struct sw_error *error)
{
    struct sw_context_entry entry = entry_from(status);
    entry.path = path.n == 0
                     ? SW_CONTEXT_FOLDER
                     : sw_arena_format(&context->arena, "%s/%.*s", SW_CONTEXT_FOLDER, SW_STR_FORMAT(path));
    entry.link = link;
    return add_entry(context, entry, error);
}

/* Add the folders above a path that are not there yet: depth 0 is the root, which is always a folder of its
 * own. */
static int add_parents(struct scan *scan, struct sw_str path, size_t depth, struct sw_error *error)
{
    for (size_t i = 0; i <= depth; i++) {
        struct level *level = &scan->levels[i];
        struct sw_str folder = {path.p, level->path_n};
        int code = level->added ? 0 : add_disk_entry(scan->context, folder, &level->status, NULL, error);
        if (code != 0)
            return code;
        level->added = true;
    }
    return 0;
}

static int reserve_level(struct scan *scan, size_t depth, struct sw_error *error)
{
    if (depth + 2 <= scan->capacity)
        return 0;
    size_t capacity = 2 * (depth + 2);
    struct level *levels = reallocarray(scan->levels, capacity, sizeof *levels);
    if (levels == NULL)
        return sw_fail_memory(error);
    scan->levels = levels;
    bool *matched = reallocarray(scan->matched, capacity, scan->patterns + 1);
    if (matched == NULL)
        return sw_fail_memory(error);
    scan->matched = matched;
    scan->capacity = capacity;
    return 0;
}

/* Judge a path by the ignore file. The root is level 0; an entry's own vector is one deeper than its
 * folder's. */
static int judge(struct scan *scan, const struct sw_walk_entry *at, struct sw_ignore_verdict *verdict,
                 struct sw_error *error)
{
    *verdict = (struct sw_ignore_verdict){false, 0};
    if (scan->context->options.ignore == NULL)
        return 0;
    const bool *parent = at->depth == 0 ? NULL : scan->matched + at->depth * scan->patterns;
    bool *matched = scan->matched + (at->depth + 1) * scan->patterns;
    return sw_ignore_match(scan->context->options.ignore, verdict, at->path, parent, matched, error);
}

static void warn(const struct scan *scan, struct sw_str path, const char *what)
{
    char text[512];
    int n = snprintf(text, sizeof text, "'%.*s' is %s: left out", SW_STR_FORMAT(path), what);
    size_t used = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    sw_emit(
        scan->context->options.sink,
        (struct sw_event){.kind = SW_EVENT_WARNING, .step = SW_STR(SW_CONTEXT_STEP), .text = {text, used}});
}

static void note_unreadable(struct scan *scan, struct sw_str path)
{
    scan->unreadable_count++;
    sw_buffer_add_text(&scan->unreadable, scan->unreadable.n > 0 ? ", '" : "'");
    sw_text_add_clean(&scan->unreadable, path);
    sw_buffer_add_char(&scan->unreadable, '\'');
}

static int read_link(struct scan *scan, const struct sw_walk_entry *at, const char **link,
                     struct sw_error *error)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(at->folder, at->name, target, sizeof target);
    if (n < 0 || (size_t)n == sizeof target)
        return sw_fail_errno(error, SW_EINPUT, "cannot read the link '%s'", at->path.p);
    *link = sw_arena_copy(&scan->context->arena, (struct sw_str){target, (size_t)n});
    return *link == NULL ? sw_fail_memory(error) : 0;
}

/* Return true if the entry can go into a context at all; report it if not. */
static bool is_sendable(struct scan *scan, const struct sw_walk_entry *at)
{
    mode_t mode = at->status.st_mode;
    if (S_ISSOCK(mode))
        return false; /* docker leaves sockets out silently */
    if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode)) {
        warn(scan, at->path, S_ISFIFO(mode) ? "a pipe" : "a device");
        return false;
    }
    int wanted = S_ISDIR(mode) ? R_OK | X_OK : R_OK;
    if (!S_ISLNK(mode) && faccessat(at->folder, at->name, wanted, AT_EACCESS) != 0) {
        note_unreadable(scan, at->path);
        return false;
    }
    return true;
}

static bool is_output(const struct scan *scan, const struct stat *status)
{
    return scan->output.st_ino != 0 && S_ISDIR(status->st_mode) && status->st_ino == scan->output.st_ino &&
           status->st_dev == scan->output.st_dev;
}

/* Go down into the folder that the walk has just returned. */
static int enter(struct scan *scan, struct sw_walk *walk, const struct sw_walk_entry *at, bool added,
                 struct sw_error *error)
{
    int code = reserve_level(scan, at->depth + 1, error);
    if (code != 0)
        return code;
    scan->levels[at->depth + 1] = (struct level){at->status, at->path.n, added};
    return sw_walk_enter(walk, error);
}

static int visit(struct scan *scan, struct sw_walk *walk, const struct sw_walk_entry *at,
                 struct sw_error *error)
{
    mode_t mode = at->status.st_mode;
    bool folder = S_ISDIR(mode);
    struct sw_path_facts candidate = {.path = at->path,
                                      .unusable = !folder && !S_ISREG(mode) && !S_ISLNK(mode)};
    if (is_output(scan, &at->status))
        return 0;
    int code = judge(scan, at, &candidate.verdict, error);
    if (code == 0 && S_ISLNK(mode))
        code = read_link(scan, at, &candidate.link, error);
    enum sw_selected selected = SW_SELECTED_NOT;
    if (code == 0)
        code = sw_selection_match(&scan->selection, &selected, &candidate, error);
    if (code != 0 || selected == SW_SELECTED_NOT)
        return code;
    bool excluded = candidate.verdict.excluded;
    bool wanted = selected == SW_SELECTED && !excluded;
    bool pruned = !folder || (excluded && !sw_ignore_may_return(scan->context->options.ignore, at->path));
    if ((!wanted && pruned) || !is_sendable(scan, at))
        return 0;
    if (wanted) {
        code = add_parents(scan, at->path, at->depth, error);
        if (code == 0)
            code = add_disk_entry(scan->context, at->path, &at->status, candidate.link, error);
    }
    return code != 0 || pruned ? code : enter(scan, walk, at, wanted, error);
}

static int walk_once(struct scan *scan, struct sw_error *error)
{
    int code = reserve_level(scan, 0, error);
    if (code != 0)
        return code;
    scan->levels[0] = (struct level){0};
    if (fstat(scan->context->root, &scan->levels[0].status) != 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot look at '%s'", scan->context->options.root);
    struct sw_walk *walk = NULL;
    code = sw_walk_new(&walk, scan->context->root, error);
    while (code == 0) {
        struct sw_walk_entry at;
        code = sw_cancel_requested(scan->context->options.cancel) ? sw_fail_canceled(error)
                                                                  : sw_walk_next(walk, &at, error);
        if (code != 0 || at.path.p == NULL)
            break;
        code = visit(scan, walk, &at, error);
    }
    sw_walk_free(walk);
    return code != 0 ? code : add_parents(scan, SW_STR(""), 0, error); /* COPY of an empty folder needs it */
}

static int fail_unreadable(const struct scan *scan, struct sw_error *error)
{
    bool more = scan->unreadable.state == SW_BUFFER_FULL;
    (void)sw_fail(error, SW_EINPUT, "no permission to read %s%s (%zu in all)", scan->unreadable.p,
                  more ? " …" : "", scan->unreadable_count);
    return sw_error_hint(error, "make them readable, or leave them out by .dockerignore");
}

/* Walk until no link that is to be copied leads to something new. */
static int walk_all(struct scan *scan, struct sw_error *error)
{
    struct sw_context *context = scan->context;
    size_t virtual_count = context->count, items;
    for (unsigned round = 0;; round++) {
        if (round > SW_MAX_CONTEXT_LINKS)
            return sw_fail(error, SW_EINPUT, "too many symbolic links lead to one another in '%s'",
                           context->options.root);
        context->count = virtual_count;
        scan->unreadable_count = 0;
        sw_buffer_clear(&scan->unreadable);
        items = scan->selection.count;
        int code = walk_once(scan, error);
        if (code != 0)
            return code;
        if (items == scan->selection.count)
            break;
    }
    if (scan->unreadable_count > 0)
        return fail_unreadable(scan, error);
    const struct sw_ignore *ignore = context->options.ignore;
    return sw_selection_check(&scan->selection, context->root, ignore == NULL ? "" : sw_ignore_file(ignore),
                              error);
}

static int scan_root(struct sw_context *context, struct sw_error *error)
{
    const struct sw_context_options *options = &context->options;
    struct scan scan = {.context = context};
    scan.patterns = options->ignore == NULL ? 0 : sw_ignore_count(options->ignore);
    sw_buffer_init(&scan.unreadable, 400);
    if (options->output == NULL || stat(options->output, &scan.output) != 0)
        scan.output.st_ino = 0;
    int code =
        sw_selection_init(&scan.selection, &context->arena, options->copies, options->copies_count, error);
    if (code == 0 && options->copies_count > 0)
        code = walk_all(&scan, error);
    free(scan.levels);
    free(scan.matched);
    sw_buffer_release(&scan.unreadable);
    return code;
}

/* The Dockerfile first: see sw_context_read(). */
static int compare_virtual(const void *a, const void *b)
{
    const struct sw_context_entry *left = a, *right = b;
    int order = strcmp(right->path, "Dockerfile") == 0;
    order -= strcmp(left->path, "Dockerfile") == 0;
    return order != 0 ? order : strcmp(left->path, right->path);
}

/* An engine that keeps its copy of a context tells by size and time if a file changed. Files in memory
 * therefore have a time of their own, made of their content: some second of the year 2000, and nanoseconds. */
static int set_time(struct sw_context_entry *entry, struct sw_str content, struct sw_error *error)
{
    enum { DIGITS = 14, YEAR_2000 = 946684800, YEAR_SECONDS = 366 * 24 * 3600 };
    char hex[SW_SHA256_HEX_SIZE];
    if (!sw_sha256_hex(content, hex))
        return sw_fail_memory(error);
    hex[DIGITS] = '\0';
    uint64_t number = strtoull(hex, NULL, 16);
    entry->mtime = YEAR_2000 + (int64_t)(number / SW_SECOND_NS % YEAR_SECONDS);
    entry->mtime_ns = (uint32_t)(number % SW_SECOND_NS);
    return 0;
}

static int add_virtual(struct sw_context *context, struct sw_error *error)
{
    for (size_t i = 0; i < context->options.files_count; i++) {
        const struct sw_context_file *file = &context->options.files[i];
        struct sw_context_entry entry = {
            .path = file->path,
            .content = file->content.n == 0 ? "" : file->content.p,
            .size = file->content.n,
            .mode = S_IFREG | ((file->mode == 0 ? 0644 : file->mode) & 07777),
        };
        int code = set_time(&entry, file->content, error);
        if (code == 0)
            code = add_entry(context, entry, error);
        if (code != 0)
            return code;
    }
    if (context->count > 0)
        qsort(context->entries, context->count, sizeof *context->entries, compare_virtual);
    return 0;
}

static void note_largest(struct sw_context_totals *totals, const struct sw_context_entry *entry)
{
    for (size_t i = 0; i < SW_CONTEXT_LARGEST && entry != NULL; i++) {
        const struct sw_context_entry *other = totals->largest[i];
        if (other != NULL && other->size >= entry->size)
            continue;
        totals->largest[i] = entry;
        entry = other;
    }
}

static void add_up(struct sw_context *context)
{
    struct sw_context_totals *totals = &context->totals;
    totals->entries = context->count;
    for (size_t i = 0; i < context->count; i++) {
        const struct sw_context_entry *entry = &context->entries[i];
        if (!S_ISREG(entry->mode))
            continue;
        totals->files++;
        totals->bytes += entry->size;
        if (entry->content == NULL)
            note_largest(totals, entry);
    }
}

static int set_identity(struct sw_context *context, struct sw_error *error)
{
    struct sw_sha256 *hash = sw_sha256_new();
    char *root = realpath(context->options.root, NULL);
    const char *path = root == NULL ? context->options.root : root;
    if (hash == NULL) {
        free(root);
        return sw_fail_memory(error);
    }
    sw_sha256_add(hash, path, strlen(path) + 1);
    for (size_t i = 0; i < context->options.copies_count; i++) {
        const char *from = context->options.copies[i].from;
        sw_sha256_add(hash, from, strlen(from) + 1);
    }
    sw_sha256_finish(hash, context->identity);
    free(root);
    return 0;
}

int sw_context_scan(struct sw_context **context, const struct sw_context_options *options,
                    struct sw_error *error)
{
    struct sw_context *made = calloc(1, sizeof *made);
    if (made == NULL)
        return sw_fail_memory(error);
    made->options = *options;
    sw_arena_init(&made->arena, SW_MAX_CONTEXT_MEMORY);
    made->root = options->real_root != NULL ? sw_open_real(options->real_root, O_RDONLY | O_DIRECTORY)
                                            : open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = 0;
    if (made->root < 0)
        code = sw_fail_errno(error, SW_EINPUT, "cannot read the context '%s'", options->root);
    if (code == 0)
        code = add_virtual(made, error);
    if (code == 0)
        code = set_identity(made, error);
    if (code == 0)
        code = scan_root(made, error);
    if (code != 0) {
        sw_context_free(made);
        return code;
    }
    made->options.ignore = NULL;
    made->options.copies = NULL;
    add_up(made);
    *context = made;
    return 0;
}

void sw_context_free(struct sw_context *context)
{
    if (context == NULL)
        return;
    sw_context_tar_free(context->tar);
    sw_fd_close(&context->root);
    free(context->entries);
    sw_arena_release(&context->arena);
    free(context);
}

const struct sw_context_entry *sw_context_entries(const struct sw_context *context, size_t *count)
{
    *count = context->count;
    return context->entries;
}

const char *sw_context_root(const struct sw_context *context)
{
    return context->options.real_root != NULL ? context->options.real_root : context->options.root;
}

const struct sw_context_totals *sw_context_totals(const struct sw_context *context)
{
    return &context->totals;
}

const char *sw_context_identity(const struct sw_context *context)
{
    return context->identity;
}
