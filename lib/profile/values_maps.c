/* The maps that were meant by texts in their place (values.h). */
#include "profile/values.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "data/yaml_scalar.h"

/* A member of a map: a key and the text of its value. */
struct member {
    const char *key;
    struct sw_str value;
};

/* The map of the members that have a value, as YAML on one line. */
static const char *map_of(struct sw_arena *arena, const struct member *members, size_t count)
{
    SW_BUFFER_AUTO map;
    sw_buffer_init(&map, SW_MAX_MESSAGE);
    for (size_t i = 0; i < count; i++) {
        if (members[i].value.n == 0)
            continue;
        sw_buffer_addf(&map, "%s%s: ", map.n == 0 ? "{" : ", ", members[i].key);
        sw_yaml_add_scalar(&map, members[i].value, SW_MARK_PLAIN, true);
    }
    sw_buffer_addf(&map, "}");
    return sw_buffer_check(&map, "a hint", NULL) != 0 ? NULL : sw_arena_copy(arena, sw_buffer_str(&map));
}

const char *sw_value_meant_path_map(struct sw_arena *arena, struct sw_str text)
{
    const struct member members[] = {{"path", text}};
    return map_of(arena, members, SW_COUNT(members));
}

const char *sw_value_meant_check(struct sw_arena *arena, struct sw_str text)
{
    const struct member members[] = {{"command", text}};
    return map_of(arena, members, SW_COUNT(members));
}

const char *sw_value_meant_copy(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str to = sw_str_trim(text);
    char separator = memchr(to.p, ':', to.n) == NULL ? ' ' : ':';
    struct sw_str from = sw_str_trim(sw_str_cut(&to, separator));
    to = to.p == NULL ? SW_STR("/app/") : sw_str_trim(to);
    const struct member members[] = {{"from", from}, {"to", to}};
    return sw_value_path(from) != NULL || sw_value_destination(to) != NULL
               ? NULL
               : map_of(arena, members, SW_COUNT(members));
}

const char *sw_value_meant_secret(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str name = sw_str_trim(text);
    const struct member members[] = {{"id", name}, {"env", name}};
    return sw_value_variable(name) != NULL ? NULL : map_of(arena, members, SW_COUNT(members));
}

const char *sw_value_meant_trim(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str name = sw_str_trim(text);
    return sw_value_gpu(name) != NULL ? NULL : sw_arena_format(arena, "{for: [%.*s]}", SW_STR_FORMAT(name));
}

/* "torch.version.cuda == 12.8", or "import torch" and a name alone. */
const char *sw_value_meant_assertion(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str rest = sw_str_trim(text);
    size_t n = 0;
    while (n < rest.n && strchr("<>=!~ ", rest.p[n]) == NULL)
        n++;
    struct sw_str name = {rest.p, n}, is = sw_str_trim(sw_str_drop(rest, n));
    if (sw_str_is(name, "import") || is.n == 0) {
        const struct member module = {"import", is.n == 0 ? name : is};
        return sw_str_is_plain(module.value, "._") ? map_of(arena, &module, 1) : NULL;
    }
    SW_BUFFER_AUTO wanted;
    sw_buffer_init(&wanted, SW_KIB);
    for (size_t i = 0; i < is.n; i++) {
        if (strchr(" \"'", is.p[i]) == NULL)
            sw_buffer_add_char(&wanted, is.p[i]);
    }
    struct sw_str value = sw_buffer_str(&wanted);
    const struct member members[] = {{"that", name}, {"is", value}};
    bool is_comparison = value.n > 0 && strchr("<>=!~", value.p[0]) != NULL;
    return !is_comparison || sw_value_specifier(value) != NULL ? NULL
                                                               : map_of(arena, members, SW_COUNT(members));
}
