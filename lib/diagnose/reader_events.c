/* Kubernetes: the events that `kubectl describe` and `kubectl get events` list, the state of a container in `kubectl describe`, and
 * the row of a pod in `kubectl get pods` (kubectl 1.24 to 1.33). Columns stand two blanks apart or more. */
#include "diagnose/cluster_event_internal.h"
#include "diagnose/reader_internal.h"

/* States and reasons that only say that something failed: another event, the image's name or its log says why. */
static const char *const follow_on[] = {"BackOff",      "CrashLoopBackOff",           "ImagePullBackOff",
                                        "ErrImagePull", "CreateContainerConfigError", "RunContainerError",
                                        "Failed",       "CreateContainerError",       "StartError",
                                        "Error",        "ContainerCannotRun"};
static const char *const reasons[] = {"OOMKilled", "DeadlineExceeded", "Evicted", "InvalidImageName",
                                      "ErrImageNeverPull"};

static bool is_any(struct sw_str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_is(word, words[i]))
            return true;
    }
    return false;
}

/* "Error: ErrImagePull" */
static bool only_repeats(const struct sw_cluster_event *event)
{
    struct sw_str rest = event->message;
    return is_any(event->reason, follow_on, SW_COUNT(follow_on)) ||
           (sw_str_starts(rest, "Error: ") &&
            is_any(sw_str_drop(rest, strlen("Error: ")), follow_on, SW_COUNT(follow_on)));
}

static bool say_state(struct sw_fact *fact, struct sw_str state, struct sw_str line)
{
    bool repeats = is_any(state, follow_on, SW_COUNT(follow_on));
    if (!repeats && !is_any(state, reasons, SW_COUNT(reasons)))
        return false;
    fact->consequence = repeats;
    fact->state = 1;
    fact->margin = (unsigned)sw_reader_indent(line);
    sw_fact_say(fact, sw_str_trim(line), fact->first);
    return true;
}

/* "      Reason:       OOMKilled", or "web-0   0/1   CrashLoopBackOff   3 (10s ago)   2m". */
static bool open_state(struct sw_fact *fact, struct sw_str line)
{
    struct sw_str rest = line, first = sw_cluster_column(&rest), second = sw_cluster_column(&rest);
    if (sw_str_is(first, "Reason:") || sw_str_is(first, "Status:"))
        return rest.n == 0 && say_state(fact, second, line);
    bool ready =
        second.n >= 3 && sw_is_digit((unsigned char)second.p[0]) && memchr(second.p, '/', second.n) != NULL;
    return ready && say_state(fact, sw_cluster_column(&rest), line);
}

static bool open_events(struct sw_fact *fact, struct sw_str line)
{
    struct sw_cluster_event event;
    fact->kind = SW_FACT_EVENT;
    if (!sw_cluster_event_read(&event, line))
        return open_state(fact, line);
    fact->consequence = only_repeats(&event);
    sw_fact_say(fact, event.reason, fact->first);
    sw_fact_say_more(fact, SW_STR("-"));
    sw_fact_say_more(fact, event.message);
    return event.failure;
}

/* The rest of a container's state: its message and its exit code. */
static enum sw_follow follow_events(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    struct sw_str text = sw_str_trim(line);
    bool more = sw_str_starts(text, "Exit Code:") || sw_str_starts(text, "Message:");
    if (fact->state == 0 || !more || number > fact->first + 2)
        return SW_FOLLOW_NO;
    struct sw_str key = sw_cluster_column(&text);
    sw_fact_say_more(fact, key);
    sw_fact_say_more(fact, text);
    return SW_FOLLOW_YES;
}

static const char *const words[] = {"status: ",
                                    "warning ",
                                    "normal ",
                                    "reason: ",
                                    "crashloopbackoff",
                                    "oomkilled",
                                    "imagepullbackoff",
                                    "errimagepull",
                                    "containererror",
                                    "evicted",
                                    "invalidimagename",
                                    "errimageneverpull",
                                    NULL};

const struct sw_reader sw_reader_events = {words, open_events, follow_events};
