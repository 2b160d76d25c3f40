#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

void journal_release(struct journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        free(journal->entries[i].path);
        free(journal->entries[i].line);
    }
    free(journal->entries);
    memset(journal, 0, sizeof *journal);
}

/* Return the index of the entry for a path, or the index at which an entry for the path must be put. */
static size_t place(const struct journal *journal, const char *path, bool *found)
{
    size_t low = 0, high = journal->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(journal->entries[middle].path, path);
        if (order == 0) {
            *found = true;
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return low;
}

const struct journal_entry *journal_find(const struct journal *journal, const char *path)
{
    bool found;
    size_t at = place(journal, path, &found);
    return found ? &journal->entries[at] : NULL;
}

void journal_forget(struct journal *journal, const char *path)
{
    bool found;
    size_t at = place(journal, path, &found);
    if (!found)
        return;
    free(journal->entries[at].path);
    free(journal->entries[at].line);
    journal->count--;
    memmove(journal->entries + at, journal->entries + at + 1,
            (journal->count - at) * sizeof journal->entries[0]);
}

/* Take over an entry, whose texts become the journal's or are freed. */
static bool add(struct journal *journal, struct journal_entry entry)
{
    bool found = false;
    size_t at = entry.path == NULL || entry.line == NULL ? 0 : place(journal, entry.path, &found);
    if (!found && journal->count == journal->room) {
        size_t room = journal->room == 0 ? FIRST_ROOM : journal->room * 2;
        void *grown = room > JOURNAL_MOST_ENTRIES ? NULL : realloc(journal->entries, room * sizeof entry);
        if (grown == NULL) {
            free(entry.path);
            entry.path = NULL;
        } else {
            journal->entries = grown;
            journal->room = room;
        }
    }
    if (entry.path == NULL || entry.line == NULL) {
        free(entry.path);
        free(entry.line);
        return false;
    }
    if (found) {
        free(journal->entries[at].path);
        free(journal->entries[at].line);
    } else {
        memmove(journal->entries + at + 1, journal->entries + at, (journal->count - at) * sizeof entry);
        journal->count++;
    }
    journal->entries[at] = entry;
    return true;
}

/* ---- lines ---- */

struct line {
    char text[JOURNAL_LONGEST_LINE];
    size_t n;
};

/* Count the bytes that were printed at the end of a line; a text that is too long is cut. */
static void added(struct line *line, int n)
{
    line->n += n < 0 ? 0 : (size_t)n;
    if (line->n >= sizeof line->text)
        line->n = sizeof line->text - 1;
}
/* A macro, for clang-tidy 14 takes the va_list of a function in its place for uninitialized. */
#define put(line, ...) \
    added((line), snprintf((line)->text + (line)->n, sizeof(line)->text - (line)->n, __VA_ARGS__))

static void put_file(struct line *line, const char *key, const char *digest, uint64_t size)
{
    const char *bare = strchr(digest, '=');
    put(line, ",\"%s\":{\"sha256\":\"%s\",\"size\":%llu}", key, bare == NULL ? "" : bare + 1,
        (unsigned long long)size);
}

/* The state of the file before the first run; an earlier run may have changed it already. */
static void put_before(struct line *line, const struct journal *journal, const char *path,
                       const struct record_line *before)
{
    const struct journal_entry *old = journal_find(journal, path);
    const char *start = old == NULL ? NULL : strstr(old->line, ",\"before\":{");
    const char *end = start == NULL ? NULL : strchr(start, '}');
    if (end != NULL && (old->left || strcmp(old->after, before->digest) == 0))
        put(line, "%.*s", (int)(end + 1 - start), start);
    else
        put_file(line, "before", before->digest, before->size);
}

static void begin(struct line *line, const struct journal *journal, const char *path, const char *project,
                  const struct record_line *before)
{
    line->n = 0;
    put(line, "{\"file\":\"%s\",\"project\":\"%s\"", path, project);
    put_before(line, journal, path, before);
}

static void put_codes(struct line *line, const char *key, const struct sw_device_codes *codes)
{
    put(line, ",\"%s\":[", key);
    for (size_t i = 0; i < codes->count; i++) {
        char text[SW_DEVICE_CODE_TEXT_SIZE];
        sw_device_code_text(text, &codes->items[i]);
        put(line, "%s\"%s\"", i == 0 ? "" : ",", text);
    }
    put(line, "]");
}

bool journal_add_changed(struct journal *journal, const char *path, const char *project,
                         const struct record_line *before, const struct sw_trimming *library,
                         const char *digest, uint64_t size)
{
    struct line line;
    struct journal_entry entry = {.size = size, .is_new = true};
    begin(&line, journal, path, project, before);
    (void)snprintf(entry.after, sizeof entry.after, "sha256=%s", digest);
    put_file(&line, "after", entry.after, size);
    put(&line, ",\"code\":{\"before\":%llu,\"after\":%llu}", (unsigned long long)library->code_before,
        (unsigned long long)library->code_after);
    put_codes(&line, "kept", &library->kept);
    put_codes(&line, "dropped", &library->dropped);
    if (library->left > 0)
        put(&line, ",\"whole\":{\"fatbins\":%llu,\"why\":\"%s\"}", (unsigned long long)library->left,
            library->note);
    put(&line, "}");
    entry.path = strdup(path);
    entry.line = strdup(line.text);
    return add(journal, entry);
}

bool journal_add_removed(struct journal *journal, const char *path, const char *project,
                         const struct record_line *before, const char *reason)
{
    struct line line;
    begin(&line, journal, path, project, before);
    put(&line, ",\"after\":null,\"reason\":\"%s\"}", reason);
    return add(journal, (struct journal_entry){
                            .path = strdup(path), .line = strdup(line.text), .gone = true, .is_new = true});
}

bool journal_add_left(struct journal *journal, const char *path, const char *project,
                      const struct record_line *before, const char *why)
{
    struct line line;
    const struct journal_entry *old = journal_find(journal, path);
    if (old != NULL && !old->left)
        return true; /* an earlier run changed the file */
    begin(&line, journal, path, project, before);
    put(&line, ",\"left\":\"%s\"}", why);
    return add(journal, (struct journal_entry){
                            .path = strdup(path), .line = strdup(line.text), .left = true, .is_new = true});
}

void journal_write(FILE *to, const struct journal *journal, const struct sw_device_targets *targets)
{
    (void)fputs("{\"version\":1,\"for\":[", to);
    for (size_t i = 0; i < targets->count; i++)
        (void)fprintf(to, "%s\"%u.%u\"", i == 0 ? "" : ",", targets->items[i] / 10, targets->items[i] % 10);
    (void)fputs("],\"files\":[\n", to);
    for (size_t i = 0; i < journal->count; i++)
        (void)fprintf(to, "%s%s\n", journal->entries[i].line, i + 1 == journal->count ? "" : ",");
    (void)fputs("]}\n", to);
}

/* ---- reading ---- */

/* Copy the text of a value that begins behind `mark` and ends at a quote; false if there is none. */
static bool take_text(char *out, size_t size, const char *line, const char *mark)
{
    const char *start = strstr(line, mark);
    size_t n = start == NULL ? 0 : strcspn(start + strlen(mark), "\"\\");
    if (start == NULL || n + 1 > size || start[strlen(mark) + n] != '"')
        return false;
    memcpy(out, start + strlen(mark), n);
    out[n] = '\0';
    return true;
}

/* Read the GPUs of the first line, {"version":1,"for":["9.0","12.0"],"files":[. */
static bool read_head(struct journal *journal, const char *line)
{
    static const char start[] = "{\"version\":1,\"for\":[";
    char list[256];
    size_t n = 0;
    if (strncmp(line, start, strlen(start)) != 0)
        return false;
    for (const char *at = line + strlen(start); *at != '\0' && *at != ']' && n + 1 < sizeof list; at++) {
        if (*at != '"')
            list[n++] = *at;
    }
    list[n] = '\0';
    return sw_device_targets_parse(&journal->targets, list);
}

static bool add_old(struct journal *journal, char *line, size_t n)
{
    char path[2 * RECORD_PATH_SIZE], digest[RECORD_DIGEST_SIZE - 8];
    struct journal_entry entry = {.left = strstr(line, ",\"left\":\"") != NULL};
    if (n > 0 && line[n - 1] == ',')
        line[n - 1] = '\0';
    if (strncmp(line, "{\"file\":\"", strlen("{\"file\":\"")) != 0 ||
        !take_text(path, sizeof path, line, "{\"file\":\""))
        return false;
    const char *after = strstr(line, ",\"after\":{\"sha256\":\"");
    entry.gone = strstr(line, ",\"after\":null") != NULL;
    if (after != NULL) {
        if (!take_text(digest, sizeof digest, after, ",\"after\":{\"sha256\":\""))
            return false;
        (void)snprintf(entry.after, sizeof entry.after, "sha256=%s", digest);
        const char *size = strstr(after, "\"size\":");
        entry.size = size == NULL ? 0 : strtoull(size + strlen("\"size\":"), NULL, 10);
    }
    entry.path = strdup(path);
    entry.line = strdup(line);
    return add(journal, entry);
}

const char *journal_read(struct journal *journal, const char *path)
{
    static char line[JOURNAL_LONGEST_LINE];
    const char *fault = NULL;
    size_t total = 0, number = 0;
    FILE *from = fopen(path, "re");
    if (from == NULL)
        return errno == ENOENT ? NULL : strerror(errno);
    while (fault == NULL && fgets(line, sizeof line, from) != NULL) {
        size_t n = strcspn(line, "\n");
        total += n;
        if (line[n] != '\n' || total > JOURNAL_MOST_BYTES)
            fault = "it is not as slipway writes it";
        line[n] = '\0';
        if (fault == NULL && number++ > 0 && strcmp(line, "]}") != 0 && !add_old(journal, line, n))
            fault = "it is not as slipway writes it";
        if (fault == NULL && number == 1 && !read_head(journal, line))
            fault = "it is of another version";
    }
    (void)fclose(from);
    return fault;
}
