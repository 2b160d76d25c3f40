#include "environment.h"

#include "base/macros.h"

#include <pwd.h>
#include <unistd.h>

const char *environment_first(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

bool environment_is_runner(void)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions != NULL && strcmp(actions, "true") == 0;
}

const char *environment_home(struct sw_arena *arena)
{
    const char *home = getenv("HOME");
    if (home != NULL && home[0] == '/')
        return sw_arena_text(arena, home);
    const struct passwd *user = getpwuid(getuid());
    bool known = user != NULL && user->pw_dir != NULL && user->pw_dir[0] == '/';
    return sw_arena_text(arena, known ? user->pw_dir : "/");
}
