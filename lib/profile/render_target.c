/* The values that are lost in other targets than an image: a view tells them while it is made. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdarg.h>

void sw_target_set(struct target *t, const char *key, const struct sw_node *value)
{
    sw_build_set(t->b, t->view, key, value == NULL ? sw_build_null(t->b) : value);
}

void sw_target_lose(struct target *t, const char *at, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sw_node *loss = sw_build_map(t->b);
    sw_build_set(t->b, loss, "at", sw_build_text(t->b, at));
    sw_build_set(t->b, loss, "text", sw_build_text(t->b, text));
    sw_build_append(t->b, t->losses, loss);
}

struct sw_node *sw_target_section(struct target *t, struct sw_node *list)
{
    struct sw_node *section = sw_build_map(t->b);
    sw_build_set(t->b, section, "list", list);
    return sw_node_count(list) == 0 ? NULL : section;
}

static bool is_plain(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) &&
            (text.p[i] == '\0' || strchr("_@%+=:,./-", text.p[i]) == NULL))
            return false;
    }
    return text.n > 0;
}

void sw_target_quote(struct sw_buffer *out, struct sw_str text)
{
    if (is_plain(text))
        sw_buffer_add_str(out, text);
    else
        sw_text_add_shell_word(out, text);
}

int sw_render_losses(const struct sw_plan *plan, enum sw_render_target target,
                     const struct sw_profile *profile, struct sw_findings *findings, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    const struct sw_node *view = target == SW_RENDER_TRUSS     ? sw_render_truss(&b, plan)
                                 : target == SW_RENDER_COMPOSE ? sw_render_compose(&b, plan)
                                                               : NULL;
    const struct sw_node *losses = sw_node_get(view, "losses");
    for (size_t i = 0; i < sw_node_count(losses); i++) {
        const struct sw_node *loss = sw_node_item(losses, i);
        struct sw_finding *finding =
            sw_findings_add(findings, "SW102", SW_WARNING, "%s", sw_node_text(sw_node_get(loss, "text"), ""));
        sw_profile_place(profile, findings, finding, sw_node_text(sw_node_get(loss, "at"), ""));
    }
    return b.failed ? sw_fail_memory(error) : 0;
}
