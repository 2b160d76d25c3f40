/* An installed project: its RECORD in memory, and the decision about each of its files. */
#ifndef SLIPWAY_TRIM_PROJECT_H
#define SLIPWAY_TRIM_PROJECT_H

#include "site.h"

struct project {
    char name[PROJECT_SIZE];
    const char *folder; /* its dist-info */
    /* NULL if the program cannot read it. */
    char *record;
    size_t size;
};

/* Read the RECORD of a project. */
void project_open(struct project *project, int site, const char *folder);
void project_close(struct project *project);

/* Step to the next line of RECORD that names a file; `*at` is the offset for the next search. Return false at the end. */
bool project_next(struct record_line *line, const struct project *project, size_t *at);

/* Return the kinds of files that go of this project: those of the request without those that the project still needs. */
unsigned project_removes(const struct project *project, int site, const struct request *request,
                         bool compiles);
/* Return the kind for which a file goes; 0 if the file stays. */
unsigned project_rule(const struct project *project, const char *path, unsigned removes,
                      const struct request *request);

/* Read the CUDA of the torch that is installed in the folder: "128" for 12.8. Return false if there is none, or torch does not say. */
enum { PROJECT_CUDA_SIZE = 8 };
bool project_torch_cuda(char out[PROJECT_CUDA_SIZE], int site);

/* Write RECORD again if the journal has new entries of its files. Return false with errno. */
bool project_rewrite(const struct project *project, int site, const char *site_path,
                     const struct journal *journal);

#endif
