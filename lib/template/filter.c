#include "template/filter_internal.h"

#include "base/text.h"
#include "data/json.h"
#include "data/yaml_scalar.h"

/* Name the first control character of the text that is not in `allowed`; NULL if there is none. */
static const char *find_control(struct sw_str text, const char *allowed)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\n' || c == '\r')
            return "a line break";
        if (c == '\0')
            return "a NUL byte";
        if ((c < 0x20 || c == 0x7F) && strchr(allowed, c) == NULL)
            return "a control character";
    }
    return NULL;
}

static struct sw_str text_of(const struct sw_node *value)
{
    return sw_node_type(value) == SW_NODE_NULL ? SW_STR("") : sw_node_str(value);
}

static const char *write_html(struct sw_buffer *out, const struct sw_node *value)
{
    for (struct sw_str rest = text_of(value); rest.p != NULL;) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        SW_BUFFER_AUTO clean;
        sw_buffer_init(&clean, 4 * line.n); /* cleaning makes four bytes of one at most */
        sw_text_add_clean(&clean, line);
        for (size_t i = 0; i < clean.n; i++) {
            if (strchr("&<>\"'", clean.p[i]) != NULL)
                sw_buffer_addf(out, "&#%d;", clean.p[i]);
            else
                sw_buffer_add_char(out, clean.p[i]);
        }
        if (clean.state == SW_BUFFER_MEMORY)
            out->state = SW_BUFFER_MEMORY;
        if (rest.p != NULL)
            sw_buffer_add_char(out, '\n');
    }
    return NULL;
}

/* For a cell of an HTML table in Markdown: on one line, and no character is markup. Behind "@" and "#" stands an empty comment,
 * so that no user and no issue is linked. */
static const char *write_markdown(struct sw_buffer *out, const struct sw_node *value)
{
    for (struct sw_str rest = text_of(value); rest.p != NULL;) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        SW_BUFFER_AUTO clean;
        sw_buffer_init(&clean, 4 * line.n + 4);
        sw_text_add_clean(&clean, line);
        for (size_t i = 0; i < clean.n; i++) {
            unsigned char c = (unsigned char)clean.p[i];
            if (c >= 0x80 || c == ' ' || c == '-' || c == ',' || sw_is_alnum(c))
                sw_buffer_add_char(out, clean.p[i]);
            else
                sw_buffer_addf(out, c == '@' || c == '#' ? "&#%d;<!-- -->" : "&#%d;", c);
        }
        if (clean.state == SW_BUFFER_MEMORY)
            out->state = SW_BUFFER_MEMORY;
        if (rest.p != NULL)
            sw_buffer_add_text(out, "<br>");
    }
    return NULL;
}

static const char *write_json(struct sw_buffer *out, const struct sw_node *value)
{
    sw_json_write(out, value, SW_JSON_COMPACT);
    return NULL;
}

static const char *write_env(struct sw_buffer *out, const struct sw_node *value)
{
    struct sw_str text = text_of(value);
    const char *control = find_control(text, "");
    if (control != NULL)
        return control;
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("\"\\$", text.p[i]) != NULL)
            sw_buffer_add_char(out, '\\');
        sw_buffer_add_char(out, text.p[i]);
    }
    return NULL;
}

static const char *write_shell(struct sw_buffer *out, const struct sw_node *value)
{
    struct sw_str text = text_of(value);
    const char *control = find_control(text, "\t");
    if (control != NULL)
        return control;
    sw_text_add_shell_word(out, text);
    return NULL;
}

static const char *write_yaml(struct sw_buffer *out, const struct sw_node *value)
{
    if (sw_node_type(value) == SW_NODE_NULL) {
        sw_buffer_add_text(out, "null"); /* and not the empty text that null also is */
    } else if (sw_node_type(value) != SW_NODE_TEXT) {
        sw_buffer_add_str(out, sw_node_str(value));
    } else if (!sw_utf8_valid(sw_node_str(value))) {
        return "bytes that are not UTF-8";
    } else if (memchr(sw_node_text(value, ""), '\0', sw_node_str(value).n) != NULL) {
        return "a NUL byte";
    } else {
        sw_yaml_add_scalar(out, sw_node_str(value), SW_MARK_PLAIN, true);
    }
    return NULL;
}

const struct sw_filter sw_filters[] = {
    {"env", false, write_env},           {"html", false, write_html},   {"json", true, write_json},
    {"markdown", false, write_markdown}, {"shell", false, write_shell}, {"yaml", false, write_yaml},
};
const size_t sw_filters_count = SW_COUNT(sw_filters);

const struct sw_filter *sw_filter_find(struct sw_str name)
{
    for (size_t i = 0; i < SW_COUNT(sw_filters); i++) {
        if (sw_str_is(name, sw_filters[i].name))
            return &sw_filters[i];
    }
    return NULL;
}
