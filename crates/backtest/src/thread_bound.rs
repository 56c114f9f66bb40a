//! A value that only the thread that made it may use.

use std::mem::ManuallyDrop;
use std::thread::{self, ThreadId};

/// Holds what is not to leave its thread (a function of a script) where [`Send`] and [`Sync`] are
/// asked for: other threads may hold it and get nothing. Dropped on another thread, the value is
/// leaked, since only its own thread could free it.
pub struct ThreadBound<T> {
    value: ManuallyDrop<T>,
    home: ThreadId,
}

// SAFETY: the value is reached (`get`) and dropped on the thread that made it only; elsewhere only
// the thread's number is read.
unsafe impl<T> Send for ThreadBound<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for ThreadBound<T> {}

impl<T> ThreadBound<T> {
    /// Binds a value to this thread.
    pub fn new(value: T) -> Self {
        Self { value: ManuallyDrop::new(value), home: thread::current().id() }
    }

    /// The value, on its own thread.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        (thread::current().id() == self.home).then(|| &*self.value)
    }
}

impl<T> Drop for ThreadBound<T> {
    fn drop(&mut self) {
        if thread::current().id() == self.home {
            // SAFETY: nobody uses the value after this.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn another_thread_gets_nothing_and_frees_nothing() {
        let value = Rc::new(7);
        let bound = ThreadBound::new(Rc::clone(&value));
        assert_eq!(bound.get().map(|held| **held), Some(7));
        let bound = thread::spawn(move || {
            assert!(bound.get().is_none());
            bound
        });
        let bound = bound.join().unwrap();
        assert!(bound.get().is_some(), "it is back");
        drop(bound);
        assert_eq!(Rc::strong_count(&value), 1, "freed at home");
        let abroad = ThreadBound::new(Rc::clone(&value));
        thread::spawn(move || drop(abroad)).join().unwrap();
        assert_eq!(Rc::strong_count(&value), 2, "leaked, not freed abroad");
    }
}
