#include "display/downloads.h"

#include "base/text.h"

static const struct {
    const char *name;
    double bytes;
} units[] = {{"kB", 1e3},      {"KB", 1e3},         {"MB", 1e6},    {"GB", 1e9}, {"KiB", 1024.0},
             {"MiB", 1048576}, {"GiB", 1073741824}, {"bytes", 1.0}, {"B", 1.0}};

/* Return the size at the end of a line, "(768.4 MB)" or "(731.2MiB)"; 0 if there is none. */
static uint64_t size_at_end(struct sw_str line)
{
    size_t open = line.n;
    while (open > 0 && line.p[open - 1] != '(')
        open--;
    if (open == 0 || !sw_str_ends(line, ")"))
        return 0;
    struct sw_str inner = {line.p + open, line.n - open - 1};
    char number[32];
    size_t n = 0;
    while (n < inner.n && n + 1 < sizeof(number) && (sw_is_digit(inner.p[n]) || inner.p[n] == '.'))
        n++;
    (void)snprintf(number, sizeof(number), "%.*s", (int)n, inner.p);
    struct sw_str unit = sw_str_trim((struct sw_str){inner.p + n, inner.n - n});
    for (size_t i = 0; i < SW_COUNT(units); i++)
        if (n > 0 && sw_str_is(unit, units[i].name))
            return (uint64_t)(strtod(number, NULL) * units[i].bytes);
    return 0;
}

/* The name of the download: the next word, or its last part if that is a URL. */
static struct sw_str name_in(struct sw_str rest)
{
    struct sw_str name = sw_str_cut(&rest, ' ');
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/')
            return (struct sw_str){name.p + i, name.n - i};
    return name;
}

/* "torch-2.6.0" of "torch-2.6.0-cp311-cp311-linux_x86_64.whl", which people tell apart by no more than that. */
static struct sw_str without_tags(struct sw_str name)
{
    struct sw_str rest = name;
    struct sw_str project = sw_str_cut(&rest, '-');
    struct sw_str version = sw_str_cut(&rest, '-');
    if (!sw_str_ends(name, ".whl") || rest.p == NULL)
        return name;
    return (struct sw_str){name.p, project.n + 1 + version.n};
}

static void take_name(struct downloads *downloads, struct sw_str name)
{
    name = without_tags(name);
    (void)snprintf(downloads->name, sizeof(downloads->name), "%.*s", SW_STR_FORMAT(name));
    downloads->state[0] = '\0';
}

/* Read pip's bar, a line that begins with a piece of a bar: the state is the text from its first digit on. */
static bool take_bar(struct downloads *downloads, struct sw_str line)
{
    static const char *const beginnings[] = {"\u2501", "\u2578", "\u257A", "|\u2588", "-----"};
    for (size_t i = 0; i < SW_COUNT(beginnings); i++) {
        if (!sw_str_starts(line, beginnings[i]) || sw_str_find(line, SW_STR("B/s")) == line.n)
            continue;
        size_t digit = 0;
        while (digit < line.n && !sw_is_digit(line.p[digit]))
            digit++;
        (void)snprintf(downloads->state, sizeof(downloads->state), "%.*s", (int)(line.n - digit),
                       line.p + digit);
        return true;
    }
    return false;
}

/* pip's "--progress-bar raw": "Progress 1024 of 768400", in bytes. */
static bool take_raw(struct downloads *downloads, struct sw_str line)
{
    static const char prefix[] = "Progress ";
    if (!sw_str_starts(line, prefix))
        return false;
    struct sw_str rest = {line.p + sizeof(prefix) - 1, line.n - sizeof(prefix) + 1};
    uint64_t current = 0, total = 0;
    if (!sw_str_to_u64(sw_str_cut(&rest, ' '), &current) || !sw_str_starts(rest, "of ") ||
        !sw_str_to_u64((struct sw_str){rest.p + 3, rest.n - 3}, &total))
        return false;
    char done[16], all[16];
    sw_text_size(done, current);
    sw_text_size(all, total);
    (void)snprintf(downloads->state, sizeof(downloads->state), "%s/%s", done, all);
    return true;
}

bool downloads_take(struct downloads *downloads, struct sw_str line)
{
    static const struct {
        const char *prefix;
        bool counts;
    } words[] = {{"Downloading ", true}, {"Using cached ", false}, {"Downloaded ", false}};
    line = sw_str_trim(line);
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (!sw_str_starts(line, words[i].prefix))
            continue;
        size_t n = strlen(words[i].prefix);
        struct sw_str name = name_in((struct sw_str){line.p + n, line.n - n});
        uint64_t size = size_at_end(line);
        /* "Downloading the model …" is not a line of pip or uv. */
        if (words[i].counts && size == 0)
            return false;
        if (words[i].counts && !sw_str_ends(name, ".metadata")) {
            downloads->count++;
            downloads->bytes += size;
        }
        take_name(downloads, name);
        return true;
    }
    return take_bar(downloads, line) || take_raw(downloads, line);
}

void downloads_text(char out[DOWNLOADS_TEXT], const struct downloads *downloads)
{
    char size[16];
    sw_text_size(size, downloads->bytes);
    int n = snprintf(out, DOWNLOADS_TEXT, "downloading %s %s", downloads->name, downloads->state);
    if (downloads->count > 1 && n > 0 && n < DOWNLOADS_TEXT)
        (void)snprintf(out + n, DOWNLOADS_TEXT - (size_t)n, "%s(%zu files, %s)",
                       downloads->state[0] == '\0' ? "" : " ", downloads->count, size);
}
