/* Making requests and reading answers; see load.h. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static char filler[FILLER_BYTES];
static char sink[ANSWER_BYTES];
static const char TAIL[] = "\r\n--image-service-benchmark--\r\n";
static const char PART[] =
    "--image-service-benchmark\r\n"
    "Content-Disposition: form-data; name=\"image_files\"; filename=\"image.jpg\"\r\n"
    "Content-Type: image/jpeg\r\n\r\n";

/* xorshift64*: fast, and it does not repeat within what is sent. 0xff would begin a JPEG marker. */
void make_filler(uint64_t seed) {
    for (size_t i = 0; i < FILLER_BYTES; i += sizeof seed) {
        seed ^= seed >> 12, seed ^= seed << 25, seed ^= seed >> 27;
        uint64_t word = (seed * 0x2545f4914f6cdd1d) & 0x7f7f7f7f7f7f7f7f;
        memcpy(filler + i, &word, sizeof word);
    }
}

/* A JPEG as far as its header goes (ITU-T T.81): SOI, a comment that holds the serial, a frame of
 * 16 by 8, SOS. Its scan is the noise. */
static size_t make_image_head(char *out, uint64_t serial) {
    static const char start[] = "\xff\xd8\xff\xfe\x00\x12";
    static const char end[] = "\xff\xc0\x00\x0b\x08\x00\x08\x00\x10\x01\x01\x11\x00"
                              "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00";
    size_t count = sizeof start - 1;
    memcpy(out, start, count);
    count += (size_t)sprintf(out + count, "%016llx", (unsigned long long)serial);
    memcpy(out + count, end, sizeof end - 1);
    return count + sizeof end - 1;
}

void compose(struct message *message, const struct shape *shape, const char *path,
             uint64_t serial) {
    message->sent = message->image_head_bytes = message->filler_bytes = message->tail_bytes = 0;
    size_t length = shape->image_bytes;
    const char *type = "";
    if (shape->form) {
        length += sizeof PART - 1 + sizeof TAIL - 1;
        type = "Content-Type: multipart/form-data; boundary=image-service-benchmark\r\n";
    }
    int count;
    if (shape->image_bytes) {
        count = snprintf(message->head, HEAD_BYTES,
                         "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%sContent-Length: %zu\r\n\r\n%s",
                         shape->method, path, shape->fields, type, length,
                         shape->form ? PART : "");
        message->image_head_bytes = make_image_head(message->image_head, serial);
        message->filler_bytes = shape->image_bytes - message->image_head_bytes;
        message->tail_bytes = shape->form ? sizeof TAIL - 1 : 0;
    } else {
        count = snprintf(message->head, HEAD_BYTES, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n",
                         shape->method, path, shape->fields);
    }
    if (count < 0 || count >= HEAD_BYTES) {
        fprintf(stderr, "load: the request's head is too long\n");
        exit(1);
    }
    message->head_bytes = (size_t)count;
    message->total = message->head_bytes + message->image_head_bytes + message->filler_bytes
                     + message->tail_bytes;
}

/* Adds one piece, less what was sent of it already. */
static int add(struct iovec *pieces, int count, const char *base, size_t length, size_t *skip) {
    size_t cut = *skip < length ? *skip : length;
    *skip -= cut;
    if (cut == length) return count;
    pieces[count].iov_base = (void *)(base + cut);
    pieces[count].iov_len = length - cut;
    return count + 1;
}

int send_some(int fd, struct message *message) {
    while (message->sent < message->total) {
        struct iovec pieces[8];
        size_t skip = message->sent, before = message->head_bytes + message->image_head_bytes;
        int count = add(pieces, 0, message->head, message->head_bytes, &skip);
        count = add(pieces, count, message->image_head, message->image_head_bytes, &skip);
        size_t filler_end = before + message->filler_bytes;
        size_t at = message->sent > before ? message->sent : before;
        /* The noise repeats; up to three times in one call. */
        for (int times = 0; times < 3 && at < filler_end; times++) {
            size_t offset = (at - before) % FILLER_BYTES;
            size_t length = FILLER_BYTES - offset;
            if (length > filler_end - at) length = filler_end - at;
            pieces[count].iov_base = filler + offset;
            pieces[count++].iov_len = length;
            at += length;
        }
        if (at == filler_end) {
            size_t tail_sent = message->sent > filler_end ? message->sent - filler_end : 0;
            count = add(pieces, count, TAIL, message->tail_bytes, &tail_sent);
        }
        struct msghdr out = {.msg_iov = pieces, .msg_iovlen = (size_t)count};
        ssize_t sent = sendmsg(fd, &out, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        message->sent += (size_t)sent;
    }
    return 1;
}

static bool has_no_body(int status) {
    return status == 204 || status == 304 || status / 100 == 1;
}

/* Looks whether the head has ended; what follows it is the beginning of the body. */
static int end_of_head(struct answer *answer, bool has_body) {
    char *end = memmem(answer->head, answer->head_bytes, "\r\n\r\n", 4);
    if (!end) return answer->head_bytes == HEAD_BYTES ? -1 : 0;
    *end = 0;
    answer->status = atoi(answer->head + 9);
    char *field = strcasestr(answer->head, "\r\nContent-Length:");
    size_t length = field ? strtoull(field + 17, NULL, 10) : 0;
    if (!has_body || has_no_body(answer->status)) length = 0;
    size_t after = answer->head_bytes - (size_t)(end + 4 - answer->head);
    if (after > length) return -1;
    answer->body_left = length - after;
    answer->in_body = true;
    return 0;
}

int receive_some(int fd, struct answer *answer, bool has_body) {
    while (!answer->in_body || answer->body_left) {
        size_t room = answer->in_body ? 0 : HEAD_BYTES - answer->head_bytes;
        ssize_t got;
        if (answer->in_body) {
            /* The kernel drops what nobody looks at: tcp(7). Copying megabytes would make the load
             * slower than the servers. */
            got = recv(fd, sink, DROPPED_BYTES, MSG_DONTWAIT | MSG_TRUNC);
        } else {
            /* The head and most of a small image come in one call. */
            struct iovec pieces[2] = {{answer->head + answer->head_bytes, room},
                                      {sink, sizeof sink}};
            struct msghdr in = {.msg_iov = pieces, .msg_iovlen = 2};
            got = recvmsg(fd, &in, MSG_DONTWAIT);
        }
        if (got == 0) return -1;
        if (got < 0) return errno == EAGAIN ? 0 : -1;
        size_t bytes = (size_t)got;
        if (!answer->in_body) {
            size_t kept = bytes < room ? bytes : room;
            answer->head_bytes += kept;
            if (end_of_head(answer, has_body)) return -1;
            bytes -= kept;
        }
        if (bytes > answer->body_left) return -1;
        answer->body_left -= bytes;
    }
    answer->in_body = false;
    answer->head_bytes = 0;
    return 1;
}
