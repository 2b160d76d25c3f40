#include "project/attempt.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/variables.h"
#include "data/path.h"
#include "profile/needs.h"
#include "project/grants.h"

#include <sys/random.h>
#include <sys/stat.h>

/* ---- secrets ---- */

static int read_value(struct sw_secret *secret, struct sw_project *project,
                      const struct sw_secret_grant *origin, struct sw_error *error)
{
    const char *variable = origin->variable == NULL && origin->file == NULL ? secret->id : origin->variable;
    if (variable != NULL) {
        const char *value = sw_variables_get(project->environment, variable);
        secret->value = sw_str_from(value);
        return value != NULL
                   ? 0
                   : sw_fail(error, SW_EINPUT, "the variable '%.200s' for the secret '%.200s' is not set",
                             variable, secret->id);
    }
    const char *path = sw_project_path(project, origin->file);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_SECRET);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_grants_check_file(project, path, SW_ACCESS_READ, error);
    if (code != 0)
        return code;
    code = sw_file_read(&text, path, error);
    if (code != 0) {
        error->code = SW_EINPUT; /* even if the file does not exist */
        return sw_error_context(SW_EINPUT, error, "the secret '%.200s'", secret->id);
    }
    secret->value = (struct sw_str){sw_arena_copy(project->arena, sw_buffer_str(&text)), text.n};
    return secret->value.p == NULL ? sw_fail_memory(error) : 0;
}

static bool is_given(const struct sw_secret *secrets, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(secrets[i].id, id) == 0)
            return true;
    }
    return false;
}

/* A secret of the profile that no --secret gives: the variable that its steps get it in, if the caller allows that. */
static int read_default(struct sw_secret *secret, struct sw_project *project, const struct sw_node *node,
                        struct sw_error *error)
{
    secret->id = sw_node_text(sw_node_get(node, "id"), "");
    const struct sw_secret_grant origin = {.variable = sw_secret_variable(node)};
    if (!sw_permissions_has_variable(&project->permissions, origin.variable)) {
        (void)sw_fail_at(
            error, SW_EREFUSED, sw_node_file(node), sw_node_line(node), sw_node_column(node),
            "the secret '%.200s' takes the variable %.200s of this host, which only the caller may "
            "give",
            secret->id, origin.variable);
        return sw_error_hint(error, "--allow secret=%.100s, or --secret id=%.100s,src=FILE", origin.variable,
                             secret->id);
    }
    int code = read_value(secret, project, &origin, error);
    if (code == 0)
        return 0;
    (void)sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                     "the secret '%.200s' has no value", secret->id);
    return sw_error_hint(error, "set %.100s, or give --secret id=%.100s,src=FILE", origin.variable,
                         secret->id);
}

static int offer_secrets(struct sw_attempt *attempt, struct sw_error *error)
{
    struct sw_project *project = attempt->project;
    const struct sw_texts *given = &project->grants.secrets;
    const struct sw_node *wanted = sw_node_at(attempt->prepared.profile.root, "secrets");
    size_t wanted_count = sw_node_count(wanted), count = 0;
    struct sw_secret *secrets =
        sw_arena_array(project->arena, given->count + wanted_count + 1, sizeof *secrets);
    if (secrets == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < given->count; i++) {
        struct sw_secret_grant origin;
        int code = sw_secret_grant_read(&origin, project->arena, given->items[i], error);
        if (code != 0)
            return code;
        secrets[count].id = origin.id;
        code = read_value(&secrets[count], project, &origin, error);
        if (code != 0)
            return code;
        count++;
    }
    for (size_t i = 0; i < wanted_count; i++) {
        if (is_given(secrets, count, sw_node_text(sw_node_get(sw_node_item(wanted, i), "id"), "")))
            continue;
        int code = read_default(&secrets[count], project, sw_node_item(wanted, i), error);
        if (code != 0)
            return code;
        count++;
    }
    attempt->offer.secrets = secrets;
    attempt->offer.secrets_count = count;
    return 0;
}

/* ---- agents ---- */

/* "ID" or "ID=SOCKET". */
static int read_agent(struct sw_agent *agent, struct sw_project *project, const char *text,
                      struct sw_error *error)
{
    struct sw_str path = sw_str_from(text);
    struct stat status;
    agent->id = sw_arena_copy(project->arena, sw_str_cut(&path, '='));
    agent->socket = path.p == NULL ? sw_variables_get(project->environment, "SSH_AUTH_SOCK")
                                   : sw_project_path(project, path.p);
    if (agent->id == NULL)
        return sw_fail_memory(error);
    if (agent->socket == NULL || agent->socket[0] == '\0') {
        (void)sw_fail(error, SW_EINPUT, "there is no SSH agent for the build: SSH_AUTH_SOCK is not set");
        return sw_error_hint(error, "start one: eval \"$(ssh-agent)\" && ssh-add");
    }
    if (stat(agent->socket, &status) != 0 || !S_ISSOCK(status.st_mode))
        return sw_fail(error, SW_EINPUT, "'%.200s' is no socket of an SSH agent", agent->socket);
    return 0;
}

/* Offer the agents of the options; the usual agent if the profile asks for an agent, may have it, and no
 * option names another. */
static int offer_agents(struct sw_attempt *attempt, struct sw_error *error)
{
    struct sw_project *project = attempt->project;
    const struct sw_texts *given = &project->grants.agents;
    const struct sw_node *wanted = sw_node_get(attempt->prepared.profile.root, "ssh");
    struct sw_agent *agents = sw_arena_array(project->arena, given->count + 1, sizeof *agents);
    size_t count = 0;
    int code = agents == NULL ? sw_fail_memory(error) : 0;
    for (; code == 0 && count < given->count; count++)
        code = read_agent(&agents[count], project, given->items[count], error);
    bool lacking = code == 0 && count == 0 && sw_node_boolean(wanted, false);
    if (lacking && !project->permissions.agent) {
        (void)sw_fail_at(error, SW_EREFUSED, sw_node_file(wanted), sw_node_line(wanted),
                         sw_node_column(wanted),
                         "the steps sign with this host's SSH agent, which only the caller may give");
        return sw_error_hint(error, "--ssh default");
    }
    if (lacking) {
        code = read_agent(&agents[count++], project, "default", error);
        if (code != 0)
            sw_error_place(error, wanted);
    }
    attempt->offer.agents = agents;
    attempt->offer.agents_count = count;
    return code;
}

/* ---- logins and the context ---- */

static int offer_logins(struct sw_attempt *attempt, struct sw_error *error)
{
    int code = sw_host_logins(&attempt->credentials, attempt->project, error);
    attempt->offer.credentials = attempt->credentials;
    return code;
}

/* A name for this machine, so that two that send to one engine do not take each other's files for their own. Made up once; a
 * home that cannot be written to gets another each time. */
static int read_machine(char machine[SW_SHA256_HEX_SIZE], struct sw_project *project, struct sw_error *error)
{
    const char *folder = sw_project_state(project);
    const char *path = folder == NULL ? NULL : sw_path_join(project->arena, folder, "machine");
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_SHA256_HEX_SIZE - 1);
    if (path == NULL)
        return sw_fail_memory(error);
    if (sw_file_read(&text, path, NULL) != 0 || text.n != SW_SHA256_HEX_SIZE - 1) {
        char random[32];
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random ||
            !sw_sha256_hex((struct sw_str){random, sizeof random}, machine))
            return sw_fail_errno(error, SW_EENV, "cannot get random bytes");
        int code = sw_dir_make(folder, 0777, NULL);
        if (code == 0)
            code = sw_file_write(path, sw_str_from(machine), 0600, NULL);
        (void)code;
        return 0;
    }
    memcpy(machine, text.p, SW_SHA256_HEX_SIZE);
    return 0;
}

int sw_attempt_offer_context(struct sw_attempt *attempt, struct sw_error *error)
{
    char machine[SW_SHA256_HEX_SIZE], key[SW_SHA256_HEX_SIZE];
    int code = read_machine(machine, attempt->project, error);
    if (code != 0)
        return code;
    const char *both =
        sw_arena_format(attempt->project->arena, "%s:%s", machine, sw_context_identity(attempt->context));
    if (both == NULL || !sw_sha256_hex(sw_str_from(both), key))
        return sw_fail_memory(error);
    attempt->offer.context = attempt->context;
    attempt->offer.context_key = sw_arena_text(attempt->project->arena, key);
    return attempt->offer.context_key == NULL ? sw_fail_memory(error) : 0;
}

int sw_attempt_offer(struct sw_attempt *attempt, struct sw_error *error)
{
    int code = offer_secrets(attempt, error);
    if (code == 0)
        code = offer_agents(attempt, error);
    return code == 0 ? offer_logins(attempt, error) : code;
}
