#include "stream/message_internal.h"

#include "base/buffer.h"

#include <jansson.h>

static const char replacement[] = "\xEF\xBF\xBD";

/* The four hexadecimal digits after "\u", or -1. */
static int escaped_unit(struct sw_str s)
{
    if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
        int c = sw_lower(s.p[i]);
        if (!sw_is_digit(c) && (c < 'a' || c > 'f'))
            return -1;
        unit = unit * 16 + (sw_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return unit;
}

/* Append the escape at the start of `s`; returns its length. A surrogate without its other half is replaced.
 */
static size_t repair_escape(struct sw_buffer *out, struct sw_str s)
{
    int unit = escaped_unit(s);
    size_t n = unit >= 0 ? 6 : s.n < 2 ? s.n : 2;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        int low = escaped_unit((struct sw_str){s.p + 6, s.n - 6});
        if (unit >= 0xDC00 || low < 0xDC00 || low > 0xDFFF) {
            sw_buffer_add_text(out, replacement);
            return n;
        }
        n = 12;
    }
    sw_buffer_add(out, s.p, n);
    return n;
}

static void repair(struct sw_buffer *out, struct sw_str s)
{
    while (s.n > 0) {
        size_t n = 1;
        if (s.p[0] == '\\') {
            n = repair_escape(out, s);
        } else if ((n = sw_utf8_length(s)) > 0) {
            sw_buffer_add(out, s.p, n);
        } else {
            sw_buffer_add_text(out, replacement);
            n = 1;
        }
        s = (struct sw_str){s.p + n, s.n - n};
    }
}

static json_t *load(struct sw_str object)
{
    json_t *root = json_loadb(object.p, object.n, JSON_ALLOW_NUL, NULL);
    if (root != NULL)
        return root;
    SW_BUFFER_AUTO repaired;
    sw_buffer_init(&repaired, 3 * object.n); /* one byte becomes three at most */
    repair(&repaired, object);
    if (repaired.state != SW_BUFFER_OK)
        return NULL;
    return json_loadb(repaired.p, repaired.n, JSON_ALLOW_NUL, NULL);
}

static struct sw_str text_of(const json_t *value)
{
    if (!json_is_string(value))
        return (struct sw_str){NULL, 0};
    return (struct sw_str){json_string_value(value), json_string_length(value)};
}

static struct sw_str text_at(const json_t *object, const char *key)
{
    return text_of(json_object_get(object, key));
}

static int64_t number_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value) : -1;
}

/* `error` alone came before errorDetail, is deprecated since API 1.48 and may then be left out. */
static struct sw_str failure_of(const json_t *root, const json_t *detail)
{
    struct sw_str texts[] = {text_at(detail, "message"), text_at(root, "error"), text_at(root, "message")};
    for (size_t i = 0; i < SW_COUNT(texts); i++)
        if (texts[i].n > 0)
            return texts[i];
    return json_is_object(detail) ? SW_STR("the engine gives no reason") : (struct sw_str){NULL, 0};
}

int sw_message_read(struct sw_message *message, struct sw_str object, struct sw_error *error)
{
    json_t *root = load(object);
    if (!json_is_object(root)) {
        json_decref(root);
        return sw_fail(error, SW_EENV, "a part of the engine's stream is not JSON");
    }
    const json_t *aux = json_object_get(root, "aux");
    const json_t *detail = json_object_get(root, "errorDetail");
    const json_t *progress = json_object_get(root, "progressDetail");
    *message = (struct sw_message){
        .root = root,
        .stream = text_at(root, "stream"),
        .status = text_at(root, "status"),
        .id = text_at(root, "id"),
        .trace = text_of(aux),
        .image = text_at(aux, "ID"),
        .digest = text_at(aux, "Digest"),
        .failure = failure_of(root, detail),
        .exit_code = number_at(detail, "code"),
        .current = number_at(progress, "current"),
        .total = number_at(progress, "total"),
    };
    return 0;
}

void sw_message_release(struct sw_message *message)
{
    if (message == NULL)
        return;
    json_decref(message->root);
    *message = (struct sw_message){0};
}
