#include "http/store.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/temporary.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* FOLDER/ab/cdef…: a file by the digest of its key. */
enum { SHARDS = 256, NAME_SIZE = SW_SHA256_HEX_SIZE + 1 };

static const char magic[] = "slipway 1 ";
static const int64_t used_again_ns = 24 * 3600 * SW_SECOND_NS; /* how exactly the last use is known */
static const int64_t between_prunes_ns = 3600 * SW_SECOND_NS;

struct sw_store {
    char *folder; /* NULL: keeps nothing */
    uint64_t written;
};

int sw_store_new(struct sw_store **out, const char *folder, struct sw_error *error)
{
    struct sw_store *store = calloc(1, sizeof *store);
    if (store != NULL && folder != NULL && strlen(folder) + NAME_SIZE + 8 < PATH_MAX)
        store->folder = strdup(folder);
    if (store == NULL || (folder != NULL && store->folder == NULL)) {
        free(store);
        return sw_fail_memory(error);
    }
    if (store->folder != NULL)
        sw_temporary_sweep_path(store->folder);
    *out = store;
    return 0;
}

static bool place(char path[PATH_MAX], const struct sw_store *store, struct sw_str key)
{
    char hex[SW_SHA256_HEX_SIZE];
    if (store->folder == NULL || !sw_sha256_hex(key, hex))
        return false;
    (void)snprintf(path, PATH_MAX, "%s/%.2s/%s", store->folder, hex, hex + 2);
    return true;
}

/* Add the sum over all text behind the sum's own line. */
static void add_sum(struct sw_buffer *out, struct sw_str rest)
{
    sw_buffer_addf(out, "%s%08lx %zu\n", magic, crc32_z(0, (const Bytef *)rest.p, rest.n), rest.n);
}

bool sw_store_parse(struct sw_str *content, struct sw_str text, struct sw_str key)
{
    struct sw_str rest = text;
    (void)sw_str_cut(&rest, '\n');
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, SW_KIB);
    if (rest.p == NULL)
        return false;
    add_sum(&line, rest);
    if (!sw_str_starts(text, line.p) || line.n != text.n - rest.n)
        return false;
    if (!sw_str_equal(sw_str_cut(&rest, '\n'), key) || rest.p == NULL)
        return false;
    *content = rest;
    return true;
}

/* Remember that the entry was used. */
static void touch(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && sw_clock_epoch() - status.st_mtim.tv_sec * SW_SECOND_NS > used_again_ns)
        (void)utimensat(AT_FDCWD, path, NULL, 0);
}

bool sw_store_get(struct sw_buffer *out, struct sw_store *store, struct sw_str key)
{
    char path[PATH_MAX];
    struct sw_str content;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    if (!place(path, store, key) || sw_file_read(&text, path, NULL) != 0 ||
        !sw_store_parse(&content, sw_buffer_str(&text), key))
        return false;
    touch(path);
    sw_buffer_add_str(out, content);
    return true;
}

/* The temporary file lies in the store's own folder; the next process that opens the store looks for it
 * there. */
static bool write_entry(const struct sw_store *store, const char *path, struct sw_str text)
{
    struct sw_temporary temporary;
    if (sw_temporary_file(&temporary, store->folder, 0600) != 0)
        return false;
    if (sw_fd_write(temporary.fd, text) == 0 && sw_temporary_move(&temporary, AT_FDCWD, path) == 0)
        return true;
    sw_temporary_drop(&temporary);
    return false;
}

void sw_store_put(struct sw_store *store, struct sw_str key, struct sw_str content)
{
    char path[PATH_MAX];
    SW_BUFFER_AUTO rest, text;
    sw_buffer_init(&rest, SW_MAX_STORE_ENTRY);
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    sw_buffer_add_str(&rest, key);
    sw_buffer_add_char(&rest, '\n');
    sw_buffer_add_str(&rest, content);
    add_sum(&text, sw_buffer_str(&rest));
    sw_buffer_add_str(&text, sw_buffer_str(&rest));
    if (rest.state != SW_BUFFER_OK || text.state != SW_BUFFER_OK || !place(path, store, key))
        return;
    char *slash = strrchr(path, '/');
    *slash = '\0';
    int code = sw_dir_make(path, 0700, NULL);
    *slash = '/';
    if (code == 0 && write_entry(store, path, sw_buffer_str(&text)))
        store->written += text.n;
}

struct entry {
    int64_t used; /* ns since 1970 */
    uint64_t size;
    char name[NAME_SIZE + 16]; /* below the folder */
};

struct entries {
    struct entry *items;
    size_t count, room;
    uint64_t size;
};

static void add_entry(struct entries *entries, const struct entry *entry)
{
    if (entries->count == entries->room) {
        size_t room = entries->room == 0 ? 1024 : entries->room * 2;
        struct entry *items = reallocarray(entries->items, room, sizeof *items);
        if (items == NULL)
            return;
        entries->items = items;
        entries->room = room;
    }
    entries->items[entries->count++] = *entry;
    entries->size += entry->size;
}

static void list_shard(struct entries *entries, const struct sw_store *store, unsigned shard)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%02x", store->folder, shard);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        struct stat status;
        struct entry entry;
        if (file->d_name[0] == '.' || entries->count >= SW_MAX_STORE_ENTRIES ||
            fstatat(dirfd(folder), file->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        int n = snprintf(entry.name, sizeof entry.name, "%02x/%s", shard, file->d_name);
        if (n < 0 || (size_t)n >= sizeof entry.name)
            continue;
        entry.used = status.st_mtim.tv_sec * SW_SECOND_NS + status.st_mtim.tv_nsec;
        entry.size = (uint64_t)status.st_blocks * 512;
        add_entry(entries, &entry);
    }
    (void)closedir(folder);
}

static int by_use(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return (left->used > right->used) - (left->used < right->used);
}

void sw_store_prune(struct sw_store *store, uint64_t size)
{
    struct entries entries = {0};
    for (unsigned shard = 0; store->folder != NULL && shard < SHARDS; shard++)
        list_shard(&entries, store, shard);
    if (entries.size > size)
        qsort(entries.items, entries.count, sizeof *entries.items, by_use);
    for (size_t i = 0; i < entries.count && entries.size > size; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", store->folder, entries.items[i].name);
        (void)unlink(path); /* another process may have been first */
        entries.size -= entries.items[i].size;
    }
    free(entries.items);
}

/* Return true if it is time to measure the folder; the time of the last measurement is that of the file
 * "pruned". */
static bool is_due(const struct sw_store *store)
{
    char path[PATH_MAX];
    struct stat status;
    if (store->folder == NULL || store->written == 0)
        return false;
    (void)snprintf(path, sizeof path, "%s/pruned", store->folder);
    if (store->written < SW_MAX_STORE_SIZE / 16 && stat(path, &status) == 0 &&
        sw_clock_epoch() - status.st_mtim.tv_sec * SW_SECOND_NS < between_prunes_ns)
        return false;
    return sw_file_write(path, SW_STR(""), 0600, NULL) == 0;
}

void sw_store_free(struct sw_store *store)
{
    if (store == NULL)
        return;
    if (is_due(store))
        sw_store_prune(store, SW_MAX_STORE_SIZE);
    free(store->folder);
    free(store);
}
