#include "log_rig.h"

#include "unit.h"

#include "base/file.h"
#include "base/limits.h"

struct sw_rules *log_rules;

int log_rules_load(void **state)
{
    (void)state;
    struct sw_error error = {0};
    if (sw_rules_load(&log_rules, NULL, &error) == 0)
        return 0;
    print_error("%s:%u:%u: %s\n", error.file, error.line, error.column, error.text);
    return 1;
}

int log_rules_unload(void **state)
{
    (void)state;
    sw_rules_free(log_rules);
    log_rules = NULL;
    return 0;
}

const char *log_path(struct sw_arena *arena, const char *name)
{
    return sw_arena_format(arena, "%s/tests/logs/%s", getenv("SLIPWAY_SOURCE"), name);
}

struct sw_str log_list(struct sw_arena *arena, const char *name)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    assert_int_equal(sw_file_read(&text, log_path(arena, name), NULL), 0);
    return sw_str_from(sw_arena_copy(arena, sw_buffer_str(&text)));
}

bool log_list_next(struct sw_str *line, struct sw_str *rest)
{
    do {
        if (rest->p == NULL || rest->n == 0)
            return false;
        *line = sw_str_cut(rest, '\n');
    } while (line->n == 0 || line->p[0] == '#');
    return true;
}
