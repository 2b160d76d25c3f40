/* Runs a fuzz target without a fuzzer: over every file of its corpus, over starts of these files and over mutations of them.
 * Files and mutations come in the same order in every run. */
#include "base/file.h"
#include "base/limits.h"

#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
};

#define FUZZ_ROW(name) {#name, fuzz_##name},
static const struct target targets[] = {FUZZ_TARGETS(FUZZ_ROW)};
#undef FUZZ_ROW

/* A mutation changes MOST_CHANGES places at most, and RANGE bytes at a place. */
enum { MOST_CHANGES = 4, RANGE = 64 };

static uint64_t state = 88172645463325252ULL;

/* The input that runs, for report(). */
static const uint8_t *input;
static size_t input_size;

static size_t below(size_t end)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return end == 0 ? 0 : (size_t)(state % end);
}

/* Keep the input that a target failed on, then let the signal end the process. */
static void report(int number)
{
    static const char message[] = "the input that failed is in ./fuzz-fault\n";
    int file = open("fuzz-fault", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file >= 0 && write(file, input, input_size) == (ssize_t)input_size)
        (void)!write(STDERR_FILENO, message, sizeof message - 1);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* The target gets an exact copy on the heap, so that a sanitizer sees a read behind its end. */
static void run(const struct target *target, struct sw_str bytes)
{
    uint8_t *copy = malloc(bytes.n == 0 ? 1 : bytes.n);
    if (copy == NULL)
        abort();
    if (bytes.n > 0)
        memcpy(copy, bytes.p, bytes.n);
    input = copy;
    input_size = bytes.n;
    (void)target->run(copy, bytes.n);
    free(copy);
}

/* Replace `removed` bytes at `at` by `added`. */
static void replace(struct sw_buffer *text, size_t at, size_t removed, struct sw_str added)
{
    SW_BUFFER_AUTO rest;
    sw_buffer_init(&rest, SW_MAX_YAML_SIZE);
    sw_buffer_add(&rest, text->p + at + removed, text->n - at - removed);
    sw_buffer_truncate(text, at);
    sw_buffer_add_str(text, added);
    sw_buffer_add_str(text, sw_buffer_str(&rest));
}

/* One change: other bytes, fewer bytes, or bytes that stand elsewhere in this file or in `other`. */
static void change(struct sw_buffer *text, struct sw_str other)
{
    static const char signs[] = "\0\n\r\t \"'#$%&()*+,-./:;<=>?@[\\]^_`{|}~09AZaz\x1b\x7f\x80\x9b\xc3\xff";
    const struct sw_str from = below(2) == 0 ? other : sw_buffer_str(text);
    size_t at = below(text->n), most = text->n - at < RANGE ? text->n - at : RANGE;
    size_t start = below(from.n), length = below(from.n - start < RANGE ? from.n - start + 1 : RANGE);
    char bytes[RANGE] = {signs[below(sizeof signs - 1)]};
    struct sw_str added = {bytes, 1};
    if (below(2) == 0) {
        memcpy(bytes, from.p + start, length);
        added.n = length;
    }
    replace(text, at, below(2) == 0 ? added.n % (most + 1) : below(most + 1), added);
}

/* A start of the file, or the file with changes. */
static void mutate(const struct target *target, struct sw_str file, struct sw_str other)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    sw_buffer_add_str(&text, file);
    if (below(3) == 0)
        sw_buffer_truncate(&text, below(file.n + 1));
    else
        for (size_t i = below(MOST_CHANGES) + 1; i > 0 && text.n > 0; i--)
            change(&text, other);
    if (text.state == SW_BUFFER_OK)
        run(target, sw_buffer_str(&text));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Append the files of one folder to `files`. */
static int read_folder(struct sw_str **files, size_t *count, struct sw_arena *arena, const char *folder,
                       struct sw_error *error)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_input, by_name), code = 0;
    if (n < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", folder);
    for (int i = 0; i < n; i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_YAML_SIZE);
        if (code == 0)
            code = sw_file_read(&text, sw_path_join(arena, folder, entries[i]->d_name), error);
        struct sw_str *grown = code == 0 ? sw_arena_grow(arena, *files, *count, sizeof **files) : NULL;
        char *copy = grown == NULL ? NULL : sw_arena_copy(arena, sw_buffer_str(&text));
        free(entries[i]);
        if (copy == NULL)
            code = code == 0 ? sw_fail_memory(error) : code;
        else
            (*files = grown)[(*count)++] = (struct sw_str){copy, text.n};
    }
    free(entries);
    return code;
}

/* Run every file, and so many starts and mutations of them. */
static int play(const struct target *target, const struct sw_str *files, size_t count, uint64_t executions)
{
    run(target, SW_STR(""));
    for (size_t i = 0; i < count; i++)
        run(target, files[i]);
    for (size_t i = 0; i < executions && count > 0; i++)
        mutate(target, files[i % count], files[below(count)]);
    (void)printf("%zu files, %zu executions\n", count, count == 0 ? 1 : 1 + count + (size_t)executions);
    return count == 0;
}

static const struct target *find(const char *name)
{
    for (size_t i = 0; i < SW_COUNT(targets); i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}

int main(int argc, char **argv)
{
    uint64_t executions = 0;
    const struct target *target = argc < 4 ? NULL : find(argv[1]);
    if (target == NULL || !sw_str_to_u64(sw_str_from(argv[2]), &executions)) {
        (void)fprintf(stderr, "usage: %s TARGET EXECUTIONS CORPUS...\n", argv[0]);
        return 2;
    }
    (void)signal(SIGABRT, report);
    (void)signal(SIGILL, report);
    (void)signal(SIGSEGV, report);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_str *files = NULL;
    size_t count = 0;
    struct sw_error error;
    for (int i = 3; i < argc; i++) {
        if (read_folder(&files, &count, &arena, argv[i], &error) != 0) {
            (void)fprintf(stderr, "%s\n", error.text);
            return 1;
        }
    }
    return play(target, files, count, executions);
}
