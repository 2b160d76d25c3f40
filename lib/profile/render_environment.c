/* The variables of the image as the Dockerfile has them: text that is data, and references to other variables as Docker means
 * them: $NAME, ${NAME}, ${NAME:-text}, ${NAME:+text}. A reference is one only if the profile knows the name: a variable of
 * `environment`, an argument, PATH or VIRTUAL_ENV. All else stays data, and so does a reference behind a backslash. */
#include "profile/render_internal.h"

#include "base/limits.h"

enum { MOST_NESTED = 4 };

static bool names(const struct sw_node *list, struct sw_str name)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_str_equal(sw_node_str(sw_node_get(sw_node_item(list, i), "name")), name))
            return true;
    }
    return false;
}

static bool is_known(const struct sw_plan *plan, struct sw_str name)
{
    return sw_str_is(name, "PATH") || sw_str_is(name, "VIRTUAL_ENV") ||
           names(plan->parts.environment, name) || names(plan->parts.arguments, name);
}

static size_t name_length(struct sw_str text)
{
    size_t n = 0;
    while (n < text.n && (sw_is_alnum((unsigned char)text.p[n]) || text.p[n] == '_'))
        n++;
    return n > 0 && sw_is_digit((unsigned char)text.p[0]) ? 0 : n;
}

static size_t reference_length(const struct sw_plan *plan, struct sw_str text, unsigned depth);

/* The length of a text within a reference, up to the brace; 0 if it has a character that Docker would interpret. */
static size_t word_length(const struct sw_plan *plan, struct sw_str text, unsigned depth)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != '}') {
        size_t nested = reference_length(plan, sw_str_drop(text, n), depth + 1);
        bool plain = sw_is_alnum((unsigned char)text.p[n]) ||
                     (text.p[n] != '\0' && strchr("/.:,=+@%~_ -", text.p[n]) != NULL);
        if (nested == 0 && !plain)
            return 0;
        n += nested > 0 ? nested : 1;
    }
    return n;
}

/* The length of the reference that the text begins with; 0 if there is none. The recursion is MOST_NESTED deep at most. */
static size_t reference_length(const struct sw_plan *plan, struct sw_str text, unsigned depth)
{
    if (depth > MOST_NESTED || text.n < 2 || text.p[0] != '$')
        return 0;
    bool braced = text.p[1] == '{';
    struct sw_str rest = sw_str_drop(text, braced ? 2 : 1);
    size_t n = name_length(rest);
    if (n == 0 || !is_known(plan, (struct sw_str){rest.p, n}))
        return 0;
    if (!braced)
        return 1 + n;
    struct sw_str tail = sw_str_drop(rest, n);
    if (sw_str_starts(tail, ":-") || sw_str_starts(tail, ":+"))
        tail = sw_str_drop(tail, 2 + word_length(plan, sw_str_drop(tail, 2), depth));
    return tail.n > 0 && tail.p[0] == '}' ? (size_t)(tail.p - text.p) + 1 : 0;
}

static void add_part(struct sw_builder *b, struct sw_node *parts, struct sw_str text, struct sw_str reference)
{
    if (text.n + reference.n == 0)
        return;
    struct sw_node *part = sw_build_map(b);
    sw_build_set(b, part, "text", sw_build_str(b, text));
    sw_build_set(b, part, "reference", sw_build_str(b, reference));
    sw_build_append(b, parts, part);
}

/* The value as [{text, reference}], one of which is empty. */
static struct sw_node *parts_of(struct sw_builder *b, const struct sw_plan *plan, struct sw_str value)
{
    struct sw_node *parts = sw_build_list(b);
    struct sw_str none = {"", 0};
    size_t start = 0;
    for (size_t i = 0; i < value.n;) {
        bool escaped = value.p[i] == '\\';
        size_t n = reference_length(plan, sw_str_drop(value, escaped ? i + 1 : i), 0);
        if (n == 0) {
            i++;
            continue;
        }
        add_part(b, parts, (struct sw_str){value.p + start, i - start}, none);
        if (escaped)
            add_part(b, parts, (struct sw_str){value.p + i + 1, n}, none);
        else
            add_part(b, parts, none, (struct sw_str){value.p + i, n});
        i += n + (escaped ? 1 : 0);
        start = i;
    }
    add_part(b, parts, sw_str_drop(value, start), none);
    return parts;
}

const struct sw_node *sw_render_environment(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *planned = plan->parts.environment;
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(planned); i++) {
        const struct sw_node *variable = sw_node_item(planned, i), *value = sw_node_get(variable, "value");
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "name", sw_build_str(b, sw_node_str(sw_node_get(variable, "name"))));
        sw_build_set(b, row, "value", sw_build_str(b, sw_node_str(value)));
        sw_build_set(b, row, "parts", parts_of(b, plan, sw_node_str(value)));
        sw_build_append(b, list, row);
    }
    return list;
}
