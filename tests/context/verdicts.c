/* usage: verdicts IGNORE-FILE < PATHS
 *
 * Judges paths, one a line, by an ignore file: prints "out" or "in" for each, or "bad" once for a file that is
 * refused. For docker_ignore.py. */
#include "base/file.h"
#include "base/limits.h"
#include "context/ignore.h"

int main(int argc, char **argv)
{
    SW_BUFFER_AUTO text;
    SW_BUFFER_AUTO paths;
    sw_buffer_init(&text, SW_MAX_IGNORE_SIZE);
    sw_buffer_init(&paths, SW_MAX_IGNORE_SIZE);
    struct sw_ignore *ignore = NULL;
    if (argc != 2 || sw_file_read(&text, argv[1], NULL) != 0 || sw_file_read(&paths, "/dev/stdin", NULL) != 0)
        return 2;
    if (sw_ignore_new(&ignore, sw_buffer_str(&text), argv[1], NULL) != 0) {
        (void)puts("bad");
        return 0;
    }
    struct sw_str rest = sw_buffer_str(&paths);
    while (rest.p != NULL) {
        struct sw_str path = sw_str_cut(&rest, '\n');
        struct sw_ignore_verdict verdict;
        if (path.n == 0)
            continue;
        if (sw_ignore_check(ignore, &verdict, path, NULL) != 0)
            return 1;
        (void)puts(verdict.excluded ? "out" : "in");
    }
    sw_ignore_free(ignore);
    return 0;
}
