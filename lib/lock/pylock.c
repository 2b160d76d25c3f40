#include "lock/pylock.h"

#include "base/limits.h"
#include "data/path.h"
#include "data/toml.h"
#include "lock/pylock_internal.h"
#include "python/name.h"
#include "python/requirement.h"

#include <stdarg.h>

char *sw_pylock_name(struct sw_arena *arena, const char *profile)
{
    char *name = sw_arena_format(arena, "pylock.%s.toml", profile);
    for (size_t i = 0; name != NULL && profile[i] != '\0'; i++) {
        if (profile[i] == '.')
            name[strlen("pylock.") + i] = '-';
    }
    return name;
}

int sw_pylock_refuse(const struct sw_pylock_reading *reading, const struct sw_node *at, const char *format,
                     ...)
{
    char text[sizeof reading->error->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)sw_fail_at(reading->error, SW_EINPUT, reading->file, at == NULL ? 1 : sw_node_line(at),
                     at == NULL ? 1 : sw_node_column(at), "%s", text);
    return sw_error_hint(reading->error, "write the lock anew: slipway lock --upgrade");
}

bool sw_pylock_is_line(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
            return false;
    }
    return text.n > 0 && text.n <= SW_MAX_REQUIREMENT_SIZE && sw_utf8_valid(text);
}

bool sw_pylock_is_sha256(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return text.n == 64;
}

int sw_pylock_text(const char **out, const struct sw_pylock_reading *reading, const struct sw_node *map,
                   const char *key, bool needed, bool (*fits)(struct sw_str text))
{
    const struct sw_node *value = sw_node_get(map, key);
    *out = "";
    if (value == NULL)
        return needed ? sw_pylock_refuse(reading, map, "'%s' is missing", key) : 0;
    if (sw_node_type(value) != SW_NODE_TEXT || !fits(sw_node_str(value)))
        return sw_pylock_refuse(reading, value, "'%s' is not of the form that a lock has", key);
    *out = sw_node_text(value, "");
    return 0;
}

int sw_pylock_texts(const char *const **out, size_t *count, const struct sw_pylock_reading *reading,
                    const struct sw_node *map, const char *key, bool (*fits)(struct sw_str text))
{
    const struct sw_node *list = sw_node_get(map, key);
    const char **items = sw_arena_array(reading->arena, sw_node_count(list) + 1, sizeof *items);
    if (items == NULL)
        return sw_fail_memory(reading->error);
    if (list != NULL && sw_node_type(list) != SW_NODE_LIST)
        return sw_pylock_refuse(reading, list, "'%s' is not a list", key);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i);
        if (sw_node_type(item) != SW_NODE_TEXT || !fits(sw_node_str(item)))
            return sw_pylock_refuse(reading, item, "an item of '%s' is not of the form that a lock has", key);
        items[i] = sw_node_text(item, "");
    }
    *out = items;
    *count = sw_node_count(list);
    return 0;
}

static bool is_version(struct sw_str text)
{
    return sw_str_is(text, "1.0");
}

static bool is_digest(struct sw_str text)
{
    return sw_str_starts(text, "sha256:") && sw_pylock_is_sha256(sw_str_drop(text, strlen("sha256:")));
}

/* "3.11", "2.36" */
static bool is_number_pair(struct sw_str text)
{
    uint64_t major, minor;
    struct sw_str rest = text;
    struct sw_str first = sw_str_cut(&rest, '.');
    return text.n < 16 && sw_str_to_u64(first, &major) && rest.p != NULL && sw_str_to_u64(rest, &minor);
}

static bool is_word(struct sw_str text)
{
    return text.n < 256 && sw_str_is_plain(text, "._-");
}

static int read_unknowns(struct sw_resolution *set, const struct sw_pylock_reading *reading,
                         const struct sw_node *list)
{
    size_t count = sw_node_count(list);
    struct sw_resolved_unknown *unknowns = sw_arena_array(reading->arena, count + 1, sizeof *unknowns);
    if (unknowns == NULL)
        return sw_fail_memory(reading->error);
    for (size_t i = 0; i < count; i++) {
        int code = sw_pylock_text(&unknowns[i].project, reading, sw_node_item(list, i), "project", true,
                                  sw_name_valid);
        if (code == 0)
            code = sw_pylock_text(&unknowns[i].reason, reading, sw_node_item(list, i), "reason", true,
                                  sw_pylock_is_line);
        if (code != 0)
            return code;
    }
    set->unknowns = unknowns;
    set->unknown_count = count;
    return 0;
}

/* The table `tool.slipway` of the file. */
static int read_slipway(struct sw_pylock *lock, const struct sw_pylock_reading *reading,
                        const struct sw_node *table)
{
    const struct {
        const char **out;
        const char *key;
        bool needed;
        bool (*fits)(struct sw_str text);
    } texts[] = {
        {&lock->profile, "profile", true, is_word},
        {&lock->source, "source", true, sw_pylock_is_sha256},
        {&lock->base, "base", false, sw_pylock_is_line},
        {&lock->base_digest, "base-digest", false, is_digest},
        {&lock->python, "python", true, is_number_pair},
        {&lock->machine, "machine", true, is_word},
        {&lock->glibc, "glibc", false, is_number_pair},
        {&lock->musl, "musl", false, is_number_pair},
    };
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(texts); i++)
        code = sw_pylock_text(texts[i].out, reading, table, texts[i].key, texts[i].needed, texts[i].fits);
    if (code == 0)
        code = sw_pylock_texts(&lock->accelerators, &lock->accelerator_count, reading, table, "accelerators",
                               is_word);
    if (code == 0)
        code = sw_pylock_texts(&lock->requirements, &lock->requirement_count, reading, table, "requirements",
                               sw_pylock_is_line);
    return code == 0 ? read_unknowns(&lock->set, reading, sw_node_get(table, "unknown")) : code;
}

int sw_pylock_read(struct sw_pylock *out, struct sw_arena *arena, struct sw_str text, const char *file,
                   struct sw_error *error)
{
    struct sw_pylock lock = {0};
    struct sw_error unasked;
    const struct sw_pylock_reading reading = {arena, file, error == NULL ? &unasked : error};
    const struct sw_node *root = NULL;
    const char *version = NULL;
    int code = sw_toml_read(&root, arena, text, file, reading.error);
    if (code == SW_EINPUT && reading.error->line == 0) /* a fault of the whole text */
        return sw_pylock_refuse(&reading, NULL, "%s", reading.error->text);
    if (code == SW_EINPUT)
        return sw_error_hint(reading.error, "write the lock anew: slipway lock --upgrade");
    if (code != 0)
        return code;
    const struct sw_node *table = sw_node_at(root, "tool.slipway");
    if (sw_node_type(table) != SW_NODE_MAP)
        return sw_pylock_refuse(&reading, NULL,
                                "slipway did not write this lock: it has no table 'tool.slipway'");
    code = sw_pylock_text(&version, &reading, root, "lock-version", true, is_version);
    if (code == 0)
        code = read_slipway(&lock, &reading, table);
    if (code == 0)
        code = sw_pylock_packages(&lock.set, &reading, root, sw_node_get(table, "requirements"));
    if (code == 0)
        *out = lock;
    return code;
}
