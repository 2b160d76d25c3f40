/* Lines that an engine would not read. Docker's parser of Dockerfiles takes 65535 bytes without the line's end (measured on Docker
 * 20.10, 26.1 and 28.5); a step is one line, whatever lines the profile wrote it in. */
#include "base/limits.h"
#include "profile/render.h"

/* A part of a value that stands in the Dockerfile as it stands in the profile: no template escapes these bytes. */
static struct sw_str plain_part(struct sw_str text)
{
    struct sw_str best = {text.p, 0};
    for (size_t i = 0, start = 0; i <= text.n && i < SW_MAX_MESSAGE; i++) {
        bool plain = i < text.n && (sw_is_alnum((unsigned char)text.p[i]) || text.p[i] == ' ');
        if (!plain && i - start > best.n)
            best = (struct sw_str){text.p + start, i - start};
        start = plain ? start : i + 1;
    }
    return best.n == 0 && text.n >= SW_MAX_MESSAGE ? (struct sw_str){text.p, SW_MAX_MESSAGE} : best;
}

/* The longest value of the profile with a part in the line. */
struct source {
    struct sw_str line;
    const struct sw_node *node;
    size_t size;
};

static void look_at(struct source *source, const struct sw_node *node)
{
    struct sw_str text = sw_node_str(node);
    struct sw_str part = plain_part(text);
    if (text.n > source->size && part.n > 0 && sw_str_find(source->line, part) < source->line.n) {
        source->node = node;
        source->size = text.n;
    }
}

/* The recursion is as deep as the profile, which is SW_MAX_YAML_DEPTH at most. */
static void look_through(struct source *source, const struct sw_node *node)
{
    for (size_t i = 0; i < sw_node_member_count(node); i++)
        look_through(source, sw_node_member_at(node, i)->value);
    for (size_t i = 0; i < sw_node_count(node); i++)
        look_through(source, sw_node_item(node, i));
    look_at(source, node);
}

/* The first line that is too long, and its number; false if there is none. */
static bool find_long(struct sw_str *line, unsigned *number, struct sw_str text)
{
    *number = 0;
    while (text.p != NULL) {
        *line = sw_str_cut(&text, '\n');
        ++*number;
        if (line->n > SW_MAX_DOCKERFILE_LINE)
            return true;
    }
    return false;
}

void sw_rendering_check(const struct sw_rendering *rendering, const struct sw_profile *profile,
                        struct sw_findings *findings)
{
    struct source source = {0};
    unsigned number;
    if (!find_long(&source.line, &number, sw_rendering_text(rendering, "Dockerfile")))
        return;
    look_through(&source, profile->root);
    struct sw_finding *finding = sw_findings_add(
        findings, "SW102", SW_ERROR,
        "this becomes line %u of the Dockerfile with %zu bytes, and Docker reads at most %llu", number,
        source.line.n, SW_MAX_DOCKERFILE_LINE);
    sw_profile_place(profile, findings, finding, "");
    if (source.node != NULL)
        sw_finding_place(findings, finding, sw_node_file(source.node), sw_node_line(source.node),
                         sw_node_column(source.node));
    sw_finding_hint(findings, finding, "put the text into a file that context.copy brings, and use that");
}
