#include "output/junit.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

/* Text of an attribute. XML 1.0 has no way to write control characters, U+FFFE and U+FFFF. */
static void add_text(struct sw_buffer *out, const char *text)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, SW_MAX_JSON_SIZE);
    sw_text_add_clean(&clean, sw_str_from(text));
    for (const char *c = clean.p; *c != '\0'; c++) {
        if (strncmp(c, "\xEF\xBF\xBE", 3) == 0 || strncmp(c, "\xEF\xBF\xBF", 3) == 0) {
            sw_buffer_add_text(out, "\xEF\xBF\xBD");
            c += 2;
        } else if (*c == '<' || *c == '>' || *c == '&' || *c == '"') {
            sw_buffer_addf(out, "&#%d;", *c);
        } else {
            sw_buffer_add_char(out, *c);
        }
    }
    if (clean.state != SW_BUFFER_OK)
        out->state = clean.state;
}

static void add_attribute(struct sw_buffer *out, const char *name, const char *value)
{
    sw_buffer_addf(out, " %s=\"", name);
    add_text(out, value);
    sw_buffer_add_char(out, '"');
}

/* Add the file and line at which the profile asks for the check, if the profile asks for it. */
static void add_place(struct sw_buffer *out, const struct sw_profile *profile, const char *at)
{
    SW_FINDINGS_AUTO scratch;
    sw_findings_init(&scratch);
    struct sw_finding *finding = sw_findings_add(&scratch, "SW401", SW_NOTE, "-");
    sw_profile_place(profile, &scratch, finding, at);
    if (finding->file == NULL)
        return;
    add_attribute(out, "file", finding->file);
    sw_buffer_addf(out, " line=\"%u\"", finding->line);
}

static void add_case(struct sw_buffer *out, const struct sw_profile *profile, const struct sw_node *row)
{
    const char *fault = sw_node_text(sw_node_get(row, "fault"), NULL);
    const char *untried = sw_node_text(sw_node_get(row, "untried"), NULL);
    sw_buffer_add_text(out, "    <testcase");
    add_attribute(out, "classname", sw_node_text(sw_node_get(row, "check"), ""));
    add_attribute(out, "name", sw_node_text(sw_node_get(row, "what"), ""));
    if (profile != NULL)
        add_place(out, profile, sw_node_text(sw_node_get(row, "at"), ""));
    if (untried != NULL) {
        sw_buffer_add_text(out, ">\n      <skipped");
        add_attribute(out, "message", untried);
    } else if (fault != NULL) {
        sw_buffer_add_text(out, ">\n      <failure");
        add_attribute(out, "type", sw_node_text(sw_node_get(row, "code"), ""));
        add_attribute(out, "message", fault);
    } else {
        sw_buffer_add_text(out, "/>\n");
        return;
    }
    sw_buffer_add_text(out, "/>\n    </testcase>\n");
}

static void add_counts(struct sw_buffer *out, const struct sw_verification *verification)
{
    sw_buffer_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\"",
                   verification->passed + verification->failed + verification->untried, verification->failed);
}

int junit_write(const char *path, const char *image, const struct sw_profile *profile,
                const struct sw_verification *verification, struct sw_error *error)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 4 * SW_MAX_JSON_SIZE);
    sw_buffer_add_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_counts(&out, verification);
    sw_buffer_add_text(&out, ">\n  <testsuite");
    add_attribute(&out, "name", image);
    add_counts(&out, verification);
    sw_buffer_addf(&out, " skipped=\"%zu\">\n", verification->untried);
    for (size_t i = 0; i < sw_node_count(verification->results); i++)
        add_case(&out, profile, sw_node_item(verification->results, i));
    sw_buffer_add_text(&out, "  </testsuite>\n</testsuites>\n");
    int code = sw_buffer_check(&out, "the JUnit report", error);
    return code != 0 ? code : sw_file_write(path, sw_buffer_str(&out), 0666, error);
}
