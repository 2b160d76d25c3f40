/* A name of an image, split: its parts stand in the name, and are no longer than their room. */
#include "base/limits.h"
#include "engine/reference.h"

#include "fuzz.h"
#include "support.h"

int fuzz_reference(const uint8_t *data, size_t size)
{
    struct sw_reference parts;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *name = fuzz_text(&arena, (struct sw_str){(const char *)data, size});
    if (sw_reference_split(&parts, name, &error) != 0) {
        fuzz_claim(error.code == SW_EINPUT && error.text[0] != '\0');
        return 0;
    }
    size_t n = strlen(parts.repository);
    fuzz_claim(n > 0 && strncmp(name, parts.repository, n) == 0);
    fuzz_claim(strchr("@:", name[n]) != NULL || name[n] == '\0');
    fuzz_claim(parts.tag[0] != '\0' && (strstr(name, parts.tag) != NULL || strcmp(parts.tag, "latest") == 0));
    fuzz_claim(strcmp(parts.registry, "docker.io") == 0 ||
               strncmp(name, parts.registry, strlen(parts.registry)) == 0);
    return 0;
}
