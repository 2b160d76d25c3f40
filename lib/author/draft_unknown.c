/* Programs of a RUN that may install packages unseen. */
#include "author/draft_internal.h"
#include "base/file.h"

/* Programs that bring no Python package into the image, whatever their words, with a blank around each. */
static const char harmless[] =
    " "
    ": [ [[ ] add-apt-repository addgroup adduser apk apt apt-get apt-key apt-mark ar arch aria2c awk "
    "aws base64 basename break bun bunzip2 bzip2 cargo case cat ccache cd chgrp chmod chown chpasswd "
    "chsh cmake cmp continue corepack cp crontab curl cut date dd debconf-set-selections declare deluser "
    "df diff dirname dnf do done dos2unix dpkg dpkg-query dpkg-reconfigure du echo egrep env esac exit "
    "export expr fallocate false fc-cache ffmpeg ffprobe fi file for free g++ gcc gcloud getent git "
    "git-lfs go gpg grep groupadd groupmod gsutil gunzip gzip head hf hostname huggingface-cli id "
    "install java jq kill ld ldconfig ldd ln local locale locale-gen localedef ls lsb_release "
    "md5sum meson microdnf mkdir mkfifo mktemp mount mv ninja nm node npm nproc npx nvcc nvidia-smi nvm "
    "objcopy openssl passwd patch patchelf pipx pkg-config pnpm printenv printf ps pwd read readlink "
    "readonly realpath return rm rmdir rsync rustup sed seq service set sha1sum sha256sum sha512sum "
    "shift shopt sleep sort ssh-keygen ssh-keyscan stat strip stty sudoedit sync sysctl systemctl tail "
    "tar tee test tini touch tr trap true truncate type ulimit umask uname uniq unset unzip "
    "update-alternatives update-ca-certificates useradd userdel usermod visudo wait wc wget which whoami "
    "xz yarn yes yum zip zstd ruff mypy pytest black jupyter pre-commit } ";

/* Words of programs that manage packages, which change no environment. */
static const struct {
    const char *program;
    const char *const words[18];
} quiet[] = {
    {"pip",
     {"list", "freeze", "check", "show", "debug", "help", "cache", "download", "inspect", "index", "hash",
      "completion", "lock", "--version", "-V", "wheel"}},
    {"uv",
     {"cache", "python", "venv", "self", "version", "--version", "-V", "tool", "lock", "init", "tree",
      "build"}},
    {"poetry", {"config", "self", "lock", "cache", "check", "env", "show", "version", "--version"}},
    {"pdm", {"config", "self", "lock", "cache", "show", "venv", "use", "--version"}},
    {"pipenv", {"lock", "check", "graph", "--version"}},
    {"conda", {"clean", "config", "activate", "deactivate", "init", "info", "list", "search", "--version"}},
};

static bool is_quiet(const char *program, const char *word)
{
    bool is_pip = strncmp(program, "pip3", 4) == 0;
    bool is_conda = strcmp(program, "mamba") == 0 || strcmp(program, "micromamba") == 0;
    const char *row = is_pip ? "pip" : is_conda ? "conda" : program;
    for (size_t i = 0; i < SW_COUNT(quiet); i++) {
        for (size_t k = 0;
             strcmp(quiet[i].program, row) == 0 && k < SW_COUNT(quiet[i].words) && quiet[i].words[k] != NULL;
             k++) {
            if (strcmp(quiet[i].words[k], word) == 0)
                return true;
        }
    }
    return false;
}

static bool is_harmless(const char *program)
{
    size_t n = strlen(program);
    for (const char *at = strstr(harmless, program); n > 0 && at != NULL; at = strstr(at + 1, program)) {
        if (at[-1] == ' ' && at[n] == ' ')
            return true;
    }
    return n == 0;
}

/* `. FILE` that only sets variables: of a virtual environment, of rustup, of the user's shell. */
static bool is_setting(const struct sw_shell_command *command, size_t at)
{
    static const char *const names[] = {"activate", "env",    ".bashrc",   ".profile",
                                        "conda.sh", "nvm.sh", "os-release"};
    const char *program = command->words[at];
    bool sources = strcmp(program, ".") == 0 || strcmp(program, "source") == 0;
    const char *file = sources && at + 1 < command->count ? sw_path_base(command->words[at + 1]) : "";
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(names[i], file) == 0)
            return true;
    }
    return false;
}

/* Return true if the words behind the program are an installer that it runs: find -exec, xargs. */
static bool runs_others(const struct sw_shell_command *command, size_t at)
{
    const char *program = sw_path_base(command->words[at]);
    if (strcmp(program, "find") != 0 && strcmp(program, "xargs") != 0)
        return false;
    for (at++; at < command->count; at++) {
        const char *word = sw_path_base(command->words[at]);
        if (strncmp(word, "pip", 3) == 0 || strncmp(word, "python", 6) == 0 || strcmp(word, "uv") == 0 ||
            strcmp(word, "sh") == 0 || strcmp(word, "bash") == 0)
            return true;
    }
    return false;
}

/* `python -c TEXT` that starts no other program and imports pip from nowhere. */
static bool only_computes(const struct sw_shell_command *command, size_t at)
{
    static const char *const signs[] = {"pip",   "subprocess", "os.system", "install",
                                        "setup", "prepare",    "exec(",     "launch"};
    bool is_text = strncmp(sw_path_base(command->words[at]), "python", 6) == 0 && at + 2 < command->count &&
                   strcmp(command->words[at + 1], "-c") == 0;
    for (size_t i = 0; is_text && i < SW_COUNT(signs); i++)
        is_text = strstr(command->words[at + 2], signs[i]) == NULL;
    return is_text;
}

/* `python -m MODULE` of a module that installs nothing. */
static bool runs_module(const struct sw_shell_command *command, size_t at)
{
    static const char *const modules[] = {"venv",      "virtualenv", "compileall",  "nltk.downloader",
                                          "ensurepip", "site",       "pytest",      "playwright",
                                          "json.tool", "zipfile",    "http.server", "py_compile"};
    if (strncmp(sw_path_base(command->words[at]), "python", 6) != 0 || at + 1 >= command->count)
        return false;
    if (strcmp(command->words[at + 1], "--version") == 0 || strcmp(command->words[at + 1], "-V") == 0)
        return true;
    for (size_t i = 0; at + 2 < command->count && i < SW_COUNT(modules); i++) {
        if (strcmp(command->words[at + 1], "-m") == 0 && strcmp(command->words[at + 2], modules[i]) == 0)
            return true;
    }
    return false;
}

/* Return true for the scripts that install a tool beside the environment: uv, poetry, pip, Rust, Node. */
static bool installs_tool(const struct draft_run *run, const struct sw_shell_command *command)
{
    static const char *const signs[] = {
        "astral.sh/uv",    "sh.rustup.rs",        "nodesource.com",  "install.python-poetry.org",
        "get-pip.py",      "get-docker",          "micro.mamba.pm",  "git-lfs/install",
        "packagecloud.io", "nodesource_setup.sh", "uv-installer.sh", "Miniconda3-",
        "Miniforge3-",     "Mambaforge-"};
    for (size_t i = 0; i < SW_COUNT(signs); i++) {
        struct sw_str sign = sw_str_from(signs[i]);
        if (sw_str_find(run->piped, sign) < run->piped.n ||
            sw_str_find(command->text, sign) < command->text.n)
            return true;
    }
    return false;
}

/* Name a command that slipway knows nothing of, and that may change the installed set. */
void draft_unknown(struct draft_run *run, const struct sw_shell_command *command,
                   const struct draft_place *places)
{
    size_t at = draft_program(command);
    if (at >= command->count)
        return;
    const char *program = sw_path_base(command->words[at]);
    size_t pip = sw_shell_pip(command, at);
    const char *word = pip > 0 && pip < command->count ? command->words[pip]
                       : at + 1 < command->count       ? command->words[at + 1]
                                                       : "";
    bool is_known = is_harmless(program) || is_quiet(pip > at + 1 ? "pip" : program, word) ||
                    installs_tool(run, command) || is_setting(command, at) || only_computes(command, at) ||
                    runs_module(command, at);
    struct sw_str text = command->offsets == NULL
                             ? command->text
                             : sw_str_drop(command->text, command->offsets[at] - command->offset);
    bool is_search = strcmp(program, "find") == 0 || strcmp(program, "xargs") == 0;
    if (is_search ? runs_others(command, at) : !is_known)
        draft_leave_unjudged(run->r->draft, places[at],
                             command->joint == SW_SHELL_PIPE
                                 ? sw_str_from(draft_format(run->r->draft, "| %.*s", SW_STR_FORMAT(text)))
                                 : text,
                             "it is known only when it runs whether this installs packages");
}
