// Mutex, MutexLock and CondVar: the standard ones, with the attributes that clang's thread-safety analysis needs.
//
// Bare std::mutex carries none of them, so the `tsa` preset could not check who holds what.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define FUTURED_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define FUTURED_THREAD_ATTRIBUTE(x)
#endif

#define FUTURED_CAPABILITY(x) FUTURED_THREAD_ATTRIBUTE(capability(x))
#define FUTURED_SCOPED_CAPABILITY FUTURED_THREAD_ATTRIBUTE(scoped_lockable)
#define FUTURED_GUARDED_BY(x) FUTURED_THREAD_ATTRIBUTE(guarded_by(x))
#define FUTURED_REQUIRES(...) FUTURED_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define FUTURED_EXCLUDES(...) FUTURED_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define FUTURED_ACQUIRE(...) FUTURED_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define FUTURED_RELEASE(...) FUTURED_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))

namespace futured::core {

// A non-recursive mutual exclusion lock.
class FUTURED_CAPABILITY("mutex") Mutex {
 public:
  void lock() FUTURED_ACQUIRE() { mutex_.lock(); }
  void unlock() FUTURED_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class FUTURED_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) FUTURED_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() FUTURED_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for a Mutex. Wakes spuriously: wait in a loop.
class CondVar {
 public:
  void wait(Mutex& mutex) FUTURED_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns when notified, at `deadline`, or spuriously.
  void wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) FUTURED_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, deadline);
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace futured::core
