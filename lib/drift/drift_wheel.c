/* The inside of a wheel: read by ranges once, then known by the wheel's digest. */
#include "base/limits.h"
#include "drift/drift_internal.h"
#include "wheel/remote.h"

enum { LONGEST_RUN = 512, MOST_ARCHITECTURES = 128 };

static int read_wheel(struct sw_buffer *out, struct drift *d, const struct sw_index_file *file,
                      drift_reader *read, const char *argument, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_remote *remote = NULL;
    struct sw_reader reader;
    struct sw_wheel wheel;
    const struct sw_remote_options options = {
        .fetcher = d->input->cache.fetcher,
        .store = d->input->cache.store,
        .url = file->url,
        .name = file->name,
        .sha256 = file->sha256[0] == '\0' ? NULL : file->sha256,
        .folder = d->input->folder,
        .sink = d->input->sink,
        .offline = d->input->cache.offline,
    };
    int code = sw_remote_open(&remote, &reader, &options, error);
    if (code == 0)
        code = sw_wheel_open(&wheel, &arena, &reader, error);
    if (code == 0)
        code = read(out, &arena, &wheel, argument, error);
    if (code == 0)
        code = sw_buffer_check(out, "what a wheel tells", error);
    if (remote != NULL) {
        d->out->wheels++;
        d->out->bytes += sw_remote_use(remote).bytes;
    }
    sw_remote_free(remote);
    return code;
}

const char *drift_fact(struct drift *d, const struct sw_index_file *file, const char *what,
                       drift_reader *read, const char *argument)
{
    struct sw_store *store = file->sha256[0] == '\0' ? NULL : d->input->cache.store;
    SW_BUFFER_AUTO key, text;
    struct sw_error error;
    sw_buffer_init(&key, SW_KIB);
    sw_buffer_init(&text, SW_MIB);
    if (d->code != 0)
        return NULL;
    sw_buffer_addf(&key, "wheel %s fact2 %s %s", file->sha256, what, argument);
    if (store == NULL || !sw_store_get(&text, store, sw_buffer_str(&key))) {
        int code = read_wheel(&text, d, file, read, argument, &error);
        if (code != 0) {
            drift_fail(d, code, &error);
            return NULL;
        }
        if (store != NULL)
            sw_store_put(store, sw_buffer_str(&key), sw_buffer_str(&text));
    }
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy;
}

/* ---- names of architectures ---- */

/* The length of the name that the text begins with, "sm_90a": a word, a number, perhaps a letter; 0 for none. */
static size_t name_length(struct sw_str text)
{
    static const char *const prefixes[] = {"sm_", "compute_", "lto_"};
    for (size_t i = 0; i < SW_COUNT(prefixes); i++) {
        size_t begin = strlen(prefixes[i]), n = begin;
        if (!sw_str_starts(text, prefixes[i]))
            continue;
        while (n < text.n && sw_is_digit((unsigned char)text.p[n]))
            n++;
        if (n < begin + 2) /* no architecture has one digit */
            return 0;
        return n < text.n && (text.p[n] == 'a' || text.p[n] == 'f') ? n + 1 : n;
    }
    return 0;
}

/* Text on its way through a member. */
struct runs {
    struct sw_buffer *out;
    size_t least;
    char run[LONGEST_RUN];
    size_t n;
};

static void keep_run(struct sw_buffer *out, struct sw_str run)
{
    struct sw_str rest = sw_buffer_str(out);
    while (rest.p != NULL) {
        if (sw_str_equal(sw_str_cut(&rest, '\n'), run))
            return;
    }
    sw_buffer_add_str(out, run);
    sw_buffer_add_char(out, '\n');
}

/* Other text may stand right in front of a name: a compiler puts texts side by side. */
static void end_run(struct runs *runs)
{
    struct sw_str text = {runs->run, runs->n};
    size_t n;
    for (runs->n = 0; text.n > 0; text = sw_str_drop(text, n == 0 ? 1 : n)) {
        size_t count = 0, more;
        n = name_length(text);
        for (more = n; more > 0;
             more = n < text.n && text.p[n] == ' ' ? name_length(sw_str_drop(text, n + 1)) : 0)
            n += count++ == 0 ? 0 : 1 + more;
        if (n > 0 && count >= runs->least)
            keep_run(runs->out, (struct sw_str){text.p, n});
    }
}

static int take_bytes(void *self, struct sw_str bytes, struct sw_error *error)
{
    struct runs *runs = self;
    (void)error;
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        if (!(c >= 'a' && c <= 'z') && !sw_is_digit((unsigned char)c) && c != '_' && c != ' ') {
            end_run(runs);
            continue;
        }
        /* The list is much shorter: a run that began long ago is not part of it. */
        if (runs->n == LONGEST_RUN) {
            runs->n = LONGEST_RUN / 2;
            memmove(runs->run, runs->run + runs->n, runs->n);
        }
        runs->run[runs->n++] = c;
    }
    return 0;
}

int drift_read_names(struct sw_buffer *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                     size_t least, struct sw_error *error)
{
    struct runs runs = {.out = out, .least = least};
    const struct sw_range range = sw_zip_range(member);
    int code = sw_reader_expect(wheel->zip.reader, &range, 1, error);
    if (code == 0)
        code = sw_zip_stream(&wheel->zip, member, take_bytes, &runs, error);
    end_run(&runs);
    return code;
}

static int by_number(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

const char *drift_architectures(struct drift *d, struct sw_str names, const char *prefix)
{
    uint64_t numbers[MOST_ARCHITECTURES];
    size_t count = 0;
    for (size_t i = 0; i < names.n && count < MOST_ARCHITECTURES; i++) {
        size_t from = i;
        while (i < names.n && !sw_is_space((unsigned char)names.p[i]))
            i++;
        const struct sw_str word = {names.p + from, i - from};
        uint64_t number;
        if (sw_str_starts(word, prefix) && sw_str_to_u64(sw_str_drop(word, strlen(prefix)), &number))
            numbers[count++] = number;
    }
    if (count > 0)
        qsort(numbers, count, sizeof *numbers, by_number);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_KIB);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || numbers[i] != numbers[i - 1])
            sw_buffer_addf(&text, "%s%u.%u", text.n == 0 ? "" : " ", (unsigned)(numbers[i] / 10),
                           (unsigned)(numbers[i] % 10));
    }
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}
