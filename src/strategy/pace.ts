/** Waiting: replay at a pace, and turns for the event loop. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Below this many milliseconds a timer is coarser than what it waits for. */
const shortest = 2
/** Waits are cut into pieces of this many milliseconds, so that progress goes on. */
const longest = 60_000

/** Relates simulated time to the wall clock, from the first row on. */
export class Pace {
  private readonly speed: number
  private firstRow = Number.NaN
  private firstWall = 0

  /** `speed` times as fast as it was recorded. */
  constructor(speed: number) {
    this.speed = speed
  }

  /** Milliseconds until a row of this time is due; 0 when it is, or nearly. */
  wait(time: number): number {
    const now = performance.now()
    if (Number.isNaN(this.firstRow)) {
      this.firstRow = time
      this.firstWall = now
      return 0
    }
    const wait = this.firstWall + (time - this.firstRow) / this.speed - now
    return wait > shortest ? wait : 0
  }
}

/** Waits so many milliseconds, or until the signal. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let left = milliseconds
  while (left > 0 && signal?.aborted !== true) {
    const piece = Math.min(left, longest)
    try {
      await sleep(piece, undefined, signal === undefined ? {} : { signal })
    } catch {
      return // aborted
    }
    left -= piece
  }
}

/** Gives the event loop a turn. */
export function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
