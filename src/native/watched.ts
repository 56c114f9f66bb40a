/** Work of the addon on another thread: its progress is told, an abort stops it, its errors become ours. */
import { type NativeWork, nativeError } from './binding.ts'

/** Who watches. */
export interface WorkControl {
  /** Is told how far it is, 0 to 1. */
  readonly onProgress?: ((progress: { readonly fraction: number }) => void) | undefined
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
}

/** Runs it; what it gives. */
export async function runWatched(work: NativeWork, { onProgress, signal }: WorkControl): Promise<unknown> {
  signal?.throwIfAborted()
  const stop = (): void => work.stop()
  signal?.addEventListener('abort', stop)
  const watch = setInterval(() => onProgress?.({ fraction: work.progress() }), 100)
  try {
    return JSON.parse(await work.run())
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : nativeError(error)
  } finally {
    clearInterval(watch)
    signal?.removeEventListener('abort', stop)
  }
}
