import type { Numbers } from './data.ts'

/**
 * Picks at most about `limit` indices of a series so that its picture stays the same: of every
 * bucket the first, the lowest, the highest and the last. `low` and `high` default to `value`.
 * Buckets hold equally many points. Gaps (`NaN`) at a bucket's edge are kept.
 */
export function decimate(value: Numbers, limit: number, low: Numbers = value, high: Numbers = value): Uint32Array {
  const length = value.length
  if (length <= limit) return Uint32Array.from({ length }, (_, index) => index)
  const buckets = Math.max(1, Math.floor(limit / 4))
  const picked = new Uint32Array(buckets * 4)
  let count = 0
  const pick = (index: number): void => {
    if (count > 0 && picked[count - 1] === index) return
    picked[count++] = index
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    const begin = Math.floor((bucket * length) / buckets)
    const end = Math.floor(((bucket + 1) * length) / buckets)
    let lowest = begin
    let highest = begin
    for (let index = begin + 1; index < end; index++) {
      // A comparison with NaN is false: a gap is left as soon as there is a value.
      if (!((low[index] as number) >= (low[lowest] as number)) && !Number.isNaN(low[index])) lowest = index
      if (!((high[index] as number) <= (high[highest] as number)) && !Number.isNaN(high[index])) highest = index
    }
    pick(begin)
    pick(Math.min(lowest, highest))
    pick(Math.max(lowest, highest))
    pick(end - 1)
  }
  return picked.slice(0, count)
}

/** Picks at most `limit` of `length` indices, evenly spread, the first and the last among them. */
export function spread(length: number, limit: number): Uint32Array {
  if (length <= limit) return Uint32Array.from({ length }, (_, index) => index)
  if (limit < 2) return Uint32Array.from({ length: limit }, () => 0)
  return Uint32Array.from({ length: limit }, (_, index) => Math.round((index * (length - 1)) / (limit - 1)))
}
