#include "index/file_digest.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "wheel/remote.h"

#include <inttypes.h>
#include <stdlib.h>

/* The bytes that are read at once. */
enum { CHUNK = 1024 * 1024, KEY = 128, KEPT = SW_SHA256_HEX_SIZE + 32 };

static bool make_key(char key[KEY], const char *url)
{
    char digest[SW_SHA256_HEX_SIZE];
    if (!sw_sha256_hex(sw_str_from(url), digest))
        return false;
    (void)snprintf(key, KEY, "file-digest1 %s", digest);
    return true;
}

/* Read the digest and the size that are kept: "DIGEST SIZE". */
static bool recall(char digest[SW_SHA256_HEX_SIZE], uint64_t *size, struct sw_index *index, const char *key)
{
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, KEPT);
    if (!sw_store_get(&kept, index->options.cache.store, sw_str_from(key)))
        return false;
    struct sw_str rest = sw_buffer_str(&kept), text = sw_str_cut(&rest, ' ');
    if (text.n != SW_SHA256_HEX_SIZE - 1 || rest.p == NULL || !sw_str_to_u64(rest, size))
        return false;
    (void)snprintf(digest, SW_SHA256_HEX_SIZE, "%.*s", SW_STR_FORMAT(text));
    return true;
}

/* Add the whole file to the hash. */
static int add_all(struct sw_sha256 *hash, const struct sw_reader *reader, struct sw_error *error)
{
    char *chunk = malloc(CHUNK);
    int code = chunk == NULL ? sw_fail_memory(error) : 0;
    for (uint64_t at = 0; code == 0 && at < reader->size; at += CHUNK) {
        size_t n = reader->size - at < CHUNK ? (size_t)(reader->size - at) : CHUNK;
        code = sw_reader_read(reader, chunk, at, n, error);
        if (code == 0)
            sw_sha256_add(hash, chunk, n);
    }
    free(chunk);
    return code;
}

static int hash_file(char digest[SW_SHA256_HEX_SIZE], const struct sw_reader *reader, struct sw_error *error)
{
    if (reader->size > SW_MAX_HASHED_FILE)
        return sw_fail(error, SW_EENV, "'%s' has %" PRIu64 " bytes, too many to be hashed", reader->name,
                       reader->size);
    struct sw_sha256 *hash = sw_sha256_new();
    if (hash == NULL)
        return sw_fail_memory(error);
    int code = add_all(hash, reader, error);
    if (code == 0)
        sw_sha256_finish(hash, digest);
    else
        sw_sha256_free(hash);
    return code;
}

int sw_index_file_digest(char digest[SW_SHA256_HEX_SIZE], uint64_t *size, struct sw_index *index,
                         const char *url, const char *name, struct sw_error *error)
{
    char key[KEY], kept[KEPT];
    struct sw_remote *remote = NULL;
    struct sw_reader reader;
    bool keyed = make_key(key, url);
    if (keyed && recall(digest, size, index, key))
        return 0;
    const struct sw_remote_options options = {.fetcher = index->options.cache.fetcher,
                                              .url = url,
                                              .name = name,
                                              .offline = index->options.cache.offline};
    int code = sw_remote_open(&remote, &reader, &options, error);
    if (code != 0)
        return code;
    code = hash_file(digest, &reader, error);
    if (code == 0)
        *size = reader.size;
    sw_remote_free(remote);
    if (code == 0 && keyed) {
        (void)snprintf(kept, sizeof kept, "%s %" PRIu64, digest, *size);
        sw_store_put(index->options.cache.store, sw_str_from(key), sw_str_from(kept));
    }
    return code;
}
