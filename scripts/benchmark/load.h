/* What the two halves of the load generator share: messages to send, and answers to read. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    HEAD_BYTES = 2048,
    IMAGE_HEAD_BYTES = 64,
    TAIL_BYTES = 64,
    FILLER_BYTES = 1 << 20,     /* the noise of an image, sent as often as its size needs */
    ANSWER_BYTES = 1 << 16,
    DROPPED_BYTES = 1 << 20,    /* of a body, at once */
};

/* One request on its way out: head, then for an upload a header that makes the image another one
 * than any before, noise, and the end of the form. Nothing is copied to send it. */
struct message {
    char head[HEAD_BYTES];
    char image_head[IMAGE_HEAD_BYTES];
    size_t head_bytes, image_head_bytes, filler_bytes, tail_bytes;
    size_t sent, total;
};

/* An answer on its way in. The head is kept until it ends; the body is only counted. */
struct answer {
    char head[HEAD_BYTES];
    size_t head_bytes, body_left;
    bool in_body;
    int status;
};

struct shape {
    const char *method, *path, *fields;     /* fields: whole lines with CR LF */
    size_t image_bytes;                     /* 0: no upload */
    bool form;                              /* multipart, or the image itself */
};

/* Fills the noise; once. */
void make_filler(uint64_t seed);

/* Makes the next message. `serial` is different for every image. */
void compose(struct message *message, const struct shape *shape, const char *path,
             uint64_t serial);

/* Sends as much as the socket takes: 1 when all is sent, 0 when it is full, -1 on an error. */
int send_some(int fd, struct message *message);

/* Reads what is there: 1 when the answer is complete, 0 when more has to come, -1 on an error. */
int receive_some(int fd, struct answer *answer, bool has_body);

#endif
