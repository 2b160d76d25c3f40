#include "stream/transfer_internal.h"

#include "base/limits.h"

static const char *const phase_names[SW_TRANSFER_PHASES] = {"downloading", "extracting", "pushing"};

/* The status texts of a layer and the phase of each. `whole`: the phase is over. */
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
    *transfer = (struct sw_transfer){.sink = sink, .step = ""};
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

/* Tell how far a layer is in a phase, once its size there is known. */
static void phase_status(const struct sw_transfer *transfer, struct sw_transfer_layer *layer,
                         struct sw_str step, size_t row, const struct sw_message *message)
{
    enum sw_transfer_phase phase = statuses[row].phase;
    bool known = layer->total[phase] > 0;
    if (message->total > 0)
        layer->total[phase] = message->total;
    int64_t total = layer->total[phase], current = message->current;
    if (statuses[row].whole || current > total)
        /* Docker also counts the bytes that frame a pushed layer. */
        current = total;
    if (total == 0 || current < 0 || (known && current == layer->current[phase]))
        return;
    layer->current[phase] = current;
    char text[128];
    (void)snprintf(text, sizeof text, "%s %s", phase_names[phase], layer->id);
    sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_PROGRESS,
                                              .step = step,
                                              .text = sw_str_from(text),
                                              .current = current,
                                              .total = total});
}

/* "Retrying in 5 seconds", which Docker counts down to 1. It does not say why. */
static bool retry_status(struct sw_transfer *transfer, struct sw_transfer_layer *layer, struct sw_str step,
                         struct sw_str status)
{
    static const char retrying[] = "Retrying in ";
    uint64_t pause_s = 0;
    if (!sw_str_starts(status, retrying))
        return false;
    struct sw_str number = sw_str_drop(status, sizeof retrying - 1);
    if (!sw_str_to_u64(sw_str_cut(&number, ' '), &pause_s))
        return false;
    if (pause_s > layer->pause_s || layer->pause_s == 0) {
        char text[160];
        (void)snprintf(text, sizeof text, "layer %s failed; the engine tries it again in %llu s", layer->id,
                       (unsigned long long)pause_s);
        sw_emit(transfer->sink,
                (struct sw_event){.kind = SW_EVENT_WARNING, .step = step, .text = sw_str_from(text)});
    }
    layer->pause_s = pause_s == 1 ? 0 : pause_s;
    transfer->retried = true;
    return true;
}

static void layer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message)
{
    struct sw_transfer_layer *layer = get_layer(transfer, message->id);
    if (layer == NULL || retry_status(transfer, layer, step, message->status))
        return;
    for (size_t i = 0; i < SW_COUNT(statuses); i++)
        if (sw_str_is(message->status, statuses[i].status))
            phase_status(transfer, layer, step, i, message);
}

static void keep_digest(struct sw_transfer *transfer, struct sw_str digest)
{
    if (digest.n < sizeof(transfer->digest))
        (void)snprintf(transfer->digest, sizeof(transfer->digest), "%.*s", SW_STR_FORMAT(digest));
}

/* "Digest: sha256:…" of a pull; "TAG: digest: sha256:… size: N" of a push, which is all that Podman says of it. */
static bool digest_status(struct sw_transfer *transfer, struct sw_str status)
{
    const struct sw_str pulled = SW_STR("Digest: "), pushed = SW_STR(": digest: ");
    size_t at = sw_str_find(status, pushed);
    if (sw_str_starts(status, pulled.p))
        status = sw_str_drop(status, pulled.n);
    else if (at < status.n)
        status = sw_str_drop(status, at + pushed.n);
    else
        return false;
    keep_digest(transfer, sw_str_cut(&status, ' '));
    return true;
}

void sw_transfer_status(struct sw_transfer *transfer, struct sw_str step, const struct sw_message *message)
{
    struct sw_str status = sw_str_trim(message->status);
    if (step.n == 0)
        step = sw_str_from(transfer->step);
    if (message->id.n > 0)
        layer_status(transfer, step, message);
    else if (sw_str_starts(status, "Status: "))
        transfer->cached = sw_str_starts(status, "Status: Image is up to date");
    else if (!digest_status(transfer, status) && status.n > 0 &&
             !sw_str_starts(status, "The push refers to repository"))
        sw_emit(transfer->sink, (struct sw_event){.kind = SW_EVENT_NOTE, .step = step, .text = status});
}
