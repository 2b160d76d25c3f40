/* The wire format, and BuildKit's status messages in it. */
#include "stream/buildkit_internal.h"
#include "wire/protobuf.h"

#include "fuzz.h"

/* Every field lies within the message. */
static void walk(struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 0 || reader.rest.p + reader.rest.n != message.p + message.n)
            abort();
        if (field.type == SW_PROTO_BYTES && field.bytes.n > 0 &&
            (field.bytes.p < message.p || field.bytes.p + field.bytes.n > reader.rest.p))
            abort();
    }
}

int fuzz_protobuf(const uint8_t *data, size_t size)
{
    struct sw_str message = {(const char *)data, size};
    walk(message);
    static const struct sw_dockerfile unknown;
    struct sw_buildkit *buildkit = sw_buildkit_new(NULL, &unknown);
    if (buildkit == NULL)
        return 0;
    struct sw_error error;
    for (int i = 0; i < 2; i++)
        if (sw_buildkit_status(buildkit, message, &error) < 0 && error.text[0] == '\0')
            abort();
    sw_buildkit_finish(buildkit, SW_STR("lost"));
    sw_buildkit_free(buildkit);
    return 0;
}
