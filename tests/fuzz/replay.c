/* Runs a fuzz target without a fuzzer: over every file of its corpus, over every file cut at many places and
 * over mutations from a fixed seed, so that two runs do the same. */
#include "base/file.h"
#include "base/limits.h"

#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MUTATIONS = 400, CUTS = 200 };

static uint64_t state = 88172645463325252ULL;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* An exact copy on the heap, so that a sanitizer sees one byte too far. */
static void run(const char *bytes, size_t n)
{
    uint8_t *copy = malloc(n == 0 ? 1 : n);
    if (copy == NULL)
        abort();
    if (n > 0)
        memcpy(copy, bytes, n);
    (void)LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void run_file(const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    struct sw_error error;
    if (sw_file_read(&text, path, &error) != 0) {
        (void)fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    run(text.p, text.n);
    for (size_t i = 0; i < CUTS && text.n > 0; i++)
        run(text.p, text.n <= CUTS ? i % text.n : next() % text.n);
    SW_BUFFER_AUTO changed;
    sw_buffer_init(&changed, SW_MAX_YAML_SIZE);
    for (int i = 0; i < MUTATIONS && text.n > 0; i++) {
        sw_buffer_clear(&changed);
        sw_buffer_add(&changed, text.p, text.n);
        for (uint64_t k = next() % 4 + 1; k > 0; k--)
            changed.p[next() % changed.n] = (char)next();
        run(changed.p, changed.n);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    DIR *directory = opendir(argv[1]);
    if (directory == NULL) {
        (void)fprintf(stderr, "cannot read '%s'\n", argv[1]);
        return 1;
    }
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int count = 0;
    run("", 0);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = sw_path_join(&arena, argv[1], entry->d_name);
        if (path == NULL)
            return 1;
        run_file(path);
        count++;
    }
    (void)closedir(directory);
    (void)printf("%d files\n", count);
    return count == 0;
}
