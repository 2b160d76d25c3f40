#include "diagnose/cluster_event_internal.h"

struct sw_str sw_cluster_column(struct sw_str *line)
{
    *line = sw_str_trim(*line);
    size_t n = 0;
    while (n < line->n && !(line->p[n] == ' ' && (n + 1 == line->n || line->p[n + 1] == ' ')))
        n++;
    struct sw_str column = {line->p, n};
    *line = sw_str_trim(sw_str_drop(*line, n));
    return column;
}

/* "40s (x4 over 2m)", "<unknown>" */
static bool is_age(struct sw_str column)
{
    return column.n > 0 && (sw_is_digit((unsigned char)column.p[0]) || column.p[0] == '<');
}

static bool is_reason(struct sw_str column)
{
    for (size_t i = 0; i < column.n; i++) {
        if (!sw_is_alpha((unsigned char)column.p[i]))
            return false;
    }
    return column.n > 2 && column.p[0] >= 'A' && column.p[0] <= 'Z';
}

bool sw_cluster_event_read(struct sw_cluster_event *out, struct sw_str line)
{
    struct sw_str type = sw_cluster_column(&line);
    bool listed = is_age(type);
    if (listed)
        type = sw_cluster_column(&line);
    if (!sw_str_is(type, "Warning") && !sw_str_is(type, "Normal"))
        return false;
    struct sw_str reason = sw_cluster_column(&line), third = sw_cluster_column(&line);
    if (!is_reason(reason) || (!listed && !is_age(third)))
        return false;
    if (!listed)
        (void)sw_cluster_column(&line);
    if (line.n == 0)
        return false;
    /* A probe may fail while a container starts. If probes make the kubelet stop a container, it says so in a normal event. */
    bool killed = sw_str_find(line, SW_STR("failed liveness probe")) < line.n;
    *out =
        (struct sw_cluster_event){.failure = killed || (type.p[0] == 'W' && !sw_str_is(reason, "Unhealthy")),
                                  .reason = reason,
                                  .message = line};
    return true;
}
