/* The names of libraries that stand in a file as texts of their own, such as "libcublas.so.12": between two NUL bytes,
 * "lib", a name, ".so", and numbers. */
#include "wheel/library_internal.h"

#include "base/limits.h"

/* "libNAME.so.12", with numbers at the end. */
static bool is_name(struct sw_str text)
{
    size_t at = sw_str_find(text, SW_STR(".so."));
    if (!sw_str_starts(text, "lib") || at <= 3 || at == text.n)
        return false;
    for (size_t i = 3; i < at; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) && strchr("_+-.", text.p[i]) == NULL)
            return false;
    }
    struct sw_str rest = sw_str_drop(text, at + 4);
    while (rest.p != NULL) {
        uint64_t number;
        if (!sw_str_to_u64(sw_str_cut(&rest, '.'), &number))
            return false;
    }
    return true;
}

static void keep(struct sw_library_names *names)
{
    struct sw_str text = {names->text, names->n};
    if (names->n > sizeof names->text || names->count == SW_MAX_ELF_NAMES || names->failed || !is_name(text))
        return;
    for (size_t i = 0; i < names->count; i++) {
        if (sw_str_equal(names->list[i], text))
            return;
    }
    names->failed = sw_library_add_text(&names->list, &names->count, &names->arena, text, NULL) != 0;
}

void sw_library_names_init(struct sw_library_names *names)
{
    *names = (struct sw_library_names){.n = 0};
    sw_arena_init(&names->arena, SW_MIB);
}

void sw_library_names_release(struct sw_library_names *names)
{
    sw_arena_release(&names->arena);
}

void sw_library_names_add(struct sw_library_names *names, struct sw_str bytes)
{
    while (bytes.n > 0) {
        const char *nul = memchr(bytes.p, '\0', bytes.n);
        size_t n = nul == NULL ? bytes.n : (size_t)(nul - bytes.p);
        if (names->started && names->n <= sizeof names->text) {
            size_t room = sizeof names->text - names->n, taken = n < room ? n : room;
            memcpy(names->text + names->n, bytes.p, taken);
            names->n += n > room ? room + 1 : taken;
        }
        if (nul == NULL)
            return;
        if (names->started && names->n > 3)
            keep(names);
        names->started = true;
        names->n = 0;
        bytes = sw_str_drop(bytes, n + 1);
    }
}
