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

#define CAPABILITY(x) FUTURED_THREAD_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY FUTURED_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(x) FUTURED_THREAD_ATTRIBUTE(guarded_by(x))
#define REQUIRES(...) FUTURED_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) FUTURED_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) FUTURED_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) FUTURED_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS FUTURED_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace futured::core {

// A non-recursive mutual exclusion lock.
class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for a Mutex. Wakes spuriously: wait in a loop.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns when notified, at `deadline`, or spuriously.
  void wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
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
