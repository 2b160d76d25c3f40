#include "project.h"

#include "place.h"
#include "rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOURCE_MOST_BYTES = 4 << 20 };

/* Read a whole file of at most `most` bytes; NULL if that cannot be done. The text ends in NUL. */
static char *read_file(size_t *size, struct stat *status, int site, const char *path, size_t most)
{
    const char *base;
    char *text = NULL;
    int folder = place_open(&base, site, path);
    int fd = folder < 0 ? -1 : openat(folder, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0)
        (void)close(folder);
    if (fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_size >= 0 &&
        (size_t)status->st_size <= most)
        text = malloc((size_t)status->st_size + 1);
    *size = 0;
    while (text != NULL && *size < (size_t)status->st_size) {
        ssize_t n = read(fd, text + *size, (size_t)status->st_size - *size);
        if (n <= 0)
            break;
        *size += (size_t)n;
    }
    if (text != NULL)
        text[*size] = '\0';
    if (fd >= 0)
        (void)close(fd);
    return text;
}

static void record_path(char out[RECORD_PATH_SIZE], const struct project *project)
{
    (void)snprintf(out, RECORD_PATH_SIZE, "%s/RECORD", project->folder);
}

void project_open(struct project *project, int site, const char *folder)
{
    char path[RECORD_PATH_SIZE];
    struct stat status;
    memset(project, 0, sizeof *project);
    project->folder = folder;
    if (!site_project(project->name, folder))
        return;
    record_path(path, project);
    project->record = read_file(&project->size, &status, site, path, RECORD_MOST_BYTES);
}

void project_close(struct project *project)
{
    free(project->record);
    project->record = NULL;
}

/* The length of the line at `at`, without its end. */
static size_t line_length(const struct project *project, size_t at)
{
    const char *end = memchr(project->record + at, '\n', project->size - at);
    return end == NULL ? project->size - at : (size_t)(end - (project->record + at));
}

static bool read_line(struct record_line *line, const char *text, size_t n)
{
    return record_read(line, text, n > 0 && text[n - 1] == '\r' ? n - 1 : n);
}

bool project_next(struct record_line *line, const struct project *project, size_t *at)
{
    while (*at < project->size) {
        size_t start = *at, n = line_length(project, start);
        *at = start + n + 1;
        if (read_line(line, project->record + start, n))
            return true;
    }
    return false;
}

/* ---- the files that go ---- */

static bool is_source(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && strcmp(path + n - 3, ".py") == 0;
}

static bool imports_tests(int site, const char *path)
{
    struct stat status;
    size_t size = 0, at = 0;
    char *text = read_file(&size, &status, site, path, SOURCE_MOST_BYTES);
    bool found = text == NULL;
    while (!found && at < size) {
        size_t n = strcspn(text + at, "\n");
        found = rule_imports_tests(text + at, n);
        at += n + 1;
    }
    free(text);
    return found;
}

/* Return true if a module outside of the project's tests imports them: some packages keep parts of their own there. */
static bool needs_tests(const struct project *project, int site)
{
    struct record_line line;
    size_t at = 0;
    bool has = false;
    while (!has && project_next(&line, project, &at))
        has = rule_of(project->name, line.path) == RULE_TESTS;
    at = 0;
    while (has && project_next(&line, project, &at)) {
        if (is_source(line.path) && rule_of(project->name, line.path) != RULE_TESTS &&
            imports_tests(site, line.path)) {
            (void)printf("slipway trim: the tests of %s stay: %s imports tests\n", project->name, line.path);
            return true;
        }
    }
    return false;
}

unsigned project_removes(const struct project *project, int site, const struct request *request,
                         bool compiles)
{
    unsigned removes = request->remove & ~(unsigned)(compiles ? RULE_HEADERS | RULE_ARCHIVES : 0);
    if ((removes & RULE_TESTS) != 0 && needs_tests(project, site))
        removes &= ~(unsigned)RULE_TESTS;
    return removes;
}

static bool is_own_cuda(const struct request *request, const char *digits, size_t n)
{
    for (size_t i = 0; i < request->cuda_count; i++) {
        if (strlen(request->cudas[i]) == n && strncmp(request->cudas[i], digits, n) == 0)
            return true;
    }
    return false;
}

/* Return true if a library is for another CUDA and the project has its twin for torch's CUDA. */
static bool is_for_another(const struct project *project, const char *path, const struct request *request)
{
    size_t digits, stem = rule_library_stem(path, &digits), at = 0;
    struct record_line line;
    if (stem == 0 || (digits > 0 && is_own_cuda(request, path + stem, digits)))
        return false;
    size_t shared = digits > 0 ? stem - strlen("_cuda") : stem;
    while (project_next(&line, project, &at)) {
        size_t other_digits, other = rule_library_stem(line.path, &other_digits);
        if (other_digits > 0 && other == shared + strlen("_cuda") && strncmp(line.path, path, shared) == 0 &&
            strcmp(line.path + other + other_digits, ".so") == 0 &&
            is_own_cuda(request, line.path + other, other_digits))
            return true;
    }
    return false;
}

unsigned project_rule(const struct project *project, const char *path, unsigned removes,
                      const struct request *request)
{
    unsigned rule = rule_of(project->name, path);
    if ((removes & RULE_LIBRARIES) != 0 && rule == 0 && is_for_another(project, path, request))
        return RULE_LIBRARIES;
    return rule & removes;
}

/* Take the digits of a line such as "cuda: Optional[str] = '12.8'". */
static bool take_cuda(char out[PROJECT_CUDA_SIZE], const char *line, size_t size)
{
    const char *equals = memchr(line, '=', size), *at = equals == NULL ? line : equals + 1;
    size_t n = 0, dots = 0;
    if (equals == NULL || strncmp(line, "cuda", strlen("cuda")) != 0 || (line[4] != ':' && line[4] != ' '))
        return false;
    while (*at == ' ')
        at++;
    if (*at != '\'' && *at != '"')
        return false;
    for (at++; n + 1 < PROJECT_CUDA_SIZE && ((*at >= '0' && *at <= '9') || *at == '.'); at++) {
        dots += *at == '.';
        if (*at != '.')
            out[n++] = *at;
    }
    out[n] = '\0';
    return n >= 2 && dots == 1 && (*at == '\'' || *at == '"');
}

bool project_torch_cuda(char out[PROJECT_CUDA_SIZE], int site)
{
    struct stat status;
    size_t size = 0, at = 0;
    char *text = read_file(&size, &status, site, "torch/version.py", SOURCE_MOST_BYTES);
    bool found = false;
    while (text != NULL && !found && at < size) {
        size_t n = strcspn(text + at, "\n");
        found = take_cuda(out, text + at, n);
        at += n + 1;
    }
    free(text);
    return found;
}

/* ---- RECORD again ---- */

static const struct journal_entry *new_entry(const struct record_line *line, const char *site_path,
                                             const struct journal *journal)
{
    char path[2 * RECORD_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", site_path, line->path);
    const struct journal_entry *entry = journal_find(journal, path);
    return entry != NULL && entry->is_new && !entry->left ? entry : NULL;
}

/* Write the lines to `to`; return true if one of them is another now. */
static bool write_lines(FILE *to, const struct project *project, const char *site_path,
                        const struct journal *journal)
{
    bool differs = false;
    for (size_t at = 0, n; at < project->size; at += n + 1) {
        const char *text = project->record + at;
        struct record_line line;
        n = line_length(project, at);
        const struct journal_entry *entry =
            read_line(&line, text, n) ? new_entry(&line, site_path, journal) : NULL;
        const char *end = n > 0 && text[n - 1] == '\r' ? "\r\n" : "\n";
        differs |= entry != NULL;
        if (entry == NULL)
            (void)fprintf(to, "%.*s%s", (int)n, text, at + n < project->size ? "\n" : "");
        else if (!entry->gone)
            (void)fprintf(to, "%.*s,%s,%llu%s", (int)line.path_bytes, text, entry->after,
                          (unsigned long long)entry->size, end);
    }
    return differs;
}

bool project_rewrite(const struct project *project, int site, const char *site_path,
                     const struct journal *journal)
{
    char *text = NULL, path[RECORD_PATH_SIZE];
    const char *base;
    size_t size = 0;
    struct stat old;
    struct replacement replacement;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return false;
    bool differs = write_lines(to, project, site_path, journal), good = fclose(to) == 0;
    record_path(path, project);
    int folder = good && differs ? place_open(&base, site, path) : -1;
    if (good && differs) {
        good = folder >= 0 && fstatat(folder, base, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
               replacement_begin(&replacement, folder, base);
        if (good)
            good = replacement_end(&replacement, &old, write(replacement.out, text, size) == (ssize_t)size);
    }
    int fault = errno;
    if (folder >= 0)
        (void)close(folder);
    free(text);
    errno = fault;
    return good;
}
