/* SARIF 2.1.0, as GitHub's code scanning reads it. */
#include "output/format.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "project/program_version.h"

static struct sw_node *message(struct sw_builder *b, const char *text)
{
    struct sw_node *object = sw_build_map(b);
    sw_build_set(b, object, "text", sw_build_text(b, text));
    return object;
}

static struct sw_node *rules(struct sw_builder *b)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < sw_finding_codes_count; i++) {
        struct sw_node *rule = sw_build_map(b);
        sw_build_set(b, rule, "id", sw_build_text(b, sw_finding_codes[i].code));
        sw_build_set(b, rule, "name", sw_build_text(b, sw_finding_codes[i].name));
        sw_build_set(b, rule, "shortDescription", message(b, sw_finding_codes[i].summary));
        sw_build_append(b, list, rule);
    }
    return list;
}

/* A path as a URI reference (RFC 3986): every character is percent-encoded, except unreserved characters and
 * slashes. */
static struct sw_node *uri(struct sw_builder *b, const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 4 * SW_MAX_PATH_SIZE);
    if (path[0] == '/')
        sw_buffer_add_str(&text, SW_STR("file://"));
    for (; *path != '\0'; path++) {
        unsigned char c = (unsigned char)*path;
        if (sw_is_alnum(c) || strchr("-._~/", c) != NULL)
            sw_buffer_add_char(&text, (char)c);
        else
            sw_buffer_addf(&text, "%%%02X", c);
    }
    return sw_build_str(b, sw_buffer_str(&text));
}

static struct sw_node *location(struct sw_builder *b, const struct sw_finding *finding)
{
    struct sw_node *artifact = sw_build_map(b), *region = sw_build_map(b);
    struct sw_node *physical = sw_build_map(b), *place = sw_build_map(b);
    sw_build_set(b, artifact, "uri", uri(b, finding->file));
    sw_build_set(b, physical, "artifactLocation", artifact);
    if (finding->line > 0) {
        sw_build_set(b, region, "startLine", sw_build_int(b, finding->line));
        sw_build_set(b, region, "startColumn", sw_build_int(b, finding->column));
        sw_build_set(b, physical, "region", region);
    }
    sw_build_set(b, place, "physicalLocation", physical);
    return place;
}

static struct sw_node *result(struct sw_builder *b, const struct sw_finding *finding)
{
    struct sw_node *object = sw_build_map(b), *locations = sw_build_list(b);
    const char *text = finding->hint == NULL
                           ? finding->message
                           : sw_arena_format(b->arena, "%s\n%s", finding->message, finding->hint);
    sw_build_set(b, object, "ruleId", sw_build_text(b, finding->code));
    sw_build_set(b, object, "level", sw_build_text(b, sw_severity_name(finding->severity)));
    sw_build_set(b, object, "message", message(b, text));
    if (finding->file != NULL)
        sw_build_append(b, locations, location(b, finding));
    sw_build_set(b, object, "locations", locations);
    return object;
}

struct sw_node *format_sarif(struct sw_builder *b, const struct sw_findings *findings)
{
    struct sw_node *root = sw_build_map(b), *runs = sw_build_list(b), *run = sw_build_map(b);
    struct sw_node *tool = sw_build_map(b), *driver = sw_build_map(b), *results = sw_build_list(b);
    for (size_t i = 0; i < findings->count; i++)
        sw_build_append(b, results, result(b, findings->items[i]));
    sw_build_set(b, driver, "name", sw_build_text(b, "slipway"));
    sw_build_set(b, driver, "version", sw_build_text(b, SLIPWAY_VERSION));
    sw_build_set(b, driver, "rules", rules(b));
    sw_build_set(b, tool, "driver", driver);
    sw_build_set(b, run, "tool", tool);
    sw_build_set(b, run, "columnKind", sw_build_text(b, "unicodeCodePoints"));
    sw_build_set(b, run, "results", results);
    sw_build_append(b, runs, run);
    sw_build_set(b, root, "$schema", sw_build_text(b, "https://json.schemastore.org/sarif-2.1.0.json"));
    sw_build_set(b, root, "version", sw_build_text(b, "2.1.0"));
    sw_build_set(b, root, "runs", runs);
    return b->failed ? NULL : root;
}
