#include "diagnose/pattern_internal.h"

#include "base/limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { MOST_GROUPS = SW_RULE_NAMES };

struct sw_pattern {
    pcre2_code *code;
    /* For each group number the place of its name in the rule's table, or -1. */
    int values[MOST_GROUPS + 1];
    uint32_t groups;
};

struct sw_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

/* Map each named group to the place of its value. */
static bool map_groups(struct sw_pattern *pattern, struct sw_arena *arena, struct sw_names *names)
{
    uint32_t count = 0, width = 0;
    PCRE2_SPTR table = NULL;
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->groups);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &width);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    if (pattern->groups > MOST_GROUPS)
        return false;
    for (uint32_t i = 0; i <= pattern->groups; i++)
        pattern->values[i] = -1;
    /* Each row has two bytes of number, then the name and a NUL. */
    for (uint32_t i = 0; i < count; i++, table += width) {
        unsigned number = (unsigned)table[0] << 8 | table[1];
        pattern->values[number] = sw_names_add(names, arena, sw_str_from((const char *)table + 2));
        if (pattern->values[number] < 0)
            return false;
    }
    return true;
}

int sw_pattern_new(struct sw_pattern **out, struct sw_arena *arena, const struct sw_node *node,
                   struct sw_names *names, struct sw_error *error)
{
    int reason = 0;
    size_t offset = 0;
    struct sw_pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern == NULL)
        return sw_fail_memory(error);
    pattern->code = pcre2_compile((PCRE2_SPTR)sw_node_text(node, ""), sw_node_str(node).n,
                                  PCRE2_MULTILINE | PCRE2_DUPNAMES | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
                                      PCRE2_NEVER_BACKSLASH_C,
                                  &reason, &offset, NULL);
    if (pattern->code == NULL) {
        unsigned char text[160] = "";
        (void)pcre2_get_error_message(reason, text, sizeof text);
        sw_pattern_free(pattern);
        return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                          "the pattern does not compile: %s (at byte %zu)", (const char *)text, offset);
    }
    if (!map_groups(pattern, arena, names)) {
        sw_pattern_free(pattern);
        return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                          "more than %d groups or names in one rule", SW_RULE_NAMES);
    }
    /* Without a compiler for this machine, matching is slower. */
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    *out = pattern;
    return 0;
}

void sw_pattern_free(struct sw_pattern *pattern)
{
    if (pattern == NULL)
        return;
    pcre2_code_free(pattern->code);
    free(pattern);
}

struct sw_matcher *sw_matcher_new(void)
{
    struct sw_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL)
        return NULL;
    matcher->data = pcre2_match_data_create(MOST_GROUPS + 1, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (matcher->data == NULL || matcher->context == NULL) {
        sw_matcher_free(matcher);
        return NULL;
    }
    (void)pcre2_set_match_limit(matcher->context, SW_PATTERN_MATCH_LIMIT);
    (void)pcre2_set_depth_limit(matcher->context, SW_PATTERN_MATCH_LIMIT);
    (void)pcre2_set_heap_limit(matcher->context, SW_PATTERN_HEAP_KIB);
    return matcher;
}

void sw_matcher_free(struct sw_matcher *matcher)
{
    if (matcher == NULL)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    free(matcher);
}

bool sw_pattern_match(const struct sw_pattern *pattern, struct sw_matcher *matcher, struct sw_str subject,
                      size_t *from, struct sw_str *match, struct sw_values *values)
{
    const char *bytes = subject.n == 0 ? "" : subject.p;
    int count =
        pcre2_match(pattern->code, (PCRE2_SPTR)bytes, subject.n, *from, 0, matcher->data, matcher->context);
    if (count <= 0)
        return false;
    const size_t *ends = pcre2_get_ovector_pointer(matcher->data);
    for (uint32_t i = 1; i < (uint32_t)count; i++) {
        size_t start = ends[2 * i], end = ends[2 * i + 1];
        if (pattern->values[i] >= 0 && start != PCRE2_UNSET && end > start)
            values->items[pattern->values[i]] = (struct sw_str){bytes + start, end - start};
    }
    *match = (struct sw_str){bytes + ends[0], ends[1] >= ends[0] ? ends[1] - ends[0] : 0};
    *from = ends[1] > *from ? ends[1] : *from + 1;
    return true;
}
