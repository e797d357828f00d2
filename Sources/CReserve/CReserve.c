// The reserve and the allocation functions that stand before it; what it is for, and what may be
// called when, says CReserve.h.
#define _GNU_SOURCE
#include "CReserve.h"
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

// Set once, before there is a second thread.
static size_t reserve_bytes;
// Null when the reserve was given up. Whoever takes it out of here unmaps it.
static _Atomic(void *) reserve;
static _Atomic size_t spent_count;
// Held while the reserve is being given up or taken back, and its room is neither here nor there:
// whoever is refused memory meanwhile has to wait for the outcome.
static atomic_flag changing = ATOMIC_FLAG_INIT;

static void enter(void) {
    while (atomic_flag_test_and_set(&changing)) sched_yield();
}

static void leave(void) { atomic_flag_clear(&changing); }

static void *map(size_t byte_count) {
    const int access = PROT_READ | PROT_WRITE, kind = MAP_PRIVATE | MAP_ANONYMOUS;
    void *start = mmap(NULL, byte_count, access, kind, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

bool creserve_hold(size_t byte_count) {
    if (reserve_bytes > 0) return creserve_is_whole();
    void *start = map(byte_count);
    if (start == NULL) return false;
    reserve_bytes = byte_count;
    atomic_store(&reserve, start);
    return true;
}

bool creserve_is_whole(void) {
    return reserve_bytes == 0 || atomic_load_explicit(&reserve, memory_order_relaxed) != NULL;
}

bool creserve_restore(size_t room) {
    if (creserve_is_whole()) return true;
    enter();
    // Another thread may have been faster.
    if (!creserve_is_whole()) {
        char *start = map(reserve_bytes + room);
        if (start != NULL) {
            munmap(start + reserve_bytes, room);
            atomic_store(&reserve, start);
        }
    }
    leave();
    return creserve_is_whole();
}

bool creserve_has_room(size_t byte_count) {
    enter();
    void *start = map(byte_count);
    if (start != NULL) munmap(start, byte_count);
    leave();
    return start != NULL;
}

size_t creserve_spent_count(void) {
    return atomic_load_explicit(&spent_count, memory_order_relaxed);
}

// AddressSanitizer and ThreadSanitizer have a `malloc` of their own, and say themselves when there
// is no memory. The fuzzers' build cannot be recognized here and says so.
#if defined(CRESERVE_WITHOUT_MALLOC)
#define HAS_OWN_MALLOC 0
#elif defined(__has_feature)
#define HAS_OWN_MALLOC !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define HAS_OWN_MALLOC 1
#endif

bool creserve_is_behind_malloc(void) { return HAS_OWN_MALLOC; }

#if HAS_OWN_MALLOC

// glibc's own, under the names that it exports for those who stand before it.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

// Gives the reserve up. Whoever finds it gone asks again all the same: another thread has given it
// up since the answer that was no, or held its room for a moment.
static void __attribute__((noinline, cold)) give_up(void) {
    int before = errno;
    enter();
    void *start = atomic_exchange(&reserve, NULL);
    if (start != NULL) {
        atomic_fetch_add(&spent_count, 1);
        munmap(start, reserve_bytes);
    }
    leave();
    errno = before;
}

void *malloc(size_t byte_count) {
    void *memory = __libc_malloc(byte_count);
    if (__builtin_expect(memory != NULL, 1)) return memory;
    give_up();
    return __libc_malloc(byte_count);
}

void *calloc(size_t count, size_t each_byte_count) {
    void *memory = __libc_calloc(count, each_byte_count);
    if (__builtin_expect(memory != NULL, 1)) return memory;
    give_up();
    return __libc_calloc(count, each_byte_count);
}

// With a size of 0 it frees, and null is the answer to that.
void *realloc(void *old, size_t byte_count) {
    void *memory = __libc_realloc(old, byte_count);
    if (__builtin_expect(memory != NULL || byte_count == 0, 1)) return memory;
    give_up();
    return __libc_realloc(old, byte_count);
}

int posix_memalign(void **result, size_t alignment, size_t byte_count) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    int before = errno;
    void *memory = __libc_memalign(alignment, byte_count);
    if (__builtin_expect(memory == NULL, 0)) {
        give_up();
        memory = __libc_memalign(alignment, byte_count);
    }
    errno = before;
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

void *creserve_try_allocate(size_t byte_count) { return __libc_calloc(byte_count, 1); }

#else

void *creserve_try_allocate(size_t byte_count) { return calloc(byte_count, 1); }

#endif
