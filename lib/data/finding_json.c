#include "data/finding_json.h"

/* Set how sure the diagnosis of a log is, the fact that it lacks, and the lines that it stands on. */
static void set_certainty(struct sw_builder *b, struct sw_node *object, const struct sw_finding *finding)
{
    struct sw_node *lines = sw_build_map(b);
    sw_build_set(b, lines, "first", sw_build_int(b, (int64_t)finding->first_line));
    sw_build_set(b, lines, "last", sw_build_int(b, (int64_t)finding->last_line));
    sw_build_set(b, object, "confidence", sw_build_text(b, finding->confidence));
    sw_build_set(b, object, "proof", sw_build_text(b, finding->proof));
    sw_build_set(b, object, "lines", finding->first_line == 0 ? sw_build_null(b) : lines);
}

struct sw_node *sw_finding_json(struct sw_builder *b, const struct sw_finding *finding)
{
    struct sw_node *object = sw_build_map(b), *evidence = sw_build_list(b), *fix = sw_build_list(b);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "text", sw_build_text(b, finding->evidence[i].text));
        sw_build_set(b, row, "source", sw_build_text(b, finding->evidence[i].source));
        if (finding->evidence[i].line > 0)
            sw_build_set(b, row, "line", sw_build_int(b, (int64_t)finding->evidence[i].line));
        sw_build_append(b, evidence, row);
    }
    for (size_t i = 0; i < finding->fix_count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "op", sw_build_text(b, sw_edit_op_name(finding->fix[i].op)));
        sw_build_set(b, row, "path", sw_build_text(b, finding->fix[i].path));
        if (finding->fix[i].value != NULL)
            sw_build_set(b, row, "value", sw_build_text(b, finding->fix[i].value));
        sw_build_append(b, fix, row);
    }
    sw_build_set(b, object, "code", sw_build_text(b, finding->code));
    sw_build_set(b, object, "severity", sw_build_text(b, sw_severity_name(finding->severity)));
    sw_build_set(b, object, "message", sw_build_text(b, finding->message));
    sw_build_set(b, object, "file", sw_build_text(b, finding->file));
    sw_build_set(b, object, "line", finding->line == 0 ? sw_build_null(b) : sw_build_int(b, finding->line));
    sw_build_set(b, object, "column",
                 finding->line == 0 ? sw_build_null(b) : sw_build_int(b, finding->column));
    sw_build_set(b, object, "evidence", evidence);
    sw_build_set(b, object, "hint", sw_build_text(b, finding->hint));
    sw_build_set(b, object, "fix", fix);
    sw_build_set(b, object, "url", sw_build_text(b, finding->url));
    if (finding->confidence != NULL)
        set_certainty(b, object, finding);
    return object;
}

struct sw_node *sw_findings_json(struct sw_builder *b, const struct sw_findings *findings)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < findings->count; i++)
        sw_build_append(b, list, sw_finding_json(b, findings->items[i]));
    return list;
}
