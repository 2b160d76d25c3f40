#include "engine/transfer.h"

#include "base/limits.h"

static const char *const phase_names[SW_TRANSFER_PHASES] = {"downloading", "extracting", "pushing"};

/* What a layer's status says about which phase. `whole`: the phase is over. */
static const struct {
    const char *status;
    enum sw_transfer_phase phase;
    bool whole;
} statuses[] = {
    {"Downloading", SW_DOWNLOADING, false},
    {"Extracting", SW_EXTRACTING, false},
    {"Pushing", SW_PUSHING, false},
    {"Verifying Checksum", SW_DOWNLOADING, true},
    {"Download complete", SW_DOWNLOADING, true},
    {"Pull complete", SW_EXTRACTING, true},
    {"Pushed", SW_PUSHING, true},
};

void sw_transfer_init(struct sw_transfer *transfer, const struct sw_sink *sink)
{
    *transfer = (struct sw_transfer){.sink = sink};
    sw_arena_init(&transfer->arena, SW_MAX_ARENA);
}

void sw_transfer_release(struct sw_transfer *transfer)
{
    sw_arena_release(&transfer->arena);
}

static struct sw_transfer_layer *get_layer(struct sw_transfer *transfer, struct sw_str id)
{
    for (size_t i = 0; i < transfer->count; i++)
        if (sw_str_is(id, transfer->layers[i].id))
            return &transfer->layers[i];
    if (transfer->count >= SW_MAX_LAYERS || id.n > SW_MAX_STEP_NAME)
        return NULL;
    struct sw_transfer_layer *layers =
        sw_arena_grow(&transfer->arena, transfer->layers, transfer->count, sizeof(*layers));
    char *copy = sw_arena_copy(&transfer->arena, id);
    if (layers == NULL || copy == NULL)
        return NULL;
    transfer->layers = layers;
    layers[transfer->count] = (struct sw_transfer_layer){.id = copy};
    return &layers[transfer->count++];
}

static int64_t add(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static void emit_sum(const struct sw_transfer *transfer, struct sw_str step, enum sw_transfer_phase phase)
{
    int64_t current = 0, total = 0;
    for (size_t i = 0; i < transfer->count; i++) {
        current = add(current, transfer->layers[i].current[phase]);
        total = add(total, transfer->layers[i].total[phase]);
    }
    if (total == 0)
        return;
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_PROGRESS,
                                              .step = step,
                                              .text = sw_str_from(phase_names[phase]),
                                              .current = current,
                                              .total = total});
}

static void layer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message)
{
    for (size_t i = 0; i < SW_COUNT(statuses); i++) {
        if (!sw_str_is(message->status, statuses[i].status))
            continue;
        struct sw_transfer_layer *layer = get_layer(transfer, message->id);
        if (layer == NULL)
            return;
        enum sw_transfer_phase phase = statuses[i].phase;
        if (message->total > 0)
            layer->total[phase] = message->total;
        if (statuses[i].whole)
            layer->current[phase] = layer->total[phase];
        else if (message->current >= 0 && layer->total[phase] > 0)
            layer->current[phase] =
                message->current < layer->total[phase] ? message->current : layer->total[phase];
        emit_sum(transfer, step, phase);
        return;
    }
}

/* "Pulling from NAME" with the tag as id, or "The push refers to repository [NAME]". */
static bool start(struct sw_transfer *transfer, const struct sw_message *message)
{
    static const char pulling[] = "Pulling from ";
    static const char pushing[] = "The push refers to repository [";
    struct sw_str name = message->status;
    bool push = sw_str_starts(name, pushing);
    if (transfer->step != NULL || (!push && !sw_str_starts(name, pulling)))
        return false;
    size_t prefix = push ? sizeof(pushing) - 1 : sizeof(pulling) - 1;
    name = (struct sw_str){name.p + prefix, name.n - prefix};
    if (push)
        name = sw_str_cut(&name, ']');
    transfer->step = push ? "push" : "pull";
    transfer->open = true;
    transfer->name = sw_arena_format(&transfer->arena, "%s %.*s%s%.*s", transfer->step, SW_STR_FORMAT(name),
                                     message->id.n > 0 ? ":" : "", SW_STR_FORMAT(message->id));
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                              .step = sw_str_from(transfer->step),
                                              .text = sw_str_from(transfer->name)});
    return true;
}

static void keep_digest(struct sw_transfer *transfer, struct sw_str digest)
{
    if (digest.n < sizeof(transfer->digest))
        (void)snprintf(transfer->digest, sizeof(transfer->digest), "%.*s", SW_STR_FORMAT(digest));
}

void sw_transfer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message)
{
    static const char digest[] = "Digest: ";
    struct sw_str status = message->status;
    if (step.n == 0) {
        if (start(transfer, message))
            return;
        step = sw_str_from(transfer->step);
    }
    if (sw_str_starts(status, digest)) {
        keep_digest(transfer, sw_str_trim((struct sw_str){status.p + sizeof(digest) - 1,
                                                          status.n - sizeof(digest) + 1}));
    } else if (sw_str_starts(status, "Status: ")) {
        transfer->cached = sw_str_starts(status, "Status: Image is up to date");
    } else if (message->id.n > 0) {
        layer_status(transfer, step, message);
    } else if (sw_str_trim(status).n > 0) {
        sw_emit(transfer->sink,
                (struct sw_event){.kind = SW_EVENT_NOTE, .step = step, .text = sw_str_trim(status)});
    }
}

void sw_transfer_finish(struct sw_transfer *transfer, struct sw_str failure)
{
    if (!transfer->open)
        return;
    transfer->open = false;
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                              .step = sw_str_from(transfer->step),
                                              .text = failure,
                                              .cached = transfer->cached,
                                              .failed = failure.n > 0});
}
