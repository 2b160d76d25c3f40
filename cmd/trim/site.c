#include "project.h"

#include "place.h"
#include "rules.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIST_INFO ".dist-info"

enum { SMALLEST_LIBRARY = 64 }; /* the header of an ELF file */

struct trimming {
    const char *path;
    int site;
    const struct request *request;
    struct journal *journal;
    struct totals *totals;
    const char *fault;
};

/* Return a letter of a name in its normalized form, 0 for a byte that no name has. */
static char normal(char c)
{
    if (c == '_' || c == '.' || c == '-')
        return '-';
    return isalnum((unsigned char)c) ? (char)tolower((unsigned char)c) : '\0';
}

bool site_project(char out[PROJECT_SIZE], const char *name)
{
    size_t n = strlen(name), end = strlen(DIST_INFO), at = 0;
    if (n <= end || strcmp(name + n - end, DIST_INFO) != 0)
        return false;
    for (size_t i = 0; i < n - end && name[i] != '-'; i++) {
        char c = normal(name[i]);
        if (c == '\0' || at + 1 == PROJECT_SIZE)
            return false;
        if (c != '-' || (at > 0 && out[at - 1] != '-'))
            out[at++] = c;
    }
    out[at] = '\0';
    return at > 0;
}

static bool is_kept(const struct request *request, const char *project)
{
    for (size_t i = 0; i < request->keep_count; i++) {
        if (strcmp(request->keep[i], project) == 0)
            return true;
        if (strcmp(request->keep[i], "nvidia") == 0 && strncmp(project, "nvidia-", strlen("nvidia-")) == 0)
            return true;
    }
    return false;
}

static bool fail(struct trimming *t, const char *fault)
{
    if (t->fault == NULL)
        t->fault = fault;
    return false;
}

/* ---- a library ---- */

/* A file in the works. */
struct work {
    const struct project *project;
    const struct record_line *line;
    const char *path; /* whole */
    int folder, fd;
    const char *base;
    struct stat status;
};

static bool leave(struct trimming *t, const struct work *work, const char *why)
{
    (void)printf("slipway trim: left as it is: %s: %s\n", work->line->path, why);
    t->totals->left++;
    return journal_add_left(t->journal, work->path, work->project->name, work->line, why) ||
           fail(t, "there is too much to write down");
}

static bool has_code_for_gpus(const struct sw_device_codes *codes)
{
    for (size_t i = 0; i < codes->count; i++) {
        if (codes->items[i].kind != SW_DEVICE_LTO)
            return true;
    }
    return false;
}

static bool write_library(struct trimming *t, const struct work *work, const struct sw_trimming *library)
{
    struct replacement replacement;
    char digest[SW_TRIMMING_DIGEST_SIZE];
    uint64_t size = (uint64_t)work->status.st_size;
    if (!replacement_begin(&replacement, work->folder, work->base))
        return fail(t, strerror(errno));
    bool good = sw_trimming_write(digest, library, work->fd, size, replacement.out);
    if (!replacement_end(&replacement, &work->status, good))
        return fail(t, strerror(errno));
    if (has_code_for_gpus(&library->dropped) && !has_code_for_gpus(&library->kept))
        (void)printf("slipway trim: %s: none of the code in its .nv_fatbin is for the GPUs of this image\n",
                     work->line->path);
    if (library->left > 0)
        (void)printf("slipway trim: %s: %llu of %llu fat binaries stay whole: %s\n", work->line->path,
                     (unsigned long long)library->left, (unsigned long long)library->fatbins, library->note);
    t->totals->changed++;
    return journal_add_changed(t->journal, work->path, work->project->name, work->line, library, digest,
                               size) ||
           fail(t, "there is too much to write down");
}

static bool trim_open(struct trimming *t, const struct work *work)
{
    struct sw_trimming library;
    bool good = true;
    if (!sw_trimming_plan(&library, work->fd, (uint64_t)work->status.st_size, &t->request->targets))
        good = leave(t, work, "it cannot be read");
    else if (!library.sound || (library.count == 0 && library.left > 0))
        good = leave(t, work, library.note);
    else if (library.count > 0)
        good = write_library(t, work, &library);
    t->totals->code_before += library.code_before;
    t->totals->code_after += library.sound ? library.code_after : library.code_before;
    sw_trimming_release(&library);
    return good;
}

static bool trim_file(struct trimming *t, struct work *work)
{
    bool good = true;
    work->folder = place_open(&work->base, t->site, work->line->path);
    work->fd = work->folder < 0
                   ? -1
                   : openat(work->folder, work->base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (work->fd >= 0 && fstat(work->fd, &work->status) == 0 && S_ISREG(work->status.st_mode) &&
        work->status.st_size >= SMALLEST_LIBRARY)
        good = trim_open(t, work);
    if (work->fd >= 0)
        (void)close(work->fd);
    if (work->folder >= 0)
        (void)close(work->folder);
    return good;
}

/* ---- a project ---- */

static bool remove_file(struct trimming *t, const struct work *work, unsigned rule)
{
    if (!place_remove(t->site, work->line->path))
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EISDIR ||
               fail(t, strerror(errno));
    t->totals->removed++;
    t->totals->removed_bytes += work->line->size;
    return journal_add_removed(t->journal, work->path, work->project->name, work->line, rule_name(rule)) ||
           fail(t, "there is too much to write down");
}

/* An earlier run's entry does not hold for a file that was installed again since. */
static void forget_stale(struct trimming *t, const struct work *work)
{
    const struct journal_entry *old = journal_find(t->journal, work->path);
    if (old != NULL && !old->is_new &&
        (old->gone || (!old->left && strcmp(old->after, work->line->digest) != 0)))
        journal_forget(t->journal, work->path);
}

/* Return true if an earlier run trimmed the library for the same GPUs and nobody has installed it again since, as its digest in RECORD
 * tells: a layer for a few packages reads no others. */
static bool is_trimmed(const struct trimming *t, const struct work *work)
{
    const struct sw_device_targets *then = &t->journal->targets, *now = &t->request->targets;
    const struct journal_entry *old = journal_find(t->journal, work->path);
    return old != NULL && !old->is_new && !old->gone && !old->left && then->count == now->count &&
           memcmp(then->items, now->items, now->count * sizeof now->items[0]) == 0 &&
           strcmp(old->after, work->line->digest) == 0;
}

static bool is_text(const char *path)
{
    static const char *const ends[] = {".py",  ".pyc",  ".pyi", ".h",  ".hpp",
                                       ".cuh", ".json", ".txt", ".md", "RECORD"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);
        if (n >= end && strcmp(path + n - end, ends[i]) == 0)
            return true;
    }
    return false;
}

static bool trim_project(struct trimming *t, const struct project *project, bool compiles)
{
    unsigned removes = project_removes(project, t->site, t->request, compiles);
    struct record_line line;
    size_t at = 0;
    while (project_next(&line, project, &at)) {
        char path[2 * RECORD_PATH_SIZE];
        struct work work = {.project = project, .line = &line, .path = path};
        (void)snprintf(path, sizeof path, "%s/%s", t->path, line.path);
        forget_stale(t, &work);
        unsigned rule = project_rule(project, line.path, removes, t->request);
        if (!(rule != 0 ? remove_file(t, &work, rule)
                        : is_text(line.path) || is_trimmed(t, &work) || trim_file(t, &work)))
            return false;
    }
    return true;
}

/* ---- the folder ---- */

static int is_dist_info(const struct dirent *entry)
{
    char project[PROJECT_SIZE];
    return site_project(project, entry->d_name);
}

/* Trim the projects one after the other; then write the RECORDs, since two projects may list one file. */
static void trim_all(struct trimming *t, struct dirent *const *found, int count)
{
    bool compiles = false;
    for (int i = 0; i < count; i++) {
        char project[PROJECT_SIZE];
        compiles |= site_project(project, found[i]->d_name) && rule_compiles(project);
    }
    for (int i = 0; i < count && t->fault == NULL; i++) {
        struct project project;
        project_open(&project, t->site, found[i]->d_name);
        if (project.record == NULL)
            (void)printf("slipway trim: left as it is: %s: it has no RECORD that can be read\n",
                         found[i]->d_name);
        else if (is_kept(t->request, project.name))
            t->totals->kept_projects++;
        else
            (void)trim_project(t, &project, compiles);
        project_close(&project);
    }
    for (int i = 0; i < count && t->fault == NULL; i++) {
        struct project project;
        project_open(&project, t->site, found[i]->d_name);
        if (project.record != NULL && !project_rewrite(&project, t->site, t->path, t->journal))
            (void)fail(t, strerror(errno));
        project_close(&project);
    }
}

const char *site_trim(struct totals *totals, struct journal *journal, const char *path,
                      const struct request *request)
{
    struct request own = *request;
    struct trimming t = {path, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), &own, journal, totals, NULL};
    struct dirent **found = NULL;
    char cuda[PROJECT_CUDA_SIZE];
    if (t.site < 0)
        return strerror(errno);
    if (own.cuda_count < REQUEST_MOST_NAMES && project_torch_cuda(cuda, t.site))
        own.cudas[own.cuda_count++] = cuda;
    int count = scandir(path, &found, is_dist_info, alphasort);
    if (count < 0 || count > SITE_MOST_PROJECTS)
        (void)fail(&t, count < 0 ? strerror(errno) : "it holds absurdly many projects");
    else
        trim_all(&t, found, count);
    for (int i = 0; i < count; i++)
        free(found[i]);
    free(found);
    (void)close(t.site);
    return t.fault;
}
