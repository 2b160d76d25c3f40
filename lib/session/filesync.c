#include "session/filesync_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "context/glob.h"
#include "wire/protobuf.h"

#include <sys/stat.h>

/* Field numbers and values of wire.proto and stat.proto. */
enum { PACKET_TYPE = 1, PACKET_STAT = 2, PACKET_ID = 3, PACKET_DATA = 4 };
enum { TYPE_STAT = 0, TYPE_REQUEST = 1, TYPE_DATA = 2, TYPE_FINISH = 3, TYPE_ERROR = 4 };
enum { STAT_PATH = 1, STAT_MODE = 2, STAT_SIZE = 5, STAT_TIME = 6, STAT_LINK = 7 };

/* Bits of Go's io/fs.FileMode that differ from those of stat(2). */
#define GO_DIRECTORY (1U << 31)
#define GO_LINK (1U << 27)
#define GO_SETUID (1U << 23)
#define GO_SETGID (1U << 22)
#define GO_STICKY (1U << 20)

enum { PIECE = 32 * 1024 /* as fsutil's own sender */ };

struct sw_filesync {
    struct sw_context *context;
    /* The entries are named by the last part of their paths. */
    bool is_flat;
    /* The entries that are sent, in the order of the protocol; their index is their ID. */
    const struct sw_context_entry **entries;
    size_t count;
    /* The entry to tell of; `count`: the end of the entries; `count` + 1: all is told. */
    size_t next;
    uint32_t *requests; /* asked for and not yet sent, in order */
    bool *requested;    /* for each entry: asked for already */
    size_t requests_count, requests_next;
    struct sw_context_reader reader;
    bool reading, finishing, done;
};

/* ---- which entries, in which order ---- */

struct followed {
    const struct sw_str *paths;
    size_t count; /* 0: everything is wanted */
};

/* Return true if the entry lies above, at or below the path, component by component. */
static bool is_followed(struct sw_str path, struct sw_str pattern)
{
    while (sw_str_starts(pattern, "/"))
        pattern = sw_str_drop(pattern, 1);
    if (pattern.n == 0 || sw_str_is(pattern, "."))
        return true;
    while (path.p != NULL && pattern.p != NULL) {
        struct sw_str name = sw_str_cut(&path, '/'), part = sw_str_cut(&pattern, '/');
        if (!sw_glob_matches(part, name))
            return false;
    }
    return true;
}

/* The path that the engine is told. */
static const char *told_path(const struct sw_filesync *sync, const struct sw_context_entry *entry)
{
    const char *path = sw_context_sent(sync->context, entry);
    return sync->is_flat ? sw_path_base(path) : path;
}

static bool is_wanted(const struct sw_filesync *sync, const struct sw_context_entry *entry,
                      const struct followed *followed)
{
    for (size_t i = 0; i < followed->count; i++) {
        if (is_followed(sw_str_from(told_path(sync, entry)), followed->paths[i]))
            return true;
    }
    return followed->count == 0;
}

static int by_name(const void *a, const void *b)
{
    const struct sw_context_entry *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

/* Choose among the files in memory: those that come before the user's tree by name, or those behind it. */
static void choose_files(struct sw_filesync *sync, const struct sw_context_entry *files, size_t count,
                         bool behind, const struct followed *followed)
{
    size_t before = sync->count;
    for (size_t i = 0; i < count; i++) {
        if ((strcmp(files[i].path, SW_CONTEXT_FOLDER) > 0) == behind && is_wanted(sync, &files[i], followed))
            sync->entries[sync->count++] = &files[i];
    }
    if (sync->count > before)
        qsort((void *)(sync->entries + before), sync->count - before, sizeof *sync->entries, by_name);
}

/* Choose the entries. The protocol wants a single order by name, while a context begins with its files in
 * memory. Return true if a link was chosen. */
static bool choose(struct sw_filesync *sync, const struct followed *followed)
{
    size_t count, files = 0;
    bool link = false;
    const struct sw_context_entry *all = sw_context_entries(sync->context, &count);
    while (files < count && all[files].content != NULL)
        files++;
    sync->count = 0;
    choose_files(sync, all, files, false, followed);
    for (size_t i = files; i < count; i++) {
        if (!is_wanted(sync, &all[i], followed))
            continue;
        link = link || S_ISLNK(all[i].mode);
        sync->entries[sync->count++] = &all[i];
    }
    choose_files(sync, all, files, true, followed);
    return link;
}

/* The bytes of a path as the order of the protocol has them: a folder's own come before those of a longer name. */
static int rank(char c)
{
    return c == '/' ? 1 : c == '\0' ? 0 : (unsigned char)c + 1;
}

static const char *user_path(const struct sw_context_entry *entry)
{
    return entry->content != NULL ? entry->path : entry->path + sizeof SW_CONTEXT_FOLDER;
}

static int by_path(const void *a, const void *b)
{
    const struct sw_context_entry *const *left = a, *const *right = b;
    const char *one = user_path(*left), *other = user_path(*right);
    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    return rank(*one) - rank(*other);
}

/* Choose the entries for a Dockerfile of the user's: the Dockerfile alone, or the user's folder without it. */
static bool choose_own(struct sw_filesync *sync, const struct followed *followed)
{
    size_t count;
    bool link = false;
    const struct sw_context_entry *all = sw_context_entries(sync->context, &count);
    const char *dockerfile = sw_context_dockerfile(sync->context);
    sync->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_dockerfile = all[i].content != NULL && strcmp(all[i].path, dockerfile) == 0;
        if (is_dockerfile != sync->is_flat || sw_context_sent(sync->context, &all[i]) == NULL ||
            !is_wanted(sync, &all[i], followed))
            continue;
        link = link || S_ISLNK(all[i].mode);
        sync->entries[sync->count++] = &all[i];
    }
    if (sync->count > 1)
        qsort((void *)sync->entries, sync->count, sizeof *sync->entries, by_path);
    return link;
}

static int make_lists(struct sw_filesync *sync, const struct followed *followed, struct sw_error *error)
{
    static const struct followed everything = {NULL, 0};
    size_t count;
    (void)sw_context_entries(sync->context, &count);
    sync->entries = calloc(count + 1, sizeof *sync->entries);
    if (sync->entries == NULL)
        return sw_fail_memory(error);
    bool (*chooser)(struct sw_filesync * sync, const struct followed *followed) =
        sw_context_dockerfile(sync->context) == NULL ? choose : choose_own;
    if (chooser(sync, followed))
        (void)chooser(sync, &everything);
    sync->requests = calloc(sync->count + 1, sizeof *sync->requests);
    sync->requested = calloc(sync->count + 1, sizeof *sync->requested);
    return sync->requests == NULL || sync->requested == NULL ? sw_fail_memory(error) : 0;
}

int sw_filesync_new(struct sw_filesync **out, struct sw_context *context, enum sw_filesync_folder folder,
                    const struct sw_str *followed, size_t count, struct sw_error *error)
{
    struct sw_filesync *sync = calloc(1, sizeof *sync);
    if (sync == NULL)
        return sw_fail_memory(error);
    sync->context = context;
    sync->is_flat = folder == SW_FILESYNC_DOCKERFILE && sw_context_dockerfile(context) != NULL;
    sync->reader.fd = -1;
    int code = make_lists(sync, &(struct followed){followed, count}, error);
    if (code != 0) {
        sw_filesync_free(sync);
        return code;
    }
    *out = sync;
    return 0;
}

void sw_filesync_free(struct sw_filesync *sync)
{
    if (sync == NULL)
        return;
    sw_context_close_entry(&sync->reader);
    free((void *)sync->entries);
    free(sync->requests);
    free(sync->requested);
    free(sync);
}

/* ---- the engine's packets ---- */

static int take_request(struct sw_filesync *sync, uint64_t id, struct sw_error *error)
{
    if (id >= sync->next || id >= sync->count || !S_ISREG(sync->entries[id]->mode) || sync->requested[id])
        return sw_fail(error, SW_EENV, "the engine asks for a file of the context that it was not offered");
    sync->requested[id] = true;
    sync->requests[sync->requests_count++] = (uint32_t)id;
    return 0;
}

static int fail_there(struct sw_str text, struct sw_error *error)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, SW_MAX_MESSAGE);
    sw_text_add_clean(&clean, text);
    return sw_fail(error, SW_EENV, "the engine could not take the context: %s", clean.p);
}

int sw_filesync_take(struct sw_filesync *sync, struct sw_str packet, struct sw_error *error)
{
    struct sw_proto reader = sw_proto_from(packet);
    struct sw_proto_field field;
    struct sw_str data = {"", 0};
    int64_t type = TYPE_STAT;
    uint64_t id = 0;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == PACKET_TYPE)
            type = sw_proto_int(&field);
        else if (field.number == PACKET_ID)
            id = (uint64_t)sw_proto_int(&field);
        else if (field.number == PACKET_DATA)
            data = sw_proto_str(&field);
    }
    if (!reader.malformed && type == TYPE_REQUEST)
        return take_request(sync, id, error);
    if (!reader.malformed && type == TYPE_ERROR)
        return fail_there(data, error);
    if (reader.malformed || type != TYPE_FINISH || sync->finishing)
        return sw_fail(error, SW_EENV, "what the engine says about the context cannot be understood");
    sync->finishing = true;
    return 0;
}

bool sw_filesync_done(const struct sw_filesync *sync)
{
    return sync->done;
}

/* ---- the packets for the engine ---- */

static uint32_t go_mode(uint32_t mode)
{
    uint32_t bits = mode & 0777;
    bits |= S_ISDIR(mode) ? GO_DIRECTORY : S_ISLNK(mode) ? GO_LINK : 0;
    bits |= (mode & S_ISUID) != 0 ? GO_SETUID : 0;
    bits |= (mode & S_ISGID) != 0 ? GO_SETGID : 0;
    bits |= (mode & S_ISVTX) != 0 ? GO_STICKY : 0;
    return bits;
}

/* Owner and group are left 0, as docker's client does. */
static int tell(struct sw_buffer *packet, const struct sw_filesync *sync, struct sw_error *error)
{
    const struct sw_context_entry *entry = sync->entries[sync->next];
    SW_BUFFER_AUTO stat;
    sw_buffer_init(&stat, 4 * SW_MAX_CONTEXT_PATH);
    sw_proto_add_bytes(&stat, STAT_PATH, sw_str_from(told_path(sync, entry)));
    sw_proto_add_int(&stat, STAT_MODE, go_mode(entry->mode));
    sw_proto_add_int(&stat, STAT_SIZE, entry->size);
    sw_proto_add_int(&stat, STAT_TIME, (uint64_t)(entry->mtime * SW_SECOND_NS + entry->mtime_ns));
    if (entry->link != NULL)
        sw_proto_add_bytes(&stat, STAT_LINK, sw_str_from(entry->link));
    sw_proto_add_bytes(packet, PACKET_STAT, sw_buffer_str(&stat));
    return sw_buffer_check(&stat, "a path of the context", error);
}

/* Send the next piece of the file under way; an empty piece is its end. */
static int send_piece(struct sw_filesync *sync, struct sw_buffer *packet, struct sw_error *error)
{
    uint32_t id = sync->requests[sync->requests_next];
    char piece[PIECE];
    size_t got = 0;
    int code = 0;
    if (!sync->reading)
        code = sw_context_open_entry(&sync->reader, sync->context, sync->entries[id], error);
    sync->reading = code == 0;
    if (code == 0)
        code = sw_context_read_entry(&sync->reader, piece, sizeof piece, &got, error);
    if (code != 0)
        return code;
    sw_proto_add_int(packet, PACKET_TYPE, TYPE_DATA);
    sw_proto_add_int(packet, PACKET_ID, id);
    if (got > 0) {
        sw_proto_add_bytes(packet, PACKET_DATA, (struct sw_str){piece, got});
        return 0;
    }
    sw_context_close_entry(&sync->reader);
    sync->reading = false;
    sync->requests_next++;
    return 0;
}

int sw_filesync_next(struct sw_filesync *sync, struct sw_buffer *packet, struct sw_error *error)
{
    int code = 0;
    if (sync->next < sync->count) {
        code = tell(packet, sync, error);
        sync->next++;
    } else if (sync->next == sync->count) {
        sw_proto_add_int(packet, PACKET_TYPE, TYPE_STAT); /* without an entry: that was all */
        sync->next++;
    } else if (sync->requests_next < sync->requests_count) {
        code = send_piece(sync, packet, error);
    } else if (sync->finishing && !sync->done) {
        sw_proto_add_int(packet, PACKET_TYPE, TYPE_FINISH);
        sync->done = true;
    }
    return code != 0 ? code : sw_buffer_check(packet, "a packet of the context", error);
}
