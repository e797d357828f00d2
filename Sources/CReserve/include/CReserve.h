// A stretch of memory that is held back, and given up when the system refuses any other.
//
// Swift ends the process when the system refuses memory for an object or an array, and there is no
// way to ask first. So the functions that everybody allocates with (`malloc` and its kin, also for
// the Swift runtime, libuv and libexif) stand here: they are glibc's, and when glibc has nothing,
// the reserve is unmapped and glibc is asked again. What is large, and may be refused, is taken
// with `creserve_try_allocate`, which does not touch the reserve.
//
// The reserve is address space that was never touched: no page of memory belongs to it. It counts
// for RLIMIT_AS, RLIMIT_DATA and strict overcommit, which are what makes the system refuse memory.
// All functions may be called from any thread at any time.
#pragma once
#include <stdbool.h>
#include <stddef.h>

/// Holds back memory, once, at the start of the process: false when the system refuses it.
bool creserve_hold(size_t byte_count);

/// Whether the reserve is there; also true when none was ever held.
bool creserve_is_whole(void);

/// Takes the reserve back after it was given up, if that leaves `room` bytes to others: whether it
/// is whole now.
bool creserve_restore(size_t room);

/// Whether so much more could be mapped at this moment.
bool creserve_has_room(size_t byte_count);

/// How often the reserve was given up.
size_t creserve_spent_count(void);

/// Whether `malloc` and its kin are those of this target.
bool creserve_is_behind_malloc(void);

/// Allocates zeroed memory that may be refused: null then. To be freed with `free`.
void *creserve_try_allocate(size_t byte_count);
