/* The tree of a record, as git has it in an object of anybody's: what is listed and read of it are plain files, by names that lead
 * nowhere and that a terminal obeys nothing in. */
#include "history/history_internal.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

#include "fuzz.h"
#include "support.h"

#include <openssl/sha.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

enum { OBJECT_SIZE = 64 * 1024, NAME_SIZE = 2 * SHA_DIGEST_LENGTH + 1 };

#define OBJECTS "repository/objects/"

/* Write an object as git does: its type and size before it, compressed, by its digest. */
static const char *write_object(char name[NAME_SIZE], const char *type, struct sw_str content)
{
    static char path[128];
    unsigned char digest[SHA_DIGEST_LENGTH], packed[2 * OBJECT_SIZE];
    uLongf n = sizeof packed;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, OBJECT_SIZE);
    sw_buffer_addf(&text, "%s %zu", type, content.n);
    sw_buffer_add_char(&text, '\0');
    sw_buffer_add_str(&text, content);
    if (text.state != SW_BUFFER_OK)
        return NULL;
    fuzz_claim(SHA1((const unsigned char *)text.p, text.n, digest) != NULL);
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(name + 2 * i, 3, "%02x", digest[i]);
    fuzz_claim(compress2(packed, &n, (const Bytef *)text.p, text.n, Z_BEST_SPEED) == Z_OK);
    (void)snprintf(path, sizeof path, "%s/" OBJECTS "%.2s", fuzz_folder(), name);
    fuzz_claim(sw_dir_make(path, 0777, NULL) == 0);
    (void)snprintf(path, sizeof path, OBJECTS "%.2s/%s", name, name + 2);
    fuzz_write(path, (struct sw_str){(const char *)packed, n});
    return path;
}

/* A repository with an empty file and an empty folder, which entries of the corpus name. */
static struct sw_history *open_repository(void)
{
    static struct sw_history *history;
    static const char *const folders[] = {"objects", "refs/heads"};
    if (history != NULL)
        return history;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        const char *path = sw_arena_format(&arena, "%s/repository/%s", fuzz_folder(), folders[i]);
        fuzz_claim(path != NULL && sw_dir_make(path, 0777, NULL) == 0);
    }
    fuzz_write("repository/HEAD", SW_STR("ref: refs/heads/main\n"));
    fuzz_write("repository/config", SW_STR("[core]\n\trepositoryformatversion = 0\n\tbare = true\n"));
    const char *own = sw_arena_format(&arena, "%s/repository", fuzz_folder());
    char name[NAME_SIZE];
    fuzz_claim(write_object(name, "blob", SW_STR("")) != NULL &&
               write_object(name, "tree", SW_STR("")) != NULL);
    fuzz_claim(sw_history_open(&history, "/", own, NULL, NULL) == 0);
    return history;
}

static void read_entries(struct sw_history *history, const struct sw_record *record, const char *folder)
{
    const struct sw_record_entry *entries = NULL;
    size_t count = 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_history_list(&entries, &count, &arena, history, record, folder, NULL) != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        const char *clean = sw_text_clean(&arena, sw_str_from(entries[i].name));
        fuzz_claim(clean != NULL && strcmp(clean, entries[i].name) == 0);
        fuzz_claim(strchr(clean, '/') == NULL && strcmp(clean, "..") != 0 && strcasecmp(clean, ".git") != 0);
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_YAML_SIZE);
        const char *path = sw_arena_format(&arena, "%s/%s", folder, clean);
        fuzz_claim(path != NULL);
        (void)!sw_history_read(&text, history, record, path, NULL);
    }
}

int fuzz_record_tree(const uint8_t *data, size_t size)
{
    struct sw_history *history = open_repository();
    const struct sw_history_content *content = NULL;
    struct sw_record record = {.profile = "fuzz", .number = 1};
    char name[NAME_SIZE];
    struct sw_error error = {0};
    const char *path =
        size == 0 ? NULL : write_object(name, "tree", (struct sw_str){(const char *)data, size});
    if (path == NULL)
        return 0;
    (void)snprintf(record.tree, sizeof record.tree, "%s", name);
    if (sw_history_load_content(&content, history, &record, &error) != 0)
        fuzz_claim(strstr(error.text, "fuzz@1") != NULL);
    for (size_t i = 0; content != NULL && i < content->count; i++) {
        fuzz_claim(sw_path_is_inside(content->entries[i].path));
        if (content->entries[i].folder)
            read_entries(history, &record, content->entries[i].path);
    }
    char file[256];
    (void)snprintf(file, sizeof file, "%s/%s", fuzz_folder(), path);
    fuzz_claim(unlink(file) == 0);
    return 0;
}
