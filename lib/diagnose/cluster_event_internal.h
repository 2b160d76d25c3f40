/* An event of Kubernetes, as `kubectl describe` and `kubectl get events` list it (kubectl 1.24 to 1.33). */
#ifndef SLIPWAY_DIAGNOSE_CLUSTER_EVENT_INTERNAL_H
#define SLIPWAY_DIAGNOSE_CLUSTER_EVENT_INTERNAL_H

#include "base/str.h"

struct sw_cluster_event {
    bool failure;
    struct sw_str reason, message;
};

/* Read "  Warning  FailedMount  6s (x8 over 70s)  kubelet  TEXT"; false if the line is no event. */
bool sw_cluster_event_read(struct sw_cluster_event *out, struct sw_str line);
/* Take a column off the line: the text up to two blanks. */
struct sw_str sw_cluster_column(struct sw_str *line);

#endif
