/* Every maximum that input can run into, in one place. Sizes are bytes unless the name says otherwise. */
#ifndef SLIPWAY_BASE_LIMITS_H
#define SLIPWAY_BASE_LIMITS_H

#define SW_KIB (1024ULL)
#define SW_MIB (1024ULL * SW_KIB)
#define SW_GIB (1024ULL * SW_MIB)

/* A profile, catalog or rule file. */
#define SW_MAX_YAML_SIZE (1 * SW_MIB)
#define SW_MAX_YAML_DEPTH 64
/* Keys and values, each alias counting as all that it stands for. */
#define SW_MAX_YAML_NODES 200000
#define SW_MAX_YAML_ANCHORS 256
/* The memory of one file's tree, or of one list of findings. */
#define SW_MAX_ARENA (64 * SW_MIB)
#define SW_MAX_FINDINGS 1000
/* A finding's message or hint; the path to a value. */
#define SW_MAX_MESSAGE (2 * SW_KIB)
#define SW_MAX_PATH_SIZE (4 * SW_KIB)
/* Changed lines for which the shortest diff is looked for; memory grows with its square. */
#define SW_MAX_DIFF_CHANGES 2000
/* A JSON document or one object of an engine's stream. */
#define SW_MAX_JSON_SIZE (16 * SW_MIB)
#define SW_MAX_JSON_DEPTH 64
#define SW_MAX_JSON_NODES 400000
/* A build's steps, the name of one, and what an engine says about a failure: a RUN's whole command is in both. */
#define SW_MAX_BUILD_STEPS 4096
#define SW_MAX_STEP_NAME (4 * SW_KIB)
#define SW_MAX_FAILURE_TEXT (32 * SW_KIB)
/* Layers of one pull or push that are counted. */
#define SW_MAX_LAYERS 512
/* Builds at once, each in a process of its own. */
#define SW_MAX_JOBS 64
/* A line of a rendered Dockerfile, without its end: the longest line that Docker reads. */
#define SW_MAX_DOCKERFILE_LINE 65535ULL
/* A container that proves an image: its memory (and with GPUs, whose contexts lie in it), its processes and
 * threads, its output, its time, and /tmp in it, as a mount option. */
#define SW_MAX_CONTAINER_MEMORY (8 * SW_GIB)
#define SW_MAX_CONTAINER_MEMORY_GPU (32 * SW_GIB)
#define SW_MAX_CONTAINER_PROCESSES 4096
#define SW_MAX_CONTAINER_OUTPUT (32 * SW_MIB)
#define SW_MAX_CONTAINER_SECONDS 900
#define SW_CONTAINER_TMP "1g"
#define SW_MAX_PROBE_ROWS 5000
/* After so long a container is nobody's any more, whatever the clocks say: no other maximum lets one live a day. */
#define SW_ORPHAN_SECONDS (24 * 3600)
/* A rendered file. */
#define SW_MAX_RENDERED_SIZE (4 * SW_MIB)
#define SW_MAX_TEMPLATE_DEPTH 32
/* Texts, tags and items that one rendering may go through. */
#define SW_MAX_TEMPLATE_STEPS 1000000
/* Entries of one list or map in a profile, those of its parents included, and profiles in one chain of `extends`. */
#define SW_MAX_PROFILE_ITEMS 2000
/* Each step gets each secret, and each index is asked for by each of its projects. */
#define SW_MAX_PROFILE_SECRETS 64
/* More than the catalog has. */
#define SW_MAX_PROFILE_GPUS 512
#define SW_MAX_PROFILE_REPOSITORIES 32
/* A user's or group's ID: the last two stand for "none". */
#define SW_MAX_USER_ID 4294967293ULL
#define SW_MAX_PORT 65535
#define SW_MAX_SIGNAL 64
#define SW_MAX_LABEL_NAME 255
#define SW_MAX_PROFILE_INDEXES 32
#define SW_MAX_PROFILE_INDEX_PROJECTS 256
#define SW_MAX_EXTENDS_DEPTH 16
/* A line of a log that is read; the rest of a longer line is dropped and counted. */
#define SW_MAX_LOG_LINE (16 * SW_KIB)
/* The parts of a log that a diagnosis keeps: steps told apart, the last lines of each and the bytes of a
 * line, unfinished findings in all and of one rule, text behind a match that is read with it. */
#define SW_MAX_LOG_STEPS 64
#define SW_MAX_LOG_TAIL 20
#define SW_MAX_LOG_TAIL_LINE 400
#define SW_MAX_LOG_HITS 256
#define SW_MAX_LOG_HITS_PER_RULE 8
#define SW_MAX_LOG_WINDOW (8 * SW_KIB)
/* Facts of a log that are kept, the latest, the bytes of the words of each, and outputs of commands within outputs. */
#define SW_MAX_LOG_FACTS 128
#define SW_MAX_LOG_FACT_WORDS 600
#define SW_MAX_LOG_MARGINS 4
/* Rules, how deep a pattern's groups may nest, and how long one match may take (PCRE2's steps, KiB). */
#define SW_MAX_RULES 2000
#define SW_MAX_PATTERN_DEPTH 16
#define SW_PATTERN_MATCH_LIMIT 100000
#define SW_PATTERN_HEAP_KIB 1024
/* The output of a child process before it is cut. */
#define SW_MAX_PROCESS_OUTPUT (1 * SW_MIB)
/* A version, specifier or requirement. */
#define SW_MAX_REQUIREMENT_SIZE (8 * SW_KIB)
/* Parentheses in a marker, one in the other. */
#define SW_MAX_MARKER_DEPTH 64U
/* A requirements file, how deep files include each other, how many there are, and their entries. */
#define SW_MAX_REQUIREMENTS_SIZE (4 * SW_MIB)
#define SW_MAX_REQUIREMENTS_DEPTH 16U
#define SW_MAX_REQUIREMENTS_FILES 1000U
#define SW_MAX_REQUIREMENTS_ENTRIES 20000U
/* Minor versions of a target's Python and glibc, which decide how many tags it has. */
#define SW_MAX_PYTHON_MINOR 99U
#define SW_MAX_LIBC_MINOR 99U
/* A .dockerignore, one line of it, its patterns, and the steps of matching one of them against one path. */
#define SW_MAX_IGNORE_SIZE (1 * SW_MIB)
#define SW_MAX_IGNORE_LINE (64 * SW_KIB)
#define SW_MAX_IGNORE_PATTERNS 10000
#define SW_MAX_IGNORE_MATCH_STEPS 1000000
/* The commands of one RUN that are told apart, braces within braces of a variable, and the size of a Dockerfile that is
 * carried over. */
#define SW_MAX_SHELL_COMMANDS 1000
#define SW_MAX_SHELL_DEPTH 8
/* The images of a compose file that are judged, and the other files that its services extend services of. */
#define SW_MAX_COMPOSE_IMAGES 50U
#define SW_MAX_COMPOSE_FILES 64U
/* Files that are carried over or judged and name each other, how deep and how many. */
#define SW_MAX_DRAFT_DEPTH 8U
#define SW_MAX_DRAFT_FILES 256U
/* Requirements and constraints that are read for one draft, those that stand there already among them. */
#define SW_MAX_DRAFT_LINES 50000U
#define SW_MAX_DOCKERFILE_SIZE (1 * SW_MIB)
/* The archive of an image: its members, a document among them, the files of all layers and their bytes, and the memory for them. */
#define SW_MAX_CONTENTS_MEMBERS 4096
#define SW_MAX_CONTENTS_DOCUMENT (4 * SW_MIB)
#define SW_MAX_CONTENTS_FILES 2000000
#define SW_MAX_CONTENTS_BYTES (1024 * SW_GIB)
#define SW_MAX_CONTENTS_MEMORY (1 * SW_GIB)
/* A build context: its entries, their names in memory, a path, things copied by name, and rounds of following
 * the links among them. */
#define SW_MAX_CONTEXT_ENTRIES 1000000
#define SW_MAX_CONTEXT_MEMORY (256 * SW_MIB)
#define SW_MAX_CONTEXT_PATH (4 * SW_KIB)
#define SW_MAX_CONTEXT_COPIES 1000
#define SW_MAX_CONTEXT_LINKS 40
/* A configuration file of pip or uv, and the entries in it. */
#define SW_MAX_CONFIGURATION (1 * SW_MIB)
#define SW_MAX_INI_OPTIONS 4096
/* A TOML document; keys of one table. */
#define SW_MAX_TOML_SIZE (8 * SW_MIB)
#define SW_MAX_TOML_DEPTH 64
#define SW_MAX_TOML_NODES 400000
#define SW_MAX_TOML_KEYS 4096
/* The packages of a lock; those of one project and version, which their sources tell apart. */
#define SW_MAX_LOCK_PACKAGES 10000
#define SW_MAX_LOCK_SOURCES 64
/* A file of apt's sources. */
#define SW_MAX_APT_SOURCES (1 * SW_MIB)
/* Projects that a check looks up, those beyond them that are told apart, and releases of one project that it reads. */
#define SW_MAX_CHECK_PROJECTS 256
#define SW_MAX_CHECK_LEFT_OUT 4096
#define SW_MAX_CHECK_CANDIDATES 64
/* Commands of a Dockerfile whose sets are resolved apart. */
#define SW_MAX_CHECK_INSTALLS 64
/* The releases of one requirement that may be pinned. */
#define SW_MAX_CHOICE_RELEASES 24
/* The sets of pins that are tried with one build of torch. */
#define SW_MAX_SUGGEST_TRIES 64
/* An argument that is given to a program. */
#define SW_MAX_PROCESS_ARGUMENT (64 * SW_KIB)
/* Certificates that are trusted. */
#define SW_MAX_CERTIFICATES (4 * SW_MIB)
/* The body of an answer that is not a stream. */
#define SW_MAX_HTTP_BODY (16 * SW_MIB)
#define SW_MAX_HTTP_HEADERS (256 * SW_KIB)
#define SW_MAX_URL_SIZE (16 * SW_KIB)
/* Redirects per request; attempts for transient failures. */
#define SW_MAX_REDIRECTS 8
#define SW_MAX_FETCH_TRIES 3
/* The bytes that are read and dropped of an answer that is longer than the requested range. */
#define SW_MAX_FETCH_SKIP (64 * SW_MIB)
/* The pages kept between runs: one entry, all of them, and the count that is examined. */
#define SW_MAX_STORE_ENTRY (17 * SW_MIB)
#define SW_MAX_STORE_SIZE (1 * SW_GIB)
#define SW_MAX_STORE_ENTRIES 500000
/* A project's page as a tree in memory, its files, and all that one run keeps of an index; fields of one distribution's
 * metadata. */
#define SW_MAX_PAGE_MEMORY (256 * SW_MIB)
#define SW_MAX_INDEX_FILES 100000
#define SW_MAX_INDEX_MEMORY (512 * SW_MIB)
/* The memory of an index from which on it reads wheels anew for each answer. */
#define SW_MAX_INDEX_WHEELS (256 * SW_MIB)
#define SW_MAX_METADATA_SIZE (4 * SW_MIB)
#define SW_MAX_METADATA_FIELDS 20000
/* A resolution: the words of sets that its search looks at, its memory without that of the index, its projects and their extras, the
 * rounds in which it reads ahead, releases whose metadata is read ahead of one project, and the facts of an explanation. */
#define SW_MAX_RESOLVE_WORK 1500000000ULL
#define SW_MAX_RESOLVE_MEMORY (64 * SW_MIB)
#define SW_MAX_RESOLVE_PROJECTS 20000
#define SW_MAX_RESOLVE_ROUNDS 64
#define SW_MAX_RESOLVE_AHEAD 50
#define SW_MAX_RESOLVE_FACTS 24
/* The text of a question that decides about an answer; the text and memory of a kept answer, and for how long it is used again. */
#define SW_MAX_RESOLVE_QUESTION (16 * SW_MIB)
#define SW_MAX_RESOLVE_ANSWER (8 * SW_MIB)
#define SW_MAX_RESOLVE_ANSWER_MEMORY (64 * SW_MIB)
#define SW_RESOLVE_FRESH_SECONDS 600
/* A wheel: its members, its directory, how many bytes one packed byte may stand for (in a member over 4 MiB; deflate
 * itself ends at 1032), and a member that is read as a whole (torch's RECORD has about 1.3 MB). */
#define SW_MAX_ZIP_MEMBERS 200000U
#define SW_MAX_ZIP_DIRECTORY (32 * SW_MIB)
#define SW_MAX_ZIP_RATIO 200U
#define SW_MAX_WHEEL_MEMBER (16 * SW_MIB)
/* The memory kept of a wheel on a server. */
/* A file that is read whole for its digest. */
#define SW_MAX_HASHED_FILE (8 * 1024 * (uint64_t)SW_MIB)
#define SW_MAX_REMOTE_KEPT (32 * SW_MIB)
/* A shared library: its sections, entries of its fat binaries (40 bytes of memory each), and the kinds of GPU code told
 * apart in it; its segments, a table of its dynamic section, the versions that it needs, and the names of libraries in it. */
#define SW_MAX_ELF_SECTIONS 4096U
#define SW_MAX_ELF_SEGMENTS 64U
#define SW_MAX_ELF_TABLE (16 * SW_MIB)
#define SW_MAX_ELF_EARLY (8 * SW_MIB)
#define SW_MAX_ELF_TRIED 64U
#define SW_MAX_ELF_VERSIONS 4096U
#define SW_MAX_ELF_NAMES 256U
#define SW_MAX_FATBIN_ENTRIES 524288U
#define SW_MAX_GPU_CODES 128U
/* The bytes read of one wheel on a server among many, of one for its libraries, and of one for its GPU code. Imports between wheels: wheels that are
 * examined; for each wheel the modules that are read, its imports, and the memory for it. */
#define SW_MAX_INSIDE_BYTES (32 * SW_MIB)
#define SW_MAX_LIBRARY_BYTES (64 * SW_MIB)
#define SW_MAX_CODE_BYTES (96 * SW_MIB)
#define SW_MAX_SCANNED_WHEELS 48
#define SW_MAX_SCANNED_MODULES 2000
#define SW_MAX_SCANNED_IMPORTS 5000
/* Imports within one package that are kept; the packed sources of a package whose lazily loaded modules are
 * read; the name of a package that is compared to a project's; words told apart in the sources of one wheel. */
#define SW_MAX_SCANNED_EDGES 100000
#define SW_MAX_LAZY_SOURCES (5 * SW_MIB)
#define SW_MAX_PROJECT_PATH 128
/* Modules whose names one module has by `import *`. */
#define SW_MAX_STARS 256
#define SW_MAX_WHEEL_WORDS 1000000U
/* A source distribution, unpacked; the bytes that are read of it for its requirements, packed, for its CUDA code, packed, and for its
 * requirements, unpacked; the source distributions of a project that are read before a release is chosen. */
#define SW_MAX_SDIST_UNPACKED (256 * SW_MIB)
#define SW_MAX_SDIST_HEAD (4 * SW_MIB)
#define SW_MAX_SDIST_SOURCES (32 * SW_MIB)
#define SW_MAX_SDIST_HEAD_UNPACKED (64 * SW_MIB)
#define SW_MAX_SDISTS_READ 3
#define SW_MAX_SCAN_MEMORY (256 * SW_MIB)
/* A Python module: names it defines or imports, tokens of a statement that are looked at, blocks in one another. */
#define SW_MAX_MODULE_NAMES 100000U
/* Behind so many imports of a module, names that it uses of other modules are left out. */
#define SW_MAX_MODULE_USES 1000
/* Variables of a module with a version as their value. */
#define SW_MAX_MODULE_VARIABLES 64
/* Modules that the examples in a wheel's description import. */
#define SW_MAX_DESCRIBED_MODULES 64
#define SW_MAX_STATEMENT_TOKENS 65536U
#define SW_MAX_MODULE_DEPTH 100U
/* The memory that an engine may make a session hold: calls at a time, one message, bytes queued on one call,
 * bytes queued on the connection. */
#define SW_MAX_GRPC_CALLS 64
#define SW_MAX_GRPC_MESSAGE (4 * SW_MIB)
#define SW_MAX_GRPC_QUEUE (8 * SW_MIB)
#define SW_MAX_GRPC_BATCH (256 * SW_KIB)
/* A build request of BuildKit's own API, Dockerfile apart. */
#define SW_MAX_SOLVE_REQUEST (1 * SW_MIB)
/* A secret, as docker's client and BuildKit have it, and one message to an SSH agent, as OpenSSH has it. */
#define SW_MAX_SECRET (500 * SW_KIB)
#define SW_MAX_AGENT_MESSAGE (256 * SW_KIB)
/* Records of a profile, the number of the oldest (a shallow repository has not all of them), and a commit that is read. */
#define SW_MAX_RECORDS 100000
#define SW_MAX_RECORD_NUMBER 1000000000U
#define SW_MAX_RECORD_COMMIT (16 * SW_MIB)
/* The tree of a record: files and folders, folders in one another, and bytes of a folder's own. */
#define SW_MAX_RECORD_ENTRIES 1000
#define SW_MAX_RECORD_DEPTH 40
#define SW_MAX_RECORD_TREE (1 * SW_MIB)
/* The text of a record, and the items of a list in it. */
#define SW_MAX_RECORD_JSON (4 * SW_MIB)
#define SW_MAX_RECORD_ITEMS 1000
#define SW_MAX_RECORD_FINDINGS 100
/* Paths that are named among those that a record does not keep; the others are counted. */
#define SW_MAX_RECORD_LEFT_OUT 20
/* Records of a profile in which a file's content is looked for; a build context that a record keeps. */
#define SW_MAX_RECORDS_SEARCHED 100
#define SW_MAX_RECORD_CONTEXT (16 * SW_MIB)
/* The name of a branch or tag of a git repository. */
#define SW_MAX_REVISION 250
/* A repository whose pyproject.toml is read: the file itself, the seconds of each of git's commands, the bytes of a file that git writes, and
 * its memory. Repositories that a run reads, and the rounds in which a lock finds the commits of repositories that others require. */
#define SW_MAX_PYPROJECT (1 * SW_MIB)
#define SW_MAX_REPOSITORY_SECONDS 60
#define SW_MAX_REPOSITORY_FILE (64 * SW_MIB)
#define SW_MAX_REPOSITORY_MEMORY (1024 * SW_MIB)
#define SW_MAX_REPOSITORIES 32
#define SW_MAX_REPOSITORY_ROUNDS 8
/* A GPU's name as somebody writes it, its words, and the architectures that one text may mean. */
#define SW_MAX_GPU_NAME 120
#define SW_MAX_GPU_WORDS 12
#define SW_MAX_GPU_MEANINGS 16

/* The calls of `slipway mcp` that run at once, and the time that each may take. */
#define SW_MAX_MCP_CALLS 4
#define SW_MAX_MCP_CALL_SECONDS 600

#endif
