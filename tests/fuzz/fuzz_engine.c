/* What an engine answers, from its first word on or from the third answer on if the first byte is not 'p'. Images are looked at and
 * listed, and a container is run. */
#include "base/limits.h"
#include "engine/container.h"
#include "engine/image.h"

#include "engine_server.h"
#include "fuzz.h"
#include "support.h"

static void check(int code, const struct sw_error *error)
{
    fuzz_claim(code == 0 || (code < 0 && error->code == (enum sw_code)code && error->text[0] != '\0'));
}

static void ask(struct sw_engine *engine)
{
    static const char *const command[] = {"true", NULL};
    const struct sw_container_request request = {.image = "x", .command = command, .network = "none"};
    struct sw_container_result result = {0};
    const struct sw_node *node = NULL;
    const char *root = NULL;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    check(sw_container_run(&result, engine, &request, NULL, &error), &error);
    check(sw_image_inspect(&node, &arena, engine, "x", &error), &error);
    check(sw_image_history(&node, &arena, engine, "x", &error), &error);
    check(sw_image_list(&node, &arena, engine, "label", &error), &error);
    check(sw_engine_root(&root, &arena, engine, &error), &error);
    check(sw_image_tag(engine, "x", "y", &error), &error);
}

int fuzz_engine(const uint8_t *data, size_t size)
{
    struct sw_engine *engine = NULL;
    struct sw_error error = {0};
    if (size == 0)
        return 0;
    const struct sw_str script = {(const char *)data + 1, size - 1};
    int code = fuzz_engine_open(&engine, script, data[0] != 'p', &error);
    check(code, &error);
    if (code == 0) {
        const struct sw_engine_info *info = sw_engine_info(engine);
        fuzz_claim(info->api_version[0] != '\0' && info->product[0] != '\0');
        ask(engine);
    }
    fuzz_engine_close(engine);
    return 0;
}
