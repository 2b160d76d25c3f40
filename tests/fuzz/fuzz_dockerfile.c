/* A Dockerfile, and the name of a step after its last NUL. */
#include "stream/step_lines_internal.h"

#include "fuzz.h"

int fuzz_dockerfile(const uint8_t *data, size_t size)
{
    size_t cut = size;
    while (cut > 0 && data[cut - 1] != '\0')
        cut--;
    struct sw_str name = {(const char *)data + cut, size - cut};
    struct sw_dockerfile file;
    sw_dockerfile_init(&file, (struct sw_str){(const char *)data, cut});
    unsigned most = 1;
    for (size_t i = 0; i < cut; i++)
        most += data[i] == '\n';
    if (sw_dockerfile_line_buildkit(&file, name) > most || sw_dockerfile_line_classic(&file, name) > most)
        abort();
    sw_dockerfile_release(&file);
    return 0;
}
