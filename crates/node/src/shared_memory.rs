//! Memory that JavaScript owns and Rust reads and writes during a call.

use crate::failure::{body, error};
use napi::sys;
use std::ptr;

/// A typed array of JavaScript, kept alive by a reference, with a stable address: the memory of a
/// `SharedArrayBuffer` can neither move nor be detached.
pub(crate) struct SharedMemory {
    env: sys::napi_env,
    reference: sys::napi_ref,
    address: *mut u8,
    length: usize,
}

impl SharedMemory {
    /// Takes hold of a typed array.
    pub(crate) fn new(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let wrong = |what: &str| error(&body("ERR_NATIVE_MEMORY", what));
        let mut kind = 0;
        let mut length = 0usize;
        let mut address = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        let mut offset = 0usize;
        // SAFETY: env and value are live for this call; the out-pointers are valid. The call
        // answers with an error status when the value is no typed array.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &mut kind,
                &mut length,
                &mut address,
                &mut buffer,
                &mut offset,
            )
        };
        if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return Err(wrong("a Uint8Array over a SharedArrayBuffer is needed"));
        }
        let mut reference = ptr::null_mut();
        // SAFETY: as above; the reference is deleted in `drop`.
        let status = unsafe { sys::napi_create_reference(env, value, 1, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(wrong("the memory cannot be referenced"));
        }
        Ok(Self { env, reference, address: address.cast(), length })
    }

    /// The memory as one `T`.
    ///
    /// # Safety
    /// `T` must be plain data that is valid for every bit pattern, and the caller must not hold
    /// two results at a time.
    #[expect(
        clippy::mut_from_ref,
        reason = "the memory is JavaScript's; the caller holds one result at a time"
    )]
    pub(crate) unsafe fn as_one<T>(&self) -> napi::Result<&mut T> {
        self.check::<T>(1)?;
        // SAFETY: length and alignment were checked; JavaScript does not run during the call.
        Ok(unsafe { &mut *self.address.cast::<T>() })
    }

    /// The memory as `count` times `T`.
    ///
    /// # Safety
    /// As [`Self::as_one`].
    #[expect(
        clippy::mut_from_ref,
        reason = "the memory is JavaScript's; the caller holds one result at a time"
    )]
    pub(crate) unsafe fn as_slice<T>(&self, count: usize) -> napi::Result<&mut [T]> {
        self.check::<T>(count)?;
        // SAFETY: as above.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.address.cast::<T>(), count) })
    }

    /// The address, for the hot path: checked once with [`Self::as_one`] or [`Self::as_slice`].
    pub(crate) fn address<T>(&self) -> *mut T {
        self.address.cast()
    }

    fn check<T>(&self, count: usize) -> napi::Result<()> {
        let needed = size_of::<T>().checked_mul(count);
        let aligned = (self.address as usize).is_multiple_of(align_of::<T>());
        if needed.is_none_or(|needed| needed > self.length) || !aligned {
            let what = format!(
                "{} bytes aligned to {} are needed, {} were given",
                needed.unwrap_or(usize::MAX),
                align_of::<T>(),
                self.length
            );
            return Err(error(&body("ERR_NATIVE_MEMORY", &what)));
        }
        Ok(())
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: the reference was created with this env and is deleted once. Handles are dropped
        // by finalizers, which run while the env lives.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

/// A JavaScript function without arguments that calls `call` with a data pointer: the cheapest way
/// in (19 to 27 ns against 530 for a class method).
///
/// # Safety
/// `data` must be what `call` and `finalize` expect; `finalize` is called once, when the function
/// is collected.
pub(crate) unsafe fn bare_function(
    env: sys::napi_env,
    name: &str,
    call: sys::napi_callback,
    data: *mut std::ffi::c_void,
    finalize: sys::napi_finalize,
) -> napi::Result<sys::napi_value> {
    let mut function = ptr::null_mut();
    // SAFETY: the name's address and length are valid for the call, and so is the out-pointer.
    let status = unsafe {
        sys::napi_create_function(
            env,
            name.as_ptr().cast(),
            name.len() as isize,
            call,
            data,
            &mut function,
        )
    };
    if status != sys::Status::napi_ok {
        return Err(error(&body("ERR_INTERNAL", "a function could not be created")));
    }
    // SAFETY: the function is live; data is freed by the finalizer exactly once.
    let status = unsafe {
        sys::napi_add_finalizer(env, function, data, finalize, ptr::null_mut(), ptr::null_mut())
    };
    if status != sys::Status::napi_ok {
        return Err(error(&body("ERR_INTERNAL", "a finalizer could not be added")));
    }
    Ok(function)
}
