/** Ctrl-C and termination: the first ends the work in order, the second ends the process at once. */

/** Exit code of an interrupted command: 128 + SIGINT. */
export const interruptedCode = 130

/** The part of a process that signals are taken from. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): void
}

/** Runs `work` with a signal that SIGINT and SIGTERM abort; a second one exits at once. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  source: SignalSource = process,
): Promise<T> {
  const controller = new AbortController()
  const listener = (): void => {
    if (controller.signal.aborted) source.exit(interruptedCode)
    else controller.abort(new DOMException('interrupted', 'AbortError'))
  }
  source.on('SIGINT', listener)
  source.on('SIGTERM', listener)
  try {
    return await work(controller.signal)
  } finally {
    source.off('SIGINT', listener)
    source.off('SIGTERM', listener)
  }
}
